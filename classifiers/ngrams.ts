/**
 * Hashed n-grams of a text as a sparse vector.
 *
 * Blocks (runs of characters of one length or several, words, tokens of a source) share one space of
 * `2^bits` buckets, each with its own salt, and are brought to length 1 apart: a block of single letters
 * then weighs as much as one of words, which is what tells style from topic. A value is
 * `(1 + ln count) * idf`. Hash: FNV-1a over UTF-16 units with a final mix (murmur3's fmix32).
 * Source: K. Weinberger and others, "Feature hashing for large scale multitask learning" (2009).
 */

import { lower, normalise } from '../domain/text.ts';
import { mix } from './mix.ts';

export interface Sparse {
  /** Buckets, each once a block. */
  readonly at: Int32Array;
  readonly value: Float32Array;
}

export interface Block {
  readonly kind: 'char' | 'word' | 'source';
  readonly min: number;
  readonly max: number;
}

/** Reads texts into vectors over `2^bits` buckets; keeps its scratch space between calls. */
export interface Reader {
  readonly bits: number;
  readonly blocks: readonly Block[];
  /** @param idf one weight a bucket, of any scale, since vectors are brought to length 1; null for 1 everywhere. */
  read(text: string, idf: Uint8Array | null): Sparse;
}

const MOST_GRAMS = 400_000;
const SPACE = 32;
/** `1 + ln count` for counts up to 255. */
const TIMES = Float32Array.from({ length: 256 }, (_, count) => (count < 2 ? count : 1 + Math.log(count)));

export function ngramReader(bits: number, blocks: readonly Block[]): Reader {
  const mask = 2 ** bits - 1;
  const counts = new Uint8Array(mask + 1);
  const grams = new Int32Array(MOST_GRAMS);
  const touched = new Int32Array(MOST_GRAMS);
  let room = 1 << 14;
  let at = new Int32Array(room);
  let value = new Float32Array(room);
  const starts = new Int32Array(MOST_GRAMS);

  /** Brings one block's counts to length 1, writes them behind `used` and clears the counts. */
  function emit(seen: number, used: number, idf: Uint8Array | null): number {
    if (used + seen > room) {
      room = Math.max(room * 2, used + seen);
      const [oldAt, oldValue] = [at, value];
      at = new Int32Array(room);
      value = new Float32Array(room);
      at.set(oldAt.subarray(0, used));
      value.set(oldValue.subarray(0, used));
    }
    let square = 0;
    for (let i = 0; i < seen; i += 1) {
      const bucket = touched[i]!;
      const it = TIMES[counts[bucket]!]! * (idf === null ? 1 : idf[bucket]!);
      counts[bucket] = 0;
      at[used + i] = bucket;
      value[used + i] = it;
      square += it * it;
    }
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let i = used; i < used + seen; i += 1) value[i] = value[i]! * scale;
    return used + seen;
  }

  return {
    bits,
    blocks,
    read(text, idf) {
      let plain: Uint16Array | null = null;
      let tokens: Int32Array | null = null;
      let used = 0;
      for (const [salt, block] of blocks.entries()) {
        let found: number;
        if (block.kind === 'char' || block.kind === 'word') {
          plain ??= unitsOf(lower(normalise(text)));
          found =
            block.kind === 'char'
              ? charGrams(plain, block, salt, grams)
              : runGrams(wordHashes(plain, starts), block, salt, grams);
        } else {
          tokens ??= tokenHashes(text, starts);
          found = runGrams(tokens, block, salt, grams);
        }
        let seen = 0;
        for (let i = 0; i < found; i += 1) {
          const bucket = grams[i]! & mask;
          const count = counts[bucket]!;
          if (count === 0) {
            touched[seen] = bucket;
            seen += 1;
          }
          if (count < 255) counts[bucket] = count + 1;
        }
        used = emit(seen, used, idf);
      }
      return { at: at.slice(0, used), value: value.slice(0, used) };
    },
  };
}

/** The text with one space before, after and in place of every white space. */
function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length + 2);
  units[0] = SPACE;
  let length = 1;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    const isSpace = unit <= SPACE || (unit >= 0x2000 && unit <= 0x3000 && WHITE.test(text[i]!));
    if (!isSpace) units[length++] = unit;
    else if (units[length - 1] !== SPACE) units[length++] = SPACE;
  }
  if (units[length - 1] !== SPACE) units[length++] = SPACE;
  return units.subarray(0, length);
}

const WHITE = /\s/;

