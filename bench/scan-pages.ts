/**
 * Scans a whole file of pages as a web and counts: captured, lost, twice, flagged and cleared per label;
 * then two officers decide some cases, and a batch is built and verified.
 *
 *     node --import tsx bench/scan-pages.ts FILE [--decide N] [--workers N] [--kill] [--render MODE] [--json]
 *     node --import tsx bench/scan-pages.ts FILE --compare [--every N] [--json]
 *
 * `--compare` scans twice, rendering as Kuzet decides and rendering all, and tells what share of pages was rendered, for
 * which reasons, and which findings of the one are missing in the other. `--every N` serves each N-th page of the file.
 *
 * FILE is NDJSON of {"id","label","source","html"}. Without DATABASE_URL and REDIS_URL the embedded engines
 * are used and `kuzet scan` works by itself; with both, `--workers N` processes do the work and `--kill`
 * kills the first of them with SIGKILL when half of the pages are captured.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { CaseLine, WeighedLine } from '../cli/asks/cases.ts';
import type { BatchEvent } from '../cli/asks/referrals.ts';
import type { ScanEvent } from '../cli/asks/scans.ts';
import { OFFENCES } from '../domain/referral.ts';
import { startPagesWeb } from './pages-web.ts';

const LAUNCHER = fileURLToPath(new URL('../bin/kuzet.mjs', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    decide: { type: 'string', default: '5' },
    workers: { type: 'string', default: '0' },
    kill: { type: 'boolean', default: false },
    render: { type: 'string', default: 'auto' },
    json: { type: 'boolean', default: false },
    compare: { type: 'boolean', default: false },
    every: { type: 'string', default: '1' },
    home: { type: 'string' },
  },
});
const [file] = positionals;
if (file === undefined) {
  console.error(
    'Usage: node --import tsx bench/scan-pages.ts FILE [--decide N] [--workers N] [--kill] [--json]',
  );
  process.exit(2);
}

if (Number(values.workers) > 0 && process.env['DATABASE_URL'] === undefined) {
  console.error('--workers needs DATABASE_URL (and REDIS_URL): several processes share a store.');
  process.exit(2);
}

let home = values.home ?? mkdtempSync(join(tmpdir(), 'kuzet-pages-'));
const web = await startPagesWeb({ file, listing: 'seeds', names: 'neutral', every: Number(values.every) });
const workers = Array.from({ length: Number(values.workers) }, () => start(['serve', '--only', 'workers']));
try {
  if (values.compare) await compare();
  else await report();
} finally {
  for (const worker of workers) worker.kill('SIGTERM');
  await web.close();
  if (values.home === undefined) rmSync(home, { recursive: true, force: true });
}

async function report(): Promise<void> {
  const startedAt = Date.now();
  const found = await scan();
  const seconds = (Date.now() - startedAt) / 1000;
  const verdicts = new Map<string, Record<string, number>>();
  const times = new Map<string, number>();
  for (const line of found.lines) {
    if (line.outcome.is !== 'captured') continue;
    times.set(line.url, (times.get(line.url) ?? 0) + 1);
    const label = web.truth.get(line.url)?.label ?? '(not a page of the file)';
    const row = verdicts.get(label) ?? {};
    row[line.verdict ?? '?'] = (row[line.verdict ?? '?'] ?? 0) + 1;
    verdicts.set(label, row);
  }
  const captured = [...times.keys()].filter((url) => web.truth.has(url));
  const lost = [...web.truth.keys()].filter((url) => !times.has(url));
  const counts = {
    pages: web.truth.size,
    captured: captured.length,
    lost: lost.length,
    twice: (await capturesPerPage()).filter((n) => n > 1).length,
    rendered: found.lines.filter((line) => line.rendered).length,
    cases: found.cases.length,
    seconds: Math.round(seconds),
  };
  const perLabel = [...verdicts].map(([label, row]) => ({
    label,
    flagged: row['flag'] ?? 0,
    abstained: row['abstain'] ?? 0,
    cleared: row['clear'] ?? 0,
  }));
  const wanted = new Map(web.hosts.map(({ host, labels }) => [host, labels]));
  const openedOn = { fraud: 0, legit: 0 };
  for (const it of found.cases) {
    const labels = [...(wanted.get(it.subject.key) ?? [])];
    openedOn[labels.some((label) => label !== 'legit') ? 'fraud' : 'legit'] += 1;
  }
  const batch = await decideAndBuild(found.cases, Number(values.decide));
  if (counts.lost > 0 || counts.twice > 0 || !batch.verified) process.exitCode = 1;
  if (values.json) {
    console.log(JSON.stringify({ ...counts, perLabel, openedOn, batch, lostUrls: lost.slice(0, 20) }));
    return;
  }
  console.log(counts);
  console.table(perLabel);
  console.log('cases opened on hosts of', openedOn);
  console.log(batch);
  for (const url of lost) console.log('lost:', url, found.lines.find((line) => line.url === url)?.outcome);
}

interface Shown {
  readonly verdict: string;
  /** Why it was rendered; null when it was not. */
  readonly why: string | null;
}

