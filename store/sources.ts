/**
 * Rows of sources: what is watched, what each run brought, and what became of it.
 *
 * What they owe: an address that a source brought is visited for it once, however often a run dies or is run again;
 * a run's new addresses, its scan and its row are written together or not at all. Who added, changed or held a
 * source, and what was decided about robots.txt, stands in the ledger.
 */

import { laneOf, NO_SIGN, type Sign, strongest, urgencyOf } from '../domain/urgency.ts';
import { hostOf } from '../domain/url.ts';
import type { Source } from '../domain/watch.ts';
import { settingsOf } from '../domain/watch.ts';
import type { Database, Queryable } from './database.ts';
import { urlKey } from './frontier.ts';
import { appendToLedger } from './ledger.ts';
import { insertScan } from './scans.ts';
import { storable } from './storable.ts';

export interface WatchedSource {
  readonly source: Source;
  readonly isPaused: boolean;
  readonly createdAt: Date;
  /** Where its last run ended; null before the first. */
  readonly memory: unknown;
}

export interface FoundAddress {
  readonly url: URL;
  /** Where it was found. */
  readonly why: string;
  /** What that says of how soon it should be looked at; nothing unless told. */
  readonly sign?: Partial<Sign>;
}

export interface SourceRun {
  readonly id: string;
  readonly source: string;
  readonly beganAt: Date;
  readonly endedAt: Date;
  readonly requests: number;
  readonly found: number;
  readonly fresh: number;
  /** Null when nothing was new. */
  readonly scanId: string | null;
  readonly notes: readonly string[];
  readonly facts: unknown;
}

export interface SourceFigures {
  readonly runs: number;
  readonly lastRun: SourceRun | null;
  /** Addresses found in all runs, the same ones again and again. */
  readonly found: number;
  /** Addresses that were new. */
  readonly fresh: number;
  /** Pages captured for it, and those of them that were flagged. */
  readonly captured: number;
  readonly flagged: number;
}

export class NoSuchSourceError extends Error {
  override readonly name = 'NoSuchSourceError';
  readonly facts: { readonly source: string };

  constructor(source: string) {
    super(`There is no source "${source}". "kuzet source list" shows those there are.`);
    this.facts = { source };
  }
}

export interface SourceStore {
  /** Adds a source, or changes the one of its name; `same` when nothing differs. */
  put(source: Source, by: string, now: Date): Promise<'added' | 'changed' | 'same'>;
  list(): Promise<WatchedSource[]>;
  /** @throws NoSuchSourceError */
  get(name: string): Promise<WatchedSource>;
  /** @returns false when it was so before. @throws NoSuchSourceError */
  pause(name: string, isPaused: boolean, by: string, now: Date): Promise<boolean>;
  /** What it brought stays known. @throws NoSuchSourceError */
  remove(name: string, by: string, now: Date): Promise<void>;
  /**
   * Ends a run: what is new becomes a scan, at most as many addresses as the source's budget.
   *
   * @param memory kept for the next run.
   */
  endRun(run: {
    readonly id: string;
    readonly source: Source;
    readonly beganAt: Date;
    readonly requests: number;
    readonly found: readonly FoundAddress[];
    readonly notes: readonly string[];
    readonly facts: unknown;
    readonly memory: unknown;
    readonly newId: () => string;
    readonly now: Date;
  }): Promise<SourceRun>;
  /** Newest first. */
  runs(name: string, limit: number): Promise<SourceRun[]>;
  figures(name: string): Promise<SourceFigures>;
  /** Captures that cases stand on which officers confirmed as fraud, newest first. */
  confirmedCaptures(limit: number): Promise<ConfirmedCapture[]>;
}

export interface ConfirmedCapture {
  readonly caseId: number;
  readonly finalUrl: string;
  readonly mediaType: string;
  readonly body: string;
  readonly dom: string | null;
}

