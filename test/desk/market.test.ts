import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Desk } from '../../desk/server.ts';
import { openBox } from '../../domain/box.ts';
import type { Market } from '../../queues/market/market.ts';
import { feedbackStore } from '../../store/feedback.ts';
import { BAIT, emptyMarket, HONEST, KEY } from '../queues/market/trial.ts';
import { openBazaar } from './bazaar.ts';
import { refusal } from './client.ts';
import { openHouse } from './house.ts';

const house = await openHouse();
const bazaar = openBazaar(house);
const { tenants } = house.stores;
let desk: Desk;
let market: Market;
const keys: Record<string, string> = {};

beforeAll(async () => {
  desk = await house.open({ market: bazaar.door });
  for (const id of ['bazar', 'tolkuchka']) {
    keys[id] = (await tenants.add({ id, name: id, isDry: false, sites: [] }, house.clock.now())).key;
  }
});
afterAll(() => house.close());
beforeEach(async () => {
  await emptyMarket(house.database);
  market = bazaar.renew();
  await market.store.place(
    HONEST.map(([title, text], at) => ({
      market: 'tolkuchka',
      listingId: `honest-${at}`,
      listing: market.seal(listing(`h-${at}`, title, text), 'tolkuchka'),
      isQuiet: false,
      captureId: null,
    })),
    house.clock.now(),
  );
});

function listing(seller: string, title: string, text: string) {
  return {
    id: null,
    url: '',
    title,
    text,
    price: 90_000,
    currency: 'KZT',
    category: null,
    city: null,
    seller: { id: seller, name: '' },
    phone: null,
    images: [],
    postedAt: null,
  };
}

const bait = (sellerId: string, more: object = {}) => ({
  title: 'iPhone 15 Pro срочно',
  description: BAIT,
  price: 250_000,
  currency: 'KZT',
  sellerId,
  postedAt: '2026-11-19T10:00:00Z',
  ...more,
});

async function ask(
  tenant: string | null,
  method: string,
  path: string,
  body?: unknown,
  once?: string,
): Promise<Response> {
  return fetch(desk.url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(once === undefined ? {} : { 'idempotency-key': once }),
      ...(tenant === null ? {} : { authorization: `Bearer ${keys[tenant] ?? tenant}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
const told = async (answer: Promise<Response>) => (await answer).json() as Promise<Record<string, never>>;

/** Three accounts with one advertisement at bazar; the ring's id. */
async function ringAtBazar(): Promise<string> {
  for (const at of [1, 2, 3]) await ask('bazar', 'PUT', `/v1/listings/b${at}`, bait(`s${at}`));
  await market.settle();
  const [ring] = await market.rings.list(1);
  return ring!.id;
}

describe('a request with a key of its own', () => {
  test('is answered as at first, of each marketplace apart', async () => {
    const stock = { listings: [{ ...bait('s1'), id: 'once-1' }] };
    const send = (tenant: string, it: unknown, once = 'stock-of-today') =>
      ask(tenant, 'POST', '/v1/listings/batch', it, once);
    const first = await (await send('bazar', stock)).text();
    expect(await (await send('bazar', stock)).text()).toBe(first);
    expect(await (await send('bazar', stock, 'stock-of-tomorrow')).text()).not.toBe(first);
    expect(await refusal(await send('bazar', { listings: [] }))).toBe('422 key_reused');
    expect((await send('tolkuchka', { listings: [{ ...bait('t1'), id: 'once-1' }] })).status).toBe(200);
    expect((await send('bazar', stock, 'x')).status).toBe(400);
    await ask('bazar', 'DELETE', '/v1/listings/once-1');
    await ask('tolkuchka', 'DELETE', '/v1/listings/once-1');
  });
});

describe('a flood of checks', () => {
  test('is refused beyond 96 of one marketplace, others are served, and all again once it is over', async () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    let held = 0;
    const slow = await house.open({
      market: {
        ...bazaar.door,
        service: async () => {
          const service = await bazaar.door.service();
          return {
            ...service,
            check: async (...asked) => {
              held += 1;
              await opened;
              return service.check(...asked);
            },
          };
        },
      },
    });
    const check = (tenant: string) =>
      fetch(`${slow.url}/v1/listings/check`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${keys[tenant]}` },
        body: JSON.stringify(bait('s1')),
      });
    const inTime = Array.from({ length: 96 }, () => check('bazar'));
    await expect.poll(() => held, { timeout: 60_000 }).toBe(96);
    const late = await check('bazar');
    expect(late.headers.get('retry-after')).toBe('1');
    expect(await refusal(late)).toBe('503 busy');
    inTime.push(...Array.from({ length: 32 }, () => check('tolkuchka')));
    await expect.poll(() => held, { timeout: 60_000 }).toBe(128);
    expect(await refusal(await check('tolkuchka'))).toBe('503 busy');
    open();
    for (const answer of await Promise.all(inTime)) expect(answer.status).toBe(200);
    expect((await check('bazar')).status).toBe(200);
    expect(held).toBe(129);
  });
});

