/**
 * A year at some size, hour by hour, reckoned with what `bench/scale.ts` measured: how many cores, how much disk and
 * memory, how long the longest wait, and which limit is met first and when.
 *
 *     node --import tsx bench/scale.ts | tail -1 > costs.json
 *     node --import tsx bench/year.ts costs.json [--sites 10000000] [--listings 100000000] [--cores 2]
 *
 * What is assumed and not measured stands in `ASSUMED`, and is printed with the answer.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

export interface Cost {
  /** Milliseconds of CPU. */
  readonly cpuMs: number;
  readonly rowBytes: number;
  readonly evidenceBytes: number;
}

/** As `bench/scale.ts` names them. */
export type Costs = Readonly<
  Record<
    | 'page, fetched'
    | 'page, rendered'
    | 'listing, taken in and looked through'
    | 'case, opened, decided, approved'
    | 'case, in a batch',
    Cost
  >
>;

export interface Year {
  readonly sites: number;
  readonly listings: number;
  readonly pagesASite: number;
  /** Share of pages that a browser shows, 0..1. */
  readonly rendered: number;
  /** Share of sites that become a case that leaves, 0..1. */
  readonly cases: number;
  /** A host's turn: the answer, and the wait that politeness asks for after it. */
  readonly secondsAPage: number;
  /** The busiest hour of a day beside its mean, 1 or more. */
  readonly peak: number;
  readonly cores: number;
  /** Share of a core that is there for this work, 0..1. */
  readonly use: number;
  /** Bytes of memory that a listing takes in the index of copies. Measured: docs/duplicates-figures.md. */
  readonly indexBytes: number;
}

export const ASSUMED = {
  pagesASite: 5,
  rendered: 0.2,
  cases: 0.002,
  secondsAPage: 2,
  peak: 3,
  use: 0.7,
} as const;
const INDEX_BYTES = 260.6;
const HOURS = 365 * 24;

export interface Reckoned {
  readonly meanCores: number;
  readonly peakCores: number;
  /** Hosts visited at the same time in the busiest hour: what politeness asks for, whatever the cores. */
  readonly hostsAtOnce: number;
  /** Hours of work that waited at the worst moment, at the cores that were given; grows without end when they are too few. */
  readonly longestWaitHours: number;
  readonly rowBytes: number;
  readonly evidenceBytes: number;
  readonly indexBytes: number;
  /** Day of the year from which a disk or a memory of that many bytes is full; null when it is not within the year. */
  fullOn(what: 'rows' | 'evidence' | 'index', bytes: number): number | null;
}

/** A day's work arrives evenly in its first `24 / peak` hours; what is not done in its hour waits for the next. */
export function reckon(costs: Costs, year: Year): Reckoned {
  const pages = year.sites * year.pagesASite;
  const cases = year.sites * year.cases;
  const parts: readonly (readonly [n: number, cost: Cost])[] = [
    [pages * (1 - year.rendered), costs['page, fetched']],
    [pages * year.rendered, costs['page, rendered']],
    [year.listings, costs['listing, taken in and looked through']],
    [cases, costs['case, opened, decided, approved']],
    [cases, costs['case, in a batch']],
  ];
  const sum = (of: (cost: Cost) => number) => parts.reduce((all, [n, cost]) => all + n * of(cost), 0);
  const cpuHours = sum(({ cpuMs }) => cpuMs) / 3_600_000;
  const [rowBytes, evidenceBytes] = [sum((it) => it.rowBytes), sum((it) => it.evidenceBytes)];
  const indexBytes = year.listings * year.indexBytes;

  const capacity = year.cores * year.use;
  let waiting = 0;
  let longest = 0;
  for (let hour = 0; hour < HOURS; hour += 1) {
    const share = year.peak * Math.min(1, Math.max(0, 24 / year.peak - (hour % 24)));
    waiting = Math.max(0, waiting + (cpuHours / HOURS) * share - capacity);
    longest = Math.max(longest, waiting / capacity);
  }
  const grown = { rows: rowBytes, evidence: evidenceBytes, index: indexBytes };
  return {
    meanCores: cpuHours / HOURS / year.use,
    peakCores: (cpuHours / HOURS / year.use) * year.peak,
    hostsAtOnce: (pages * year.secondsAPage * year.peak) / (HOURS * 3600),
    longestWaitHours: longest,
    rowBytes,
    evidenceBytes,
    indexBytes,
    fullOn: (what, bytes) => (grown[what] <= bytes ? null : Math.floor((365 * bytes) / grown[what])),
  };
}

const onDay = (day: number | null) => (day === null ? 'not within the year' : `on day ${day}`);

function print(costs: Costs, asked: Pick<Year, 'sites' | 'listings' | 'cores'>): void {
  const year = { ...ASSUMED, indexBytes: INDEX_BYTES, ...asked };
  const it = reckon(costs, year);
  const many = (n: number) => n.toLocaleString('en', { maximumFractionDigits: 1 });
  console.log(`Assumed: ${JSON.stringify(ASSUMED)}`);
  console.log(`| ${many(year.sites)} sites, ${many(year.listings)} listings a year | |\n|---|---|`);
  console.log(
    `| cores, on the mean and in the busiest hour | ${many(it.meanCores)}, ${many(it.peakCores)} |`,
  );
  console.log(`| hosts visited at once in the busiest hour | ${many(it.hostsAtOnce)} |`);
  console.log(`| longest wait with ${year.cores} cores, hours | ${many(it.longestWaitHours)} |`);
  console.log(`| rows, GB | ${many(it.rowBytes / 1e9)} |`);
  console.log(`| evidence, TB | ${many(it.evidenceBytes / 1e12)} |`);
  console.log(`| index of copies in memory, GB | ${many(it.indexBytes / 1e9)} |`);
  const limits = [
    ['evidence', 2e12, 'a disk of 2 TB for evidence'],
    ['rows', 1e12, 'a disk of 1 TB for rows'],
    ['index', 16e9, 'a memory of 16 GB for the index'],
  ] as const;
  for (const [what, bytes, words] of limits)
    console.log(`| ${words} is full | ${onDay(it.fullOn(what, bytes))} |`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sites: { type: 'string', default: '10000000' },
      listings: { type: 'string', default: '100000000' },
      cores: { type: 'string', default: '2' },
    },
  });
  print(JSON.parse(readFileSync(positionals[0]!, 'utf8')) as Costs, {
    sites: Number(values.sites),
    listings: Number(values.listings),
    cores: Number(values.cores),
  });
}
