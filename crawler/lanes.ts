/**
 * The two lanes of a process: a Crawlee `BasicCrawler` that fetches and a `PlaywrightCrawler` that renders.
 * Both live as long as the process and serve all its visits; Crawlee runs the tasks side by side and owns,
 * starts and replaces the browsers. What to ask for and when is decided by the visit, which owns its host.
 *
 * A lane is fed by a queue in memory (`lanes/queue.ts`) given as `requestQueue`. Crawlee asks it for the next
 * request, and for nothing else: retries, sessions, storage, statistics on disk and logs are all off.
 *
 * A task of Crawlee's costs as much as fetching a page, and for a browser opens a page that nobody uses, so a task goes on
 * with what waits. One that renders ends after twenty pages, or with the first that puts its browser in doubt, since between
 * tasks Crawlee looks after its browsers.
 *
 * A render does not use Crawlee's page but opens a context of its own in Crawlee's browser: the gate it must
 * go through depends on the visit's settings (`resolve`, `proxy`), and Crawlee sets a proxy a browser, not a
 * request. Crawlee's page stays blank and is closed by it; `skipNavigation` keeps it from going anywhere.
 */
import { totalmem } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { BasicCrawler as BasicCrawlerType } from 'crawlee';
import { type Browser, chromium } from 'playwright';
import type { ScanSettings } from '../domain/source.ts';
import { type BrowserFound, findBrowser, launchOptions, type ReadyBrowser } from './browser.ts';
import {
  BasicCrawler,
  Configuration,
  log as crawleeLog,
  Log,
  LogLevel,
  MemoryStorage,
  PlaywrightCrawler,
} from './crawlee.ts';
import { type Lookup, resolveBySystem } from './dial.ts';
import {
  type Courtesy,
  createFetcher,
  type Fetched,
  type FetchLimits,
  honestAgent,
  type IfChanged,
  type Want,
} from './fetch.ts';
import { type LaneQueue, laneQueue, TASK_SECONDS } from './lanes/queue.ts';
import { headersFor, type Visitor } from './profiles.ts';
import { openPlaces, type Places } from './render/places.ts';
import { type Rendered, RenderFailedError, type RenderLimits, renderPage, type Takes } from './render.ts';

/** How a page is reached, and as whom: `visitor` left out, Kuzet asks in its own name. */
export type Reaching = Pick<ScanSettings, 'proxy' | 'resolve'> & { readonly visitor?: Visitor };

export interface Crawler {
  /**
   * @param want `page` refuses media types that are no pages.
   * @param courtesy asked before every request, redirects too.
   * @param ifChanged lets the server say that the page is as it was.
   * @throws FetchFailedError; the signal's reason when aborted; what `courtesy` throws.
   */
  fetch(
    url: URL,
    settings: Reaching,
    signal?: AbortSignal,
    want?: Want,
    courtesy?: Courtesy,
    ifChanged?: IfChanged | null,
  ): Promise<Fetched>;
  /**
   * @param why goes into the result.
   * @param takes pictures too, unless told `text`.
   * @param courtesy asked before every document that the page leads to.
   * @throws RenderFailedError, also when there is no browser; the signal's reason when aborted; what `courtesy` throws.
   */
  render(
    url: URL,
    settings: Reaching,
    why: string,
    signal?: AbortSignal,
    takes?: Takes,
    courtesy?: Courtesy,
  ): Promise<Rendered>;
  readonly browser: BrowserFound;
  /** What takes evidence, where another browser was named for it; null where it is the same. */
  readonly evidenceBrowser: BrowserFound | null;
  /** Waits for nothing: what still runs is rejected with `LaneClosedError`. */
  close(): Promise<void>;
}

export interface CrawlerOptions {
  /** Of Kuzet, for the user agent. */
  readonly version: string;
  /** Page or address a site's owner can turn to; null for none. */
  readonly contact?: string | null;
  /** Path of the browser; null to look for one. */
  readonly chromium?: string | null;
  /** Path of the browser that takes evidence; null for the same. One that does not start leaves it to the other. */
  readonly evidenceChromium?: string | null;
  /** 1 or more; 64 unless told. */
  readonly fetchesAtOnce?: number;
  /** Pages that are loaded and read at a time, while as many again are waited for: 1 or more; 2 unless told. */
  readonly rendersAtOnce?: number;
  readonly lookup?: Lookup;
  readonly fetchLimits?: Partial<FetchLimits>;
  readonly renderLimits?: Partial<RenderLimits>;
  /** Found already; looked for otherwise. */
  readonly browser?: BrowserFound;
}

/** The lane was closed before the work was done. */
export class LaneClosedError extends Error {
  override readonly name = 'LaneClosedError';

  constructor() {
    super('The crawler was closed while this page was waiting; it is still due and the next visit reads it.');
  }
}

