import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const LAUNCHER = fileURLToPath(new URL('../../bin/kuzet.mjs', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../../package.json', import.meta.url));

describe('the launcher', () => {
  let folder: string;
  const place = (...parts: string[]) => join(folder, ...parts);
  const says = (launcher: string) => execFileSync(process.execPath, [launcher], { encoding: 'utf8' }).trim();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kuzet-launcher-'));
    mkdirSync(place('bin'));
    mkdirSync(place('dist'));
    mkdirSync(place('elsewhere'));
    cpSync(LAUNCHER, place('bin', 'kuzet.mjs'));
    cpSync(PACKAGE, place('package.json'));
    writeFileSync(place('dist', 'cli.js'), "console.log('built');");
    symlinkSync(place('bin', 'kuzet.mjs'), place('elsewhere', 'kuzet'));
    symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), place('node_modules'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('works through a symlink, as npm makes one', () => {
    expect(says(place('elsewhere', 'kuzet'))).toBe('built');
  });

  test('runs the source when it is newer than what was built, and what was built otherwise', () => {
    writeFileSync(place('cli.ts'), "const word: string = 'source'; console.log(word);");
    utimesSync(place('dist', 'cli.js'), 1_000, 1_000);
    expect(says(place('bin', 'kuzet.mjs'))).toBe('source');
    const later = Date.now() / 1000 + 100;
    utimesSync(place('dist', 'cli.js'), later, later);
    expect(says(place('bin', 'kuzet.mjs'))).toBe('built');
  });

  test('runs what was built, older than the source or not, where nothing that runs source is installed', () => {
    const modules = place('node_modules');
    unlinkSync(modules);
    utimesSync(place('dist', 'cli.js'), 1_000, 1_000);
    expect(says(place('bin', 'kuzet.mjs'))).toBe('built');
    symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), modules);
  });

  test('runs the source where nothing was built', () => {
    rmSync(place('dist'), { recursive: true });
    expect(says(place('elsewhere', 'kuzet'))).toBe('source');
  });
});
