import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findBrowser, launchOptions } from '../../crawler/browser.ts';
import type { Courtesy, Leave } from '../../crawler/fetch.ts';
import { type Crawler, createCrawler } from '../../crawler/lanes.ts';
import { overuseOf } from '../../crawler/render/watchdog.ts';
import { RENDER_LIMITS, renderPage } from '../../crawler/render.ts';
import { listen } from '../web/faults.ts';

test('a process is ended for a processor kept busy, or memory taken, beyond its limit', () => {
  const limits = { cpuSeconds: 15, memoryBytes: 1_000_000_000 };
  expect(overuseOf(15, 1_000_000_000, limits)).toBe(null);
  expect(overuseOf(15.1, null, limits)).toEqual({
    of: 'processor',
    detail: 'kept a processor busy for more than 15 s',
  });
  expect(overuseOf(1, 1_000_000_001, limits)).toEqual({
    of: 'memory',
    detail: 'took more than 1000 MB of memory',
  });
  expect(overuseOf(0, null, limits)).toBe(null);
});

const found = await findBrowser();
const skipNote = found.is === 'none' ? ' (skipped: no browser starts here)' : '';

const WORDS = '<h1>Бет</h1><p>Before the script</p>';
/** /hold never comes: a page with it is loading until somebody ends it. */
const PAGES: Record<string, string> = {
  '/fine': '<title>Fine</title><h1>Жақсы</h1><script>document.title = "Fine, with scripts"</script>',
  '/miner': `${WORDS}<script>
    const source = URL.createObjectURL(new Blob(['for (;;);']));
    for (let n = 0; n < 4; n += 1) new Worker(source);
  </script><img src="/hold">`,
  '/heap': `${WORDS}<script>const kept = []; for (;;) kept.push(new Array(100_000).fill(kept.length + 0.5));</script>`,
  '/buffers': `${WORDS}<script>
    const kept = [];
    const take = () => { if (kept.push(new Uint8Array(20_000_000).fill(7)) < 50) setTimeout(take, 20); };
    take();
  </script><img src="/hold">`,
  '/hang': `${WORDS}<script>for (;;);</script>`,
  '/away': '<title>Away</title><script>location = "/hop/1"</script><p>Нажмите, если ничего не происходит',
  '/endless': '<title>0</title><script>location = "/hop/1"</script>',
};

