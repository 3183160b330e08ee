import { describe, expect, test } from 'vitest';
import { ngramReader } from '../../classifiers/ngrams.ts';
import { seededRandom } from '../../classifiers/random.ts';
import { foldsByGroup, likeGroups } from '../../classifiers/training/folds.ts';

describe('foldsByGroup', () => {
  const groups = ['a', 'a', 'b', 'c', 'c', 'c', 'd', 'e'];

  test('never puts one group on both sides of a fold', () => {
    const folds = foldsByGroup(groups, Array(8).fill(true), 3, seededRandom(1));
    expect(folds.flat().sort((x, y) => x - y)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const group of groups) {
      expect(folds.filter((fold) => fold.some((i) => groups[i] === group))).toHaveLength(1);
    }
  });

  test('gives every fold some fraud and some of the rest', () => {
    const isBad = groups.map((group) => group === 'c' || group === 'd');
    const folds = foldsByGroup(groups, isBad, 2, seededRandom(1));
    for (const fold of folds) {
      expect(fold.some((i) => isBad[i])).toBe(true);
      expect(fold.some((i) => !isBad[i])).toBe(true);
    }
  });
});

describe('likeGroups', () => {
  test('puts texts about one thing together', () => {
    const texts = [
      'заработок на дому каждый день',
      'ежедневный заработок на дому',
      'заработок каждый день на дому легко',
      'куплю зимнюю резину на шестнадцать',
      'зимняя резина шестнадцать дюймов куплю',
      'куплю резину зимнюю',
    ];
    const reader = ngramReader(12, [{ kind: 'word', min: 1, max: 1 }]);
    const groups = [
      ...likeGroups(
        texts.map((text) => reader.read(text, null)),
        2 ** 12,
        2,
        seededRandom(3),
      ),
    ];
    expect(new Set(groups.slice(0, 3)).size).toBe(1);
    expect(new Set(groups.slice(3)).size).toBe(1);
    expect(groups[0]).not.toBe(groups[5]);
  });
});
