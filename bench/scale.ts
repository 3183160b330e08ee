/**
 * What one page, listing, check and case costs: CPU, rows, evidence. On the embedded engines, so that all of it is in
 * this process and its browser. `docs/scale.md` tells what follows; `bench/year.ts` reckons with it.
 *
 *     npm run build && npm run bench:scale -- [--pages 200] [--renders 40] [--listings 2000] [--cases 50]
 *
 * Prints a table and, last, one line of JSON. Pages are those of `bench/crawl/web.ts`: 31 KB of Kazakh and Russian,
 * and for renders shells that put as much in by script and have 12 pictures.
 * Bytes of rows are of whole tables with their indexes, so they hold what a store of that size has to spare.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { localHouse } from '../cli/operations.ts';
import { openRooms, type Rooms } from '../cli/rooms.ts';
import { readConfig } from '../config.ts';
import { DEFAULT_SETTINGS } from '../domain/source.ts';
import { systemClock } from '../queues/clock.ts';
import { tenantStore } from '../store/tenants.ts';
import { treeOf } from '../test/engines/places.ts';
import { approvedCase } from '../test/queues/approved.ts';
import { ad } from '../test/queues/market/trial.ts';
import { cpuMsOf } from './spent.ts';

const { values } = parseArgs({
  options: {
    pages: { type: 'string', default: '200' },
    renders: { type: 'string', default: '40' },
    listings: { type: 'string', default: '2000' },
    cases: { type: 'string', default: '50' },
  },
});
const PAGES_A_SITE = 5;
const WORDS =
  'диван стол велосипед куртка щенок гитара дача гараж станок ремонт уроки плитка окно шкаф печь'.split(' ');

interface Cost {
  readonly what: string;
  readonly n: number;
  readonly cpuMs: number;
  readonly rowBytes: number;
  readonly evidenceBytes: number;
}

const folder = mkdtempSync(join(tmpdir(), 'kuzet-scale-'));
const config = readConfig(
  {
    KUZET_HOME: join(folder, 'home'),
    KUZET_DISK_RESERVE_MB: '1',
    KUZET_REREAD: '0',
    CHROMIUM: process.env['CHROMIUM'],
  },
  folder,
);
const web = spawn(process.execPath, ['--import', 'tsx', 'bench/crawl/web.ts', '100000', '1000'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const costs: Cost[] = [];
const used = new Map<number, number>();
setInterval(sample, 250).unref();
try {
  const [port] = (await once(createInterface({ input: web.stdout }), 'line')) as [string];
  const rooms = await openRooms(config);
  try {
    await measureAll(rooms, Number(port));
  } finally {
    await rooms.close();
  }
} finally {
  web.kill();
  rmSync(folder, { recursive: true, force: true });
}
const rounded = (n: number) => (n >= 100 ? Math.round(n) : Math.round(n * 100) / 100).toLocaleString('en');
console.log('| one | of | CPU ms | bytes of rows | bytes of evidence |\n|---|---|---|---|---|');
for (const it of costs)
  console.log(
    `| ${it.what} | ${it.n} | ${rounded(it.cpuMs)} | ${rounded(it.rowBytes)} | ${rounded(it.evidenceBytes)} |`,
  );
console.log(JSON.stringify(Object.fromEntries(costs.map(({ what, ...it }) => [what, it]))));

async function measureAll(rooms: Rooms, port: number): Promise<void> {
  let nextPage = 0;
  const scan = async (pages: number, render: 'never' | 'always') => {
    const kind = render === 'never' ? 'p' : 'shell';
    const first = nextPage;
    nextPage += pages;
    const seeds = Array.from({ length: pages }, (_, at) => ({
      line: at + 1,
      text: `http://s${Math.floor((first + at) / PAGES_A_SITE)}.test/${kind}/${first + at}`,
    }));
    const settings = {
      ...DEFAULT_SETTINGS,
      ...{ pages: PAGES_A_SITE, delaySeconds: 0, depth: 0, render },
      resolve: { '*.test': `127.0.0.1:${port}` },
    };
    const order = { seeds, settings, work: true, resume: false, detach: false };
    let captured = 0;
    for await (const event of localHouse(rooms).ask('scan', order))
      if (event.event === 'done') captured = event.counts.captured;
    return captured;
  };
  // What is done once is not a page's: the model is loaded, programs get warm.
  await scan(40, 'never');
  await measure('page, fetched', rooms, () => scan(Number(values.pages), 'never'));
  await scan(2, 'always');
  await measure('page, rendered', rooms, () => scan(Number(values.renders), 'always'));

  await tenantStore(rooms.database).add(
    { id: 'bazar', name: 'Bazar', isDry: true, sites: [] },
    systemClock.now(),
  );
  const { market, service } = await rooms.market();
  const rows = (from: number, n: number) =>
    Array.from({ length: n }, (_, at) => ({ id: String(from + at), listing: listingOf(from + at) }));
  await service.place('bazar', rows(0, 200), true);
  await market.settle();
  await measure('listing, taken in and looked through', rooms, async () => {
    const n = Number(values.listings);
    for (let at = 0; at < n; at += 500)
      await service.place('bazar', rows(200 + at, Math.min(500, n - at)), true);
    await market.settle();
    return n;
  });
  await measure('listing, checked', rooms, async () => {
    for (const { listing } of rows(1_000_000, 500)) await service.check('bazar', listing, null);
    return 500;
  });

  const { database: db, evidence } = rooms;
  await measure('case, opened, decided, approved', rooms, async () => {
    for (let n = 1; n <= Number(values.cases); n += 1)
      await approvedCase(n, { db, evidence, now: systemClock.now() });
    return Number(values.cases);
  });
  await measure('case, in a batch', rooms, async () => {
    let cases = 0;
    const order = { channel: 'operator_block', quarantine: true, limit: 500 } as const;
    for await (const event of localHouse(rooms).ask('referBuild', order))
      if (event.event === 'built') cases = event.cases;
    return cases;
  });
}

/** Words drawn by the number, so that few are alike. */
function listingOf(n: number): ReturnType<typeof ad> {
  let state = n * 2_654_435_761 + 1;
  const text = Array.from({ length: 40 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return `${WORDS[state % WORDS.length]}${state % 997}`;
  }).join(' ');
  return ad(`seller-${n}`, `${text.split(' ')[0]} ${n}`, text);
}

