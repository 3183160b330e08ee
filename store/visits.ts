/**
 * Rows of scans, visits, the frontier and hosts.
 *
 * What they owe: an address of a visit is captured at most once, however often a worker dies; a worker
 * whose lease was given to another can no longer write; what politeness knows of a host outlives restarts;
 * of all visits in all processes one at a time has the turn to ask a host.
 */
import { createHash } from 'node:crypto';
import type { Assessment } from '../domain/assessment.ts';
import type { Capture } from '../domain/capture.ts';
import type { Listing } from '../domain/listing.ts';
import type { ScanSettings, SkipReason, UrlOutcome } from '../domain/source.ts';
import { canonicalUrl, hostOf } from '../domain/url.ts';
import { insertCapture, type PageRow } from './captures.ts';
import type { Database, Queryable } from './database.ts';
import { appendToLedger, captureEvent } from './ledger.ts';
import { storable } from './storable.ts';

export interface Visit {
  readonly id: string;
  readonly scanId: string;
  readonly host: string;
  /** The token that every write of this visit must carry. */
  readonly lease: string;
  readonly settings: ScanSettings;
  /** Pages captured so far, by this worker or one before it. */
  readonly captured: number;
  /** It was put off before, since its host asked for patience. */
  readonly wasPutOff: boolean;
}

/** An answer to who wants to ask a host. */
export type Turn =
  | { readonly is: 'taken'; readonly memory: HostMemory }
  /** Not before that moment; another visit may be asking. */
  | { readonly is: 'later'; readonly at: Date }
  /** This very visit has it, from a worker that died or was stopped in the middle of asking. */
  | { readonly is: 'left_over' }
  /** All visits are held. */
  | { readonly is: 'paused' };

/** Visits of a scan that wait for a moment, or for a person who lets them go on. */
export interface Resting {
  readonly hosts: number;
  /** When the first of them goes on; null while all visits are held. */
  readonly until: Date | null;
  readonly isPaused: boolean;
}

export interface DueUrl {
  readonly key: Buffer;
  readonly url: string;
  readonly depth: number;
  readonly seed: boolean;
  /** How often it was asked and put back before. */
  readonly tries: number;
  /** How often it was taken up, this time included; more than `tries` when workers died at it. */
  readonly starts: number;
}

export interface FoundUrl {
  readonly url: URL;
  /** Higher is asked first. */
  readonly priority: number;
}

/** What one asked address brought, stored all together or not at all. */
export interface Visited {
  readonly outcome: UrlOutcome;
  readonly captured: {
    readonly capture: Capture;
    readonly page: PageRow;
    readonly listings: readonly Listing[];
    /** What the model in the shadow thinks of it, where there is one. */
    readonly shadow?: Assessment | null;
  } | null;
  readonly found: readonly FoundUrl[];
  readonly host: HostMemory;
}

