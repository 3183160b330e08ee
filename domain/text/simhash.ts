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
  return simHashOf(words(text));
}

/** The same of a text's words, as `words` gives them. */
export function simHashOf(all: readonly string[]): string {
  const kept = all.filter((word) => !hasNumber(word));
  if (kept.length === 0) return '0'.repeat(16);
  const votes = ballot();
  // By both hashes in one number: of two runs in 2^53 one would be left out.
  const known = new Set<number>();
  for (let at = Math.min(1, kept.length - 1); at < kept.length; at += 1) {
    const [low, high] = at === 0 ? hashed(kept[0]!) : hashed(kept[at - 1]!, kept[at]!);
    const run = (high & 0x1fffff) * 2 ** 32 + low;
    if (known.has(run)) continue;
    known.add(run);
    votes.add(low, high);
  }
  return votes.ones(1) + votes.ones(0);
}

/** Letters of the alphabets that are met most need not be asked of the pattern. */
function hasNumber(word: string): boolean {
  for (let at = 0; at < word.length; at += 1) {
    const unit = word.charCodeAt(at);
    if (unit >= 0x30 && unit <= 0x39) return true;
    if (unit > 0x7f && (unit < 0x400 || unit > 0x52f)) return /\p{N}/u.test(word);
  }
  return false;
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

/** Four bits of a hash as a one or a nothing in each of four bytes. */
const SPREAD = Uint32Array.from(
  { length: 16 },
  (_, bits) => (bits & 1) | ((bits & 2) << 7) | ((bits & 4) << 14) | ((bits & 8) << 21),
);
/** What a byte counts to. */
const FULL = 255;

/**
 * Counts for each of 64 bits how many hashes have it: four counts in one number at a time, which are added up before a
 * byte runs over, so that a hash costs 16 additions in the place of 64.
 */
function ballot() {
  const counts = new Uint32Array(64);
  const four = new Uint32Array(16);
  let inFour = 0;
  let all = 0;
  function addUp(): void {
    for (let bit = 0; bit < 64; bit += 1) {
      counts[bit] = counts[bit]! + ((four[bit >> 2]! >>> ((bit & 3) * 8)) & FULL);
    }
    four.fill(0);
    inFour = 0;
  }
  return {
    add(low: number, high: number): void {
      for (let at = 0; at < 8; at += 1) {
        four[at] = four[at]! + SPREAD[(low >>> (at * 4)) & 15]!;
        four[at + 8] = four[at + 8]! + SPREAD[(high >>> (at * 4)) & 15]!;
      }
      all += 1;
      inFour += 1;
      if (inFour === FULL) addUp();
    },
    /** The bits of the lower half, 0, or the upper one, 1, that more than half of all have, as 8 hexadecimal digits. */
    ones(half: 0 | 1): string {
      addUp();
      let bits = 0;
      for (let bit = 0; bit < 32; bit += 1) if (2 * counts[32 * half + bit]! > all) bits |= 1 << bit;
      return (bits >>> 0).toString(16).padStart(8, '0');
    },
  };
}

const SPACE = 0x20;

/** Two hashes of a word, or of two with a space between: the lower and the upper half of 64 bits. */
function hashed(first: string, second: string | null = null): readonly [low: number, high: number] {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  const read = (word: string) => {
    for (let at = 0; at < word.length; at += 1) {
      const unit = word.charCodeAt(at);
      low = Math.imul(low ^ unit, 0x01000193);
      high = Math.imul(high ^ unit, 0x01000193);
    }
  };
  read(first);
  if (second !== null) {
    low = Math.imul(low ^ SPACE, 0x01000193);
    high = Math.imul(high ^ SPACE, 0x01000193);
    read(second);
  }
  return [finished(low), finished(high)];
}

/** FNV-1a ends here with the finish of MurmurHash3, without which its high bits follow its low ones. */
function finished(fnv: number): number {
  let hash = Math.imul(fnv ^ (fnv >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
