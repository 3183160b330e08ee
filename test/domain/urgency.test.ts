import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { laneOf, NO_SIGN, strongest, urgencyOf } from '../../domain/urgency.ts';

describe('the urgency of a host nobody looked at yet', () => {
  test('is nothing without a sign, and grows by a step for ten times the readers', () => {
    expect(urgencyOf(NO_SIGN)).toBe(0);
    expect(urgencyOf({ ...NO_SIGN, reach: 534 })).toBe(16);
    expect(urgencyOf({ ...NO_SIGN, reach: 534_000 })).toBe(33);
    expect(urgencyOf({ ...NO_SIGN, tips: 1 })).toBe(6);
    expect(urgencyOf({ reach: 100_000_000, tips: 1_000, risk: 1 })).toBe(100);
  });

  test('is whole, from 0 to 100, and never less for more of anything', () => {
    const sign = fc.record({
      reach: fc.option(fc.nat({ max: 1e9 })),
      tips: fc.nat({ max: 1e6 }),
      risk: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(sign, sign, (a, b) => {
        const [one, other] = [urgencyOf(a), urgencyOf(b)];
        const together = urgencyOf(strongest([a, b]));
        expect(together).toBeGreaterThanOrEqual(Math.max(one, other));
        expect(together).toBeLessThanOrEqual(100);
        expect(Number.isInteger(together)).toBe(true);
      }),
    );
  });
});

test('tips have more of each round than a sitemap, and the keeper of a source can rank it', () => {
  const weight = (kind: 'tips' | 'sitemap', priority: 'low' | 'normal' | 'high') =>
    laneOf({ name: 'x', kind, priority }).weight;
  expect([weight('tips', 'normal'), weight('sitemap', 'normal')]).toEqual([8, 2]);
  expect([weight('sitemap', 'low'), weight('sitemap', 'high')]).toEqual([1, 8]);
});
