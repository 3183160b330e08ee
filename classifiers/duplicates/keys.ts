/**
 * Keys under which a listing is filed: two listings that share one are worth comparing.
 *
 *     whole, title            folded text and folded title (three words and more)
 *     phone, device, seller   of the form, and phones in the words
 *     rare                    each of the eight rarest words
 *     band                    three bins of a sketch over words and pairs of words that are not common
 *
 * Addresses (IP) are no key: behind one of a carrier sits half a town.
 */
import { mix } from '../mix.ts';
import { pushMeanings } from './meanings.ts';
import { hashWord, joinHashes } from './skeleton.ts';
import { compete, densify, EMPTY } from './sketch.ts';

/** What is filed of a listing. */
export interface Filed {
  readonly title: string;
  readonly text: string;
  /** E.164. */
  readonly phones: readonly string[];
  readonly device: string | null;
  readonly seller: string | null;
}

export const KEY_KINDS = ['whole', 'title', 'phone', 'device', 'seller', 'rare', 'band'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** Keys and their kinds (places in `KEY_KINDS`); good until the next reading. */
export interface Keys {
  readonly hashes: Uint32Array;
  readonly kinds: Uint8Array;
  readonly count: number;
}

/** Reads listings into keys and counts their words; keeps its scratch space between calls. */
export interface KeyReader {
  /** Counts the words of a listing, so that its rare ones are known. */
  count(listing: Filed, by: 1 | -1): void;
  keys(listing: Filed): Keys;
  /** The sketch alone, 16 bins; good until the next call. */
  sketch(listing: Filed): Int32Array;
  /** How many listings were counted. */
  size(): number;
  bytes(): number;
  /** What a snapshot keeps. */
  counters(): Uint32Array;
}

const RARE = 8;
/** A word in more than this share of listings is part of how everyone writes. */
const COMMON = 0.02;
/** A word in so many listings fills its bucket beyond use: it is no key. */
const USELESS = 200;
const UP = 4;
const BINS = 2 ** UP;
/** Bins of a band. Few bins that nearly always hold something tell more than many of which some borrow. */
const BANDS: readonly (readonly [number, number, number])[] = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
  [9, 10, 11],
  [12, 13, 14],
  [15, 4, 10],
];
const MOST_WORDS = 2_048;
const COUNTERS = 2 ** 20;
const SLOTS = 4 * MOST_WORDS;

