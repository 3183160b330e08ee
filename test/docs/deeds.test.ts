import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const guide = readFileSync(join(root, 'docs/guides/contributor.md'), 'utf8');
const blocks = [...guide.matchAll(/```(\w+)\n([^`]+)```/g)].map(([, lang = '', text = '']) => ({
  lang,
  text,
}));
const [signal, adapter] = blocks.filter(({ lang }) => lang === 'json').map(({ text }) => text);
const [page] = blocks.filter(({ lang }) => lang === 'html').map(({ text }) => text);
const [column] = blocks.filter(({ lang }) => lang === 'ts').map(({ text }) => text);

describe('the three deeds of the contributor’s guide, done on a copy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-deeds-'));
  let told: {
    examples: number[];
    counterExamples: number[];
    listings: unknown[];
    columns: string[];
    csv: string;
    xlsx: number;
  };

  /** Puts a text behind the first place where `after` stands. */
  const put = (file: string, after: string, text: string) => {
    const path = join(folder, file);
    const [head, ...rest] = readFileSync(path, 'utf8').split(after);
    expect(rest.length, `${file} has ${after}`).toBeGreaterThan(0);
    writeFileSync(path, `${head}${after}${text}${rest.join(after)}`);
  };

  beforeAll(async () => {
    for (const name of ['classifiers', 'crawler', 'domain', 'exports', 'package.json'])
      cpSync(join(root, name), join(folder, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    put('classifiers/lexicon/urgency.json', '"entries": [', `${signal},`);
    put('crawler/adapters.json', '"adapters": [', `${adapter},`);
    put('exports/kibernadzor/form-csv.ts', 'export const TABLE = [\n', column!);
    writeFileSync(join(folder, 'page.html'), page!);
    const asked = ['--import', 'tsx', join(root, 'test/docs/deeds.mjs'), folder, join(folder, 'page.html')];
    const { stdout } = await promisify(execFile)(process.execPath, asked, { cwd: root });
    told = JSON.parse(stdout) as typeof told;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a signal finds its examples in three languages and is not taken in', () => {
    expect(told.examples).toHaveLength(3);
    expect(told.examples.every((strength) => strength > 0.3)).toBe(true);
    expect(told.counterExamples.every((strength) => strength < 0.3)).toBe(true);
  });

  test('an adapter reads a listing of its marketplace', () => {
    expect(told.listings).toEqual([
      expect.objectContaining({
        title: 'Пианино «Беларусь»',
        text: 'Настроено весной, самовывоз',
        price: 120_000,
        seller: { id: 'https://jarmanke.example/by/7', name: 'Айгүл' },
      }),
    ]);
  });

  test('a column stands in the CSV and in the workbook', () => {
    expect(told.columns.slice(0, 2)).toEqual(['host', 'title']);
    expect(told.csv).toMatch(/^\ufeffhost;title;.*\r\npiramida\.test;Site 1;/);
    expect(told.xlsx).toBeGreaterThan(0);
  });

  test('each takes less than a page', () => {
    const parts = guide.split(/^## /m).slice(1);
    expect(parts.map((part) => part.split('\n').length).filter((lines) => lines > 45)).toEqual([]);
    expect(parts).toHaveLength(3);
  });
});
