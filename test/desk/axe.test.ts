/** WCAG 2.2 A and AA by axe-core, on every screen, in three languages and two themes; and the policy, unbroken. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBazaar } from './bazaar.ts';
import { chromiumPath, openBrowser } from './browser.ts';
import { DOT, openHouse } from './house.ts';
import { openRiver } from './river.ts';
import { enter, fillForTour, goTo, LOOKERS, STOPS, type Stop } from './tour.ts';

const hasBrowser = chromiumPath() !== null;
const where = hasBrowser ? '' : ' (skipped: no Chromium; set CHROMIUM to the path of one)';
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const LANGS = ['ru', 'kk', 'en'] as const;
/** A theme changes colours alone, and nothing that the other rules look at. Source: axe-core, tag `cat.color`. */
const COLOURS = axe
  .getRules(['cat.color'])
  .filter(({ tags }) => tags.some((tag) => TAGS.includes(tag)))
  .map(({ ruleId }) => ruleId);
/**
 * Colours are the same in every language, and so is what a screen is built of: the dark theme is asked for in the first, the
 * second and the third have every other screen between them. `KUZET_AXE=whole` asks for all of it.
 */
const isWhole = process.env['KUZET_AXE'] === 'whole';
const isWalked = (lang: (typeof LANGS)[number], at: number) =>
  isWhole || lang === LANGS[0] || at % 2 === LANGS.indexOf(lang) % 2;
/** Generous: a walk opens every screen, and the machine may be busy. */
const WALK_MS = 300_000;

describe.skipIf(!hasBrowser)(`every screen of the desk${where}`, async () => {
  const house = await openHouse();
  const river = await openRiver(house);
  const { actions, evidence } = river;
  const bazaar = openBazaar(house);
  const desk = await house.open({
    ...{ firstRun: { token: 'printed-token' }, actions, evidence, market: bazaar.door },
  });
  const found: unknown[] = [];
  let browser: Browser;
  beforeAll(async () => {
    browser = (await openBrowser())!;
  });
  afterAll(async () => {
    await browser?.close();
    await house.close();
    river.close();
  });

  /** A window that keeps what breaks the policy, and errors of scripts. */
  const openWindow = async (): Promise<Page> => {
    const page = await browser.newPage({ reducedMotion: 'reduce' });
    page.on('console', (message) => {
      if (/Content Security Policy|Trusted ?Type|Permissions[- ]Policy/i.test(message.text()))
        found.push(['policy', page.url(), message.text()]);
    });
    page.on('pageerror', (error) => found.push(['error', page.url(), error.message]));
    return page;
  };
  const look = async (page: Page, stop: Stop, themes: readonly ('light' | 'dark')[] = ['light', 'dark']) => {
    await page.emulateMedia({ colorScheme: 'light' });
    await goTo(page, desk, stop);
    await page.evaluate(axe.source);
    const rules = { light: { type: 'tag', values: TAGS }, dark: { type: 'rule', values: COLOURS } } as const;
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme });
      const { violations, passes } = await page.evaluate(
        ({ type, values }) =>
          (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
            runOnly: { type, values: [...values] },
            resultTypes: ['violations'],
          }),
        rules[colorScheme],
      );
      const ids = passes.map(({ id }) => id);
      expect(ids).toContain('color-contrast');
      if (colorScheme === 'light') expect(ids.length).toBeGreaterThan(10);
      for (const { id, nodes } of violations)
        found.push([stop.name, colorScheme, id, nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))]);
    }
  };

  test('has no violation before anybody has an account', { timeout: WALK_MS }, async () => {
    const page = await openWindow();
    for (const lang of LANGS) {
      await look(page, { name: `setup ${lang}`, path: `/setup?token=printed-token&lang=${lang}`, as: null });
      await look(page, { name: `log-in ${lang}`, path: '/log-in', as: null });
    }
    await page.close();
    expect(found.splice(0)).toEqual([]);
  });

  describe('with cases', () => {
    const windows = new Map<Stop['as'], Page>();
    beforeAll(async () => {
      await fillForTour(
        house,
        river,
        bazaar,
        async () => DOT,
        async () => null,
      );
      for (const login of LOOKERS) {
        const page = await openWindow();
        if (login !== null) await enter(page, desk, login);
        windows.set(login, page);
      }
    }, WALK_MS);

    test.each(LANGS)(
      'has no violation in %s, and never breaks the policy',
      { timeout: WALK_MS },
      async (lang) => {
        for (const page of windows.values()) await page.goto(`${desk.url}/log-in?lang=${lang}`);
        // Each walks in a window of their own, so that one waits for the network while another is looked at.
        const walk = async ([login, page]: [Stop['as'], Page]) => {
          const stops = STOPS.filter(({ as }, at) => as === login && isWalked(lang, at));
          for (const stop of stops) {
            await look(page, stop, isWhole || lang === LANGS[0] ? undefined : ['light']);
            expect(await page.locator('html').getAttribute('lang')).toBe(lang);
          }
        };
        await Promise.all([...windows].map(walk));
        expect(found.splice(0)).toEqual([]);
      },
    );
  });

  test('is told of a violation, and of a breach of the policy, where there is one', {
    timeout: WALK_MS,
  }, async () => {
    const page = await openWindow();
    const act = (at: Page) =>
      at.evaluate(() => {
        document.querySelector('h1')!.style.color = 'var(--line)';
        document.body.setAttribute('style', 'margin: 1px');
      });
    await look(page, { name: 'faint', path: '/log-in', as: null, act });
    await page.close();
    expect(found.splice(0)).toEqual([
      ['policy', `${desk.url}/log-in`, expect.stringContaining('style-src')],
      ['faint', 'light', 'color-contrast', [expect.stringContaining('<h1')]],
      ['faint', 'dark', 'color-contrast', [expect.stringContaining('<h1')]],
    ]);
  });
});
