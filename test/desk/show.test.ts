import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markedRuns } from '../../desk/web/mark.ts';
import { asSearched, shownName } from '../../desk/web/name.ts';
import { defang, plain } from '../../desk/web/show.ts';

describe('an address', () => {
  test.each([
    ['https://evil.test/a?b=c.d', 'hxxps://evil[.]test/a?b=c.d'],
    ['HTTP://a.b.evil.test:8080/', 'hxxp://a[.]b[.]evil[.]test:8080/'],
    ['javascript:alert(1)', 'javascript[:]alert(1)'],
    ['data:text/html,<script>', 'data[:]text/html,<script>'],
    ['https://evil.test/\u202egnp.exe', 'hxxps://evil[.]test/⟨U+202E⟩gnp.exe'],
  ])('%j is shown as %j', (address, shown) => {
    expect(defang(address)).toBe(shown);
  });

  test('never opens anything once it is shown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string()), (address) => {
        expect(defang(address)).not.toMatch(/^\s*(https?|javascript|data|file|ftp):/i);
      }),
    );
  });
});

describe('a text', () => {
  test('hides no letter: marks of direction and zero-width letters are spelled out', () => {
    expect(plain('счёт\u200b \u202eгпж.ехе\u2069\u0000')).toBe(
      'счёт⟨U+200B⟩ ⟨U+202E⟩гпж.ехе⟨U+2069⟩⟨U+0000⟩',
    );
    expect(plain('қаржы\n\tпирамидасы')).toBe('қаржы\n\tпирамидасы');
  });
});

describe('the name of a site', () => {
  const site = (key: string) => shownName({ kind: 'site', key });

  test('is read as people read it, beside its punycode when they differ', () => {
    expect(site('example.test')).toEqual({ readable: 'example.test', punycode: null, isMixed: false });
    expect(site('xn--80aswg.test')).toEqual({
      readable: 'сайт.test',
      punycode: 'xn--80aswg.test',
      isMixed: false,
    });
  });

  test('warns when one part mixes alphabets', () => {
    expect(site('xn--dla-bank-16g.test')).toMatchObject({ readable: 'dаla-bank.test', isMixed: true });
  });

  test('is found by what an officer pastes', () => {
    expect(asSearched('hxxps://Evil[.]test/path?x')).toBe('evil.test');
    expect(asSearched(' сайт.test ')).toBe('xn--80aswg.test');
    expect(asSearched('alt')).toBe('alt');
  });
});

describe('the marked text', () => {
  test('shows each excerpt where it stands, whatever its letter case and white space', () => {
    expect(
      markedRuns('Доход  2 %\nв день. Приглашай друзей!', ['доход 2 % в день', 'ПРИГЛАШАЙ ДРУЗЕЙ']),
    ).toEqual([
      { text: 'Доход  2 %\nв день', by: [0] },
      { text: '. ', by: [] },
      { text: 'Приглашай друзей', by: [1] },
      { text: '!', by: [] },
    ]);
  });

  test('tells runs that two excerpts share', () => {
    expect(markedRuns('abcdef', ['bcd', 'cde']).map(({ text, by }) => [text, by])).toEqual([
      ['a', []],
      ['b', [0]],
      ['cd', [0, 1]],
      ['e', [1]],
      ['f', []],
    ]);
  });

  test('marks nothing for an excerpt that is empty or not there, and at most three of the same', () => {
    expect(markedRuns('табыс', ['', ' ', 'жоқ'])).toEqual([{ text: 'табыс', by: [] }]);
    expect(markedRuns('a b a b a b a', ['b', 'a']).filter(({ by }) => by.includes(1))).toHaveLength(3);
    expect(markedRuns('', ['a'])).toEqual([]);
  });

  test('is the text again when its runs are joined', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'B', 'ә', ' ', '\n', 'İ', '😀', 'ß') });
    fc.assert(
      fc.property(letters, fc.array(letters, { maxLength: 4 }), (text, excerpts) => {
        expect(
          markedRuns(text, excerpts)
            .map((run) => run.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });
});
