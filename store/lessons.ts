/** Lessons out of the rows of cases and reviews: every page and listing that was decided on, with its ruling. */
import type { Label } from '../domain/assessment.ts';
import type { Capture } from '../domain/capture.ts';
import { type CaseId, caseId, type Subject } from '../domain/case.ts';
import { type RuledAct, type Ruling, rulingOver, rulingsOf } from '../domain/lesson.ts';
import type { Listing } from '../domain/listing.ts';
import { type ReviewId, reviewId } from '../domain/review.ts';
import { readCaptures } from './captures.ts';
import type { Database } from './database.ts';

export interface Lesson {
  readonly subject: Subject;
  /** The case, or the review, in which it was said. */
  readonly said: CaseId | ReviewId;
  readonly ruling: Ruling;
  readonly capture: Capture;
  /** Of a ring: the advertisement that was posted again and again. Null for a page. */
  readonly listing: Listing | null;
}

export interface LessonStore {
  /** Cases in the order they were opened, then answered reviews; each one's pages in the order they were captured. */
  all(): AsyncIterable<Lesson>;
}

/** Cases or reviews read at a time. */
const AT_ONCE = 100;
/** Pages of a reviewed subject. */
const MOST_PAGES = 20;

export function lessonStore(db: Database): LessonStore {
  return {
    async *all() {
      for (let after = 0; ; ) {
        const cases = await decidedCases(db, after);
        for (const it of cases) yield* lessonsOf(db, it);
        after = cases.at(-1)?.id ?? after;
        if (cases.length < AT_ONCE) break;
      }
      for (let after = 0; ; ) {
        const reviews = await answered(db, after);
        for (const it of reviews) yield* lessonsOfReview(db, it);
        after = reviews.at(-1)?.id ?? after;
        if (reviews.length < AT_ONCE) return;
      }
    },
  };
}

interface DecidedCase {
  readonly id: number;
  readonly subject_kind: Subject['kind'];
  readonly subject_key: string;
  readonly label: Label;
}

async function decidedCases(db: Database, after: number): Promise<DecidedCase[]> {
  return db.query<DecidedCase>(
    `select id, subject_kind, subject_key, label from cases
     where id > $1 and exists (select 1 from act where case_id = cases.id and kind in ('confirmed', 'dismissed'))
     order by id limit $2`,
    [after, AT_ONCE],
  );
}

async function* lessonsOf(db: Database, it: DecidedCase): AsyncIterable<Lesson> {
  const acts = await db.query<RuledAct>(
    'select kind, at, facts from act where case_id = $1 order by revision',
    [it.id],
  );
  const rulings = rulingsOf(acts, it.label);
  const ids = await db.query<{ capture_id: string }>(
    'select capture_id from case_capture where case_id = $1',
    [it.id],
  );
  const captures = await readCaptures(
    db,
    ids.map((row) => row.capture_id),
  );
  captures.sort((a, b) => a.capturedAt.getTime() - b.capturedAt.getTime() || (a.id < b.id ? -1 : 1));
  const subject = { kind: it.subject_kind, key: it.subject_key };
  for (const capture of captures) {
    const ruling = rulingOver(rulings, capture.capturedAt);
    if (ruling === null) continue;
    const lesson = { subject, said: caseId(it.id), ruling, capture };
    if (subject.kind === 'ring') {
      for (const listing of await listingsOfRing(db, subject.key, capture.id)) yield { ...lesson, listing };
    } else yield { ...lesson, listing: null };
  }
}

interface Answered {
  readonly id: number;
  readonly subject_kind: Subject['kind'];
  readonly subject_key: string;
  readonly at: Date;
  readonly label: Label;
  readonly reason: string | null;
}

async function answered(db: Database, after: number): Promise<Answered[]> {
  return db.query<Answered>(
    `select id, subject_kind, subject_key, answered_at as at, label, reason from review
     where id > $1 and answered_at is not null order by id limit $2`,
    [after, AT_ONCE],
  );
}

/** The newest capture of every address that the officer could see. */
async function* lessonsOfReview(db: Database, it: Answered): AsyncIterable<Lesson> {
  const { subject_kind: kind, subject_key: key, at, label, reason } = it;
  const ids = await db.query<{ id: string }>(
    `select distinct on (url_key) id from capture where site_kind = $1 and md5(site_key) = md5($2)
       and site_key = $2 and captured_at <= $3 order by url_key, captured_at desc, id desc limit $4`,
    [kind, key, at, MOST_PAGES],
  );
  const captures = await readCaptures(
    db,
    ids.map((row) => row.id),
  );
  captures.sort((a, b) => (a.id < b.id ? -1 : 1));
  const ruling: Ruling = { how: 'reviewed', at, label, reason: reason ?? '', ground: null };
  for (const capture of captures) {
    yield { subject: { kind, key }, said: reviewId(it.id), ruling, capture, listing: null };
  }
}

/** A page of a marketplace has many listings; a ring is about those whose folded text gives its key. */
async function listingsOfRing(db: Database, key: string, captureId: string): Promise<Listing[]> {
  const rows = await db.query<{ listing: Listing }>(
    `select listing from listing where capture_id = $1
       and left(encode(sha256(convert_to(fold, 'UTF8')), 'hex'), 16) = $2 order by n`,
    [captureId, key],
  );
  return rows.map((row) => row.listing);
}
