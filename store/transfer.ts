/**
 * A whole store as one stream of bytes, from any engine to any engine.
 *
 *     gzip( {"format":"kuzet-store","version":1,"migration":1,"tables":[{"name","columns","rows"}…],"sequences":[…]} \n
 *           ["scan",["018f…","2026-01-31 09:30:00+00","{…}"]] \n      one line a row, parents before children,
 *           …                                                      each value as PostgreSQL writes it, or null
 *           {"blob":"<sha-256>","base64":"…"} \n                     one line a piece of evidence
 *           {"end":{"rows":812,"blobs":40,"sha256":"<of all lines before>"}} \n )
 *
 * Values travel as PostgreSQL's own text, so that no type loses anything on the way (a microsecond, the last
 * digit of a float). Tables, columns, keys and sequences are read from the catalogue: a new migration needs
 * no change here. The same store gives the same bytes.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { pipeline as pipelineDone } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Database, Queryable } from './database.ts';

const FORMAT = 'kuzet-store';
const VERSION = 1;
/** Rows read or written at once; a page's text may be 20,000 characters. */
const MOST_ROWS = 200;

/** The file is cut, altered, or none of ours. Nothing of it was taken. */
export class TransferDamagedError extends Error {
  override readonly name = 'TransferDamagedError';
  readonly facts: { readonly line: number };

  constructor(line: number, why: string, cause?: unknown) {
    super(`Line ${line} of the exported store ${why}. Nothing was taken; export it again.`, { cause });
    this.facts = { line };
  }
}

/** The file is whole, but of another format or of a store in another shape. */
export class TransferVersionError extends Error {
  override readonly name = 'TransferVersionError';
}

/** A store takes another one in only while it has no rows of its own. */
export class StoreNotEmptyError extends Error {
  override readonly name = 'StoreNotEmptyError';
  readonly facts: { readonly table: string };

  constructor(table: string) {
    super(
      `The store already has rows in "${table}". Import into a new one: another KUZET_HOME or DATABASE_URL.`,
    );
    this.facts = { table };
  }
}

/** Evidence to take along, by its SHA-256. */
export interface Giver {
  list(): AsyncIterable<string>;
  read(sha256: string): Promise<Uint8Array>;
}

/** Where evidence goes. */
export interface Taker {
  put(bytes: Uint8Array): Promise<unknown>;
}

/**
 * The store as it is at one moment, and all its evidence.
 *
 * Rows go to a temporary file first, so that a slow reader does not keep the store waiting: an embedded store
 * stands still while its rows are read, and no longer.
 *
 * @param evidence null leaves it out.
 */
