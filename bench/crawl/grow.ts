/**
 * What the frontier costs while ever more is known: each operation of a visit's hot path, and what a scan is told by,
 * at one size after another. CPU of this process and, on PostgreSQL, of the server's process that answers it.
 *
 *     node --import tsx bench/crawl/grow.ts KNOWN [KNOWN …]           on the embedded store, in memory
 *     DATABASE_URL=… node --import tsx bench/crawl/grow.ts KNOWN …    on an empty PostgreSQL of this machine
 *     … bench/crawl/grow.ts --one KNOWN [KNOWN …]                     all of them in one visit
 *
 * Prints one line of JSON a size: microseconds of CPU an operation and an address (all operations of its visit, its part
 * of them), and the memory of this process. What is known is written by SQL, 20 addresses a visit, a tenth of them done;
 * what is measured is the same work at every size, through the store: 30 visits of 10 addresses, each of which brings 40
 * links, most of them known. The first size is measured five times, and told once: what is not warm yet is no size's cost.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { uuid7 } from '../../domain/id.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import type { Database } from '../../store/database.ts';
import type { DueUrl, FoundUrl } from '../../store/frontier.ts';
import type { Visit } from '../../store/lease.ts';
import { openDatabase } from '../../store/open.ts';
import { visitStore } from '../../store/visits.ts';

const ADDRESSES_A_VISIT = 20;
const VISITS = 30;
const PAGES = 10;
const LINKS = 40;
const WARMING = 4;
const now = new Date('2026-11-22T10:00:00Z');
const id = () => uuid7(now, randomBytes(10));
const host = { nextAt: null, politeness: {}, robots: null };
const outcome = { is: 'failed', reason: 'internal', detail: 'bench' } as const;

const words = process.argv.slice(2);
const isOne = words[0] === '--one';
const sizes = words.slice(isOne ? 1 : 0).map(Number);
const url = process.env['DATABASE_URL'];
const database = await openDatabase(url === undefined ? { memory: true } : { url });
const visits = visitStore(database);
const backend =
  url === undefined
    ? null
    : (await database.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]!.pid;
const lone = isOne ? await startLone() : null;
let known = 0;
let big = '';
for (const size of sizes) {
  if (lone === null) big = await fill(database, known, size);
  else await fillVisit(database, lone, known, size);
  known = size;
  await database.query('analyze');
  const measure = () => (lone === null ? many() : one(lone));
  if (size === sizes[0]) for (let n = 0; n < WARMING; n += 1) await measure();
  console.log(JSON.stringify({ known, ...(await measure()) }));
}
await database.close();

/** Visits from claim to close. */
async function many(): Promise<Record<string, number>> {
  const cost = ledger();
  const scan = id();
  const names = Array.from({ length: VISITS }, (_, n) => `measured-${n}.${scan}.test`);
  const seeds = names.flatMap((name) =>
    Array.from({ length: PAGES }, (_, n) => new URL(`http://${name}/${n}`)),
  );
  const settings = { ...DEFAULT_SETTINGS };
  await visits.startScan({ id: scan, visitIds: id, seeds, refusals: [], settings, now });
  let after = 0;
  for (const name of names) {
    const visit = (await cost('claim', () => visits.claim(name, id(), now)))!;
    for (let page = 0; page < PAGES; page += 1) {
      const due = (await cost('nextDue', () => visits.nextDue(visit)))!;
      const found = linksOf(name, page);
      await cost('finish', () => visits.finish(visit, due, { outcome, captured: null, found, host }));
    }
    await cost('dueHosts', () => visits.dueHosts(500, now));
    await cost('counts', () => visits.counts([scan]));
    await cost('counts of all', () => visits.counts([big, scan]));
    const news = await cost('news', () => visits.news([scan], after));
    after = news.at(-1)?.seq ?? after;
    await cost('resting', () => visits.resting([scan], now));
    await visits.skipRest(visit, 'budget', 'bench');
    await cost('close', () => visits.close(visit, now));
  }
  return cost.means();
}

