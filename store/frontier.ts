/**
 * The frontier: the addresses of a visit, which of them is next, and how each of them ended.
 *
 *     found ──► due ──► taken up ──► done: captured, unchanged, failed, skipped    each a line of the scan
 *       │        ▲         │
 *       │        └─────────┴── put back (after the others), deferred (until a moment), left by a worker that died
 *       └──► done: skipped, `trap`, when its shape has had its share
 *
 * What it owes, and which test of `test/conformance/frontier.ts` holds it to that:
 *
 * - Order. Of the addresses that are due the highest priority is next, then the fewest links away, then the key;
 *   the same whoever asks. ("gives what is due in the order stated")
 * - No loss. An address that is known is due until its end is written, whatever worker dies in between.
 *   ("loses nothing and captures nothing twice, in whatever order workers live and die")
 * - No double. One address is one key (`canonicalUrl`), known once a visit and captured once a visit; a worker
 *   whose lease went to another writes nothing. (the same, and "refuses every word of a worker whose visit was taken")
 * - Politeness. An address comes no earlier than its moment, nor a visit than its; when a host may be asked is the turn's
 *   to say (`turns.ts`). ("hands out nothing before its moment", and `test/flow/pace.test.ts` with real processes)
 * - Fairness. Those who asked for visits have turns in rounds, however many hosts each has (`visits.ts`).
 *   ("gives every lane its share of each round")
 * - An end. Addresses of one shape have a budget, and a shape whose pages repeat each other is left, so that no site
 *   is endless; what is refused is a line with its reason. ("takes up no more of one shape than its budget", "leaves a
 *   shape whose pages repeat each other")
 * - Constant cost. Each of these is read from an index or counted as it happens, however much is known.
 *   (`bench/crawl/grow.ts`, run to a million addresses)
 */
import { createHash } from 'node:crypto';
import type { Assessment } from '../domain/assessment.ts';
import type { Capture } from '../domain/capture.ts';
import type { CloakCheck } from '../domain/cloak-check.ts';
import type { Listing } from '../domain/listing.ts';
import { SEED_PRIORITY } from '../domain/priority.ts';
import type { SkipReason, UrlOutcome } from '../domain/source.ts';
import { type Repetition, repeatedBy } from '../domain/trap.ts';
import { canonicalUrl } from '../domain/url.ts';
import { insertCaptures, type PageRow } from './captures.ts';
import { insertCloakCheck } from './cloak-checks.ts';
import type { Database, Queryable } from './database.ts';
import {
  asKnown,
  KNOWN_COLUMNS,
  type KnownAddress,
  type KnownRow,
  type NewLook,
  writeLooks,
} from './known-addresses.ts';
import { holdLease, holdLeases, LeaseLostError, type Visit } from './lease.ts';
import { appendToLedger } from './ledger.ts';
import { captureEvent, lookEvent } from './ledger-told.ts';
import { roundsOf } from './rounds.ts';
import { type ScanStop, stoppedDetail } from './scan-stops.ts';
import { storable } from './storable.ts';
import { type Settled, together } from './together.ts';
import { type HostMemory, rememberHosts } from './turns.ts';

export interface DueUrl {
  readonly key: Buffer;
  readonly url: string;
  readonly depth: number;
  readonly seed: boolean;
  /** How often it was asked and put back before. */
  readonly tries: number;
  /** How often it was taken up, this time included; more than `tries` when workers died at it. */
  readonly starts: number;
  /** Its shape and what the pages of that shape were like; null for an address given by name. */
  readonly shape: KnownShape | null;
  /** What earlier looks at it, by any visit, have told; null when nobody looked. */
  readonly known: KnownAddress | null;
  /** Why it is not to be asked for any more: its scan was stopped. Null for all others. */
  readonly stopped: string | null;
}

export interface KnownShape extends Repetition {
  readonly shape: string;
}

