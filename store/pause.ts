/**
 * The switch that holds all visits, of every worker: a row that each turn at a host looks for, so that the
 * request under way is the last one. Who turned it, when and why goes into the ledger.
 */
import type { Database } from './database.ts';
import { appendToLedger } from './ledger.ts';

export interface Pause {
  readonly at: Date;
  readonly by: string;
  readonly reason: string;
}

export interface PauseStore {
  /** Null while visits go on. */
  get(): Promise<Pause | null>;
  /** Holds all visits; false when they were held already, and then nothing changes. */
  pause(pause: Pause): Promise<boolean>;
  /** Lets visits go on; false when they did. */
  resume(by: string, now: Date): Promise<boolean>;
}

export function pauseStore(db: Database): PauseStore {
  return {
    async get() {
      const [row] = await db.query<{ at: Date; by: string; reason: string }>(
        'select at, by, reason from pause',
      );
      return row ?? null;
    },
    async pause({ at, by, reason }) {
      return db.transaction(async (tx) => {
        const written = await tx.query(
          'insert into pause (at, by, reason) values ($1, $2, $3) on conflict do nothing returning held',
          [at, by, reason],
        );
        if (written.length === 0) return false;
        await appendToLedger(tx, [
          { at, kind: 'pause', subject: at.toISOString(), entry: { is: 'paused', by, reason } },
        ]);
        return true;
      });
    },
    async resume(by, now) {
      return db.transaction(async (tx) => {
        const [row] = await tx.query<{ at: Date }>('delete from pause returning at');
        if (row === undefined) return false;
        const subject = row.at.toISOString();
        await appendToLedger(tx, [{ at: now, kind: 'pause', subject, entry: { is: 'resumed', by } }]);
        return true;
      });
    },
  };
}
