/**
 * What has to be done at times by itself, whoever works. Each is a job scheduler of the queue's own, so that
 * any number of workers do it once; a lost schedule is made again by the next worker that starts.
 *
 *     job      when (Asia/Almaty)
 *     drift    Mondays at 6    is the model still right for what comes in?
 */
import type { Logger } from 'pino';
import type { Queues } from './connection.ts';
import { type DriftTools, keepDriftReport } from './drift.ts';
import { UPKEEP } from './jobs.ts';

const TIME_ZONE = 'Asia/Almaty';

export interface UpkeepTools extends DriftTools {
  readonly log: Logger;
}

/** cron: minute, hour, day of month, month, day of week. */
const JOBS: Readonly<Record<string, { readonly cron: string; run(tools: UpkeepTools): Promise<void> }>> = {
  drift: {
    cron: '0 6 * * 1',
    async run(tools) {
      const { model, drift } = await keepDriftReport(tools);
      const facts = { model, is: drift.is, scorePsi: drift.scorePsi };
      if (drift.is === 'moved') tools.log.warn(facts, 'what comes in is not what the model was made for');
      else tools.log.info(facts, 'drift was looked at');
    },
  },
};

/** Schedules the jobs and works on them. */
export async function startUpkeep(queues: Queues, tools: UpkeepTools): Promise<{ close(): Promise<void> }> {
  const queue = queues.queue<Record<string, never>>(UPKEEP);
  for (const [name, { cron }] of Object.entries(JOBS)) {
    await queue.upsertJobScheduler(name, { pattern: cron, tz: TIME_ZONE }, { name, data: {} });
  }
  const worker = queues.worker<Record<string, never>>(UPKEEP, async (job) => JOBS[job.name]?.run(tools));
  worker.on('failed', (job, cause) => tools.log.error({ job: job?.name, err: cause }, 'upkeep failed'));
  return { close: () => worker.close() };
}
