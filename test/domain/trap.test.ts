import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetOf, MOST_ALIKE, type Repetition, repeatedBy, shapeOf, trapIn } from '../../domain/trap.ts';

const at = (path: string) => new URL(`https://site.test${path}`);

describe('the shape of an address', () => {
  test.each([
    ['/', '/'],
    ['/about', '/…'],
    ['/catalog/phones/apple-15-pro-max?page=2&sort=price', '/catalog/…/#?page&sort'],
    ['/catalog/cars/lada?sort=price&page=7', '/catalog/…/…?page&sort'],
    ['/2026/11/24', '/#/#/#'],
    ['/events/?month=11&year=2026', '/events/?month&year'],
    ['/f?filter1=a&filter2=b', '/…?filter#'],
    ['/%D1%82%D0%B0%D0%B1%D1%8B%D1%81/a', '/%D1%82%D0%B0%D0%B1%D1%8B%D1%81/…'],
  ])('%s is %s', (path, shape) => {
    expect(shapeOf(at(path))).toBe(shape);
  });

  test('is the same for any number in a name, and at most 200 characters', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.webPath(), (a, b, path) => {
        expect(shapeOf(at(`/p/${a}`))).toBe(shapeOf(at(`/p/${b}`)));
        expect(shapeOf(at(path)).length).toBeLessThanOrEqual(200);
      }),
    );
  });
});

describe('the budget of a shape', () => {
  test('is a year of months for a calendar, thirty for orders of filters, else as much as the visit captures', () => {
    expect(budgetOf(at('/2026/11/24'), 20)).toBe(12);
    expect(budgetOf(at('/shop?color=red&size=1&sort=price'), 20)).toBe(30);
    expect(budgetOf(at('/item/5'), 20)).toBe(100);
    expect(budgetOf(at('/item/5'), 5_000)).toBe(5_000);
  });
});

describe('a trap by itself', () => {
  test.each([
    ['/a/b/a/b/a', 'passes through "a" 3 times'],
    ['/1/2/3/4/5/6/7/8/9/10/11/12/13', 'is more than 12 folders deep'],
    ['/?a=1&b=1&c=1&d=1&e=1&f=1&g=1', 'has more than 6 parameters'],
    [`/${'x'.repeat(1100)}`, 'is longer than 1024 characters'],
  ])('%s %s', (path, why) => {
    expect(trapIn(at(path))).toBe(why);
  });

  test('is no page of an ordinary shop', () => {
    expect(trapIn(at('/catalog/phones/apple/iphone-15?color=black&page=2'))).toBeNull();
  });
});

describe('pages of a shape', () => {
  const none: Repetition = { alike: 0, prints: [] };
  const read = (prints: readonly string[]) =>
    prints.reduce((seen, print) => repeatedBy(seen, print), { ...none, isTrap: false });
  const one = '00000000000000ff';
  const other = 'ffffffff00000000';

  test('are left when the same comes nine times', () => {
    expect(read(Array.from({ length: MOST_ALIKE }, () => one)).isTrap).toBe(false);
    expect(read(Array.from({ length: MOST_ALIKE + 1 }, () => one))).toMatchObject({
      alike: 8,
      isTrap: true,
    });
  });

  test('are left when two texts take turns', () => {
    expect(read(Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? one : other))).isTrap).toBe(true);
  });

  test('are read on when one of them tells something new', () => {
    const prints = [...Array.from({ length: MOST_ALIKE }, () => one), other, one, one];
    expect(read(prints)).toMatchObject({ alike: 2, isTrap: false });
  });
});
