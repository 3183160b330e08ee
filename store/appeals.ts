/**
 * Rows of appeals. Judging one is a single transaction: the appeal and all others of its case answered, the passage
 * of its referral moved on, the case's act written, and siblings that stand on the same grounds opened again.
 */
import { randomBytes } from 'node:crypto';
import { type Appeal, type AppealOutcome, appealCode } from '../domain/appeal.ts';
import {
  type Case,
  type CaseId,
  caseId,
  caseNumber,
  overturn,
  reopenWith,
  type Subject,
} from '../domain/case.ts';
import type { LedgerEvent } from '../domain/ledger.ts';
import { edge, judgedAppeal, startPassage } from '../domain/passage.ts';
import { asCase, type CaseRow, writeCase } from './cases.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';
import { judgedAppealEvent, sentAppealEvent } from './ledger-told.ts';
import { NoSuchReferralError, readSent, writeEvents } from './passages.ts';
import { storable } from './storable.ts';

export class NoSuchAppealError extends Error {
  override readonly name = 'NoSuchAppealError';
  readonly facts: { readonly code: string };

  constructor(code: string) {
    super(`There is no appeal ${code} that waits to be judged. "kuzet appeals list" lists those that do.`);
    this.facts = { code };
  }
}

/** An appeal that cannot be judged so. */
export class AppealRefusedError extends Error {
  override readonly name = 'AppealRefusedError';
  readonly facts: {
    readonly code: string;
    readonly refusal: 'no_officer' | 'no_reason' | 'no_case' | 'has_case';
  };

  constructor(code: string, refusal: AppealRefusedError['facts']['refusal'], why: string) {
    super(`Appeal ${code}: ${why}`);
    this.facts = { code, refusal };
  }
}

export interface JudgedAppeal {
  readonly appeal: Appeal;
  /** Cases that opened again because this one fell. */
  readonly reopened: readonly CaseId[];
}

export interface AppealStore {
  /** @param subject what the address belongs to. */
  send(
    it: Pick<Appeal, 'url' | 'words' | 'contact' | 'lang'> & { readonly subject: Subject },
    now: Date,
  ): Promise<Appeal>;
  /** Those that wait first, longest waiting first; then the judged ones, newest first. */
  list(limit: number): Promise<Appeal[]>;
  /** Sent or judged since, oldest change first; of that very moment only those after the one of this code. */
  changed(since: Date, after: string | null, limit: number): Promise<Appeal[]>;
  countOpen(): Promise<number>;
  /** @throws NoSuchAppealError */
  get(code: string): Promise<Appeal>;
  /** Of a case, the first that waits; null when nobody objects to it. */
  openOf(id: CaseId): Promise<Appeal | null>;
  /** @throws NoSuchAppealError, AppealRefusedError, CaseRefusedError, PassageRefusedError */
  judge(
    code: string,
    act: { readonly verdict: AppealOutcome; readonly by: string; readonly reason: string },
    now: Date,
  ): Promise<JudgedAppeal>;
}

export function appealStore(db: Database): AppealStore {
  return {
    async send({ url, words, contact, lang, subject }, now) {
      return db.transaction(async (tx) => {
        const [found] = await tx.query<CaseRow>(
          'select * from cases where subject_kind = $1 and md5(subject_key) = md5($2) and subject_key = $2 for update',
          [subject.kind, subject.key],
        );
        const id = found === undefined ? null : Number(found.id);
        const [row] = await tx.query<AppealRow>(
          `insert into appeal (code, at, url, case_id, words, contact, lang)
           values ($1, $2, $3, $4, $5, $6, $7) returning *`,
          [appealCode(randomBytes(16)), now, storable(url), id, storable(words), storable(contact), lang],
        );
        const appeal = asAppeal(row!);
        const told = appeal.caseId === null ? [] : await noteAppealed(tx, appeal.caseId, appeal.code, now);
        await appendToLedger(tx, [sentAppealEvent(appeal), ...told]);
        return appeal;
      });
    },
    async list(limit) {
      const rows = await db.query<AppealRow>(
        `select * from appeal order by judged_at is not null, case when judged_at is null then at end,
           judged_at desc, id limit $1`,
        [limit],
      );
      return rows.map(asAppeal);
    },
    async changed(since, after, limit) {
      const rows = await db.query<AppealRow>(
        `select * from appeal where coalesce(judged_at, at) >= $1 and (coalesce(judged_at, at) > $1
           or id > coalesce((select id from appeal where code = $2), 0))
         order by coalesce(judged_at, at), id limit $3`,
        [since, after, limit],
      );
      return rows.map(asAppeal);
    },
    async countOpen() {
      const [row] = await db.query<{ n: number }>('select count(*) as n from appeal where judged_at is null');
      return Number(row?.n ?? 0);
    },
    async get(code) {
      const [row] = await db.query<AppealRow>('select * from appeal where code = $1', [code]);
      if (row === undefined) throw new NoSuchAppealError(code);
      return asAppeal(row);
    },
    async openOf(id) {
      const [row] = await db.query<AppealRow>(
        'select * from appeal where case_id = $1 and judged_at is null order by id limit 1',
        [caseNumber(id)],
      );
      return row === undefined ? null : asAppeal(row);
    },
    async judge(code, act, now) {
      return db.transaction((tx) => judge(tx, code, act, now));
    },
  };
}

