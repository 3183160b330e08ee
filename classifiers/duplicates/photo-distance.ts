/** Photo hashes as numbers: 256 bits in eight words, compared by the bits in which they differ. */

import { onesIn } from './bits.ts';

export const PHOTO_BITS = 256;
const WORDS = PHOTO_BITS / 32;

/** Null for what is not 64 hexadecimal digits. */
export function readPhoto(hex: string): Uint32Array | null {
  if (!/^[0-9a-f]{64}$/i.test(hex)) return null;
  const photo = new Uint32Array(WORDS);
  for (let at = 0; at < WORDS; at += 1) photo[at] = Number.parseInt(hex.slice(8 * at, 8 * at + 8), 16);
  return photo;
}

/** Bits that differ, 0..256; two photos that have nothing in common differ in about 128. */
export function photoDistance(a: Uint32Array, b: Uint32Array): number {
  return distanceAt(a, b, 0);
}

/** The same of a photo that stands in a longer array, `at` being its first word. */
export function distanceAt(a: Uint32Array, all: Uint32Array, at: number): number {
  let bits = 0;
  for (let i = 0; i < WORDS; i += 1) {
    bits += onesIn(a[i]! ^ all[at + i]!);
  }
  return bits;
}
