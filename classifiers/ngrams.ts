/**
 * Hashed n-grams of a text as a sparse vector.
 *
 * Blocks (characters, words, source) share one space of `2^bits` buckets, each with its own salt, and
 * are brought to length 1 apart, so that a long block does not drown a short one. A value is
 * `(1 + ln count) * idf`. Hash: FNV-1a over UTF-16 units with a final mix (murmur3's fmix32).
 * Source: K. Weinberger and others, "Feature hashing for large scale multitask learning" (2009).
 */
import { lower, normalise } from '../domain/text.ts';

export interface Sparse {
  /** Buckets, each once. */
  readonly at: Int32Array;
  readonly value: Float32Array;
}

export interface Block {
  readonly kind: 'char' | 'word' | 'source' | 'markup';
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

export function ngramReader(bits: number, blocks: readonly Block[]): Reader {
  const mask = 2 ** bits - 1;
  const counts = new Uint8Array(mask + 1);
  const hashes = new Int32Array(MOST_GRAMS);
  const touched = new Int32Array(MOST_GRAMS);
  return {
    bits,
    blocks,
    read(text, idf) {
      const parts: Sparse[] = [];
      const forms = { text: '', source: '' };
      for (const [salt, block] of blocks.entries()) {
        if (block.kind === 'char' || block.kind === 'word') {
          if (forms.text === '') forms.text = lower(normalise(text)).replace(/\s+/g, ' ').trim();
        } else if (forms.source === '') forms.source = lower(text);
        const grams =
          block.kind === 'char'
            ? charGrams(` ${forms.text} `, block, salt, hashes)
            : runGrams(tokensOf(block.kind, forms), block, salt, hashes);
        let used = 0;
        for (let i = 0; i < grams; i += 1) {
          const bucket = hashes[i]! & mask;
          const count = counts[bucket]!;
          if (count === 0) {
            touched[used] = bucket;
            used += 1;
          }
          if (count < 255) counts[bucket] = count + 1;
        }
        parts.push(toSparse(counts, touched, used, idf));
      }
      return joined(parts);
    },
  };
}

function tokensOf(kind: 'word' | 'source' | 'markup', forms: { text: string; source: string }): string[] {
  if (kind === 'word') return forms.text.split(' ');
  return kind === 'source' ? sourceTokens(forms.source) : markupTokens(forms.source);
}

function toSparse(counts: Uint8Array, touched: Int32Array, used: number, idf: Uint8Array | null): Sparse {
  const at = touched.slice(0, used);
  const value = new Float32Array(used);
  let square = 0;
  for (let i = 0; i < used; i += 1) {
    const bucket = at[i]!;
    const count = counts[bucket]!;
    const it = (count === 1 ? 1 : 1 + Math.log(count)) * (idf === null ? 1 : idf[bucket]!);
    value[i] = it;
    square += it * it;
    counts[bucket] = 0;
  }
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  for (let i = 0; i < used; i += 1) value[i] = value[i]! * scale;
  return { at, value };
}

function joined(parts: readonly Sparse[]): Sparse {
  if (parts.length === 1) return parts[0]!;
  const length = parts.reduce((sum, part) => sum + part.at.length, 0);
  const at = new Int32Array(length);
  const value = new Float32Array(length);
  let offset = 0;
  for (const part of parts) {
    at.set(part.at, offset);
    value.set(part.value, offset);
    offset += part.at.length;
  }
  return { at, value };
}

/**
 * Hashes of runs of `min..max` characters inside space-separated tokens, a space at either end of each.
 * Writes them to `into` and returns how many.
 */
function charGrams(padded: string, { min, max }: Block, salt: number, into: Int32Array): number {
  const units = new Uint16Array(padded.length);
  for (let i = 0; i < units.length; i += 1) units[i] = padded.charCodeAt(i);
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
      if (unit === 32 && at > from) break;
    }
  }
  return count;
}

/** Hashes of runs of `min..max` tokens, written to `into`; returns how many. */
function runGrams(tokens: readonly string[], { min, max }: Block, salt: number, into: Int32Array): number {
  const hashes = Int32Array.from(tokens, (token) => hashOf(token, salt));
  const most = into.length - max;
  let count = 0;
  for (let from = 0; from < hashes.length && count < most; from += 1) {
    let hash = 0;
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

/** Runs of ASCII letters and digits anywhere in a source, at most 30 letters each, digits as one sign. */
export function sourceTokens(source: string): string[] {
  const tokens: string[] = [];
  for (const [token] of source.slice(0, 150_000).matchAll(/[a-z_][a-z_0-9]{1,29}/g)) tokens.push(token);
  return tokens;
}

/** As `sourceTokens`, but only what stands inside tags: names of elements, attributes, classes, ids, files. */
export function markupTokens(source: string): string[] {
  const tokens: string[] = [];
  const limit = Math.min(source.length, 300_000);
  let at = source.indexOf('<');
  while (at !== -1 && at < limit && tokens.length < 20_000) {
    let end = source.indexOf('>', at);
    if (end === -1 || end - at > 4000) end = Math.min(limit, at + 4000);
    for (const [token] of source.slice(at, end).matchAll(/[a-z_][a-z_0-9]{1,29}/g)) tokens.push(token);
    at = source.indexOf('<', end);
  }
  return tokens;
}

export function hashOf(text: string, salt: number): number {
  let hash = seed(salt);
  for (let i = 0; i < text.length; i += 1) hash = step(hash, text.charCodeAt(i));
  return mix(hash);
}

function seed(salt: number): number {
  return (0x811c9dc5 ^ Math.imul(salt + 1, 0x27d4eb2f)) | 0;
}

function step(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

function mix(hash: number): number {
  let h = hash;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h;
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
