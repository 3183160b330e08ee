/**
 * A large store under load: what officers wait for at so many requests a second, how many checks of listings a second
 * one desk bears, what a scan beside them changes, and whether memory stays flat. PostgreSQL, Redis, a desk and workers,
 * each a process of its own, as in real use:
 *
 *     npm run build && npm run bench:load -- [--folder KEPT] [--cases 1000000] [--captures 10000000] [--listings 1000000]
 *         [--perSecond 100] [--minutes 2.5] [--checks "50 100 200 400 800 1600 2000"] [--hosts 4] [--fill-only]
 *
 * With --folder the filled store stays there, and the next run finds it. The same requests are asked for at 5 a second
 * first, while nothing else goes on: those are the figures to compare with. Before that 20,000 checks: a desk keeps the
 * readings of so many listings that it compared last, and until those are there its memory grows as it should. Prints a table
 * and, last, one line of JSON.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { accountStore } from '../store/accounts.ts';
import type { Database } from '../store/database.ts';
import { openDatabase } from '../store/open.ts';
import { tenantStore } from '../store/tenants.ts';
import { visitStore } from '../store/visits.ts';
import { loggedIn } from '../test/desk/client.ts';
import { PASSWORD } from '../test/desk/house.ts';
import { startPostgres } from '../test/engines/postgres.ts';
import { startRedis } from '../test/engines/redis.ts';
import { openHome } from '../test/flow/kuzet.ts';
import { fill, keepIndex, MARKET, type Size } from './load/fill.ts';
import { drift, type Paced, paced, percentile } from './load/pace.ts';
import { marketplace, officers } from './load/people.ts';
import { cpuMsOf, residentBytesOf } from './spent.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    cases: { type: 'string', default: '1000000' },
    captures: { type: 'string', default: '10000000' },
    listings: { type: 'string', default: '1000000' },
    perSecond: { type: 'string', default: '100' },
    minutes: { type: 'string', default: '2.5' },
    checks: { type: 'string', default: '50 100 200 400 800 1600 2000' },
    hosts: { type: 'string', default: '4' },
    'fill-only': { type: 'boolean', default: false },
  },
});
const size: Size = {
  cases: Number(values.cases),
  captures: Number(values.captures),
  listings: Number(values.listings),
};
/** As many as a desk keeps readings of (`queues/market/index.ts`): each is asked about once before anything is measured. */
const KNOWN = 20_000;
const FILLING = { perSecond: 200, seconds: KNOWN / 200 };
const IDLE = { perSecond: 5, seconds: 20 };
/** Beside officers at their pace: as many checks a second as half a million listings a day bring, by 16 hours. */
const CHECKS_BESIDE = 10;
const STEP_SECONDS = 10;
const OFFICERS = 20;

const folder =
  values.folder === undefined ? mkdtempSync(join(tmpdir(), 'kuzet-load-')) : resolve(values.folder);
const home = join(folder, 'home');
mkdirSync(home, { recursive: true });
const say = (line: string) => process.stderr.write(`${line}\n`);
const closing: (() => Promise<unknown> | unknown)[] = [];
if (values.folder === undefined) closing.push(() => rmSync(folder, { recursive: true, force: true }));
try {
  const postgres = await startPostgres({ kept: join(folder, 'postgres') });
  if (postgres === null) throw new Error('No PostgreSQL is installed here: Debian has it as postgresql.');
  closing.push(() => postgres.stop());
  const db = await openDatabase({ url: postgres.url });
  closing.push(() => db.close());
  await filled(db);
  if (!values['fill-only']) await measured(db, postgres.url);
} finally {
  for (const close of closing.reverse()) await close();
}

async function filled(db: Database): Promise<void> {
  const done = join(folder, 'filled.json');
  const asked = JSON.stringify(size);
  if (existsSync(done)) {
    if (readFileSync(done, 'utf8') !== asked)
      throw new Error(`${folder} holds ${readFileSync(done, 'utf8')}, not ${asked}.`);
    return;
  }
  await fill(db, size, say);
  const began = performance.now();
  const { bytes } = await keepIndex(db, join(home, 'market'));
  say(
    `index of copies: ${((performance.now() - began) / 1000).toFixed(0)} s, ${(bytes / 1e6).toFixed(0)} MB`,
  );
  writeFileSync(done, asked);
}