/** Politeness and robots state as their room wrote them. */
export interface HostMemory {
  readonly nextAt: Date | null;
  readonly politeness: unknown;
  readonly robots: unknown;
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

/** The visit was given to another worker meanwhile; nothing was written. Stop this visit, the other goes on. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  readonly facts: { readonly host: string; readonly visitId: string };

  constructor(visit: Pick<Visit, 'host' | 'id'>) {
    super(`The visit to ${visit.host} was taken over by another worker, which goes on with it.`);
    this.facts = { host: visit.host, visitId: visit.id };
  }
}

export interface NewScan {
  readonly id: string;
  readonly visitIds: () => string;
  readonly seeds: readonly URL[];
  readonly refusals: readonly Refusal[];
  readonly settings: ScanSettings;
  readonly now: Date;
}

export interface VisitStore {
  /** Writes a scan with a visit a host; addresses given twice count once. */
  startScan(scan: NewScan): Promise<void>;
  /** Hosts with an unfinished visit, oldest first. */
  openHosts(limit: number): Promise<string[]>;
  /** Those of them that may be visited now, oldest first. */
  dueHosts(limit: number, now: Date): Promise<string[]>;
  /** Takes the oldest unfinished visit to a host, from whoever had it; null when none may be made now. */
  claim(host: string, lease: string, now: Date): Promise<Visit | null>;
  hostMemory(host: string): Promise<HostMemory | null>;
  /**
   * Takes the turn to ask a host, its own or one that it is led to, until it is given back by `finish`,
   * `putBack`, `giveTurn`, or by time.
   */
  takeTurn(visit: Visit, host: string, now: Date, until: Date): Promise<Turn>;
  /** Gives a turn back, with what was learnt. A host is never asked earlier than any visit said. */
  giveTurn(visit: Visit, host: string, memory: HostMemory): Promise<void>;
  /** Takes up the next address; null when none is due. */
  nextDue(visit: Visit): Promise<DueUrl | null>;
  /** @throws LeaseLostError */
  finish(visit: Visit, due: DueUrl, visited: Visited): Promise<void>;
  /** Leaves an address due, to be tried once more after the others. @throws LeaseLostError */
  putBack(visit: Visit, due: DueUrl, host: HostMemory): Promise<void>;
  /** Leaves an address due, but not before a moment. @throws LeaseLostError */
  defer(visit: Visit, due: DueUrl, until: Date): Promise<void>;
  /** Makes deferred addresses due whose moment has come; tells when the next one comes, null when none is left. */
  wake(visit: Visit, now: Date): Promise<Date | null>;
  /**
   * Lays a visit down to be claimed again, not before a moment; null for as soon as visits may go on.
   *
   * @param due the address that was taken up for nothing. @throws LeaseLostError
   */
  putOff(visit: Visit, due: DueUrl | null, until: Date | null): Promise<void>;
  /** Ends what is still due as skipped, for the stated reason. @throws LeaseLostError */
  skipRest(visit: Visit, reason: SkipReason, detail: string): Promise<void>;
  /** @throws LeaseLostError */
  close(visit: Visit, now: Date): Promise<void>;
  /** Scans with an unfinished visit, oldest first. */
  openScans(): Promise<string[]>;
  /** Finished addresses after `seq`, in order; at most 500. */
  news(scanIds: readonly string[], afterSeq: number): Promise<ScanLine[]>;
  refusals(scanId: string): Promise<Refusal[]>;
  counts(scanIds: readonly string[]): Promise<ScanCounts>;
  resting(scanIds: readonly string[], now: Date): Promise<Resting>;
}

export interface Refusal {
  /** Line of the list it stood in, or its place among the arguments; from 1. */
  readonly line: number;
  readonly given: string;
  readonly reason: SkipReason;
  readonly detail: string;
}

/** SHA-256 of the canonical address, 32 bytes. */
export function urlKey(url: URL): Buffer {
  return createHash('sha256').update(canonicalUrl(url)).digest();
}

