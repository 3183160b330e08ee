import { createServer, type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { GATE_LIMITS, type Gate, openGate } from '../../crawler/gate.ts';
import { type FaultyWeb, listen, startFaultyWeb } from '../web/faults.ts';
import { startProxy } from '../web/proxy.ts';

let web: FaultyWeb;
let gate: Gate;
const lookup = async () => ['127.0.0.1'];

beforeAll(async () => {
  web = await startFaultyWeb();
  gate = await openGate({ resolve: web.resolve, proxy: null, lookup });
});
afterAll(async () => {
  await gate.close();
  await web.close();
});

/** What a browser gets for an absolute URL; 'hung up' when the gate closes without a whole answer. */
function ask(
  through: Gate,
  url: string,
  how: Pick<RequestOptions, 'method' | 'headers'> = {},
): Promise<string> {
  return new Promise((resolve) => {
    const asked = request(
      { port: new URL(through.address).port, host: '127.0.0.1', path: url, agent: false, ...how },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', () => resolve('hung up'));
        answer.on('aborted', () => resolve('hung up'));
        answer.on('end', () => resolve(`${answer.statusCode} ${Buffer.concat(parts)}`));
      },
    );
    asked.on('error', () => resolve('hung up'));
    asked.end();
  });
}

function tunnel(through: Gate, target: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(through.address).port), '127.0.0.1');
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
    socket.once('data', (answer: Buffer) => {
      resolve(answer.toString().split('\r\n')[0]!);
      socket.destroy();
    });
    socket.once('error', () => resolve('hung up'));
    socket.once('close', () => resolve('hung up'));
  });
}

/** What comes back, to the end, when `words` are said through a tunnel. */
function talk(through: Gate, target: string, words: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(through.address).port), '127.0.0.1');
    let heard = '';
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
    socket.once('data', () => {
      socket.write(words, 'latin1');
      socket.on('data', (part: Buffer) => {
        heard += part.toString('latin1');
      });
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(heard));
  });
}

