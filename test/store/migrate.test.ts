import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  bundledMigrations,
  MigrationFailedError,
  MigrationHistoryError,
  type MigrationSession,
  migrate,
  StoreNewerError,
} from '../../store/migrate.ts';
import type { Engine } from '../engines/places.ts';
import { freshDatabase, postgresMissing, startPostgres } from '../engines/postgres.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kuzet-migrations-'));
  return () => rm(folder, { recursive: true, force: true });
});

async function files(texts: Readonly<Record<string, string>>) {
  for (const [name, sql] of Object.entries(texts)) await writeFile(join(folder, name), sql);
  return bundledMigrations(pathToFileURL(`${folder}/`));
}

describe('the migrations of a folder', () => {
  test('come in the order of their numbers, other files left out', async () => {
    const found = await files({ '002-b.sql': 'select 2', '001-a.sql': 'select 1', 'README.md': '' });
    expect(found.map(({ number, name }) => [number, name])).toEqual([
      [1, '001-a.sql'],
      [2, '002-b.sql'],
    ]);
  });

  test('have the same checksum whatever line ends a checkout gave them', async () => {
    const [unix] = await files({ '001-a.sql': 'select 1;\nselect 2;\n' });
    const [windows] = await files({ '001-a.sql': 'select 1;\r\nselect 2;\r\n' });
    expect(windows!.sha256).toBe(unix!.sha256);
  });

  test.each([
    [{ '001-a.sql': '', '003-c.sql': '' }, '003-c.sql'],
    [{ '001-a.sql': '', '001-b.sql': '' }, '001-b.sql'],
  ])('are refused with a gap or a number twice: %j', async (texts, culprit) => {
    await expect(files(texts)).rejects.toThrow(MigrationHistoryError);
    await expect(files(texts)).rejects.toThrow(culprit);
  });

  test('that came with the program are numbered without a gap', async () => {
    const [first] = await bundledMigrations();
    expect(first!.name).toBe('001-river.sql');
  });
});

describe('PGlite', () => {
  let db: PGlite;
  beforeAll(async () => {
    db = await PGlite.create();
  });
  beforeEach(() => db.exec('drop schema if exists kuzet cascade; drop schema if exists elsewhere cascade'));
  afterAll(() => db.close());
  rules(async () => ({
    query: async <Row extends object>(sql: string, params?: readonly unknown[]) =>
      (await db.query<Row>(sql, params as unknown[])).rows,
    script: async (sql) => void (await db.exec(sql)),
  }));
});

const skipped = postgresMissing === null ? '' : ` (skipped: ${postgresMissing})`;
describe.skipIf(postgresMissing !== null)(`PostgreSQL${skipped}`, () => {
  let server: Engine;
  const clients: pg.Client[] = [];
  beforeAll(async () => {
    server = (await startPostgres())!;
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.end()));
    await server.stop();
  });
  const session = async (url: string): Promise<MigrationSession> => {
    const client = new pg.Client({ connectionString: url });
    clients.push(client);
    await client.connect();
    return {
      query: async <Row extends object>(sql: string, params?: readonly unknown[]) =>
        (await client.query(sql, params as unknown[])).rows as Row[],
      script: async (sql) => void (await client.query(sql)),
    };
  };
  rules(async () => session(await freshDatabase(server)));

  test('two that start at once do not collide, and each file runs once', async () => {
    const url = await freshDatabase(server);
    const migrations = await files({ '001-a.sql': 'create table a (id int); select pg_sleep(0.2)' });
    const sessions = await Promise.all([session(url), session(url), session(url)]);
    await Promise.all(sessions.map((each) => migrate(each, migrations)));
    expect(await sessions[0]!.query('select number from kuzet.migration')).toEqual([{ number: 1 }]);
  });

  test('a role that may not create schemas can migrate a schema made for it', async () => {
    const url = await freshDatabase(server);
    const admin = await session(url);
    await admin.script('create role clerk login; create schema kuzet authorization clerk');
    await migrate(
      await session(url.replace('kuzet@', 'clerk@')),
      await files({ '001-a.sql': 'create table a ()' }),
    );
    expect(await admin.query("select to_regclass('kuzet.a') is not null as it")).toEqual([{ it: true }]);
    await admin.script('drop owned by clerk; drop role clerk');
  });
});

function rules(open: () => Promise<MigrationSession>): void {
  test('takes files in order, into schema kuzet, and once each', async () => {
    const session = await open();
    const one = { '001-a.sql': 'create table a (id int); insert into a values (1);' };
    expect(await migrate(session, await files(one))).toBe(1);
    expect(await migrate(session, await files({ ...one, '002-b.sql': 'insert into a values (2)' }))).toBe(2);
    expect(await migrate(session, await files({}))).toBe(2);
    expect(await session.query('select id from kuzet.a order by id')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test('undoes a file that fails as a whole, keeps those before it, and goes on once it is mended', async () => {
    const session = await open();
    const broken = await files({
      '001-a.sql': 'create table a (id int)',
      '002-b.sql': 'create table b (); select 1/0',
    });
    await expect(migrate(session, broken)).rejects.toThrow(MigrationFailedError);
    await expect(migrate(session, broken)).rejects.toThrow(/002-b\.sql.*division by zero/);
    expect(await session.query('select number from kuzet.migration')).toEqual([{ number: 1 }]);
    expect(await session.query("select to_regclass('kuzet.b') as it")).toEqual([{ it: null }]);
    expect(await migrate(session, await files({ '002-b.sql': 'create table b ()' }))).toBe(2);
  });

  test('refuses a file that was changed after the store took it', async () => {
    const session = await open();
    await migrate(session, await files({ '001-a.sql': 'create table a ()' }));
    const changed = migrate(session, await files({ '001-a.sql': 'create table a (id int)' }));
    await expect(changed).rejects.toThrow(MigrationHistoryError);
    await expect(changed).rejects.toThrow('001-a.sql');
  });

  test('refuses a store that a newer program made', async () => {
    const session = await open();
    const two = await files({ '001-a.sql': 'create table a ()', '002-b.sql': 'create table b ()' });
    await migrate(session, two);
    const older = migrate(session, two.slice(0, 1));
    await expect(older).rejects.toThrow(StoreNewerError);
    await expect(older).rejects.toMatchObject({ facts: { store: 2, program: 1 } });
  });
}