export function sourceStore(db: Database): SourceStore {
  const store: SourceStore = {
    async put(source, by, now) {
      return db.transaction(async (tx) => {
        const plan = JSON.stringify(source);
        const [before] = await tx.query<{ same: boolean }>(
          'select plan = $2::jsonb as same from source where name = $1 for update',
          [source.name, plan],
        );
        if (before?.same === true) return 'same';
        await tx.query(
          `insert into source (name, kind, plan, created_at) values ($1, $2, $3::jsonb, $4)
           on conflict (name) do update set kind = excluded.kind, plan = excluded.plan, memory = null`,
          [source.name, source.kind, plan, now],
        );
        const is = before === undefined ? 'added' : 'changed';
        const { kind, every, robots } = source;
        await note(tx, source.name, { is, by, kind, every, robots }, now);
        return is;
      });
    },
    async list() {
      return (await db.query<SourceRow>('select * from source order by name')).map(asWatched);
    },
    async get(name) {
      const [row] = await db.query<SourceRow>('select * from source where name = $1', [name]);
      if (row === undefined) throw new NoSuchSourceError(name);
      return asWatched(row);
    },
    async pause(name, isPaused, by, now) {
      return db.transaction(async (tx) => {
        const [row] = await tx.query<SourceRow>('select * from source where name = $1 for update', [name]);
        if (row === undefined) throw new NoSuchSourceError(name);
        if ((row.paused_at !== null) === isPaused) return false;
        await tx.query('update source set paused_at = $2 where name = $1', [name, isPaused ? now : null]);
        await note(tx, name, { is: isPaused ? 'paused' : 'resumed', by }, now);
        return true;
      });
    },
    async remove(name, by, now) {
      await db.transaction(async (tx) => {
        const gone = await tx.query('delete from source where name = $1 returning name', [name]);
        if (gone.length === 0) throw new NoSuchSourceError(name);
        await note(tx, name, { is: 'removed', by }, now);
      });
    },
    async endRun({ id, source, beganAt, requests, found, notes, facts, memory, newId, now }) {
      return db.transaction(async (tx) => {
        // One run of a source at a time ends, so that two of them do not take the same address for new.
        await tx.query('select name from source where name = $1 for update', [source.name]);
        const fresh = mostUrgent(await unknown(tx, source.name, found), source.budget);
        const scanId = fresh.length === 0 ? null : newId();
        if (scanId !== null) {
          const seeds = fresh.map(({ url }) => url);
          const settings = settingsOf(source);
          const lane = laneOf(source);
          const urgencies = urgenciesOf(found);
          const urgencyOf = (host: string) => urgencies.get(host) ?? 0;
          const scan = { id: scanId, visitIds: newId, seeds, refusals: [], settings, lane, urgencyOf, now };
          await insertScan(tx, scan, source.name);
        }
        for (const { url, why } of fresh) {
          await tx.query(
            `insert into source_address (source, url_key, url, why, found_at, scan_id)
             values ($1, $2, $3, $4, $5, $6)`,
            [source.name, urlKey(url), url.href, storable(why.slice(0, 500)), now, scanId],
          );
        }
        const told = [...notes.slice(0, MOST_NOTES)];
        const [row] = await tx.query<RunRow>(
          `insert into source_run (id, source, began_at, ended_at, requests, found, fresh, scan_id, notes, facts)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10::jsonb) returning *`,
          [
            id,
            source.name,
            beganAt,
            now,
            requests,
            found.length,
            fresh.length,
            scanId,
            storable(JSON.stringify(told)),
            storable(JSON.stringify(facts)),
          ],
        );
        await tx.query('update source set memory = $2::jsonb where name = $1', [
          source.name,
          JSON.stringify(memory ?? null),
        ]);
        return asRun(row!);
      });
    },
    async runs(name, limit) {
      const rows = await db.query<RunRow>(
        'select * from source_run where source = $1 order by began_at desc, id desc limit $2',
        [name, limit],
      );
      return rows.map(asRun);
    },
    async figures(name) {
      const [sums] = await db.query<Record<'runs' | 'found' | 'fresh', number>>(
        `select count(*) as runs, coalesce(sum(found), 0) as found, coalesce(sum(fresh), 0) as fresh
         from source_run where source = $1`,
        [name],
      );
      const [pages] = await db.query<Record<'captured' | 'flagged', number>>(
        // Of visits that are done sums are kept (counts.ts).
        `select coalesce(sum(n), 0)::bigint as captured, coalesce(sum(n) filter (where verdict = 'flag'), 0)::bigint as flagged
         from (select labels ->> 'verdict' as verdict, n from figure
               where name = 'source_captures_total' and labels ->> 'source' = $1
               union all
               select p.verdict, count(*) from scan s join visit v on v.scan_id = s.id and not v.counted
                 join capture c on c.visit_id = v.id join page p on p.capture_id = c.id
               where s.source = $1 group by p.verdict) told`,
        [name],
      );
      const [lastRun] = await store.runs(name, 1);
      return {
        runs: Number(sums?.runs ?? 0),
        found: Number(sums?.found ?? 0),
        fresh: Number(sums?.fresh ?? 0),
        lastRun: lastRun ?? null,
        captured: Number(pages?.captured ?? 0),
        flagged: Number(pages?.flagged ?? 0),
      };
    },
    async confirmedCaptures(limit) {
      const rows = await db.query<{
        case_id: number;
        final_url: string;
        media_type: string;
        body_sha256: string;
        dom: string | null;
      }>(
        `select k.id as case_id, c.final_url, c.media_type, c.body_sha256, c.dom
         from cases k join case_capture kc on kc.case_id = k.id join capture c on c.id = kc.capture_id
         where k.state in ('confirmed', 'approved', 'referred')
         order by c.captured_at desc, c.id limit $1`,
        [limit],
      );
      return rows.map((row) => ({
        caseId: Number(row.case_id),
        finalUrl: row.final_url,
        mediaType: row.media_type,
        body: row.body_sha256,
        dom: row.dom,
      }));
    },
  };
  return store;
}

