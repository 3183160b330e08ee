import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { asLines, writeWhole } from '../../cli/draft.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuzet-draft-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function* broken(): AsyncGenerator<string> {
  yield 'half';
  throw new Error('the house is gone');
}

async function* rows(): AsyncGenerator<unknown> {
  yield { a: 1 };
  yield { ә: 2 };
}

describe('writeWhole', () => {
  test('writes every piece and counts them', async () => {
    const path = join(folder, 'whole');
    expect(await writeWhole(path, asLines(rows()))).toEqual({ pieces: 2, bytes: 17 });
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"ә":2}\n');
  });

  test('leaves the file that was there when the pieces fail, and no draft', async () => {
    const path = join(folder, 'kept');
    writeFileSync(path, 'yesterday');
    await expect(writeWhole(path, broken())).rejects.toThrow('the house is gone');
    expect(readFileSync(path, 'utf8')).toBe('yesterday');
    expect(existsSync(`${path}.part`)).toBe(false);
  });
});
