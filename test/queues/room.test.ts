import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createCrawler } from '../../crawler/lanes.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import { EvidenceWriteError } from '../../evidence/store.ts';
import { judgeHere } from '../../queues/judge.ts';
import { visitJob } from '../../queues/visit.ts';
import { openDatabase } from '../../store/open.ts';
import { visitStore } from '../../store/visits.ts';
import { at, id } from '../conformance/rows.ts';
import { listen } from '../web/faults.ts';
import { visitTools } from './tools.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test('a visit rests while the disk is nearly full, asks for nothing, and goes on when there is room; a page that found none is read again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-room-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  let asked = 0;
  const site = createServer((_, response) => {
    asked += 1;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<title>Жаңалықтар</title><p>Ауданда жаңа кітапхана ашылды, оқырмандар көп.</p>');
  });
  const port = await listen(site);
  ends.push(() => site.close());
  const crawler = await createCrawler({
    version: '0.1.0',
    browser: { is: 'none', why: 'none is wanted here' },
  });
  ends.push(() => crawler.close());
  const db = await openDatabase({ memory: true });
  ends.push(() => db.close());
  let freeBytes = 0;
  let now = at;
  let isFull = false;
  const kept = await openEvidenceFolder(join(folder, 'evidence'), {
    reserveBytes: 1_000,
    freeBytes: async () => freeBytes,
    now: () => now.getTime(),
  });
  const evidence = {
    ...kept,
    async put(bytes: Uint8Array) {
      if (!isFull) return kept.put(bytes);
      const facts = { place: 'here', bytes: bytes.byteLength, freeBytes: 0, code: 'ENOSPC' };
      throw new EvidenceWriteError(facts, {});
    },
  };
  const visits = visitStore(db);
  const scan = id();
  await visits.startScan({
    id: scan,
    visitIds: id,
    seeds: [new URL('http://full.test/')],
    refusals: [],
    settings: {
      ...DEFAULT_SETTINGS,
      delaySeconds: 0,
      robots: false,
      render: 'never',
      resolve: { 'full.test': `127.0.0.1:${port}` },
    },
    now,
  });
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const visit = () =>
    visitJob(
      { host: 'full.test' },
      visitTools(db, {
        evidence,
        crawler,
        judge: judgeHere(),
        clock: { now: () => now, sleep: async () => undefined },
      }),
      stop.signal,
    );

  await visit();
  expect(asked).toBe(0);
  expect(await visits.resting([scan], now)).toEqual({
    hosts: 1,
    until: new Date(now.getTime() + 60_000),
    isPaused: false,
  });

  freeBytes = 1_000;
  isFull = true;
  now = new Date(now.getTime() + 60_000);
  await visit();
  expect(asked).toBe(1);
  expect(await visits.counts([scan])).toMatchObject({ captured: 0, failed: 0, due: 1 });

  isFull = false;
  now = new Date(now.getTime() + 60_000);
  await visit();
  expect(asked).toBe(2);
  expect(await visits.counts([scan])).toMatchObject({ captured: 1, failed: 0, due: 0 });
});
