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

/** No element has fallen into the bin. */
export const EMPTY = 0x7fffffff;

/**
 * Lets an element compete for its bin. Without a branch, since neither which of two is less nor who is left out
 * can be foreseen.
 *
 * @param bins as many as a power of two, all EMPTY at first.
 * @param up logarithm of how many they are.
 * @param hash of which every bit is as good as any other: it comes out of `mix`.
 * @param isOut -1 for an element that is left out after all, else 0.
 */
export function compete(bins: Int32Array, up: number, hash: number, isOut = 0): void {
  const bin = hash >>> (32 - up);
  const own = bins[bin]!;
  const less = (((hash << up) >>> 1) | (isOut & EMPTY)) - own;
  bins[bin] = own + (less & (less >> 31));
}

/** Lets empty bins borrow; borrowed values are below 0. All stay EMPTY when none is full. */
export function densify(bins: Int32Array): void {
  // From the right, so that each empty bin finds the nearest full one; right of the last stands the first.
  let away = 0;
  while (away < bins.length && bins[away] === EMPTY) away += 1;
  if (away === bins.length) return;
  let value = bins[away]!;
  for (let at = bins.length - 1; at >= 0; at -= 1) {
    const own = bins[at]!;
    if (own !== EMPTY) {
      value = own;
      away = 0;
    } else {
      away += 1;
      bins[at] = 0x80000000 | (mix(value + Math.imul(away, 0x9e3779b1)) >>> 1);
    }
  }
}

/**
 * Writes the sketch of the first `count` of `hashes` into `bins`, whose length is a power of two.
 * All bins are 0xffffffff for an empty set.
 */
export function sketch(hashes: Int32Array, count: number, bins: Uint32Array): void {
  const signed = new Int32Array(bins.buffer, bins.byteOffset, bins.length);
  const up = Math.log2(bins.length);
  signed.fill(count === 0 ? -1 : EMPTY);
  for (let i = 0; i < count; i += 1) compete(signed, up, mix(hashes[i]! ^ 0x5bd1e995));
  if (count > 0) densify(signed);
}

/** Share of equal bins, 0..1. */
export function sketchSimilarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let equal = 0;
  for (let at = 0; at < a.length; at += 1) if (a[at] === b[at]) equal += 1;
  return equal / a.length;
}
