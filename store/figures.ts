/**
 * What goes on, in numbers. All of it follows from rows, so that every process and every restart tells the same; what
 * would have to be counted over all that ever was is kept as sums (`counts.ts`), the rest is read off small indexes.
 */
import type { Figure } from '../domain/figure.ts';
import { figureSums } from './counts.ts';
import type { Database } from './database.ts';

/** A figure, its labels in the order in which they are told, and where its rows come from: kept sums, or SQL. */
interface Told {
  readonly name: string;
  readonly kind: Figure['kind'];
  readonly about: string;
  readonly labels: readonly string[];
  /** Gives a column for each label, and `n`. Absent for kept sums. */
  readonly sql?: string;
}

const TOLD: readonly Told[] = [
  {
    name: 'visits_open',
    kind: 'gauge',
    about: 'Visits that are not finished',
    labels: ['state'],
    sql: "select state, count(*) as n from visit where state <> 'done' group by state order by state",
  },
  {
    name: 'hosts_waiting_politely',
    kind: 'gauge',
    about: 'Hosts with an open visit that are left alone for now',
    labels: [],
    sql: `select count(distinct v.host) as n from visit v left join host h on h.host = v.host
          where v.state <> 'done' and (v.not_before > $1 or h.next_at > $1)`,
  },
  {
    name: 'addresses_due',
    kind: 'gauge',
    about: 'Addresses that are known and not yet fetched',
    labels: [],
    sql: "select coalesce(sum(due), 0)::bigint as n from visit where state <> 'done'",
  },
  {
    name: 'addresses_total',
    kind: 'counter',
    about: 'Addresses by how they ended',
    labels: ['outcome', 'reason'],
  },
  {
    name: 'captures_total',
    kind: 'counter',
    about: 'Pages captured, by verdict and whether they were rendered',
    labels: ['verdict', 'rendered'],
  },
  {
    name: 'cases',
    kind: 'gauge',
    about: 'Cases by state',
    labels: ['state'],
    sql: `select split_part(name, ' ', 2) as state, sum(n)::bigint as n from tally where name like 'stands %'
          group by 1 having sum(n) <> 0 order by 1`,
  },
  {
    name: 'source_addresses_total',
    kind: 'counter',
    about: 'New addresses that a source brought',
    labels: ['source'],
  },
  {
    name: 'tips_total',
    kind: 'counter',
    about: 'Tips that came in',
    labels: ['via'],
    sql: 'select via, count(*) as n from tip group by 1 order by 1',
  },
  {
    name: 'addresses_known',
    kind: 'gauge',
    about: 'Addresses that were looked at, by what they were last',
    labels: ['state'],
  },
  {
    name: 'addresses_look_late',
    kind: 'gauge',
    about: 'Known addresses that should have been looked at again by now',
    labels: [],
    sql: 'select count(*) as n from known_address where look_by <= $1',
  },
  {
    name: 'looks_total',
    kind: 'counter',
    about: 'Looks at addresses, by what they found beside what was there before',
    labels: ['change'],
  },
  {
    name: 'paused',
    kind: 'gauge',
    about: '1 while all visits are held',
    labels: [],
    sql: 'select count(*) as n from pause',
  },
];

export async function houseFigures(db: Database, now: Date): Promise<Figure[]> {
  const sums = await figureSums(db);
  const figures: Figure[] = [];
  for (const { name, kind, about, labels, sql } of TOLD) {
    const rows =
      sql === undefined
        ? sums.filter((it) => it.name === name).map((it) => ({ ...it.labels, n: it.n }))
        : await db.query<Record<string, unknown>>(sql, sql.includes('$1') ? [now] : []);
    figures.push({ name, kind, about, labels, rows: rows.map((row) => asRow(row, labels)) });
  }
  return figures;
}

function asRow(row: Readonly<Record<string, unknown>>, labels: readonly string[]): Figure['rows'][number] {
  const named = labels.map((label) => [label, String(row[label] ?? '')] as const);
  return { labels: Object.fromEntries(named), value: Number(row['n']) };
}
