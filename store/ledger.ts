/**
 * Rows of the ledger (`domain/ledger.ts`). Each is written in the transaction of what it tells of, so that
 * neither stands without the other; the table's lock keeps two writers on one chain.
 *
 * The lock is held to the end of the transaction: append last, when all rows that others may wait for are taken.
 */
import type { Capture } from '../domain/capture.ts';
import { caseId, caseNumber } from '../domain/case.ts';
import { type Deletion, deletionIn, isByTwo, oneOfficer } from '../domain/deletion.ts';
import type { Look } from '../domain/history.ts';
import {
  canonicalJson,
  checkChain,
  type LedgerEvent,
  type LedgerFault,
  type LedgerKind,
  type LedgerRow,
  nextRow,
} from '../domain/ledger.ts';
import { readCaptures } from './captures.ts';
import type { Database, Queryable } from './database.ts';

export interface LedgerVerdict {
  readonly ok: boolean;
  readonly rows: number;
  /** Hash of the last row. */
  readonly head: string;
  /** In order of `seq`; at most `MOST_FAULTS`. */
  readonly faults: readonly LedgerFault[];
  /** Evidence that two officers decided away, in order. */
  readonly deletions: readonly Deletion[];
  /** Acts and captures from before this store had a ledger: nothing is said of them. */
  readonly before: number;
}

/** The ledger as a file: a line that says what it is, a line a row, a line a stamp. */
export type LedgerLine =
  | { readonly format: 'kuzet-ledger'; readonly version: 1 }
  | { readonly row: LedgerRow }
  | { readonly stamp: { readonly sha256: string; readonly authority: string; readonly token: string } };

export interface LedgerStore {
  /** Rows after `seq`, in order; at most `limit`. */
  list(afterSeq: number, limit: number): Promise<LedgerRow[]>;
  /** All rows in order, then the stamps of its roots, tokens in base64. */
  lines(): AsyncIterable<LedgerLine>;
  /** Appends one event by itself. */
  append(event: LedgerEvent): Promise<LedgerRow>;
  /**
   * Seals what is there as the root of `now`'s day (UTC); null when nothing but seals and stamps came since the
   * last root.
   */
  seal(now: Date): Promise<LedgerRow | null>;
  /** As `seal`, unless the day has its root already. */
  sealDay(now: Date): Promise<LedgerRow | null>;
  /** Reads the whole chain, and compares it with the acts, captures, batches and stamps it tells of. */
  verify(): Promise<LedgerVerdict>;
}

/** Rows read at a time. */
const AT_ONCE = 500;
const MOST_FAULTS = 1000;

export function ledgerStore(db: Database): LedgerStore {
  return {
    list: (afterSeq, limit) => readRows(db, afterSeq, limit),
    async *lines() {
      yield { format: 'kuzet-ledger', version: 1 };
      for (let after = 0; ; ) {
        const rows = await readRows(db, after, AT_ONCE);
        for (const row of rows) yield { row };
        after = rows.at(-1)?.seq ?? after;
        if (rows.length < AT_ONCE) break;
      }
      const stamps = await db.query<{ sha256: string; authority: string; token: Buffer }>(
        "select sha256, authority, token from stamp where of = 'root' and token is not null order by stamped_at, sha256",
      );
      for (const { sha256, authority, token } of stamps) {
        yield { stamp: { sha256, authority, token: token.toString('base64') } };
      }
    },
    async append(event) {
      return db.transaction(async (tx) => (await appendToLedger(tx, [event]))[0]!);
    },
    seal: (now) => db.transaction((tx) => sealIn(tx, now)),
    async sealDay(now) {
      const day = now.toISOString().slice(0, 10);
      return db.transaction(async (tx) => {
        const [known] = await tx.query(
          "select 1 as known from ledger where kind = 'root' and md5(subject) = md5($1) limit 1",
          [day],
        );
        return known === undefined ? sealIn(tx, now) : null;
      });
    },
    async verify() {
      return db.transaction((tx) => verifyLedger(tx));
    },
  };
}

