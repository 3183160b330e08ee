/**
 * Signatures, and checking with inserting, beside npm packages in one run and on the same texts. Rounds of ours and of
 * the peers take turns, and the medians are compared, so that a neighbour's load falls on both.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { candidateIndex } from '../../classifiers/duplicates/candidates.ts';
import { frequencies } from '../../classifiers/duplicates/frequencies.ts';
import { type Filed, keyReader } from '../../classifiers/duplicates/keys.ts';
import { matcher } from '../../classifiers/duplicates/matcher.ts';
import { loadPairModel } from '../../classifiers/duplicates/pair-model.ts';
import { photoIndex } from '../../classifiers/duplicates/photo-index.ts';
import { profileOf } from '../../classifiers/duplicates/profile.ts';
import { seededRandom } from '../../classifiers/random.ts';
import { readListings } from '../../cli/listing-rows.ts';
import type { Listing } from '../../domain/listing.ts';
import { snapshotFolder } from '../../queues/market/snapshots.ts';
import { cpuSeconds, median, rate, type Table } from './table.ts';

const ROUNDS = 5;
const PEER_TEXTS = 600;

export async function speed(path: string, python: string, { note }: Table): Promise<void> {
  const texts = variedTexts(await readTexts(path), 3);
  note('texts', texts.length, '');
  note('letters a text', texts.reduce((sum, text) => sum + text.length, 0) / texts.length, '');
  const filed = texts.map(filedOf);
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-bench-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    execFileSync(
      'npm',
      ['install', '--no-audit', '--no-fund', 'minhash@0.0.9', 'bloom-filters@3.0.4', 'simhash-js@1.0.0'],
      { cwd: folder, stdio: 'ignore' },
    );
    const peers = peersOf(createRequire(join(folder, 'package.json')));
    const rates = new Map<string, number[]>();
    const push = (name: string, value: number): void =>
      void rates.set(name, [...(rates.get(name) ?? []), value]);
    for (let round = 0; round <= ROUNDS; round += 1) {
      // Evenly out of all, so that they are as long as ours.
      const few = texts.filter((_, at) => at % Math.floor(texts.length / PEER_TEXTS) === round);
      const own = round % 2 === 0 ? filed : [...filed].reverse();
      const made: [string, number][] = [
        ['signatures: kuzet', signaturesOf(own)],
        ...Object.entries(peers).map(([name, run]): [string, number] => [
          name,
          rate(few.length, () => run(few)),
        ]),
        ['check and insert: kuzet', checksOf(own)],
      ];
      // The first round warms up.
      if (round > 0) for (const [name, value] of made) push(name, value);
    }
    for (const [name, values] of rates) note(name, median(values), '/s');
    const timesFastest = (kind: string): number => {
      const fastest = [...rates].filter(([name]) => name.startsWith(kind) && !name.endsWith('kuzet'));
      const ratios = rates
        .get(`${kind}: kuzet`)!
        .map((own, round) => own / Math.max(...fastest.map(([, values]) => values[round]!)));
      return median(ratios);
    };
    note('signatures: times the fastest peer of the same round', timesFastest('signatures'), 'x');
    note('check and insert: times the fastest peer of the same round', timesFastest('check and insert'), 'x');
    recallOf(texts, createRequire(join(folder, 'package.json')), note);
  } finally {
    rmSync(folder, { recursive: true });
  }
  tfIdf(texts.slice(0, 4_000), python, note);
}

/**
 * What many listings take: memory, photos and all, the way back from disk, and a judged check among them. Listings are
 * put in by their keys and photos, as the engine does it; how common their words are is not counted, which takes
 * tables of a fixed size.
 */
