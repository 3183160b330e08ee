/**
 * Schedules that come round by themselves, looked after: the queue carries them, and may lose them.
 *
 *     emptied queue           the schedule is gone until somebody makes it again
 *     clock that went ahead   the next round was set by it, and lies far ahead once the clock is right again: BullMQ
 *                             reckons each round from the one before, so that it does not come back by itself
 *
 * So every process that works looks twice a minute whether all are there, and none later than its time.
 */
import { defaultRepeatStrategy } from 'bullmq';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { Queue } from './connection.ts';

export interface Schedule<Data> {
  readonly id: string;
  /** Milliseconds between rounds, or a cron line of five fields in a time zone. */
  readonly repeat: { readonly every: number } | { readonly pattern: string; readonly tz: string };
  /** What each round's job is. */
  readonly job: { readonly name: string; readonly data: Data };
}

/** The clock of the machine that set a round may be ahead of this one's by so much, in milliseconds. */
const SLACK_MS = 5_000;
const LOOK_EVERY_MS = 30_000;

/** Makes schedules that lack, or that are not as they should be. @returns ids of what was made. */
export async function mendSchedules<Data>(
  queue: Queue<Data>,
  schedules: readonly Schedule<Data>[],
  now: Date,
): Promise<string[]> {
  const there = new Map((await queue.getJobSchedulers(0, -1)).map((it) => [it.key, it]));
  const made: string[] = [];
  for (const { id, repeat, job } of schedules) {
    const old = there.get(id);
    if (old !== undefined && isAsAsked(old, repeat) && !isTooFar(old.next, repeat, now)) continue;
    // What is only written over keeps the moment of its next round, however far ahead that lies.
    if (old !== undefined) await queue.removeJobScheduler(id);
    await queue.upsertJobScheduler(id, repeat, job);
    made.push(id);
  }
  return made;
}

/** Makes the schedules now, and looks after them until it is closed. */
export async function keepSchedules(
  queue: Queue<Record<string, never>>,
  schedules: readonly Schedule<Record<string, never>>[],
  { clock, log }: { readonly clock: Pick<Clock, 'now'>; readonly log: Logger },
): Promise<{ close(): void }> {
  await mendSchedules(queue, schedules, clock.now());
  let isLooking = false;
  const look = async () => {
    // A queue that is away makes its callers wait: one that waits is enough.
    if (isLooking) return;
    isLooking = true;
    try {
      const made = await mendSchedules(queue, schedules, clock.now());
      if (made.length > 0) log.warn({ queue: queue.name, made }, 'schedules were lost and are made again');
    } catch (cause) {
      log.error({ queue: queue.name, err: cause }, 'schedules could not be made');
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return { close: () => clearInterval(timer) };
}

function isAsAsked(
  it: { readonly every?: number; readonly pattern?: string | null },
  repeat: Schedule<unknown>['repeat'],
): boolean {
  return 'every' in repeat ? Number(it.every) === repeat.every : it.pattern === repeat.pattern;
}

function isTooFar(next: number | undefined, repeat: Schedule<unknown>['repeat'], now: Date): boolean {
  if (next === undefined) return true;
  const ms = now.getTime();
  const latest = 'every' in repeat ? ms + repeat.every : (defaultRepeatStrategy(ms, repeat) ?? ms);
  return next > latest + SLACK_MS;
}
