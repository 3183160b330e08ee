/**
 * Whose network an address is of: a table of ranges and their autonomous systems, read from a file of lines
 *
 *     first address ⇥ last address ⇥ AS number ⇥ country ⇥ description
 *
 * which is the form of the free tables of iptoasn.com (`ip2asn-combined.tsv`). Lines of AS 0 are of nobody. An address
 * behind a carrier's translation is the carrier's affair and in no table. IPv6 is told by its first 64 bits.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { networkPart } from '../../domain/ip.ts';
import type { Network } from '../../domain/site-facts.ts';

export interface NetworkTable {
  /** The autonomous system that announces an address; null for an address in no range. */
  find(ip: string): Network | null;
  /** `AS64500 Example Telecom`; null for an address in no range. */
  networkOf(ip: string): string | null;
  readonly ranges: number;
}

/** A line of the table that cannot be read. */
export class NetworkTableError extends Error {
  override readonly name = 'NetworkTableError';
  readonly facts: { readonly line: number };

  constructor(line: number, why: string) {
    super(`The table of networks, line ${line}: ${why}. Take one of the form of ip2asn-combined.tsv.`);
    this.facts = { line };
  }
}

interface Range {
  readonly first: bigint;
  readonly last: bigint;
  readonly network: Network;
}

/** @throws NetworkTableError */
export function readNetworks(text: string): NetworkTable {
  const fours: Range[] = [];
  const sixes: Range[] = [];
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [first = '', last = '', system = '', country = '', description = ''] = line.trimEnd().split('\t');
    if (!/^\d{1,10}$/.test(system)) throw new NetworkTableError(number, `"${system}" is no AS number`);
    const isFour = isIPv4(first) && isIPv4(last);
    if (!isFour && !(isIPv6(first) && isIPv6(last))) {
      throw new NetworkTableError(number, `"${first}" to "${last}" is no range of addresses`);
    }
    if (system === '0') continue;
    const network: Network = {
      asn: Number(system),
      name: description.slice(0, 80).trim(),
      country: /^[A-Z]{2}$/.test(country) ? country : null,
    };
    (isFour ? fours : sixes).push({ first: valueOf4or6(first), last: valueOf4or6(last), network });
  }
  for (const ranges of [fours, sixes])
    ranges.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const find = (ip: string): Network | null => {
    const plain = ip.replace(/^::ffff:(?=\d+\.)/i, '');
    if (!isIPv4(plain) && !isIPv6(plain)) return null;
    const value = valueOf4or6(plain);
    const found = lastAtMost(isIPv4(plain) ? fours : sixes, value);
    return found !== null && value <= found.last ? found.network : null;
  };
  return {
    ranges: fours.length + sixes.length,
    find,
    networkOf(ip) {
      const found = find(ip);
      return found === null ? null : `AS${found.asn} ${found.name}`.trim();
    },
  };
}

/** 32 bits of an IPv4 address, the first 64 of an IPv6 address. */
function valueOf4or6(ip: string): bigint {
  if (isIPv4(ip)) return ip.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const parts = networkPart(ip).replace('::/64', '').split(':');
  return parts.reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}

function lastAtMost(ranges: readonly Range[], value: bigint): Range | null {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle]!.first <= value) low = middle + 1;
    else high = middle;
  }
  return ranges[low - 1] ?? null;
}
