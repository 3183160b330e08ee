/**
 * Pictures of the desk's screens, for people to look at:
 *
 *     node --import tsx test/desk/screens.ts OUT [NAME…]
 *
 * Fills a store in memory with made-up cases, opens the desk and writes PNG files into the folder OUT: each screen in
 * Russian, Kazakh and English, light and dark, and the main ones on a narrow window.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBazaar } from './bazaar.ts';
import { openBrowser } from './browser.ts';
import { openHouse } from './house.ts';
import { drawn } from './made.ts';
import { openRiver } from './river.ts';
import { enter, fillForTour, goTo, LOOKERS, STOPS } from './tour.ts';

const [OUT, ...only] = process.argv.slice(2);
if (OUT === undefined) {
  process.stderr.write('Give the folder to write to: node --import tsx test/desk/screens.ts OUT\n');
  process.exit(2);
}
const stops = STOPS.filter(({ name }) => only.length === 0 || only.includes(name));
const NARROW = [
  'cases',
  'case',
  'case-deciding',
  'batches',
  'next-batch',
  'batch',
  'appeals',
  'rings',
  'ring',
  'deliveries',
];

const browser = await openBrowser();
if (browser === null) {
  process.stderr.write('No Chromium was found. Set CHROMIUM to the path of one.\n');
  process.exit(1);
}
const house = await openHouse();
const river = await openRiver(house);
const bazaar = openBazaar(house);
try {
  const drawing = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await fillForTour(house, river, bazaar, async (made) => {
    await drawing.setContent(drawn(made));
    return drawing.screenshot();
  });
  await drawing.close();
  const { actions, evidence } = river;
  const desk = await house.open({ actions, evidence, market: bazaar.door });
  await mkdir(OUT, { recursive: true });
  for (const lang of ['ru', 'kk', 'en'] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const login of LOOKERS) {
        if (!stops.some((it) => it.as === login)) continue;
        const viewport = { width: 1360, height: 900 };
        const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
        const page = await context.newPage();
        await page.goto(`${desk.url}/log-in?lang=${lang}`);
        if (login !== null) await enter(page, desk, login);
        for (const stop of stops.filter((it) => it.as === login)) {
          await page.setViewportSize(viewport);
          await goTo(page, desk, stop);
          const shoot = async (name: string) =>
            writeFile(
              join(OUT, `${name}-${lang}-${colorScheme}.png`),
              await page.screenshot({ fullPage: true }),
            );
          await shoot(stop.name);
          if (!NARROW.includes(stop.name)) continue;
          await page.setViewportSize({ width: 390, height: 844 });
          await shoot(`${stop.name}-narrow`);
        }
        await context.close();
      }
    }
  }
  process.stdout.write(`Written to ${OUT}\n`);
} finally {
  await house.close();
  river.close();
  await browser.close();
}
