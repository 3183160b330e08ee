/** Whether two words are one word misspelt. */
import { onesIn } from './bits.ts';

/**
 * One letter added, lost, changed or swapped with its neighbour, two from eight letters on; or the same
 * beginning with another ending, as inflection makes it.
 */
export function isNear(a: string, b: string): boolean {
  const apart = Math.abs(a.length - b.length);
  const shorter = Math.min(a.length, b.length);
  if (shorter >= 5 && apart <= 2) {
    let same = 0;
    while (same < shorter && a.charCodeAt(same) === b.charCodeAt(same)) same += 1;
    if (same >= Math.max(4, shorter - 2)) return true;
  }
  if (shorter < 3 || apart > 2) return false;
  const most = shorter >= 8 ? 2 : 1;
  return apart <= most && isWithin(a, b, most);
}

/**
 * What can be told of a word at a glance: its letters as bits, a to z, then digits and all else together, and above them
 * how long it is, at most 31.
 */
export function outlineOf(word: string): number {
  let bits = 0;
  for (let i = 0; i < word.length; i += 1) {
    const letter = word.charCodeAt(i) - 97;
    bits |= 1 << (letter >= 0 && letter < 26 ? letter : 26);
  }
  return bits | (Math.min(LONGEST_TOLD, word.length) << LENGTH_FROM);
}

const LENGTH_FROM = 27;
const LONGEST_TOLD = 31;
const LETTERS = 2 ** LENGTH_FROM - 1;

/** The first and the fourth letter of a word, which all have who begin alike; 0 where there is none. */
export function startOf(word: string): number {
  return word.length < 4 ? word.charCodeAt(0) : word.charCodeAt(0) | (word.charCodeAt(3) << 16);
}

/**
 * False only for words that `isNear` would refuse: an edit changes two letters of the set at most.
 *
 * @param a `outlineOf` of the two. @param startA `startOf` of the two.
 */
export function mayBeNear(a: number, startA: number, b: number, startB: number): boolean {
  const lengthA = a >>> LENGTH_FROM;
  const lengthB = b >>> LENGTH_FROM;
  // Most words are no misspelling of each other by their letters: that is asked first.
  if (onesIn((a ^ b) & LETTERS) > (lengthA >= 8 && lengthB >= 8 ? 4 : 2) && startA !== startB) return false;
  return lengthA - lengthB <= 2 && lengthB - lengthA <= 2;
}

let older = new Int32Array(64);
let old = new Int32Array(64);
let row = new Int32Array(64);

/** Damerau's distance (optimal string alignment) is at most `most`, 0 or more. */
export function isWithin(a: string, b: string, most: number): boolean {
  const [n, m] = [a.length, b.length];
  if (n - m > most || m - n > most) return false;
  if (old.length < m + 2)
    [older, old, row] = [m, m, m].map((length) => new Int32Array(2 * length + 2)) as Rows;
  for (let j = 0; j <= m && j <= most + 1; j += 1) old[j] = j;
  // Further than `most` from the diagonal no distance is small enough: one place to each side says so.
  for (let i = 1; i <= n; i += 1) {
    const from = Math.max(1, i - most);
    const to = Math.min(m, i + most);
    row[from - 1] = from === 1 ? i : most + 1;
    let least = row[from - 1]!;
    const letter = a.charCodeAt(i - 1);
    for (let j = from; j <= to; j += 1) {
      const isSame = letter === b.charCodeAt(j - 1);
      let cost = Math.min(old[j]! + 1, row[j - 1]! + 1, old[j - 1]! + (isSame ? 0 : 1));
      const isSwapped =
        i > 1 && j > 1 && letter === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
      if (isSwapped) cost = Math.min(cost, older[j - 2]! + 1);
      row[j] = cost;
      least = Math.min(least, cost);
    }
    if (to < m) row[to + 1] = most + 1;
    if (least > most) return false;
    [older, old, row] = [old, row, older];
  }
  return old[m]! <= most;
}

type Rows = [Int32Array<ArrayBuffer>, Int32Array<ArrayBuffer>, Int32Array<ArrayBuffer>];
