/**
 * The frontier: the addresses of a visit, which of them is next, and how each of them ended.
 *
 * What it owes: an address of a visit is captured at most once, however often a worker dies; a worker whose lease
 * was given to another can no longer write.
 */
import { createHash } from 'node:crypto';
import type { Assessment } from '../domain/assessment.ts';
import type { Capture } from '../domain/capture.ts';
import type { Listing } from '../domain/listing.ts';
import type { SkipReason, UrlOutcome } from '../domain/source.ts';
import { canonicalUrl } from '../domain/url.ts';
import { insertCapture, type PageRow } from './captures.ts';
import type { Database, Queryable } from './database.ts';
import { holdLease, type Visit } from './lease.ts';
import { appendToLedger, captureEvent } from './ledger.ts';
import { type HostMemory, rememberHost } from './turns.ts';

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

export interface Frontier {
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
  /** Ends what is still due as skipped, for the stated reason. @throws LeaseLostError */
  skipRest(visit: Visit, reason: SkipReason, detail: string): Promise<void>;
}

/** SHA-256 of the canonical address, 32 bytes. */
export function urlKey(url: URL): Buffer {
  return createHash('sha256').update(canonicalUrl(url)).digest();
}

export function frontier(db: Database): Frontier {
  return {
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
  };
}

/** Adds what is not known yet to a visit; what is known stays as it is. */
export async function addUrls(
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
