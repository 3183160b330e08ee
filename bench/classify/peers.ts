/**
 * The other judges, each behind one function: training rows and test texts in, chances and costs out.
 *
 * A peer that is not installed is skipped, with the reason and the way to have it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stem } from '../../classifiers/natural.ts';
import { words } from '../../domain/text.ts';
import { rate } from '../duplicates/table.ts';

export interface Told {
  /** Chance of each label, one row a text. */
  readonly scores: readonly Readonly<Record<string, number>>[];
  readonly trainSeconds: number;
  /** Texts a second of the processor. */
  readonly perSecond: number;
  readonly bytes: number | null;
  readonly loadSeconds: number | null;
}

export interface LabelledText {
  readonly text: string;
  readonly label: string;
}

/** Why a peer takes no part. */
export interface Skipped {
  readonly skipped: string;
}

export interface Bench {
  /** A folder of this run alone. */
  readonly folder: string;
  readonly python: string;
}

export type PythonPeer = 'sklearn-text' | 'sklearn-html' | 'fasttext';

/** null when the peer can be asked. */
export function missing(peer: PythonPeer, python: string): Skipped | null {
  const [command, args, way] =
    peer === 'fasttext'
      ? (['fasttext', [], 'apt-get install fasttext'] as const)
      : ([
          python,
          ['-c', 'import sklearn'],
          'apt-get install python3-sklearn, then --python /usr/bin/python3',
        ] as const);
  const ran = spawnSync(command, args, { stdio: 'ignore' });
  const isThere = peer === 'fasttext' ? ran.error === undefined : ran.status === 0;
  return isThere ? null : { skipped: `not installed: ${way}` };
}

export function askPython(
  peer: PythonPeer,
  train: readonly LabelledText[],
  test: readonly string[],
  { folder, python }: Bench,
): Told {
  const work = join(folder, peer);
  mkdirSync(work, { recursive: true });
  const job = {
    peer,
    train: join(work, 'train.jsonl'),
    test: join(work, 'test.jsonl'),
    out: join(work, 'out.json'),
    work,
  };
  writeFileSync(job.train, train.map(({ text, label }) => JSON.stringify({ text, label })).join('\n'));
  writeFileSync(job.test, test.map((text) => JSON.stringify({ text })).join('\n'));
  writeFileSync(join(work, 'job.json'), JSON.stringify(job));
  const script = fileURLToPath(new URL('./peers.py', import.meta.url));
  const ran = spawnSync(python, [script, join(work, 'job.json')], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  if (ran.status !== 0) throw new Error(`${peer} failed: ${ran.stderr.split('\n').slice(-4).join(' ')}`);
  const told = JSON.parse(readFileSync(job.out, 'utf8')) as Told;
  rmSync(work, { recursive: true, force: true });
  return told;
}

interface NaturalBayes {
  addDocument(tokens: readonly string[], label: string): void;
  train(): void;
  getClassifications(tokens: readonly string[]): { label: string; value: number }[];
}

/** `natural`'s naive Bayes; on 20,000 texts it does not finish, so it gets the first `most` of a mixed deal. */
export function askNatural(train: readonly LabelledText[], test: readonly string[], most: number): Told {
  const require = createRequire(import.meta.url);
  const Bayes = require('natural/lib/natural/classifiers/bayes_classifier') as new () => NaturalBayes;
  const bayes = new Bayes();
  const tokens = (text: string): string[] => words(text.slice(0, 20_000)).map(stem);
  const started = performance.now();
  for (const { text, label } of train.slice(0, most)) bayes.addDocument(tokens(text), label);
  bayes.train();
  const trainSeconds = (performance.now() - started) / 1000;
  let scores: Told['scores'] = [];
  const perSecond = rate(test.length, () => {
    scores = test.map((text) => {
      const told = bayes.getClassifications(tokens(text));
      const total = told.reduce((sum, it) => sum + it.value, 0) || 1;
      return Object.fromEntries(told.map(({ label, value }) => [label, value / total]));
    });
  });
  return {
    scores,
    trainSeconds,
    perSecond,
    bytes: Buffer.byteLength(JSON.stringify(bayes)),
    loadSeconds: null,
  };
}

export interface LanguagePeer {
  readonly name: string;
  readonly tell: (text: string) => string;
}

const THREE_TO_TWO: Readonly<Record<string, string>> = {
  kaz: 'kk',
  rus: 'ru',
  eng: 'en',
  kir: 'ky',
  tat: 'tt',
  uzn: 'uz',
  tur: 'tr',
  azj: 'az',
  ukr: 'uk',
  bel: 'be',
  khk: 'mn',
};

/** tinyld and franc, from a folder where they were installed; names of those that are not there are left out. */
export async function languagePeers(folder: string | undefined): Promise<LanguagePeer[]> {
  if (folder === undefined) return [];
  const require = createRequire(join(folder, 'package.json'));
  const load = async (name: string): Promise<Record<string, (text: string) => string> | null> => {
    try {
      const path = name === 'franc' ? join(folder, 'node_modules/franc/index.js') : require.resolve(name);
      return (await import(pathToFileURL(path).href)) as Record<string, (text: string) => string>;
    } catch {
      return null;
    }
  };
  const tinyld = await load('tinyld');
  const franc = await load('franc');
  return [
    ...(tinyld === null ? [] : [{ name: 'tinyld', tell: (text: string) => tinyld['detect']!(text) }]),
    ...(franc === null
      ? []
      : [
          {
            name: 'franc',
            tell: (text: string) => {
              const told = franc['franc']!(text);
              return THREE_TO_TWO[told] ?? told;
            },
          },
        ]),
  ];
}
