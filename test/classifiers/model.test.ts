import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { assessPage } from '../../classifiers/assess.ts';
import { loadModel, MODELS, ModelUnreadableError } from '../../classifiers/model.ts';
import { syntheticPages, syntheticPosts } from '../../classifiers/synthetic/render.ts';
import { train } from '../../classifiers/train.ts';
import { readPage } from '../../crawler/extract/page.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuzet-model-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): URL => pathToFileURL(`${join(folder, name)}/`);

describe('the model', () => {
  test('that comes with the package bears at least 35 signals of every family', () => {
    const { signals } = loadModel();
    expect(signals.length).toBeGreaterThanOrEqual(35);
    expect(new Set(signals.map((signal) => signal.id)).size).toBe(signals.length);
    expect([...new Set(signals.map((signal) => signal.family))].sort()).toEqual([
      'brand',
      'casino',
      'code',
      'counter',
      'dropper',
      'lead',
      'licence',
      'money',
      'recovery',
      'referral',
      'shop',
      'urgency',
      'yield',
    ]);
  });

  test('keeps the sense of every signal: fraud weighs above zero, a counter-signal below', () => {
    const { signals, signalWeights } = loadModel();
    for (const [i, signal] of signals.entries()) {
      expect(Math.sign(signalWeights[i]!)).toBe(signal.family === 'counter' ? -1 : 1);
    }
  });

  test('is refused when its bytes were changed', () => {
    cpSync(MODELS, at('changed'), { recursive: true });
    const path = join(folder, 'changed', 'weights.bin');
    const bytes = readFileSync(path);
    bytes[1000] = bytes[1000]! ^ 1;
    writeFileSync(path, bytes);
    expect(() => loadModel(at('changed'))).toThrow(ModelUnreadableError);
  });

  test('is refused when there is none', () => {
    expect(() => loadModel(at('nowhere'))).toThrow('kuzet train');
  });
});

describe('training', () => {
  const everySixth = (_: unknown, at: number): boolean => at % 6 === 0;
  const pages = syntheticPages(5, 1)
    .filter(everySixth)
    .map((row) => ({ ...row, page: readPage(row.html, ''), isSynthetic: true }));
  const posts = syntheticPosts()
    .filter(everySixth)
    .map((row) => ({ ...row, isSynthetic: true }));
  const languages = posts.map(({ text, lang }) => ({ text, lang }));

  test('gives the same bytes for the same rows and seed', () => {
    const one = train({ pages, posts, languages, seed: 11 });
    const two = train({ pages, posts, languages, seed: 11 });
    expect(two.file).toEqual(one.file);
    expect(Buffer.compare(one.weights, two.weights)).toBe(0);
    const page = readPage('<p>Гарантированный доход 3 % в день, реферальная программа</p>', '');
    expect(assessPage(page, one.model)).toEqual(assessPage(page, two.model));
  });
});

describe('own examples', () => {
  test('speak Russian, Kazakh and English of every label that pages have, and of what is mistaken for it', () => {
    const pages = syntheticPages(1, 1);
    for (const lang of ['ru', 'kk', 'en']) {
      const labels = new Set(pages.filter((page) => page.lang === lang).map((page) => page.label));
      expect([...labels]).toEqual(
        expect.arrayContaining([
          'dropper',
          'fake_shop',
          'illegal_casino',
          'investment_fraud',
          'legit',
          'phishing',
          'pyramid',
          'recovery',
        ]),
      );
      expect([...labels]).not.toContain('spam');
    }
    expect(pages.filter((page) => page.label === 'legit').length).toBeGreaterThanOrEqual(40);
  });
});
