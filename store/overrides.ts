/**
 * Rows of overrides. Rules live in `domain/override.ts`; asking and answering are one transaction each with their
 * rows of the ledger, and rows are only ever added.
 */
import { type CaseId, caseId, caseNumber } from '../domain/case.ts';
import {
  answeredOverride,
  askedOverride,
  type FoundForOverride,
  isAskedFor,
  type Override,
  OverrideRefusedError,
  type OverrideVerdict,
} from '../domain/override.ts';
import type { Saying } from '../domain/saying.ts';
import { asCase, type CaseRow, NoSuchCaseError } from './cases.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';
import { overrideEvent } from './ledger-told.ts';

/** Nobody asked for such an override, or it is answered. */
export class NoSuchOverrideError extends Error {
  override readonly name = 'NoSuchOverrideError';
  readonly facts: { readonly caseId: string; readonly rule: string };

  constructor(id: string, rule: string) {
    super(`No override of ${rule} for ${id} waits for an answer. "kuzet override list ${id}" lists them.`);
    this.facts = { caseId: id, rule };
  }
}

export interface OverrideStore {
  /** Of a case, in the order they were asked. */
  of(id: CaseId): Promise<Override[]>;
  /** Those that wait for a second officer and whose decision still stands, longest waiting first. */
  waiting(limit: number): Promise<Override[]>;
  /** Asked or answered since, oldest change first. */
  changed(since: Date, limit: number): Promise<Override[]>;
  /**
   * Asks for the override of one finding of a decided case. The caller has made sure that the rule is soft and finds
   * just this.
   *
   * @throws NoSuchCaseError, OverrideRefusedError
   */
  ask(
    it: {
      readonly caseId: CaseId;
      readonly found: FoundForOverride;
      readonly by: string;
      readonly why: string;
    },
    now: Date,
  ): Promise<Override>;
  /**
   * Answers those of a rule that wait: just the ones of `asked` by their `n`, as the officer read them, or all of them.
   *
   * @throws NoSuchCaseError, OverrideRefusedError; NoSuchOverrideError when one of them does not wait.
   */
  answer(
    id: CaseId,
    rule: string,
    act: {
      readonly is: OverrideVerdict;
      readonly by: string;
      readonly words: string;
      readonly asked?: readonly number[];
    },
    now: Date,
  ): Promise<Override[]>;
}

export function overrideStore(db: Database): OverrideStore {
  return {
    async of(id) {
      return readOverrides(db, 'a.case_id = $1', 'a.n', [caseNumber(id)]);
    },
    async waiting(limit) {
      const isOpen = `b.n is null and exists (select 1 from cases c where c.id = a.case_id
        and c.state in ('confirmed', 'approved') and (c.state_facts ->> 'at')::timestamptz = a.decided_at)`;
      return readOverrides(db, isOpen, 'a.at, a.case_id, a.n limit $1', [limit]);
    },
    async changed(since, limit) {
      const order = 'coalesce(b.at, a.at), a.case_id, a.n limit $2';
      return readOverrides(db, 'coalesce(b.at, a.at) >= $1', order, [since, limit]);
    },
    async ask({ caseId: id, found, ...typed }, now) {
      const { rule, why: finding, about } = found;
      return db.transaction(async (tx) => {
        const decidedAt = await decisionOf(tx, id, rule);
        const { by, why } = askedOverride({ caseId: id, rule }, typed);
        const known = await readOverrides(tx, 'a.case_id = $1', 'a.n', [caseNumber(id)]);
        const twin = known.find(
          (it) =>
            isAskedFor(it, found) &&
            it.answer?.is !== 'refused' &&
            it.decidedAt.getTime() === decidedAt.getTime(),
        );
        if (twin !== undefined) {
          const why = twin.answer === null ? 'waits for a second officer' : 'is confirmed already';
          throw new OverrideRefusedError(id, rule, 'waits', `${twin.by} asked for it, and it ${why}.`);
        }
        const it: Override = {
          ...{ caseId: id, n: known.length + 1, rule, finding, about, decidedAt, at: now, by, why },
          answer: null,
        };
        await tx.query(
          `insert into override_asked (case_id, n, rule, finding, about, decided_at, at, by, why)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
          [caseNumber(id), it.n, rule, finding, JSON.stringify(about), decidedAt, now, by, why],
        );
        await appendToLedger(tx, [overrideEvent(it)]);
        return it;
      });
    },
    async answer(id, rule, { asked, ...act }, now) {
      return db.transaction(async (tx) => {
        const decidedAt = await decisionOf(tx, id, rule);
        const open = (await readOverrides(tx, 'a.case_id = $1 and b.n is null', 'a.n', [caseNumber(id)]))
          .filter((it) => it.rule === rule && it.decidedAt.getTime() === decidedAt.getTime())
          .filter(({ n }) => asked === undefined || asked.includes(n));
        if (open.length === 0 || (asked !== undefined && open.length < new Set(asked).size))
          throw new NoSuchOverrideError(id, rule);
        const answered = open.map((it) => answeredOverride(it, act, now));
        for (const { n, answer } of answered) {
          await tx.query(
            'insert into override_answered (case_id, n, verdict, at, by, words) values ($1, $2, $3, $4, $5, $6)',
            [caseNumber(id), n, answer!.is, answer!.at, answer!.by, answer!.words],
          );
        }
        await appendToLedger(tx, answered.map(overrideEvent));
        return answered;
      });
    },
  };
}

/** When the case was confirmed, its row held. @throws NoSuchCaseError, OverrideRefusedError for one that is not decided, or gone. */
async function decisionOf(tx: Queryable, id: CaseId, rule: string): Promise<Date> {
  const [row] = await tx.query<CaseRow>('select * from cases where id = $1 for update', [caseNumber(id)]);
  if (row === undefined) throw new NoSuchCaseError(id);
  const { state } = asCase(row);
  if (state.is === 'confirmed' || state.is === 'approved') return state.at;
  const why = `the case is ${state.is}; rules are overridden between its confirmation and its batch.`;
  throw new OverrideRefusedError(id, rule, 'wrong_state', why);
}

interface OverrideRow {
  case_id: number;
  n: number;
  rule: string;
  finding: string;
  about: Saying | null;
  decided_at: Date;
  at: Date;
  by: string;
  why: string;
  verdict: OverrideVerdict | null;
  answered_at: Date | null;
  answered_by: string | null;
  words: string | null;
}

async function readOverrides(
  db: Queryable,
  where: string,
  order: string,
  params: readonly unknown[],
): Promise<Override[]> {
  const rows = await db.query<OverrideRow>(
    `select a.*, b.verdict, b.at as answered_at, b.by as answered_by, b.words from override_asked a
     left join override_answered b on b.case_id = a.case_id and b.n = a.n where ${where} order by ${order}`,
    [...params],
  );
  return rows.map((row) => ({
    caseId: caseId(Number(row.case_id)),
    n: row.n,
    rule: row.rule,
    finding: row.finding,
    about: row.about,
    decidedAt: row.decided_at,
    at: row.at,
    by: row.by,
    why: row.why,
    answer:
      row.verdict === null
        ? null
        : { is: row.verdict, at: row.answered_at!, by: row.answered_by!, words: row.words ?? '' },
  }));
}
