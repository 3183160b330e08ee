/**
 * How good the machine is in the house's own work, from what officers said.
 *
 * **Estimator.** Subjects fall into strata by verdict: flagged, abstained, cleared. Of stratum h, N_h are
 * known, n_h were looked at by a person, b_h of these were fraud. With p_h = b_h / n_h,
 *
 *     precision = p_flagged
 *     recall    = N_flagged p_flagged / (sum over h of N_h p_h)
 *
 * which is the ratio of Horvitz-Thompson totals with weight N_h / n_h for each that was looked at (D. Horvitz,
 * D. Thompson, "A Generalization of Sampling Without Replacement From a Finite Universe", 1952). p_h is
 * unbiased where those looked at are a random sample of their stratum. Officers take the riskiest first, so
 * only what was drawn by lot (`isDrawn`) counts, unless all of a stratum were looked at; the ratio's own bias
 * falls with 1/n.
 *
 * Intervals: Wilson's score interval for p_h at 95 % (E. Wilson, 1927); recall's joins the lower end of the
 * flagged with the upper end of the others, and the other way round, which is wider than 95 %.
 */
import type { Verdict } from '../domain/assessment.ts';
import type { Interval } from './bootstrap.ts';

export interface Looked {
  readonly verdict: Verdict;
  readonly isDrawn: boolean;
  /** What a person said: fraud or not; null when nobody has said yet. */
  readonly isFraud: boolean | null;
}

export interface Stratum {
  readonly verdict: Verdict;
  readonly all: number;
  readonly looked: number;
  readonly fraud: number;
}

export interface Quality {
  readonly strata: readonly Stratum[];
  /** Null while no flagged subject of the sample was decided. */
  readonly precision: Interval | null;
  /** Null while any stratum that has subjects has none of the sample decided. */
  readonly recall: Interval | null;
}

const VERDICTS: readonly Verdict[] = ['flag', 'abstain', 'clear'];

export function qualityOf(looked: readonly Looked[]): Quality {
  const strata = VERDICTS.map((verdict) => stratumOf(verdict, looked));
  const [flagged, ...others] = strata as [Stratum, ...Stratum[]];
  const p = rateOf(flagged);
  const rest = others.filter((stratum) => stratum.all > 0);
  return { strata, precision: p, recall: p === null ? null : recallOf(flagged, p, rest) };
}

function stratumOf(verdict: Verdict, looked: readonly Looked[]): Stratum {
  const all = looked.filter((it) => it.verdict === verdict);
  const isWhole = all.every((it) => it.isFraud !== null);
  const sample = all.filter((it) => it.isFraud !== null && (isWhole || it.isDrawn));
  return { verdict, all: all.length, looked: sample.length, fraud: sample.filter((it) => it.isFraud).length };
}

function recallOf(flagged: Stratum, p: Interval, rest: readonly Stratum[]): Interval | null {
  const rates = rest.map((stratum) => ({ all: stratum.all, rate: rateOf(stratum) }));
  if (rates.some(({ rate }) => rate === null)) return null;
  const missed = (end: keyof Interval) => rates.reduce((sum, { all, rate }) => sum + all * rate![end], 0);
  const share = (found: number, lost: number) => (found + lost === 0 ? 1 : found / (found + lost));
  return {
    value: share(flagged.all * p.value, missed('value')),
    low: share(flagged.all * p.low, missed('high')),
    high: share(flagged.all * p.high, missed('low')),
  };
}

function rateOf({ looked: n, fraud, all }: Stratum): Interval | null {
  if (n === 0) return null;
  const value = fraud / n;
  // All were looked at: that is the rate, and nothing is left to guess.
  if (n === all) return { value, low: value, high: value };
  const z = 1.959964;
  const middle = (value + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((value * (1 - value)) / n + z ** 2 / (4 * n ** 2));
  return { value, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
