/**
 * One-permutation MinHash: a sketch of a set in which the share of equal bins estimates Jaccard similarity.
 *
 * Every element falls into one bin by some bits of its hash and competes there with the rest of them; an
 * empty bin borrows from the next full one to its right, marked by the distance so that borrowed values of
 * different bins do not look alike. One hash an element, however many bins there are.
 * Sources: P. Li, A. Owen, C.-H. Zhang, "One permutation hashing" (2012); A. Shrivastava, P. Li, "Densifying
 * one permutation hashing via rotation for fast near neighbor search" (2014).
 */
import { mix } from '../mix.ts';

const EMPTY = 0xffffffff;

/**
 * Writes the sketch of the first `count` of `hashes` into `bins`, whose length is a power of two.
 * All bins are 0xffffffff for an empty set.
 */
export function sketch(hashes: Int32Array, count: number, bins: Uint32Array): void {
  const shift = 32 - Math.log2(bins.length);
  bins.fill(EMPTY);
  for (let i = 0; i < count; i += 1) {
    const hash = mix(hashes[i]! ^ 0x5bd1e995);
    const bin = hash >>> shift;
    const value = (hash << (32 - shift)) >>> 1;
    if (value < bins[bin]!) bins[bin] = value;
  }
  if (count === 0) return;
  // From the right, so that each empty bin finds the nearest full one; twice round for the last ones.
  let value = EMPTY;
  let away = 0;
  for (let step = 2 * bins.length - 1; step >= 0; step -= 1) {
    const at = step % bins.length;
    const own = bins[at]!;
    if (own < 0x80000000) {
      value = own;
      away = 0;
    } else if (value !== EMPTY) {
      away += 1;
      bins[at] = (0x80000000 | (mix(value + Math.imul(away, 0x9e3779b1)) >>> 1)) >>> 0;
    }
  }
}

/** Share of equal bins, 0..1. */
export function sketchSimilarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let equal = 0;
  for (let at = 0; at < a.length; at += 1) if (a[at] === b[at]) equal += 1;
  return equal / a.length;
}
