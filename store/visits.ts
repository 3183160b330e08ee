/**
 * Rows of visits: which host is to be visited next, by whom, and when it is done. With the rooms beside it, scans
 * (`scans.ts`), the frontier (`frontier.ts`) and turns at hosts (`turns.ts`), the one door that stages go through.
 */
import type { ScanSettings } from '../domain/source.ts';
import type { Database, Queryable } from './database.ts';
import { type DueUrl, type Frontier, frontier } from './frontier.ts';
import { holdLease, LeaseLostError, type Visit } from './lease.ts';
import { roundsOf } from './rounds.ts';
import { type ScanStops, scanStops } from './scan-stops.ts';
import { type ScanStore, scanStore } from './scans.ts';
import { type Settled, together } from './together.ts';
import { type HostTurns, hostTurns } from './turns.ts';

/** All that a stage asks of scans, visits, their frontier and the turns at hosts. */
export interface VisitStore extends ScanStore, ScanStops, Visits, Frontier, HostTurns {}

export function visitStore(db: Database): VisitStore {
  return { ...scanStore(db), ...scanStops(db), ...visitRows(db), ...frontier(db), ...hostTurns(db) };
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
  /** Tells whether the host has another unfinished visit, due or put off. @throws LeaseLostError */
  close(visit: Visit, now: Date): Promise<boolean>;
}

function visitRows(db: Database): Visits {
  const claimOne = together<Claim, Visit | null>((claims) => claim(db, claims));
  const closeOne = together<Closing, boolean>((them) => db.transaction((tx) => close(tx, them)));
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

    claim: (host, lease, now) => claimOne({ host, lease, now }),

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

    close: (visit, now) => closeOne({ visit, now }),
  };
}

interface Claim {
  readonly host: string;
  readonly lease: string;
  readonly now: Date;
}

/** Of two claims of one host the later has it, as if one had come after the other. */
async function claim(db: Queryable, claims: readonly Claim[]): Promise<{ answer: Visit | null }[]> {
  const visits = new Map<Claim, Visit>();
  for (const some of roundsOf(claims, ({ host }) => host)) {
    const rows = await db.query<{
      id: string;
      scan_id: string;
      host: string;
      settings: ScanSettings;
      captured: number;
      was_put_off: boolean;
    }>(
      `update visit set state = 'running', lease = next.lease, started_at = coalesce(started_at, next.now)
       from (
         select due.id, it.lease, it.now
         from unnest($1::text[], $2::uuid[], $3::timestamptz[]) as it (host, lease, now) cross join lateral (
           select id from visit
           where host = it.host and state <> 'done' and (not_before is null or not_before <= it.now)
             and not exists (select 1 from pause)
           order by urgency desc, queued_at, id limit 1) as due) as next
       where visit.id = next.id and visit.state <> 'done'
       returning visit.id, visit.host, scan_id, not_before is not null as was_put_off, captured,
         (select settings from scan where scan.id = visit.scan_id) as settings`,
      [some.map(({ host }) => host), some.map(({ lease }) => lease), some.map(({ now }) => now)],
    );
    const found = new Map(rows.map((row) => [row.host, row]));
    for (const it of some) {
      const row = found.get(it.host);
      if (row === undefined) continue;
      const { id, scan_id: scanId, host, settings, captured, was_put_off: wasPutOff } = row;
      visits.set(it, { id, scanId, host, lease: it.lease, settings, captured, wasPutOff });
    }
  }
  return claims.map((it) => ({ answer: visits.get(it) ?? null }));
}

interface Closing {
  readonly visit: Visit;
  readonly now: Date;
}

async function close(tx: Queryable, them: readonly Closing[]): Promise<Settled<boolean>[]> {
  const closed = await tx.query<{ lease: string; has_more: boolean }>(
    `with closed as (
       update visit set state = 'done', finished_at = it.now
       from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as it (id, lease, now)
       where visit.id = it.id and visit.lease = it.lease and state = 'running' returning visit.*),
     told as (
       select scan_id, count(*)::int as hosts, sum(due - seeds)::int as due, sum(captured)::int as captured,
         sum(unchanged)::int as unchanged, sum(failed)::int as failed, sum(skipped)::int as skipped
       from closed group by scan_id order by scan_id),
     counted as (
       update scan set hosts_done = scan.hosts_done + told.hosts, due = scan.due + told.due,
         captured = scan.captured + told.captured, unchanged = scan.unchanged + told.unchanged,
         failed = scan.failed + told.failed, skipped = scan.skipped + told.skipped
       from told where scan.id = told.scan_id)
     select lease, exists (
       select 1 from visit other where other.host = closed.host and other.state <> 'done' and other.id <> closed.id
     ) as has_more from closed`,
    [them.map(({ visit }) => visit.id), them.map(({ visit }) => visit.lease), them.map(({ now }) => now)],
  );
  const more = new Map(closed.map((row) => [row.lease, row.has_more]));
  return them.map(({ visit }) => {
    const hasMore = more.get(visit.lease);
    return hasMore === undefined ? { error: new LeaseLostError(visit) } : { answer: hasMore };
  });
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
