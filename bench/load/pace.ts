/**
 * Requests at a rate, whatever the answers take: each is due at its own moment, and is late from then on, also when it
 * had to wait for a connection. A driver that waited for answers would ask a slow desk more seldom and never see its
 * longest waits (G. Tene, "How NOT to Measure Latency": coordinated omission).
 */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Paced {
  readonly asked: number;
  /** That were answered well, by the end or within `graceSeconds` after it. */
  readonly done: number;
  readonly failed: number;
  /** Of the rate that was asked for, from the first request to the last answer. */
  readonly perSecond: number;
  /** Milliseconds from the moment a request was due to its answer; one that failed or never came is `Infinity`. In order. */
  readonly ms: readonly number[];
  /** By kind of request, in order each. */
  readonly byKind: Readonly<Record<string, readonly number[]>>;
  /** What went wrong, and how often. */
  readonly errors: Readonly<Record<string, number>>;
}

export interface Pace {
  readonly perSecond: number;
  readonly seconds: number;
  /** Requests under way at once; those beyond wait, and are late meanwhile. */
  readonly most?: number;
  readonly graceSeconds?: number;
}

/** @param ask does the request of that number, and names its kind; throws where it was not answered well. */
export async function paced(
  { perSecond, seconds, most = 512, graceSeconds = 15 }: Pace,
  ask: (n: number) => Promise<string>,
): Promise<Paced> {
  const all = Math.round(perSecond * seconds);
  const began = performance.now();
  const dueAt = (n: number) => began + (n * 1000) / perSecond;
  const ms = new Array<number>(all).fill(Number.POSITIVE_INFINITY);
  const byKind: Record<string, number[]> = {};
  const errors: Record<string, number> = {};
  let [next, under, done, ended] = [0, 0, 0, 0];
  let lastAt = began;
  let isOver = false;
  const one = async (n: number) => {
    under += 1;
    try {
      const kind = await ask(n);
      if (isOver) return;
      lastAt = performance.now();
      ms[n] = lastAt - dueAt(n);
      byKind[kind] ??= [];
      byKind[kind].push(ms[n]);
      done += 1;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!isOver) errors[why] = (errors[why] ?? 0) + 1;
    } finally {
      under -= 1;
      ended += 1;
    }
  };
  const end = began + seconds * 1000 + graceSeconds * 1000;
  while (ended < all && performance.now() < end) {
    const now = performance.now();
    while (next < all && under < most && dueAt(next) <= now) {
      void one(next);
      next += 1;
    }
    await sleep(next < all ? Math.max(1, Math.min(20, dueAt(next) - performance.now())) : 5);
  }
  isOver = true;
  const inOrder = (list: number[]) => list.sort((a, b) => a - b);
  return {
    asked: all,
    done,
    failed: all - done,
    perSecond: (done * 1000) / Math.max(seconds * 1000, lastAt - began),
    ms: inOrder(ms),
    byKind: Object.fromEntries(Object.entries(byKind).map(([kind, list]) => [kind, inOrder(list)])),
    errors,
  };
}

/** The value that `share` (0..1) of a list in order do not exceed: nearest rank. `NaN` of an empty list. */
export function percentile(inOrder: readonly number[], share: number): number {
  if (inOrder.length === 0) return Number.NaN;
  return inOrder[Math.max(0, Math.ceil(share * inOrder.length) - 1)]!;
}

/**
 * How much of what stood at the beginning came or went by the end: medians of the first and of the last quarter, as a
 * share of the first, -1 and up. `NaN` of fewer than four.
 */
export function drift(inTime: readonly number[]): number {
  const quarter = Math.floor(inTime.length / 4);
  if (quarter === 0) return Number.NaN;
  const middle = (list: readonly number[]) =>
    percentile(
      [...list].sort((a, b) => a - b),
      0.5,
    );
  const first = middle(inTime.slice(0, quarter));
  return (middle(inTime.slice(-quarter)) - first) / first;
}
