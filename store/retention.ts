/**
 * Rows of retention: holds, proposals to delete evidence, and the tombstones of what two people decided away.
 *
 *     propose (one officer) -> approve (another) -> tombstones, told in the ledger, all in one transaction
 *     -> blobs that nothing else refers to are erased one by one, each under the lock of its row
 *
 * Killed between any two steps, what is left is rows that say what is still to be done; `queues/retention.ts` does it.
 */
import type { Sha256 } from '../domain/capture.ts';
import { type CaseStateName, caseId, caseNumber, isSameOfficer, officerId } from '../domain/case.ts';
import type { LedgerEvent } from '../domain/ledger.ts';
import type { PassageState } from '../domain/passage.ts';
import {
  type Claims,
  dueSince,
  type Keeper,
  keepersOf,
  type Periods,
  type RetentionKind,
} from '../domain/retention.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';
import { readSent } from './passages.ts';

export interface Hold {
  /** Case or capture. */
  readonly subject: string;
  readonly at: Date;
  readonly by: string;
  readonly reason: string;
}

export interface DueCapture {
  readonly captureId: string;
  readonly url: string;
  readonly kind: RetentionKind;
  readonly since: Date;
}

export interface Proposal {
  readonly id: number;
  readonly at: Date;
  readonly by: string;
  readonly reason: string;
  readonly captures: readonly string[];
}

export interface Tombstone {
  readonly captureId: string;
  readonly at: Date;
  readonly proposedBy: string;
  readonly approvedBy: string;
  readonly reason: string;
}

export interface Kept {
  readonly captureId: string;
  readonly why: readonly (Keeper | 'unknown' | 'deleted')[];
}

/** What was asked for may not be, or not by this person. */
export class RetentionRefusedError extends Error {
  override readonly name = 'RetentionRefusedError';
  readonly facts: { readonly subject: string; readonly kept: readonly Kept[] };

  constructor(subject: string, why: string, kept: readonly Kept[] = []) {
    super(`${subject}: ${why}`);
    this.facts = { subject, kept };
  }
}

export interface RetentionStore {
  /** @throws RetentionRefusedError for no officer, no reason, no such case or capture, one that is held already or deleted. */
  hold(it: Hold): Promise<void>;
  /** @throws RetentionRefusedError for what is not held. */
  release(it: Hold): Promise<void>;
  /** In force, oldest first. */
  holds(): Promise<Hold[]>;
  /** Captures whose period is over and that nothing keeps, oldest first; those in an open proposal are left out. */
  due(periods: Periods, now: Date, limit: number): Promise<DueCapture[]>;
  /** @throws RetentionRefusedError naming every capture that may not go. */
  propose(captures: readonly string[], by: string, reason: string, now: Date): Promise<Proposal>;
  /** Open ones, oldest first. */
  proposals(): Promise<Proposal[]>;
  /**
   * The second officer's yes. What something keeps by now stays, and is told.
   *
   * @throws RetentionRefusedError for the officer who proposed it, or no such open proposal.
   */
  approve(id: number, by: string, now: Date): Promise<{ readonly deleted: string[]; readonly kept: Kept[] }>;
  reject(id: number, by: string, now: Date): Promise<void>;
  /** Null for a capture that was not deleted. */
  tombstone(captureId: string): Promise<Tombstone | null>;
  /** Whether the bytes of a blob that is not there went by decision. */
  wasDeleted(name: Sha256): Promise<boolean>;
  /** Blobs that are still to go. */
  pending(limit: number): Promise<Sha256[]>;
  /** Runs `erase` unless a capture wants the bytes again, and notes that they went. Answers whether they did. */
  erase(name: Sha256, erase: (name: Sha256) => Promise<unknown>): Promise<boolean>;
}

