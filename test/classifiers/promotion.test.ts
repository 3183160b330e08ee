import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compare, type HeldOutRow, type Saying } from '../../classifiers/promotion.ts';
import type { Label } from '../../domain/assessment.ts';

/** 20 sources of each label, 5 pages each; a fifth of the legitimate ones are hard. */
const rows: HeldOutRow[] = (['pyramid', 'phishing', 'legit'] as const).flatMap((truth) =>
  Array.from({ length: 100 }, (_, at) => ({
    truth,
    source: `${truth}-${Math.floor(at / 5)}.test`,
    isHard: truth === 'legit' && at % 5 === 0,
  })),
);
const say = (label: Label): Saying => ({ label, verdict: label === 'legit' ? 'clear' : 'flag' });
const right = rows.map(({ truth }) => say(truth));
/** Right but for the first pages of some labels. */
const but = (wrong: Partial<Record<Label, readonly [count: number, said: Label]>>) => {
  const seen = new Map<Label, number>();
  return rows.map(({ truth }) => {
    const n = (seen.get(truth) ?? 0) + 1;
    seen.set(truth, n);
    const [count, said] = wrong[truth] ?? [0, truth];
    return say(n <= count ? said : truth);
  });
};

describe('a candidate', () => {
  test('that says the same may take the place', () => {
    const { faults, categories, hardNegatives, sources } = compare(rows, right, right, 1);
    expect(faults).toEqual([]);
    expect(sources).toBe(60);
    expect(categories[0]).toEqual({
      label: 'pyramid',
      rows: 100,
      current: { value: 1, low: 1, high: 1 },
      candidate: { value: 1, low: 1, high: 1 },
    });
    expect(hardNegatives).toEqual({ rows: 20, areMarked: true, current: 0, candidate: 0 });
  });

  test('that is better in one category and worse in another is refused, and the one is named', () => {
    const current = but({ pyramid: [30, 'phishing'] });
    const candidate = but({ legit: [20, 'phishing'] });
    const { faults } = compare(rows, current, candidate, 1);
    expect(faults).toContainEqual({
      what: 'category_falls',
      label: 'legit',
      was: 1,
      is: expect.any(Number),
    });
    expect(faults.filter((fault) => fault.what === 'category_falls')).not.toContainEqual(
      expect.objectContaining({ label: 'pyramid' }),
    );
  });

  test('that flags one more hard negative is refused', () => {
    const hard = rows.findIndex((row) => row.isHard);
    // Still called legit, so that no category falls: the flag alone is the harm.
    const candidate = right.map((saying, at) =>
      at === hard ? { ...saying, verdict: 'flag' as const } : saying,
    );
    expect(compare(rows, right, candidate, 1).faults).toEqual([
      { what: 'hard_negatives_rise', was: 0, is: 0.05 },
    ]);
  });

  test('is refused where too few rows, or rows of one kind, are there to judge by', () => {
    const few = rows.slice(0, 10);
    const { faults } = compare(few, right.slice(0, 10), right.slice(0, 10), 1);
    expect(faults).toEqual([{ what: 'too_few_rows', rows: 10, least: 50 }, { what: 'one_sided' }]);
  });

  test('better in everything is never refused, whatever the draw', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(60), fc.nat(60), (seed, a, b) => {
        const current = but({ pyramid: [a, 'legit'], legit: [b, 'pyramid'] });
        expect(compare(rows, current, right, seed).faults).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });

  test('gets the same figures again from the same seed', () => {
    const candidate = but({ phishing: [13, 'legit'] });
    expect(compare(rows, right, candidate, 5)).toEqual(compare(rows, right, candidate, 5));
  });

  test('has one saying a row, no more and no less', () => {
    expect(() => compare(rows, right, right.slice(1), 1)).toThrow(RangeError);
  });
});
