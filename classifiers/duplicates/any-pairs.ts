/**
 * Pairs of anything: two texts, or two flat records of the same fields. Learns from labelled pairs whether
 * two name one thing, or say one thing.
 *
 * A pair becomes numbers: how much of the words, beginnings of words, letters and codes is shared, weighed by
 * rarity, over the whole record and field by field. Rarity is counted over the training pairs and the pairs
 * being asked about, which need no labels for that.
 */
import { z } from 'zod';
import { lower, normalise } from '../../domain/text.ts';
import { auc } from '../measure.ts';
import { mix } from '../mix.ts';
import { seededRandom } from '../random.ts';
import { base64, bytesOf, calibration, logistic, packedTrees, packTrees, unpackTrees } from './boosting.ts';
import { overlap, setOf } from './sets.ts';
import { hashWord, joinHashes } from './skeleton.ts';
import { isNear } from './spelling.ts';
import { askTrees, type Trees, trainTrees } from './trees.ts';

/** A text, or a record of named fields. */
export type Thing = string | Readonly<Record<string, string>>;

export interface AnyPair {
  readonly a: Thing;
  readonly b: Thing;
}

export const anyModelFile = z.strictObject({
  format: z.literal(1),
  kind: z.literal('pairs'),
  /** Compared one by one, besides the whole; empty for texts. */
  fields: z.array(z.string()),
  /** Records counted, and how many have each of 2^16 words: base64 of 16-bit numbers, at most 65,535. */
  records: z.int(),
  words: z.base64(),
  trees: z.array(packedTrees),
  slope: z.number(),
  offset: z.number(),
});
export type AnyModelFile = z.infer<typeof anyModelFile>;

export interface AnyTraining {
  readonly pairs: readonly (AnyPair & { readonly isOne: boolean })[];
  readonly seed: number;
}

const WORD_BITS = 16;
const FOLDS = 5;
const PARTS = 3;
/** Models of different seeds whose log-odds are averaged. */
const VOICES = 3;

export interface AnyTrained {
  readonly file: AnyModelFile;
  /** On pairs held out in training, none of which shares its first record with one trained on. */
  readonly heldOut: { readonly auc: number; readonly f1: number };
}

export function trainAnyPairs({ pairs, seed }: AnyTraining): AnyTrained {
  const fields = fieldsOf(pairs);
  const rarity = rarityOf(pairs);
  // As if asked about in three parts: who asks about a few pairs brings fewer rivals than there are here.
  const random = seededRandom(seed);
  const parts = pairs.map(() => Math.floor(random() * PARTS));
  const rows = rowsOf(pairs, fields, rarity, (at) => parts[at]!);
  const isOne = pairs.map((pair) => pair.isOne);
  const foldOf = foldsOf(pairs);
  const heldOut: { logOdds: number; isCopy: boolean; weight: number }[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const kept = rows.flatMap((_, at) => (foldOf[at] === fold ? [] : [at]));
    const trees = voices(
      kept.map((at) => rows[at]!),
      kept.map((at) => isOne[at]!),
      seed + fold,
      1,
    );
    for (const [at, row] of rows.entries()) {
      if (foldOf[at] !== fold) continue;
      heldOut.push({ logOdds: ask(trees, row), isCopy: isOne[at]!, weight: 1 });
    }
  }
  const { slope, offset } = calibration(heldOut);
  const scored = heldOut.map(({ logOdds, isCopy }) => ({ score: slope * logOdds + offset, isCopy }));
  const { cut, f1 } = bestCut(scored);
  const file: AnyModelFile = {
    format: 1,
    kind: 'pairs',
    fields,
    records: rarity.records,
    words: base64(rarity.words),
    trees: voices(rows, isOne, seed, VOICES).map(packTrees),
    slope,
    offset: offset - cut,
  };
  const heldOutAuc = auc(scored.map(({ score, isCopy }) => ({ score, isBad: isCopy })));
  return { file, heldOut: { auc: heldOutAuc, f1 } };
}

