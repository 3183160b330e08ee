import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  russianHabits,
  russianSounds,
  toRussianCyrillic,
  toRussianLatin,
} from '../../../domain/text/russian-latin.ts';

const inCyrillic = (text: string): string => {
  const words = text.split(' ');
  const habits = russianHabits(words);
  return words.map((word) => toRussianCyrillic(word, habits)).join(' ');
};

describe('Russian in Latin letters', () => {
  test.each([
    ['zarabotok bez vlozhenij', 'заработок без вложений'],
    ['zarabotok bez vlojeniy', 'заработок без вложений'],
    ['ischu lyudey na udalennuju rabotu', 'ищу людей на удаленную работу'],
    ['moj muzh zarabotal', 'мой муж заработал'],
    ['kuplu jenskiy velosiped', 'куплу женский велосипед'],
    ['xorowo', 'хорошо'],
    ['wsegda vash', 'всегда ваш'],
    ['eto schet za elektroenergiyu esli est', 'это счет за электроенергию если ест'],
    ['detskiy raschet uchitsya', 'детский расчет учится'],
  ])('"%s" is "%s"', (latin, cyrillic) => {
    expect(inCyrillic(latin)).toBe(cyrillic);
  });

  test('reads a letter that stands for two as the other words of the text have it', () => {
    expect(russianHabits(['vlozhenij'])).toEqual({ j: 'й', w: 'ш' });
    expect(russianHabits(['vlojeniy', 'nash'])).toEqual({ j: 'ж', w: 'в' });
  });

  test('is spelled by the habits given, and usually where none is', () => {
    expect(toRussianLatin('Хорошая ёлка, объём')).toBe('horoshaya elka, obem');
    expect(toRussianLatin('Хорошая ёлка', { х: 'x', ш: 'w', ё: 'yo' })).toBe('xorowaya yolka');
  });

  test.each(['деньги', 'вложения', 'щедрый', 'работать', 'удалённая', 'объявление', 'каждый', 'это'])(
    '"%s" sounds the same after it was typed in Latin letters',
    (word) => {
      expect(russianSounds(inCyrillic(toRussianLatin(word)))).toBe(russianSounds(word));
    },
  );

  test('answers any word at all, and leaves Cyrillic as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (word) => {
        expect(typeof toRussianCyrillic(word, russianHabits([word]))).toBe('string');
      }),
    );
    expect(inCyrillic('привет')).toBe('привет');
  });
});
