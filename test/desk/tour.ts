/** Every screen of the desk, filled with made-up cases: what the axe test walks through and `screens.ts` takes pictures of. */
import { domainToASCII } from 'node:url';
import type { Page } from 'playwright';
import type { Desk } from '../../desk/server.ts';
import type { Listing } from '../../domain/listing.ts';
import { readSource } from '../../domain/watch.ts';
import { ad, BAIT } from '../queues/market/trial.ts';
import type { Bazaar } from './bazaar.ts';
import { type House, hire, PASSWORD, type SeenPage, see } from './house.ts';
import { MADE, type Made } from './made.ts';
import type { River } from './river.ts';

/** Nobody in particular, an officer, her supervisor, who keeps the accounts, and a marketplace's partner. */
export const LOOKERS = [null, 'aigerim', 'boss', 'admin', 'trust'] as const;

export interface Stop {
  /** File name of its picture. */
  readonly name: string;
  readonly path: string;
  /** Who looks. */
  readonly as: (typeof LOOKERS)[number];
  /** What is pressed or opened once it stands there; ends when that is on the screen. */
  act?(page: Page): Promise<void>;
}

/** The invitation that `join` opens. */
let invitation = '';
/** Cases and a batch that stops lead to: two of a batch that is held back, and one that a soft rule holds. */
const there = { sent: '', held: '', batch: '', ring: '' };
/** The scan that `scan` opens. */
let scan = '';

export const STOPS: readonly Stop[] = [
  { name: 'log-in', path: '/log-in', as: null },
  {
    name: 'log-in-refused',
    path: '/log-in',
    as: null,
    async act(page) {
      await page.fill('[name=login]', 'nobody');
      await page.fill('[name=password]', 'not the password');
      await page.click('button.main');
      await page.locator('.notice.trouble').waitFor();
    },
  },
  {
    name: 'join',
    get path() {
      return `/join?token=${invitation}`;
    },
    as: null,
  },
  { name: 'error', path: '/nowhere', as: null },
  { name: 'appeal', path: '/appeal', as: null },
  { name: 'appeal-answer', path: '/appeal?code=A-0000000000000000', as: null },
  { name: 'cases', path: '/cases', as: 'aigerim' },
  { name: 'cases-second', path: '/cases?queue=confirmed', as: 'aigerim' },
  { name: 'cases-empty', path: '/cases?search=nowhere', as: 'aigerim' },
  { name: 'case', path: '/cases/K-000001', as: 'aigerim', act: unveil },
  {
    name: 'case-deciding',
    path: '/cases/K-000001',
    as: 'aigerim',
    async act(page) {
      await page.keyboard.press('b');
      await page.locator('form.deed').waitFor();
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
      await page.locator('.chosen').waitFor();
      await page.keyboard.press('Shift+X');
      await page.locator('.bulk-list li').nth(1).waitFor();
    },
  },
  {
    name: 'case-other-page',
    path: '/cases/K-000001',
    as: 'aigerim',
    async act(page) {
      await page.locator('tr:not(.shown) td a').first().click();
      await page.locator('.diff').waitFor();
    },
  },
  {
    name: 'keys',
    path: '/cases',
    as: 'aigerim',
    async act(page) {
      await page.keyboard.press('?');
      await page.locator('dialog[open] .key-list').waitFor();
    },
  },
  { name: 'case-site', path: '/cases/K-000001', as: 'aigerim', act: opening('y', '.site-facts') },
  { name: 'batches', path: '/batches', as: 'boss' },
  { name: 'appeals', path: '/appeals', as: 'aigerim' },
  {
    name: 'statistics',
    path: '/statistics',
    as: 'boss',
    async act(page) {
      await page.locator('.plot canvas').nth(1).waitFor();
      await page.locator('details summary').first().click();
    },
  },
  { name: 'sources', path: '/sources', as: 'boss' },
  { name: 'source', path: '/sources/bazar', as: 'boss' },
  {
    name: 'scan',
    get path() {
      return `/scans/${scan}`;
    },
    as: 'boss',
    async act(page) {
      await page.locator('#lines').waitFor();
    },
  },
  { name: 'rings', path: '/rings', as: 'aigerim' },
  {
    name: 'ring',
    get path() {
      return `/rings/${there.ring}`;
    },
    as: 'aigerim',
    async act(page) {
      await page.locator('.drawing img').evaluate((it: HTMLImageElement) => it.decode());
      await page.keyboard.press('j');
    },
  },
  {
    name: 'ring-partner',
    get path() {
      return `/rings/${there.ring}`;
    },
    as: 'trust',
  },
  { name: 'actors', path: '/actors', as: 'aigerim' },
  {
    name: 'actor',
    path: '/actors',
    as: 'aigerim',
    async act(page) {
      await page.locator('a.mark').first().click();
      await page.locator('#companions').waitFor();
    },
  },
  {
    name: 'deliveries',
    path: '/deliveries',
    as: 'boss',
    async act(page) {
      await page.locator('.deliveries summary').last().click();
    },
  },
  { name: 'feedback', path: '/feedback', as: 'boss' },
  { name: 'tips', path: '/tips', as: 'boss' },
  { name: 'audit', path: '/audit', as: 'boss' },
  { name: 'account', path: '/account', as: 'aigerim' },
  { name: 'tip', path: '/tip', as: null },
  {
    name: 'api',
    path: '/api',
    as: null,
    async act(page) {
      await page.locator('.api summary').first().click();
    },
  },
  { name: 'people', path: '/people', as: 'boss' },
  {
    name: 'case-looks',
    path: '/cases/K-000001',
    as: 'aigerim',
    act: opening('h', '#looks-diff'),
  },
  {
    name: 'case-cloak',
    path: '/cases/K-000001',
    as: 'aigerim',
    act: opening('v', '.side-by-side h3'),
  },
  {
    name: 'case-findings',
    get path() {
      return `/cases/${there.held}`;
    },
    as: 'aigerim',
    act: (page) => page.locator('.finding.holds textarea').waitFor(),
  },
  {
    name: 'case-sent',
    get path() {
      return `/cases/${there.sent}`;
    },
    as: 'aigerim',
    act: (page) => page.locator('.history li').nth(4).waitFor(),
  },
  {
    name: 'next-batch',
    path: '/batches/next',
    as: 'boss',
    act: (page) => page.locator('.file-rows td').first().waitFor(),
  },
  {
    name: 'batch',
    get path() {
      return `/batches/${there.batch}`;
    },
    as: 'boss',
    act: (page) => page.locator('#held').waitFor(),
  },
  {
    name: 'people-invited',
    path: '/people',
    as: 'admin',
    async act(page) {
      await page.locator('tr', { hasText: 'timur' }).locator('button[value=invite]').click();
      await page.locator('.invitation').waitFor();
    },
  },
];

