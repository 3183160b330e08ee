/** `kuzet train`: labelled pages and posts in, a model folder with its card out. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { cardMarkdown, cardOf } from '../classifiers/card.ts';
import { languageFiles } from '../classifiers/language/file.ts';
import { type LanguageSample, trainLanguage } from '../classifiers/language/train.ts';
import type { LanguageModel } from '../classifiers/language.ts';
import { tellingStems } from '../classifiers/natural.ts';
import { reliabilitySvg } from '../classifiers/reliability.ts';
import { visibleText } from '../classifiers/signals/facts.ts';
import { ownSentences } from '../classifiers/synthetic/languages.ts';
import { syntheticPages, syntheticPosts } from '../classifiers/synthetic/render.ts';
import { train } from '../classifiers/train.ts';
import type { TrainingPage, TrainingPost } from '../classifiers/training/rows.ts';
import { readPage } from '../crawler/extract/page.ts';
import { LABELS } from '../domain/assessment.ts';
import { FileUnusableError, linesOf, withFullerText } from './classify.ts';
import { UsageError } from './command.ts';
import type { Io } from './io.ts';
import { decidedPages, decidedPosts, decisionRow } from './train-decisions.ts';

const SEED = 2026;

const pageRow = z.looseObject({
  id: z.string(),
  label: z.enum(LABELS),
  lang: z.string().default('und'),
  source: z.string(),
  html: z.string(),
  text: z.string().nullish(),
});
const postRow = z.looseObject({
  text: z.string(),
  label: z.enum(LABELS),
  lang: z.string().default('und'),
  source: z.string(),
});
const languageRow = z.looseObject({ text: z.string(), lang: z.string(), source: z.string().optional() });
type LanguageRow = z.infer<typeof languageRow>;

/** @returns 0 when the model is written. */
export async function trainCommand(args: readonly string[], io: Io): Promise<number> {
  const words = readOptions(args);
  if (words.pages === undefined) return trainLanguageAlone(words, io);
  const started = performance.now();
  const pageFile = await readRows(words.pages, pageRow);
  const postFile = await readRows(words.posts, postRow);
  const languageFile = words.langid === undefined ? null : await readRows(words.langid, languageRow);
  const decisionFile = words.decisions === undefined ? null : await readRows(words.decisions, decisionRow);
  const pages: TrainingPage[] = [
    ...pageFile.rows.map((row) => ({
      ...row,
      group: row.source,
      page: withFullerText(readPage(row.html, ''), row.text),
      isSynthetic: false,
    })),
    ...decidedPages(decisionFile?.rows ?? []),
    ...syntheticPages(SEED).map((row) => ({ ...row, page: readPage(row.html, ''), isSynthetic: true })),
  ];
  const posts: TrainingPost[] = [
    ...postFile.rows.map((row) => ({ ...row, isSynthetic: false })),
    ...decidedPosts(decisionFile?.rows ?? []),
    ...syntheticPosts().map((row) => ({ ...row, isSynthetic: true })),
  ];
  const trained = train({
    pages,
    posts,
    languages: languageSamples(languageFile?.rows ?? [], postFile.rows),
    seed: SEED,
    onStep: (what) => {
      if (io.isTerminal) io.err(`${((performance.now() - started) / 1000).toFixed(1)} s  ${what}`);
    },
  });
  const groups = new Map(
    LABELS.map((label) => [
      label as string,
      pages
        .filter((row) => row.label === label)
        .map((row) => ({ text: visibleText(row.page), source: row.source })),
    ]),
  );
  for (const [label, texts] of groups) if (texts.length === 0) groups.delete(label);
  const card = cardOf({
    file: trained.file,
    outOfFold: trained.outOfFold,
    data: [
      { what: 'pages', ...countOf(pageFile) },
      { what: 'posts', ...countOf(postFile) },
      ...(languageFile === null ? [] : [{ what: 'language samples', ...countOf(languageFile) }]),
      ...(decisionFile === null ? [] : [{ what: "officers' decisions", ...countOf(decisionFile) }]),
      ...ownData(pages, posts),
      { what: 'own sentences in rarer languages', ...ownLanguages() },
    ],
    stems: tellingStems(groups, 12, 2),
    seconds: (performance.now() - started) / 1000,
  });
  const folder = resolve(words.out);
  await mkdir(folder, { recursive: true });
  await writeFile(resolve(folder, 'weights.bin'), trained.weights);
  await writeFile(resolve(folder, 'model.json'), `${JSON.stringify(trained.file, null, 1)}\n`);
  await writeLanguage(folder, trained.model.language);
  await writeFile(resolve(folder, 'card.json'), `${JSON.stringify(card, null, 1)}\n`);
  await writeFile(resolve(folder, 'card.md'), cardMarkdown(card));
  await writeFile(
    resolve(folder, 'reliability.svg'),
    reliabilitySvg([
      { name: 'pages', rows: trained.outOfFold.pages.filter((row) => !row.isSynthetic) },
      { name: 'posts', rows: trained.outOfFold.posts.filter((row) => !row.isSynthetic) },
    ]),
  );
  io.out(io.json ? JSON.stringify(card) : cardMarkdown(card));
  return 0;
}

