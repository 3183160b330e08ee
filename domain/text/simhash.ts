/**
 * SimHash of a text: 64 bits of which two texts that are nearly equal share nearly all.
 *
 *     words without digits ─► runs of two ─► 64-bit hash each ─► for each bit: more ones, or more zeros?
 *
 * Source: M. Charikar, "Similarity estimation techniques from rounding algorithms" (STOC 2002); G. Manku, A. Jain and
 * A. Das Sarma, "Detecting near-duplicates for web crawling" (WWW 2007), who hold pages of the web for near-duplicates
 * from 3 differing bits of 64 down.
 */
import { words } from '../text.ts';

/** Bits in which pages may differ and still be near-duplicates (Manku et al., section 4.2). */
export const NEARLY_EQUAL_BITS = 3;

/**
 * 16 hexadecimal digits. Words that hold a digit are left out, so that dates, counters and prices make no difference.
 * A text without words gives sixteen zeros.
 */
export function simHash(text: string): string {
  const kept = words(text).filter((word) => !/\p{N}/u.test(word));
  if (kept.length === 0) return '0'.repeat(16);
  const votes = new Int32Array(64);
  const runs = new Set(kept.length === 1 ? kept : kept.slice(1).map((word, at) => `${kept[at]} ${word}`));
  for (const run of runs) {
    vote(votes, 0, hash32(run, 0x811c9dc5));
    vote(votes, 32, hash32(run, 0x9e3779b9));
  }
  return hexOf(votes, 32) + hexOf(votes, 0);
}

/** 0..64: how many bits differ. Both are 16 hexadecimal digits. */
export function bitsApart(a: string, b: string): number {
  let bits = 0;
  for (const at of [0, 8]) {
    let differ = (Number.parseInt(a.slice(at, at + 8), 16) ^ Number.parseInt(b.slice(at, at + 8), 16)) >>> 0;
    for (; differ !== 0; differ &= differ - 1) bits += 1;
  }
  return bits;
}

function vote(votes: Int32Array, from: number, hash: number): void {
  for (let bit = 0; bit < 32; bit += 1) votes[from + bit]! += (hash >>> bit) & 1 ? 1 : -1;
}

function hexOf(votes: Int32Array, from: number): string {
  let bits = 0;
  for (let bit = 0; bit < 32; bit += 1) if (votes[from + bit]! > 0) bits |= 1 << bit;
  return (bits >>> 0).toString(16).padStart(8, '0');
}

/** FNV-1a over UTF-16 units from a seed, then the finish of MurmurHash3, without which its high bits follow its low ones. */
function hash32(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
