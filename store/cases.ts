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
  officerId,
  type Seen,
  type Sighting,
  type Subject,
  sightAgain,
} from '../domain/case.ts';
import {
  disagree,
  escalate,
  type LastAct,
  lookBlind,
  reverse,
  type SecondLook,
  UNDO_SECONDS,
  undo,
  wake,
  watch,
} from '../domain/case-acts.ts';
import type { LedgerEvent } from '../domain/ledger.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';
import { actEvent } from './ledger-told.ts';
import { type Once, takeKey } from './once.ts';
import { draw, type Sample } from './sample.ts';
import { together } from './together.ts';

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
    | 'overturned'
    | 'escalated'
    | 'watched'
    | 'woken'
    | 'disagreed'
    | 'reversed'
    | 'undone';
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

/** What an officer does to a case short of deciding it, and back from a decision: see `domain/case-acts.ts`. */
export type CaseAct =
  | { readonly is: 'escalate' | 'disagree' | 'reverse'; readonly by: string; readonly reason: string }
  | { readonly is: 'watch'; readonly by: string; readonly reason: string; readonly days: number }
  | ({ readonly is: 'look' } & SecondLook)
  | { readonly is: 'undo'; readonly by: string };

/** Under which conditions an act is done. */
export interface ActTerms {
  /** The one that was looked at; left out to act on whatever stands there. */
  readonly revision?: number | undefined;
  /** Done at most once; asked again, the case is told as it stands. */
  readonly once?: Once | undefined;
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
  /** @throws NoSuchCaseError, CaseRefusedError, KeyReusedError */
  decide(id: CaseId, act: Decision, now: Date, terms?: ActTerms): Promise<Case>;
  /** @throws NoSuchCaseError, CaseRefusedError, KeyReusedError */
  approve(id: CaseId, by: string, now: Date, terms?: ActTerms): Promise<Case>;
  /** @throws NoSuchCaseError, CaseRefusedError, KeyReusedError */
  act(id: CaseId, act: CaseAct, now: Date, terms?: ActTerms): Promise<Case>;
  /** Until when this officer may take the last act back; null when there is nothing to take back. */
  undoableUntil(id: CaseId, by: string, now: Date): Promise<Date | null>;
  /** Watched cases whose day has come go back to the queue; how many did. At most 100 at once. */
  wake(now: Date): Promise<number>;
  /** The machine saw a subject worth a person's look: opens its case, or adds to the one there is. */
  sight(subject: Subject, sighting: Sighting, captureIds: readonly string[], now: Date): Promise<Case>;
  /** Cases of what these scans captured, riskiest first. */
  ofScans(scanIds: readonly string[]): Promise<Case[]>;
}

