import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isHardNegative, isHeldOut, type RuledAct, rulingOver, rulingsOf } from '../../domain/lesson.ts';

const day = (n: number) => new Date(Date.UTC(2026, 4, n));
const act = (kind: string, n: number, facts: Record<string, unknown> = {}): RuledAct => ({
  kind,
  at: day(n),
  facts,
});

describe('a lesson', () => {
  test('of a confirmed case is the label of the case, with ground and reason', () => {
    const acts = [act('opened', 1), act('confirmed', 3, { ground: 'KZ-CC-217', reason: 'выплаты новыми' })];
    expect(rulingOver(rulingsOf(acts, 'pyramid'), day(2))).toEqual({
      how: 'confirmed',
      at: day(3),
      label: 'pyramid',
      reason: 'выплаты новыми',
      ground: 'KZ-CC-217',
    });
  });

  test('of a dismissed case is legit, and a hard negative', () => {
    const ruling = rulingOver(rulingsOf([act('dismissed', 3, { reason: 'новость' })], 'pyramid'), day(2))!;
    expect(ruling).toMatchObject({ label: 'legit', reason: 'новость', ground: null });
    expect(isHardNegative(ruling)).toBe(true);
  });

  test('of a page seen before a dismissal stays legit though the site turned to fraud later', () => {
    const rulings = rulingsOf(
      [act('dismissed', 3, { reason: 'нет' }), act('reopened', 5), act('confirmed', 6, { reason: 'да' })],
      'pyramid',
    );
    expect(rulingOver(rulings, day(2))?.label).toBe('legit');
    expect(rulingOver(rulings, day(5))?.label).toBe('pyramid');
  });

  test('of a confirmed case that an appeal overturned is legit', () => {
    const acts = [
      act('confirmed', 3, { reason: 'да' }),
      act('approved', 4),
      act('referred', 4),
      act('overturned', 9, { reason: 'апелляция удовлетворена' }),
    ];
    const ruling = rulingOver(rulingsOf(acts, 'phishing'), day(2))!;
    expect(ruling).toMatchObject({ how: 'overturned', label: 'legit', reason: 'апелляция удовлетворена' });
    expect(isHardNegative(ruling)).toBe(true);
  });

  test('there is none in a page captured after the last word on it', () => {
    expect(rulingOver(rulingsOf([act('dismissed', 3, { reason: 'нет' })], 'pyramid'), day(4))).toBeNull();
    expect(rulingOver(rulingsOf([act('opened', 1)], 'pyramid'), day(1))).toBeNull();
  });

  test('a source is held out or not by its name alone, and about one in five is', () => {
    const names = Array.from({ length: 2000 }, (_, n) => `site-${n}.test`);
    const share = names.filter(isHeldOut).length / names.length;
    expect(share).toBeGreaterThan(0.17);
    expect(share).toBeLessThan(0.23);
  });

  test('is always by somebody who could have seen the page', () => {
    const kinds = fc.constantFrom('opened', 'confirmed', 'dismissed', 'reopened', 'overturned');
    fc.assert(
      fc.property(fc.array(kinds, { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), (names, seen) => {
        const rulings = rulingsOf(
          names.map((kind, at) => act(kind, at + 1)),
          'pyramid',
        );
        const ruling = rulingOver(rulings, day(seen));
        if (ruling !== null) expect(ruling.at.getTime()).toBeGreaterThanOrEqual(day(seen).getTime());
      }),
    );
  });
});
