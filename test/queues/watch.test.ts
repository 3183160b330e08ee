import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readBrands } from '../../classifiers/brands.ts';
import { type Crawler, createCrawler } from '../../crawler/lanes.ts';
import { countVisits, type Visits } from '../../demo/visits.ts';
import { readSource } from '../../domain/watch.ts';
import { systemClock } from '../../queues/clock.ts';
import { openQueues, type Queues } from '../../queues/connection.ts';
import { SOURCES } from '../../queues/jobs.ts';
import { VisitsPausedError } from '../../queues/turns.ts';
import { askRun, runSource, startWatch, syncSchedules, type WatchTools } from '../../queues/watch.ts';
import type { Database } from '../../store/database.ts';
import { openDatabase } from '../../store/open.ts';
import { pauseStore } from '../../store/pause.ts';
import { sourceStore } from '../../store/sources.ts';
import { tipStore } from '../../store/tips.ts';
import { visitStore } from '../../store/visits.ts';

const card = (n: number) =>
  `<div data-cy="l-card"><a href="/d/item-${n}.html"><h4>Табыс ${n}</h4></a><p data-testid="ad-price">1 000 тг.</p></div>`;
const post = (id: number, link: string) =>
  `<div class="tgme_widget_message" data-post="tabys/${id}"><div class="tgme_widget_message_text"><a href="${link}">табыс</a></div></div>`;

/** host + path -> body; anything else is not there. */
const PAGES: Record<string, string> = {
  'map.test/robots.txt': 'User-agent: *\nSitemap: http://map.test/maps.xml',
  'map.test/maps.xml': '<sitemapindex><sitemap><loc>http://map.test/one.xml</loc></sitemap></sitemapindex>',
  'map.test/one.xml':
    '<urlset><url><loc>http://map.test/a</loc></url><url><loc>http://map.test/private/b</loc></url></urlset>',
  'olx.test/uslugi?page=1': `${card(1)}${card(2)}<a data-cy="pagination-forward" href="?page=2">›</a>`,
  'olx.test/uslugi?page=2': `${card(2)}${card(3)}<a data-cy="pagination-forward" href="?page=3">›</a>`,
  'olx.test/uslugi?page=3': card(4),
  'preview.test/s/tabys': post(21, 'http://new.test/') + post(22, 'http://newer.test/'),
  'preview.test/s/tabys?before=21': post(19, 'http://old.test/'),
  'closed.test/robots.txt': 'User-agent: *\nDisallow: /',
  'closed.test/sitemap.xml': '<urlset><url><loc>http://closed.test/a</loc></url></urlset>',
  'feed.test/ct.jsonl': '{"domain":"kaspi-bonus.test"}\n{"domain":"roses.test"}\n',
};

