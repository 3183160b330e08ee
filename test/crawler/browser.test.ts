import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { findBrowser, launchOptions } from '../../crawler/browser.ts';

afterEach(() => vi.unstubAllEnvs());

describe('findBrowser', () => {
  test('takes no other than the one it was told, and tells what is wrong with it', async () => {
    expect(await findBrowser({ chromium: '/nowhere/chromium' })).toEqual({
      is: 'none',
      why: expect.stringContaining('/nowhere/chromium'),
    });
  });

  test.skipIf(process.getuid?.() !== 0)(
    'starts none as root in production (skipped unless root)',
    async () => {
      vi.stubEnv('NODE_ENV', 'production');
      expect(await findBrowser()).toMatchObject({ is: 'none', why: expect.stringContaining('sandbox') });
    },
  );

  test('gives the browser none of our secrets', async () => {
    vi.stubEnv('DATABASE_URL', 'postgres://kuzet:secret@db.example/kuzet');
    const found = await findBrowser();
    expect(JSON.stringify(found)).not.toContain('secret');
  });
});

const hasPackage =
  process.platform === 'linux' && process.arch === 'x64' && canResolve('@sparticuz/chromium');

function canResolve(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!hasPackage)(
  'the browser inside npm starts and paints Kazakh (skipped without its package)',
  async () => {
    const cacheFolder = await mkdtemp(join(tmpdir(), 'kuzet-browser-'));
    const before = { ...process.env };
    const found = await findBrowser({ only: ['@sparticuz/chromium'], cacheFolder });
    expect(found.is).toBe('ready');
    expect({ ...process.env }).toEqual(before);
    if (found.is !== 'ready') return;
    expect(found.executablePath.startsWith(cacheFolder)).toBe(true);
    const browser = await chromium.launch(launchOptions(found));
    const page = await browser.newPage();
    await page.setContent('<p id=p style="display:inline-block">Әділ Күзет</p>');
    expect(await page.locator('#p').evaluate((it) => it.getBoundingClientRect().width)).toBeGreaterThan(20);
    await browser.close();
    await rm(cacheFolder, { recursive: true, force: true });
  },
);
