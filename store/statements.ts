/**
 * Statements of the embedded engine, each asked in one message and planned once.
 *
 * PGlite's own `query` makes seven journeys into WebAssembly for one statement (parse, describe, bind, describe,
 * execute, sync) and has it parsed and planned anew each time; a page of a visit asks some twenty. Here a
 * statement keeps its name and its plan in the session, and is asked in one journey:
 *
 *     first time   Parse "k7" · Bind · Describe · Execute · Sync
 *     then                      Bind · Describe · Execute · Sync
 *
 * Nobody gathers statistics in PGlite, so that a plan made over an empty table would stay when the table has grown:
 * a plan is made anew after `MOST_USES` uses and after `OLDEST_MS`.
 * Source: PostgreSQL 18, chapter 54.2.3 "Extended Query".
 */
import { type PGlite, parse, protocol, type Results } from '@electric-sql/pglite';

export interface Statements {
  /** One statement. Rejects with PostgreSQL's error; in no transaction nothing of the statement is left then. */
  ask<Row>(sql: string, params: readonly unknown[]): Promise<Results<Row>>;
}

const MOST_USES = 1_000;
const OLDEST_MS = 60_000;
/** Plans kept at a time; the one that was asked longest ago goes. */
const MOST_KEPT = 400;

const { serialize } = protocol;
const DESCRIBE = serialize.describe({ type: 'P' });
const EXECUTE = serialize.execute({});
const SYNC = serialize.sync();

interface Plan {
  readonly name: string;
  readonly madeAt: number;
  uses: number;
}

/** @param now milliseconds, never going back. */
export function statementsOf(db: PGlite, now: () => number = () => performance.now()): Statements {
  const plans = new Map<string, Plan>();
  let named = 0;
  /** Plans that are of no use any more, to be closed with the next message. */
  let leftOver: string[] = [];

  function drop(sql: string, { name }: Plan): void {
    plans.delete(sql);
    leftOver.push(name);
  }

  function planOf(sql: string): { readonly plan: Plan; readonly isNew: boolean } {
    const kept = plans.get(sql);
    if (kept !== undefined) {
      if (kept.uses < MOST_USES && now() - kept.madeAt < OLDEST_MS) {
        kept.uses += 1;
        // Last in the map is who was asked last.
        plans.delete(sql);
        plans.set(sql, kept);
        return { plan: kept, isNew: false };
      }
      drop(sql, kept);
    }
    const [oldest] = plans;
    if (plans.size >= MOST_KEPT && oldest !== undefined) drop(...oldest);
    named += 1;
    const plan = { name: `k${named}`, madeAt: now(), uses: 1 };
    plans.set(sql, plan);
    return { plan, isNew: true };
  }

  return {
    ask: <Row>(sql: string, params: readonly unknown[]) =>
      db.runExclusive(async () => {
        const { plan, isNew } = planOf(sql);
        const message = Buffer.concat([
          ...leftOver.map((name) => serialize.close({ type: 'S', name })),
          ...(isNew ? [serialize.parse({ name: plan.name, text: sql })] : []),
          bind(plan.name, params.map(asText)),
          DESCRIBE,
          EXECUTE,
          SYNC,
        ]);
        leftOver = [];
        try {
          const messages = await db.execProtocolStream(message, { syncToFs: false });
          return parse.parseResults(messages, db.parsers)[0] as Results<Row>;
        } catch (error) {
          // Whether it got as far as having a plan is not asked: closing one that is not there is no error.
          if (plans.get(sql) === plan) drop(sql, plan);
          throw error;
        }
      }),
  };
}

/**
 * A Bind message of text parameters, for the portal without a name and answers in text. PGlite's own writer grows its
 * buffer as it goes and writes each text twice, which cost as much as a tenth of the statements of a visit.
 * Source: PostgreSQL 18, chapter 54.7, "Bind".
 */
export function bind(statement: string, values: readonly (string | null)[]): Buffer {
  let length = 4 + 1 + Buffer.byteLength(statement) + 1 + 2 + 2 + 2;
  const lengths = values.map((value) => (value === null ? -1 : Buffer.byteLength(value)));
  for (const bytes of lengths) length += 4 + Math.max(0, bytes);
  const message = Buffer.allocUnsafe(1 + length);
  message[0] = 0x42;
  let at = message.writeInt32BE(length, 1);
  message[at++] = 0;
  at += message.write(statement, at);
  message[at++] = 0;
  at = message.writeInt16BE(0, at);
  at = message.writeUInt16BE(values.length, at);
  for (const [n, value] of values.entries()) {
    at = message.writeInt32BE(lengths[n]!, at);
    if (value !== null) at += message.write(value, at);
  }
  message.writeInt16BE(0, at);
  return message;
}

/**
 * A parameter in PostgreSQL's text form, of a type that the statement tells: what `pg` sends for the same value.
 * Numbers, booleans, strings and instants as they are written, bytes in hex, arrays in braces, objects as JSON.
 */
export function asText(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return value;
    case 'undefined':
      return null;
    case 'object':
      if (value === null) return null;
      if (value instanceof Uint8Array) return `\\x${hex(value)}`;
      if (value instanceof Date) return value.toISOString();
      return Array.isArray(value) ? asArray(value) : JSON.stringify(value);
    default:
      return String(value);
  }
}

function asArray(values: readonly unknown[]): string {
  const items = values.map((value) => {
    if (Array.isArray(value)) return asArray(value);
    const text = asText(value);
    return text === null ? 'NULL' : `"${text.replace(/["\\]/g, '\\$&')}"`;
  });
  return `{${items.join(',')}}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
