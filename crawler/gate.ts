/**
 * The browser's only way out: a small forward proxy on loopback, opened for one render and closed with it.
 *
 * Every request of the page, whatever started it (picture, frame, fetch, WebSocket, beacon), comes here as
 * CONNECT or as an absolute URL (RFC 9112, section 3.2.2), and is dialled by `dial.ts`, which judges the
 * address. Route interception in the browser would not see all of them.
 *
 * What is refused is not answered but hung up on: an answer of ours could be taken for the site's.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { DialFailedError, type Dialled, dial, type Reach } from './dial.ts';

export interface GateLimits {
  /** Most bytes let in over all connections; then all are cut. */
  readonly bytes: number;
  /** Most requests and tunnels. */
  readonly requests: number;
  readonly connectSeconds: number;
}

export const GATE_LIMITS: GateLimits = { bytes: 40_000_000, requests: 1_000, connectSeconds: 10 };

export interface Gate {
  /** `http://127.0.0.1:PORT`, for the browser's proxy setting. */
  readonly address: string;
  readonly counts: {
    /** Bytes let in. */
    readonly bytes: number;
    /** Requests and tunnels opened. */
    readonly passed: number;
    /** Those refused by the guard or a limit. */
    readonly refused: number;
  };
  /** Why the last one was not let through; null when all were. */
  readonly lastRefusal: { readonly host: string; readonly reason: string; readonly detail: string } | null;
  close(): Promise<void>;
}

export async function openGate(reach: Reach, limits: GateLimits = GATE_LIMITS): Promise<Gate> {
  const counts = { bytes: 0, passed: 0, refused: 0 };
  const sockets = new Set<Duplex>();
  const closing = new AbortController();
  let lastRefusal: Gate['lastRefusal'] = null;

  const server = createServer({ maxHeaderSize: 65_536 }, (asked, answer) => {
    void forward(asked, answer);
  });
  server.on('connect', (asked: IncomingMessage, client: Duplex, head: Buffer) => {
    void join(asked, client, head);
  });
  server.on('connection', keep);
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  function keep(socket: Duplex): void {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  }

  function refuse(host: string, reason: string, detail: string): null {
    counts.refused += 1;
    lastRefusal = { host, reason, detail };
    return null;
  }

  async function reachOut(url: URL, isTunnel: boolean): Promise<Dialled | null> {
    if (counts.bytes >= limits.bytes) return refuse(url.hostname, 'too_large', 'the page loads too much');
    if (counts.passed >= limits.requests)
      return refuse(url.hostname, 'too_large', 'the page asks for too much');
    counts.passed += 1;
    const until = AbortSignal.any([closing.signal, AbortSignal.timeout(limits.connectSeconds * 1000)]);
    try {
      const dialled = await dial(url, reach, until, isTunnel);
      keep(dialled.socket);
      return dialled;
    } catch (error) {
      counts.passed -= 1;
      if (error instanceof DialFailedError) {
        return refuse(url.hostname, error.facts.reason, error.facts.detail);
      }
      return refuse(url.hostname, 'timeout', `no connection within ${limits.connectSeconds} s`);
    }
  }

  /** Counts what comes in, and cuts everything once it is too much. */
  function meter(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      counts.bytes += chunk.length;
      if (counts.bytes <= limits.bytes) return;
      refuse('', 'too_large', `the page loads more than ${limits.bytes} bytes`);
      for (const open of sockets) open.destroy();
    });
  }

  async function join(asked: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    const url = targetOf(`http://${asked.url ?? ''}`);
    const dialled = url === null ? null : await reachOut(url, true);
    if (dialled === null || client.destroyed) {
      dialled?.socket.destroy();
      client.destroy();
      return;
    }
    const { socket } = dialled;
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) socket.write(head);
    meter(socket);
    socket.pipe(client);
    client.pipe(socket);
    socket.once('close', () => client.destroy());
    client.once('close', () => socket.destroy());
  }

  async function forward(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = targetOf(asked.url ?? '');
    const dialled = url === null || url.protocol !== 'http:' ? null : await reachOut(url, false);
    if (dialled === null || url === null || answer.destroyed) {
      dialled?.socket.destroy();
      asked.socket.destroy();
      return;
    }
    const { socket, forwardHeaders } = dialled;
    meter(socket);
    const onward = request({
      createConnection: () => socket,
      method: asked.method ?? 'GET',
      path: forwardHeaders === null ? `${url.pathname}${url.search}` : url.href,
      headers: { ...onwardHeaders(asked.headers), ...forwardHeaders, host: url.host, connection: 'close' },
      setHost: false,
    });
    const hangUp = () => {
      socket.destroy();
      asked.socket.destroy();
    };
    onward.once('response', (theirs) => {
      answer.writeHead(theirs.statusCode ?? 502, theirs.statusMessage ?? '', endToEnd(theirs.rawHeaders));
      theirs.once('error', hangUp);
      theirs.once('aborted', hangUp);
      theirs.pipe(answer);
    });
    onward.once('upgrade', hangUp);
    onward.once('error', hangUp);
    answer.once('close', () => socket.destroy());
    asked.pipe(onward);
  }

  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    get lastRefusal() {
      return lastRefusal;
    },
    async close() {
      closing.abort();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function targetOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** Headers between two neighbours only (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function onwardHeaders(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) || name === 'transfer-encoding'),
  );
}

function endToEnd(raw: readonly string[]): string[] {
  return raw.filter((_, at) => !HOP_BY_HOP.has((at % 2 === 0 ? raw[at]! : raw[at - 1]!).toLowerCase()));
}
