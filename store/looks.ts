/**
 * Rows of known addresses: what each look found, and when the next one is due.
 *
 * What they owe: a look is written with what the visit brought, or not at all; what is due is told by rows, so that
 * a lost wake-up costs a minute; a round of asking, killed or run twice, asks for nothing twice; no day and no host
 * has more looks than its budget; an address is never asked for while a visit to its host is open.
 */
import type { Look } from '../domain/history.ts';
import type { Change, PageState } from '../domain/revisit.ts';
import type { ScanSettings } from '../domain/source.ts';
import { NO_SIGN, REVISITS, urgencyOf } from '../domain/urgency.ts';
import type { Database, Queryable } from './database.ts';
import { asKnown, KNOWN_COLUMNS, type KnownAddress, type KnownRow } from './known-addresses.ts';
import { insertScan } from './scans.ts';

export interface AskedLooks {
  readonly addresses: number;
  readonly scans: readonly string[];
}

export interface LookStore {
  /**
   * Makes scans of what is due, the most urgent first, within what is left of the day's budget.
   *
   * @param order.day of Almaty's clock, e.g. `2026-05-04`.
   */
  ask(order: {
    readonly now: Date;
    readonly day: string;
    readonly mostADay: number;
    readonly mostAHost: number;
    readonly newId: () => string;
  }): Promise<AskedLooks>;
  /** Newest first. */
  of(key: Buffer, limit: number): Promise<Look[]>;
  known(key: Buffer): Promise<(KnownAddress & { readonly dueAt: Date }) | null>;
  /** Whether the site that a capture shows has a case that nobody dismissed. */
  isOfCase(captureId: string): Promise<boolean>;
}

/** Addresses asked for in one round, a round a minute. */
const MOST_AT_ONCE = 500;
/** Due addresses looked through for them. */
const LOOKED_THROUGH = 5000;

export function lookStore(db: Database): LookStore {
  return {
    ask: (order) => db.transaction((tx) => ask(tx, order)),
    async of(key, limit) {
      const rows = await db.query<LookRow>(
        'select * from look where url_key = $1 order by at desc, visit_id desc limit $2',
        [key, limit],
      );
      return rows.map(asLook);
    },
    async known(key) {
      const [row] = await db.query<KnownRow & { due_at: Date }>(
        `select ${KNOWN_COLUMNS}, k.due_at from known_address k where k.url_key = $1`,
        [key],
      );
      const known = row === undefined ? null : asKnown(row);
      return known === null ? null : { ...known, dueAt: row!.due_at };
    },
    async isOfCase(captureId) {
      const [row] = await db.query<{ is: boolean }>(
        `select exists (select 1 from cases k where k.state <> 'dismissed' and k.subject_kind = c.site_kind
           and md5(k.subject_key) = md5(c.site_key) and k.subject_key = c.site_key)
           or exists (select 1 from case_capture e join cases k on k.id = e.case_id join capture o on o.id = e.capture_id
             where o.url_key = c.url_key and k.state <> 'dismissed') as is
         from capture c where c.id = $1`,
        [captureId],
      );
      return row?.is !== false;
    },
  };
}

async function ask(tx: Queryable, order: Parameters<LookStore['ask']>[0]): Promise<AskedLooks> {
  const { now, day, mostADay, mostAHost, newId } = order;
  // One round at a time, so that two of them do not spend one budget twice.
  await tx.query('lock table look_budget in share row exclusive mode');
  const [spent] = await tx.query<{ asked: number }>(
    'select coalesce(sum(asked), 0)::int as asked from look_budget where day = $1',
    [day],
  );
  const left = Math.min(MOST_AT_ONCE, mostADay - (spent?.asked ?? 0));
  if (left <= 0) return { addresses: 0, scans: [] };
  const due = await tx.query<{
    url_key: Buffer;
    url: string;
    host: string;
    risk: number;
    settings: ScanSettings;
  }>(
    `with near as (
       select k.url_key, k.url, k.host, k.risk, k.visit_id, k.look_by, coalesce(b.asked, 0) as asked
       from known_address k left join look_budget b on b.day = $2 and b.host = k.host
       where k.due_at <= $1 and coalesce(b.asked, 0) < $3
         and not exists (select 1 from visit v where v.host = k.host and v.state <> 'done')
       order by k.look_by, k.url_key limit $4
     ), placed as (
       select *, asked + row_number() over (partition by host order by look_by, url_key) as n from near
     )
     select p.url_key, p.url, p.host, p.risk, s.settings
     from placed p join visit v on v.id = p.visit_id join scan s on s.id = v.scan_id
     where p.n <= $3 order by p.look_by, p.url_key limit $5`,
    [now, day, mostAHost, LOOKED_THROUGH, left],
  );
  if (due.length === 0) return { addresses: 0, scans: [] };
  // Whatever becomes of the visit, the address comes round again; what the look finds sets the moment anew.
  await tx.query(
    `update known_address set due_at = $2::timestamptz + interval_seconds * interval '1 second',
       look_by = $2::timestamptz + 2 * interval_seconds * interval '1 second'
     where url_key in (select decode(it, 'hex') from unnest($1::text[]) as it)`,
    [due.map(({ url_key }) => url_key.toString('hex')), now],
  );
  await tx.query('delete from look_budget where day < $1::date - 7', [day]);
  await tx.query(
    `insert into look_budget (day, host, asked)
     select $1, host, count(*) from unnest($2::text[]) as it (host) group by host
     on conflict (day, host) do update set asked = look_budget.asked + excluded.asked`,
    [day, due.map(({ host }) => host)],
  );
  const risks = new Map<string, number>();
  for (const { host, risk } of due) risks.set(host, Math.max(risk, risks.get(host) ?? 0));
  const scans: string[] = [];
  for (const { settings, urls } of byManner(due, mostAHost)) {
    const id = newId();
    const seeds = urls.map((url) => new URL(url));
    const seen = {
      lane: REVISITS,
      urgencyOf: (host: string) => urgencyOf({ ...NO_SIGN, risk: risks.get(host) ?? 0 }),
    };
    await insertScan(tx, { id, visitIds: newId, seeds, refusals: [], settings, ...seen, now }, null);
    scans.push(id);
  }
  return { addresses: due.length, scans };
}

/** Addresses that were scanned one way are looked at again in one scan. */
function byManner(
  due: readonly { readonly url: string; readonly settings: ScanSettings }[],
  mostAHost: number,
): { readonly settings: ScanSettings; readonly urls: string[] }[] {
  const groups = new Map<string, { readonly settings: ScanSettings; readonly urls: string[] }>();
  for (const { url, settings: before } of due) {
    const settings = { ...before, again: true, pages: Math.max(before.pages, mostAHost) };
    const name = JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
    const group = groups.get(name) ?? { settings, urls: [] };
    group.urls.push(url);
    groups.set(name, group);
  }
  return [...groups.values()];
}

interface LookRow {
  at: Date;
  state: PageState;
  change: Change;
  status: number | null;
  reason: string | null;
  verdict: Look['verdict'];
  score: number | null;
  text_alike: number | null;
  markup_alike: number | null;
  interval_seconds: number;
  capture_id: string | null;
  warc: string | null;
}

function asLook(row: LookRow): Look {
  return {
    at: row.at,
    state: row.state,
    change: row.change,
    status: row.status,
    reason: row.reason,
    verdict: row.verdict,
    score: row.score,
    textAlike: row.text_alike,
    markupAlike: row.markup_alike,
    intervalSeconds: row.interval_seconds,
    captureId: row.capture_id,
    warc: row.warc,
  };
}
