import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../../desk/server.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { readSource } from '../../domain/watch.ts';
import { chromiumPath, openBrowser } from './browser.ts';
import { type Client, client, loggedIn } from './client.ts';
import { hire, openHouse, see } from './house.ts';
import { enter } from './tour.ts';

const house = await openHouse();
const asked: string[] = [];
let desk: Desk;
let supervisor: Client;
let nobody: Client;

beforeAll(async () => {
  desk = await house.open({
    actions: {
      runSource: async (name) => void asked.push(`run ${name}`),
      syncSources: async () => void asked.push('sync'),
    },
  });
  await hire(house, 'marat', 'supervisor');
  supervisor = await loggedIn(desk, 'marat');
  nobody = client(desk);
});
afterAll(() => house.close());

describe('sources at the desk', () => {
  test('are added, listed with their figures, held and run', async () => {
    const bazar = { name: 'bazar', kind: 'section', url: 'https://bazar.test/uslugi', every: '0 */6 * * *' };
    const added = await supervisor.json('POST', '/api/sources', bazar);
    expect([added.status, await added.json()]).toEqual([200, { name: 'bazar', is: 'added' }]);
    const held = await supervisor.json('POST', '/api/sources/bazar/pause');
    expect(await held.json()).toEqual({ name: 'bazar', isPaused: true });
    expect((await supervisor.json('POST', '/api/sources/bazar/run')).status).toBe(202);
    const { sources } = (await (await supervisor.get('/api/sources')).json()) as { sources: unknown[] };
    expect(sources).toEqual([
      {
        ...{
          name: 'bazar',
          kind: 'section',
          every: '0 */6 * * *',
          isPaused: true,
          robots: { stance: 'obey' },
        },
        ...{ plan: readSource(bazar), found: 0, fresh: 0, captured: 0, flagged: 0, lastRun: null },
      },
    ]);
    expect(asked).toEqual(['sync', 'sync', 'run bazar']);
  });

  test('are shown without the password of their proxy', async () => {
    const scan = { proxy: 'socks5://kuzet:hush@198.18.0.1:1080' };
    const source = readSource({ name: 'far', kind: 'sitemap', url: 'https://far.test/', scan });
    await house.stores.sources.put(source, 'operator', new Date());
    const shown = await (await supervisor.get('/api/sources')).text();
    expect(shown).toContain('socks5://kuzet:***@198.18.0.1:1080');
    expect(shown).not.toContain('hush');
  });

  test.each([
    [{ name: 'x', kind: 'feed', from: '/etc/hostname' }, 422],
    [{ name: 'x', kind: 'urls', urls: ['a.test'], scan: { resolve: { 'a.test': '127.0.0.1:80' } } }, 422],
    [{ name: 'x', kind: 'sitemap' }, 422],
    [{ name: 'x', kind: 'guess' }, 400],
  ])('%o is refused', async (written, status) => {
    expect((await supervisor.json('POST', '/api/sources', written)).status).toBe(status);
  });

  test('that are not there are not found', async () => {
    expect((await supervisor.json('POST', '/api/sources/nobody/pause')).status).toBe(404);
    expect((await supervisor.json('POST', '/api/sources/nobody/run')).status).toBe(404);
  });
});

