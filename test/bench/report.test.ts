import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { BARS, type Bar } from '../../bench/report/bars.ts';
import { reportPicture } from '../../bench/report/picture.ts';
import { cellOf, tell } from '../../bench/report/tell.ts';
import { reportPage } from '../../bench/report.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = `Words.

| | ours | peer |
|---|---|---|
| AUC | 0.91 | 0.7 |
| pages/s, warm | 1,200x | 400 |

Of them 31 bytes a listing.
`;
const pages = (name: string) => (name === 'a.md' ? page : '');
const bar = (over: Partial<Bar>): Bar => ({
  about: 'fraud',
  what: 'something',
  passes: { least: 0.9 },
  at: { page: 'a.md', row: 'AUC', column: 'ours' },
  command: 'npm run it',
  ...over,
});

describe('the report', () => {
  test('reads a cell by how its row and its column begin', () => {
    expect(cellOf(pages, { page: 'a.md', row: 'pages/s', column: 'ours' })).toBe('1,200');
    expect(cellOf(pages, { page: 'a.md', row: 'pages/s', column: 'theirs' })).toBeNull();
    expect(cellOf(pages, { page: 'b.md', row: 'AUC', column: 'ours' })).toBeNull();
  });

  test('says of each bar whether it is met, and of none what no page tells', () => {
    const told = tell(
      [
        bar({}),
        bar({ passes: { least: 0.95 } }),
        bar({ passes: { most: 30 }, at: { page: 'a.md', pattern: /(\d+) bytes/ } }),
        bar({
          passes: { least: 4, times: { page: 'a.md', row: 'pages/s', column: 'peer' } },
          at: { page: 'a.md', row: 'pages/s', column: 'ours' },
        }),
        bar({ at: { page: 'a.md', row: 'recall', column: 'ours' } }),
        bar({ at: null }),
      ],
      pages,
    );
    expect(told.map(({ figure, says }) => [figure, says])).toEqual([
      ['0.91', 'meets it'],
      ['0.91', 'falls short'],
      ['31', 'falls short'],
      ['1,200', 'falls short'],
      [null, 'told no more'],
      [null, 'not measured'],
    ]);
    expect(reportPage(told)).toContain('| **falls short** | [a.md](../a.md) | `npm run it` |');
    expect(reportPage(told)).toContain('Of 6 bars 1 are met, 3 fall short, 1 have no figure on any page.');
  });

  test('draws what is better than its bar to the right of it, what is worse to the left and hollow', () => {
    const drawn = reportPicture(
      tell(
        [bar({}), bar({ passes: { least: 1.82 } }), bar({ passes: { most: 0.455 } }), bar({ at: null })],
        pages,
      ),
    );
    const circles = [...drawn.matchAll(/<circle cx="([\d.]+)"[^>]* fill="(#\w+)"/g)];
    expect(circles.map(([, x, fill]) => [Number(x), fill])).toEqual([
      [663, '#0e6f4f'],
      [470, '#fff'],
      [470, '#fff'],
    ]);
    expect(drawn).toContain('>fraud: something</text>');
  });

  test('asks of pages that are there, with commands that are there', () => {
    const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
    for (const { at, command } of BARS) {
      if (at !== null) expect(existsSync(root + at.page), at.page).toBe(true);
      const script = /^npm run (\S+)/.exec(command)?.[1];
      const file = /(bench\/\S+\.ts)/.exec(command)?.[1];
      expect(script === undefined || scripts[script] !== undefined, command).toBe(true);
      expect(file === undefined || existsSync(root + file), command).toBe(true);
    }
  });
});
