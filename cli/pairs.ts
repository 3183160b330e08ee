/**
 * `kuzet pairs`: learns from labelled pairs, and scores pairs with what was learnt.
 *
 *     train --pairs F --model M        texts or flat records, {"a","b","label"}
 *     score --pairs F --model M --out O
 *     train --listings FOLDER … --model M   the judge of listings that Kuzet ships; each folder holds
 *                                           listings.jsonl, pairs.jsonl and groups.jsonl
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  type AnyModelFile,
  type AnyPair,
  anyModelFile,
  scoreAnyPairs,
  type Thing,
  trainAnyPairs,
} from '../classifiers/duplicates/any-pairs.ts';
import { type Profile, profileOf } from '../classifiers/duplicates/profile.ts';
import { type Corpus, trainPairModel } from '../classifiers/duplicates/train-pairs.ts';
import { FileUnusableError, linesOf, opened } from './classify.ts';
import { type Around, UsageError, type Words } from './command.ts';
import { readListings } from './listing-rows.ts';
import { TrainingRowError } from './train.ts';

const SEED = 2026;

/** @returns 0 when all was done, 1 when lines could not be scored. */
export async function pairsCommand(words: Words, around: Around): Promise<number> {
  const [doing] = words.positionals;
  if (doing === 'train') {
    return words.texts('listings').length > 0 ? trainOnListings(words, around) : trainOnPairs(words, around);
  }
  if (doing === 'score') return scorePairs(words, around);
  if (doing === 'avito') return (await import('./avito.ts')).avitoCommand(words, around);
  throw new UsageError(
    'pairs',
    'Say what to do: "kuzet pairs train", "kuzet pairs score" or "kuzet pairs avito".',
  );
}

function needed(words: Words, name: string): string {
  const typed = words.text(name);
  if (typed === undefined) throw new UsageError('pairs', `--${name} FILE is needed.`);
  return typed;
}

const thing = z.union([z.string(), z.record(z.string(), z.unknown())]);
const pairRow = z.looseObject({ a: thing, b: thing });
const labelledRow = pairRow.extend({
  label: z.union([z.literal(0), z.literal(1), z.boolean(), z.literal('0'), z.literal('1')]),
});

async function trainOnPairs(words: Words, { io }: Around): Promise<number> {
  const [from, to] = [needed(words, 'pairs'), needed(words, 'model')];
  const pairs: (AnyPair & { isOne: boolean })[] = [];
  for await (const { line, value } of jsonLines(from)) {
    if (value === undefined) throw new TrainingRowError(from, line, 'is not JSON');
    const read = labelledRow.safeParse(value);
    if (!read.success) {
      const issue = read.error.issues[0];
      throw new TrainingRowError(from, line, `${issue?.path.join('.') || 'row'}: ${issue?.message ?? ''}`);
    }
    const { a, b, label } = read.data;
    pairs.push({ a: thingOf(a), b: thingOf(b), isOne: Number(label) === 1 });
  }
  const ones = pairs.filter((pair) => pair.isOne).length;
  if (ones < 10 || pairs.length - ones < 10) {
    throw new UsageError(
      'pairs',
      `Training needs ten pairs of each kind; ${from} has ${ones} of ${pairs.length}.`,
    );
  }
  const trained = trainAnyPairs({ pairs, seed: SEED });
  await written(to, JSON.stringify(trained.file));
  const { auc, f1 } = trained.heldOut;
  const summary = { pairs: pairs.length, ones, heldOutAuc: auc, heldOutF1: f1 };
  io.out(
    io.json
      ? JSON.stringify(summary)
      : `Trained on ${pairs.length} pairs, ${ones} of them one. Held out: AUC ${auc.toFixed(4)}, F1 ${f1.toFixed(4)}. Written to ${to}.`,
  );
  return 0;
}

