/**
 * Duplicate listings beside peers, in one run and on the same texts: the npm packages minhash, bloom-filters
 * and simhash-js, scikit-learn's TF-IDF where python3 has it, and word Jaccard.
 *
 *     npm run bench:duplicates -- --listings FILE [--labelled FOLDER …] [--copies N] [--json]
 *
 * FILE is listings as "kuzet duplicates" reads them; their texts are taken N times (default 3), each time with
 * other words put in, so that few are near copies. A labelled folder holds listings.jsonl, pairs.jsonl and
 * groups.jsonl, and is asked for quality. Peers are installed into a temporary folder and are no dependency.
 * Seconds are of the processor, not of the clock, so that a busy machine changes little.
 * For reference, datasketch on one core (recorded 2026-11-22): 1,503 signatures/s, 3,844 in bulk.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { candidateIndex } from '../classifiers/duplicates/candidates.ts';
import { clustersOf, type Link } from '../classifiers/duplicates/clusters.ts';
import { FIELD_MODES, type FieldMode } from '../classifiers/duplicates/features.ts';
import { type Filed, keyReader } from '../classifiers/duplicates/keys.ts';
import { FINDING, matcher } from '../classifiers/duplicates/matcher.ts';
import { loadPairModel } from '../classifiers/duplicates/pair-model.ts';
import { type Profile, profileOf } from '../classifiers/duplicates/profile.ts';
import { auc, recallAtFalseRate } from '../classifiers/measure.ts';
import { seededRandom } from '../classifiers/random.ts';
import { readListings } from '../cli/listing-rows.ts';

interface Line {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
}

const { values } = parseArgs({
  options: {
    listings: { type: 'string' },
    labelled: { type: 'string', multiple: true },
    copies: { type: 'string', default: '3' },
    model: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const table: Line[] = [];
const note = (what: string, value: number, unit: string): void => {
  table.push({ what, value, unit });
  if (values.json) console.log(JSON.stringify({ what, value, unit }));
  else console.log(`${what.padEnd(58)} ${value.toPrecision(5).padStart(12)} ${unit}`);
};

if (values.listings === undefined && values.labelled === undefined) {
  console.error('Give --listings FILE for speed, --labelled FOLDER for quality, or both.');
  process.exit(2);
}
if (values.listings !== undefined) await speed(values.listings, Number(values.copies));
for (const folder of values.labelled ?? []) await quality(folder);

async function speed(path: string, copies: number): Promise<void> {
  const texts = await variedTexts(path, copies);
  const filed = texts.map((text): Filed => {
    const [title = '', ...rest] = text.split('\n');
    return { title, text: rest.join('\n'), phones: [], device: null, seller: null };
  });
  note('texts', texts.length, '');
  note('letters a text', texts.reduce((sum, text) => sum + text.length, 0) / texts.length, '');
  const few = texts.slice(0, 4_000);

  const reader = keyReader();
  for (const it of filed.slice(0, 20_000)) reader.sketch(it);
  const ours = rate(filed.length, () => {
    for (const it of filed) reader.sketch(it);
  });
  note('signatures: kuzet', ours, '/s');
  let number = 0;
  const index = candidateIndex();
  const counted = keyReader();
  const before = process.memoryUsage().arrayBuffers;
  const checks = rate(filed.length, () => {
    for (const it of filed) {
      counted.count(it, 1);
      const keys = counted.keys(it);
      index.candidates(keys, 20);
      index.insert(number, keys);
      number += 1;
    }
  });
  note('check and insert: kuzet', checks, '/s');
  note('bytes a listing: kuzet', index.bytes() / filed.length, 'B');
  note('array buffers grown', (process.memoryUsage().arrayBuffers - before) / 2 ** 20, 'MB');
  const frozen = index.freeze();
  const seconds = cpuSeconds(() => candidateIndex(frozen));
  note('restart from a snapshot, a million listings', (seconds / filed.length) * 1e6, 's');

  const folder = mkdtempSync(join(tmpdir(), 'kuzet-bench-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    execFileSync(
      'npm',
      ['install', '--no-audit', '--no-fund', 'minhash@0.0.9', 'bloom-filters@3.0.4', 'simhash-js@1.0.0'],
      {
        cwd: folder,
        stdio: 'ignore',
      },
    );
    const fastest = peers(createRequire(join(folder, 'package.json')), few);
    note('signatures: times the fastest peer', ours / fastest.signatures, 'x');
    note('check and insert: times the fastest peer', checks / fastest.checks, 'x');
  } finally {
    rmSync(folder, { recursive: true });
  }
  tfIdf(few);
}

/** Each text once for every copy, with words of other texts put in, at fixed places for a seed. */
async function variedTexts(path: string, copies: number): Promise<string[]> {
  const base: string[] = [];
  for await (const read of readListings(createReadStream(path))) {
    if (!('error' in read)) base.push(`${read.listing.title}\n${read.listing.text}`);
  }
  const random = seededRandom(1);
  const words = base.flatMap((text) => text.split(/\s+/).slice(0, 12));
  return Array.from({ length: copies }, (_, copy) =>
    base.map((text) =>
      copy === 0
        ? text
        : text.replace(/\S+/g, (word) =>
            random() < 0.5 ? words[Math.floor(random() * words.length)]! : word,
          ),
    ),
  ).flat();
}

