import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPairModel } from '../../../classifiers/duplicates/pair-model.ts';
import { type MarketIndex, marketIndex } from '../../../queues/market/index.ts';
import type { Market } from '../../../queues/market/market.ts';
import { type SnapshotFolder, snapshotFolder } from '../../../queues/market/snapshots.ts';
import type { Database } from '../../../store/database.ts';
import { openDatabase } from '../../../store/open.ts';
import { ad, BAIT, HONEST, NOW, trialMarket } from './trial.ts';

let db: Database;
let market: Market;
let folder: string;
let snapshots: SnapshotFolder;
const pairModel = loadPairModel();
const photo = (seed: number) => seed.toString(16).padStart(2, '0').repeat(32);

beforeAll(async () => {
  db = await openDatabase({ memory: true });
  market = trialMarket(db);
  folder = await mkdtemp(join(tmpdir(), 'kuzet-snapshots-'));
  snapshots = snapshotFolder(folder);
  const texts = [...HONEST, ['iPhone 15 Pro срочно', BAIT] as const];
  for (let at = 0; at < 40; at += 1) {
    const [title, text] = texts[at % texts.length]!;
    const listing = ad(`s${at}`, title, `${text} ${at % 3}`, { photoHashes: [photo(at % 5)] });
    await put(`a${at}`, listing);
  }
  await put('a7', ad('s7', 'Кресло', 'Кресло из ротанга, привезли из Вьетнама, подушка в комплекте'));
  await market.store.takeDown({ market: 'bazar', listingId: 'a8' }, NOW);
});
afterAll(async () => {
  await db.close();
  await rm(folder, { recursive: true });
});

async function put(id: string, listing: ReturnType<typeof ad>): Promise<void> {
  const row = {
    market: 'bazar',
    listingId: id,
    listing: market.seal(listing, 'bazar'),
    isQuiet: false,
    captureId: null,
  };
  await market.store.place([row], NOW);
}

/** For every listing that stands what is near it, and how it is judged. */
async function answers(index: MarketIndex): Promise<unknown> {
  const all = await market.store.standing(Array.from({ length: 60 }, (_, at) => at));
  const told = [];
  for (const it of all) {
    const own = index.profile(it);
    const near = (await index.near(own, it.number)).map((other) => other.number).sort((a, b) => a - b);
    told.push([it.number, near, index.judge(own, index.profile(all[0]!)).score]);
  }
  return told;
}

/** An index, and how many rows of the log it was made of. */
function opened(more: { readonly snapshotEvery?: number; readonly snapshots?: SnapshotFolder } = {}) {
  let rows = 0;
  const store = {
    ...market.store,
    log: async (after: number, limit: number) => {
      const found = await market.store.log(after, Math.min(limit, 15));
      rows += found.length;
      return found;
    },
  };
  return { index: marketIndex({ market: store, pairModel, ...more }), rows: () => rows };
}

async function followed(index: MarketIndex): Promise<void> {
  while (index.position() < (await market.store.head())) await index.follow();
}

test('an index restored from a snapshot answers as one made of the whole log, and reads only what came since', async () => {
  const first = opened({ snapshots, snapshotEvery: 10 });
  await followed(first.index);
  expect(first.rows()).toBe(42);
  expect((await readdir(folder)).sort()).toEqual(['index-0-30.bin', 'index-0-42.bin']);

  await put('late', ad('late', 'iPhone 15 Pro срочно', BAIT));
  const again = opened({ snapshots });
  await followed(again.index);
  expect(again.rows()).toBe(1);
  const anew = opened();
  await followed(anew.index);
  expect(anew.rows()).toBe(43);
  const expected = await answers(anew.index);
  expect(await answers(again.index)).toEqual(expected);
  await first.index.follow();
  expect(await answers(first.index)).toEqual(expected);
});

test('a snapshot with one byte changed, or cut short, is passed over for the one before, then for the log', async () => {
  const newest = join(folder, 'index-0-42.bin');
  const bytes = await readFile(newest);
  const changed = Buffer.from(bytes);
  changed[changed.length >> 1]! ^= 1;
  await writeFile(newest, changed);
  expect((await snapshots.load(pairModel.name, 0))?.position).toBe(30);
  await writeFile(newest, bytes.subarray(0, 1000));
  expect((await snapshots.load(pairModel.name, 0))?.position).toBe(30);
  await rm(join(folder, 'index-0-30.bin'));
  expect(await snapshots.load(pairModel.name, 0)).toBeNull();
  await writeFile(newest, bytes);
  expect((await snapshots.load(pairModel.name, 0))?.position).toBe(42);
  expect(await snapshots.load('another model', 0)).toBeNull();
  expect(await snapshots.load(pairModel.name, 1)).toBeNull();
});

test('a snapshot of a longer log is of another store, and is not used', async () => {
  await writeFile(join(folder, 'index-0-42.bin'), await readFile(join(folder, 'index-0-42.bin')));
  const other = await openDatabase({ memory: true });
  const empty = trialMarket(other, { snapshots });
  await empty.index.follow();
  expect(empty.index.position()).toBe(0);
  await other.close();
});