export function retentionStore(db: Database): RetentionStore {
  return {
    hold: (it) => holdOrRelease(db, 'hold', it),
    release: (it) => holdOrRelease(db, 'release', it),
    async holds() {
      return db.query<Hold>(
        `select subject, at, by, reason from (
           select distinct on (subject) n, subject, kind, at, by, reason from legal_hold order by subject, n desc
         ) last where kind = 'hold' order by n`,
      );
    },
    async due(periods, now, limit) {
      const shortest = Math.min(...Object.values(periods));
      const found: DueCapture[] = [];
      for (let after = '00000000-0000-0000-0000-000000000000'; found.length < limit; ) {
        const rows = await db.query<{ id: string; url: string }>(
          `select id, url from capture c where id > $1 and captured_at <= $2::timestamptz - make_interval(days => $3)
             and not exists (select 1 from erased_capture e where e.capture_id = c.id)
             and not exists (select 1 from erasure_capture e join erasure d on d.id = e.erasure_id
               where e.capture_id = c.id and d.verdict is null)
           order by id limit 500`,
          [after, now, shortest],
        );
        const claims = await claimsOf(
          db,
          rows.map(({ id }) => id),
        );
        for (const { id, url } of rows) {
          const due = dueSince(claims.get(id)!, periods, now);
          if (due !== null) found.push({ captureId: id, url, ...due });
        }
        after = rows.at(-1)?.id ?? after;
        if (rows.length < 500) break;
      }
      return found.slice(0, limit);
    },
    async propose(captures, by, reason, now) {
      const ids = [...new Set(captures)];
      needWords('deletion', by, reason);
      if (ids.length === 0) throw new RetentionRefusedError('deletion', 'name at least one capture.');
      return db.transaction(async (tx) => {
        const kept = await keptOf(tx, ids);
        if (kept.length > 0) {
          const list = kept.slice(0, 10).map(({ captureId, why }) => `${captureId} (${why.join(', ')})`);
          throw new RetentionRefusedError('deletion', `may not go: ${list.join('; ')}.`, kept);
        }
        const [row] = await tx.query<{ id: number }>(
          'insert into erasure (proposed_at, proposed_by, reason) values ($1, $2, $3) returning id',
          [now, officerId(by), reason],
        );
        const id = Number(row!.id);
        await tx.query('insert into erasure_capture (erasure_id, capture_id) select $1, unnest($2::uuid[])', [
          id,
          ids,
        ]);
        const entry = { what: 'proposed', by: officerId(by), reason, captures: ids };
        await appendToLedger(tx, [{ at: now, kind: 'erasure', subject: String(id), entry }]);
        return { id, at: now, by: officerId(by), reason, captures: ids };
      });
    },
    async proposals() {
      const rows = await db.query<Omit<Proposal, 'id'> & { id: number }>(
        `select d.id, d.proposed_at as at, d.proposed_by as by, d.reason,
           array(select capture_id::text from erasure_capture e where e.erasure_id = d.id order by 1) as captures
         from erasure d where d.verdict is null order by d.id`,
      );
      return rows.map((row) => ({ ...row, id: Number(row.id) }));
    },
    approve: (id, by, now) => db.transaction((tx) => approve(tx, id, by, now)),
    async reject(id, by, now) {
      await db.transaction(async (tx) => {
        needWords(`proposal ${id}`, by, 'x');
        await openProposal(tx, id);
        await decide(tx, id, by, 'rejected', now);
        const entry = { what: 'rejected', by: officerId(by) };
        await appendToLedger(tx, [{ at: now, kind: 'erasure', subject: String(id), entry }]);
      });
    },
    async tombstone(captureId) {
      const [row] = await db.query<Tombstone>(
        `select e.capture_id::text as "captureId", e.at, d.proposed_by as "proposedBy", d.decided_by as "approvedBy",
           d.reason from erased_capture e join erasure d on d.id = e.erasure_id where e.capture_id = $1`,
        [captureId],
      );
      return row ?? null;
    },
    async wasDeleted(name) {
      const rows = await db.query('select 1 from erased_blob where sha256 = $1 and not wanted_again', [name]);
      return rows.length > 0;
    },
    async pending(limit) {
      const rows = await db.query<{ sha256: string }>(
        'select sha256 from erased_blob where erased_at is null and not wanted_again order by sha256 limit $1',
        [limit],
      );
      return rows.map(({ sha256 }) => sha256);
    },
    async erase(name, erase) {
      return db.transaction(async (tx) => {
        const rows = await tx.query(
          'select 1 from erased_blob where sha256 = $1 and erased_at is null and not wanted_again for update',
          [name],
        );
        if (rows.length === 0 || (await referred(tx, [name])).has(name)) return false;
        await erase(name);
        await tx.query('update erased_blob set erased_at = clock_timestamp() where sha256 = $1', [name]);
        return true;
      });
    },
  };
}

function needWords(subject: string, by: string, reason: string): void {
  if (officerId(by) === '') throw new RetentionRefusedError(subject, 'name the officer who asks.');
  if (reason.trim() === '') throw new RetentionRefusedError(subject, 'say why, in words.');
}

