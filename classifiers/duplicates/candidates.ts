/**
 * Which listings are worth comparing with one: those that share keys with it, the best first.
 *
 * A posting is a key and the number of a listing. New postings go to the head, a chained hash table; a full
 * head becomes a frozen segment, two arrays sorted by key, and segments of like size are merged, so that
 * there are few. A frozen posting takes 8 bytes and a half.
 *
 *     head      heads[key & mask] -> posting -> posting …     newest first
 *     segment   keys:    k0 <= k1 <= k2 …                     found by their leading bits through `starts`
 *               numbers: n0    n1    n2
 *
 * A bucket that holds too many says nothing and is passed over, unless its key is one of a person's, of which
 * the newest are looked at. Deleted listings are skipped at once and leave when segments are merged.
 * Numbers are the caller's: whole, from 0, one a version of a listing and never given twice.
 */
import { KEY_KINDS, type Keys } from './keys.ts';

export interface Candidate {
  readonly number: number;
  /** Sum over shared keys of what each is worth; only the order means something. */
  readonly votes: number;
}

export interface CandidateIndex {
  insert(number: number, keys: Keys): void;
  remove(number: number): void;
  /** At most `most`, the most votes first, ties by number. */
  candidates(keys: Keys, most: number): Candidate[];
  /** Postings, deleted ones that have not left yet among them. */
  postings(): number;
  bytes(): number;
  /** All postings as one segment, and what was deleted: what a snapshot keeps. */
  freeze(): FrozenIndex;
}

export interface FrozenIndex {
  readonly keys: Uint32Array;
  readonly numbers: Int32Array;
  readonly deleted: Int32Array;
}

interface Segment {
  readonly keys: Uint32Array;
  readonly numbers: Int32Array;
  /** Of every run of keys with equal leading bits, where it begins; one entry more at the end. */
  readonly starts: Uint32Array;
  /** Bits that are not leading. */
  readonly shift: number;
}

/** Postings in the head before it freezes. */
const HEAD = 2 ** 17;
const HEAD_BUCKETS = 2 ** 17;
/** Longer buckets are passed over. */
const MOST_IN_BUCKET = 48;
/** Of one listing. */
const MOST_KEYS = 64;
/** What sharing a key is worth where nobody else does, in the order of `KEY_KINDS`. */
const WORTH: readonly number[] = [6, 4, 6, 6, 4, 2, 3];
/** What is left of that worth where so many share it. */
const OF_SO_MANY = Float64Array.from(
  { length: MOST_IN_BUCKET + 1 },
  (_, found) => 1 / (1 + Math.log(found || 1)),
);
/** Keys of a person: of a full bucket the newest are looked at. */
const IS_PERSONAL: readonly boolean[] = KEY_KINDS.map((kind) => ['phone', 'device', 'seller'].includes(kind));

export function candidateIndex(saved?: FrozenIndex): CandidateIndex {
  const deleted = new Set<number>(saved?.deleted);
  const segments: Segment[] =
    saved === undefined || saved.keys.length === 0 ? [] : [segmentOf(saved.keys, saved.numbers)];
  const heads = new Int32Array(HEAD_BUCKETS).fill(-1);
  // Key, number and the next posting of its bucket side by side, so that a step is one look at memory.
  const head = new Int32Array(3 * HEAD);
  let headSize = 0;
  const bucket = new Int32Array(MOST_IN_BUCKET);
  const votes = tally(MOST_KEYS * MOST_IN_BUCKET);

  const freezeHead = (): void => {
    if (headSize === 0) return;
    segments.push(sorted(head, headSize));
    heads.fill(-1);
    headSize = 0;
    while (segments.length > 1 && segments.at(-2)!.keys.length < 4 * segments.at(-1)!.keys.length) {
      const [last, before] = [segments.pop()!, segments.pop()!];
      segments.push(merged(before, last, deleted));
    }
  };

  /** Fills `bucket` with the newest of a key; returns how many there are in all, counted to one above its room. */
  const look = (key: number): number => {
    let found = 0;
    const signed = key | 0;
    for (let at = heads[key & (HEAD_BUCKETS - 1)]!; at >= 0 && found <= MOST_IN_BUCKET; at = head[at + 2]!) {
      if (head[at] !== signed || (deleted.size > 0 && deleted.has(head[at + 1]!))) continue;
      if (found < MOST_IN_BUCKET) bucket[found] = head[at + 1]!;
      found += 1;
    }
    for (let s = segments.length - 1; s >= 0 && found <= MOST_IN_BUCKET; s -= 1) {
      const { keys, numbers } = segments[s]!;
      let at = firstOf(segments[s]!, key);
      for (; at < keys.length && keys[at] === key && found <= MOST_IN_BUCKET; at += 1) {
        if (deleted.size > 0 && deleted.has(numbers[at]!)) continue;
        if (found < MOST_IN_BUCKET) bucket[found] = numbers[at]!;
        found += 1;
      }
    }
    return found;
  };

  return {
    insert(number, keys) {
      deleted.delete(number);
      if (headSize + keys.count > HEAD) freezeHead();
      for (let i = 0; i < keys.count; i += 1) {
        const key = keys.hashes[i]!;
        const to = key & (HEAD_BUCKETS - 1);
        head[3 * headSize] = key;
        head[3 * headSize + 1] = number;
        head[3 * headSize + 2] = heads[to]!;
        heads[to] = 3 * headSize;
        headSize += 1;
      }
    },
    remove(number) {
      deleted.add(number);
    },
    candidates(keys, most) {
      votes.clear();
      for (let i = 0; i < keys.count; i += 1) {
        const kind = keys.kinds[i]!;
        const found = look(keys.hashes[i]!);
        if (found === 0 || (found > MOST_IN_BUCKET && !IS_PERSONAL[kind])) continue;
        const few = Math.min(found, MOST_IN_BUCKET);
        const worth = WORTH[kind]! * OF_SO_MANY[few]!;
        for (let k = 0; k < few; k += 1) votes.add(bucket[k]!, worth);
      }
      return votes.most(most);
    },
    postings: () => headSize + segments.reduce((sum, { keys }) => sum + keys.length, 0),
    bytes: () => 8 * segments.reduce((sum, { keys }) => sum + keys.length, 0) + 4 * (HEAD_BUCKETS + 3 * HEAD),
    freeze() {
      freezeHead();
      while (segments.length > 1) {
        const [last, before] = [segments.pop()!, segments.pop()!];
        segments.push(merged(before, last, deleted));
      }
      const [all] = segments;
      return {
        keys: all?.keys ?? new Uint32Array(0),
        numbers: all?.numbers ?? new Int32Array(0),
        deleted: Int32Array.from(deleted).sort(),
      };
    },
  };
}

