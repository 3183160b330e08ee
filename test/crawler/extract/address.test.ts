import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressesFrom } from '../../../crawler/extract/address.ts';

function byUrl(given: string, base: string): string | null {
  try {
    return new URL(given, base).href;
  } catch {
    return null;
  }
}

/** Whole addresses, parts of them, and what makes each of them another one once it is parsed. */
const PIECES = (
  'http:// https:// HTTP:// http:/ http: ftp:// mailto: tel: data: // / . .. ./ ../ /. /.. %2e %2E %2e%2e % %D0%BF %zz ' +
  'shop.test SHOP.test shop.test. xn--e1afmkfd.test xn--a a--b.test -a.test a-.test a_b.test .test shop..test localhost ' +
  '127.0.0.1 127.1 0x7f.1 1.2.3.4.5 256.1.1.1 01.2.3.4 1.2.3 [::1] магазин.test 4.test a.0x1 ' +
  ':80 :443 :8080 :080 :0 :65535 :65536 :99999 :5 : user@ u:p@ a b/ /a/b /a. /.a /a.html ? ?a=b ?a=й ?\' ?" ?a=1&b=%20 ' +
  "# #a #a'b #a`b #й ' \" ` ^ | { } [ ] \\ < > ; = & + * ( ) ! $ , ~ @ й 😀"
)
  .split(' ')
  .concat(' ', '\t', '\n', '\0', '\ud800');
const given = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 })), { maxLength: 7 })
  .map((pieces) => pieces.join(''));
const likely = fc
  .tuple(
    fc.constantFrom('http://', 'https://', '', '/'),
    fc.constantFrom('shop.test', '192.0.2.1', '4.test', 'xn--a.test', ''),
    fc.constantFrom('', ':80', ':443', ':8080', ':59999', ':65536'),
    given,
  )
  .map((parts) => parts.join(''));
const base = fc.oneof(
  fc.constantFrom(
    'http://shop.test/a/b?c#d',
    'https://shop.test:8443/',
    'http://u:p@shop.test/x',
    'HTTP://SHOP.test:80#',
    'http://shop.test/?#',
    'mailto:a@shop.test',
    'file:///a/b',
    'none',
  ),
  given,
);

describe('an address of a page', () => {
  test.each([
    ['https://shop.test/a/b.html?c=%D0%BF#d', 'https://shop.test/a/b.html?c=%D0%BF#d'],
    ['/katalog?p=2', 'https://firm.test/katalog?p=2'],
    ['#top', 'https://firm.test/x/y?z#top'],
    ['../a', 'https://firm.test/a'],
    ['//far.test', 'https://far.test/'],
    ['/a/../b', 'https://firm.test/b'],
    ['https://SHOP.test:443', 'https://shop.test/'],
    ['http://0x7f.1/', 'http://127.0.0.1/'],
    ['http://256.1.1.1/', null],
  ])('%s is made whole', (href, whole) => {
    expect(addressesFrom('https://firm.test/x/y?z#w')(href)).toBe(whole);
  });

  test('is none where the page has no address itself', () => {
    expect(addressesFrom('none')('https://shop.test/')).toBe(null);
  });

  test('is what new URL makes of it, whatever is given', () => {
    fc.assert(
      fc.property(fc.oneof(given, likely), base, (href, from) => {
        expect(addressesFrom(from)(href)).toBe(byUrl(href, from));
      }),
      { numRuns: 10_000 },
    );
  });
});