describe('a check', () => {
  test('lets an advertisement pass that is like no other, without a word', async () => {
    const answer = await told(
      ask('bazar', 'POST', '/v1/listings/check', {
        title: 'Пылесос',
        description:
          'Моющий пылесос с аквафильтром, мешков не надо, отдам насадки, живу у Ботанического сада',
        sellerId: 's9',
      }),
    );
    expect(answer).toMatchObject({ decision: 'allow', score: 0, ring: null, reasons: [], message: null });
  });

  test('holds one more of a ring, and says why in three languages', async () => {
    const ring = await ringAtBazar();
    const answer = await told(ask('bazar', 'POST', '/v1/listings/check', bait('s4')));
    expect(answer).toMatchObject({
      decision: 'hold',
      ring: { id: ring, members: 3, people: 3 },
      reasons: [{ code: 'one_of_a_ring' }, { code: 'copy_of_another' }],
    });
    expect(answer['score']).toBeGreaterThan(0.8);
    expect(answer['message']!['ru']).toContain('несколько разных продавцов');
    expect(answer['message']!['kk']).toContain('бірнеше түрлі сатушы');
    expect(answer['message']!['en']).toContain('Several sellers');
    expect((await market.store.head()) - HONEST.length).toBe(3);
  });

  test('warns a seller of a copy of its own, and does not find a listing to be a copy of itself', async () => {
    await ask('bazar', 'PUT', '/v1/listings/b1', bait('s1'));
    const again = await told(ask('bazar', 'POST', '/v1/listings/check', bait('s1')));
    expect(again).toMatchObject({ decision: 'warn', score: 0, reasons: [{ code: 'own_repeat' }] });
    const edited = await told(ask('bazar', 'POST', '/v1/listings/check', { ...bait('s1'), id: 'b1' }));
    expect(edited).toMatchObject({ decision: 'allow', matches: [] });
  });

  test('tells another marketplace that there is a copy, and not which one it is', async () => {
    await ringAtBazar();
    const answer = await ask('tolkuchka', 'POST', '/v1/listings/check', bait('t1'));
    const text = await answer.text();
    expect(JSON.parse(text).matches).toHaveLength(3);
    expect(JSON.parse(text).matches.every((it: { listing: unknown }) => it.listing === null)).toBe(true);
    expect(text).not.toMatch(/bazar|"b[123]"/);
  });

  test('warns of a price far below what the like cost', async () => {
    const car = (price: number) => ({
      category: 'cars',
      currency: 'KZT',
      attrs: { Модель: 'Toyota Camry', Год: '2015' },
      price,
    });
    const listings = HONEST.concat(HONEST, HONEST).map(([title, description], at) => ({
      id: `c${at}`,
      title: `${title} ${at}`,
      description: `${description} ${at}`,
      sellerId: `c${at}`,
      ...car(9_000_000 + 100_000 * at),
    }));
    await ask('bazar', 'POST', '/v1/listings/batch', { listings });
    const ad = {
      title: 'Камри',
      description: 'Один хозяин, не бита, зимняя резина в подарок',
      sellerId: 's5',
    };
    const cheap = await told(ask('bazar', 'POST', '/v1/listings/check', { ...ad, ...car(2_500_000) }));
    expect(cheap).toMatchObject({ decision: 'warn', reasons: [{ code: 'price_far_below' }] });
    const fair = await told(ask('bazar', 'POST', '/v1/listings/check', { ...ad, ...car(9_400_000) }));
    expect(fair).toMatchObject({ decision: 'allow' });
  });
});

