import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openHome } from '../flow/kuzet.ts';

describe('the command line', () => {
  const home = openHome();
  afterAll(() => home.close());

  test('has a page like a manual, with every command on it, within eighty columns', async () => {
    const { code, out } = await home.run(['--help']);
    expect(code).toBe(0);
    for (const name of [
      'scan',
      'serve',
      'cases',
      'case',
      'decide',
      'approve',
      'refer',
      'verify',
      'classify',
      'langid',
      'train',
    ]) {
      expect(out).toMatch(new RegExp(`^ {4}${name} `, 'm'));
    }
    for (const section of ['NAME', 'SYNOPSIS', 'COMMANDS', 'ENVIRONMENT', 'EXIT STATUS'])
      expect(out).toContain(section);
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('explains one command by "help NAME" and by --help', async () => {
    const [a, b] = await Promise.all([home.run(['help', 'scan']), home.run(['scan', '--help'])]);
    expect(a.out).toBe(b.out);
    for (const option of ['--file', '--pages', '--depth', '--delay', '--render', '--proxy', '--resolve']) {
      expect(a.out).toContain(option);
    }
  });

  test.each([
    [[], 'COMMANDS'],
    [['frobnicate'], 'There is no command "frobnicate"'],
    [['scan'], 'Give at least one address'],
    [['scan', '--file', 'missing.txt'], 'The file "missing.txt" does not exist'],
    [['scan', 'a.test', '--pages', 'many'], '--pages takes a whole number from 1 to 100000, not "many"'],
    [['scan', 'a.test', '--delay', '-1'], '--delay'],
    [['scan', 'a.test', '--render', 'maybe'], '--render takes auto, never or always'],
    [['scan', 'a.test', '--resolve', 'nonsense'], 'nonsense'],
    [['scan', 'a.test', '--proxy', 'socks'], '--proxy takes an address'],
    [['scan', 'a.test', '--frob'], '--frob'],
    [['cases', '--state', 'lost'], '--state takes one of open, confirmed'],
    [['case'], 'Name one case'],
    [['decide', 'K-000001', 'maybe'], 'confirm|dismiss'],
    [['decide', 'K-000001', 'confirm', '--ground', 'KZ-CC-190', '--reason', 'x'], '--by is missing'],
    [['approve', 'K-000001'], '--by is missing'],
    [['refer'], 'Say what to do'],
    [['serve', '--only', 'workers'], 'set DATABASE_URL'],
    [['export'], '--out is missing'],
  ])('%j is not understood: exit code 2 and the way out', async (args, why) => {
    const { code, out, err } = await home.run(args);
    expect(code).toBe(2);
    expect(out + err).toContain(why);
  });

  test('an empty list is a clear refusal', async () => {
    const list = join(home.folder, 'empty.txt');
    writeFileSync(list, '\n# only a remark\n');
    const { code, err } = await home.run(['scan', '--file', list]);
    expect(code).toBe(2);
    expect(err).toContain('names no address');
  });

  test('a variable that makes no sense is named', async () => {
    const wrong = openHome({ DATABASE_URL: 'mysql://somewhere/db' });
    const { code, err } = await wrong.run(['cases']);
    await wrong.close();
    expect(code).toBe(2);
    expect(err).toContain('DATABASE_URL');
  });

  test('with --json an error is JSON too', async () => {
    const { code, lines } = await home.ask<{ error: { name: string; message: string } }>([
      'case',
      'K-000404',
    ]);
    expect(code).toBe(1);
    expect(lines[0]!.error).toMatchObject({
      name: 'NoSuchCaseError',
      message: expect.stringContaining('K-000404'),
    });
  });

  test('prints no progress and no colour when it is not on a terminal', async () => {
    const { code, out, err } = await home.run(['cases']);
    expect(code).toBe(0);
    expect(out).toBe('No cases. "kuzet scan URL" looks for some.\n');
    expect(err).toBe('');
  });
});
