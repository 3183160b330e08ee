/**
 * A page that was rendered in a browser is shown again from our WACZ by ReplayWeb.page, with its style, its
 * picture and what its scripts built.
 *
 * ReplayWeb.page is AGPL and no part of this project: the test uses a copy that somebody unpacked by hand
 * (`npm pack replaywebpage@2.5.3 && tar xzf replaywebpage-2.5.3.tgz`) and named in REPLAYWEBPAGE.
 */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchOptions } from '../../crawler/browser.ts';
import { renderPage } from '../../crawler/render.ts';
import { signWacz, waczFile, waczParts } from '../../evidence/wacz.ts';
import { warcOf } from '../../evidence/warc.ts';

const folder = process.env['REPLAYWEBPAGE'] ?? '';
const found = await findBrowser();
const why =
  found.is === 'none'
    ? 'no browser starts here'
    : existsSync(join(folder, 'sw.js'))
      ? null
      : 'REPLAYWEBPAGE names no unpacked copy';

describe.skipIf(why !== null)(`replay by ReplayWeb.page${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let browser: Browser;
  let looker: Browser | null = null;
  const servers: Server[] = [];
  beforeAll(async () => {
    if (found.is === 'ready') browser = await chromium.launch(launchOptions(found));
  });
  afterAll(async () => {
    await looker?.close();
    await browser.close();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  const serve = async (answer: (asked: IncomingMessage, response: ServerResponse) => void) => {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  test('shows the page as it was seen, though the site is gone', async () => {
    const site = await serve((asked, response) => {
      const [type, body] = SITE[asked.url ?? ''] ?? ['text/plain', ''];
      response.writeHead(SITE[asked.url ?? ''] === undefined ? 404 : 200, { 'content-type': type });
      response.end(body);
    });
    const rendered = await renderPage(browser, new URL('http://altyn.test/'), 'asked', {
      reach: { resolve: { 'altyn.test': site }, proxy: null, lookup: async () => ['127.0.0.1'] },
      userAgent: 'Kuzet/0.1.0',
    });
    const at = rendered.exchanges[0]!.startedAt;
    const warc = warcOf({
      context: { software: 'kuzet/0.1.0', visit: 'v', at, browser: 'Chromium' },
      exchanges: rendered.exchanges,
      resources: [
        { uri: 'urn:view:http://altyn.test/', mediaType: 'image/png', bytes: rendered.pictures!.viewport },
      ],
    });
    const parts = waczParts({
      title: 'K-000001',
      description: '',
      createdAt: at,
      software: 'kuzet/0.1.0',
      warcs: [warc],
      pages: [{ id: '1', url: rendered.finalUrl, at, title: rendered.title }],
      evidence: new Map(),
    });
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const wacz = await waczFile(parts, signWacz(parts, privateKey, 'kuzet/0.1.0', at), []);
    servers[0]!.closeAllConnections();
    servers[0]!.close();

    const viewer = await serve((asked, response) => void answerAsViewer(wacz, asked, response));
    if (found.is === 'none') return;
    // Not through the crawler's closed door: this browser looks at loopback alone.
    const { proxy: _, ...open } = launchOptions(found);
    looker = await chromium.launch(open);
    const page = await looker.newPage();
    const view = new URLSearchParams({ view: 'replay', url: 'http://altyn.test/', ts: '' });
    await page.goto(`http://${viewer}/?source=${encodeURIComponent(`http://${viewer}/page.wacz`)}#${view}`);
    await expect
      .poll(
        () =>
          page
            .frames()
            .find((frame) => frame.url().endsWith('mp_/http://altyn.test/'))
            ?.url(),
        {
          timeout: 30_000,
        },
      )
      .toBeDefined();
    const frame = page.frames().find((each) => each.url().endsWith('mp_/http://altyn.test/'))!;
    await expect
      .poll(() => frame.locator('#built').textContent(), { timeout: 10_000 })
      .toBe('Күніне 3% табыс');
    expect(await frame.locator('h1').evaluate((it) => getComputedStyle(it).color)).toBe('rgb(0, 34, 68)');
    const size = () => frame.locator('img').evaluate((it) => (it as HTMLImageElement).naturalWidth);
    await expect.poll(size).toBe(1);
  }, 90_000);

  async function answerAsViewer(wacz: Buffer, asked: IncomingMessage, response: ServerResponse) {
    const path = new URL(asked.url ?? '/', 'http://viewer.test').pathname;
    if (path === '/page.wacz') {
      const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(asked.headers.range ?? '') ?? [];
      const start = from === undefined ? 0 : Number(from);
      const end = to === undefined || to === '' ? wacz.length - 1 : Math.min(Number(to), wacz.length - 1);
      const part = wacz.subarray(start, end + 1);
      response.writeHead(from === undefined ? 200 : 206, {
        'content-type': 'application/wacz',
        'accept-ranges': 'bytes',
        'content-length': part.length,
        ...(from === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${wacz.length}` }),
      });
      response.end(asked.method === 'HEAD' ? undefined : part);
      return;
    }
    const name = path === '/' ? 'index.html' : path.slice(1);
    if (!/^(index\.html|ui\.js|sw\.js)$/.test(name)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': name.endsWith('.js') ? 'text/javascript' : 'text/html' });
    response.end(await readFile(join(folder, name)));
  }
});

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const SITE: Readonly<Record<string, readonly [type: string, body: string | Buffer]>> = {
  '/': [
    'text/html; charset=utf-8',
    '<!doctype html><title>Алтын</title><link rel="stylesheet" href="/s.css"><h1>Алтын</h1><p id="built"></p><img src="/p.png"><script src="/b.js"></script>',
  ],
  '/s.css': ['text/css', 'h1{color:#024}'],
  '/p.png': ['image/png', Buffer.from(PIXEL, 'base64')],
  '/b.js': [
    'text/javascript; charset=utf-8',
    "fetch('/rate.json').then((it) => it.json()).then((it) => { document.querySelector('#built').textContent = it.words; });",
  ],
  '/rate.json': ['application/json', '{"words":"Күніне 3% табыс"}'],
};
