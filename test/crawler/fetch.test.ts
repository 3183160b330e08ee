import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decode } from '../../crawler/extract/decode.ts';
import { readPage } from '../../crawler/extract/page.ts';
import {
  createFetcher,
  type Fetcher,
  FetchFailedError,
  honestAgent,
  retryAfter,
} from '../../crawler/fetch.ts';
import { CHARSET_TEXT, CHARSETS, type FaultyWeb, startFaultyWeb } from '../web/faults.ts';
import { type ProxyServer, startProxy } from '../web/proxy.ts';

let web: FaultyWeb;
let fetcher: Fetcher;
const never = async (host: string): Promise<string[]> => {
  throw Object.assign(new Error(`asked DNS for ${host}`), { code: 'ENOTFOUND' });
};

beforeAll(async () => {
  web = await startFaultyWeb();
  fetcher = createFetcher({
    userAgent: honestAgent('0.1.0', 'https://kuzet.example/bot'),
    lookup: never,
    limits: { headerSeconds: 1, rateAfterSeconds: 1, totalSeconds: 20 },
  });
});
afterAll(async () => {
  await fetcher.close();
  await web.close();
});

const get = (path: string) =>
  fetcher.fetch(new URL(path, 'http://faulty.test'), { proxy: null, resolve: web.resolve });

async function failure(path: string): Promise<FetchFailedError['facts']> {
  try {
    await get(path);
  } catch (error) {
    if (error instanceof FetchFailedError) return error.facts;
    throw error;
  }
  throw new Error(`${path} was read, and should not have been.`);
}

