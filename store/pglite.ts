/**
 * The embedded store: PGlite, PostgreSQL as WebAssembly, in one folder or in memory. For a trial or one
 * desk: it serves one process (`store/lock.ts` sees to that) and does not wait for the disk, so that a
 * power cut may cost the last rows; a killed process costs none.
 *
 * PGlite is one session, and several parts of the program share it. They take turns: a turn is one
 * statement or one whole transaction, in the schema of whoever has it.
 */
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { DECODERS, encode } from './columns.ts';
import type { Database, Queryable, Session, SessionPool } from './database.ts';
import { type FolderLock, lockFolder } from './lock.ts';
import { migrate } from './migrate.ts';
import { type Statements, statementsOf } from './statements.ts';
import { againAfterClash, type TransactionScope, transactionScope } from './transaction.ts';

/** The store was closed; whoever still asks was not stopped first. */
export class StoreClosedError extends Error {
  override readonly name = 'StoreClosedError';

  constructor() {
    super('The store is closed. Stop workers and queues before the store they work on.');
  }
}

/**
 * @param folder made if need be; null for a store in memory.
 * @throws StoreInUseError when a process has the folder; StoreNewerError, MigrationHistoryError,
 *   MigrationFailedError as `migrate` does.
 */
export async function openPglite(folder: string | null): Promise<Database> {
  const lock = folder === null ? null : await lockFolder(folder);
  let db: PGlite | null = null;
  try {
    db = await PGlite.create({
      dataDir: folder === null ? 'memory://' : join(folder, 'pglite'),
      parsers: { ...DECODERS },
    });
    const statements = statementsOf(db);
    await prepare(db, statements);
    return databaseOn(db, statements, lock);
  } catch (error) {
    await db?.close();
    await lock?.release();
    throw error;
  }
}

async function prepare(db: PGlite, statements: Statements): Promise<void> {
  await db.exec("set timezone = 'UTC'; set datestyle = 'ISO'");
  await migrate({
    query: (sql, params) => ask(statements, sql, params),
    script: async (sql) => {
      await db.exec(sql);
    },
  });
}

function databaseOn(db: PGlite, statements: Statements, lock: FolderLock | null): Database {
  const turns = takeTurns(statements);
  const scope = transactionScope();
  const session: Queryable = { query: (sql, params) => ask(statements, sql, params) };
  let closing: Promise<void> | null = null;
  return {
    engine: 'pglite',
    lock,
    async query(sql, params) {
      scope.assertOutside();
      return turns.during('kuzet', () => session.query(sql, params));
    },
    async transaction(work) {
      scope.assertOutside();
      return againAfterClash(() =>
        turns.during('kuzet', () => inTransaction(statements, () => scope.run(session, work))),
      );
    },
    pool: (schema) => pglitePool({ db, statements }, guarded(turns, scope), schema),
    close() {
      closing ??= (async () => {
        await turns.end();
        try {
          await db.exec('checkpoint');
          await db.close();
        } finally {
          await lock?.release();
        }
      })();
      return closing;
    },
  };
}

async function ask<Row extends object>(
  statements: Statements,
  sql: string,
  params: readonly unknown[] = [],
): Promise<Row[]> {
  const { rows } = await statements.ask<Row>(sql, encode(params));
  return rows;
}

async function inTransaction<T>(statements: Statements, work: () => Promise<T>): Promise<T> {
  await statements.ask('begin', []);
  try {
    const result = await work();
    await statements.ask('commit', []);
    return result;
  } catch (error) {
    await statements.ask('rollback', []);
    throw error;
  }
}

interface Turns {
  /** Waits for the session, sets its schema, and hands over what gives it back. */
  take(schema: string): Promise<() => void>;
  during<T>(schema: string, work: () => Promise<T>): Promise<T>;
  /** Waits for whoever has or awaits a turn; nobody gets one afterwards. */
  end(): Promise<void>;
}

