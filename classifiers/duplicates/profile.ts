/**
 * A listing read once, so that it can be compared many times: its words, numbers, photos and who placed it.
 *
 * Everything here is a number or a sorted array of numbers: comparing two profiles is merging arrays.
 */
import type { Listing } from '../../domain/listing.ts';
import { findPhones, phoneOf, withoutPhones } from '../../domain/phone.ts';
import type { SealedListing } from '../../domain/sealed-listing.ts';
import { countInvisible } from '../../domain/text.ts';
import { mix } from '../mix.ts';
import type { Filed } from './keys.ts';
import { RUN_WORDS } from './longest-run.ts';
import { readPhoto } from './photo-distance.ts';
import { type PlacedNumbers, placedNumbers } from './placed-numbers.ts';
import { setIn } from './sets.ts';
import { hashWord, joinHashes, type Token, tokensOf } from './skeleton.ts';
import { outlineOf } from './spelling.ts';
import { meaningOf } from './vocabulary.ts';

/** Whether a word stands in the title, in the text, or in both: bits of `parts`. */
export const IN_TITLE = 1;
export const IN_TEXT = 2;

export interface Profile {
  readonly id: string;
  /** How many words there are, numbers among them, and how many of them are the title's. */
  readonly length: number;
  readonly titleLength: number;
  /**
   * Meanings of all words, each once, ascending: hashes in which the words of one line of the vocabulary are one; and of
   * each the parts it stands in.
   */
  readonly wholeSet: Int32Array;
  readonly parts: Uint8Array;
  /** How many of them stand in the title, and in the text. */
  readonly titleCount: number;
  readonly textCount: number;
  /** Places in `wholeSet` of the first words (`RUN_WORDS`) in order, title first. */
  readonly places: Uint16Array;
  /** Words as first spelled (their skeletons), each meaning once, in order of first sight; and where it is in `wholeSet`. */
  readonly spelled: readonly string[];
  readonly spelledAt: Uint16Array;
  /** `outlineOf` of what may be misspelt; 0 of numbers and of words of one or two letters. */
  readonly outlines: Int32Array;
  /** Runs of two meanings, each once, ascending. */
  readonly pairSet: Int32Array;
  /** Runs of four letters inside the skeleton, each once, ascending; of the title, and of all. */
  readonly titleGrams: Int32Array;
  readonly wholeGrams: Int32Array;
  readonly numbers: PlacedNumbers;
  /** What candidates are looked up by. */
  readonly filed: Filed;
  /** What the title says once folded, and the title with the text. */
  readonly titleKey: number;
  readonly wholeKey: number;
  /** As written, in lower case, without white space: equal only for a plain repost. */
  readonly exactKey: number;
  /** E.164, or marks of a sealed listing. */
  readonly phonesInText: ReadonlySet<string>;
  /** Ways of hiding: letters no reader sees, emoji, look-alike letters. */
  readonly disguise: { readonly invisible: number; readonly pictures: number; readonly mixed: number };
  readonly photos: readonly Uint32Array[];
  readonly price: number | null;
  readonly category: string | null;
  readonly city: string | null;
  readonly attributes: ReadonlyMap<string, string>;
  readonly seller: string | null;
  readonly phone: string | null;
  readonly ip: string | null;
  readonly device: string | null;
  readonly accountAgeDays: number | null;
  /** Seconds since 1970. */
  readonly postedAt: number | null;
}

/** Longer texts are read up to here: no seller writes more, and what follows is meant to drown the rest. */
const LONGEST = 12_000;
const GRAM = 4;

export function profileOf(listing: Listing, id = listing.id ?? listing.url): Profile {
  const title = listing.title.slice(0, 1_000);
  const text = listing.text.slice(0, LONGEST);
  const inTitle = findPhones(title);
  const inText = findPhones(text);
  const phonesInText = new Set([...inTitle, ...inText].map((found) => found.e164));
  const titleTokens = tokensOf(withoutPhones(title, inTitle));
  const textTokens = tokensOf(withoutPhones(text, inText));
  const tokens = [...titleTokens, ...textTokens];
  const meanings = Int32Array.from(tokens, (token) => meaningOf(token.word));
  const titleMeanings = meanings.subarray(0, titleTokens.length);
  const seller = listing.seller?.id || listing.seller?.name || null;
  const phone = listing.phone === null ? null : (phoneOf(listing.phone) ?? listing.phone);
  const device = listing.device ?? null;
  const phones = new Set(phonesInText);
  if (phone !== null) phones.add(phone);
  return {
    id,
    length: tokens.length,
    titleLength: titleTokens.length,
    ...wordsOf(tokens, meanings, titleTokens.length),
    pairSet: pairsOf(meanings, titleTokens.length),
    titleGrams: gramsOf(titleTokens),
    wholeGrams: gramsOf(tokens),
    numbers: placedNumbers(tokens, meanings, titleTokens.length),
    filed: { title, text, phones: [...phones], device, seller },
    titleKey: orderedHash(titleMeanings),
    wholeKey: orderedHash(meanings),
    exactKey: hashWord(`${title}|${text}`.toLowerCase().replace(/\s+/g, '')),
    phonesInText,
    disguise: disguiseOf(`${title} ${text}`),
    photos: (listing.photoHashes ?? []).slice(0, 20).flatMap((hex) => readPhoto(hex) ?? []),
    price: listing.price !== null && listing.price > 0 ? listing.price : null,
    category: folded(listing.category),
    city: folded(listing.city),
    attributes: attributesOf(listing.attributes ?? {}),
    seller,
    phone,
    ip: listing.ip ?? null,
    device,
    accountAgeDays: listing.seller?.accountAgeDays ?? null,
    postedAt: listing.postedAt === null ? null : listing.postedAt.getTime() / 1000,
  };
}