async function sealIn(tx: Queryable, now: Date): Promise<LedgerRow | null> {
  await lockLedger(tx);
  const last = await lastRow(tx);
  const [news] = await tx.query<{ seq: number }>(
    `select seq from ledger where kind not in ('root', 'stamp')
       and seq > (select coalesce(max(seq), 0) from ledger where kind = 'root') limit 1`,
  );
  if (last === null || news === undefined) return null;
  const day = now.toISOString().slice(0, 10);
  const entry = { day, rows: last.seq, head: last.hash };
  return (await appendToLedger(tx, [{ at: now, kind: 'root', subject: day, entry }]))[0]!;
}

/** Writes events as the next rows, in order. The last thing a transaction does. */
export async function appendToLedger(tx: Queryable, events: readonly LedgerEvent[]): Promise<LedgerRow[]> {
  if (events.length === 0) return [];
  await lockLedger(tx);
  let last: Pick<LedgerRow, 'seq' | 'hash'> | null = await lastRow(tx);
  const rows: LedgerRow[] = [];
  for (const event of events) {
    const row = nextRow(last, event);
    rows.push(row);
    last = row;
  }
  await tx.query(
    `insert into ledger (seq, at, kind, subject, entry, prev, hash)
     select * from unnest($1::int8[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])`,
    [
      rows.map(({ seq }) => seq),
      events.map(({ at }) => at),
      rows.map(({ kind }) => kind),
      rows.map(({ subject }) => subject),
      rows.map(({ entry }) => entry),
      rows.map(({ prev }) => prev),
      rows.map(({ hash }) => hash),
    ],
  );
  return rows;
}

async function lockLedger(tx: Queryable): Promise<void> {
  await tx.query('lock table ledger in share row exclusive mode');
}

async function lastRow(tx: Queryable): Promise<{ seq: number; hash: string } | null> {
  const [row] = await tx.query<{ seq: number; hash: string }>(
    'select seq, hash from ledger order by seq desc limit 1',
  );
  return row ?? null;
}

