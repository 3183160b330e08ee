import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePages, PRINT_BYTES, pagePrint } from '../../classifiers/page-print.ts';
import { readPage } from '../../crawler/extract/page.ts';

const print = (html: string, url = 'https://dohod.test/') => pagePrint(readPage(html, url));
const is = (a: string, b: string) => comparePages(print(a), print(b))?.is;

const words = (from: number, count: number) =>
  Array.from(
    { length: count },
    (_, at) =>
      `сөз${'абвгдежзик'[(from + at) % 10]}${'лмнопрстуф'[Math.floor((from + at) / 10) % 10]}${'хцчшщыэюяі'[Math.floor((from + at) / 100) % 10]}`,
  ).join(' ');
const site = (text: string, more = '') =>
  `<html><body><div class="top"><nav><a href="/">Басты</a><a href="/plans">Жоспар</a></nav></div>
   <main class="land"><h1>Доход</h1><section class="a"><p>${text}</p></section><ul><li>1</li><li>2</li></ul>${more}</main>
   <footer class="foot"><p>© 2026</p></footer></body></html>`;

describe('what changed between two looks', () => {
  test('is nothing when the same page comes again', () => {
    expect(comparePages(print(site(words(0, 200))), print(site(words(0, 200))))).toEqual({
      is: 'same',
      text: 1,
      markup: 1,
    });
  });

  test('is nothing when only numbers move: a clock, a counter, people online', () => {
    const page = (online: string, at: string) =>
      site(`${words(0, 50)} Онлайн ${online} человек, выплачено ${at}`);
    expect(is(page('1 248', '12.04.2026 10:31'), page('97', '13.04.2026 22:05:59'))).toBe('same');
  });

  test('is the text when the words are others in the same frame', () => {
    expect(is(site(words(0, 200)), site(words(500, 200)))).toBe('text');
    expect(is(site(words(0, 200)), site(`${words(0, 150)} ${words(700, 50)}`))).toBe('text');
  });

  test('is the structure when a form, a wallet or a contact came, however small', () => {
    const plain = site(words(0, 200));
    const form =
      '<form action="/pay" method="post"><input type="tel" name="phone"><button>Оплатить</button></form>';
    expect(is(plain, site(words(0, 200), form))).toBe('structure');
    expect(is(plain, site(words(0, 200), '<p>0x52908400098527886E0F7030069857D2E4169EE7</p>'))).toBe(
      'structure',
    );
    expect(is(plain, site(words(0, 200), '<a href="https://t.me/dohod_manager">Менеджер</a>'))).toBe(
      'structure',
    );
  });

  test('is no change when a hidden token of a form is made anew', () => {
    const form = (token: string) =>
      `<form action="/go?sid=${token}" method="post"><input type="hidden" name="t${token}" value="${token}"><input type="text" name="q"></form>`;
    expect(is(site(words(0, 200), form('a1')), site(words(0, 200), form('b2')))).toBe('same');
  });

  test('is all of it when another page stands there', () => {
    const other = `<!doctype html><html><body><table class="shop"><tr><td><b>${words(500, 120)}</b></td></tr></table>
      <center><font>Магазин</font></center><dl><dt>a</dt><dd>b</dd></dl></body></html>`;
    expect(is(site(words(0, 200)), other)).toBe('replaced');
  });

  test('a plain page has no frame to be known by: other words are another page', () => {
    const plain = (text: string) => `<html><body><h1>Доход</h1><p>${text}</p></body></html>`;
    expect(is(plain(words(0, 60)), plain(words(500, 60)))).toBe('replaced');
  });

  test('contacts of a board of other people say nothing', () => {
    const board = (from: number) =>
      site(
        words(0, 200),
        Array.from({ length: 12 }, (_, at) => `<p>+7 701 000 ${from + at} 00</p>`).join(''),
      );
    expect(is(board(10), board(40))).toBe('same');
  });

  test('a page without words is compared by its markup alone', () => {
    expect(is('<div><p></p></div>', '<div><p></p></div>')).toBe('same');
    expect(is('', '')).toBe('same');
    expect(is('', site(words(0, 50)))).toBe('replaced');
  });

  test('a print of another make is not compared', () => {
    expect(comparePages(print(''), new Uint8Array(3))).toBeNull();
    expect(comparePages(new Uint8Array(PRINT_BYTES), print(''))).toBeNull();
  });

  test('is told in shares near those that are there', () => {
    // 100 of 300 runs shared, give or take the two at the seam: 100/300.
    const found = comparePages(print(site(words(0, 200))), print(site(words(100, 200))));
    expect(found!.text).toBeGreaterThan(0.2);
    expect(found!.text).toBeLessThan(0.47);
  });

  test('is the same in both directions, and nothing beside itself', () => {
    const html = fc
      .array(
        fc.constantFrom(
          '<p>',
          '</p>',
          '<div class="x">',
          'доход ',
          'пайда ',
          'скидка ',
          '<b>',
          '12 ',
          '<form>',
        ),
      )
      .map((it) => it.join(''));
    fc.assert(
      fc.property(html, html, (a, b) => {
        const [x, y] = [print(a), print(b)];
        expect(x).toHaveLength(PRINT_BYTES);
        expect(comparePages(x, y)).toEqual(comparePages(y, x));
        expect(comparePages(x, x)?.is).toBe('same');
      }),
      { numRuns: 200 },
    );
  });
});