export async function* exportStore(database: Database, evidence: Giver | null): AsyncGenerator<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'kuzet-export-'));
  const file = join(folder, 'rows.gz');
  try {
    const tally = await database.transaction(async (tx) => {
      const fresh = { hash: createHash('sha256'), rows: 0, blobs: 0 };
      await pipelineDone(Readable.from(rowLines(tx, fresh)), createGzip(), createWriteStream(file));
      return fresh;
    });
    for await (const bytes of createReadStream(file)) yield bytes as Buffer;
    await rm(file);
    // A second gzip member: to a reader one stream goes on (RFC 1952, section 2.2).
    const rest = createGzip();
    pipeline(Readable.from(endLines(evidence, tally)), rest, () => undefined);
    for await (const bytes of rest) yield bytes as Buffer;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Fills an empty store. All rows come in or none; evidence is named by its own hash, so that pieces of a
 * refused file do no harm.
 *
 * @param evidence null checks the pieces and leaves them.
 * @param chunks what `exportStore` gave, cut in any way.
 * @throws StoreNotEmptyError, TransferDamagedError, TransferVersionError
 */
export async function importStore(
  database: Database,
  evidence: Taker | null,
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ rows: number; blobs: number }> {
  const lines = openLines(chunks);
  try {
    return await database.transaction((tx) => fill(tx, lines, evidence));
  } finally {
    await lines.close();
  }
}

// What a store looks like.

interface Shape {
  readonly migration: number;
  /** Parents before children. */
  readonly tables: readonly Table[];
  readonly sequences: readonly string[];
}

interface Table {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly key: readonly string[];
}

async function readShape(tx: Queryable): Promise<Shape> {
  const tables = await tx.query<Table & { parents: string[] }>(
    `select c.relname::text as name,
       (select jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
          from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
       coalesce((select jsonb_agg(a.attname order by k.place)
          from pg_index i, unnest(i.indkey::int2[]) with ordinality k (attnum, place), pg_attribute a
         where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.attnum), '[]') as key,
       coalesce((select jsonb_agg(distinct p.relname)
          from pg_constraint f join pg_class p on p.oid = f.confrelid
         where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid), '[]') as parents
     from pg_class c
     where c.relnamespace = 'kuzet'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> 'migration'
     order by c.relname collate "C"`,
  );
  const sequences = await tx.query<{ name: string }>(
    `select sequencename::text as name from pg_sequences where schemaname = 'kuzet' order by sequencename collate "C"`,
  );
  return {
    migration: await migrationOf(tx),
    tables: parentsFirst(tables),
    sequences: sequences.map(({ name }) => name),
  };
}

function parentsFirst(tables: readonly (Table & { readonly parents: readonly string[] })[]): Table[] {
  const placed: Table[] = [];
  const waiting = new Map(tables.map((table) => [table.name, table]));
  while (waiting.size > 0) {
    const next = [...waiting.values()].find(({ parents }) => !parents.some((parent) => waiting.has(parent)));
    if (next === undefined) {
      throw new Error(
        `The tables ${[...waiting.keys()].join(', ')} refer to each other in a ring: none can go first.`,
      );
    }
    placed.push(next);
    waiting.delete(next.name);
  }
  return placed;
}

async function migrationOf(tx: Queryable): Promise<number> {
  const [row] = await tx.query<{ number: number }>('select max(number) as number from migration');
  return row!.number;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

// Out.

interface Tally {
  readonly hash: Hash;
  rows: number;
  blobs: number;
}

interface Header {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly migration: number;
  readonly tables: readonly {
    readonly name: string;
    readonly columns: readonly string[];
    readonly rows: number;
  }[];
  /** `last` is null for one that was never asked. */
  readonly sequences: readonly { readonly name: string; readonly last: number | null }[];
}

async function* rowLines(tx: Queryable, tally: Tally): AsyncGenerator<string> {
  await tx.query('set transaction isolation level repeatable read, read only');
  const { migration, tables, sequences } = await readShape(tx);
  const counts: Header['tables'][number][] = [];
  for (const { name, columns } of tables) {
    const [row] = await tx.query<{ rows: number }>(`select count(*) as rows from ${quote(name)}`);
    counts.push({ name, columns: columns.map((column) => column.name), rows: row!.rows });
  }
  const lasts: Header['sequences'][number][] = [];
  for (const name of sequences) {
    const [row] = await tx.query<{ last: number | null }>(
      "select last_value as last from pg_sequences where schemaname = 'kuzet' and sequencename = $1",
      [name],
    );
    lasts.push({ name, last: row!.last });
  }
  const header: Header = { format: FORMAT, version: VERSION, migration, tables: counts, sequences: lasts };
  yield written(tally, header);
  for (const table of tables) {
    for await (const values of rowsOf(tx, table)) {
      tally.rows += 1;
      yield written(tally, [table.name, values]);
    }
  }
}

async function* rowsOf(tx: Queryable, { name, columns, key }: Table): AsyncGenerator<(string | null)[]> {
  const values = columns.map((column, at) => `${quote(column.name)}::text as c${at}`).join(', ');
  const order = key.length === 0 ? '' : `order by ${key.map(quote).join(', ')}`;
  await tx.query(`declare exported no scroll cursor for select ${values} from ${quote(name)} ${order}`);
  for (;;) {
    const rows = await tx.query<Record<string, string | null>>(`fetch ${MOST_ROWS} from exported`);
    for (const row of rows) yield columns.map((_, at) => row[`c${at}`] ?? null);
    if (rows.length < MOST_ROWS) break;
  }
  await tx.query('close exported');
}

async function* endLines(evidence: Giver | null, tally: Tally): AsyncGenerator<string> {
  if (evidence !== null) {
    for await (const blob of evidence.list()) {
      const base64 = Buffer.from(await evidence.read(blob)).toString('base64');
      tally.blobs += 1;
      yield written(tally, { blob, base64 });
    }
  }
  const { rows, blobs, hash } = tally;
  yield `${JSON.stringify({ end: { rows, blobs, sha256: hash.digest('hex') } })}\n`;
}

function written(tally: Tally, value: unknown): string {
  const line = `${JSON.stringify(value)}\n`;
  tally.hash.update(line);
  return line;
}

// In.

async function fill(
  tx: Queryable,
  lines: Lines,
  evidence: Taker | null,
): Promise<{ rows: number; blobs: number }> {
  const shape = await readShape(tx);
  // Counts come along as rows: nothing is counted a second time (`migrations/…-tally.sql`).
  await tx.query("select set_config('kuzet.taking_in', 'on', true)");
  for (const { name } of shape.tables) {
    if ((await tx.query(`select 1 from ${quote(name)} limit 1`)).length > 0)
      throw new StoreNotEmptyError(name);
  }
  const header = await readHeader(lines, shape);
  const tally = await takeRest(tx, lines, shape, evidence);
  header.tables.forEach((table, at) => {
    const taken = tally.rows[at]!;
    if (taken !== table.rows)
      throw lines.damaged(`ends with ${taken} of ${table.rows} rows of "${table.name}"`);
  });
  for (const { name, last } of header.sequences) {
    if (last !== null)
      await tx.query(`select setval($1::regclass, $2::int8)`, [`kuzet.${quote(name)}`, last]);
  }
  return { rows: tally.rows.reduce((sum, rows) => sum + rows, 0), blobs: tally.blobs };
}

interface Lines {
  /** Parsed, and counted in; null at the end of the file. */
  next(): Promise<unknown>;
  /** SHA-256 of all lines before the last one given. */
  sha256Before(): string;
  damaged(why: string, cause?: unknown): TransferDamagedError;
  close(): Promise<void>;
}

function openLines(chunks: AsyncIterable<Uint8Array>): Lines {
  const hash = createHash('sha256');
  const texts = splitLines(gunzipped(chunks));
  let number = 0;
  let last: Buffer | null = null;
  const damaged = (why: string, cause?: unknown) => new TransferDamagedError(number, why, cause);
  return {
    async next() {
      if (last !== null) hash.update(last).update('\n');
      number += 1;
      last = null;
      let line: IteratorResult<Buffer, 'whole' | 'cut'>;
      try {
        line = await texts.next();
      } catch (error) {
        if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
          throw damaged(number === 1 ? 'is no gzip' : `cannot be unpacked (${error.message})`, error);
        }
        throw error;
      }
      if (line.done === true) {
        if (line.value === 'cut') throw damaged('has no end');
        return null;
      }
      last = line.value;
      try {
        return JSON.parse(last.toString()) as unknown;
      } catch (error) {
        throw damaged('is no JSON', error);
      }
    },
    sha256Before: () => hash.copy().digest('hex'),
    damaged,
    async close() {
      await texts.return('cut');
    },
  };
}

function gunzipped(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  const gunzip = createGunzip();
  // An error of either end comes out of the iteration.
  pipeline(Readable.from(chunks), gunzip, () => undefined);
  return gunzip;
}

async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, 'whole' | 'cut'> {
  let parts: Buffer[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, at));
      yield Buffer.concat(parts);
      parts = [];
      from = at + 1;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
  }
  return parts.length === 0 ? 'whole' : 'cut';
}