export interface FoundUrl {
  readonly url: URL;
  /** Higher is asked first. */
  readonly priority: number;
  /** What it has in common with others, and how many addresses of that a visit takes up; null for no limit. */
  readonly shape: { readonly name: string; readonly most: number } | null;
  /** Why it ends unasked, as a trap by itself; null for any other. */
  readonly refusal: string | null;
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
    /** SimHash of its text (`domain/text/simhash.ts`); null where a page like others is worth its visit all the same. */
    readonly print?: string | null;
    /** What other visitors were shown, where the page was checked for cloaking. */
    readonly cloaking?: {
      readonly check: CloakCheck;
      readonly variants: readonly { readonly capture: Capture; readonly page: PageRow }[];
    } | null;
  } | null;
  readonly found: readonly FoundUrl[];
  readonly host: HostMemory;
  /** What was found there, beside what was known; null, or absent, when it was not asked for. */
  readonly look?: NewLook | null;
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
  const nextOne = together<Visit, DueUrl | null>((visits) => nextDue(db, visits));
  const wakeOne = together<Waking, Date | null>((them) => wake(db, them));
  const finishOne = together<Finished, void>((them) => db.transaction((tx) => finish(tx, them)));
  return {
    nextDue: nextOne,

    finish: (visit, due, visited) => finishOne({ visit, due, visited }),

    async putBack(visit, due, memory) {
      await db.transaction(async (tx) => {
        await holdLease(tx, visit);
        await tx.query(
          `update frontier set tries = tries + 1, priority = priority - ${AFTER_THE_OTHERS}
           where visit_id = $1 and url_key = $2 and state = 'due'`,
          [visit.id, due.key],
        );
        await rememberHosts(tx, [{ visit, host: visit.host, memory }]);
      });
    },

    async defer(visit, due, until) {
      await db.transaction(async (tx) => {
        await holdLease(tx, visit);
        await tx.query(
          `update frontier set not_before = $3, starts = starts - 1
           where visit_id = $1 and url_key = $2 and state = 'due'`,
          [visit.id, due.key, until],
        );
      });
    },

    wake: (visit, now) => wakeOne({ visit, now }),

    async skipRest(visit, reason, detail) {
      await db.transaction(async (tx) => {
        await holdLease(tx, visit);
        await skipDue(tx, visit, null, reason, detail);
      });
    },
  };
}

/** Priority that an address loses each time it is put back: more than there is (`domain/priority.ts`). */
const AFTER_THE_OTHERS = 2_000;

interface DueRow extends KnownRow {
  asking: string;
  url_key: Buffer;
  url: string;
  depth: number;
  seed: boolean;
  tries: number;
  starts: number;
  shape: string | null;
  repetition: Repetition | null;
  stopped: Pick<ScanStop, 'by' | 'reason'> | null;
}

async function nextDue(db: Queryable, visits: readonly Visit[]): Promise<{ answer: DueUrl | null }[]> {
  const rows = await db.query<DueRow>(
    `with taken as (
       update frontier f set starts = starts + 1
       from (select distinct id from unnest($1::uuid[]) as it (id)) as asking,
         lateral (
           select url_key from frontier where visit_id = asking.id and state = 'due' and not_before is null
           order by priority desc, depth, url_key limit 1) as next
       where f.visit_id = asking.id and f.url_key = next.url_key
       returning f.visit_id, f.url_key, f.url, f.depth, f.seed, f.tries, f.starts, f.shape,
         (select jsonb_build_object('alike', s.alike, 'prints', s.prints)
          from path_shape s where s.visit_id = f.visit_id and s.shape = f.shape) as repetition,
         (select jsonb_build_object('by', s.by, 'reason', s.reason)
          from scan_stop s join visit v on v.scan_id = s.scan_id where v.id = f.visit_id) as stopped)
     select taken.visit_id as asking, taken.*, ${KNOWN_COLUMNS}
     from taken left join known_address k on k.url_key = taken.url_key`,
    [visits.map(({ id }) => id)],
  );
  const due = new Map(rows.map((row) => [row.asking, asDue(row)]));
  return visits.map(({ id }) => ({ answer: due.get(id) ?? null }));
}

