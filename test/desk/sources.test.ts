import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSource } from '../../domain/watch.ts';
import { type Client, client, loggedIn } from './client.ts';
import { hire, openHouse, see } from './house.ts';

const house = await openHouse();
const asked: string[] = [];
let supervisor: Client;
let nobody: Client;

beforeAll(async () => {
  const desk = await house.open({
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

describe('a tip', () => {
  const send = (url: string) => nobody.json('POST', '/api/tips', { url, words: 'Обещают 30 % в день' });
  const answerTo = async (code: string) => (await nobody.get(`/api/tips/${code}`)).json();

  test('is taken in from anybody, and answered by its code', async () => {
    const sent = await send('http://tabys.test/plans');
    const { code, answer } = (await sent.json()) as { code: string; answer: string };
    expect([sent.status, answer]).toEqual([201, 'waiting']);
    const page = { title: 'T', text: 'T', score: 0.9, signals: [], picture: null };
    await see(house, 'pyramid', [{ ...page, url: 'http://tabys.test/plans' }]);
    expect(await answerTo(code)).toEqual({ code, answer: 'being_checked' });
    expect((await nobody.get('/api/tips/T-0000000000000000')).status).toBe(404);
  });

  test('that is no address is refused, and so are too many', async () => {
    expect((await send('javascript:alert(1)')).status).toBe(422);
    const answers = [];
    for (let n = 0; n < 25; n += 1) answers.push((await send(`http://many.test/${n}`)).status);
    expect(answers.at(-1)).toBe(429);
  });
});
