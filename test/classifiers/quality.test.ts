import { describe, expect, test } from 'vitest';
import { type Looked, qualityOf } from '../../classifiers/quality.ts';
import { seededRandom } from '../../classifiers/random.ts';
import type { Verdict } from '../../domain/assessment.ts';

const some = (n: number, verdict: Verdict, isDrawn: boolean, isFraud: boolean | null): Looked[] =>
  Array.from({ length: n }, () => ({ verdict, isDrawn, isFraud }));

describe('quality as officers see it', () => {
  test('counts what audits found in proportion to what they stand for', () => {
    const { precision, recall, strata } = qualityOf([
      ...some(90, 'flag', false, true),
      ...some(10, 'flag', false, false),
      ...some(99, 'clear', true, false),
      ...some(1, 'clear', true, true),
      ...some(900, 'clear', false, null),
    ]);
    expect(strata).toEqual([
      { verdict: 'flag', all: 100, looked: 100, fraud: 90 },
      { verdict: 'abstain', all: 0, looked: 0, fraud: 0 },
      { verdict: 'clear', all: 1000, looked: 100, fraud: 1 },
    ]);
    expect(precision).toEqual({ value: 0.9, low: 0.9, high: 0.9 });
    // 90 found; 1 in 100 of 1,000 cleared stand for 10 missed.
    expect(recall?.value).toBeCloseTo(0.9, 12);
    expect(recall!.low).toBeLessThan(0.9);
    expect(recall!.high).toBeGreaterThan(0.9);
  });

  test('takes no notice of what officers picked themselves while others of its kind wait', () => {
    const { precision } = qualityOf([
      ...some(40, 'flag', false, true),
      ...some(4, 'flag', true, true),
      ...some(4, 'flag', true, false),
      ...some(50, 'flag', false, null),
    ]);
    expect(precision?.value).toBe(0.5);
  });

  test('says nothing where nobody looked', () => {
    expect(qualityOf([])).toMatchObject({ precision: null, recall: null });
    expect(qualityOf([...some(5, 'flag', true, true), ...some(5, 'clear', false, null)]).recall).toBeNull();
  });

  test('is right on average over many draws, though officers take the riskiest first', () => {
    const random = seededRandom(7);
    let precision = 0;
    let recall = 0;
    const runs = 300;
    for (let run = 0; run < runs; run += 1) {
      // 1,000 flagged with risk u, fraud with chance u; 4,000 cleared, fraud one in fifty.
      const flagged = Array.from({ length: 1000 }, (): Looked => {
        const risk = random();
        const isDrawn = random() < 0.1;
        return { verdict: 'flag', isDrawn, isFraud: isDrawn || risk > 0.7 ? random() < risk : null };
      });
      const cleared = Array.from({ length: 4000 }, (): Looked => {
        const isDrawn = random() < 0.1;
        return { verdict: 'clear', isDrawn, isFraud: isDrawn ? random() < 0.02 : null };
      });
      const quality = qualityOf([...flagged, ...cleared]);
      precision += quality.precision!.value / runs;
      recall += quality.recall!.value / runs;
    }
    expect(precision).toBeGreaterThan(0.49);
    expect(precision).toBeLessThan(0.51);
    // 500 of 500 + 80.
    expect(recall).toBeGreaterThan(0.85);
    expect(recall).toBeLessThan(0.875);
  });
});
