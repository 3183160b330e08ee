/** The store on a PostgreSQL server, 15 or later: for one organisation and beyond one machine. */
import pg from 'pg';
import { DECODERS, encode } from './columns.ts';
import type { Database, Queryable, SessionPool } from './database.ts';
import { migrate } from './migrate.ts';
import { againAfterClash, transactionScope } from './transaction.ts';

/** The server cannot be used as it is. The message has no password in it. */
export class PostgresUnusableError extends Error {
  override readonly name = 'PostgresUnusableError';
}

/** For a desk and its workers in one process. */
const MOST_CONNECTIONS = 10;

/**
 * @param url `postgres://user:password@host:port/database`; TLS as `?sslmode=…` says.
 * @param connections at most, 1 or more: each plans statements for itself, a millisecond or more for each of a visit's.
 * @throws PostgresUnusableError when the address is malformed, nobody answers, or the server is too old;
 *   StoreNewerError, MigrationHistoryError, MigrationFailedError as `migrate` does.
 */
export async function openPostgres(url: string, connections = MOST_CONNECTIONS): Promise<Database> {
  const pools = [makePool(url, 'kuzet', connections)];
  const main = pools[0]!;
  const scope = transactionScope();
  const end = async () => {
    await Promise.all(pools.map((pool) => pool.end()));
  };
  try {
    await prepare(main, url);
  } catch (error) {
    await end();
    throw error;
  }
  let closing: Promise<void> | null = null;
  return {
    engine: 'postgres',
    lock: null,
    async query(sql, params) {
      scope.assertOutside();
      return asQueryable(main).query(sql, params);
    },
    async transaction(work) {
      scope.assertOutside();
      return againAfterClash(() => inTransaction(main, (session) => scope.run(session, work)));
    },
    pool(schema, most) {
      const pool = makePool(url, schema, most);
      pools.push(pool);
      // It is one: only the overloads of `on` are written otherwise in its types.
      return pool as unknown as SessionPool;
    },
    close() {
      closing ??= end();
      return closing;
    },
  };
}

/**
 * A machine that is lost says nothing: by its own settings a server would keep its transaction, and all that others wait
 * for, for two hours. With these it is asked after 20 seconds of silence, and given up within a minute.
 */
const GIVE_UP_THE_LOST =
  '-c tcp_keepalives_idle=20 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4 -c tcp_user_timeout=60000';

function makePool(url: string, schema: string, most: number): pg.Pool {
  const settings = `-c search_path=${schema} -c timezone=UTC -c datestyle=ISO ${GIVE_UP_THE_LOST}`;
  const pool = new pg.Pool({
    connectionString: withSettings(url, settings),
    max: most,
    keepAlive: true,
    // The same of a server that is lost.
    keepAliveInitialDelayMillis: 20_000,
    application_name: 'kuzet',
    types: { getTypeParser: decoderOf },
  });
  // A server that restarts breaks connections, idle and lent ones; without a listener each would end the
  // process. Whoever waits for an answer gets the error as a rejection.
  pool.setMaxListeners(0);
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

function withSettings(url: string, settings: string): string {
  let address: URL;
  try {
    address = new URL(url);
  } catch {
    throw new PostgresUnusableError(
      'DATABASE_URL is not an address. Write it as postgres://user:password@host:5432/database.',
    );
  }
  const given = address.searchParams.get('options');
  address.searchParams.set('options', given === null ? settings : `${given} ${settings}`);
  return address.href;
}

const decoderOf: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  (format !== 'binary' && DECODERS[oid]) || pg.types.getTypeParser(oid, format as 'text');

async function prepare(pool: pg.Pool, url: string): Promise<void> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    const { host, pathname } = new URL(url);
    const why = error instanceof Error ? error.message || String(Reflect.get(error, 'code')) : String(error);
    throw new PostgresUnusableError(
      `PostgreSQL at ${host}${pathname} did not let us in: ${why}. Check DATABASE_URL and that the server runs.`,
      { cause: error },
    );
  }
  try {
    const session = asQueryable(client);
    const [server] = await session.query<{ number: number; version: string }>(
      "select current_setting('server_version_num')::int as number, current_setting('server_version') as version",
    );
    if (server!.number < 150_000) {
      throw new PostgresUnusableError(
        `The server is PostgreSQL ${server!.version}, and Kuzet needs 15 or later. Upgrade it, or unset DATABASE_URL.`,
      );
    }
    await migrate({
      query: session.query,
      script: async (sql) => {
        await client.query(sql);
      },
    });
  } finally {
    client.release();
  }
}

function asQueryable(client: Pick<pg.PoolClient, 'query'>): Queryable {
  return {
    async query<Row extends object>(sql: string, params: readonly unknown[] = []) {
      const { rows } = await client.query<Row & pg.QueryResultRow>({
        ...named(sql),
        text: sql,
        values: encode(params),
      });
      return rows;
    },
  };
}

/** Names of statements, so that a connection has each parsed and planned once; the same in all connections. */
const NAMES = new Map<string, string>();
/** What is written anew each time would fill a server's memory: later statements have no name. */
const MOST_NAMES = 1_000;

function named(sql: string): { name?: string } {
  let name = NAMES.get(sql);
  if (name === undefined && NAMES.size < MOST_NAMES) {
    name = `k${NAMES.size + 1}`;
    NAMES.set(sql, name);
  }
  return name === undefined ? {} : { name };
}

async function inTransaction<T>(pool: pg.Pool, work: (session: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let isBroken = false;
  try {
    await client.query('begin');
    const result = await work(asQueryable(client));
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {
      isBroken = true;
    });
    throw error;
  } finally {
    client.release(isBroken);
  }
}
