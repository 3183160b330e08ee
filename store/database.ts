/** The store's engine as the rooms see it: SQL in, plain rows out, the same from PGlite and PostgreSQL. */
import type { FolderLock } from './lock.ts';

/**
 * Something that takes SQL; unqualified names are found in schema `kuzet`.
 *
 * Parameters: `Date`, `Uint8Array`, `null`, numbers, strings, booleans, arrays of these; JSON goes in as
 * `JSON.stringify` text with `::jsonb`.
 * Columns: int8 and numeric come as numbers, timestamptz as `Date`, date and time as text
 * (`2026-01-31`: a day has no time zone), jsonb parsed, bytea as `Buffer`, `text[]` as `string[]`.
 */
export interface Queryable {
  /**
   * One statement.
   *
   * @throws RangeError when an int8 does not fit a number exactly.
   */
  query<Row extends object>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
}

export interface Database extends Queryable {
  readonly engine: 'pglite' | 'postgres';
  /** The folder's lock, for the owner to announce itself in; null on PostgreSQL and in memory. */
  readonly lock: FolderLock | null;
  /**
   * Runs `work` in one transaction and commits when it resolves; a throw rolls back and is thrown on.
   * Serialisation failures and deadlocks run `work` again, from the start and up to five times in all, so
   * that it may hold nothing but reads and writes of `tx`.
   *
   * @throws OutsideTransactionError when `work` asks the database itself instead of `tx`.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /**
   * A `pg.Pool`-shaped door to the same engine with another schema's names, for a library that brings its
   * own SQL. The schema is not created. Closed by `close`.
   *
   * @param most connections open at once, on PostgreSQL; each listener holds one.
   */
  pool(schema: string, most: number): SessionPool;
  /** Waits for what is running, then closes. Harmless when done twice. */
  close(): Promise<void>;
}

/** What BullMQ's PostgreSQL backend asks of a pool; `pg.Pool` is one. */
export interface SessionPool {
  query<Row>(sql: string, params?: readonly unknown[]): Promise<{ rows: Row[]; rowCount?: number | null }>;
  connect(): Promise<Session>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'connect', listener: (session: Session) => void): this;
  removeAllListeners(event?: string): this;
}

export interface Session {
  query<Row>(sql: string, params?: readonly unknown[]): Promise<{ rows: Row[]; rowCount?: number | null }>;
  release(destroy?: boolean): void;
  on(event: 'notification', listener: (message: Notification) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'end', listener: () => void): this;
  removeListener(event: 'notification', listener: (message: Notification) => void): this;
  removeAllListeners(event?: string): this;
}

export interface Notification {
  readonly channel: string;
  readonly payload?: string;
}
