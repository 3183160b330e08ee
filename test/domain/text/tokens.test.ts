import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TOKEN, tokensIn } from '../../../domain/text/tokens.ts';
import { lower } from '../../../domain/text.ts';

type Told = readonly [token: string, start: number, separator: string | undefined];

function told(text: string): Told[] {
  const found: Told[] = [];
  tokensIn(text, (start, end, separator) => found.push([text.slice(start, end), start, separator]));
  return found;
}

function byPattern(text: string): Told[] {
  return [...text.matchAll(TOKEN)].map((match) => [match[0], match.index, match[1]]);
}

describe('tokensIn', () => {
  test('tells words, numbers in groups, signs of money and letters that stand apart', () => {
    expect(told('доход 20 000 ₸, 3% в-л-о-ж-и ка$пи')).toEqual([
      ['доход', 0, undefined],
      ['20 000', 6, undefined],
      ['₸', 13, undefined],
      ['3', 16, undefined],
      ['%', 17, undefined],
      ['в-л-о-ж-и', 19, '-'],
      ['ка$пи', 29, undefined],
    ]);
  });

  test('says which tokens have nothing to fold', () => {
    const plain: [string, boolean][] = [];
    const text = 'доход profit 5000 p2p дoход';
    tokensIn(text, (start, end, _, isPlain) => plain.push([text.slice(start, end), isPlain]));
    expect(plain).toEqual([
      ['доход', true],
      ['profit', true],
      ['5000', true],
      ['p2p', false],
      ['дoход', false],
    ]);
  });

  const piece = fc.constantFrom(
    ...[
      'а',
      'б',
      'ә',
      'ё',
      'a',
      'z',
      'é',
      'ß',
      '0',
      '7',
      '123',
      ' ',
      ' ',
      '.',
      ',',
      '-',
      '_',
      '*',
      '·',
      '|',
      '/',
    ],
    ...[
      '~',
      '+',
      '@',
      '$',
      '%',
      '€',
      '₸',
      '₽',
      '\u0301',
      '\u0483',
      '\u0482',
      '’',
      '—',
      '🔥',
      '𝐚',
      '٣',
      '字',
      '\n',
      '\ud83d',
    ],
  );
  test('finds what the pattern finds, in any text', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (parts) => {
        const text = parts.join('');
        expect(told(text)).toEqual(byPattern(text));
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        expect(told(lower(text))).toEqual(byPattern(lower(text)));
      }),
    );
  });
});
