import { Server } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type FaultyWeb, startFaultyWeb } from '../web/faults.ts';

let web: FaultyWeb;
beforeAll(async () => {
  web = await startFaultyWeb();
});
afterAll(() => web.close());

test('starting the crawler opens no port, and it works where no program can be started', async () => {
  const listen = vi.spyOn(Server.prototype, 'listen');
  const { createCrawler } = await import('../../crawler/lanes.ts');
  const path = process.env['PATH'];
  // As in a container, where there is no `ps` to ask.
  process.env['PATH'] = '';
  const crawler = await createCrawler({ version: '0.1.0', browser: { is: 'none', why: 'not wanted here' } });
  try {
    const settings = { proxy: null, resolve: web.resolve };
    expect((await crawler.fetch(new URL('http://faulty.test/ok'), settings)).status).toBe(200);
    expect(listen.mock.calls).toEqual([]);
  } finally {
    process.env['PATH'] = path;
    await crawler.close();
  }
});
