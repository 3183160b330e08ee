/**
 * Requests that carry a key of their own (`Idempotency-Key`): the same again is told what the first was told, and is not
 * done again. Source: IETF draft-ietf-httpapi-idempotency-key-header, section 2.
 *
 *     begin ─► running ─► keep ─► answered ─► forgotten after a day
 *                 └─► release: what was refused changed nothing, and the key is free again
 *
 * An act on a case takes its key in the act's own transaction (`takeKey`), so that it is done once even if the process dies.
 * Any other request that a process dies in stays `running`, and may be begun again after `RUNNING_MS`: the act's own rules
 * then meet it a second time.
 */
import type { Database, Queryable } from './database.ts';

export interface Once {
  /** Whose key it is: two may choose the same. */
  readonly owner: string;
  readonly key: string;
  /** SHA-256 of what was asked: the same key for anything else is refused. */
  readonly requestSha256: string;
}

/** A key was used before, for another request. */
export class KeyReusedError extends Error {
  override readonly name = 'KeyReusedError';
  readonly facts: { readonly key: string };

  constructor(key: string) {
    super('This Idempotency-Key was used for another request. Give each request a key of its own.');
    this.facts = { key };
  }
}

export interface KeptAnswer {
  readonly status: number;
  /** Null where it held what is told once only, such as the secret of an invitation. */
  readonly body: string | null;
}

export type Begun =
  | { readonly is: 'begun' }
  /** The first is being done still. */
  | { readonly is: 'running' }
  | ({ readonly is: 'answered' } & KeptAnswer);

export interface OnceStore {
  /** @throws KeyReusedError for a key of another request. */
  begin(once: Once, now: Date): Promise<Begun>;
  /** @param begunAt the moment that `begin` was given: who came too late keeps nothing. */
  keep(once: Once, begunAt: Date, answer: KeptAnswer): Promise<void>;
  release(once: Once, begunAt: Date): Promise<void>;
  /** Keys of more than a day ago go; how many did. */
  forget(now: Date): Promise<number>;
}

/** How long a request may take before its process counts as dead: longer than the largest batch takes to build. */
export const RUNNING_MS = 600_000;
/** How long the same again is known. */
export const KEPT_MS = 86_400_000;

export function onceStore(db: Database): OnceStore {
  return {
    async begin({ owner, key, requestSha256 }, now) {
      const begun = await db.query(
        `insert into done_once as o (owner, key, request_sha256, at, running_since) values ($1, $2, $3, $4, $4)
         on conflict (owner, key) do update set at = $4, running_since = $4
           where o.request_sha256 = $3 and o.running_since < $5
         returning 1 as begun`,
        [owner, key, requestSha256, now, new Date(now.getTime() - RUNNING_MS)],
      );
      if (begun.length > 0) return { is: 'begun' };
      const [row] = await db.query<{ request_sha256: string; status: number | null; answer: string | null }>(
        'select request_sha256, status, answer from done_once where owner = $1 and key = $2',
        [owner, key],
      );
      // Released this very moment: whoever asks again begins it.
      if (row === undefined) return { is: 'running' };
      if (row.request_sha256 !== requestSha256) throw new KeyReusedError(key);
      return row.status === null
        ? { is: 'running' }
        : { is: 'answered', status: row.status, body: row.answer };
    },
    async keep({ owner, key }, begunAt, { status, body }) {
      await db.query(
        `update done_once set running_since = null, status = $4, answer = $5
         where owner = $1 and key = $2 and running_since = $3`,
        [owner, key, begunAt, status, body],
      );
    },
    async release({ owner, key }, begunAt) {
      await db.query('delete from done_once where owner = $1 and key = $2 and running_since = $3', [
        owner,
        key,
        begunAt,
      ]);
    },
    async forget(now) {
      const gone = await db.query('delete from done_once where at < $1 returning 1 as gone', [
        new Date(now.getTime() - KEPT_MS),
      ]);
      return gone.length;
    },
  };
}

/** True for a key that was not used before; taken with what else the transaction does. @throws KeyReusedError */
export async function takeKey(
  tx: Queryable,
  { owner, key, requestSha256 }: Once,
  now: Date,
): Promise<boolean> {
  const taken = await tx.query(
    'insert into done_once (owner, key, request_sha256, at) values ($1, $2, $3, $4) on conflict do nothing returning 1 as taken',
    [owner, key, requestSha256, now],
  );
  if (taken.length > 0) return true;
  const [row] = await tx.query<{ request_sha256: string }>(
    'select request_sha256 from done_once where owner = $1 and key = $2',
    [owner, key],
  );
  if (row?.request_sha256 !== requestSha256) throw new KeyReusedError(key);
  return false;
}
