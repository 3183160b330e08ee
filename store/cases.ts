/**
 * Rows of cases and of every act on them. Rules live in `domain/case.ts`; here an act is one transaction:
 * the row locked, the rule asked, the row and its act written.
 */
import type { Label, Signal } from '../domain/assessment.ts';
import {
  approve,
  type Case,
  type CaseId,
  CaseRefusedError,
  type CaseState,
  type CaseStateName,
  caseId,
  caseNumber,
  type Decision,
  decide,
  type Seen,
  type Sighting,
  type Subject,
  sightAgain,
} from '../domain/case.ts';
import type { LedgerEvent } from '../domain/ledger.ts';
import type { Database, Queryable } from './database.ts';
import { actEvent, appendToLedger } from './ledger.ts';

export interface Act {
  readonly at: Date;
  readonly by: string;
  readonly kind:
    | 'opened'
    | 'seen_again'
    | 'reopened'
    | 'confirmed'
    | 'dismissed'
    | 'approved'
    | 'referred'
    | 'overturned';
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface CaseFilter {
  readonly state?: CaseStateName;
  readonly label?: Label;
  /** Found in the subject's key. */
  readonly search?: string;
  readonly limit?: number;
  readonly offset?: number;
}

export class NoSuchCaseError extends Error {
  override readonly name = 'NoSuchCaseError';
  readonly facts: { readonly caseId: string };