async function readRows(db: Queryable, afterSeq: number, limit: number): Promise<LedgerRow[]> {
  const rows = await db.query<Omit<LedgerRow, 'at'> & { at: Date }>(
    'select seq, at, kind, subject, entry, prev, hash from ledger where seq > $1 order by seq limit $2',
    [afterSeq, limit],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

// What the ledger says of each kind of row. Made on writing and made again, from the row, on verifying.

export interface ActRow {
  readonly at: Date;
  readonly case_id: number;
  readonly revision: number;
  readonly by: string;
  readonly kind: string;
  readonly facts: unknown;
}

export function actEvent(row: ActRow): LedgerEvent {
  const { at, by, kind, facts, revision } = row;
  const id = caseId(Number(row.case_id));
  return {
    at,
    kind: 'act',
    subject: `${id}/${revision}`,
    entry: { case: id, revision, at, by, kind, facts },
  };
}

export function captureEvent(capture: Capture): LedgerEvent {
  return { at: capture.capturedAt, kind: 'capture', subject: capture.id, entry: { ...capture } };
}

/** What a server said of a page that it did not send again. */
export function lookEvent(
  key: Buffer,
  visitId: string,
  { at, status, captureId, warc }: Pick<Look, 'at' | 'status' | 'captureId' | 'warc'>,
): LedgerEvent {
  const subject = `${key.toString('hex')}/${visitId}`;
  return { at, kind: 'look', subject, entry: { at, status, capture: captureId, warc } };
}

export interface TakenRow {
  readonly n: number;
  readonly case_id: number;
  readonly referral: unknown;
}

export function batchEvent(
  batch: { readonly id: string; readonly channel: string; readonly built_at: Date; readonly facts: unknown },
  rows: readonly TakenRow[],
): LedgerEvent {
  const { id, channel, built_at: at, facts } = batch;
  const taken = rows.map(({ n, case_id, referral }) => ({ n, case: caseId(Number(case_id)), referral }));
  return { at, kind: 'batch', subject: id, entry: { batch: id, channel, at, facts, rows: taken } };
}

// Verifying.

async function verifyLedger(tx: Queryable): Promise<LedgerVerdict> {
  await tx.query('set transaction isolation level repeatable read, read only');
  const check = checkChain();
  const faults: LedgerFault[] = [];
  const deletions: Deletion[] = [];
  for (let after = 0; ; ) {
    const rows = await readRows(tx, after, AT_ONCE);
    for (const row of rows) faults.push(...check.take(row));
    deletions.push(...rows.map(deletionIn).filter((each) => each !== null));
    faults.push(...(await changedRecords(tx, rows)));
    after = rows.at(-1)?.seq ?? after;
    if (rows.length < AT_ONCE) break;
  }
  const untold = await untoldRecords(tx);
  faults.push(...untold.faults, ...(await unknownStamps(tx)), ...(await tombstoneFaults(tx, deletions)));
  faults.sort((a, b) => a.seq - b.seq);
  return {
    ok: faults.length === 0,
    rows: check.rows,
    head: check.head,
    faults: faults.slice(0, MOST_FAULTS),
    deletions,
    before: untold.before,
  };
}

/** Rows of the ledger whose act, capture or batch is gone, or not any more what was told of it. */
/** Kinds whose rows are kept whole beside the ledger. */
const COMPARED: ReadonlySet<LedgerKind> = new Set(['act', 'capture', 'look', 'batch']);

async function changedRecords(tx: Queryable, rows: readonly LedgerRow[]): Promise<LedgerFault[]> {
  const subjects = (kind: LedgerKind) => rows.filter((row) => row.kind === kind).map((row) => row.subject);
  const events = [
    ...(await actsNamed(tx, subjects('act'))),
    ...(await capturesNamed(tx, subjects('capture'))),
    ...(await looksNamed(tx, subjects('look'))),
    ...(await batchesNamed(tx, subjects('batch'))),
  ];
  const now = new Map(events.map((event) => [`${event.kind} ${event.subject}`, canonicalJson(event.entry)]));
  return rows.flatMap(({ seq, kind, subject, entry }): LedgerFault[] => {
    if (!COMPARED.has(kind)) return [];
    const name = `${kind} ${subject}`;
    const kept = now.get(name);
    if (kept === entry) return [];
    const why = kept === undefined ? 'is gone' : `is not any more what row ${seq} tells`;
    return [{ seq, what: 'record_differs', detail: `${name} ${why}` }];
  });
}

async function actsNamed(tx: Queryable, subjects: readonly string[]): Promise<LedgerEvent[]> {
  const names = subjects.map((subject) => subject.split('/'));
  const rows = await tx.query<ActRow>(
    `select at, case_id, revision, by, kind, facts from act
     where (case_id, revision) in (select * from unnest($1::int8[], $2::int4[]))`,
    [names.map(([id = '']) => caseNumber(id) ?? 0), names.map(([, revision]) => Number(revision) || 0)],
  );
  return rows.map(actEvent);
}

async function capturesNamed(tx: Queryable, ids: readonly string[]): Promise<LedgerEvent[]> {
  return (await readCaptures(tx, ids)).map(captureEvent);
}

async function looksNamed(tx: Queryable, subjects: readonly string[]): Promise<LedgerEvent[]> {
  const rows = await tx.query<{
    url_key: Buffer;
    visit_id: string;
    at: Date;
    status: number | null;
    capture_id: string | null;
    warc: string;
  }>(
    `select url_key, visit_id, at, status, capture_id, warc from look
     where warc is not null and (encode(url_key, 'hex') || '/' || visit_id) = any($1::text[])
       and url_key = any(select decode(split_part(it, '/', 1), 'hex') from unnest($1::text[]) as told (it))`,
    [subjects],
  );
  return rows.map((row) => lookEvent(row.url_key, row.visit_id, { ...row, captureId: row.capture_id }));
}

async function batchesNamed(tx: Queryable, ids: readonly string[]): Promise<LedgerEvent[]> {
  const batches = await tx.query<{ id: string; channel: string; built_at: Date; facts: unknown }>(
    'select id, channel, built_at, facts from batch where id = any($1::text[])',
    [ids],
  );
  const rows = await tx.query<TakenRow & { batch_id: string }>(
    'select batch_id, n, case_id, referral from batch_row where batch_id = any($1::text[]) order by batch_id, n',
    [ids],
  );
  return batches.map((batch) =>
    batchEvent(
      batch,
      rows.filter((row) => row.batch_id === batch.id),
    ),
  );
}

/** Records that no row tells of: written past the ledger, or older than it. */
async function untoldRecords(tx: Queryable): Promise<{ faults: LedgerFault[]; before: number }> {
  const acts = await tx.query<{ name: string; isOld: boolean }>(
    `with told as (select a.seq, a.case_id, a.revision, l.seq as row from (
         select *, 'K-' || lpad(case_id::text, greatest(6, length(case_id::text)), '0') || '/' || revision as name
         from act) a left join ledger l on l.kind = 'act' and md5(l.subject) = md5(a.name))
     select 'act ' || case_id || '/' || revision as name,
       seq < coalesce((select min(seq) from told where row is not null), seq + 1) as "isOld"
     from told where row is null order by seq`,
  );
  const captures = await tx.query<{ name: string; isOld: boolean }>(
    `with told as (select c.id, l.seq as row from capture c
         left join ledger l on l.kind = 'capture' and md5(l.subject) = md5(c.id::text))
     select 'capture ' || id as name,
       id::text < coalesce((select min(id::text) from told where row is not null), 'g') as "isOld"
     from told where row is null order by id`,
  );
  const batches = await tx.query<{ name: string; isOld: boolean }>(
    `select 'batch ' || b.id as name,
       b.built_at < coalesce((select min(at) from ledger), 'infinity'::timestamptz) as "isOld"
     from batch b left join ledger l on l.kind = 'batch' and md5(l.subject) = md5(b.id)
     where l.seq is null order by b.id`,
  );
  const looks = await tx.query<{ name: string; isOld: boolean }>(
    `select 'look ' || encode(k.url_key, 'hex') || '/' || k.visit_id as name, false as "isOld"
     from look k left join ledger l
       on l.kind = 'look' and md5(l.subject) = md5(encode(k.url_key, 'hex') || '/' || k.visit_id)
     where k.warc is not null and l.seq is null order by 1`,
  );
  const all = [...acts, ...captures, ...looks, ...batches];
  return {
    faults: all
      .filter(({ isOld }) => !isOld)
      .map(({ name }) => ({ seq: 0, what: 'record_differs', detail: `${name} is in no row of the ledger` })),
    before: all.filter(({ isOld }) => isOld).length,
  };
}

/** Tombstones say what the ledger tells of deletions, each of two officers; none is set or taken away past it. */
async function tombstoneFaults(tx: Queryable, deletions: readonly Deletion[]): Promise<LedgerFault[]> {
  const told = new Map(
    deletions.flatMap((each) => each.captures.map((captureId) => [captureId, each] as const)),
  );
  const stones = await tx.query<{ captureId: string; by: string; proposedBy: string; reason: string }>(
    `select e.capture_id::text as "captureId", d.decided_by as by, d.proposed_by as "proposedBy", d.reason
     from erased_capture e join erasure d on d.id = e.erasure_id order by e.capture_id`,
  );
  const set = new Set(stones.map(({ captureId }) => captureId));
  const gone = [...told].filter(([captureId]) => !set.has(captureId));
  const differs = (seq: number, detail: string): LedgerFault => ({ seq, what: 'record_differs', detail });
  return [
    ...deletions.filter((each) => !isByTwo(each)).map(oneOfficer),
    ...gone.map(([captureId, { seq }]) => differs(seq, `the tombstone of capture ${captureId} is gone`)),
    ...stones.flatMap(({ captureId, by, proposedBy, reason }) => {
      const deletion = told.get(captureId);
      if (deletion === undefined)
        return [differs(0, `the tombstone of capture ${captureId} is in no row of the ledger`)];
      const isSame =
        deletion.approvedBy === by && deletion.proposedBy === proposedBy && deletion.reason === reason;
      const { seq } = deletion;
      return isSame
        ? []
        : [differs(seq, `the tombstone of capture ${captureId} is not what row ${seq} tells`)];
    }),
  ];
}

/** A stamped root that is in the chain no more: the chain was written anew. */
async function unknownStamps(tx: Queryable): Promise<LedgerFault[]> {
  const rows = await tx.query<{ sha256: string; authority: string }>(
    `select s.sha256, s.authority from stamp s where s.of = 'root'
       and not exists (select 1 from ledger l where l.hash = s.sha256 and l.kind = 'root') order by s.asked_at`,
  );
  return rows.map(({ sha256, authority }) => ({
    seq: 0,
    what: 'stamp_unknown',
    detail: `a root that ${authority} was asked to stamp (${sha256}) is not in the ledger`,
  }));
}
