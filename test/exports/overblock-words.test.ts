import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSameSaying } from '../../domain/saying.ts';
import { INSTITUTIONS } from '../../exports/overblock/institutions.ts';
import { addressFindings } from '../../exports/overblock/rules.ts';
import { inWords, keptInWords, LANGS, type SayingKey, SENTENCES } from '../../exports/overblock/words.ts';

const KEYS = Object.keys(SENTENCES.en) as SayingKey[];
const places = (sentence: string) => [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe('what the rules say', () => {
  test('is a sentence of its own in each of three languages', () => {
    for (const lang of LANGS) {
      expect(Object.keys(SENTENCES[lang])).toEqual(KEYS);
      expect(new Set(Object.values(SENTENCES[lang])).size).toBe(KEYS.length);
    }
    for (const key of KEYS) {
      expect([key, SENTENCES.ru[key]]).toEqual([key, expect.stringMatching(/[а-яё]{3}/i)]);
      expect([key, SENTENCES.kk[key]]).toEqual([key, expect.stringMatching(/[әғқңөұүһі]/i)]);
    }
  });

  test('has the same values in all of them, so that who reads one language knows as much', () => {
    for (const key of KEYS) {
      const own = places(SENTENCES.en[key]);
      expect([key, places(SENTENCES.ru[key]), places(SENTENCES.kk[key])]).toEqual([key, own, own]);
    }
  });

  test('names the kind of a protected institution in words', () => {
    const facts = { host: 'bank.example', kind: 'bank', institution: 'bank.example' };
    expect(inWords('OB8.institution', { ...facts, kind: 'school' }, 'kk')).toBe(
      'bank.example қорғалған ұйымға тиесілі (оқу орны: bank.example)',
    );
    for (const kind of new Set(INSTITUTIONS.map((each) => each.kind))) {
      for (const lang of ['ru', 'kk'] as const)
        expect(inWords('OB8.institution', { ...facts, kind }, lang)).not.toContain(`(${kind}:`);
    }
  });

  test('puts values in as they are, braces and dollars too', () => {
    expect(inWords('OB16.sent', { url: 'https://a.test/{batches}?$&', batches: 'KN_1' }, 'en')).toBe(
      'https://a.test/{batches}?$& already went out in KN_1',
    );
  });

  test('of a key that no catalogue has stays in the words that were kept', () => {
    expect(keptInWords(null, 'ru', 'as it was')).toBe('as it was');
    expect(keptInWords({ key: 'OB99.gone', facts: {} }, 'ru', 'as it was')).toBe('as it was');
    expect(keptInWords({ key: 'toString', facts: {} }, 'ru', 'as it was')).toBe('as it was');
    const [found] = addressFindings('https://kaspi-bonus.weebly.com/', 'operator_block');
    expect(keptInWords(found!.about, 'en', '')).toBe(found!.why);
    expect(keptInWords(found!.about, 'ru', '')).toBe(
      'kaspi-bonus.weebly.com — место одного пользователя на weebly.com; платформа может удалить его быстрее',
    );
  });

  test('is the same in every language, or in none: an override holds for no other', () => {
    const host = fc.constantFrom('a.test', 'b.test', '{platform}');
    const said = fc.record({
      key: fc.constantFrom('OB2.own_host' as const, 'OB2.shared' as const),
      facts: fc.record({ host, platform: host }),
    });
    fc.assert(
      fc.property(said, said, (one, other) => {
        const isSame = isSameSaying(one, other);
        for (const lang of LANGS) {
          const [first, second] = [one, other].map((each) => inWords(each.key, each.facts, lang));
          expect(first === second).toBe(isSame);
        }
      }),
    );
  });
});
