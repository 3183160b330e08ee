import { describe, expect, test } from 'vitest';
import { stem, tellingStems } from '../../classifiers/natural.ts';

describe('stem', () => {
  test.each([
    ['инвестициями', 'инвестиц'],
    ['guaranteed', 'guarante'],
    ['салымшыларға', 'салымшы'],
    ['usdt20', 'usdt20'],
  ])('"%s" -> "%s"', (word, expected) => {
    expect(stem(word)).toBe(expected);
  });
});

describe('tellingStems', () => {
  test('names what a group has and the others lack, if sources share it', () => {
    const groups = new Map([
      [
        'pyramid',
        [
          { text: 'вклады доход структура', source: 'a' },
          { text: 'структура вклады constructor', source: 'b' },
        ],
      ],
      [
        'legit',
        [
          { text: 'погода поезда', source: 'a' },
          { text: 'погода поезда', source: 'b' },
        ],
      ],
    ]);
    expect(tellingStems(groups, 5, 2).get('pyramid')?.toSorted()).toEqual(['вклад', 'структур']);
  });
});
