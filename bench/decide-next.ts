/**
 * How long an officer waits after a decision for the next case, among 100,000 cases, beside the same screen drawn from
 * data that the page has already:
 *
 *     node --import tsx bench/decide-next.ts [CASES] [DECISIONS]
 *
 * A real desk on a PostgreSQL of its own (embedded where none is installed) and a real Chromium. Measured inside the page,
 * from the key that sends the decision to the frame after the next case is in the document; then, once the page went back
 * to the case before, from the press on a link to the frame after that very same case, which it has in memory. Before each
 * of them everything asked has been answered, as while somebody reads. Told are medians of milliseconds and their ratio.
 */
import type { Page } from 'playwright';
import { openBrowser } from '../test/desk/browser.ts';
import { DOT, hire, openHouse, PASSWORD, see, signal } from '../test/desk/house.ts';
import { startPostgres } from '../test/engines/postgres.ts';

const many = Number(process.argv[2] ?? 100_000);
const decisions = Number(process.argv[3] ?? 30);

const postgres = await startPostgres();
const house = await openHouse(new Date(), postgres?.url ?? null);
const browser = await openBrowser();
if (browser === null) throw new Error('No Chromium was found. Set CHROMIUM to the path of one.');
try {
  await house.database.query(
    `insert into cases (subject_kind, subject_key, label, score, revision, state, state_facts, seen, reasons, opened_at, updated_at, reach)
     select 'site', 'bench-' || n || '.test', (array['pyramid', 'phishing', 'fake_shop'])[1 + n % 3], (n % 400) / 1000.0, 1,
       'open', '{}', '{"label":"pyramid","signals":[],"sketch":[]}', '[]', $1, $1, 1 from generate_series($2::int, $3::int) n`,
    [house.clock.now(), 1, many],
  );
  await house.database.query('analyze cases');
  for (let n = 0; n < decisions + 2; n += 1) {
    const text = `Доход 2 % в день.\nПриглашайте друзей.\n${'Клуб платит каждую пятницу.\n'.repeat(40)}`;
    const signals = [
      signal('yield', 'Доход 2 % в день', 2.5, 'ARRFR-1'),
      signal('referral', 'Приглашайте друзей', 1.5),
    ];
    const page = { url: `https://first-${n}.test/`, title: 'Клуб', text, score: 0.99, signals, picture: DOT };
    await see(house, 'pyramid', [page]);
  }
  await hire(house, 'aigerim', 'officer');
  const desk = await house.open();
  const page = await browser.newPage({ locale: 'ru-KZ' });
  const isQuiet = quietness(page);
  await page.goto(`${desk.url}/log-in`);
  await page.fill('[name=login]', 'aigerim');
  await page.fill('[name=password]', PASSWORD);
  await page.click('button.main');
  await page.locator('.queue .row').first().waitFor();
  await page.keyboard.press('w');
  await page.locator('.case').waitFor();
  // tsx names functions by a helper that a page does not have.
  await page.evaluate('globalThis.__name = (it) => it');
  await page.evaluate(watch);

  const to = (address: string) =>
    page.evaluate((href) => (globalThis as unknown as Watcher).to(href), address);
  const told = { decided: [] as number[], known: [] as number[] };
  for (let n = 0; n < decisions; n += 1) {
    await isQuiet();
    const before = page.url();
    await page.keyboard.press('b');
    await page.locator('form.deed').waitFor();
    await page.keyboard.press('1');
    await page.waitForFunction(() => document.querySelector<HTMLTextAreaElement>('#reason')?.value !== '');
    // A key overtakes what a page is asked: it listens before one is pressed.
    await page.evaluate(() => (globalThis as unknown as Watcher).listen());
    await page.keyboard.press('Enter');
    const decided = page.evaluate(() => (globalThis as unknown as Watcher).painted());
    told.decided.push(await within(decided, 'the next case'));
    await isQuiet();
    const next = page.url();
    await within(to(before), 'the case before');
    await isQuiet();
    told.known.push(await within(to(next), 'the same case again'));
  }
  const [decided, known] = [median(told.decided), median(told.known)];
  const row = { cases: many + decisions + 2, engine: postgres === null ? 'pglite' : 'postgres', decisions };
  const ms = { decisionToNext: round(decided), sameScreenFromMemory: round(known) };
  process.stdout.write(`${JSON.stringify({ ...row, ms, ratio: round(decided / known) })}\n`);
} finally {
  await browser.close();
  await house.close();
  await postgres?.stop();
}

interface Watcher {
  /** Waits for the next Enter from now on. */
  listen(): void;
  /** Milliseconds from that Enter to the frame after another case stands there. */
  painted(): Promise<number>;
  /** The same of a press on a link to a case. */
  to(href: string): Promise<number>;
}

/** Runs in the page. */
function watch(): void {
  const shown = () => document.querySelector('.case-heading .id')?.textContent ?? '';
  const changed = (before: string, since: () => number) =>
    new Promise<number>((resolve) => {
      const look = () => {
        if (shown() === before || shown() === '') return;
        seen.disconnect();
        // The frame in which it is painted, and the task after it.
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - since())));
      };
      const seen = new MutationObserver(look);
      seen.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
  let pressed: Promise<number> = Promise.resolve(0);
  const it: Watcher = {
    listen() {
      let began = 0;
      const note = (event: KeyboardEvent) => {
        if (event.key !== 'Enter') return;
        began = performance.now();
        removeEventListener('keydown', note, true);
      };
      addEventListener('keydown', note, true);
      pressed = changed(shown(), () => began);
    },
    painted: () => pressed,
    to(href) {
      const began = performance.now();
      const done = changed(shown(), () => began);
      const link = document.createElement('a');
      link.href = href;
      document.body.append(link);
      link.click();
      link.remove();
      return done;
    },
  };
  Object.assign(globalThis, it);
}

/** Resolves when nothing that the page asked within the last three seconds is unanswered. */
function quietness(page: Page): () => Promise<void> {
  const open = new Set<unknown>();
  let last = 0;
  page.on('request', (it) => {
    last = performance.now();
    open.add(it);
  });
  page.on('requestfinished', (it) => open.delete(it));
  page.on('requestfailed', (it) => open.delete(it));
  return async () => {
    do
      await page.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50))),
      );
    while (open.size > 0 && performance.now() - last < 3000);
  };
}

/** A bench that waits for ever measures nothing. */
function within<T>(it: Promise<T>, what: string): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`${what} was not painted within a minute.`)), 60_000).unref();
  });
  return Promise.race([it, late]);
}

function median(all: readonly number[]): number {
  return [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]!;
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
