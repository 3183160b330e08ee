/**
 * Which pages of a file would be shown in a browser, and what that loses, told in seconds: what a browser shows of each
 * page is kept in a folder the first time, and every later run asks the folder.
 *
 *     node --import tsx bench/render-decisions.ts FILE --kept FOLDER [--lots N] [--each] [--json]
 *
 * FILE is NDJSON of {"id","label","source","html"}, served as `bench/pages-web.ts` says. A page is judged as a visit judges
 * it and shown or left plain by the very function that a visit asks (`queues/reading/showing.ts`); lots are drawn from
 * N seeds, 10 unless told, and the figures are means over them. Cloak checks are not made here: of 640 pages they show four
 * more. `--each` prints a line for each page that was shown with the first seed: why, verdict before and after, words.
 * A run that is stopped while it fills the folder goes on from there.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { MODELS } from '../classifiers/model.ts';
import { seededRandom } from '../classifiers/random.ts';
import type { BrowserFound } from '../crawler/browser.ts';
import { createCrawler } from '../crawler/lanes.ts';
import { type Rendered, RenderFailedError } from '../crawler/render.ts';
import { showedMore } from '../crawler/render-decision.ts';
import type { Assessment } from '../domain/assessment.ts';
import { afterShowing, NO_LESSON, type RenderLesson } from '../domain/render-lesson.ts';
import { NO_PICTURES as NOTHING_PICTURED } from '../domain/site-pictures.ts';
import { subjectOf } from '../exports/overblock/platforms.ts';
import { type JudgedPage, judgeHere } from '../queues/judge.ts';
import { lessonsOfVisit } from '../queues/reading/lessons.ts';
import { riskier, type Showing, type ShowingTools, show } from '../queues/reading/showing.ts';
import { urlKey } from '../store/frontier.ts';
import type { RenderLessonStore } from '../store/render-lessons.ts';
import { type PagesWeb, startPagesWeb } from './pages-web.ts';

/** What a browser showed of a page, or why it could not. */
type Kept = { readonly finalUrl: string; readonly dom: string } | { readonly failed: string };

