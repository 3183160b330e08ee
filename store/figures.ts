/** What goes on, in numbers: counted from rows when asked, so that every process and every restart tells the same. */
import type { Figure } from '../domain/figure.ts';
import type { Database } from './database.ts';

interface Counted {
  n: number;
}

export async function houseFigures(db: Database, now: Date): Promise<Figure[]> {
  const count = async (sql: string, params: readonly unknown[] = []) =>
    (await db.query<Counted & Record<string, unknown>>(sql, params)).map(({ n, ...labels }) => ({
      labels: Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value ?? '')])),
      value: Number(n),
    }));
  const figure = async (
    name: string,
    kind: Figure['kind'],
    about: string,
    sql: string,
    params?: readonly unknown[],
  ): Promise<Figure> => ({ name, kind, about, rows: await count(sql, params) });
  return [
    await figure(
      'visits_open',
      'gauge',
      'Visits that are not finished',
      "select state, count(*) as n from visit where state <> 'done' group by state order by state",
    ),
    await figure(
      'hosts_waiting_politely',
      'gauge',
      'Hosts with an open visit that are left alone for now',
      `select count(distinct v.host) as n from visit v left join host h on h.host = v.host
       where v.state <> 'done' and (v.not_before > $1 or h.next_at > $1)`,
      [now],
    ),
    await figure(
      'addresses_due',
      'gauge',
      'Addresses that are known and not yet fetched',
      "select count(*) as n from frontier where state = 'due'",
    ),
    await figure(
      'addresses_total',
      'counter',
      'Addresses by how they ended',
      `select outcome, coalesce(reason, '') as reason, count(*) as n from frontier where state = 'done'
       group by 1, 2 order by 1, 2`,
    ),
    await figure(
      'captures_total',
      'counter',
      'Pages captured, by verdict and whether they were rendered',
      `select p.verdict, (c.render_reason is not null)::text as rendered, count(*) as n
       from capture c join page p on p.capture_id = c.id group by 1, 2 order by 1, 2`,
    ),
    await figure(
      'cases',
      'gauge',
      'Cases by state',
      'select state, count(*) as n from cases group by 1 order by 1',
    ),
    await figure(
      'source_addresses_total',
      'counter',
      'New addresses that a source brought',
      'select source, count(*) as n from source_address group by 1 order by 1',
    ),
    await figure(
      'tips_total',
      'counter',
      'Tips that came in',
      'select via, count(*) as n from tip group by 1 order by 1',
    ),
    await figure(
      'addresses_known',
      'gauge',
      'Addresses that were looked at, by what they were last',
      'select state, count(*) as n from known_address group by 1 order by 1',
    ),
    await figure(
      'addresses_look_due',
      'gauge',
      'Known addresses whose next look is due',
      'select count(*) as n from known_address where due_at <= $1',
      [now],
    ),
    await figure(
      'looks_total',
      'counter',
      'Looks at addresses, by what they found beside what was there before',
      'select change, count(*) as n from look group by 1 order by 1',
    ),
    await figure('paused', 'gauge', '1 while all visits are held', 'select count(*) as n from pause'),
  ];
}
