import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type DemoWeb, startDemoWeb } from '../../demo/serve.ts';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import type { Where } from '../../store/open.ts';
import { openDatabase } from '../../store/open.ts';
import { postgresMissing, startPostgres } from '../engines/postgres.ts';
import { redisMissing, startRedis } from '../engines/redis.ts';
import { type Home, openHome } from './kuzet.ts';

/**
 * How many workers are killed, on each set of engines: enough to see that it works. `KUZET_KILL_ROUNDS=100` for the
 * measure of it, which takes as long as 100 starts of a worker.
 */
const KILLS = Number(process.env['KUZET_KILL_ROUNDS'] ?? 2);
const PATIENCE = 120_000 + KILLS * 60_000;
/** Enough to kill in the middle of, little enough to finish soon. */
const HOSTS = 8;
const closing: (() => Promise<unknown>)[] = [];
let web: DemoWeb;
/** What a scan that nobody kills captures and opens. */
let unbroken: { readonly captured: string[]; readonly cases: string[] };

beforeAll(async () => {
  web = await startDemoWeb({ latencyMs: 20 });
  unbroken = await countUnbroken();
});
afterAll(() => web?.close());
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function keep<T extends { close(): Promise<unknown> }>(it: T): T {
  closing.push(() => it.close());
  return it;
}

describe('a scan that is killed', () => {
  test(
    'on the embedded engines goes on where it was: every page once, every case there',
    async () => {
      let kills = 0;
      while (kills < KILLS) {
        // One visit at a time and many to make, so that a scan outlives many kills.
        const home = keep(openHome(KILLS > 3 ? { KUZET_HOSTS_AT_ONCE: '1' } : {}));
        let scan = home.start(scanArgs(), seeds());
        for (; kills < KILLS; kills += 1) {
          const isOver = await Promise.race([
            scan.said(/^captured/).then(
              () => false,
              () => true,
            ),
            scan.ended.then(() => true),
          ]);
          if (isOver) break;
          await pause(Math.random() * 1500);
          await scan.kill();
          scan = home.start(['scan', '--resume']);
        }
        const ended = await scan.ended;
        expect(ended.err).toBe('');
        expect(ended.code).toBe(0);
        await expectWhole({ folder: join(home.folder, 'home', 'store') }, home);
        say(`embedded engines: ${kills} kills, 0 lost, 0 twice`);
      }
    },
    PATIENCE,
  );

  const missing = postgresMissing ?? redisMissing;
  const why = missing === null ? '' : ` (skipped: ${missing})`;
  test.skipIf(missing !== null)(
    `on PostgreSQL and Redis, its workers again and again, loses nothing${why}`,
    async () => {
      const pg = await startPostgres();
      closing.push(() => pg!.stop());
      const queue = await startRedis();
      closing.push(() => queue!.stop());
      const home = keep(openHome({ DATABASE_URL: pg!.url, REDIS_URL: queue!.url }));
      const work = () => home.start(['serve', '--only', 'workers']);
      const workers = Array.from({ length: KILLS > 3 ? 4 : 2 }, work);
      await Promise.all(workers.map((worker) => worker.said(/Working/)));
      let kills = 0;
      while (kills < KILLS) {
        const scan = home.start([...scanArgs(), '--no-work'], seeds());
        await scan.said(/^captured/);
        const ending = new AbortController();
        const ended = scan.ended.finally(() => ending.abort());
        while (kills < KILLS && !ending.signal.aborted) {
          await pause(Math.random() * 2000, undefined, { signal: ending.signal }).catch(() => undefined);
          const at = Math.floor(Math.random() * workers.length);
          await workers[at]!.kill();
          kills += 1;
          // One that is only starting is no worker to kill: the next dies when this one works.
          workers[at] = work();
          await Promise.race([workers[at].said(/Working/), ended]);
        }
        expect((await ended).err).toBe('');
        await expectWhole({ url: pg!.url }, home);
        say(`PostgreSQL and Redis: ${kills} kills, 0 lost, 0 twice`);
      }
      await Promise.all(workers.map((worker) => worker.kill()));
    },
    PATIENCE,
  );
});

/** For whoever measures: how far it is. */
function say(line: string): void {
  if (KILLS > 3) process.stderr.write(`${line}\n`);
}

function seeds(): string {
  return web.seeds.slice(0, HOSTS).join('\n');
}

function scanArgs(): string[] {
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

async function countUnbroken(): Promise<typeof unbroken> {
  const home = openHome();
  try {
    await home.run(scanArgs(), seeds());
    const { scans, cases } = await readStore({ folder: join(home.folder, 'home', 'store') });
    return { captured: scans.flat(), cases };
  } finally {
    await home.close();
  }
}

/** Every scan in the store has what an unbroken one has, each page once. */
async function expectWhole(where: Where, home: Home): Promise<void> {
  const found = await readStore(where);
  for (const captured of found.scans) {
    expect(new Set(captured).size).toBe(captured.length);
    expect(captured).toEqual(unbroken.captured);
  }
  expect(found.cases).toEqual(unbroken.cases);
  expect(found.due).toBe(0);
  const evidence = await openEvidenceFolder(join(home.folder, 'home', 'evidence'));
  for (const blob of found.blobs) expect((await evidence.read(blob)).byteLength).toBeGreaterThan(0);
}

async function readStore(where: Where) {
  const db = await openDatabase(where);
  try {
    const scans = await db.query<{ urls: string[] }>(
      `select array_agg(c.url order by c.url) as urls from capture c join visit v on v.id = c.visit_id
       group by v.scan_id`,
    );
    const cases = await db.query<{ subject_key: string }>(
      'select subject_key from cases order by subject_key',
    );
    const [due] = await db.query<{ n: number }>("select count(*) as n from frontier where state = 'due'");
    const blobs = await db.query<{ warc: string; body_sha256: string }>(
      'select warc, body_sha256 from capture',
    );
    return {
      scans: scans.map(({ urls }) => urls),
      cases: cases.map((row) => row.subject_key),
      due: Number(due?.n),
      blobs: blobs.flatMap((row) => [row.warc, row.body_sha256]),
    };
  } finally {
    await db.close();
  }
}