async function judge(
  tx: Queryable,
  code: string,
  { verdict, by, reason }: { readonly verdict: AppealOutcome; readonly by: string; readonly reason: string },
  now: Date,
): Promise<JudgedAppeal> {
  const [row] = await tx.query<AppealRow>(
    'select * from appeal where code = $1 and judged_at is null for update',
    [code],
  );
  if (row === undefined) throw new NoSuchAppealError(code);
  if (by.trim() === '')
    throw new AppealRefusedError(code, 'no_officer', 'name the officer who judges (--by OFFICER).');
  if (reason.trim() === '')
    throw new AppealRefusedError(code, 'no_reason', 'say why in words (--reason TEXT).');
  if (verdict === 'unmatched' && row.case_id !== null) {
    throw new AppealRefusedError(
      code,
      'has_case',
      `it is about ${caseId(Number(row.case_id))}: uphold the decision or overturn it.`,
    );
  }
  if (verdict !== 'unmatched' && row.case_id === null) {
    throw new AppealRefusedError(
      code,
      'no_case',
      'nothing was decided here about its address: it is "unmatched".',
    );
  }
  const told: LedgerEvent[] = [];
  const reopened: CaseId[] = [];
  if (verdict !== 'unmatched') {
    const [found] = await tx.query<CaseRow>('select * from cases where id = $1 for update', [row.case_id]);
    const it = asCase(found!);
    told.push(...(await movePassage(tx, it, verdict, { by, reason, at: now })));
    if (verdict === 'overturned') {
      const next = overturn(it, { by, reason }, now);
      const facts = { reason: reason.trim(), appeal: code };
      told.push(await writeCase(tx, next, { at: now, by, kind: 'overturned', facts }));
      for (const sibling of await siblingsOf(tx, it)) {
        const again = reopenWith(sibling, now);
        if (again === null) continue;
        reopened.push(again.id);
        const because = { label: again.label, score: again.score, because: it.id };
        told.push(await writeCase(tx, again, { at: now, by: 'kuzet', kind: 'reopened', facts: because }));
      }
    }
  }
  // One judgement answers everybody who objected to the same case.
  const answered = await tx.query<AppealRow>(
    `update appeal set judged_at = $2, judged_by = $3, verdict = $4, reason = $5
     where judged_at is null and (id = $1 or ($6::bigint is not null and case_id = $6)) returning *`,
    [row.id, now, by, verdict, reason.trim(), row.case_id],
  );
  const judged = answered.map(asAppeal).sort((a, b) => (a.code < b.code ? -1 : 1));
  const news = judged.map((each) =>
    judgedAppealEvent(each.code, each.caseId, { at: now, by, verdict, reason: reason.trim() }),
  );
  await appendToLedger(tx, [...told, ...news]);
  return { appeal: judged.find((each) => each.code === code)!, reopened };
}

/** A referral that is out is appealed from now on; one that has ended, or is still here, stays where it is. */
async function noteAppealed(
  tx: Queryable,
  id: CaseId,
  code: string,
  now: Date,
): Promise<readonly LedgerEvent[]> {
  const sent = await sentOrNull(tx, id);
  if (sent === null || edge(sent.passage.state, 'appealed') === null) return [];
  const event = { at: now, by: 'kuzet', kind: 'appealed' as const, facts: { appeal: code } };
  return (await writeEvents(tx, sent.passage, [event])).told;
}

async function movePassage(
  tx: Queryable,
  it: Case,
  verdict: 'upheld' | 'overturned',
  act: { readonly by: string; readonly reason: string; readonly at: Date },
): Promise<readonly LedgerEvent[]> {
  const sent = await sentOrNull(tx, it.id);
  const { state } = it;
  const deciders = 'approvedBy' in state ? [state.by, state.approvedBy] : 'by' in state ? [state.by] : [];
  const passage = sent?.passage ?? startPassage(it.id, deciders);
  const events = judgedAppeal(passage, verdict, act);
  return sent === null ? [] : (await writeEvents(tx, passage, events)).told;
}

async function sentOrNull(tx: Queryable, id: CaseId) {
  try {
    return await readSent(tx, id);
  } catch (cause) {
    if (cause instanceof NoSuchReferralError) return null;
    throw cause;
  }
}

/** Decided, not yet gone, of the same label, and on the same first reason or as a look-alike of the same site. */
async function siblingsOf(tx: Queryable, it: Case): Promise<Case[]> {
  const rows = await tx.query<CaseRow>(
    `select * from cases c where c.id <> $1 and c.state in ('confirmed', 'approved') and c.label = $2
       and (c.reasons -> 0 ->> 'id' = $3
         or exists (select 1 from look_alike l where l.site = c.subject_key and l.other = $4)
         or exists (select 1 from look_alike l where l.site = $4 and l.other = c.subject_key))
     order by c.id for update`,
    [caseNumber(it.id), it.label, it.reasons[0]?.id ?? null, it.subject.key],
  );
  return rows.map(asCase);
}

interface AppealRow {
  id: number;
  code: string;
  at: Date;
  url: string;
  case_id: number | null;
  words: string;
  contact: string;
  lang: Appeal['lang'];
  judged_at: Date | null;
  judged_by: string | null;
  verdict: AppealOutcome | null;
  reason: string | null;
}

function asAppeal(row: AppealRow): Appeal {
  return {
    code: row.code,
    at: row.at,
    url: row.url,
    caseId: row.case_id === null ? null : caseId(Number(row.case_id)),
    words: row.words,
    contact: row.contact,
    lang: row.lang,
    judged:
      row.judged_at === null
        ? null
        : { at: row.judged_at, by: row.judged_by!, verdict: row.verdict!, reason: row.reason ?? '' },
  };
}