async function scorePairs(words: Words, { io }: Around): Promise<number> {
  const [from, modelPath, to] = [needed(words, 'pairs'), needed(words, 'model'), needed(words, 'out')];
  const model = await readAnyModel(modelPath);
  const rows: (AnyPair | { readonly error: string })[] = [];
  for await (const { value } of jsonLines(from)) {
    const read = value === undefined ? null : pairRow.safeParse(value);
    if (read === null) rows.push({ error: 'is not JSON' });
    else if (read.success) rows.push({ a: thingOf(read.data.a), b: thingOf(read.data.b) });
    else rows.push({ error: 'needs "a" and "b", texts or records of fields' });
  }
  const scores = scoreAnyPairs(
    model,
    rows.filter((row) => 'a' in row),
  );
  let next = 0;
  const lines = rows.map((row) => JSON.stringify('error' in row ? row : { score: scores[next++]! }));
  await written(to, lines.map((line) => `${line}\n`).join(''));
  const bad = rows.length - scores.length;
  if (bad > 0) io.err(`${bad} of ${rows.length} lines could not be scored; each says why in its place.`);
  return bad > 0 ? 1 : 0;
}

/** Values of fields as text: a number as it is written, null as nothing. */
function thingOf(given: string | Record<string, unknown>): Thing {
  if (typeof given === 'string') return given;
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      value === null || value === undefined
        ? ''
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value),
    ]),
  );
}

/** Lines that are not blank; `value` is undefined for what is not JSON. */
async function* jsonLines(path: string): AsyncGenerator<{ line: number; value: unknown }> {
  let line = 0;
  for await (const text of linesOf(await opened(path))) {
    line += 1;
    if (text.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      value = undefined;
    }
    yield { line, value };
  }
}

async function readAnyModel(path: string): Promise<AnyModelFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new FileUnusableError(path, 'read', cause);
  }
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Refused below, with the same words as any other file that is no model.
  }
  const read = anyModelFile.safeParse(value);
  if (!read.success) {
    throw new UsageError('pairs', `${path} is no model of pairs; make one with "kuzet pairs train".`);
  }
  return read.data;
}

async function trainOnListings(words: Words, { io, signal }: Around): Promise<number> {
  const to = needed(words, 'model');
  const corpora: Corpus[] = [];
  for (const folder of words.texts('listings')) {
    corpora.push(await readCorpus(folder));
    signal.throwIfAborted();
  }
  const file = trainPairModel({ corpora, seed: SEED, onStep: (what) => io.err(what) });
  await written(to, `${JSON.stringify(file)}\n`);
  io.out(
    io.json
      ? JSON.stringify({ name: file.name, trainedOn: file.trainedOn })
      : `${file.name} written to ${to}.`,
  );
  return 0;
}

const corpusPair = z.looseObject({
  a: z.string(),
  b: z.string(),
  label: z.literal([0, 1]),
  kind: z.string(),
});
const corpusGroup = z.looseObject({ members: z.array(z.string()) });

async function readCorpus(folder: string): Promise<Corpus> {
  const path = join(folder, 'listings.jsonl');
  const profiles = new Map<string, Profile>();
  for await (const read of readListings(await opened(path))) {
    if ('error' in read) throw new TrainingRowError(path, read.line, read.error);
    profiles.set(read.id, profileOf(read.listing, read.id));
  }
  const pairs = await rowsOf(join(folder, 'pairs.jsonl'), corpusPair);
  const groups = await rowsOf(join(folder, 'groups.jsonl'), corpusGroup);
  const hash = createHash('sha256').update(await readFile(path));
  return {
    profiles,
    pairs: pairs.map(({ a, b, label, kind }) => ({
      a,
      b,
      isCopy: label === 1,
      isStolen: kind === 'photo_theft',
      kind,
    })),
    groups: groups.map(({ members }) => members),
    sha256: hash.update(await readFile(join(folder, 'pairs.jsonl'))).digest('hex'),
  };
}

async function rowsOf<Row>(path: string, schema: z.ZodType<Row>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { line, value } of jsonLines(path)) {
    const read = schema.safeParse(value);
    if (!read.success) throw new TrainingRowError(path, line, 'has other fields than it should');
    rows.push(read.data);
  }
  return rows;
}

async function written(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw new FileUnusableError(path, 'written', cause);
  }
}