describe.skipIf(found.is === 'none')(`a page that would take the machine${skipNote}`, () => {
  let resolve: Record<string, string>;
  const ends: (() => unknown)[] = [];
  const asked: string[] = [];
  /** Only the first who asks for /hold waits. */
  let isHolding = false;
  const patient = {
    commitSeconds: 30,
    loadSeconds: 60,
    settleSeconds: 1,
    stepSeconds: 10,
    totalSeconds: 120,
  };

  beforeAll(async () => {
    const server = createServer((request, response) => {
      const { url = '' } = request;
      asked.push(url);
      if (url === '/hold' && isHolding) {
        isHolding = false;
        return;
      }
      const [, at] = /^\/hop\/(\d+)$/.exec(url) ?? [];
      const next = Number(at) + 1;
      // Every other one by HTTP, the rest by script.
      if (at !== undefined && next % 2 === 0) {
        response.writeHead(302, { location: `/hop/${next}` });
        response.end();
        return;
      }
      const hop = `<title>${at}</title><script>location = "/hop/${next}"</script>`;
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(at === undefined ? (PAGES[url] ?? '') : hop);
    });
    resolve = { '*.test': `127.0.0.1:${await listen(server)}` };
    ends.push(() => {
      server.closeAllConnections();
      server.close();
    });
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  describe('and the browser it is shown in', () => {
    let browser: Browser;
    beforeAll(async () => {
      if (found.is === 'ready') browser = await chromium.launch(launchOptions(found));
      ends.push(() => browser.close());
    });
    const render = (path: string, over: object = {}, courtesy?: Courtesy) => {
      isHolding = true;
      return renderPage(browser, new URL(path, 'http://taker.test'), 'asked', {
        reach: { resolve, proxy: null, lookup: async () => ['127.0.0.1'] },
        userAgent: 'Kuzet/0.1.0',
        limits: { ...patient, ...over },
        ...(courtesy === undefined ? {} : { courtesy }),
      });
    };
    const renderers = async () => {
      const session = await browser.newBrowserCDPSession();
      const { processInfo } = await session.send('SystemInfo.getProcessInfo');
      await session.detach();
      return processInfo.filter(({ type }) => type === 'renderer').length;
    };

    test('is ended when it mines in workers, shown without its scripts, and told of', async () => {
      const use = { ...RENDER_LIMITS.use, cpuSeconds: 3 };
      const page = await render('/miner', { use });
      expect([page.scriptsRan, page.dom.includes('Before the script')]).toEqual([false, true]);
      expect(page.refused).toContainEqual({
        what: 'processor',
        method: null,
        url: 'http://taker.test/miner',
        reason: 'contained',
        detail: 'with its scripts it kept a processor busy for more than 3 s',
        times: 1,
      });
      expect(await renderers()).toBe(0);
    }, 180_000);

    test('is ended when it takes memory outside of its heap', async () => {
      const page = await render('/buffers', { use: { ...RENDER_LIMITS.use, memoryBytes: 400_000_000 } });
      expect([page.scriptsRan, page.refused.map(({ what }) => what)]).toEqual([false, ['memory']]);
      expect(page.pictures).not.toBe(null);
    }, 180_000);

    test('crashes alone when its heap has no end', async () => {
      const page = await render('/heap', { use: { ...RENDER_LIMITS.use, cpuSeconds: 100 } });
      const told = page.refused.map(({ what }) => what);
      // Whichever comes first: its heap has a limit, and so has its process.
      expect(['crash', 'memory']).toContain(told[0]);
      expect([page.scriptsRan, browser.isConnected(), (await render('/fine')).title]).toEqual([
        false,
        true,
        'Fine, with scripts',
      ]);
    }, 180_000);

    test('is followed for ten documents, by redirect and by script, each in its turn', async () => {
      const turns: string[] = [];
      asked.length = 0;
      const page = await render(
        '/endless',
        { loadSeconds: 10 },
        {
          before: async (url, from): Promise<Leave> => {
            turns.push(`${from?.pathname} ${url.pathname}`);
            return { is: 'go', robots: 'allowed' };
          },
          after: () => turns.push('given back'),
        },
      );
      expect(turns.filter((it) => it !== 'given back')).toEqual([
        '/endless /hop/1',
        ...Array.from({ length: 9 }, (_, at) => `/hop/${at + 1} /hop/${at + 2}`),
      ]);
      expect(turns.filter((it) => it === 'given back')).toHaveLength(10);
      expect(asked.filter((it) => it.startsWith('/hop'))).toHaveLength(10);
      expect(page.refused).toContainEqual(
        expect.objectContaining({
          url: 'http://taker.test/hop/11',
          reason: 'redirect_loop',
          detail: 'it leads on more than 10 times',
        }),
      );
    }, 180_000);

    test('stays where it is when robots.txt forbids where it leads, and does not ask for that', async () => {
      asked.length = 0;
      const page = await render(
        '/away',
        { loadSeconds: 5 },
        {
          before: async (): Promise<Leave> => ({
            is: 'refused',
            reason: 'robots',
            detail: 'robots.txt of taker.test asks not to',
          }),
          after: () => undefined,
        },
      );
      expect([page.finalUrl, page.title, new Set(asked)]).toEqual([
        'http://taker.test/away',
        'Away',
        new Set(['/away']),
      ]);
      // Its script had led the browser away from the rest of it.
      expect([page.scriptsRan, page.dom.includes('Нажмите')]).toEqual([false, true]);
      expect(page.refused).toContainEqual(
        expect.objectContaining({ url: 'http://taker.test/hop/1', reason: 'robots' }),
      );
      expect(page.refused.map(({ what }) => what)).not.toContain('hang');
    }, 180_000);
  });

  describe('and the lane', () => {
    let crawler: Crawler;
    let others: readonly number[];
    beforeAll(async () => {
      others = browsersOf(process.pid);
      crawler = await createCrawler({
        version: '0.1.0',
        browser: found,
        rendersAtOnce: 1,
        renderLimits: { ...patient, loadSeconds: 3, stepSeconds: 3 },
      });
      ends.push(() => crawler.close());
    });
    const render = (url: string) => crawler.render(new URL(url), { resolve, proxy: null }, 'asked');
    const isWhole = async () => {
      const page = await render('http://next.test/fine');
      return [page.title, page.scriptsRan, page.pictures !== null, page.refused];
    };

    test('gives the next site a whole page after one that hangs', async () => {
      const page = await render('http://taker.test/hang');
      expect([page.scriptsRan, page.refused.map(({ what }) => what)]).toEqual([false, ['hang']]);
      expect(await isWhole()).toEqual(['Fine, with scripts', true, true, []]);
    }, 180_000);

    test('replaces a browser that dies under a page, and gives the next site a whole page', async () => {
      asked.length = 0;
      isHolding = true;
      const failed = expect(
        crawler.render(new URL('http://taker.test/miner'), { resolve, proxy: null }, 'asked'),
      ).rejects.toMatchObject({ facts: { detail: 'the browser died', mustReplace: true } });
      await vi.waitUntil(() => asked.includes('/hold'), { timeout: 60_000 });
      for (const pid of browsersOf(process.pid)) if (!others.includes(pid)) process.kill(pid, 'SIGKILL');
      await failed;
      expect(await isWhole()).toEqual(['Fine, with scripts', true, true, []]);
    }, 180_000);
  });
});

/** Browsers among the processes that come of one. Source: proc(5), `/proc/PID/stat`: the parent follows name and state. */
function browsersOf(ancestor: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const [, parent] = /^.*\) \S (\d+) /s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
      parents.set(Number(name), Number(parent));
    } catch {
      // It ended meanwhile.
    }
  }
  const isOurs = (pid: number): boolean => {
    const parent = parents.get(pid) ?? 0;
    return parent === ancestor || (parent > 1 && isOurs(parent));
  };
  return [...parents.keys()].filter(isOurs).filter((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      // Its helpers say of which type they are, and go down with it; neither do scripts count that start it.
      return /chrom|headless/i.test(command) && !/--type=|^\/bin\/sh/.test(command);
    } catch {
      return false;
    }
  });
}
