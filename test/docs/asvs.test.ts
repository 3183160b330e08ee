import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(`${root}docs/security/asvs.md`, 'utf8');

/** `| V1.2 Injection prevention | test | ... |`, cell by cell. */
const rows = [...page.matchAll(/^\| (V\d+\.\d.*?) \| (\w+) \| (.+) \|$/gm)].map(
  ([, section = '', is = '', words = '']) => ({ section, is, words }),
);

describe('the checklist of ASVS', () => {
  test('speaks of all 17 chapters, in every row a section, an answer and words', () => {
    const chapters = new Set(rows.map((row) => Number(/^V(\d+)/.exec(row.section)?.[1])));
    expect([...chapters]).toEqual(Array.from({ length: 17 }, (_, at) => at + 1));
    expect(rows).toHaveLength(page.match(/^\| V/gm)?.length ?? 0);
  });

  test('names tests that are there', () => {
    const missing = rows
      .filter((row) => row.is === 'test')
      .flatMap(({ section, words }) => {
        const named = [...words.matchAll(/`(test\/[^`]+)` "([^;]+)"/g)];
        if (named.length === 0) return [`${section} names no test`];
        return named
          .filter(([, file = '', name = '']) => !hasTest(file, name))
          .map(([all]) => `${section}: ${all}`);
      });
    expect(missing).toEqual([]);
  });

  test('gives a reason in words wherever it names no test', () => {
    const silent = rows
      .filter((row) => row.is !== 'test')
      .filter((row) => !['reason', 'open'].includes(row.is) || row.words.length < 12);
    expect(silent).toEqual([]);
  });
});

function hasTest(file: string, name: string): boolean {
  if (!existsSync(root + file)) return false;
  const source = readFileSync(root + file, 'utf8');
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote},`));
}
