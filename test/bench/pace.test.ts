import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drift, paced, percentile } from '../../bench/load/pace.ts';

describe('requests at a pace', () => {
  test('are all asked, and told by kind, with what went wrong', async () => {
    const found = await paced({ perSecond: 200, seconds: 0.1 }, async (n) => {
      if (n === 7) throw new Error('503');
      return n % 2 === 0 ? 'even' : 'odd';
    });
    expect(found).toMatchObject({ asked: 20, done: 19, failed: 1, errors: { 503: 1 } });
    expect([found.byKind['even']?.length, found.byKind['odd']?.length]).toEqual([10, 9]);
    expect(found.ms.at(-1)).toBe(Number.POSITIVE_INFINITY);
  });

  test('wait for a connection where only so many are under way, and are late meanwhile', async () => {
    let [under, most] = [0, 0];
    const answers: (() => void)[] = [];
    const asking = paced({ perSecond: 1000, seconds: 0.01, most: 3 }, async () => {
      under += 1;
      most = Math.max(most, under);
      await new Promise<void>((answer) => answers.push(answer));
      under -= 1;
      return 'one';
    });
    for (let answered = 0; answered < 10; answered += 1) {
      await expect.poll(() => answers.length).toBeGreaterThan(0);
      answers.shift()!();
    }
    expect((await asking).done).toBe(10);
    expect(most).toBe(3);
  });

  test('that are never answered are failures once the time to wait is over', async () => {
    const found = await paced(
      { perSecond: 100, seconds: 0.05, graceSeconds: 0.05 },
      () => new Promise(() => {}),
    );
    expect(found).toMatchObject({ asked: 5, done: 0, failed: 5 });
  });
});

describe('a percentile', () => {
  test('of 100 answers is the one that so many do not exceed', () => {
    const list = Array.from({ length: 100 }, (_, at) => at + 1);
    expect([percentile(list, 0.5), percentile(list, 0.95), percentile(list, 0.99)]).toEqual([50, 95, 99]);
    expect(percentile([], 0.5)).toBeNaN();
  });

  test('is one of the answers, and grows with the share', () => {
    const list = fc
      .array(fc.double({ noNaN: true }), { minLength: 1 })
      .map((all) => all.sort((a, b) => a - b));
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(list, share, share, (all, a, b) => {
        const [low, high] = [percentile(all, Math.min(a, b)), percentile(all, Math.max(a, b))];
        expect(all).toContain(low);
        expect(low).toBeLessThanOrEqual(high);
      }),
    );
  });
});

test('memory that stands at 110 after 100 has drifted by a tenth, whatever it was between', () => {
  expect(drift([100, 100, 500, 400, 300, 200, 110, 110])).toBeCloseTo(0.1, 10);
  expect(drift([1, 2, 3])).toBeNaN();
});