describe('fetch', () => {
  test('gives the page, what was asked and answered, and who answered', async () => {
    const fetched = await get('/ok');
    expect(fetched).toMatchObject({
      finalUrl: 'http://faulty.test/ok',
      status: 200,
      mediaType: 'text/html',
      contentType: 'text/html; charset=utf-8',
      peer: `127.0.0.1:${web.port}`,
      retryAfterSeconds: null,
      hops: [{ url: 'http://faulty.test/ok', status: 200, location: null }],
    });
    const [exchange] = fetched.exchanges;
    expect(Buffer.from(exchange!.body).equals(fetched.body)).toBe(true);
    expect(Object.fromEntries(exchange!.requestHeaders)).toMatchObject({
      host: 'faulty.test',
      'user-agent': 'Kuzet/0.1.0 (+https://kuzet.example/bot)',
      'accept-language': 'ru,kk;q=0.9,en;q=0.5',
    });
    expect(exchange!.responseHeaders).toContainEqual(['content-type', 'text/html; charset=utf-8']);
    expect(exchange!.truncated).toBe(null);
  });

  test('asks only with what it says it asks with, and brings no cookie back', async () => {
    const seen: (string | undefined)[][] = [];
    const server = await listening((request, response) => {
      seen.push(request.rawHeaders);
      response.writeHead(200, { 'set-cookie': 'visitor=7', 'content-type': 'text/html' });
      response.end('<p>Сәлем');
    });
    const settings = { proxy: null, resolve: { 'cookie.test': addressOf(server) } };
    const first = await fetcher.fetch(new URL('http://cookie.test/'), settings);
    await fetcher.fetch(new URL('http://cookie.test/'), settings);
    expect(seen[0]).toEqual(first.exchanges[0]!.requestHeaders.flat());
    expect(seen[1]).toEqual(seen[0]);
    server.close();
  });

  test('returns 4xx and 5xx as answers', async () => {
    expect([(await get('/status/404')).status, (await get('/status/500')).status]).toEqual([404, 500]);
  });

  test('follows redirects hop by hop and records each', async () => {
    const fetched = await get('/redirect/chain/2');
    expect(fetched.finalUrl).toBe('http://faulty.test/redirect/chain/0');
    expect(fetched.hops.map(({ status, location }) => [status, location])).toEqual([
      [302, '/redirect/chain/1'],
      [302, '/redirect/chain/0'],
      [200, null],
    ]);
    expect(fetched.exchanges).toHaveLength(3);
  });

  test.each([
    ['/redirect/loop', 'redirect_loop', 'in a circle'],
    ['/redirect/self', 'redirect_loop', 'in a circle'],
    ['/redirect/chain/12', 'redirect_loop', 'more than 10 times'],
    ['/redirect/loopback', 'private_address', 'loopback'],
    ['/redirect/metadata', 'private_address', 'link-local'],
    ['/redirect/file', 'bad_url', 'file: address'],
    ['/big', 'too_large', 'larger than 5000000 bytes'],
    ['/big/declared', 'too_large', '52428800 bytes'],
    ['/bomb/gzip', 'too_large', 'unpack to more than 5000000'],
    ['/bomb/br', 'too_large', 'unpack to more than'],
    ['/slow/body', 'timeout', 'slower than 500 bytes a second'],
    ['/slow/headers', 'timeout', 'did not answer within 1 s'],
    ['/broken/reset', 'protocol', 'broke off within the body'],
    ['/broken/empty', 'protocol', 'hung up without an answer'],
    ['/broken/short', 'protocol', 'not as long as it said'],
    ['/broken/gzip', 'bad_encoding', 'cannot be unpacked'],
    ['/broken/gzip-cut', 'bad_encoding', 'cannot be unpacked'],
    ['/broken/headers', 'protocol', ''],
    ['/broken/huge-header', 'too_large', 'headers'],
    ['/download', 'not_a_page', 'application/octet-stream'],
    ['/image', 'not_a_page', 'image/png'],
    ['/image/lie', 'not_a_page', 'a picture'],
    ['https://tls.test/', 'tls', 'signed by itself'],
    ['http://refused.test/', 'refused', 'refused the connection'],
    ['http://nowhere.example/', 'dns', 'does not exist'],
    ['http://127.0.0.1/', 'private_address', 'loopback'],
    ['http://[::ffff:127.0.0.1]/', 'private_address', 'mapped'],
  ])('ends %s as %s', async (path, reason, detail) => {
    const facts = await failure(path);
    expect(facts.reason).toBe(reason);
    expect(facts.detail).toContain(detail);
    expect(facts.url).toBe(new URL(path, 'http://faulty.test').href);
  });

  test('keeps what was received of a body that broke off', async () => {
    const { exchanges } = await failure('/broken/reset');
    expect(exchanges.map(({ truncated, status }) => [truncated, status])).toEqual([['disconnect', 200]]);
    expect(Buffer.from(exchanges[0]!.body).toString()).toContain('So far, so good');
    const big = await failure('/big');
    expect([big.exchanges[0]!.truncated, big.exchanges[0]!.body.byteLength]).toEqual(['length', 5_000_000]);
  });

  test('keeps the body as received and gives it unpacked', async () => {
    const packed = gzipSync('<p>Тез табыс</p>');
    const server = await listening((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/html' });
      response.end(packed);
    });
    const fetched = await fetcher.fetch(new URL('http://zip.test/'), {
      proxy: null,
      resolve: { 'zip.test': addressOf(server) },
    });
    expect(Buffer.from(fetched.exchanges[0]!.body).equals(packed)).toBe(true);
    expect(fetched.body.toString()).toBe('<p>Тез табыс</p>');
    server.close();
  });

  test('reads on after a server that closes each connection', async () => {
    for (const n of [1, 2, 3]) expect((await get(`/broken/long?${n}`)).status).toBe(200);
    expect((await get('/ok')).status).toBe(200);
  });

  test('tells how long a server asked us to wait', async () => {
    expect(await get('/busy/1')).toMatchObject({ status: 429, retryAfterSeconds: 2 });
  });

  test('gives up with the caller’s own reason when called off', async () => {
    const calledOff = new AbortController();
    const waiting = fetcher.fetch(
      new URL('http://faulty.test/slow/headers'),
      { proxy: null, resolve: web.resolve },
      calledOff.signal,
    );
    const reason = new Error('the house closes');
    calledOff.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test.each(CHARSETS.flatMap((name) => ['header', 'lie'].map((how) => [name, how] as const)))(
    'reads a page in %s (%s)',
    async (name, how) => {
      const { body, contentType } = await get(`/charset/${name}/${how}`);
      expect(readPage(decode(body, contentType).html, '').title).toBe(CHARSET_TEXT);
    },
  );
});

describe('a name that resolves to a private address', () => {
  test.each([[['127.0.0.1']], [['93.184.215.14', '127.0.0.1']], [['::1']], [['::ffff:10.0.0.1']]])(
    'is refused: %j',
    async (addresses) => {
      const rebinding = createFetcher({ userAgent: 'Kuzet/0.1.0', lookup: async () => addresses });
      const before = web.hits.size;
      const asked = rebinding.fetch(new URL(`http://rebind.example:8080/${addresses.length}`), {
        proxy: null,
        resolve: {},
      });
      await expect(asked).rejects.toMatchObject({ facts: { reason: 'private_address' } });
      expect(web.hits.size).toBe(before);
      await rebinding.close();
    },
  );
});

describe('through a proxy', () => {
  let proxy: ProxyServer;
  beforeAll(async () => {
    proxy = await startProxy(web.resolve);
  });
  afterAll(() => proxy.close());

  test('reads http and https, and names no peer', async () => {
    const trusting = createFetcher({
      userAgent: 'Kuzet/0.1.0',
      lookup: never,
      authorities: await certificateOf(web),
    });
    const settings = { proxy: proxy.address, resolve: {} };
    for (const url of ['http://faulty.test/ok', 'https://tls.test/ok']) {
      const fetched = await trusting.fetch(new URL(url), settings);
      expect([fetched.status, fetched.peer]).toEqual([200, null]);
    }
    await trusting.close();
  });

  test('still refuses addresses that are private in the URL itself', async () => {
    const asked = fetcher.fetch(new URL('http://169.254.169.254/'), { proxy: proxy.address, resolve: {} });
    await expect(asked).rejects.toMatchObject({ facts: { reason: 'private_address' } });
  });

  test('says so when the proxy is not there', async () => {
    const asked = fetcher.fetch(new URL('http://faulty.test/ok'), {
      proxy: 'http://127.0.0.1:1',
      resolve: {},
    });
    await expect(asked).rejects.toMatchObject({
      facts: { reason: 'unreachable', detail: expect.stringContaining('proxy') },
    });
  });
});

test('retryAfter reads seconds and dates', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  expect(retryAfter('120', now)).toBe(120);
  expect(retryAfter('Sun, 22 Nov 2026 12:01:30 GMT', now)).toBe(90);
  expect(retryAfter('Sun, 22 Nov 2026 11:00:00 GMT', now)).toBe(0);
  expect(retryAfter('soon', now)).toBe(null);
  expect(retryAfter(undefined, now)).toBe(null);
});

async function listening(answer: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(answer as never);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function addressOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The certificate that the faulty web made for itself, as PEM. */
function certificateOf({ tlsPort }: FaultyWeb): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: tlsPort,
      servername: 'tls.test',
      rejectUnauthorized: false,
    });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const lines =
        socket
          .getPeerCertificate()
          .raw.toString('base64')
          .match(/.{1,64}/g) ?? [];
      socket.destroy();
      resolve(`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`);
    });
  });
}
