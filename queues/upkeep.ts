/**
 * What has to be done at times by itself, whoever works. Each is a job scheduler of the queue's own, so that
 * any number of workers do it once; a lost schedule is made again within the minute (schedules.ts).
 *
 *     job      when (Asia/Almaty)
 *     drift      Mondays at 6     is the model still right for what comes in?
 *     forget     daily at 3       identifiers in clear whose time is over go
 *     aftercare  every minute     what became of what was referred (aftercare.ts)
 *     dispatch   every minute     batches of the plan, and what is on its way (dispatch.ts)
 *     tell       every minute     officers, of what waits for them (tell.ts)
 *     wake       every minute     cases that an officer put off until today
 *     revisit    every minute     known addresses that are due are looked at again (revisit.ts)
 */
import type { Logger } from 'pino';
import { TIME_ZONE } from '../domain/watch.ts';
import { type AftercareTools, aftercareRound } from './aftercare.ts';
import type { Queues } from './connection.ts';
import { type DispatchTools, dispatchRound } from './dispatch.ts';
import { type DriftTools, keepDriftReport } from './drift.ts';
import { UPKEEP } from './jobs.ts';
import { type RevisitTools, revisitRound } from './revisit.ts';
import { keepSchedules } from './schedules.ts';
import { type TellTools, tellRound } from './tell.ts';

export interface UpkeepTools extends DriftTools {
  /** Null leaves what was referred alone. */
  readonly aftercare: AftercareTools | null;
  /** Throws away identifiers in clear whose time is over, and tells how many; null where there are none. */
  readonly forget: ((now: Date) => Promise<number>) | null;
  /** Null hands nothing over by itself. */
  readonly dispatch: DispatchTools | null;
  /** Null tells nobody. */
  readonly tell: TellTools | null;
  /** Null looks at nothing again by itself. */
  readonly revisit: RevisitTools | null;
  /** Puts watched cases whose day has come back into the queue, and tells how many; null where there is no desk. */
  readonly wake: ((now: Date) => Promise<number>) | null;
  /** Adds up what was counted since, so that the numbers stay cheap to tell; null where another does. */
  readonly count: (() => Promise<number>) | null;
  readonly log: Logger;
}

interface Job {
  /** Minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** Whether these tools do it at all. */
  isDone?(tools: UpkeepTools): boolean;
  run(tools: UpkeepTools): Promise<void>;
}

const JOBS: Readonly<Record<string, Job>> = {
  drift: {
    cron: '0 6 * * 1',
    async run(tools) {
      const { model, drift } = await keepDriftReport(tools);
      const facts = { model, is: drift.is, scorePsi: drift.scorePsi };
      if (drift.is === 'moved') tools.log.warn(facts, 'what comes in is not what the model was made for');
      else tools.log.info(facts, 'drift was looked at');
    },
  },
  forget: {
    cron: '0 3 * * *',
    isDone: ({ forget }) => forget !== null,
    async run({ forget, clock, log }) {
      const forgotten = (await forget?.(clock.now())) ?? 0;
      if (forgotten > 0) log.info({ forgotten }, 'identifiers in clear were kept long enough');
    },
  },
  aftercare: {
    cron: '* * * * *',
    isDone: ({ aftercare }) => aftercare !== null,
    async run({ aftercare, log }) {
      if (aftercare === null) return;
      const { late, seen } = await aftercareRound(aftercare);
      for (const facts of late) log.warn(facts, 'an answer is late');
      for (const facts of seen) log.info(facts, 'a referral was looked at again');
    },
  },
  dispatch: {
    cron: '* * * * *',
    isDone: ({ dispatch }) => dispatch !== null,
    async run({ dispatch, log }) {
      if (dispatch === null) return;
      const { handedOver } = await dispatchRound(dispatch);
      for (const facts of handedOver) log.info(facts, 'a batch was handed over');
    },
  },
  tell: {
    cron: '* * * * *',
    isDone: ({ tell }) => tell !== null,
    async run({ tell }) {
      if (tell !== null) await tellRound(tell);
    },
  },
  wake: {
    cron: '* * * * *',
    isDone: ({ wake }) => wake !== null,
    async run({ wake, clock, log }) {
      const woken = (await wake?.(clock.now())) ?? 0;
      if (woken > 0) log.info({ woken }, 'watched cases are back in the queue');
    },
  },
  count: {
    cron: '*/5 * * * *',
    isDone: ({ count }) => count !== null,
    async run({ count, log }) {
      const visits = (await count?.()) ?? 0;
      if (visits > 0) log.debug({ visits }, 'visits were counted');
    },
  },
  revisit: {
    cron: '* * * * *',
    isDone: ({ revisit }) => revisit !== null,
    async run({ revisit, log }) {
      if (revisit === null) return;
      const { addresses, scans } = await revisitRound(revisit);
      if (addresses > 0) log.info({ addresses, scans: scans.length }, 'known addresses are looked at again');
    },
  },
};

/** Schedules the jobs and works on them. */
export async function startUpkeep(queues: Queues, tools: UpkeepTools): Promise<{ close(): Promise<void> }> {
  const queue = queues.queue<Record<string, never>>(UPKEEP);
  const done = Object.entries(JOBS).filter(([, { isDone }]) => isDone?.(tools) !== false);
  const schedules = await keepSchedules(
    queue,
    done.map(([name, { cron }]) => ({
      id: name,
      repeat: { pattern: cron, tz: TIME_ZONE },
      job: { name, data: {} },
    })),
    tools,
  );
  const worker = queues.worker<Record<string, never>>(UPKEEP, async (job) => JOBS[job.name]?.run(tools));
  worker.on('failed', (job, cause) => tools.log.error({ job: job?.name, err: cause }, 'upkeep failed'));
  return {
    async close() {
      schedules.close();
      await worker.close();
    },
  };
}
