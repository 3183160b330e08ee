/** One pace for a host, whoever asks it: several worker processes, one of them killed, one web that counts. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { PauseLine, ScanEvent, ScanToldLine } from '../../cli/asks/scans.ts';
import { countVisits } from '../../demo/visits.ts';
import { postgresMissing, startPostgres } from '../engines/postgres.ts';
import { redisMissing, startRedis } from '../engines/redis.ts';
import { type Home, openHome } from './kuzet.ts';

const DOORS = 12;
const DELAY_MS = 150;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Every `door-N.test` leads to a page of `shared.test`, which has pages of its own. */
async function countingWeb() {
  const visits = countVisits();
  const server = createServer((request, response) => {
    const url = visits.note(request, response);
    if (url.pathname === '/robots.txt') return void response.end('User-agent: *\nDisallow: /private\n');
    if (url.hostname.startsWith('door-')) {
      response.writeHead(302, { location: `http://shared.test/from/${url.hostname}` });
      return void response.end();
    }
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<title>Шамдар</title><p>Шамдар ${url.pathname}</p>`);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { visits, resolve: `*.test=127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const seeds = [
  ...Array.from({ length: DOORS }, (_, n) => `http://door-${n}.test/`),
  ...Array.from({ length: 4 }, (_, n) => `http://shared.test/own/${n}`),
].join('\n');

function scanArgs(resolve: string): string[] {
  const delay = String(DELAY_MS / 1000);
  return ['scan', '--file', '-', '--resolve', resolve, '--delay', delay, '--render', 'never'];
}

async function serveHome(): Promise<Home> {
  const pg = (await startPostgres())!;
  closing.push(() => pg.stop());
  const queue = (await startRedis())!;
  closing.push(() => queue.stop());
  const home = openHome({ DATABASE_URL: pg.url, REDIS_URL: queue.url });
  closing.push(() => home.close());
  return home;
}

const missing = postgresMissing ?? redisMissing;
describe.skipIf(missing !== null)(
  `a host that counts${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    test('never sees two requests closer than its delay, from four processes of which two are killed and one comes back', async () => {
      const web = await countingWeb();
      const home = await serveHome();
      const workers = Array.from({ length: 4 }, () => home.start(['serve', '--only', 'workers']));
      await Promise.all(workers.map((worker) => worker.said(/Working/)));
      const scan = home.start([...scanArgs(web.resolve), '--no-work'], seeds);
      await scan.said(/^captured/);
      await workers[0]!.kill();
      home.start(['serve', '--only', 'workers']);
      const shared = () => [...web.visits.hits.keys()].filter((url) => url.startsWith('http://shared.test/'));
      await vi.waitFor(() => expect(shared().length).toBeGreaterThan(4), { timeout: 120_000, interval: 50 });
      await workers[1]!.kill();
      const ended = await scan.ended;
      expect(ended.out).toContain(`${DOORS + 4} captured, 0 failed, 0 skipped`);
      const manners = web.visits.manners.get('shared.test')!;
      expect(manners.mostInFlight).toBe(1);
      expect(manners.smallestGapMs).toBeGreaterThanOrEqual(DELAY_MS);
    }, 600_000);

    test('sees nobody while visits are held, and everybody afterwards', async () => {
      const web = await countingWeb();
      const home = await serveHome();
      const worker = home.start(['serve', '--only', 'workers']);
      await worker.said(/Working/);
      const { lines: held } = await home.ask<PauseLine>([
        'pause',
        '--by',
        'aigerim',
        '--reason',
        'a complaint',
      ]);
      expect(held).toEqual([
        {
          event: 'paused',
          already: false,
          pause: { at: expect.any(String), by: 'aigerim', reason: 'a complaint' },
        },
      ]);
      const scan = await home.ask<ScanEvent>([...scanArgs(web.resolve), '--no-work'], seeds);
      expect(scan.code).toBe(1);
      expect(scan.lines).toContainEqual({ event: 'resting', hosts: DOORS + 1, until: null, isPaused: true });
      expect([...web.visits.hits.keys()]).toEqual([]);
      const { lines: released } = await home.ask<PauseLine>(['resume', '--by', 'aigerim']);
      expect(released).toEqual([{ event: 'resumed', already: false, pause: null }]);
      const rest = await home.ask<ScanEvent>(['scan', '--resume', '--no-work']);
      expect(rest.lines.at(-1)).toMatchObject({ event: 'done', counts: { due: 0, failed: 0 } });
      expect((await home.run(['ledger', 'verify'])).code).toBe(0);
    });

    test('sees no more than the request under way once the scan is stopped, and every address has its line', async () => {
      const web = await countingWeb();
      const home = await serveHome();
      const worker = home.start(['serve', '--only', 'workers']);
      await worker.said(/Working/);
      const many = Array.from({ length: 400 }, (_, n) => `http://shared.test/own/${n}`).join('\n');
      const scan = home.start([...scanArgs(web.resolve), '--pages', '400', '--no-work'], many);
      await scan.said(/^captured/);
      const { lines: before } = await home.ask<ScanToldLine>(['scans']);
      expect(before).toMatchObject([{ hosts: 1, source: null, stopped: null }]);
      const order = ['scans', 'stop', before[0]!.id, '--by', 'aigerim', '--reason', 'the wrong list'];
      const { lines: stopped } = await home.ask<{ is: string; scan: ScanToldLine }>(order);
      const seenThen = web.visits.hits.size;
      expect(stopped).toMatchObject([
        { is: 'stopped', scan: { stopped: { by: 'aigerim', reason: 'the wrong list' } } },
      ]);
      const { out, code } = await scan.ended;
      const [, captured, failed, skipped] = /(\d+) captured, (\d+) failed, (\d+) skipped/
        .exec(out)!
        .map(Number);
      expect([captured! + skipped!, failed, code]).toEqual([400, 0, 1]);
      expect(skipped).toBeGreaterThan(0);
      expect(out).toContain('(stopped: aigerim stopped the scan: the wrong list)');
      // The page in hand, and one that was asked for while the stop was on its way.
      expect(web.visits.hits.size).toBeLessThanOrEqual(seenThen + 2);
      expect((await home.run(['scans', 'stop', before[0]!.id, '--reason', 'again'])).out).toContain(
        'through already',
      );
      const unknown = await home.run([
        'scans',
        'stop',
        before[0]!.id.replace(/.$/, (it) => (it === '0' ? '1' : '0')),
        '--reason',
        'x',
      ]);
      expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('"kuzet scans" lists')]);
      expect((await home.run(['scans', 'stop', 'x', '--reason', 'x'])).code).toBe(2);
      expect((await home.run(['ledger', 'verify'])).code).toBe(0);
    });
  },
);
