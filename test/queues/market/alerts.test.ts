import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { alertService } from '../../../queues/market/endpoints.ts';
import type { Market } from '../../../queues/market/market.ts';
import { type SendTools, sendRound } from '../../../queues/market/send.ts';
import { COOL_DOWN_SECONDS, ringTeller, tellDue } from '../../../queues/market/tell.ts';
import type { Database } from '../../../store/database.ts';
import { endpointStore } from '../../../store/endpoints.ts';
import { openDatabase } from '../../../store/open.ts';
import { tenantStore } from '../../../store/tenants.ts';
import { ad, BAIT, emptyMarket, HONEST, KEY, NOW, trialMarket } from './trial.ts';

/** What arrived, in order, and how the receiver answers. */
const arrived: { id: string; signature: string; timestamp: string; body: string }[] = [];
let answer: { status: number; headers?: Record<string, string>; body?: string } = { status: 204 };
const server = createServer((request: IncomingMessage, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (piece: string) => {
    body += piece;
  });
  request.on('end', () => {
    const header = (name: string) => String(request.headers[name]);
    arrived.push({
      id: header('webhook-id'),
      signature: header('webhook-signature'),
      timestamp: header('webhook-timestamp'),
      body,
    });
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  });
});

let db: Database;
let market: Market;
let now = NOW.getTime();
const clock = { now: () => new Date(now), sleep: async () => undefined };
const telling = { clock, source: '/kuzet' };
let sending: SendTools;
let alerts: ReturnType<typeof alertService>;
const going = new AbortController().signal;

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  db = await openDatabase({ memory: true });
  const tenants = tenantStore(db);
  await tenants.add({ id: 'bazar', name: 'bazar', isDry: false, sites: [] }, NOW);
  await tenants.add({ id: 'quiet', name: 'quiet', isDry: true, sites: [] }, NOW);
  const endpoints = endpointStore(db);
  const reach = { resolve: { 'hook.test': `127.0.0.1:${(server.address() as AddressInfo).port}` } };
  sending = { endpoints, key: KEY, reach, clock, chance: () => 0.5, log: pino({ level: 'silent' }) };
  alerts = alertService({ ...telling, endpoints, key: KEY, reach, wake: () => undefined });
});
afterAll(async () => {
  await db.close();
  server.close();
});
beforeEach(async () => {
  await emptyMarket(db);
  market = trialMarket(db, { clock, onRings: ringTeller(telling) });
  arrived.length = 0;
  answer = { status: 204 };
  for (const [at, [title, text]] of HONEST.entries()) await put(`h${at}`, ad(`h${at}`, title, text));
});

async function put(
  id: string,
  listing: ReturnType<typeof ad>,
  more: { of?: string; isQuiet?: boolean } = {},
) {
  const { of = 'bazar', isQuiet = false } = more;
  const sealed = market.seal(listing, of);
  await market.store.place(
    [{ market: of, listingId: id, listing: sealed, isQuiet, captureId: null }],
    clock.now(),
  );
}
async function baits(from: number, to: number, more: { of?: string; isQuiet?: boolean } = {}): Promise<void> {
  for (let at = from; at <= to; at += 1)
    await put(`b${at}`, ad(`s${at}`, 'iPhone 15 Pro срочно', BAIT), more);
  await market.settle();
}
const OTHER_BAIT =
  'Сдаю посуточно квартиру возле стадиона, ремонт от застройщика, бронь через перевод половины суммы, ключи передаст консьержка, фото настоящие, заселение круглосуточно';

interface Told {
  readonly type: string;
  readonly subject: string;
  readonly data: { readonly members: number; readonly merged?: string; readonly why: string | null };
}
async function told(): Promise<Told[]> {
  return (await alerts.feed('bazar', 0, 100)).map(({ body }) => JSON.parse(body) as Told);
}
const types = async () =>
  (await told()).map(({ type, data }) => `${type.replace('kuzet.ring.', '')} ${data.members}`);
