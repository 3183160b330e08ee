/**
 * How common things are among the listings at hand: words, titles, phones, addresses. What is common proves
 * little; what is rare proves much.
 *
 * Counters lie in tables of a fixed size indexed by hash, so memory does not grow with the listings; two
 * words in one counter make both look a little more common. Listings can be taken out again.
 */

import { mix } from '../mix.ts';
import type { Profile } from './profile.ts';
import { hashWord } from './skeleton.ts';

const BITS = 21;

export interface Frequencies {
  /** Listings counted. */
  size(): number;
  /** A number that is another one after every `add` and `remove`: how common things are stays the same while it does. */
  changes(): number;
  add(profile: Profile): void;
  remove(profile: Profile): void;
  /** Listings with the word or pair of words, at least 1. */
  ofWord(hash: number): number;
  ofPair(hash: number): number;
  ofTitle(titleKey: number): number;
  ofWhole(wholeKey: number): number;
  /** Listings with this value of a field; 1 for null. */
  ofPhone(phone: string | null): number;
  ofIp(ip: string | null): number;
  ofDevice(device: string | null): number;
  ofSeller(seller: string | null): number;
  bytes(): number;
  /** What a snapshot keeps: the tables themselves. */
  counted(): Counted;
  /** ln of listings a listing with the word, >= 0. */
  rarity(hash: number): number;
}

/** Counters of a `frequencies`, and how many listings were counted. */
export interface Counted {
  readonly size: number;
  readonly words: Uint32Array;
  /** Only whether a pair is rare is asked. */
  readonly pairs: Uint8Array;
  readonly fields: Uint16Array;
}

/** How common words were where the model was trained: of `size` listings, how many have each, by hash. */
export interface WordPrior {
  readonly size: number;
  /** 2^15 counters. */
  readonly words: Uint16Array;
}

/** What was learnt in training counts like so many listings: it speaks where few are at hand. */
const PRIOR_SIZE = 4_000;
export const PRIOR_WORDS = 2 ** 15;

export function wordPriorOf(corpora: readonly Iterable<Profile>[]): WordPrior {
  const counted = new Float64Array(PRIOR_WORDS);
  let size = 0;
  for (const corpus of corpora) {
    for (const { wholeSet } of corpus) {
      size += 1;
      for (const hash of wholeSet) counted[hash & (PRIOR_WORDS - 1)]! += 1;
    }
  }
  // So that the most common word fits 16 bits.
  const scale = Math.min(1, 65_000 / Math.max(1, size));
  return { size: Math.round(size * scale), words: Uint16Array.from(counted, (it) => Math.round(it * scale)) };
}

/** @param bits of each table: 2^bits counters. @param saved of tables of the same size. */
export function frequencies(prior: WordPrior | null = null, bits = BITS, saved?: Counted): Frequencies {
  const mask = 2 ** bits - 1;
  let size = saved?.size ?? 0;
  let changes = 0;
  const words = saved?.words ?? new Uint32Array(mask + 1);
  const pairs = saved?.pairs ?? new Uint8Array(mask + 1);
  const fields = saved?.fields ?? new Uint16Array(mask + 1);
  const count = (profile: Profile, by: 1 | -1): void => {
    size += by;
    changes += 1;
    for (const hash of profile.wholeSet) bump(words, hash, by);
    for (const hash of profile.pairSet) bump(pairs, hash, by);
    bump(fields, salted(profile.titleKey, 1), by);
    bump(fields, salted(profile.wholeKey, 2), by);
    for (const [salt, value] of [
      [3, profile.phone],
      [4, profile.ip],
      [5, profile.device],
      [6, profile.seller],
    ] as const) {
      if (value !== null) bump(fields, salted(hashWord(value), salt), by);
    }
  };
  const field = (value: string | null, salt: number): number =>
    value === null ? 1 : Math.max(1, fields[salted(hashWord(value), salt) & mask]!);
  return {
    size: () => size,
    changes: () => changes,
    bytes: () => words.byteLength + pairs.byteLength + fields.byteLength,
    counted: () => ({ size, words, pairs, fields }),
    add: (profile) => count(profile, 1),
    remove: (profile) => count(profile, -1),
    ofWord: (hash) => Math.max(1, words[hash & mask]!),
    ofPair: (hash) => Math.max(1, pairs[hash & mask]!),
    ofTitle: (key) => Math.max(1, fields[salted(key, 1) & mask]!),
    ofWhole: (key) => Math.max(1, fields[salted(key, 2) & mask]!),
    ofPhone: (phone) => field(phone, 3),
    ofIp: (ip) => field(ip, 4),
    ofDevice: (device) => field(device, 5),
    ofSeller: (seller) => field(seller, 6),
    rarity(hash) {
      const own = Math.max(1, words[hash & mask]!);
      if (prior === null) return Math.log(Math.max(size, 200) / own);
      const before = (PRIOR_SIZE * prior.words[hash & (PRIOR_WORDS - 1)]!) / prior.size;
      return Math.log(Math.max(1, (size + PRIOR_SIZE) / (own + before)));
    },
  };
}

/** A counter that is full stays so: what it could not count up it must not count down. */
function bump(table: Uint32Array | Uint16Array | Uint8Array, hash: number, by: 1 | -1): void {
  const at = hash & (table.length - 1);
  const now = table[at]!;
  if (now === 2 ** (8 * table.BYTES_PER_ELEMENT) - 1) return;
  table[at] = Math.max(0, now + by);
}

function salted(hash: number, salt: number): number {
  return mix(hash ^ Math.imul(salt, 0x9e3779b1));
}
