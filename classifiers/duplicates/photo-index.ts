/**
 * Which photos are near one: multi-index hashing over sixteen slices of sixteen bits.
 *
 * Two photos that differ in few bits agree in some slice but for a bit or two, so looking up every slice with
 * up to two bits turned finds nearly all that are within `NEAR_PHOTO_BITS`. While photos are many, one bit is
 * turned, so that the work for one photo stays bounded.
 * Source: M. Norouzi, A. Punjani, D. Fleet, "Fast search in Hamming space with multi-index hashing" (2012).
 */
import { NEAR_PHOTO_BITS } from './features.ts';
import { distanceAt } from './photo-distance.ts';

export interface PhotoIndex {
  /** @param number the listing's. */
  insert(number: number, photo: Uint32Array): void;
  remove(number: number): void;
  /** Listings that have a photo within `NEAR_PHOTO_BITS`, with the least distance of each. */
  near(photo: Uint32Array): Map<number, number>;
  size(): number;
  /** What a snapshot keeps: photos that are not removed, each with its listing. */
  kept(): KeptPhotos;
}

export interface KeptPhotos {
  /** Eight words each. */
  readonly photos: Uint32Array;
  readonly owners: Int32Array;
}

const SLICES = 16;
/** Above so many photos a look-up turns one bit instead of two. */
const MANY = 200_000;
/** A slice value shared by more photos (a blank sky, a logo) is passed over. */
const MOST_IN_BUCKET = 256;

const ONE_BIT = [0, ...Array.from({ length: 16 }, (_, bit) => 1 << bit)];
const TWO_BITS = [
  ...ONE_BIT,
  ...Array.from({ length: 16 }, (_, i) => Array.from({ length: i }, (_, j) => (1 << i) | (1 << j))).flat(),
];

export function photoIndex(saved?: KeptPhotos): PhotoIndex {
  const heads = new Int32Array(SLICES * 65_536).fill(-1);
  let photos = new Uint32Array(8 * 1024);
  let nextOf = new Int32Array(SLICES * 1024);
  let owners = new Int32Array(1024);
  let stamps = new Int32Array(1024);
  let stamp = 0;
  let size = 0;
  const removed = new Set<number>();
  const index: PhotoIndex = {
    insert(number, photo) {
      removed.delete(number);
      if (size === owners.length) {
        photos = doubled(photos, Uint32Array);
        nextOf = doubled(nextOf, Int32Array);
        owners = doubled(owners, Int32Array);
        stamps = doubled(stamps, Int32Array);
      }
      photos.set(photo, 8 * size);
      owners[size] = number;
      for (let slice = 0; slice < SLICES; slice += 1) {
        const to = slice * 65_536 + sliceOf(photo, slice);
        nextOf[SLICES * size + slice] = heads[to]!;
        heads[to] = size;
      }
      size += 1;
    },
    remove: (number) => void removed.add(number),
    near(photo) {
      const found = new Map<number, number>();
      const turns = size > MANY ? ONE_BIT : TWO_BITS;
      stamp += 1;
      for (let slice = 0; slice < SLICES; slice += 1) {
        const own = sliceOf(photo, slice);
        for (const turn of turns) {
          let at = heads[slice * 65_536 + (own ^ turn)]!;
          for (let seen = 0; at >= 0 && seen < MOST_IN_BUCKET; seen += 1) {
            if (stamps[at] !== stamp) {
              stamps[at] = stamp;
              const bits = distanceAt(photo, photos, 8 * at);
              const owner = owners[at]!;
              if (bits <= NEAR_PHOTO_BITS && !removed.has(owner) && bits < (found.get(owner) ?? 257)) {
                found.set(owner, bits);
              }
            }
            at = nextOf[SLICES * at + slice]!;
          }
        }
      }
      return found;
    },
    size: () => size,
    kept() {
      const left = Array.from({ length: size }, (_, at) => at).filter((at) => !removed.has(owners[at]!));
      const kept = new Uint32Array(8 * left.length);
      for (const [to, at] of left.entries()) kept.set(photos.subarray(8 * at, 8 * at + 8), 8 * to);
      return { photos: kept, owners: Int32Array.from(left, (at) => owners[at]!) };
    },
  };
  for (const [at, owner] of saved?.owners.entries() ?? []) {
    index.insert(owner, saved!.photos.subarray(8 * at, 8 * at + 8));
  }
  return index;
}

function sliceOf(photo: Uint32Array, slice: number): number {
  return (photo[slice >> 1]! >>> ((slice & 1) * 16)) & 0xffff;
}

function doubled<T extends Uint32Array | Int32Array>(array: T, make: new (length: number) => T): T {
  const larger = new make(array.length * 2);
  larger.set(array);
  return larger;
}
