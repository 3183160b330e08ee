import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { demoFolder } from '../../cli/walk.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuzet-demo-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the demo keeps its things beside the home, and in it where nothing may be written beside it', async () => {
  expect(await demoFolder(join(folder, '.kuzet'))).toBe(join(folder, '.kuzet-demo'));
  const home = join(folder, 'not', 'there', 'kuzet');
  expect(await demoFolder(home)).toBe(join(home, 'demo'));
});
