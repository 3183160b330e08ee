/** What a transaction means on both engines: it is run again after a clash, and keeps to itself. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queryable } from './database.ts';

/** A query missed its transaction: an embedded store would wait for itself for ever. */
export class OutsideTransactionError extends Error {
  override readonly name = 'OutsideTransactionError';
}

export interface TransactionScope {
  /** @throws OutsideTransactionError inside `run`. */
  assertOutside(): void;
  /** Runs `work` with a `tx` that is of no use any more once `work` has ended. */
  run<T>(session: Queryable, work: (tx: Queryable) => Promise<T>): Promise<T>;
}

/** One a database: a transaction of one store may well ask another store. */
export function transactionScope(): TransactionScope {
  const scope = new AsyncLocalStorage<{ isOpen: boolean }>();
  let open = 0;
  return {
    assertOutside() {
      if (scope.getStore()?.isOpen !== true) return;
      throw new OutsideTransactionError(
        'The database was asked from inside one of its transactions. Ask the tx that transaction() hands over.',
      );
    },
    async run(session, work) {
      const state = { isOpen: true };
      open += 1;
      const tx: Queryable = {
        async query(sql, params) {
          if (state.isOpen) return session.query(sql, params);
          throw new OutsideTransactionError(
            'A tx was used after its transaction had ended. Await every query before the work returns.',
          );
        },
      };
      try {
        return await scope.run(state, () => work(tx));
      } finally {
        state.isOpen = false;
        open -= 1;
        // While it is on, Node follows every promise of the process; the next transaction turns it on again.
        if (open === 0) scope.disable();
      }
    },
  };
}

const MOST_TRIES = 5;

/** Tries again while two transactions got in each other's way, up to five times, a little later each time. */
export async function againAfterClash<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === MOST_TRIES || !isClash(error)) throw error;
      // Not in step: two that clashed once would clash again.
      await sleep(Math.random() * 10 * 2 ** tries);
    }
  }
}

/** serialization_failure and deadlock_detected (PostgreSQL, appendix A), however deeply wrapped. */
function isClash(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && (error.code === '40001' || error.code === '40P01')) return true;
  return isClash(error.cause);
}