export async function createCrawler(options: CrawlerOptions): Promise<Crawler> {
  const { contact = null, lookup = resolveBySystem, fetchesAtOnce = 64, rendersAtOnce = 2 } = options;
  const userAgent = honestAgent(options.version, contact);
  const limits = options.fetchLimits === undefined ? {} : { limits: options.fetchLimits };
  const fetcher = createFetcher({ userAgent, lookup, ...limits });
  const browser = options.browser ?? (await findBrowser({ chromium: options.chromium ?? null }));
  // A redirect may wait for the robots.txt of the host it leads to: a second fetch within the first.
  const fetching = await openFetchLane(fetchesAtOnce * 2);
  const major = browser.is === 'ready' ? browser.version.split('.')[0]! : MAJOR_WITHOUT_BROWSER;
  const rendering = browser.is === 'ready' ? await openRenderLane(browser, rendersAtOnce) : null;
  const { evidenceChromium = null } = options;
  const evidenceBrowser =
    evidenceChromium === null ? null : await findBrowser({ chromium: evidenceChromium });
  const picturing =
    evidenceBrowser?.is === 'ready' ? await openRenderLane(evidenceBrowser, rendersAtOnce) : null;

  return {
    browser,
    evidenceBrowser,
    fetch: (url, { resolve, proxy, visitor }, signal, want, courtesy, ifChanged) => {
      const as = visitor === undefined ? {} : { as: asVisitor(visitor, url, major) };
      return fetching.run(
        url,
        () => fetcher.fetch(url, { resolve, proxy, ...as }, signal, want, courtesy, ifChanged),
        signal,
      );
    },
    async render(url, { resolve, proxy, visitor }, why, signal, takes = 'evidence', courtesy) {
      const isOther = takes === 'evidence' && picturing !== null;
      const [lane, used] = isOther ? [picturing, evidenceBrowser] : [rendering, browser];
      if (lane === null || used?.is !== 'ready') {
        const detail = browser.is === 'none' ? `there is no browser: ${browser.why}` : 'there is no browser';
        throw new RenderFailedError({ url: url.href, reason: 'internal', detail, mustReplace: false });
      }
      const renderLimits = options.renderLimits === undefined ? {} : { limits: options.renderLimits };
      const renderOptions = {
        reach: { resolve, proxy, lookup },
        userAgent,
        takes,
        browser: `${used.name} ${used.version}`,
        ...renderLimits,
        ...(visitor === undefined ? {} : { visitor }),
        ...(courtesy === undefined ? {} : { courtesy }),
      };
      const shown = (given: Browser) =>
        lane.places.hold((lend) => renderPage(given, url, why, { ...renderOptions, lend }, signal));
      return lane.run(url, shown, signal);
    },
    async close() {
      await Promise.all([fetching.close(), rendering?.close(), picturing?.close()]);
      await fetcher.close();
    },
  };
}

/** Of the newest Chromium that was tried with this version, for visits without a browser of our own. */
const MAJOR_WITHOUT_BROWSER = '143';

/** A visitor's headers; its cookies stay with the site that gave them. */
function asVisitor({ profile, cookie }: Visitor, to: URL, major: string) {
  return (url: URL) => headersFor(profile, url, major, url.host === to.host ? cookie : null);
}

