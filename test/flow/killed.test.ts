import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type DemoWeb, startDemoWeb } from '../../demo/serve.ts';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import type { Where } from '../../store/open.ts';
import { openDatabase } from '../../store/open.ts';
import { postgresMissing, startPostgres } from '../engines/postgres.ts';
import { redisMissing, startRedis } from '../engines/redis.ts';
import { type Home, openHome } from './kuzet.ts';

/** Enough to kill in the middle of, little enough to finish soon. */
const HOSTS = 8;
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function keep<T extends { close(): Promise<unknown> }>(it: T): T {
  closing.push(() => it.close());
  return it;
}

describe('a scan that is killed', () => {
  test('on the embedded engines goes on where it was: every page once, every case there', async () => {
    const web = keep(await startDemoWeb({ latencyMs: 20 }));
    const home = keep(openHome());
    const first = home.start(scanArgs(web), seeds(web));
    await first.said(/^captured/);
    await first.kill();
    for (let kill = 0; kill < 3; kill += 1) {
      const again = home.start(['scan', '--resume']);
      await again.said(/^captured/);
      await pause(Math.random() * 1500);
      await again.kill();
    }
    const last = await home.run(['scan', '--resume']);
    expect(last.err).toBe('');
    expect(last.code).toBe(0);
    await expectWhole({ folder: join(home.folder, 'home', 'store') }, home, await countUnbroken(web));
  });

  const missing = postgresMissing ?? redisMissing;
  const why = missing === null ? '' : ` (skipped: ${missing})`;
  test.skipIf(missing !== null)(
    `on PostgreSQL and Redis, one of two workers, loses nothing${why}`,
    async () => {
      const web = keep(await startDemoWeb({ latencyMs: 20 }));
      const pg = await startPostgres();
      closing.push(() => pg!.stop());
      const queue = await startRedis();
      closing.push(() => queue!.stop());
      const home = keep(openHome({ DATABASE_URL: pg!.url, REDIS_URL: queue!.url }));
      const workers = [
        home.start(['serve', '--only', 'workers']),
        home.start(['serve', '--only', 'workers']),
      ];
      await Promise.all(workers.map((worker) => worker.said(/Working/)));
      const scan = home.start([...scanArgs(web), '--no-work'], seeds(web));
      await scan.said(/^captured/);
      await workers[0]!.kill();
      const ended = await scan.ended;
      expect(ended.err).toBe('');
      await Promise.all(workers.map((worker) => worker.kill()));
      await expectWhole({ url: pg!.url }, home, await countUnbroken(web));
    },
  );
});

function seeds(web: DemoWeb): string {
  return web.seeds.slice(0, HOSTS).join('\n');
}

function scanArgs(web: DemoWeb): string[] {
  return [
    'scan',
    '--file',
    '-',
    '--resolve',
    web.resolve,
    '--delay',
    '0.05',
    '--pages',
    '12',
    '--render',
    'never',
  ];
}

/** What a scan that nobody kills captures and opens. */
async function countUnbroken(web: DemoWeb): Promise<{ captured: string[]; cases: string[] }> {
  const home = keep(openHome());
  await home.run(scanArgs(web), seeds(web));
  return readStore({ folder: join(home.folder, 'home', 'store') });
}

async function expectWhole(
  where: Where,
  home: Home,
  unbroken: { captured: string[]; cases: string[] },
): Promise<void> {
  const found = await readStore(where);
  expect(new Set(found.captured).size).toBe(found.captured.length);
  expect(found.captured).toEqual(unbroken.captured);
  expect(found.cases).toEqual(unbroken.cases);
  expect(found.due).toBe(0);
  const evidence = await openEvidenceFolder(join(home.folder, 'home', 'evidence'));
  for (const blob of found.blobs) expect((await evidence.read(blob)).byteLength).toBeGreaterThan(0);
}

async function readStore(where: Where) {
  const db = await openDatabase(where);
  try {
    const captured = await db.query<{ url: string }>('select url from capture order by url');
    const cases = await db.query<{ subject_key: string }>(
      'select subject_key from cases order by subject_key',
    );
    const [due] = await db.query<{ n: number }>("select count(*) as n from frontier where state = 'due'");
    const blobs = await db.query<{ warc: string; body_sha256: string }>(
      'select warc, body_sha256 from capture',
    );
    return {
      captured: captured.map((row) => row.url),
      cases: cases.map((row) => row.subject_key),
      due: Number(due?.n),
      blobs: blobs.flatMap((row) => [row.warc, row.body_sha256]),
    };
  } finally {
    await db.close();
  }
}
