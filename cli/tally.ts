/** What the lines of a scan add up to while it goes on: how fast, how much was shown in a browser, what failed and why. */
import type { ScanLine } from '../store/scans.ts';
import type { ScanTally } from './asks/scans.ts';

export interface WorkTally {
  /** @param atMs when the line was heard of. */
  take(line: Pick<ScanLine, 'outcome' | 'rendered'>, atMs: number): void;
  figures(nowMs: number): WorkFigures;
}

export interface WorkFigures {
  /** Pages captured, or found unchanged, a second: over the last ten seconds. */
  readonly pagesPerSecond: number;
  readonly rendered: number;
  /** Reason -> how many addresses failed for it, the most frequent first. */
  readonly failed: Readonly<Record<string, number>>;
}

const WINDOW_MS = 10_000;

export function workTally(startMs: number): WorkTally {
  let pages: number[] = [];
  let rendered = 0;
  const failed = new Map<string, number>();
  return {
    take({ outcome, rendered: isRendered }, atMs) {
      if ('captureId' in outcome) pages.push(atMs);
      if (isRendered) rendered += 1;
      if (outcome.is === 'failed') failed.set(outcome.reason, (failed.get(outcome.reason) ?? 0) + 1);
    },
    figures(nowMs) {
      pages = pages.filter((at) => at > nowMs - WINDOW_MS);
      const seconds = Math.max(1, Math.min(WINDOW_MS, nowMs - startMs) / 1000);
      const byKind = [...failed].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
      return { pagesPerSecond: pages.length / seconds, rendered, failed: Object.fromEntries(byKind) };
    },
  };
}

/** Kinds of failure named on one line. */
const MOST_KINDS = 3;

/** One line of progress; what matters most stands first, since a terminal may be narrow. */
export function progressOf(
  counts: ScanTally,
  { pagesPerSecond, rendered, failed: kinds }: WorkFigures,
  waiting: number,
): { readonly done: number; readonly of: number; readonly words: string } {
  const { captured, unchanged, failed, skipped, due, hosts, hostsDone } = counts;
  const done = captured + unchanged + failed + skipped;
  const named = Object.entries(kinds).slice(0, MOST_KINDS);
  const why = named.length === 0 ? '' : ` (${named.map(([reason, n]) => `${reason} ${n}`).join(', ')})`;
  return {
    done,
    of: done + due,
    words: [
      `${captured} captured`,
      `${pagesPerSecond.toFixed(1)} pages/s`,
      `hosts ${hostsDone}/${hosts}`,
      ...(waiting === 0 ? [] : [`${waiting} waiting politely`]),
      `${due} due`,
      ...(unchanged === 0 ? [] : [`${unchanged} unchanged`]),
      ...(rendered === 0 ? [] : [`${rendered} rendered`]),
      `${failed} failed${why}`,
    ].join(', '),
  };
}
