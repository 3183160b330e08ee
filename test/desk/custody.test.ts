import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../../desk/server.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { client, loggedIn } from './client.ts';
import { DOT, hire, openHouse, see, signal } from './house.ts';

describe('custody at the desk', () => {
  let house: Awaited<ReturnType<typeof openHouse>>;
  let desk: Desk;
  let id: string;
  let captureId: string;

  beforeAll(async () => {
    house = await openHouse();
    desk = await house.open();
    for (const login of ['aigerim', 'bolat']) await hire(house, login, 'officer');
    const it = await see(house, 'pyramid', [
      {
        url: 'https://altyn.test/',
        title: 'Altyn',
        text: 'Табыс күніне 3%',
        score: 0.97,
        signals: [signal('promise', 'күніне 3%', 2)],
        picture: DOT,
      },
    ]);
    id = it.id;
    captureId = (await house.stores.captures.ofCase(it.id))[0]!.capture.id;
  });
  afterAll(() => house.close());

  /** Whose views of what the ledger tells since a row. */
  const viewsSince = async (seq: number) => {
    await house.stores.custody.flush();
    const rows = (await ledgerStore(house.database).list(seq, 1000)).filter(({ kind }) => kind === 'custody');
    return rows.map(({ entry }) => {
      const { what, by, views } = JSON.parse(entry) as {
        what: string;
        by: string;
        views: { what: string }[];
      };
      return [what, by, views.map((view) => view.what)];
    });
  };
  const head = async () => (await ledgerStore(house.database).list(0, 1000)).at(-1)?.seq ?? 0;

  test('tells who opened a case, and not who had one fetched ahead of a look', async () => {
    const before = await head();
    const officer = await loggedIn(desk, 'aigerim');
    expect((await officer.get(`/api/cases/${id}`)).status).toBe(200);
    expect(await viewsSince(before)).toEqual([]);
    expect((await officer.json('POST', `/api/cases/${id}/view`)).status).toBe(204);
    expect(await viewsSince(before)).toEqual([['viewed', 'aigerim', [id]]]);
  });

  test.each(['', '/screenshot', '/structure', '/document'])(
    'tells whose browser was given a capture by /api/captures/ID%s',
    async (place) => {
      house.clock.move(120);
      const before = await head();
      const officer = await loggedIn(desk, 'bolat');
      expect((await officer.get(`/api/captures/${captureId}${place}`)).status).toBe(200);
      expect(await viewsSince(before)).toEqual([['viewed', 'bolat', [captureId]]]);
      expect((await house.stores.custody.of(captureId)).map(({ kind }) => kind)).toContain('custody');
    },
  );

  test('tells nothing of what nobody was shown', async () => {
    house.clock.move(120);
    const before = await head();
    const officer = await loggedIn(desk, 'bolat');
    const none = '018f0000-0000-7000-8000-000000000000';
    for (const place of ['', '/screenshot', '/structure', '/document'])
      expect((await officer.get(`/api/captures/${none}${place}`)).status).toBe(404);
    expect((await officer.get(`/api/captures/${captureId}/screenshot?of=page`)).status).toBe(404);
    expect((await client(desk).get(`/api/captures/${captureId}/screenshot`)).status).toBe(401);
    expect(await viewsSince(before)).toEqual([]);
  });
});
