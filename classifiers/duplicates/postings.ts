/**
 * Postings: which numbers stand under a key. A linear hash table of cache lines, so that asking for a key and
 * putting a number under it mostly touch one line, and no call waits until the whole is built anew: with every
 * few postings one bucket more is split in two.
 *
 *     line, 16 words    number x 10 | upper half of key x 10 | (next line + 1) << 4 | how many are in this one
 *     bucket            a line, and what overflows from it in spare lines that are linked
 *
 * The lower half of a key is told by its bucket, of which there are 65,536 at least; so keys are kept whole.
 * Under one key stand the newest `most` numbers. What was taken out is a bit, skipped at once; its place is used
 * again, or gone with the next split.
 * Source: W. Litwin, "Linear hashing: a new tool for file and table addressing" (1980).
 */

export interface Postings {
  /** Puts a number under a key; of `most` that stand there the smallest makes room. */
  insert(key: number, number: number): void;
  /** Takes a number out from under all its keys. */
  remove(number: number): void;
  /** Writes the numbers under a key into `into`, from `at` on; returns how many, `most` at most. */
  look(key: number, into: Int32Array, at: number): number;
  /**
   * Has memory bring the first lines of so many keys, all at a time, before each is looked at: what lies anywhere is
   * otherwise waited for once a key. Returns nothing of use.
   */
  fetch(keys: Uint32Array, count: number): number;
  /** Places taken, by numbers that were taken out among them. */
  size(): number;
  bytes(): number;
  /** Its own memory, good until it changes. */
  freeze(): FrozenPostings;
}

export interface FrozenPostings {
  /** Lines of buckets and spare lines, in pages; the last page of each may be filled in part. */
  readonly lines: readonly Int32Array[];
  readonly spares: readonly Int32Array[];
  /** A bit for each number that was taken out. */
  readonly dead: Int32Array;
  /** Bits of a bucket, buckets split at this level, places taken, spare lines, first free one + 1. */
  readonly state: Int32Array;
}

const WORDS = 16;
const ROOM = 10;
const TAIL = 15;
/** Where upper halves begin, in halves. */
const HALVES = 20;
const LEAST_BITS = 16;
/** Postings a bucket, over all of them. */
const LOAD = 8;
const PAGE_BITS = 12;
const PAGE_LINES = 2 ** PAGE_BITS;
const PAGE_MASK = PAGE_LINES - 1;

/** Lines by number, in pages, so that growing copies nothing. */
interface Lines {
  readonly pages: Int32Array[];
  readonly halves: Uint16Array[];
}

function linesOf(saved: readonly Int32Array[] = []): Lines {
  const pages = [...saved];
  return { pages, halves: pages.map(halvesOf) };
}

function halvesOf(page: Int32Array): Uint16Array {
  return new Uint16Array(page.buffer, page.byteOffset, 2 * page.length);
}

function addPage({ pages, halves }: Lines): void {
  const page = new Int32Array(PAGE_LINES * WORDS);
  pages.push(page);
  halves.push(halvesOf(page));
}