let db: Database;
let queues: Queues;
let crawler: Crawler;
let tools: WatchTools;
let resolve: Record<string, string>;
let seen: Visits;
let folder: string;
const server = createServer((request, response) => {
  const url = seen.note(request, response);
  const page = PAGES[`${url.hostname}${url.pathname}${url.search}`];
  if (page === undefined) response.writeHead(404);
  else response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(page ?? '');
});

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  resolve = { '*.test': `127.0.0.1:${(server.address() as AddressInfo).port}` };
  crawler = await createCrawler({ version: '0.1.0', browser: { is: 'none', why: 'not needed here' } });
  db = await openDatabase({ memory: true });
  queues = await openQueues({ database: db });
  folder = await mkdtemp(join(tmpdir(), 'kuzet-watch-'));
  tools = {
    sources: sourceStore(db),
    tips: tipStore(db),
    visits: visitStore(db),
    evidence: { read: async () => Buffer.from('') },
    crawler,
    brands: readBrands(),
    lookup: async () => [],
    isKnownGood: ({ hostname }) => hostname === 'platform.test',
    clock: systemClock,
    log: pino({ level: 'silent' }),
  };
});
beforeEach(() => {
  seen = countVisits();
});
afterAll(async () => {
  await queues.close();
  await crawler.close();
  await db.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const scan = () => ({ delaySeconds: 0.05, resolve });
const add = async (written: Record<string, unknown>) => {
  const source = readSource({ scan: scan(), ...written });
  await tools.sources.put(source, 'aigerim', new Date());
  return source.name;
};
const run = (name: string, over: Partial<WatchTools> = {}) =>
  runSource(name, { ...tools, ...over }, new AbortController().signal);
const broughtBy = async (name: string) =>
  (
    await db.query<{ url: string }>('select url from source_address where source = $1 order by url', [name])
  ).map(({ url }) => url);

describe('a run of a source', () => {
  test('of a site reads the sitemaps that its robots.txt names, politely, within its scope', async () => {
    const name = await add({
      name: 'map',
      kind: 'sitemap',
      url: 'http://map.test/',
      not: ['map.test/private/*'],
    });
    const first = await run(name);
    expect(first).toMatchObject({ found: 1, fresh: 1, requests: 3, notes: [] });
    expect(await broughtBy(name)).toEqual(['http://map.test/a']);
    expect(await tools.visits.counts([first.scanId!])).toMatchObject({ hosts: 1, due: 1 });
    const manners = seen.manners.get('map.test')!;
    expect(manners.mostInFlight).toBe(1);
    expect(manners.smallestGapMs).toBeGreaterThanOrEqual(50);
  });

  test('visits what it brought before no second time', async () => {
    const again = await run('map');
    expect(again).toMatchObject({ found: 1, fresh: 0, scanId: null });
    expect(await tools.sources.figures('map')).toMatchObject({ runs: 2, found: 2, fresh: 1, flagged: 0 });
  });

  test('of a market turns its pages over, and visits them and what they list', async () => {
    const url = 'http://olx.test/uslugi?page=1';
    const name = await add({ name: 'olx', kind: 'section', url, turns: 2 });
    expect(await run(name)).toMatchObject({ requests: 2, notes: [], facts: { layout: 'olx', turned: 2 } });
    expect(await broughtBy(name)).toEqual([
      'http://olx.test/d/item-1.html',
      'http://olx.test/d/item-2.html',
      'http://olx.test/d/item-3.html',
      'http://olx.test/uslugi?page=1',
      'http://olx.test/uslugi?page=2',
    ]);
  });

  test('of a channel goes back through its posts, and the next time only to the last one known', async () => {
    const name = await add({
      name: 'tabys',
      kind: 'channel',
      channel: 'http://preview.test/s/tabys',
      turns: 2,
    });
    expect(await run(name)).toMatchObject({ requests: 2, facts: { posts: 3 } });
    expect(await broughtBy(name)).toEqual([
      'http://new.test/',
      'http://newer.test/',
      'http://old.test/',
      'http://preview.test/s/tabys',
    ]);
    expect(await run(name)).toMatchObject({ requests: 1, fresh: 0, facts: { posts: 2 } });
  });

  test('asks nothing that robots.txt asks not to, and says so', async () => {
    const name = await add({ name: 'closed', kind: 'sitemap', url: 'http://closed.test/sitemap.xml' });
    expect(await run(name)).toMatchObject({
      found: 0,
      requests: 0,
      notes: ['http://closed.test/sitemap.xml: robots.txt of closed.test asks not to'],
    });
    expect([...seen.hits.keys()]).toEqual(['http://closed.test/robots.txt']);
  });

  test('with a reason reads it all the same, and the ledger holds the reason', async () => {
    const robots = { stance: 'ignore', reason: 'поручение прокуратуры, дело 17' };
    const name = await add({
      name: 'closed',
      kind: 'sitemap',
      url: 'http://closed.test/sitemap.xml',
      robots,
    });
    expect(await run(name)).toMatchObject({ found: 1 });
    const rows = await db.query<{ entry: string }>(
      "select entry from ledger where kind = 'source' and subject = 'closed' order by seq",
    );
    expect(rows.map(({ entry }) => JSON.parse(entry))).toMatchObject([
      { is: 'added', by: 'aigerim', robots: { stance: 'obey' } },
      { is: 'changed', by: 'aigerim', robots },
    ]);
  });

  test('brings no more than its budget, and the rest the next time', async () => {
    const urls = ['http://b.test/1', 'http://b.test/2', 'http://b.test/3'];
    const name = await add({ name: 'list', kind: 'urls', urls, budget: 2 });
    expect(await run(name)).toMatchObject({ found: 3, fresh: 2 });
    expect(await run(name)).toMatchObject({ found: 3, fresh: 1 });
  });

  test('of tips visits an address once, however often it is sent in', async () => {
    const subject = { kind: 'site', key: 'sent.test' } as const;
    const tip = { url: new URL('http://sent.test/a'), words: '', contact: '', via: 'file', subject } as const;
    const sent = await tools.tips.send(tip, new Date());
    await tools.tips.send({ ...tip, url: new URL('http://sent.test/a#top') }, new Date());
    const name = await add({ name: 'tips', kind: 'tips' });
    expect(await run(name)).toMatchObject({ fresh: 1 });
    expect(await run(name)).toMatchObject({ found: 0 });
    expect(await tools.tips.get(sent.code)).toMatchObject({ answer: 'waiting' });
  });

  test('of tips keeps for the next run what this one has no budget for', async () => {
    const subject = { kind: 'site', key: 'many.test' } as const;
    for (const path of ['1', '2', '3']) {
      const url = new URL(`http://many.test/${path}`);
      await tools.tips.send({ url, words: '', contact: '', via: 'file', subject }, new Date());
    }
    const name = await add({ name: 'few', kind: 'tips', only: ['many.test'], budget: 2 });
    const fresh: number[] = [];
    for (let at = 0; at < 4; at += 1) fresh.push((await run(name)).fresh);
    expect(fresh.reduce((sum, each) => sum + each)).toBe(3);
  });

  test('of false names asks DNS about some, and goes on where it ended', async () => {
    const asked: string[] = [];
    const lookup = async (host: string) => {
      asked.push(host);
      return host === 'kaspi.top' ? ['192.0.2.7'] : Promise.reject(new Error('ENOTFOUND'));
    };
    const name = await add({
      name: 'names',
      kind: 'lookalikes',
      brands: ['Kaspi.kz', 'No such'],
      names: 20,
      scan: { resolve: {} },
    });
    const first = await run(name, { lookup });
    expect(first).toMatchObject({ fresh: 1, requests: 0, notes: ['the brand file has no "No such"'] });
    expect(await broughtBy(name)).toEqual(['http://kaspi.top/']);
    const before = new Set(asked.splice(0));
    await run(name, { lookup });
    expect(asked.length).toBe(20);
    expect(asked.filter((host) => before.has(host))).toEqual([]);
  });

  test('of a feed takes names that play a brand or hold a word', async () => {
    const name = await add({ name: 'ct', kind: 'feed', from: 'http://feed.test/ct.jsonl' });
    expect(await run(name)).toMatchObject({ fresh: 1, facts: { names: 2 } });
    expect(await broughtBy(name)).toEqual(['http://kaspi-bonus.test/']);
  });

  test('of a growing file reads on from the last whole line', async () => {
    const from = join(folder, 'new-domains.txt');
    await writeFile(from, 'one-invest.test\ntwo-invest.te');
    const name = await add({ name: 'file', kind: 'feed', from, words: ['invest'] });
    expect(await run(name)).toMatchObject({ found: 1 });
    await appendFile(from, 'st\nthree-invest.test\n');
    expect(await run(name)).toMatchObject({ found: 2 });
    expect(await run(name)).toMatchObject({ found: 0, notes: [] });
    await rm(from);
    expect((await run(name)).notes).toHaveLength(1);
  });

  test('of fraud sites follows what confirmed ones lead to, and no platform or bank', async () => {
    const html =
      '<a href="http://partner.test/join">a</a><a href="http://platform.test/">b</a><a href="https://kaspi.kz/">c</a><a href="/own">d</a><a href="tel:1">e</a>';
    const confirmedCaptures = async () => [
      { caseId: 7, finalUrl: 'http://pyramid.test/', mediaType: 'text/html', body: 'hash', dom: null },
    ];
    const name = await add({ name: 'links', kind: 'links' });
    const evidence = { read: async () => Buffer.from(html) };
    await run(name, { sources: { ...tools.sources, confirmedCaptures }, evidence });
    expect(await broughtBy(name)).toEqual(['http://partner.test/join']);
  });

  test('does not begin while all visits are held', async () => {
    const name = await add({ name: 'held', kind: 'sitemap', url: 'http://map.test/one.xml' });
    await pauseStore(db).pause({ at: new Date(), by: 'aigerim', reason: '' });
    await expect(run(name)).rejects.toThrow(VisitsPausedError);
    await pauseStore(db).resume('aigerim', new Date());
    expect(await run(name)).toMatchObject({ found: 2 });
  });
});

describe('schedules', () => {
  const scheduled = async () =>
    (await queues.queue(SOURCES).getJobSchedulers(0, -1)).map(({ key, pattern, tz }) => [key, pattern, tz]);

  test('are what the rows say, in the time of Almaty', async () => {
    await add({ name: 'nightly', kind: 'urls', urls: ['a.test'], every: '0 3 * * *' });
    await add({ name: 'hourly', kind: 'urls', urls: ['a.test'], every: '0 * * * *' });
    await syncSchedules(queues, tools.sources, new Date());
    expect((await scheduled()).sort()).toEqual([
      ['hourly', '0 * * * *', 'Asia/Almaty'],
      ['nightly', '0 3 * * *', 'Asia/Almaty'],
    ]);
    await tools.sources.pause('nightly', true, 'aigerim', new Date());
    await add({ name: 'hourly', kind: 'urls', urls: ['a.test'], every: '30 * * * *' });
    await syncSchedules(queues, tools.sources, new Date());
    expect(await scheduled()).toEqual([['hourly', '30 * * * *', 'Asia/Almaty']]);
  });

  test('come back from the rows when the queue has lost them', async () => {
    await queues.queue(SOURCES).obliterate({ force: true });
    for (const [key] of await scheduled()) await queues.queue(SOURCES).removeJobScheduler(key!);
    expect(await scheduled()).toEqual([]);
    await syncSchedules(queues, tools.sources, new Date());
    expect(await scheduled()).toEqual([['hourly', '30 * * * *', 'Asia/Almaty']]);
  });

  test('are worked on: what is asked for is looked at, and its visits are queued', async () => {
    const name = await add({ name: 'asked', kind: 'urls', urls: [`http://${randomUUID()}.test/`] });
    const sweep = vi.fn(async () => {});
    const watch = await startWatch(queues, tools, sweep);
    try {
      await askRun(queues, name);
      await vi.waitUntil(async () => (await tools.sources.figures(name)).fresh === 1, { timeout: 20_000 });
      await vi.waitUntil(() => sweep.mock.calls.length > 0, { timeout: 20_000 });
    } finally {
      await watch.close();
    }
  });
});
