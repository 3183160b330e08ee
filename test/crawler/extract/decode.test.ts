import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../../../crawler/extract/decode.ts';
import { CHARSETS, encode } from '../../web/faults.ts';

const SENTENCE =
  'Гарантированный доход каждый день: вложите деньги и получите вдвое больше уже через неделю.';
const SINGLE_BYTE = ['windows-1251', 'koi8-r', 'iso-8859-5', 'ibm866'] as const;

describe('decode', () => {
  test('obeys the HTTP header before the page, and the page before a guess', () => {
    const bytes = encode(`<meta charset="koi8-r">${SENTENCE}`, 'windows-1251');
    expect(decode(bytes, 'text/html; charset=windows-1251')).toMatchObject({
      charset: 'windows-1251',
      how: 'http',
    });
    const koi = encode(`<meta charset="koi8-r">${SENTENCE}`, 'koi8-r');
    expect(decode(koi, 'text/html')).toMatchObject({ charset: 'koi8-r', how: 'meta' });
  });

  test('obeys a byte order mark before all', () => {
    const bytes = Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from('Сәлем')]);
    expect(decode(bytes, 'text/html; charset=windows-1251')).toEqual({
      html: 'Сәлем',
      charset: 'utf-8',
      how: 'bom',
      declared: 'windows-1251',
    });
  });

  test.each(CHARSETS)('finds %s by itself', (charset) => {
    const bytes = encode(`<title>${SENTENCE}</title>`, charset);
    expect(decode(bytes, null)).toMatchObject({
      html: `<title>${SENTENCE}</title>`,
      charset,
      how: 'detected',
    });
  });

  const lies = SINGLE_BYTE.flatMap((real) =>
    ['utf-8', 'iso-8859-1', ...SINGLE_BYTE]
      .filter((said) => said !== real)
      .map((said) => [real, said] as const),
  );
  test.each(lies)('overrules a page in %s that claims to be %s', (real, said) => {
    const read = decode(encode(SENTENCE, real), `text/html; charset=${said}`);
    expect(read.html).toBe(SENTENCE);
    expect(read.how).toBe('detected');
  });

  test('overrules any single-byte claim over UTF-8', () => {
    expect(decode(Buffer.from('Тез табыс'), 'text/html; charset=windows-1251').html).toBe('Тез табыс');
  });

  test('believes a claim that gives readable text', () => {
    const french = Buffer.from('Café crème à la carte, déjà vu', 'latin1');
    expect(decode(french, 'text/html; charset=iso-8859-1')).toMatchObject({
      html: 'Café crème à la carte, déjà vu',
      how: 'http',
    });
  });

  test('ignores a claim that names no encoding', () => {
    expect(decode(Buffer.from('Сәлем'), 'text/html; charset=none')).toMatchObject({
      charset: 'utf-8',
      declared: null,
    });
  });

  test('gives UTF-8 back whatever else is claimed, and throws on no bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 3_000 }),
        fc.constantFrom(null, 'x; charset=utf-8', 'x; charset=koi8-r'),
        (bytes, type) => {
          expect(typeof decode(bytes, type).html).toBe('string');
        },
      ),
    );
  });

  test('makes of UTF-8 what TextDecoder makes of it, whole, broken or with a mark', () => {
    const marks = fc.constantFrom('', '\ufeff', '\ufeff\ufeff');
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('а', 'ә', 'z', ' ', '€', '😀') }),
    );
    const bytes = fc.oneof(
      fc.tuple(marks, texts).map(([mark, written]) => new TextEncoder().encode(mark + written)),
      fc
        .tuple(texts, fc.uint8Array({ maxLength: 3 }))
        .map(([written, more]) => Uint8Array.from([...new TextEncoder().encode(written), ...more])),
    );
    fc.assert(
      fc.property(bytes, (it) => {
        const { html, charset } = decode(it, 'text/html; charset=utf-8');
        fc.pre(charset === 'utf-8');
        expect(html).toBe(new TextDecoder('utf-8').decode(it));
      }),
      { numRuns: 500 },
    );
  });
});
