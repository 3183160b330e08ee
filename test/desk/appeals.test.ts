import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../../desk/server.ts';
import { type Client, client, loggedIn, refusal } from './client.ts';
import { hire, openHouse } from './house.ts';

const WORDS = 'Мы обычный магазин и ничего не обещаем.';

describe('the door for objections', () => {
  let house: Awaited<ReturnType<typeof openHouse>>;
  let desk: Desk;
  let anybody: Client;

  beforeAll(async () => {
    house = await openHouse();
    desk = await house.open();
    for (const login of ['aigerim', 'bolat', 'dana']) await hire(house, login, 'officer');
    anybody = client(desk);
  });
  afterAll(() => house.close());

  test.each([
    ['ru', 'Возражение'],
    ['kk', 'Қарсылық'],
    ['en', 'Appeal'],
  ])('stands open without a log-in, in %s', async (lang, title) => {
    const answer = await anybody.get(`/appeal?lang=${lang}`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(`<h1 id="door">${title}</h1>`);
  });

  test('takes one in, shows it to officers, and tells its sender what became of it', async () => {
    const { id } = await house.stores.cases.sight(
      { kind: 'site', key: 'lavka.test' },
      { label: 'pyramid', score: 0.9, seen: { label: 'pyramid', signals: [], sketch: [] }, reasons: [] },
      [],
      house.clock.now(),
    );
    const act = { verdict: 'confirm', by: 'aigerim', ground: 'KZ-CC-217', reason: 'выплаты' } as const;
    await house.stores.cases.decide(id, act, house.clock.now());

    const sent = await anybody.form('/appeal', { url: 'lavka.test', words: WORDS, contact: 'a@example.com' });
    const code = /A-[A-Z0-9]{16}/.exec(await sent.text())?.[0] ?? '';
    expect(await (await anybody.get(`/appeal?lang=ru&code=${code.toLowerCase()}`)).text()).toContain(
      'ждёт рассмотрения',
    );
    const dana = await loggedIn(desk, 'dana');
    const list = (await (await dana.get('/api/appeals')).json()) as { waiting: number; appeals: object[] };
    expect(list.waiting).toBe(1);
    expect(list.appeals[0]).toMatchObject({ code, caseId: id, words: WORDS, contact: 'a@example.com' });

    const aigerim = await loggedIn(desk, 'aigerim');
    const judge = { verdict: 'overturned', reason: 'Страница не та.' };
    const path = `/api/appeals/${code}/judgement`;
    expect(await refusal(await aigerim.json('POST', path, judge))).toBe('409 same_officer');
    expect(await (await dana.json('POST', path, judge)).json()).toMatchObject({ reopened: [] });
    const told = await (await anybody.get(`/appeal?lang=ru&code=${code}`)).text();
    expect(told).toContain('решение отменено');
    expect(told).not.toContain('Страница не та');
    expect((await house.stores.cases.get(id)).state.is).toBe('open');
  });

  test('says what is wrong and keeps what was typed', async () => {
    const short = await anybody.form('/appeal', { url: 'lavka.test', words: 'нет', contact: '' });
    expect(short.status).toBe(422);
    expect(await short.text()).toContain('value="lavka.test"');
    const bad = await anybody.json('POST', '/api/appeals', { url: 'file:///etc/passwd', words: WORDS });
    expect(await refusal(bad)).toBe('422 bad_url');
  });

  test('closes for an hour to an address that sends too many, and opens again', async () => {
    const send = () => anybody.json('POST', '/api/appeals', { url: 'lavka.test', words: WORDS });
    const seen: number[] = [];
    for (let n = 0; n < 25; n += 1) seen.push((await send()).status);
    expect(seen.at(-1)).toBe(429);
    expect(seen.filter((status) => status === 201).length).toBeLessThanOrEqual(20);
    house.clock.move(3601);
    expect((await send()).status).toBe(201);
  });
});