/** The language model by itself: its rows say all that it is made of. */
async function trainLanguageAlone(words: LanguageOptions, io: Io): Promise<number> {
  const languageFile = await readRows(words.langid, languageRow);
  const postFile = words.posts === undefined ? null : await readRows(words.posts, postRow);
  const model = trainLanguage(languageSamples(languageFile.rows, postFile?.rows ?? []), SEED);
  const folder = resolve(words.out);
  await mkdir(folder, { recursive: true });
  await writeLanguage(folder, model);
  const made = { languageSamples: countOf(languageFile), posts: postFile && countOf(postFile), folder };
  io.out(io.json ? JSON.stringify(made) : `The language model is written to ${folder}.`);
  return 0;
}

/** Posts' languages were guessed, so they teach only where the samples bear them out. */
function languageSamples(
  rows: readonly LanguageRow[],
  posts: readonly { readonly text: string; readonly lang: string }[],
): LanguageSample[] {
  return [
    ...rows,
    ...ownSentences(),
    ...syntheticPosts(),
    ...posts.map(({ text, lang }) => ({ text, lang, isGuess: true })),
  ];
}

async function writeLanguage(folder: string, model: LanguageModel): Promise<void> {
  const { json, bin } = languageFiles(model);
  await writeFile(resolve(folder, 'language.bin'), bin);
  await writeFile(resolve(folder, 'language.json'), json);
}

interface WholeOptions {
  readonly pages: string;
  readonly posts: string;
  readonly langid: string | undefined;
  readonly decisions: string | undefined;
  readonly out: string;
}

type Options = WholeOptions | LanguageOptions;

interface LanguageOptions {
  readonly pages: undefined;
  readonly posts: string | undefined;
  readonly langid: string;
  readonly out: string;
}

function readOptions(args: readonly string[]): Options {
  let values: {
    pages?: string;
    posts?: string;
    langid?: string;
    decisions?: string;
    out?: string;
    json?: boolean;
  };
  try {
    const text = { type: 'string' } as const;
    ({ values } = parseArgs({
      args: [...args],
      options: {
        pages: text,
        posts: text,
        langid: text,
        decisions: text,
        out: text,
        json: { type: 'boolean' },
      },
      strict: true,
    }));
  } catch (cause) {
    throw new UsageError('train', `${(cause as Error).message.split('. ')[0]}.`);
  }
  const { pages, posts } = values;
  const { langid, out = 'models' } = values;
  if (pages === undefined && langid !== undefined) return { pages, posts, langid, out };
  if (pages === undefined || posts === undefined) {
    throw new UsageError(
      'train',
      'Give the labelled data: --pages FILE --posts FILE, or --langid FILE for the language model alone.',
    );
  }
  return { pages, posts, langid, decisions: values.decisions, out };
}

/** A line of training data that does not fit. */
export class TrainingRowError extends Error {
  override readonly name = 'TrainingRowError';
  readonly facts: { readonly path: string; readonly line: number };

  constructor(path: string, line: number, why: string) {
    super(`${path}, line ${line}: ${why}. Mend the line and train again.`);
    this.facts = { path, line };
  }
}

interface ReadFile<Row> {
  readonly rows: readonly Row[];
  readonly sha256: string;
}

async function readRows<Row>(path: string, schema: z.ZodType<Row>): Promise<ReadFile<Row>> {
  const rows: Row[] = [];
  const hash = createHash('sha256');
  const stream = createReadStream(path);
  let line = 0;
  try {
    for await (const text of linesOf(stream)) {
      line += 1;
      hash.update(text).update('\n');
      if (text.trim() !== '') rows.push(readRow(path, line, text, schema));
    }
  } catch (cause) {
    if (cause instanceof TrainingRowError) throw cause;
    throw new FileUnusableError(path, 'read', cause);
  }
  return { rows, sha256: hash.digest('hex') };
}

function readRow<Row>(path: string, line: number, text: string, schema: z.ZodType<Row>): Row {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TrainingRowError(path, line, 'is not JSON');
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new TrainingRowError(
    path,
    line,
    `${issue?.path.join('.') || 'row'}: ${issue?.message ?? 'not understood'}`,
  );
}

function countOf({ rows, sha256 }: ReadFile<unknown>): { rows: number; sha256: string } {
  return { rows: rows.length, sha256 };
}

function ownData(pages: readonly TrainingPage[], posts: readonly TrainingPost[]) {
  const ownPages = pages.filter((row) => row.isSynthetic).map((row) => row.page.html);
  const ownPosts = posts.filter((row) => row.isSynthetic).map((row) => row.text);
  return [
    { what: 'own example pages', rows: ownPages.length, sha256: hashOf(ownPages) },
    { what: 'own example posts', rows: ownPosts.length, sha256: hashOf(ownPosts) },
  ];
}

function ownLanguages() {
  const texts = ownSentences().map((it) => it.text);
  return { rows: texts.length, sha256: hashOf(texts) };
}

function hashOf(texts: readonly string[]): string {
  return createHash('sha256').update(texts.join('\n')).digest('hex');
}