/** Scores in the order of the pairs, 0..1; 0.5 is where F1 was best on pairs held out in training. */
export function scoreAnyPairs(file: AnyModelFile, pairs: readonly AnyPair[]): number[] {
  const words = new Uint16Array(bytesOf(file.words));
  const rarity = rarityOf(pairs, { records: file.records, words });
  const trees = file.trees.map(unpackTrees);
  return rowsOf(pairs, file.fields, rarity).map((row) =>
    logistic(file.slope * ask(trees, row) + file.offset),
  );
}

function voices(
  rows: readonly Float32Array[],
  isOne: readonly boolean[],
  seed: number,
  count: number,
): Trees[] {
  const width = rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, at) => Float32Array.from(rows, (row) => row[at]!));
  return Array.from({ length: count }, (_, voice) =>
    trainTrees({
      columns,
      isIn: Uint8Array.from(isOne, Number),
      rowWeight: new Float32Array(rows.length).fill(1),
      features: columns.map((_, at) => at),
      rounds: 260,
      leaves: 12,
      rate: 0.05,
      leastHessian: 2,
      l2: 3,
      featureShare: 0.3,
      rowShare: 0.7,
      random: seededRandom(seed * 31 + voice),
    }),
  );
}

function ask(trees: readonly Trees[], row: Float32Array): number {
  return trees.reduce((sum, each) => sum + askTrees(each, row), 0) / trees.length;
}

/** The log-odds at which F1 is best, and that F1. */
function bestCut(rows: readonly { readonly score: number; readonly isCopy: boolean }[]) {
  const sorted = [...rows].sort((a, b) => b.score - a.score);
  const all = rows.filter((row) => row.isCopy).length;
  let [hits, best, cut] = [0, -1, 0];
  for (const [at, { score, isCopy }] of sorted.entries()) {
    if (isCopy) hits += 1;
    const next = sorted[at + 1]?.score ?? score - 1;
    const f1 = (2 * hits) / (at + 1 + all);
    if (next === score || f1 <= best) continue;
    best = f1;
    cut = (score + next) / 2;
  }
  return { cut, f1: best };
}

/** Pairs that share a record are held out together, so that none is known from training. */
function foldsOf(pairs: readonly AnyPair[]): Uint8Array {
  return Uint8Array.from(pairs, ({ a }) => Math.abs(hashWord(wholeOf(a))) % FOLDS);
}

function fieldsOf(pairs: readonly AnyPair[]): string[] {
  const names = new Map<string, number>();
  for (const { a, b } of pairs) {
    for (const thing of [a, b]) {
      if (typeof thing === 'string') continue;
      for (const name of Object.keys(thing)) names.set(name, (names.get(name) ?? 0) + 1);
    }
  }
  return [...names]
    .sort((x, y) => y[1] - x[1] || (x[0] < y[0] ? -1 : 1))
    .slice(0, 8)
    .map(([name]) => name);
}

function wholeOf(thing: Thing): string {
  return typeof thing === 'string' ? thing : Object.values(thing).join(' ');
}

interface Rarity {
  readonly records: number;
  readonly words: Uint16Array;
  of(hash: number): number;
}

function rarityOf(
  pairs: readonly AnyPair[],
  before?: { readonly records: number; readonly words: Uint16Array },
): Rarity {
  const words = before === undefined ? new Uint16Array(2 ** WORD_BITS) : before.words.slice();
  const seen = new Set<string>();
  for (const { a, b } of pairs) {
    for (const thing of [a, b]) {
      const text = wholeOf(thing);
      if (seen.has(text)) continue;
      seen.add(text);
      for (const hash of readingOf(text).words) {
        const at = hash & (2 ** WORD_BITS - 1);
        words[at] = Math.min(65_535, words[at]! + 1);
      }
    }
  }
  const records = (before?.records ?? 0) + seen.size;
  return {
    records,
    words,
    of: (hash) => Math.log(1 + records / Math.max(1, words[hash & (2 ** WORD_BITS - 1)]!)),
  };
}