/** What a page shows of a listing: its words, its photos and its seller's name there, and nothing of who placed it. */
export function asOnPage(profile: Profile): Profile {
  return { ...profile, phone: null, device: null, ip: null, accountAgeDays: null };
}

/** The same of a sealed listing: its marks stand where numbers and addresses stood. */
export function profileOfSealed(it: SealedListing, id: string): Profile {
  const words = profileOf({
    ...it,
    id,
    url: '',
    images: [],
    seller: null,
    phone: null,
    ip: null,
    device: null,
    postedAt: it.postedAt === null ? null : new Date(it.postedAt),
  });
  const { seller, phone, ip, device, accountAgeDays } = it;
  const phones = phone === null ? it.phonesInText : [phone, ...it.phonesInText];
  return {
    ...words,
    filed: { ...words.filed, phones: [...new Set(phones)], device, seller },
    phonesInText: new Set(it.phonesInText),
    seller,
    phone,
    ip,
    device,
    accountAgeDays,
  };
}

type Words = Pick<
  Profile,
  'wholeSet' | 'parts' | 'titleCount' | 'textCount' | 'places' | 'spelled' | 'spelledAt' | 'outlines'
>;

function wordsOf(tokens: readonly Token[], meanings: Int32Array, titleLength: number): Words {
  const first = new Map<number, number>();
  for (let at = 0; at < meanings.length; at += 1) if (!first.has(meanings[at]!)) first.set(meanings[at]!, at);
  const wholeSet = Int32Array.from(first.keys()).sort();
  const placeOf = new Map<number, number>();
  for (let place = 0; place < wholeSet.length; place += 1) placeOf.set(wholeSet[place]!, place);
  const parts = new Uint8Array(wholeSet.length);
  const places = new Uint16Array(Math.min(RUN_WORDS, meanings.length));
  let [titleCount, textCount] = [0, 0];
  for (let at = 0; at < meanings.length; at += 1) {
    const place = placeOf.get(meanings[at]!)!;
    if (at < places.length) places[at] = place;
    const part = at < titleLength ? IN_TITLE : IN_TEXT;
    if ((parts[place]! & part) !== 0) continue;
    parts[place] = parts[place]! | part;
    if (part === IN_TITLE) titleCount += 1;
    else textCount += 1;
  }
  const spelled: string[] = [];
  const spelledAt = new Uint16Array(wholeSet.length);
  const outlines = new Int32Array(wholeSet.length);
  for (const [meaning, at] of first) {
    const { word, value } = tokens[at]!;
    spelledAt[spelled.length] = placeOf.get(meaning)!;
    if (value === null && word.length > 2) outlines[spelled.length] = outlineOf(word);
    spelled.push(word);
  }
  return { wholeSet, parts, titleCount, textCount, places, spelled, spelledAt, outlines };
}

/** No pair goes over from the title into the text. */
function pairsOf(meanings: Int32Array, titleLength: number): Int32Array {
  const pairs = new Int32Array(meanings.length);
  let count = 0;
  for (let at = 0; at + 1 < meanings.length; at += 1) {
    if (at + 1 === titleLength) continue;
    pairs[count] = joinHashes(meanings[at]!, meanings[at + 1]!);
    count += 1;
  }
  return setIn(pairs.subarray(0, count));
}

function gramsOf(tokens: readonly Token[]): Int32Array {
  const text = ` ${tokens.map((token) => token.word).join(' ')} `;
  const grams = new Int32Array(Math.max(0, text.length - GRAM + 1));
  for (let from = 0; from < grams.length; from += 1) {
    let hash = 0x811c9dc5;
    for (let at = from; at < from + GRAM; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    grams[from] = mix(hash);
  }
  return setIn(grams);
}

function orderedHash(hashes: Int32Array): number {
  let hash = hashes.length;
  for (const each of hashes) hash = joinHashes(hash, each);
  return hash;
}

const PICTURE = /\p{Extended_Pictographic}/gu;
const BOTH_ALPHABETS = /[a-z][\u0430-\u04ff]|[\u0430-\u04ff][a-z]|[\u0299\u029c\u1d00-\u1d25]/giu;

function disguiseOf(text: string): Profile['disguise'] {
  return {
    invisible: countInvisible(text),
    pictures: text.match(PICTURE)?.length ?? 0,
    mixed: text.match(BOTH_ALPHABETS)?.length ?? 0,
  };
}

function folded(text: string | null): string | null {
  const it = text?.trim().toLowerCase();
  return it === undefined || it === '' ? null : it;
}

function attributesOf(given: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  for (const [name, value] of Object.entries(given).slice(0, 60)) {
    const it = String(value).trim().toLowerCase();
    if (it !== '') kept.set(name.trim().toLowerCase(), it);
  }
  return kept;
}
