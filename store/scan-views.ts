/** What an officer is told of scans and their visits: the last ones, how each goes, why addresses failed. */
import { type CaseId, caseId } from '../domain/case.ts';
import type { Database } from './database.ts';
import type { ScanStop } from './scan-stops.ts';

export interface ScanSummary {
  readonly id: string;
  readonly requestedAt: Date;
  /** The source that asked for it; null for people. */
  readonly source: string | null;
  readonly hosts: number;
  readonly hostsDone: number;
  readonly captured: number;
  readonly failed: number;
  readonly skipped: number;
  /** Null for one that nobody stopped. */
  readonly stopped: ScanStop | null;
}

export interface VisitSummary {
  readonly host: string;
  readonly state: 'queued' | 'running' | 'done';
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** It waits until then. */
  readonly notBefore: Date | null;
  readonly captured: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface FailureCount {
  readonly outcome: 'failed' | 'skipped';
  readonly reason: string;
  readonly addresses: number;
}

export interface ScanViews {
  /** Newest first; of one source when it is named. */
  recent(limit: number, source?: string): Promise<ScanSummary[]>;
  /** Null when there is none of that id. */
  get(id: string): Promise<ScanSummary | null>;
  /** Those under way first, then the newest. */
  visits(scanIds: readonly string[], limit: number): Promise<VisitSummary[]>;
  /** Why addresses of these scans were not captured, the most frequent reason first. */
  failures(scanIds: readonly string[]): Promise<FailureCount[]>;
  /** Cases that have a page of this scan as evidence. */
  cases(id: string): Promise<CaseId[]>;
}

/** A scan has the sums of visits that are done; those under way have their own. */
const SCANS = `select s.id, s.requested_at as "requestedAt", s.source, s.hosts, s.hosts_done as "hostsDone",
    s.captured + coalesce(v.captured, 0)::int as captured, s.failed + coalesce(v.failed, 0)::int as failed,
    s.skipped + coalesce(v.skipped, 0)::int as skipped,
    p.at as stopped_at, p.by as stopped_by, p.reason as stop_reason
  from scan s left join scan_stop p on p.scan_id = s.id left join lateral (
    select sum(captured) as captured, sum(failed) as failed, sum(skipped) as skipped from visit
    where scan_id = s.id and state <> 'done' and started_at is not null) v on true`;

type ScanRow = Omit<ScanSummary, 'stopped'> &
  (
    | { readonly stopped_at: Date; readonly stopped_by: string; readonly stop_reason: string }
    | { readonly stopped_at: null; readonly stopped_by: null; readonly stop_reason: null }
  );

function asSummary({ stopped_at: at, stopped_by: by, stop_reason: reason, ...it }: ScanRow): ScanSummary {
  return { ...it, stopped: at === null ? null : { at, by, reason } };
}

export function scanViews(db: Database): ScanViews {
  return {
    async recent(limit, source) {
      const rows = await (source === undefined
        ? db.query<ScanRow>(`${SCANS} order by s.requested_at desc, s.id desc limit $1`, [limit])
        : db.query<ScanRow>(`${SCANS} where s.source = $2 order by s.requested_at desc, s.id desc limit $1`, [
            limit,
            source,
          ]));
      return rows.map(asSummary);
    },
    async get(id) {
      const [row] = await db.query<ScanRow>(`${SCANS} where s.id = $1`, [id]);
      return row === undefined ? null : asSummary(row);
    },
    async visits(scanIds, limit) {
      return db.query<VisitSummary>(
        `select host, state, started_at as "startedAt", finished_at as "finishedAt",
           case when state <> 'done' then not_before end as "notBefore", captured, failed, skipped
         from visit where scan_id = any($1::uuid[])
         order by case state when 'running' then 0 when 'queued' then 1 else 2 end, finished_at desc nulls first, host limit $2`,
        [scanIds, limit],
      );
    },
    async failures(scanIds) {
      return db.query<FailureCount>(
        `select outcome, coalesce(reason, '') as reason, count(*)::int as addresses from frontier
         where scan_id = any($1::uuid[]) and state = 'done' and outcome in ('failed', 'skipped')
         group by 1, 2 order by 3 desc, 1, 2`,
        [scanIds],
      );
    },
    async cases(id) {
      const rows = await db.query<{ id: number }>(
        `select distinct k.case_id as id from visit v join capture c on c.visit_id = v.id
           join case_capture k on k.capture_id = c.id where v.scan_id = $1 order by 1 limit 50`,
        [id],
      );
      return rows.map((row) => caseId(Number(row.id)));
    },
  };
}
