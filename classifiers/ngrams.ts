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
  /**
   * The sum of weights times values of the vector that `read` gives for this part of a text, without making it.
   *
   * @param plain as `plainText` gives it.
   */
  weigh(
    plain: string,
    idf: Uint8Array,
    weights: Int8Array | Float32Array,
    from?: number,
    to?: number,
  ): number;
  /** The same of several weights over the vector folded to `2^folded` buckets, one sum each. */
  weighEach(
    plain: string,
    idf: Uint8Array,
    folded: number,
    weights: readonly (Int8Array | Float32Array)[],
  ): Float64Array;
}

/** A text as its characters and words are read: in its normal form and lower case. */
export function plainText(text: string): string {
  return lower(normalise(text));
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

  /** Counts the grams in `grams`; `touched` names their buckets, in the order of first sight. Returns how many. */
  function count(found: number): number {
    let seen = 0;
    for (let i = 0; i < found; i += 1) {
      const bucket = grams[i]! & mask;
      const times = counts[bucket]!;
      if (times === 0) {
        touched[seen] = bucket;
        seen += 1;
      }
      if (times < 255) counts[bucket] = times + 1;
    }
    return seen;
  }

  function plainGrams(units: Uint16Array, block: Block, salt: number): number {
    return block.kind === 'char'
      ? charGrams(units, block, salt, grams)
      : runGrams(wordHashes(units, starts), block, salt, grams);
  }

  return {
    bits,
    blocks,
    read(text, idf) {
      let units: Uint16Array | null = null;
      let tokens: Int32Array | null = null;
      let used = 0;
      for (const [salt, block] of blocks.entries()) {
        let found: number;
        if (block.kind === 'source') {
          tokens ??= tokenHashes(text, starts);
          found = runGrams(tokens, block, salt, grams);
        } else {
          units ??= unitsOf(plainText(text));
          found = plainGrams(units, block, salt);
        }
        used = emit(count(found), used, idf);
      }
      return { at: at.slice(0, used), value: value.slice(0, used) };
    },
    weigh(plain, idf, weights, from = 0, to = plain.length) {
      const units = unitsOf(plain, from, to);
      let logit = 0;
      for (let salt = 0; salt < blocks.length; salt += 1) {
        const seen = count(plainGrams(units, blocks[salt]!, salt));
        let square = 0;
        let sum = 0;
        for (let i = 0; i < seen; i += 1) {
          const bucket = touched[i]!;
          const it = TIMES[counts[bucket]!]! * idf[bucket]!;
          counts[bucket] = 0;
          square += it * it;
          sum += it * weights[bucket]!;
        }
        if (square > 0) logit += sum / Math.sqrt(square);
      }
      return logit;
    },
    weighEach(plain, idf, folded, weights) {
      const units = unitsOf(plain);
      const small = 2 ** folded - 1;
      const logits = new Float64Array(weights.length);
      for (let salt = 0; salt < blocks.length; salt += 1) {
        const seen = count(plainGrams(units, blocks[salt]!, salt));
        emit(seen, 0, idf);
        for (let w = 0; w < weights.length; w += 1) {
          const of = weights[w]!;
          let sum = 0;
          for (let i = 0; i < seen; i += 1) sum += value[i]! * of[at[i]! & small]!;
          logits[w] = logits[w]! + sum;
        }
      }
      return logits;
    },
  };
}

/** A part of the text with one space before, after and in place of every white space; good until the next call. */
function unitsOf(text: string, from = 0, to = text.length): Uint16Array {
  if (scratch.length < to - from + 2) scratch = new Uint16Array(2 * (to - from + 2));
  const units = scratch;
  units[0] = SPACE;
  let length = 1;
  for (let i = from; i < to; i += 1) {
    const unit = text.charCodeAt(i);
    const isSpace = unit <= SPACE || (unit >= 0x2000 && unit <= 0x3000 && WHITE.test(text[i]!));
    if (!isSpace) units[length++] = unit;
    else if (units[length - 1] !== SPACE) units[length++] = SPACE;
  }
  if (units[length - 1] !== SPACE) units[length++] = SPACE;
  return units.subarray(0, length);
}

let scratch = new Uint16Array(1 << 14);
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

/** `hashOf` of some of these words with a space between each two, without making that text. */
export function hashOfWords(words: readonly string[], from: number, to: number, salt: number): number {
  let hash = seed(salt);
  for (let at = from; at < to; at += 1) {
    if (at > from) hash = step(hash, SPACE);
    const word = words[at]!;
    for (let i = 0; i < word.length; i += 1) hash = step(hash, word.charCodeAt(i));
  }
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