describe('a source and its scans', () => {
  test('are told with runs, visits and why addresses were not captured', async () => {
    const page = { title: 'Доход', text: 'Доход', score: 0.9, signals: [], picture: null };
    await see(house, 'pyramid', [{ ...page, url: 'https://seen.test/' }]);
    const { scans } = (await (await supervisor.get('/api/scans')).json()) as { scans: { id: string }[] };
    const told = (await (await supervisor.get(`/api/scans/${scans[0]!.id}`)).json()) as {
      lines: { seq: number }[];
    };
    expect(told).toMatchObject({
      scan: { id: scans[0]!.id, source: null, hosts: 1, captured: 1 },
      isPaused: false,
      visits: [{ host: 'seen.test', captured: 1 }],
      lines: [
        { url: 'https://seen.test/', outcome: 'captured', reason: null, verdict: 'flag', label: 'pyramid' },
      ],
      cases: ['K-000001'],
    });
    const later = await supervisor.get(`/api/scans/${scans[0]!.id}?after=${told.lines[0]!.seq}`);
    expect(await later.json()).toMatchObject({ lines: [] });
    expect((await supervisor.get('/api/scans/00000000-0000-4000-8000-000000000000')).status).toBe(404);
  });

  test('a scan is stopped with words, once, and not by whoever may only read', async () => {
    const id = randomUUID();
    const seeds = [new URL('https://slow.test/')];
    await house.stores.visits.startScan({
      ...{ id, visitIds: () => randomUUID(), seeds, refusals: [] },
      ...{ settings: DEFAULT_SETTINGS, now: new Date('2026-01-01T00:00:00Z') },
    });
    const stop = async (who: Client, body: object) => {
      const answer = await who.json('POST', `/api/scans/${id}/stop`, body);
      return [answer.status, await answer.json()];
    };
    await hire(house, 'reader', 'viewer');
    const reader = await loggedIn(desk, 'reader');
    expect((await stop(reader, { reason: 'мне не нравится' }))[0]).toBe(403);
    expect((await stop(supervisor, { reason: ' ' }))[0]).toBe(400);
    const visit = (await house.stores.visits.claim('slow.test', randomUUID(), house.clock.now()))!;
    const stopped = { by: 'marat', reason: 'не тот список', at: expect.any(String) };
    expect(await stop(supervisor, { reason: 'не тот список' })).toMatchObject([200, { id, stopped }]);
    expect(await stop(supervisor, { reason: 'ещё раз' })).toMatchObject([200, { id, stopped }]);
    await house.stores.visits.skipRest(visit, 'stopped', 'x');
    await house.stores.visits.close(visit, house.clock.now());
    expect(await stop(supervisor, { reason: 'ещё раз' })).toMatchObject([
      409,
      { error: { code: 'scan_ended' } },
    ]);
  });

  test('a source that never ran is told with its plan and robots stance, and nothing else', async () => {
    const wild = { name: 'wild', kind: 'sitemap', url: 'https://wild.test/', budget: 7 };
    const robots = { stance: 'ignore', reason: 'Поручение от 1 ноября' };
    await supervisor.json('POST', '/api/sources', { ...wild, robots });
    expect(await (await supervisor.get('/api/sources/wild')).json()).toMatchObject({
      source: { name: 'wild', robots, plan: { budget: 7, requests: 50 } },
      ...{ runs: [], scans: [], visits: [], failures: [] },
    });
    expect((await supervisor.get('/api/sources/nobody')).status).toBe(404);
  });
});

const hasBrowser = chromiumPath() !== null;
const where = hasBrowser ? '' : ' (skipped: no Chromium; set CHROMIUM to the path of one)';

describe.skipIf(!hasBrowser)(`on screen${where}`, () => {
  test('a scan is stopped by key, with words that stay on its page', { timeout: 120_000 }, async () => {
    const id = randomUUID();
    const seeds = [new URL('https://wrong.test/')];
    await house.stores.visits.startScan({
      ...{ id, visitIds: randomUUID, seeds, refusals: [], settings: DEFAULT_SETTINGS },
      now: new Date('2026-01-01T00:00:00Z'),
    });
    const browser = (await openBrowser())!;
    try {
      const page = await browser.newPage({ locale: 'kk-KZ', reducedMotion: 'reduce' });
      await enter(page, desk, 'marat');
      await page.goto(`${desk.url}/scans/${id}`);
      await page.getByRole('button', { name: 'Қарап шығуды біржола тоқтату' }).waitFor();
      await page.keyboard.press('x');
      await page.getByLabel('Неге тоқтатасыз').fill('қате тізім');
      await page.keyboard.press('Enter');
      await page.getByText('Қарап шығу біржола тоқтатылды: marat').waitFor();
      await page.getByText('Аяқталды ·').waitFor();
      expect(await page.getByRole('button', { name: 'Қарап шығуды біржола тоқтату' }).count()).toBe(0);
      await page.getByText('қате тізім').waitFor();
      expect((await house.stores.scans.get(id))!.stopped).toMatchObject({
        by: 'marat',
        reason: 'қате тізім',
      });
    } finally {
      await browser.close();
    }
  });

  test('a source is held, let go and run by keys, and a scan leads to its case', {
    timeout: 120_000,
  }, async () => {
    const browser = (await openBrowser())!;
    try {
      const page = await browser.newPage({ locale: 'ru-KZ', reducedMotion: 'reduce' });
      await enter(page, desk, 'marat');
      await page.goto(`${desk.url}/sources`);
      await page.getByRole('link', { name: 'wild' }).click();
      await page.waitForURL(`${desk.url}/sources/wild`);
      await page.getByText('Поручение от 1 ноября').waitFor();
      await page.getByRole('button', { name: 'Остановить' }).waitFor();
      await page.keyboard.press('h');
      await page.getByRole('button', { name: 'Возобновить' }).waitFor();
      expect((await house.stores.sources.get('wild')).isPaused).toBe(true);
      await page.keyboard.press('h');
      await page.getByRole('button', { name: 'Остановить' }).waitFor();
      await page.keyboard.press('r');
      await expect.poll(() => asked.at(-1)).toBe('run wild');
      await page.locator('p.back a').click();
      await page.locator('a[href^="/scans/"]').first().click();
      await page.waitForURL(/\/scans\/[0-9a-f-]{36}$/);
      await page.getByText('Закончен · 1 из 1').waitFor();
      await page.getByRole('link', { name: 'K-000001' }).first().click();
      await page.waitForURL(`${desk.url}/cases/K-000001`);
    } finally {
      await browser.close();
    }
  });
});

