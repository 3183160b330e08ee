/**
 * Who placed a ring: the addresses, phones, devices and accounts of its listings, each with how often and
 * from when to when. This is what an investigator asks for.
 *
 * An address that many accounts use is a carrier's or an office's and names nobody: it says so. IPv6 is told
 * by its /64, which is one subscriber's line (RFC 6177).
 */
import { createHash } from 'node:crypto';
import { isCarrierNat, networkPart } from '../../domain/ip.ts';
import { isForeignPhone } from '../../domain/phone.ts';
import type { Profile } from './profile.ts';

export interface Actor {
  readonly kind: 'ip' | 'phone' | 'device' | 'account';
  /** An address as `198.18.0.7` or `2001:db8:1:2::/64`; a phone as E.164. */
  readonly value: string;
  /** Listings of the ring with it. */
  readonly listings: number;
  /** When the first and the last of them were placed, ISO 8601; null when not known. */
  readonly first: string | null;
  readonly last: string | null;
  /** What is worth knowing: `shared` address of many, `foreign` or `in_text` phone, `new` account. */
  readonly flags: readonly string[];
  /** Autonomous system of an address; null when no table of networks was given. */
  readonly network: string | null;
}

export interface ActorTools {
  /** Listings at all with this address. */
  readonly listingsOfIp: (ip: string) => number;
  readonly networkOf?: (ip: string) => string | null;
}

/** An address with this many listings outside the ring for each one in it is shared. */
const SHARED = 3;
const NEW_ACCOUNT_DAYS = 7;

/** Most listings first, then by kind and value. */
export function actorsOf(members: readonly Profile[], tools: ActorTools): Actor[] {
  const found = new Map<
    string,
    { kind: Actor['kind']; value: string; times: (number | null)[]; flags: Set<string>; ip: string }
  >();
  const note = (
    kind: Actor['kind'],
    value: string,
    member: Profile,
    flags: readonly string[],
    ip = '',
  ): void => {
    const key = `${kind} ${value}`;
    const it = found.get(key) ?? { kind, value, times: [], flags: new Set<string>(), ip };
    it.times.push(member.postedAt);
    for (const flag of flags) it.flags.add(flag);
    found.set(key, it);
  };
  const ipsInRing = new Map<string, number>();
  for (const { ip } of members) if (ip !== null) ipsInRing.set(ip, (ipsInRing.get(ip) ?? 0) + 1);
  for (const member of members) {
    if (member.seller !== null) {
      const isNew = member.accountAgeDays !== null && member.accountAgeDays <= NEW_ACCOUNT_DAYS;
      note('account', member.seller, member, isNew ? ['new'] : []);
    }
    if (member.device !== null) note('device', member.device, member, []);
    if (member.ip !== null) {
      const own = ipsInRing.get(member.ip)!;
      const isShared = isCarrierNat(member.ip) || tools.listingsOfIp(member.ip) - own >= SHARED * own;
      note('ip', networkPart(member.ip), member, isShared ? ['shared'] : [], member.ip);
    }
    for (const phone of member.filed.phones) {
      const flags = isForeignPhone(phone) ? ['foreign'] : [];
      note('phone', phone, member, phone === member.phone ? flags : [...flags, 'in_text']);
    }
  }
  return [...found.values()]
    .map(({ kind, value, times, flags, ip }) => {
      const known = times.filter((time) => time !== null).sort((a, b) => a - b);
      return {
        kind,
        value,
        listings: times.length,
        first: known.length === 0 ? null : isoOf(known[0]!),
        last: known.length === 0 ? null : isoOf(known.at(-1)!),
        flags: [...flags].sort(),
        network: kind === 'ip' ? (tools.networkOf?.(ip) ?? null) : null,
      };
    })
    .sort((a, b) => b.listings - a.listings || compare(a.kind, b.kind) || compare(a.value, b.value));
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A name for a ring that stays as long as its first listing does. */
export function ringId(memberIds: readonly string[]): string {
  return `ring-${createHash('sha256')
    .update([...memberIds].sort()[0] ?? '')
    .digest('hex')
    .slice(0, 12)}`;
}

/** `ring,kind,value,listings,first,last,flags,network`; fields that a spreadsheet would run are quoted as text. */
export function actorsCsv(
  rings: readonly { readonly id: string; readonly actors: readonly Actor[] }[],
): string {
  const lines = ['ring,kind,value,listings,first,last,flags,network'];
  for (const { id, actors } of rings) {
    for (const it of actors) {
      const cells = [
        id,
        it.kind,
        it.value,
        it.listings,
        it.first ?? '',
        it.last ?? '',
        it.flags.join(' '),
        it.network ?? '',
      ];
      lines.push(cells.map((cell) => csvCell(String(cell))).join(','));
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** A cell that begins like a formula is led by an apostrophe (OWASP, CSV injection); phones keep their plus. */
function csvCell(text: string): string {
  const isFormula = /^[=@\t\r]/.test(text) || (/^[+-]/.test(text) && !/^[+-]?\d+$/.test(text));
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
