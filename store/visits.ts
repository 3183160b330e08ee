/**
 * Rows of visits: which host is to be visited next, by whom, and when it is done. With the rooms beside it, scans
 * (`scans.ts`), the frontier (`frontier.ts`) and turns at hosts (`turns.ts`), the one door that stages go through.
 */
import type { ScanSettings } from '../domain/source.ts';
import type { Database } from './database.ts';
import { type DueUrl, type Frontier, frontier } from './frontier.ts';
import { holdLease, LeaseLostError, type Visit } from './lease.ts';
import { type ScanStore, scanStore } from './scans.ts';
import { type HostTurns, hostTurns } from './turns.ts';

/** All that a stage asks of scans, visits, their frontier and the turns at hosts. */
export interface VisitStore extends ScanStore, Visits, Frontier, HostTurns {}

export function visitStore(db: Database): VisitStore {
  return { ...scanStore(db), ...visitRows(db), ...frontier(db), ...hostTurns(db) };
}

export interface Visits {
  /** Hosts with an unfinished visit, oldest first. */
  openHosts(limit: number): Promise<string[]>;
  /**
   * Those of them that may be visited now, in rounds: in each, every lane has as many as its weight, its most urgent
   * and then its oldest first. So the ten thousand hosts of one source keep nobody else's one waiting.
   */
  dueHosts(limit: number, now: Date): Promise<string[]>;
  /** Takes the most urgent, then the oldest unfinished visit to a host, from whoever had it; null when none may be made now. */
  claim(host: string, lease: string, now: Date): Promise<Visit | null>;
  /**
   * Lays a visit down to be claimed again, not before a moment; null for as soon as visits may go on.
   *
   * @param due the address that was taken up for nothing. @throws LeaseLostError
   */
  putOff(visit: Visit, due: DueUrl | null, until: Date | null): Promise<void>;
  /** @throws LeaseLostError */
  close(visit: Visit, now: Date): Promise<void>;
}

function visitRows(db: Database): Visits {
  return {
    async openHosts(limit) {
      const rows = await db.query<{ host: string }>(
        `select host from visit where state <> 'done' group by host order by min(queued_at), host limit $1`,
        [limit],
      );
      return rows.map((row) => row.host);
    },

    async dueHosts(limit, now) {
      // Twice the rounds that would fill it if every lane were long; all of them only where half are short.
      const hosts = await inRounds(db, limit, now, false);
      return hosts.length < limit ? inRounds(db, limit, now, true) : hosts;
    },

    async claim(host, lease, now) {
      const [row] = await db.query<{
        id: string;
        scan_id: string;
        settings: ScanSettings;
        captured: number;
        was_put_off: boolean;
      }>(
        `update visit set state = 'running', lease = $2, started_at = coalesce(started_at, $3)
         where id = (
           select id from visit
           where host = $1 and state <> 'done' and (not_before is null or not_before <= $3)
             and not exists (select 1 from pause)
           order by urgency desc, queued_at, id limit 1)
         returning id, scan_id, not_before is not null as was_put_off, captured,
           (select settings from scan where scan.id = visit.scan_id) as settings`,
        [host, lease, now],
      );
      if (row === undefined) return null;
      const { id, scan_id: scanId, settings, captured, was_put_off: wasPutOff } = row;
      return { id, scanId, host, lease, settings, captured, wasPutOff };
    },

    async putOff(visit, due, until) {
      await db.transaction(async (tx) => {
        await holdLease(tx, visit);
        if (due !== null) {
          await tx.query('update frontier set starts = starts - 1 where visit_id = $1 and url_key = $2', [
            visit.id,
            due.key,
          ]);
        }
        await tx.query(
          `update visit set state = 'queued', lease = null, not_before = coalesce($2, not_before)
           where id = $1`,
          [visit.id, until],
        );
      });
    },

    async close(visit, now) {
      await db.transaction(async (tx) => {
        const closed = await tx.query(
          `with closed as (
             update visit set state = 'done', finished_at = $3
             where id = $1 and lease = $2 and state = 'running' returning *)
           update scan set hosts_done = scan.hosts_done + 1, due = scan.due + closed.due - closed.seeds,
             captured = scan.captured + closed.captured, unchanged = scan.unchanged + closed.unchanged,
             failed = scan.failed + closed.failed, skipped = scan.skipped + closed.skipped
           from closed where scan.id = closed.scan_id returning 1 as closed`,
          [visit.id, visit.lease, now],
        );
        if (closed.length === 0) throw new LeaseLostError(visit);
      });
    },
  };
}

/** Lanes are few, and each is read from its index: so it costs the same however many visits are open. */
async function inRounds(db: Database, limit: number, now: Date, isWhole: boolean): Promise<string[]> {
  const rows = await db.query<{ host: string }>(
    `with recursive lane (name, weight) as (
       (select lane, weight::int from visit where state <> 'done' order by lane limit 1)
       union all
       select next.lane, next.weight::int from lane cross join lateral (
         select v.lane, v.weight from visit v
         where v.state <> 'done' and v.lane > lane.name order by v.lane limit 1) as next),
     cut as (select ceil(2 * $1::numeric / sum(weight)) as rounds from lane)
     select due.host from lane cross join cut cross join lateral (
       select v.host, v.queued_at,
         ceil((row_number() over (order by v.urgency desc, v.queued_at, v.id))::numeric / v.weight) as round
       from visit v
       where v.lane = lane.name and v.state <> 'done' and (v.not_before is null or v.not_before <= $2)
       order by v.urgency desc, v.queued_at, v.id
       limit case when $3::boolean then $1::bigint else least($1::bigint, (cut.rounds * lane.weight)::bigint) end
     ) as due
     where not exists (select 1 from pause)
     group by due.host order by min(due.round), min(due.queued_at), due.host limit $1`,
    [limit, now, isWhole],
  );
  return rows.map((row) => row.host);
}
