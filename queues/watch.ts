/**
 * The watch stage: one job is one run of one source.
 *
 *     schedule -> seek (find addresses) -> what is new becomes a scan -> sweep: its visits
 *
 * A source with a schedule is a job scheduler of the queue's own, in Almaty's time, so that of any number of workers
 * one does a run. The rows are the truth: schedulers are made anew from them at the start and once a minute, so an
 * emptied queue misses at most what fell into that minute.
 */
import type { Logger } from 'pino';
import type { Brands } from '../classifiers/brands.ts';
import type { Lookup } from '../crawler/dial.ts';
import type { Crawler } from '../crawler/lanes.ts';
import { settingsOf, TIME_ZONE } from '../domain/watch.ts';
import { NoSuchSourceError, type SourceRun, type SourceStore } from '../store/sources.ts';
import type { TipStore } from '../store/tips.ts';
import type { VisitStore } from '../store/visits.ts';
import { type Clock, newId } from './clock.ts';
import type { Queues } from './connection.ts';
import { SOURCES, type SourceJob } from './jobs.ts';
import { mendSchedules } from './schedules.ts';
import { askerOf } from './seek/ask.ts';
import { seek } from './seek/seek.ts';
import { VisitsPausedError } from './turns.ts';

export interface WatchTools {
  readonly sources: SourceStore;
  readonly tips: TipStore;
  readonly visits: VisitStore;
  readonly evidence: { read(sha256: string): Promise<Buffer> };
  readonly crawler: Pick<Crawler, 'fetch'>;
  readonly brands: Brands;
  readonly lookup: Lookup;
  readonly isKnownGood: (url: URL) => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** @throws NoSuchSourceError, VisitsPausedError */
export async function runSource(name: string, tools: WatchTools, signal: AbortSignal): Promise<SourceRun> {
  const { sources, clock, log } = tools;
  const { source, memory } = await sources.get(name);
  const beganAt = clock.now();
  const asker = askerOf(settingsOf(source), source.requests, tools, signal);
  const sought = await seek(source, memory, { ...tools, asker, signal });
  signal.throwIfAborted();
  const run = await sources.endRun({
    ...sought,
    id: newId(clock),
    source,
    beganAt,
    requests: asker.requests,
    newId: () => newId(clock),
    now: clock.now(),
  });
  const { found, fresh, requests, notes } = run;
  log.info({ source: name, found, fresh, requests, notes: notes.length }, 'a source was looked at');
  return run;
}

const SYNC_EVERY_MS = 60_000;

/** @param sweep makes jobs of new visits. */
export async function startWatch(
  queues: Queues,
  tools: WatchTools,
  sweep: () => Promise<void>,
): Promise<{ sync(): Promise<void>; close(): Promise<void> }> {
  const { log } = tools;
  const stop = new AbortController();
  const worker = queues.worker<SourceJob>(
    SOURCES,
    async ({ data }) => {
      try {
        const { isPaused } = await tools.sources.get(data.source);
        if (isPaused) return;
        await runSource(data.source, tools, stop.signal);
      } catch (cause) {
        if (!(cause instanceof NoSuchSourceError) && !(cause instanceof VisitsPausedError)) throw cause;
        log.info({ source: data.source, why: cause.message }, 'a source was passed over');
        return;
      }
      await sweep();
    },
    { concurrency: 4 },
  );
  worker.on('failed', (job, cause) => log.error({ source: job?.data.source, err: cause }, 'a source failed'));
  const sync = () => syncSchedules(queues, tools.sources, tools.clock.now());
  await sync();
  const syncing = setInterval(() => {
    sync().catch((cause: unknown) => log.error({ err: cause }, 'schedules could not be made'));
  }, SYNC_EVERY_MS);
  return {
    sync,
    async close() {
      clearInterval(syncing);
      stop.abort();
      await worker.close();
    },
  };
}

/** Has a worker look at a source, beside its schedule; asked for again while it waits, it is looked at once. */
export async function askRun(queues: Queues, source: string): Promise<void> {
  await queues.queue<SourceJob>(SOURCES).add('run', { source }, { jobId: `run-${source}` });
}

/** Makes the queue's schedulers what the rows say: those that lack are made, those too many go. */
export async function syncSchedules(
  queues: Queues,
  sources: Pick<SourceStore, 'list'>,
  now: Date,
): Promise<void> {
  const queue = queues.queue<SourceJob>(SOURCES);
  const asked = (await sources.list()).flatMap(({ source: { name, every }, isPaused }) =>
    every === null || isPaused
      ? []
      : [
          {
            id: name,
            repeat: { pattern: every, tz: TIME_ZONE },
            job: { name: 'run', data: { source: name } },
          },
        ],
  );
  await mendSchedules(queue, asked, now);
  const names = new Set(asked.map(({ id }) => id));
  for (const { key } of await queue.getJobSchedulers(0, -1)) {
    if (!names.has(key)) await queue.removeJobScheduler(key);
  }
}
