/**
 * How often somebody may: log-ins that fail, letters that come without a log-in. Rows, so that a restart forgets nothing and
 * all desks on one store count together; hashed with a salt of the day (Almaty's), so that they name nobody.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Database, Queryable } from './database.ts';

export interface Allowance {
  /** Counts one more under the name, unless there were `most` within the hour; tells whether it was counted. */
  takes(name: string, most: number, now: Date): Promise<boolean>;
  /**
   * Counts a failure under each name, before it is known to be one; `forget` takes it back. Where one of the names has to
   * wait nothing is counted, and it is told how many seconds: 0 to go on.
   *
   * A name has so many free failures; every further one doubles the wait, from 1 second to 15 minutes. A quarter of an
   * hour without a failure clears the count.
   */
  fails(names: readonly { readonly name: string; readonly free: number }[], now: Date): Promise<number>;
  forget(names: readonly string[], now: Date): Promise<void>;
  /** The last try under the name was none: it counts one less. */
  takeBack(name: string, now: Date): Promise<void>;
}

const HOUR_MS = 3_600_000;
const CLEARS_MS = 900_000;

export function allowanceStore(db: Database): Allowance {
  return {
    async takes(name, most, now) {
      return db.transaction(async (tx) => {
        const key = await keyOf(tx, name, now);
        const [row] = await tx.query<{ n: number }>(
          `insert into allowance as a (key, n, first_at, last_at) values ($1, 1, $2, $2)
           on conflict (key) do update set n = case when a.first_at <= $3 then 1 else a.n + 1 end,
             first_at = case when a.first_at <= $3 then $2 else a.first_at end, last_at = $2
           returning n`,
          [key, now, new Date(now.getTime() - HOUR_MS)],
        );
        return row !== undefined && row.n <= most;
      });
    },
    async fails(names, now) {
      return db.transaction(async (tx) => {
        const asked = [];
        for (const { name, free } of names) asked.push({ free, key: await keyOf(tx, name, now) });
        // In one order, so that two who ask for the same names do not wait for each other.
        asked.sort((a, b) => (a.key < b.key ? -1 : 1));
        let waitSeconds = 0;
        for (const { key, free } of asked) {
          await tx.query(
            'insert into allowance (key, n, first_at, last_at) values ($1, 0, $2, $2) on conflict do nothing',
            [key, now],
          );
          const [row] = await tx.query<{ n: number; last_at: Date }>(
            'select n, last_at from allowance where key = $1 for update',
            [key],
          );
          waitSeconds = Math.max(waitSeconds, waitOf(row?.n ?? 0, row?.last_at ?? now, free, now));
        }
        if (waitSeconds > 0) return waitSeconds;
        await tx.query(
          `update allowance set n = case when last_at <= $3 then 1 else n + 1 end, last_at = $2 where key = any($1::text[])`,
          [asked.map(({ key }) => key), now, new Date(now.getTime() - CLEARS_MS)],
        );
        return 0;
      });
    },
    async takeBack(name, now) {
      await db.query('update allowance set n = n - 1 where key = $1 and n > 0', [await keyOf(db, name, now)]);
    },
    async forget(names, now) {
      const keys = [];
      for (const name of names) keys.push(await keyOf(db, name, now));
      await db.query('delete from allowance where key = any($1::text[])', [keys]);
    },
  };
}

/** Seconds still to wait after `failures`, the last of them at `last`. */
export function waitOf(failures: number, last: Date, free: number, now: Date): number {
  const since = now.getTime() - last.getTime();
  if (failures < free || since >= CLEARS_MS) return 0;
  const pauseSeconds = Math.min(CLEARS_MS / 1000, 2 ** Math.min(20, failures - free));
  return Math.max(0, Math.ceil(pauseSeconds - since / 1000));
}

/** A new day begins with a new salt, and forgets who came before the last hour. */
async function keyOf(db: Queryable, name: string, now: Date): Promise<string> {
  const read = () =>
    db.query<{ salt: Buffer }>('select salt from allowance_salt where day = tally_day($1)', [now]);
  let [row] = await read();
  if (row === undefined) {
    await db.query(
      'insert into allowance_salt (day, salt) values (tally_day($1), $2) on conflict (day) do nothing',
      [now, randomBytes(32)],
    );
    await db.query('delete from allowance_salt where day < tally_day($1)', [now]);
    await db.query('delete from allowance where last_at < $1', [new Date(now.getTime() - HOUR_MS)]);
    [row] = await read();
  }
  return createHmac('sha256', row!.salt).update(name).digest('base64url');
}