interface Lane<Tool> {
  run<T>(url: URL, work: (tool: Tool) => Promise<T>, signal?: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

async function openFetchLane(atOnce: number): Promise<Lane<null>> {
  const queue = laneQueue<null>();
  const newCrawler = () =>
    new BasicCrawler(
      {
        ...quiet(atOnce),
        requestQueue: queue.forCrawlee,
        // Ten hops, each with its wait and its time.
        requestHandlerTimeoutSecs: TASK_SECONDS + 1800,
        requestHandler: ({ request }) => queue.serve(request, null),
        failedRequestHandler: ({ request }, error) => queue.fail(request, error),
      },
      isolated(),
    );
  return openLane(newCrawler, queue);
}

async function openRenderLane(
  browser: ReadyBrowser,
  atOnce: number,
): Promise<Lane<Browser> & { readonly places: Places }> {
  const places = openPlaces(atOnce);
  const queue = laneQueue<Browser>();
  /** Pages that a browser has shown; Crawlee counts its own, of which there is one a task. */
  const shown = new WeakMap<Browser, number>();
  /** Other tasks of such a browser end with the page that they show. */
  const retired = new WeakSet<Browser>();
  const newCrawler = () =>
    new PlaywrightCrawler(
      {
        // As many again may wait until they are quiet.
        ...quiet(2 * atOnce),
        requestQueue: queue.forCrawlee,
        persistCookiesPerSession: false,
        launchContext: {
          launcher: chromium,
          launchOptions: launchOptions(browser),
          useIncognitoPages: true,
        },
        browserPoolOptions: { useFingerprints: false, retireBrowserAfterPageCount: RENDERS_A_BROWSER },
        // Ten documents, each with its wait.
        requestHandlerTimeoutSecs: TASK_SECONDS + 1800,
        requestHandler: async ({ request, page, crawler: self }) => {
          const own = page.context().browser();
          if (own === null) throw new Error('Crawlee gave a page without a browser.');
          const retire = () => {
            retired.add(own);
            self.browserPool.retireBrowserByPage(page);
          };
          await queue.serve(request, own, {
            most: RENDERS_A_TASK,
            done() {
              const count = (shown.get(own) ?? 0) + 1;
              shown.set(own, count);
              if (count >= RENDERS_A_BROWSER && !retired.has(own)) retire();
            },
            failed(failure) {
              if (!(failure instanceof RenderFailedError) || !failure.facts.mustReplace) return;
              retire();
            },
            mayGoOn: () => !retired.has(own) && own.isConnected(),
          });
        },
        failedRequestHandler: ({ request }, error) => queue.fail(request, error),
      },
      isolated(),
    );
  return { ...(await openLane(newCrawler, queue)), places };
}

/** Pages that one task shows. */
const RENDERS_A_TASK = 20;
/** Pages after which a browser is replaced by a fresh one. */
const RENDERS_A_BROWSER = 100;

/** Everything of Crawlee's that we do ourselves or do not want, off. */
function quiet(atOnce: number) {
  crawleeLog.setLevel(LogLevel.OFF);
  return {
    keepAlive: true,
    minConcurrency: atOnce,
    maxConcurrency: atOnce,
    maxRequestRetries: 0,
    useSessionPool: false,
    retryOnBlocked: false,
    statusMessageLoggingInterval: 3600,
    statusMessageCallback: async () => {},
    statisticsOptions: { persistenceOptions: { enable: false }, logIntervalSecs: 3600 },
    autoscaledPoolOptions: {
      maybeRunIntervalSecs: 0.5,
      autoscaleIntervalSecs: 3600,
      loggingIntervalSecs: null,
    },
    log: new Log({ level: LogLevel.OFF }),
  } as const;
}

/** A configuration of its own for each lane, with nothing on disk and no look at the machine each second. */
function isolated() {
  return new Configuration({
    persistStorage: false,
    purgeOnStart: false,
    systemInfoIntervalMillis: 3_600_000,
    // What Crawlee would take by itself; told, it does not start `ps` to find out, which a container may not have.
    memoryMbytes: Math.ceil(totalmem() / 2 ** 22),
    persistStateIntervalMillis: 3_600_000,
    storageClient: new MemoryStorage({ persistStorage: false, writeMetadata: false }),
  });
}

/** What both crawlers share, as far as a lane needs it. */
type AnyCrawler = Pick<BasicCrawlerType, 'autoscaledPool'> & { run(): Promise<unknown> };

/**
 * Crawlee remembers when each domain was asked last, and takes a request that came before that, by a clock that was put
 * back, for one to be kept and handed in again later: by then nobody knows it, and its owner would wait for ever. When a
 * host may be asked is the visit's to say. Source: `BasicCrawler.delayRequest`, Crawlee 3.18.
 */
const NO_DELAY = { delayRequest: () => false };

/** Before a crawler that ended is replaced, in milliseconds. */
const REPLACE_MS = 1_000;

/**
 * Starts a crawler and resolves once it takes work. Crawlee ends one whose browser does not start, once and for all; what
 * it had is failed and another takes its place, or whatever comes later would wait for ever.
 */
async function openLane<Tool>(newCrawler: () => AnyCrawler, queue: LaneQueue<Tool>): Promise<Lane<Tool>> {
  let isClosed = false;
  let { crawler, ended } = await start();
  queue.onAdded(() => void crawler.autoscaledPool?.notify());
  const running = keepOpen();

  async function start() {
    const before = new Set(process.listeners('SIGINT'));
    const crawler = Object.assign(newCrawler(), NO_DELAY);
    const polled = queue.polled();
    const ended = crawler.run().then(
      () => new LaneClosedError(),
      (error: unknown) => error,
    );
    // A pool that is closed before it began to poll never ends.
    await Promise.race([polled, ended]);
    // Crawlee would pause itself on Ctrl-C; whoever owns the process decides that.
    for (const listener of process.listeners('SIGINT'))
      if (!before.has(listener)) process.off('SIGINT', listener);
    return { crawler, ended };
  }

  async function keepOpen(): Promise<void> {
    for (;;) {
      const error = await ended;
      if (isClosed) return;
      queue.failAll(error);
      await pause(REPLACE_MS);
      if (isClosed) return;
      ({ crawler, ended } = await start());
      // Closed meanwhile: whoever closed it had only the one before to end.
      if (isClosed) await crawler.autoscaledPool?.abort();
    }
  }

  return {
    run<T>(url: URL, work: (tool: Tool) => Promise<T>, signal?: AbortSignal): Promise<T> {
      if (isClosed) return Promise.reject(new LaneClosedError());
      if (signal?.aborted === true) return Promise.reject(signal.reason);
      return new Promise<T>((resolve, reject) => {
        const onAbort = () => {
          if (queue.drop(id)) reject(signal?.reason);
        };
        const ended = () => signal?.removeEventListener('abort', onAbort);
        const id = queue.add(url, {
          work,
          resolve(value) {
            ended();
            resolve(value as T);
          },
          reject(reason) {
            ended();
            reject(reason);
          },
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    async close() {
      isClosed = true;
      queue.end(new LaneClosedError());
      await crawler.autoscaledPool?.abort();
      await running;
    },
  };
}
