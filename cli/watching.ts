/**
 * How `kuzet serve` shows its work: on a terminal one line that moves, in the log one line a minute. Looked up from
 * rows, so that it tells of all workers; where nobody reads it, nothing is looked up.
 */
import { systemClock } from '../queues/clock.ts';
import type { Io } from './io.ts';
import { progressLine } from './progress.ts';
import type { Rooms } from './rooms.ts';
import { progressOf, workTally } from './tally.ts';

const LOOK_EVERY_MS = 2000;
const LOG_EVERY_MS = 60_000;

/** @returns ends the showing. */
export function showWork({ visits, log }: Pick<Rooms, 'visits' | 'log'>, io: Io): () => void {
  const isLogged = log.isLevelEnabled('info');
  if (!isLogged && (!io.isTerminal || io.json)) return () => undefined;
  const line = progressLine(io);
  const tally = workTally(Date.now());
  const stop = new AbortController();
  let loggedAt = Date.now();
  let after: number | null = null;
  let before: readonly string[] = [];

  async function look(): Promise<void> {
    const open = await visits.openScans();
    const scans = [...new Set([...before, ...open])];
    before = open;
    // What was done before this process began is no work of now.
    after ??= await visits.newestSeq();
    for (;;) {
      const lines = await visits.news(scans, after);
      for (const each of lines) tally.take(each, Date.now());
      after = lines.at(-1)?.seq ?? after;
      if (lines.length < 500) break;
    }
    const [counts, resting] = await Promise.all([
      visits.counts(open),
      visits.resting(open, systemClock.now()),
    ]);
    const figures = tally.figures(Date.now());
    if (open.length === 0) line.clear();
    else line.show(progressOf(counts, figures, resting.hosts));
    if (!isLogged || open.length === 0 || Date.now() - loggedAt < LOG_EVERY_MS) return;
    loggedAt = Date.now();
    log.info({ ...counts, ...figures, waiting: resting.hosts }, 'at work');
  }

  async function goOn(): Promise<void> {
    while (!stop.signal.aborted) {
      await look().catch((cause: unknown) => log.warn({ err: cause }, 'progress could not be told'));
      await systemClock.sleep(LOOK_EVERY_MS, stop.signal).catch(() => undefined);
    }
  }

  void goOn();
  return () => {
    stop.abort();
    line.clear();
  };
}
