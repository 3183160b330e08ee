import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AskedBefore,
  afterAnswer,
  CHANGES,
  changeOf,
  type LastLook,
  LONGEST_INTERVAL,
  MOST_NOT_MODIFIED,
  MOST_WASTED,
  nextInterval,
  nextLook,
  PAGE_STATES,
  SHORTEST_INTERVAL,
  stateWithoutPage,
  validatorsIn,
  validatorsToSend,
} from '../../domain/revisit.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const look: LastLook = {
  state: 'live',
  change: 'first',
  risk: 0,
  ageSeconds: 0,
  before: null,
  elapsedSeconds: 1000 * DAY,
};

const looks = fc.record<LastLook>({
  state: fc.constantFrom(...PAGE_STATES),
  change: fc.constantFrom(...CHANGES),
  risk: fc.double({ min: 0, max: 1, noNaN: true }),
  ageSeconds: fc.integer({ min: 0, max: 1000 * DAY }),
  before: fc.option(fc.integer({ min: SHORTEST_INTERVAL, max: LONGEST_INTERVAL })),
  elapsedSeconds: fc.integer({ min: 0, max: 1000 * DAY }),
});

describe('the interval until the next look', () => {
  test('is a week for a harmless page and six hours for a certain fraud, at first', () => {
    expect(nextInterval(look)).toBe(7 * DAY);
    expect(nextInterval({ ...look, risk: 1 })).toBe(6 * HOUR);
  });

  test('grows while nothing changes, slowly in the first week, up to three days for a fraud and ninety for the harmless', () => {
    const seen = { ...look, change: 'same' as const, risk: 1, before: 6 * HOUR };
    expect(nextInterval({ ...seen, ageSeconds: DAY })).toBe(7.5 * HOUR);
    expect(nextInterval({ ...seen, ageSeconds: 10 * DAY })).toBe(12 * HOUR);
    expect(nextInterval({ ...seen, ageSeconds: 10 * DAY, before: 3 * DAY })).toBe(3 * DAY);
    expect(nextInterval({ ...seen, risk: 0, ageSeconds: 400 * DAY, before: 60 * DAY })).toBe(90 * DAY);
  });

  test('does not grow by a look that came early, and shrinks by one that found a change', () => {
    const early = { ...look, ageSeconds: 60 * DAY, before: 14 * DAY, elapsedSeconds: 600 };
    expect(nextInterval({ ...early, change: 'same' })).toBe(14 * DAY);
    expect(nextInterval({ ...early, change: 'text' })).toBe(7 * DAY);
    expect(nextInterval({ ...early, change: 'same', elapsedSeconds: 10 * DAY })).toBe(20 * DAY);
  });

  test('halves when words or forms change, and is quartered for a page that was replaced or came back', () => {
    const changed = { ...look, risk: 1, ageSeconds: 20 * DAY, before: 2 * DAY };
    expect(nextInterval({ ...changed, change: 'text' })).toBe(DAY);
    expect(nextInterval({ ...changed, change: 'structure' })).toBe(DAY);
    expect(nextInterval({ ...changed, change: 'replaced' })).toBe(12 * HOUR);
    expect(nextInterval({ ...changed, change: 'revived' })).toBe(12 * HOUR);
  });

  test('is never longer than two weeks for a parked name, since parked turns live', () => {
    const parked = { ...look, state: 'parked' as const, ageSeconds: 300 * DAY };
    expect(nextInterval({ ...parked, change: 'parked', before: 90 * DAY })).toBe(2 * DAY);
    expect(nextInterval({ ...parked, change: 'same', before: 10 * DAY })).toBe(14 * DAY);
  });

  test('lies between its bounds, whatever is seen', () => {
    fc.assert(
      fc.property(looks, (it) => {
        const seconds = nextInterval(it);
        return seconds >= SHORTEST_INTERVAL && seconds <= LONGEST_INTERVAL && Number.isInteger(seconds);
      }),
    );
  });

  test('is never longer for a riskier address with the same history', () => {
    fc.assert(
      fc.property(looks, fc.double({ min: 0, max: 1, noNaN: true }), (it, other) => {
        const [low, high] = [Math.min(it.risk, other), Math.max(it.risk, other)];
        return nextInterval({ ...it, risk: high }) <= nextInterval({ ...it, risk: low });
      }),
    );
  });

  test('is never longer after a change than after none', () => {
    fc.assert(
      fc.property(looks, fc.constantFrom('text', 'structure', 'replaced', 'revived'), (it, change) => {
        const live = { ...it, state: 'live' as const };
        return (
          nextInterval({ ...live, change }) <= nextInterval({ ...live, change: 'same' }) || it.before === null
        );
      }),
    );
  });

  test('is never longer for a younger address with the same history', () => {
    fc.assert(
      fc.property(looks, fc.nat(1000 * DAY), (it, more) => {
        return nextInterval(it) <= nextInterval({ ...it, ageSeconds: it.ageSeconds + more });
      }),
    );
  });
});

