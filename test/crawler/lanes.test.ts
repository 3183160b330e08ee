import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findBrowser } from '../../crawler/browser.ts';
import { type Crawler, createCrawler, LaneClosedError } from '../../crawler/lanes.ts';
import { RenderFailedError } from '../../crawler/render.ts';
import { type FaultyWeb, startFaultyWeb } from '../web/faults.ts';

const browser = await findBrowser();
const noBrowser = { is: 'none', why: 'none is wanted here' } as const;
const skipNote = browser.is === 'none' ? ' (skipped: no browser starts here)' : '';

let web: FaultyWeb;
beforeAll(async () => {
  web = await startFaultyWeb();
});
afterAll(() => web.close());

const settings = () => ({ proxy: null, resolve: web.resolve });
const site = (path: string) => new URL(path, 'http://faulty.test');

describe('the fetch lane', () => {
  let crawler: Crawler;
  beforeAll(async () => {
    crawler = await createCrawler({ version: '0.1.0', browser: noBrowser, fetchesAtOnce: 8 });
  });
  afterAll(() => crawler.close());

  test('is fed by our own queue, which Crawlee takes for its request queue', async () => {
    const paths = Array.from({ length: 50 }, (_, n) => `/ok?n=${n}`);
    const all = await Promise.all(paths.map((path) => crawler.fetch(site(path), settings())));
    expect(all.map(({ finalUrl }) => finalUrl)).toEqual(paths.map((path) => site(path).href));
    const times = paths.map((path) => web.hits.get(site(path).href));
    expect(times).toEqual(paths.map(() => 1));
  });

  test('hands a failure to the one who asked, once, and works on', async () => {
    // A host of its own: a connection that waited from before would be tried again, as it may have gone stale.
    const asked = crawler.fetch(new URL('http://once.test/broken/empty'), settings());
    await expect(asked).rejects.toMatchObject({ facts: { reason: 'protocol' } });
    expect(web.hits.get('http://once.test/broken/empty')).toBe(1);
    expect((await crawler.fetch(site('/ok'), settings())).status).toBe(200);
  });

  test('reads what is no page when asked to', async () => {
    const fetched = await crawler.fetch(site('/download'), settings(), undefined, 'anything');
    expect(fetched.body.length).toBe(4096);
  });

  test('lets go of what is called off, waiting or begun', async () => {
    const calledOff = new AbortController();
    const slow = Array.from({ length: 12 }, (_, n) =>
      crawler.fetch(site(`/slow/headers?${n}`), settings(), calledOff.signal),
    );
    const reason = new Error('called off');
    calledOff.abort(reason);
    const ends = await Promise.allSettled(slow);
    expect(ends.map((end) => end.status === 'rejected' && end.reason === reason)).toEqual(
      ends.map(() => true),
    );
  });

  test('loses no page when the clock is put back', async () => {
    let at = Date.now();
    const back = vi.spyOn(Date, 'now').mockImplementation(() => {
      at -= 3_600_000;
      return at;
    });
    try {
      const asked = [1, 2, 3].map(() => crawler.fetch(site('/ok'), settings()));
      expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200]);
    } finally {
      back.mockRestore();
    }
  });

  test('without a browser says so when asked to render', async () => {
    const asked = crawler.render(site('/ok'), settings(), 'asked');
    await expect(asked).rejects.toThrow(RenderFailedError);
    await expect(asked).rejects.toThrow('none is wanted here');
  });

  test('writes nothing to disk and takes Ctrl-C from nobody', async () => {
    const before = process.listenerCount('SIGINT');
    const another = await createCrawler({ version: '0.1.0', browser: noBrowser });
    expect(process.listenerCount('SIGINT')).toBe(before);
    await another.close();
    expect(existsSync('storage')).toBe(false);
  });
});

test('a closed crawler turns down what still waits, and what comes later', async () => {
  const crawler = await createCrawler({ version: '0.1.0', browser: noBrowser });
  const waiting = crawler.fetch(site('/slow/headers'), settings());
  await Promise.all([expect(waiting).rejects.toThrow(LaneClosedError), crawler.close()]);
  await expect(crawler.fetch(site('/ok'), settings())).rejects.toThrow(LaneClosedError);
});

