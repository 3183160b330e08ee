import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freshHost, nextTurn } from '../../crawler/politeness.ts';

const at = new Date('2026-05-04T06:00:00Z');
const settings = { delaySeconds: 1 };
const secondsTo = (nextAt: string | null) => (new Date(nextAt!).getTime() - at.getTime()) / 1000;

describe('politeness', () => {
  test('waits the delay from the end of an answer', () => {
    const host = nextTurn(freshHost(), { at, seconds: 0.2, status: 200 }, settings);
    expect(host).toEqual({ nextAt: '2026-05-04T06:00:01.000Z', strikes: 0, isDown: false });
  });

  test('asks a slow host as seldom as it is slow, up to ten seconds', () => {
    expect(secondsTo(nextTurn(freshHost(), { at, seconds: 4, status: 200 }, settings).nextAt)).toBe(4);
    expect(secondsTo(nextTurn(freshHost(), { at, seconds: 90, status: 200 }, settings).nextAt)).toBe(10);
  });

  test('doubles the wait with every answer that asks to slow down, and forgets it after a good one', () => {
    let host = freshHost();
    const waits = [429, 503, 429].map((status) => {
      host = nextTurn(host, { at, seconds: 0.1, status }, settings);
      return secondsTo(host.nextAt);
    });
    expect(waits).toEqual([2, 4, 8]);
    expect(nextTurn(host, { at, seconds: 0.1, status: 200 }, settings)).toMatchObject({ strikes: 0 });
  });

  test('does as Retry-After and robots.txt say, within reason', () => {
    const asked = (retryAfterSeconds: number) =>
      secondsTo(nextTurn(freshHost(), { at, seconds: 0.1, status: 503, retryAfterSeconds }, settings).nextAt);
    expect([asked(120), asked(1e9)]).toEqual([120, 3600]);
    const crawlDelay = (seconds: number) =>
      secondsTo(nextTurn(freshHost(), { at, seconds: 0.1, status: 200 }, settings, seconds).nextAt);
    expect([crawlDelay(5), crawlDelay(86_400)]).toEqual([5, 60]);
  });

  test('leaves a host alone after six answers in a row that did not come', () => {
    let host = freshHost();
    for (let n = 0; n < 5; n += 1) host = nextTurn(host, { at, seconds: 10, status: null }, settings);
    expect(host.isDown).toBe(false);
    expect(nextTurn(host, { at, seconds: 10, status: null }, settings).isDown).toBe(true);
  });

  test('backs off from a host that asks for it even where the operator wanted no delay', () => {
    const host = nextTurn(freshHost(), { at, seconds: 0.1, status: 429 }, { delaySeconds: 0 });
    expect(secondsTo(host.nextAt)).toBe(2);
  });

  test('never asks again before the delay, whatever happened', () => {
    const status = fc.option(fc.constantFrom(200, 301, 404, 429, 500, 503), { nil: null });
    fc.assert(
      fc.property(
        fc.array(fc.record({ seconds: fc.double({ min: 0, max: 1e4, noNaN: true }), status })),
        (all) => {
          let host = freshHost();
          for (const happened of all) {
            host = nextTurn(host, { at, ...happened }, settings);
            expect(secondsTo(host.nextAt)).toBeGreaterThanOrEqual(1);
            expect(secondsTo(host.nextAt)).toBeLessThanOrEqual(3600);
          }
        },
      ),
    );
  });
});