const due = () => market.rings.amend((findings) => tellDue(findings, telling));
const wait = (seconds: number) => {
  now += seconds * 1000;
};
async function endpoint(): Promise<{ id: string; secret: string }> {
  const made = await alerts.addEndpoint('bazar', 'http://hook.test/kuzet');
  if (made.is === 'refused') throw new Error(made.why);
  return { id: made.endpoint.id, secret: made.secret };
}

describe('a marketplace is told of a ring', () => {
  test('once at two members, again at five and ten, and not in between', async () => {
    await baits(1, 2);
    await baits(3, 4);
    wait(COOL_DOWN_SECONDS);
    await baits(5, 5);
    wait(COOL_DOWN_SECONDS);
    await baits(6, 10);
    expect(await types()).toEqual(['opened 2', 'grown 5', 'grown 10']);
    expect(new Set((await told()).map(({ subject }) => subject)).size).toBe(1);
  });

  test('not more often than every ten minutes: what grew meanwhile is told as one', async () => {
    await baits(1, 2);
    await baits(3, 5);
    await baits(6, 10);
    await due();
    expect(await types()).toEqual(['opened 2']);
    wait(COOL_DOWN_SECONDS);
    await due();
    await due();
    expect(await types()).toEqual(['opened 2', 'grown 10']);
  });

  test('and one whose marketplace is told nothing any more does not stand before the others', async () => {
    await baits(1, 2);
    await baits(3, 5);
    await db.query("update tenant set revoked_at = $1 where id = 'bazar'", [clock.now()]);
    wait(COOL_DOWN_SECONDS);
    await due();
    expect(await db.query('select ring_id from ring_alert where due_at is not null')).toEqual([]);
    await db.query("update tenant set revoked_at = null where id = 'bazar'");
  });

  test('that another took in, once, by the merger', async () => {
    await baits(1, 2);
    for (const id of ['o1', 'o2']) await put(id, ad(`t-${id}`, 'Квартира посуточно', OTHER_BAIT));
    await market.settle();
    const [first, second] = await told();
    for (const id of ['o1', 'o2']) await put(id, ad(`t-${id}`, 'iPhone 15 Pro срочно', BAIT));
    await market.settle();
    expect(await types()).toEqual(['opened 2', 'opened 2', 'merged 4']);
    expect((await told())[2]).toMatchObject({ subject: first!.subject, data: { merged: second!.subject } });
  });

  test('that turned out to be none, and only if it was told before', async () => {
    await baits(1, 2);
    await market.store.takeDown({ market: 'bazar', listingId: 'b1' }, clock.now());
    await market.settle();
    expect(await types()).toEqual(['opened 2', 'withdrawn 0']);
    expect((await told())[1]!.data.why).toBe('changed');
  });

  test('of several people only: a seller who repeats itself is no ring', async () => {
    for (const id of ['r1', 'r2', 'r3']) await put(id, ad('one-seller', 'iPhone 15 Pro срочно', BAIT));
    await market.settle();
    expect(await market.rings.list(5)).toMatchObject([{ members: 3, actors: 1 }]);
    expect(await types()).toEqual([]);
  });

  test('not while it is on trial, and not of its stock from before until that grows', async () => {
    await baits(1, 3, { of: 'quiet' });
    expect(await db.query('select * from alert_event')).toEqual([]);
    await market.store.takeDown({ market: 'quiet', listingId: 'b1' }, clock.now());
    for (const at of [11, 12, 13])
      await put(`o${at}`, ad(`q${at}`, 'Квартира посуточно', OTHER_BAIT), { isQuiet: true });
    await market.settle();
    expect(await types()).toEqual([]);
    for (const at of [14, 15]) await put(`o${at}`, ad(`q${at}`, 'Квартира посуточно', OTHER_BAIT));
    await market.settle();
    expect(await types()).toEqual(['grown 5']);
  });
});

