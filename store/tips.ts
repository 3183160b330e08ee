/** Rows of tips. What their senders are told is read from visits and cases each time, so that it is never behind. */
import { randomBytes } from 'node:crypto';
import { type CaseId, caseId, type Subject } from '../domain/case.ts';
import { spokenCode } from '../domain/id.ts';
import { type Tip, type TipFacts, type TipReply, tipAnswer } from '../domain/tip.ts';
import type { Database } from './database.ts';
import { urlKey } from './frontier.ts';
import { storable } from './storable.ts';

export interface SentTip {
  readonly url: URL;
  readonly words: string;
  readonly contact: string;
  readonly via: Tip['via'];
  /** What the address belongs to. */
  readonly subject: Subject;
}

/** A tip as officers see it. */
export interface ReceivedTip extends Tip {
  readonly contact: string;
  readonly caseId: CaseId | null;
}

export interface SentOften {
  readonly url: string;
  readonly times: number;
}

export interface TipStore {
  send(tip: SentTip, now: Date): Promise<Tip>;
  /** Null for a code that nobody was told. */
  get(code: string): Promise<Tip | null>;
  /** Newest first. */
  list(limit: number): Promise<Tip[]>;
  /** Those that nobody replied to, longest waiting first, with how to reach their senders; and how many there are. */
  unanswered(limit: number): Promise<{ readonly tips: readonly ReceivedTip[]; readonly waiting: number }>;
  /** Those that were replied to, newest reply first. */
  replied(limit: number): Promise<ReceivedTip[]>;
  /** Sent or replied to since, oldest change first; of that very moment only those after the one of this code. */
  changed(since: Date, after: string | null, limit: number): Promise<ReceivedTip[]>;
  /** Null when there is no such tip, or somebody replied before. */
  reply(code: string, reply: TipReply): Promise<Tip | null>;
  /** Addresses of tips after the one of that number, each once with how often it came, oldest first; and the number of the last one. */
  after(id: number, limit: number): Promise<{ readonly sent: readonly SentOften[]; readonly last: number }>;
}

const FACTS = `select t.*,
  (select f.outcome from frontier f join visit v on v.id = f.visit_id
   where f.url_key = t.url_key and f.state = 'done' order by v.queued_at desc, v.id desc limit 1) as outcome,
  k.state as case_state, k.id as case_id
  from tip t left join cases k on k.subject_kind = t.subject_kind and md5(k.subject_key) = md5(t.subject_key)
    and k.subject_key = t.subject_key`;

export function tipStore(db: Database): TipStore {
  return {
    async send({ url, words, contact, via, subject }, now) {
      const code = `T-${spokenCode(randomBytes(16))}`;
      await db.query(
        `insert into tip (code, at, url, url_key, subject_kind, subject_key, words, contact, via)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          code,
          now,
          url.href,
          urlKey(url),
          subject.kind,
          storable(subject.key),
          storable(words),
          storable(contact),
          via,
        ],
      );
      // One more who told of it: its case moves up in the queue.
      await db.query(
        `update cases set reach = reach + 1
         where subject_kind = $1 and md5(subject_key) = md5($2) and subject_key = $2`,
        [subject.kind, storable(subject.key)],
      );
      const [row] = await db.query<TipRow>(`${FACTS} where t.code = $1`, [code]);
      return asTip(row!);
    },
    async get(code) {
      const [row] = await db.query<TipRow>(`${FACTS} where t.code = $1`, [code]);
      return row === undefined ? null : asTip(row);
    },
    async list(limit) {
      return (await db.query<TipRow>(`${FACTS} order by t.id desc limit $1`, [limit])).map(asTip);
    },
    async unanswered(limit) {
      const rows = await db.query<TipRow>(`${FACTS} where t.replied_at is null order by t.id limit $1`, [
        limit,
      ]);
      const [all] = await db.query<{ n: number }>('select count(*) as n from tip where replied_at is null');
      return { tips: rows.map(asReceived), waiting: Number(all?.n ?? 0) };
    },
    async replied(limit) {
      const rows = await db.query<TipRow>(
        `${FACTS} where t.replied_at is not null order by t.replied_at desc, t.id desc limit $1`,
        [limit],
      );
      return rows.map(asReceived);
    },
    async changed(since, after, limit) {
      const rows = await db.query<TipRow>(
        `${FACTS} where coalesce(t.replied_at, t.at) >= $1 and (coalesce(t.replied_at, t.at) > $1
           or t.id > coalesce((select id from tip where code = $2), 0))
         order by coalesce(t.replied_at, t.at), t.id limit $3`,
        [since, after, limit],
      );
      return rows.map(asReceived);
    },
    async reply(code, { is, words, at, by }) {
      const done = await db.query(
        `update tip set reply_is = $2, reply = $3, replied_at = $4, replied_by = $5
         where code = $1 and replied_at is null returning 1 as done`,
        [code, is, storable(words), at, by],
      );
      return done.length === 0 ? null : this.get(code);
    },
    async after(id, limit) {
      const rows = await db.query<{ id: number; url: string }>(
        'select id, url from tip where id > $1 order by id limit $2',
        [id, limit],
      );
      const times = new Map<string, number>();
      for (const { url } of rows) times.set(url, (times.get(url) ?? 0) + 1);
      return {
        sent: [...times].map(([url, often]) => ({ url, times: often })),
        last: Number(rows.at(-1)?.id ?? id),
      };
    },
  };
}

interface TipRow extends Record<string, unknown> {
  code: string;
  at: Date;
  url: string;
  words: string;
  via: Tip['via'];
  outcome: TipFacts['outcome'];
  case_state: TipFacts['caseState'];
  case_id: number | null;
  contact: string;
  reply_is: TipReply['is'] | null;
  reply: string | null;
  replied_at: Date | null;
  replied_by: string | null;
}

function asReceived(row: TipRow): ReceivedTip {
  return { ...asTip(row), contact: row.contact, caseId: row.case_id === null ? null : caseId(row.case_id) };
}

function asTip(row: TipRow): Tip {
  const { code, at, url, words, via, outcome, case_state: caseState } = row;
  const { reply_is: is, reply, replied_at: repliedAt, replied_by: by } = row;
  const isReplied = is !== null && reply !== null && repliedAt !== null && by !== null;
  return {
    ...{ code, at, url, words, via, answer: tipAnswer({ outcome, caseState }) },
    reply: isReplied ? { is, words: reply, at: repliedAt, by } : null,
  };
}
