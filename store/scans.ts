/** Rows of scans: what was asked for, and what is told of it as its visits go on. */
import type { ScanSettings, SkipReason, UrlOutcome } from '../domain/source.ts';
import { BY_HAND, type Lane } from '../domain/urgency.ts';
import { hostOf } from '../domain/url.ts';
import type { Database, Queryable } from './database.ts';
import { addSeeds } from './frontier.ts';
import { storable } from './storable.ts';

export interface NewScan {
  readonly id: string;
  readonly visitIds: () => string;
  readonly seeds: readonly URL[];
  readonly refusals: readonly Refusal[];
  readonly settings: ScanSettings;
  /** Whose turn its visits take; one of its own unless told. */
  readonly lane?: Lane;
  /** Which hosts first, within the lane; higher is sooner. 0 unless told. */
  readonly urgencyOf?: (host: string) => number;
  readonly now: Date;
}

export interface Refusal {
  /** Line of the list it stood in, or its place among the arguments; from 1. */
  readonly line: number;
  readonly given: string;
  readonly reason: SkipReason;
  readonly detail: string;
}

export interface ScanLine {
  /** Grows along the scan: pass the last one seen to get what is newer. */
  readonly seq: number;
  readonly url: string;
  readonly host: string;
  readonly seed: boolean;
  readonly outcome: UrlOutcome;
  readonly status: number | null;
  readonly verdict: string | null;
  readonly label: string | null;
  readonly score: number | null;
  readonly rendered: boolean;
}

