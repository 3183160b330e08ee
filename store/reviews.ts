/** Rows of what was judged of each subject, and of the reviews that officers are asked for. */
import type { Label, Score, Verdict } from '../domain/assessment.ts';
import { officerId, type Subject } from '../domain/case.ts';
import {
  type Proposal,
  type Review,
  type ReviewId,
  type ReviewReason,
  reviewId,
  reviewNumber,
  type SubjectJudgement,
} from '../domain/review.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger } from './ledger.ts';
import { roundsOf } from './rounds.ts';
import { together } from './together.ts';

export class NoSuchReviewError extends Error {
  override readonly name = 'NoSuchReviewError';
  readonly facts: { readonly reviewId: string };

  constructor(id: string) {
    super(`There is no review ${id} that waits for an answer. "kuzet review list" lists those that do.`);
    this.facts = { reviewId: id };
  }
}

/** An answer without a name or a reason. */
export class ReviewRefusedError extends Error {
  override readonly name = 'ReviewRefusedError';
  readonly facts: { readonly reviewId: string };

  constructor(id: string, why: string) {
    super(`Review ${id}: ${why}`);
    this.facts = { reviewId: id };
  }
}

/** One subject of a period, and what a person said of it. */
export interface LookedRow {
  readonly verdict: Verdict;
  readonly isDrawn: boolean;
  /** Null when nobody has said. */
  readonly isFraud: boolean | null;
}

export interface ReviewStore {
  /**
   * Notes what was judged of a subject, in place of what was judged before, and proposes it for review or
   * takes the proposal back. What was answered within 30 days is not proposed again.
   */
  note(it: SubjectJudgement, proposal: Proposal | null, now: Date): Promise<void>;
  /** Those that wait, in no order to rely on; at most `limit` of each reason, the first to look at. */
  waiting(limit: number): Promise<Review[]>;
  /** @throws NoSuchReviewError when there is none, or it is answered. */
  get(id: ReviewId): Promise<Review>;
  /**
   * Only the first answer counts.
   *
   * @throws NoSuchReviewError, ReviewRefusedError
   */
  answer(
    id: ReviewId,
    answer: { readonly by: string; readonly label: Label; readonly reason: string },
    now: Date,
  ): Promise<Review>;
  /** All subjects that this model judged last since then. A case's decision counts before a review's answer. */
  looked(model: string, since: Date): Promise<LookedRow[]>;
}

const ANSWER_LASTS_MS = 30 * 24 * 3600 * 1000;

export function reviewStore(db: Database): ReviewStore {
  const noteOne = together<Noted, null>((them) => db.transaction((tx) => note(tx, them)));
  return {
    async note(it, proposal, now) {
      await noteOne({ it, proposal, now });
    },
    async waiting(limit) {
      const rows = await db.query<ReviewRow>(
        `select * from (
           select *, row_number() over (partition by why order by priority desc, id) as rank
           from review where answered_at is null
         ) ranked where rank <= $1 order by rank, why`,
        [limit],
      );
      return rows.map(asReview);
    },
    async get(id) {
      return asReview(await readOpen(db, id, ''));
    },
    async answer(id, { by, label, reason }, now) {
      const officer = officerId(by);
      if (officer === '') throw new ReviewRefusedError(id, 'name the officer who answers (--by OFFICER).');
      if (reason.trim() === '') throw new ReviewRefusedError(id, 'say why in words (--reason TEXT).');
      return db.transaction(async (tx) => {
        const row = await readOpen(tx, id, 'for update');
        const [answered] = await tx.query<ReviewRow>(
          `update review set answered_at = $2, answered_by = $3, label = $4, reason = $5 where id = $1 returning *`,
          [row.id, now, officer, label, reason.trim()],
        );
        const review = asReview(answered!);
        const { id: name, subject, why, answer } = review;
        await appendToLedger(tx, [
          { at: now, kind: 'review', subject: name, entry: { review: name, of: subject, why, ...answer } },
        ]);
        return review;
      });
    },
    async looked(model, since) {
      return db.query<LookedRow>(
        `select j.verdict, j.drawn as "isDrawn",
           case when c.state = 'dismissed' then false
                when exists (select 1 from act a where a.case_id = c.id and a.kind = 'overturned') then false
                when c.state in ('confirmed', 'approved', 'referred') then true
                else (select r.label <> 'legit' from review r
                      where r.subject_kind = j.subject_kind and md5(r.subject_key) = md5(j.subject_key)
                        and r.subject_key = j.subject_key and r.answered_at is not null
                      order by r.answered_at desc limit 1) end as "isFraud"
         from judged j left join cases c on c.subject_kind = j.subject_kind
           and md5(c.subject_key) = md5(j.subject_key) and c.subject_key = j.subject_key
         where j.model = $1 and j.at >= $2`,
        [model, since],
      );
    },
  };
}

