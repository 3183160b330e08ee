/**
 * Bits of a 32-bit word that are set: sums of neighbours, in pairs, fours and eights.
 * Source: H. Warren, "Hacker's Delight" (2002), figure 5-2.
 */
export function onesIn(bits: number): number {
  let word = bits - ((bits >>> 1) & 0x55555555);
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
