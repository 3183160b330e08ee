import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../store/database.ts';
import { openPglite } from '../../store/pglite.ts';

const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kuzet-prepared-'));
  folders.push(folder);
  return folder;
}

const migrations = (db: Database) => db.query('select number, name, sha256 from migration order by number');

describe('a new embedded store', () => {
  let place: string;
  let first: Database;

  beforeAll(async () => {
    place = await newFolder();
    first = await openPglite(null, pathToFileURL(`${place}/`));
  });

  afterAll(async () => {
    await first.close();
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  });

  test('leaves the next one an archive to be unpacked from, and the next is the same store', async () => {
    const archives = await readdir(place);
    expect(archives).toEqual([expect.stringMatching(/^[0-9a-f]{16}\.tar\.gz$/)]);
    const next = await openPglite(await newFolder(), pathToFileURL(`${place}/`));
    expect(await migrations(next)).toEqual(await migrations(first));
    await next.query("insert into host (host, politeness) values ('shop.test', '{}')");
    expect(await next.query('select host from host')).toEqual([{ host: 'shop.test' }]);
    expect(await first.query('select host from host')).toEqual([]);
    await next.close();
  });

  test('is made anew where the archive does not start, and leaves a good one', async () => {
    const [archive] = await readdir(place);
    const spoilt = await newFolder();
    await writeFile(join(spoilt, archive!), 'cut off');
    const db = await openPglite(null, pathToFileURL(`${spoilt}/`));
    expect(await migrations(db)).toEqual(await migrations(first));
    await db.close();
    expect(await readdir(spoilt)).toEqual([archive]);
  });

  test('is made where nothing can be kept for the next', async () => {
    const file = join(await newFolder(), 'a-file');
    await writeFile(file, '');
    const db = await openPglite(null, pathToFileURL(`${file}/below/`));
    expect(await migrations(db)).toEqual(await migrations(first));
    await db.close();
  });

  test('starts over where a process was killed while it made the folder', async () => {
    const folder = await newFolder();
    const half = await openPglite(folder, pathToFileURL(`${place}/`));
    await half.close();
    // As it is left by a kill between the first file and the last.
    await rm(join(folder, 'pglite', 'global'), { recursive: true });
    await writeFile(join(folder, 'pglite.making'), '');
    const db = await openPglite(folder, pathToFileURL(`${place}/`));
    expect(await migrations(db)).toEqual(await migrations(first));
    await db.close();
    expect(await readdir(folder)).not.toContain('pglite.making');
  });
});
