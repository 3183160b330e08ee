import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test, vi } from 'vitest';
import { BAIT, HONEST } from '../queues/market/trial.ts';
import { openHome, type Running } from './kuzet.ts';

/** Ids of what arrived, and the rings that were told of in it. */
const arrived: { readonly id: string; readonly about: string }[] = [];
const receiver = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (piece: string) => {
    body += piece;
  });
  request.on('end', () => {
    const { type, subject } = JSON.parse(body) as { type: string; subject: string };
    arrived.push({ id: String(request.headers['webhook-id']), about: `${type} ${subject}` });
    // Taken, and every third answer lost on the way.
    if (arrived.length % 3 === 0) response.destroy();
    else response.writeHead(204).end();
  });
});
await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
const home = openHome({
  KUZET_PORT: '0',
  KUZET_HOOKS: `hook.test=127.0.0.1:${(receiver.address() as AddressInfo).port}`,
});
afterAll(async () => {
  await home.close();
  receiver.close();
});

const KILLS = 2;
const EACH = 4;

test('a service killed again and again loses no listing and no alert, and tells nothing under a second id', async () => {
  const [made] = (await home.ask<{ key: string }>(['tenant', 'add', 'bazar'])).lines;
  const headers = { authorization: `Bearer ${made!.key}`, 'content-type': 'application/json' };
  let url = '';
  const ask = (method: string, path: string, body?: object) =>
    fetch(url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const start = async (): Promise<Running> => {
    const serve = home.start(['serve', '--port', '0']);
    url = (await serve.said(/^Desk: /)).replace('Desk: ', '');
    return serve;
  };

  const taken: string[] = [];
  const put = async (id: string, title: string, description: string) => {
    const answer = await ask('PUT', `/v1/listings/${id}`, { title, description, sellerId: `seller-${id}` });
    if (answer.ok) taken.push(id);
  };
  let serve = await start();
  expect((await ask('POST', '/v1/endpoints', { url: 'http://hook.test/' })).status).toBe(201);
  for (const [at, [title, text]] of HONEST.entries()) await put(`h${at}`, title, text);
  for (let kill = 0; kill < KILLS; kill += 1) {
    for (let at = 0; at < EACH; at += 1) await put(`b${kill}-${at}`, 'iPhone 15 Pro срочно', BAIT);
    // The last one is not waited for: it may be taken or not, but never by half.
    const last = put(`b${kill}-last`, 'iPhone 15 Pro срочно', BAIT).catch(() => undefined);
    await serve.kill();
    await last;
    serve = await start();
  }

  for (const id of taken) {
    const { listings } = (await (await ask('GET', `/v1/actors?account=seller-${id}`)).json()) as {
      listings: { id: string }[];
    };
    expect(listings.map((it) => it.id)).toEqual([id]);
  }
  const feed = async () =>
    (
      (await (await ask('GET', '/v1/feed')).json()) as {
        events: { id: string; type: string; subject: string }[];
      }
    ).events;
  const cluster = async () => {
    const [event] = await feed();
    if (event === undefined) return null;
    return (await (await ask('GET', `/v1/clusters/${event.subject}`)).json()) as {
      listings: { id: string }[];
    };
  };
  const copies = taken.filter((id) => id.startsWith('b'));
  await vi.waitUntil(async () => ((await cluster())?.listings.length ?? 0) >= copies.length, {
    timeout: 60_000,
    interval: 500,
  });
  const events = await feed();
  await vi.waitUntil(() => events.every(({ id }) => arrived.some((it) => it.id === id)), {
    timeout: 60_000,
    interval: 200,
  });
  // Every event has one id, and what arrived are the events of the feed and nothing else.
  const idsOf = new Map<string, Set<string>>();
  for (const { id, about } of arrived) idsOf.set(about, (idsOf.get(about) ?? new Set()).add(id));
  const told = new Map<string, number>();
  for (const { type, subject } of await feed())
    told.set(`${type} ${subject}`, (told.get(`${type} ${subject}`) ?? 0) + 1);
  for (const [about, ids] of idsOf)
    expect([about, ids.size <= (told.get(about) ?? 0)]).toEqual([about, true]);
  expect([...told].filter(([about]) => about.startsWith('kuzet.ring.opened'))).toHaveLength(1);
}, 240_000);
