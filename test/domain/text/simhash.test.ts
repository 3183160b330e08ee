import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitsApart, NEARLY_EQUAL_BITS, simHash } from '../../../domain/text/simhash.ts';

const CALENDAR = (day: number, month: string) =>
  `Күнтізбе. Бұл күні ештеңе жоспарланған жоқ. Событий на ${day} ${month} нет. Выберите другой день, чтобы увидеть
   расписание занятий, встреч и праздников города. Алдыңғы ай. Келесі ай. Басты бет, байланыс, біз туралы.`;
const OFFER =
  'Инвестируйте с нами: доход 3 % в день, выплаты каждый час, пригласите друга и получите бонус с его вклада.';

describe('the SimHash of a text', () => {
  test('is the same for days of an empty calendar, whatever their numbers', () => {
    expect(simHash(CALENDAR(1, 'мая'))).toBe(simHash(CALENDAR(31, 'мая')));
  });

  test('stays what it was when prints were kept, also where a run comes twice', () => {
    expect(simHash(OFFER)).toBe('d288abef07efc523');
    expect(simHash('табыс табыс табыс 5² жаңа')).toBe('0360101100208008');
  });

  test('counts every run of a text that has many more than a byte counts', () => {
    const text = Array.from(
      { length: 1_000 },
      (_, n) =>
        `w${'abcdefghij'[n % 10]}${'klmnopqrst'[Math.floor(n / 10) % 10]}${'uvwxyzabcd'[Math.floor(n / 100)]}`,
    ).join(' ');
    expect(simHash(text)).toBe('ba510f14ccee2d09');
  });

  test('of different texts is far apart', () => {
    expect(bitsApart(simHash(CALENDAR(1, 'мая')), simHash(OFFER))).toBeGreaterThan(NEARLY_EQUAL_BITS * 4);
  });

  test('of no words is sixteen zeros', () => {
    expect(simHash('')).toBe('0000000000000000');
    expect(simHash('12 34, 56!')).toBe('0000000000000000');
    expect(simHash('табыс')).not.toBe('0000000000000000');
  });

  test('uses all its bits: random texts differ in about half of them', () => {
    const texts = Array.from({ length: 200 }, (_, n) =>
      Array.from(
        { length: 30 },
        (_unused, at) =>
          `w${'abcdefghij'[(n * 7 + at) % 10]}${String.fromCharCode(97 + ((n * 31 + at * 17) % 26))}${String.fromCharCode(97 + ((n * at) % 26))}`,
      ).join(' '),
    );
    const prints = [...new Set(texts.map(simHash))];
    const apart = prints.slice(1).map((print, at) => bitsApart(prints[at]!, print));
    const mean = apart.reduce((sum, bits) => sum + bits, 0) / apart.length;
    expect(mean).toBeGreaterThan(20);
    expect(mean).toBeLessThan(44);
  });

  test('distance is that of bits: symmetric, nothing to itself, 64 to its opposite', () => {
    const print = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const hex = (n: bigint) => n.toString(16).padStart(16, '0');
    fc.assert(
      fc.property(print, print, (a, b) => {
        expect(bitsApart(hex(a), hex(b))).toBe(bitsApart(hex(b), hex(a)));
        expect(bitsApart(hex(a), hex(b))).toBe((a ^ b).toString(2).replaceAll('0', '').length);
      }),
    );
    expect(bitsApart('0'.repeat(16), 'f'.repeat(16))).toBe(64);
  });
});
