/** Whether two words are one word misspelt. */

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

/** Letters of a word as bits: a to z, then digits and all else together. */
export function lettersOf(word: string): number {
  let bits = 0;
  for (let i = 0; i < word.length; i += 1) {
    const letter = word.charCodeAt(i) - 97;
    bits |= 1 << (letter >= 0 && letter < 26 ? letter : 26);
  }
  return bits;
}

/** False only for words that `isNear` would refuse: an edit changes two letters of the set at most. */
export function mayBeNear(a: string, lettersA: number, b: string, lettersB: number): boolean {
  if (Math.abs(a.length - b.length) > 2) return false;
  if (a.charCodeAt(0) === b.charCodeAt(0) && a.charCodeAt(3) === b.charCodeAt(3)) return true;
  let apart = lettersA ^ lettersB;
  let count = 0;
  for (; apart !== 0; apart &= apart - 1) count += 1;
  return count <= (Math.min(a.length, b.length) >= 8 ? 4 : 2);
}

/** Damerau's distance (optimal string alignment) is at most `most`. */
export function isWithin(a: string, b: string, most: number): boolean {
  if (Math.abs(a.length - b.length) > most) return false;
  let [older, old, row] = [
    [] as number[],
    Array.from({ length: b.length + 1 }, (_, at) => at),
    [] as number[],
  ];
  for (let i = 1; i <= a.length; i += 1) {
    row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let cost = Math.min(old[j]! + 1, row[j - 1]! + 1, old[j - 1]! + (isSame ? 0 : 1));
      const isSwapped =
        i > 1 &&
        j > 1 &&
        a.charCodeAt(i - 1) === b.charCodeAt(j - 2) &&
        a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
      if (isSwapped) cost = Math.min(cost, older[j - 2]! + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) return false;
    [older, old] = [old, row];
  }
  return row[b.length]! <= most;
}
