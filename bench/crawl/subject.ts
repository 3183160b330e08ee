/**
 * One crawler at work on the web of `bench/crawl/web.ts`, in a process of its own, so that its CPU time and its
 * memory are its own too.
 *
 *     node --import tsx bench/crawl/subject.ts NAME PAGES HOSTS PORT
 *
 * prints one line of JSON: `{pages, seconds, cpuSeconds, rssMb}`. CPU of browsers that it starts is counted by
 * whoever started it (`bench/crawl.ts`).
 */
import type { Takes } from '../../crawler/render.ts';
import { addressOf, type CrawlWeb } from './web.ts';

/**
 * Ours as it is shipped: from `dist/`, since what runs TypeScript unbuilt wraps every function within a function.
 * Each crawler loads what it needs and no more, as its users' programs do.
 */
const ours = {
  lanes: () => built<typeof import('../../crawler/lanes.ts')>('crawler/lanes.js'),
  browser: () => built<typeof import('../../crawler/browser.ts')>('crawler/browser.js'),
  decode: () => built<typeof import('../../crawler/extract/decode.ts')>('crawler/extract/decode.js'),
  page: () => built<typeof import('../../crawler/extract/page.ts')>('crawler/extract/page.js'),
};

async function built<Module>(path: string): Promise<Module> {
  return (await import(new URL(`../../dist/${path}`, import.meta.url).href)) as Module;
}

/** What runs TypeScript unbuilt also has every stack that Playwright takes, one a call, looked up in source maps. */
process.setSourceMapsEnabled(false);

/** Started once a subject's programs are loaded: no crawler's start-up is in its figures. */
const clock = stopwatch();

function stopwatch() {
  let at = performance.now();
  let before = process.cpuUsage();
  return {
    start() {
      at = performance.now();
      before = process.cpuUsage();
    },
    spent() {
      const { user, system } = process.cpuUsage(before);
      return { seconds: (performance.now() - at) / 1000, cpuSeconds: (user + system) / 1e6 };
    },
  };
}

type Subject = (web: CrawlWeb) => Promise<number>;

const AT_ONCE = 64;

const SUBJECTS: Readonly<Record<string, Subject>> = {
  /** Bytes and nothing else: the limit of fetching from Node. */
  async undici(web) {
    const { Agent, request } = await import('undici');
    clock.start();
    const agent = new Agent({ connections: 1 });
    const all = Array.from({ length: web.pages }, (_, page) => addressOf(page, web));
    await each(all, AT_ONCE, async (url) => {
      const { body } = await request(url, { dispatcher: agent });
      await body.arrayBuffer();
    });
    await agent.close();
    return web.pages;
  },

  /** Our fetch lane with its guard, and the whole page read: links, text, forms, contacts, wallets. */
  async bare(web) {
    const { createCrawler } = await ours.lanes();
    const { decode } = await ours.decode();
    const { readPage } = await ours.page();
    clock.start();
    const crawler = await createCrawler({
      version: 'bench',
      browser: { is: 'none', why: 'bench' },
      fetchesAtOnce: AT_ONCE,
    });
    const settings = { proxy: null, resolve: { '*': `127.0.0.1:${web.port}` } };
    const known = await follow(web, async (url) => {
      const { body, contentType, finalUrl } = await crawler.fetch(new URL(url), settings);
      return readPage(decode(body, contentType).html, finalUrl).links.map(({ href }) => href);
    });
    await crawler.close();
    return known;
  },

  /** CheerioCrawler as its users start it. */
  async cheerio(web) {
    const { CheerioCrawler, Configuration } = await import('crawlee');
    clock.start();
    let pages = 0;
    const crawler = new CheerioCrawler(
      {
        maxRequestsPerCrawl: web.pages,
        async requestHandler({ $, enqueueLinks }) {
          pages += 1;
          $('body').text();
          await enqueueLinks({ strategy: 'all' });
        },
      },
      new Configuration({ persistStorage: false }),
    );
    await crawler.run([addressOf(0, web)]);
    return pages;
  },

  'render ours, evidence': (web) => renderOurs(web, 'evidence'),
  'render ours, text': (web) => renderOurs(web, 'text'),

  /** PlaywrightCrawler as its users start it, on the same browser; it takes the text and a picture too. */
  async 'render playwright'(web) {
    const { Configuration, PlaywrightCrawler } = await import('crawlee');
    const { chromium } = await import('playwright');
    const { findBrowser, launchOptions } = await ours.browser();
    clock.start();
    const browser = await findBrowser();
    if (browser.is === 'none') throw new Error(browser.why);
    const { executablePath, chromiumSandbox, headless } = launchOptions(browser);
    let pages = 0;
    const crawler = new PlaywrightCrawler(
      {
        launchContext: { launcher: chromium, launchOptions: { executablePath, chromiumSandbox, headless } },
        async requestHandler({ page }) {
          await page.content();
          await page.screenshot();
          pages += 1;
          if (pages === web.pages) mark('done');
        },
      },
      new Configuration({ persistStorage: false }),
    );
    mark('started');
    await crawler.run(Array.from({ length: web.pages }, (_, page) => addressOf(page, web, 'shell')));
    return pages;
  },
};

async function renderOurs(web: CrawlWeb, takes: Takes): Promise<number> {
  const { createCrawler } = await ours.lanes();
  clock.start();
  const crawler = await createCrawler({ version: 'bench', rendersAtOnce: 2 });
  const settings = { proxy: null, resolve: { '*': `127.0.0.1:${web.port}` } };
  mark('started');
  const all = Array.from({ length: web.pages }, (_, page) => new URL(addressOf(page, web, 'shell')));
  const shown = await Promise.all(all.map((url) => crawler.render(url, settings, 'asked', undefined, takes)));
  mark('done');
  await crawler.close();
  return shown.filter(({ dom }) => dom.includes('Продаём')).length;
}

/** For whoever counts the CPU of browsers too: before the first page is asked for, and after the last. */
function mark(event: 'started' | 'done'): void {
  console.log(JSON.stringify({ event }));
}

/** From page 0 over links until all pages were read; each is read once. */
async function follow(web: CrawlWeb, read: (url: string) => Promise<readonly string[]>): Promise<number> {
  const seen = new Set([addressOf(0, web)]);
  const waiting = [...seen];
  let running = 0;
  let done = 0;
  await new Promise<void>((resolve, reject) => {
    const more = () => {
      while (running < AT_ONCE && waiting.length > 0) {
        running += 1;
        read(waiting.shift()!).then((links) => {
          for (const link of links) {
            if (seen.has(link)) continue;
            seen.add(link);
            waiting.push(link);
          }
          running -= 1;
          done += 1;
          more();
        }, reject);
      }
      if (running === 0) resolve();
    };
    more();
  });
  return done;
}

async function each<T>(all: readonly T[], atOnce: number, work: (it: T) => Promise<void>): Promise<void> {
  const rest = all[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const it of { [Symbol.iterator]: () => rest }) await work(it);
    }),
  );
}

const [name = '', pages, hosts, port] = process.argv.slice(2);
const subject = SUBJECTS[name];
if (subject === undefined)
  throw new Error(`No subject is called "${name}": ${Object.keys(SUBJECTS).join(', ')}.`);
const read = await subject({ pages: Number(pages), hosts: Number(hosts), port: Number(port) });
const told = {
  pages: read,
  ...clock.spent(),
  rssMb: process.resourceUsage().maxRSS / 1024,
};
console.log(JSON.stringify(told));
process.exit(0);
