import { createServer, type Server } from 'node:http';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findBrowser, launchOptions } from '../../crawler/browser.ts';
import { createFetcher, type Fetcher, FetchFailedError } from '../../crawler/fetch.ts';
import { WEB_PORTS } from '../../crawler/guard.ts';
import { renderPage } from '../../crawler/render.ts';
import { listen } from '../web/faults.ts';
import { PRIVATE_URLS } from '../web/private-urls.ts';

const found = await findBrowser();
const skipNote = found.is === 'none' ? ' (skipped: no browser starts here)' : '';

/** Names that some name server gives a private address, alone or among public ones. */
const REBINDING: Readonly<Record<string, readonly string[]>> = {
  'loopback.example': ['127.0.0.1'],
  'mixed.example': ['93.184.215.14', '127.0.0.1'],
  'six.example': ['::1'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'nat64.example': ['64:ff9b::7f00:1'],
  'metadata.example': ['169.254.169.254'],
};
const lookup = async (host: string) => REBINDING[host] ?? [];

describe('a place inside our own network', () => {
  const reached: string[] = [];
  const servers: Server[] = [];
  let inner: number;
  let resolve: Record<string, string>;
  let fetcher: Fetcher;
  let browser: Browser | null = null;
  let page = '';

  beforeAll(async () => {
    const victim = () =>
      createServer((request, response) => {
        reached.push(`${request.headers.host}${request.url}`);
        response.end('a secret');
      });
    inner = await listenOnWebPort(victim, servers);
    const outer = createServer((request, response) => {
      const to = new URL(request.url ?? '', 'http://outer.test').searchParams.get('to');
      response.writeHead(to === null ? 200 : 302, {
        'content-type': 'text/html; charset=utf-8',
        ...(to === null ? {} : { location: Buffer.from(to).toString('latin1') }),
      });
      response.end(page);
    });
    servers.push(outer);
    resolve = { 'outer.test': `127.0.0.1:${await listen(outer)}` };
    if (found.is === 'ready') browser = await chromium.launch(launchOptions(found));
    fetcher = createFetcher({ userAgent: 'Kuzet/0.1.0', lookup });
  });
  afterAll(async () => {
    await fetcher.close();
    await browser?.close();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });
  beforeEach(() => {
    reached.length = 0;
  });

  /** Where the victim listens, in every spelling. */
  const spellings = () => [
    ...PRIVATE_URLS.filter((url) => !/:\d+\/$/.test(url)).map((url) => url.replace(/\/$/, `:${inner}/`)),
    ...Object.keys(REBINDING).map((host) => `http://${host}:${inner}/`),
  ];

  test('is spelt in more than 60 ways here', () => {
    expect(spellings().length).toBeGreaterThan(60);
  });

  test('is fetched in none of them, asked for or redirected to', async () => {
    const outcomes = new Set<string>();
    for (const url of spellings()) {
      for (const start of [url, `http://outer.test/?to=${encodeURIComponent(url)}`]) {
        const end = await fetcher
          .fetch(new URL(start), { proxy: null, resolve })
          .catch((error: unknown) => error);
        outcomes.add(end instanceof FetchFailedError ? end.facts.reason : `${url}: ${String(end)}`);
      }
    }
    expect([...outcomes]).toEqual(['private_address']);
    expect(reached).toEqual([]);
  });

  describe.skipIf(found.is === 'none')(`in a browser${skipNote}`, () => {
    const show = (html: string) => {
      page = html;
      return renderPage(browser!, new URL('http://outer.test/'), 'asked', {
        reach: { resolve, proxy: null, lookup },
        userAgent: 'Kuzet/0.1.0',
        limits: { loadSeconds: 20, stepSeconds: 20, totalSeconds: 60 },
      });
    };

    test('is loaded in none of them: picture, frame, script, fetch, redirect or socket', async () => {
      const all = spellings();
      const shown = await show(`<title>Outer</title><script>
        for (const [at, url] of ${JSON.stringify(all)}.entries()) {
          const picture = document.createElement('img');
          picture.src = url + '?picture' + at;
          const frame = document.createElement('iframe');
          // Frames cost the browser most, so not every spelling has one.
          if (at % 8 === 0) frame.src = url + '?frame' + at;
          const script = document.createElement('script');
          script.src = '/?to=' + encodeURIComponent(url + '?script' + at);
          document.documentElement.append(picture, frame, script);
          fetch(url + '?fetch' + at, { mode: 'no-cors' }).catch(() => {});
          try { new WebSocket(url.replace('http', 'ws')); } catch {}
        }
      </script>`);
      expect(shown.title).toBe('Outer');
      expect(reached).toEqual([]);
      expect(shown.blocked).toBeGreaterThan(all.length);
      const reasons = new Set(shown.refused.map(({ reason }) => reason));
      // A socket to a name is refused for what it is, before the name is looked up.
      reasons.delete('websocket');
      expect([...reasons]).toEqual(['private_address']);
    });

    test('no more than files, the browser’s own pages and sources are shown within a page', async () => {
      const places = [
        'file:///etc/passwd',
        'view-source:file:///etc/passwd',
        'chrome://version',
        'chrome://settings',
      ];
      const shown = await show(`<title>Outer</title>
        ${places.map((place) => `<iframe src="${place}"></iframe><a href="${place}">x</a><object data="${place}"></object>`).join('')}
        <script>
          for (const place of ${JSON.stringify(places)}) {
            fetch(place).then((it) => it.text()).then((text) => { document.title = text; }, () => {});
          }
          for (const link of document.links) link.click();
          open('file:///etc/passwd');
          try { location = 'file:///etc/passwd'; } catch {}
        </script>`);
      expect([shown.finalUrl, shown.title]).toEqual(['http://outer.test/', 'Outer']);
      expect(shown.exchanges.map(({ url }) => url)).toEqual(['http://outer.test/']);
      expect(shown.dom).not.toContain('root:');
    });
  });
});

/** The victim must listen where the guard lets sites be: on IPv4 and, where there is one, on IPv6 loopback. */
async function listenOnWebPort(victim: () => Server, servers: Server[]): Promise<number> {
  for (const port of [...WEB_PORTS].reverse()) {
    const four = victim();
    if (!(await listensOn(four, port, '127.0.0.1'))) continue;
    servers.push(four);
    const six = victim();
    if (await listensOn(six, port, '::1')) servers.push(six);
    return port;
  }
  throw new Error(`None of the ports ${WEB_PORTS.join(', ')} is free on this machine.`);
}

function listensOn(server: Server, port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, host, () => resolve(true));
  });
}
