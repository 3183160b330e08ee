/** Where queues live, told so that another process can go there too. */
import { Redis } from 'ioredis';
import { openQueues, type Queues } from '../../queues/connection.ts';
import type { Database } from '../../store/database.ts';
import { openDatabase, type Where } from '../../store/open.ts';

/** On Redis the store is not asked, so none is opened. */
export type QueuePlace = { readonly redisUrl: string; readonly prefix: string } | { readonly where: Where };

export interface OpenPlace {
  readonly queues: Queues;
  /** Takes every job out of the engine, behind the queues' back. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

export async function openPlace(place: QueuePlace): Promise<OpenPlace> {
  return 'redisUrl' in place ? onRedis(place) : onStore(place.where);
}

async function onRedis({ redisUrl, prefix }: { redisUrl: string; prefix: string }): Promise<OpenPlace> {
  const queues = await openQueues({ database: noDatabase, redisUrl, prefix });
  return {
    queues,
    async empty() {
      const redis = new Redis(redisUrl);
      await redis.flushall();
      await redis.quit();
    },
    close: () => queues.close(),
  };
}

async function onStore(where: Where): Promise<OpenPlace> {
  const database = await openDatabase(where);
  const queues = await openQueues({ database });
  return {
    queues,
    async empty() {
      const tables = await database.query<{ name: string }>(
        "select format('bullmq.%I', tablename) as name from pg_tables where schemaname = 'bullmq' and tablename <> 'migration'",
      );
      await database.query(`truncate ${tables.map(({ name }) => name).join(', ')}`);
    },
    async close() {
      await queues.close();
      await database.close();
    },
  };
}

const noDatabase = new Proxy({} as Database, {
  get() {
    throw new Error('Queues on Redis have no business with the store.');
  },
});