describe('an alert', () => {
  test('arrives signed, once, under its own id', async () => {
    const { secret } = await endpoint();
    await baits(1, 3);
    expect(await sendRound(sending, going)).toBe(1);
    expect(await sendRound(sending, going)).toBe(0);
    expect(arrived).toHaveLength(1);
    const [{ id, signature, timestamp, body }] = arrived as [(typeof arrived)[0]];
    expect(new Webhook(secret).sign(id, new Date(Number(timestamp) * 1000), body)).toBe(signature);
    expect(JSON.parse(body)).toMatchObject({ specversion: '1.0', id, type: 'kuzet.ring.opened' });
    expect(Buffer.byteLength(body)).toBeLessThan(20_000);
  });

  test('holds the actors of own listings by mark, and no identifier in clear', async () => {
    await endpoint();
    const own = { phone: '+77000000055', ip: '198.51.100.55', device: 'dev-55' };
    for (const at of [1, 2]) await put(`b${at}`, ad(`s${at}`, 'iPhone 15 Pro срочно', BAIT, own));
    await market.settle();
    await sendRound(sending, going);
    const { data } = JSON.parse(arrived[0]!.body) as {
      data: { actors: { kind: string; listings: number }[]; listings: string[] };
    };
    expect(data.listings).toEqual(['b1', 'b2']);
    expect(data.actors.slice(0, 3).map(({ kind, listings }) => `${kind} ${listings}`)).toEqual([
      'device 2',
      'ip 2',
      'phone 2',
    ]);
    expect(arrived[0]!.body).not.toMatch(/77000000055|198\.51\.100\.55|dev-55/);
  });

  test('that did not arrive comes again under the same id, later and later', async () => {
    await endpoint();
    await baits(1, 2);
    answer = { status: 503, body: 'down for repairs' };
    await sendRound(sending, going);
    expect(await sendRound(sending, going)).toBe(0);
    wait(6);
    await sendRound(sending, going);
    wait(60);
    expect(await sendRound(sending, going)).toBe(0);
    answer = { status: 200 };
    wait(300);
    await sendRound(sending, going);
    expect(arrived).toHaveLength(3);
    expect(new Set(arrived.map(({ id }) => id)).size).toBe(1);
    const [line] = await alerts.deliveries('bazar', 10);
    expect(line).toMatchObject({ state: 'delivered', tries: 3 });
    expect(line!.log.map(({ status, detail }) => `${status} ${detail}`.trim())).toEqual([
      '503 down for repairs',
      '503 down for repairs',
      '200',
    ]);
  });

  test('whose sender died after it was sent comes again under the same id when the lease is over', async () => {
    await endpoint();
    await baits(1, 2);
    const dying: SendTools = {
      ...sending,
      endpoints: {
        ...sending.endpoints,
        settle: async () => {
          throw new Error('killed');
        },
      },
    };
    await expect(sendRound(dying, going)).rejects.toThrow('killed');
    expect(await sendRound(sending, going)).toBe(0);
    wait(61);
    expect(await sendRound(sending, going)).toBe(1);
    expect(arrived.map(({ id }) => id)).toEqual([arrived[0]!.id, arrived[0]!.id]);
  });

  test('goes to no address inside, wherever a name or a redirect leads', async () => {
    await alerts.addEndpoint('bazar', 'https://rebound.example.com/');
    await baits(1, 2);
    const inside = { ...sending, reach: { resolve: {}, lookup: async () => ['10.0.0.8'] } };
    await sendRound(inside, going);
    const [line] = await alerts.deliveries('bazar', 1);
    expect(line!.log[0]).toMatchObject({ status: null, detail: expect.stringContaining('private') });
    await db.query('update endpoint set disabled_at = now()');

    await endpoint();
    await baits(3, 5);
    wait(COOL_DOWN_SECONDS);
    await due();
    answer = { status: 302, headers: { location: 'http://127.0.0.1:1/inside' } };
    await sendRound(sending, going);
    const [redirected] = await alerts.deliveries('bazar', 1);
    expect(redirected).toMatchObject({ state: 'waiting', log: [{ status: 302 }] });
  });

  test('is signed under both secrets while one is changed, and for a day only', async () => {
    const { id, secret } = await endpoint();
    const next = (await alerts.changeSecret('bazar', id))!;
    const signs = (at: number, of: string) => {
      const { id: message, timestamp, body, signature } = arrived[at]!;
      const made = new Webhook(of).sign(message, new Date(Number(timestamp) * 1000), body);
      return signature.split(' ').includes(made);
    };
    await alerts.testEndpoint('bazar', id);
    await sendRound(sending, going);
    expect([signs(0, secret), signs(0, next)]).toEqual([true, true]);
    wait(86_401);
    await alerts.testEndpoint('bazar', id);
    await sendRound(sending, going);
    expect([signs(1, secret), signs(1, next)]).toEqual([false, true]);
  });

  test('is not sent to an endpoint that wants no more, or that took nothing for five days', async () => {
    const { id } = await endpoint();
    answer = { status: 410 };
    await alerts.testEndpoint('bazar', id);
    await sendRound(sending, going);
    expect(await alerts.endpoints('bazar')).toMatchObject([{ why: expect.stringContaining('410') }]);
    expect(await alerts.testEndpoint('bazar', id)).toBeNull();

    const other = await endpoint();
    answer = { status: 500 };
    await alerts.testEndpoint('bazar', other.id);
    await sendRound(sending, going);
    wait(5 * 86_400 + 10);
    await sendRound(sending, going);
    const second = (await alerts.endpoints('bazar')).find((it) => it.id === other.id);
    expect(second).toMatchObject({ why: 'it took nothing for 5 days' });
    // Who looks after the service is told of what was given up, of all marketplaces.
    expect(await sending.endpoints.givenUp(10)).toMatchObject([
      {
        tenant: 'bazar',
        type: 'endpoint.test',
        endpoint: id,
        tries: 1,
        status: 410,
        disabled: expect.stringContaining('410'),
      },
    ]);
  });

  test('goes out though another marketplace asks to remove the endpoint that it goes to', async () => {
    const { id } = await endpoint();
    await baits(1, 2);
    expect(await endpointStore(db).remove('quiet', id, clock.now())).toBe(false);
    await sendRound(sending, going);
    expect(arrived.map(({ body }) => (JSON.parse(body) as Told).type)).toEqual(['kuzet.ring.opened']);
  });

  test('goes out though the secret of another endpoint cannot be opened, which the log of tries tells', async () => {
    const broken = await endpoint();
    await db.query('update endpoint set secret = $2 where id = $1', [broken.id, Buffer.alloc(40)]);
    await endpoint();
    await baits(1, 2);
    expect(await sendRound(sending, going)).toBe(2);
    expect(arrived).toHaveLength(1);
    const made = (await alerts.deliveries('bazar', 10)).find((it) => it.endpoint === broken.id)!;
    expect([made.state, made.tries]).toEqual(['waiting', 1]);
    expect(made.log[0]!.detail).toMatch(/^not sent, its secret cannot be used: /);
  });

  test('goes out though the store refuses what became of another, and the round tells that at its end', async () => {
    await endpoint();
    const other = await endpoint();
    await baits(1, 2);
    const endpoints = {
      ...sending.endpoints,
      settle: (...made: Parameters<typeof sending.endpoints.settle>) =>
        made[0].endpoint === other.id
          ? Promise.reject(new Error('the disk is full'))
          : sending.endpoints.settle(...made),
    };
    await expect(sendRound({ ...sending, endpoints }, going)).rejects.toThrow('the disk is full');
    expect(arrived).toHaveLength(2);
    const states = (await alerts.deliveries('bazar', 10)).map(({ state }) => state).sort();
    expect(states).toEqual(['delivered', 'waiting']);
  });

  test('is sent again on demand, under its own id', async () => {
    await endpoint();
    const since = clock.now();
    await baits(1, 2);
    await sendRound(sending, going);
    expect(await alerts.replay('bazar', { since })).toBe(1);
    expect(await alerts.replay('bazar', { event: arrived[0]!.id })).toBe(1);
    expect(await alerts.replay('quiet', { event: arrived[0]!.id })).toBe(0);
    await sendRound(sending, going);
    expect(arrived.map(({ id }) => id)).toEqual([arrived[0]!.id, arrived[0]!.id]);
  });
});
