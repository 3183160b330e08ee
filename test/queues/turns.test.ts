import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Crawler, createCrawler } from '../../crawler/lanes.ts';
import { countVisits, type Visits } from '../../demo/visits.ts';
import { DEFAULT_SETTINGS, type ScanSettings } from '../../domain/source.ts';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import { systemClock } from '../../queues/clock.ts';
import { judgeHere } from '../../queues/judge.ts';
import { HostRestsError, openTurns } from '../../queues/turns.ts';
import { type VisitTools, visitJob } from '../../queues/visit.ts';
import type { Database } from '../../store/database.ts';
import type { Visit } from '../../store/lease.ts';
import { openDatabase } from '../../store/open.ts';
import { pauseStore } from '../../store/pause.ts';
import { visitTools } from './tools.ts';

/** Seconds added to the real clock: a host's hour passes at once. */
let ahead = 0;
const clock = { ...systemClock, now: () => new Date(Date.now() + ahead * 1000) };

let db: Database;
let crawler: Crawler;
let folder: string;
let tools: VisitTools;
let resolve: Record<string, string>;
let seen: Visits;
/** What `busy.test` answers; 0 for a page. */
let busyFor = 0;
const server = createServer((request, response) => {
  const url = seen.note(request, response);
  const page = (text: string) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<title>${text}</title><p>${text}</p>`);
  };
  const leadTo = (location: string) => {
    response.writeHead(302, { location });
    response.end();
  };
  if (url.hostname === 'shut.test') {
    response.writeHead(503, { 'retry-after': '3600' });
    response.end();
  } else if (url.pathname === '/robots.txt') {
    const isClosed = url.hostname === 'closed.test';
    response.end(isClosed ? 'User-agent: *\nDisallow: /private\n' : '');
  } else if (url.hostname.startsWith('door-')) leadTo(`http://${url.pathname.slice(1)}`);
  else if (url.hostname === 'left.test') leadTo(`http://right.test${url.pathname}/back`);
  else if (url.hostname === 'right.test' && !url.pathname.endsWith('back')) {
    leadTo(`http://left-end.test${url.pathname}`);
  } else if (url.hostname === 'busy.test' && busyFor > 0) {
    response.writeHead(503, { 'retry-after': String(busyFor) });
    response.end();
  } else page('Түсті шамдар');
});

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  resolve = { '*.test': `127.0.0.1:${(server.address() as AddressInfo).port}` };
  db = await openDatabase({ memory: true });
  folder = await mkdtemp(join(tmpdir(), 'kuzet-turns-'));
  crawler = await createCrawler({ version: '0.0.0', browser: { is: 'none', why: 'not wanted here' } });
  tools = visitTools(db, {
    evidence: await openEvidenceFolder(folder),
    crawler,
    judge: judgeHere(),
    clock,
  });
});
afterAll(async () => {
  await crawler.close();
  await db.close();
  await rm(folder, { recursive: true });
  server.close();
});
beforeEach(() => {
  seen = countVisits();
  ahead = 0;
  busyFor = 0;
});

async function scan(urls: readonly string[], settings: Partial<ScanSettings> = {}): Promise<string> {
  const id = randomUUID();
  await tools.visits.startScan({
    id,
    visitIds: randomUUID,
    seeds: urls.map((url) => new URL(url)),
    refusals: [],
    settings: { ...DEFAULT_SETTINGS, delaySeconds: 0.2, resolve, ...settings },
    now: clock.now(),
  });
  return id;
}

async function visitAll(...hosts: string[]): Promise<void> {
  const signal = new AbortController().signal;
  await Promise.all(hosts.map((host) => visitJob({ host }, tools, signal)));
}

const lines = async (scanId: string) => tools.visits.news([scanId], 0);

test('a host that rests until a moment of a clock that was put back meanwhile is put off, and nobody sleeps for a day', async () => {
  let nowMs = Date.parse('2026-11-30T10:00:00Z');
  const slept: number[] = [];
  const turns = await openTurns(
    { id: 'visit', host: 'a.test', settings: DEFAULT_SETTINGS, wasPutOff: false } as unknown as Visit,
    {
      crawler,
      visits: {
        hostMemory: async () => null,
        async takeTurn() {
          const at = new Date(nowMs + 1_000);
          nowMs -= 24 * 3_600_000;
          return { is: 'later', at };
        },
        giveTurn: async () => undefined,
      } as unknown as VisitTools['visits'],
      clock: {
        now: () => new Date(nowMs),
        sleep: async (milliseconds) => void slept.push(milliseconds),
      },
    },
    new AbortController().signal,
  );
  await expect(turns.robotsRefusal(new URL('http://a.test/'))).rejects.toThrow(HostRestsError);
  expect(slept).toEqual([]);
});