interface Noted {
  readonly it: SubjectJudgement;
  readonly proposal: Proposal | null;
  readonly now: Date;
}

/** Of one subject noted twice the later one stays. */
async function note(tx: Queryable, them: readonly Noted[]): Promise<{ answer: null }[]> {
  for (const some of roundsOf(them, ({ it: { subject } }) => `${subject.kind} ${subject.key}`)) {
    // In one order, so that two transactions cannot wait for each other.
    const rows = some.sort((a, b) => (a.it.subject.key < b.it.subject.key ? -1 : 1));
    await tx.query(
      `insert into judged (subject_kind, subject_key, at, model, verdict, label, score, novelty, drawn)
       select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::float8[],
         $8::float8[], $9::boolean[])
       on conflict (subject_kind, md5(subject_key)) do update set at = excluded.at, model = excluded.model,
         verdict = excluded.verdict, label = excluded.label, score = excluded.score,
         novelty = excluded.novelty, drawn = excluded.drawn`,
      [
        rows.map(({ it }) => it.subject.kind),
        rows.map(({ it }) => it.subject.key),
        rows.map(({ now }) => now),
        rows.map(({ it }) => it.model),
        rows.map(({ it }) => it.verdict),
        rows.map(({ it }) => it.label),
        rows.map(({ it }) => it.score),
        rows.map(({ it }) => it.novelty),
        rows.map(({ it }) => it.isDrawn),
      ],
    );
    await takeBack(
      tx,
      rows.flatMap(({ it, proposal }) => (proposal === null ? [it.subject] : [])),
    );
    for (const { proposal, now } of rows) if (proposal !== null) await propose(tx, proposal, now);
  }
  return them.map(() => ({ answer: null }));
}

async function propose(tx: Queryable, it: Proposal, now: Date): Promise<void> {
  await tx.query(
    `insert into review (subject_kind, subject_key, why, priority, score, novelty, proposed_at)
     select $1, $2, $3, $4, $5, $6, $7
     where not exists (select 1 from review where subject_kind = $1 and md5(subject_key) = md5($2)
       and subject_key = $2 and answered_at > $8)
     on conflict (subject_kind, md5(subject_key)) where answered_at is null do update set why = excluded.why,
       priority = excluded.priority, score = excluded.score, novelty = excluded.novelty`,
    [
      it.subject.kind,
      it.subject.key,
      it.why,
      it.priority,
      it.score,
      it.novelty,
      now,
      new Date(now.getTime() - ANSWER_LASTS_MS),
    ],
  );
}

async function takeBack(tx: Queryable, subjects: readonly Subject[]): Promise<void> {
  if (subjects.length === 0) return;
  await tx.query(
    `delete from review r using unnest($1::text[], $2::text[]) as it (kind, key)
     where r.subject_kind = it.kind and md5(r.subject_key) = md5(it.key) and r.subject_key = it.key
       and r.answered_at is null`,
    [subjects.map(({ kind }) => kind), subjects.map(({ key }) => key)],
  );
}

async function readOpen(db: Queryable, id: ReviewId, lock: '' | 'for update'): Promise<ReviewRow> {
  const number = reviewNumber(id);
  const [row] =
    number === null
      ? []
      : await db.query<ReviewRow>(`select * from review where id = $1 and answered_at is null ${lock}`, [
          number,
        ]);
  if (row === undefined) throw new NoSuchReviewError(id);
  return row;
}

interface ReviewRow {
  id: number;
  subject_kind: Subject['kind'];
  subject_key: string;
  why: ReviewReason;
  priority: number;
  score: Score;
  novelty: number;
  proposed_at: Date;
  answered_at: Date | null;
  answered_by: string | null;
  label: Label | null;
  reason: string | null;
}

function asReview(row: ReviewRow): Review {
  return {
    id: reviewId(Number(row.id)),
    subject: { kind: row.subject_kind, key: row.subject_key },
    why: row.why,
    priority: row.priority,
    score: row.score,
    novelty: row.novelty,
    proposedAt: row.proposed_at,
    answer:
      row.answered_at === null
        ? null
        : { at: row.answered_at, by: row.answered_by!, label: row.label!, reason: row.reason ?? '' },
  };
}
