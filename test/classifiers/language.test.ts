import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { LanguageUnreadableError, languageFiles, loadLanguage } from '../../classifiers/language/file.ts';
import { readLetters } from '../../classifiers/language/reader.ts';
import { otherSpellings } from '../../classifiers/language/spellings.ts';
import { trainLanguage } from '../../classifiers/language/train.ts';
import { LANGUAGES, type LanguageModel, languageOf, MODEL_BYTES } from '../../classifiers/language.ts';
import { MODELS } from '../../classifiers/model.ts';
import { seededRandom } from '../../classifiers/random.ts';
import { ownSentences } from '../../classifiers/synthetic/languages.ts';
import { toKazakhLatin } from '../../domain/text.ts';

const model = loadLanguage(MODELS);
const KAZAKH = 'Бүгін қалада жаңа мектеп ашылды, балалар қуанып, мұғалімдер оларды қарсы алды';
/** What the model is made of, told by a hash of its bytes. */
const bytesOf = (it: LanguageModel): string => languageFiles(it).json;
const langOf = (text: string): string => languageOf(text, model).lang;

describe('languageOf', () => {
  test.each([
    [KAZAKH, 'kk'],
    [toKazakhLatin(KAZAKH, 2021), 'kk-Latn'],
    [toKazakhLatin(KAZAKH, 2018), 'kk-Latn'],
    [toKazakhLatin(KAZAKH, 'chat'), 'kk-Latn'],
    ['Сегодня в городе открыли новую школу, дети радовались', 'ru'],
    ['Segodnya v gorode otkryli novuyu shkolu, deti radovalis', 'ru-Latn'],
    ['A new school was opened in the city today', 'en'],
    ['Сьогодні в місті відкрили нову школу, діти раділи', 'uk'],
    ['Сёння ў горадзе адкрылі новую школу, дзеці радаваліся', 'be'],
    ['Bugün şehirde yeni bir okul açıldı, çocuklar sevindi', 'tr'],
    ['Bu gün şəhərdə yeni məktəb açıldı, uşaqlar sevindilər', 'az'],
    ['Шаарда бүгүн жаңы бакча ачылып, ата-энелер кубанышты', 'ky'],
    ['Шәһәрдә бүген яңа бакча ачылды, әти-әниләр шатландылар', 'tt'],
    ['Шаҳарда бугун янги боғча очилди, ота-оналар хурсанд бўлишди', 'uz'],
    ["Shaharda bugun yangi bog'cha ochildi, ota-onalar xursand bo'lishdi", 'uz-Latn'],
    ['Өнөөдөр хотод шинэ сургууль нээгдэж, хүүхдүүд их баярлалаа', 'mn'],
  ])('"%s" is %s', (text, lang) => {
    expect(langOf(text)).toBe(lang);
  });

  test.each(['Оте жаксы екен, маган катты унады', 'Кымбаттап кетипти гой, бирак сапасы жаман емес'])(
    'knows Kazakh typed on a Russian keyboard: "%s"',
    (text) => {
      expect(langOf(text)).toBe('kk');
    },
  );

  test.each([
    'Rahmet, bari unady, tez zhetkizdi',
    'otinish, tovardy auystyryp berinizshi',
    'Sälem, qalaisyñ bügın',
  ])('takes Kazakh in Latin letters for no other language: "%s"', (text) => {
    expect(langOf(text)).toBe('kk-Latn');
  });

  test.each([
    'Zarabotok bez vlojeniy, pishite v lichku',
    'Xorowij zarabotok, nujny ljudi na udalenku',
    "Prodayu velosiped, sostoyanie horoshee, mozhno torgovat'sya",
  ])('takes Russian in Latin letters for no other language: "%s"', (text) => {
    expect(langOf(text)).toBe('ru-Latn');
  });

  test('reads Russian whose letters were exchanged for look-alikes', () => {
    expect(langOf('Paзoвая пoдpaботкa, oплaта cpaзу поcле cмeны')).toBe('ru');
  });

  test('is not misled by names, addresses and brands in the other alphabet', () => {
    expect(langOf('Продам iPhone 15 Pro Max 256 GB, пишите @seller_one или https://shop.example/item')).toBe(
      'ru',
    );
  });

  test('reads mathematical and full-width letters, and letters with marks of their own', () => {
    expect(langOf('𝗛𝗼𝘄 𝘁𝗼 𝗲𝗮𝗿𝗻 𝗺𝗼𝗻𝗲𝘆 from home')).toBe('en');
    expect(langOf('Сегодня хороший день, приходите к нам'.normalize('NFD'))).toBe('ru');
  });

  test.each([
    '',
    '12 345',
    '💰💰💰',
    'a',
    'ок',
    '@someone',
    'https://example.com/kazakh-text',
    '—…!',
    '今天学校开学了',
  ])('"%s" is no language', (text) => {
    expect(languageOf(text, model)).toEqual({ lang: 'und', confidence: 0 });
  });

  test('is surer of a sentence than of a word that several languages have', () => {
    const sure = languageOf(KAZAKH, model).confidence;
    expect(sure).toBeGreaterThan(0.99);
    expect(sure).toBeLessThanOrEqual(1);
    expect(languageOf('телефон', model).confidence).toBeLessThan(0.9);
  });

  test('answers any text at all with a language that it knows and a share', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), (text) => {
        const { lang, confidence } = languageOf(text, model);
        expect([...LANGUAGES, 'und']).toContain(lang);
        expect(confidence).toBeGreaterThanOrEqual(0);
        expect(confidence).toBeLessThanOrEqual(1);
        expect(confidence === 0).toBe(lang === 'und');
      }),
    );
  });

  test('reads a word behind two apostrophes, where a word of another script stands beside it', () => {
    const { lang, confidence } = languageOf("''абв x", model);
    expect([lang === 'und', confidence > 0]).toEqual([false, true]);
  });

  test('the text before it changes nothing', () => {
    const fresh = languageOf('Тез табыс', model);
    languageOf('дoxoд '.repeat(100), model);
    languageOf('𝗮'.repeat(400), model);
    expect(languageOf('Тез табыс', model)).toEqual(fresh);
  });
});

