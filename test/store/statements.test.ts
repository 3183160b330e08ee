import { PGlite, protocol } from '@electric-sql/pglite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asText, bind, type Statements, statementsOf } from '../../store/statements.ts';

describe('statements of the embedded engine', () => {
  let db: PGlite;
  let nowMs = 0;
  let statements: Statements;
  beforeAll(async () => {
    db = await PGlite.create('memory://');
    statements = statementsOf(db, () => nowMs);
    await db.exec('create table word (n integer, said text[])');
  });
  afterAll(() => db.close());

  const rowsOf = async (sql: string, params: readonly unknown[] = []) =>
    (await statements.ask<Record<string, unknown>>(sql, params)).rows;
  const kept = async () =>
    Number((await rowsOf('select count(*) as n from pg_prepared_statements'))[0]!['n']);
  const madeOf = async (sql: string) =>
    (await db.query<{ name: string }>('select name from pg_prepared_statements where statement = $1', [sql]))
      .rows;

  test('a statement keeps its plan between two askings', async () => {
    const sql = 'select $1::int + 1 as next';
    expect(await rowsOf(sql, [1])).toEqual([{ next: 2 }]);
    const before = await madeOf(sql);
    expect(await rowsOf(sql, [41])).toEqual([{ next: 42 }]);
    expect(before).toHaveLength(1);
    expect(await madeOf(sql)).toEqual(before);
  });

  test('a plan is made anew after a minute, and the one before is gone', async () => {
    const sql = 'select $1::int + 2 as next';
    await rowsOf(sql, [1]);
    const [before] = await madeOf(sql);
    nowMs += 60_000;
    await rowsOf(sql, [1]);
    const after = await madeOf(sql);
    expect(after).toHaveLength(1);
    expect(after[0]).not.toEqual(before);
  });

  test('no more than 400 plans are kept', async () => {
    for (let n = 0; n < 500; n += 1) await rowsOf(`select ${n} as n`);
    expect(await kept()).toBeLessThanOrEqual(401);
    expect(await rowsOf('select 0 as n')).toEqual([{ n: 0 }]);
  });

  test('a statement that fails is told with its code, and the next one is answered', async () => {
    await expect(rowsOf('select 1 / $1::int as it', [0])).rejects.toMatchObject({ code: '22012' });
    expect(await rowsOf('select 1 / $1::int as it', [1])).toEqual([{ it: 1 }]);
    await expect(rowsOf('select frm')).rejects.toMatchObject({ code: '42703' });
    await expect(rowsOf('select frm')).rejects.toMatchObject({ code: '42703' });
    expect(await rowsOf('select 2 as it')).toEqual([{ it: 2 }]);
  });

  test('a failure inside a transaction leaves it to be rolled back', async () => {
    await statements.ask('begin', []);
    await statements.ask('insert into word (n) values ($1)', [1]);
    await expect(rowsOf('select 1 / 0')).rejects.toMatchObject({ code: '22012' });
    await expect(rowsOf('select 3 as it')).rejects.toMatchObject({ code: '25P02' });
    await statements.ask('rollback', []);
    expect(await rowsOf('select n from word')).toEqual([]);
  });

  test('a statement whose table changed under it is answered by the second asking at the latest', async () => {
    await db.exec('create table shape (a integer); insert into shape values (1)');
    expect(await rowsOf('select * from shape')).toEqual([{ a: 1 }]);
    await db.exec("alter table shape add column b text default 'new'");
    await rowsOf('select * from shape').catch(() => undefined);
    expect(await rowsOf('select * from shape')).toEqual([{ a: 1, b: 'new' }]);
  });

  test('rows that were changed are counted', async () => {
    const { affectedRows } = await statements.ask(
      'insert into word (n) select * from generate_series(1, $1::int)',
      [3],
    );
    expect(affectedRows).toBe(3);
  });

  test('any texts and nothings come out of an array as they went in', async () => {
    const texts = fc.array(fc.option(fc.string({ unit: 'grapheme' }).map((it) => it.replaceAll('\0', ''))), {
      minLength: 1,
    });
    await fc.assert(
      fc.asyncProperty(texts, async (said) => {
        expect(await rowsOf('select array_to_json($1::text[]) as said', [said])).toEqual([{ said }]);
      }),
      { numRuns: 50 },
    );
  });

  test('bytes, numbers, truths, instants and objects are written as the engine reads them', async () => {
    expect(asText(Buffer.from([0, 255]))).toBe('\\x00ff');
    expect(
      await rowsOf(
        'select $1::bytea as b, $2::float8 as f, $3::bool as t, $4::timestamptz as at, $5::jsonb as j',
        [Buffer.from([0, 255]), 0.1, true, new Date('2026-11-30T00:00:00.250Z'), { a: ['б', null] }],
      ),
    ).toEqual([
      {
        b: new Uint8Array([0, 255]),
        f: 0.1,
        t: true,
        at: new Date('2026-11-30T00:00:00.250Z'),
        j: { a: ['б', null] },
      },
    ]);
    expect(asText(undefined)).toBeNull();
    expect(asText([['a'], ['"b"', null]])).toBe('{{"a"},{"\\"b\\"",NULL}}');
  });
});

describe('bind', () => {
  test('is one message of a statement without parameters, to the byte', () => {
    expect(bind('k1', []).toString('hex')).toBe(
      '42' + '0000000e' + '00' + '6b3100' + '0000' + '0000' + '0000',
    );
  });

  test('writes null as no bytes and letters as UTF-8', () => {
    const values = `0002${'ffffffff'}${'00000004'}${Buffer.from('үә').toString('hex')}`;
    expect(bind('k', [null, 'үә']).toString('hex')).toBe(`42${'00000019'}${'00'}6b00${'0000'}${values}0000`);
  });

  test('holds what PGlite itself would send of any texts, but that it names no format for each', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.string({ unit: 'binary' })), { maxLength: 20 }), (given) => {
        const values = given.map((it) => it?.replaceAll(/\p{Cs}/gu, '?') ?? null);
        const theirs = Buffer.from(protocol.serialize.bind({ statement: 'k7', values }));
        const ours = bind('k7', values);
        const head = 1 + 4 + 1 + 3 + 2;
        expect(ours.subarray(head)).toEqual(theirs.subarray(head + 2 * values.length));
      }),
    );
  });
});
