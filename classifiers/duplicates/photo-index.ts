/**
 * Which photos are near one: multi-index hashing over six slices of eighteen bits.
 *
 * Two photos that differ in few bits agree in some slice but for a bit or two, so looking up every slice with
 * up to two bits turned finds nearly all that are near. While photos are many, one bit is turned, so that the
 * work for one photo stays bounded; and slices are so wide that at a million listings a bucket holds about ten
 * photos of other people, not forty. What a slice brings up is compared by the 128 bits that are in no slice:
 * how far two photos are apart is known to a few bits here, and exactly to who compares the listings.
 *
 *     photo, 11 words    bits x 4 | next photo in the bucket of each slice x 6 | listing
 *
 * Photos of listings that were taken out leave when a page is full.
 * Source: M. Norouzi, A. Punjani, D. Fleet, "Fast search in Hamming space with multi-index hashing" (2012).
 */
import { onesIn } from './bits.ts';
import { NEAR_PHOTO_BITS } from './features.ts';

export interface PhotoIndex {
  /** @param number the listing's. */
  insert(number: number, photo: Uint32Array): void;
  /** For listings that have photos in it. */
  remove(number: number): void;
  /** Listings that have a photo about within `NEAR_PHOTO_BITS`, with the least distance of each, about. */
  near(photo: Uint32Array): Map<number, number>;
  size(): number;
  bytes(): number;
  /** What a snapshot keeps: its own memory, good until it changes. */
  kept(): KeptPhotos;
}

export interface KeptPhotos {
  /** Of photos as drawn above; the last page may be filled in part. */
  readonly pages: readonly Int32Array[];
  /** First photo of every bucket, -1 for none. */
  readonly heads: Int32Array;
  /** How many photos there are, and listings that were taken out whose photos are still there. */
  readonly state: Int32Array;
}

const SLICES = 6;
const SLICE_BITS = 18;
const BUCKETS = 2 ** SLICE_BITS;
const NEXT = 4;
const OWNER = NEXT + SLICES;
const WORDS = OWNER + 1;
const PAGE_BITS = 14;
const PAGE_PHOTOS = 2 ** PAGE_BITS;
const PAGE_MASK = PAGE_PHOTOS - 1;
/** Above so many photos a look-up turns one bit instead of two. */
const MANY = 400_000;
/** Of a slice value shared by more photos (a blank sky, a logo) only the newest are looked at. */
const MOST_IN_BUCKET = 256;
/** Of the 128 bits compared here. */
const NEAR_HALF = Math.floor(NEAR_PHOTO_BITS / 2);

const ONE_BIT = [0, ...Array.from({ length: SLICE_BITS }, (_, bit) => 1 << bit)];
const TWO_BITS = [
  ...ONE_BIT,
  ...Array.from({ length: SLICE_BITS }, (_, i) =>
    Array.from({ length: i }, (_, j) => (1 << i) | (1 << j)),
  ).flat(),
];

