import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assessSite } from '../../classifiers/site.ts';
import type { Assessment, Label, Signal } from '../../domain/assessment.ts';

const signal = (id: string, contribution: number): Signal => ({
  id,
  family: id.split('.')[0]!,
  criterion: 'none',
  excerpt: `seen ${contribution}`,
  contribution,
});

function page(score: number, label: Label = 'pyramid', more: Partial<Assessment> = {}): Assessment {
  return {
    lang: 'ru',
    label: score > 0.5 ? label : 'legit',
    score,
    verdict: score >= 0.7 ? 'flag' : score <= 0.3 ? 'clear' : 'abstain',
    abstainReason: score > 0.3 && score < 0.7 ? 'between' : null,
    scores: { [label]: score, legit: 1 - score },
    signals: [],
    model: 'test',
    ...more,
  };
}

const site = (...assessments: Assessment[]) =>
  assessSite(assessments.map((assessment, at) => ({ url: `https://site.example/${at}`, assessment })));

describe('assessSite', () => {
  test('flags a pyramid whose contact page says nothing', () => {
    expect(site(page(0.99), page(0.95), page(0.2))).toMatchObject({ verdict: 'flag', label: 'pyramid' });
  });

  test('does not flag a newspaper for one page among ten', () => {
    const pages = [page(0.9), ...Array.from({ length: 9 }, () => page(0.03))];
    expect(site(...pages)).toMatchObject({ verdict: 'clear', label: 'legit' });
  });

  test('never flags where no page is flagged', () => {
    const quiet = page(0.9, 'pyramid', { verdict: 'abstain', abstainReason: 'only the statistics of words' });
    expect(site(quiet, quiet)).toMatchObject({
      verdict: 'abstain',
      abstainReason: 'only the statistics of words',
    });
  });

  test('takes the label that its surest pages bear', () => {
    expect(site(page(0.95, 'fake_shop'), page(0.97, 'fake_shop'), page(0.71, 'phishing')).label).toBe(
      'fake_shop',
    );
  });

  test('keeps the strongest sighting of each signal', () => {
    const first = page(0.9, 'pyramid', {
      signals: [signal('yield.percent', 0.4), signal('money.wallet', 0.7)],
    });
    const second = page(0.9, 'pyramid', { signals: [signal('yield.percent', 1.2)] });
    expect(site(first, second).signals.map((it) => it.excerpt)).toEqual(['seen 1.2', 'seen 0.7']);
  });

  test('without a page it abstains', () => {
    expect(assessSite([])).toEqual({
      label: 'legit',
      score: 0,
      verdict: 'abstain',
      abstainReason: 'no page was read',
      signals: [],
    });
  });

  const score = fc.integer({ min: 1, max: 999 }).map((it) => it / 1000);

  test('does not mind the order of pages', () => {
    fc.assert(
      fc.property(fc.array(score, { minLength: 1, maxLength: 12 }), (scores) => {
        const pages = scores.map((it) => page(it));
        const turned = site(...pages.toReversed());
        const straight = site(...pages);
        expect(turned.score).toBeCloseTo(straight.score, 12);
        expect([turned.label, turned.verdict]).toEqual([straight.label, straight.verdict]);
      }),
    );
  });

  test('a page that looks worse never makes the site look better', () => {
    fc.assert(
      fc.property(fc.array(score, { minLength: 1, maxLength: 12 }), score, (scores, worse) => {
        const before = site(...scores.map((it) => page(it)));
        const after = site(...scores.map((it, at) => page(at === 0 ? Math.max(it, worse) : it)));
        expect(after.score).toBeGreaterThanOrEqual(before.score - 1e-12);
      }),
    );
  });
});
