/**
 * The trained model: a folder with `model.json` (what and where) and `weights.bin` (the numbers); that of
 * languages stands beside them in files of its own (`language/file.ts`).
 *
 *     weights.bin:  part | part | part …   each at the offset and length that model.json names
 *     `int8` parts: one signed byte a bucket, times the part's `scale`
 *     `uint8` idf:  one byte a bucket, in twentieths
 *
 * `model.json` carries the SHA-256 of `weights.bin`; a model of another format or with other bytes is refused.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Brands, readBrands } from './brands.ts';
import { loadLanguage } from './language/file.ts';
import type { LanguageModel } from './language.ts';
import { type Finder, finderOf, readLexicon } from './lexicon.ts';
import { type Block, ngramReader, type Reader, type Sparse } from './ngrams.ts';
import type { SignalKind } from './signals/facts.ts';
import { allSignals } from './signals/index.ts';

export const MODEL_FORMAT = 3;
/** Expected share of anything but legit when nobody knows better. */
export const DEFAULT_PRIOR = 0.3;

const part = z.strictObject({ offset: z.int(), length: z.int() });
const head = part.extend({ scale: z.number(), bias: z.number() });
const hashed = z.strictObject({
  bits: z.int(),
  blocks: z.array(
    z.strictObject({
      kind: z.enum(['char', 'word', 'source']),
      min: z.int(),
      max: z.int(),
    }),
  ),
  idf: part,
  heads: z.record(z.string(), head),
});

/** Raw output to log-odds at the share of fraud seen in training. */
const calibration = z.strictObject({ slope: z.number().positive(), offset: z.number(), share: z.number() });

export const modelFile = z.strictObject({
  format: z.literal(MODEL_FORMAT),
  name: z.string(),
  sha256: z.string(),
  prior: z.number(),
  signals: z.record(z.string(), z.number()),
  page: z.strictObject({
    text: hashed,
    source: hashed,
    fuse: z.strictObject({ bias: z.number(), text: z.number(), source: z.number() }),
    calibration,
  }),
  post: z.strictObject({
    text: hashed,
    /** Which kind of fraud a post is, known that it is fraud: over the text's vector folded to `bits`. */
    kinds: z.strictObject({ bits: z.int(), heads: z.record(z.string(), head) }),
    fuse: z.strictObject({ bias: z.number(), text: z.number(), signals: z.number() }),
    calibration,
  }),
});
export type ModelFile = z.infer<typeof modelFile>;

/** A folder that holds no model this version can read. */
export class ModelUnreadableError extends Error {
  override readonly name = 'ModelUnreadableError';
  readonly facts: { readonly folder: string };

  constructor(folder: string, why: string, cause?: unknown) {
    super(
      `The model in ${folder} cannot be used: ${why}. Train one with "kuzet train --pages F --posts F", or install kuzet again.`,
      { cause },
    );
    this.facts = { folder };
  }
}

export interface Head {
  readonly weights: Int8Array;
  readonly scale: number;
  readonly bias: number;
}

export interface HashedModel {
  readonly reader: Reader;
  /** One byte a bucket; only the proportions matter. */
  readonly idf: Uint8Array;
  readonly heads: ReadonlyMap<string, Head>;
}

export type Calibration = z.infer<typeof calibration>;

export interface Model {
  readonly name: string;
  /** Expected share of fraud among what is judged, unless the caller knows better. */
  readonly prior: number;
  readonly find: Finder;
  readonly brands: Brands;
  readonly signals: readonly SignalKind[];
  /** Log-odds at full strength, one a signal. */
  readonly signalWeights: Float64Array;
  readonly language: LanguageModel;
  readonly page: {
    readonly text: HashedModel;
    readonly source: HashedModel;
    readonly fuse: ModelFile['page']['fuse'];
    readonly calibration: Calibration;
  };
  readonly post: {
    readonly text: HashedModel;
    /** Over the text's vector, folded; empty before training. */
    readonly kinds: ReadonlyMap<string, Head>;
    readonly kindBits: number;
    readonly fuse: ModelFile['post']['fuse'];
    readonly calibration: Calibration;
  };
}

/** Where the model that comes with the package lies, from the source as from the built package. */
export const MODELS = new URL('../models/', import.meta.url);

/**
 * @param folder ends with a slash.
 * @throws ModelUnreadableError when there is none, or it is of another format, or its bytes were changed.
 */
