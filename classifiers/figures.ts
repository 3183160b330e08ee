/** How well judged rows were judged: the figures that the model card, the bench and promotion go by. */
import type { Label } from '../domain/assessment.ts';
import { type Interval, intervalsOf } from './bootstrap.ts';
import { auc, calibrationError, macroF1, recallAtFalseRate, type Scored } from './measure.ts';

/** A labelled row and what a model that had not seen it said. */
export interface Judged extends Scored {
  readonly id: string;
  readonly truth: Label;
  readonly said: Label;
  readonly verdict: string;
  readonly lang: string;
  readonly source: string;
  readonly isSynthetic: boolean;
  /** Log-odds that each family of signals added to the calibrated score; absent where it was not asked. */
  readonly byFamily?: ReadonlyMap<string, number>;
}

export interface Figures {
  readonly rows: number;
  readonly macroF1: number;
  readonly binaryF1: number;
  readonly auc: number;
  readonly recallAt1: number;
  readonly calibrationError: number;
  /** Share of rows that were flagged or cleared. */
  readonly coverage: number;
  /** Of what was flagged or cleared, the share that was right. */
  readonly accuracy: number;
}

export function figuresOf(rows: readonly Judged[]): Figures {
  const said = rows.filter((row) => row.verdict !== 'abstain');
  return {
    rows: rows.length,
    macroF1: macroF1(rows),
    binaryF1: macroF1(
      rows.map((row) => ({
        truth: row.isBad ? 'fraud' : 'legit',
        said: row.score >= 0.5 ? 'fraud' : 'legit',
      })),
    ),
    auc: auc(rows),
    recallAt1: recallAtFalseRate(rows, 0.01),
    calibrationError: calibrationError(rows),
    coverage: said.length / Math.max(1, rows.length),
    accuracy: said.filter((row) => (row.verdict === 'flag') === row.isBad).length / Math.max(1, said.length),
  };
}

export const BOUNDED = ['macroF1', 'auc', 'recallAt1', 'calibrationError'] as const;

/** The figures that are compared most, with what they might have been on other rows or other sources. */
export function boundedFigures(
  rows: readonly Judged[],
  by: 'row' | 'source',
): Record<(typeof BOUNDED)[number], Interval> {
  const [f1, area, recall, error] = intervalsOf(rows, by, [
    (it) => macroF1(it),
    (it) => auc(it),
    (it) => recallAtFalseRate(it, 0.01),
    (it) => calibrationError(it),
  ]);
  return { macroF1: f1!, auc: area!, recallAt1: recall!, calibrationError: error! };
}

export interface Ablation {
  readonly family: string;
  /** Rows on which the family said anything. */
  readonly rows: number;
  readonly auc: number;
  readonly recallAt1: number;
}

/** What would be left were a family of signals taken away and nothing trained again; \`none\` first. */
export function ablationOf(rows: readonly Judged[]): Ablation[] {
  const families = [...new Set(rows.flatMap((row) => [...(row.byFamily?.keys() ?? [])]))].sort();
  const without = (family: string): Ablation => {
    const left = rows.map((row) => ({
      isBad: row.isBad,
      score: logOdds(row.score) - (row.byFamily?.get(family) ?? 0),
    }));
    return {
      family,
      rows: rows.filter((row) => row.byFamily?.has(family)).length,
      auc: auc(left),
      recallAt1: recallAtFalseRate(left, 0.01),
    };
  };
  return ['none', ...families].map(without);
}

function logOdds(score: number): number {
  const held = Math.max(1e-12, Math.min(1 - 1e-12, score));
  return Math.log(held / (1 - held));
}
