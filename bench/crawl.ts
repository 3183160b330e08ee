/**
 * The crawler beside its peers, one after the other on one local web and one machine.
 *
 *     npm run bench:crawl -- [--pages 3000] [--renders 40] [--known 1000,10000] [--sites 100] [--only NAME,…] [--long] [--json]
 *
 * fetch    undici (bytes only, the limit), ours bare (guard, fetch lane, whole page read), ours whole (`kuzet scan`:
 *          leases, turns, robots.txt, guard, WARC, assessment, rows) on the embedded engines, on PostgreSQL, and on
 *          PostgreSQL with Redis, CheerioCrawler as it comes, Scrapy tuned
 * render   ours for evidence and for text alone, PlaywrightCrawler as it comes, all on the same browser
 * grow     what the frontier costs with ever more addresses known (`crawl/grow.ts`)
 * year     38,000 sites of 5 pages, at the rate that `--sites` of them were visited with no delay
 *
 * Short unless told `--long`: then 10,000 pages, 200 renders, up to 1,000,000 known addresses, and the year as it is.
 * CPU is that of the crawler, all it starts and the servers it works on; the web's own is shown beside it. Nobody's start
 * is in the figures: ours ends when the first visit may begin, and is told beside them. What else runs on the machine makes
 * everything slower: only compare rows of one run.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freshDatabase, startPostgres } from '../test/engines/postgres.ts';
import { startRedis } from '../test/engines/redis.ts';
import { markdown } from './classify/table.ts';
import { addressOf, type CrawlWeb } from './crawl/web.ts';

const { values } = parseArgs({
  options: {
    pages: { type: 'string' },
    renders: { type: 'string' },
    known: { type: 'string' },
    sites: { type: 'string' },
    only: { type: 'string' },
    long: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const size = (given: string | undefined, short: number, long: number) =>
  given === undefined ? (values.long ? long : short) : Number(given);
const PAGES = size(values.pages, 3_000, 10_000);
const RENDERS = size(values.renders, 40, 200);
const SITES = size(values.sites, 100, 38_000);
const KNOWN = values.known ?? (values.long ? '1000,10000,100000,1000000' : '1000,10000');
/** One that has Scrapy. */
const PYTHON = process.env['PYTHON'] ?? 'python3';
/** Names of the engines' processes. */
const SERVERS = /^(?:postgres|redis-server|valkey-server)/;
const HOSTS = Math.min(200, PAGES);
const PAGES_A_SITE = 5;
const YEAR = { sites: 38_000, pages: 38_000 * PAGES_A_SITE };

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const LAUNCHER = here('../bin/kuzet.mjs');

interface Row {
  readonly name: string;
  readonly pages: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
  /** CPU of the web while this ran. */
  readonly webSeconds: number;
  /** CPU before the first page could be asked for; not in `cpuSeconds`. Null where a crawler tells nothing of it. */
  readonly startSeconds: number | null;
}

/** The servers that `kuzet scan` works on; null for what it brings itself. */
interface Engines {
  readonly name: 'embedded' | 'PostgreSQL' | 'PostgreSQL, Redis';
  readonly databaseUrl: string | null;
  readonly redisUrl: string | null;
}
const EMBEDDED: Engines = { name: 'embedded', databaseUrl: null, redisUrl: null };

const note = (text: string) => values.json || console.error(text);
const wanted = (name: string) => values.only === undefined || values.only.split(',').includes(name);
/** Rows of those that were asked for, one after the other. */
async function rowsOf(all: Readonly<Record<string, () => Promise<Row | null>>>): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, run] of Object.entries(all)) {
    const row = wanted(name) ? await run() : null;
    if (row !== null) rows.push(row);
  }
  return rows;
}