async function measure(what: string, rooms: Rooms, work: () => Promise<number>): Promise<void> {
  const before = await spent(rooms);
  const n = await work();
  const after = await spent(rooms);
  if (n === 0) throw new Error(`Nothing was done of "${what}".`);
  costs.push({
    what,
    n,
    cpuMs: (after.cpuMs - before.cpuMs) / n,
    rowBytes: (after.rowBytes - before.rowBytes) / n,
    evidenceBytes: (after.evidenceBytes - before.evidenceBytes) / n,
  });
}

/** What each process had used when it was last seen: browsers come and go, and take what they used with them. */
function sample(): void {
  for (const { pid } of treeOf(process.pid)) if (pid !== web.pid) used.set(pid, cpuMsOf(pid));
}

async function spent({ database }: Rooms) {
  const [rows] = await database.query<{ n: string }>(
    `select sum(pg_total_relation_size(c.oid)) as n from pg_class c join pg_namespace s on s.oid = c.relnamespace
     where s.nspname = 'kuzet' and c.relkind = 'r'`,
  );
  sample();
  return {
    cpuMs: [...used.values()].reduce((sum, ms) => sum + ms, 0),
    rowBytes: Number(rows?.n),
    evidenceBytes: bytesUnder(join(config.home, 'evidence')) + bytesUnder(join(config.home, 'batches')),
  };
}

function bytesUnder(path: string): number {
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  } catch {
    return 0;
  }
}
