/** The market at the desk: rings, who is behind them, alerts on their way and partners' words, for officers and partners. */
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../../desk/server.ts';
import type { CaseId } from '../../domain/case.ts';
import type { Role } from '../../store/accounts.ts';
import { caseStore } from '../../store/cases.ts';
import { ledgerStore } from '../../store/ledger.ts';
import type { RingViews } from '../../store/ring-views.ts';
import { postgresMissing, startPostgres } from '../engines/postgres.ts';
import { ad, BAIT } from '../queues/market/trial.ts';
import { type Bazaar, openBazaar } from './bazaar.ts';
import { chromiumPath, openBrowser } from './browser.ts';
import { type Client, loggedIn, refusal } from './client.ts';
import { type House, hire, openHouse, see } from './house.ts';
import { enter } from './tour.ts';

const house = await openHouse();
const bazaar = openBazaar(house);
const people = new Map<string, Client>();
let desk: Desk;
let ring = '';
let photos = '';
let endpoint = '';
let ringCase: CaseId;

const PEOPLE: readonly (readonly [login: string, role: Role])[] = [
  ['aigerim', 'officer'],
  ['bolat', 'officer'],
  ['boss', 'supervisor'],
  ['admin', 'admin'],
  ['trust', 'partner'],
  ['other', 'partner'],
  ['nobodys', 'partner'],
];
const why = postgresMissing === null ? '' : ` (skipped: ${postgresMissing})`;
const PHONE = '+77000000031';
const bait = (seller: string, more: object = {}) =>
  ad(seller, 'iPhone 15 Pro срочно', BAIT, { phone: PHONE, ip: '100.64.0.9', ...more });

async function addMarketplaces(to: House): Promise<void> {
  for (const id of ['bazar', 'tolkuchka', 'quiet'])
    await to.stores.tenants.add({ id, name: id.toUpperCase(), isDry: false, sites: [] }, to.clock.now());
}

/** Four listings of one hand on two marketplaces. @returns the endpoint of the first one */
async function fill(to: House, bazaar: Bazaar): Promise<string> {
  const added = await bazaar.alerts.addEndpoint('bazar', 'https://hook.test/kuzet');
  if (added.is !== 'added') throw new Error(added.why);
  await bazaar.feed('bazar', [
    { id: 'b1', listing: bait('s1', { device: 'd1' }) },
    { id: 'b2', listing: bait('s2') },
    { id: 'b3', listing: bait('s3', { price: 190_000 }) },
  ]);
  to.clock.move(3600);
  await bazaar.feed('tolkuchka', [{ id: 't1', listing: bait('t1', { phone: '+79990000000' }) }]);
  return added.endpoint.id;
}

/** Two listings of another hand, on a marketplace of its own. */
async function fillQuiet(bazaar: Bazaar): Promise<void> {
  await bazaar.feed(
    'quiet',
    ['q1', 'q2'].map((id) => ({ id, listing: pram(id) })),
  );
}

const PRAM =
  'Коляска-трансформер, зимний чехол, отдам дождевик, самовывоз из Турксибского района после шести вечера';
const pram = (seller: string) => ad(seller, 'Детская коляска', PRAM, { phone: '+77000000055' });

/** A case of a ring of four, whose one page shows a listing of the other ring. @returns its number and that page's */
async function openRingCase(to: House, { market }: Bazaar): Promise<{ id: CaseId; capture: string }> {
  const { cases, captures } = to.stores;
  const page = { url: 'https://quiet.test/q3', title: 'Детская коляска', text: PRAM, score: 0.4 };
  const site = await see(to, 'fake_listing', [{ ...page, signals: [], picture: null }]);
  const capture = (await captures.ofCase(site.id))[0]!.capture.id;
  const q3 = { market: 'quiet', listingId: 'q3', listing: market.seal(pram('q3'), 'quiet') };
  await market.store.place([{ ...q3, isQuiet: false, captureId: capture }], to.clock.now());
  await market.settle();
  const [{ id: key } = { id: '' }] = await market.rings.ofNames('duplicate_ad', [
    { market: 'bazar', listingId: 'b1' },
  ]);
  const seen = { label: 'fake_listing', signals: [], sketch: [] } as const;
  const sighting = { label: 'fake_listing', score: 0.9, seen, reasons: [] } as const;
  const { id } = await cases.sight({ kind: 'ring', key }, sighting, [capture], to.clock.now());
  return { id, capture };
}

