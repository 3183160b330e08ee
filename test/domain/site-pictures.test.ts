import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../domain/assessment.ts';
import { isPicturedEnough, NO_PICTURES, withPicture } from '../../domain/site-pictures.ts';

const flag = (score: number) => ({ verdict: 'flag', score }) as const;
const doubt = (score: number) => ({ verdict: 'abstain', score }) as const;
/** Whether each of these pages of a site is photographed, one after the other. */
const photographed = (pages: readonly { readonly verdict: Verdict; readonly score: number }[]): boolean[] => {
  let known = NO_PICTURES;
  return pages.map((page) => {
    if (page.verdict === 'clear' || isPicturedEnough(known, page)) return false;
    known = withPicture(known, page);
    return true;
  });
};

describe('pages of a site that are photographed', () => {
  test('are two that are flagged, then one that is clearly riskier', () => {
    expect(photographed([flag(0.9), flag(0.8), flag(0.85), flag(0.9), flag(0.93), flag(0.96)])).toEqual([
      true,
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  test('are one in doubt, and none beside what is flagged', () => {
    expect(photographed([doubt(0.4), doubt(0.4), doubt(0.5), doubt(0.75)])).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(photographed([flag(0.9), doubt(0.6)])).toEqual([true, false]);
  });

  test('are flagged ones, however many in doubt were photographed before', () => {
    expect(photographed([doubt(0.2), doubt(0.6), doubt(0.81), flag(0.83)])).toEqual([true, true, true, true]);
  });

  test('do not count where they were photographed for another reason and cleared', () => {
    expect(withPicture(NO_PICTURES, { verdict: 'clear', score: 0.1 })).toEqual(NO_PICTURES);
  });

  test('have among them the first that is flagged, and one half as near to certainty as the riskiest', () => {
    const page = fc.record({
      verdict: fc.constantFrom<Verdict>('flag', 'abstain'),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(page, { minLength: 1, maxLength: 40 }), (pages) => {
        const taken = photographed(pages);
        const chosen = pages.filter((_, at) => taken[at]);
        const first = pages.findIndex(({ verdict }) => verdict === 'flag');
        expect(first === -1 || taken[first]).toBe(true);
        const riskiest = Math.max(...pages.map(({ score }) => score));
        const shown = Math.max(...chosen.map(({ score }) => score));
        expect(1 - shown).toBeLessThanOrEqual(2 * (1 - riskiest) + Number.EPSILON);
      }),
    );
  });
});