interface Told {
  readonly url: string;
  readonly isFraud: boolean;
  /** Why it was shown; null for left plain. */
  readonly why: string | null;
  readonly hasHelped: boolean;
  readonly asFetched: JudgedPage;
  readonly asSeen: JudgedPage;
  readonly verdict: Assessment['verdict'];
  /** As it would be judged were every page shown. */
  readonly ofAll: Assessment['verdict'];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kept: { type: 'string' },
    lots: { type: 'string', default: '10' },
    each: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const [file] = positionals;
const folder = values.kept;
if (file === undefined || folder === undefined) {
  console.error(
    'Usage: node --import tsx bench/render-decisions.ts FILE --kept FOLDER [--lots N] [--each] [--json]',
  );
  process.exit(2);
}

const BY = { model: MODELS.href, shadow: null };
const CLOCK = { now: () => new Date(0), sleep: async () => {} };
const BROWSER: BrowserFound = {
  is: 'ready',
  executablePath: '',
  args: [],
  env: {},
  isSandboxed: false,
  name: 'kept',
  version: '0',
};
const SHOWING: Omit<Showing, 'url'> = {
  settings: { proxy: null, resolve: {} },
  askAgain: async () => {},
  courtesy: { before: async () => ({ is: 'go', robots: undefined }), after: () => {} },
  signal: new AbortController().signal,
};
const noPictures = { picturesOf: async () => NOTHING_PICTURED };
const NO_PICTURES: Rendered['pictures'] = {
  viewport: Buffer.alloc(0),
  full: Buffer.alloc(0),
  exposure: { width: 1280, height: 800, of: 800, scale: 1 },
};
const NOTHING_SHOWN: Omit<Rendered, 'finalUrl' | 'dom' | 'why' | 'pictures'> = {
  hops: [],
  status: 200,
  text: null,
  title: '',
  exchanges: [],
  requests: 1,
  blocked: 0,
  refused: [],
  isBlank: false,
  scriptsRan: true,
  browser: null,
};

const web = await startPagesWeb({ file, listing: 'seeds', names: 'neutral' });
try {
  await keepAll(web, folder);
  await tell(web, folder, Number(values.lots));
} finally {
  await web.close();
}

function placeOf(url: string, kept: string): string {
  return join(kept, `${createHash('sha256').update(url).digest('hex').slice(0, 32)}.json`);
}

async function keepAll({ truth, port }: PagesWeb, kept: string): Promise<void> {
  mkdirSync(kept, { recursive: true });
  const missing = [...truth.keys()].filter((url) => !existsSync(placeOf(url, kept)));
  if (missing.length === 0) return;
  const crawler = await createCrawler({ version: 'bench', rendersAtOnce: 2 });
  const reaching = { proxy: null, resolve: { '*.test': `127.0.0.1:${port}` } };
  let done = 0;
  try {
    await Promise.all(
      missing.map(async (url) => {
        const it = await crawler.render(new URL(url), reaching, 'asked', undefined, 'text').then(
          ({ finalUrl, dom }): Kept => ({ finalUrl, dom }),
          (cause: unknown): Kept => {
            if (cause instanceof RenderFailedError) return { failed: cause.facts.detail };
            throw cause;
          },
        );
        writeFileSync(placeOf(url, kept), JSON.stringify(it));
        done += 1;
        if (done % 50 === 0) console.error(`${done} of ${missing.length} shown`);
      }),
    );
  } finally {
    await crawler.close();
  }
}

interface Known {
  readonly fetched: string;
  readonly asFetched: JudgedPage;
  readonly seen: Kept;
  readonly asSeen: JudgedPage;
}

async function tell({ truth, port }: PagesWeb, kept: string, lots: number): Promise<void> {
  const known = await judgedOf([...truth.keys()], port, kept);
  const runs: Told[][] = [];
  for (let seed = 0; seed < lots; seed += 1) runs.push(await decided(known, truth, seededRandom(seed)));
  const figures = meanOf(runs.map(figuresOf));
  const reasons = meanOf(runs.map(countsOf));
  const helped = meanOf(runs.map((run) => countsOf(run.filter(({ hasHelped }) => hasHelped))));
  if (values.each) {
    for (const { url, why, hasHelped, asFetched, asSeen, isFraud, ofAll } of runs[0]!) {
      const words = `${asFetched.text.length} > ${asSeen.text.length} characters`;
      const verdicts = `${asFetched.assessment.verdict} > ${asSeen.assessment.verdict}, of all ${ofAll}`;
      if (why !== null)
        console.log(truth.get(url)!.id, isFraud ? 'fraud' : 'legit', why, hasHelped, verdicts, words);
    }
  }
  if (values.json) console.log(JSON.stringify({ ...figures, reasons, helped }));
  else console.log(figures, 'shown for:', reasons, 'of these it helped:', helped);
}

async function judgedOf(urls: readonly string[], port: number, kept: string): Promise<Map<string, Known>> {
  const judge = judgeHere();
  const crawler = await createCrawler({ version: 'bench', browser: { is: 'none', why: 'only bytes' } });
  const reaching = { proxy: null, resolve: { '*.test': `127.0.0.1:${port}` } };
  const known = new Map<string, Known>();
  for (const url of urls) {
    const answer = await crawler.fetch(new URL(url), reaching);
    const { finalUrl, body, contentType } = answer;
    const asFetched = await judge.judge({ url: finalUrl, source: { bytes: body, contentType } }, BY);
    const seen = JSON.parse(readFileSync(placeOf(url, kept), 'utf8')) as Kept;
    const isShown = 'dom' in seen;
    const asSeen = isShown ? await judge.judge({ url: seen.finalUrl, source: seen.dom }, BY) : asFetched;
    known.set(url, { fetched: finalUrl, asFetched, seen, asSeen });
  }
  await crawler.close();
  return known;
}

/** Each page of each host in the order in which a visit takes up pages that nothing tells apart. */
async function decided(
  known: ReadonlyMap<string, Known>,
  truth: PagesWeb['truth'],
  lot: () => number,
): Promise<Told[]> {
  const hosts = new Map<string, string[]>();
  const inTurn = [...known.keys()].sort((a, b) => Buffer.compare(urlKey(new URL(a)), urlKey(new URL(b))));
  for (const url of inTurn) {
    const { host } = new URL(url);
    hosts.set(host, [...(hosts.get(host) ?? []), url]);
  }
  const told: Told[] = [];
  for (const urls of hosts.values()) {
    const lessons = lessonsOfVisit(
      'bench',
      { renderLessons: inMemory(), captures: noPictures, clock: CLOCK },
      lot,
    );
    for (const url of urls) {
      const { fetched, asFetched, seen, asSeen } = known.get(url)!;
      const tools: ShowingTools = {
        crawler: { browser: BROWSER, render: async (_url, _reaching, why) => shownAs(url, seen, why) },
        judge: { judge: async () => asSeen },
        judgedBy: BY,
        lessons,
        subjectOf,
        log: pino({ level: 'silent' }),
      };
      const shown = await show(asFetched, 'auto', { ...SHOWING, url: fetched }, tools);
      const { rendered } = shown;
      told.push({
        url,
        isFraud: truth.get(url)!.label !== 'legit',
        why: rendered?.why ?? null,
        hasHelped:
          rendered !== null &&
          showedMore({ ...asFetched, url: fetched }, { ...shown.asSeen, url: rendered.finalUrl }),
        asFetched,
        asSeen: shown.asSeen,
        verdict: riskier(asFetched.assessment, shown.asSeen.assessment).verdict,
        ofAll: riskier(asFetched.assessment, asSeen.assessment).verdict,
      });
    }
  }
  return told;
}

function shownAs(url: string, seen: Kept, why: string): Rendered {
  if ('failed' in seen) {
    throw new RenderFailedError({ url, reason: 'internal', detail: seen.failed, mustReplace: false });
  }
  const { finalUrl, dom } = seen;
  const pictures = NO_PICTURES;
  return { ...NOTHING_SHOWN, finalUrl, dom, why, pictures };
}

function inMemory(): RenderLessonStore {
  const rows = new Map<string, RenderLesson>();
  return {
    ofHost: async () => new Map(rows),
    async note({ shape, kind, hasHelped }) {
      const before = rows.get(shape) ?? NO_LESSON;
      const lesson = { ...before, [kind]: afterShowing(before[kind], hasHelped) };
      rows.set(shape, lesson);
      return lesson;
    },
  };
}

/** Pages that were shown, by why. */
function countsOf(told: readonly Told[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { why } of told) if (why !== null) counts[why] = (counts[why] ?? 0) + 1;
  return counts;
}

function figuresOf(told: readonly Told[]): Record<string, number> {
  const share = (of: readonly Told[]) =>
    (100 * of.filter(({ why }) => why !== null).length) / Math.max(1, of.length);
  const fraud = share(told.filter(({ isFraud }) => isFraud));
  const legit = share(told.filter(({ isFraud }) => !isFraud));
  const found = told.filter(({ ofAll }) => ofAll === 'flag');
  const lost = found.filter(({ verdict }) => verdict !== 'flag');
  return {
    pages: told.length,
    renderedPercent: share(told),
    renderedPercentOfLegit: legit,
    renderedPercentOfFraud: fraud,
    renderedPercentWhere5AreFraud: 0.95 * legit + 0.05 * fraud,
    findingsRenderingAll: found.length,
    findingsLost: lost.length,
    findingsLostAndCleared: lost.filter(({ verdict }) => verdict === 'clear').length,
    lostPercent: (100 * lost.length) / Math.max(1, found.length),
  };
}

function meanOf(rows: readonly Record<string, number>[]): Record<string, number> {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].sort();
  const mean = (name: string) => rows.reduce((sum, row) => sum + (row[name] ?? 0), 0) / rows.length;
  return Object.fromEntries(names.map((name) => [name, Math.round(100 * mean(name)) / 100]));
}
