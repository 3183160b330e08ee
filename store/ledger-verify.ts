/** Whether the ledger's chain holds, and whether the rows it tells of are still what it told. */
import { caseId, caseNumber } from '../domain/case.ts';
import { type Deletion, deletionIn, isByTwo, oneOfficer } from '../domain/deletion.ts';
import {
  canonicalJson,
  checkChain,
  type LedgerEvent,
  type LedgerFault,
  type LedgerKind,
  type LedgerRow,
} from '../domain/ledger.ts';
import type { Override, OverrideVerdict } from '../domain/override.ts';
import type { PassageEvent } from '../domain/passage.ts';
import { readCaptures } from './captures.ts';
import type { Queryable } from './database.ts';
import {
  type ActRow,
  actEvent,
  batchEvent,
  captureEvent,
  judgedAppealEvent,
  lookEvent,
  overrideEvent,
  passageEvent,
  type RereadAnswer,
  rereadEvent,
  type SentAppeal,
  sentAppealEvent,
  type TakenRow,
} from './ledger-told.ts';

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

/** Rows read at a time. */
const AT_ONCE = 500;
const MOST_FAULTS = 1000;

export async function readRows(db: Queryable, afterSeq: number, limit: number): Promise<LedgerRow[]> {
  const rows = await db.query<Omit<LedgerRow, 'at'> & { at: Date }>(
    'select seq, at, kind, subject, entry, prev, hash from ledger where seq > $1 order by seq limit $2',
    [afterSeq, limit],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

export async function verifyLedger(tx: Queryable): Promise<LedgerVerdict> {
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

/** Kinds whose rows are kept whole beside the ledger, and what the ledger ought to say of those named. */
const KEPT: Readonly<
  Partial<Record<LedgerKind, (tx: Queryable, subjects: readonly string[]) => Promise<LedgerEvent[]>>>
> = {
  act: actsNamed,
  capture: capturesNamed,
  look: looksNamed,
  batch: batchesNamed,
  passage: passagesNamed,
  override: overridesNamed,
  appeal: appealsNamed,
  reread: rereadsNamed,
};

/** Rows of the ledger whose record is gone, or not any more what was told of it. */
async function changedRecords(tx: Queryable, rows: readonly LedgerRow[]): Promise<LedgerFault[]> {
  const now = new Map<string, Set<string>>();
  for (const [kind, named] of Object.entries(KEPT)) {
    const subjects = rows.filter((row) => row.kind === kind).map((row) => row.subject);
    if (subjects.length === 0) continue;
    for (const { subject, entry } of await named(tx, subjects)) {
      const name = `${kind} ${subject}`;
      now.set(name, (now.get(name) ?? new Set()).add(canonicalJson(entry)));
    }
  }
  return rows.flatMap(({ seq, kind, subject, entry }): LedgerFault[] => {
    if (KEPT[kind] === undefined) return [];
    const name = `${kind} ${subject}`;
    const kept = now.get(name);
    if (kept?.has(entry) === true) return [];
    const why = kept === undefined ? 'is gone' : `is not any more what row ${seq} tells`;
    return [{ seq, what: 'record_differs', detail: `${name} ${why}` }];
  });
}

/** Case and number of subjects such as `K-000001/2`, side by side. */
function numbered(subjects: readonly string[]): [cases: number[], numbers: number[]] {
  const names = subjects.map((subject) => subject.split('/'));
  return [names.map(([id = '']) => caseNumber(id) ?? 0), names.map(([, n]) => Number(n) || 0)];
}

async function passagesNamed(tx: Queryable, subjects: readonly string[]): Promise<LedgerEvent[]> {
  const rows = await tx.query<PassageEvent & { case_id: number; n: number }>(
    `select case_id, n, at, by, kind, facts from passage_event
     where (case_id, n) in (select * from unnest($1::int8[], $2::int4[]))`,
    numbered(subjects),
  );
  return rows.map(({ case_id, n, ...event }) => passageEvent(caseId(Number(case_id)), n, event));
}

/** Two events of one that is answered: that it was asked, and what was answered. */
async function overridesNamed(tx: Queryable, subjects: readonly string[]): Promise<LedgerEvent[]> {
  const rows = await tx.query<
    Omit<Override, 'caseId' | 'decidedAt' | 'answer'> & {
      case_id: number;
      decided_at: Date;
      verdict: OverrideVerdict | null;
      answered_at: Date;
      answered_by: string;
      words: string | null;
    }
  >(
    `select a.*, b.verdict, b.at as answered_at, b.by as answered_by, b.words from override_asked a
     left join override_answered b on b.case_id = a.case_id and b.n = a.n
     where (a.case_id, a.n) in (select * from unnest($1::int8[], $2::int4[]))`,
    numbered(subjects),
  );
  return rows.flatMap(({ case_id, n, rule, finding, about, decided_at, at, by, why, ...answered }) => {
    const it = {
      caseId: caseId(Number(case_id)),
      n,
      rule,
      finding,
      about,
      decidedAt: decided_at,
      at,
      by,
      why,
    };
    const asked = overrideEvent({ ...it, answer: null });
    const { verdict, answered_at, answered_by, words } = answered;
    if (verdict === null) return [asked];
    const answer = { is: verdict, at: answered_at, by: answered_by, words: words ?? '' };
    return [asked, overrideEvent({ ...it, answer })];
  });
}

/** That it came, as told with the hash of its words and, long ago, without; and how it was judged. */
async function appealsNamed(tx: Queryable, codes: readonly string[]): Promise<LedgerEvent[]> {
  const rows = await tx.query<
    Omit<SentAppeal, 'caseId'> & {
      case_id: number | null;
      judged_at: Date | null;
      judged_by: string;
      verdict: string;
      reason: string | null;
    }
  >('select * from appeal where code = any($1::text[])', [codes]);
  return rows.flatMap(({ case_id, judged_at, judged_by, verdict, reason, ...row }) => {
    const id = case_id === null ? null : caseId(Number(case_id));
    const sent = sentAppealEvent({ ...row, caseId: id });
    const { sha256: _, ...without } = sent.entry as Record<string, unknown>;
    const judged = { at: judged_at!, by: judged_by, verdict, reason: reason ?? '' };
    return [
      sent,
      { ...sent, entry: without },
      ...(judged_at === null ? [] : [judgedAppealEvent(row.code, id, judged)]),
    ];
  });
}

async function rereadsNamed(tx: Queryable, ids: readonly string[]): Promise<LedgerEvent[]> {
  const rows = await tx.query<Omit<RereadAnswer, 'caseId'> & { case_id: number }>(
    `select r.id, r.case_id, a.at, a.by, a.verdict, a.ground, a.reason, a.agrees
     from reread_answer a join reread r on r.id = a.reread_id where r.id = any($1::int8[])`,
    [ids.map((each) => Number(each) || 0)],
  );
  return rows.map(({ case_id, ...row }) =>
    rereadEvent({ ...row, id: Number(row.id), caseId: caseId(Number(case_id)) }),
  );
}

async function actsNamed(tx: Queryable, subjects: readonly string[]): Promise<LedgerEvent[]> {
  const rows = await tx.query<ActRow>(
    `select at, case_id, revision, by, kind, facts from act
     where (case_id, revision) in (select * from unnest($1::int8[], $2::int4[]))`,
    numbered(subjects),
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
  const all = [...acts, ...captures, ...looks, ...batches, ...(await untoldAnswers(tx))];
  return {
    faults: all
      .filter(({ isOld }) => !isOld)
      .map(({ name }) => ({ seq: 0, what: 'record_differs', detail: `${name} is in no row of the ledger` })),
    before: all.filter(({ isOld }) => isOld).length,
  };
}

/** What became of cases, each by how many rows of the ledger ought to tell of it and how many do. */
const ANSWERS = `
  select 'passage' as kind, case_id, case_id || '/' || n as tail, at, 1 as owed from passage_event
  union all select 'override', a.case_id, a.case_id || '/' || a.n, a.at, 1 + (b.n is not null)::int
    from override_asked a left join override_answered b on b.case_id = a.case_id and b.n = a.n
  union all select 'appeal', null, code, at, 1 + (judged_at is not null)::int from appeal
  union all select 'reread', null, reread_id::text, at, 1 from reread_answer`;

async function untoldAnswers(tx: Queryable): Promise<{ name: string; isOld: boolean }[]> {
  return tx.query(
    `with kept as (select kind, at, owed, case when case_id is null then tail
         else 'K-' || lpad(split_part(tail, '/', 1), greatest(6, length(split_part(tail, '/', 1))), '0')
           || '/' || split_part(tail, '/', 2) end as subject from (${ANSWERS}) a)
     select k.kind || ' ' || k.subject as name,
       k.at < coalesce((select min(at) from ledger), 'infinity'::timestamptz) as "isOld"
     from kept k where owed > (select count(*) from ledger l
       where l.kind = k.kind and md5(l.subject) = md5(k.subject)) order by 1`,
  );
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
