/**
 * The only place of the crawler that opens a connection. Fetches and the browser's gate both dial here, so
 * one check covers them: the address is judged (`guard.ts`) after the name was resolved and before the
 * connection is made, and it is that very address which is connected to. A name with even one refused
 * address is refused whole, so that a name server which answers differently each time gains nothing.
 *
 * Through a proxy (but for `socks5:`) the name is resolved by the proxy, out of our sight: only the URL itself is
 * judged then.
 */
import { lookup as systemLookup } from 'node:dns/promises';
import { request } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect as connectTls,
  type DetailedPeerCertificate,
  type TLSSocket,
} from 'node:tls';
import type { PeerTls } from '../domain/capture.ts';
import type { FailureReason, SkipReason } from '../domain/source.ts';
import { addressRefusal, type ResolveMap, type Route, routeOf } from './guard.ts';
import { joinBySocks, SocksRefusedError } from './socks.ts';

/** All addresses of a host name, in the order to try them. Rejects like `dns.promises.lookup`. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** How the outside is reached. */
export interface Reach {
  readonly resolve: ResolveMap;
  /** HTTP or SOCKS5 proxy, e.g. `http://192.0.2.1:3128`, `socks5://192.0.2.1:1080`; null for none. */
  readonly proxy: string | null;
  readonly lookup: Lookup;
}

export interface Dialled {
  readonly socket: Socket;
  /** `ip:port` of the site; null behind a proxy. */
  readonly peer: string | null;
  /**
   * Set when the other end is a proxy that forwards plain http: the request line must then carry the whole
   * URL, and these headers go along (and into no record). Null when the site itself is at the other end.
   */
  readonly forwardHeaders: Readonly<Record<string, string>> | null;
}

export const resolveBySystem: Lookup = async (host) =>
  (await systemLookup(host, { all: true, verbatim: false })).map(({ address }) => address);

/** No connection was made; `reason` tells what a caller may do about it. */
export class DialFailedError extends Error {
  override readonly name = 'DialFailedError';
  readonly facts: {
    readonly host: string;
    readonly reason: Extract<FailureReason | SkipReason, DialReason>;
    readonly detail: string;
  };

  constructor(facts: DialFailedError['facts'], options?: ErrorOptions) {
    super(`No connection to ${facts.host}: ${facts.detail}.`, options);
    this.facts = facts;
  }
}

type DialReason = 'dns' | 'refused' | 'unreachable' | 'timeout' | 'tls' | 'private_address' | 'internal';

/** Most addresses of one name that are tried. */
const MOST_TRIED = 4;

/**
 * A TCP connection on which the site of `url` answers; for https (and for a WebSocket's CONNECT, `isTunnel`)
 * the TLS layer is still to come (`secure`). Behind a proxy that is a tunnel; plain http needs none. Aborting `signal` gives up; its reason is thrown.
 *
 * @throws DialFailedError
 */
export async function dial(
  url: URL,
  reach: Reach,
  signal: AbortSignal,
  isTunnel = url.protocol === 'https:',
): Promise<Dialled> {
  const route = routeOf(url, reach.resolve);
  const host = url.hostname;
  switch (route.is) {
    case 'refused':
      throw new DialFailedError({ host, reason: 'private_address', detail: route.why });
    case 'fixed':
      return direct(host, route, signal);
    default:
      if (reach.proxy !== null && /^socks5h?:/.test(reach.proxy)) return dialSocks(route, reach, url, signal);
      if (reach.proxy !== null) return dialProxy(url, new URL(reach.proxy), isTunnel, signal);
      if (route.is === 'literal') return direct(host, route, signal);
      return dialNamed(route.host, route.port, reach.lookup, signal);
  }
}

interface Address {
  readonly address: string;
  readonly port: number;
}

async function direct(host: string, { address, port }: Address, signal: AbortSignal): Promise<Dialled> {
  const socket = await open(host, address, port, signal);
  return { socket, peer: peerOf({ address, port }), forwardHeaders: null };
}

async function dialNamed(host: string, port: number, lookup: Lookup, signal: AbortSignal): Promise<Dialled> {
  const addresses = await judgedAddresses(host, lookup, signal);
  const tried = addresses.slice(0, MOST_TRIED);
  for (const [at, address] of tried.entries()) {
    try {
      return await direct(host, { address, port }, signal);
    } catch (error) {
      if (at === tried.length - 1 || !(error instanceof DialFailedError)) throw error;
    }
  }
  throw noAddress(host);
}

