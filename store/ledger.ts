/**
 * Rows of the ledger (`domain/ledger.ts`). Each is written in the transaction of what it tells of, so that
 * neither stands without the other; the table's lock keeps two writers on one chain.
 *
 * The lock is held to the end of the transaction: append last, when all rows that others may wait for are taken.
 */
import { type LedgerEvent, type LedgerRow, nextRow } from '../domain/ledger.ts';
import type { Database, Queryable } from './database.ts';
import { type LedgerVerdict, readRows, verifyLedger } from './ledger-verify.ts';

export type { LedgerVerdict };

/** The ledger as a file: a line that says what it is, a line a row, a line a stamp. */
export type LedgerLine =
  | { readonly format: 'kuzet-ledger'; readonly version: 1 }
  | { readonly row: LedgerRow }
  | { readonly stamp: { readonly sha256: string; readonly authority: string; readonly token: string } };

export interface LedgerStore {
  /** Rows after `seq`, in order; at most `limit`. */
  list(afterSeq: number, limit: number): Promise<LedgerRow[]>;
  /** All rows in order, then the stamps of its roots, tokens in base64. */
  lines(): AsyncIterable<LedgerLine>;
  /** Appends one event by itself. */
  append(event: LedgerEvent): Promise<LedgerRow>;
  /**
   * Seals what is there as the root of `now`'s day (UTC); null when nothing but seals and stamps came since the
   * last root.
   */
  seal(now: Date): Promise<LedgerRow | null>;
  /** As `seal`, unless the day has its root already. */
  sealDay(now: Date): Promise<LedgerRow | null>;
  /** Reads the whole chain, and compares it with the acts, captures, batches and stamps it tells of. */
  verify(): Promise<LedgerVerdict>;
}

/** Rows read at a time. */
const AT_ONCE = 500;

export function ledgerStore(db: Database): LedgerStore {
  return {
    list: (afterSeq, limit) => readRows(db, afterSeq, limit),
    async *lines() {
      yield { format: 'kuzet-ledger', version: 1 };
      for (let after = 0; ; ) {
        const rows = await readRows(db, after, AT_ONCE);
        for (const row of rows) yield { row };
        after = rows.at(-1)?.seq ?? after;
        if (rows.length < AT_ONCE) break;
      }
      const stamps = await db.query<{ sha256: string; authority: string; token: Buffer }>(
        "select sha256, authority, token from stamp where of = 'root' and token is not null order by stamped_at, sha256",
      );
      for (const { sha256, authority, token } of stamps) {
        yield { stamp: { sha256, authority, token: token.toString('base64') } };
      }
    },
    async append(event) {
      return db.transaction(async (tx) => (await appendToLedger(tx, [event]))[0]!);
    },
    seal: (now) => db.transaction((tx) => sealIn(tx, now)),
    async sealDay(now) {
      const day = now.toISOString().slice(0, 10);
      return db.transaction(async (tx) => {
        const [known] = await tx.query(
          "select 1 as known from ledger where kind = 'root' and md5(subject) = md5($1) limit 1",
          [day],
        );
        return known === undefined ? sealIn(tx, now) : null;
      });
    },
    async verify() {
      return db.transaction((tx) => verifyLedger(tx));
    },
  };
}

async function sealIn(tx: Queryable, now: Date): Promise<LedgerRow | null> {
  await lockLedger(tx);
  const last = await lastRow(tx);
  const [news] = await tx.query<{ seq: number }>(
    `select seq from ledger where kind not in ('root', 'stamp')
       and seq > (select coalesce(max(seq), 0) from ledger where kind = 'root') limit 1`,
  );
  if (last === null || news === undefined) return null;
  const day = now.toISOString().slice(0, 10);
  const entry = { day, rows: last.seq, head: last.hash };
  return (await appendToLedger(tx, [{ at: now, kind: 'root', subject: day, entry }]))[0]!;
}

/** Writes events as the next rows, in order. The last thing a transaction does. */
export async function appendToLedger(tx: Queryable, events: readonly LedgerEvent[]): Promise<LedgerRow[]> {
  if (events.length === 0) return [];
  await lockLedger(tx);
  let last: Pick<LedgerRow, 'seq' | 'hash'> | null = await lastRow(tx);
  const rows: LedgerRow[] = [];
  for (const event of events) {
    const row = nextRow(last, event);
    rows.push(row);
    last = row;
  }
  await tx.query(
    `insert into ledger (seq, at, kind, subject, entry, prev, hash)
     select * from unnest($1::int8[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])`,
    [
      rows.map(({ seq }) => seq),
      events.map(({ at }) => at),
      rows.map(({ kind }) => kind),
      rows.map(({ subject }) => subject),
      rows.map(({ entry }) => entry),
      rows.map(({ prev }) => prev),
      rows.map(({ hash }) => hash),
    ],
  );
  return rows;
}

async function lockLedger(tx: Queryable): Promise<void> {
  await tx.query('lock table ledger in share row exclusive mode');
}

async function lastRow(tx: Queryable): Promise<{ seq: number; hash: string } | null> {
  const [row] = await tx.query<{ seq: number; hash: string }>(
    'select seq, hash from ledger order by seq desc limit 1',
  );
  return row ?? null;
}