describe('the gate', () => {
  test('passes requests and tunnels to where the operator points', async () => {
    expect(await ask(gate, 'http://faulty.test/ok')).toContain('All is well');
    expect(await tunnel(gate, 'tls.test:443')).toBe('HTTP/1.1 200 Connection Established');
  });

  test('hangs up on what may not be reached, and tells why', async () => {
    const before = gate.counts.refused;
    const inner = `127.0.0.1:${web.port}`;
    for (const url of [
      `http://${inner}/secret`,
      'http://localhost/',
      'http://[::1]/',
      'http://rebind.example/',
      'ftp://faulty.test/',
    ]) {
      expect(await ask(gate, url)).toBe('hung up');
    }
    for (const target of [inner, 'localhost:443', '[::1]:443', 'example.com:22']) {
      expect(await tunnel(gate, target)).toBe('hung up');
    }
    expect(gate.counts.refused - before).toBe(9);
    expect(gate.lastRefusal).toEqual({
      host: 'example.com',
      reason: 'private_address',
      detail: 'port 22 is none of the ports of web sites (80, 443, 8080, 8443)',
    });
    expect([...web.hits.keys()].filter((url) => url.includes('secret'))).toEqual([]);
  });

  test('lets nothing out that does more than read, tunnelled or not', async () => {
    const own = await openGate({ resolve: web.resolve, proxy: null, lookup });
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE']) {
      expect(await ask(own, 'http://faulty.test/hits/written', { method })).toBe('hung up');
    }
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
    expect(await ask(own, 'http://faulty.test/hits/socket', { headers: upgrade })).toBe('hung up');
    const tunnelled = await talk(
      own,
      'faulty.test:80',
      'GET /hits/socket HTTP/1.1\r\nHost: faulty.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(tunnelled).toBe('');
    expect(await talk(own, 'faulty.test:80', '\0\x01\0\bstun')).not.toContain('200');
    const worker = { 'service-worker': 'script' };
    expect(await ask(own, 'http://faulty.test/hits/worker', { headers: worker })).toBe('hung up');
    const ahead = { 'sec-purpose': 'prefetch' };
    expect(await ask(own, 'http://faulty.test/hits/ahead', { headers: ahead })).toBe('hung up');
    const preflight = (method: string) => ({
      method: 'OPTIONS',
      headers: { 'access-control-request-method': method },
    });
    expect(await ask(own, 'http://faulty.test/hits/asked', preflight('POST'))).toBe('hung up');
    expect([...web.hits.keys()].filter((url) => /written|socket|worker|ahead|asked/.test(url))).toEqual([]);
    expect(await ask(own, 'http://faulty.test/ok', preflight('GET'))).toContain('200');
    expect(own.refusals.map(({ method, reason, times }) => [method, reason, times])).toEqual([
      ['POST', 'method', 1],
      ['PUT', 'method', 1],
      ['PATCH', 'method', 1],
      ['DELETE', 'method', 1],
      ['TRACE', 'method', 1],
      ['GET', 'websocket', 2],
      ['', 'protocol', 1],
      ['GET', 'service_worker', 1],
      ['GET', 'prefetch', 1],
      ['OPTIONS', 'method', 1],
    ]);
    await own.close();
  });

  test('asks one host at most 4 things at a time, and all of them in the end', async () => {
    let running = 0;
    let most = 0;
    const release: (() => void)[] = [];
    const server = createServer((_request, response) => {
      running += 1;
      most = Math.max(most, running);
      release.push(() => {
        running -= 1;
        response.end('x');
      });
    });
    const port = await listen(server);
    const own = await openGate({ resolve: { 'many.test': `127.0.0.1:${port}` }, proxy: null, lookup });
    const asked = Array.from({ length: 10 }, (_, n) => ask(own, `http://many.test/${n}`));
    for (let answered = 0; answered < 10; answered += 1) {
      await vi.waitUntil(() => release.length > 0 && running === Math.min(4, 10 - answered));
      release.shift()!();
    }
    expect(await Promise.all(asked)).toEqual(Array(10).fill('200 x'));
    expect(most).toBe(4);
    await own.close();
    server.close();
  });

  test('keeps every answer as received, with who answered', async () => {
    const own = await openGate({ resolve: web.resolve, proxy: null, lookup });
    await ask(own, 'http://faulty.test/redirect/chain/0', { headers: { cookie: 'a=1' } });
    await ask(own, 'http://faulty.test/redirect/file');
    const [page, redirect] = own.exchanges();
    expect(page).toMatchObject({
      method: 'GET',
      status: 200,
      peer: `127.0.0.1:${web.port}`,
      truncated: null,
    });
    expect(Object.fromEntries(page!.requestHeaders)).toMatchObject({ cookie: 'a=1', host: 'faulty.test' });
    expect(redirect).toMatchObject({ url: 'http://faulty.test/redirect/file', status: 302 });
    await own.close();
  });

  test('hands over the start of a stream of events, once', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: first\n\n');
    });
    const port = await listen(server);
    const own = await openGate({ resolve: { 'stream.test': `127.0.0.1:${port}` }, proxy: null, lookup });
    const events = { headers: { accept: 'text/event-stream' } };
    expect(await ask(own, 'http://stream.test/', events)).toBe('200 data: first\n\n');
    expect(await ask(own, 'http://stream.test/', events)).toBe('hung up');
    expect(own.refusals).toMatchObject([{ url: 'http://stream.test/', reason: 'stream', times: 1 }]);
    await own.close();
    server.closeAllConnections();
    server.close();
  });

  test('cuts everything once too much has come in, of one host or in all', async () => {
    const narrow = await openGate(
      { resolve: web.resolve, proxy: null, lookup },
      { limits: { ...GATE_LIMITS, bytesPerHost: 100_000, bytes: 150_000 } },
    );
    expect(await ask(narrow, 'http://faulty.test/big')).toBe('hung up');
    expect(await ask(narrow, 'http://faulty.test/ok')).toBe('hung up');
    expect(await ask(narrow, 'http://other.test/ok')).toContain('All is well');
    expect(await ask(narrow, 'http://other.test/big')).toBe('hung up');
    expect(await ask(narrow, 'http://third.test/ok')).toBe('hung up');
    expect(narrow.refusals.map(({ url, reason }) => [url, reason])).toEqual([
      ['http://faulty.test/big', 'too_large'],
      ['http://faulty.test/ok', 'too_large'],
      ['http://other.test/big', 'too_large'],
      ['http://third.test/ok', 'too_large'],
    ]);
    await narrow.close();
  });

  test('passes through another proxy', async () => {
    const proxy = await startProxy(web.resolve);
    const outer = await openGate({ resolve: {}, proxy: proxy.address, lookup });
    expect(await ask(outer, 'http://faulty.test/ok')).toContain('All is well');
    expect(await ask(outer, 'http://127.0.0.1/')).toBe('hung up');
    expect(outer.exchanges().map(({ peer }) => peer)).toEqual([null]);
    await outer.close();
    await proxy.close();
  });
});
