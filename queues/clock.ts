/** Time as the stages take it: an argument, so that tests can hold it still. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { uuid7 } from '../domain/id.ts';

export interface Clock {
  now(): Date;
  /** Rejects with an AbortError when the signal fires first. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (milliseconds, signal) => {
    await delay(Math.max(0, milliseconds), undefined, { signal });
  },
};

export function newId(clock: Clock): string {
  return uuid7(clock.now(), randomBytes(10));
}
