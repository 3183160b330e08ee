import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFetcher, type Fetcher } from '../../crawler/fetch.ts';
import { openGate } from '../../crawler/gate.ts';
import { type FaultyWeb, listen, startFaultyWeb } from '../web/faults.ts';
import { type SocksServer, startSocks } from '../web/socks.ts';

describe('through a SOCKS5 proxy', () => {
  let web: FaultyWeb;
  let socks: SocksServer;
  let fetcher: Fetcher;
  const names: Record<string, string[]> = {
    'site.example': ['93.184.215.14'],
    'six.example': ['2606:4700::1111'],
    'rebind.example': ['93.184.215.14', '127.0.0.1'],
  };
  const looked: string[] = [];
  beforeAll(async () => {
    web = await startFaultyWeb();
    socks = await startSocks({
      'site.example:80': web.port,
      '93.184.215.14:80': web.port,
      [`${Buffer.from('26064700000000000000000000001111', 'hex').toString('hex')}:80`]: web.port,
    });
    fetcher = createFetcher({
      userAgent: 'Kuzet/0.1.0',
      lookup: async (host) => {
        looked.push(host);
        return names[host] ?? [];
      },
    });
  });
  afterAll(async () => {
    await fetcher.close();
    socks.close();
    await web.close();
  });

  const get = (url: string, proxy: string) => {
    looked.length = 0;
    socks.asked.length = 0;
    return fetcher.fetch(new URL(url), { proxy, resolve: {} });
  };
  const here = () => `socks5://127.0.0.1:${socks.port}`;
  const there = () => `socks5h://127.0.0.1:${socks.port}`;

  test('names are resolved and judged here, and the proxy gets the address', async () => {
    const fetched = await get('http://site.example/ok', here());
    expect([fetched.status, fetched.peer]).toEqual([200, null]);
    expect([looked, socks.asked]).toEqual([['site.example'], ['93.184.215.14:80']]);
    expect((await get('http://six.example/ok', here())).status).toBe(200);
    await expect(get('http://rebind.example/ok', here())).rejects.toMatchObject({
      facts: { reason: 'private_address' },
    });
    expect(socks.asked).toEqual([]);
  });

  test('a name longer than DNS has never gets to the proxy, whose byte of its length would lie', async () => {
    const host = `127.0.0.1${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example.com`;
    expect(host.length).toBeGreaterThan(255);
    await expect(get(`http://${host}/`, there())).rejects.toMatchObject({
      facts: { reason: 'private_address' },
    });
    expect(socks.asked).toEqual([]);
  });

  test('names are left to the proxy where socks5h asks for it', async () => {
    expect((await get('http://site.example/ok', there())).status).toBe(200);
    expect([looked, socks.asked]).toEqual([[], ['site.example:80']]);
  });

  test('what is private in the URL itself is refused all the same', async () => {
    for (const url of [
      'http://127.0.0.1/',
      'http://[::1]/',
      'http://localhost/',
      'http://site.example:22/',
    ]) {
      await expect(get(url, there())).rejects.toMatchObject({ facts: { reason: 'private_address' } });
    }
    expect(socks.asked).toEqual([]);
  });

  test('a site that refuses, a proxy that is none and one that is not there are told apart', async () => {
    await expect(get('http://other.example/', there())).rejects.toMatchObject({
      facts: { reason: 'refused', detail: expect.stringContaining('the host refused the connection') },
    });
    const talker = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const port = await listen(talker);
    await expect(get('http://site.example/', `socks5://127.0.0.1:${port}`)).rejects.toMatchObject({
      facts: { reason: 'unreachable', detail: expect.stringContaining('does not speak SOCKS5') },
    });
    talker.close();
    await expect(get('http://site.example/', 'socks5://127.0.0.1:1')).rejects.toMatchObject({
      facts: { reason: 'unreachable', detail: expect.stringContaining('could not be reached') },
    });
  });

  test('its name and password are given, and are in no record', async () => {
    const guarded = await startSocks({ 'site.example:80': web.port }, { name: 'kuzet', word: 'пароль' });
    const proxy = (login: string) => `socks5h://${login}127.0.0.1:${guarded.port}`;
    const fetched = await get('http://site.example/ok', proxy(`kuzet:${encodeURIComponent('пароль')}@`));
    expect(fetched.status).toBe(200);
    expect(JSON.stringify(fetched.exchanges)).not.toContain('kuzet:');
    await expect(get('http://site.example/2', proxy('kuzet:wrong@'))).rejects.toMatchObject({
      facts: { detail: expect.stringContaining('does not know this name and password') },
    });
    await expect(get('http://site.example/3', proxy(''))).rejects.toMatchObject({
      facts: { detail: expect.stringContaining('asks for a name and a password') },
    });
    guarded.close();
  });

  test('the browser goes the same way', async () => {
    const gate = await openGate({ resolve: {}, proxy: there(), lookup: async () => [] });
    const answer = await fetcher.fetch(new URL('http://site.example/ok'), {
      proxy: gate.address,
      resolve: {},
    });
    expect(answer.status).toBe(200);
    await gate.close();
  });
});
