/**
 * Who looks through the log of listings by itself: woken when something came, and every few seconds besides, so
 * that a wake-up that was lost costs no more than that. The log says what is to be done; the job carries nothing.
 */
import type { Logger } from 'pino';
import type { Queues } from '../connection.ts';
import { MARKET, MARKET_EVERY_MS } from '../jobs.ts';

export interface MarketWork {
  /** Whether there is anything to look through; asked first, since the index is large. */
  isBehind(): Promise<boolean>;
  settle(): Promise<void>;
}

/** Wakes the worker of whatever process has one. */
export async function wakeMarket(queues: Queues): Promise<void> {
  const deduplication = { id: MARKET, keepLastIfActive: true };
  await queues.queue<Record<string, never>>(MARKET).add('wake', {}, { deduplication });
}

export async function startMarket(
  queues: Queues,
  work: MarketWork,
  log: Logger,
): Promise<{ close(): Promise<void> }> {
  const queue = queues.queue<Record<string, never>>(MARKET);
  await queue.upsertJobScheduler(MARKET, { every: MARKET_EVERY_MS }, { name: 'round', data: {} });
  const worker = queues.worker<Record<string, never>>(
    MARKET,
    async () => {
      if (await work.isBehind()) await work.settle();
    },
    { concurrency: 1 },
  );
  worker.on('failed', (_job, cause) =>
    log.error({ err: cause }, 'the market was not looked through this time'),
  );
  return { close: () => worker.close() };
}
