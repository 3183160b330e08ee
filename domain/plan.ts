/**
 * Moments of a day at which something is due, by Almaty's clock. Kazakhstan keeps one time, UTC+5, without a summer
 * time, since 1 March 2024.
 */

export interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
}

/** `9:00` or `16:30`; null for anything else. */
export function timeOfDay(text: string): TimeOfDay | null {
  const [, hour = '', minute = ''] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  const it = { hour: Number(hour), minute: Number(minute) };
  return hour !== '' && it.hour < 24 && it.minute < 60 ? it : null;
}

const OFFSET_MS = 5 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/** The latest of the moments that is not after `now`; null when there are none. */
export function latestSlot(times: readonly TimeOfDay[], now: Date): Date | null {
  const midnight = Math.floor((now.getTime() + OFFSET_MS) / DAY_MS) * DAY_MS - OFFSET_MS;
  const moments = times.flatMap(({ hour, minute }) => {
    const today = midnight + (hour * 60 + minute) * 60_000;
    return [today, today - DAY_MS];
  });
  const past = moments.filter((moment) => moment <= now.getTime());
  return past.length === 0 ? null : new Date(Math.max(...past));
}
