/**
 * A listing as the search keeps it: who placed it is there as keyed hashes alone, and phones are cut out of
 * its words, its attributes' too. Two sealed listings can be compared and searched like any others; nobody can be called, or looked
 * up elsewhere, from one. Clear text stays with the evidence.
 */
import { createHash } from 'node:crypto';
import { type ContactFlag, contactsOf } from './contact.ts';
import { type IdentifierKind, identifierHash } from './identifier.ts';
import { isCarrierNat, networkPart } from './ip.ts';
import type { Listing } from './listing.ts';
import { findPhones, isForeignPhone, phoneOf, withoutPhones } from './phone.ts';

export interface SealedListing {
  readonly title: string;
  /** Phones are `·`. */
  readonly text: string;
  readonly price: number | null;
  readonly currency: string | null;
  readonly category: string | null;
  readonly city: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly photoHashes: readonly string[];
  /** ISO 8601. */
  readonly postedAt: string | null;
  readonly accountAgeDays: number | null;
  /** Hashes (`identifierHash`); an account's is of its marketplace, an address's of what `networkPart` leaves. */
  readonly seller: string | null;
  readonly phone: string | null;
  readonly ip: string | null;
  readonly device: string | null;
  /** Autonomous system of the address; missing when no table of networks is at hand. */
  readonly network?: string | null;
  readonly phonesInText: readonly string[];
  readonly contacts: readonly ContactFlag[];
  /** Every identifier once. */
  readonly marks: readonly Mark[];
}

export interface Mark {
  readonly kind: IdentifierKind;
  readonly hash: string;
  readonly flags: readonly MarkFlag[];
}

/** `shared`: behind a carrier's translation; `new`: an account of at most a week. */
export type MarkFlag = 'foreign' | 'in_text' | 'shared' | 'new';

export interface SealingTools {
  /** At least 16 bytes; under another key all hashes are others. */
  readonly key: Uint8Array;
  /** Where it was placed: accounts of two marketplaces are two. */
  readonly market: string;
  readonly networkOf?: ((ip: string) => string | null) | undefined;
}

const NEW_ACCOUNT_DAYS = 7;
/** More of a title or text is read by nobody. */
const LONGEST_TITLE = 1_000;
const LONGEST_TEXT = 12_000;

export function sealListing(listing: Listing, { key, market, networkOf }: SealingTools): SealedListing {
  const cut = {
    ...listing,
    title: listing.title.slice(0, LONGEST_TITLE),
    text: listing.text.slice(0, LONGEST_TEXT),
  };
  const hash = (kind: IdentifierKind, value: string) => identifierHash(key, kind, value);
  const marks = new Map<string, { kind: IdentifierKind; hash: string; flags: Set<MarkFlag> }>();
  const mark = (kind: IdentifierKind, value: string, flags: readonly MarkFlag[]): string => {
    const name = hash(kind, value);
    const it = marks.get(`${kind} ${name}`) ?? { kind, hash: name, flags: new Set<MarkFlag>() };
    for (const flag of flags) it.flags.add(flag);
    marks.set(`${kind} ${name}`, it);
    return name;
  };
  const account = listing.seller?.id || listing.seller?.name || null;
  const age = listing.seller?.accountAgeDays ?? null;
  const e164 = listing.phone === null ? null : phoneOf(listing.phone);
  const phone = e164 ?? listing.phone;
  const { phones, flags: contacts } = contactsOf(cut, e164);
  const hidden: string[] = [];
  const cutOut = (words: string): string => {
    const found = findPhones(words);
    for (const { e164 } of found) hidden.push(e164);
    return withoutPhones(words, found);
  };
  const category = listing.category === null ? null : cutOut(listing.category);
  const city = listing.city === null ? null : cutOut(listing.city);
  const attributes = Object.fromEntries(
    Object.entries(listing.attributes ?? {}).map((pair) => pair.map(cutOut) as [string, string]),
  );
  const ip = listing.ip ?? null;
  return {
    title: withoutTheirPhones(cut.title),
    text: withoutTheirPhones(cut.text),
    price: listing.price,
    currency: listing.currency,
    category,
    city,
    attributes,
    photoHashes: [...(listing.photoHashes ?? [])],
    postedAt: listing.postedAt?.toISOString() ?? null,
    accountAgeDays: age,
    seller:
      account === null
        ? null
        : mark(
            'account',
            accountName(market, account),
            age !== null && age <= NEW_ACCOUNT_DAYS ? ['new'] : [],
          ),
    phone: phone === null ? null : mark('phone', phone, isForeignPhone(phone) ? ['foreign'] : []),
    ip: ip === null ? null : mark('ip', networkPart(ip), isCarrierNat(ip) ? ['shared'] : []),
    device: listing.device == null ? null : mark('device', listing.device, []),
    ...(ip === null || networkOf === undefined ? {} : { network: networkOf(ip) }),
    phonesInText: [...new Set([...phones, ...hidden])]
      .filter((each) => each !== phone)
      .map((each) =>
        mark('phone', each, [...(isForeignPhone(each) ? (['foreign'] as const) : []), 'in_text']),
      ),
    contacts,
    marks: [...marks.values()].map((it) => ({ ...it, flags: [...it.flags].sort() })),
  };
}

/**
 * A listing that was sealed when telephones were cut out of its words only, sealed again: those in its category, city
 * and attributes become marks too. Null when there are none.
 */
export function resealed(it: SealedListing, key: Uint8Array): SealedListing | null {
  const besides = [it.category ?? '', it.city ?? '', ...Object.entries(it.attributes).flat()];
  const phones = [...new Set(besides.flatMap((words) => findPhones(words).map(({ e164 }) => e164)))];
  if (phones.length === 0) return null;
  const found = phones.map((each): Mark => {
    const flags: MarkFlag[] = isForeignPhone(each) ? ['foreign', 'in_text'] : ['in_text'];
    return { kind: 'phone', hash: identifierHash(key, 'phone', each), flags };
  });
  const isKnown = ({ hash }: Mark) => it.marks.some((mark) => mark.kind === 'phone' && mark.hash === hash);
  return {
    ...withoutTelephones(it),
    phonesInText: [
      ...new Set([...it.phonesInText, ...found.flatMap(({ hash }) => (hash === it.phone ? [] : [hash]))]),
    ],
    marks: [...it.marks, ...found.filter((mark) => !isKnown(mark))],
  };
}

/** With telephones cut out of its category, city and attributes, whenever it was sealed. */
export function withoutTelephones(it: SealedListing): SealedListing {
  return {
    ...it,
    category: it.category === null ? null : withoutTheirPhones(it.category),
    city: it.city === null ? null : withoutTheirPhones(it.city),
    attributes: Object.fromEntries(
      Object.entries(it.attributes).map((pair) => pair.map(withoutTheirPhones) as [string, string]),
    ),
  };
}

function withoutTheirPhones(words: string): string {
  return withoutPhones(words, findPhones(words));
}

/** What an account is hashed as. */
export function accountName(market: string, account: string): string {
  return `${market} ${account}`;
}

/** SHA-256 of all of it: equal for a version that says nothing new. */
export function sealedSha256(it: SealedListing): string {
  return createHash('sha256').update(JSON.stringify(it)).digest('hex');
}
