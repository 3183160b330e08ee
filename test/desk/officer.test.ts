/** The desk as officers meet it: in a real browser, on a real store. */
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../../desk/server.ts';
import type { CaseId } from '../../domain/case.ts';
import { chromiumPath, openBrowser } from './browser.ts';
import { DOT, hire, openHouse, PASSWORD, see, signal } from './house.ts';
import { goTo } from './tour.ts';

const hasBrowser = chromiumPath() !== null;
const where = hasBrowser ? '' : ' (skipped: no Chromium; set CHROMIUM to the path of one)';

describe.skipIf(!hasBrowser)(`an officer at the desk${where}`, async () => {
  const house = await openHouse();
  let browser: Browser;
  let desk: Desk;
  const opened: BrowserContext[] = [];
  /** What pages did that they must not: asked elsewhere, ran, or broke the policy. */
  const misdeeds: string[] = [];

  beforeAll(async () => {
    browser = (await openBrowser())!;
    desk = await house.open();
    await hire(house, 'aigerim', 'officer', 'Айгерим С.');
    await hire(house, 'daniyar', 'senior', 'Данияр К.');
    await hire(house, 'boss', 'admin', 'Boss');
  });
  afterAll(async () => {
    for (const context of opened) await context.close();
    await browser?.close();
    await house.close();
  });

  const newPage = async (options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> => {
    const context = await browser.newContext({ locale: 'ru-KZ', ...options });
    opened.push(context);
    const page = await context.newPage();
    page.on('request', (asked) => {
      if (!asked.url().startsWith(`${desk.url}/`)) misdeeds.push(`asked ${asked.url()}`);
    });
    page.on('dialog', (dialog) => {
      misdeeds.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      if (/Content Security Policy|Trusted Type/.test(message.text())) misdeeds.push(message.text());
    });
    page.on('pageerror', (error) => misdeeds.push(`error ${error.message}`));
    return page;
  };

  const logIn = async (page: Page, login: string): Promise<void> => {
    await page.goto(`${desk.url}/log-in`);
    await page.getByLabel('Логин').fill(login);
    await page.getByLabel('Пароль').fill(PASSWORD);
    await page.getByRole('button', { name: 'Войти', exact: true }).click();
    await page.waitForURL(/\/cases/);
  };

  const pyramid = (host: string, score = 0.97) =>
    see(house, 'pyramid', [
      {
        url: `https://${host}/`,
        title: 'Клуб «Табыс»',
        text: 'Доход 2 % в день.\nПриглашайте друзей.',
        score,
        signals: [
          signal('yield', 'доход 2 % в день', 2.5, 'ARRFR-1'),
          signal('referral', 'Приглашайте друзей', 1.5),
        ],
        picture: DOT,
      },
      { url: `https://${host}/about`, title: 'О нас', text: '', score: 0.6, signals: [], picture: null },
    ]);

  /** Ends when the case's own screen stands, not a list that names it. */
  const shown = (page: Page, id: string) =>
    page.locator('.case-heading').getByText(id, { exact: true }).waitFor();
  const stateOf = (id: CaseId) => expect.poll(async () => (await house.stores.cases.get(id)).state);

  test('claims, decides and undoes by keys alone, and another approves by keys alone, while nothing is asked elsewhere', async () => {
    const { id } = await pyramid('tabys-klub.test', 0.99);
    const { id: second } = await pyramid('next-one.test', 0.98);
    misdeeds.length = 0;
    const first = await newPage();
    await logIn(first, 'aigerim');
    await first.locator('.queue .row').first().waitFor();
    await first.keyboard.press('w');
    await shown(first, id);
    await expect
      .poll(() => first.locator('mark').allInnerTexts())
      .toEqual(['Доход 2 % в день1', 'Приглашайте друзей2']);
    await expect.poll(() => first.getByText('критерий ARRFR-1').count()).toBe(1);

    await first.keyboard.press('b');
    await first.keyboard.press('2');
    await expect
      .poll(() => first.getByLabel('Почему, своими словами').inputValue())
      .toContain('взносов новых участников');
    await first.keyboard.press('Enter');
    await shown(first, second);
    expect(first.url()).toContain(second);
    await stateOf(id).toMatchObject({ is: 'confirmed' });
    await first.keyboard.press('u');
    await shown(first, id);
    await stateOf(id).toMatchObject({ is: 'open' });

    await first.keyboard.press('b');
    await first.keyboard.press('g');
    await first.keyboard.press('t');
    await first.keyboard.type('Доход обещан за приглашённых.');
    await first.keyboard.press('Control+Enter');
    await stateOf(id).toMatchObject({
      is: 'confirmed',
      ground: 'KZ-CC-217-1',
    });

    const other = await newPage();
    await logIn(other, 'daniyar');
    await other.goto(`${desk.url}/cases?queue=confirmed`);
    await other.locator('.queue .row').first().waitFor();
    await other.keyboard.press('w');
    await shown(other, id);
    await expect.poll(() => other.getByText('Доход обещан за приглашённых.').first().isVisible()).toBe(true);
    await other.keyboard.press('a');
    await stateOf(id).toMatchObject({
      is: 'approved',
      by: 'aigerim',
      approvedBy: 'daniyar',
    });
    const kinds = (await house.stores.cases.acts(id)).map(({ kind }) => kind);
    expect(kinds).toEqual(['opened', 'confirmed', 'undone', 'confirmed', 'approved']);
    expect(misdeeds).toEqual([]);
  });

  test('works with a Russian keyboard: keys are places, whatever they type', async () => {
    const { id } = await pyramid('layout.test', 0.5);
    const page = await newPage();
    await logIn(page, 'aigerim');
    await page.goto(`${desk.url}/cases/${id}`);
    await shown(page, id);
    await page.evaluate(() =>
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'д', code: 'KeyL', bubbles: true })),
    );
    await expect.poll(() => page.getByRole('form', { name: 'Нарушения нет' }).isVisible()).toBe(true);
  });

  test('shows what the keyboard does, and switches it off', async () => {
    const page = await newPage();
    await logIn(page, 'aigerim');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Клавиши' });
    await expect.poll(() => help.getByText('Работать', { exact: true }).isVisible()).toBe(true);
    await help.getByLabel('Работать клавишами').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('b');
    expect(new URL(page.url()).pathname).toBe('/cases');
  });

  test('is not offered to approve a decision of her own', async () => {
    const { id } = await pyramid('own-decision.test', 0.5);
    const confirm = { verdict: 'confirm', by: 'aigerim', ground: 'KZ-CC-217', reason: 'Выплаты.' } as const;
    await house.stores.cases.decide(id, confirm, house.clock.now());
    const page = await newPage();
    await logIn(page, 'aigerim');
    await page.goto(`${desk.url}/cases/${id}`);
    await shown(page, id);
    await page.getByRole('button', { name: 'Отозвать решение' }).waitFor();
    expect(await page.getByRole('button', { name: 'Одобрить передачу' }).count()).toBe(0);
  });

  test('decides several together only once a verdict was chosen', async () => {
    const ids = [await pyramid('bulk-one.test', 0.5), await pyramid('bulk-two.test', 0.5)].map(
      ({ id }) => id,
    );
    const page = await newPage();
    await logIn(page, 'aigerim');
    await page.goto(`${desk.url}/cases?search=bulk-`);
    await page.locator('.queue .row').nth(1).waitFor();
    for (const key of ['j', 'x', 'j', 'x', 'Shift+X']) await page.keyboard.press(key);
    const dialog = page.getByRole('dialog');
    await dialog.locator('.bulk-list li').nth(1).waitFor();
    await dialog.getByRole('textbox').fill('Учебные страницы.');
    expect(await dialog.getByRole('radio', { checked: true }).count()).toBe(0);
    const send = dialog.getByRole('button', { name: 'Решить 2 дела' });
    await expect.poll(() => send.isDisabled()).toBe(true);
    await dialog.getByRole('radio', { name: 'Нарушения нет' }).check();
    await send.click();
    for (const id of ids) await stateOf(id).toMatchObject({ is: 'dismissed' });
  });

  test('finds a search by risk that a senior saved for everybody', async () => {
    const senior = await newPage();
    await logIn(senior, 'daniyar');
    await senior.goto(`${desk.url}/cases?least=0.95`);
    await senior.getByRole('button', { name: 'Сохранить выборку' }).click();
    await senior.getByRole('textbox', { name: 'Название выборки' }).fill('Самые опасные');
    await senior.getByLabel('для всех').check();
    await senior.getByRole('button', { name: 'Сохранить', exact: true }).click();
    await senior.getByRole('link', { name: 'Самые опасные' }).waitFor();
    const officer = await newPage();
    await logIn(officer, 'aigerim');
    await officer.getByRole('link', { name: 'Самые опасные' }).click();
    await officer.waitForURL(/least=0\.95/);
    await expect.poll(() => officer.getByLabel('Опасность').inputValue()).toBe('0.95');
  });

  test('is told when the case changed while the page was open, and nothing is decided', async () => {
    const it = await pyramid('moving.test', 0.5);
    const page = await newPage();
    await logIn(page, 'aigerim');
    await page.goto(`${desk.url}/cases/${it.id}`);
    await shown(page, it.id);
    const seen = { ...it.seen, label: 'phishing' as const };
    const sighting = { label: 'phishing', score: 0.99, seen, reasons: [] } as const;
    await house.stores.cases.sight(it.subject, sighting, [], house.clock.now());
    await page.keyboard.press('l');
    await page.keyboard.press('1');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Дело изменилось, пока страница была открыта').waitFor();
    expect((await house.stores.cases.get(it.id)).state.is).toBe('open');
  });

  test('loses no decision with the network: it is kept, told as unsent, and sent once when the desk is back', async () => {
    const { id } = await pyramid('offline.test', 0.5);
    const page = await newPage();
    await logIn(page, 'aigerim');
    await page.goto(`${desk.url}/cases/${id}`);
    await shown(page, id);
    await page.context().setOffline(true);
    await page.keyboard.press('l');
    await page.keyboard.press('1');
    await page.keyboard.press('Enter');
    await page.getByText('1 решение ещё не отправлено').waitFor();
    const kept = await page.evaluate(() => localStorage.getItem('kuzet.outbox.aigerim') ?? '');
    expect(kept).toContain(id);
    expect(kept).not.toContain('offline.test');
    expect((await house.stores.cases.get(id)).state.is).toBe('open');
    await page.context().setOffline(false);
    await stateOf(id).toMatchObject({ is: 'dismissed' });
    expect((await house.stores.cases.acts(id)).map(({ kind }) => kind)).toEqual(['opened', 'dismissed']);
    await page.waitForFunction(() => localStorage.getItem('kuzet.outbox.aigerim') === '[]');
  });

  test('reads the desk in three languages and keeps the one chosen', async () => {
    const page = await newPage({ locale: 'en-GB' });
    await page.goto(`${desk.url}/log-in`);
    await expect.poll(() => page.getByRole('heading', { level: 1 }).textContent()).toBe('Log in');
    await page.getByRole('link', { name: 'Қазақша' }).click();
    await expect.poll(() => page.getByRole('heading', { level: 1 }).textContent()).toBe('Кіру');
    await page.goto(`${desk.url}/log-in`);
    await expect.poll(() => page.locator('html').getAttribute('lang')).toBe('kk');
  });

  test('invites a person, who chooses a password and gets to work', async () => {
    const admin = await newPage();
    await logIn(admin, 'boss');
    await admin.goto(`${desk.url}/people`);
    await admin.getByLabel('Логин').fill('samal');
    await admin.getByLabel('Имя').fill('Самал Т.');
    await admin.getByRole('button', { name: 'Пригласить', exact: true }).click();
    const link = (await admin.locator('.invitation .code').textContent()) ?? '';
    const invited = await newPage();
    await invited.goto(link);
    await expect
      .poll(() => invited.getByRole('heading', { level: 1 }).textContent())
      .toBe('Добро пожаловать, Самал Т.');
    await invited.getByLabel(/Пароль/).fill('алтын күз 2026 таңы');
    await invited.getByRole('button', { name: 'Сохранить и войти' }).click();
    await invited.waitForURL(/\/cases/);
    await expect.poll(() => invited.locator('.who').textContent()).toContain('Самал Т.');
  });

  test.each(['light', 'dark'] as const)(
    'needs no sideways scrolling in 320 pixels, which is also a window at zoom, in the %s theme',
    async (colorScheme) => {
      const { id } = await pyramid(
        `${'a-long-name-that-does-not-break-'.repeat(2)}${colorScheme}.test`.slice(-63),
      );
      const page = await newPage({ viewport: { width: 320, height: 640 }, colorScheme });
      await logIn(page, 'boss');
      const paths = [
        '/cases',
        `/cases/${id}`,
        '/batches',
        '/appeals',
        '/people',
        '/nowhere',
        '/cases?search=none',
      ];
      for (const path of paths) {
        await goTo(page, desk, { path });
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect([path, overflow]).toEqual([path, 0]);
      }
    },
  );

  test('has a visible mark on whatever the keyboard reaches, and a name on every control', async () => {
    const { id } = await pyramid('reachable.test');
    const page = await newPage();
    await logIn(page, 'aigerim');
    for (const path of ['/cases', `/cases/${id}`]) {
      await goTo(page, desk, { path });
      for (let n = 0; n < 25; n += 1) {
        await page.keyboard.press('Tab');
        const focused = await page.evaluate(() => {
          const it = document.activeElement!;
          if (it === document.body) return null;
          const outline = (pseudo?: string) => getComputedStyle(it, pseudo).outlineStyle;
          const label =
            (it as HTMLInputElement).labels?.[0]?.textContent ?? it.getAttribute('aria-labelledby') ?? '';
          return {
            tag: it.tagName,
            isMarked: outline() !== 'none' || outline('::after') !== 'none',
            isNamed: `${it.textContent}${label}${it.getAttribute('aria-label') ?? ''}`.trim() !== '',
          };
        });
        if (focused === null) break;
        expect(focused).toEqual({ tag: focused.tag, isMarked: true, isNamed: true });
      }
    }
  });
});
