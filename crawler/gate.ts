/**
 * The browser's only way out: a small proxy on loopback, opened for one render and closed with it.
 *
 *     browser ──CONNECT / absolute URL──► gate: read the request ──► may it go out? ──► line (dialled, judged)
 *                                              └─ refused: noted, hung up on          └─► answer kept, handed over
 *
 * Whatever in the page started a request (script, picture, frame, beacon, worker, WebSocket), it comes here, and
 * here it can be read: the gate ends the browser's TLS with a certificate of its own and checks the site's. So only
 * what reads goes out (GET, HEAD, and the CORS preflight of such a request), every answer is kept as received, and
 * a page that took its browser over could do no more. Interception in the browser would not see all of it.
 *
 * What is refused is not answered but hung up on: an answer of ours could be taken for the site's.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Exchange, Refused } from '../domain/capture.ts';
import { selfSigned } from './certificate.ts';
import type { Reach } from './dial.ts';
import { type Answered, type Asked, ask, type HeaderPairs } from './fetch/ask.ts';
import { decodeBody } from './fetch/body.ts';
import { FETCH_LIMITS } from './fetch/limits.ts';
import { openLines } from './fetch/lines.ts';
import { pixelsOf } from './fetch/picture-size.ts';
import { routeOf } from './guard.ts';

export interface GateLimits {
  /** Most bytes let in over all; then nothing more goes out and what runs is cut. */
  readonly bytes: number;
  /** Most bytes let in of one host. */
  readonly bytesPerHost: number;
  /** Most bytes of one answer. */
  readonly bytesPerAnswer: number;
  /** Most requests. */
  readonly requests: number;
  /** Most requests to one host at a time; the others wait. */
  readonly atOncePerHost: number;
  readonly connectSeconds: number;
  /** From a request to the end of its answer. */
  readonly answerSeconds: number;
}

export const GATE_LIMITS: GateLimits = {
  bytes: 40_000_000,
  bytesPerHost: 20_000_000,
  bytesPerAnswer: 10_000_000,
  requests: 1_000,
  atOncePerHost: 4,
  connectSeconds: 10,
  answerSeconds: 20,
};

export interface Gate {
  /** `http://127.0.0.1:PORT`, for the browser's proxy setting. */
  readonly address: string;
  readonly counts: {
    /** Bytes of bodies let in, as received. */
    readonly bytes: number;
    /** Requests that went out. */
    readonly passed: number;
    /** Those refused by the guard, a rule or a limit. */
    readonly refused: number;
  };
  /** What was refused, each once with how often, in the order first met; at most 200. */
  readonly refusals: readonly Refused[];
  /** The last one that was not let through; null when all were. */
  readonly lastRefusal: { readonly host: string; readonly reason: string; readonly detail: string } | null;
  /** Every answer to a GET, as received, in the order asked; at most 30 MB of bodies. */
  exchanges(): Exchange[];
  /** Notes what the page tried outside of the network. */
  note(what: Exclude<Refused['what'], 'request'>, url: string, detail: string): void;
  /** Notes what was kept from going out before it came here. */
  refuse(method: string, url: URL, reason: Refused['reason'], detail: string): void;
  close(): Promise<void>;
}

export interface GateOptions {
  readonly limits?: GateLimits;
  /** PEM certificates trusted instead of the usual ones. */
  readonly authorities?: string | null;
  /** Values of `Sec-Fetch-Dest` that are not wanted now: hung up on without a note, as the page is not to blame. */
  readonly leavesOut?: readonly string[];
  /**
   * Documents do nothing by themselves: no script of theirs runs, and no meta refresh is heard, not even one to
   * `about:blank`, for which nobody is asked. The browser is told so, evidence holds what the site said.
   */
  readonly confines?: boolean;
}

/** Source: HTML, section 7.1.5, "sandboxed automatic features browsing context flag". */
const CONFINED = ['Content-Security-Policy', 'sandbox allow-same-origin'];

