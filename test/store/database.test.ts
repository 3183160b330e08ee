import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StoreInUseError } from '../../store/lock.ts';
import { StoreNewerError } from '../../store/migrate.ts';
import { openDatabase } from '../../store/open.ts';
import { PostgresUnusableError } from '../../store/postgres.ts';
import { OutsideTransactionError } from '../../store/transaction.ts';
import { databaseConformance } from '../conformance/database.ts';
import type { Engine } from '../engines/places.ts';
import { freshDatabase, postgresMissing, startPostgres } from '../engines/postgres.ts';

let server: Engine | null = null;
const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kuzet-store-'));
  folders.push(folder);
  return folder;
}

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await server?.stop();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

databaseConformance('PGlite in memory', () => openDatabase({ memory: true }));
databaseConformance('PGlite in a folder', async () => openDatabase({ folder: await newFolder() }));
databaseConformance(
  'PostgreSQL',
  async () => openDatabase({ url: await freshDatabase(server!) }),
  postgresMissing,
);

describe('PGlite in a folder', () => {
  test('has its rows again when opened again, and lets go of the folder when closed', async () => {
    const folder = await newFolder();
    const first = await openDatabase({ folder });
    await first.query("insert into host (host, politeness) values ('shop.test', '{}')");
    await first.close();
    const again = await openDatabase({ folder });
    expect(await again.query('select host from host')).toEqual([{ host: 'shop.test' }]);
    await again.close();
  });

  test('lets go of a folder that it cannot use', async () => {
    const folder = await newFolder();
    const db = await openDatabase({ folder });
    await db.query("insert into migration (number, name, sha256) values (9999, '9999-later.sql', '')");
    await db.close();
    await expect(openDatabase({ folder })).rejects.toThrow(StoreNewerError);
    await expect(openDatabase({ folder })).rejects.toThrow(StoreNewerError);
  });

  test('refuses a queue’s query from inside a transaction, which would wait for itself', async () => {
    const db = await openDatabase({ memory: true });
    const pool = db.pool('kuzet', 1);
    const inside = db.transaction(async () => pool.query('select 1'));
    await expect(inside).rejects.toThrow(OutsideTransactionError);
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await db.close();
  });

  test('refuses a second owner, and the first goes on', async () => {
    const folder = await newFolder();
    const first = await openDatabase({ folder });
    await expect(openDatabase({ folder })).rejects.toThrow(StoreInUseError);
    expect(await first.query('select 1 as one')).toEqual([{ one: 1 }]);
    await first.close();
  });

  test('loses no acknowledged row to kill -9, and is free for the next owner', async () => {
    const folder = await newFolder();
    const writer = fork(new URL('./writer.ts', import.meta.url), [folder], { execArgv: ['--import', 'tsx'] });
    let acknowledged = 0;
    await new Promise<void>((done) => {
      writer.on('message', (count) => {
        acknowledged = Number(count);
        if (acknowledged === 200) {
          writer.kill('SIGKILL');
          done();
        }
      });
    });
    await once(writer, 'exit');
    const db = await openDatabase({ folder });
    const rows = await db.query<{ host: string }>('select host from host order by host');
    expect(rows.slice(0, acknowledged).map(({ host }) => host)).toEqual(
      Array.from({ length: acknowledged }, (_, at) => `h${String(at + 1).padStart(6, '0')}.test`),
    );
    await db.close();
  });
});

describe.skipIf(postgresMissing !== null)(
  `PostgreSQL${postgresMissing ? ` (skipped: ${postgresMissing})` : ''}`,
  () => {
    test('is migrated once by any number that open it at once', async () => {
      const url = await freshDatabase(server!);
      const all = await Promise.all(Array.from({ length: 5 }, () => openDatabase({ url })));
      const applied = await all[0]!.query<{ number: number }>('select number from migration order by number');
      expect(applied.map(({ number }) => number)).toEqual(applied.map((_, at) => at + 1));
      await Promise.all(all.map((each) => each.close()));
    });

    test('opens no more connections than it was told, whatever is asked at once', async () => {
      const db = await openDatabase({ url: await freshDatabase(server!) }, 2);
      const asked = Array.from({ length: 8 }, (_, n) =>
        db.transaction((tx) =>
          tx.query<{ n: number; pid: number }>('select $1::int as n, pg_backend_pid() as pid', [n]),
        ),
      );
      const rows = (await Promise.all(asked)).flat();
      expect(rows.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(new Set(rows.map(({ pid }) => pid)).size).toBeLessThanOrEqual(2);
      await db.close();
    });

    test('resolves a real deadlock: both transactions are there in the end', async () => {
      const db = await openDatabase({ url: await freshDatabase(server!) });
      await db.query('create table pair (id text primary key, n integer not null)');
      await db.query("insert into pair values ('a', 0), ('b', 0)");
      const both = { met: 0 };
      const cross = (first: string, second: string) =>
        db.transaction(async (tx) => {
          await tx.query('update pair set n = n + 1 where id = $1', [first]);
          both.met += 1;
          while (both.met < 2) await new Promise((done) => setTimeout(done, 5));
          await tx.query('update pair set n = n + 1 where id = $1', [second]);
        });
      await Promise.all([cross('a', 'b'), cross('b', 'a')]);
      expect(await db.query('select id, n from pair order by id')).toEqual([
        { id: 'a', n: 2 },
        { id: 'b', n: 2 },
      ]);
      await db.close();
    });

    test('does not end the process when the server is killed, and works again when it is back', async () => {
      const url = await freshDatabase(server!);
      const db = await openDatabase({ url });
      const listener = await db.pool('kuzet', 2).connect();
      await listener.query('listen news');
      const long = expect(db.query('select pg_sleep(30)')).rejects.toThrow();
      await db.query('select 1');
      await server!.kill();
      await long;
      await expect(db.query('select 1')).rejects.toThrow();
      await server!.restart();
      expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
      listener.release(true);
      await db.close();
    });

    test('a wrong address is told with the host and without the password', async () => {
      const wrong = openDatabase({ url: 'postgres://kuzet:hush@127.0.0.1:1/none' });
      await expect(wrong).rejects.toThrow(PostgresUnusableError);
      await expect(wrong).rejects.toThrow(/127\.0\.0\.1:1\/none(?!.*hush)/);
      await expect(openDatabase({ url: 'not an address' })).rejects.toThrow(PostgresUnusableError);
    });
  },
);
