import { describe, expect, test } from 'vitest';
import { readRobots, robotsAllow } from '../../crawler/robots.ts';

const now = new Date('2026-05-04T06:00:00Z');
const page = new URL('https://shop.test/goods?id=1');
const says = (status: number, text = '') =>
  readRobots(page, async () => ({ status, body: Buffer.from(text) }), now);

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
    const silent = await readRobots(page, async () => Promise.reject(new Error('no answer')), now);
    expect(silent).toMatchObject({ status: null, allows: 'nothing' });
  });

  test('is read up to 500 KiB, whatever it holds', async () => {
    const late = `${'# filler\n'.repeat(60_000)}User-agent: *\nDisallow: /`;
    expect(robotsAllow(await says(200, late), page.href)).toBe(true);
    const noise = await says(200, '\u0000\uFFFD{"html": "<html>"}\nDisallow\nUser-agent');
    expect(robotsAllow(noise, page.href)).toBe(true);
  });
});