export function keyReader(saved?: Uint32Array): KeyReader {
  // The last counter holds the number of listings.
  const counters = saved ?? new Uint32Array(COUNTERS + 1);
  const words = new Int32Array(MOST_WORDS);
  const distinct = new Int32Array(MOST_WORDS);
  // Stamp and hash side by side.
  const seen = new Int32Array(2 * SLOTS);
  let stamp = 0;
  const bins = new Int32Array(BINS);
  const hashes = new Uint32Array(64);
  const kinds = new Uint8Array(64);
  const rareAt = new Int32Array(RARE);
  const rareCount = new Uint32Array(RARE);
  let titleWords = 0;
  let last: Filed | null = null;
  let lastCount = 0;
  /** How many of `distinct` are filled; -1 before they were looked for. */
  let lastDistinct = -1;

  return {
    count(listing, by) {
      const count = readDistinct(listing);
      for (let at = 0; at < count; at += 1) {
        const to = distinct[at]! & (COUNTERS - 1);
        counters[to] = Math.max(0, counters[to]! + by);
      }
      counters[COUNTERS] = Math.max(0, counters[COUNTERS]! + by);
    },
    keys(listing) {
      const different = readDistinct(listing);
      const count = lastCount;
      let n = 0;
      let whole = count;
      for (let at = 0; at < count; at += 1) {
        whole = Math.imul(whole, 0x9e3779b1) + words[at]!;
        if (at + 1 === titleWords && titleWords > 2) n = file(n, TITLE, whole - count);
      }
      if (count > 2) n = file(n, WHOLE, whole);
      for (let at = 0; at < listing.phones.length && at < MOST_PHONES; at += 1) {
        n = file(n, PHONE, hashWord(listing.phones[at]!));
      }
      if (listing.device !== null) n = file(n, DEVICE, hashWord(listing.device));
      if (listing.seller !== null) n = file(n, SELLER, hashWord(listing.seller));
      const rare = rarest(different);
      for (let at = 0; at < rare; at += 1) n = file(n, RARE_WORD, rareAt[at]!);
      readSketch(count);
      if (bins[0] !== EMPTY) {
        for (let band = 0; band < BANDS.length; band += 1) {
          const [a, b, c] = BANDS[band]!;
          const first = joinHashes(bins[a]!, bins[b]!);
          n = file(n, BAND, joinHashes(joinHashes(first, bins[c]!), band));
        }
      }
      return { hashes, kinds, count: n };
    },
    sketch(listing) {
      readSketch(readWords(listing));
      return bins;
    },
    size: () => counters[COUNTERS]!,
    bytes: () => counters.byteLength + seen.byteLength,
    counters: () => counters,
  };

  function file(n: number, kind: number, hash: number): number {
    hashes[n] = mix(hash ^ Math.imul(kind + 1, 0x9e3779b1));
    kinds[n] = kind;
    return n + 1;
  }

  /** Meanings of all words in order, into `words`. */
  function readWords(listing: Filed): number {
    if (listing === last) return lastCount;
    titleWords = pushMeanings(listing.title, words, 0);
    last = listing;
    lastDistinct = -1;
    lastCount = pushMeanings(listing.text, words, titleWords);
    return lastCount;
  }

  /** The same, each once, into `distinct`. */
  function readDistinct(listing: Filed): number {
    const count = readWords(listing);
    if (lastDistinct >= 0) return lastDistinct;
    stamp = (stamp + 1) | 0;
    let to = 0;
    for (let i = 0; i < count; i += 1) {
      const word = words[i]!;
      let at = 2 * (word & (SLOTS - 1));
      while (seen[at] === stamp && seen[at + 1] !== word) at = (at + 2) & (2 * SLOTS - 1);
      if (seen[at] === stamp) continue;
      seen[at] = stamp;
      seen[at + 1] = word;
      distinct[to] = word;
      to += 1;
    }
    lastDistinct = to;
    return to;
  }

  /** The rarest words by insertion into a short sorted list; ties go by hash, so that both of a pair agree. */
  function rarest(count: number): number {
    let rare = 0;
    for (let at = 0; at < count; at += 1) {
      const word = distinct[at]!;
      const seenIn = counters[word & (COUNTERS - 1)]!;
      if (seenIn > USELESS) continue;
      if (rare === RARE) {
        const most = rareCount[RARE - 1]!;
        if (seenIn > most || (seenIn === most && word >= rareAt[RARE - 1]!)) continue;
        rare -= 1;
      }
      let to = rare;
      while (
        to > 0 &&
        (rareCount[to - 1]! > seenIn || (rareCount[to - 1] === seenIn && rareAt[to - 1]! > word))
      ) {
        rareAt[to] = rareAt[to - 1]!;
        rareCount[to] = rareCount[to - 1]!;
        to -= 1;
      }
      rareAt[to] = word;
      rareCount[to] = seenIn;
      rare += 1;
    }
    return rare;
  }

  /** The sketch of words and pairs of words that are not common, into `bins`. */
  function readSketch(count: number): void {
    const common = Math.max(50, Math.floor(COMMON * counters[COUNTERS]!));
    for (let at = 0; at < BINS; at += 1) bins[at] = EMPTY;
    let before = 0;
    // -1 for yes, 0 for no.
    let wasCommon = -1;
    for (let at = 0; at < count; at += 1) {
      const word = words[at]!;
      const isCommon = (common - counters[word & (COUNTERS - 1)]!) >> 31;
      compete(bins, UP, word, isCommon);
      compete(bins, UP, pairHash(before, word), isCommon & wasCommon);
      before = word;
      wasCommon = isCommon;
    }
    densify(bins);
  }
}

/** Two mixed hashes as one, order kept: less mixed than `joinHashes` makes it, and enough for a bin. */
function pairHash(first: number, second: number): number {
  const both = Math.imul(first, 0x85ebca6b) + second;
  return Math.imul(both ^ (both >>> 15), 0xc2b2ae35);
}

const [WHOLE, TITLE, PHONE, DEVICE, SELLER, RARE_WORD, BAND] = KEY_KINDS.map((_, at) => at) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const MOST_PHONES = 4;
