/**
 * Whose visits come first. Whoever asks for visits (a source, a person with one scan, the rechecks) has a lane, and lanes
 * take turns in rounds (`store/visits.ts`): so no lane waits for another, and within its own the most urgent host is
 * first.
 */
import type { Score } from './assessment.ts';
import type { Source } from './watch.ts';

export interface Lane {
  /** Stable, so that a source's runs share one. */
  readonly name: string;
  /** Visits it has in a round, 1..100. */
  readonly weight: number;
}

/** A person waits for the answer. */
export const BY_HAND = (scanId: string): Lane => ({ name: `scan:${scanId}`, weight: 4 });
/** Looks at what left the house already. */
export const RECHECKS: Lane = { name: 'rechecks', weight: 2 };
/** Looks again at what is known; nobody waits for it. */
export const REVISITS: Lane = { name: 'revisits', weight: 1 };

/** People, who saw something, before machines, which may have guessed. */
const WEIGHTS: Readonly<Record<Source['kind'], number>> = {
  tips: 4,
  channel: 2,
  links: 2,
  section: 1,
  sitemap: 1,
  urls: 1,
  lookalikes: 1,
  feed: 1,
};
const TIMES = { low: 1, normal: 2, high: 8 } as const;

/** The lane of a source: its kind's weight, 2, 4 or 8, times how its keeper ranks it against the usual, a half to four. */
export function laneOf(source: Pick<Source, 'name' | 'kind' | 'priority'>): Lane {
  return { name: `source:${source.name}`, weight: WEIGHTS[source.kind] * TIMES[source.priority] };
}

/** What is known of a host before anybody looked at it. */
export interface Sign {
  /** People whom what leads to it reaches: readers of a post, subscribers of a channel; null when nobody counted. */
  readonly reach: number | null;
  /** How many people sent it in. */
  readonly tips: number;
  /** 0..1: how likely fraud is where it was found; 0 for no such sign. */
  readonly risk: Score;
}

export const NO_SIGN: Sign = { reach: null, tips: 0, risk: 0 };

/**
 * 0..100, a whole number; never less for more reach, tips or risk.
 *
 * Reach and tips count by their logarithms: ten times the readers is one step more. 10,000,000 readers, 32 tips and
 * certain fraud are the top.
 */
export function urgencyOf({ reach, tips, risk }: Sign): number {
  const readers = Math.min(1, Math.log10(1 + Math.max(0, reach ?? 0)) / 7);
  const senders = Math.min(1, Math.log2(1 + Math.max(0, tips)) / 5);
  return Math.round(40 * readers + 30 * senders + 30 * Math.min(1, Math.max(0, risk)));
}

/** The strongest of several signs of one host, each by itself; tips add up. */
export function strongest(signs: readonly Sign[]): Sign {
  return signs.reduce(
    (all, sign) => ({
      reach: all.reach === null ? sign.reach : Math.max(all.reach, sign.reach ?? 0),
      tips: all.tips + sign.tips,
      risk: Math.max(all.risk, sign.risk),
    }),
    NO_SIGN,
  );
}
