/**
 * How much may come in without a log-in: so many an hour from one address. Kept in memory, so that no address of
 * anybody who objects is written down; a restart forgets, and each desk counts for itself.
 */

export interface Intake {
  /** Counts one more from there, unless there were too many within the hour. */
  takes(address: string, now: Date): boolean;
}

const HOUR_MS = 3_600_000;
/** Addresses remembered; the longest silent are forgotten first. */
const MOST_ADDRESSES = 10_000;

export function hourlyIntake(most: number): Intake {
  const seen = new Map<string, number[]>();
  return {
    takes(address, now) {
      const recent = (seen.get(address) ?? []).filter((at) => now.getTime() - at < HOUR_MS);
      const isTaken = recent.length < most;
      if (isTaken) recent.push(now.getTime());
      seen.delete(address);
      seen.set(address, recent);
      for (const oldest of seen.keys()) {
        if (seen.size <= MOST_ADDRESSES) break;
        seen.delete(oldest);
      }
      return isTaken;
    },
  };
}
