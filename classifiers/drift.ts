/**
 * Whether what is judged now still looks like what a model was put to work on: the population stability index
 * of its scores and of each signal's rate, and how often it abstains.
 *
 *     PSI = sum over bins of (now - then) * ln(now / then)
 *
 * Under 0.1 nothing moved, from 0.25 much did, between them look closer: the bounds of N. Siddiqi, "Credit
 * Risk Scorecards" (2006), and E. Lewis, "An Introduction to Credit Scoring" (1994). PSI of samples is above
 * zero by chance, about (bins - 1) * (1/n + 1/m) (B. Yurdakul, "Statistical Properties of Population Stability
 * Index", 2018), so under 200 pages on either side nothing is said.
 */
import type { Score, Verdict } from '../domain/assessment.ts';

export const PSI_LOOK = 0.1;
export const PSI_MOVED = 0.25;
export const LEAST_PAGES = 200;

export interface JudgedPage {
  readonly verdict: Verdict;
  readonly score: Score;
  /** Ids of the signals seen, each once. */
  readonly signals: readonly string[];
}

/** How a model's judgements are spread. */
export interface Spread {
  readonly pages: number;
  /** Pages by tenths of the score. */
  readonly scores: readonly number[];
  readonly abstained: number;
  /** Signal -> pages that show it. */
  readonly signals: Readonly<Record<string, number>>;
}

export type Stability = 'stable' | 'look' | 'moved';

export interface Drift {
  /** `too_few` on either side: no index is to be trusted. */
  readonly is: Stability | 'too_few';
  readonly scorePsi: number;
  /** Of the signals that moved or are to be looked at, the furthest first. */
  readonly signals: readonly {
    readonly id: string;
    readonly psi: number;
    /** Shares of pages. */
    readonly was: number;
    readonly is: number;
  }[];
  readonly abstention: { readonly was: number; readonly is: number };
  readonly pages: { readonly was: number; readonly is: number };
}

const BINS = 10;
const MOST_SIGNALS = 20;

export function emptySpread(): Spread {
  return { pages: 0, scores: new Array<number>(BINS).fill(0), abstained: 0, signals: {} };
}

/** The order of pages does not matter. */
export function spreadOf(pages: Iterable<JudgedPage>): Spread {
  const scores = new Array<number>(BINS).fill(0);
  const signals = new Map<string, number>();
  let count = 0;
  let abstained = 0;
  for (const { verdict, score, signals: seen } of pages) {
    count += 1;
    if (verdict === 'abstain') abstained += 1;
    scores[Math.min(BINS - 1, Math.floor(score * BINS))]! += 1;
    for (const id of new Set(seen)) signals.set(id, (signals.get(id) ?? 0) + 1);
  }
  const sorted = [...signals].sort(([a], [b]) => (a < b ? -1 : 1));
  return { pages: count, scores, abstained, signals: Object.fromEntries(sorted) };
}

export function driftOf(then: Spread, now: Spread): Drift {
  const scorePsi = psi(then.scores, now.scores);
  const ids = [...new Set([...Object.keys(then.signals), ...Object.keys(now.signals)])].sort();
  const moved = ids
    .map((id) => {
      const [was, is] = [then.signals[id] ?? 0, now.signals[id] ?? 0];
      return {
        id,
        psi: psi([was, then.pages - was], [is, now.pages - is]),
        was: share(was, then.pages),
        is: share(is, now.pages),
      };
    })
    .filter((signal) => signal.psi >= PSI_LOOK)
    .sort((a, b) => b.psi - a.psi);
  const isTooFew = then.pages < LEAST_PAGES || now.pages < LEAST_PAGES;
  return {
    is: isTooFew ? 'too_few' : stability(Math.max(scorePsi, moved[0]?.psi ?? 0)),
    scorePsi,
    signals: moved.slice(0, MOST_SIGNALS),
    abstention: { was: share(then.abstained, then.pages), is: share(now.abstained, now.pages) },
    pages: { was: then.pages, is: now.pages },
  };
}

/** Half a page is added to every bin, so that an empty one does not make the index infinite. */
export function psi(then: readonly number[], now: readonly number[]): number {
  const total = (bins: readonly number[]) => bins.reduce((sum, n) => sum + n + 0.5, 0);
  const [before, after] = [total(then), total(now)];
  return then.reduce((sum, n, at) => {
    const p = (n + 0.5) / before;
    const q = (now[at]! + 0.5) / after;
    return sum + (q - p) * Math.log(q / p);
  }, 0);
}

function stability(index: number): Stability {
  if (index >= PSI_MOVED) return 'moved';
  return index >= PSI_LOOK ? 'look' : 'stable';
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
