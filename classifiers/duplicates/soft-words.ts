/** Words that only one of two texts has, and those among them that are one word misspelt. */
import { isNear, mayBeNear, startOf } from './spelling.ts';

/** Words of one text that the other lacks, in order of first sight; filled anew for every pair. */
export interface ApartWords {
  /** How many there are; what lies behind is of an earlier pair. */
  count: number;
  words: string[];
  /** `outlineOf` of each; 0 of what is not compared letter by letter. */
  outlines: number[];
  rarities: number[];
}

export function apartWords(): ApartWords {
  return { count: 0, words: [], outlines: [], rarities: [] };
}

export interface Softened {
  /** Rarity that misspelt words share. */
  matched: number;
  /** Rarity that is left apart, of each. */
  leftA: number;
  leftB: number;
  /** Of the rarest word left apart, of each; 0 when none is. */
  rarestA: number;
  rarestB: number;
}

/** So many of the rarest words apart are compared letter by letter. */
const MOST_SOFT = 32;

const rarestA = new Int32Array(MOST_SOFT);
const rarestB = new Int32Array(MOST_SOFT);
// Of B's rarest: outline and start of each, 0 of one that was taken.
const outlinesB = new Int32Array(MOST_SOFT);
const startsB = new Int32Array(MOST_SOFT);

/** Words apart that are one word misspelt are taken together, the rarest first. What it took has no rarity afterwards. */
export function softened(a: ApartWords, b: ApartWords): Softened {
  let leftA = sumOf(a);
  let leftB = sumOf(b);
  let matched = 0;
  const countA = rarest(a, rarestA);
  const countB = rarest(b, rarestB);
  for (let at = 0; at < countB; at += 1) {
    outlinesB[at] = b.outlines[rarestB[at]!]!;
    startsB[at] = startOf(b.words[rarestB[at]!]!);
  }
  for (let at = 0; at < countA; at += 1) {
    const one = rarestA[at]!;
    const found = firstNear(a.words[one]!, a.outlines[one]!, b, countB);
    if (found < 0) continue;
    outlinesB[found] = 0;
    const other = rarestB[found]!;
    leftA -= a.rarities[one]!;
    leftB -= b.rarities[other]!;
    matched += Math.min(a.rarities[one]!, b.rarities[other]!);
    a.rarities[one] = TAKEN;
    b.rarities[other] = TAKEN;
  }
  return {
    matched,
    leftA: Math.max(0, leftA),
    leftB: Math.max(0, leftB),
    rarestA: topOf(a),
    rarestB: topOf(b),
  };
}

/** Below every rarity. */
const TAKEN = Number.NEGATIVE_INFINITY;

/** Place of the first among B's rarest that is near and free; -1 when none is. */
function firstNear(word: string, outline: number, b: ApartWords, countB: number): number {
  const start = startOf(word);
  for (let at = 0; at < countB; at += 1) {
    const other = outlinesB[at]!;
    if (!mayBeNear(outline, start, other, startsB[at]!) || other === 0) continue;
    if (isNear(word, b.words[rarestB[at]!]!)) return at;
  }
  return -1;
}

/** Places of the rarest words that are compared, rarest first, then by first sight; @returns how many. */
function rarest(of: ApartWords, into: Int32Array): number {
  const { rarities, outlines } = of;
  let count = 0;
  for (let at = 0; at < of.count; at += 1) {
    if (outlines[at] === 0) continue;
    const rarity = rarities[at]!;
    if (count === MOST_SOFT) {
      if (rarity <= rarities[into[count - 1]!]!) continue;
      count -= 1;
    }
    let to = count;
    for (; to > 0 && rarities[into[to - 1]!]! < rarity; to -= 1) into[to] = into[to - 1]!;
    into[to] = at;
    count += 1;
  }
  return count;
}

function sumOf({ count, rarities }: ApartWords): number {
  let sum = 0;
  for (let at = 0; at < count; at += 1) sum += rarities[at]!;
  return sum;
}

function topOf({ count, rarities }: ApartWords): number {
  let most = 0;
  for (let at = 0; at < count; at += 1) most = Math.max(most, rarities[at]!);
  return most;
}
