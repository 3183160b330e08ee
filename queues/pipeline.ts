/**
 * The whole river on one screen.
 *
 *     stage      queue     one job is            tries      next
 *     visit      visits    one host's turn       no limit   case (in the visit's own last step)
 *     decide     -         a person              -          refer
 *     refer      -         a command or a click  again      a batch file; building again gives the same bytes
 *     dispatch   upkeep    a minute's round       8 times   the file with its addressee; receipts come back
 *     keep       keeping   a minute's round      next round ledger sealed, WACZ signed, stamps asked for
 *     upkeep     upkeep    by the calendar        next time  what became of referrals, each minute (upkeep.ts)
 *
 * The database holds the truth; the queue only carries wake-ups. `sweep` turns unfinished visits into jobs,
 * so an emptied queue, a job lost in a race or a worker killed for good costs at most one sweep.
 */
import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import type { VisitStore } from '../store/visits.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Queues } from './connection.ts';
import { KEEP_EVERY_MS, KEEPING, VISITS, type VisitJob, visitJobId } from './jobs.ts';
import { type KeepTools, keepRound } from './keep.ts';
import { keepSchedules } from './schedules.ts';
import { type VisitTools, visitJob } from './visit.ts';

/**
 * Visits that wait in the queue. Few, since whose turn is next is for the rows to say: a tip that comes in after ten
 * thousand hosts of a sitemap waits for one round, not behind all of them. Enough for 100 visits a second.
 */
const MOST_WAITING = 500;

export interface River {
  /**
   * Makes sure that of the unfinished visits whose moment has come the next ones have a job, in their order. Safe to
   * call at any time, from any process.
   */
  sweep(): Promise<void>;
  /** Starts working; at most `hostsAtOnce` hosts are visited at a time. */
  work(tools: VisitTools, hostsAtOnce: number): Worker;
  /** Starts looking after what is kept; of many workers one does a round. */
  keep(tools: KeepTools): Promise<Worker>;
}

export interface Worker {
  /** Ends soon: visits under way stop after the address they are at and stay unfinished. */
  close(): Promise<void>;
}

/** How long a lost job may stay unseen where counts do not tell of it, in milliseconds. */
const WHOLE_SWEEP_MS = 30_000;

export function openRiver(
  queues: Queues,
  visits: VisitStore,
  log: Logger,
  sweepSeconds = 5,
  clock: Clock = systemClock,
): River {
  const queue = queues.queue<VisitJob>(VISITS);
  /** Hosts of the last sweep. Adding a job that is there changes nothing, yet costs as much as one that is not. */
  let asked: ReadonlySet<string> = new Set();
  let wholeAt = Number.NEGATIVE_INFINITY;
  const river: River = {
    async sweep() {
      const jobs = await queue.getJobCounts('active', 'waiting', 'prioritized', 'delayed');
      // Those under way are due as well, so that one whose job was lost is found again.
      const hosts = await visits.dueHosts((jobs['active'] ?? 0) + MOST_WAITING, clock.now());
      const due = hosts.map((host, at) => ({ host, priority: at + 1 }));
      const fresh = due.filter(({ host }) => !asked.has(host));
      const inQueue = Object.values(jobs).reduce((sum, it) => sum + it, 0);
      // Fewer jobs than hosts: one was lost, or worked off by a visit that is due again. Which one the queue knows. Jobs of
      // hosts that are not due can hide it, so that all are asked for now and then whatever the counts say.
      const now = clock.now().getTime();
      const isWhole = inQueue + fresh.length < due.length || Math.abs(now - wholeAt) >= WHOLE_SWEEP_MS;
      if (isWhole) wholeAt = now;
      const lacking = isWhole ? due : fresh;
      asked = new Set(hosts);
      if (lacking.length === 0) return;
      await queue.addBulk(
        lacking.map(({ host, priority }) => ({
          name: 'visit',
          data: { host },
          opts: { jobId: visitJobId(host), priority },
        })),
      );
    },
    work(tools, hostsAtOnce) {
      const stop = new AbortController();
      // Every wait of every visit listens; that many are no leak.
      setMaxListeners(0, stop.signal);
      const worker = queues.worker<VisitJob>(VISITS, (job) => visitJob(job.data, tools, stop.signal), {
        concurrency: hostsAtOnce,
      });
      worker.on('failed', (job, cause) => {
        log.error({ host: job?.data.host, err: cause }, 'a visit broke off and will be taken up again');
      });
      const sweeping = setInterval(() => {
        river.sweep().catch((cause: unknown) => log.error({ err: cause }, 'sweep failed'));
      }, sweepSeconds * 1000);
      return {
        async close() {
          clearInterval(sweeping);
          stop.abort();
          await worker.close();
        },
      };
    },
    async keep(tools) {
      const stop = new AbortController();
      const keeping = queues.queue<Record<string, never>>(KEEPING);
      const round = { id: KEEPING, repeat: { every: KEEP_EVERY_MS }, job: { name: 'keep', data: {} } };
      const schedules = await keepSchedules(keeping, [round], { clock, log });
      const worker = queues.worker<Record<string, never>>(KEEPING, () => keepRound(tools, stop.signal), {
        concurrency: 1,
      });
      worker.on('failed', (_job, cause) => log.error({ err: cause }, 'a round of keeping broke off'));
      return {
        async close() {
          schedules.close();
          stop.abort();
          await worker.close();
        },
      };
    },
  };
  return river;
}
