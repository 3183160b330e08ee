import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findPhones, isForeignPhone, phoneOf } from '../../domain/phone.ts';

const found = (text: string): string[] => findPhones(text).map((phone) => phone.e164);

describe('findPhones', () => {
  test.each([
    ['as everyone writes it', 'Звоните 8 700 000-00-12', '+77000000012'],
    ['with its country', 'тел. +7 (700) 000 00 12', '+77000000012'],
    ['without the eight', 'WhatsApp 7000000012', '+77000000012'],
    ['digit by digit', 'тел 8.7.0.0.0.0.0.0.0.1.2', '+77000000012'],
    ['in keycaps and circles', 'номер 8️⃣700⓪00001②', '+77000000012'],
    ['with letters for digits', 'связь 87O0ооо0O12', '+77000000012'],
    ['with the seven as a letter', 'тел 8т000000012', '+77000000012'],
    ['in words', 'звони восемь 7 ноль ноль 0 ноль 0 0 0 один два', '+77000000012'],
    ['in Kazakh words', 'нөмір сегіз жеті нөл нөл нөл нөл нөл нөл нөл бір екі', '+77000000012'],
    ['in words in capitals', 'ВОСЕМЬ Семь НОЛЬ ноль КЕЙІН Нуль ZERO Нөл ноль НОЛЬ ОДИН Two', '+77000000012'],
    ['in hundreds', 'восемь семьсот 000 00 двенадцать', '+77000000012'],
    ['broken up by a word', '870 потом 0 0 0 0 0 0 1 2', '+77000000012'],
    ['broken up by a number that is none of it', '870 восемьсот 0 0 0 0 0 0 1 2', '+77000000012'],
    ['of another country', 'Viber +380 99 000 00 12', '+380990000012'],
    ['of another country, without a plus', 'номер 380990000012', '+380990000012'],
  ])('reads a number %s', (_, text, e164) => {
    expect(found(text)).toEqual([e164]);
  });

  test('finds two numbers, and says where they stand', () => {
    const text = 'тел 87000000012, 8 700 000 00 34';
    const phones = findPhones(text);
    expect(phones.map((phone) => phone.e164)).toEqual(['+77000000012', '+77000000034']);
    expect(phones.map(({ start, end }) => text.slice(start, end))).toEqual([
      '87000000012',
      '8 700 000 00 34',
    ]);
  });

  test.each([
    ['a price and a mileage', 'Цена 12 500 000 тг, пробег 187 000 км, 2018 год'],
    ['a frame number', 'VIN JTNBF3HK503000123'],
    ['a list of sizes', 'размеры 150*70, 170*73, 180*90, 200*90'],
    ['a card number', 'карта 4400 4301 2345 6789'],
    ['years and houses', 'Дома 5/1, 5/2, 5/3, построены в 2006, 2008, 2010'],
    ['words made of such letters', 'Только то, что тот бот обо всем'],
  ])('takes for none %s', (_, text) => {
    expect(found(text)).toEqual([]);
  });

  test('tells a hidden number from one that is plain', () => {
    const isHidden = (text: string) => findPhones(text)[0]?.isHidden;
    expect(isHidden('8 700 000-00-12')).toBe(false);
    expect(isHidden('+77000000012')).toBe(false);
    expect(isHidden('8_7_0_0_0_0_0_0_0_1_2')).toBe(true);
    expect(isHidden('87O00000012')).toBe(true);
    expect(isHidden('8700 ... 0000012')).toBe(true);
  });

  test('never throws, and gives places inside the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        for (const { start, end, e164 } of findPhones(text)) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(e164).toMatch(/^\+\d{10,15}$/);
        }
      }),
    );
  });
});

test('a phone field is read as E.164, and what is none as null', () => {
  expect(phoneOf('8 (700) 000-00-12')).toBe('+77000000012');
  expect(phoneOf('+7 700 000 00 12')).toBe('+77000000012');
  expect(phoneOf('спросите')).toBeNull();
});

test('+7 is shared: Kazakhstan has 6 and 7 after it, the rest is abroad', () => {
  expect(isForeignPhone('+77000000012')).toBe(false);
  expect(isForeignPhone('+79000000012')).toBe(true);
  expect(isForeignPhone('+380990000012')).toBe(true);
});
