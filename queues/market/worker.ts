/**
 * Who looks through the log of listings and sends alerts by itself: woken when something came, and every few seconds
 * besides, so that a wake-up that was lost costs no more than that. The database says what is to be done; the job
 * carries nothing.
 */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Queues } from '../connection.ts';
import { ALERTS, MARKET, MARKET_EVERY_MS } from '../jobs.ts';
import { keepSchedules } from '../schedules.ts';

export interface MarketWork {
  /** Whether there is anything to look through; asked first, since the index is large. */
  isBehind(): Promise<boolean>;
  settle(): Promise<void>;
  /** Tells what waited for its moment. */
  tellDue(): Promise<void>;
  /** @returns how many messages were sent. */
  send(signal: AbortSignal): Promise<number>;
}

/** Rounds at a time: one that waits for a slow endpoint holds up none of the others. */
const SENDING_ROUNDS = 4;

/** Wakes the worker of whatever process has one. */
export async function wakeMarket(queues: Queues): Promise<void> {
  const deduplication = { id: MARKET, keepLastIfActive: true };
  await queues.queue<Record<string, never>>(MARKET).add('wake', {}, { deduplication });
}

export async function startMarket(
  queues: Queues,
  work: MarketWork,
  tools: { readonly clock: Clock; readonly log: Logger },
): Promise<{ close(): Promise<void> }> {
  const stop = new AbortController();
  const queue = queues.queue<Record<string, never>>(MARKET);
  const alerts = queues.queue<Record<string, never>>(ALERTS);
  const round = (id: string) => ({
    id,
    repeat: { every: MARKET_EVERY_MS },
    job: { name: 'round', data: {} },
  });
  const { log } = tools;
  const schedules = [
    await keepSchedules(queue, [round(MARKET)], tools),
    await keepSchedules(alerts, [round(ALERTS)], tools),
  ];
  const finding = queues.worker<Record<string, never>>(
    MARKET,
    async () => {
      if (await work.isBehind()) await work.settle();
      await work.tellDue();
      await alerts.add('wake', {}, { deduplication: { id: ALERTS, keepLastIfActive: true } });
    },
    { concurrency: 1 },
  );
  const sending = queues.worker<Record<string, never>>(
    ALERTS,
    async () => {
      while (!stop.signal.aborted && (await work.send(stop.signal)) > 0);
    },
    { concurrency: SENDING_ROUNDS },
  );
  for (const worker of [finding, sending]) {
    worker.on('failed', (_job, cause) => log.error({ err: cause }, 'a round of the market broke off'));
  }
  return {
    async close() {
      for (const each of schedules) each.close();
      stop.abort();
      await Promise.all([finding.close(), sending.close()]);
    },
  };
}