describe('a tip', () => {
  const send = (url: string) => nobody.json('POST', '/api/tips', { url, words: 'Обещают 30 % в день' });
  const answerTo = async (code: string) => (await nobody.get(`/api/tips/${code}`)).json();

  test('is taken in from anybody, and answered by its code', async () => {
    const sent = await send('http://tabys.test/plans');
    const { code, answer } = (await sent.json()) as { code: string; answer: string };
    expect([sent.status, answer]).toEqual([201, 'waiting']);
    const page = { title: 'T', text: 'T', score: 0.9, signals: [], picture: null };
    await see(house, 'pyramid', [{ ...page, url: 'http://tabys.test/plans' }]);
    expect(await answerTo(code)).toEqual({ code, answer: 'being_checked', reply: null });
    expect((await nobody.get('/api/tips/T-0000000000000000')).status).toBe(404);
  });

  test('is sent over the form for people, and asked about there in the language of the asker', async () => {
    const sent = await nobody.form('/tip', {
      url: 'https://form.test/a',
      words: 'Просят карту',
      contact: '',
    });
    const code = /T-[A-Z0-9]{16}/.exec(await sent.text())![0];
    const page = await (await nobody.get(`/tip?code=${code.toLowerCase()}&lang=kk`)).text();
    expect(page).toContain('Мекенжай қарап шығуды күтуде.');
    const wrong = await nobody.form('/tip', {
      url: 'no address',
      words: '"><img src=x onerror=1>',
      contact: '',
    });
    expect(wrong.status).toBe(422);
    expect(await wrong.text()).not.toContain('<img src=x');
    expect(await (await nobody.get('/tip?code=T-0&lang=kk')).text()).toContain(
      'Мұндай нөмірлі хабарлама жоқ.',
    );
  });

  test('waits in a queue of its own until somebody replies, once; the sender is not told who', async () => {
    const sent = await nobody.json('POST', '/api/tips', {
      ...{ url: 'https://thanks.test/', words: 'Пирамида', contact: 'a@example.com' },
    });
    const { code } = (await sent.json()) as { code: string };
    const queue = async (is: string) =>
      (await (await supervisor.get(`/api/tips?is=${is}`)).json()) as {
        waiting: number;
        tips: { code: string; contact: string; reply: unknown }[];
      };
    const before = await queue('unanswered');
    expect(before.tips.find((it) => it.code === code)).toMatchObject({
      contact: 'a@example.com',
      reply: null,
    });
    const reply = (body: object) => supervisor.json('POST', `/api/tips/${code}/reply`, body);
    expect((await reply({ is: 'feedback', words: ' ' })).status).toBe(422);
    expect((await reply({ is: 'thanks', words: 'Дело открыто.' })).status).toBe(200);
    expect((await reply({ is: 'thanks', words: 'ещё' })).status).toBe(409);
    expect((await queue('unanswered')).waiting).toBe(before.waiting - 1);
    expect((await queue('replied')).tips[0]).toMatchObject({ code, reply: { is: 'thanks', by: 'marat' } });
    const told = await (await nobody.get(`/api/tips/${code}`)).text();
    expect(told).toContain('Дело открыто.');
    expect(told).not.toContain('marat');
    expect(await (await nobody.get(`/tip?code=${code}&lang=ru`)).text()).toContain('Спасибо, вы помогли.');
  });

  test('comes in files too, CSV or JSON; an address that is none is told', async () => {
    const take = async (text: string) => {
      const answer = await supervisor.json('POST', '/api/tips/file', { text });
      return [answer.status, await answer.json()];
    };
    expect(await take('url;words\r\nhttps://file.test/;"Обещают; много"\r\nnothing here;x\r\n')).toEqual([
      200,
      { taken: 1, refused: [{ url: 'nothing here', why: expect.any(String) }] },
    ]);
    expect(await take('[{"url":"https://json.test/"}]')).toEqual([200, { taken: 1, refused: [] }]);
    expect(await take('name\r\nx\r\n')).toEqual([
      422,
      { error: expect.objectContaining({ code: 'bad_tips' }) },
    ]);
  });

  test('that is no address is refused, and so are too many', async () => {
    expect((await send('javascript:alert(1)')).status).toBe(422);
    const answers = [];
    for (let n = 0; n < 25; n += 1) answers.push((await send(`http://many.test/${n}`)).status);
    expect(answers.at(-1)).toBe(429);
  });
});