/** What is compared of a text; sets are ascending. */
interface Reading {
  readonly text: string;
  readonly list: readonly string[];
  readonly words: Int32Array;
  /** First five letters: what inflection leaves alone. */
  readonly stems: Int32Array;
  readonly runs: Int32Array;
  readonly grams3: Int32Array;
  readonly grams4: Int32Array;
  /** Tokens with both letters and digits, or of five digits and more: model numbers, articles. */
  readonly codes: readonly string[];
  readonly numbers: readonly number[];
  /** Words that begin with a capital where not all do. */
  readonly names: Int32Array;
}

const readings = new Map<string, Reading>();
const MOST_READINGS = 50_000;
const WORD = /[\p{L}\p{M}\p{N}]+(?:[-./][\p{L}\p{N}]+)*/gu;

function readingOf(text: string): Reading {
  const known = readings.get(text);
  if (known !== undefined) return known;
  const plain = normalise(text.slice(0, 8_000));
  const low = lower(plain).replaceAll('ё', 'е');
  const list: string[] = [];
  const codes: string[] = [];
  const numbers: number[] = [];
  for (const [token] of low.matchAll(WORD)) {
    const joined = token.replace(/[-./]/g, '');
    if (/\d/.test(joined) && (/\p{L}/u.test(joined) || joined.length >= 5) && joined.length >= 3) {
      codes.push(joined);
      list.push(joined);
      if (joined === token) continue;
    }
    for (const part of token.split(/[-/]/)) {
      const value = Number(part);
      if (part !== '' && Number.isFinite(value)) numbers.push(value);
      for (const piece of part.split('.')) if (piece !== '') list.push(piece);
    }
  }
  const hashes = list.map(hashWord);
  const squeezed = ` ${list.join(' ')} `;
  const reading: Reading = {
    text: squeezed,
    list,
    words: setOf(hashes),
    stems: setOf(list.map((word) => hashWord(word.slice(0, 5)))),
    runs: setOf(hashes.slice(1).map((hash, at) => joinHashes(hashes[at]!, hash))),
    grams3: gramsOf(squeezed, 3),
    grams4: gramsOf(squeezed, 4),
    codes: [...new Set(codes)],
    numbers: [...new Set(numbers)],
    names: setOf(
      [...plain.matchAll(/(?<=[\p{L}\p{N},:;«"-]\s?["«]?)\p{Lu}[\p{L}\p{N}]*/gu)].map(([name]) =>
        hashWord(name.toLowerCase().slice(0, 5)),
      ),
    ),
  };
  if (readings.size >= MOST_READINGS) readings.clear();
  readings.set(text, reading);
  return reading;
}

