import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { readWords, UsageError } from '../../cli/command.ts';
import { tenantCommand } from '../../cli/tenant.ts';
import { readConfig } from '../../config.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuzet-tenant-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the command says, a line each. @throws as the command does */
async function say(...args: string[]): Promise<string[]> {
  const out: string[] = [];
  const io = {
    stdin: Readable.from([]),
    out: (line: string) => void out.push(line),
    err: (line: string) => void out.push(line),
    json: false,
    isTerminal: false,
  };
  const around = { config: readConfig({}, folder), io, signal: new AbortController().signal };
  expect(await tenantCommand.run(readWords(tenantCommand, args), around)).toBe(0);
  return out;
}

test('a marketplace gets its sites, other ones, and none, by their hosts however they are typed', async () => {
  expect(await say('add', 'bazar', '--name', 'Bazar', '--site', 'https://Bazar.test/cars')).toEqual([
    'bazar may ask now.',
    expect.stringMatching(/^Its key, shown this once: kzt_[\w-]{43}$/),
  ]);
  expect(await say('sites', 'bazar', '--site', 'shop.test', '--site', 'Mall.test.')).toEqual([
    'Sites of bazar now: mall.test, shop.test.',
  ]);
  expect(await say('list')).toEqual(['bazar                 alerted   Bazar  mall.test  shop.test']);
  // Words that were forgotten take nothing away.
  await expect(say('sites', 'bazar')).rejects.toThrow(UsageError);
  await expect(say('sites', 'bazar', '--site', 'a.test', '--no-site')).rejects.toThrow(UsageError);
  await expect(say('sites', 'bazar', '--site', 'not a host')).rejects.toThrow('"not a host" names no site');
  await say('add', 'other', '--site', 'other.test');
  await expect(say('sites', 'other', '--site', 'mall.test')).rejects.toThrow(
    'mall.test is a site of "bazar" already',
  );
  expect(await say('sites', 'bazar', '--no-site')).toEqual(['bazar has no site of its own now.']);
});
