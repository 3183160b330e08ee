/**
 * The crawler beside its peers, one after the other on one local web and one machine.
 *
 *     npm run bench:crawl -- [--pages 3000] [--renders 40] [--known 1000,10000] [--sites 100] [--long] [--json]
 *
 * fetch    undici (bytes only, the limit), ours bare (guard, fetch lane, whole page read), ours whole (`kuzet scan`
 *          on the embedded store: turns, WARC, assessment, rows), CheerioCrawler as it comes, Scrapy tuned
 * render   ours for evidence and for text alone, PlaywrightCrawler as it comes, all on the same browser
 * grow     what a page costs the frontier with ever more addresses known
 * year     38,000 sites of 5 pages, at the rate that `--sites` of them were visited with no delay
 *
 * Short unless told `--long`: then 10,000 pages, 200 renders, up to 1,000,000 known addresses, and the year as it is.
 * CPU is that of the crawler and all it starts; the web's own is shown beside it. What else runs on the machine makes
 * everything slower: only compare rows of one run.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { markdown } from './classify/table.ts';
import { addressOf, type CrawlWeb } from './crawl/web.ts';

const { values } = parseArgs({
  options: {
    pages: { type: 'string' },
    renders: { type: 'string' },
    known: { type: 'string' },
    sites: { type: 'string' },
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
}

const note = (text: string) => values.json || console.error(text);
const fetches = await withWeb(PAGES, 200, async (web) => [
  await subject('undici', web),
  await subject('bare', web),
  await whole(web, PAGES, 200),
  await subject('cheerio', web),
  ...(hasScrapy()
    ? [await measured('scrapy', PYTHON, [here('./crawl/links.py'), `${PAGES}`, `${web.port}`], web)]
    : []),
]);
const renders = await withWeb(RENDERS, RENDERS, async (web) => [
  await subject('render ours, evidence', web),
  await subject('render ours, text', web),
  await subject('render playwright', web),
]);
const growth = await linesOf('node', ['--import', 'tsx', here('./crawl/grow.ts'), ...KNOWN.split(',')]);
const year = await withWeb(SITES * PAGES_A_SITE, SITES, (web) => whole(web, SITES, SITES, PAGES_A_SITE));
report();

function report(): void {
  const yearHours = YEAR.pages / (year.pages / year.seconds) / 3600;
  const machine = { cores: cpus().length, model: cpus()[0]?.model, load: loadavg()[0] };
  if (values.json) {
    console.log(JSON.stringify({ machine, fetches, renders, growth, year: { ...year, hours: yearHours } }));
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
          (row) => (beside === undefined ? '' : `${(perPage(beside) / perPage(row)).toFixed(1)}x less`),
        ],
      ],
      rows,
    );
  console.log(`${machine.cores} cores, ${machine.model}, load ${machine.load?.toFixed(1)} at the end\n`);
  console.log(table(fetches, base(fetches, 'scrapy') ?? base(fetches, 'cheerio')));
  console.log(table(renders, base(renders, 'render playwright')));
  console.log(
    markdown<Record<string, unknown>>(
      [
        ['known addresses', (row) => String(row['known'])],
        ['ms a page', (row) => Number(row['pageMs']).toFixed(2)],
      ],
      growth,
    ),
  );
  console.log(
    `${year.pages} pages of ${SITES} sites in ${year.seconds.toFixed(0)} s: ${YEAR.sites} sites of ${PAGES_A_SITE} pages in ${yearHours.toFixed(2)} hours.`,
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

/** `kuzet scan` of the first pages, its delay 0, on a house of its own. */
async function whole(
  web: CrawlWeb,
  seeds: number,
  hosts: number,
  pages = Math.ceil(seeds / hosts),
): Promise<Row> {
  const home = mkdtempSync(join(tmpdir(), 'kuzet-bench-'));
  try {
    const file = join(home, 'seeds.txt');
    writeFileSync(file, Array.from({ length: seeds }, (_, page) => addressOf(page, web)).join('\n'));
    const words = ['scan', '--file', file, '--pages', `${pages}`, '--depth', '3', '--delay', '0'];
    const more = ['--render', 'never', '--ignore-robots', '--resolve', `*=127.0.0.1:${web.port}`, '--json'];
    const env = { KUZET_HOME: join(home, 'home'), KUZET_HOSTS_AT_ONCE: '64', KUZET_LOG: 'silent' };
    return await measured('whole', process.execPath, [LAUNCHER, ...words, ...more], web, env);
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
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('{')) last = line;
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
  return {
    name,
    pages,
    seconds: told.seconds ?? (performance.now() - startedAt) / 1000,
    // What one process tells of itself leaves its start out; a browser's CPU only the system knows.
    cpuSeconds: isAlone ? told.cpuSeconds! : cpuSeconds,
    rssMb,
    webSeconds: (await webSeconds(web)) - webBefore,
  };
}

/** CPU and memory of a process and all below it, looked at four times a second in /proc (proc(5)). */
function watched(child: ChildProcess) {
  const cpu = new Map<string, number>();
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
  };
  const timer = setInterval(look, 250);
  return {
    end() {
      clearInterval(timer);
      return { cpuSeconds: [...cpu.values()].reduce((sum, it) => sum + it, 0), rssMb };
    },
  };
}

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
