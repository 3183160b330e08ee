/**
 * Brings a store to the shape this program knows: the numbered files of store/migrations/, each in one
 * transaction, forward only. A ledger (`kuzet.migration`) keeps what was applied, with its checksum.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Queryable } from './database.ts';

export interface Migration {
  /** 1, 2, 3 … */
  readonly number: number;
  /** File name, `001-river.sql`. */
  readonly name: string;
  readonly sql: string;
  /** Of the text with line ends as `\n`: a checkout may change those. */
  readonly sha256: string;
}

/** One session of an engine, held by nobody else meanwhile. */
export interface MigrationSession extends Queryable {
  /** Any number of statements, without parameters. */
  script(sql: string): Promise<void>;
}

/** The store was made by a later Kuzet. The way out: run that one. */
export class StoreNewerError extends Error {
  override readonly name = 'StoreNewerError';
  readonly facts: { readonly store: number; readonly program: number };

  constructor(facts: StoreNewerError['facts']) {
    super(
      `The store is at migration ${facts.store}, and this program knows ${facts.program} of them. ` +
        'A newer Kuzet made it: install that version or a later one. A store is never taken back.',
    );
    this.facts = facts;
  }
}

/** The migration files are not those the store was made by. The way out: restore or renumber them. */
export class MigrationHistoryError extends Error {
  override readonly name = 'MigrationHistoryError';
  readonly facts: { readonly migration: string };

  constructor(migration: string, why: string) {
    super(`Migration ${migration} ${why}`);
    this.facts = { migration };
  }
}

/** A migration's SQL failed; the store stays as it was before that file. */
export class MigrationFailedError extends Error {
  override readonly name = 'MigrationFailedError';
  readonly facts: { readonly migration: string };

  constructor(migration: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`Migration ${migration} failed and was undone: ${why}. Mend what it names, then start again.`, {
      cause,
    });
    this.facts = { migration };
  }
}

/** Any number that all who migrate share: "kuze" in ASCII. */
const LOCK_KEY = 0x6b_75_7a_65;

/**
 * Applies what is missing, in order; processes that start at once wait for each other.
 *
 * @returns the number of the last migration, 0 when there is none.
 * @throws StoreNewerError, MigrationHistoryError, MigrationFailedError
 */
export async function migrate(session: MigrationSession, migrations?: readonly Migration[]): Promise<number> {
  const known = migrations ?? (await bundledMigrations());
  await session.query('select pg_advisory_lock($1)', [LOCK_KEY]);
  try {
    await prepare(session);
    const applied = await session.query<Applied>(
      'select number, name, sha256 from kuzet.migration order by number',
    );
    for (const migration of pending(known, applied)) await apply(session, migration);
  } finally {
    await session.query('select pg_advisory_unlock($1)', [LOCK_KEY]);
  }
  return known.at(-1)?.number ?? 0;
}

/**
 * The migrations in a folder, by number; by default those that came with this program.
 *
 * @throws MigrationHistoryError when numbers repeat or leave a gap.
 */
export async function bundledMigrations(
  folder: URL = new URL('./migrations/', import.meta.url),
): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{3}-[a-z0-9-]+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name, at) => {
      const number = Number(name.slice(0, 3));
      if (number !== at + 1) {
        throw new MigrationHistoryError(
          name,
          `should be number ${at + 1}: files count 001, 002, 003 …, each once.`,
        );
      }
      const sql = (await readFile(new URL(name, folder), 'utf8')).replaceAll('\r\n', '\n');
      return { number, name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

interface Applied {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
}

function pending(known: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  const last = applied.at(-1)?.number ?? 0;
  if (last > known.length) throw new StoreNewerError({ store: last, program: known.length });
  for (const [at, done] of applied.entries()) {
    const file = known[at]!;
    if (done.sha256 !== file.sha256) {
      throw new MigrationHistoryError(
        file.name,
        `was changed after the store took it as ${done.name}. Restore the file, and put the change into a new one.`,
      );
    }
  }
  return known.slice(applied.length);
}

async function prepare(session: MigrationSession): Promise<void> {
  // "create schema if not exists" asks for the right to create even where the schema is there.
  const [schema] = await session.query("select 1 from pg_namespace where nspname = 'kuzet'");
  if (schema === undefined) await session.script('create schema kuzet');
  const [ledger] = await session.query("select 1 where to_regclass('kuzet.migration') is not null");
  if (ledger !== undefined) return;
  await session.script(
    `create table kuzet.migration (
       number integer primary key,
       name text not null,
       sha256 text not null,
       applied_at timestamptz not null default now()
     )`,
  );
}

async function apply(session: MigrationSession, { number, name, sql, sha256 }: Migration): Promise<void> {
  await session.script('begin; set local search_path to kuzet');
  try {
    await session.script(sql);
    await session.query('insert into kuzet.migration (number, name, sha256) values ($1, $2, $3)', [
      number,
      name,
      sha256,
    ]);
    await session.script('commit');
  } catch (error) {
    await session.script('rollback');
    throw new MigrationFailedError(name, error);
  }
}
