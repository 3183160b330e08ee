import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PASSAGE_STATES } from '../../domain/passage.ts';
import { type Claims, dueSince, keepersOf, PERIODS, readPeriods } from '../../domain/retention.ts';

const day = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 24 * 3_600_000);
const claims = (over: Partial<Claims> = {}): Claims => ({
  capturedAt: day(0),
  isOnHold: false,
  cases: [],
  ...over,
});
const one = (over: Partial<Claims['cases'][number]>): Claims =>
  claims({ cases: [{ state: 'referred', lastAt: day(10), passage: null, isAppealed: false, ...over }] });

describe('what is due', () => {
  test('a page that nobody was shown, 90 days after it was captured', () => {
    expect(dueSince(claims(), PERIODS, day(89))).toBe(null);
    expect(dueSince(claims(), PERIODS, day(90))).toEqual({ kind: 'never_flagged', since: day(90) });
  });

  test('a page of dismissed cases, a year after the last of them was closed', () => {
    const dismissed = one({ state: 'dismissed' });
    expect(dueSince(dismissed, PERIODS, day(374))).toBe(null);
    expect(dueSince(dismissed, PERIODS, day(375))).toEqual({ kind: 'closed', since: day(375) });
  });

  test('a page that was referred, five years after its passage ended', () => {
    const ended = one({ passage: 'resumed' });
    expect(dueSince(ended, PERIODS, day(1834))).toBe(null);
    expect(dueSince(ended, PERIODS, day(1835))).toEqual({ kind: 'referred', since: day(1835) });
  });
});

describe('what keeps evidence', () => {
  test('a hold, whatever its age', () => {
    expect(keepersOf(claims({ isOnHold: true }))).toEqual(['hold']);
  });

  test('a case that is not dismissed, a batch that nobody acknowledged, what stands, an appeal', () => {
    expect(keepersOf(one({ state: 'open' }))).toEqual(['undecided']);
    expect(keepersOf(one({ passage: 'batched' }))).toEqual(['on_its_way']);
    expect(keepersOf(one({ passage: 'handed_over' }))).toEqual(['on_its_way']);
    expect(keepersOf(one({ passage: 'restricted' }))).toEqual(['standing']);
    expect(keepersOf(one({ passage: 'appealed' }))).toEqual(['appealed', 'standing']);
    expect(keepersOf(one({ state: 'dismissed', isAppealed: true }))).toEqual(['appealed']);
  });

  test('one case that waits keeps what all others let go', () => {
    const [dismissed] = one({ state: 'dismissed' }).cases;
    const [open] = one({ state: 'open' }).cases;
    expect(keepersOf(claims({ cases: [dismissed!, open!] }))).toEqual(['undecided']);
  });

  test('nothing that is kept is ever due', () => {
    const cases = fc.array(
      fc.record({
        state: fc.constantFrom('open', 'confirmed', 'approved', 'dismissed', 'referred'),
        lastAt: fc.integer({ min: 0, max: 4000 }).map(day),
        passage: fc.option(fc.constantFrom(...PASSAGE_STATES), { nil: null }),
        isAppealed: fc.boolean(),
      }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(cases, fc.boolean(), fc.integer({ min: 0, max: 9000 }), (its, isOnHold, now) => {
        const it = claims({ cases: its as Claims['cases'], isOnHold });
        const due = dueSince(it, PERIODS, day(now));
        if (due !== null) {
          expect(keepersOf(it)).toEqual([]);
          expect(due.since.getTime()).toBeLessThanOrEqual(day(now).getTime());
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('readPeriods', () => {
  test('sets what is named and leaves the rest', () => {
    expect(readPeriods('never_flagged=30, referred=3650')).toEqual({
      never_flagged: 30,
      closed: 365,
      referred: 3650,
    });
  });

  test('knows no other kind and no other number', () => {
    expect(['forever=1', 'closed=-1', 'closed', 'closed=1d'].map(readPeriods)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});