beforeAll(async () => {
  await addMarketplaces(house);
  desk = await house.open({ market: bazaar.door });
  for (const [login, role] of PEOPLE) {
    await hire(house, login, role);
    people.set(login, await loggedIn(desk, login));
  }
  for (const [login, marketplace] of [
    ['trust', 'bazar'],
    ['other', 'quiet'],
  ] as const) {
    const made = await as('admin').json('POST', `/api/people/${login}/marketplace`, { marketplace });
    expect(made.status).toBe(204);
  }
  endpoint = await fill(house, bazaar);
  ring = (await bazaar.market.rings.list(1))[0]!.id;
});
afterAll(() => house.close());

const as = (login: string) => people.get(login)!;
// biome-ignore lint/suspicious/noExplicitAny: what the API answers is compared whole, field by field
const told = async (login: string, path: string): Promise<any> => (await as(login).get(path)).json();

describe('a ring', () => {
  test('is told to an officer whole: listings of all marketplaces, who placed them, who was alerted', async () => {
    const it = await told('aigerim', `/api/rings/${ring}`);
    expect(it.ring).toMatchObject({
      ...{ id: ring, state: 'open', members: 4, people: 3, own: 4, markets: ['bazar', 'tolkuchka'] },
      caseId: null,
    });
    expect(it.listings.map((each: { market: string; id: string }) => `${each.market}/${each.id}`)).toEqual([
      ...['bazar/b1', 'bazar/b2', 'bazar/b3', 'tolkuchka/t1'],
    ]);
    expect(it.listings.map((each: { joinedAt: string }) => each.joinedAt.slice(11, 16))).toEqual([
      ...['04:30', '04:30', '04:30', '05:30'],
    ]);
    expect(it.actors[0]).toMatchObject({ kind: 'ip', listings: 4, outside: 0, flags: ['shared'] });
    expect(it.actors[1]).toMatchObject({ kind: 'phone', listings: 3, flags: [] });
    expect(it.alerts).toMatchObject([
      { marketplace: 'bazar', type: 'ring.opened', members: 3, endpoints: 1, delivered: 0 },
      { marketplace: 'tolkuchka', type: 'ring.opened', members: 4, endpoints: 0, delivered: 0 },
    ]);
    expect(JSON.stringify(it)).not.toMatch(/77000000031|79990000000|100\.64\.0\.9/);
  });

  test('is told to a partner with its own listings, and with how many are elsewhere', async () => {
    const answer = await as('trust').get(`/api/rings/${ring}`);
    const text = await answer.text();
    const it = JSON.parse(text);
    expect(it).toMatchObject({
      elsewhere: 1,
      ring: { own: 3, members: 4, markets: ['bazar'], caseId: null },
    });
    expect(it.listings.map((each: { id: string }) => each.id)).toEqual(['b1', 'b2', 'b3']);
    expect(it.actors.every((each: { outside: unknown }) => each.outside === null)).toBe(true);
    expect(text).not.toMatch(/tolkuchka|"t1"/);
  });

  test('is as good as none for a partner whose marketplace has no listing in it', async () => {
    for (const path of [`/api/rings/${ring}`, `/api/rings/${ring}/drawing`])
      expect(await refusal(await as('other').get(path))).toBe('404 not_found');
    expect((await told('other', '/api/rings')).rings).toEqual([]);
    expect((await told('other', '/api/rings?marketplace=bazar')).rings).toEqual([]);
    const word = { verdict: 'dispute' };
    expect(await refusal(await as('other').json('POST', `/api/rings/${ring}/feedback`, word))).toBe(
      '404 not_found',
    );
  });

  test('is nobody’s affair for a partner of no marketplace', async () => {
    for (const path of ['/api/rings', '/api/actors', '/api/deliveries', '/api/feedback', '/api/marketplaces'])
      expect(await refusal(await as('nobodys').get(path))).toBe('403 no_market');
  });

  test('is drawn as a picture that runs nothing and reaches nothing, in the language of whoever looks', async () => {
    const answer = await as('aigerim').get(`/api/rings/${ring}/drawing?lang=kk`);
    expect(answer.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    const svg = await answer.text();
    expect(svg).toContain(`${ring}: 4 хабарландыру`);
    expect(svg).toMatch(/желідегі мекенжай [0-9a-f]{10} × 4 \(ортақ мекенжай \(NAT\)\)/);
    expect(svg.match(/<line /g)).toHaveLength(13);
    expect(svg).not.toMatch(/<script|href=|77000000031/);
    const own = await (await as('trust').get(`/api/rings/${ring}/drawing?lang=ru`)).text();
    expect(own).toContain(`${ring}: 3 объявления`);
    expect(own).not.toContain('t1');
  });

  test('has its identifiers shown in clear to officers alone, with words, after the ledger was told', async () => {
    const reveal = (login: string, reason: string) =>
      as(login).json('POST', `/api/rings/${ring}/reveal`, { reason });
    expect(await refusal(await reveal('aigerim', ' 1 '))).toBe('422 no_words');
    expect(await refusal(await reveal('boss', 'Запрос следователя'))).toBe('403 not_allowed');
    expect(await refusal(await reveal('trust', 'Запрос следователя'))).toBe('403 not_allowed');
    const { values, listings } = await (await reveal('aigerim', 'Запрос следователя № 17')).json();
    expect(listings).toBe(4);
    const { actors } = await told('aigerim', `/api/rings/${ring}`);
    const clear = (value: string) => values.find((it: { value: string }) => it.value === value);
    expect(clear(PHONE).mark).toBe(actors[1].mark);
    expect(clear('100.64.0.9').mark).toBe(actors[0].mark);
    const rows = await ledgerStore(house.database).list(0, 1000);
    expect(rows.filter(({ kind }) => kind === 'reveal').map(({ entry }) => JSON.parse(entry))).toEqual([
      { by: 'aigerim', reason: 'Запрос следователя № 17', ring },
    ]);
  });
});

describe('the list of rings', () => {
  test('goes page by page, and is narrowed by marketplace, state, size and time', async () => {
    await fillQuiet(bazaar);
    const { rings, next } = await told('boss', '/api/rings?limit=1');
    expect(rings).toHaveLength(1);
    const rest = await told('boss', `/api/rings?limit=1&cursor=${next}`);
    expect(rest.next).toBe(null);
    const all = [...rings, ...rest.rings].map((it: { id: string }) => it.id);
    expect(new Set(all).size).toBe(2);
    photos = all.find((id) => id !== ring)!;
    const ids = async (query: string) =>
      (await told('boss', `/api/rings?${query}`)).rings.map((it: { id: string }) => it.id);
    expect(await ids('marketplace=tolkuchka')).toEqual([ring]);
    expect(await ids('marketplace=quiet')).toEqual([photos]);
    expect(await ids('least=3')).toEqual([ring]);
    expect(await ids('state=withdrawn')).toEqual([]);
    expect(await ids('updated_since=2026-11-25T00:00:00%2B05:00')).toEqual([]);
    expect(await refusal(await as('boss').get('/api/rings?cursor=x'))).toBe('400 bad_request');
  });
});

describe('whoever is behind a ring', () => {
  test('is listed by how many listings they have, page by page, for a partner of its own ones', async () => {
    const first = await told('boss', '/api/actors?limit=1');
    expect(first.actors).toMatchObject([{ kind: 'ip', listings: 4, rings: 1, marketplaces: 2 }]);
    const seen = [];
    for (let next = first.next; next !== null; ) {
      const page = await told('boss', `/api/actors?limit=3&cursor=${next}`);
      seen.push(...page.actors.map((it: { kind: string; mark: string }) => `${it.kind} ${it.mark}`));
      next = page.next;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(10);
    expect((await told('boss', '/api/actors?kind=device')).actors).toMatchObject([{ listings: 1 }]);
    expect((await told('trust', '/api/actors')).actors[0]).toMatchObject({ listings: 3, marketplaces: 1 });
  });

  test('is found by a telephone as people write it, and told with listings and companions', async () => {
    const find = (login: string, body: object) => as(login).json('POST', '/api/actors/find', body);
    const { mark } = await (await find('aigerim', { kind: 'phone', value: '8 700 000-00-31' })).json();
    const it = await told('aigerim', `/api/actors/phone/${mark}`);
    expect(it.listings.map((each: { id: string }) => each.id)).toEqual(['b3', 'b2', 'b1']);
    expect(it.listings[0]).toMatchObject({ marketplace: 'bazar', price: 190_000, ring });
    expect(it.companions[0]).toMatchObject({ kind: 'ip', listings: 3, flags: ['shared'] });
    expect(await told('other', `/api/actors/phone/${mark}`)).toMatchObject({ listings: [], elsewhere: 3 });
    expect(await refusal(await find('aigerim', { kind: 'account', value: 's1' }))).toBe('422 no_marketplace');
    const account = { kind: 'account', value: 's1', marketplace: 'bazar' };
    const own = await (await find('trust', { kind: 'account', value: 's1' })).json();
    expect(own).toEqual(await (await find('aigerim', account)).json());
  });
});

describe('a case of a ring', () => {
  let shown: Awaited<ReturnType<typeof openRingCase>>;

  test('is told with it, and with the rings that its pages show', async () => {
    shown = await openRingCase(house, bazaar);
    ringCase = shown.id;
    expect((await told('boss', `/api/cases/${ringCase}`)).rings).toEqual([
      {
        ...{ id: ring, state: 'open', relation: 'duplicate_ad', members: 4, people: 3 },
        markets: ['bazar', 'tolkuchka'],
      },
      { id: photos, state: 'open', relation: 'duplicate_ad', members: 3, people: 3, markets: ['quiet'] },
    ]);
    expect((await told('boss', `/api/rings/${ring}`)).ring).toMatchObject({ caseId: ringCase });
  });

  const lookAround = async (rings: RingViews, capture: string) => {
    const kind = 'phone';
    const { mark } = (await rings.actors({ kind }, null, 1))[0]!;
    const seen = [];
    for (const market of [null, 'bazar', 'quiet']) {
      const page = await rings.page({ market }, null, 1);
      const since = new Date('2026-11-20T00:00:00Z');
      const actors = await rings.actors({ market }, null, 3);
      seen.push(page, await rings.page({ market }, page[0]!, 9), actors);
      seen.push(await rings.page({ market, state: 'open', least: 3, since }, null, 9));
      seen.push(await rings.actors({ market, kind }, actors[0]!, 9));
      seen.push(await rings.placedBy({ kind, mark }, market, 2));
      seen.push(await rings.companions({ kind, mark }, market, 9));
      seen.push(await rings.get(ring, market), await rings.listings(ring, market));
      seen.push((await rings.alerts(ring, market)).map(({ event, ...it }) => [event.length, it]));
    }
    return [...seen, await rings.ofCaptures([capture], 9)];
  };

  test.skipIf(postgresMissing !== null)(
    `is, with all else that is looked at of the market, the same on PostgreSQL${why}`,
    async () => {
      const server = (await startPostgres())!;
      const elsewhere = await openHouse(undefined, server.url);
      try {
        const market = openBazaar(elsewhere);
        await addMarketplaces(elsewhere);
        await fill(elsewhere, market);
        await fillQuiet(market);
        const { id, capture } = await openRingCase(elsewhere, market);
        expect(id).toBe(ringCase);
        const here = await lookAround(house.stores.rings, shown.capture);
        expect(await lookAround(elsewhere.stores.rings, capture)).toEqual(here);
        expect(here.at(-1)).toMatchObject([{ id: photos, members: 3, own: 3 }]);
      } finally {
        await elsewhere.close();
        await server.stop();
      }
    },
    120_000,
  );

  test('is read again blind with its ring as it was before anybody decided', async () => {
    const paths = [`/api/rings/${ring}`, '/api/rings', '/api/actors', '/api/feedback'];
    const all = () => Promise.all(paths.map((path) => told('bolat', path)));
    const before = await all();
    const sampled = caseStore(house.database, { share: 1, lot: () => 0 });
    const reason = 'Один магазин, разные филиалы.';
    await sampled.decide(ringCase, { verdict: 'dismiss', by: 'aigerim', reason }, house.clock.now());
    const { reread } = await (await as('bolat').json('POST', '/api/rereads')).json();
    expect(reread).toMatchObject({ caseId: ringCase });
    const it = await told('bolat', `/api/cases/${ringCase}`);
    expect(it).toMatchObject({
      state: { is: 'open', isBlind: true },
      rings: [{ id: ring, state: 'open' }, {}],
    });
    expect(await all()).toEqual(before);
    expect(JSON.stringify(it)).not.toMatch(/aigerim|dismissed|филиалы/);
  });
});

describe('alerts', () => {
  const deliveries = async (login: string, query = '') =>
    (await told(login, `/api/deliveries?${query}`)).deliveries;

  test('stand with every try, what was answered as text, and when the next one is', async () => {
    const { endpoints } = house.stores;
    const now = house.clock.now();
    const [due] = await endpoints.lease(now, new Date(now.getTime() + 25_000), 10, 1);
    const made = { at: now, status: 503, milliseconds: 41, detail: '<script>busy</script>' };
    const next = new Date(now.getTime() + 5_000);
    await endpoints.settle(due!, made, { is: 'again', at: next, disable: null });
    expect(await deliveries('trust')).toMatchObject([
      {
        ...{ type: 'ring.opened', subject: ring, marketplace: 'bazar', url: 'https://hook.test/kuzet' },
        ...{ state: 'waiting', tries: 1, nextAt: next.toISOString() },
        log: [{ status: 503, ms: 41, detail: '<script>busy</script>' }],
      },
    ]);
    expect(await deliveries('other')).toEqual([]);
    expect(await deliveries('other', 'marketplace=bazar')).toEqual([]);
    expect((await told('trust', '/api/endpoints')).endpoints).toMatchObject([
      { id: endpoint, marketplace: 'bazar', failingSince: now.toISOString() },
    ]);
    expect(JSON.stringify(await told('boss', '/api/endpoints'))).not.toContain('whsec_');
  });

  test('are sent again one by one, for a stretch, or only those that reached nobody', async () => {
    const replay = async (login: string, body: object, query = '') => {
      const answer = await as(login).json('POST', `/api/deliveries/replay${query}`, body);
      return answer.status === 202 ? (await answer.json()).messages : refusal(answer);
    };
    const [{ event, seq }] = await deliveries('boss');
    const [since, until] = ['2026-11-20T00:00:00Z', '2026-11-20T01:00:00Z'];
    expect(await replay('trust', { since, failed: true })).toBe(0);
    const given = { at: house.clock.now(), status: 500, milliseconds: 9, detail: '' };
    await house.stores.endpoints.settle({ seq, endpoint }, given, { is: 'given_up', disable: null });
    expect(await replay('other', { since, failed: true })).toBe(0);
    expect(await replay('trust', { since, until, failed: true })).toBe(0);
    expect(await replay('trust', { since, failed: true })).toBe(1);
    expect(await deliveries('trust')).toMatchObject([{ event, state: 'waiting', tries: 0 }]);
    expect(await replay('trust', { event })).toBe(1);
    expect(await replay('other', { event })).toBe(0);
    expect(await replay('boss', { event })).toBe('422 no_marketplace');
    expect(await replay('boss', { event }, '?marketplace=bazar')).toBe(1);
    expect(await replay('aigerim', { event }, '?marketplace=bazar')).toBe('403 not_allowed');
  });

  test('are tried by a test message, at one’s own endpoint alone', async () => {
    const trial = (login: string) => as(login).json('POST', `/api/endpoints/${endpoint}/test`);
    expect(await refusal(await trial('other'))).toBe('404 not_found');
    const { event } = await (await trial('trust')).json();
    expect((await deliveries('trust', 'limit=1'))[0]).toMatchObject({ event, type: 'endpoint.test' });
    const { next } = await told('trust', '/api/deliveries?limit=1');
    expect(await deliveries('trust', `limit=1&cursor=${next}`)).toMatchObject([{ type: 'ring.opened' }]);
  });
});

describe('a marketplace’s word', () => {
  test('is taken from its own partner alone, and its last one on a ring counts', async () => {
    const say = (login: string, verdict: string, id = ring) =>
      as(login).json('POST', `/api/rings/${id}/feedback`, { verdict, reason: 'Наши продавцы' });
    expect(await refusal(await say('aigerim', 'confirm'))).toBe('403 not_allowed');
    expect((await say('trust', 'confirm')).status).toBe(204);
    expect((await say('trust', 'removed')).status).toBe(204);
    expect((await say('other', 'dispute', photos)).status).toBe(204);
    const { partners, feedback } = await told('boss', '/api/feedback');
    expect(partners).toMatchObject([
      { marketplace: 'bazar', told: 1, confirmed: 0, removed: 1, disputed: 0, precision: 1 },
      { marketplace: 'quiet', told: 1, confirmed: 0, removed: 0, disputed: 1, precision: 0 },
      { marketplace: 'tolkuchka', told: 1, precision: null },
    ]);
    expect(feedback.map((it: { verdict: string }) => it.verdict)).toEqual(['dispute', 'removed', 'confirm']);
    const own = await told('trust', '/api/feedback?verdict=confirm');
    expect(own.partners).toHaveLength(1);
    expect(own.feedback).toMatchObject([{ ring, verdict: 'confirm', reason: 'Наши продавцы' }]);
    expect((await told('boss', `/api/rings/${photos}`)).ring).toMatchObject({
      state: 'withdrawn',
      why: 'disputed',
    });
  });
});

test('every look at a ring or at somebody is in the log, and what was typed is in none', async () => {
  const { events } = await told('boss', '/api/audit?by=aigerim');
  const kinds = new Set(events.map((it: { kind: string }) => it.kind));
  expect([...kinds].sort()).toEqual(['revealed', 'searched', 'viewed']);
  expect(events.map((it: { facts: { what: string } }) => it.facts.what)).toContain(ring);
  await house.stores.custody.flush();
  const rows = await ledgerStore(house.database).list(0, 1000);
  const views = rows.filter(({ kind, subject }) => kind === 'custody' && subject === 'aigerim');
  expect(JSON.stringify(views)).toContain(ring);
  expect(JSON.stringify([events, rows])).not.toContain('77000000031');
});

const hasBrowser = chromiumPath() !== null;
const where = hasBrowser ? '' : ' (skipped: no Chromium; set CHROMIUM to the path of one)';

describe.skipIf(!hasBrowser)(`on the screens${where}`, { timeout: 120_000 }, () => {
  let browser: Browser;
  const broken: string[] = [];
  beforeAll(async () => {
    browser = (await openBrowser())!;
  }, 60_000);
  afterAll(() => browser?.close());

  const open = async (login: string): Promise<Page> => {
    const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => {
      if (/Content Security Policy|Trusted ?Type/i.test(message.text())) broken.push(message.text());
    });
    page.on('pageerror', (error) => broken.push(error.message));
    await enter(page, desk, login);
    return page;
  };
  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

  test('an officer goes to a ring, compares its listings and has a telephone shown, by keys alone', async () => {
    const page = await open('aigerim');
    await heading(page, 'Cases');
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await page.locator(`a[href="/rings/${ring}"]`).waitFor();
    for (let at = 0; at < 2; at += 1) {
      await page.keyboard.press('j');
      if ((await page.locator(':focus').getAttribute('href')) === `/rings/${ring}`) break;
    }
    await page.keyboard.press('Enter');
    await heading(page, `Ring ${ring}`);
    const drawing = page.getByRole('img', { name: new RegExp(`Ring ${ring}`) });
    expect(await drawing.evaluate((it: HTMLImageElement) => it.decode().then(() => it.naturalWidth))).toBe(
      1240,
    );
    const right = page.getByLabel('On the right');
    expect(await right.locator('option:checked').textContent()).toBe('bazar · b2');
    await page.keyboard.press('j');
    await page.getByText('190 000 KZT').first().waitFor();
    expect(await right.locator('option:checked').textContent()).toBe('bazar · b3');
    expect(await page.getByText(PHONE).count()).toBe(0);
    await page.keyboard.press('o');
    await page.getByRole('dialog').getByLabel('Why').fill('Запрос следователя № 18');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText(PHONE).waitFor();
    await page.keyboard.press('?');
    await page.locator('.key-list', { hasText: 'Next listing on the right' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: ringCase }).click();
    const rings = page.getByRole('region', { name: 'Ring of listings' });
    expect(await rings.getByRole('listitem').innerText()).toMatch(/4 listings · People at least: 3/);
    await rings.getByRole('link', { name: ring }).click();
    await heading(page, `Ring ${ring}`);
    await page.context().close();
  });

  test('what cannot be reached, or is not there, says so and offers the way on', async () => {
    const page = await open('boss');
    await page.route('**/api/rings*', (route) => route.abort());
    await page.goto(`${desk.url}/rings`);
    await page.locator('.notice.trouble').waitFor();
    await page.unroute('**/api/rings*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator(`a[href="/rings/${ring}"]`).waitFor();
    await page.goto(`${desk.url}/rings?state=merged`);
    await page.getByText('No ring fits this choice.').waitFor();
    await page.goto(`${desk.url}/rings/ring-000000000000`);
    await page.locator('.notice.trouble').waitFor();
    await page.context().close();
  });

  test('a partner begins among its own rings, tries an alert again and disputes a ring by keys', async () => {
    const page = await open('trust');
    await heading(page, 'Rings of listings');
    expect(await page.locator('nav[aria-label="Sections"] a, .masthead nav a').allTextContents()).toEqual([
      'Marketplaces',
    ]);
    await page.keyboard.press('3');
    await heading(page, 'Alerts');
    await page.locator('.deliveries summary').last().click();
    await page.getByText('<script>busy</script>').waitFor();
    await page.locator('.deliveries details[open]').getByRole('button', { name: 'Send again' }).click();
    await page.getByText('1 message is sent again').waitFor();
    await page.goto(`${desk.url}/rings/${ring}`);
    await page.getByText('1 more listing is on other marketplaces.').first().waitFor();
    expect(await page.getByText('tolkuchka').count()).toBe(0);
    await page.keyboard.press('x');
    await page.keyboard.press('Control+Enter');
    await page.getByText('The answer was noted').waitFor();
    await page.getByText('Withdrawn', { exact: true }).waitFor();
    await page.context().close();
    expect(broken).toEqual([]);
  });
});
