/**
 * Rows of what became of referrals. Rules live in `domain/passage.ts`; an event is one transaction with its row of
 * the ledger, and rows are only ever added.
 */
import { type CaseId, caseId, caseNumber } from '../domain/case.ts';
import type { LedgerEvent } from '../domain/ledger.ts';
import { type Passage, type PassageEvent, type PassageState, pass, replay } from '../domain/passage.ts';
import type { Referral } from '../domain/record.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';
import { passageEvent } from './ledger-told.ts';

/** The case never left in a batch. */
export class NoSuchReferralError extends Error {
  override readonly name = 'NoSuchReferralError';
  readonly facts: { readonly caseId: string };

  constructor(id: string) {
    super(`${id} is in no batch, so nothing became of it yet. "kuzet refer show" lists batches.`);
    this.facts = { caseId: id };
  }
}

export interface SentReferral {
  readonly caseId: CaseId;
  readonly batch: string;
  /** 1 for the first of its batch: the N of "Site N". */
  readonly row: number;
  readonly url: string;
  readonly passage: Passage;
}

/** A row of a batch as it was sent, and what became of it. */
export interface BatchRowSent {
  readonly n: number;
  readonly caseId: CaseId;
  readonly url: string;
  readonly offence: string;
  /** It went on in another batch: nothing more becomes of it here. */
  readonly isMoved: boolean;
  readonly passage: Passage;
}

export interface ReceiptRow {
  readonly n: number;
  readonly given: Readonly<Record<string, string>>;
  readonly caseId: CaseId | null;
  readonly outcome: string | null;
  readonly why: string | null;
}

export interface PassageStore {
  /** @throws NoSuchReferralError */
  get(id: CaseId): Promise<SentReferral>;
  /** Newest batch first, in the order of its rows. */
  list(limit: number): Promise<SentReferral[]>;
  /** Every record that ever left, with where it stands. */
  all(): Promise<{ readonly referral: Referral; readonly state: PassageState }[]>;
  /** Referrals whose passage waits for somebody's answer: what may be late. */
  pending(): Promise<SentReferral[]>;
  /** @throws NoSuchReferralError, PassageRefusedError */
  add(id: CaseId, events: readonly PassageEvent[]): Promise<Passage>;
  /** The case that a receipt's row means: by the referral's id, else its address, else its row in the batch named. */
  find(asked: {
    readonly referralId?: string | undefined;
    readonly caseId?: string | undefined;
    readonly url?: string | undefined;
    readonly dedupeKey?: string | undefined;
    readonly batch?: string | undefined;
    readonly row?: number | undefined;
  }): Promise<CaseId | null>;
  /** Cases that stand in a batch, in the order of its rows; those that went on in another one are not. */
  ofBatch(batch: string): Promise<CaseId[]>;
  /** Rows of a batch with where each stands, in the order of the file. */
  rowsOf(batch: string): Promise<BatchRowSent[]>;
  /** Whether this very file was taken in before. */
  knowsReceipt(sha256: string): Promise<boolean>;
  /** Keeps all rows of a file, those that nobody understood too. */
  keepReceipt(file: {
    readonly sha256: string;
    readonly by: string;
    readonly at: Date;
    readonly rows: readonly ReceiptRow[];
  }): Promise<void>;
}