export function photoIndex(saved?: KeptPhotos): PhotoIndex {
  let pages = [...(saved?.pages ?? [])];
  const heads = saved?.heads ?? new Int32Array(SLICES * BUCKETS).fill(-1);
  let size = saved?.state[0] ?? 0;
  const removed = new Set<number>(saved?.state.subarray(1));
  const asked = new Int32Array(4);
  // Of each bucket that is looked at: where one stands, which of a photo's links leads on, the photo's first word and what follows.
  const cursors = new Int32Array(SLICES * TWO_BITS.length);
  const links = new Uint8Array(SLICES * TWO_BITS.length);
  const firsts = new Int32Array(SLICES * TWO_BITS.length);
  const nexts = new Int32Array(SLICES * TWO_BITS.length);

  /** Puts in what `asked` holds under the slices given. */
  const push = (number: number, slice: (at: number) => number): void => {
    if (size >> PAGE_BITS === pages.length) pages.push(new Int32Array(PAGE_PHOTOS * WORDS));
    const page = pages[size >> PAGE_BITS]!;
    const at = (size & PAGE_MASK) * WORDS;
    page.set(asked, at);
    for (let i = 0; i < SLICES; i += 1) {
      const bucket = i * BUCKETS + slice(i);
      page[at + NEXT + i] = heads[bucket]!;
      heads[bucket] = size;
    }
    page[at + OWNER] = number;
    size += 1;
  };

  /** Puts all photos in again but those of listings that were taken out. */
  const leave = (): void => {
    // A photo's slices are told by the buckets that it hangs in.
    const slices = new Uint32Array(size * SLICES);
    for (let bucket = 0; bucket < heads.length; bucket += 1) {
      const slice = Math.floor(bucket / BUCKETS);
      for (let it = heads[bucket]!; it >= 0; ) {
        slices[it * SLICES + slice] = bucket % BUCKETS;
        it = pages[it >> PAGE_BITS]![(it & PAGE_MASK) * WORDS + NEXT + slice]!;
      }
    }
    const [old, count] = [pages, size];
    pages = [];
    size = 0;
    heads.fill(-1);
    for (let it = 0; it < count; it += 1) {
      const page = old[it >> PAGE_BITS]!;
      const at = (it & PAGE_MASK) * WORDS;
      const owner = page[at + OWNER]!;
      if (removed.has(owner)) continue;
      asked.set(page.subarray(at, at + NEXT));
      push(owner, (slice) => slices[it * SLICES + slice]!);
    }
    removed.clear();
  };

  return {
    insert(number, photo) {
      removed.delete(number);
      if (size >> PAGE_BITS === pages.length && removed.size > LEAVE_SHARE * size) leave();
      halfOf(photo, asked);
      push(number, (slice) => sliceOf(photo, slice));
    },
    remove: (number) => void removed.add(number),
    near(photo) {
      const found = new Map<number, number>();
      const turns = size > MANY ? ONE_BIT : TWO_BITS;
      halfOf(photo, asked);
      const [a, b, c, d] = [asked[0]!, asked[1]!, asked[2]!, asked[3]!];
      let count = 0;
      for (let slice = 0; slice < SLICES; slice += 1) {
        const own = slice * BUCKETS + sliceOf(photo, slice);
        for (let turn = 0; turn < turns.length; turn += 1) {
          const first = heads[own ^ turns[turn]!]!;
          if (first < 0) continue;
          cursors[count] = first;
          links[count] = NEXT + slice;
          count += 1;
        }
      }
      // One step along each bucket in turn, fetching first and comparing then: so memory brings many photos at a time, which
      // lie anywhere in it, and none is waited for alone.
      for (let seen = 0; count > 0 && seen < MOST_IN_BUCKET; seen += 1) {
        let left = 0;
        for (let cursor = 0; cursor < count; cursor += 1) {
          const it = cursors[cursor]!;
          const page = pages[it >> PAGE_BITS]!;
          const at = (it & PAGE_MASK) * WORDS;
          firsts[cursor] = page[at]!;
          nexts[cursor] = page[at + links[cursor]!]!;
        }
        for (let cursor = 0; cursor < count; cursor += 1) {
          const it = cursors[cursor]!;
          const next = nexts[cursor]!;
          cursors[left] = next;
          links[left] = links[cursor]!;
          left += 1 + (next >> 31);
          // Most are far apart: half of the bits tell already.
          const page = pages[it >> PAGE_BITS]!;
          const at = (it & PAGE_MASK) * WORDS;
          let bits = onesIn(a ^ firsts[cursor]!) + onesIn(b ^ page[at + 1]!);
          if (bits > NEAR_HALF) continue;
          bits += onesIn(c ^ page[at + 2]!) + onesIn(d ^ page[at + 3]!);
          if (bits > NEAR_HALF) continue;
          const owner = page[at + OWNER]!;
          if (2 * bits < (found.get(owner) ?? 257) && !removed.has(owner)) found.set(owner, 2 * bits);
        }
        count = left;
      }
      return found;
    },
    size: () => size,
    bytes: () => 4 * (pages.length * PAGE_PHOTOS * WORDS + heads.length),
    kept: () => ({ pages, heads, state: Int32Array.of(size, ...removed) }),
  };
}

/** Photos of listings taken out leave when they are about this share. */
const LEAVE_SHARE = 0.1;

/** The lower half of a word, and two bits more of the lower half of the seventh. */
function sliceOf(photo: Uint32Array, slice: number): number {
  return ((photo[slice]! & 0xffff) << 2) | ((photo[6]! >>> (2 * slice)) & 3);
}

/** The upper halves of a photo's words; slices are of lower halves. */
function halfOf(photo: Uint32Array, into: Int32Array): void {
  for (let at = 0; at < 4; at += 1) {
    into[at] = (photo[2 * at]! >>> 16) | (photo[2 * at + 1]! & 0xffff0000);
  }
}
