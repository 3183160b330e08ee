/** All pairs of photos that are one photo: every two are compared in every way that thieves change them. */
import { comparePhotos, type Edit, LEAST_DETAIL, type PhotoPrint } from './photo-hash.ts';

export interface PhotoMatch {
  readonly a: number;
  readonly b: number;
  /** Bits that differ in the nearest way, of 256. */
  readonly bits: number;
  readonly edit: Edit;
  /** 1 for equal hashes, 0.5 where a match begins. */
  readonly score: number;
}

/**
 * Bits within which photos are one. Distances of different photos spread wider the more ways are tried, so
 * crops must be nearer than the whole. Chosen on 2,200 pictures and measured on 2,200 others: see
 * `docs/duplicates-figures.md`.
 */
export const MATCH_BITS: Readonly<Record<Edit, number>> = { same: 64, mirrored: 52, cropped: 44 };

export function photoPairs(prints: readonly PhotoPrint[]): PhotoMatch[] {
  const found: PhotoMatch[] = [];
  for (const [b, print] of prints.entries()) {
    if (print.detail < LEAST_DETAIL) continue;
    for (let a = 0; a < b; a += 1) {
      const other = prints[a]!;
      if (other.detail < LEAST_DETAIL) continue;
      const { bits, edit } = comparePhotos(other, print);
      const most = MATCH_BITS[edit];
      if (bits <= most) found.push({ a, b, bits, edit, score: 1 - bits / (2 * most) });
    }
  }
  return found;
}