/** Renders as Kuzet decides, and all; says what the difference costs and what it loses. */
async function compare(): Promise<void> {
  const adaptive = await shown('auto');
  const all = await shown('always');
  const pages = [...web.truth].map(([url, { label }]) => ({
    isFraud: label !== 'legit',
    adaptive: adaptive.get(url),
    all: all.get(url),
  }));
  const share = (of: typeof pages) =>
    of.filter((page) => page.adaptive?.why != null).length / Math.max(1, of.length);
  const legit = share(pages.filter(({ isFraud }) => !isFraud));
  const fraud = share(pages.filter(({ isFraud }) => isFraud));
  const reasons: Record<string, number> = {};
  for (const { adaptive: it } of pages) {
    const why = it === undefined ? 'not captured' : (it.why ?? 'not rendered');
    reasons[why] = (reasons[why] ?? 0) + 1;
  }
  const found = pages.filter((page) => page.all?.verdict === 'flag');
  const lost = found.filter((page) => page.adaptive?.verdict !== 'flag');
  // An officer still sees what abstains; what is cleared nobody sees.
  const cleared = lost.filter((page) => page.adaptive?.verdict !== 'abstain');
  const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
  const figures = {
    pages: pages.length,
    fraudPages: pages.filter(({ isFraud }) => isFraud).length,
    rendered: percent(share(pages)),
    renderedOfLegit: percent(legit),
    renderedOfFraud: percent(fraud),
    // Of a mix with so many fraud pages, from the two shares above.
    renderedWhere5PercentAreFraud: percent(0.95 * legit + 0.05 * fraud),
    renderedWhere10PercentAreFraud: percent(0.9 * legit + 0.1 * fraud),
    findingsRenderingAll: found.length,
    findingsLost: lost.length,
    findingsLostAndCleared: cleared.length,
    lostShare: percent(lost.length / Math.max(1, found.length)),
    findingsOnlyAdaptive: pages.filter(
      (page) => page.adaptive?.verdict === 'flag' && page.all?.verdict !== 'flag',
    ).length,
  };
  if (values.json) console.log(JSON.stringify({ ...figures, reasons }));
  else console.log(figures, reasons);
}

