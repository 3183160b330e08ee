/**
 * The embedded store: PGlite, PostgreSQL as WebAssembly, in one folder or in memory. For a trial or one
 * desk: it serves one process (`store/lock.ts` sees to that) and does not wait for the disk, so that a
 * power cut may cost the last rows; a killed process costs none.
 *
 * PGlite is one session, and several parts of the program share it. They take turns: a turn is one
 * statement or one whole transaction, in the schema of whoever has it.
 */
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { DECODERS, encode } from './columns.ts';
import type { Database, Queryable, Session, SessionPool } from './database.ts';
import { type FolderLock, lockFolder } from './lock.ts';
import { bundledMigrations, migrate } from './migrate.ts';
import { keepPrepared, MADE_WITH, PREPARED, preparedStore } from './prepared.ts';
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
 * @param prepared where a database made in advance is kept, see `store/prepared.ts`.
 * @throws StoreInUseError when a process has the folder; StoreNewerError, MigrationHistoryError,
 *   MigrationFailedError as `migrate` does.
 */
export async function openPglite(folder: string | null, prepared = PREPARED): Promise<Database> {
  const lock = folder === null ? null : await lockFolder(folder);
  let db: PGlite | null = null;
  try {
    const place = await placeIn(folder);
    const unpacked = place.isNew ? await unpack(place, prepared) : null;
    db = unpacked ?? (await start(place, { initDbStartParams: [...MADE_WITH] }));
    const statements = await atThisShape(db);
    if (place.isNew && unpacked === null) await keepPrepared(db, await bundledMigrations(), prepared);
    await place.isMade();
    return databaseOn(db, statements, lock);
  } catch (error) {
    await db?.close();
    await lock?.release();
    throw error;
  }
}

/** Where the rows are. */
interface Place {
  readonly dataDir: string;
  readonly isNew: boolean;
  /** Of a database that was left half-made, by a process that was killed or failed; nobody had it yet. */
  clear(): Promise<void>;
  /** From now on what is there is a database that somebody had. */
  isMade(): Promise<void>;
}

async function placeIn(folder: string | null): Promise<Place> {
  if (folder === null) {
    return { dataDir: 'memory://', isNew: true, clear: async () => undefined, isMade: async () => undefined };
  }
  const dataDir = join(folder, 'pglite');
  const making = join(folder, 'pglite.making');
  const clear = () => rm(dataDir, { recursive: true, force: true });
  if (existsSync(making)) await clear();
  const isNew = !existsSync(dataDir);
  if (isNew) await writeFile(making, '');
  return { dataDir, isNew, clear, isMade: () => rm(making, { force: true }) };
}

/** A database that was made in advance; null when there is none, or none that starts. */
async function unpack(place: Place, prepared: URL): Promise<PGlite | null> {
  const made = await preparedStore(await bundledMigrations(), prepared);
  if (made === null) return null;
  try {
    return await start(place, { loadDataDir: made });
  } catch {
    await place.clear();
    return null;
  }
}

/**
 * What PostgreSQL keeps pages in is set to zero whenever it starts: 128 MB of it were a third of what opening a store cost.
 * Pages that do not find room are read from the folder again, which the system keeps in memory.
 */
const BUFFERS = ['-c', 'shared_buffers=32MB'];

/**
 * PostgreSQL's WebAssembly is compiled once quickly and, what runs often, once more with care, which for a command of two
 * seconds is a third of its CPU and pays back nothing. In units of V8 (roughly bytes of code run; as it comes 1.8
 * million): what is hot for long, in a scan or a desk, is still compiled with care. Read when the module is compiled.
 */
setFlagsFromString('--wasm-tiering-budget=1800000000');

function start({ dataDir }: Place, how: PGliteOptions = {}): Promise<PGlite> {
  const startParams = [...PGlite.defaultStartParams, ...BUFFERS];
  return PGlite.create({ dataDir, parsers: { ...DECODERS }, startParams, ...how });
}

async function atThisShape(db: PGlite): Promise<Statements> {
  const statements = statementsOf(db);
  // Nobody gathers statistics here: a plan made while a table was small would go on reading the whole of it.
  await db.exec("set timezone = 'UTC'; set datestyle = 'ISO'; set enable_seqscan = off");
  await migrate({
    query: (sql, params) => ask(statements, sql, params),
    script: async (sql) => {
      await db.exec(sql);
    },
  });
  return statements;
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
