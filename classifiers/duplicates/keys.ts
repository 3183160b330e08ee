/**
 * Keys under which a listing is filed: two listings that share one are worth comparing.
 *
 *     whole, title            folded text and folded title (three words and more)
 *     phone, device, seller   of the form, and phones in the words
 *     rare                    each of the rarest dozen words
 *     band                    three neighbouring bins of a sketch over words and pairs of words that are not common
 *
 * Addresses (IP) are no key: behind one of a carrier sits half a town.
 */
import { mix } from '../mix.ts';
import { hashWord, joinHashes, NOTHING, unitTable } from './skeleton.ts';
import { sketch } from './sketch.ts';
import { meaningOfHash } from './vocabulary.ts';

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
  /** The sketch alone, 32 bins; good until the next call. */
  sketch(listing: Filed): Uint32Array;
  /** How many listings were counted. */
  size(): number;
  /** What a snapshot keeps. */
  counters(): Uint32Array;
}

const PLACES = Object.fromEntries(KEY_KINDS.map((kind, at) => [kind, at])) as Record<KeyKind, number>;

const RARE = 12;
/** A word in more than this share of listings is part of how everyone writes. */
const COMMON = 0.02;
const BINS = 32;
const ROWS = 3;
const BANDS = 10;
const MOST_WORDS = 2_048;
const COUNTERS = 2 ** 20;

export function keyReader(saved?: Uint32Array): KeyReader {
  // The last counter holds the number of listings.
  const counters = saved ?? new Uint32Array(COUNTERS + 1);
  const words = new Int32Array(MOST_WORDS);
  const shingles = new Int32Array(2 * MOST_WORDS);
  const seen = new Int32Array(MOST_WORDS * 4);
  const stamps = new Int32Array(MOST_WORDS * 4);
  let stamp = 0;
  const bins = new Uint32Array(BINS);
  const hashes = new Uint32Array(64);
  const kinds = new Uint8Array(64);
  const rareAt = new Int32Array(RARE);
  const rareCount = new Uint32Array(RARE);
  let titleWords = 0;
  let last: Filed | null = null;
  let lastCount = 0;

  /** Meanings of all words in order, into `words`. */
  const readWords = (listing: Filed): number => {
    if (listing === last) return lastCount;
    titleWords = push(listing.title, words, 0);
    last = listing;
    lastCount = push(listing.text, words, titleWords);
    return lastCount;
  };

  /** Whether a hash is new since the stamp was moved on. */
  const isNew = (hash: number): boolean => {
    let at = hash & (seen.length - 1);
    while (stamps[at] === stamp) {
      if (seen[at] === hash) return false;
      at = (at + 1) & (seen.length - 1);
    }
    stamps[at] = stamp;
    seen[at] = hash;
    return true;
  };

  const sketched = (count: number): void => {
    const common = Math.max(50, COMMON * counters[COUNTERS]!);
    let shingle = 0;
    let before = 0;
    let wasCommon = true;
    for (let at = 0; at < count; at += 1) {
      const word = words[at]!;
      const isCommon = counters[word & (COUNTERS - 1)]! > common;
      if (!isCommon) shingles[shingle++] = word;
      if (at > 0 && !(isCommon && wasCommon)) shingles[shingle++] = joinHashes(before, word);
      before = word;
      wasCommon = isCommon;
    }
    sketch(shingles, shingle, bins);
  };

  return {
    count(listing, by) {
      const count = readWords(listing);
      stamp += 1;
      for (let at = 0; at < count; at += 1) {
        const word = words[at]!;
        if (!isNew(word)) continue;
        const to = word & (COUNTERS - 1);
        counters[to] = Math.max(0, counters[to]! + by);
      }
      counters[COUNTERS] = Math.max(0, counters[COUNTERS]! + by);
    },
    keys(listing) {
      const count = readWords(listing);
      let n = 0;
      const file = (kind: KeyKind, hash: number): void => {
        const at = PLACES[kind];
        hashes[n] = mix(hash ^ Math.imul(at + 1, 0x9e3779b1));
        kinds[n] = at;
        n += 1;
      };
      let whole = count;
      for (let at = 0; at < count; at += 1) {
        whole = joinHashes(whole, words[at]!);
        if (at + 1 === titleWords && titleWords > 2) file('title', whole - count);
      }
      if (count > 2) file('whole', whole);
      for (const phone of listing.phones.slice(0, 4)) file('phone', hashWord(phone));
      if (listing.device !== null) file('device', hashWord(listing.device));
      if (listing.seller !== null) file('seller', hashWord(listing.seller));
      // The rarest words by insertion into a short sorted list; ties go by hash, so that both of a pair agree.
      stamp += 1;
      let rare = 0;
      for (let at = 0; at < count; at += 1) {
        const word = words[at]!;
        if (!isNew(word)) continue;
        const seenIn = counters[word & (COUNTERS - 1)]!;
        let to = rare;
        while (
          to > 0 &&
          (rareCount[to - 1]! > seenIn || (rareCount[to - 1] === seenIn && rareAt[to - 1]! > word))
        ) {
          to -= 1;
        }
        if (to >= RARE) continue;
        if (rare < RARE) rare += 1;
        for (let k = rare - 1; k > to; k -= 1) {
          rareAt[k] = rareAt[k - 1]!;
          rareCount[k] = rareCount[k - 1]!;
        }
        rareAt[to] = word;
        rareCount[to] = seenIn;
      }
      for (let at = 0; at < rare; at += 1) file('rare', rareAt[at]!);
      sketched(count);
      if (bins[0] !== 0xffffffff) {
        for (let band = 0; band < BANDS; band += 1) {
          const from = band * ROWS;
          const first = joinHashes(bins[from]!, bins[from + 1]!);
          file('band', joinHashes(joinHashes(first, bins[from + 2]!), band));
        }
      }
      return { hashes, kinds, count: n };
    },
    sketch(listing) {
      sketched(readWords(listing));
      return bins;
    },
    size: () => counters[COUNTERS]!,
    counters: () => counters,
  };
}

/**
 * Meanings of the words of a text, from `at` on; returns where they end. The same letters as `skeletonBytes`
 * gives, hashed as they come: this runs for every listing there is.
 */
function push(text: string, into: Int32Array, at: number): number {
  const units = unitTable();
  let to = at;
  let hash = START;
  let last = 0;
  for (let i = 0; i < text.length; i += 1) {
    let packed = units[text.charCodeAt(i)]!;
    if (packed === NOTHING) continue;
    if (packed === 0) {
      if (last !== 0 && to < into.length) {
        into[to] = meaningOfHash(mix(hash));
        to += 1;
        hash = START;
        last = 0;
      }
      continue;
    }
    while (packed !== 0) {
      const sign = packed & 255;
      packed >>>= 8;
      if (sign > 57 && sign === last) continue;
      if (last !== 0 && sign > 57 !== last > 57 && to < into.length) {
        into[to] = meaningOfHash(mix(hash));
        to += 1;
        hash = START;
      }
      hash = Math.imul(hash ^ sign, 0x01000193);
      last = sign;
    }
  }
  if (last !== 0 && to < into.length) {
    into[to] = meaningOfHash(mix(hash));
    to += 1;
  }
  return to;
}

/** Offset basis of FNV-1a. */
const START = 0x811c9dc5;
