import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { laneOf, queueRank, urgency } from '../../domain/queue.ts';

const day = (n: number) => new Date(Date.UTC(2026, 4, 1 + n));

describe('the queue', () => {
  test('weighs risk by how many told of it, and doubles that every week', () => {
    expect(urgency({ score: 0.5, reach: 3, openedAt: day(0) }, day(0))).toEqual({
      risk: 0.5,
      reach: 3,
      waitingDays: 0,
      weight: 1.5,
    });
    expect(urgency({ score: 0.5, reach: 3, openedAt: day(0) }, day(14)).weight).toBe(6);
  });

  test('orders by one number as it would by weight, at whatever moment one looks', () => {
    const some = fc.record({
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      reach: fc.integer({ min: 1, max: 10_000 }),
      openedAt: fc.integer({ min: 0, max: 900 }).map(day),
    });
    fc.assert(
      fc.property(some, some, fc.integer({ min: 900, max: 2_000 }), (a, b, then) => {
        const [x, y] = [urgency(a, day(then)).weight, urgency(b, day(then)).weight];
        // Two weights that agree to nine digits are the same.
        fc.pre(Math.abs(Math.log(x) - Math.log(y)) > 1e-9);
        expect(queueRank(a) > queueRank(b)).toBe(x > y);
      }),
    );
  });

  test('keeps watched cases out and escalated ones for seniors', () => {
    const by = { by: 'a', at: day(0), reason: 'r' };
    expect(laneOf({ is: 'open' })).toBe('desk');
    expect(laneOf({ is: 'open', escalated: { ...by, between: [] } })).toBe('senior');
    expect(laneOf({ is: 'open', escalated: { ...by, between: [] }, watched: { ...by, until: day(3) } })).toBe(
      'watch',
    );
  });
});
