/** A visit to a site without end comes to its end by itself, and tells what it left and why. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Crawler, createCrawler } from '../../crawler/lanes.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import { systemClock } from '../../queues/clock.ts';
import { judgeHere } from '../../queues/judge.ts';
import { type VisitTools, visitJob } from '../../queues/visit.ts';
import type { Database } from '../../store/database.ts';
import { openDatabase } from '../../store/open.ts';
import { type FaultyWeb, startFaultyWeb } from '../web/faults.ts';
import { visitTools } from './tools.ts';

let db: Database;
let web: FaultyWeb;
let crawler: Crawler;
let folder: string;
let tools: VisitTools;
beforeAll(async () => {
  db = await openDatabase({ memory: true });
  web = await startFaultyWeb();
  folder = await mkdtemp(join(tmpdir(), 'kuzet-traps-'));
  crawler = await createCrawler({ version: '0.0.0', browser: { is: 'none', why: 'not wanted here' } });
  const evidence = await openEvidenceFolder(folder);
  tools = visitTools(db, { evidence, crawler, judge: judgeHere(), clock: systemClock });
});
afterAll(async () => {
  await crawler.close();
  await web.close();
  await db.close();
  await rm(folder, { recursive: true });
});

test('an endless calendar is left after a few of its months and days, each of the others a line that says so', async () => {
  const id = randomUUID();
  await tools.visits.startScan({
    id,
    visitIds: randomUUID,
    seeds: [new URL('http://faulty.test/calendar/2026/11')],
    refusals: [],
    settings: { ...DEFAULT_SETTINGS, pages: 5_000, depth: 50, delaySeconds: 0, resolve: web.resolve },
    now: new Date(),
  });
  await visitJob({ host: 'faulty.test' }, tools, new AbortController().signal);
  const counts = await tools.visits.counts([id]);
  expect(counts).toMatchObject({ hostsDone: 1, due: 0, failed: 0 });
  // The seed, and at most a dozen of months and a dozen of days.
  expect(counts.captured).toBeGreaterThan(2);
  expect(counts.captured).toBeLessThanOrEqual(25);
  const left = (await tools.visits.news([id], 0)).filter(({ outcome }) => outcome.is === 'skipped');
  expect(left.length).toBeGreaterThanOrEqual(16);
  const details = new Set<string>();
  for (const { outcome } of left) {
    expect(outcome).toMatchObject({ is: 'skipped', reason: 'trap' });
    if (outcome.is === 'skipped') details.add(outcome.detail);
  }
  expect([...details].join('\n')).toMatch(/calendar\/#\/#\/#/);
});
