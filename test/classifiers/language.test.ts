import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LANGUAGES, languageOf, trainLanguage } from '../../classifiers/language.ts';
import { loadModel } from '../../classifiers/model.ts';
import { seededRandom } from '../../classifiers/random.ts';
import { toKazakhLatin } from '../../domain/text.ts';

const model = loadModel().language;
const KAZAKH = 'Бүгін қалада жаңа мектеп ашылды, балалар қуанып, мұғалімдер оларды қарсы алды';

describe('languageOf', () => {
  test.each([
    [KAZAKH, 'kk'],
    [toKazakhLatin(KAZAKH, 2021), 'kk-Latn'],
    [toKazakhLatin(KAZAKH, 2018), 'kk-Latn'],
    [toKazakhLatin(KAZAKH, 'chat'), 'kk-Latn'],
    ['Сегодня в городе открыли новую школу, дети радовались', 'ru'],
    ['A new school was opened in the city today', 'en'],
    ['Сьогодні в місті відкрили нову школу, діти раділи', 'uk'],
    ['Bugün şehirde yeni bir okul açıldı, çocuklar sevindi', 'tr'],
  ])('"%s" is %s', (text, lang) => {
    expect(languageOf(text, model).lang).toBe(lang);
  });

  test.each(['', '12 345', '💰💰💰', 'a'])('"%s" is no language', (text) => {
    expect(languageOf(text, model)).toEqual({ lang: 'und', confidence: 0 });
  });

  test('confidence is a share', () => {
    const { confidence } = languageOf(KAZAKH, model);
    expect(confidence).toBeGreaterThan(0.5);
    expect(confidence).toBeLessThanOrEqual(1);
  });
});

describe('trainLanguage', () => {
  test('learns Kazakh in Latin letters from Kazakh in Cyrillic', () => {
    const rows = [
      { text: KAZAKH, lang: 'kk' },
      { text: 'The quick brown fox jumps over the lazy dog', lang: 'en' },
    ];
    const small = trainLanguage(rows, seededRandom(1));
    expect(languageOf(toKazakhLatin('жаңа мектеп ашылды', 2021), small).lang).toBe('kk-Latn');
    expect(small.weights.length % LANGUAGES.length).toBe(0);
  });

  test('the model that comes with the package takes less than a megabyte for it', () => {
    expect(model.weights.length).toBeLessThan(1_000_000);
    expect(existsSync(new URL('../../models/card.md', import.meta.url))).toBe(true);
    expect(readFileSync(new URL('../../models/weights.bin', import.meta.url)).length).toBeLessThan(5_000_000);
  });
});