function shinglesOf(text: string): Set<string> {
  const low = text.toLowerCase();
  return new Set(Array.from({ length: Math.max(1, low.length - 4) }, (_, at) => low.slice(at, at + 5)));
}

function peers(require: NodeJS.Require, texts: readonly string[]): { signatures: number; checks: number } {
  const { Minhash, LshIndex } = require('minhash') as {
    Minhash: new () => { update(it: string): void };
    LshIndex: new () => { insert(key: string, it: unknown): void; query(it: unknown): string[] };
  };
  const { MinHashFactory } = require('bloom-filters') as {
    MinHashFactory: new (hashes: number, most: number) => { create(): { bulkLoad(it: number[]): void } };
  };
  const simhash = (require('simhash-js') as { SimHash: new () => { hash(text: string): unknown } }).SimHash;
  const signature = (text: string): unknown => {
    const made = new Minhash();
    for (const shingle of shinglesOf(text)) made.update(shingle);
    return made;
  };
  const some = texts.slice(0, 1_500);
  const minhash = rate(some.length, () => some.map(signature));
  note('signatures: minhash 0.0.9', minhash, '/s');
  const factory = new MinHashFactory(128, 2 ** 31 - 1);
  const bloom = rate(some.length, () => {
    for (const text of some) factory.create().bulkLoad(Array.from(shinglesOf(text), hashed));
  });
  note('signatures: bloom-filters 3.0.4', bloom, '/s');
  const hasher = new simhash();
  const sim = rate(some.length, () => some.map((text) => hasher.hash(text)));
  note('signatures: simhash-js 1.0.0', sim, '/s');
  const lsh = new LshIndex();
  const checks = rate(some.length, () => {
    for (const [at, text] of some.entries()) {
      const made = signature(text);
      // Its index cannot be asked before something is in it.
      lsh.insert(String(at), made);
      lsh.query(made);
    }
  });
  note('check and insert: minhash 0.0.9 with its LSH', checks, '/s');
  return { signatures: Math.max(minhash, bloom, sim), checks };
}

function hashed(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash & 0x7fffffff;
}

/** scikit-learn has no insertion: what is measured is fitting and all similarities of the texts at once. */
function tfIdf(texts: readonly string[]): void {
  const script = [
    'import sys, json, time',
    'from sklearn.feature_extraction.text import TfidfVectorizer',
    'texts = json.load(sys.stdin)',
    'start = time.process_time()',
    'rows = TfidfVectorizer().fit_transform(texts)',
    '(rows @ rows.T).max()',
    'print(time.process_time() - start)',
  ].join('\n');
  const ran = spawnSync('python3', ['-c', script], { input: JSON.stringify(texts), encoding: 'utf8' });
  if (ran.status !== 0) console.error('scikit-learn was not measured: python3 has no sklearn.');
  else note('texts compared with all: scikit-learn TF-IDF', texts.length / Number(ran.stdout), '/s');
}

interface Pair {
  readonly a: string;
  readonly b: string;
  readonly label: 0 | 1;
  readonly kind: string;
}