function gramsOf(text: string, size: number): Int32Array {
  const grams: number[] = [];
  for (let from = 0; from + size <= text.length; from += 1) {
    let hash = 0x811c9dc5;
    for (let at = from; at < from + size; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    grams.push(mix(hash));
  }
  return setOf(grams);
}

const one = (): number => 1;

/** Where in a row the cosine of the whole and its soft overlap stand. */
const RIVALS_BY = [3, 17] as const;

/**
 * Features of all pairs, with how far each is ahead of its best rival: another pair of the same asking that
 * has the same thing on one side. Of two offers that are like a third, the liker one is it.
 */
function rowsOf(
  pairs: readonly AnyPair[],
  fields: readonly string[],
  rarity: Rarity,
  part: (at: number) => number = () => 0,
): Float32Array[] {
  const rows = pairs.map((pair) => anyFeatures(pair, fields, rarity));
  const sides = [
    pairs.map(({ a }, at) => `${part(at)} ${wholeOf(a)}`),
    pairs.map(({ b }, at) => `${part(at)} ${wholeOf(b)}`),
  ];
  const extra = RIVALS_BY.flatMap((by) =>
    sides.map((names) => {
      const top = new Map<string, [first: number, second: number]>();
      for (const [at, row] of rows.entries()) {
        const it = row[by]!;
        const [first, second] = top.get(names[at]!) ?? [-1, -1];
        top.set(names[at]!, it > first ? [it, first] : [first, Math.max(second, it)]);
      }
      return rows.map((row, at) => {
        const [first, second] = top.get(names[at]!)!;
        const rival = row[by]! >= first ? second : first;
        return rival < 0 ? Number.NaN : row[by]! - rival;
      });
    }),
  );
  return rows.map((row, at) => Float32Array.from([...row, ...extra.map((column) => column[at]!)]));
}

function anyFeatures({ a, b }: AnyPair, fields: readonly string[], rarity: Rarity): Float32Array {
  const row = wholeFeatures(readingOf(wholeOf(a)), readingOf(wholeOf(b)), rarity);
  for (const name of fields) row.push(...fieldFeatures(fieldOf(a, name), fieldOf(b, name), rarity));
  return Float32Array.from(row);
}

function fieldOf(thing: Thing, name: string): string {
  return typeof thing === 'string' ? '' : (thing[name] ?? '').trim();
}

function wholeFeatures(a: Reading, b: Reading, rarity: Rarity): number[] {
  const words = overlap(a.words, b.words, rarity.of);
  const flat = overlap(a.words, b.words, one);
  const stems = overlap(a.stems, b.stems, one);
  const runs = overlap(a.runs, b.runs, one);
  const grams3 = overlap(a.grams3, b.grams3, one);
  const grams4 = overlap(a.grams4, b.grams4, one);
  const names = overlap(a.names, b.names, one);
  const soft = softOverlap(a, b, rarity);
  const codes = codeFeatures(a.codes, b.codes);
  const [shared, apart] = numbersShared(a.numbers, b.numbers);
  return [
    words.weighted,
    words.contained,
    words.containedLess,
    cosine(a.words, b.words, rarity.of),
    flat.jaccard,
    flat.contained,
    stems.jaccard,
    stems.contained,
    stems.containedLess,
    runs.jaccard,
    runs.contained,
    grams3.jaccard,
    grams3.contained,
    grams4.jaccard,
    grams4.contained,
    names.jaccard,
    names.contained,
    ...soft,
    ...codes,
    shared,
    apart,
    shared + apart === 0 ? Number.NaN : shared / (shared + apart),
    Math.min(a.list.length, b.list.length),
    Math.min(a.list.length, b.list.length) / Math.max(1, a.list.length, b.list.length),
    Math.abs(a.list.length - b.list.length),
    a.list[0] === b.list[0] ? 1 : 0,
    a.list.at(-1) === b.list.at(-1) ? 1 : 0,
    commonRun(a.list, b.list),
    denies(a) === denies(b) ? 0 : 1,
  ];
}

function fieldFeatures(a: string, b: string, rarity: Rarity): number[] {
  if (a === '' || b === '') return [...Array<number>(9).fill(Number.NaN), a === b ? 2 : 1];
  const [x, y] = [readingOf(a), readingOf(b)];
  const words = overlap(x.words, y.words, rarity.of);
  const grams = overlap(x.grams3, y.grams3, one);
  const [p, q] = [Number(a.replace(/[^\d.]/g, '')), Number(b.replace(/[^\d.]/g, ''))];
  const areNumbers = /^[\s$€£₸\d.,]+$/.test(a) && /^[\s$€£₸\d.,]+$/.test(b) && p > 0 && q > 0;
  return [
    words.weighted,
    words.contained,
    cosine(x.words, y.words, rarity.of),
    overlap(x.stems, y.stems, one).jaccard,
    grams.jaccard,
    grams.contained,
    softOverlap(x, y, rarity)[0]!,
    lower(a) === lower(b) ? 1 : 0,
    areNumbers ? Math.min(3, Math.abs(Math.log(p / q))) : Number.NaN,
    0,
  ];
}

function cosine(a: Int32Array, b: Int32Array, weightOf: (hash: number) => number): number {
  const square = (hash: number): number => weightOf(hash) ** 2;
  const { shared } = overlap(a, b, square);
  const length = (set: Int32Array): number => set.reduce((sum, hash) => sum + square(hash), 0);
  return shared / Math.max(1e-9, Math.sqrt(length(a) * length(b)));
}

/** Shared weight when misspelt and inflected words count too, of all and of the lighter; rarest words left over. */
function softOverlap(a: Reading, b: Reading, rarity: Rarity): number[] {
  const listA = [...new Set(a.list)];
  const free = new Set(b.list);
  let [shared, leftA, leftB, rarestA, rarestB, sharedRarest] = [0, 0, 0, 0, 0, 0];
  const lone: string[] = [];
  for (const word of listA) {
    const weight = rarity.of(hashWord(word));
    if (free.delete(word)) {
      shared += weight;
      sharedRarest = Math.max(sharedRarest, weight);
    } else lone.push(word);
  }
  for (const word of lone.slice(0, 60)) {
    const weight = rarity.of(hashWord(word));
    let match: string | null = null;
    for (const other of free) {
      if (!isNear(word, other)) continue;
      match = other;
      break;
    }
    if (match === null) {
      leftA += weight;
      rarestA = Math.max(rarestA, weight);
    } else {
      free.delete(match);
      shared += Math.min(weight, rarity.of(hashWord(match)));
    }
  }
  for (const word of free) {
    const weight = rarity.of(hashWord(word));
    leftB += weight;
    rarestB = Math.max(rarestB, weight);
  }
  return [
    shared / Math.max(1e-9, shared + leftA + leftB),
    shared / Math.max(1e-9, shared + Math.min(leftA, leftB)),
    Math.min(rarestA, rarestB),
    Math.max(rarestA, rarestB),
    sharedRarest,
  ];
}

/** Codes shared; codes of both sides of which none agrees; whether one's stands inside the other's. */
function codeFeatures(a: readonly string[], b: readonly string[]): number[] {
  const shared = a.filter((code) => b.includes(code)).length;
  let inside = 0;
  let longest = 0;
  for (const x of a) {
    for (const y of b) {
      if (x !== y && (x.includes(y) || y.includes(x))) inside = 1;
      let same = 0;
      while (same < x.length && x[same] === y[same]) same += 1;
      longest = Math.max(longest, same / Math.max(x.length, y.length));
    }
  }
  return [
    shared,
    Math.min(a.length, b.length) - shared,
    a.length === 0 || b.length === 0 ? Number.NaN : shared / Math.min(a.length, b.length),
    inside,
    a.length === 0 || b.length === 0 ? Number.NaN : longest,
  ];
}

function numbersShared(a: readonly number[], b: readonly number[]): [shared: number, apart: number] {
  const shared = a.filter((value) => b.includes(value)).length;
  return [shared, Math.min(a.length, b.length) - shared];
}

/** Words in the longest common run, of the shorter text. */
function commonRun(a: readonly string[], b: readonly string[]): number {
  const [x, y] = [a.slice(0, 200), b.slice(0, 200)];
  let best = 0;
  let previous = new Uint16Array(y.length + 1);
  for (const word of x) {
    const current = new Uint16Array(y.length + 1);
    for (let at = 0; at < y.length; at += 1) {
      if (y[at] !== word) continue;
      current[at + 1] = previous[at]! + 1;
      best = Math.max(best, current[at + 1]!);
    }
    previous = current;
  }
  return best / Math.max(1, Math.min(x.length, y.length));
}

const DENIALS: ReadonlySet<string> = new Set(
  'не нет ни без отказался опроверг not no without жоқ емес'.split(' '),
);

function denies({ list }: Reading): boolean {
  return list.some((word) => DENIALS.has(word));
}
