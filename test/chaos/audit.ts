/**
 * The auditor: after all that happened, everything that was acknowledged to somebody is looked for in the rows, and
 * what must not be is counted. Nothing here knows which faults there were.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { caseId } from '../../domain/case.ts';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import { captureStore } from '../../store/captures.ts';
import type { Database } from '../../store/database.ts';
import { ledgerStore } from '../../store/ledger.ts';
import type { Acknowledged } from './house.ts';
import type { Arrived } from './outside.ts';

/** Each in words; all empty when nothing is wrong. */
export interface Findings {
  /** Acknowledged, and not there. */
  readonly lost: readonly string[];
  /** There by half, or with one of two rows that belong together. */
  readonly half: readonly string[];
  /** There twice. */
  readonly twice: readonly string[];
  /** What the replay of the ledger finds. */
  readonly ledger: readonly string[];
}

export async function audit(
  db: Database,
  around: {
    readonly evidence: string;
    readonly batches: string;
    readonly acknowledged: Acknowledged;
    readonly arrived: readonly Arrived[];
  },
): Promise<Findings> {
  const { acknowledged, arrived } = around;
  const lists = await Promise.all([
    lostScans(db, acknowledged.scans),
    lostActs(db, 'confirmed', acknowledged.confirmed),
    lostActs(db, 'approved', acknowledged.approved),
    lostRows(db, 'batch', 'select id from batch where sha256 is not null', acknowledged.batches),
    lostRows(db, 'listing', 'select listing_id as id from market_log', acknowledged.listings),
    lostBlobs(db, around.evidence),
    lostAlerts(db, arrived),
  ]);
  const { faults } = await ledgerStore(db).verify();
  return {
    lost: lists.flat(),
    half: [...(await halves(db)), ...(await halfBatches(db, around.batches))],
    twice: await doubles(db, arrived),
    ledger: faults.map(({ seq, detail }) => `row ${seq}: ${detail}`),
  };
}

async function lostRows(
  db: Database,
  what: string,
  query: string,
  wanted: readonly string[],
): Promise<string[]> {
  const there = new Set((await db.query<{ id: string }>(query)).map(({ id }) => id));
  return wanted.filter((id) => !there.has(id)).map((id) => `${what} ${id}`);
}

async function lostScans(db: Database, wanted: readonly string[]): Promise<string[]> {
  const done = "select scan_id as id from visit group by scan_id having bool_and(state = 'done')";
  return lostRows(db, 'scan', done, wanted);
}

async function lostActs(db: Database, kind: string, wanted: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ id: string }>('select distinct case_id as id from act where kind = $1', [
    kind,
  ]);
  const there = new Set(rows.map(({ id }) => caseId(Number(id))));
  return wanted.filter((id) => !there.has(id)).map((id) => `${kind} ${id}`);
}

/** Bytes that captures name, read again and hashed. */
async function lostBlobs(db: Database, folder: string): Promise<string[]> {
  const evidence = await openEvidenceFolder(folder);
  const lost: string[] = [];
  for await (const sha256 of captureStore(db).blobs()) {
    const bytes = await evidence.read(sha256).catch(() => null);
    if (bytes === null || sha256Of(bytes) !== sha256) lost.push(`blob ${sha256}`);
  }
  return lost;
}

