import { describe, expect, test } from 'vitest';
import { type Catalogue, catalogue, chooseLang, LANGS, wordsOf } from '../../desk/web/words.ts';
import { LABELS } from '../../domain/assessment.ts';
import { CHANNELS, OFFENCES } from '../../domain/referral.ts';
import { ROLES } from '../../store/accounts.ts';

const places = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();
const forms = (entry: Catalogue[string] | undefined): string[] =>
  entry === undefined ? [] : typeof entry === 'string' ? [entry] : Object.values(entry);

describe('the words of the screens', () => {
  const russian = catalogue('ru');

  test.each(['kk', 'en'] as const)('have the same keys in %s as in Russian', (lang) => {
    expect(Object.keys(catalogue(lang)).sort()).toEqual(Object.keys(russian).sort());
  });

  test.each(LANGS)('have the same places for values in %s, and no text is empty', (lang) => {
    for (const [key, entry] of Object.entries(catalogue(lang))) {
      for (const form of forms(entry)) {
        expect(form.trim(), key).not.toBe('');
        expect(places(form), key).toEqual(places(forms(russian[key])[0]!));
      }
    }
  });

  test.each(LANGS)('have every plural form that %s needs', (lang) => {
    const needed = new Intl.PluralRules(lang).resolvedOptions().pluralCategories.sort();
    for (const [key, entry] of Object.entries(catalogue(lang))) {
      if (typeof entry !== 'string') expect(Object.keys(entry).sort(), key).toEqual(needed);
    }
  });

  test.each(LANGS)('name every label, role, ground, channel and refusal in %s', (lang) => {
    const words = catalogue(lang);
    const refusals = [
      ...['wrong_state', 'same_officer', 'no_officer', 'no_reason', 'not_referable', 'wrong_ground'],
      ...['bad_login', 'bad_name', 'weak_password', 'login_taken', 'not_first', 'no_account', 'last_admin'],
      ...['bad_invitation', 'bad_request', 'not_allowed', 'bad_origin', 'not_found', 'changed', 'too_large'],
      ...['not_available', 'internal'],
    ];
    const grounds = Object.values(OFFENCES).flatMap((offence) => offence.grounds);
    const keys = [
      ...LABELS.map((it) => `label.${it}`),
      ...ROLES.map((it) => `role.${it}`),
      ...grounds.map((it) => `ground.${it}`),
      ...CHANNELS.map((it) => `channel.${it}`),
      ...refusals.map((it) => `error.${it}`),
    ];
    expect(keys.filter((key) => words[key] === undefined)).toEqual([]);
  });

  test('count in Russian and Kazakh as people do', () => {
    const count = (lang: 'ru' | 'kk', n: number) => wordsOf(lang).say('cases.count', { n });
    expect([1, 2, 5, 11, 21, 22].map((n) => count('ru', n))).toEqual([
      '1 дело',
      '2 дела',
      '5 дел',
      '11 дел',
      '21 дело',
      '22 дела',
    ]);
    expect([1, 5].map((n) => count('kk', n))).toEqual(['1 іс', '5 іс']);
  });

  test('tell the time of Almaty: five hours after Greenwich, since 2024-03-01', () => {
    const at = new Date('2026-11-20T20:30:05Z');
    expect(wordsOf('ru').time(at)).toBe('21 нояб. 2026 г., 01:30');
    expect(wordsOf('en').exactTime(at)).toBe('21/11/2026, 01:30:05 GMT+05:00');
    expect(wordsOf('kk').time(at)).toContain('01:30');
  });

  test('are Kazakh in a browser that knows no Kazakh: as CLDR has it, in every month, of the engine’s Kazakh nothing', () => {
    const { time, number, bytes, signed, chance } = wordsOf('kk');
    const known = new Intl.DateTimeFormat('kk-KZ', {
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone: 'Asia/Almaty',
    });
    for (let month = 0; month < 12; month += 1) {
      const at = new Date(Date.UTC(2026, month, 5, 20, 30));
      expect(time(at)).toBe(known.format(at));
    }
    expect(time(new Date('2026-11-20T04:30:00Z'))).toBe('2026 ж. 20 қар., 09:30');
    expect([number(1026), bytes(1026), signed(-2.9), chance(0.94), chance(0.9951)]).toEqual([
      '1\u00a0026',
      '1\u00a0026 байт',
      '−2,9',
      '94%',
      '99,5%',
    ]);
  });

  test('never round a chance up to certainty', () => {
    const { chance } = wordsOf('en');
    expect([0.5, 0.9412, 0.9951, 0.9991, 0.99999, 1].map(chance)).toEqual([
      '50%',
      '94%',
      '99.5%',
      '>\u00a099.9%',
      '>\u00a099.9%',
      '>\u00a099.9%',
    ]);
  });
});

describe('the language', () => {
  const choose = (query?: string, cookie?: string, header?: string) =>
    chooseLang({ query, cookie, header, otherwise: 'ru' });

  test('is the one asked for, else the one chosen before, else the one the browser likes best', () => {
    expect(choose('kk', 'en', 'ru')).toBe('kk');
    expect(choose('xx', 'en', 'ru')).toBe('en');
    expect(choose(undefined, undefined, 'de, en;q=0.5, kk-KZ;q=0.9')).toBe('kk');
    expect(choose(undefined, undefined, 'en;q=0, de')).toBe('ru');
    expect(choose(undefined, 'no', ';;;,=')).toBe('ru');
  });
});
