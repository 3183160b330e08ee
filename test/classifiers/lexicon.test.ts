import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCriterion } from '../../classifiers/criteria.ts';
import { FAMILIES, finderOf, lexiconFile, readLexicon } from '../../classifiers/lexicon.ts';
import { foldForMatching } from '../../domain/text/matching.ts';

const entries = readLexicon();
const find = finderOf(entries);

describe('the lexicon', () => {
  test.each(FAMILIES)('file %s keeps to its schema', (family) => {
    const path = new URL(`../../classifiers/lexicon/${family}.json`, import.meta.url);
    expect(lexiconFile.parse(JSON.parse(readFileSync(path, 'utf8'))).family).toBe(family);
  });

  test('has no id twice and cites known criteria', () => {
    const ids = entries.map((entry) => entry.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(entries.filter((entry) => !isCriterion(entry.criterion))).toEqual([]);
  });

  test('speaks Russian, Kazakh and English in every entry', () => {
    const silent = entries.filter((entry) => Object.values(entry.patterns).some((list) => list.length === 0));
    expect(silent.map((entry) => entry.id)).toEqual([]);
  });
});

describe.each(entries.map((entry) => [entry.id, entry] as const))('entry %s', (id, entry) => {
  const alone = finderOf([entry]);
  const strongest = (text: string): number =>
    Math.max(0, ...(alone(text).byEntry.get(id) ?? []).map((finding) => finding.frame));

  test.each(entry.examples)('finds "%s"', (text) => {
    expect(strongest(text)).toBeGreaterThan(0.3);
  });

  test.each(entry.counterExamples)('is not taken in by "%s"', (text) => {
    expect(strongest(text)).toBeLessThan(0.3);
  });
});

describe('the frame', () => {
  const frameOf = (text: string): number => find(text).byEntry.get('yield.guaranteed')?.[0]?.frame ?? 0;

  test('counts a promise to the reader whole', () => {
    expect(frameOf('Гарантируем доход каждому, кто вложит сегодня.')).toBe(1);
    expect(frameOf('Сізге кепілді табыс береміз.')).toBe(1);
  });

  test('counts the same promise in Latin letters, in Kazakh and in Russian', () => {
    const frameIn = (text: string, lang: string): number =>
      find(text, foldForMatching(text, lang)).byEntry.get('yield.guaranteed')?.[0]?.frame ?? 0;
    expect(frameIn('Sizge kepildi tabys beremiz.', 'kk-Latn')).toBe(1);
    expect(frameIn('Garantiruem dohod kazhdomu, kto vlozhit segodnja.', 'ru-Latn')).toBe(1);
    expect(frameIn('My ne garantiruem doxod.', 'ru-Latn')).toBe(0.1);
  });

  test('hardly counts the same words in a report about others', () => {
    expect(frameOf('Суд признал, что мошенники обещали гарантированный доход.')).toBeLessThanOrEqual(0.1);
    expect(frameOf('Алаяқтар кепілді табыс уәде еткен.')).toBeLessThanOrEqual(0.1);
    expect(frameOf('Police said the scheme promised guaranteed returns.')).toBeLessThanOrEqual(0.1);
  });

  test('hardly counts a promise that is denied', () => {
    expect(frameOf('Мы не гарантируем доход.')).toBe(0.1);
    expect(frameOf('Табысқа кепілдік берілмейді.')).toBeLessThanOrEqual(0.1);
  });
});

describe('the finder', () => {
  test('sees through look-alike letters', () => {
    expect(find('Гaрaнтирoвaнный дохoд').byEntry.has('yield.guaranteed')).toBe(true);
  });

  test('finds places inside the text it was given, whatever that is', () => {
    const bits = fc.constantFrom(
      'гарантируем ',
      'доход ',
      'не ',
      'сіз ',
      '3 % ',
      '. ',
      '\n',
      'usdt trc20 ',
      '💰',
      'х',
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 60 }), (parts) => {
        const text = parts.join('');
        for (const findings of find(text).byEntry.values()) {
          for (const { start, end, frame } of findings) {
            expect(start).toBeLessThan(end);
            expect(end).toBeLessThanOrEqual(text.length);
            expect(frame).toBeGreaterThan(0);
            expect(frame).toBeLessThanOrEqual(1);
          }
        }
      }),
    );
  });
});

describe('a disguise', () => {
  const ids = (text: string): string[] => [...find(text).byEntry.keys()];

  test.each([
    'Kepildi tabys ai saiyn tolenedi, tirkeliniz',
    'Kepıldı tabys ai saiyn tölenedı, tırkelıñız',
    'Kepildi tabys aı saıyn tólenedi, tirkelińiz',
  ])('of Latin letters hides no Kazakh promise: "%s"', (text) => {
    expect(ids(text)).toContain('yield.guaranteed');
  });

  test.each([
    'Г а р а н т и р у е м вам доход',
    'г-а-р-а-н-т-и-р-у-е-м вам д0хoд',
    'Гарантир0ванный дoход каждый день',
  ])('of spacing and digits hides no Russian one: "%s"', (text) => {
    expect(ids(text)).toContain('yield.guaranteed');
  });

  test('is shown to the officer as it stood', () => {
    const text = 'Здесь: г-а-р-а-н-т-и-р-у-е-м вам д0ход!';
    const [finding] = find(text).byEntry.get('yield.guaranteed')!;
    expect(text.slice(finding!.start, finding!.end)).toBe('г-а-р-а-н-т-и-р-у-е-м вам д0ход');
  });

  test('finds nothing Kazakh in English', () => {
    expect(ids('The bar opens at ten, men and women are welcome, no booking')).toEqual([]);
  });
});