/** Batches whose file is not the one that was written down, byte for byte. */
async function halfBatches(db: Database, folder: string): Promise<string[]> {
  const built = new Map<string, string>();
  for (const name of await readdir(folder).catch(() => []))
    if (name.endsWith('.zip')) built.set(name, sha256Of(await readFile(join(folder, name))));
  const rows = await db.query<{ id: string; sha256: string }>(
    'select id, sha256 from batch where sha256 is not null',
  );
  const there = new Set(built.values());
  return rows.filter(({ sha256 }) => !there.has(sha256)).map(({ id }) => `batch without its bytes: ${id}`);
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Every event reached the endpoint, as it was written. */
async function lostAlerts(db: Database, arrived: readonly Arrived[]): Promise<string[]> {
  const came = new Set(arrived.map(({ id, body }) => `${id} ${body}`));
  const events = await db.query<{ id: string; body: string }>('select id, body from alert_event');
  return events.filter(({ id, body }) => !came.has(`${id} ${body}`)).map(({ id }) => `alert ${id}`);
}

/** Queries for what belongs together, and does not stand so. */
const HALVES: Readonly<Record<string, string>> = {
  'visit not done': "select host as it from visit where state <> 'done'",
  'address still due': "select url as it from frontier where state = 'due'",
  'address captured without its capture': `select f.url as it from frontier f where f.outcome = 'captured'
     and not exists (select 1 from capture c where c.visit_id = f.visit_id and c.url_key = f.url_key)`,
  'capture without a page': `select url as it from capture c
     where media_type like 'text/html%' and not exists (select 1 from page p where p.capture_id = c.id)`,
  'referred without a batch': `select subject_key as it from cases c where state = 'referred'
     and not exists (select 1 from batch_case b where b.case_id = c.id)`,
  'in a batch and not referred': `select subject_key as it from cases c where state <> 'referred'
     and exists (select 1 from batch_case b where b.case_id = c.id)`,
  'batch without its file': 'select id as it from batch where sha256 is null',
  'revision without its act': `select subject_key as it from cases c
     where revision <> (select max(revision) from act where case_id = c.id)`,
  'state without its act': `select subject_key as it from cases c where state in ('confirmed', 'approved', 'referred')
     and not exists (select 1 from act a where a.case_id = c.id and a.kind = 'confirmed')`,
  'approved by whom confirmed it': `select c.subject_key as it from cases c
     join act a on a.case_id = c.id and a.kind = 'confirmed' join act b on b.case_id = c.id and b.kind = 'approved'
     where a.by = b.by`,
  'alert without its ring': `select id as it from alert_event e where type like 'ring.%'
     and not exists (select 1 from ring r where r.id = e.body::jsonb ->> 'subject')`,
  'alert without a delivery': `select id as it from alert_event e
     where not exists (select 1 from alert_delivery d where d.event_seq = e.seq)`,
  'delivery that waits or was given up': `select endpoint || event_seq as it from alert_delivery where state <> 'delivered'`,
  'listing not looked through': `select listing_id as it from market_log
     where number > (select coalesce(max(judged), 0) from market_cursor)`,
};

async function halves(db: Database): Promise<string[]> {
  const found: string[] = [];
  for (const [what, query] of Object.entries(HALVES))
    for (const { it } of await db.query<{ it: string }>(query)) found.push(`${what}: ${it}`);
  return found;
}

const DOUBLES: Readonly<Record<string, string>> = {
  'page captured twice': `select url as it from capture c group by visit_id, url having count(*) > 1`,
  'case in two batches': 'select case_id::text as it from batch_case group by case_id having count(*) > 1',
  'case of one subject': `select subject_key as it from cases group by subject_kind, subject_key having count(*) > 1`,
  'act of one kind': `select c.subject_key as it from act a join cases c on c.id = a.case_id
     where a.kind in ('opened', 'confirmed', 'approved', 'referred') group by c.subject_key, a.kind having count(*) > 1`,
  'listing of one id': `select listing_id as it from market_log group by market, listing_id having count(*) > 1`,
  'ring opened': `select body::jsonb ->> 'subject' as it from alert_event where type = 'ring.opened'
     group by 1, tenant having count(*) > 1`,
};

async function doubles(db: Database, arrived: readonly Arrived[]): Promise<string[]> {
  const found: string[] = [];
  for (const [what, query] of Object.entries(DOUBLES))
    for (const { it } of await db.query<{ it: string }>(query)) found.push(`${what}: ${it}`);
  const ids = new Set((await db.query<{ id: string }>('select id from alert_event')).map(({ id }) => id));
  const bodies = new Map<string, string>();
  for (const { id, body } of arrived) {
    if (!ids.has(id)) found.push(`alert under an id that the feed does not have: ${id}`);
    if ((bodies.get(id) ?? body) !== body) found.push(`one id, two alerts: ${id}`);
    bodies.set(id, body);
  }
  return found;
}