export function passageStore(db: Database): PassageStore {
  return {
    get: (id) => readSent(db, id),
    async list(limit) {
      const rows = await db.query<SentRow>(
        `select ${SENT} from batch_row k join batch b on b.id = k.batch_id where not k.is_moved
         order by b.built_at desc, b.id desc, k.n limit $1`,
        [limit],
      );
      return withPassages(db, rows);
    },
    async all() {
      const rows = await db.query<{ case_id: number; referral: Referral }>(
        'select case_id, referral from batch_case order by case_id',
      );
      const byCase = await eventsOf(db, null);
      return rows.map(({ case_id, referral }) => {
        const { officerId, secondOfficerId } = referral.decision;
        const log = byCase.get(Number(case_id)) ?? [];
        const { state } = replay(caseId(Number(case_id)), [officerId, secondOfficerId], log);
        return { referral, state };
      });
    },
    async pending() {
      const rows = await db.query<SentRow>(
        `select ${SENT} from passage_last l join batch_row k on k.case_id = l.case_id
         where l.kind in ('handed_over', 'prescription', 'platform_notified') and not k.is_moved order by k.case_id`,
      );
      return withPassages(db, rows);
    },
    async add(id, events) {
      return db.transaction(async (tx) => {
        await tx.query('select 1 from cases where id = $1 for update', [caseNumber(id)]);
        const { passage } = await readSent(tx, id);
        const { next, told } = await writeEvents(tx, passage, events);
        await appendToLedger(tx, told);
        return next;
      });
    },
    async find({ referralId, caseId: given, url, dedupeKey, batch, row }) {
      const number = given === undefined ? null : caseNumber(given);
      const [found] = await db.query<{ case_id: number }>(
        `select case_id from batch_row
         where referral ->> 'referralId' = $1 or case_id = $2 or referral ->> 'dedupeKey' = $3
           or referral ->> 'url' = $4 or (batch_id = $5 and n = $6)
         order by case when referral ->> 'referralId' = $1 then 0 when case_id = $2 then 1
           when referral ->> 'dedupeKey' = $3 then 2 when referral ->> 'url' = $4 then 3 else 4 end,
           batch_id desc, n limit 1`,
        [referralId ?? null, number, dedupeKey ?? null, url ?? null, batch ?? null, row ?? null],
      );
      return found === undefined ? null : caseId(Number(found.case_id));
    },
    async ofBatch(batch) {
      const rows = await db.query<{ case_id: number }>(
        'select case_id from batch_row where batch_id = $1 and not is_moved order by n',
        [batch],
      );
      return rows.map((row) => caseId(Number(row.case_id)));
    },
    async rowsOf(batch) {
      const rows = await db.query<{ n: number; case_id: number; is_moved: boolean; referral: Referral }>(
        'select n, case_id, is_moved, referral from batch_row where batch_id = $1 order by n',
        [batch],
      );
      const byCase = await eventsOf(
        db,
        rows.map((row) => Number(row.case_id)),
      );
      return rows.map(({ n, case_id, is_moved, referral }) => {
        const id = caseId(Number(case_id));
        const { officerId, secondOfficerId } = referral.decision;
        const passage = replay(id, [officerId, secondOfficerId], byCase.get(Number(case_id)) ?? []);
        return { n, caseId: id, url: referral.url, offence: referral.offense, isMoved: is_moved, passage };
      });
    },
    async knowsReceipt(sha256) {
      return (
        (await db.query('select 1 as known from receipt_row where file_sha256 = $1 limit 1', [sha256]))
          .length > 0
      );
    },
    async keepReceipt({ sha256, by, at, rows }) {
      await db.transaction(async (tx) => {
        for (const { n, given, caseId: id, outcome, why } of rows) {
          await tx.query(
            `insert into receipt_row (file_sha256, n, imported_at, by, given, case_id, outcome, why)
             values ($1, $2, $3, $4, $5::jsonb, $6, $7, $8)`,
            [sha256, n, at, by, JSON.stringify(given), id === null ? null : caseNumber(id), outcome, why],
          );
        }
        const entry = {
          sha256,
          by,
          rows: rows.length,
          unknown: rows.filter((row) => row.caseId === null).length,
        };
        await appendToLedger(tx, [{ at, kind: 'receipt', subject: sha256, entry }]);
      });
    },
  };
}

/** Events by the number of their case, oldest first; of all cases for null. */
async function eventsOf(
  db: Queryable,
  cases: readonly number[] | null,
): Promise<Map<number, PassageEvent[]>> {
  const events = await db.query<PassageEvent & { case_id: number }>(
    `select case_id, at, by, kind, facts from passage_event
     where $1::bigint[] is null or case_id = any($1::bigint[]) order by case_id, n`,
    [cases],
  );
  const byCase = new Map<number, PassageEvent[]>();
  for (const { case_id, ...event } of events) {
    const log = byCase.get(Number(case_id)) ?? [];
    log.push(event);
    byCase.set(Number(case_id), log);
  }
  return byCase;
}

/** Writes what follows on a passage; what the ledger has to tell of it is the caller's to append, last. */
export async function writeEvents(
  tx: Queryable,
  passage: Passage,
  events: readonly PassageEvent[],
): Promise<{ readonly next: Passage; readonly told: readonly LedgerEvent[] }> {
  const next = events.reduce(pass, passage);
  const told: LedgerEvent[] = [];
  for (const [at, event] of next.events.entries()) {
    if (at < passage.events.length) continue;
    await tx.query(
      'insert into passage_event (case_id, n, at, by, kind, facts) values ($1, $2, $3, $4, $5, $6::jsonb)',
      [caseNumber(passage.caseId), at + 1, event.at, event.by, event.kind, JSON.stringify(event.facts)],
    );
    told.push(passageEvent(next.caseId, at + 1, event));
  }
  return { next, told };
}

interface SentRow {
  readonly case_id: number;
  readonly batch_id: string;
  readonly n: number;
  readonly url: string;
  readonly decision: Referral['decision'];
}

/** Of a `batch_row k`. */
const SENT = "k.case_id, k.batch_id, k.n, k.referral ->> 'url' as url, k.referral -> 'decision' as decision";

async function withPassages(db: Queryable, rows: readonly SentRow[]): Promise<SentReferral[]> {
  const byCase = await eventsOf(
    db,
    rows.map((row) => Number(row.case_id)),
  );
  return rows.map(({ case_id, batch_id, n, url, decision }) => {
    const id = caseId(Number(case_id));
    const deciders = [decision.officerId, decision.secondOfficerId];
    const passage = replay(id, deciders, byCase.get(Number(case_id)) ?? []);
    return { caseId: id, batch: batch_id, row: n, url, passage };
  });
}

/** @throws NoSuchReferralError */
export async function readSent(db: Queryable, id: CaseId): Promise<SentReferral> {
  const number = caseNumber(id);
  const rows =
    number === null
      ? []
      : await db.query<SentRow>(`select ${SENT} from batch_row k where k.case_id = $1 and not k.is_moved`, [
          number,
        ]);
  const [sent] = await withPassages(db, rows);
  if (sent === undefined) throw new NoSuchReferralError(id);
  return sent;
}