describe('readLetters', () => {
  test('counts the letters of the script that the text is in', () => {
    expect(readLetters('Күн 20% OFF')).toMatchObject({ script: 'cyrillic', letters: 3 });
    expect(readLetters('iPhone 15')).toMatchObject({ script: 'latin', letters: 6 });
    expect(readLetters('今天学校')).toMatchObject({ script: 'other', letters: 4 });
  });

  test('letter case, digits, signs and spaces make no difference', () => {
    const plain = [...readLetters('тез табыс').runs];
    expect([...readLetters('  ТЕЗ, 100 % табыс!!! ').runs]).toEqual(plain);
  });

  test('looks at the beginning of a long text alone', () => {
    const start = 'Сауда орталығы '.repeat(20);
    expect([...readLetters(start + 'x'.repeat(1_000_000)).runs]).toEqual([...readLetters(start).runs]);
  });
});

describe('otherSpellings', () => {
  test('spells Uzbek in its other alphabet, and the way back', () => {
    expect(otherSpellings('ўзбек тили', 'uz', seededRandom(1))).toEqual([
      { text: "o'zbek tili", lang: 'uz-Latn' },
    ]);
    expect(otherSpellings('O‘zbek tili, ertaga choy', 'uz-Latn', seededRandom(1))).toEqual([
      { text: 'ўзбек тили, эртага чой', lang: 'uz' },
      { text: 'ozbek tili, ertaga choy', lang: 'uz-Latn' },
    ]);
  });

  test('spells Kazakh in three Latin ways, in one of chats, and on a Russian keyboard', () => {
    const spelled = otherSpellings('тұрғын үй', 'kk', seededRandom(1));
    expect(spelled.slice(0, 3).map((it) => it.text)).toEqual(['tūrğyn üi', 'turǵyn úı', 'turgyn ui']);
    expect(spelled[4]).toEqual({ text: 'тургын уй', lang: 'kk' });
  });

  test('spells Russian in Latin letters, one habit a letter throughout', () => {
    const [spelled, ...rest] = otherSpellings('хороший хор', 'ru', seededRandom(1));
    expect(spelled!.lang).toBe('ru-Latn');
    expect(spelled!.text).toMatch(/^(h|kh|x)oro(sh|w)i[yji] \1or$/);
    expect(rest).toEqual([]);
  });

  test('leaves other languages as they are', () => {
    expect(otherSpellings('новий дім', 'uk', seededRandom(1))).toEqual([]);
  });
});

describe('trainLanguage', () => {
  const rows = [
    { text: KAZAKH, lang: 'kk' },
    { text: 'The quick brown fox jumps over the lazy dog', lang: 'en' },
    { text: 'Съешь ещё этих мягких французских булок да выпей чаю', lang: 'ru' },
  ];

  test('learns Kazakh in Latin letters from Kazakh in Cyrillic', () => {
    const small = trainLanguage(rows, 1);
    expect(languageOf(toKazakhLatin('жаңа мектеп ашылды', 2021), small).lang).toBe('kk-Latn');
    expect(small.weights.length).toBe(MODEL_BYTES);
  });

  test('gives the same bytes for the same rows and seed', () => {
    expect(bytesOf(trainLanguage(rows, 7))).toBe(bytesOf(trainLanguage(rows, 7)));
  });

  test('learns nothing from a guess that the labelled samples contradict', () => {
    const wrong = { text: 'Балалар қуанып, мұғалімдер қарсы алды', lang: 'ru', isGuess: true };
    expect(bytesOf(trainLanguage([...rows, wrong], 1))).toBe(bytesOf(trainLanguage(rows, 1)));
  });
});

describe('the own sentences', () => {
  test('are at least sixty in each language, each said once', () => {
    const sentences = ownSentences();
    for (const lang of ['kk-Latn', 'ky', 'tt', 'uz', 'uz-Latn']) {
      expect(sentences.filter((it) => it.lang === lang).length).toBeGreaterThanOrEqual(60);
    }
    expect(new Set(sentences.map((it) => it.text)).size).toBe(sentences.length);
  });
});

describe('the language model on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-language-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const url = pathToFileURL(`${folder}/`);

  test('is read as it was written', () => {
    const { json, bin } = languageFiles(model);
    writeFileSync(join(folder, 'language.json'), json);
    writeFileSync(join(folder, 'language.bin'), bin);
    expect(bytesOf(loadLanguage(url))).toBe(bytesOf(model));
  });

  test('is refused when a byte of it was changed', () => {
    const bin = Uint8Array.from(languageFiles(model).bin);
    bin[1000] = bin[1000]! ^ 1;
    writeFileSync(join(folder, 'language.bin'), bin);
    expect(() => loadLanguage(url)).toThrow(LanguageUnreadableError);
  });

  test('takes less than a megabyte, and all models together less than five', () => {
    expect(model.weights.length).toBeLessThan(1_000_000);
    const size = (name: string): number => readFileSync(new URL(name, MODELS)).length;
    expect(size('weights.bin') + size('language.bin')).toBeLessThan(5_000_000);
  });
});