async function shown(mode: 'auto' | 'always'): Promise<Map<string, Shown>> {
  values.render = mode;
  home = mkdtempSync(join(tmpdir(), `kuzet-pages-${mode}-`));
  try {
    const { lines } = await scan();
    const why = new Map<string, string | null>();
    for (const { url, render_reason } of await captureRows()) why.set(url, render_reason);
    return new Map(
      lines
        .filter((line) => line.outcome.is === 'captured')
        .map((line) => [line.url, { verdict: line.verdict ?? '?', why: why.get(line.url) ?? null }]),
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** How many captures each page has, counted in the store's own file. */
async function capturesPerPage(): Promise<number[]> {
  const counts = new Map<string, number>();
  for (const { url } of await captureRows()) counts.set(url, (counts.get(url) ?? 0) + 1);
  return [...counts.values()];
}

interface CaptureRow {
  readonly url: string;
  readonly render_reason: string | null;
}

/** Kuzet's own captures, read off the store's own file. */
async function captureRows(): Promise<CaptureRow[]> {
  const file = join(home, 'whole.ndjson.gz');
  await run(['export', '--no-evidence', '--out', file]);
  const [head, ...rows] = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  const { tables } = JSON.parse(head!) as { tables: { name: string; columns: string[] }[] };
  const columns = tables.find(({ name }) => name === 'capture')!.columns;
  return rows
    .filter((line) => line.startsWith('["capture",'))
    .map((line) => {
      const [, cells] = JSON.parse(line) as [string, unknown[]];
      return Object.fromEntries(columns.map((name, at) => [name, cells[at]]));
    })
    .filter((row) => row['profile'] === null)
    .map((row) => ({ url: String(row['url']), render_reason: row['render_reason'] as string | null }));
}

async function scan(): Promise<{
  lines: Extract<ScanEvent, { event: 'url' }>[];
  cases: readonly CaseLine[];
}> {
  const most = Math.max(...web.hosts.map(({ pages }) => pages)) + 10;
  const child = start([
    'scan',
    '--json',
    '--file',
    '-',
    '--pages',
    String(most),
    '--depth',
    '0',
    '--delay',
    '0',
    '--render',
    values.render,
    '--resolve',
    `*.test=127.0.0.1:${web.port}`,
    ...(workers.length > 0 ? ['--no-work'] : []),
  ]);
  child.stdin!.end(web.seeds.join('\n'));
  const lines: Extract<ScanEvent, { event: 'url' }>[] = [];
  let cases: readonly CaseLine[] = [];
  let isKilled = false;
  for await (const text of createInterface({ input: child.stdout! })) {
    const event = JSON.parse(text) as ScanEvent;
    if (event.event === 'url') lines.push(event);
    if (event.event === 'done') cases = event.cases;
    if (values.kill && !isKilled && lines.length >= web.truth.size / 2) {
      isKilled = true;
      console.error(`killing worker ${workers[0]?.pid} after ${lines.length} pages`);
      workers[0]?.kill('SIGKILL');
    }
  }
  return { lines, cases };
}

async function decideAndBuild(
  cases: readonly CaseLine[],
  most: number,
): Promise<Readonly<Record<string, unknown>> & { readonly verified: boolean }> {
  const chosen = cases
    .filter((it) => OFFENCES[it.label] !== undefined && it.state.is === 'open')
    .slice(0, most);
  for (const it of chosen) {
    const ground = OFFENCES[it.label]!.grounds[0]!;
    const reason = `Признаки: ${it.reasons.map((signal) => signal.id).join(', ')}`;
    await run(['decide', it.id, 'confirm', '--by', 'first.example', '--ground', ground, '--reason', reason]);
    await run(['approve', it.id, '--by', 'second.example']);
    await letGo(it.id);
  }
  const built = await run(['refer', 'build', '--quarantine', '--json']);
  const events = built.out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as BatchEvent);
  const batch = events.find((event) => event.event === 'built');
  if (batch?.event !== 'built') return { decided: chosen.length, built: false, events, verified: false };
  const verified = await run(['verify', batch.file]);
  const left = events.filter((event) => event.event === 'refused').length;
  return {
    decided: chosen.length,
    batch: batch.batch,
    rows: batch.cases,
    leftOut: left,
    verified: verified.code === 0,
  };
}

/** This program decides faster than it could read, and says so of itself where a rule asks for care. */
async function letGo(id: string): Promise<void> {
  const found = (await run(['override', 'list', id, '--json'])).out.split('\n').filter(Boolean);
  const soft = found
    .map((line) => JSON.parse(line) as WeighedLine)
    .flatMap(({ rule, kind }) => (kind === 'soft' ? [rule] : []));
  for (const rule of new Set(soft)) {
    const reason = 'A measurement: nothing of this leaves the machine.';
    await run(['override', 'ask', id, rule, '--by', 'first.example', '--reason', reason]);
    await run(['override', 'confirm', id, rule, '--by', 'second.example']);
  }
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [LAUNCHER, ...args], {
    env: { ...process.env, KUZET_HOME: home, KUZET_LOG: process.env['KUZET_LOG'] ?? 'error' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

async function run(args: readonly string[]): Promise<{ code: number | null; out: string }> {
  const child = start(args);
  child.stdin!.end();
  let out = '';
  child.stdout!.setEncoding('utf8').on('data', (piece: string) => {
    out += piece;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out };
}