async function quality(folder: string): Promise<void> {
  const profiles = new Map<string, Profile>();
  for await (const read of readListings(createReadStream(join(folder, 'listings.jsonl')))) {
    if (!('error' in read)) profiles.set(read.id, profileOf(read.listing, read.id));
  }
  const rows = <Row>(name: string): Row[] =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);
  const pairs = rows<Pair>('pairs.jsonl');
  const groups = rows<{ members: string[] }>('groups.jsonl').map(({ members }) => members);
  const model = loadPairModel(values.model);
  for (const fields of Object.keys(FIELD_MODES) as FieldMode[]) {
    const engine = matcher({ model, fields });
    for (const profile of profiles.values()) engine.count(profile);
    const asked = pairs.filter(({ kind }) => fields !== 'text' || kind !== 'photo_theft');
    const scored = asked.map(({ a, b, label, kind }) => ({
      score: engine.judge(profiles.get(a)!, profiles.get(b)!).score,
      isBad: label === 1,
      kind,
    }));
    note(`${folder}, ${fields}: AUC`, auc(scored), '');
    note(`${folder}, ${fields}: recall at precision 0.99`, recallAtPrecision(scored, 0.99), '');
    const good = scored.filter((row) => !row.isBad);
    for (const kind of [...new Set(asked.map((pair) => pair.kind))].sort()) {
      const own = scored.filter((row) => row.kind === kind);
      const recall = recallAtFalseRate([...good, ...own.filter((row) => row.isBad)], 0.01);
      if (own[0]!.isBad && recall < 0.98) note(`${folder}, ${fields}: ${kind} recalled at 1 %`, recall, '');
    }
  }
  const words = new Map(
    [...profiles].map(([id, { filed }]) => [id, wordsOf(`${filed.title} ${filed.text}`)]),
  );
  note(
    `${folder}: AUC of word Jaccard`,
    auc(
      pairs.map(({ a, b, label }) => ({ score: jaccard(words.get(a)!, words.get(b)!), isBad: label === 1 })),
    ),
    '',
  );
  endToEnd(folder, [...profiles.values()], pairs, groups);
}

function endToEnd(
  folder: string,
  profiles: readonly Profile[],
  pairs: readonly Pair[],
  groups: readonly string[][],
): void {
  const engine = matcher({ model: loadPairModel(values.model), fields: 'all' });
  for (const profile of profiles) engine.count(profile);
  const groupOf = new Map(groups.flatMap((members, at) => members.map((id) => [id, at] as const)));
  const known = new Map(pairs.map((pair) => [nameOf(pair.a, pair.b), pair.label]));
  const found = new Set<string>();
  const links: Link[] = [];
  let [compared, right, said] = [0, 0, 0];
  for (const [number, profile] of profiles.entries()) {
    const candidates = engine.candidates(profile, number);
    engine.insert(number, profile);
    compared += candidates.length;
    for (const other of candidates) {
      const { relation, score } = engine.judge(profiles[other]!, profile);
      const name = nameOf(profiles[other]!.id, profile.id);
      if (score >= FINDING) found.add(name);
      if (relation !== 'duplicate_ad') continue;
      links.push({ a: other, b: number, score });
      said += 1;
      const group = groupOf.get(profile.id);
      if ((group !== undefined && group === groupOf.get(profiles[other]!.id)) || known.get(name) === 1)
        right += 1;
    }
  }
  const copies = pairs.filter((pair) => pair.label === 1);
  note(`${folder}: candidates a listing`, compared / profiles.length, '');
  note(
    `${folder}: pairs found`,
    copies.filter(({ a, b }) => found.has(nameOf(a, b))).length / copies.length,
    '',
  );
  note(`${folder}: precision of duplicate_ad`, right / said, '');
  const score = (a: number, b: number): number => {
    const judged = engine.judge(profiles[a]!, profiles[b]!);
    return judged.relation === 'duplicate_ad' ? judged.score : 0;
  };
  const ringOf = new Map<string, readonly string[]>();
  for (const { members } of clustersOf(links, { score, bound: FINDING })) {
    const ids = members.map((member) => profiles[member]!.id);
    for (const id of ids) ringOf.set(id, ids);
  }
  let [precision, recall] = [0, 0];
  for (const { id } of profiles) {
    const [ours, truth] = [ringOf.get(id) ?? [id], new Set(groups[groupOf.get(id) ?? -1] ?? [id])];
    const both = ours.filter((member) => truth.has(member)).length;
    precision += both / ours.length / profiles.length;
    recall += both / truth.size / profiles.length;
  }
  note(`${folder}: B-cubed F1`, (2 * precision * recall) / (precision + recall), '');
}

function recallAtPrecision(rows: readonly { score: number; isBad: boolean }[], least: number): number {
  const sorted = [...rows].sort((a, b) => b.score - a.score);
  const all = rows.filter((row) => row.isBad).length;
  let [hits, best] = [0, 0];
  for (const [at, row] of sorted.entries()) {
    if (row.isBad) hits += 1;
    if (sorted[at + 1]?.score !== row.score && hits / (at + 1) >= least) best = hits / all;
  }
  return best;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let both = 0;
  for (const word of a) if (b.has(word)) both += 1;
  return both / Math.max(1, a.size + b.size - both);
}

function nameOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

function cpuSeconds(run: () => unknown): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function rate(count: number, run: () => unknown): number {
  return count / cpuSeconds(run);
}