  constructor(caseId: string) {
    super(`There is no case ${caseId}. "kuzet cases" lists the ones there are.`);
    this.facts = { caseId };
  }
}

export interface CaseStore {
  /** Riskiest first; at most 50 unless the filter says otherwise. */
  list(filter: CaseFilter): Promise<Case[]>;
  count(filter: CaseFilter): Promise<number>;
  /** @throws NoSuchCaseError */
  get(id: CaseId): Promise<Case>;
  /** The case of a subject; null when none was opened. */
  find(subject: Subject): Promise<Case | null>;
  /** Oldest first. */
  acts(id: CaseId): Promise<Act[]>;
  /**
   * @param revision the one that was looked at; left out to decide whatever stands there.
   * @throws NoSuchCaseError, CaseRefusedError
   */
  decide(id: CaseId, act: Decision, now: Date, revision?: number): Promise<Case>;
  /** @throws NoSuchCaseError, CaseRefusedError */
  approve(id: CaseId, by: string, now: Date, revision?: number): Promise<Case>;
  /** The machine saw a subject worth a person's look: opens its case, or adds to the one there is. */
  sight(subject: Subject, sighting: Sighting, captureIds: readonly string[], now: Date): Promise<Case>;
  /** Cases of what these scans captured, riskiest first. */
  ofScans(scanIds: readonly string[]): Promise<Case[]>;
}

export function caseStore(db: Database): CaseStore {
  return {
    async list(filter) {
      const { where, params } = condition(filter);
      const rows = await db.query<CaseRow>(
        `select * from cases ${where} order by score desc, id limit $${params.length + 1} offset $${params.length + 2}`,
        [...params, filter.limit ?? 50, filter.offset ?? 0],
      );
      return rows.map(asCase);
    },
    async count(filter) {
      const { where, params } = condition(filter);
      const [row] = await db.query<{ n: number }>(`select count(*) as n from cases ${where}`, params);
      return Number(row?.n ?? 0);
    },
    async get(id) {
      return asCase(await readCase(db, id, ''));
    },
    async find(subject) {
      const [row] = await db.query<CaseRow>(
        'select * from cases where subject_kind = $1 and md5(subject_key) = md5($2) and subject_key = $2',
        [subject.kind, subject.key],
      );
      return row === undefined ? null : asCase(row);
    },
    async acts(id) {
      const row = await readCase(db, id, '');
      return db.query<Act>('select at, by, kind, facts from act where case_id = $1 order by revision', [
        row.id,
      ]);
    },
    async decide(id, act, now, revision) {
      return db.transaction(async (tx) => {
        const next = decide(lookedAt(asCase(await readCase(tx, id, 'for update')), revision), act, now);
        const facts =
          act.verdict === 'confirm' ? { ground: act.ground, reason: act.reason } : { reason: act.reason };
        const by = next.state.is === 'confirmed' || next.state.is === 'dismissed' ? next.state.by : act.by;
        const kind = act.verdict === 'confirm' ? 'confirmed' : 'dismissed';
        await appendToLedger(tx, [await writeCase(tx, next, { at: now, by, kind, facts })]);
        return next;
      });
    },
    async approve(id, by, now, revision) {
      return db.transaction(async (tx) => {
        const next = approve(lookedAt(asCase(await readCase(tx, id, 'for update')), revision), by, now);
        const approvedBy = next.state.is === 'approved' ? next.state.approvedBy : by;
        const act = await writeCase(tx, next, { at: now, by: approvedBy, kind: 'approved', facts: {} });
        await appendToLedger(tx, [act]);
        return next;
      });
    },
    async sight(subject, sighting, captureIds, now) {
      return db.transaction((tx) => sightIn(tx, subject, sighting, captureIds, now));
    },
    async ofScans(scanIds) {
      const rows = await db.query<CaseRow>(
        `select * from cases where id in (
           select k.case_id from case_capture k join capture c on c.id = k.capture_id
           join visit v on v.id = c.visit_id where v.scan_id = any($1::uuid[])
         ) order by score desc, id`,
        [scanIds],
      );
      return rows.map(asCase);
    },
  };
}

/** @throws CaseRefusedError when the case is not any more what the officer looked at. */
function lookedAt(it: Case, revision: number | undefined): Case {
  const mayBeDecided = it.state.is === 'open' || it.state.is === 'confirmed';
  if (revision !== undefined && revision !== it.revision && mayBeDecided) {
    throw new CaseRefusedError(it.id, 'changed', 'it changed meanwhile. Look at it again.');
  }
  return it;
}

async function sightIn(
  tx: Queryable,
  subject: Subject,
  sighting: Sighting,
  captureIds: readonly string[],
  now: Date,
): Promise<Case> {
  const opened = await tx.query<CaseRow>(
    `insert into cases (subject_kind, subject_key, label, score, revision, state, state_facts, seen, reasons,
       opened_at, updated_at)
     values ($1, $2, $3, $4, 1, 'open', '{}'::jsonb, $5::jsonb, $6::jsonb, $7, $7)
     on conflict (subject_kind, md5(subject_key)) do nothing returning *`,
    [
      subject.kind,
      subject.key,
      sighting.label,
      sighting.score,
      JSON.stringify(sighting.seen),
      JSON.stringify(sighting.reasons),
      now,
    ],
  );
  const facts = { label: sighting.label, score: sighting.score };
  const events: LedgerEvent[] = [];
  let it: Case;
  if (opened[0] !== undefined) {
    it = asCase(opened[0]);
    events.push(await addAct(tx, it, { at: now, by: 'kuzet', kind: 'opened', facts }));
  } else {
    const [row] = await tx.query<CaseRow>(
      'select * from cases where subject_kind = $1 and md5(subject_key) = md5($2) and subject_key = $2 for update',
      [subject.kind, subject.key],
    );
    const before = asCase(row!);
    it = sightAgain(before, sighting, now);
    if (it.revision !== before.revision) {
      const kind = it.state.is === before.state.is ? 'seen_again' : 'reopened';
      events.push(await writeCase(tx, it, { at: now, by: 'kuzet', kind, facts }));
    }
  }
  // Once an officer decided, the evidence is what that officer saw.
  const joined: string[] = [];
  for (const captureId of it.state.is === 'open' ? captureIds : []) {
    const added = await tx.query(
      'insert into case_capture (case_id, capture_id) values ($1, $2) on conflict do nothing returning 1 as added',
      [caseNumber(it.id), captureId],
    );
    if (added.length > 0) joined.push(captureId);
  }
  if (joined.length > 0) {
    events.push({ at: now, kind: 'evidence', subject: it.id, entry: { case: it.id, captures: joined } });
  }
  await appendToLedger(tx, events);
  return it;
}

/** Writes the next revision of a case and the act that made it; the event is the caller's to append, last. */
export async function writeCase(tx: Queryable, it: Case, act: Act): Promise<LedgerEvent> {
  const { is, ...facts } = it.state;
  await tx.query(
    `update cases set label = $2, score = $3, revision = $4, state = $5, state_facts = $6::jsonb, seen = $7::jsonb,
       reasons = $8::jsonb, updated_at = $9 where id = $1`,
    [
      caseNumber(it.id),
      it.label,
      it.score,
      it.revision,
      is,
      JSON.stringify(facts),
      JSON.stringify(it.seen),
      JSON.stringify(it.reasons),
      it.updatedAt,
    ],
  );
  return addAct(tx, it, act);
}

async function addAct(tx: Queryable, it: Case, act: Act): Promise<LedgerEvent> {
  const { at, by, kind, facts } = act;
  const case_id = caseNumber(it.id)!;
  await tx.query(
    'insert into act (at, case_id, revision, by, kind, facts) values ($1, $2, $3, $4, $5, $6::jsonb)',
    [at, case_id, it.revision, by, kind, JSON.stringify(facts)],
  );
  return actEvent({ at, case_id, revision: it.revision, by, kind, facts });
}

async function readCase(db: Queryable, id: CaseId, lock: '' | 'for update'): Promise<CaseRow> {
  const number = caseNumber(id);
  const [row] =
    number === null ? [] : await db.query<CaseRow>(`select * from cases where id = $1 ${lock}`, [number]);
  if (row === undefined) throw new NoSuchCaseError(id);
  return row;
}

function condition(filter: CaseFilter): { where: string; params: unknown[] } {
  const params: unknown[] = [];
  const tests: string[] = [];
  const add = (test: (place: string) => string, value: unknown) => {
    params.push(value);
    tests.push(test(`$${params.length}`));
  };
  if (filter.state !== undefined) add((place) => `state = ${place}`, filter.state);
  if (filter.label !== undefined) add((place) => `label = ${place}`, filter.label);
  if (filter.search !== undefined && filter.search !== '') {
    add((place) => `strpos(subject_key, lower(${place})) > 0`, filter.search);
  }
  return { where: tests.length === 0 ? '' : `where ${tests.join(' and ')}`, params };
}

export interface CaseRow {
  id: number;
  subject_kind: Subject['kind'];
  subject_key: string;
  label: Label;
  score: number;
  revision: number;
  state: CaseStateName;
  state_facts: Readonly<Record<string, unknown>>;
  seen: Seen;
  reasons: readonly Signal[];
  opened_at: Date;
  updated_at: Date;
}

export function asCase(row: CaseRow): Case {
  return {
    id: caseId(Number(row.id)),
    subject: { kind: row.subject_kind, key: row.subject_key },
    label: row.label,
    score: row.score,
    revision: row.revision,
    state: asState(row.state, row.state_facts),
    seen: row.seen,
    reasons: row.reasons,
    openedAt: row.opened_at,
    updatedAt: row.updated_at,
  };
}

/** Dates travel through JSON as text. */
function asState(is: CaseStateName, facts: Readonly<Record<string, unknown>>): CaseState {
  const state: Record<string, unknown> = { ...facts, is };
  for (const name of ['at', 'approvedAt']) {
    if (typeof state[name] === 'string') state[name] = new Date(state[name]);
  }
  return state as unknown as CaseState;
}
