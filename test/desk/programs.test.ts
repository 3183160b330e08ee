/** What programs ask of the desk: numbers, and the history of an address. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AddressHistory } from '../../domain/history.ts';
import { houseFigures } from '../../store/figures.ts';
import { type Client, client, loggedIn, refusal } from './client.ts';
import { hire, openHouse } from './house.ts';

const TOKEN = 'a-token-of-sixteen-or-more';
const house = await openHouse();
afterAll(() => house.close());

describe('the figures', () => {
  const count = () => houseFigures(house.database, house.clock.now());
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  test('are told to this machine, without an account, as Prometheus reads them', async () => {
    const desk = await house.open({ figures: { token: null, count } });
    const answer = await client(desk).get('/metrics');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    const text = await answer.text();
    expect(text).toMatch(/^# HELP kuzet_visits_open /);
    expect(text).toMatch(/^kuzet_addresses_look_late 0$/m);
    expect(text.endsWith('\n')).toBe(true);
  });

  test('are told to whoever has the token once there is one, and to nobody else', async () => {
    const desk = await house.open({ figures: { token: TOKEN, count } });
    expect((await client(desk).get('/metrics', bearer(TOKEN))).status).toBe(200);
    expect(await refusal(await client(desk).get('/metrics'))).toBe('401 not_logged_in');
    expect(await refusal(await client(desk).get('/metrics', bearer('another')))).toBe('401 not_logged_in');
  });

  test('are told to nobody without a token behind a proxy, where all the world comes from this machine', async () => {
    const proxied = { publicUrl: 'https://kuzet.example/' };
    const desk = await house.open({ ...proxied, figures: { token: null, count } });
    expect(await refusal(await client(desk).get('/metrics'))).toBe('401 not_logged_in');
    const open = await house.open({ ...proxied, figures: { token: TOKEN, count } });
    expect((await client(open).get('/metrics', bearer(TOKEN))).status).toBe(200);
  });
});

describe('the history of an address', () => {
  const at = new Date('2026-11-19T04:30:00Z');
  const history: AddressHistory = {
    url: 'https://dohod.test/',
    key: 'https://dohod.test/',
    known: { state: 'live', verdict: 'clear', risk: 0.1, firstAt: at, lastAt: at, dueAt: at },
    looks: [
      {
        ...{ at, state: 'live', change: 'same', status: 304, reason: null, verdict: 'clear', score: 0.1 },
        ...{
          textAlike: null,
          markupAlike: null,
          intervalSeconds: 3600,
          captureId: 'c-1',
          warc: 'ab'.repeat(32),
        },
      },
    ],
    difference: {
      before: { captureId: 'c-0', at },
      after: { captureId: 'c-1', at },
      lines: [{ is: 'new', text: 'Платим 5% в день' }],
    },
  };
  const asked: string[] = [];
  let viewer: Client;

  beforeAll(async () => {
    const actions = {
      history: async (url: URL, limit: number) => {
        asked.push(`${url.href} ${limit}`);
        return history;
      },
    };
    const desk = await house.open({ actions });
    await hire(house, 'saule', 'viewer');
    viewer = await loggedIn(desk, 'saule');
  });

  test('is told look by look, with what changed, and which answer was only "not modified"', async () => {
    const answer = await viewer.get(`/api/addresses/history?url=${encodeURIComponent('dohod.test')}&limit=5`);
    expect(asked).toEqual(['https://dohod.test/ 5']);
    const time = at.toISOString();
    expect(await answer.json()).toEqual({
      url: 'https://dohod.test/',
      key: 'https://dohod.test/',
      known: { state: 'live', verdict: 'clear', risk: 0.1, firstAt: time, lastAt: time, dueAt: time },
      looks: [
        {
          ...{
            at: time,
            state: 'live',
            change: 'same',
            status: 304,
            reason: null,
            verdict: 'clear',
            score: 0.1,
          },
          ...{ textAlike: null, markupAlike: null, captureId: 'c-1', isNotModified: true },
        },
      ],
      difference: {
        before: { captureId: 'c-0', at: time },
        after: { captureId: 'c-1', at: time },
        lines: [{ is: 'new', text: 'Платим 5% в день' }],
      },
    });
  });

  test('is refused for what is no address of the web', async () => {
    const of = (url: string) => viewer.get(`/api/addresses/history?url=${encodeURIComponent(url)}`);
    expect(await refusal(await of('file:///etc/hostname'))).toBe('422 bad_url');
    expect((await viewer.get('/api/addresses/history')).status).toBe(400);
  });
});
