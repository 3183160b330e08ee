import { describe, expect, test } from 'vitest';
import { FetchFailedError } from '../../crawler/fetch.ts';
import { readRobots, robotsAllow } from '../../crawler/robots.ts';

const now = new Date('2026-05-04T06:00:00Z');
const page = new URL('https://shop.test/goods?id=1');
const says = (status: number, text = '') =>
  readRobots(page, async () => ({ status, body: Buffer.from(text) }), now);
const failing = (reason: 'timeout' | 'dns' | 'refused' | 'tls' | 'redirect_loop') => {
  const failure = new FetchFailedError({ url: page.href, reason, detail: 'so it was', exchanges: [] });
  return readRobots(page, () => Promise.reject(failure), now);
};

describe('robots.txt', () => {
  test('is asked for at the root of the host', async () => {
    const asked: string[] = [];
    await readRobots(
      page,
      async (url) => {
        asked.push(url.href);
        return { status: 404, body: Buffer.alloc(0) };
      },
      now,
    );
    expect(asked).toEqual(['https://shop.test/robots.txt']);
  });

  test('is obeyed: our own group before the one for all', async () => {
    const stance = await says(
      200,
      'User-agent: *\nDisallow: /\n\nUser-agent: Kuzet\nDisallow: /admin/\nCrawl-delay: 3',
    );
    expect(stance).toMatchObject({ allows: 'by_rules', crawlDelaySeconds: 3, status: 200 });
    expect(robotsAllow(stance, 'https://shop.test/goods')).toBe(true);
    expect(robotsAllow(stance, 'https://shop.test/admin/users')).toBe(false);
    expect(robotsAllow(stance, 'http://shop.test/admin/users')).toBe(false);
  });

  test('that is missing allows everything; one that fails allows nothing for now', async () => {
    expect(robotsAllow(await says(404), page.href)).toBe(true);
    expect(robotsAllow(await says(403), page.href)).toBe(true);
    expect(robotsAllow(await says(500), page.href)).toBe(false);
    expect(await failing('timeout')).toMatchObject({
      status: null,
      allows: 'nothing',
      failure: { reason: 'timeout' },
    });
  });

  test('forbids nothing where no connection comes about, so that the page tells its own reason', async () => {
    for (const reason of ['dns', 'refused', 'tls', 'redirect_loop'] as const) {
      expect(await failing(reason)).toMatchObject({ status: null, allows: 'all' });
    }
  });

  test('is no stance when the visit itself was called off', async () => {
    const calledOff = new Error('called off');
    await expect(readRobots(page, () => Promise.reject(calledOff), now)).rejects.toBe(calledOff);
  });

  test('with ten thousand agents and ten thousand rules keeps only what is for us', async () => {
    const agents = Array.from({ length: 10_000 }, (_, n) => `User-agent: bot${n}`).join('\n');
    const rules = Array.from({ length: 10_000 }, (_, n) => `Disallow: /${n}`).join('\n');
    const stance = await says(200, `${agents}\n${rules}\nUser-agent: *\nDisallow: /x`);
    expect(stance.rules).toBe('User-agent: *\nDisallow: /x');
  });

  test('keeps what is for us, however much is for all', async () => {
    const anyones = Array.from({ length: 30_000 }, (_, n) => `Disallow: /${n}`).join('\n');
    const stance = await says(200, `User-agent: *\n${anyones}\n\nUser-agent: Kuzet\nDisallow: /admin/`);
    expect(robotsAllow(stance, 'https://shop.test/admin/users')).toBe(false);
  });

  test('is read up to 500 KiB, whatever it holds', async () => {
    const late = `${'# filler\n'.repeat(60_000)}User-agent: *\nDisallow: /`;
    expect(robotsAllow(await says(200, late), page.href)).toBe(true);
    const noise = await says(200, '\u0000\uFFFD{"html": "<html>"}\nDisallow\nUser-agent');
    expect(robotsAllow(noise, page.href)).toBe(true);
  });
});
