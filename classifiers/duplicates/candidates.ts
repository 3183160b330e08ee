/**
 * Which listings are worth comparing with one: those that share keys with it, the best first.
 *
 * A posting is a key and the number of a listing. New postings go to the head, a chained hash table; a full
 * head becomes a frozen segment, two arrays sorted by key, and segments of like size are merged, so that
 * there are few. A frozen posting takes 8 bytes.
 *
 *     head      heads[key & mask] -> posting -> posting …     newest first
 *     segment   keys:    k0 <= k1 <= k2 …                     found by interpolation: keys are uniform
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
}

/** Postings in the head before it freezes. */
const HEAD = 2 ** 18;
const HEAD_BUCKETS = 2 ** 17;
/** Longer buckets are passed over. */
const MOST_IN_BUCKET = 48;
/** What sharing a key is worth where nobody else does, in the order of `KEY_KINDS`. */
const WORTH: readonly number[] = [6, 4, 6, 6, 4, 2, 3];
/** Keys of a person: of a full bucket the newest are looked at. */
const IS_PERSONAL: readonly boolean[] = KEY_KINDS.map((kind) => ['phone', 'device', 'seller'].includes(kind));

export function candidateIndex(saved?: FrozenIndex): CandidateIndex {
  const deleted = new Set<number>(saved?.deleted);
  const segments: Segment[] =
    saved === undefined || saved.keys.length === 0 ? [] : [{ keys: saved.keys, numbers: saved.numbers }];
  const heads = new Int32Array(HEAD_BUCKETS).fill(-1);
  const nextOf = new Int32Array(HEAD);
  const headKeys = new Uint32Array(HEAD);
  const headNumbers = new Int32Array(HEAD);
  let headSize = 0;
  const bucket = new Int32Array(MOST_IN_BUCKET);

  const freezeHead = (): void => {
    if (headSize === 0) return;
    segments.push(sorted(headKeys.subarray(0, headSize), headNumbers.subarray(0, headSize)));
    heads.fill(-1);
    headSize = 0;
    while (segments.length > 1 && segments.at(-2)!.keys.length < 2 * segments.at(-1)!.keys.length) {
      const [last, before] = [segments.pop()!, segments.pop()!];
      segments.push(merged(before, last, deleted));
    }
  };

  /** Fills `bucket` with the newest of a key; returns how many there are in all, counted to one above its room. */
  const look = (key: number): number => {
    let found = 0;
    for (let at = heads[key & (HEAD_BUCKETS - 1)]!; at >= 0; at = nextOf[at]!) {
      if (headKeys[at] !== key || deleted.has(headNumbers[at]!)) continue;
      if (found < MOST_IN_BUCKET) bucket[found] = headNumbers[at]!;
      found += 1;
    }
    for (let s = segments.length - 1; s >= 0 && found <= MOST_IN_BUCKET; s -= 1) {
      const { keys, numbers } = segments[s]!;
      let at = firstOf(keys, key);
      for (; at < keys.length && keys[at] === key && found <= MOST_IN_BUCKET; at += 1) {
        if (deleted.has(numbers[at]!)) continue;
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
        headKeys[headSize] = key;
        headNumbers[headSize] = number;
        nextOf[headSize] = heads[to]!;
        heads[to] = headSize;
        headSize += 1;
      }
    },
    remove(number) {
      deleted.add(number);
    },
    candidates(keys, most) {
      const votes = new Map<number, number>();
      for (let i = 0; i < keys.count; i += 1) {
        const kind = keys.kinds[i]!;
        const found = look(keys.hashes[i]!);
        if (found === 0 || (found > MOST_IN_BUCKET && !IS_PERSONAL[kind])) continue;
        const worth = WORTH[kind]! / (1 + Math.log(found));
        for (let k = 0; k < Math.min(found, MOST_IN_BUCKET); k += 1) {
          const number = bucket[k]!;
          votes.set(number, (votes.get(number) ?? 0) + worth);
        }
      }
      const all = [...votes].map(([number, sum]) => ({ number, votes: sum }));
      all.sort((a, b) => b.votes - a.votes || a.number - b.number);
      return all.slice(0, most);
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

/** Postings in the order of their keys, the newest first among equals. */
function sorted(keys: Uint32Array, numbers: Int32Array): Segment {
  const count = keys.length;
  // Key and place in one number below 2^53, so that the engine's own sort of numbers does it.
  const order = Float64Array.from(keys, (key, at) => key * 2 ** 20 + (count - 1 - at)).sort();
  const places = Int32Array.from(order, (it) => count - 1 - (it % 2 ** 20));
  return {
    keys: Uint32Array.from(places, (at) => keys[at]!),
    numbers: Int32Array.from(places, (at) => numbers[at]!),
  };
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
  return { keys: keys.slice(0, to), numbers: numbers.slice(0, to) };
}

/** First place of a key in an ascending array of uniform keys, or where it would stand. */
function firstOf(keys: Uint32Array, key: number): number {
  let [low, high] = [0, keys.length];
  // Narrow by where a uniform key must be, then halve.
  const guess = Math.floor((key / 2 ** 32) * keys.length);
  let reach = 32;
  if (guess < keys.length && keys[guess]! >= key) {
    high = guess;
    while (high - reach > 0 && keys[high - reach]! >= key) reach *= 2;
    low = Math.max(0, high - reach);
  } else {
    low = Math.min(guess, keys.length);
    while (low + reach < keys.length && keys[low + reach]! < key) reach *= 2;
    high = Math.min(keys.length, low + reach + 1);
  }
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