async function readHeader(lines: Lines, shape: Shape): Promise<Header> {
  const header = (await lines.next()) as Partial<Header> | null;
  if (header?.format !== FORMAT) throw lines.damaged('does not begin a file of "kuzet export"');
  if (header.version !== VERSION) {
    throw new TransferVersionError(
      `The file has format version ${header.version}, and this program reads version ${VERSION}. Take the Kuzet that wrote it.`,
    );
  }
  if (header.migration !== shape.migration) {
    throw new TransferVersionError(
      `The file comes from a store at migration ${header.migration}, and this one is at ${shape.migration}. ` +
        'Start the old store with this version once, which brings it up to date, and export it again.',
    );
  }
  const told = JSON.stringify(header.tables?.map(({ name, columns }) => [name, columns]));
  const here = JSON.stringify(
    shape.tables.map(({ name, columns }) => [name, columns.map((column) => column.name)]),
  );
  if (told !== here || header.sequences === undefined)
    throw lines.damaged('names other tables than this store has');
  return header as Header;
}

async function takeRest(
  tx: Queryable,
  lines: Lines,
  { tables }: Shape,
  evidence: Taker | null,
): Promise<{ rows: number[]; blobs: number }> {
  const rows = tables.map(() => 0);
  let blobs = 0;
  let at = 0;
  let batch: (string | null)[][] = [];
  const insertBatch = async () => {
    if (batch.length === 0) return;
    const table = tables[at]!;
    try {
      await insert(tx, table, batch);
    } catch (error) {
      throw isMisfit(error)
        ? lines.damaged(`does not fit table "${table.name}", or one shortly before`, error)
        : error;
    }
    rows[at]! += batch.length;
    batch = [];
  };
  for (;;) {
    const line = await lines.next();
    if (isRow(line)) {
      const [name, values] = line;
      if (name !== tables[at]!.name || batch.length === MOST_ROWS) await insertBatch();
      while (at < tables.length && tables[at]!.name !== name) at += 1;
      if (values.length !== tables[at]?.columns.length)
        throw lines.damaged(`has no place in table "${name}"`);
      batch.push(values);
    } else if (isBlob(line)) {
      const bytes = Buffer.from(line.base64, 'base64');
      if (createHash('sha256').update(bytes).digest('hex') !== line.blob) {
        throw lines.damaged(`holds other bytes than its name ${line.blob} says`);
      }
      await evidence?.put(bytes);
      blobs += 1;
    } else if (isEnd(line)) {
      await insertBatch();
      if (line.end.sha256 !== lines.sha256Before())
        throw lines.damaged('closes other lines than were written');
      if ((await lines.next()) !== null) throw lines.damaged('comes after the end');
      return { rows, blobs };
    } else {
      throw lines.damaged(
        line === null ? 'is missing: the file was cut' : 'is neither row, evidence nor end',
      );
    }
  }
}