async function holdOrRelease(db: Database, kind: 'hold' | 'release', it: Hold): Promise<void> {
  const { subject, at, by, reason } = it;
  needWords(subject, by, reason);
  await db.transaction(async (tx) => {
    const number = caseNumber(subject);
    // Whoever decides to delete it holds the same row: one of the two is first, and the other sees it.
    const known =
      number === null
        ? isUuid(subject) &&
          (await tx.query('select 1 from capture where id = $1 for no key update', [subject])).length > 0
        : (await tx.query('select 1 from cases where id = $1 for update', [number])).length > 0;
    if (!known) throw new RetentionRefusedError(subject, 'is no case and no capture of this store.');
    if (kind === 'hold' && number === null && (await deletedOf(tx, [subject])).has(subject))
      throw new RetentionRefusedError(subject, 'was deleted by decision: there is nothing left to hold.');
    const isHeld = (await held(tx, [subject])).has(subject);
    if (kind === 'hold' && isHeld) throw new RetentionRefusedError(subject, 'is on hold already.');
    if (kind === 'release' && !isHeld) throw new RetentionRefusedError(subject, 'is not on hold.');
    await tx.query('insert into legal_hold (subject, kind, at, by, reason) values ($1, $2, $3, $4, $5)', [
      subject,
      kind,
      at,
      officerId(by),
      reason,
    ]);
    const event: LedgerEvent = {
      at,
      kind: 'hold',
      subject,
      entry: { what: kind, by: officerId(by), reason },
    };
    await appendToLedger(tx, [event]);
  });
}

async function held(tx: Queryable, subjects: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ subject: string }>(
    `select subject from (
       select distinct on (subject) subject, kind from legal_hold where subject = any($1::text[])
       order by subject, n desc
     ) last where kind = 'hold'`,
    [subjects],
  );
  return new Set(rows.map(({ subject }) => subject));
}

/** All that has a claim on each capture; captures that are not there have no entry. */
async function claimsOf(tx: Queryable, ids: readonly string[]): Promise<Map<string, Claims>> {
  const captures = await tx.query<{ id: string; at: Date }>(
    'select id::text as id, captured_at as at from capture where id = any($1::uuid[])',
    [ids],
  );
  const rows = await tx.query<{
    capture: string;
    number: number;
    state: CaseStateName;
    at: Date;
    isSent: boolean;
    isAppealed: boolean;
  }>(
    `select k.capture_id::text as capture, c.id as number, c.state, c.updated_at as at,
       exists (select 1 from batch_case b where b.case_id = c.id) as "isSent",
       exists (select 1 from appeal a where a.case_id = c.id and a.judged_at is null) as "isAppealed"
     from case_capture k join cases c on c.id = k.case_id where k.capture_id = any($1::uuid[])`,
    [ids],
  );
  const passages = new Map<number, { state: PassageState; at: Date | null }>();
  for (const { number, isSent } of rows) {
    if (!isSent || passages.has(number)) continue;
    const { passage } = await readSent(tx, caseId(Number(number)));
    passages.set(number, { state: passage.state, at: passage.events.at(-1)?.at ?? null });
  }
  const onHold = await held(tx, [...ids, ...rows.map(({ number }) => caseId(Number(number)))]);
  return new Map(
    captures.map(({ id, at }) => {
      const own = rows.filter(({ capture }) => capture === id);
      const cases = own.map(({ number, state, at: updatedAt, isAppealed }) => {
        const passage = passages.get(number) ?? null;
        const lastAt = passage?.at != null && passage.at > updatedAt ? passage.at : updatedAt;
        return { state, lastAt, passage: passage?.state ?? null, isAppealed };
      });
      const isOnHold = onHold.has(id) || own.some(({ number }) => onHold.has(caseId(Number(number))));
      return [id, { capturedAt: at, isOnHold, cases }];
    }),
  );
}

async function keptOf(tx: Queryable, ids: readonly string[]): Promise<Kept[]> {
  const uuids = ids.filter(isUuid);
  const claims = await claimsOf(tx, uuids);
  const gone = await deletedOf(tx, uuids);
  return ids.flatMap((captureId): Kept[] => {
    const its = claims.get(captureId);
    if (its === undefined) return [{ captureId, why: ['unknown'] }];
    if (gone.has(captureId)) return [{ captureId, why: ['deleted'] }];
    const why = keepersOf(its);
    return why.length === 0 ? [] : [{ captureId, why }];
  });
}