describe('a redirect to another host', () => {
  test('is followed at that host’s own pace, however many sites lead there at once', async () => {
    const doors = [1, 2, 3, 4].map((n) => `door-${n}.test`);
    const id = await scan([
      ...doors.map((door) => `http://${door}/shared.test/from-${door}`),
      'http://shared.test/own-1',
      'http://shared.test/own-2',
    ]);
    await visitAll(...doors, 'shared.test');
    expect((await lines(id)).map(({ outcome }) => outcome.is)).toEqual(Array(6).fill('captured'));
    const manners = seen.manners.get('shared.test')!;
    expect(manners).toMatchObject({ documents: 6, mostInFlight: 1 });
    expect(manners.smallestGapMs).toBeGreaterThanOrEqual(200);
    expect(seen.hits.get('http://shared.test/robots.txt')).toBeGreaterThanOrEqual(1);
  });

  test('is in the capture with what robots.txt said there', async () => {
    const id = await scan(['http://door-hops.test/open.test/page']);
    await visitAll('door-hops.test');
    const [line] = await lines(id);
    const captureId = line?.outcome.is === 'captured' ? line.outcome.captureId : '';
    const { capture } = (await tools.captures.get(captureId))!;
    expect(capture.hops).toEqual([
      {
        url: 'http://door-hops.test/open.test/page',
        status: 302,
        location: 'http://open.test/page',
      },
      { url: 'http://open.test/page', status: 200, location: null, robots: 'allowed' },
    ]);
  });

  test('ends where robots.txt of that host asks not to, and the page is not asked for', async () => {
    const id = await scan(['http://door-closed.test/closed.test/private']);
    await visitAll('door-closed.test');
    expect((await lines(id)).map(({ outcome }) => outcome)).toEqual([
      { is: 'skipped', reason: 'robots', detail: 'robots.txt of closed.test asks not to' },
    ]);
    expect(seen.hits.has('http://closed.test/private')).toBe(false);
  });

  test('is followed past robots.txt when the scan was told to, and the capture says so', async () => {
    const id = await scan(['http://door-told.test/closed.test/private'], { robots: false });
    await visitAll('door-told.test');
    const [line] = await lines(id);
    const captureId = line?.outcome.is === 'captured' ? line.outcome.captureId : '';
    expect((await tools.captures.get(captureId))!.capture.hops[1]).toMatchObject({ robots: 'ignored' });
    expect([...seen.hits.keys()].filter((url) => url.endsWith('robots.txt'))).toEqual([]);
  });

  test('between two sites that lead to each other blocks neither', async () => {
    const id = await scan(['http://left.test/a', 'http://right.test/b']);
    await visitAll('left.test', 'right.test');
    expect((await lines(id)).map(({ outcome }) => outcome.is)).toEqual(['captured', 'captured']);
  });

  test('to a host that asked to be left alone waits for its moment, the rest of the visit does not', async () => {
    busyFor = 900;
    await scan(['http://busy.test/']);
    await visitAll('busy.test');
    const id = await scan(['http://door-busy.test/busy.test/a', 'http://door-busy.test/open.test/b']);
    await visitAll('door-busy.test');
    expect((await lines(id)).map(({ url }) => url)).toEqual(['http://door-busy.test/open.test/b']);
    expect(await tools.visits.resting([id], clock.now())).toMatchObject({ hosts: 1, isPaused: false });
    busyFor = 0;
    ahead = 1000;
    await visitAll('door-busy.test');
    expect((await lines(id)).map(({ outcome }) => outcome.is)).toEqual(['captured', 'captured']);
    await visitAll('busy.test');
  });
});

describe('a host that asks for an hour', () => {
  test('gets it: the visit is laid down and goes on afterwards, nothing lost', async () => {
    ahead = 100_000;
    busyFor = 3600;
    const id = await scan(['http://busy.test/one', 'http://busy.test/two']);
    await visitAll('busy.test');
    expect(await lines(id)).toEqual([]);
    expect(await tools.visits.counts([id])).toMatchObject({ due: 2, hostsDone: 0 });
    const asked = seen.manners.get('busy.test')!.documents;
    ahead += 3500;
    await visitAll('busy.test');
    expect(seen.manners.get('busy.test')!.documents).toBe(asked);
    busyFor = 0;
    ahead += 200;
    await visitAll('busy.test');
    expect((await lines(id)).map(({ outcome }) => outcome.is)).toEqual(['captured', 'captured']);
  });

  test('gets it also where it asks with its robots.txt', async () => {
    ahead = 150_000;
    await scan(['http://shut.test/']);
    await visitAll('shut.test');
    const nextAt = (await tools.visits.hostMemory('shut.test'))?.nextAt?.getTime() ?? 0;
    expect(nextAt - clock.now().getTime()).toBeGreaterThan(3_500_000);
  });

  test('and never answers is given up after six times', async () => {
    ahead = 200_000;
    busyFor = 3600;
    const urls = Array.from({ length: 9 }, (_, n) => `http://busy.test/never-${n}`);
    const id = await scan(urls);
    for (let hour = 0; hour < 8; hour += 1) {
      await visitAll('busy.test');
      ahead += 3700;
    }
    const ends = (await lines(id)).map(({ outcome }) => ('captureId' in outcome ? '' : outcome.reason));
    expect(ends).toEqual(['http_status', ...Array(8).fill('host_down')]);
    expect(seen.manners.get('busy.test')!.documents).toBe(6);
  });
});

describe('visits that are held', () => {
  test('stop before the next request and go on where they were', async () => {
    const pauses = pauseStore(db);
    const id = await scan(['http://calm.test/a', 'http://calm.test/b', 'http://calm.test/c']);
    const going = visitAll('calm.test');
    while ((seen.hits.get('http://calm.test/robots.txt') ?? 0) === 0) await systemClock.sleep(5, NEVER);
    await pauses.pause({ at: clock.now(), by: 'aigerim', reason: '' });
    await going;
    const before = seen.manners.get('calm.test')?.documents ?? 0;
    expect(before).toBeLessThan(3);
    await visitAll('calm.test');
    expect(seen.manners.get('calm.test')?.documents ?? 0).toBe(before);
    await pauses.resume('aigerim', clock.now());
    await visitAll('calm.test');
    expect((await lines(id)).map(({ outcome }) => outcome.is)).toEqual(Array(3).fill('captured'));
  });
});

const NEVER = new AbortController().signal;
