import { get, type IncomingMessage } from 'node:http';
import { get as getByTls } from 'node:https';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHARSET_TEXT, CHARSETS, FAULT_PATHS, type FaultyWeb, startFaultyWeb } from './faults.ts';

let web: FaultyWeb;

beforeAll(async () => {
  web = await startFaultyWeb();
});
afterAll(() => web.close());

describe('the faulty web', () => {
  test('links every fault from one page', async () => {
    const { body } = await read('/links');
    const links = [...body.toString().matchAll(/href="([^"]+)"/g)].map(([, path]) => path);
    expect(links).toEqual(FAULT_PATHS);
  });

  test('leads through 12 hops to a page', async () => {
    const hops: number[] = [];
    let path = '/redirect/chain/12';
    for (;;) {
      const { status, headers } = await read(path);
      hops.push(status);
      if (headers.location === undefined) break;
      path = headers.location;
    }
    expect(hops).toEqual([...Array<number>(12).fill(302), 200]);
  });

  test.each([
    ['/redirect/loop', '/redirect/loop-back'],
    ['/redirect/loop-back', '/redirect/loop'],
    ['/redirect/self', '/redirect/self'],
    ['/redirect/loopback', 'http://127.0.0.1/'],
    ['/redirect/metadata', 'http://169.254.169.254/latest/meta-data/'],
    ['/redirect/file', 'file:///etc/passwd'],
    ['/redirect/nowhere', undefined],
  ])('sends %s to %s', async (path, location) => {
    const { status, headers } = await read(path);
    expect(status).toBe(302);
    expect(headers.location).toBe(location);
  });

  test.each([
    ['/bomb/gzip', createGunzip(), 1_000_000],
    ['/bomb/br', createBrotliDecompress(), 10_000],
  ])('sends 200 MB at %s in few bytes', async (path, unpack, most) => {
    const answer = await open(path);
    let sent = 0;
    let unpacked = 0;
    answer.on('data', (chunk: Buffer) => {
      sent += chunk.length;
    });
    await pipeline(
      answer,
      unpack,
      countInto((bytes) => (unpacked += bytes)),
    );
    expect(unpacked).toBe(200 * 1024 * 1024);
    expect(sent).toBeLessThan(most);
  });

  test('sends 50 MB without saying so before', async () => {
    const answer = await open('/big');
    let sent = 0;
    await pipeline(
      answer,
      countInto((bytes) => (sent += bytes)),
    );
    expect(sent).toBe(50 * 1024 * 1024);
    expect(answer.headers['content-length']).toBeUndefined();
  });

  test.each(CHARSETS)('writes the same words in %s', async (charset) => {
    const { body, headers } = await read(`/charset/${charset}/header`);
    expect(headers['content-type']).toBe(`text/html; charset=${charset}`);
    expect(new TextDecoder(charset).decode(body)).toBe(`<title>${CHARSET_TEXT}</title><p>${CHARSET_TEXT}`);
  });

  test('says utf-8 of words in windows-1251, so that a believer sees no letter of them', async () => {
    const { body, headers } = await read('/charset/windows-1251/lie');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(new TextDecoder('utf-8').decode(body)).not.toMatch(/[а-яё]/i);
  });

  test.each([
    ['/broken/reset', 'ECONNRESET'],
    ['/broken/short', 'ECONNRESET'],
    ['/broken/empty', 'ECONNRESET'],
    ['/broken/headers', 'HPE_INVALID_CONSTANT'],
    ['/broken/huge-header', 'HPE_HEADER_OVERFLOW'],
  ])('breaks off at %s with %s', async (path, code) => {
    await expect(read(path)).rejects.toMatchObject({ code });
  });

  test('has a certificate that nobody but itself vouches for', async () => {
    const asked = new Promise((_, reject) => {
      getByTls({ host: '127.0.0.1', port: web.tlsPort, servername: 'tls.test', path: '/ok' }).once(
        'error',
        reject,
      );
    });
    await expect(asked).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  test('is too busy twice, then answers', async () => {
    const answers = [await read('/busy/2'), await read('/busy/2'), await read('/busy/2')];
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 200]);
    expect(answers.map(({ headers }) => headers['retry-after'])).toEqual(['2', '2', undefined]);
  });

  test('goes on with the calendar for ever, both ways', async () => {
    expect((await read('/calendar/2026/1')).body.toString()).toContain('href="/calendar/2025/12"');
    expect((await read('/calendar/9999/12')).body.toString()).toContain('href="/calendar/10000/1"');
  });

  test('has another robots.txt under another name', async () => {
    expect((await read('/robots.txt', 'plain.test')).status).toBe(404);
    expect((await read('/robots.txt', 'robots-500.test')).status).toBe(500);
    expect((await read('/robots.txt', 'robots-closed.test')).body.toString()).toBe(
      'User-agent: *\nDisallow: /\n',
    );
    expect((await read('/robots.txt', 'robots-huge.test')).body.length).toBeGreaterThan(1_000_000);
  });

  test('counts what is asked, by name', async () => {
    await read('/hits/count', 'a.test');
    const second = await read('/hits/count', 'a.test');
    await read('/hits/count', 'b.test');
    expect(second.body.toString()).toContain('<h1>Asked 2 times</h1>');
    expect(web.hits.get('http://a.test/hits/count')).toBe(2);
    expect(web.hits.get('http://b.test/hits/count')).toBe(1);
  });

  test('ends what is still being answered when it is closed', async () => {
    const own = await startFaultyWeb();
    const body = read('/slow/body', 'faulty.test', own.port);
    const headers = read('/slow/headers', 'faulty.test', own.port);
    const ends = Promise.allSettled([body, headers]);
    // Both are under way once another answer has come back.
    await read('/ok', 'faulty.test', own.port);
    await own.close();
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

function open(path: string, host = 'faulty.test', port = web.port): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path, headers: { host }, agent: false }, resolve).once('error', reject);
  });
}

/** The whole answer; rejects with what Node says when it breaks off. */
async function read(
  path: string,
  host?: string,
  port?: number,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
  const answer = await open(path, host, port);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) };
}

function countInto(add: (bytes: number) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _, done) {
      add(chunk.length);
      done();
    },
  });
}