execFileSync(process.execPath, [here('../bin/build.mjs')]);
const postgres = await startPostgres();
const redis = await startRedis();
const onServers = async (name: Engines['name'], run: (engines: Engines) => Promise<Row>) => {
  if (postgres === null || (name === 'PostgreSQL, Redis' && redis === null)) return null;
  const redisUrl = name === 'PostgreSQL, Redis' ? redis!.url : null;
  return run({ name, databaseUrl: await freshDatabase(postgres), redisUrl });
};
const fetches = await withWeb(PAGES, HOSTS, (web) =>
  rowsOf({
    undici: () => subject('undici', web),
    bare: () => subject('bare', web),
    embedded: () => whole(web, PAGES, HOSTS, EMBEDDED),
    postgres: () => onServers('PostgreSQL', (engines) => whole(web, PAGES, HOSTS, engines)),
    redis: () => onServers('PostgreSQL, Redis', (engines) => whole(web, PAGES, HOSTS, engines)),
    cheerio: () => subject('cheerio', web),
    scrapy: async () =>
      hasScrapy()
        ? measured('scrapy', PYTHON, [here('./crawl/links.py'), `${PAGES}`, `${web.port}`], web)
        : null,
  }),
);
const renders = await withWeb(RENDERS, RENDERS, (web) =>
  rowsOf({
    'render evidence': () => subject('render ours, evidence', web),
    'render text': () => subject('render ours, text', web),
    'render playwright': () => subject('render playwright', web),
  }),
);
const growth = wanted('grow')
  ? await linesOf('node', ['--import', 'tsx', here('./crawl/grow.ts'), ...KNOWN.split(',')])
  : [];
const [year = null] = await withWeb(SITES * PAGES_A_SITE, SITES, (web) =>
  rowsOf({
    year: async () =>
      (await onServers('PostgreSQL, Redis', (engines) => whole(web, SITES, SITES, engines, PAGES_A_SITE))) ??
      whole(web, SITES, SITES, EMBEDDED, PAGES_A_SITE),
  }),
);
await redis?.stop();
await postgres?.stop();
report();

function report(): void {
  const yearOf = ({ pages, seconds, cpuSeconds, webSeconds }: Row) => ({
    hours: (YEAR.pages * seconds) / pages / 3600,
    /** As long as it takes where nothing else runs and all cores are used. */
    idleHours: (YEAR.pages * (cpuSeconds + webSeconds)) / pages / cpus().length / 3600,
  });
  const machine = { cores: cpus().length, model: cpus()[0]?.model, load: loadavg()[0] };
  if (values.json) {
    console.log(
      JSON.stringify({
        machine,
        fetches,
        renders,
        growth,
        year: year === null ? null : { ...year, ...yearOf(year) },
      }),
    );
    return;
  }
  const base = (rows: readonly Row[], name: string) => rows.find((row) => row.name === name);
  const table = (rows: readonly Row[], beside: Row | undefined) =>
    markdown<Row>(
      [
        ['crawler', (row) => row.name],
        ['pages', (row) => String(row.pages)],
        ['pages/s', (row) => (row.pages / row.seconds).toFixed(1)],
        ['CPU ms/page', (row) => perPage(row).toFixed(2)],
        ['peak MB', (row) => row.rssMb.toFixed(0)],
        ['web’s CPU ms/page', (row) => ((row.webSeconds * 1000) / row.pages).toFixed(2)],
        [
          `CPU beside ${beside?.name ?? '-'}`,
          (row) => (beside === undefined ? '' : `${(perPage(beside) / perPage(row)).toFixed(2)}x less`),
        ],
        [
          'pages/s beside it',
          (row) =>
            beside === undefined
              ? ''
              : `${(row.pages / row.seconds / (beside.pages / beside.seconds)).toFixed(2)}x`,
        ],
        ['start, CPU s', (row) => row.startSeconds?.toFixed(1) ?? ''],
      ],
      rows,
    );
  console.log(`${machine.cores} cores, ${machine.model}, load ${machine.load?.toFixed(1)} at the end\n`);
  console.log(table(fetches, base(fetches, 'scrapy') ?? base(fetches, 'cheerio')));
  console.log(table(renders, base(renders, 'render playwright')));
  if (growth.length > 0) {
    const columns = Object.keys(growth[0]!).map((key): [string, (row: Record<string, unknown>) => string] => [
      key,
      (row) => String(row[key]),
    ]);
    console.log(markdown<Record<string, unknown>>(columns, growth));
  }
  if (year === null) return;
  const { hours, idleHours } = yearOf(year);
  console.log(
    `${year.pages} pages of ${SITES} sites in ${year.seconds.toFixed(0)} s: ${YEAR.sites} sites of ${PAGES_A_SITE} pages in ${hours.toFixed(2)} hours, ${idleHours.toFixed(2)} by its CPU time on ${cpus().length} idle cores.`,
  );
}

