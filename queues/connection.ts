/**
 * The one place that picks the engine under BullMQ: Redis (or Valkey; by its Sentinels, too) when there is an address for
 * it, else the store's own PostgreSQL or PGlite, in schema `bullmq`. What holds on one holds on all three:
 *
 * - A killed worker's job is run again by another within 15 seconds: its lock lasts 10 and is renewed while
 *   it works, and every 5 somebody looks for jobs whose lock ran out.
 * - A finished or failed job leaves no trace, so that its id can be added again; results belong in the store.
 * - While the engine is away adds wait, and workers go on when it is back. Emptying it loses jobs and
 *   schedulers, and nothing else.
 *
 * **A job added while one of the same `jobId` is waiting, delayed or active is dropped.** For an active one
 * that may lose news: the running job perhaps looked before the news came. Three ways to be safe:
 *
 * - keep the truth in the store and look for what is left undone now and then (as the visits' sweep does);
 * - or, instead of `jobId`, add with `{ deduplication: { id, keepLastIfActive: true } }`: while the job of
 *   that id is active, the last one added is kept and runs after it, also when the worker is killed between;
 * - or give each piece of news an id of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type * as bull from 'bullmq';
import { createPostgresBackend, createRedisBackend, runMigrations, withBackend } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import type { Database, SessionPool } from '../store/database.ts';
import { sentinelOptions } from './redis-address.ts';
import { SteadySentinelConnector } from './sentinels.ts';

export type Queue<Data> = bull.Queue<
  Data,
  unknown,
  string,
  Data,
  unknown,
  string,
  bull.IQueueBackend,
  unknown
>;
export type Worker<Data> = bull.Worker<Data, unknown, string, bull.IQueueBackend, bull.JobProgress, unknown>;
export type Events = bull.QueueEvents<unknown, bull.IQueueBackend, unknown>;
export type Handler<Data> = bull.Processor<Data, unknown, string>;

export interface Queues {
  readonly engine: 'redis' | 'postgres' | 'pglite';
  /** The same object each time. Names have no colon. */
  queue<Data>(name: string): Queue<Data>;
  /** Starts at once; `options` as BullMQ's, `concurrency` before all. */
  worker<Data>(
    name: string,
    handler: Handler<Data>,
    options?: Omit<bull.WorkerOptions<unknown>, 'connection' | 'prefix'>,
  ): Worker<Data>;
  /** Resolves when it listens: an event of a job added afterwards is not missed. */
  events(name: string): Promise<Events>;
  /** Closes all it made, workers first and each after the jobs under way. Harmless when done twice. */
  close(): Promise<void>;
}

/** The Redis server cannot be used. The message has no password in it. */
export class RedisUnusableError extends Error {
  override readonly name = 'RedisUnusableError';
}

/**
 * @param settings `prefix` begins every key on Redis (`kuzet`); `onError` hears of lost connections and the
 *   like, after which BullMQ goes on by itself.
 * @throws RedisUnusableError when nobody answers at `redisUrl`.
 */
export async function openQueues(settings: {
  readonly database: Database;
  readonly redisUrl?: string | undefined;
  readonly prefix?: string | undefined;
  readonly onError?: ((error: Error) => void) | undefined;
}): Promise<Queues> {
  const { database, redisUrl, prefix = 'kuzet', onError = () => undefined } = settings;
  const engine =
    redisUrl === undefined ? await onDatabase(database, onError) : await onRedis(redisUrl, onError);
  const { Queue, Worker, QueueEvents } = withBackend<bull.IQueueBackend, unknown>(engine.factory);
  const base = { connection: engine.connection, prefix };

  const queues = new Map<string, Queue<unknown>>();
  const workers: Worker<never>[] = [];
  const listeners: Events[] = [];
  let closing: Promise<void> | null = null;
  return {
    engine: engine.name,
    queue<Data>(name: string) {
      let queue = queues.get(name);
      if (queue === undefined) {
        queue = new Queue<unknown, unknown, string>(name, {
          ...base,
          defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
        });
        queue.on('error', onError);
        queues.set(name, queue);
      }
      return queue as unknown as Queue<Data>;
    },
    worker<Data>(name: string, handler: Handler<Data>, options = {}) {
      const worker = new Worker<Data, unknown, string>(name, handler, {
        lockDuration: 10_000,
        stalledInterval: 5_000,
        // A job is not to blame for the machine it was on.
        maxStalledCount: 1000,
        // After the engine was away: BullMQ's 15 seconds are long beside its start.
        runRetryDelay: 2_000,
        ...options,
        ...base,
      });
      worker.on('error', onError);
      workers.push(worker as unknown as Worker<never>);
      return worker;
    },
    async events(name) {
      const events = new QueueEvents(name, { ...base, ...engine.events });
      events.on('error', onError);
      listeners.push(events);
      await events.waitUntilReady();
      return events;
    },
    close() {
      closing ??= (async () => {
        await engine.giveUp();
        await Promise.all(workers.map((worker) => worker.close().catch(onError)));
        await Promise.all(listeners.map((events) => events.close().catch(onError)));
        await Promise.all([...queues.values()].map((queue) => queue.close().catch(onError)));
        await engine.close();
      })();
      return closing;
    },
  };
}