describe.skipIf(browser.is === 'none')(`the render lane${skipNote}`, () => {
  let crawler: Crawler;
  const written = vi.spyOn(process.stdout, 'write');
  beforeAll(async () => {
    crawler = await createCrawler({ version: '0.1.0', browser, rendersAtOnce: 2 });
  });
  afterAll(async () => {
    await crawler.close();
    written.mockRestore();
  });

  test('shows pages side by side, each with its own settings', async () => {
    const elsewhere = { proxy: null, resolve: { 'other.test': `127.0.0.1:${web.port}` } };
    const [one, other, refused] = await Promise.allSettled([
      crawler.render(site('/script-built'), settings(), 'empty_shell'),
      crawler.render(new URL('http://other.test/ok'), elsewhere, 'asked'),
      crawler.render(site('/ok'), { proxy: null, resolve: {} }, 'asked'),
    ]);
    expect(one).toMatchObject({ value: { title: 'Built', why: 'empty_shell' } });
    expect(other).toMatchObject({ value: { title: 'All is well' } });
    expect(refused).toMatchObject({ status: 'rejected', reason: { facts: { reason: 'dns' } } });
  });

  test('shows another page while one that has loaded is waited for until it is quiet', async () => {
    if (browser.is !== 'ready') return;
    let answerHeld = () => {};
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      if (request.url === '/held') {
        answerHeld = () => response.end('{}');
        return;
      }
      if (request.url === '/second') answerHeld();
      const first = `<script>fetch('/held').then(() => { document.title = 'Answered' })</script>`;
      response.end(request.url === '/first' ? first : '<title>Second</title>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const reaching = {
      proxy: null,
      resolve: { 'quiet.test': `127.0.0.1:${(server.address() as AddressInfo).port}` },
    };
    const one = await createCrawler({
      version: '0.1.0',
      browser,
      rendersAtOnce: 1,
      renderLimits: { settleSeconds: 60 },
    });
    const shown = ['first', 'second'].map((name) =>
      one.render(new URL(`http://quiet.test/${name}`), reaching, 'asked', undefined, 'text'),
    );
    expect((await Promise.all(shown)).map(({ title }) => title)).toEqual(['Answered', 'Second']);
    await one.close();
    server.closeAllConnections();
    server.close();
  }, 120_000);

  test('takes evidence with the browser named for that, and says which browser showed a page', async () => {
    if (browser.is !== 'ready') return;
    const named = await createCrawler({
      version: '0.1.0',
      browser,
      rendersAtOnce: 1,
      evidenceChromium: browser.executablePath,
    });
    const text = await named.render(site('/ok'), settings(), 'empty_shell', undefined, 'text');
    const evidence = await named.render(site('/ok'), settings(), 'evidence');
    await named.close();
    expect([text.browser, evidence.browser]).toEqual([
      `${browser.name} ${browser.version}`,
      `${browser.executablePath} ${browser.version}`,
    ]);
    expect(evidence.pictures).not.toBe(null);
  }, 120_000);

  test('leaves evidence to its own browser where the one named for that does not start', async () => {
    const named = await createCrawler({
      version: '0.1.0',
      browser,
      rendersAtOnce: 1,
      evidenceChromium: '/nowhere/chromium',
    });
    const evidence = await named.render(site('/ok'), settings(), 'evidence');
    await named.close();
    expect(named.evidenceBrowser).toMatchObject({
      is: 'none',
      why: expect.stringContaining('/nowhere/chromium'),
    });
    expect(evidence.browser).toBe(browser.is === 'ready' ? `${browser.name} ${browser.version}` : null);
  }, 120_000);

  test('goes on after its browser was killed', async () => {
    await crawler.render(site('/ok'), settings(), 'asked');
    expect(killBrowsers()).toBeGreaterThan(0);
    const after = [1, 2, 3].map((n) => crawler.render(site(`/ok?${n}`), settings(), 'asked'));
    const ends = await Promise.allSettled(after);
    expect(ends.some((end) => end.status === 'fulfilled')).toBe(true);
    expect((await crawler.render(site('/ok'), settings(), 'asked')).title).toBe('All is well');
  });

  test('goes on after its browser once did not start', async () => {
    if (browser.is !== 'ready') return;
    const folder = mkdtempSync(join(tmpdir(), 'kuzet-lanes-'));
    const [ailing, wrapper] = [join(folder, 'ailing'), join(folder, 'chromium')];
    writeFileSync(wrapper, `#!/bin/sh\n[ -e ${ailing} ] && exit 1\nexec ${browser.executablePath} "$@"\n`, {
      mode: 0o755,
    });
    const shaky = await createCrawler({
      version: '0.1.0',
      browser: { ...browser, executablePath: wrapper },
      rendersAtOnce: 1,
    });
    try {
      writeFileSync(ailing, '');
      await expect(shaky.render(site('/ok'), settings(), 'asked')).rejects.toThrow();
      rmSync(ailing);
      expect((await shaky.render(site('/ok'), settings(), 'asked')).title).toBe('All is well');
    } finally {
      await shaky.close();
      rmSync(folder, { recursive: true });
    }
  }, 120_000);

  test('says nothing on standard output', () => {
    expect(
      written.mock.calls.map(String).filter((line) => /crawl|browserpool|autoscaled/i.test(line)),
    ).toEqual([]);
  });
});

/** Kills the browsers that this very process started; returns how many. */
function killBrowsers(): number {
  const lines = execFileSync('ps', ['-o', 'pid=,ppid=,args=', '-A'], { encoding: 'utf8' }).trim().split('\n');
  const own = lines.flatMap((line) => {
    const [pid = '', ppid = '', ...args] = line.trim().split(/\s+/);
    return Number(ppid) === process.pid && args.join(' ').includes('--remote-debugging') ? [Number(pid)] : [];
  });
  for (const pid of own) process.kill(pid, 'SIGKILL');
  return own.length;
}
