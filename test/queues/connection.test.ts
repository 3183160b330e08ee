import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openQueues, RedisUnusableError } from '../../queues/connection.ts';
import type { Database } from '../../store/database.ts';
import { openDatabase } from '../../store/open.ts';
import { queueConformance } from '../conformance/queue.ts';
import type { Engine } from '../engines/places.ts';
import { freshDatabase, postgresMissing, startPostgres } from '../engines/postgres.ts';
import { redisMissing, startRedis } from '../engines/redis.ts';
import { startSentinels } from '../engines/sentinel.ts';
import { startTalkativeSentinel } from '../engines/talkative-sentinel.ts';

let redis: Engine | null = null;
let postgres: Engine | null = null;
const folders: string[] = [];

beforeAll(async () => {
  redis = await startRedis();
  postgres = await startPostgres();
});
afterAll(async () => {
  await redis?.stop();
  await postgres?.stop();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

queueConformance('PGlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kuzet-queue-'));
  folders.push(folder);
  return { where: { folder } };
});
queueConformance(
  'PostgreSQL',
  async () => ({ where: { url: await freshDatabase(postgres!) } }),
  postgresMissing,
);
let prefixes = 0;
queueConformance(
  'Redis',
  async () => {
    prefixes += 1;
    return { redisUrl: redis!.url, prefix: `kuzet-${prefixes}` };
  },
  redisMissing,
);

describe('the engine under the queues', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase({ memory: true });
  });
  afterAll(() => database.close());

  test('is the store’s own where no Redis is named, and the store’s rows are not disturbed', async () => {
    const queues = await openQueues({ database });
    expect(queues.engine).toBe('pglite');
    await queues.queue('trial').add('one', {});
    const schemas = await database.query(
      "select distinct schemaname as name from pg_tables where tablename in ('job', 'cases') order by 1",
    );
    expect(schemas).toEqual([{ name: 'bullmq' }, { name: 'kuzet' }]);
    await queues.close();
    await queues.close();
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('finds a killed worker’s job within 15 seconds: lock of 10, a look every 5, no end of tries', async () => {
    const queues = await openQueues({ database });
    const { opts } = queues.worker('trial', async () => undefined);
    expect(opts).toMatchObject({ lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 1000 });
    await queues.close();
  });

  test('a Redis that does not answer is told at once, without the password', async () => {
    const wrong = openQueues({ database, redisUrl: 'redis://:hush@127.0.0.1:1' });
    await expect(wrong).rejects.toThrow(RedisUnusableError);
    await expect(wrong).rejects.toThrow(/127\.0\.0\.1:1 (?!.*hush)/);
  });
});

test.skipIf(redisMissing !== null)(
  `a master that dies is followed by the one that the Sentinels name, with its jobs${redisMissing ?? ''}`,
  async () => {
    const sentinels = (await startSentinels())!;
    const database = await openDatabase({ memory: true });
    const queues = await openQueues({ database, redisUrl: sentinels.url, onError: () => {} });
    const queue = queues.queue<{ n: number }>('followed');
    const runs: number[] = [];
    const waited = new Promise<void>((done) => {
      queues.worker<{ n: number }>('followed', async (job) => {
        runs.push(job.data.n);
        if (runs.length === 3) done();
      });
    });
    await queue.add('before', { n: 1 });
    await expect.poll(() => runs).toEqual([1]);
    await queue.add('kept', { n: 2 }, { delay: 3_000 });
    await sentinels.failOver();
    await queue.add('after', { n: 3 }, { delay: 3_000 });
    await waited;
    expect(runs).toEqual([1, 2, 3]);
    await queues.close();
    await database.close();
    await sentinels.stop();
  },
);

test.skipIf(redisMissing !== null)(
  `a failover told of while a lost connection is made anew does not end it${redisMissing ?? ''}`,
  async () => {
    const server = (await startRedis())!;
    const sentinel = await startTalkativeSentinel(Number(new URL(server.url).port));
    const database = await openDatabase({ memory: true });
    const queues = await openQueues({ database, redisUrl: sentinel.url, onError: () => {} });
    const queue = queues.queue<{ n: number }>('told');
    const runs: number[] = [];
    queues.worker<{ n: number }>('told', async (job) => {
      runs.push(job.data.n);
    });
    await queue.add('before', { n: 1 });
    await expect.poll(() => runs).toEqual([1]);
    const before = sentinel.asked();
    await server.kill();
    await server.restart();
    await queue.add('after', { n: 2 });
    await expect.poll(() => runs, { timeout: 20_000 }).toEqual([1, 2]);
    expect(sentinel.asked()).toBeGreaterThan(before);
    await queues.close();
    await database.close();
    await sentinel.close();
    await server.stop();
  },
);

describe.each([
  ['Redis', redisMissing, () => redis!],
  ['PostgreSQL', postgresMissing, () => postgres!],
] as const)('a killed %s', (name, missing, server) => {
  test.skipIf(missing !== null)(
    `does not end the process, and its jobs are run when it is back${missing ?? ''}`,
    async () => {
      const onError = () => {};
      const database = await openDatabase(
        name === 'Redis' ? { memory: true } : { url: await freshDatabase(server()) },
      );
      const redisUrl = name === 'Redis' ? server().url : undefined;
      const queues = await openQueues({ database, redisUrl, prefix: 'kuzet-killed', onError });
      const queue = queues.queue<{ n: number }>('killed');
      await queue.add('kept', { n: 1 }, { delay: 1_000 });
      const runs: number[] = [];
      const both = new Promise<void>((done) => {
        queues.worker<{ n: number }>('killed', async (job) => {
          runs.push(job.data.n);
          if (runs.length === 2) done();
        });
      });
      await server().kill();
      await server().restart();
      await queue.add('new', { n: 2 }, { delay: 2_000 });
      await both;
      expect(runs).toEqual([1, 2]);
      await queues.close();
      await database.close();
    },
  );

  test.skipIf(missing !== null)('does not keep the queues from closing', async () => {
    const database = await openDatabase(
      name === 'Redis' ? { memory: true } : { url: await freshDatabase(server()) },
    );
    const queues = await openQueues({
      database,
      redisUrl: name === 'Redis' ? server().url : undefined,
      prefix: 'kuzet-closing',
    });
    const queue = queues.queue<{ n: number }>('closing');
    const done = new Promise((resolve) => {
      queues.worker('closing', async () => undefined).on('completed', resolve);
    });
    await queues.events('closing');
    await queue.add('one', { n: 1 });
    await done;
    await server().kill();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await queues.close();
    await database.close();
    await server().restart();
  });
});