describe('the next look', () => {
  const now = new Date('2026-05-04T06:00:00Z');

  test('comes after the interval, and should be made within one more', () => {
    const { dueAt, lookBy } = nextLook(now, HOUR, 0, null);
    expect(dueAt.toISOString()).toBe('2026-05-04T07:00:00.000Z');
    expect(lookBy.toISOString()).toBe('2026-05-04T08:00:00.000Z');
  });

  test('waits for a host that asked to be left alone', () => {
    const rests = new Date('2026-05-05T00:00:00Z');
    expect(nextLook(now, HOUR, 0, rests).dueAt).toEqual(rests);
  });

  test('is never sooner than the interval or the host allow, and by a tenth later at most', () => {
    const spread = fc.double({ min: 0, max: 1, noNaN: true });
    const rest = fc.option(fc.date({ min: now, max: new Date('2027-01-01'), noInvalidDate: true }));
    fc.assert(
      fc.property(fc.integer({ min: HOUR, max: 90 * DAY }), spread, rest, (seconds, part, hostRests) => {
        const { dueAt, lookBy } = nextLook(now, seconds, part, hostRests);
        const least = Math.max(now.getTime() + seconds * 1000, hostRests?.getTime() ?? 0);
        return (
          dueAt.getTime() >= least &&
          dueAt.getTime() <= least + seconds * 100 + 1 &&
          lookBy.getTime() > dueAt.getTime()
        );
      }),
    );
  });
});

describe('what a look found', () => {
  test.each([
    [null, 'live', null, 'first'],
    [null, 'parked', null, 'parked'],
    [null, 'unreachable', null, 'unreachable'],
    [{ state: 'live', settled: 'live' }, 'live', 'text', 'text'],
    [{ state: 'live', settled: 'live' }, 'live', 'same', 'same'],
    [{ state: 'live', settled: 'live' }, 'for_sale', null, 'for_sale'],
    [{ state: 'live', settled: 'live' }, 'gone', null, 'gone'],
    [{ state: 'parked', settled: 'parked' }, 'parked', 'text', 'same'],
    [{ state: 'parked', settled: 'parked' }, 'live', 'replaced', 'revived'],
    [{ state: 'unreachable', settled: 'parked' }, 'live', null, 'revived'],
    [{ state: 'unreachable', settled: 'live' }, 'live', 'same', 'same'],
    [{ state: 'unreachable', settled: 'live' }, 'unreachable', null, 'same'],
    [{ state: 'unreachable', settled: null }, 'live', null, 'first'],
  ] as const)('after %o, %s (%s) is %s', (before, now, alike, change) => {
    expect(changeOf(before, now, alike)).toBe(change);
  });

  test('404 and 410 are gone, a name twice not found is gone, everything else may be back', () => {
    expect(stateWithoutPage('http_status', 404, false)).toBe('gone');
    expect(stateWithoutPage('http_status', 410, false)).toBe('gone');
    expect(stateWithoutPage('http_status', 403, true)).toBe('unreachable');
    expect(stateWithoutPage('dns', null, false)).toBe('unreachable');
    expect(stateWithoutPage('dns', null, true)).toBe('gone');
    expect(stateWithoutPage('timeout', null, true)).toBe('unreachable');
  });
});