function noAddress(host: string): DialFailedError {
  return new DialFailedError({ host, reason: 'dns', detail: 'the name has no address' });
}

/** All addresses of a name, every one of them allowed. */
async function judgedAddresses(
  host: string,
  lookup: Lookup,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const addresses = await addressesOf(host, lookup, signal);
  for (const address of addresses) {
    const why = addressRefusal(address);
    if (why !== null) {
      throw new DialFailedError({
        host,
        reason: 'private_address',
        detail: `it resolves to ${address}, and ${why}`,
      });
    }
  }
  return addresses;
}

async function addressesOf(host: string, lookup: Lookup, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return await untilAborted(lookup(host), signal);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    const code = codeOf(cause);
    const detail =
      code === 'ENOTFOUND' || code === 'ENODATA'
        ? 'the name does not exist'
        : `the name could not be resolved (${code})`;
    throw new DialFailedError({ host, reason: 'dns', detail }, { cause });
  }
}

/**
 * Connects TLS over a dialled connection; the certificate must be valid for the host.
 *
 * @param authorities PEM certificates trusted instead of the usual ones; null for the usual ones.
 */
export async function secure(
  socket: Socket,
  host: string,
  authorities: string | null,
  signal: AbortSignal,
): Promise<TLSSocket> {
  signal.throwIfAborted();
  const name = host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const isName = /[a-z]/i.test(name) && !name.includes(':');
  let shown: DetailedPeerCertificate | null = null;
  const layer = connectTls({
    socket,
    // Node has read the whole chain by then: keeping it costs nothing, asking for it again does.
    checkServerIdentity: (named, certificate) => {
      shown = certificate as DetailedPeerCertificate;
      return checkServerIdentity(named, certificate);
    },
    host: name,
    ...(isName ? { servername: name } : {}),
    ...(authorities === null ? {} : { ca: authorities }),
    ALPNProtocols: ['http/1.1'],
  });
  try {
    await settled(layer, 'secureConnect', signal);
  } catch (cause) {
    layer.destroy();
    socket.destroy();
    if (signal.aborted) throw signal.reason;
    throw new DialFailedError({ host, reason: 'tls', detail: tlsDetail(cause) }, { cause });
  }
  const { name: cipher } = layer.getCipher();
  sessions.set(layer, { protocol: layer.getProtocol() ?? '', cipher, chain: chainOf(shown) });
  return layer;
}

const sessions = new WeakMap<Socket, PeerTls>();

/** What the site showed when this connection was secured; null for one that is not. */
export function peerTlsOf(socket: Socket): PeerTls | null {
  return sessions.get(socket) ?? null;
}

/** No chain that leads anywhere is longer. */
const LONGEST_CHAIN = 10;

function chainOf(leaf: DetailedPeerCertificate | null): Uint8Array[] {
  const chain: Uint8Array[] = [];
  for (let at = leaf; at?.raw !== undefined && chain.length < LONGEST_CHAIN; at = at.issuerCertificate) {
    chain.push(at.raw);
    if (at.issuerCertificate === at) break;
  }
  return chain;
}

function tlsDetail(cause: unknown): string {
  const code = codeOf(cause);
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'its certificate is signed by itself';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'its certificate belongs to another name';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'its certificate comes from an unknown issuer';
    case 'ECONNRESET':
      return 'it hung up during the TLS handshake';
    default:
      return `the TLS handshake failed (${code})`;
  }
}

async function open(host: string, address: string, port: number, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = connectTcp({ host: address, port, noDelay: true });
  try {
    await settled(socket, 'connect', signal);
    return socket;
  } catch (cause) {
    socket.destroy();
    if (signal.aborted) throw signal.reason;
    const code = codeOf(cause);
    const at = peerOf({ address, port });
    switch (code) {
      case 'ECONNREFUSED':
        throw new DialFailedError(
          { host, reason: 'refused', detail: `${at} refused the connection` },
          { cause },
        );
      case 'ETIMEDOUT':
        throw new DialFailedError({ host, reason: 'timeout', detail: `${at} did not answer` }, { cause });
      default:
        throw new DialFailedError(
          { host, reason: 'unreachable', detail: `${at} could not be reached (${code})` },
          { cause },
        );
    }
  }
}

