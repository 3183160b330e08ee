/**
 * The desk in numbers: what waits, what was done on which day, how long it took, how often it was right.
 *
 * Counts by day are kept (`counts.ts`); what has to be looked up for each decision is looked up for the decisions of the
 * period alone, by the index of acts that decide. A decision that its officer undid was none.
 */

import type { Pairs } from '../domain/agreement.ts';
import type { Label } from '../domain/assessment.ts';
import { type CaseId, type CaseStateName, caseId } from '../domain/case.ts';
import type { Lane } from '../domain/queue.ts';
import type { Database } from './database.ts';

/** From a day to a day, both included, as Almaty's clock has them: `2026-11-01`. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

export interface Waiting {
  readonly state: Extract<CaseStateName, 'open' | 'confirmed' | 'approved'>;
  readonly lane: Lane;
  readonly cases: number;
  /** The one opened first; null when nothing waits. */
  readonly oldest: { readonly caseId: CaseId; readonly openedAt: Date } | null;
}

export interface DayCounts {
  readonly day: string;
  readonly opened: number;
  readonly confirmed: number;
  readonly dismissed: number;
  readonly approved: number;
  readonly referred: number;
  /** Cases without a first decision when the day ended. */
  readonly backlog: number;
}

/** Seconds from the last look at a case to the same officer's act on it. */
export interface Pace {
  readonly act: 'first' | 'second';
  readonly acts: number;
  /** Of those, acts with a look within the hour before. */
  readonly measured: number;
  readonly medianSeconds: number | null;
  /** Nine of ten took no longer. */
  readonly ninthSeconds: number | null;
}

export interface Rightness {
  readonly name: string;
  /** Approved by a second officer. */
  readonly right: number;
  /** Dismissed, or overturned on appeal. */
  readonly wrong: number;
}

export interface MonthCounts {
  /** `2026-11`. */
  readonly month: string;
  /** The kind of offence, as cases have it. */
  readonly label: Label;
  readonly found: number;
  readonly referred: number;
  readonly blocked: number;
}

export interface StatisticsStore {
  waiting(): Promise<Waiting[]>;
  appealsWaiting(): Promise<{ readonly appeals: number; readonly oldestAt: Date | null }>;
  /** Every day of the period, in order. */
  days(period: Period): Promise<DayCounts[]>;
  pace(period: Period): Promise<Pace[]>;
  /** By what a case's last standing verdict in the period says; the most judged first. */
  rightness(period: Period, by: 'model' | 'rule' | 'source'): Promise<Rightness[]>;
  appeals(period: Period): Promise<{ readonly upheld: number; readonly overturned: number }>;
  /** First decisions of the period, and how many of a period's acts took one back. */
  reversals(period: Period): Promise<{ readonly decisions: number; readonly reversed: number }>;
  /** What second officers said of what was confirmed; of what was dismissed they are not asked. */
  secondLooks(period: Period): Promise<Pairs>;
  /** What was said of decisions that were drawn to be read again, blind: of both kinds. */
  rereads(period: Period): Promise<Pairs>;
  /** Months that the period touches, in order, with the kinds of offence that anything was counted of. */
  months(period: Period): Promise<MonthCounts[]>;
}

/** The moments that a period is between: from $1 to before $2. */
const BETWEEN = `a.at >= ($1::date)::timestamp at time zone 'Asia/Almaty'
  and a.at < ($2::date + 1)::timestamp at time zone 'Asia/Almaty'`;
const NOT_UNDONE = `not exists (select 1 from act u where u.case_id = a.case_id and u.kind = 'undone'
  and (u.facts ->> 'undoes')::int = a.revision)`;
const DECIDING = "a.kind in ('confirmed', 'approved', 'dismissed', 'overturned', 'disagreed', 'reversed')";

