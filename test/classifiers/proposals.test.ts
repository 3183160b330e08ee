import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDrawn, type Judged, proposalOf, proposals } from '../../classifiers/proposals.ts';
import type { Verdict } from '../../domain/assessment.ts';

const site = (key: string, verdict: Verdict, score: number, novelty = 0.6): Judged => ({
  subject: { kind: 'site', key },
  verdict,
  score,
  novelty,
});
const names = (n: number) => Array.from({ length: n }, (_, at) => `site-${at}.test`);

describe('proposals', () => {
  test('are the uncertain, the novel and what was drawn of the cleared, each for one reason', () => {
    const undrawn = names(50).filter((key) => !isDrawn({ kind: 'site', key }, '2026-05'));
    const [a, b, c, d] = undrawn as [string, string, string, string];
    const drawn = names(50).find((key) => isDrawn({ kind: 'site', key }, '2026-05'))!;
    const found = proposals(
      [
        site(a, 'abstain', 0.5),
        site(b, 'clear', 0.02, 0.9),
        site(c, 'clear', 0.02),
        site(d, 'flag', 0.99),
        site(drawn, 'clear', 0.02),
      ],
      '2026-05',
    );
    expect(found.map(({ subject, why }) => [subject.key, why])).toEqual([
      [a, 'uncertain'],
      [drawn, 'audit'],
      [b, 'novel'],
    ]);
  });

  test('what nearly got the other verdict is uncertain', () => {
    expect(proposalOf(site('a.test', 'flag', 0.71), 's')?.why).toBe('uncertain');
    expect(proposalOf(site('a.test', 'clear', 0.29), 's')?.why).toBe('uncertain');
    expect(proposalOf(site('a.test', 'flag', 0.9), 's')).toBeNull();
  });

  test('the nearer to a coin toss, the sooner', () => {
    const order = proposals(
      [site('a.test', 'abstain', 0.66), site('b.test', 'abstain', 0.5), site('c.test', 'abstain', 0.4)],
      's',
    );
    expect(order.map(({ subject }) => subject.key)).toEqual(['b.test', 'c.test', 'a.test']);
  });

  test('about one in ten of the cleared is drawn, others next month, and the lot repeats', () => {
    const keys = names(5000);
    const drawn = (seed: string) => keys.filter((key) => isDrawn({ kind: 'site', key }, seed));
    for (const seed of ['2026-05', '2026-06']) {
      expect(drawn(seed).length / keys.length).toBeGreaterThan(0.085);
      expect(drawn(seed).length / keys.length).toBeLessThan(0.115);
    }
    expect(drawn('2026-05')).toEqual(drawn('2026-05'));
    const both = drawn('2026-05').filter((key) => drawn('2026-06').includes(key));
    expect(both.length / drawn('2026-05').length).toBeLessThan(0.2);
  });

  test('do not depend on the order of what was judged', () => {
    const verdicts = fc.constantFrom<Verdict>('flag', 'clear', 'abstain');
    const judged = fc.uniqueArray(
      fc
        .tuple(
          fc.integer({ min: 0, max: 60 }),
          verdicts,
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.double({ min: 0, max: 1, noNaN: true }),
        )
        .map(([n, verdict, score, novelty]) => site(`s${n}.test`, verdict, score, novelty)),
      { selector: ({ subject }) => subject.key },
    );
    fc.assert(
      fc.property(judged, fc.integer(), (rows, seed) => {
        const order = proposals(rows, String(seed));
        expect(proposals(rows.toReversed(), String(seed))).toEqual(order);
        expect(order.every(({ priority }) => priority >= 0 && priority <= 1)).toBe(true);
      }),
    );
  });
});
