/** Rows of scans: what was asked for, and what is told of it as its visits go on. */
import type { ScanSettings, SkipReason, UrlOutcome } from '../domain/source.ts';
import { hostOf } from '../domain/url.ts';
import type { Database, Queryable } from './database.ts';
import { addUrls } from './frontier.ts';
import { storable } from './storable.ts';

export interface NewScan {
  readonly id: string;
  readonly visitIds: () => string;
  readonly seeds: readonly URL[];
  readonly refusals: readonly Refusal[];
  readonly settings: ScanSettings;
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
      const rows = await db.query<{ scan_id: string }>(
        "select scan_id from visit where state <> 'done' group by scan_id order by min(queued_at), scan_id",
      );
      return rows.map((row) => row.scan_id);
    },

    async news(scanIds, afterSeq) {
      const rows = await db.query<NewsRow>(
        `select f.finished_seq, f.url, v.host, f.seed, f.outcome, f.reason, f.detail, f.capture_id,
           c.status, c.render_reason, p.verdict, p.label, p.score
         from visit v
         join frontier f on f.visit_id = v.id
         left join capture c on c.id = f.capture_id
         left join page p on p.capture_id = f.capture_id
         where v.scan_id = any($1::uuid[]) and f.finished_seq > $2
         order by f.finished_seq limit 500`,
        [scanIds, afterSeq],
      );
      return rows.map(asLine);
    },

    async refusals(scanId) {
      return db.query<Refusal>(
        'select line, given, reason, detail from scan_refusal where scan_id = $1 order by line',
        [scanId],
      );
    },

    async counts(scanIds) {
      const [row] = await db.query<Record<string, number>>(
        `select count(distinct v.id) as hosts, count(distinct v.id) filter (where v.state = 'done') as hosts_done,
           count(*) filter (where f.state = 'due') as due,
           count(*) filter (where f.outcome = 'captured') as captured,
           count(*) filter (where f.outcome = 'failed') as failed,
           count(*) filter (where f.outcome = 'skipped') as skipped
         from visit v left join frontier f on f.visit_id = v.id where v.scan_id = any($1::uuid[])`,
        [scanIds],
      );
      const count = (name: string) => Number(row?.[name] ?? 0);
      return {
        hosts: count('hosts'),
        hostsDone: count('hosts_done'),
        due: count('due'),
        captured: count('captured'),
        failed: count('failed'),
        skipped: count('skipped'),
      };
    },

    async resting(scanIds, now) {
      const [row] = await db.query<{ hosts: number; until: Date | null; is_paused: boolean }>(
        `select count(*) as hosts, min(not_before) as until, held.is_paused
         from visit, (select exists (select 1 from pause) as is_paused) as held
         where scan_id = any($1::uuid[]) and state <> 'done'
           and (not_before > $2 or held.is_paused)
         group by held.is_paused`,
        [scanIds, now],
      );
      if (row === undefined) return { hosts: 0, until: null, isPaused: false };
      return {
        hosts: Number(row.hosts),
        until: row.is_paused ? null : row.until,
        isPaused: row.is_paused,
      };
    },
  };
}

/** @param source name of the source that asks for it; null for a person. */
export async function insertScan(tx: Queryable, scan: NewScan, source: string | null): Promise<void> {
  const { id, visitIds, seeds, refusals, settings, now } = scan;
  await tx.query('insert into scan (id, requested_at, settings, source) values ($1, $2, $3::jsonb, $4)', [
    id,
    now,
    JSON.stringify(settings),
    source,
  ]);
  for (const refusal of refusals) {
    await tx.query(
      'insert into scan_refusal (scan_id, line, given, reason, detail) values ($1, $2, $3, $4, $5)',
      [id, refusal.line, storable(refusal.given), refusal.reason, refusal.detail],
    );
  }
  for (const [host, urls] of byHost(seeds)) {
    const visitId = visitIds();
    await tx.query(
      "insert into visit (id, scan_id, host, state, queued_at) values ($1, $2, $3, 'queued', $4)",
      [visitId, id, host, now],
    );
    await addUrls(
      tx,
      visitId,
      0,
      true,
      urls.map((url) => ({ url, priority: 100 })),
    );
  }
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
    row.outcome === 'captured'
      ? { is: 'captured', captureId: row.capture_id }
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