async function measured(db: Database, databaseUrl: string): Promise<void> {
  const redis = await startRedis();
  if (redis !== null) closing.push(() => redis.stop());
  const kuzet = openHome({
    ...{ DATABASE_URL: databaseUrl, KUZET_HOME: home, KUZET_HOSTS_AT_ONCE: values.hosts, KUZET_REREAD: '0' },
    ...(redis === null ? {} : { REDIS_URL: redis.url }),
  });
  closing.push(() => kuzet.close());
  const cookies = await hired(db);
  const key = await keyOf(db);
  const desk = kuzet.start(['serve', '--only', 'desk', '--port', '0']);
  const url = (await desk.said(/^Desk: /)).slice('Desk: '.length);
  const deskPid = desk.process.pid!;
  const people = officers(
    url,
    await Promise.all(cookies.map(async (login) => (await loggedIn({ url }, login)).cookie)),
    size.cases,
  );
  const known = await db.query<{ title: string; text: string }>(
    "select listing ->> 'title' as title, listing ->> 'text' as text from market_log where number % greatest(1, $1::int8 / $2) = 0 limit $2",
    [size.listings, KNOWN],
  );
  const bazar = marketplace(url, key, known);
  // The index is read when it is first asked.
  await bazar.ask(0);
  for (let n = 0; n < 60; n += 1) await Promise.all([people.ask(n), bazar.ask(n)]);
  const { failed } = await paced(FILLING, bazar.askAbout);
  if (failed > 0) say(`${failed} checks before the measuring were not answered well`);

  say(`load ${loadavg()[0]!.toFixed(1)}`);
  const rows: Row[] = [];
  const add = (row: Row) => {
    rows.push(row);
    say(`${row.what}: ${row.ms.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  };
  const note = (when: string, asked: number, found: Paced) => {
    add(rowOf(`the desk, ${when}`, asked, found.ms, found));
    for (const [kind, ms] of Object.entries(found.byKind)) add(rowOf(`${kind}, ${when}`, null, ms, null));
    for (const [why, n] of Object.entries(found.errors)) say(`${n} x ${why}`);
  };
  const [idleDesk, idleChecks] = await Promise.all([paced(IDLE, people.ask), paced(IDLE, bazar.ask)]);
  note('idle', IDLE.perSecond, idleDesk);
  add(rowOf('a check, idle', IDLE.perSecond, idleChecks.ms, idleChecks));

  const perSecond = Number(values.perSecond);
  const before = cpuMsOf(deskPid);
  const alone = await paced({ perSecond, seconds: 20 }, people.ask);
  const cpuMs = (cpuMsOf(deskPid) - before) / alone.done;
  note('nothing beside', perSecond, alone);

  const worker = kuzet.start(['serve', '--only', 'workers']);
  await worker.said(/Working/);
  const web = await startWeb();
  await stopEarlier(db);
  const scan = await kuzet.run(
    [
      'scan',
      '--file',
      '-',
      '--no-work',
      '--detach',
      '--resolve',
      `*.test=127.0.0.1:${web.port}`,
      '--pages',
      '5',
      '--depth',
      '0',
      '--render',
      'never',
    ],
    seedsOf(Number(values.minutes)),
  );
  if (scan.code !== 0) throw new Error(scan.err);
  const memory = { desk: [] as number[], worker: [] as number[] };
  const look = setInterval(() => {
    memory.desk.push(residentBytesOf(deskPid));
    memory.worker.push(residentBytesOf(worker.process.pid!));
  }, 2_000);
  const from = await capturedBy(db);
  const seconds = Number(values.minutes) * 60;
  const [together, checks] = await Promise.all([
    paced({ perSecond, seconds }, people.ask),
    paced({ perSecond: CHECKS_BESIDE, seconds }, bazar.ask),
  ]);
  const pages = ((await capturedBy(db)) - from) / seconds;
  clearInterval(look);
  note('all together', perSecond, together);
  add(rowOf('a check, all together', CHECKS_BESIDE, checks.ms, checks));
  await worker.kill();

  const first = rows.length;
  for (const asked of values.checks.split(' ').map(Number)) {
    const spent = cpuMsOf(deskPid);
    const found = await paced({ perSecond: asked, seconds: STEP_SECONDS, graceSeconds: 5 }, bazar.ask);
    for (const [why, n] of Object.entries(found.errors)) say(`${n} x ${why}`);
    add(rowOf(`checks alone at ${asked}/s`, asked, found.ms, found));
    say(
      `checks at ${asked}/s: ${((cpuMsOf(deskPid) - spent) / found.done).toFixed(2)} ms of the desk's CPU each`,
    );
    if (found.perSecond < asked * 0.95) break;
  }
  print(rows);
  const borne =
    rows
      .slice(first)
      .filter((it) => it.done >= it.asked! * 0.95)
      .at(-1) ?? null;
  const mb = (list: readonly number[]) => list.map((bytes) => Math.round(bytes / 1e6));
  const facts = {
    ...{ size, cores: cpus().length, cpu: cpus()[0]?.model, node: process.version, load: loadavg()[0] },
    ...{ deskCpuMsARequest: cpuMs, pagesScannedASecond: pages, checksBorne: borne },
    memory: {
      ...{ deskDrift: drift(memory.desk), workerDrift: drift(memory.worker) },
      ...{ deskMb: mb(memory.desk), workerMb: mb(memory.worker) },
    },
  };
  console.log(
    `\n| | under all of it |\n|---|---|\n| checks a second that one desk bears | ${borne?.asked ?? 0} |\n| 99 of 100 of them within, ms | ${(borne?.ms[2] ?? Number.NaN).toFixed(0)} |\n| CPU of a request, ms | ${cpuMs.toFixed(1)} |\n| pages scanned a second meanwhile | ${pages.toFixed(1)} |\n| memory of the desk, change from the first quarter to the last, % | ${(100 * Math.abs(facts.memory.deskDrift)).toFixed(1)} |\n| memory of the workers, the same, % | ${(100 * Math.abs(facts.memory.workerDrift)).toFixed(1)} |`,
  );
  console.log(JSON.stringify({ ...facts, rows }));
}