async function insert(
  tx: Queryable,
  { name, columns }: Table,
  rows: readonly (string | null)[][],
): Promise<void> {
  const names = columns.map((column) => quote(column.name));
  const given = names.map((_, at) => `$${at + 1}::text[]`).join(', ');
  const typed = columns.map((column) => `r.${quote(column.name)}::${column.type}`).join(', ');
  await tx.query(
    `insert into ${quote(name)} (${names.join(', ')}) overriding system value
     select ${typed} from unnest(${given}) as r (${names.join(', ')})`,
    columns.map((_, at) => rows.map((values) => values[at] ?? null)),
  );
}

/** Data exceptions and broken constraints (PostgreSQL, appendix A, classes 22 and 23). */
function isMisfit(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^2[23]/.test(String(error.code));
}

function isRow(line: unknown): line is [string, (string | null)[]] {
  return Array.isArray(line) && typeof line[0] === 'string' && Array.isArray(line[1]);
}

function isBlob(line: unknown): line is { blob: string; base64: string } {
  return (
    has(line, 'blob') &&
    typeof line.blob === 'string' &&
    has(line, 'base64') &&
    typeof line.base64 === 'string'
  );
}

function isEnd(line: unknown): line is { end: { sha256: string } } {
  return has(line, 'end') && has(line.end, 'sha256');
}

function has<Key extends string>(it: unknown, key: Key): it is Record<Key, unknown> {
  return typeof it === 'object' && it !== null && key in it;
}