function asDue(row: DueRow): DueUrl {
  const { url_key: key, url, depth, seed, tries, starts, shape, repetition } = row;
  const alike = shape === null ? null : { shape, ...(repetition ?? { alike: 0, prints: [] }) };
  const stopped = row.stopped === null ? null : stoppedDetail(row.stopped);
  return { key, url, depth, seed, tries, starts, shape: alike, known: asKnown(row), stopped };
}

interface Waking {
  readonly visit: Visit;
  readonly now: Date;
}

/** Most visits have nothing deferred, and end with this one look. */
async function wake(db: Queryable, them: readonly Waking[]): Promise<{ answer: Date | null }[]> {
  const ids = them.map(({ visit }) => visit.id);
  const look = () =>
    db.query<{ id: string; is_due: boolean; at: Date | null }>(
      `select it.id, exists (
           select 1 from frontier where visit_id = it.id and state = 'due' and not_before is null) as is_due,
         (select min(not_before) from frontier
          where visit_id = it.id and state = 'due' and not_before is not null) as at
       from (select distinct id from unnest($1::uuid[]) as it (id)) as it`,
      [ids],
    );
  let seen = new Map((await look()).map((row) => [row.id, row]));
  const ripe = them.filter(({ visit, now }) => {
    const at = seen.get(visit.id)?.at ?? null;
    return at !== null && at <= now;
  });
  if (ripe.length > 0) {
    await db.query(
      `update frontier f set not_before = null
       from unnest($1::uuid[], $2::timestamptz[]) as it (id, now)
       where f.visit_id = it.id and f.state = 'due' and f.not_before <= it.now`,
      [ripe.map(({ visit }) => visit.id), ripe.map(({ now }) => now)],
    );
    seen = new Map((await look()).map((row) => [row.id, row]));
  }
  return them.map(({ visit, now }) => {
    const row = seen.get(visit.id);
    return { answer: row?.is_due === true ? now : (row?.at ?? null) };
  });
}

interface Finished {
  readonly visit: Visit;
  readonly due: DueUrl;
  readonly visited: Visited;
}

/** Everything that these addresses brought, but for those whose visit was taken over: they bring nothing. */
async function finish(tx: Queryable, them: readonly Finished[]): Promise<Settled<void>[]> {
  const held = await holdLeases(
    tx,
    them.map(({ visit }) => visit),
  );
  const own = them.filter(({ visit }) => held.has(visit.lease));
  await insertCaptures(
    tx,
    own.flatMap(({ due, visited }) => capturesOf(visited).map((it) => ({ urlKey: due.key, ...it }))),
  );
  for (const { visited } of own) {
    const cloaking = visited.captured?.cloaking ?? null;
    if (cloaking !== null) await insertCloakCheck(tx, cloaking.check);
  }
  // A statement counts a visit once.
  for (const some of roundsOf(own, ({ visit }) => visit.id)) {
    await endAddresses(tx, some);
    await notePrints(tx, some);
  }
  const looks = own.flatMap(({ visit, due, visited: { look = null } }) =>
    look === null ? [] : [{ visit, due, ...look }],
  );
  for (const some of roundsOf(looks, ({ due }) => due.key.toString('hex'))) await writeLooks(tx, some);
  await rememberHosts(
    tx,
    own.map(({ visit, visited }) => ({ visit, host: visit.host, memory: visited.host })),
  );
  await appendToLedger(
    tx,
    own.flatMap(({ visit, due, visited }) => {
      const captures = capturesOf(visited).map(({ capture }) => captureEvent(capture));
      const { look = null } = visited;
      if (captures.length > 0 || look?.look.warc == null) return captures;
      return [lookEvent(due.key, visit.id, look.look)];
    }),
  );
  return them.map(({ visit }) =>
    held.has(visit.lease) ? { answer: undefined } : { error: new LeaseLostError(visit) },
  );
}

/** What was captured, then what other visitors were shown in its place. */
function capturesOf({ captured }: Visited) {
  return captured === null ? [] : [captured, ...(captured.cloaking?.variants ?? [])];
}

/**
 * Ends addresses, one of each visit, and adds to the visits what was found there and is not known yet. What is known
 * stays as it is, and of one found twice the higher priority counts. Of a shape that has had its share no more is taken
 * up: those addresses end at once. One statement for all of it, which writes the row of a visit once.
 */
