/**
 * Counts that are kept, so that telling them costs what changed and not what there is.
 *
 * Two tables (`migrations/…-tally.sql`), both only added to, so that no two writers wait for one row, and folded now and
 * then by `foldCounts`:
 *
 * - `figure`: sums over visits that are done and counted. A visit's numbers no longer change once it is done; those that
 *   are open, or done a moment ago, are few, and counted when somebody asks (`figureSums`).
 * - `tally`: what happened on which day of Almaty's clock, written by triggers in the transaction that it tells of.
 */
import type { Database, Queryable } from './database.ts';

/** Visits counted in one transaction: an embedded store stands still meanwhile. */
const VISITS_AT_ONCE = 200;

/** What a set of visits (`of_visits.id`) adds to each figure that is kept. */
const OF_VISITS = `
  select 'addresses_total' as name,
    jsonb_build_object('outcome', f.outcome, 'reason', coalesce(f.reason, '')) as labels, count(*) as n
  from of_visits v join frontier f on f.visit_id = v.id where f.state = 'done' group by 2
  union all
  select 'captures_total', jsonb_build_object('verdict', p.verdict, 'rendered', (c.render_reason is not null)::text), count(*)
  from of_visits v join capture c on c.visit_id = v.id join page p on p.capture_id = c.id group by 2
  union all
  select 'source_captures_total', jsonb_build_object('source', s.source, 'verdict', p.verdict), count(*)
  from of_visits v join scan s on s.id = v.scan_id join capture c on c.visit_id = v.id join page p on p.capture_id = c.id
  where s.source is not null group by 2
  union all
  select 'looks_total', jsonb_build_object('change', l.change), count(*)
  from of_visits v join frontier f on f.visit_id = v.id join look l on l.url_key = f.url_key and l.visit_id = v.id group by 2
  union all
  -- What an address is last: each look puts it there, and takes it from where the look before left it.
  select 'addresses_known', jsonb_build_object('state', moved.state), sum(moved.n)
  from of_visits v join frontier f on f.visit_id = v.id join look l on l.url_key = f.url_key and l.visit_id = v.id
    cross join lateral (
      select l.state, 1 as n
      union all
      (select b.state, -1 from look b where b.url_key = l.url_key and (b.at, b.visit_id) < (l.at, l.visit_id)
       order by b.at desc, b.visit_id desc limit 1)
    ) moved group by 2`;

/** Sums by figure and labels, as they are at this moment. */
export async function figureSums(
  db: Queryable,
): Promise<
  { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly n: number }[]
> {
  return db.query(
    `with of_visits as (select id, scan_id from visit where not counted and started_at is not null)
     select name, labels, sum(n)::bigint as n from (select name, labels, n from figure union all ${OF_VISITS}) told
     group by name, labels having sum(n) <> 0 order by name, labels`,
  );
}

/**
 * Counts visits that are done, and puts rows of the same count together. Harmless at any time and in any number of
 * processes; tells how many visits were counted.
 */
export async function foldCounts(db: Database): Promise<number> {
  let counted = 0;
  for (;;) {
    const visits = await db.transaction((tx) => countVisits(tx));
    counted += visits;
    if (visits < VISITS_AT_ONCE) break;
  }
  await db.transaction(async (tx) => {
    await tx.query(
      `with gone as (delete from figure returning name, labels, n)
       insert into figure select name, labels, sum(n) from gone group by name, labels having sum(n) <> 0`,
    );
    await tx.query(
      `with gone as (delete from tally t using (
           select day, name, label from tally group by day, name, label having count(*) > 1) twice
         where (t.day, t.name, t.label) = (twice.day, twice.name, twice.label) returning t.day, t.name, t.label, t.n)
       insert into tally select day, name, label, sum(n) from gone group by day, name, label having sum(n) <> 0`,
    );
  });
  return counted;
}

async function countVisits(tx: Queryable): Promise<number> {
  const [row] = await tx.query<{ visits: number }>(
    `with of_visits as (
       update visit set counted = true where id in (
         select id from visit where not counted and state = 'done' order by id limit $1 for update skip locked)
       returning id, scan_id),
     kept as (insert into figure select name, labels, n from (${OF_VISITS}) told)
     select count(*) as visits from of_visits`,
    [VISITS_AT_ONCE],
  );
  return Number(row?.visits ?? 0);
}
