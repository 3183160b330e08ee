/** One table of what is no address of the web, and every way by which an address comes into Kuzet. */
import { createServer } from 'node:http';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchOptions } from '../../crawler/browser.ts';
import { readPage } from '../../crawler/extract/page.ts';
import { leadOf } from '../../crawler/fetch/leads.ts';
import { createFetcher, type Fetcher } from '../../crawler/fetch.ts';
import { renderPage } from '../../crawler/render.ts';
import { chooseLinks } from '../../crawler/scope.ts';
import { BadUrlError, parseUrl } from '../../domain/url.ts';
import { listen } from '../web/faults.ts';

const REFUSED: readonly string[] = [
  'file:///etc/passwd',
  'file://door.test/share',
  'view-source:http://door.test/in',
  'view-source:file:///etc/passwd',
  'chrome://version',
  'chrome-extension://abcdefghijklmnopabcdefghijklmnop/page.html',
  'devtools://devtools/bundled/inspector.html',
  'about:blank',
  'about:srcdoc',
  'data:text/html,<title>Inner</title>',
  'blob:http://door.test/0196c2f0-0000-7000-8000-000000000001',
  'filesystem:http://door.test/temporary/x.html',
  'javascript:document.title="Inner"',
  'vbscript:msgbox(1)',
  'ftp://door.test/x',
  'gopher://door.test/',
  'ws://door.test/socket',
  'wss://door.test/socket',
  'intent://door.test/#Intent;scheme=http;end',
  'tg://resolve?domain=example',
  'whatsapp://send?text=x',
  'mailto:someone@door.test',
  'tel:+77000000000',
  'ssh://door.test/',
  'ldap://door.test/',
  'magnet:?xt=urn:btih:0',
  'x-custom+1.0:anything',
];
/** Those that a browser shows as a page, if nobody keeps it from it. */
const SHOWN = ['file:///etc/passwd', 'view-source:http://door.test/in', 'chrome://version', REFUSED[9]!];

const found = await findBrowser();
const skipNote = found.is === 'none' ? ' (skipped: no browser starts here)' : '';
const attribute = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

describe('what is no address of the web', () => {
  let fetcher: Fetcher;
  let resolve: Record<string, string>;
  let end: () => void;
  let browser: Browser | null = null;
  let html = '';
  const asked: string[] = [];

  beforeAll(async () => {
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://door.test');
      asked.push(`${request.headers.upgrade ?? request.method} ${pathname}`);
      if (pathname === '/redirect') {
        response.writeHead(302, { location: searchParams.get('to') ?? '' });
        response.end();
        return;
      }
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(html);
    });
    resolve = { '*.test': `127.0.0.1:${await listen(server)}` };
    if (found.is === 'ready') browser = await chromium.launch(launchOptions(found));
    fetcher = createFetcher({ userAgent: 'Kuzet/0.1.0', lookup: async () => ['127.0.0.1'] });
    end = () => {
      server.closeAllConnections();
      server.close();
    };
  });
  afterAll(async () => {
    await browser?.close();
    await fetcher.close();
    end();
  });
  const fetched = (address: string) => fetcher.fetch(new URL(address), { proxy: null, resolve });

  test.each(REFUSED)('is refused by every lane that asks without a browser: %s', async (address) => {
    asked.length = 0;
    // Given to a scan.
    expect(() => parseUrl(address)).toThrow(BadUrlError);
    // A link of a page.
    const page = readPage(`<a href="${attribute(address)}">x</a><p>Words`, 'http://door.test/in');
    const on = { host: 'door.test', pages: 10, limit: 10, risk: 0, depth: 1 };
    expect(chooseLinks(page.links, on)).toEqual([]);
    // A redirect.
    await expect(
      fetched(`http://door.test/redirect?to=${encodeURIComponent(address)}`),
    ).rejects.toMatchObject({
      facts: { reason: 'bad_url' },
    });
    // A meta refresh, and a script, of a page that only leads on.
    const refresh = `<meta http-equiv="refresh" content="0; url=${attribute(address)}">`;
    const script = `<script>location = ${JSON.stringify(address)}</script>`;
    for (const source of [refresh, script]) {
      expect(leadOf(Buffer.from(source), 'text/html', new URL('http://door.test/in'))).toBe(null);
      html = source;
      expect((await fetched('http://door.test/in')).finalUrl).toBe('http://door.test/in');
    }
    expect(new Set(asked)).toEqual(new Set(['GET /redirect', 'GET /in']));
  });

  describe.skipIf(found.is === 'none')(`and by the browser${skipNote}`, () => {
    const render = (address: string, source = '') => {
      html = source;
      asked.length = 0;
      return renderPage(browser!, new URL(address), 'asked', {
        reach: { resolve, proxy: null, lookup: async () => ['127.0.0.1'] },
        userAgent: 'Kuzet/0.1.0',
        takes: 'text',
        limits: { commitSeconds: 30, loadSeconds: 10, settleSeconds: 1, stepSeconds: 10, totalSeconds: 90 },
      });
    };
    const isStill = ({ finalUrl, title }: { finalUrl: string; title: string }) =>
      expect([finalUrl, title]).toEqual(['http://door.test/in', 'Outer']);

    test('when it is sent there', async () => {
      for (const address of REFUSED) {
        await expect(render(address)).rejects.toMatchObject({ facts: { reason: 'bad_url' } });
      }
    });

    test('when a page leads there, by link, script, window or frame, one after another', async () => {
      const tries = REFUSED.filter(
        (address) => !address.startsWith('javascript:') && !address.startsWith('about:'),
      );
      isStill(
        await render(
          'http://door.test/in',
          `<title>Outer</title><h1>Бет</h1><script>
            const tries = ${JSON.stringify(tries).replaceAll('<', '\\u003c')};
            for (const address of tries) {
              try { open(address); } catch {}
              try { const a = document.createElement('a'); a.href = address; a.click(); } catch {}
              try { location.assign(address); } catch {}
            }
          </script>`,
        ),
      );
      expect(new Set(asked)).toEqual(new Set(['GET /in']));
    }, 120_000);

    test.each(SHOWN)(
      'when a meta refresh leads there: %s',
      async (address) => {
        const refresh = `<meta http-equiv="refresh" content="0; url=${attribute(address)}">`;
        isStill(await render('http://door.test/in', `<title>Outer</title>${refresh}<h1>Бет</h1>`));
        expect(new Set(asked)).toEqual(new Set(['GET /in']));
      },
      120_000,
    );
  });
});