describe('a listing', () => {
  test('is kept, changed, found unchanged, and taken down', async () => {
    const put = (body: object) => told(ask('bazar', 'PUT', '/v1/listings/b1', body));
    const before = bazaar.wakes;
    expect(await put(bait('s1'))).toEqual({ id: 'b1', is: 'new' });
    expect(await put(bait('s1'))).toEqual({ id: 'b1', is: 'same' });
    expect(await put(bait('s1', { price: 1 }))).toEqual({ id: 'b1', is: 'changed' });
    expect((await ask('bazar', 'DELETE', '/v1/listings/b1')).status).toBe(204);
    expect(await refusal(await ask('bazar', 'DELETE', '/v1/listings/b1'))).toBe('404 not_found');
    expect(bazaar.wakes).toBe(before + 4);
  });

  test('comes in batches in which a bad row costs only itself', async () => {
    const listings = [{ id: 'x1', ...bait('s1') }, { title: 'no id' }, { id: 7, ...bait('s2') }];
    expect(await told(ask('bazar', 'POST', '/v1/listings/batch', { listings }))).toMatchObject({
      taken: 2,
      refused: 1,
      rows: [
        { at: 0, id: 'x1', is: 'new' },
        { at: 1, id: null, is: 'refused' },
        { at: 2, id: '7', is: 'new' },
      ],
    });
  });

  test('keeps its identifiers in clear in a box alone, until their time is over', async () => {
    await ask('bazar', 'PUT', '/v1/listings/b1', bait('s1', { phone: '+77000000021', ip: '198.51.100.9' }));
    const it = (await market.store.find({ market: 'bazar', listingId: 'b1' }))!;
    expect(JSON.stringify(it)).not.toMatch(/77000000021|198\.51\.100\.9/);
    const [kept] = await market.store.clear([it.number]);
    expect(kept!.box.toString('latin1')).not.toContain('77000000021');
    expect(JSON.parse(openBox(KEY, kept!.box, 'bazar/b1'))).toMatchObject({ phone: '+77000000021' });
    expect(() => openBox(KEY, kept!.box, 'bazar/b2')).toThrow();
    const years = (n: number) => new Date(house.clock.now().getTime() + n * 365 * 86_400_000 + 1);
    expect(await market.store.forget(years(2))).toBe(0);
    expect(await market.store.forget(years(3))).toBe(1);
    expect(await market.store.clear([it.number])).toEqual([]);
  });
});