interface Tally {
  clear(): void;
  add(number: number, worth: number): void;
  /** The numbers with the most, in order. */
  most(count: number): Candidate[];
}

/** Sums by number in an open table that is cleared by moving a stamp on. */
function tally(room: number): Tally {
  const slots = 2 ** Math.ceil(Math.log2(2 * room));
  const numbers = new Int32Array(slots);
  const sums = new Float64Array(slots);
  const stamps = new Int32Array(slots);
  const used = new Int32Array(room);
  let stamp = 0;
  let size = 0;
  return {
    clear() {
      stamp += 1;
      size = 0;
    },
    add(number, worth) {
      let at = Math.imul(number, 0x9e3779b1) & (slots - 1);
      while (stamps[at] === stamp && numbers[at] !== number) at = (at + 1) & (slots - 1);
      if (stamps[at] === stamp) {
        sums[at] = sums[at]! + worth;
        return;
      }
      stamps[at] = stamp;
      numbers[at] = number;
      sums[at] = worth;
      used[size] = at;
      size += 1;
    },
    most(count) {
      const best: Candidate[] = [];
      for (let i = 0; i < size; i += 1) {
        const votes = sums[used[i]!]!;
        const number = numbers[used[i]!]!;
        const last = best[count - 1];
        if (last !== undefined && (votes < last.votes || (votes === last.votes && number > last.number))) {
          continue;
        }
        let to = Math.min(best.length, count - 1);
        while (
          to > 0 &&
          (best[to - 1]!.votes < votes || (best[to - 1]!.votes === votes && best[to - 1]!.number > number))
        ) {
          if (to < count) best[to] = best[to - 1]!;
          to -= 1;
        }
        if (count > 0) best[to] = { number, votes };
      }
      return best;
    },
  };
}

/** Postings in the order of their keys, the newest first among equals. */
function sorted(head: Int32Array, count: number): Segment {
  // Key and place in one number below 2^53, so that the engine's own sort of numbers does it.
  const order = new Float64Array(count);
  for (let at = 0; at < count; at += 1) order[at] = (head[3 * at]! >>> 0) * 2 ** 20 + (count - 1 - at);
  order.sort();
  const keys = new Uint32Array(count);
  const numbers = new Int32Array(count);
  for (let at = 0; at < count; at += 1) {
    const key = Math.floor(order[at]! / 2 ** 20);
    keys[at] = key;
    numbers[at] = head[3 * (count - 1 - (order[at]! - key * 2 ** 20)) + 1]!;
  }
  return segmentOf(keys, numbers);
}

/** Two segments as one without what was deleted; of equal keys those of the newer segment go first. */
function merged(older: Segment, newer: Segment, deleted: ReadonlySet<number>): Segment {
  const most = older.keys.length + newer.keys.length;
  const keys = new Uint32Array(most);
  const numbers = new Int32Array(most);
  let [i, j, to] = [0, 0, 0];
  while (i < older.keys.length || j < newer.keys.length) {
    const isNewer = i === older.keys.length || (j < newer.keys.length && newer.keys[j]! <= older.keys[i]!);
    const number = isNewer ? newer.numbers[j]! : older.numbers[i]!;
    if (!deleted.has(number)) {
      keys[to] = isNewer ? newer.keys[j]! : older.keys[i]!;
      numbers[to] = number;
      to += 1;
    }
    if (isNewer) j += 1;
    else i += 1;
  }
  return segmentOf(keys.slice(0, to), numbers.slice(0, to));
}

/** Postings that share an entry of `starts`, about. */
const TO_AN_ENTRY = 8;

function segmentOf(keys: Uint32Array, numbers: Int32Array): Segment {
  const bits = Math.max(1, Math.min(24, Math.floor(Math.log2(keys.length / TO_AN_ENTRY + 1))));
  const shift = 32 - bits;
  const starts = new Uint32Array(2 ** bits + 1);
  let at = 0;
  for (let entry = 0; entry < 2 ** bits; entry += 1) {
    while (at < keys.length && keys[at]! >>> shift < entry) at += 1;
    starts[entry] = at;
  }
  starts[2 ** bits] = keys.length;
  return { keys, numbers, starts, shift };
}

/** First place of a key, or where it would stand. */
function firstOf({ keys, starts, shift }: Segment, key: number): number {
  const entry = key >>> shift;
  let [low, high] = [starts[entry]!, starts[entry + 1]!];
  while (high - low > 16) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  while (low < high && keys[low]! < key) low += 1;
  return low;
}