/** Nobody sees it but our own browser, which is told to take any: the site's was checked by the gate. */
const CERTIFICATE = selfSigned('gate.invalid');
const SECURE = createSecureContext(CERTIFICATE);

const MOST_REFUSALS = 200;
/** Bodies kept of one render, in bytes. */
const MOST_KEPT = 30_000_000;

export async function openGate(reach: Reach, options: GateOptions = {}): Promise<Gate> {
  const { limits = GATE_LIMITS, authorities = null, leavesOut = [], confines = false } = options;
  const counts = { bytes: 0, passed: 0, refused: 0 };
  const refusals = new Map<string, Refused>();
  const kept: Exchange[] = [];
  const sockets = new Set<Duplex>();
  const closing = new AbortController();
  const hosts = new Map<string, HostUse>();
  const streams = new Set<string>();
  /** Where a tunnel leads, by the socket that its requests come over. */
  const tunnels = new WeakMap<Duplex, string>();
  const answerLimits = {
    ...FETCH_LIMITS,
    rawBytes: limits.bytesPerAnswer,
    connectSeconds: limits.connectSeconds,
  };
  const lines = openLines({ lookup: reach.lookup, authorities, limits: answerLimits });
  let keptBytes = 0;
  let lastRefusal: Gate['lastRefusal'] = null;

  const server = createServer({ maxHeaderSize: 65_536 }, (asked, answer) => {
    void forward(asked, answer);
  });
  server.on('connect', (asked: IncomingMessage, client: Duplex, head: Buffer) => {
    tunnel(asked, client as Socket, head);
  });
  server.on('connection', keep);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const to = tunnels.get(socket);
    tunnels.delete(socket);
    if (to !== undefined && error.code?.startsWith('HPE_') === true) {
      refuse('', new URL(to), 'protocol', 'what came through the tunnel is no HTTP');
    }
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  function keep(socket: Duplex): void {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  }

  function add(refused: Omit<Refused, 'times'>): void {
    const key = [refused.what, refused.method, refused.url, refused.reason].join(' ');
    const before = refusals.get(key);
    if (before === undefined && refusals.size >= MOST_REFUSALS) return;
    refusals.set(key, { ...refused, times: (before?.times ?? 0) + 1 });
  }

  function refuse(method: string, url: URL, reason: Refused['reason'], detail: string): void {
    counts.refused += 1;
    lastRefusal = { host: url.hostname, reason, detail };
    add({ what: 'request', method, url: url.href.slice(0, 2_000), reason, detail });
  }

  /** The browser's tunnel ends here; what comes out of it is read like any other request. */
  function tunnel(asked: IncomingMessage, client: Socket, head: Buffer): void {
    const authority = asked.url ?? '';
    const url = urlOf(`http://${authority}`);
    const route = url === null ? null : routeOf(url, reach.resolve);
    if (url === null || route?.is === 'refused') {
      if (url !== null && route?.is === 'refused') refuse('CONNECT', url, 'private_address', route.why);
      client.destroy();
      return;
    }
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) client.unshift(head);
    client.once('readable', () => {
      const first: Buffer | null = client.read(1);
      if (first === null) return;
      client.unshift(first);
      if (first[0] !== TLS_HANDSHAKE) {
        tunnels.set(client, `http://${authority}`);
        server.emit('connection', client);
        return;
      }
      const layer = new TLSSocket(client, {
        isServer: true,
        secureContext: SECURE,
        ALPNProtocols: ['http/1.1'],
      });
      tunnels.set(layer, `https://${authority}`);
      layer.once('close', () => client.destroy());
      server.emit('connection', layer);
    });
  }

  async function forward(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const base = tunnels.get(asked.socket);
    const url = urlOf(base === undefined ? (asked.url ?? '') : `${base}${asked.url ?? ''}`);
    const method = asked.method ?? '';
    asked.resume();
    const gone = new AbortController();
    answer.once('close', () => gone.abort());
    const isWanted = url !== null && !leavesOut.includes(destinationOf(asked.headers));
    const exchange = !isWanted ? null : await exchangeFor(url, method, asked, gone.signal);
    if (exchange === null || answer.destroyed) {
      answer.destroy();
      return;
    }
    try {
      const told = answerHeaders(exchange, method === 'HEAD');
      answer.writeHead(exchange.status, exchange.statusText, confines ? [...told, ...CONFINED] : told);
      // A body that broke off breaks off for the browser too.
      if (exchange.truncated === null || isEventStream(exchange)) answer.end(exchange.body);
      else answer.write(exchange.body, () => answer.destroy());
    } catch {
      // Headers that Node does not send on are no HTTP.
      answer.destroy();
    }
  }

  async function exchangeFor(
    url: URL,
    method: string,
    asked: IncomingMessage,
    gone: AbortSignal,
  ): Promise<Exchange | null> {
    const rule = refusedByRule(url, method, asked.headers, streams);
    if (rule !== null) {
      refuse(method, url, rule.reason, rule.detail);
      return null;
    }
    const host = hosts.get(url.hostname) ?? { bytes: 0, running: 0, waiting: [] };
    hosts.set(url.hostname, host);
    await turnAt(host, limits.atOncePerHost);
    try {
      const limit = refusedByLimit(host);
      if (limit !== null) {
        refuse(method, url, 'too_large', limit);
        return null;
      }
      if (gone.aborted || closing.signal.aborted) return null;
      counts.passed += 1;
      const late = AbortSignal.timeout(limits.answerSeconds * 1000);
      const answer = await ask(lines, {
        url,
        method: method as Asked['method'],
        headers: onwardHeaders(asked.rawHeaders),
        settings: reach,
        until: AbortSignal.any([closing.signal, gone, late]),
        want: 'part',
        limits: answerLimits,
        now: () => new Date(),
        spend: (bytes) => spend(host, bytes),
      });
      if (answer.exchange !== null && method === 'GET') record(answer.exchange);
      const heavy = answer.is === 'answered' ? await tooHeavy(answer) : null;
      if (heavy !== null) {
        refuse(method, url, 'too_large', heavy);
        return null;
      }
      if (answer.is === 'failed' && !gone.aborted && !closing.signal.aborted) {
        if (answer.exchange === null) counts.passed -= 1;
        refuse(method, url, answer.reason, answer.detail);
      }
      return answer.exchange;
    } finally {
      host.running -= 1;
      host.waiting.shift()?.();
    }
  }

  function spend(host: HostUse, bytes: number): boolean {
    counts.bytes += bytes;
    host.bytes += bytes;
    return counts.bytes <= limits.bytes && host.bytes <= limits.bytesPerHost;
  }

  function refusedByLimit(host: HostUse): string | null {
    if (counts.bytes >= limits.bytes) return `the page loads more than ${limits.bytes} bytes`;
    if (host.bytes >= limits.bytesPerHost)
      return `the page loads more than ${limits.bytesPerHost} bytes of this host`;
    if (counts.passed >= limits.requests) return `the page asks for more than ${limits.requests} things`;
    return null;
  }

  function record(exchange: Exchange): void {
    if (keptBytes + exchange.body.byteLength > MOST_KEPT) return;
    keptBytes += exchange.body.byteLength;
    kept.push(exchange);
  }

  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    get refusals() {
      return [...refusals.values()];
    },
    get lastRefusal() {
      return lastRefusal;
    },
    exchanges: () => [...kept].sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime()),
    note(what, url, detail) {
      add({ what, method: null, url: url.slice(0, 2_000), reason: 'contained', detail });
    },
    refuse,
    async close() {
      closing.abort();
      for (const socket of sockets) socket.destroy();
      await Promise.all([lines.close(), new Promise<void>((resolve) => server.close(() => resolve()))]);
    },
  };
}