function opening(key: string, shown: string): (page: Page) => Promise<void> {
  return async (page) => {
    await page.keyboard.press(key);
    await page.locator(shown).first().waitFor();
  };
}

async function unveil(page: Page): Promise<void> {
  await page.keyboard.press('i');
  await page.locator('.veil.off').waitFor();
}

/** A picture of a site's page; null for none. */
type Pictured = (made: Made) => Promise<Uint8Array | null>;

/** @param pictureOfSent of what goes into batches: different for each, or null. */
export async function fillForTour(
  house: House,
  river: River,
  bazaar: Bazaar,
  picture: Pictured,
  pictureOfSent = picture,
): Promise<void> {
  await hire(house, 'aigerim', 'officer', 'Айгерим С.');
  await hire(house, 'daniyar', 'senior', 'Данияр К.');
  await hire(house, 'boss', 'supervisor', 'Сауле М.');
  await hire(house, 'admin', 'admin', 'Ерлан Т.');
  for (const made of MADE) {
    const host = domainToASCII(made.host);
    const hops = [
      { url: `http://${host}/`, status: 301, location: `https://${host}/` },
      { url: `https://${host}/`, status: 200, location: null },
    ];
    const first: SeenPage = {
      ...{ ...made, url: `https://${host}/`, hops, picture: await picture(made) },
      ...(made === MADE[0] ? SEEN_OTHERWISE : {}),
    };
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
  await seeAgain(house, MADE[0]!);
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
  there.ring = await fillBazaar(house, bazaar);
  const tip = {
    words: 'Зазывают родных',
    contact: '',
    via: 'desk',
    subject: { kind: 'site', key: 'tez-tabys.test' },
  } as const;
  await house.stores.tips.send({ ...tip, url: new URL('https://tez-tabys.test/') }, now);
  for (const site of ['altyn-kapital.test', 'tez-tabys.test'])
    await house.stores.lookalikes.put(site, {} as never, [], now, 1);
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
  const wild = { stance: 'ignore', reason: 'Поручение руководителя от 1 ноября' };
  const bazar = { name: 'bazar', kind: 'section', url: 'https://bazar.test/uslugi', robots: wild };
  await house.stores.sources.put(readSource(bazar), 'boss', now);
  scan = (await house.stores.scans.recent(1))[0]!.id;
  house.clock.move(3 * 86_400);
  await sendOut(house, river, pictureOfSent);
  const invite = (login: string, name: string) =>
    house.stores.accounts.invite({ login, name, role: 'officer' }, house.clock.now());
  invitation = (await invite('gulnar', 'Гүлнар А.')).token;
  await invite('timur', 'Тимур Е.');
}

/** What a telephone is shown of the first site, and that it was never seen before. */
const SEEN_OTHERWISE: Partial<SeenPage> = {
  look: { change: 'first', textAlike: null },
  cloaked: { title: 'Рецепты бабушки', text: 'Пирог с яблоками.\nТесто, яблоки, корица.' },
};

/** The first site three days later, with other words. */
async function seeAgain(house: House, made: Made): Promise<void> {
  house.clock.move(3 * 86_400);
  const text = made.text.replace('осталось 3 дня', 'осталось 2 часа').replace('2 % в день', '3 % в день');
  const look = { change: 'text', textAlike: 0.86 } as const;
  await see(house, made.label, [{ ...made, url: `https://${made.host}/`, text, picture: null, look }]);
}

/**
 * A batch of two that was handed over and answered for one; one that an objection holds back; and for the next one a
 * case that may leave and one that a soft rule holds.
 */
async function sendOut(
  house: House,
  { actions, approve: approvedAs }: River,
  picture: Pictured,
): Promise<void> {
  const approve = async (n: number, text?: string) => {
    const shot = await picture({ ...MADE[n % 2]!, title: `Клуб № ${n}` });
    return approvedAs(n, text, { shot, by: ['aigerim', 'daniyar'] });
  };
  const order = { channel: 'operator_block', limit: 50, quarantine: true, by: 'boss' } as const;
  const sent = await approve(1);
  await approve(2);
  const { batch: first } = await actions.buildBatch!(order);
  await actions.handOver!(first!, 'boss');
  house.clock.move(3600);
  const receipt = Buffer.from('title;status;comment\nSite 1;принято;вх. 17\n');
  await actions.receive!({ bytes: receipt, by: 'boss', batch: first! });
  await approve(3);
  await approve(4);
  const { batch } = await actions.buildBatch!(order);
  const subject = { kind: 'site', key: 'piramida-3.test' } as const;
  const appeal = {
    url: 'https://piramida-3.test/kirisu',
    words: 'Сайт закрыт уже месяц.',
    contact: '',
  } as const;
  await house.stores.appeals.send({ ...appeal, lang: 'ru', subject }, house.clock.now());
  await approve(5);
  const held = await approve(6, 'Income of 3 % a day, 10 % for everyone you bring.');
  Object.assign(there, { sent, held, batch });
}

/** Two marketplaces with a ring between them: one was alerted, did not answer at first, and has its say. @returns the ring */
async function fillBazaar(house: House, bazaar: Bazaar): Promise<string> {
  const { tenants, endpoints } = house.stores;
  const now = () => house.clock.now();
  for (const [id, name] of [
    ['bazar', 'Bazar.example'],
    ['tolkuchka', 'Толкучка'],
  ] as const)
    await tenants.add({ id, name, isDry: false, sites: [] }, now());
  await hire(house, 'trust', 'partner', 'Жанна Б.');
  await tenants.setLogin('trust', 'bazar', 'admin', now());
  for (const url of ['https://hook.test/kuzet', 'https://hook.test/spare'])
    await bazaar.alerts.addEndpoint('bazar', url);
  const offer = (seller: string, more: Partial<Listing> = {}) =>
    ad(seller, 'iPhone 15 Pro срочно', BAIT, { phone: '+77000000031', ip: '100.64.0.9', ...more });
  await bazaar.feed('bazar', [
    { id: '183655012', listing: offer('7001', { device: 'b1946ac9' }) },
    { id: '183655044', listing: offer('7002', { device: 'b1946ac9', price: 190_000 }) },
    { id: '183655101', listing: offer('7003', { text: `${BAIT}. Самовывоз с Толе би.`, city: 'Астана' }) },
  ]);
  house.clock.move(3600);
  await bazaar.feed('tolkuchka', [{ id: 't-77', listing: offer('41', { phone: '+79990000000' }) }]);
  const due = await endpoints.lease(now(), new Date(now().getTime() + 25_000), 10, 1);
  const refused = { at: now(), status: 503, milliseconds: 41, detail: '<h1>Service Unavailable</h1>' };
  const again = { is: 'again', at: new Date(now().getTime() + 300_000), disable: null } as const;
  await endpoints.settle(due[0]!, refused, again);
  const taken = { at: now(), status: 204, milliseconds: 18, detail: '' };
  await endpoints.settle(due[1]!, taken, { is: 'delivered' });
  const ring = (await bazaar.market.rings.list(1))[0]!.id;
  const service = await bazaar.door.service();
  await service.feedback('bazar', ring, {
    verdict: 'confirm',
    reason: 'Один человек, три записи.',
    listings: [],
  });
  return ring;
}

/** Goes to a stop and waits until it stands. */
export async function goTo(
  page: Page,
  desk: Pick<Desk, 'url'>,
  { path, act }: Pick<Stop, 'path' | 'act'>,
): Promise<void> {
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
  await page.waitForURL(/\/(cases|rings)/);
}
