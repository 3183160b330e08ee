/**
 * Looking again at what is known, a round a minute:
 *
 *     due rows ─► within the day's budget, and each host's ─► scans (one a manner of scanning) ─► sweep: their visits
 *
 * The rows are the truth: a lost wake-up costs a minute, a round that dies half-way asked for nothing, and two at once
 * ask for nothing twice (`store/looks.ts`). What a look finds, and when the next one is due, the visit writes.
 */
import { TIME_ZONE } from '../domain/watch.ts';
import type { AskedLooks, LookStore } from '../store/looks.ts';
import { type Clock, newId } from './clock.ts';

export interface RevisitTools {
  readonly looks: Pick<LookStore, 'ask'>;
  /** Known addresses looked at again in a day, and of one host. */
  readonly mostADay: number;
  readonly mostAHost: number;
  /** Wakes the workers. */
  sweep(): Promise<void>;
  readonly clock: Clock;
}

export async function revisitRound(tools: RevisitTools): Promise<AskedLooks> {
  const { looks, mostADay, mostAHost, clock, sweep } = tools;
  const now = clock.now();
  const asked = await looks.ask({ now, day: dayOf(now), mostADay, mostAHost, newId: () => newId(clock) });
  if (asked.addresses > 0) await sweep();
  return asked;
}

const DAY = new Intl.DateTimeFormat('en-CA', { timeZone: TIME_ZONE, dateStyle: 'short' });

/** `2026-05-04`, as it is in Almaty. */
export function dayOf(now: Date): string {
  return DAY.format(now);
}
