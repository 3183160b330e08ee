import { Server } from 'node:net';
import { expect, test, vi } from 'vitest';

test('starting the crawler opens no port', async () => {
  const listen = vi.spyOn(Server.prototype, 'listen');
  const { createCrawler } = await import('../../crawler/lanes.ts');
  const crawler = await createCrawler({ version: '0.1.0', browser: { is: 'none', why: 'not wanted here' } });
  expect(listen.mock.calls).toEqual([]);
  await crawler.close();
});
