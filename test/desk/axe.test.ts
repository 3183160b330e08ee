/** WCAG 2.2 A and AA by axe-core, on every screen, in three languages and two themes; and the policy, unbroken. */
import axe from 'axe-core';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../../desk/server.ts';
import { chromiumPath, openBrowser } from './browser.ts';
import { DOT, openHouse } from './house.ts';
import { enter, fillForTour, goTo, STOPS } from './tour.ts';

const hasBrowser = chromiumPath() !== null;
const where = hasBrowser ? '' : ' (skipped: no Chromium; set CHROMIUM to the path of one)';
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

describe.skipIf(!hasBrowser)(`every screen of the desk${where}`, async () => {
  const house = await openHouse();
  let browser: Browser;
  let desk: Desk;
  beforeAll(async () => {
    browser = (await openBrowser())!;
    await fillForTour(house, async () => DOT);
    desk = await house.open();
  });
  afterAll(async () => {
    await browser?.close();
    await house.close();
  });

  const langs = ['ru', 'kk', 'en'] as const;
  const themes = ['light', 'dark'] as const;
  test.each(langs.flatMap((lang) => themes.map((theme) => [lang, theme] as const)))(
    'has no violation in %s in the %s theme, and never breaks the policy',
    async (lang, colorScheme) => {
      const found: unknown[] = [];
      for (const login of [null, 'aigerim', 'boss'] as const) {
        const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
        const page = await context.newPage();
        page.on('console', (message) => {
          if (/Content Security Policy|Trusted Type|Permissions-Policy/.test(message.text()))
            found.push(['policy', message.text()]);
        });
        page.on('pageerror', (error) => found.push(['error', error.message]));
        await page.goto(`${desk.url}/log-in?lang=${lang}`);
        if (login !== null) await enter(page, desk, login);
        for (const stop of STOPS.filter((it) => it.as === login)) {
          await goTo(page, desk, stop);
          await page.evaluate(axe.source);
          const { violations, passes } = await page.evaluate(
            (values) =>
              (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
                runOnly: { type: 'tag', values },
              }),
            TAGS,
          );
          expect(passes.length).toBeGreaterThan(10);
          for (const { id, nodes } of violations)
            found.push([stop.name, id, nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))]);
        }
        await context.close();
      }
      expect(found).toEqual([]);
    },
  );
});
