/** A store of an older program, filled, is opened by this one: `older/006-filled.sql` are its rows. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PassageEvent } from '../../domain/passage.ts';
import { accountStore } from '../../store/accounts.ts';
import { batchStore } from '../../store/batches.ts';
import { captureStore } from '../../store/captures.ts';
import { caseStore } from '../../store/cases.ts';
import { DECODERS } from '../../store/columns.ts';
import type { Database } from '../../store/database.ts';
import { appendToLedger, ledgerStore } from '../../store/ledger.ts';
import { actEvent, batchEvent, passageEvent, type TakenRow } from '../../store/ledger-told.ts';
import { bundledMigrations, type MigrationSession, migrate } from '../../store/migrate.ts';
import { openPglite } from '../../store/pglite.ts';
import { MADE_WITH } from '../../store/prepared.ts';

const OLD = 6;

type Rows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

describe('a filled store at migration 6', () => {
  let folder: string;
  let before: Rows;
  let database: Database;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kuzet-older-'));
    const old = await PGlite.create({
      dataDir: join(folder, 'pglite'),
      parsers: { ...DECODERS },
      initDbStartParams: [...MADE_WITH],
    });
    const session: MigrationSession = {
      query: async <Row extends object>(sql: string, params?: readonly unknown[]) =>
        (await old.query<Row>(sql, params as unknown[])).rows,
      script: async (sql) => void (await old.exec(sql)),
    };
    await migrate(session, (await bundledMigrations()).slice(0, OLD));
    await old.exec("set search_path = kuzet; set timezone = 'UTC'");
    await old.exec(await readFile(new URL('./older/006-filled.sql', import.meta.url), 'utf8'));
    const acts = await session.query<Parameters<typeof actEvent>[0]>('select * from act order by seq');
    const [batch] = await session.query<Parameters<typeof batchEvent>[0]>('select * from batch');
    const taken = await session.query<TakenRow>('select n, case_id, referral from batch_case');
    const passed = await session.query<PassageEvent>('select at, by, kind, facts from passage_event');
    await session.script('begin');
    const passages = passed.map((event, at) => passageEvent('K-000001', at + 1, event));
    await appendToLedger(session, [...acts.map(actEvent), batchEvent(batch!, taken), ...passages]);
    await session.script('commit');
    before = await rowsOf(session);
    await old.close();
    database = await openPglite(folder);
  });

  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('has rows in every table of that time', () => {
    expect(Object.keys(before)).toHaveLength(28);
    expect(
      Object.entries(before)
        .filter(([, rows]) => rows.length === 0)
        .map(([name]) => name),
    ).toEqual([]);
  });

  test('has every row with every value again at the newest', async () => {
    const after = await rowsOf(database);
    for (const [name, rows] of Object.entries(before)) {
      // What columns were there then; a migration may have added others, and moved rows about.
      const columns = Object.keys(rows[0] ?? {});
      const same = (after[name] ?? []).map((row) => Object.fromEntries(columns.map((it) => [it, row[it]])));
      expect(same, name).toHaveLength(rows.length);
      expect(same, name).toEqual(expect.arrayContaining([...rows]));
    }
    const [{ number } = { number: 0 }] = await database.query<{ number: number }>(
      'select max(number) as number from migration',
    );
    expect(number).toBe((await bundledMigrations()).at(-1)?.number);
  });

  test('has its cases, pages, batch, accounts and chain, as the program reads them', async () => {
    const it = await caseStore(database).get('K-000001');
    expect(it).toMatchObject({
      subject: { kind: 'site', key: 'altyn.test' },
      label: 'pyramid',
      state: { is: 'referred', batch: 'KN_EXAMPLE_20260504_001' },
    });
    const [captured] = await captureStore(database).ofCase('K-000001');
    expect(captured).toMatchObject({
      capture: { url: 'https://altyn.test/', status: 200, warc: 'ab'.repeat(32) },
      page: { title: 'Алтын', assessment: { label: 'pyramid', verdict: 'flag' } },
    });
    expect(await batchStore(database).list()).toMatchObject([{ id: 'KN_EXAMPLE_20260504_001' }]);
    expect(await accountStore(database).count()).toBe(1);
    expect(await caseStore(database).list({ state: 'open' })).toMatchObject([{ id: 'K-000002' }]);
    // Its capture is older than its ledger was.
    expect(await ledgerStore(database).verify()).toMatchObject({ ok: true, rows: 7, before: 1, faults: [] });
  });

  test('takes new rows beside the old ones', async () => {
    const before = (await database.query('select seq from ledger')).length;
    await accountStore(database).invite(
      { login: 'daniyar', name: 'Данияр', role: 'officer' },
      new Date('2026-11-30T04:00:00Z'),
    );
    expect((await database.query('select seq from ledger')).length).toBeGreaterThan(before);
    expect(await accountStore(database).count()).toBe(2);
  });
});

/** Table -> its rows; migrations' own list aside. */
async function rowsOf(db: Pick<MigrationSession, 'query'>): Promise<Rows> {
  const tables = await db.query<{ name: string }>(
    `select relname::text as name from pg_class where relnamespace = 'kuzet'::regnamespace and relkind = 'r'
       and relname <> 'migration' order by relname collate "C"`,
  );
  const rows: Record<string, readonly Readonly<Record<string, unknown>>[]> = {};
  for (const { name } of tables) {
    const told = await db.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(it) as row from kuzet."${name}" it order by ctid`,
    );
    rows[name] = told.map(({ row }) => row);
  }
  return rows;
}