interface Row {
  readonly what: string;
  /** A second; null for one kind of several. */
  readonly asked: number | null;
  readonly done: number;
  readonly failed: number | null;
  readonly ms: readonly [p50: number, p95: number, p99: number];
}

function rowOf(what: string, asked: number | null, ms: readonly number[], found: Paced | null): Row {
  const [done, failed] = [found?.perSecond ?? 0, found?.failed ?? null];
  return { what, asked, done, failed, ms: [percentile(ms, 0.5), percentile(ms, 0.95), percentile(ms, 0.99)] };
}

function print(rows: readonly Row[]): void {
  const many = (n: number) => (Number.isFinite(n) ? n.toFixed(n < 100 ? 1 : 0) : 'never');
  console.log('| | asked a second | answered a second | not well | p50, ms | p95, ms | p99, ms |');
  console.log('|---|---|---|---|---|---|---|');
  for (const { what, asked, done, failed, ms } of rows)
    console.log(
      `| ${what} | ${asked ?? ''} | ${asked === null ? '' : many(done)} | ${failed ?? ''} | ${ms.map(many).join(' | ')} |`,
    );
}

async function hired(db: Database): Promise<string[]> {
  const accounts = accountStore(db);
  const logins = Array.from({ length: OFFICERS }, (_, at) => `officer-${at + 1}`);
  if ((await accounts.count()) === 0)
    for (const login of logins)
      await accounts.add({ login, name: login, role: 'officer' }, PASSWORD, new Date());
  return logins;
}

/** A new key each time: a kept store knows its marketplace already. */
async function keyOf(db: Database): Promise<string> {
  const tenants = tenantStore(db);
  const isThere = (await tenants.list()).some(({ id }) => id === MARKET);
  if (isThere) return tenants.addKey(MARKET, new Date());
  const { key } = await tenants.add({ id: MARKET, name: 'Bazar', isDry: true, sites: [] }, new Date());
  return key;
}

async function startWeb(): Promise<{ readonly port: number }> {
  const web = spawn(process.execPath, ['--import', 'tsx', 'bench/crawl/web.ts', '100000', '1000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closing.push(() => web.kill());
  const [port] = (await once(createInterface({ input: web.stdout }), 'line')) as [string];
  return { port: Number(port) };
}

/** More than can be visited meanwhile, by hosts that no run before knew. */
function seedsOf(minutes: number): string {
  const sites = Math.ceil(minutes * 60 * Number(values.hosts));
  const run = Date.now().toString(36);
  return Array.from(
    { length: sites * 5 },
    (_, at) => `http://s${Math.floor(at / 5)}-${run}.test/p/${at}`,
  ).join('\n');
}

/** Hosts of an earlier run in a kept folder are gone, and would be waited for. */
async function stopEarlier(db: Database): Promise<void> {
  const visits = visitStore(db);
  const stop = { at: new Date(), by: 'bench', reason: 'the web of an earlier run is gone' };
  for (const id of await visits.openScans()) await visits.stopScan(id, stop);
}

async function capturedBy(db: Database): Promise<number> {
  const [row] = await db.query<{ n: string | null }>(
    "select sum(v.captured) as n from visit v join scan s on s.id = v.scan_id where s.requested_at > '2026-06-01'",
  );
  return Number(row?.n ?? 0);
}