/** @param sample of what is decided, to be read again; none is drawn without. */
export function caseStore(db: Database, sample: Sample | null = null): CaseStore {
  const perform: Perform = (id, by, now, terms, rule) => performIn(db, sample, id, by, now, terms, rule);
  const find = together<Subject, Case | null>(async (subjects) => {
    const rows = await db.query<CaseRow>(
      `select c.* from unnest($1::text[], $2::text[]) as it (kind, key) join cases c
         on c.subject_kind = it.kind and md5(c.subject_key) = md5(it.key) and c.subject_key = it.key`,
      [subjects.map(({ kind }) => kind), subjects.map(({ key }) => key)],
    );
    const found = new Map(rows.map((row) => [`${row.subject_kind} ${row.subject_key}`, row]));
    return subjects.map(({ kind, key }) => {
      const row = found.get(`${kind} ${key}`);
      return { answer: row === undefined ? null : asCase(row) };
    });
  });
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
    find,
    async acts(id) {
      const row = await readCase(db, id, '');
      return db.query<Act>('select at, by, kind, facts from act where case_id = $1 order by revision', [
        row.id,
      ]);
    },
    decide: (id, act, now, terms = {}) =>
      perform(id, act.by, now, terms, (it) => {
        const next = decide(it, act, now);
        const { reason } = act;
        return act.verdict === 'confirm'
          ? { next, kind: 'confirmed', facts: { ground: act.ground, reason } }
          : { next, kind: 'dismissed', facts: { reason } };
      }),
    approve: (id, by, now, terms = {}) =>
      perform(id, by, now, terms, (it) => ({ next: approve(it, by, now), kind: 'approved', facts: {} })),
    act: (id, act, now, terms = {}) =>
      perform(id, act.by, now, terms, (it, last) => done(it, act, last, now)),
    async undoableUntil(id, by, now) {
      const it = asCase(await readCase(db, id, ''));
      try {
        const last = await lastAct(db, it.id);
        undo(it, last, by, now);
        return new Date(last.at.getTime() + UNDO_SECONDS * 1000);
      } catch (error) {
        if (error instanceof CaseRefusedError) return null;
        throw error;
      }
    },
    wake: (now) =>
      db.transaction(async (tx) => {
        const rows = await tx.query<CaseRow>(
          `select * from cases where lane = 'watch' and state_facts -> 'watched' ->> 'until' <= $1
           order by id limit 100 for update skip locked`,
          [now.toISOString()],
        );
        const events: LedgerEvent[] = [];
        for (const row of rows) {
          const next = wake(asCase(row), now);
          if (next !== null)
            events.push(await writeCase(tx, next, { at: now, by: 'kuzet', kind: 'woken', facts: {} }));
        }
        await appendToLedger(tx, events);
        return events.length;
      }),
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

interface Deed {
  readonly next: Case;
  readonly kind: Act['kind'];
  readonly facts: Readonly<Record<string, unknown>>;
}

type Perform = (
  id: CaseId,
  byTyped: string,
  now: Date,
  terms: ActTerms,
  rule: (it: Case, last: LastAct) => Deed,
) => Promise<Case>;

/** One act is one transaction: its key taken, the row locked, the rule asked, the row and its act written. */
async function performIn(
  db: Database,
  sample: Sample | null,
  id: CaseId,
  byTyped: string,
  now: Date,
  { revision, once }: ActTerms,
  rule: (it: Case, last: LastAct) => Deed,
): Promise<Case> {
  return db.transaction(async (tx) => {
    if (once !== undefined && !(await takeKey(tx, once, now))) return asCase(await readCase(tx, id, ''));
    const before = asCase(await readCase(tx, id, 'for update'));
    const by = officerId(byTyped);
    const last = await lastAct(tx, before.id);
    const { next, kind, facts } = rule(lookedAt(before, revision), last);
    // What was done a moment ago may be taken back, whoever holds the case by now.
    if (kind !== 'undone') await checkHold(tx, before, by, now);
    const act = { at: now, by, kind, facts: { ...facts, before: before.state } };
    await appendToLedger(tx, [await writeCase(tx, next, act)]);
    await tx.query('delete from claim where case_id = $1', [caseNumber(before.id)]);
    if (sample !== null && kind !== 'undone') await draw(tx, next, sample, now);
    return next;
  });
}

function done(it: Case, act: CaseAct, last: LastAct, now: Date): Deed {
  switch (act.is) {
    case 'escalate':
      return { next: escalate(it, act, now), kind: 'escalated', facts: { reason: act.reason } };
    case 'watch':
      return { next: watch(it, act, now), kind: 'watched', facts: { reason: act.reason, days: act.days } };
    case 'disagree':
      return { next: disagree(it, act, now), kind: 'disagreed', facts: { reason: act.reason } };
    case 'reverse':
      return { next: reverse(it, act, now), kind: 'reversed', facts: { reason: act.reason } };
    case 'look': {
      const next = lookBlind(it, act, now);
      const { verdict, reason } = act;
      const kind = next.state.is === 'approved' ? 'approved' : 'disagreed';
      return { next, kind, facts: { verdict, reason, isBlind: true } };
    }
    case 'undo':
      return { next: undo(it, last, act.by, now), kind: 'undone', facts: { undoes: last.revision } };
  }
}

/** @throws CaseRefusedError while another officer holds it. */
async function checkHold(tx: Queryable, it: Case, by: string, now: Date): Promise<void> {
  const [held] = await tx.query<{ by: string }>(
    'select by from claim where case_id = $1 and until > $2 and by <> $3',
    [caseNumber(it.id), now, by],
  );
  if (held !== undefined) {
    throw new CaseRefusedError(
      it.id,
      'claimed',
      `${held.by} is at work on it. Wait, or take it over with a reason.`,
    );
  }
}

async function lastAct(tx: Queryable, id: CaseId): Promise<LastAct> {
  const [row] = await tx.query<Act & { revision: number }>(
    'select at, by, kind, facts, revision from act where case_id = $1 order by revision desc limit 1',
    [caseNumber(id)],
  );
  const before = row?.facts.before as { is: CaseStateName } | undefined;
  const state = before === undefined || row?.kind === 'undone' ? null : asState(before.is, { ...before });
  return { by: row?.by ?? '', at: row?.at ?? new Date(0), revision: row?.revision ?? 0, before: state };
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
  await tx.query(
    `update cases k set reach = r.reach from (
       select 1 + (select count(*) from tip t where t.subject_kind = $2 and md5(t.subject_key) = md5($3) and t.subject_key = $3)
         + (select count(distinct s.source) from case_capture j join capture c on c.id = j.capture_id
              join visit v on v.id = c.visit_id join scan s on s.id = v.scan_id where j.case_id = $1) as reach) r
     where k.id = $1 and k.reach <> r.reach`,
    [caseNumber(it.id), subject.kind, subject.key],
  );
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
  reach: number;
  rank: number;
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
  for (const name of ['escalated', 'watched']) {
    const part = state[name] as Record<string, unknown> | undefined;
    if (part === undefined) continue;
    state[name] = Object.fromEntries(
      Object.entries(part).map(([key, value]) => [
        key,
        key === 'at' || key === 'until' ? new Date(String(value)) : value,
      ]),
    );
  }
  return state as unknown as CaseState;
}
