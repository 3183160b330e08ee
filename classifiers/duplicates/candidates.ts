/**
 * Which listings are worth comparing with one: those that share keys with it, the best first.
 *
 * A bucket that holds too many says nothing and is passed over, unless its key is one of a person's, of which
 * the newest are looked at. So of every key only the newest are kept, one more than are looked at.
 * Numbers are the caller's: whole, from 0, one a version of a listing and never given twice.
 */
import { KEY_KINDS, type Keys } from './keys.ts';
import { type FrozenPostings, postings } from './postings.ts';

export interface CandidateIndex {
  insert(number: number, keys: Keys): void;
  remove(number: number): void;
  /** Numbers, at most `most`, the most votes first, ties by number; good until the next call. */
  candidates(keys: Keys, most: number): Int32Array;
  /** Postings, deleted ones that have not left yet among them. */
  postings(): number;
  bytes(): number;
  /** What a snapshot keeps: its own memory, good until it changes. */
  freeze(): FrozenPostings;
}

/** Longer buckets are passed over. */
const MOST_IN_BUCKET = 48;
/** Of one listing. */
const MOST_KEYS = 64;
/** What sharing a key is worth where nobody else does, in the order of `KEY_KINDS`. */
const WORTH: readonly number[] = [6, 4, 6, 6, 4, 2, 3];
/** Votes of one are whole numbers, so that sums are exact. */
const UNIT = 2 ** 16;
/** What is left of the worth of a kind where so many share the key: `ROW` entries a kind. */
const ROW = MOST_IN_BUCKET + 2;
const VOTES = Int32Array.from({ length: ROW * WORTH.length }, (_, at) =>
  Math.round((UNIT * WORTH[Math.floor(at / ROW)]!) / (1 + Math.log(at % ROW || 1))),
);
/** Keys of a person: of a full bucket the newest are looked at. */
const IS_PERSONAL: readonly boolean[] = KEY_KINDS.map((kind) => ['phone', 'device', 'seller'].includes(kind));

export function candidateIndex(saved?: FrozenPostings): CandidateIndex {
  const index = postings(MOST_IN_BUCKET + 1, saved);
  const found = new Int32Array(MOST_KEYS * ROW);
  const worth = new Int32Array(MOST_KEYS * ROW);
  const tally = tallyOf(MOST_KEYS * ROW);
  return {
    insert(number, keys) {
      for (let i = 0; i < keys.count; i += 1) index.insert(keys.hashes[i]!, number);
    },
    remove: (number) => index.remove(number),
    candidates(keys, most) {
      let to = 0;
      index.fetch(keys.hashes, keys.count);
      for (let i = 0; i < keys.count; i += 1) {
        const kind = keys.kinds[i]!;
        const all = index.look(keys.hashes[i]!, found, to);
        if (all > MOST_IN_BUCKET && !IS_PERSONAL[kind]) continue;
        worth.fill(VOTES[kind * ROW + all]!, to, to + all);
        to += all;
      }
      return tally(found, worth, to, most);
    },
    postings: () => index.size(),
    bytes: () => index.bytes(),
    freeze: () => index.freeze(),
  };
}

type Tally = (numbers: Int32Array, votes: Int32Array, count: number, most: number) => Int32Array;

/** Sums votes by number in an open table as large as there are votes, cleared by moving a stamp on. */
function tallyOf(room: number): Tally {
  // Stamp, number and sum side by side, so that a vote is one look at memory.
  const table = new Int32Array(4 * 2 ** Math.ceil(Math.log2(2 * room)));
  const used = new Int32Array(room);
  let bestNumbers = new Int32Array(64);
  let bestVotes = new Int32Array(64);
  let stamp = 0;
  return (numbers, votes, count, most) => {
    if (most > bestNumbers.length) {
      bestNumbers = new Int32Array(most);
      bestVotes = new Int32Array(most);
    }
    stamp = (stamp + 1) | 0;
    let mask = 63;
    while (mask < 2 * count) mask = 2 * mask + 1;
    let size = 0;
    for (let i = 0; i < count; i += 1) {
      const number = numbers[i]!;
      let at = (Math.imul(number, 0x9e3779b1) >>> 8) & mask;
      while (table[4 * at] === stamp && table[4 * at + 1] !== number) at = (at + 1) & mask;
      if (table[4 * at] === stamp) {
        table[4 * at + 2]! += votes[i]!;
        continue;
      }
      table[4 * at] = stamp;
      table[4 * at + 1] = number;
      table[4 * at + 2] = votes[i]!;
      used[size] = 4 * at;
      size += 1;
    }
    // Insertion into a short sorted list: most fall below its last at once.
    let best = 0;
    for (let i = 0; i < size; i += 1) {
      const number = table[used[i]! + 1]!;
      const sum = table[used[i]! + 2]!;
      if (best === most) {
        if (best === 0) break;
        const last = bestVotes[best - 1]!;
        if (sum < last || (sum === last && number > bestNumbers[best - 1]!)) continue;
        best -= 1;
      }
      let to = best;
      while (
        to > 0 &&
        (bestVotes[to - 1]! < sum || (bestVotes[to - 1] === sum && bestNumbers[to - 1]! > number))
      ) {
        bestVotes[to] = bestVotes[to - 1]!;
        bestNumbers[to] = bestNumbers[to - 1]!;
        to -= 1;
      }
      bestVotes[to] = sum;
      bestNumbers[to] = number;
      best += 1;
    }
    return bestNumbers.subarray(0, best);
  };
}