interface Engine {
  readonly name: Queues['engine'];
  readonly factory: bull.BackendFactory<bull.IQueueBackend, unknown>;
  readonly connection: unknown;
  readonly events?: Pick<bull.QueueEventsOptions, 'blockingTimeout'>;
  /** Where it is away, waits no longer for it: a command that did would hold up the end for ever. */
  giveUp(): Promise<void>;
  close(): Promise<void>;
}

/** Between two tries to reach a server that is away. */
const LONGEST_PAUSE_MS = 2_000;

async function onRedis(url: string, onError: (error: Error) => void): Promise<Engine> {
  await assertAnswers(url);
  let hasGivenUp = false;
  const redis = clientOf(url, {
    connectionName: 'kuzet',
    // Commands wait for a server that restarts, as long as it takes.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (hasGivenUp ? null : Math.min(times * 100, LONGEST_PAUSE_MS)),
    sentinelRetryStrategy: (times) => (hasGivenUp ? null : Math.min(times * 100, LONGEST_PAUSE_MS)),
    // A master that is one no more: the next connection is to the one that is, and the command goes there.
    reconnectOnError: ({ message }) => (message.startsWith('READONLY') ? 2 : false),
    // One that was cut off never says so.
    failoverDetector: true,
  });
  redis.on('error', onError);
  return {
    name: 'redis',
    factory: createRedisBackend as bull.BackendFactory<bull.IQueueBackend, unknown>,
    connection: redis,
    async giveUp() {
      hasGivenUp = true;
      // A client told to disconnect between two tries never says that it has ended, and BullMQ waits for that
      // word; so let every one make its last try first.
      if (redis.status !== 'ready') await sleep(LONGEST_PAUSE_MS + 500);
    },
    async close() {
      redis.disconnect();
    },
  };
}

/** Of one server, or of the master that Sentinels name. */
function clientOf(url: string, options: Omit<RedisOptions, 'replyMapping'>): Redis {
  const sentinels = sentinelOptions(url);
  if (sentinels === null) return new Redis(url, options);
  const Connector = SteadySentinelConnector as NonNullable<RedisOptions['Connector']>;
  return new Redis({ ...options, ...sentinels, Connector });
}

/** A wrong address is told at once, on a connection of its own: BullMQ's wait for ever. */
async function assertAnswers(url: string): Promise<void> {
  const sentinels = sentinelOptions(url);
  const redis = clientOf(url, {
    ...{ lazyConnect: true, connectTimeout: 10_000 },
    ...{ retryStrategy: () => null, sentinelRetryStrategy: () => null },
  });
  let reason: Error | null = null;
  redis.on('error', (error: Error) => {
    reason = error;
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    // What connect() itself says is only that the connection closed.
    const why = (reason ?? (error as Error)).message;
    const { host, port } = redis.options;
    const place = sentinels === null ? `at ${host}:${port}` : `"${sentinels.name}" of the Sentinels`;
    throw new RedisUnusableError(
      `Redis ${place} did not let us in: ${why}. Check REDIS_URL and that the server runs.`,
      { cause: error },
    );
  } finally {
    redis.disconnect();
  }
}

/** Each worker and each listener for events holds one connection for itself. */
const MOST_CONNECTIONS = 32;

async function onDatabase(database: Database, onError: (error: Error) => void): Promise<Engine> {
  const pool: SessionPool = database.pool('bullmq', MOST_CONNECTIONS);
  pool.on('error', onError);
  const session = await pool.connect();
  try {
    await runMigrations(session, 'bullmq');
  } finally {
    session.release();
  }
  return {
    name: database.engine,
    factory: createPostgresBackend as unknown as bull.BackendFactory<bull.IQueueBackend, unknown>,
    connection: pool,
    // An event that comes between its look into the table and its wait for a notice is seen at the next look
    // only (PostgresQueueBackend.waitForEvent of BullMQ 6.7 has no second look), by default 10 seconds later.
    events: { blockingTimeout: 1_000 },
    // Its commands never wait.
    giveUp: async () => undefined,
    close: async () => undefined,
  };
}