export function statisticsStore(db: Database): StatisticsStore {
  const kept = (period: Period) => [period.from, period.to];
  return {
    async waiting() {
      const rows = await db.query<{
        state: Waiting['state'];
        lane: Lane;
        cases: number;
        id: number | null;
        opened_at: Date | null;
      }>(
        `with place (n, state, lane) as (values (1, 'open', 'desk'), (2, 'open', 'senior'), (3, 'open', 'watch'),
           (4, 'confirmed', 'desk'), (5, 'approved', 'desk'))
         select p.state, p.lane, k.id, k.opened_at,
           coalesce((select sum(n) from tally where name = 'stands ' || p.state || ' ' || p.lane), 0)::bigint as cases
         from place p left join lateral (
           select id, opened_at from cases where state = p.state and lane = p.lane order by opened_at, id limit 1) k on true
         order by p.n`,
      );
      return rows.map(({ state, lane, cases, id, opened_at: openedAt }) => ({
        ...{ state, lane, cases },
        oldest: id === null || openedAt === null ? null : { caseId: caseId(id), openedAt },
      }));
    },
    async appealsWaiting() {
      const [row] = await db.query<{ appeals: number; at: Date | null }>(
        'select count(*) as appeals, min(at) as at from appeal where judged_at is null',
      );
      return { appeals: Number(row?.appeals ?? 0), oldestAt: row?.at ?? null };
    },
    async days(period) {
      return db.query<DayCounts>(
        `with counted as (
           select day, coalesce(sum(n) filter (where name = 'act opened'), 0) as opened,
             coalesce(sum(n) filter (where name = 'act confirmed'), 0) as confirmed,
             coalesce(sum(n) filter (where name = 'act dismissed'), 0) as dismissed,
             coalesce(sum(n) filter (where name = 'act approved'), 0) as approved,
             coalesce(sum(n) filter (where name = 'act referred'), 0) as referred,
             coalesce(sum(n) filter (where name like 'stands open %'), 0) as change
           from tally where day between $1::date and $2::date group by day),
         before as (select coalesce(sum(n), 0) as n from tally where name like 'stands open %' and day < $1::date)
         select to_char(d, 'YYYY-MM-DD') as day, coalesce(opened, 0)::int as opened, coalesce(confirmed, 0)::int as confirmed,
           coalesce(dismissed, 0)::int as dismissed, coalesce(approved, 0)::int as approved,
           coalesce(referred, 0)::int as referred,
           (before.n + coalesce(sum(change) over (order by d), 0))::int as backlog
         from generate_series($1::date, $2::date, interval '1 day') d cross join before
           left join counted on counted.day = d::date order by d`,
        kept(period),
      );
    },
    async pace(period) {
      const rows = await db.query<Pace & { n: number }>(
        `with timed as (
           select case when a.kind in ('confirmed', 'dismissed') then 'first' else 'second' end as act,
             (select extract(epoch from a.at - e.at) from desk_event e
              where e.case_id = a.case_id and e.by = a.by and e.kind = 'viewed' and e.at <= a.at
                and e.at >= a.at - interval '1 hour'
              order by e.seq desc limit 1)::float8 as seconds
           from act a where ${BETWEEN} and ${DECIDING} and a.kind not in ('overturned', 'reversed') and ${NOT_UNDONE})
         select p.act, count(t.act)::int as acts, count(t.seconds)::int as measured,
           percentile_cont(0.5) within group (order by t.seconds) as "medianSeconds",
           percentile_cont(0.9) within group (order by t.seconds) as "ninthSeconds"
         from (values (1, 'first'), (2, 'second')) p (n, act) left join timed t on t.act = p.act
         group by p.n, p.act order by p.n`,
        kept(period),
      );
      return rows.map(({ act, acts, measured, medianSeconds, ninthSeconds }) => ({
        ...{ act, acts, measured, medianSeconds, ninthSeconds },
      }));
    },
    async rightness(period, by) {
      return db.query<Rightness>(
        `with judged as (
           select distinct on (a.case_id) a.case_id, a.kind from act a
           where ${BETWEEN} and a.kind in ('approved', 'dismissed', 'overturned', 'reversed') and ${DECIDING} and ${NOT_UNDONE}
           order by a.case_id, a.revision desc),
         named as (select j.case_id, j.kind, of.name from judged j cross join lateral (${NAMES[by]}) of
                   where j.kind <> 'reversed')
         select name, count(*) filter (where kind = 'approved')::int as right,
           count(*) filter (where kind <> 'approved')::int as wrong
         from named group by name order by count(*) desc, name limit 200`,
        kept(period),
      );
    },
    async appeals(period) {
      const [row] = await db.query<{ upheld: number; overturned: number }>(
        `select count(*) filter (where verdict = 'upheld')::int as upheld,
           count(*) filter (where verdict = 'overturned')::int as overturned
         from appeal a where ${BETWEEN.replaceAll('a.at', 'a.judged_at')}`,
        kept(period),
      );
      return row ?? { upheld: 0, overturned: 0 };
    },
    async reversals(period) {
      const [row] = await db.query<{ decisions: number; reversed: number }>(
        `select count(*) filter (where kind in ('confirmed', 'dismissed'))::int as decisions,
           count(*) filter (where kind = 'reversed')::int as reversed
         from act a where ${BETWEEN} and ${DECIDING} and ${NOT_UNDONE}`,
        kept(period),
      );
      return row ?? { decisions: 0, reversed: 0 };
    },
    async secondLooks(period) {
      const [row] = await db.query<Pairs>(
        `select count(*) filter (where kind = 'approved')::int as "bothConfirm",
           count(*) filter (where kind = 'disagreed')::int as "confirmThenDismiss",
           0 as "dismissThenConfirm", 0 as "bothDismiss"
         from act a where ${BETWEEN} and ${DECIDING} and ${NOT_UNDONE}`,
        kept(period),
      );
      return row!;
    },
    async rereads(period) {
      const alike = (first: string, second: string) =>
        `count(*) filter (where r.verdict = '${first}' and a.verdict = '${second}')::int`;
      const [row] = await db.query<Pairs>(
        `select ${alike('confirm', 'confirm')} as "bothConfirm", ${alike('confirm', 'dismiss')} as "confirmThenDismiss",
           ${alike('dismiss', 'confirm')} as "dismissThenConfirm", ${alike('dismiss', 'dismiss')} as "bothDismiss"
         from reread_answer a join reread r on r.id = a.reread_id where ${BETWEEN}`,
        kept(period),
      );
      return row!;
    },
    async months(period) {
      return db.query<MonthCounts>(
        `select to_char(day, 'YYYY-MM') as month, label,
           coalesce(sum(n) filter (where name = 'act opened'), 0)::int as found,
           coalesce(sum(n) filter (where name = 'left handed_over'), 0)::int as referred,
           coalesce(sum(n) filter (where name = 'left blocked'), 0)::int as blocked
         from tally where name in ('act opened', 'left handed_over', 'left blocked')
           and day >= date_trunc('month', $1::date) and day < date_trunc('month', $2::date) + interval '1 month'
         group by 1, 2 having sum(n) <> 0 order by 1, 2`,
        kept(period),
      );
    },
  };
}

/** What a judged case `j` is counted under; a case may stand under several rules and sources, each once. */
const NAMES = {
  // The model that gave the case's page of the highest score.
  model: `select p.assessment ->> 'model' as name from case_capture k join page p on p.capture_id = k.capture_id
    where k.case_id = j.case_id order by p.score desc, p.capture_id limit 1`,
  // What spoke against the page, of the reasons that the officers were shown.
  rule: `select distinct r ->> 'id' as name from cases c, jsonb_array_elements(c.reasons) r
    where c.id = j.case_id and (r ->> 'contribution')::float8 > 0`,
  // '' stands for people, who ask for a scan themselves.
  source: `select distinct coalesce(s.source, '') as name from case_capture k join capture c on c.id = k.capture_id
    join visit v on v.id = c.visit_id join scan s on s.id = v.scan_id where k.case_id = j.case_id`,
} as const;