export function loadModel(folder: URL = MODELS): Model {
  let file: ModelFile;
  let bytes: Uint8Array;
  try {
    file = modelFile.parse(JSON.parse(readFileSync(new URL('model.json', folder), 'utf8')));
    bytes = readFileSync(new URL('weights.bin', folder));
  } catch (cause) {
    throw new ModelUnreadableError(folder.pathname, 'it is missing, broken or of another version', cause);
  }
  if (createHash('sha256').update(bytes).digest('hex') !== file.sha256) {
    throw new ModelUnreadableError(folder.pathname, 'weights.bin is not the one that model.json describes');
  }
  return modelOf(file, bytes, loadLanguage(folder));
}

export function modelOf(file: ModelFile, bytes: Uint8Array, language: LanguageModel): Model {
  const int8 = ({ offset, length }: { offset: number; length: number }): Int8Array =>
    new Int8Array(bytes.buffer, bytes.byteOffset + offset, length);
  const headsOf = (heads: z.infer<typeof hashed>['heads']): ReadonlyMap<string, Head> =>
    new Map(
      Object.entries(heads).map(([name, { scale, bias, ...at }]) => [
        name,
        { weights: int8(at), scale, bias },
      ]),
    );
  const hashedModel = (it: z.infer<typeof hashed>): HashedModel => ({
    reader: ngramReader(it.bits, it.blocks),
    idf: bytes.subarray(it.idf.offset, it.idf.offset + it.idf.length),
    heads: headsOf(it.heads),
  });
  const lexicon = readLexicon();
  const signals = allSignals(lexicon);
  return {
    name: file.name,
    prior: file.prior,
    find: finderOf(lexicon),
    brands: readBrands(),
    signals,
    signalWeights: Float64Array.from(signals, (signal) => file.signals[signal.id] ?? signal.weight),
    language,
    page: {
      text: hashedModel(file.page.text),
      source: hashedModel(file.page.source),
      fuse: file.page.fuse,
      calibration: file.page.calibration,
    },
    post: {
      text: hashedModel(file.post.text),
      kinds: headsOf(file.post.kinds.heads),
      kindBits: file.post.kinds.bits,
      fuse: file.post.fuse,
      calibration: file.post.calibration,
    },
  };
}

/** Log-odds of a head's class. */
export function headLogit(head: Head, { at, value }: Sparse): number {
  let sum = 0;
  for (let k = 0; k < at.length; k += 1) sum += head.weights[at[k]!]! * value[k]!;
  return sum * head.scale + head.bias;
}

/** Collects parts into the bytes of `weights.bin`. */
export function weightsWriter() {
  const parts: Uint8Array[] = [];
  let length = 0;
  const put = (bytes: Uint8Array): { offset: number; length: number } => {
    const at = { offset: length, length: bytes.length };
    parts.push(bytes);
    length += bytes.length;
    return at;
  };
  const putHeads = (heads: ReadonlyMap<string, Head>): z.infer<typeof hashed>['heads'] =>
    Object.fromEntries(
      [...heads].map(([name, { weights, scale, bias }]) => [name, { ...put(asBytes(weights)), scale, bias }]),
    );
  return {
    heads: putHeads,
    hashed(model: HashedModel, blocks: readonly Block[]): z.infer<typeof hashed> {
      return {
        bits: model.reader.bits,
        blocks: [...blocks],
        idf: put(model.idf),
        heads: putHeads(model.heads),
      };
    },
    bytes(): Uint8Array {
      const all = new Uint8Array(length);
      let at = 0;
      for (const bytes of parts) {
        all.set(bytes, at);
        at += bytes.length;
      }
      return all;
    },
  };
}

function asBytes(weights: Int8Array): Uint8Array {
  return new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength);
}

/** Float weights to signed bytes and one scale; the largest ones are cut at the 99.99th percentile. */
export function quantise(weights: Float32Array, bias: number): Head {
  const sizes = Float32Array.from(weights, Math.abs).sort();
  const most = sizes[Math.floor((sizes.length - 1) * 0.9999)]! || 1;
  const scale = most / 127;
  return {
    weights: Int8Array.from(weights, (it) => Math.max(-127, Math.min(127, Math.round(it / scale)))),
    scale,
    bias,
  };
}