describe('a ring', () => {
  test('is told to a marketplace with its own listings, and with how many are elsewhere', async () => {
    const id = await ringAtBazar();
    await ask('tolkuchka', 'PUT', '/v1/listings/t1', bait('t1', { device: 'd1' }));
    await market.settle();
    const bazar = await told(ask('bazar', 'GET', `/v1/clusters/${id}`));
    expect(bazar).toMatchObject({
      id,
      state: 'open',
      relation: 'duplicate_ad',
      elsewhere: 1,
      listings: [{ id: 'b1' }, { id: 'b2' }, { id: 'b3' }],
    });
    const tolkuchka = await (await ask('tolkuchka', 'GET', `/v1/clusters/${id}`)).text();
    expect(JSON.parse(tolkuchka)).toMatchObject({ elsewhere: 3, listings: [{ id: 't1' }] });
    expect(tolkuchka).not.toMatch(/bazar|"b[123]"/);
    expect(
      JSON.parse(tolkuchka)
        .actors.map((it: { kind: string }) => it.kind)
        .sort(),
    ).toEqual(['account', 'device']);
  });

  test('that has no listing of a marketplace is as good as none for it', async () => {
    const id = await ringAtBazar();
    for (const [method, path, body] of [
      ['GET', `/v1/clusters/${id}`, undefined],
      ['GET', '/v1/clusters/ring-000000000000', undefined],
      ['POST', `/v1/clusters/${id}/feedback`, { verdict: 'dispute' }],
    ] as const) {
      expect(await refusal(await ask('tolkuchka', method, path, body))).toBe('404 not_found');
    }
    expect(await refusal(await ask('tolkuchka', 'DELETE', '/v1/listings/b1'))).toBe('404 not_found');
    expect(await market.rings.list(5)).toMatchObject([{ id, members: 3 }]);
  });

  test('that is disputed is withdrawn for good, and becomes pairs to learn from', async () => {
    const id = await ringAtBazar();
    const say = (verdict: string) =>
      told(ask('bazar', 'POST', `/v1/clusters/${id}/feedback`, { verdict, reason: 'own stock' }));
    expect(await say('confirm')).toEqual({ taken: true });
    expect(await say('dispute')).toEqual({ taken: true });
    expect(await told(ask('bazar', 'GET', `/v1/clusters/${id}`))).toMatchObject({
      state: 'withdrawn',
      why: 'disputed',
      listings: [],
    });
    await ask('bazar', 'PUT', '/v1/listings/b1', bait('s1', { price: 240_000 }));
    await market.settle();
    expect(await market.rings.list(5)).toEqual([]);
    const labels = [];
    for await (const { label } of feedbackStore(house.database).labels()) labels.push(label);
    expect(labels).toEqual([0, 0, 0]);
  });
});

test('an actor is found by what is known of it, on own listings only', async () => {
  const phone = '+77000000031';
  await ask('bazar', 'PUT', '/v1/listings/b1', bait('s1', { phone }));
  await ask('tolkuchka', 'PUT', '/v1/listings/t1', bait('t1', { phone }));
  const asked = '/v1/actors?phone=8%20700%20000-00-31';
  expect(await told(ask('bazar', 'GET', asked))).toMatchObject({ listings: [{ id: 'b1' }], elsewhere: 1 });
  expect(await told(ask('tolkuchka', 'GET', asked))).toMatchObject({
    listings: [{ id: 't1' }],
    elsewhere: 1,
  });
  expect(await told(ask('tolkuchka', 'GET', '/v1/actors?account=s1'))).toMatchObject({
    listings: [],
    elsewhere: 0,
  });
  expect(await refusal(await ask('bazar', 'GET', '/v1/actors'))).toBe('400 bad_request');
});