describe('a page that need not be sent again', () => {
  const validators = { etag: '"v1"', lastModified: 'Mon, 04 May 2026 06:00:00 GMT' };
  const asked: AskedBefore = { validators, notModified: 0, wasted: 0, lies: 0 };
  const clear = { ...asked, state: 'live', verdict: 'clear', wasRendered: false, isOfCase: false } as const;

  test('is asked for by what its server named it', () => {
    expect(validatorsToSend(clear)).toEqual(validators);
    expect(validatorsToSend({ ...clear, validators: null })).toBeNull();
  });

  test('is never one that a case may rest on, or that a browser showed', () => {
    expect(validatorsToSend({ ...clear, verdict: 'flag' })).toBeNull();
    expect(validatorsToSend({ ...clear, verdict: 'abstain' })).toBeNull();
    expect(validatorsToSend({ ...clear, verdict: null })).toBeNull();
    expect(validatorsToSend({ ...clear, isOfCase: true })).toBeNull();
    expect(validatorsToSend({ ...clear, wasRendered: true })).toBeNull();
    expect(validatorsToSend({ ...clear, state: 'parked' })).toBeNull();
  });

  test('is received whole after five that were not modified, whatever the server says', () => {
    let it = asked;
    for (let n = 0; n < MOST_NOT_MODIFIED; n += 1) {
      expect(validatorsToSend({ ...clear, ...it })).toEqual(validators);
      it = afterAnswer(it, { asked: true, is: 'not_modified', validators: null });
    }
    expect(validatorsToSend({ ...clear, ...it })).toBeNull();
    it = afterAnswer(it, { asked: false, is: 'same_bytes', validators });
    expect(validatorsToSend({ ...clear, ...it })).toEqual(validators);
  });

  test('is not asked for so again where another page came under the same name', () => {
    const lied = afterAnswer(asked, { asked: false, is: 'other_page', validators });
    expect(lied.lies).toBe(1);
    expect(validatorsToSend({ ...clear, ...lied })).toBeNull();
  });

  test('nor where the server names the same page anew each time', () => {
    let it = asked;
    for (let n = 1; n <= MOST_WASTED; n += 1)
      it = afterAnswer(it, {
        asked: true,
        is: 'same_bytes',
        validators: { etag: `"t${n}"`, lastModified: null },
      });
    expect(validatorsToSend({ ...clear, ...it })).toBeNull();
  });

  test('other bytes of the same page under a weak name are no lie', () => {
    const weak = { etag: 'W/"v1"', lastModified: null };
    const before = { ...asked, validators: weak };
    expect(afterAnswer(before, { asked: false, is: 'same_page', validators: weak }).lies).toBe(0);
    expect(
      afterAnswer(before, {
        asked: false,
        is: 'other_page',
        validators: { etag: '"v1"', lastModified: null },
      }).lies,
    ).toBe(1);
  });

  test('has its names read from an answer, what is no name left out', () => {
    expect(validatorsIn({ etag: ' W/"a-1" ' })).toEqual({ etag: 'W/"a-1"', lastModified: null });
    expect(validatorsIn({ 'last-modified': 'Mon, 04 May 2026 06:00:00 GMT' })).toEqual({
      etag: null,
      lastModified: 'Mon, 04 May 2026 06:00:00 GMT',
    });
    expect(validatorsIn({ etag: 'bare' })).toBeNull();
    expect(validatorsIn({ etag: `"${'x'.repeat(300)}"` })).toBeNull();
    const now = 'Mon, 04 May 2026 06:00:00 GMT';
    expect(validatorsIn({ 'last-modified': now, date: now })).toBeNull();
    expect(validatorsIn({})).toBeNull();
  });
});
