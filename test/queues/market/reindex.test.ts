import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPairModel } from '../../../classifiers/duplicates/pair-model.ts';
import { profileOfSealed } from '../../../classifiers/duplicates/profile.ts';
import { identifierHash } from '../../../domain/identifier.ts';
import type { Listing } from '../../../domain/listing.ts';
import { DEFAULT_SETTINGS } from '../../../domain/source.ts';
import { marketIndex } from '../../../queues/market/index.ts';
import type { Market } from '../../../queues/market/market.ts';
import { type ReindexStep, type ReindexTools, reindex } from '../../../queues/market/reindex.ts';
import { snapshotFolder } from '../../../queues/market/snapshots.ts';
import { match } from '../../../queues/match.ts';
import { caseStore } from '../../../store/cases.ts';
import type { Database } from '../../../store/database.ts';
import { listingStore } from '../../../store/listings.ts';
import { openDatabase } from '../../../store/open.ts';
import { tenantStore } from '../../../store/tenants.ts';
import { visitStore } from '../../../store/visits.ts';
import { at, captured, id } from '../../conformance/rows.ts';
import { until } from '../../engines/places.ts';
import { freshDatabase, postgresMissing, startPostgres } from '../../engines/postgres.ts';
import { ad, BAIT, HONEST, KEY, lostIndex, NOW, trialMarket } from './trial.ts';

let db: Database;
let market: Market;
let folder: string;
const clock = { now: () => NOW, sleep: async () => undefined };
const going = new AbortController().signal;

beforeAll(async () => {
  db = await openDatabase({ memory: true });
  market = trialMarket(db);
  folder = await mkdtemp(join(tmpdir(), 'kuzet-reindex-'));
  await place(market);
});

/** Sixty listings that have little to do with each other. */
async function place(into: Market): Promise<void> {
  for (let n = 0; n < 60; n += 1) {
    const [title, text] = HONEST[n % HONEST.length]!;
    const listing = into.seal(ad(`s${n}`, title, `${text} ${n}`), 'bazar');
    await into.store.place(
      [{ market: 'bazar', listingId: `a${n}`, listing, isQuiet: false, captureId: null }],
      NOW,
    );
  }
}
afterAll(async () => {
  await db.close();
  await rm(folder, { recursive: true });
});

const tools = (name: string, more: Partial<ReindexTools> = {}): ReindexTools => ({
  market,
  listings: listingStore(db),
  key: KEY,
  pairModel: loadPairModel(),
  snapshots: snapshotFolder(join(folder, name)),
  drafts: snapshotFolder(join(folder, name, 'drafts')),
  clock,
  ...more,
});

async function unasked(): Promise<never> {
  throw new Error('It was not to be asked.');
}

async function done(made: ReindexTools): Promise<Extract<ReindexStep, { is: 'done' }>> {
  let last: ReindexStep | null = null;
  for await (const step of reindex(made, going)) last = step;
  if (last?.is !== 'done') throw new Error('It did not come to its end.');
  return last;
}

/** Of a host that shows listings on its one page. */
async function visitThatSees(host: string, listings: Listing[], when: Date): Promise<{ id: string }> {
  const visits = visitStore(db);
  const url = new URL(`https://${host}/`);
  await visits.startScan({
    id: id(),
    visitIds: id,
    seeds: [url],
    refusals: [],
    settings: DEFAULT_SETTINGS,
    now: when,
  });
  const visit = (await visits.claim(host, id(), when))!;
  const due = (await visits.nextDue(visit))!;
  const it = captured(visit, due, []);
  const capture = { ...it.captured!.capture, capturedAt: when };
  await visits.finish(visit, due, { ...it, captured: { ...it.captured!, capture, listings } });
  await visits.close(visit, when);
  return visit;
}

test('the same log gives the same index, and a process that starts takes it', async () => {
  const first = await done(tools('one'));
  expect(first).toMatchObject({ taken: 0, rows: 60 });
  expect((await done(tools('two'))).sha256).toBe(first.sha256);
  expect((await readdir(join(folder, 'one'))).filter((name) => name.endsWith('.bin'))).toEqual([
    'index-1-60.bin',
  ]);
  const started = trialMarket(db, { snapshots: snapshotFolder(join(folder, 'one')) });
  await started.index.follow();
  expect(started.index.position()).toBe(60);
});

