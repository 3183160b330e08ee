/** Quality of judgements on rows that were held out, with bootstrap intervals of 95 %. */
import { drawer, ends, type Interval } from '../../classifiers/bootstrap.ts';
import { auc, calibrationError, macroF1, recallAtFalseRate } from '../../classifiers/measure.ts';
import { seededRandom } from '../../classifiers/random.ts';

export interface Answer {
  readonly truth: string;
  readonly source: string;
  readonly lang: string;
  /** News about fraud, warnings: what a matcher of words accuses. */
  readonly isHardNegative: boolean;
  /** Chance of fraud of whatever kind, 0..1. */
  readonly score: number;
  readonly said: string;
  /** null when a judge knows no abstention. */
  readonly verdict: 'flag' | 'clear' | 'abstain' | null;
}

export const MEASURES = {
  /** Of all labels in the test, also of those that no training source had. */
  macroF1: (rows) => macroF1(rows),
  /** Fraud against legit. */
  fraudF1: (rows) =>
    macroF1(rows.map((it) => ({ truth: sideOf(it.truth), said: it.score >= 0.5 ? 'fraud' : 'legit' }))),
  auc: (rows) => auc(scored(rows)),
  recallAt1: (rows) => recallAtFalseRate(scored(rows), 0.01),
  ece: (rows) => calibrationError(scored(rows)),
  hardNegativesAccused: (rows) => {
    const hard = rows.filter((it) => it.isHardNegative);
    return (
      hard.filter((it) => (it.verdict === null ? it.score >= 0.5 : it.verdict === 'flag')).length /
      hard.length
    );
  },
  coverage: (rows) => rows.filter((it) => it.verdict !== 'abstain').length / rows.length,
  accuracyWhereSaid: (rows) => {
    const told = rows.filter((it) => it.verdict !== 'abstain');
    const isRight = (it: Answer): boolean =>
      (it.verdict === null ? it.score >= 0.5 : it.verdict === 'flag') === (it.truth !== 'legit');
    return told.filter(isRight).length / told.length;
  },
} as const satisfies Record<string, (rows: readonly Answer[]) => number>;
export type Measure = keyof typeof MEASURES;

/** Means over splits; `by` says what is drawn again: single rows, or whole sources. */
export function figuresOf(
  splits: readonly (readonly Answer[])[],
  by: 'row' | 'source',
  rounds: number,
): Record<Measure, Interval> {
  const random = seededRandom(7);
  const draws = splits.map((rows) =>
    drawer(
      rows.map((row) => ({ ...row, isBad: row.truth !== 'legit' })),
      by,
      random,
    ),
  );
  const drawn = Array.from({ length: rounds }, () => draws.map((draw) => draw()));
  const names = Object.keys(MEASURES) as Measure[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        value: mean(splits.map(MEASURES[name])),
        ...ends(drawn.map((round) => mean(round.map(MEASURES[name])))),
      },
    ]),
  ) as Record<Measure, Interval>;
}

/** Share of a source's rows that were judged wrongly, over all splits in which it was held out. */
export function wrongBySource(
  splits: readonly (readonly Answer[])[],
): { source: string; truth: string; rows: number; wrong: number }[] {
  const found = new Map<string, { source: string; truth: string; rows: number; wrong: number }>();
  for (const it of splits.flat()) {
    const side = sideOf(it.truth);
    const key = `${it.source} ${side}`;
    const entry = found.get(key) ?? { source: it.source, truth: side, rows: 0, wrong: 0 };
    entry.rows += 1;
    if ((it.score >= 0.5 ? 'fraud' : 'legit') !== side) entry.wrong += 1;
    found.set(key, entry);
  }
  return [...found.values()].map((it) => ({ ...it, wrong: it.wrong / it.rows }));
}

function sideOf(label: string): 'fraud' | 'legit' {
  return label === 'legit' ? 'legit' : 'fraud';
}

function scored(rows: readonly Answer[]) {
  return rows.map((it) => ({ score: it.score, isBad: it.truth !== 'legit' }));
}

function mean(numbers: readonly number[]): number {
  const known = numbers.filter((it) => !Number.isNaN(it));
  return known.length === 0 ? Number.NaN : known.reduce((sum, it) => sum + it, 0) / known.length;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