async function dialProxy(url: URL, proxy: URL, isTunnel: boolean, signal: AbortSignal): Promise<Dialled> {
  const socket = await openProxy(url, proxy, signal);
  const authorization = proxyAuthorization(proxy);
  if (!isTunnel) return { socket, peer: null, forwardHeaders: authorization };
  await tunnel(url, proxy.host, socket, authorization, signal);
  return { socket, peer: null, forwardHeaders: null };
}

/**
 * `socks5:` resolves names here, where their addresses are judged; `socks5h:` leaves that to the proxy, as an HTTP
 * proxy does.
 */
async function dialSocks(
  route: Extract<Route, { is: 'literal' | 'named' }>,
  { proxy, lookup }: Reach,
  url: URL,
  signal: AbortSignal,
): Promise<Dialled> {
  const by = new URL(proxy ?? '');
  const host = url.hostname;
  const isResolvedHere = route.is === 'named' && by.protocol === 'socks5:';
  const [address] = isResolvedHere ? await judgedAddresses(route.host, lookup, signal) : [hostOf(route)];
  if (address === undefined) throw noAddress(host);
  const socket = await openProxy(url, by, signal);
  try {
    await joinBySocks(socket, by, { host: address, port: route.port }, signal);
  } catch (cause) {
    socket.destroy();
    if (signal.aborted) throw signal.reason;
    const isRefused = cause instanceof SocksRefusedError && cause.facts.isRefused;
    const why = cause instanceof SocksRefusedError ? cause.facts.detail : codeOf(cause);
    const facts = {
      host,
      reason: isRefused ? 'refused' : 'unreachable',
      detail: `the proxy ${by.host}: ${why}`,
    } as const;
    throw new DialFailedError(facts, { cause });
  }
  return { socket, peer: null, forwardHeaders: null };
}

function hostOf(route: Extract<Route, { is: 'literal' | 'named' }>): string {
  return route.is === 'literal' ? route.address : route.host;
}

async function openProxy(url: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const usual = proxy.protocol === 'http:' ? 80 : 1080;
  const port = proxy.port === '' ? usual : Number(proxy.port);
  try {
    return await open(url.hostname, proxy.hostname.replace(/^\[(.*)\]$/, '$1'), port, signal);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    const detail = `the proxy ${proxy.host} could not be reached (${codeOf(cause)})`;
    throw new DialFailedError({ host: url.hostname, reason: 'unreachable', detail }, { cause });
  }
}

/** Asks a proxy to join `socket` to the site (CONNECT, RFC 9110 section 9.3.6). */
function tunnel(
  url: URL,
  proxyHost: string,
  socket: Socket,
  authorization: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const target = `${url.hostname}:${port}`;
  const asking = request({
    createConnection: () => socket,
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...authorization },
    signal,
  });
  return new Promise((resolve, reject) => {
    function fail(detail: string, cause?: unknown): void {
      socket.destroy();
      const facts = { host: url.hostname, reason: 'unreachable', detail } as const;
      reject(signal.aborted ? signal.reason : new DialFailedError(facts, { cause }));
    }
    asking.once('connect', ({ statusCode }) => {
      if (statusCode === 200) resolve();
      else fail(`the proxy ${proxyHost} refused it with status ${statusCode}`);
    });
    asking.once('response', (answer) => {
      answer.destroy();
      fail(`the proxy ${proxyHost} answered ${answer.statusCode} and opened no tunnel`);
    });
    asking.once('error', (cause) => fail(`the proxy ${proxyHost} broke off (${codeOf(cause)})`, cause));
    asking.end();
  });
}

function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Waits for a socket's `ready` event; rejects on its error, its early end, or when aborted. */
function settled(socket: Socket, ready: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => end(() => reject(signal.reason));
    const onError = (error: Error) => end(() => reject(error));
    const onClose = () => end(() => reject(Object.assign(new Error('closed early'), { code: 'ECONNRESET' })));
    const onReady = () => end(resolve);
    function end(how: () => void): void {
      socket.off(ready, onReady).off('close', onClose).off('error', onError);
      // A socket without a listener for late errors would take the whole house down.
      socket.on('error', () => {});
      signal.removeEventListener('abort', onAbort);
      how();
    }
    socket.once(ready, onReady).once('close', onClose).once('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function peerOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function codeOf(error: unknown): string {
  if (error instanceof DialFailedError) return error.facts.detail;
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : String(error);
}