export interface ScanCounts {
  readonly hosts: number;
  readonly hostsDone: number;
  readonly due: number;
  readonly captured: number;
  /** Known pages that their servers say did not change. */
  readonly unchanged: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Visits of a scan that wait for a moment, or for a person who lets them go on. */
export interface Resting {
  readonly hosts: number;
  /** When the first of them goes on; null while all visits are held. */
  readonly until: Date | null;
  readonly isPaused: boolean;
}

export interface ScanStore {
  /** Writes a scan with a visit a host; addresses given twice count once. */
  startScan(scan: NewScan): Promise<void>;
  /** Scans with an unfinished visit, oldest first. */
  openScans(): Promise<string[]>;
  /** Finished addresses after `seq`, in order; at most 500. */
  news(scanIds: readonly string[], afterSeq: number): Promise<ScanLine[]>;
  /** `seq` of the newest line of any scan; 0 when there is none. */
  newestSeq(): Promise<number>;
  refusals(scanId: string): Promise<Refusal[]>;
  counts(scanIds: readonly string[]): Promise<ScanCounts>;
  resting(scanIds: readonly string[], now: Date): Promise<Resting>;
}

export function scanStore(db: Database): ScanStore {
  return {
    async startScan(scan) {
      await db.transaction((tx) => insertScan(tx, scan, null));
    },

    async openScans() {
      const rows = await db.query<{ id: string }>(
        'select id from scan where hosts_done < hosts order by requested_at, id',
      );
      return rows.map((row) => row.id);
    },

    async news(scanIds, afterSeq) {
      const rows = await db.query<NewsRow>(
        `select f.finished_seq, f.url, v.host, f.seed, f.outcome, f.reason, f.detail, f.capture_id,
           c.status, c.render_reason, p.verdict, p.label, p.score
         from (
           select told.* from unnest($1::uuid[]) as it (scan_id) cross join lateral (
             select * from frontier
             where scan_id = it.scan_id and state = 'done' and finished_seq > $2
             order by finished_seq limit 500) as told
           order by finished_seq limit 500) as f
         join visit v on v.id = f.visit_id
         left join capture c on c.id = f.capture_id
         left join page p on p.capture_id = f.capture_id
         order by f.finished_seq`,
        [scanIds, afterSeq],
      );
      return rows.map(asLine);
    },

    async newestSeq() {
      const [row] = await db.query<{ seq: number }>(
        'select case when is_called then last_value else 0 end as seq from frontier_finished',
      );
      return Number(row?.seq ?? 0);
    },

    async refusals(scanId) {
      return db.query<Refusal>(
        'select line, given, reason, detail from scan_refusal where scan_id = $1 order by line',
        [scanId],
      );
    },

    async counts(scanIds) {
      // Of visits that are done and of seeds the scan's own row knows; the few under way are added up.
      const [row] = await db.query<Record<string, number>>(
        `select coalesce(sum(hosts), 0) as hosts, coalesce(sum(hosts_done), 0) as hosts_done,
           coalesce(sum(due), 0) as due, coalesce(sum(captured), 0) as captured,
           coalesce(sum(unchanged), 0) as unchanged, coalesce(sum(failed), 0) as failed, coalesce(sum(skipped), 0) as skipped
         from (
           select hosts, hosts_done, due, captured, unchanged, failed, skipped from scan where id = any($1::uuid[])
           union all
           select 0, 0, due - seeds, captured, unchanged, failed, skipped from visit
           where scan_id = any($1::uuid[]) and state <> 'done' and started_at is not null) as counted`,
        [scanIds],
      );
      const count = (name: string) => Number(row?.[name] ?? 0);
      return {
        hosts: count('hosts'),
        hostsDone: count('hosts_done'),
        due: count('due'),
        captured: count('captured'),
        unchanged: count('unchanged'),
        failed: count('failed'),
        skipped: count('skipped'),
      };
    },

    async resting(scanIds, now) {
      const [row] = await db.query<{ open: number; hosts: number; until: Date | null; is_paused: boolean }>(
        `select exists (select 1 from pause) as is_paused,
           (select coalesce(sum(hosts - hosts_done), 0) from scan where id = any($1::uuid[])) as open,
           count(*) as hosts, min(not_before) as until
         from visit
         where scan_id = any($1::uuid[]) and state <> 'done' and not_before is not null and not_before > $2`,
        [scanIds, now],
      );
      if (row?.is_paused !== true) {
        return { hosts: Number(row?.hosts ?? 0), until: row?.until ?? null, isPaused: false };
      }
      return { hosts: Number(row.open), until: null, isPaused: Number(row.open) > 0 };
    },
  };
}

/** @param source name of the source that asks for it; null for a person. */
export async function insertScan(tx: Queryable, scan: NewScan, source: string | null): Promise<void> {
  const { id, visitIds, seeds, refusals, settings, lane = BY_HAND(scan.id), urgencyOf = () => 0, now } = scan;
  const hosts = byHost(seeds);
  await tx.query(
    'insert into scan (id, requested_at, settings, source, hosts) values ($1, $2, $3::jsonb, $4, $5)',
    [id, now, JSON.stringify(settings), source, hosts.size],
  );
  for (const refusal of refusals) {
    await tx.query(
      'insert into scan_refusal (scan_id, line, given, reason, detail) values ($1, $2, $3, $4, $5)',
      [id, refusal.line, storable(refusal.given), refusal.reason, refusal.detail],
    );
  }
  for (const some of inPieces([...hosts], MOST_AT_ONCE)) {
    const visits = some.map(([host, urls]) => ({ id: visitIds(), host, urls, urgency: urgencyOf(host) }));
    await tx.query(
      `insert into visit (id, scan_id, host, state, queued_at, lane, weight, urgency)
       select it.id, $1::uuid, it.host, 'queued', $2::timestamptz, $3, $4::smallint, it.urgency
       from unnest($5::uuid[], $6::text[], $7::smallint[]) as it (id, host, urgency)`,
      [
        id,
        now,
        lane.name,
        lane.weight,
        visits.map((visit) => visit.id),
        visits.map(({ host }) => host),
        visits.map(({ urgency }) => urgency),
      ],
    );
    const given = visits.flatMap((visit) => visit.urls.map((url) => ({ visitId: visit.id, url })));
    for (const seedsOfSome of inPieces(given, MOST_AT_ONCE)) await addSeeds(tx, seedsOfSome);
  }
  await tx.query(
    'update scan set due = (select coalesce(sum(seeds), 0) from visit where scan_id = $1) where id = $1',
    [id],
  );
}

/** Rows written by one statement. */
const MOST_AT_ONCE = 2_000;

function inPieces<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    all.slice(at * size, (at + 1) * size),
  );
}

function byHost(urls: readonly URL[]): Map<string, URL[]> {
  const hosts = new Map<string, URL[]>();
  for (const url of urls) {
    const host = hostOf(url);
    const others = hosts.get(host);
    if (others === undefined) hosts.set(host, [url]);
    else others.push(url);
  }
  return hosts;
}

interface NewsRow {
  finished_seq: number;
  url: string;
  host: string;
  seed: boolean;
  outcome: UrlOutcome['is'];
  reason: string | null;
  detail: string | null;
  capture_id: string | null;
  status: number | null;
  render_reason: string | null;
  verdict: string | null;
  label: string | null;
  score: number | null;
}

function asLine(row: NewsRow): ScanLine {
  const outcome =
    row.outcome === 'captured' || row.outcome === 'unchanged'
      ? { is: row.outcome, captureId: row.capture_id }
      : { is: row.outcome, reason: row.reason, detail: row.detail };
  return {
    seq: Number(row.finished_seq),
    url: row.url,
    host: row.host,
    seed: row.seed,
    outcome: outcome as UrlOutcome,
    status: row.status,
    verdict: row.verdict,
    label: row.label,
    score: row.score,
    rendered: row.render_reason !== null,
  };
}
