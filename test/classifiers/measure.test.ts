import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auc, calibrationError, macroF1, recallAtFalseRate } from '../../classifiers/measure.ts';

const rows = [
  { score: 0.9, isBad: true },
  { score: 0.8, isBad: false },
  { score: 0.7, isBad: true },
  { score: 0.1, isBad: false },
];

describe('measures', () => {
  test('AUC counts pairs in the right order', () => {
    expect(auc(rows)).toBe(0.75);
    expect(
      auc([
        { score: 0.5, isBad: true },
        { score: 0.5, isBad: false },
      ]),
    ).toBe(0.5);
  });

  test('AUC does not change when all scores are stretched', () => {
    const scored = fc.array(fc.record({ score: fc.integer({ min: 0, max: 1000 }), isBad: fc.boolean() }), {
      minLength: 2,
      maxLength: 30,
    });
    fc.assert(
      fc.property(scored, (list) => {
        fc.pre(list.some((row) => row.isBad) && list.some((row) => !row.isBad));
        expect(auc(list.map((row) => ({ ...row, score: row.score * 4 - 2 })))).toBeCloseTo(auc(list), 12);
      }),
    );
  });

  test('recall at a false rate of 0 counts those above the best good one', () => {
    expect(recallAtFalseRate(rows, 0)).toBe(0.5);
  });

  test('calibration error is the gap between said and seen', () => {
    expect(
      calibrationError([
        { score: 0.75, isBad: true },
        { score: 0.75, isBad: false },
      ]),
    ).toBeCloseTo(0.25, 12);
  });

  test('macro-F1 is the mean over true labels', () => {
    const said = [
      { truth: 'a', said: 'a' },
      { truth: 'a', said: 'b' },
      { truth: 'b', said: 'b' },
    ];
    expect(macroF1(said)).toBeCloseTo(2 / 3, 12);
  });
});