test('a process that runs takes the new index in place of its own, and answers with it what came meanwhile too', async () => {
  const name = 'running';
  const running = trialMarket(db, { snapshots: snapshotFolder(join(folder, name)) });
  await running.index.follow();
  // What it has read becomes worthless: as after an error in it that was mended.
  const asked = profileOfSealed(
    market.seal(ad('other', HONEST[0]![0], `${HONEST[0]![1]} 0`), 'bazar'),
    'asked',
  );
  const lost = { ...running, index: lostIndex(running.store, join(folder, name)) };
  await lost.index.follow();
  expect(await lost.index.near(asked)).toEqual([]);
  await done(tools(name, { market: lost }));
  expect(lost.index.position()).toBe(60);
  expect((await lost.index.near(asked)).map(({ listingId }) => listingId)).toContain('a0');
});

test.skipIf(postgresMissing !== null)(
  'a process that runs elsewhere on the same store takes the new index as it follows the log',
  async () => {
    const server = (await startPostgres())!;
    const url = await freshDatabase(server);
    const shared = await openDatabase({ url });
    const disk = join(folder, 'shared');
    const own = trialMarket(shared, { snapshots: snapshotFolder(disk) });
    await place(own);
    const script = new URL('./follower.ts', import.meta.url);
    const follower = fork(script, [url, disk], { execArgv: ['--import', 'tsx'] });
    /** Names of what that process finds near the first listing. */
    const near = async (): Promise<string[]> => {
      const answer = once(follower, 'message');
      follower.send('near');
      return (await answer)[0];
    };
    try {
      expect(await near()).toEqual([]);
      await done({ ...tools('shared'), market: own, listings: listingStore(shared) });
      await until('the other process takes the new index', async () => (await near()).includes('a0'));
    } finally {
      follower.kill();
      await shared.close();
      await server.stop();
    }
  },
  120_000,
);

test('renewing an index that nothing was asked of yet reads nothing', async () => {
  const folderOfNone = { save: unasked, load: unasked, clear: unasked };
  const index = marketIndex({ market: market.store, pairModel: loadPairModel(), snapshots: folderOfNone });
  await index.renew();
  expect(index.position()).toBe(0);
});

test('one that was broken off goes on where it was, and comes to the same index', async () => {
  const whole = await done(tools('whole'));
  const stop = new AbortController();
  const broken = {
    ...market,
    store: {
      ...market.store,
      log: async (after: number, limit: number) => {
        // Telephones are looked for in longer stretches.
        if (limit > 200) return market.store.log(after, limit);
        if (after >= 20) stop.abort(new Error('killed'));
        return market.store.log(after, 20);
      },
    },
  };
  const read: number[] = [];
  const counted = {
    ...market,
    store: {
      ...market.store,
      log: async (after: number, limit: number) => {
        if (limit <= 200) read.push(after);
        return market.store.log(after, limit);
      },
    },
  };
  const half = async (): Promise<void> => {
    for await (const _ of reindex(tools('half', { market: broken, draftEvery: 20 }), stop.signal));
  };
  await half().catch(() => undefined);
  const again = await done(tools('half', { market: counted, draftEvery: 20 }));
  expect(again.sha256).toBe(whole.sha256);
  expect(Math.min(...read)).toBeGreaterThan(0);
});

test('listings that visits saw before there was a log are taken in once, quietly, the newest version of each', async () => {
  const shown = (text: string) => [
    ad('seller', 'iPhone 15 Pro срочно', text, { id: '7', url: 'https://old.test/7' }),
  ];
  await visitThatSees('old.test', shown('Цена прежняя'), at);
  await visitThatSees('old.test', shown(BAIT), new Date(at.getTime() + 86_400_000));
  expect(await done(tools('old'))).toMatchObject({ taken: 1, rows: 61 });
  expect(await done(tools('old'))).toMatchObject({ taken: 0, rows: 61 });
  const [stands] = await market.store.standing([61]);
  expect(stands).toMatchObject({ market: 'site:old.test', isQuiet: true });
  expect(stands!.listing.text).toBe(BAIT);
});

