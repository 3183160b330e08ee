import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  afterShowing,
  isInVain,
  MOST_REMEMBERED,
  NO_LESSON,
  pretendsToBePlain,
} from '../../domain/render-lesson.ts';

const doubted = (shown: number, helped: number) => ({ ...NO_LESSON, doubted: { shown, helped } });
const trusted = (shown: number, helped: number) => ({ ...NO_LESSON, trusted: { shown, helped } });

test('nothing is learned before three renders in vain', () => {
  expect([0, 1, 2, 3].map((shown) => isInVain(doubted(shown, 0)))).toEqual([false, false, false, true]);
});

test('one render that helped keeps pages like it rendered, until twenty more did not', () => {
  expect(isInVain(doubted(4, 1))).toBe(false);
  expect(isInVain(doubted(20, 1))).toBe(false);
  expect(isInVain(doubted(21, 1))).toBe(true);
});

test('pages that looked plain are shown once the browser saw more in one of five', () => {
  expect(pretendsToBePlain(trusted(40, 0))).toBe(false);
  expect(pretendsToBePlain(trusted(1, 1))).toBe(true);
  expect(pretendsToBePlain(trusted(5, 1))).toBe(true);
  expect(pretendsToBePlain(trusted(6, 1))).toBe(false);
});

test('what was long ago fades: both numbers are halved at sixty-four', () => {
  expect(afterShowing({ shown: 63, helped: 7 }, false)).toEqual({ shown: 64, helped: 7 });
  expect(afterShowing({ shown: 64, helped: 7 }, true)).toEqual({ shown: 33, helped: 4 });
});

test('whatever is shown, a tally stays one, and a site that changes is noticed', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 300 }), (history) => {
      const tally = history.reduce(afterShowing, { shown: 0, helped: 0 });
      expect(tally.helped).toBeGreaterThanOrEqual(0);
      expect(tally.helped).toBeLessThanOrEqual(tally.shown);
      expect(tally.shown).toBeLessThanOrEqual(MOST_REMEMBERED);
      // Four renders that help outweigh any past.
      const since = [true, true, true, true].reduce(afterShowing, tally);
      expect(isInVain({ ...NO_LESSON, doubted: since })).toBe(false);
    }),
  );
});