function takeTurns(statements: Statements): Turns {
  let last: Promise<void> = Promise.resolve();
  let schemaNow = '';
  let isOver = false;
  const take = async (schema: string): Promise<() => void> => {
    if (isOver) throw new StoreClosedError();
    const before = last;
    const { promise, resolve } = withResolvers();
    last = promise;
    await before;
    try {
      if (schemaNow !== schema) await statements.ask("select set_config('search_path', $1, false)", [schema]);
      schemaNow = schema;
    } catch (error) {
      resolve();
      throw error;
    }
    return resolve;
  };
  return {
    take,
    async during(schema, work) {
      const giveBack = await take(schema);
      try {
        return await work();
      } finally {
        giveBack();
      }
    },
    async end() {
      isOver = true;
      await last;
    },
  };
}

/** Turns that a transaction cannot wait for from inside itself, which would be for ever. */
function guarded(turns: Turns, scope: TransactionScope): Turns {
  return {
    ...turns,
    async take(schema) {
      scope.assertOutside();
      return turns.take(schema);
    },
    async during(schema, work) {
      scope.assertOutside();
      return turns.during(schema, work);
    },
  };
}

interface Engine {
  readonly db: PGlite;
  readonly statements: Statements;
}

/** `pg.Pool`'s shape over the one session: every client is the session, in turns. */
function pglitePool(engine: Engine, turns: Turns, schema: string): SessionPool {
  return Object.assign(new EventEmitter().setMaxListeners(0), {
    // Notices of PGlite cannot get lost on the way, so that a listener need not look for itself now and then.
    options: { keepAlive: true },
    query: <Row>(sql: string, params?: readonly unknown[]) =>
      turns.during(schema, () => answer<Row>(engine, sql, params)),
    connect: async () => pgliteSession(engine, turns, schema),
    end: async () => undefined,
  });
}

function pgliteSession(engine: Engine, turns: Turns, schema: string): Session {
  const events = new EventEmitter();
  const unlisten: (() => Promise<void>)[] = [];
  /** Set from BEGIN to COMMIT. */
  let giveBack: (() => void) | null = null;

  const listen = async (channel: string): Promise<void> => {
    const notify = (payload: string) => void events.emit('notification', { channel, payload });
    unlisten.push(await turns.during(schema, () => engine.db.listen(channel, notify)));
  };
  const query = async <Row>(sql: string, params?: readonly unknown[]): Promise<Answer<Row>> => {
    const [, verb = '', rest = ''] = STATEMENT.exec(sql) ?? [];
    switch (verb.toLowerCase()) {
      case 'listen':
        await listen(rest.replace(/[";\s]/g, ''));
        return { rows: [], rowCount: null };
      case 'begin':
        giveBack = await turns.take(schema);
        return answer(engine, sql);
      case 'commit':
      case 'rollback':
        try {
          return await answer(engine, sql);
        } finally {
          giveBack?.();
          giveBack = null;
        }
      default:
        return giveBack === null
          ? turns.during(schema, () => answer(engine, sql, params))
          : answer(engine, sql, params);
    }
  };
  const release = (): void => {
    events.removeAllListeners();
    const ends = unlisten.splice(0).map((end) => turns.during(schema, end));
    // A store that closed meanwhile listens no more.
    for (const end of ends) end.catch(() => undefined);
    if (giveBack !== null) void query('rollback').catch(() => undefined);
  };
  return Object.assign(events, { query, release });
}

/** The first word of a statement and what follows, comments before it left out. */
const STATEMENT = /^(?:\s|--[^\n]*\n)*([a-z]+)(.*)/is;

interface Answer<Row> {
  readonly rows: Row[];
  readonly rowCount: number | null;
}

/** Without parameters any number of statements, like `pg`; the answer is the last one's. */
async function answer<Row>(
  { db, statements }: Engine,
  sql: string,
  params?: readonly unknown[],
): Promise<Answer<Row>> {
  const result =
    params === undefined || params.length === 0
      ? (await db.exec(sql)).at(-1)
      : await statements.ask(sql, encode(params));
  return { rows: (result?.rows ?? []) as Row[], rowCount: result?.rowCount ?? result?.affectedRows ?? null };
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