export function visitStore(db: Database): VisitStore {
  return {
    async startScan(scan) {
      await db.transaction((tx) => insertScan(tx, scan, null));
    },

    async openHosts(limit) {
      const rows = await db.query<{ host: string }>(
        "select host from visit where state <> 'done' group by host order by min(queued_at), host limit $1",
        [limit],
      );
      return rows.map((row) => row.host);
    },

    async dueHosts(limit, now) {
      const rows = await db.query<{ host: string }>(
        `select host from visit
         where state <> 'done' and (not_before is null or not_before <= $2) and not exists (select 1 from pause)
         group by host order by min(queued_at), host limit $1`,
        [limit, now],
      );
      return rows.map((row) => row.host);
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
           order by queued_at, id limit 1)
         returning id, scan_id, not_before is not null as was_put_off,
           (select settings from scan where scan.id = visit.scan_id) as settings,
           (select count(*) from capture where capture.visit_id = visit.id) as captured`,
        [host, lease, now],
      );
      if (row === undefined) return null;
      return {
        id: row.id,
        scanId: row.scan_id,
        host,
        lease,
        settings: row.settings,
        captured: Number(row.captured),
        wasPutOff: row.was_put_off,
      };
    },

    async hostMemory(host) {
      const [row] = await db.query<{ next_at: Date | null; politeness: unknown; robots: unknown }>(
        'select next_at, politeness, robots from host where host = $1',
        [host],
      );
      return row === undefined
        ? null
        : { nextAt: row.next_at, politeness: row.politeness, robots: row.robots };
    },

    async takeTurn(visit, host, now, until) {
      const [taken] = await db.query<{ next_at: Date | null; politeness: unknown; robots: unknown }>(
        `insert into host (host, politeness, busy_by, busy_until)
         select $1, '{}'::jsonb, $2::uuid, $4::timestamptz where not exists (select 1 from pause)
         on conflict (host) do update set busy_by = excluded.busy_by, busy_until = excluded.busy_until
           where (host.next_at is null or host.next_at <= $3::timestamptz)
             and (host.busy_until is null or host.busy_until <= $3::timestamptz)
         returning next_at, politeness, robots`,
        [host, visit.id, now, until],
      );
      if (taken !== undefined) {
        const { next_at: nextAt, politeness, robots } = taken;
        return { is: 'taken', memory: { nextAt, politeness, robots } };
      }
      const [row] = await db.query<{
        is_paused: boolean;
        next_at: Date | null;
        busy_by: string | null;
        busy_until: Date | null;
      }>(
        `select exists (select 1 from pause) as is_paused, next_at, busy_by, busy_until
         from (select 1) as one left join host on host.host = $1`,
        [host],
      );
      if (row?.is_paused === true) return { is: 'paused' };
      const isBusy = (row?.busy_until?.getTime() ?? 0) > now.getTime();
      if (isBusy && row?.busy_by === visit.id) return { is: 'left_over' };
      const soon = now.getTime() + LOOK_AGAIN_MS;
      const nextAt = row?.next_at?.getTime() ?? 0;
      return { is: 'later', at: new Date(isBusy ? Math.max(soon, nextAt) : nextAt) };
    },

    async giveTurn(visit, host, memory) {
      await rememberHost(db, visit, host, memory);
    },

    async nextDue(visit) {
      const [row] = await db.query<{
        url_key: Buffer;
        url: string;
        depth: number;
        seed: boolean;
        tries: number;
        starts: number;
      }>(
        `update frontier set starts = starts + 1 where visit_id = $1 and url_key = (
           select url_key from frontier where visit_id = $1 and state = 'due' and not_before is null
           order by priority desc, depth, url_key limit 1)
         returning url_key, url, depth, seed, tries, starts`,
        [visit.id],
      );
      if (row === undefined) return null;
      return {
        key: row.url_key,
        url: row.url,
        depth: row.depth,
        seed: row.seed,
        tries: row.tries,
        starts: row.starts,
      };
    },

    async finish(visit, due, visited) {
      await db.transaction(async (tx) => {
        await holdLease(tx, visit);
        if (visited.captured !== null) await insertCapture(tx, due.key, visited.captured);
        const { is } = visited.outcome;
        await tx.query(
          `update frontier set state = 'done', outcome = $3, reason = $4, detail = $5, capture_id = $6,
             finished_seq = nextval('frontier_finished')
           where visit_id = $1 and url_key = $2 and state = 'due'`,
          [
            visit.id,
            due.key,
            is,
            is === 'captured' ? null : visited.outcome.reason,
            is === 'captured' ? null : visited.outcome.detail,
            is === 'captured' ? visited.outcome.captureId : null,
          ],
        );
        await addUrls(tx, visit.id, due.depth + 1, false, visited.found);
        await rememberHost(tx, visit, visit.host, visited.host);
        if (visited.captured !== null) await appendToLedger(tx, [captureEvent(visited.captured.capture)]);
      });
    },

    async putBack(visit, due, memory) {
      await db.transaction(async (tx) => {
        await holdLease(tx, visit);
        await tx.query(
          'update frontier set tries = tries + 1, priority = priority - 1000 where visit_id = $1 and url_key = $2',
          [visit.id, due.key],
        );
        await rememberHost(tx, visit, visit.host, memory);
      });
    },

    async defer(visit, due, until) {
      await db.transaction(async (tx) => {
        await holdLease(tx, visit);
        await tx.query(
          'update frontier set not_before = $3, starts = starts - 1 where visit_id = $1 and url_key = $2',
          [visit.id, due.key, until],
        );
      });
    },

    async wake(visit, now) {
      await db.query(
        "update frontier set not_before = null where visit_id = $1 and state = 'due' and not_before <= $2",
        [visit.id, now],
      );
      const [row] = await db.query<{ at: Date | null }>(
        `select min(coalesce(not_before, $2::timestamptz)) as at
         from frontier where visit_id = $1 and state = 'due'`,
        [visit.id, now],
      );
      return row?.at ?? null;
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

    async skipRest(visit, reason, detail) {
      await db.transaction(async (tx) => {
        await holdLease(tx, visit);
        await tx.query(
          `update frontier set state = 'done', outcome = 'skipped', reason = $2, detail = $3,
             finished_seq = nextval('frontier_finished')
           where visit_id = $1 and state = 'due'`,
          [visit.id, reason, detail],
        );
      });
    },

    async close(visit, now) {
      await db.transaction(async (tx) => {
        await holdLease(tx, visit);
        await tx.query("update visit set state = 'done', finished_at = $2 where id = $1", [visit.id, now]);
      });
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

/** How soon to look again at a host that another visit is asking, in milliseconds. */
const LOOK_AGAIN_MS = 100;

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

/** Adds what is not known yet to a visit; what is known stays as it is. */
async function addUrls(
  tx: Queryable,
  visitId: string,
  depth: number,
  seed: boolean,
  found: readonly FoundUrl[],
): Promise<void> {
  if (found.length === 0) return;
  // One statement for all: a page has dozens of links, and each statement is a journey to the database.
  await tx.query(
    `insert into frontier (visit_id, url_key, url, depth, priority, seed, state)
     select $1::uuid, decode(it.key, 'hex'), it.url, $2::int, it.priority, $3::boolean, 'due'
     from unnest($4::text[], $5::text[], $6::int[]) as it (key, url, priority)
     on conflict do nothing`,
    [
      visitId,
      depth,
      seed,
      found.map(({ url }) => urlKey(url).toString('hex')),
      found.map(({ url }) => url.href),
      found.map(({ priority }) => priority),
    ],
  );
}

async function holdLease(tx: Queryable, visit: Visit): Promise<void> {
  const held = await tx.query(
    "select 1 as held from visit where id = $1 and lease = $2 and state = 'running' for update",
    [visit.id, visit.lease],
  );
  if (held.length === 0) throw new LeaseLostError(visit);
}

/** Written by a visit that has asked nothing, it leaves the moment and the turn of another as they are. */
async function rememberHost(tx: Queryable, visit: Visit, host: string, memory: HostMemory): Promise<void> {
  await tx.query(
    `insert into host (host, next_at, politeness, robots) values ($1, $2, $3::jsonb, $4::jsonb)
     on conflict (host) do update set next_at = greatest(host.next_at, excluded.next_at),
       politeness = excluded.politeness, robots = coalesce(excluded.robots, host.robots),
       busy_until = case when host.busy_by = $5 then null else host.busy_until end,
       busy_by = case when host.busy_by = $5 then null else host.busy_by end`,
    [
      host,
      memory.nextAt,
      JSON.stringify(memory.politeness),
      memory.robots === null ? null : JSON.stringify(memory.robots),
      visit.id,
    ],
  );
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
