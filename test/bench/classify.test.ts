import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Answer, figuresOf, wrongBySource } from '../../bench/classify/figures.ts';
import { missing } from '../../bench/classify/peers.ts';
import { foldedText, splitPages, splitPosts } from '../../bench/classify/split.ts';
import { markdown } from '../../bench/classify/table.ts';

const source = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const label = fc.constantFrom('legit', 'spam', 'pyramid');
const rows = fc.array(fc.record({ source, label, text: fc.string({ maxLength: 20 }) }), { maxLength: 60 });

describe('a split of pages', () => {
  test('has every row on one side, and every source whole', () => {
    fc.assert(
      fc.property(rows, fc.integer(), (list, seed) => {
        const { train, test: held } = splitPages(list, seed);
        expect(train.length + held.length).toBe(list.length);
        const known = new Set(train.map((row) => row.source));
        expect(held.filter((row) => known.has(row.source))).toEqual([]);
      }),
    );
  });

  test('deals the sources of a label evenly', () => {
    const list = ['a', 'b', 'c', 'd', 'e'].map((it) => ({ source: it, label: 'legit' }));
    for (const seed of [1, 2, 3, 4]) expect([2, 3]).toContain(splitPages(list, seed).test.length);
  });

  test('is the same for the same seed', () => {
    const list = ['a', 'b', 'c', 'd'].map((it) => ({ source: it, label: 'legit' }));
    expect(splitPages(list, 5)).toEqual(splitPages(list, 5));
  });
});

describe('a split of posts', () => {
  test('keeps copies of one text together where a source has both labels', () => {
    const copies = Array.from({ length: 40 }, (_, at) => ({
      source: 'mixed',
      label: at % 2 === 0 ? 'spam' : 'legit',
      text: `Табыс ${'!'.repeat(at % 7)} https://example.com/${at}`,
    }));
    for (const seed of [1, 2, 3]) {
      const { train, test: held } = splitPosts(copies, seed);
      expect(Math.min(train.length, held.length)).toBe(0);
    }
  });

  test('holds sources of one label out whole', () => {
    const list = Array.from({ length: 30 }, (_, at) => ({
      source: at < 10 ? 'news' : at < 20 ? 'talk' : 'mixed',
      label: at > 25 ? 'spam' : 'legit',
      text: `${at} ${'абвгдежзиклмноп'[at % 15]}${'рстуфхцчшщыэюя'[at % 14]}`,
    }));
    const { train, test: held } = splitPosts(list, 3);
    for (const whole of ['news', 'talk']) {
      const sides = [train, held].filter((side) => side.some((row) => row.source === whole));
      expect(sides.length).toBe(1);
    }
  });

  test('sees one text in copies that differ in looks, digits, links and signs', () => {
    expect(foldedText('Дoxoд 500 $ в день! t.me/aaaa')).toBe(foldedText('Доход  900$ — в день @bbb'));
    expect(foldedText('Доход в день')).not.toBe(foldedText('Доход в месяц'));
  });
});

const answer = (truth: string, score: number, more: Partial<Answer> = {}): Answer => ({
  truth,
  source: 's',
  lang: 'ru',
  isHardNegative: false,
  score,
  said: score >= 0.5 ? 'spam' : 'legit',
  verdict: null,
  ...more,
});

describe('figures', () => {
  const split = [answer('spam', 0.9), answer('spam', 0.2), answer('legit', 0.1), answer('legit', 0.6)];

  test('count what was said, over all and where something was said', () => {
    const judged = [
      answer('spam', 0.9, { verdict: 'flag' }),
      answer('spam', 0.5, { verdict: 'abstain' }),
      answer('legit', 0.1, { verdict: 'clear' }),
      answer('legit', 0.8, { verdict: 'flag', isHardNegative: true }),
    ];
    const { coverage, accuracyWhereSaid, hardNegativesAccused } = figuresOf([judged], 'row', 20);
    expect(coverage.value).toBe(0.75);
    expect(accuracyWhereSaid.value).toBeCloseTo(2 / 3);
    expect(hardNegativesAccused.value).toBe(1);
  });

  test('are means over splits, between their bounds', () => {
    const { auc, fraudF1 } = figuresOf([split, split], 'row', 100);
    expect(auc.value).toBe(0.75);
    expect(fraudF1.value).toBe(0.5);
    expect(auc.low).toBeLessThanOrEqual(auc.value);
    expect(auc.high).toBeGreaterThanOrEqual(auc.value);
  });

  test('drawn by source vary with the sources and not with their rows', () => {
    const one = [answer('spam', 0.9, { source: 'x' }), answer('legit', 0.1, { source: 'y' })];
    const { auc } = figuresOf([[...one, ...one, ...one]], 'source', 50);
    expect([auc.low, auc.high]).toEqual([1, 1]);
  });

  test('tell each source what share of it was judged wrongly', () => {
    expect(wrongBySource([split])).toEqual([
      { source: 's', truth: 'fraud', rows: 2, wrong: 0.5 },
      { source: 's', truth: 'legit', rows: 2, wrong: 0.5 },
    ]);
  });
});

describe('the table', () => {
  test('is Markdown, with bars in a cell escaped', () => {
    expect(markdown([['a', (it: string) => it]], ['x|y'])).toBe('| a |\n| --- |\n| x\\|y |\n');
  });
});

describe('the command', () => {
  test('names a peer that is not installed, and the way to have it', () => {
    expect(missing('sklearn-text', '/nowhere/python')?.skipped).toContain('apt-get install python3-sklearn');
  });

  test('asks for the data when it has none', () => {
    const script = fileURLToPath(new URL('../../bench/classify.ts', import.meta.url));
    const ran = spawnSync(process.execPath, ['--import', 'tsx', script], { encoding: 'utf8' });
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain('--pages FILE --posts FILE');
  });
});
