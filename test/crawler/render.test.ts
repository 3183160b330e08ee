import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchOptions } from '../../crawler/browser.ts';
import { profileNamed, type Visitor } from '../../crawler/profiles.ts';
import { exposureOf } from '../../crawler/render/pictures.ts';
import { type RenderLimits, renderPage } from '../../crawler/render.ts';
import { type FaultyWeb, startFaultyWeb } from '../web/faults.ts';

const found = await findBrowser();
const skipNote = found.is === 'none' ? ' (skipped: no browser starts here)' : '';

describe.skipIf(found.is === 'none')(`a rendered page${skipNote}`, () => {
  let web: FaultyWeb;
  let browser: Browser;
  beforeAll(async () => {
    web = await startFaultyWeb();
    if (found.is === 'ready') browser = await chromium.launch(launchOptions(found));
  });
  afterAll(async () => {
    await browser.close();
    await web.close();
  });

  const lookup = async () => ['127.0.0.1'];
  const quick: Partial<RenderLimits> = {
    commitSeconds: 20,
    loadSeconds: 1,
    settleSeconds: 0.5,
    stepSeconds: 2,
    totalSeconds: 30,
  };
  const render = (url: string, limits = quick, resolve = web.resolve) =>
    renderPage(browser, new URL(url, 'http://faulty.test'), 'asked', {
      reach: { resolve, proxy: null, lookup },
      userAgent: 'Kuzet/0.1.0',
      limits,
    });

  test('shows what its scripts put there, with two pictures', async () => {
    const page = await render('/script-built');
    expect(page).toMatchObject({
      finalUrl: 'http://faulty.test/script-built',
      status: 200,
      title: 'Built',
      requests: 2,
      blocked: 0,
      why: 'asked',
      isBlank: false,
      scriptsRan: true,
    });
    expect(page.dom).toContain('Put in by script');
    expect(page.text).toContain('Put in by script');
    expect(sizeOf(page.pictures!.viewport)).toEqual([1280, 800]);
  });

  test('comes with what it asked for and got, in order and as received', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/') {
        response.writeHead(302, { location: '/page' });
        response.end();
      } else if (request.url === '/style.css') {
        response.writeHead(200, { 'content-type': 'text/css' });
        response.end('p{color:#024}');
      } else {
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-encoding': 'gzip' });
        response.end(gzipSync('<link rel="stylesheet" href="/style.css"><p>Сәлем'));
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const resolve = { 'traffic.test': `127.0.0.1:${(server.address() as AddressInfo).port}` };
    const { exchanges } = await render('http://traffic.test/', quick, resolve);
    server.closeAllConnections();
    server.close();
    expect(exchanges.map(({ url, status }) => [url, status])).toEqual([
      ['http://traffic.test/', 302],
      ['http://traffic.test/page', 200],
      ['http://traffic.test/style.css', 200],
    ]);
    const page = exchanges[1]!;
    expect(gunzipSync(page.body).toString()).toContain('<p>Сәлем');
    expect(Object.fromEntries(page.responseHeaders)).toMatchObject({ 'content-encoding': 'gzip' });
    expect(page.peer).toBe(resolve['traffic.test']);
    expect(Buffer.from(exchanges[2]!.body).toString()).toBe('p{color:#024}');
  });

  test('for its text alone asks for no pictures, fonts or media, and is not photographed', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(
        request.url === '/'
          ? `<style>@font-face{font-family:F;src:url(/f.woff2)}p{font-family:F;background:url(/bg)}</style><p>Сәлем
            <img src="/a.png"><img src="/nameless"><video src="/v.mp4"></video><script src="/s.js"></script>`
          : 'document.title = "Ran"',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const page = await renderPage(browser, new URL('http://light.test/'), 'empty_shell', {
      reach: {
        resolve: { 'light.test': `127.0.0.1:${(server.address() as AddressInfo).port}` },
        proxy: null,
        lookup,
      },
      userAgent: 'Kuzet/0.1.0',
      limits: quick,
      takes: 'text',
    });
    expect([page.title, page.pictures, page.text, page.isBlank]).toEqual(['Ran', null, null, false]);
    expect(page.refused).toEqual([]);
    expect(page.dom).toContain('Сәлем');
    expect(asked).toEqual(['/', '/s.js']);
    server.closeAllConnections();
    server.close();
  });

  test.each(['text', 'evidence'] as const)(
    'for its %s is read past the names that it takes and what its scripts answer instead',
    async (takes) => {
      const server = createServer((_, response) => {
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
        response.end(`<!DOCTYPE html><title>Пирамида</title><p>Тез табыс <i hidden>unseen</i></p>
          <img name="documentElement"><img name="doctype"><form name="title"></form><script>
          Object.defineProperty(HTMLElement.prototype, 'innerText', { get: () => 'nothing' });
          Object.defineProperty(Element.prototype, 'outerHTML', { get: () => 'nothing' });</script>`);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const page = await renderPage(browser, new URL('http://names.test/'), 'asked', {
        reach: {
          resolve: { 'names.test': `127.0.0.1:${(server.address() as AddressInfo).port}` },
          proxy: null,
          lookup,
        },
        userAgent: 'Kuzet/0.1.0',
        limits: quick,
        takes,
      });
      server.closeAllConnections();
      server.close();
      expect(page.title).toBe('Пирамида');
      expect(page.dom).toMatch(/^<!DOCTYPE html><html><head><title>Пирамида<\/title>/);
      expect(page.dom).toContain('Тез табыс');
      expect(page.text?.trim() ?? null).toBe(takes === 'text' ? null : 'Тез табыс');
      expect(page.scriptsRan).toBe(true);
    },
  );

  test('that takes itself away is shown once more with its scripts off', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end('<p>Тез табыс<script>document.documentElement.remove()</script>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const page = await renderPage(browser, new URL('http://gone.test/'), 'asked', {
      reach: {
        resolve: { 'gone.test': `127.0.0.1:${(server.address() as AddressInfo).port}` },
        proxy: null,
        lookup,
      },
      userAgent: 'Kuzet/0.1.0',
      limits: quick,
      takes: 'text',
    });
    server.closeAllConnections();
    server.close();
    expect(page.dom).toContain('<p>Тез табыс');
    expect(page.scriptsRan).toBe(false);
  });

  test('for its text alone is shown the very same window as for its picture, to Kuzet and to a telephone', async () => {
    const tells = `JSON.stringify([innerWidth, innerHeight, outerWidth, outerHeight, devicePixelRatio, screen.width,
      screen.height, screen.orientation.type, screen.orientation.angle, visualViewport.scale, visualViewport.width,
      document.documentElement.clientWidth, matchMedia('(min-width: 1280px)').matches,
      document.querySelector('p').getBoundingClientRect().width, document.visibilityState, document.hasFocus()])`;
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(
        `<meta name="viewport" content="width=device-width"><p style="width:50vw">Сәлем</p><script>
         requestAnimationFrame(() => { document.title = ${tells} })</script>`,
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const told = async (takes: 'text' | 'evidence', visitor: { visitor?: Visitor }) => {
      const page = await renderPage(browser, new URL('http://window.test/'), 'asked', {
        reach: {
          resolve: { 'window.test': `127.0.0.1:${(server.address() as AddressInfo).port}` },
          proxy: null,
          lookup,
        },
        userAgent: 'Kuzet/0.1.0',
        limits: quick,
        takes,
        ...visitor,
      });
      return JSON.parse(page.title) as unknown[];
    };
    const telephone = { visitor: { profile: profileNamed('mobile'), cookie: null } };
    const own = await told('evidence', {});
    expect([own[0], own[1], own[4]]).toEqual([1280, 800, 1]);
    expect(await told('text', {})).toEqual(own);
    expect(await told('text', telephone)).toEqual(await told('evidence', telephone));
    server.closeAllConnections();
    server.close();
  });

  test('is photographed whole, up to 8,000 pixels, a long one smaller', async () => {
    const { pictures } = await render('/nodes', { ...quick, stepSeconds: 30, totalSeconds: 120 });
    expect(sizeOf(pictures!.viewport)).toEqual([1280, 800]);
    expect(sizeOf(pictures!.full)).toEqual([512, 3200]);
    expect(pictures!.exposure).toMatchObject({ width: 1280, height: 8000, scale: 0.4 });
    expect(pictures!.exposure.of).toBeGreaterThan(8000);
  });

  test.each([
    [{ width: 1280, height: 800 }, 640, { width: 1280, height: 800, of: 800, scale: 1 }],
    [{ width: 1280, height: 800 }, 1600, { width: 1280, height: 1600, of: 1600, scale: 1 }],
    [{ width: 1280, height: 800 }, 1600.4, { width: 1280, height: 1601, of: 1601, scale: 0.5 }],
    [{ width: 1280, height: 800 }, 6400, { width: 1280, height: 6400, of: 6400, scale: 0.5 }],
    [{ width: 1280, height: 800 }, 6401, { width: 1280, height: 6401, of: 6401, scale: 0.4 }],
    [{ width: 412, height: 915 }, 4900, { width: 412, height: 4900, of: 4900, scale: 1 }],
    [{ width: 412, height: 915 }, 70_000, { width: 412, height: 8000, of: 70_000, scale: 0.5 }],
  ])('in a window of %j and %f high, is photographed as %j', (size, pageHeight, exposure) => {
    expect(exposureOf(size, pageHeight)).toEqual(exposure);
  });

  test('keeps the status of its document', async () => {
    expect((await render('/status/404')).status).toBe(404);
  });

  test('reaches nothing inside our own network', async () => {
    const page = await render('/inside');
    expect(page.blocked).toBeGreaterThan(0);
    expect([...web.hits.keys()].filter((url) => url.includes('secret'))).toEqual([]);
  });

  test.each(['/hang', '/alert', '/redirect/meta', '/redirect/script'])(
    'is shown without its scripts when they would hide it: %s',
    async (path) => {
      const page = await render(path);
      expect([page.finalUrl, page.scriptsRan]).toEqual([`http://faulty.test${path}`, false]);
      expect(page.dom).toMatch(/Before the script|One moment/);
    },
  );

  test('leaves its pictures also where it leads to an empty page by itself', async () => {
    const received =
      '<meta http-equiv="refresh" content="0; url=about:blank"><title>Door</title><p>One moment';
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(received);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const resolve = { 'door.test': `127.0.0.1:${(server.address() as AddressInfo).port}` };
    const page = await render('http://door.test/', quick, resolve);
    expect([page.finalUrl, page.title, page.text, page.status, page.scriptsRan]).toEqual([
      'http://door.test/',
      'Door',
      'One moment',
      200,
      false,
    ]);
    expect(sizeOf(page.pictures!.viewport)).toEqual([1280, 800]);
    expect(page.isBlank).toBe(false);
    // Evidence holds what the site said and nothing that was said for it.
    expect(page.exchanges.map(({ body }) => String(body))).toContain(received);
    expect(JSON.stringify(page.exchanges.map((it) => it.responseHeaders))).not.toContain('sandbox');
    server.closeAllConnections();
    server.close();
  });

  test('opens no windows and takes no downloads', async () => {
    expect((await render('/popups')).title).toBe('Faulty web');
    expect((await render('/download/script')).finalUrl).toBe('http://faulty.test/download/script');
    await expect(render('/download')).rejects.toMatchObject({ facts: { reason: 'not_a_page' } });
  });

  test.each([
    'file:///etc/passwd',
    'data:text/html,<p>x',
    'chrome://version',
    'view-source:http://faulty.test/ok',
    'about:blank',
  ])('is never %s', async (url) => {
    await expect(render(url)).rejects.toMatchObject({ facts: { reason: 'bad_url' } });
  });

  test('fails by name where it cannot be opened', async () => {
    await expect(render('https://tls.test/')).rejects.toMatchObject({ facts: { reason: 'tls' } });
    await expect(render('http://refused.test/')).rejects.toMatchObject({ facts: { reason: 'refused' } });
    await expect(render('http://rebind.example/')).rejects.toMatchObject({
      facts: { reason: 'private_address' },
    });
    await expect(render('/slow/headers', { ...quick, commitSeconds: 3 })).rejects.toMatchObject({
      facts: { reason: 'timeout' },
    });
  });

  test('brings nothing along from the page before', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.cookie);
      response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'visitor=7; Max-Age=3600' });
      response.end('<p>Сәлем');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const resolve = { 'cookie.test': `127.0.0.1:${(server.address() as AddressInfo).port}` };
    await render('http://cookie.test/', quick, resolve);
    await render('http://cookie.test/', quick, resolve);
    expect(seen).toEqual([undefined, undefined]);
    server.closeAllConnections();
    server.close();
  });

  test('with a font that never comes is shown all the same, and one that paints nothing is called blank', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/never.woff2') return;
      const words = request.url === '/blank' ? '' : '<p style="font-family:Never">Қаріп келмейді';
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(`<style>@font-face{font-family:Never;src:url(/never.woff2)}</style>${words}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const resolve = { 'font.test': `127.0.0.1:${(server.address() as AddressInfo).port}` };
    const page = await render('http://font.test/', quick, resolve);
    expect(page.dom).toContain('Қаріп келмейді');
    expect((await render('http://font.test/blank', quick, resolve)).isBlank).toBe(true);
    server.closeAllConnections();
    server.close();
  });
});

/** Width and height of a PNG. */
function sizeOf(png: Buffer): [number, number] {
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}