async function endAddresses(tx: Queryable, them: readonly Finished[]): Promise<void> {
  if (them.length === 0) return;
  const offered = them.flatMap(({ visit, due, visited }) =>
    onceEach(visited.found).map(([key, it]) => ({ visit, depth: due.depth + 1, key, ...it })),
  );
  await tx.query(
    `with ending as (
       select it.visit_id, decode(it.key, 'hex') as url_key, it.scan_id, it.outcome, it.reason, it.detail, it.capture_id
       from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::uuid[])
         as it (visit_id, key, scan_id, outcome, reason, detail, capture_id)),
     ended as (
       update frontier f set state = 'done', outcome = it.outcome, reason = it.reason, detail = it.detail,
         capture_id = it.capture_id, scan_id = it.scan_id, finished_seq = nextval('frontier_finished')
       from ending it where f.visit_id = it.visit_id and f.url_key = it.url_key and f.state = 'due'
       returning f.visit_id, f.outcome),
     offered as (
       select it.visit_id, it.scan_id, it.depth, decode(it.key, 'hex') as url_key, it.url, it.priority, it.shape, it.most,
         it.refusal,
         row_number() over (partition by it.visit_id, it.shape order by it.priority desc, it.n) as nth
       from unnest($8::uuid[], $9::uuid[], $10::int[], $11::text[], $12::text[], $13::int[], $14::text[], $15::int[],
         $16::text[]) with ordinality as it (visit_id, scan_id, depth, key, url, priority, shape, most, refusal, n)
       where not exists (
         select 1 from frontier f where f.visit_id = it.visit_id and f.url_key = decode(it.key, 'hex'))),
     weighed as (
       select offered.*, coalesce(s.is_stopped, false) as is_stopped,
         refusal is not null
           or (offered.shape is not null and (coalesce(s.is_stopped, false) or coalesce(s.known, 0) + nth > most))
           as is_trap
       from offered left join path_shape s on s.visit_id = offered.visit_id and s.shape = offered.shape),
     added as (
       insert into frontier (visit_id, url_key, url, depth, priority, seed, shape, state, outcome, reason, detail,
         scan_id, finished_seq)
       select visit_id, url_key, url, depth, priority, false, shape,
         case when is_trap then 'done' else 'due' end, case when is_trap then 'skipped' end,
         case when is_trap then 'trap' end,
         case when refusal is not null then refusal when is_stopped then 'pages like ' || shape || ' repeat each other'
           when is_trap then 'a visit reads ' || most || ' addresses like ' || shape end,
         case when is_trap then scan_id end, case when is_trap then nextval('frontier_finished') end
       from weighed on conflict do nothing returning visit_id, state, shape),
     shaped as (
       insert into path_shape as s (visit_id, shape, known)
       select visit_id, shape, count(*) from added where shape is not null group by visit_id, shape
       on conflict (visit_id, shape) do update set known = s.known + excluded.known),
     n as (
       select visit_id, sum(due)::int as due, sum(captured)::int as captured, sum(unchanged)::int as unchanged,
         sum(failed)::int as failed, sum(skipped)::int as skipped
       from (
         select visit_id, -1 as due, (outcome = 'captured')::int as captured, (outcome = 'unchanged')::int as unchanged,
           (outcome = 'failed')::int as failed, (outcome = 'skipped')::int as skipped from ended
         union all
         select visit_id, (state = 'due')::int, 0, 0, 0, (state = 'done')::int from added) as each
       group by visit_id)
     update visit set due = visit.due + n.due, captured = visit.captured + n.captured,
       unchanged = visit.unchanged + n.unchanged, failed = visit.failed + n.failed, skipped = visit.skipped + n.skipped
     from n where visit.id = n.visit_id`,
    [
      them.map(({ visit }) => visit.id),
      them.map(({ due }) => due.key.toString('hex')),
      them.map(({ visit }) => visit.scanId),
      them.map(({ visited: { outcome } }) => outcome.is),
      them.map(({ visited: { outcome } }) => ('reason' in outcome ? outcome.reason : null)),
      them.map(({ visited: { outcome } }) => ('reason' in outcome ? outcome.detail : null)),
      them.map(({ visited: { outcome } }) => ('captureId' in outcome ? outcome.captureId : null)),
      offered.map(({ visit }) => visit.id),
      offered.map(({ visit }) => visit.scanId),
      offered.map(({ depth }) => depth),
      offered.map(({ key }) => key),
      offered.map(({ url }) => url.href),
      offered.map(({ priority }) => priority),
      offered.map(({ shape }) => shape?.name ?? null),
      offered.map(({ shape }) => shape?.most ?? null),
      offered.map(({ refusal }) => (refusal === null ? null : storable(refusal))),
    ],
  );
}

