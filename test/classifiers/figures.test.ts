import { describe, expect, test } from 'vitest';
import { intervalsOf } from '../../classifiers/bootstrap.ts';
import { ablationOf, figuresOf, type Judged } from '../../classifiers/figures.ts';
import { reliabilitySvg } from '../../classifiers/reliability.ts';

const row = (isBad: boolean, score: number, source: string, byFamily?: [string, number][]): Judged => ({
  id: '',
  truth: isBad ? 'pyramid' : 'legit',
  said: score >= 0.5 ? 'pyramid' : 'legit',
  verdict: score >= 0.7 ? 'flag' : score <= 0.3 ? 'clear' : 'abstain',
  isBad,
  score,
  lang: 'ru',
  source,
  isSynthetic: false,
  ...(byFamily === undefined ? {} : { byFamily: new Map(byFamily) }),
});

describe('figuresOf', () => {
  test('counts coverage over all rows and accuracy over those that were judged', () => {
    const it = figuresOf([
      row(true, 0.9, 'a'),
      row(true, 0.5, 'a'),
      row(false, 0.8, 'b'),
      row(false, 0.1, 'b'),
    ]);
    expect(it.coverage).toBe(0.75);
    expect(it.accuracy).toBeCloseTo(2 / 3);
  });
});

describe('intervalsOf', () => {
  const share = (rows: readonly Judged[]): number => rows.filter((it) => it.score > 0.5).length / rows.length;

  test('is a point where every draw is the same', () => {
    const rows = [row(true, 0.9, 'a'), row(false, 0.1, 'b')];
    expect(intervalsOf(rows, 'row', [share])).toEqual([{ value: 0.5, low: 0.5, high: 0.5 }]);
  });

  test('is wider over sources than over rows, where rows of a source are alike', () => {
    const rows = ['a', 'b', 'c', 'd'].flatMap((source, nth) =>
      Array.from({ length: 50 }, () => row(nth < 2, nth % 2 === 0 ? 0.9 : 0.1, source)),
    );
    const [byRow] = intervalsOf(rows, 'row', [share]);
    const [bySource] = intervalsOf(rows, 'source', [share]);
    expect(bySource!.high - bySource!.low).toBeGreaterThan(2 * (byRow!.high - byRow!.low));
  });

  test('gives the same ends for the same seed', () => {
    const rows = Array.from({ length: 40 }, (_, i) => row(i % 2 === 0, (i % 7) / 7, String(i % 5)));
    expect(intervalsOf(rows, 'source', [share])).toEqual(intervalsOf(rows, 'source', [share]));
  });
});

describe('ablationOf', () => {
  test('shows what is lost with the family that alone tells fraud', () => {
    const rows = [
      row(true, 0.95, 'a', [['yield', 4]]),
      row(true, 0.9, 'a', [['yield', 3]]),
      row(false, 0.3, 'b', [['text', 0.1]]),
      row(false, 0.2, 'b'),
    ];
    const found = new Map(ablationOf(rows).map((it) => [it.family, it]));
    expect(found.get('none')).toMatchObject({ auc: 1, rows: 0 });
    expect(found.get('text')).toMatchObject({ auc: 1, rows: 1 });
    expect(found.get('yield')!.auc).toBeLessThan(1);
    expect(found.get('yield')!.rows).toBe(2);
  });
});

describe('reliabilitySvg', () => {
  test('draws a mark for every bin that has rows and names its rows', () => {
    const svg = reliabilitySvg([{ name: 'pages', rows: [row(true, 0.95, 'a'), row(false, 0.05, 'a')] }]);
    expect(svg.match(/<circle /g)).toHaveLength(2);
    expect(svg).toContain('pages: 1 rows, score 0.95, fraud 1.00');
  });
});
