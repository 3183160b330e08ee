import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { selfSigned } from '../../crawler/certificate.ts';
import { createFetcher, FetchFailedError } from '../../crawler/fetch.ts';
import { listen } from '../web/faults.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const PAGE = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 11\r\n\r\n<p>All well';
const AFTER = '/after';

/** A server on TCP that does as told with every connection, but answers /after as one should. */
async function serve(how: (socket: Socket) => void): Promise<number> {
  return started(
    createPlainServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (asked: Buffer) => {
        if (asked.toString('latin1').startsWith(`GET ${AFTER} `)) socket.end(PAGE);
        else how(socket);
      });
    }),
  );
}

async function started(server: Server): Promise<number> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  ends.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return listen(server);
}

function fetcherTo(port: number, authorities: string | null = null) {
  const fetcher = createFetcher({
    userAgent: 'Kuzet/0.1.0',
    lookup: async () => [],
    authorities,
    limits: { headerSeconds: 1, rateAfterSeconds: 1, totalSeconds: 5 },
  });
  ends.push(() => fetcher.close());
  const resolve = { '*.test': `127.0.0.1:${port}` };
  return async (url: string): Promise<string> => {
    try {
      const { body } = await fetcher.fetch(new URL(url), { proxy: null, resolve });
      return body.toString();
    } catch (error) {
      if (error instanceof FetchFailedError) return `${error.facts.reason}: ${error.facts.detail}`;
      throw error;
    }
  };
}

/** Writes `piece` again and again for as long as somebody listens. */
function drip(socket: Socket, piece: string, milliseconds: number): void {
  const timer = setInterval(() => socket.write(piece), milliseconds);
  socket.once('close', () => clearInterval(timer));
}

describe('a server that does its worst ends within its budget, and the next page is read', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n';
  const CASES: readonly (readonly [string, (socket: Socket) => void, RegExp])[] = [
    ['drips its headers', (socket) => drip(socket, 'X: a\r\n', 100), /^(?:timeout|protocol): /],
    [
      'begins its headers and drips on',
      (socket) => {
        socket.write(head);
        drip(socket, 'X: a\r\n', 50);
      },
      /^timeout: it did not answer within 1 s/,
    ],
    [
      'sends headers without end',
      (socket) => {
        socket.write(head);
        drip(socket, `X: ${'a'.repeat(1000)}\r\n`.repeat(20), 5);
      },
      /^too_large: its headers are too large/,
    ],
    [
      'sends tens of thousands of small headers',
      (socket) => socket.end(`${head}${'A: b\r\n'.repeat(40_000)}\r\n<p>`),
      /^too_large: its headers are too large/,
    ],
    [
      'drips its body',
      (socket) => {
        socket.write(`${head}\r\n`);
        drip(socket, '.', 50);
      },
      /^timeout: it sends slower than 500 bytes a second/,
    ],
    [
      'never ends a body that comes fast',
      (socket) => {
        socket.write(`${head}\r\n`);
        drip(socket, '<p>x'.repeat(100_000), 5);
      },
      /^too_large: it is larger than 5000000 bytes/,
    ],
    [
      'names two lengths',
      (socket) => socket.end(`${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`),
      /^protocol: /,
    ],
    [
      'names a length and chunks',
      (socket) =>
        socket.end(`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n`),
      /^protocol: /,
    ],
    [
      'sends a chunk of a size that is none',
      (socket) => socket.end(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n`),
      /^protocol: /,
    ],
    [
      'answers with interim answers only',
      (socket) => drip(socket, 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', 20),
      /^timeout: it did not answer within 1 s/,
    ],
    [
      'switches to another protocol',
      (socket) =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
      /^(?:protocol|timeout): /,
    ],
    ['speaks before it is asked and then no more', (socket) => socket.end('\0\0\0'), /^protocol: /],
  ];

  test.each(CASES)('%s', async (_, how, outcome) => {
    const get = fetcherTo(await serve(how));
    expect(await get('http://worst.test/')).toMatch(outcome);
    expect(await get(`http://worst.test${AFTER}`)).toBe('<p>All well');
  });

  test('leads from address to address without end', async () => {
    let hop = 0;
    const port = await serve((socket) => {
      hop += 1;
      socket.end(`HTTP/1.1 302 Found\r\nLocation: http://h${hop}.test/${hop}\r\nContent-Length: 0\r\n\r\n`);
    });
    const get = fetcherTo(port);
    expect(await get('http://worst.test/')).toBe('redirect_loop: it redirects more than 10 times');
    expect(hop).toBe(11);
  });
});

describe('a fault of TLS is told by name', () => {
  test.each([
    ['a certificate that has run out', selfSigned('a.test', ['200101000000Z', '210101000000Z']), /expired/],
    ['a certificate of another name', selfSigned('other.test'), /belongs to another name/],
  ])('%s', async (_, certificate, outcome) => {
    const port = await started(createTlsServer(certificate, (socket) => socket.end(PAGE)));
    expect(await fetcherTo(port, certificate.cert)('https://a.test/')).toMatch(outcome);
  });

  test('a certificate that is good is no fault', async () => {
    const certificate = selfSigned('a.test');
    const port = await started(createTlsServer(certificate, (socket) => socket.end(PAGE)));
    expect(await fetcherTo(port, certificate.cert)('https://a.test/')).toBe('<p>All well');
  });

  test.each([
    ['plain HTTP where TLS belongs', (socket: Socket) => socket.end(PAGE)],
    ['a handshake that breaks off', (socket: Socket) => socket.resetAndDestroy()],
    ['a handshake of nonsense', (socket: Socket) => socket.end(Buffer.alloc(64, 0x16))],
  ])('%s', async (_, how) => {
    expect(await fetcherTo(await serve(how))('https://a.test/')).toMatch(/^tls: /);
  });

  test('a version that nobody should speak any more', async () => {
    const port = await started(
      createTlsServer(
        {
          ...selfSigned('a.test'),
          minVersion: 'TLSv1',
          maxVersion: 'TLSv1.1',
          ciphers: 'DEFAULT@SECLEVEL=0',
        },
        (socket) => socket.end(PAGE),
      ).on('tlsClientError', () => {}),
    );
    expect(await fetcherTo(port)('https://a.test/')).toMatch(/^tls: /);
  });

  test('a handshake that never ends is a timeout', async () => {
    expect(await fetcherTo(await serve(() => {}))('https://a.test/')).toMatch(/^timeout: /);
  });
});
