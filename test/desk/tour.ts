/** Every screen of the desk, filled with made-up cases: what the axe test walks through and `screens.ts` takes pictures of. */
import { domainToASCII } from 'node:url';
import type { Page } from 'playwright';
import type { Desk } from '../../desk/server.ts';
import { type House, hire, PASSWORD, type SeenPage, see } from './house.ts';
import { MADE, type Made } from './made.ts';

export interface Stop {
  /** File name of its picture. */
  readonly name: string;
  readonly path: string;
  /** Who looks. */
  readonly as: 'aigerim' | 'boss' | null;
  /** What is pressed or opened once it stands there. */
  act?(page: Page): Promise<void>;
}

export const STOPS: readonly Stop[] = [
  { name: 'log-in', path: '/log-in', as: null },
  { name: 'appeal', path: '/appeal', as: null },
  { name: 'cases', path: '/cases', as: 'aigerim' },
  { name: 'cases-second', path: '/cases?queue=confirmed', as: 'aigerim' },
  { name: 'cases-empty', path: '/cases?search=nowhere', as: 'aigerim' },
  { name: 'case', path: '/cases/K-000001', as: 'aigerim', act: (page) => page.keyboard.press('i') },
  {
    name: 'case-deciding',
    path: '/cases/K-000001',
    as: 'aigerim',
    async act(page) {
      await page.keyboard.press('b');
      await page.keyboard.press('1');
    },
  },
  { name: 'case-second', path: '/cases/K-000003', as: 'aigerim' },
  {
    name: 'case-structure',
    path: '/cases/K-000001',
    as: 'aigerim',
    async act(page) {
      await page.keyboard.press('o');
      await page.locator('.structure').waitFor();
    },
  },
  {
    name: 'bulk',
    path: '/cases',
    as: 'aigerim',
    async act(page) {
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.keyboard.press('Shift+X');
      await page.locator('.bulk-list li').nth(1).waitFor();
    },
  },
  { name: 'keys', path: '/cases', as: 'aigerim', act: (page) => page.keyboard.press('?') },
  { name: 'batches', path: '/batches', as: 'boss' },
  { name: 'appeals', path: '/appeals', as: 'aigerim' },
  { name: 'people', path: '/people', as: 'boss' },
];

/** @param picture of a site's page; null for none. */
export async function fillForTour(
  house: House,
  picture: (made: Made) => Promise<Uint8Array | null>,
): Promise<void> {
  await hire(house, 'aigerim', 'officer', 'Айгерим С.');
  await hire(house, 'daniyar', 'senior', 'Данияр К.');
  await hire(house, 'boss', 'supervisor', 'Boss B.');
  for (const made of MADE) {
    const host = domainToASCII(made.host);
    const hops = [
      { url: `http://${host}/`, status: 301, location: `https://${host}/` },
      { url: `https://${host}/`, status: 200, location: null },
    ];
    const first: SeenPage = { ...made, url: `https://${host}/`, hops, picture: await picture(made) };
    const second: SeenPage = {
      ...made,
      url: `https://${host}/about?id=1`,
      title: `${made.title.split(' — ')[0]}: о нас`,
      text: `${made.text.split('\n')[0]}\nО нас.`,
      score: made.score * 0.8,
      picture: null,
    };
    house.clock.move(540);
    await see(house, made.label, [first, second]);
  }
  const now = house.clock.now();
  const confirm = {
    verdict: 'confirm',
    by: 'daniyar',
    ground: 'KZ-CC-190',
    reason: 'Имя банка на чужом адресе.',
  } as const;
  await house.stores.cases.decide('K-000003', confirm, now);
  const watch = { is: 'watch', by: 'aigerim', reason: 'Страница ещё пуста.', days: 7 } as const;
  await house.stores.cases.act('K-000004', watch, now);
  const tip = {
    words: 'Зазывают родных',
    contact: '',
    via: 'desk',
    subject: { kind: 'site', key: 'tez-tabys.test' },
  } as const;
  await house.stores.tips.send({ ...tip, url: new URL('https://tez-tabys.test/') }, now);
  for (const site of ['altyn-kapital.test', 'tez-tabys.test'])
    await house.stores.lookalikes.put(site, {} as never, [], now);
  const alike = [
    { site: 'tez-tabys.test', score: 0.93, reasons: [{ what: 'phone', detail: '+77000001234', logOdds: 3 }] },
  ];
  await house.stores.lookalikes.link('altyn-kapital.test', alike, now);
  const appeal = {
    url: 'https://dala-bank.test/',
    words: 'Это учебная страница о безопасности карт.',
    contact: 'a@example.com',
    lang: 'ru',
  } as const;
  await house.stores.appeals.send(
    { ...appeal, subject: { kind: 'site', key: 'xn--dla-bank-16g.test' } },
    now,
  );
  house.clock.move(3 * 86_400);
}

/** Goes to a stop and waits until it stands. */
export async function goTo(page: Page, desk: Pick<Desk, 'url'>, { path, act }: Stop): Promise<void> {
  await page.goto(desk.url + path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForLoadState('networkidle');
  await page.locator('.loading').first().waitFor({ state: 'detached' });
  await act?.(page);
}

export async function enter(page: Page, desk: Pick<Desk, 'url'>, login: string): Promise<void> {
  await page.goto(`${desk.url}/log-in`);
  await page.fill('[name=login]', login);
  await page.fill('[name=password]', PASSWORD);
  await page.click('button.main');
  await page.waitForURL(/\/cases/);
}