test('a standing listing that was sealed with a telephone in its attributes gets a version without, and keeps its box', async () => {
  const phone = '+7 700 000 00 77';
  const listing = {
    ...market.seal(ad('s', 'Сервиз', 'Чайный, на шесть персон'), 'bazar'),
    attributes: { Телефон: phone },
  };
  const expiresAt = new Date(NOW.getTime() + 86_400_000);
  const name = { market: 'bazar', listingId: 'open' };
  const clear = { box: Buffer.from('box'), expiresAt };
  await market.store.place([{ ...name, listing, isQuiet: false, captureId: null, clear }], NOW);
  expect(await done(tools('sealed'))).toMatchObject({ sealed: 1 });
  const stands = (await market.store.find(name))!;
  expect(await market.store.numberOf(name)).toBe(stands.number);
  expect(await market.store.numberOf({ ...name, listingId: 'shut' })).toBeNull();
  expect(stands.listing.attributes).toEqual({ Телефон: ' · ' });
  expect(stands.listing.phonesInText).toEqual([identifierHash(KEY, 'phone', '+77000000077')]);
  expect(await market.store.clear([stands.number])).toEqual([
    { number: stands.number, box: Buffer.from('box'), expiresAt },
  ]);
  expect(await market.store.marked({ kind: 'phone', hash: stands.listing.phonesInText[0]! }, 9)).toHaveLength(
    1,
  );
  expect(await done(tools('sealed'))).toMatchObject({ sealed: 0 });
});

test('a listing that a marketplace feeds and its site shows stands once, as the marketplace says it', async () => {
  const tenants = tenantStore(db);
  const own = trialMarket(db, { tenantOf: (site) => tenants.ofSite(site) });
  const see = async (listings: Listing[], when: Date) => {
    const tools = { listings: listingStore(db), cases: caseStore(db), clock, market: async () => own };
    await match(await visitThatSees('own.test', listings, when), tools);
  };
  const lamp = ad('lampseller', 'Лампа', 'Настольная, с абажуром', { id: '8', url: 'https://own.test/8' });
  const kettle = ad('kettleseller', 'Чайник', 'Медный', { id: '9', url: 'https://own.test/9' });
  await see([lamp, kettle], at);
  await tenants.add({ id: 'own', name: 'Own', isDry: true, sites: ['own.test'] }, NOW);
  const fed = own.seal(ad('lampseller', 'Лампа', 'Настольная, с зелёным абажуром'), 'own');
  await own.store.place(
    [{ market: 'own', listingId: '8', listing: fed, isQuiet: false, captureId: null }],
    NOW,
  );
  await see([lamp, kettle], new Date(at.getTime() + 86_400_000));
  const standing = await db.query<{ market: string; listing_id: string }>(
    "select market, listing_id from market_listing where market in ('own', 'site:own.test') order by listing_id",
  );
  expect(standing).toEqual([
    { market: 'own', listing_id: '8' },
    { market: 'own', listing_id: '9' },
  ]);
  const [asFed, asShown] = [
    await own.store.find({ market: 'own', listingId: '8' }),
    await own.store.find({ market: 'own', listingId: '9' }),
  ];
  expect(asFed).toMatchObject({ captureId: null, listing: { text: 'Настольная, с зелёным абажуром' } });
  expect(asShown!.captureId).not.toBeNull();
});

test('a site is one marketplace\u2019s, until that is revoked', async () => {
  const tenants = tenantStore(db);
  const names = { name: 'Sites', isDry: true };
  await tenants.add({ id: 'first', sites: ['shop.test', 'shop.test', 'mall.test'], ...names }, NOW);
  expect((await tenants.get('first'))!.sites).toEqual(['mall.test', 'shop.test']);
  await expect(tenants.add({ id: 'second', sites: ['mall.test'], ...names }, NOW)).rejects.toThrow(
    'mall.test is a site of "first" already',
  );
  expect(await tenants.get('second')).toBeNull();
  await tenants.setSites('first', ['shop.test'], NOW);
  await tenants.add({ id: 'second', sites: ['mall.test'], ...names }, NOW);
  expect([await tenants.ofSite('mall.test'), await tenants.ofSite('shop.test')]).toEqual(['second', 'first']);
  await tenants.revoke('first', NOW);
  expect(await tenants.ofSite('shop.test')).toBeNull();
});