/**
 * Hashes of runs of `min..max` characters inside space-separated words, a space at either end of each.
 * Writes them to `into` and returns how many.
 */
function charGrams(units: Uint16Array, { min, max }: Block, salt: number, into: Int32Array): number {
  const start = seed(salt);
  const most = into.length - max;
  let count = 0;
  for (let from = 0; from < units.length && count < most; from += 1) {
    let hash = start;
    const last = Math.min(units.length, from + max);
    for (let at = from; at < last; at += 1) {
      const unit = units[at]!;
      hash = step(hash, unit);
      if (at - from >= min - 1) {
        into[count] = mix(hash);
        count += 1;
      }
      if (unit === SPACE && at > from) break;
    }
  }
  return count;
}

/** Hashes of runs of `min..max` words or tokens, written to `into`; returns how many. */
function runGrams(hashes: Int32Array, { min, max }: Block, salt: number, into: Int32Array): number {
  const start = seed(salt);
  const most = into.length - max;
  let count = 0;
  for (let from = 0; from < hashes.length && count < most; from += 1) {
    let hash = start;
    const last = Math.min(hashes.length, from + max);
    for (let at = from; at < last; at += 1) {
      hash = (Math.imul(hash, 31) + hashes[at]!) | 0;
      if (at - from >= min - 1) {
        into[count] = mix(hash);
        count += 1;
      }
    }
  }
  return count;
}

/** Hash of each space-separated word; a view of `into`, good until the next call. */
function wordHashes(units: Uint16Array, into: Int32Array): Int32Array {
  let count = 0;
  let hash = BASIS;
  let isIn = false;
  for (let at = 0; at < units.length; at += 1) {
    const unit = units[at]!;
    if (unit !== SPACE) {
      hash = step(hash, unit);
      isIn = true;
    } else if (isIn) {
      into[count] = hash;
      count += 1;
      hash = BASIS;
      isIn = false;
      if (count === into.length) break;
    }
  }
  return into.subarray(0, count);
}

const MOST_SOURCE = 150_000;
const LONGEST_TOKEN = 30;

/**
 * Hashes of the tokens in the first 150,000 characters of a source: ASCII letters first, then letters, digits
 * and `_`, two of them or more, of which the first 30 count, in lower case. A copy, so that `into` is free for words.
 */
function tokenHashes(source: string, into: Int32Array): Int32Array {
  const limit = Math.min(source.length, MOST_SOURCE);
  let count = 0;
  let hash = BASIS;
  let length = 0;
  for (let at = 0; at <= limit && count < into.length; at += 1) {
    let unit = at < limit ? source.charCodeAt(at) : SPACE;
    if (unit >= 65 && unit <= 90) unit += 32;
    const isLetter = (unit >= 97 && unit <= 122) || unit === 95;
    if (isLetter || (length > 0 && unit >= 48 && unit <= 57)) {
      if (length < LONGEST_TOKEN) hash = step(hash, unit);
      length += 1;
    } else if (length > 0) {
      if (length > 1) {
        into[count] = hash;
        count += 1;
      }
      hash = BASIS;
      length = 0;
    }
  }
  return into.slice(0, count);
}

/** One hash of a whole text. */
export function hashOf(text: string, salt: number): number {
  let hash = seed(salt);
  for (let i = 0; i < text.length; i += 1) hash = step(hash, text.charCodeAt(i));
  return mix(hash);
}

const BASIS = 0x811c9dc5 | 0;

function seed(salt: number): number {
  return (BASIS ^ Math.imul(salt + 1, 0x27d4eb2f)) | 0;
}

function step(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

/** `ln((1 + texts) / (1 + texts with the bucket)) + 1` for every bucket, in twentieths, at most 255 of them. */
export function idfOf(vectors: readonly Sparse[], bits: number): Uint8Array {
  const seen = new Uint32Array(2 ** bits);
  const last = new Int32Array(2 ** bits).fill(-1);
  for (const [i, { at }] of vectors.entries()) {
    for (const bucket of at) {
      if (last[bucket] === i) continue;
      last[bucket] = i;
      seen[bucket] = seen[bucket]! + 1;
    }
  }
  return Uint8Array.from(seen, (count) =>
    Math.min(255, Math.round(20 * (Math.log((1 + vectors.length) / (1 + count)) + 1))),
  );
}

/** The same vector over fewer buckets: a small model can then share the reading of a large one. */
export function foldedTo(bits: number, { at, value }: Sparse): Sparse {
  const mask = 2 ** bits - 1;
  return { at: at.map((bucket) => bucket & mask), value };
}
