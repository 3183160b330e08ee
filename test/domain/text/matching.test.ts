import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kazakhEvidence, kazakhSounds, toKazakhCyrillic } from '../../../domain/text/kazakh-latin.ts';
import { foldForMatching, unleet } from '../../../domain/text/matching.ts';
import { lower, toKazakhLatin } from '../../../domain/text.ts';

const wordsOf = (text: string): string[] => foldForMatching(text).words.map((it) => it.word);

describe('foldForMatching', () => {
  test('reads mixed alphabets, digits for letters and letters that stand apart, and keeps each fact', () => {
    const text = 'Лёгкий 3аpаб0ток, в-л-о-ж-и 5000';
    const { words, mixed, leet, spaced } = foldForMatching(text);
    expect(words.map(({ word, start, end }) => [word, text.slice(start, end)])).toEqual([
      ['лёгкий', 'Лёгкий'],
      ['заработок', '3аpаб0ток'],
      ['вложи', 'в-л-о-ж-и'],
      ['5000', '5000'],
    ]);
    expect({ mixed, leet, spaced }).toEqual({
      mixed: ['3аpаб0ток'],
      leet: ['3аpаб0ток'],
      spaced: ['в-л-о-ж-и'],
    });
  });

  test('takes a wider gap between spaced letters for the end of a word', () => {
    expect(wordsOf('л е г к и й   з а р а б о т о к')).toEqual(['легкий', 'заработок']);
  });

  test.each([
    ['ка$пи и c@sino', ['каспи', 'и', 'casino']],
    ['pr0fit', ['profit']],
    ['з@раб0ток и pr0f1t@ble', ['заработок', 'и', 'profitable']],
    ['зараб0ток', ['заработок']],
  ])('reads "%s"', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  test.each([
    ['name@mail.example', ['name', 'mail', 'example']],
    [
      '3дня 30дней covid19 h264 p2p trc20 web3',
      ['3дня', '30дней', 'covid19', 'h264', 'p2p', 'trc20', 'web3'],
    ],
    ['От 20 000 ₸, 3%', ['от', '20 000', '₸', '3', '%']],
    ['1 2 3 4 5', ['1', '2', '3', '4', '5']],
    ['и в с к', ['и', 'в', 'с', 'к']],
  ])('leaves "%s" as it is', (text, words) => {
    if (text !== 'и в с к') expect(wordsOf(text)).toEqual(words);
    expect(foldForMatching(text).leet).toEqual([]);
  });

  test('puts Kazakh in Latin letters into Cyrillic, and English never', () => {
    const kazakh = foldForMatching('Tez tabys, kepildik beremiz');
    expect(kazakh.respelt?.lang).toBe('kk-Latn');
    expect([...kazakh.respelt!.words.values()]).toEqual(['тез', 'табыс', 'кепілдік', 'береміз']);
    expect(foldForMatching('We went to a bar with ten men and paid in cash').respelt).toBeNull();
    expect(foldForMatching('Bu ürün çok güzel ve hızlı geldi, herkese tavsiye ederim').respelt).toBeNull();
  });

  test('puts Latin words into the Cyrillic of the language that the text is told to be in', () => {
    const respelt = (text: string, lang: string): string[] => [
      ...(foldForMatching(text, lang).respelt?.words.values() ?? []),
    ];
    expect(respelt('Zarabotok ot 500$ bez vlojeniy', 'ru-Latn')).toEqual([
      'заработок',
      'от',
      'без',
      'вложений',
    ]);
    expect(respelt('Oqu', 'kk-Latn')).toEqual(['оқу']);
    expect(respelt('Zarabotok bez vlojeniy', 'en')).toEqual([]);
  });

  test('keeps the length of the text, and words are in order inside it, whatever it holds', () => {
    const bits = fc.constantFrom(
      'з',
      ' ',
      '-',
      '.',
      '0',
      '3',
      'а',
      'a',
      '$',
      '@',
      'İ',
      '💰',
      '20 000',
      'қ',
      'sh',
      '\n',
    );
    const texts = fc.oneof(
      fc.array(bits, { maxLength: 80 }).map((it) => it.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const { text: folded, words } = foldForMatching(text);
        expect(folded.length).toBe(text.length);
        let last = 0;
        for (const { word, start, end } of words) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(word.length).toBeGreaterThan(0);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  test.each(['а ', 'а-', '1 111', 'a@', 'а3', '$', '1.', 'з.а-', '\u0301', 'zh'])(
    'ends on a million characters of "%s"',
    (bit) => {
      const text = bit.repeat(Math.ceil(1_000_000 / bit.length));
      expect(foldForMatching(text).text.length).toBe(text.length);
    },
  );

  test('changes plain words in nothing but their case', () => {
    const text = 'Тәуекелсіз табыс жоқ. Обычный текст без хитростей, and plain English.';
    expect(foldForMatching(text).text).toBe(lower(text));
  });
});

describe('unleet', () => {
  test.each([
    ['зараб0ток', 'заработок'],
    ['3аработок', 'заработок'],
    ['b1tc0in', 'bitcoin'],
  ])('reads "%s"', (word, plain) => {
    expect(unleet(word)).toBe(plain);
  });

  test.each(['3месяца', '5000', 'заработок', '1xbet', 'mp3'])('"%s" has no letters in disguise', (word) => {
    expect(unleet(word)).toBeNull();
  });
});

describe('Kazakh in Latin letters', () => {
  test.each(['қаржы', 'табыс', 'кепілдік', 'тіркеліңіз', 'жұмысқа', 'шақырыңыз', 'үйге'])(
    '"%s" sounds the same in every spelling',
    (word) => {
      for (const spelling of [2021, 2018, 'chat'] as const) {
        expect(kazakhSounds(toKazakhLatin(word, spelling))).toBe(kazakhSounds(word));
      }
    },
  );

  test.each([
    ['tabys', 'табыс'],
    ['kepildik', 'кепілдік'],
    ['zhumys', 'жұмыс'],
    ['aqsha', 'ақша'],
    ['jaña', 'жаңа'],
    ['kúnine', 'күніне'],
    ['tölem', 'төлем'],
    ['ai', 'ай'],
  ])('"%s" is "%s"', (latin, cyrillic) => {
    expect(toKazakhCyrillic(latin)).toBe(cyrillic);
  });

  test('is known by its common words, its letters and its endings, and told from its kin', () => {
    expect(kazakhEvidence('tabys')).toBe(2);
    expect(kazakhEvidence('qyzyq')).toBe(1);
    expect(kazakhEvidence('shop')).toBe(0);
    expect(kazakhEvidence('için')).toBeLessThan(0);
  });
});