function perPage(row: Row): number {
  return (row.cpuSeconds * 1000) / row.pages;
}

/** A crawler of `bench/crawl/subject.ts`. */
function subject(name: string, web: CrawlWeb): Promise<Row> {
  const words = [
    '--import',
    'tsx',
    here('./crawl/subject.ts'),
    name,
    `${web.pages}`,
    `${web.hosts}`,
    `${web.port}`,
  ];
  return measured(name, process.execPath, words, web);
}

/** `kuzet scan` of the first pages, its delay 0, robots.txt obeyed, on a house of its own. */
async function whole(
  web: CrawlWeb,
  seeds: number,
  hosts: number,
  { name, databaseUrl, redisUrl }: Engines,
  pages = Math.ceil(seeds / hosts),
): Promise<Row> {
  const home = mkdtempSync(join(tmpdir(), 'kuzet-bench-'));
  try {
    const file = join(home, 'seeds.txt');
    writeFileSync(file, Array.from({ length: seeds }, (_, page) => addressOf(page, web)).join('\n'));
    const words = ['scan', '--file', file, '--pages', `${pages}`, '--depth', '3', '--delay', '0'];
    const more = ['--render', 'never', '--resolve', `*=127.0.0.1:${web.port}`, '--json'];
    const env = {
      KUZET_HOME: join(home, 'home'),
      KUZET_HOSTS_AT_ONCE: '64',
      KUZET_LOG: 'silent',
      ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
      ...(redisUrl === null ? {} : { REDIS_URL: redisUrl }),
    };
    return await measured(`whole, ${name}`, process.execPath, [LAUNCHER, ...words, ...more], web, env);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Runs it and reads its last line of JSON; CPU and memory are those of all its processes. */
async function measured(
  name: string,
  program: string,
  words: readonly string[],
  web: CrawlWeb,
  env: Readonly<Record<string, string>> = {},
): Promise<Row> {
  note(`${name} …`);
  const webBefore = await webSeconds(web);
  const startedAt = performance.now();
  const child = spawn(program, words, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const watch = watched(child);
  let last = '';
  // `kuzet scan` says when it begins and when all is done; what lies outside is its start and its end.
  const marks = new Map<string, { readonly at: number; readonly cpuSeconds: number }>();
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue;
    last = line;
    const event = /^\{"event":"(started|done)"/.exec(line)?.[1];
    if (event !== undefined) marks.set(event, { at: performance.now(), cpuSeconds: watch.spent() });
  }
  const { cpuSeconds, rssMb } = watch.end();
  const told = JSON.parse(last || '{}') as {
    pages?: number;
    seconds?: number;
    cpuSeconds?: number;
    counts?: { captured: number };
  };
  const pages = told.pages ?? told.counts?.captured ?? 0;
  if (pages === 0) throw new Error(`${name} read no page; its last words were: ${last.slice(0, 500)}`);
  const isAlone = told.cpuSeconds !== undefined && !name.startsWith('render');
  const [begun, done] = [marks.get('started'), marks.get('done')];
  const span = begun === undefined || done === undefined ? null : { begun, done };
  return {
    name,
    pages,
    seconds:
      span === null
        ? (told.seconds ?? (performance.now() - startedAt) / 1000)
        : (span.done.at - span.begun.at) / 1000,
    // What one process tells of itself leaves its start out; a browser's CPU only the system knows.
    cpuSeconds:
      span === null
        ? isAlone
          ? told.cpuSeconds!
          : cpuSeconds
        : span.done.cpuSeconds - span.begun.cpuSeconds,
    rssMb,
    startSeconds: span === null ? null : span.begun.cpuSeconds,
    webSeconds: (await webSeconds(web)) - webBefore,
  };
}

/**
 * CPU and memory of a process and all below it, looked at four times a second in /proc (proc(5)); the CPU of our own
 * database and Redis servers since then as well, in case it works on them.
 */
function watched(child: ChildProcess) {
  const cpu = new Map<string, number>();
  const servers = new Map<string, number>();
  const spent = () => [...cpu.values()].reduce((sum, it) => sum + it, 0);
  let rssMb = 0;
  const look = () => {
    const rows = readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? statOf(pid) : []));
    const family = new Set([String(child.pid)]);
    for (let before = 0; before !== family.size; ) {
      before = family.size;
      for (const { pid, parent } of rows) if (family.has(parent)) family.add(pid);
    }
    const own = rows.filter(({ pid }) => family.has(pid));
    rssMb = Math.max(
      rssMb,
      own.reduce((sum, row) => sum + row.rssMb, 0),
    );
    for (const row of own) cpu.set(`${row.pid} ${row.startedAt}`, row.cpuSeconds);
    for (const row of serversAmong(rows)) {
      const key = `${row.pid} ${row.startedAt}`;
      // A server process that was there before has spent that on somebody else.
      if (!servers.has(key)) servers.set(key, isFirst ? row.cpuSeconds : 0);
      cpu.set(key, row.cpuSeconds - servers.get(key)!);
    }
    isFirst = false;
  };
  let isFirst = true;
  look();
  const timer = setInterval(look, 250);
  return {
    spent() {
      look();
      return spent();
    },
    end() {
      clearInterval(timer);
      return { cpuSeconds: spent(), rssMb };
    },
  };
}

/** The servers that this very program started, and theirs. */
function serversAmong(rows: readonly Stat[]): Stat[] {
  const family = new Set(
    rows
      .filter(({ parent, name }) => parent === String(process.pid) && SERVERS.test(name))
      .map(({ pid }) => pid),
  );
  for (let before = 0; before !== family.size; ) {
    before = family.size;
    for (const { pid, parent } of rows) if (family.has(parent)) family.add(pid);
  }
  return rows.filter(({ pid }) => family.has(pid));
}

type Stat = ReturnType<typeof statOf>[number];

/** Ticks are hundredths of a second and pages 4 KB on every Linux that Node runs on. */
function statOf(pid: string) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before may hold spaces and brackets.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100;
    return [
      {
        pid,
        name: text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')),
        parent: fields[1]!,
        cpuSeconds,
        startedAt: fields[19]!,
        rssMb: (Number(fields[21]) * 4096) / 1e6,
      },
    ];
  } catch {
    // It ended meanwhile.
    return [];
  }
}

async function withWeb<T>(pages: number, hosts: number, work: (web: CrawlWeb) => Promise<T>): Promise<T> {
  const words = ['--import', 'tsx', here('./crawl/web.ts'), `${pages}`, `${hosts}`];
  const server = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    for await (const line of createInterface({ input: server.stdout })) {
      return await work({ pages, hosts, port: Number(line) });
    }
    throw new Error('The web did not start.');
  } finally {
    server.kill();
  }
}

async function webSeconds({ port }: CrawlWeb): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${port}/-/spent`)).text());
}

async function linesOf(program: string, words: readonly string[]): Promise<Record<string, unknown>[]> {
  note('grow …');
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const rows: Record<string, unknown>[] = [];
  for await (const line of createInterface({ input: child.stdout })) rows.push(JSON.parse(line));
  return rows;
}

function hasScrapy(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import scrapy'], { stdio: 'ignore' });
    return true;
  } catch {
    note(`scrapy is left out: ${PYTHON} has none (Debian: python3-scrapy; PYTHON names another)`);
    return false;
  }
}