export async function size(path: string, count: number, { note }: Table): Promise<void> {
  const base: Listing[] = [];
  for await (const read of readListings(createReadStream(path))) {
    if (!('error' in read)) base.push(read.listing);
  }
  const random = seededRandom(2);
  const words = base.flatMap(({ text }) => text.split(/\s+/).slice(0, 12));
  const [reader, index, photos] = [keyReader(), candidateIndex(), photoIndex()];
  let pictures = 0;
  let seconds = 0;
  for (let from = 0; from < count; from += 10_000) {
    const some = Array.from({ length: Math.min(10_000, count - from) }, (_, at) => {
      const own = base[(from + at) % base.length]!;
      return {
        filed: variedFiled(own, from + at, from === 0 ? [] : words, random),
        photos: (own.photoHashes ?? []).map(() => Uint32Array.from({ length: 8 }, () => random() * 2 ** 32)),
      };
    });
    seconds += cpuSeconds(() => {
      for (const [at, own] of some.entries()) {
        reader.count(own.filed, 1);
        const keys = reader.keys(own.filed);
        index.candidates(keys, 20);
        index.insert(from + at, keys);
      }
    });
    for (const [at, own] of some.entries()) {
      for (const photo of own.photos) photos.insert(from + at, photo);
      pictures += own.photos.length;
    }
  }
  note('listings in memory', count, '');
  note('photos a listing', pictures / count, '');
  note('check and insert up to there, with phone, device and seller', count / seconds, '/s');
  const counted = frequencies().counted();
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-bench-'));
  try {
    const snapshots = snapshotFolder(folder);
    const engine = {
      postings: index.freeze(),
      words: reader.counters(),
      counted: { ...counted, size: count },
      photos: photos.kept(),
    };
    await snapshots.save({ model: 'bench', generation: 0, position: count, engine });
    const [start, used] = [performance.now(), process.cpuUsage()];
    const saved = await snapshots.load('bench', 0);
    const again = matcher({ model: loadPairModel(), fields: 'all', saved: saved!.engine });
    const { user, system } = process.cpuUsage(used);
    note('restart from a snapshot, by the clock', (performance.now() - start) / 1000, 's');
    note('restart from a snapshot, processor', (user + system) / 1e6, 's');
    note('bytes a listing: postings, photos and all counters', again.bytes() / count, 'B');
    note('bytes a listing: postings', index.bytes() / count, 'B');
    note('bytes a photo', photos.bytes() / pictures, 'B');
    const asked = base.slice(0, 1_500).map((listing, at) => profileOf(listing, String(at)));
    let times: number[] = [];
    let compared = 0;
    // The first time round the program is not warm: a desk has been asked before.
    for (const _ of ['to get warm', 'to be measured']) {
      times = [];
      compared = 0;
      for (const own of asked) {
        const spent = cpuSeconds(() => {
          const found = again.candidates(own);
          for (const other of found) again.judge(asked[other % asked.length]!, own);
          compared += found.length;
        });
        times.push(1000 * spent);
      }
    }
    times.sort((a, b) => a - b);
    note('judged checks among them: compared with', compared / asked.length, '');
    note('judged checks among them: median, processor', times[asked.length >> 1]!, 'ms');
    note('judged checks among them: 99 of 100, processor', times[Math.floor(0.99 * asked.length)]!, 'ms');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function readTexts(path: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const read of readListings(createReadStream(path))) {
    if (!('error' in read)) texts.push(`${read.listing.title}\n${read.listing.text}`);
  }
  return texts;
}

/** Each text once for every copy, with words of other texts put in, at fixed places for a seed. */
function variedTexts(base: readonly string[], copies: number): string[] {
  const random = seededRandom(1);
  const words = base.flatMap((text) => text.split(/\s+/).slice(0, 12));
  return Array.from({ length: copies }, (_, copy) =>
    base.map((text) => (copy === 0 ? text : mixed(text, words, random))),
  ).flat();
}

function mixed(text: string, words: readonly string[], random: () => number): string {
  return text.replace(/\S+/g, (word) =>
    random() < 0.5 ? words[Math.floor(random() * words.length)]! : word,
  );
}

/** Another advertisement in the same style: half of its words are others', and so are its people. */
function variedFiled(it: Listing, number: number, words: readonly string[], random: () => number): Filed {
  const mixedIn = (text: string) => (words.length === 0 ? text : mixed(text, words, random));
  return {
    title: mixedIn(it.title),
    text: mixedIn(it.text),
    phones: [`+7700${String(number).padStart(7, '0')}`],
    device: `d${number}`,
    seller: `s${number >> 1}`,
  };
}

function filedOf(text: string): Filed {
  const [title = '', ...rest] = text.split('\n');
  return { title, text: rest.join('\n'), phones: [], device: null, seller: null };
}

function signaturesOf(filed: readonly Filed[]): number {
  const reader = keyReader();
  return rate(filed.length, () => {
    for (const it of filed) reader.sketch(it);
  });
}

function checksOf(filed: readonly Filed[]): number {
  const index = candidateIndex();
  const reader = keyReader();
  let number = 0;
  return rate(filed.length, () => {
    for (const it of filed) {
      reader.count(it, 1);
      const keys = reader.keys(it);
      index.candidates(keys, 20);
      index.insert(number, keys);
      number += 1;
    }
  });
}

/**
 * Of every twentieth of some texts a copy is planted, a tenth of its words changed, as `plantedCopy` does: how many
 * copies bring their original up, ours among 20 candidates, the peer's among however many it names.
 */
function recallOf(texts: readonly string[], require: NodeJS.Require, note: Table['note']): void {
  const random = seededRandom(3);
  const stock = texts.slice(0, PLANTED_AMONG);
  const words = stock.flatMap((text) => text.split(/\s+/).slice(0, 12));
  const planted = stock.flatMap((text, of) =>
    of % 20 === 0 ? [{ of, text: plantedCopy(text, words, random) }] : [],
  );
  const [reader, index] = [keyReader(), candidateIndex()];
  for (const [number, text] of stock.entries()) {
    const it = filedOf(text);
    reader.count(it, 1);
    index.insert(number, reader.keys(it));
  }
  const { lsh, signature } = minhashOf(require);
  for (const [at, text] of stock.entries()) lsh.insert(String(at), signature(text));
  let [own, peer, named] = [0, 0, 0];
  for (const { of, text } of planted) {
    if (index.candidates(reader.keys(filedOf(text)), 20).includes(of)) own += 1;
    // Its index fails when it is asked for a band that nothing in it has: so the copy is put in first.
    const made = signature(text);
    lsh.insert('asked', made);
    const found = lsh.query(made).filter((name) => name !== 'asked');
    named += found.length;
    if (found.includes(String(of))) peer += 1;
  }
  note('check and insert: planted copies found, kuzet, of 20 candidates', own / planted.length, '');
  note('check and insert: planted copies found, minhash 0.0.9', peer / planted.length, '');
  note('check and insert: candidates of minhash 0.0.9', named / planted.length, '');
}

const PLANTED_AMONG = 4_000;

function plantedCopy(text: string, words: readonly string[], random: () => number): string {
  return text.replace(/\S+/g, (word) =>
    random() < 0.1 ? words[Math.floor(random() * words.length)]! : word,
  );
}

interface MinhashLsh {
  insert(key: string, it: unknown): void;
  query(it: unknown): string[];
}

function minhashOf(require: NodeJS.Require): { lsh: MinhashLsh; signature: (text: string) => unknown } {
  const { Minhash, LshIndex } = require('minhash') as {
    Minhash: new () => { update(it: string): void };
    LshIndex: new () => MinhashLsh;
  };
  return {
    lsh: new LshIndex(),
    signature(text) {
      const made = new Minhash();
      for (const shingle of shinglesOf(text)) made.update(shingle);
      return made;
    },
  };
}

function shinglesOf(text: string): Set<string> {
  const low = text.toLowerCase();
  return new Set(Array.from({ length: Math.max(1, low.length - 4) }, (_, at) => low.slice(at, at + 5)));
}

function peersOf(require: NodeJS.Require): Readonly<Record<string, (texts: readonly string[]) => unknown>> {
  const { MinHashFactory } = require('bloom-filters') as {
    MinHashFactory: new (hashes: number, most: number) => { create(): { bulkLoad(it: number[]): void } };
  };
  const simhash = (require('simhash-js') as { SimHash: new () => { hash(text: string): unknown } }).SimHash;
  const { signature } = minhashOf(require);
  const factory = new MinHashFactory(128, 2 ** 31 - 1);
  const hasher = new simhash();
  return {
    'signatures: minhash 0.0.9': (texts) => texts.map(signature),
    'signatures: bloom-filters 3.0.4': (texts) => {
      for (const text of texts) factory.create().bulkLoad(Array.from(shinglesOf(text), hashed));
    },
    'signatures: simhash-js 1.0.0': (texts) => texts.map((text) => hasher.hash(text)),
    'check and insert: minhash 0.0.9 with its LSH': (texts) => {
      const { lsh } = minhashOf(require);
      for (const [at, text] of texts.entries()) {
        const made = signature(text);
        // Its index cannot be asked before something is in it.
        lsh.insert(String(at), made);
        lsh.query(made);
      }
    },
  };
}

function hashed(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash & 0x7fffffff;
}

/** scikit-learn has no insertion: what is measured is fitting and all similarities of the texts at once. */
function tfIdf(texts: readonly string[], python: string, note: Table['note']): void {
  const script = [
    'import sys, json, time',
    'from sklearn.feature_extraction.text import TfidfVectorizer',
    'texts = json.load(sys.stdin)',
    'start = time.process_time()',
    'rows = TfidfVectorizer().fit_transform(texts)',
    '(rows @ rows.T).max()',
    'print(time.process_time() - start)',
  ].join('\n');
  const ran = spawnSync(python, ['-c', script], { input: JSON.stringify(texts), encoding: 'utf8' });
  if (ran.status !== 0) console.error(`scikit-learn was not measured: ${python} has no sklearn.`);
  else note('check and insert: scikit-learn TF-IDF, all at once', texts.length / Number(ran.stdout), '/s');
  const words = texts.map((text) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []));
  const few = words.slice(0, 1_000);
  const seconds = cpuSeconds(() => {
    for (const [at, own] of few.entries())
      for (let other = 0; other < at; other += 1) shared(own, few[other]!);
  });
  note('check and insert: word Jaccard with every one of 1,000', few.length / seconds, '/s');
}

function shared(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let both = 0;
  for (const word of a) if (b.has(word)) both += 1;
  return both / Math.max(1, a.size + b.size - both);
}