/** Addresses of the one visit. */
async function one(visit: Visit): Promise<Record<string, number>> {
  const cost = ledger();
  for (let page = 0; page < VISITS * PAGES; page += 1) {
    const due: DueUrl = (await cost('nextDue', () => visits.nextDue(visit)))!;
    const found = linksOf('lone.test', page % PAGES);
    await cost('finish', () => visits.finish(visit, due, { outcome, captured: null, found, host }));
    if (page % 10 === 0) await cost('counts', () => visits.counts([visit.scanId]));
  }
  return cost.means();
}

/** Seven of forty are new on the first page of a host, then ever fewer. */
function linksOf(name: string, page: number): FoundUrl[] {
  return Array.from({ length: LINKS }, (_, n) => ({
    url: new URL(`http://${name}/found/${(page * 7 + n) % 60}`),
    priority: n,
    shape: { name: '/found/#', most: 100 },
    refusal: null,
  }));
}

/** CPU by operation, in microseconds. */
function ledger() {
  const spent = new Map<string, { micros: number; times: number }>();
  const cost = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const before = spentNow();
    const result = await work();
    const sum = spent.get(name) ?? { micros: 0, times: 0 };
    spent.set(name, { micros: sum.micros + spentNow() - before, times: sum.times + 1 });
    return result;
  };
  const means = () => ({
    address: Math.round([...spent.values()].reduce((sum, { micros }) => sum + micros, 0) / (VISITS * PAGES)),
    ...Object.fromEntries([...spent].map(([name, { micros, times }]) => [name, Math.round(micros / times)])),
    rssMb: Math.round(process.memoryUsage().rss / 2 ** 20),
  });
  return Object.assign(cost, { means });
}

/** Of the server's process the kernel counts in nanoseconds (`/proc/PID/schedstat`, first number). */
function spentNow(): number {
  const { user, system } = process.cpuUsage();
  const served =
    backend === null ? 0 : Number(readFileSync(`/proc/${backend}/schedstat`, 'utf8').split(' ')[0]) / 1000;
  return user + system + served;
}

/** One more scan with what lacks to `size` addresses; returns its id. */
async function fill(db: Database, from: number, size: number): Promise<string> {
  const scan = id();
  const hosts = (size - from) / ADDRESSES_A_VISIT;
  await db.query(
    `insert into scan (id, requested_at, settings, hosts, hosts_done, due) values ($1, $2, '{}', $3, 0, $4)`,
    [scan, now, hosts, size - from],
  );
  await db.query(
    `insert into visit (id, scan_id, host, state, queued_at, lane, seeds, due)
     select gen_random_uuid(), $1::uuid, 'known-' || n || '.at-' || $2::int || '.test', 'queued',
       $3::timestamptz - n * interval '1 ms', 'source:' || n % 20, ${ADDRESSES_A_VISIT}, ${ADDRESSES_A_VISIT}
     from generate_series(1, $4::int) as n`,
    [scan, size, now, hosts],
  );
  await db.query(
    `insert into frontier (visit_id, url_key, url, depth, priority, seed, state, outcome, scan_id, finished_seq)
     select v.id, sha256(convert_to(v.host || '/' || n, 'UTF8')), 'http://' || v.host || '/' || n, n % 4, n % 900,
       true, case when n % 10 = 0 then 'done' else 'due' end, case when n % 10 = 0 then 'failed' end,
       case when n % 10 = 0 then v.scan_id end, case when n % 10 = 0 then nextval('frontier_finished') end
     from visit v, generate_series(1, ${ADDRESSES_A_VISIT}) as n where v.scan_id = $1`,
    [scan],
  );
  return scan;
}

async function startLone(): Promise<Visit> {
  await visits.startScan({
    ...{ id: id(), visitIds: id, refusals: [], settings: { ...DEFAULT_SETTINGS, pages: 100_000 }, now },
    seeds: [new URL('http://lone.test/')],
  });
  return (await visits.claim('lone.test', id(), now))!;
}

async function fillVisit(db: Database, visit: Visit, from: number, size: number): Promise<void> {
  await db.query(
    `insert into frontier (visit_id, url_key, url, depth, priority, seed, state)
     select $1::uuid, sha256(convert_to('lone/' || n, 'UTF8')), 'http://lone.test/' || n, n % 4, n % 900, false, 'due'
     from generate_series($2::int + 1, $3::int) as n`,
    [visit.id, from, size],
  );
  await db.query('update visit set due = due + $2 where id = $1', [visit.id, size - from]);
}
