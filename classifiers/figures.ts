/** How well judged rows were judged: the figures that the model card, the bench and promotion go by. */
import type { Label } from '../domain/assessment.ts';
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