/** @param most numbers under one key. */
export function postings(most: number, saved?: FrozenPostings): Postings {
  const main = linesOf(saved?.lines);
  const spare = linesOf(saved?.spares);
  let dead = saved?.dead ?? new Int32Array(1 << 10);
  let bits = saved?.state[0] ?? LEAST_BITS;
  let split = saved?.state[1] ?? 0;
  let size = saved?.state[2] ?? 0;
  let spares = saved?.state[3] ?? 0;
  let free = saved?.state[4] ?? 0;
  while (main.pages.length < 2 ** (bits - PAGE_BITS)) addPage(main);
  let mask = 2 ** bits - 1;
  // What a split takes out of a bucket, before it is put into two.
  let movedNumbers = new Int32Array(256);
  let movedHalves = new Uint16Array(256);
  let moved = 0;

  const isDead = (number: number): boolean =>
    number >> 5 < dead.length && ((dead[number >> 5]! >>> (number & 31)) & 1) === 1;

  return {
    insert(key, number) {
      if (isDead(number)) dead[number >> 5]! &= ~(1 << (number & 31));
      const half = key >>> 16;
      let bucket = key & mask;
      if (bucket < split) bucket = key & (2 * mask + 1);
      let lines = main.pages[bucket >> PAGE_BITS]!;
      let halves = main.halves[bucket >> PAGE_BITS]!;
      let at = (bucket & PAGE_MASK) * WORDS;
      let found = 0;
      let least = number;
      let leastIn = lines;
      let leastAt = -1;
      let emptyIn = lines;
      let emptyHalves = halves;
      let emptyAt = -1;
      let emptyPlace = 0;
      for (;;) {
        const tail = lines[at + TAIL]!;
        const count = tail & 15;
        for (let i = 0; i < count; i += 1) {
          const other = lines[at + i]!;
          if (isDead(other)) {
            emptyIn = lines;
            emptyHalves = halves;
            emptyAt = at;
            emptyPlace = i;
          } else if (halves[2 * at + HALVES + i] === half) {
            if (other === number) return;
            found += 1;
            if (other < least) {
              least = other;
              leastIn = lines;
              leastAt = at + i;
            }
          }
        }
        const next = tail >>> 4;
        if (next === 0) break;
        lines = spare.pages[(next - 1) >> PAGE_BITS]!;
        halves = spare.halves[(next - 1) >> PAGE_BITS]!;
        at = ((next - 1) & PAGE_MASK) * WORDS;
      }
      if (found >= most) {
        if (leastAt >= 0) leastIn[leastAt] = number;
        return;
      }
      if (emptyAt >= 0) {
        emptyIn[emptyAt + emptyPlace] = number;
        emptyHalves[2 * emptyAt + HALVES + emptyPlace] = half;
        return;
      }
      append(lines, halves, at, half, number);
      size += 1;
      if (size > LOAD * (mask + 1 + split)) splitNext();
    },
    remove(number) {
      if (number >> 5 >= dead.length) {
        const longer = new Int32Array(Math.max(2 * dead.length, (number >> 5) + 1));
        longer.set(dead);
        dead = longer;
      }
      dead[number >> 5]! |= 1 << (number & 31);
    },
    look(key, into, from) {
      const half = key >>> 16;
      let bucket = key & mask;
      if (bucket < split) bucket = key & (2 * mask + 1);
      let lines = main.pages[bucket >> PAGE_BITS]!;
      let halves = main.halves[bucket >> PAGE_BITS]!;
      let at = (bucket & PAGE_MASK) * WORDS;
      let to = from;
      for (;;) {
        const tail = lines[at + TAIL]!;
        const first = 2 * at + HALVES;
        for (let i = (tail & 15) - 1; i >= 0; i -= 1) {
          if (halves[first + i] !== half) continue;
          const number = lines[at + i]!;
          if (isDead(number)) continue;
          into[to] = number;
          to += 1;
        }
        const next = tail >>> 4;
        if (next === 0) return to - from;
        lines = spare.pages[(next - 1) >> PAGE_BITS]!;
        halves = spare.halves[(next - 1) >> PAGE_BITS]!;
        at = ((next - 1) & PAGE_MASK) * WORDS;
      }
    },
    fetch(keys, count) {
      let seen = 0;
      for (let i = 0; i < count; i += 1) {
        const key = keys[i]!;
        let bucket = key & mask;
        if (bucket < split) bucket = key & (2 * mask + 1);
        const lines = main.pages[bucket >> PAGE_BITS]!;
        const at = (bucket & PAGE_MASK) * WORDS;
        seen ^= lines[at]! ^ lines[at + TAIL]!;
      }
      return seen;
    },
    size: () => size,
    bytes: () => 4 * (PAGE_LINES * WORDS * (main.pages.length + spare.pages.length) + dead.length),
    freeze: () => ({
      lines: main.pages,
      spares: spare.pages,
      dead,
      state: Int32Array.of(bits, split, size, spares, free),
    }),
  };

  /** Into the line at `at`, the last of its bucket, or into a spare one after it. */
  function append(lines: Int32Array, halves: Uint16Array, at: number, half: number, number: number): void {
    const count = lines[at + TAIL]! & 15;
    if (count < ROOM) {
      lines[at + count] = number;
      halves[2 * at + HALVES + count] = half;
      lines[at + TAIL] = lines[at + TAIL]! + 1;
      return;
    }
    let line = free - 1;
    if (line < 0) {
      line = spares;
      spares += 1;
      if (line >> PAGE_BITS === spare.pages.length) addPage(spare);
    }
    const into = spare.pages[line >> PAGE_BITS]!;
    const to = (line & PAGE_MASK) * WORDS;
    if (free > 0) free = into[to + TAIL]! >>> 4;
    into[to] = number;
    spare.halves[line >> PAGE_BITS]![2 * to + HALVES] = half;
    into[to + TAIL] = 1;
    lines[at + TAIL] = ((line + 1) << 4) | count;
  }

  /** The next bucket in turn becomes two, by one bit more of its keys. */
  function splitNext(): void {
    const [from, to, bit] = [split, split + mask + 1, bits - LEAST_BITS];
    if (to >> PAGE_BITS === main.pages.length) addPage(main);
    const taken = takeOut(from);
    size += refill(from, bit, 0) + refill(to, bit, 1) - taken;
    split += 1;
    if (split <= mask) return;
    bits += 1;
    mask = 2 ** bits - 1;
    split = 0;
  }

  /** Empties a bucket into the moved arrays, without what is dead; returns how many places it had taken. */
  function takeOut(bucket: number): number {
    let lines = main.pages[bucket >> PAGE_BITS]!;
    let halves = main.halves[bucket >> PAGE_BITS]!;
    let at = (bucket & PAGE_MASK) * WORDS;
    let taken = 0;
    moved = 0;
    let own = 0;
    for (;;) {
      const tail = lines[at + TAIL]!;
      const count = tail & 15;
      if (moved + count > movedNumbers.length) {
        movedNumbers = doubled(movedNumbers, new Int32Array(2 * movedNumbers.length));
        movedHalves = doubled(movedHalves, new Uint16Array(2 * movedHalves.length));
      }
      taken += count;
      for (let i = 0; i < count; i += 1) {
        const number = lines[at + i]!;
        if (isDead(number)) continue;
        movedNumbers[moved] = number;
        movedHalves[moved] = halves[2 * at + HALVES + i]!;
        moved += 1;
      }
      // A spare line goes to the free ones, the bucket's own is empty.
      lines[at + TAIL] = own === 0 ? 0 : free << 4;
      if (own !== 0) free = own;
      own = tail >>> 4;
      if (own === 0) return taken;
      lines = spare.pages[(own - 1) >> PAGE_BITS]!;
      halves = spare.halves[(own - 1) >> PAGE_BITS]!;
      at = ((own - 1) & PAGE_MASK) * WORDS;
    }
  }

  /** Puts those of the moved whose key has `bit` as asked into a bucket; returns how many. */
  function refill(bucket: number, bit: number, asked: number): number {
    let lines = main.pages[bucket >> PAGE_BITS]!;
    let halves = main.halves[bucket >> PAGE_BITS]!;
    let at = (bucket & PAGE_MASK) * WORDS;
    let put = 0;
    for (let i = 0; i < moved; i += 1) {
      if (((movedHalves[i]! >>> bit) & 1) !== asked) continue;
      append(lines, halves, at, movedHalves[i]!, movedNumbers[i]!);
      put += 1;
      const next = lines[at + TAIL]! >>> 4;
      if (next === 0) continue;
      lines = spare.pages[(next - 1) >> PAGE_BITS]!;
      halves = spare.halves[(next - 1) >> PAGE_BITS]!;
      at = ((next - 1) & PAGE_MASK) * WORDS;
    }
    return put;
  }
}

function doubled<T extends Int32Array | Uint16Array>(array: T, into: T): T {
  into.set(array);
  return into;
}