describe('an endpoint', () => {
  test('is added with a secret that is shown once, and seen by its own marketplace alone', async () => {
    const made = await told(ask('bazar', 'POST', '/v1/endpoints', { url: 'https://hook.test/kuzet' }));
    expect(made['secret']).toMatch(/^whsec_[\w+/]{43}=$/);
    const list = await (await ask('bazar', 'GET', '/v1/endpoints')).text();
    expect(JSON.parse(list).endpoints).toMatchObject([{ id: made['id'], url: 'https://hook.test/kuzet' }]);
    expect(list).not.toContain(made['secret']);
    expect(JSON.stringify(await house.database.query('select * from endpoint'))).not.toContain(
      made['secret'],
    );
    expect(await told(ask('tolkuchka', 'GET', '/v1/endpoints'))).toEqual({ endpoints: [] });
    for (const [method, path] of [
      ['DELETE', `/v1/endpoints/${made['id']}`],
      ['POST', `/v1/endpoints/${made['id']}/secret`],
      ['POST', `/v1/endpoints/${made['id']}/test`],
    ] as const) {
      expect(await refusal(await ask('tolkuchka', method, path))).toBe('404 not_found');
    }
    expect((await ask('bazar', 'POST', `/v1/endpoints/${made['id']}/test`)).status).toBe(202);
    expect((await ask('bazar', 'DELETE', `/v1/endpoints/${made['id']}`)).status).toBe(204);
    expect(await told(ask('bazar', 'GET', '/v1/endpoints'))).toEqual({ endpoints: [] });
  });

  test.each([
    ['http://shop.example.com/hook', 'https'],
    ['https://127.0.0.1/hook', 'loopback'],
    ['https://[::1]/hook', ''],
    ['https://169.254.169.254/latest', 'link-local'],
    ['https://10.0.0.7/', 'private'],
    ['https://2130706433/', 'loopback'],
    ['https://localhost/', 'inner network'],
    ['https://user:pass@shop.example.com/', 'password'],
    ['https://shop.example.com:22/', 'port 22'],
    ['file:///etc/passwd', ''],
    ['nonsense', 'no address'],
  ])('at %s is refused', async (url, why) => {
    const answer = await ask('bazar', 'POST', '/v1/endpoints', { url });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain(why);
  });
});

test('the feed holds what a marketplace was told, page by page, and nothing of another', async () => {
  const id = await ringAtBazar();
  const first = await told(ask('bazar', 'GET', '/v1/feed?limit=1'));
  expect(first).toMatchObject({ events: [{ type: 'kuzet.ring.opened', subject: id, data: { members: 3 } }] });
  const next = await told(ask('bazar', 'GET', `/v1/feed?cursor=${first['cursor']}`));
  expect(next).toEqual({ events: [], cursor: first['cursor'] });
  expect(await told(ask('tolkuchka', 'GET', '/v1/feed'))).toEqual({ events: [], cursor: '0' });
  expect(await refusal(await ask('bazar', 'GET', '/v1/feed?cursor=x'))).toBe('400 bad_request');
});

describe('a key', () => {
  test('opens nothing when it is missing, wrong or revoked', async () => {
    const other = await tenants.add({ id: 'gone', name: 'gone', isDry: false, sites: [] }, house.clock.now());
    const check = (key: string | null) => ask(key, 'POST', '/v1/listings/check', bait('s1'));
    expect((await check(other.key)).status).toBe(200);
    await tenants.revoke('gone', house.clock.now());
    for (const key of [null, 'kzt_wrong', `kzt_${'a'.repeat(43)}`, other.key]) {
      expect(await refusal(await check(key))).toBe('401 bad_key');
    }
  });

  test('is kept as a hash alone, and a second one works beside the first', async () => {
    const rows = JSON.stringify(await house.database.query('select * from tenant_key'));
    expect(rows).not.toContain(keys['bazar']);
    keys['second'] = await tenants.addKey('bazar', house.clock.now());
    expect((await ask('second', 'POST', '/v1/listings/check', bait('s1'))).status).toBe(200);
    expect((await ask('bazar', 'POST', '/v1/listings/check', bait('s1'))).status).toBe(200);
  });

  test('is no session: it opens nothing of the desk', async () => {
    expect(await refusal(await ask('bazar', 'GET', '/api/cases'))).toBe('401 not_logged_in');
  });
});

test('the service is described in OpenAPI 3.1', async () => {
  const document = await (await fetch(`${desk.url}/openapi.json`)).json();
  expect(document.openapi).toBe('3.1.0');
  const paths = Object.keys(document.paths).filter((path) => path.startsWith('/v1/'));
  expect(paths).toEqual(
    expect.arrayContaining(['/v1/listings/check', '/v1/listings/{id}', '/v1/clusters/{id}', '/v1/actors']),
  );
});
