/** What every engine under the store keeps to. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database, Notification } from '../../store/database.ts';
import { OutsideTransactionError } from '../../store/transaction.ts';

/**
 * @param open an empty, migrated store.
 * @param missing why the engine cannot be had here; null when it can.
 */
export function databaseConformance(
  name: string,
  open: () => Promise<Database>,
  missing: string | null = null,
): void {
  const skipped = missing === null ? '' : ` (skipped: ${missing})`;
  describe.skipIf(missing !== null)(`a store on ${name}${skipped}`, () => {
    let db: Database;

    beforeAll(async () => {
      db = await open();
      await db.query('create table trial (id integer primary key, word text)');
    });
    afterAll(async () => {
      await db?.close();
    });

    describe('gives every column type as one JavaScript type', () => {
      const columns: readonly [sql: string, value: unknown][] = [
        ['9007199254740991::int8', 9_007_199_254_740_991],
        ['-5::int4', -5],
        ['12.50::numeric', 12.5],
        ['0.1::float8', 0.1],
        ['true', true],
        ["'Күзет'::text", 'Күзет'],
        ["'2026-01-31 09:30:00.25+05'::timestamptz", new Date('2026-01-31T04:30:00.250Z')],
        ["'2026-01-31'::date", '2026-01-31'],
        [`'{"a":[1,"ә",null]}'::jsonb`, { a: [1, 'ә', null] }],
        ["'\\x00ff10'::bytea", Buffer.from([0, 255, 16])],
        ["array['a','b c',null,'NULL','']::text[]", ['a', 'b c', null, 'NULL', '']],
        ['array[1,2]::int8[]', [1, 2]],
        ['array[1.5,2]::numeric[]', [1.5, 2]],
        ["'{}'::text[]", []],
        ["'018f3a00-0000-7000-8000-000000000001'::uuid", '018f3a00-0000-7000-8000-000000000001'],
        ['null::text', null],
        ['(select count(*) from trial where id < 0)', 0],
      ];
      test.each(columns)('%s', async (sql, value) => {
        const [row] = await db.query<{ it: unknown }>(`select ${sql} as it`);
        expect(row!.it).toStrictEqual(value);
      });

      test('refuses an int8 that a number would round', async () => {
        await expect(db.query('select 9007199254740993::int8 as it')).rejects.toThrow(RangeError);
      });
    });

    describe('takes parameters and gives them back', () => {
      const echo = async (type: string, value: unknown): Promise<unknown> => {
        const [row] = await db.query<{ it: unknown }>(`select $1::${type} as it`, [value]);
        return row!.it;
      };
      // PostgreSQL has no NUL in text, and a lone surrogate is no character.
      const text = fc
        .string({ unit: 'binary', maxLength: 40 })
        .map((each) => each.replaceAll('\0', '').toWellFormed());
      const runs = { numRuns: 40 };

      test('any text', async () => {
        await fc.assert(
          fc.asyncProperty(text, async (it) => {
            expect(await echo('text', it)).toBe(it);
          }),
          runs,
        );
      });
      test('any list of texts', async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(fc.option(text), { maxLength: 6 }), async (it) => {
            expect(await echo('text[]', it)).toEqual(it);
          }),
          runs,
        );
      });
      test('any bytes, as Buffer or plain array', async () => {
        await fc.assert(
          fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (it) => {
            expect(await echo('bytea', it)).toEqual(Buffer.from(it));
            expect(await echo('bytea', Buffer.from(it))).toEqual(Buffer.from(it));
          }),
          runs,
        );
      });
      test('any instant from year 1 to 9999, to the millisecond', async () => {
        const instant = fc.date({
          min: new Date('0001-01-01T00:00:00Z'),
          max: new Date('9999-12-31T23:59:59.999Z'),
          noInvalidDate: true,
        });
        await fc.assert(
          fc.asyncProperty(instant, async (it) => {
            expect(await echo('timestamptz', it)).toEqual(it);
          }),
          runs,
        );
      });
      test('any JSON, as text', async () => {
        const json = fc
          .jsonValue()
          .filter((it) => !/\\u0000|-0[^.\d]|\\ud[89a-f]/i.test(`${JSON.stringify(it)} `));
        await fc.assert(
          fc.asyncProperty(json, async (it) => {
            const [row] = await db.query<{ it: unknown }>('select $1::jsonb as it', [JSON.stringify(it)]);
            expect(row!.it).toEqual(JSON.parse(JSON.stringify(it)));
          }),
          runs,
        );
      });
      test('numbers, truth and nothing', async () => {
        expect(await echo('int8', 9_007_199_254_740_991)).toBe(9_007_199_254_740_991);
        expect(await echo('float8', -0.25)).toBe(-0.25);
        expect(await echo('text', 7)).toBe('7');
        expect(await echo('boolean', false)).toBe(false);
        expect(await echo('text', null)).toBe(null);
        expect(await echo('int4[]', [1, 2, 3])).toEqual([1, 2, 3]);
      });
    });

    test('keeps everything in schema kuzet', async () => {
      const rows = await db.query<{ schema: string }>(
        `select n.nspname as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and c.relname in ('trial', 'cases')`,
      );
      expect(rows).toEqual([{ schema: 'kuzet' }, { schema: 'kuzet' }]);
    });

    test('rejects with the SQLSTATE as code', async () => {
      await expect(db.query('select * from nowhere')).rejects.toMatchObject({ code: '42P01' });
      await db.query("insert into trial values (900, 'once')");
      await expect(db.query("insert into trial values (900, 'twice')")).rejects.toMatchObject({
        code: '23505',
      });
    });

    describe('a transaction', () => {
      test('gives what its work gives, and its rows stay', async () => {
        const given = await db.transaction(async (tx) => {
          await tx.query("insert into trial values (1, 'kept')");
          return 'done';
        });
        expect(given).toBe('done');
        expect(await db.query('select word from trial where id = 1')).toEqual([{ word: 'kept' }]);
      });

      test('leaves nothing behind when its work throws, and throws the same', async () => {
        const mishap = new Error('the evidence disk is full');
        const work = db.transaction(async (tx) => {
          await tx.query("insert into trial values (2, 'gone')");
          throw mishap;
        });
        await expect(work).rejects.toBe(mishap);
        expect(await db.query('select * from trial where id = 2')).toEqual([]);
      });

      test('leaves nothing behind when a statement of it fails', async () => {
        const work = db.transaction(async (tx) => {
          await tx.query("insert into trial values (3, 'gone')");
          await tx.query('select 1/0');
        });
        await expect(work).rejects.toMatchObject({ code: '22012' });
        expect(await db.query('select * from trial where id = 3')).toEqual([]);
      });

      test('does not mix with others at the same time', async () => {
        await db.query("insert into trial values (10, '0')");
        await Promise.all(
          Array.from({ length: 20 }, (_, at) =>
            db
              .transaction(async (tx) => {
                const [row] = await tx.query<{ word: string }>(
                  'select word from trial where id = 10 for update',
                );
                await tx.query('update trial set word = $1 where id = 10', [String(Number(row!.word) + 1)]);
                if (at % 4 === 3) throw new Error('changed its mind');
              })
              .catch((error: Error) => error.message),
          ),
        );
        expect(await db.query('select word from trial where id = 10')).toEqual([{ word: '15' }]);
      });

      test('is run again from the start after a serialisation failure or a deadlock', async () => {
        for (const code of ['40001', '40P01']) {
          let runs = 0;
          await db.transaction(async (tx) => {
            runs += 1;
            await tx.query('insert into trial values ($1, $2)', [code === '40001' ? 20 : 21, String(runs)]);
            if (runs < 3) await tx.query(`do $$ begin raise exception using errcode = '${code}'; end $$`);
          });
          expect(runs).toBe(3);
        }
        expect(await db.query('select word from trial where id in (20, 21)')).toEqual([
          { word: '3' },
          { word: '3' },
        ]);
      });

      test('gives up after five runs', async () => {
        let runs = 0;
        const work = db.transaction(async (tx) => {
          runs += 1;
          await tx.query("do $$ begin raise exception using errcode = '40001'; end $$");
        });
        await expect(work).rejects.toMatchObject({ code: '40001' });
        expect(runs).toBe(5);
      });

      test('refuses to be gone round: no query of the database inside, none of tx afterwards', async () => {
        const inside = db.transaction(async () => db.query('select 1'));
        await expect(inside).rejects.toThrow(OutsideTransactionError);
        const nested = db.transaction(async () => db.transaction(async () => 1));
        await expect(nested).rejects.toThrow(OutsideTransactionError);
        const tx = await db.transaction(async (each) => each);
        await expect(tx.query('select 1')).rejects.toThrow(OutsideTransactionError);
        expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
      });
    });

    describe('a pool for another schema', () => {
      test('finds its own names, and the store still finds its own', async () => {
        await db.query('create schema if not exists guest');
        const pool = db.pool('guest', 2);
        await pool.query('create table trial (id integer)');
        await pool.query('insert into trial values ($1)', [77]);
        expect((await pool.query('select * from trial')).rows).toEqual([{ id: 77 }]);
        expect(await db.query('select * from trial where id = 77')).toEqual([]);
      });

      test('keeps a session from BEGIN to COMMIT apart from the rest', async () => {
        const session = await db.pool('guest', 2).connect();
        await session.query('BEGIN');
        await session.query('create table apart (id integer)');
        const meanwhile = db.query("insert into trial values (30, 'meanwhile')");
        await session.query('ROLLBACK');
        session.release();
        await meanwhile;
        expect(await db.query('select word from trial where id = 30')).toEqual([{ word: 'meanwhile' }]);
        expect(await db.query("select to_regclass('guest.apart') as it")).toEqual([{ it: null }]);
      });

      test('undoes what a session left open', async () => {
        const session = await db.pool('guest', 2).connect();
        await session.query('BEGIN');
        await session.query('create table forgotten (id integer)');
        session.release(true);
        expect(await db.query("select to_regclass('guest.forgotten') as it")).toEqual([{ it: null }]);
      });

      test('hears what is notified elsewhere, until it is released', async () => {
        const session = await db.pool('guest', 2).connect();
        const heard: Notification[] = [];
        const first = new Promise<void>((done) => {
          session.on('notification', (message) => {
            heard.push(message);
            done();
          });
        });
        await session.query('-- a comment goes first\nLISTEN "guest_news";');
        await db.query("select pg_notify('guest_news', 'come')");
        await first;
        session.release(true);
        // The server learns of the closed connection a little later than we do.
        await new Promise((done) => setTimeout(done, 300));
        await db.query("select pg_notify('guest_news', 'too late')");
        expect(heard.map(({ channel, payload }) => ({ channel, payload }))).toEqual([
          { channel: 'guest_news', payload: 'come' },
        ]);
      });
    });

    test('closes twice without harm, and takes no query afterwards', async () => {
      const other = await open();
      await other.close();
      await other.close();
      await expect(other.query('select 1')).rejects.toThrow(/closed|after calling end/i);
    });
  });
}
