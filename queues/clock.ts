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

/** Random bytes of an id. */
const RANDOM = 10;
let drawn = Buffer.alloc(0);

/** Random bytes are drawn for many ids at a time: going for them costs more than they do. */
export function newId(clock: Clock): string {
  if (drawn.byteLength < RANDOM) drawn = randomBytes(400 * RANDOM);
  const random = drawn.subarray(0, RANDOM);
  drawn = drawn.subarray(RANDOM);
  return uuid7(clock.now(), random);
}