const MOST_NOTES = 50;

/** Those that the source did not bring before, each once, in order. */
async function unknown(
  tx: Queryable,
  source: string,
  found: readonly FoundAddress[],
): Promise<FoundAddress[]> {
  const byKey = new Map(found.map((it) => [urlKey(it.url).toString('hex'), it]));
  const known = await tx.query<{ key: string }>(
    `select encode(url_key, 'hex') as key from source_address
     where source = $1 and url_key in (select decode(key, 'hex') from unnest($2::text[]) as it (key))`,
    [source, [...byKey.keys()]],
  );
  for (const { key } of known) byKey.delete(key);
  return [...byKey.values()];
}

/** At most so many, those of the most urgent hosts; within a host and among equals in the order they came. */
function mostUrgent(found: readonly FoundAddress[], most: number): FoundAddress[] {
  if (found.length <= most) return [...found];
  const urgencies = urgenciesOf(found);
  const urgency = ({ url }: FoundAddress) => urgencies.get(hostOf(url)) ?? 0;
  return found.toSorted((a, b) => urgency(b) - urgency(a)).slice(0, most);
}

/** How urgent each host is, by all that was found of it. */
function urgenciesOf(found: readonly FoundAddress[]): Map<string, number> {
  const signs = new Map<string, Sign[]>();
  for (const { url, sign } of found) {
    if (sign === undefined) continue;
    const host = hostOf(url);
    const ofHost = signs.get(host);
    if (ofHost === undefined) signs.set(host, [{ ...NO_SIGN, ...sign }]);
    else ofHost.push({ ...NO_SIGN, ...sign });
  }
  return new Map([...signs].map(([host, all]) => [host, urgencyOf(strongest(all))]));
}

async function note(tx: Queryable, subject: string, entry: Record<string, unknown>, at: Date): Promise<void> {
  await appendToLedger(tx, [{ at, kind: 'source', subject, entry }]);
}

interface SourceRow {
  plan: Source;
  memory: unknown;
  created_at: Date;
  paused_at: Date | null;
}

function asWatched(row: SourceRow): WatchedSource {
  return {
    source: row.plan,
    isPaused: row.paused_at !== null,
    createdAt: row.created_at,
    memory: row.memory,
  };
}

interface RunRow {
  id: string;
  source: string;
  began_at: Date;
  ended_at: Date;
  requests: number;
  found: number;
  fresh: number;
  scan_id: string | null;
  notes: string[];
  facts: unknown;
}

function asRun(row: RunRow): SourceRun {
  return {
    id: row.id,
    source: row.source,
    beganAt: row.began_at,
    endedAt: row.ended_at,
    requests: row.requests,
    found: row.found,
    fresh: row.fresh,
    scanId: row.scan_id,
    notes: row.notes,
    facts: row.facts,
  };
}
