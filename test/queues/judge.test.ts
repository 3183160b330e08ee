import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createCrawler } from '../../crawler/lanes.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import { systemClock } from '../../queues/clock.ts';
import { judgeHere, judgeInThread } from '../../queues/judge.ts';
import { visitJob } from '../../queues/visit.ts';
import { openDatabase } from '../../store/open.ts';
import { visitStore } from '../../store/visits.ts';
import { judgeConformance } from '../conformance/judge.ts';
import { at, id } from '../conformance/rows.ts';
import { visitTools } from './tools.ts';

judgeConformance('in this thread', async () => judgeHere());
judgeConformance('in a thread of its own', () => judgeInThread());

describe('a visit whose pages kill the thread that judges, and hold it up', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  test('fails those pages by name and captures the others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kuzet-judge-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    const site = createServer((_, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end('<title>Жаңалықтар</title><p>Ауданда жаңа кітапхана ашылды, оқырмандар көп.</p>');
    });
    await new Promise<void>((ready) => site.listen(0, '127.0.0.1', ready));
    ends.push(() => site.close());
    const { port } = site.address() as AddressInfo;
    const crawler = await createCrawler({
      version: '0.1.0',
      browser: { is: 'none', why: 'none is wanted here' },
      fetchesAtOnce: 1,
    });
    ends.push(() => crawler.close());
    const judge = await judgeInThread(new URL('./threads/deadly.ts', import.meta.url), {
      seconds: 10,
      heapMegabytes: 512,
    });
    ends.push(() => judge.close());
    const db = await openDatabase({ memory: true });
    ends.push(() => db.close());

    const visits = visitStore(db);
    const stop = new AbortController();
    setMaxListeners(0, stop.signal);
    const scan = id();
    await visits.startScan({
      id: scan,
      visitIds: id,
      seeds: ['/', '/kills', '/holds-up', '/news'].map((path) => new URL(path, 'http://deadly.test')),
      refusals: [],
      settings: {
        ...DEFAULT_SETTINGS,
        delaySeconds: 0,
        robots: false,
        render: 'never',
        resolve: { 'deadly.test': `127.0.0.1:${port}` },
      },
      now: at,
    });
    await visitJob(
      { host: 'deadly.test' },
      visitTools(db, {
        evidence: await openEvidenceFolder(join(folder, 'evidence')),
        crawler,
        judge,
        clock: systemClock,
      }),
      stop.signal,
    );

    const ended = (await visits.news([scan], 0)).map(({ url, outcome }) => [
      new URL(url).pathname,
      outcome.is === 'failed' ? outcome : outcome.is,
    ]);
    expect(Object.fromEntries(ended)).toEqual({
      '/': 'captured',
      '/kills': {
        is: 'failed',
        reason: 'unjudged',
        detail: 'http://deadly.test/kills could not be judged: the thread that read it ended with code 9.',
      },
      '/holds-up': {
        is: 'failed',
        reason: 'unjudged',
        detail:
          'http://deadly.test/holds-up could not be judged: the thread that read it gave no answer within 10 seconds.',
      },
      '/news': 'captured',
    });
  });
});