/** Each address once, by its key in hex, with the highest priority that it was found with. */
function onceEach(found: readonly FoundUrl[]): [key: string, it: FoundUrl][] {
  const each = new Map<string, FoundUrl>();
  for (const it of found) {
    const key = urlKey(it.url).toString('hex');
    if (it.priority > (each.get(key)?.priority ?? Number.NEGATIVE_INFINITY)) each.set(key, it);
  }
  return [...each];
}

/** @param shape null for all that is due. */
async function skipDue(
  tx: Queryable,
  visit: Visit,
  shape: string | null,
  reason: SkipReason,
  detail: string,
): Promise<void> {
  await tx.query(
    `with ended as (
       update frontier set state = 'done', outcome = 'skipped', reason = $3, detail = $4, scan_id = $5,
         finished_seq = nextval('frontier_finished')
       where visit_id = $1 and state = 'due' and ($2::text is null or shape = $2) returning 1),
     n as (select count(*)::int as ended from ended)
     update visit set due = due - n.ended, skipped = skipped + n.ended from n where id = $1`,
    [visit.id, shape, reason, storable(detail), visit.scanId],
  );
}

/** Notes what pages of a shape were like, and leaves a shape when its pages repeat each other. */
async function notePrints(tx: Queryable, them: readonly Finished[]): Promise<void> {
  const noted = them.flatMap(({ visit, due: { shape: before }, visited: { captured } }) => {
    const print = captured?.print ?? null;
    return print === null || before === null
      ? []
      : [{ visit, shape: before.shape, ...repeatedBy(before, print) }];
  });
  if (noted.length === 0) return;
  await tx.query(
    `update path_shape s set alike = it.alike, prints = array(select json_array_elements_text(it.prints)),
       is_stopped = s.is_stopped or it.is_trap
     from json_to_recordset($1::json) as it (visit_id uuid, shape text, alike int, prints json, is_trap boolean)
     where s.visit_id = it.visit_id and s.shape = it.shape`,
    [
      storable(
        JSON.stringify(
          noted.map(({ visit, shape, alike, prints, isTrap }) => ({
            visit_id: visit.id,
            shape,
            alike,
            prints,
            is_trap: isTrap,
          })),
        ),
      ),
    ],
  );
  for (const { visit, shape, alike, isTrap } of noted) {
    if (isTrap)
      await skipDue(tx, visit, shape, 'trap', `the last ${alike} pages like ${shape} repeat each other`);
  }
}

/** Adds addresses given by name, of any visits; one that is given twice counts once. */
export async function addSeeds(
  tx: Queryable,
  seeds: readonly { readonly visitId: string; readonly url: URL }[],
): Promise<void> {
  await tx.query(
    `with added as (
       insert into frontier (visit_id, url_key, url, depth, priority, seed, state)
       select it.visit_id, decode(it.key, 'hex'), it.url, 0, $1::int, true, 'due'
       from unnest($2::uuid[], $3::text[], $4::text[]) as it (visit_id, key, url)
       on conflict do nothing returning visit_id),
     n as (select visit_id, count(*)::int as added from added group by visit_id)
     update visit set due = due + n.added, seeds = seeds + n.added from n where visit.id = n.visit_id`,
    [
      SEED_PRIORITY,
      seeds.map(({ visitId }) => visitId),
      seeds.map(({ url }) => urlKey(url).toString('hex')),
      seeds.map(({ url }) => url.href),
    ],
  );
}
