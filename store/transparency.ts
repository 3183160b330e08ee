/** Rows that a report to the public is counted from: kinds and times, nothing that names anybody or anything. */
import type { Database } from './database.ts';

export interface PublicRows {
  readonly acts: readonly { readonly kind: string; readonly label: string; readonly hours: number | null }[];
  readonly referrals: readonly {
    readonly caseNumber: number;
    readonly channel: string;
    readonly label: string;
    readonly hoursToEnd: number | null;
  }[];
  readonly appeals: readonly { readonly verdict: string | null; readonly hours: number | null }[];
}

/** @param to not included. */
export async function publicRows(db: Database, from: Date, to: Date): Promise<PublicRows> {
  const acts = await db.query<PublicRows['acts'][number]>(
    `select kind, label, hours from (
       select a.at, a.kind, c.label, extract(epoch from a.at - lag(a.at) over (partition by a.case_id order by a.revision))::float8
         / 3600 as hours from act a join cases c on c.id = a.case_id
       where not (a.kind = 'referred' and a.facts ? 'insteadOf')
     ) told where at >= $1 and at < $2`,
    [from, to],
  );
  const referrals = await db.query<PublicRows['referrals'][number]>(
    `select k.case_id as "caseNumber", k.referral ->> 'channel' as channel,
       k.referral -> 'taxonomy' ->> 'fraudType' as label,
       (select extract(epoch from min(e.at) - b.handed_at)::float8 / 3600 from passage_event e
         where e.case_id = k.case_id and e.kind in ('restricted', 'removed')) as "hoursToEnd"
     from batch_case k join (
       select case_id, min(at) as handed_at from passage_event where kind = 'handed_over' group by case_id
     ) b on b.case_id = k.case_id
     where b.handed_at >= $1 and b.handed_at < $2`,
    [from, to],
  );
  const appeals = await db.query<PublicRows['appeals'][number]>(
    `select verdict, extract(epoch from judged_at - at)::float8 / 3600 as hours from appeal
     where at >= $1 and at < $2`,
    [from, to],
  );
  return { acts, referrals, appeals };
}
