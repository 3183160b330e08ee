import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countInvisible,
  excerptAround,
  foldLookalikes,
  foldWord,
  lines,
  lower,
  normalise,
  sentences,
  toKazakhLatin,
  words,
} from '../../domain/text.ts';

describe('normalise', () => {
  test('takes out letters that no reader sees', () => {
    expect(normalise('га\u200bран\u2060тия\u00ad')).toBe('гарантия');
    expect(countInvisible('га\u200bран\u2060тия\u00ad')).toBe(3);
  });

  test('puts full-width and mathematical letters into plain ones', () => {
    expect(normalise('Ｋａｓｐｉ 𝗯𝗮𝗻𝗸')).toBe('Kaspi bank');
  });

  test('keeps line breaks and makes every other white space a space', () => {
    expect(normalise('бір\u00a0екі\tүш\nтөрт')).toBe('бір екі үш\nтөрт');
  });

  test('leaves alone what is plain already, as a whole alphabet and in every order', () => {
    const plain = 'Әғқңөұүһі ЁЙ ёй «тез» – “табыс” — 5 000 ₸ (100%): a-z, A-Z! 7\n';
    expect(normalise(plain)).toBe(plain);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...plain)), (letters) => {
        expect(normalise(letters.join(''))).toBe(letters.join(''));
      }),
    );
  });

  test('takes signs out of a word that is plain otherwise', () => {
    expect(normalise('за*ра*бо*ток')).toBe('заработок');
  });

  test('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(normalise(normalise(text))).toBe(normalise(text));
      }),
    );
  });
});

describe('words', () => {
  test('keeps Kazakh letters inside words', () => {
    expect(words('Тәуекелсіз ТАБЫС — өңірдегі ұсыныс!')).toEqual([
      'тәуекелсіз',
      'табыс',
      'өңірдегі',
      'ұсыныс',
    ]);
  });

  test('yields nothing for signs alone', () => {
    expect(words('— … !!! 💰')).toEqual([]);
  });

  test('are the runs of letters, marks and digits of whatever script', () => {
    expect(words('Баға—5000₸; ტექსტი,«𝗯𝗮𝗻𝗸»2026')).toEqual(['баға', '5000', 'ტექსტი', '𝗯𝗮𝗻𝗸', '2026']);
    const pieces = fc.constantFrom(
      ...'аҚzÉ7٣ة\u0301\u0483— …«"\n漢字𝗯💰\ud835\ude2f'.split(''),
      'ტ',
      '𝟗',
      '🏽',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: 'binary' }))), (all) => {
        const text = all.join('');
        expect(words(text)).toEqual(lower(text).match(/[\p{L}\p{M}\p{N}]+/gu) ?? []);
      }),
    );
  });
});

describe('lower', () => {
  test('keeps the length, also of a Turkish capital İ', () => {
    expect(lower('İSTANBUL').length).toBe(8);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(lower(text).length).toBe(text.length);
      }),
    );
  });
});

describe('foldWord', () => {
  test('puts a Russian word with Latin look-alikes into Cyrillic and says that it was mixed', () => {
    expect(foldWord('дoxoд')).toEqual({ word: 'доход', isMixed: true });
  });

  test('puts a Latin word with Cyrillic look-alikes into Latin', () => {
    expect(foldWord('kаspi')).toEqual({ word: 'kaspi', isMixed: true });
  });

  test('reads a digit between Cyrillic letters as a letter', () => {
    expect(foldWord('инве3тиции').word).toBe('инвезтиции');
    expect(foldWord('зараб0ток').word).toBe('заработок');
  });

  test.each(['қазақстан', 'profit', 'usdt', '20', '1с', 'covid19'])('leaves "%s" alone', (word) => {
    expect(foldWord(word)).toEqual({ word, isMixed: false });
  });
});

describe('foldLookalikes', () => {
  test('keeps the words as they were written, and the length of the text', () => {
    const it = foldLookalikes('Гарaнтия дохода');
    expect(it.mixed).toEqual(['гарaнтия']);
    expect(it.text).toBe('гарантия дохода');
  });
});

describe('lines and sentences', () => {
  test('a line is trimmed and has something on it', () => {
    expect(lines(' бір \n\n  екі')).toEqual(['бір', 'екі']);
  });

  test('a sentence ends at a stop followed by space, not inside a number', () => {
    const text = 'Ставка 14.5 годовых. Звоните!\nАдрес';
    expect(sentences(text).map(({ start, end }) => text.slice(start, end).trim())).toEqual([
      'Ставка 14.5 годовых.',
      'Звоните!',
      'Адрес',
    ]);
  });

  test('sentences follow each other, and only white space is left out', () => {
    const piece = fc.constantFrom(
      'а',
      'é',
      '.',
      '!',
      '…',
      ' ',
      '\n',
      '\r',
      '\u00a0',
      '\u2003',
      '\ufeff',
      '\u200b',
      '漢',
    );
    fc.assert(
      fc.property(fc.array(piece), (all) => {
        const text = all.join('');
        let rest = '';
        let from = 0;
        for (const { start, end } of sentences(text)) {
          expect(text.slice(start, end).trim()).not.toBe('');
          rest += text.slice(from, start);
          from = end;
        }
        rest += text.slice(from);
        expect(rest.replace(/[.!…]/g, '').trim()).toBe('');
      }),
    );
  });
});

describe('excerptAround', () => {
  test('never exceeds its length and holds the place', () => {
    const text = `${'а'.repeat(300)} доход ${'б'.repeat(300)}`;
    const excerpt = excerptAround(text, 301, 306, 60);
    expect(excerpt).toContain('доход');
    expect(excerpt.length).toBeLessThanOrEqual(60);
  });
});

describe('Kazakh in Latin letters', () => {
  test.each([
    [2021, 'jäñalyq üşın'],
    [2018, 'jáńalyq úshin'],
    ['chat', 'zhanalyk ushin'],
  ] as const)('is spelled in the way of %s', (spelling, spelled) => {
    expect(toKazakhLatin('жәңалық үшін', spelling)).toBe(spelled);
  });
});

describe('letters as a reader sees them', () => {
  test.each([
    ['за\u0336ра\u0336бо\u0336ток', 'заработок'],
    ['зара🔥боток', 'заработок'],
    ['за*ра·боток', 'заработок'],
    ['\u202eдохоД\u202c сразу', 'Доход сразу'],
    ['до\u200bход', 'доход'],
    ['Йод, ёлка, қала, ş, é', 'Йод, ёлка, қала, ş, é'],
    ['Доход🔥Пишите', 'Доход🔥Пишите'],
    ['доход 🔥 сразу', 'доход 🔥 сразу'],
    ['file_name*', 'file_name*'],
  ])('"%s" is "%s"', (written, seen) => {
    expect(normalise(written)).toBe(seen);
  });

  test('leave none that no reader sees, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(countInvisible(normalise(text))).toBe(0);
      }),
    );
  });
});