/** Those of these captures that two people decided away. */
async function deletedOf(tx: Queryable, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }>(
    'select capture_id::text as id from erased_capture where capture_id = any($1::uuid[])',
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

async function openProposal(tx: Queryable, id: number): Promise<{ by: string; reason: string }> {
  const [row] = await tx.query<{ by: string; reason: string }>(
    'select proposed_by as by, reason from erasure where id = $1 and verdict is null for update',
    [id],
  );
  if (row !== undefined) return row;
  throw new RetentionRefusedError(
    `proposal ${id}`,
    'no such proposal waits. "kuzet evidence retention" lists those that do.',
  );
}

function decide(tx: Queryable, id: number, by: string, verdict: string, now: Date): Promise<unknown> {
  return tx.query('update erasure set decided_at = $2, decided_by = $3, verdict = $4 where id = $1', [
    id,
    now,
    officerId(by),
    verdict,
  ]);
}

async function approve(tx: Queryable, id: number, by: string, now: Date) {
  needWords(`proposal ${id}`, by, 'x');
  const proposal = await openProposal(tx, id);
  if (isSameOfficer(proposal.by, by)) {
    throw new RetentionRefusedError(
      `proposal ${id}`,
      `${by} proposed it, so another officer has to approve it.`,
    );
  }
  const rows = await tx.query<{ id: string }>(
    'select capture_id::text as id from erasure_capture where erasure_id = $1 order by 1',
    [id],
  );
  // Whoever would decide on one of these cases waits until this is decided.
  await tx.query(
    `select c.id from cases c where exists (select 1 from case_capture k join erasure_capture e
       on e.capture_id = k.capture_id where k.case_id = c.id and e.erasure_id = $1) order by c.id for update`,
    [id],
  );
  // So does whoever would put one of these captures on hold.
  await tx.query(
    `select c.id from capture c join erasure_capture e on e.capture_id = c.id where e.erasure_id = $1
     order by c.id for no key update of c`,
    [id],
  );
  const kept = await keptOf(
    tx,
    rows.map((row) => row.id),
  );
  const deleted = rows
    .map((row) => row.id)
    .filter((each) => !kept.some(({ captureId }) => captureId === each));
  await decide(tx, id, by, 'approved', now);
  await tx.query(
    'insert into erased_capture (capture_id, erasure_id, at) select unnest($1::uuid[]), $2, $3',
    [deleted, id, now],
  );
  const named = await tx.query<{ id: string; names: (string | null)[] }>(
    `select id::text as id, array[body_sha256, warc, screenshot, full_screenshot, dom, facts] as names
     from capture where id = any($1::uuid[]) order by id`,
    [deleted],
  );
  const names = new Map<Sha256, string>();
  for (const row of named) for (const name of row.names) if (name !== null) names.set(name, row.id);
  const stay = await referred(tx, [...names.keys()]);
  const going = [...names].filter(([name]) => !stay.has(name));
  await tx.query(
    `insert into erased_blob (sha256, capture_id) select * from unnest($1::text[], $2::uuid[])
     on conflict (sha256) do update set capture_id = excluded.capture_id, erased_at = null, wanted_again = false`,
    [going.map(([name]) => name), going.map(([, capture]) => capture)],
  );
  const entry = {
    what: 'approved',
    by: officerId(by),
    proposedBy: proposal.by,
    reason: proposal.reason,
    deleted: deleted.map((captureId) => ({
      captureId,
      blobs: going.filter(([, capture]) => capture === captureId).map(([name]) => name),
    })),
    kept,
  };
  await appendToLedger(tx, [{ at: now, kind: 'erasure', subject: String(id), entry }]);
  return { deleted, kept };
}

/** Those of these blobs that something still relies on: another capture, a look at a page that did not change, a batch. */
async function referred(tx: Queryable, names: readonly Sha256[]): Promise<Set<Sha256>> {
  const rows = await tx.query<{ name: string }>(
    `select name from unnest($1::text[]) name where exists (
         select 1 from capture c
         where array[c.body_sha256, c.warc, c.screenshot, c.full_screenshot, c.dom, c.facts] @> array[name]
           and not exists (select 1 from erased_capture e where e.capture_id = c.id))
       or (select true from look l where l.warc = name limit 1) is not null
       or exists (select 1 from batch_case b
         where b.referral -> 'evidence' @> jsonb_build_array(jsonb_build_object('sha256', name)))`,
    [names],
  );
  return new Set(rows.map(({ name }) => name));
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
