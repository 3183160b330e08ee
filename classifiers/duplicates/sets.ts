/** Sets of hashes as ascending arrays, and how much two of them share. */

export function setOf(hashes: Iterable<number>): Int32Array {
  return Int32Array.from(new Set(hashes)).sort();
}

export interface Overlap {
  readonly jaccard: number;
  /** Jaccard of the weights. */
  readonly weighted: number;
  /** Weight shared, of the lighter and of the heavier one. */
  readonly contained: number;
  readonly containedLess: number;
  /** Weight shared. */
  readonly shared: number;
}

/** Of two ascending sets; all NaN when either is empty. */
export function overlap(a: Int32Array, b: Int32Array, weightOf: (hash: number) => number): Overlap {
  let [i, j, both] = [0, 0, 0];
  let [shared, onlyA, onlyB] = [0, 0, 0];
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]];
    if (x === y) {
      shared += weightOf(x!);
      both += 1;
      i += 1;
      j += 1;
    } else if (y === undefined || (x !== undefined && x < y)) {
      onlyA += weightOf(x!);
      i += 1;
    } else {
      onlyB += weightOf(y);
      j += 1;
    }
  }
  if (a.length === 0 || b.length === 0) {
    return {
      jaccard: Number.NaN,
      weighted: Number.NaN,
      contained: Number.NaN,
      containedLess: Number.NaN,
      shared: 0,
    };
  }
  const less = shared + Math.min(onlyA, onlyB);
  const more = shared + Math.max(onlyA, onlyB);
  return {
    jaccard: both / (a.length + b.length - both),
    weighted: shared / Math.max(1e-9, shared + onlyA + onlyB),
    contained: shared / Math.max(1e-9, less),
    containedLess: shared / Math.max(1e-9, more),
    shared,
  };
}

/** Calls with every hash that both have, ascending. */
export function eachShared(a: Int32Array, b: Int32Array, see: (hash: number) => void): void {
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [x, y] = [a[i]!, b[j]!];
    if (x === y) see(x);
    if (x <= y) i += 1;
    if (y <= x) j += 1;
  }
}

/** Whether an ascending set has it. */
export function has(set: Int32Array, hash: number): boolean {
  let [low, high] = [0, set.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const it = set[middle]!;
    if (it === hash) return true;
    if (it < hash) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