/** First byte of a TLS record that carries a handshake (RFC 8446, section 5.1). */
const TLS_HANDSHAKE = 0x16;

/** What one host was asked for in this render. */
interface HostUse {
  bytes: number;
  running: number;
  readonly waiting: (() => void)[];
}

async function turnAt(host: HostUse, atOnce: number): Promise<void> {
  host.running += 1;
  if (host.running > atOnce) await new Promise<void>((resolve) => host.waiting.push(resolve));
}

/** What may not go out whatever its address: all that does more than read this page. */
function refusedByRule(
  url: URL,
  method: string,
  headers: IncomingMessage['headers'],
  streams: Set<string>,
): { readonly reason: Refused['reason']; readonly detail: string } | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { reason: 'bad_url', detail: `${url.protocol} addresses are not asked for` };
  }
  if (headers.upgrade !== undefined) {
    return { reason: 'websocket', detail: `it would talk ${headers.upgrade.slice(0, 40)}, which can write` };
  }
  const wanted = method === 'OPTIONS' ? headers['access-control-request-method'] : method;
  if (wanted !== 'GET' && wanted !== 'HEAD') {
    return { reason: 'method', detail: `${wanted ?? method} is no request to read` };
  }
  if (headers['service-worker'] !== undefined) {
    return { reason: 'service_worker', detail: 'no service worker is installed' };
  }
  if (headers['sec-purpose'] !== undefined) {
    return { reason: 'prefetch', detail: 'what is only fetched ahead is no part of the page' };
  }
  if (headers.accept === 'text/event-stream') {
    if (streams.has(url.href))
      return { reason: 'stream', detail: 'the start of this stream was read before' };
    streams.add(url.href);
  }
  return null;
}

/** What a request is for. Browsers tell it to https sites only; over http pictures are known by what is accepted. */
function destinationOf(headers: IncomingMessage['headers']): string {
  const told = headers['sec-fetch-dest'];
  if (typeof told === 'string') return told;
  return headers.accept?.startsWith('image/') === true ? 'image' : '';
}

/** Most bytes of one part once decoded, and most pixels of one picture: 4 bytes each in the browser. */
const DECODED = { ...FETCH_LIMITS, decodedBytes: 30_000_000 };
const MOST_PIXELS = 50_000_000;

/** Why the browser should not have to unpack it; null when it may. */
async function tooHeavy({ exchange, headers }: Answered): Promise<string | null> {
  const body = await decodeBody(exchange.body, headers['content-encoding'] ?? '', DECODED);
  if (body.is === 'failed') return body.reason === 'too_large' ? body.detail : null;
  const pixels = pixelsOf(body.bytes);
  return pixels !== null && pixels > MOST_PIXELS ? `it is a picture of ${pixels} pixels` : null;
}

function urlOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** Headers between two neighbours only (RFC 9110, section 7.6.1), and the host, which the line says itself. */
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
const OURS = new Set(['host', 'content-length', 'expect']);

function pairsOf(raw: readonly string[]): [string, string][] {
  return Array.from({ length: raw.length >> 1 }, (_, at) => [raw[at * 2]!, raw[at * 2 + 1]!]);
}

function onwardHeaders(raw: readonly string[]): HeaderPairs {
  return pairsOf(raw).filter(
    ([name]) => !HOP_BY_HOP.has(name.toLowerCase()) && !OURS.has(name.toLowerCase()),
  );
}

/** The site's own, without what belonged to its connection; the length is that of the body we hand over. */
function answerHeaders({ responseHeaders, truncated }: Exchange, isHead: boolean): string[] {
  const isLengthKept = isHead || truncated === null;
  return responseHeaders
    .filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()))
    .filter(([name]) => isLengthKept || name.toLowerCase() !== 'content-length')
    .flat();
}

function isEventStream({ responseHeaders }: Exchange): boolean {
  return responseHeaders.some(
    ([name, value]) => name.toLowerCase() === 'content-type' && value.startsWith('text/event-stream'),
  );
}
