/**
 * One page over HTTP: asked for with GET alone, without cookies, redirect by redirect, within hard limits.
 *
 *     fetch(url) -> for each hop: dial (address judged) -> headers -> body up to its cap -> decoded up to its cap
 *
 * What was received is kept as received (`exchanges`), so that evidence can be written of it, also when the
 * page could not be read in the end. An answer of 4xx or 5xx is an answer, not a failure.
 *
 * Connections are ours to count: one undici `Client`, which is one socket, serves one request at a time and
 * waits a few seconds for the next to the same origin. So each exchange knows the address that answered it.
 */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { Client, type Dispatcher } from 'undici';
import type { Exchange, Hop } from '../domain/capture.ts';
import type { FailureReason, ScanSettings, SkipReason } from '../domain/source.ts';
import { DialFailedError, dial, type Lookup, resolveBySystem, secure } from './dial.ts';

export interface Fetched {
  /** One a hop, the last one holds the page; never empty. */
  readonly exchanges: readonly Exchange[];
  readonly hops: readonly Hop[];
  readonly finalUrl: string;
  readonly status: number;
  /** Lower case, without parameters; '' when the server named none. */
  readonly mediaType: string;
  /** As sent; null when absent. */
  readonly contentType: string | null;
  /** Lower-case names; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Content-encoding undone. */
  readonly body: Buffer;
  readonly peer: string | null;
  /** How long the server asked us to wait; null when it did not. */
  readonly retryAfterSeconds: number | null;
}

/** No page was got; `reason` tells what a caller may do about it, `exchanges` what was received all the same. */
export class FetchFailedError extends Error {
  override readonly name = 'FetchFailedError';
  readonly facts: {
    /** Asked for by the caller. */
    readonly url: string;
    readonly reason: FailureReason | SkipReason;
    /** Plain words, lower case, for the line an officer reads. */
    readonly detail: string;
    readonly exchanges: readonly Exchange[];
  };

  constructor(facts: FetchFailedError['facts'], options?: ErrorOptions) {
    super(`${facts.url} was not read: ${facts.detail}.`, options);
    this.facts = facts;
  }
}

export interface FetchLimits {
  /** Most bytes of a body as received. */
  readonly rawBytes: number;
  /** Most bytes of a body once decoded. */
  readonly decodedBytes: number;
  /** Most decoded bytes for one received, once past the first million. */
  readonly ratio: number;
  readonly headerBytes: number;
  readonly redirects: number;
  readonly connectSeconds: number;
  /** From the request sent to the last header. */
  readonly headerSeconds: number;
  /** The whole fetch, all hops; what courtesy waits between them is not in it. */
  readonly totalSeconds: number;
  /** Slowest body, from `rateAfterSeconds` into it. */
  readonly bytesPerSecond: number;
  readonly rateAfterSeconds: number;
}

export const FETCH_LIMITS: FetchLimits = {
  rawBytes: 5_000_000,
  decodedBytes: 5_000_000,
  ratio: 200,
  headerBytes: 32_768,
  redirects: 10,
  connectSeconds: 10,
  headerSeconds: 20,
  totalSeconds: 60,
  bytesPerSecond: 500,
  rateAfterSeconds: 5,
};

export type FetchSettings = Pick<ScanSettings, 'proxy' | 'resolve'>;

/** Decides for each request of a fetch, redirects too, when it may go out and whether it may at all. */
export interface Courtesy {
  /**
   * Resolves when the address may be asked for. What it throws ends the fetch and comes out of it as thrown.
   *
   * @param from the address that redirects there; null for the first one.
   */
  before(url: URL, from: URL | null): Promise<Leave>;
  /** A redirect was answered, and `before` is asked of the address it leads to. */
  after(answer: { readonly status: number; readonly retryAfterSeconds: number | null }): void;
}

export type Leave =
  | { readonly is: 'go'; readonly robots?: Hop['robots'] }
  | { readonly is: 'refused'; readonly reason: SkipReason; readonly detail: string };

export interface Fetcher {
  /**
   * @param want `page` refuses other media types as `not_a_page` before their body is read.
   * @param courtesy asked before every request; time spent in it counts to no limit.
   * @throws FetchFailedError; the signal's reason when aborted; what `courtesy` throws.
   */
  fetch(
    url: URL,
    settings: FetchSettings,
    signal?: AbortSignal,
    want?: 'page' | 'anything',
    courtesy?: Courtesy,
  ): Promise<Fetched>;
  close(): Promise<void>;
}

export interface FetcherOptions {
  /** Tells every host who asks; see `honestAgent`. */
  readonly userAgent: string;
  readonly lookup?: Lookup;
  /** PEM certificates trusted instead of the usual ones. */
  readonly authorities?: string | null;
  readonly limits?: Partial<FetchLimits>;
  readonly now?: () => Date;
}

/** `Kuzet/0.1.0 (+https://…)`: who asks, and where to complain; without a contact only who. */
export function honestAgent(version: string, contact: string | null): string {
  return contact === null ? `Kuzet/${version}` : `Kuzet/${version} (+${contact})`;
}

export function createFetcher(options: FetcherOptions): Fetcher {
  const { userAgent, lookup = resolveBySystem, authorities = null, now = () => new Date() } = options;
  const limits = { ...FETCH_LIMITS, ...options.limits };
  const lines = openLines({ lookup, authorities, limits });

  async function fetch(
    url: URL,
    settings: FetchSettings,
    signal?: AbortSignal,
    want: 'page' | 'anything' = 'page',
    courtesy: Courtesy | null = null,
  ): Promise<Fetched> {
    signal?.throwIfAborted();
    const exchanges: Exchange[] = [];
    const hops: Hop[] = [];
    let millisecondsLeft = limits.totalSeconds * 1000;
    const failed = (reason: FailureReason | SkipReason, detail: string, cause?: unknown) =>
      new FetchFailedError(
        { url: url.href, reason, detail, exchanges },
        cause === undefined ? {} : { cause },
      );
    const seen = new Set<string>();
    let at = withoutFragment(url);
    let from: URL | null = null;

    for (;;) {
      seen.add(at.href);
      const leave = (await courtesy?.before(at, from)) ?? { is: 'go' };
      if (leave.is === 'refused') throw failed(leave.reason, leave.detail);
      const tooLate = AbortSignal.timeout(Math.ceil(Math.max(0, millisecondsLeft)));
      const until = signal === undefined ? tooLate : AbortSignal.any([signal, tooLate]);
      const askedAt = performance.now();
      const answer = await ask(at, settings, until, want);
      millisecondsLeft -= performance.now() - askedAt;
      if (answer.exchange !== null) exchanges.push(answer.exchange);
      if (answer.is === 'failed') {
        signal?.throwIfAborted();
        const isLate = tooLate.aborted && answer.reason !== 'too_large';
        if (isLate) throw failed('timeout', `it took longer than ${limits.totalSeconds} s`, answer.cause);
        throw failed(answer.reason, answer.detail, answer.cause);
      }
      const { exchange, headers } = answer;
      const location = headers['location'];
      const isRedirect = REDIRECTS.has(exchange.status) && location !== undefined;
      hops.push({
        url: at.href,
        status: exchange.status,
        location: isRedirect ? latin1ToUtf8(location) : null,
        ...(leave.robots === undefined ? {} : { robots: leave.robots }),
      });
      if (!isRedirect) return finished(exchange, headers, at);
      const next = redirectTarget(location, at);
      if (next.is === 'refused') throw failed('bad_url', next.why);
      if (seen.has(next.url.href))
        throw failed('redirect_loop', `it redirects in a circle over ${next.url.href}`);
      if (hops.length > limits.redirects) {
        throw failed('redirect_loop', `it redirects more than ${limits.redirects} times`);
      }
      courtesy?.after({
        status: exchange.status,
        retryAfterSeconds: retryAfter(headers['retry-after'], now()),
      });
      from = at;
      at = next.url;
    }

    async function finished(exchange: Exchange, headers: Headers, finalUrl: URL): Promise<Fetched> {
      const body = await decodeBody(exchange.body, headers['content-encoding'] ?? '', limits);
      if (body.is === 'failed') throw failed(body.reason, body.detail);
      const contentType = headers['content-type'] ?? null;
      const mediaType = mediaTypeOf(contentType);
      if (want === 'page' && exchange.status < 300) {
        const kind =
          fileKind(body.bytes) ??
          (mediaType === '' && hasZeros(body.bytes) ? 'a file of an unnamed type' : null);
        if (kind !== null) throw failed('not_a_page', `it is ${kind}`);
      }
      return {
        exchanges,
        hops,
        finalUrl: finalUrl.href,
        status: exchange.status,
        mediaType,
        contentType,
        headers,
        body: body.bytes,
        peer: exchange.peer,
        retryAfterSeconds: retryAfter(headers['retry-after'], now()),
      };
    }
  }

  /** One hop. A connection that waited may have been closed under us: then a fresh one is tried once. */
  async function ask(
    url: URL,
    settings: FetchSettings,
    until: AbortSignal,
    want: 'page' | 'anything',
  ): Promise<Answer> {
    const asked = { url, settings, until, want, userAgent, limits, startedAt: now() };
    const line = lines.take(url, settings);
    const wasUsed = line.isUsed;
    const answer = await askOn(line, asked);
    const isStale =
      wasUsed && answer.is === 'failed' && answer.exchange === null && answer.reason === 'protocol';
    if (!isStale || until.aborted) {
      lines.give(line, answer.is === 'answered' && answer.exchange.truncated === null);
      return answer;
    }
    lines.give(line, false);
    const fresh = lines.open(url, settings);
    const again = await askOn(fresh, { ...asked, startedAt: now() });
    lines.give(fresh, again.is === 'answered' && again.exchange.truncated === null);
    return again;
  }

  return { fetch, close: lines.close };
}

type Headers = Readonly<Record<string, string>>;

type Answer =
  | { readonly is: 'answered'; readonly exchange: Exchange; readonly headers: Headers }
  | {
      readonly is: 'failed';
      readonly exchange: Exchange | null;
      readonly reason: FailureReason | SkipReason;
      readonly detail: string;
      readonly cause: unknown;
    };

interface Asked {
  readonly url: URL;
  readonly settings: FetchSettings;
  readonly until: AbortSignal;
  readonly want: 'page' | 'anything';
  readonly userAgent: string;
  readonly limits: FetchLimits;
  readonly startedAt: Date;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Bodies of redirects are kept as evidence and read by nobody. */
const REDIRECT_BODY = 65_536;

/** Why we hung up ourselves, while the server was willing. */
class HungUp extends Error {
  readonly truncated: 'length' | 'time';
  readonly reason: FailureReason | SkipReason | null;

  /** @param reason null when what was received is all we want. */
  constructor(truncated: 'length' | 'time', reason: FailureReason | SkipReason | null, detail: string) {
    super(detail);
    this.truncated = truncated;
    this.reason = reason;
  }
}

/** Sends the request and gathers its answer; never rejects. */
function askOn(line: Line, asked: Asked): Promise<Answer> {
  const { url, until, want, limits, startedAt } = asked;
  const requestHeaders: [string, string][] = [
    ['host', url.host],
    ['connection', 'keep-alive'],
    ['user-agent', asked.userAgent],
    ['accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5'],
    ['accept-language', 'ru,kk;q=0.9,en;q=0.5'],
    ['accept-encoding', 'gzip, deflate, br'],
  ];
  let status = 0;
  let statusText = '';
  let responseHeaders: [string, string][] = [];
  let headers: Headers = {};
  let cap = limits.rawBytes;
  const chunks: Buffer[] = [];
  let received = 0;
  let sentAt = 0;
  let bodyAt = 0;

  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | null = null;
    let isDialled = false;
    let isOver = false;

    /** A clock of our own, since undici's checks neither the whole nor the rate. */
    const watch = setInterval(() => {
      const time = performance.now();
      if (bodyAt === 0) {
        if (sentAt !== 0 && time - sentAt > limits.headerSeconds * 1000) {
          hangUp(new HungUp('time', 'timeout', `it did not answer within ${limits.headerSeconds} s`));
        }
        return;
      }
      const seconds = (time - bodyAt) / 1000;
      if (seconds > limits.rateAfterSeconds && received / seconds < limits.bytesPerSecond) {
        hangUp(new HungUp('time', 'timeout', `it sends slower than ${limits.bytesPerSecond} bytes a second`));
      }
    }, 200);
    const onAbort = () => hangUp(new HungUp('time', 'timeout', 'it took too long'));
    until.addEventListener('abort', onAbort, { once: true });

    function hangUp(why: HungUp): void {
      if (controller !== null) controller.abort(why);
      else if (isDialled) end(answerOf(why));
    }

    function exchangeOf(truncated: Exchange['truncated']): Exchange | null {
      if (status === 0) return null;
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      return {
        url: url.href,
        method: 'GET',
        httpVersion: '1.1',
        requestHeaders,
        status,
        statusText,
        responseHeaders,
        body,
        peer: line.peer,
        startedAt,
        truncated,
      };
    }

    function end(answer: Answer): void {
      if (isOver) return;
      isOver = true;
      clearInterval(watch);
      until.removeEventListener('abort', onAbort);
      resolve(answer);
    }

    line.until = until;
    line.isUsed = true;
    line.client(url).then(
      ({ client, isForwarded, forwardHeaders }) => {
        isDialled = true;
        client.dispatch(
          {
            method: 'GET',
            path: isForwarded ? `${url.origin}${url.pathname}${url.search}` : `${url.pathname}${url.search}`,
            headers: {
              ...Object.fromEntries(requestHeaders.filter(([name]) => name !== 'connection')),
              ...forwardHeaders,
            },
          },
          {
            onRequestStart(given) {
              controller = given;
              sentAt = performance.now();
              if (until.aborted) onAbort();
            },
            onResponseStart(given, code, _parsed, message) {
              if (code < 200) return;
              status = code;
              statusText = message ?? '';
              bodyAt = performance.now();
              responseHeaders = rawPairs(given.rawHeaders);
              headers = joined(responseHeaders);
              const refusal = refusedByHeaders(status, headers, want, limits);
              if (refusal !== null) hangUp(refusal);
              else if (REDIRECTS.has(status)) cap = REDIRECT_BODY;
            },
            onResponseData(_given, chunk) {
              if (received + chunk.length <= cap) {
                received += chunk.length;
                chunks.push(chunk);
                return;
              }
              chunks.push(chunk.subarray(0, cap - received));
              received = cap;
              const isRedirect = REDIRECTS.has(status) && headers['location'] !== undefined;
              const detail = `it is larger than ${limits.rawBytes} bytes`;
              hangUp(new HungUp('length', isRedirect ? null : 'too_large', detail));
            },
            onResponseEnd() {
              const exchange = exchangeOf(null)!;
              end({ is: 'answered', exchange, headers });
            },
            onResponseError(_given, error) {
              end(answerOf(error));
            },
          },
        );
      },
      (error: unknown) => end(answerOf(error)),
    );

    function answerOf(error: unknown): Answer {
      if (error instanceof HungUp) {
        const exchange = exchangeOf(error.truncated);
        if (error.reason === null && exchange !== null) return { is: 'answered', exchange, headers };
        return {
          is: 'failed',
          exchange,
          reason: error.reason ?? 'internal',
          detail: error.message,
          cause: error,
        };
      }
      const told = toldBy(error, status !== 0);
      return { is: 'failed', exchange: exchangeOf('disconnect'), ...told, cause: error };
    }
  });
}

/** What the headers alone decide; null to go on reading. */
function refusedByHeaders(
  status: number,
  headers: Headers,
  want: 'page' | 'anything',
  limits: FetchLimits,
): HungUp | null {
  if (REDIRECTS.has(status) && headers['location'] !== undefined) return null;
  const type = mediaTypeOf(headers['content-type'] ?? null);
  if (want === 'page' && status < 300 && type !== '' && !isPageType(type)) {
    return new HungUp('length', 'not_a_page', `it is ${type}`);
  }
  if (Number(headers['content-length'] ?? 0) > limits.rawBytes) {
    const detail = `it is ${headers['content-length']} bytes, more than ${limits.rawBytes}`;
    return new HungUp('length', 'too_large', detail);
  }
  return null;
}

/** A failure below us, in our words. */
function toldBy(
  error: unknown,
  hasAnswered: boolean,
): { reason: FailureReason | SkipReason; detail: string } {
  if (error instanceof DialFailedError) return { reason: error.facts.reason, detail: error.facts.detail };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  switch (code) {
    case 'UND_ERR_HEADERS_OVERFLOW':
    case 'HPE_HEADER_OVERFLOW':
      return { reason: 'too_large', detail: 'its headers are too large' };
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return { reason: 'protocol', detail: 'its body is not as long as it said' };
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return {
        reason: 'protocol',
        detail: hasAnswered ? 'the connection broke off within the body' : 'it hung up without an answer',
      };
    case 'UND_ERR_ABORTED':
    case 'ABORT_ERR':
    case 'TimeoutError':
      return { reason: 'timeout', detail: 'it took too long' };
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return { reason: 'timeout', detail: 'it took too long' };
  }
  if (code.startsWith('HPE_'))
    return { reason: 'protocol', detail: `its answer is no valid HTTP (${message})` };
  return { reason: 'protocol', detail: message };
}

function isPageType(type: string): boolean {
  return (
    (type.startsWith('text/') ||
      type === 'application/xml' ||
      type === 'application/json' ||
      /\+(?:xml|json)$/.test(type)) &&
    type !== 'image/svg+xml' &&
    type !== 'text/css' &&
    type !== 'text/javascript' &&
    type !== 'text/event-stream'
  );
}

function mediaTypeOf(contentType: string | null): string {
  return (contentType ?? '').split(';')[0]!.split(',')[0]!.trim().toLowerCase();
}

/** First bytes (as ISO 8859-1) of files that servers pass off as pages. */
const SIGNATURES: readonly (readonly [string, string])[] = [
  ['\x89PNG', 'a picture'],
  ['\xff\xd8\xff', 'a picture'],
  ['GIF8', 'a picture'],
  ['%PDF-', 'a PDF'],
  ['PK\x03\x04', 'an archive or app'],
  ['\x1f\x8b', 'an archive'],
  ['Rar!', 'an archive'],
  ['MZ', 'a program'],
  ['\x7fELF', 'a program'],
];

/** What the bytes are whatever their media type says; null when no such file. */
function fileKind(bytes: Buffer): string | null {
  const start = bytes.subarray(0, 8).toString('latin1');
  const found = SIGNATURES.find(([signature]) => start.startsWith(signature));
  return found !== undefined && (found[0] !== 'MZ' || hasZeros(bytes)) ? found[1] : null;
}

/** Zero bytes within the first thousand; UTF-16 with a byte order mark has them by right. */
function hasZeros(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 1000);
  const isUtf16 = (start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff);
  return !isUtf16 && start.includes(0);
}

type Decompress = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;
const [fromGzip, fromDeflate, fromRawDeflate, fromBrotli] = [
  gunzip,
  inflate,
  inflateRaw,
  brotliDecompress,
].map((decompress) => promisify(decompress) as Decompress) as [
  Decompress,
  Decompress,
  Decompress,
  Decompress,
];
/** Encodings on top of one another that are undone; nobody honest sends more than one. */
const MOST_LAYERS = 3;

type DecodedBody =
  | { readonly is: 'decoded'; readonly bytes: Buffer }
  | { readonly is: 'failed'; readonly reason: 'too_large' | 'bad_encoding'; readonly detail: string };

async function decodeBody(
  raw: Uint8Array,
  contentEncoding: string,
  limits: FetchLimits,
): Promise<DecodedBody> {
  let bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const names = contentEncoding.split(',').map((name) => name.trim().toLowerCase());
  const layers = names.filter((name) => name !== '' && name !== 'identity').reverse();
  if (layers.length > MOST_LAYERS) {
    return { is: 'failed', reason: 'bad_encoding', detail: `it is encoded ${layers.length} times over` };
  }
  const most = Math.min(limits.decodedBytes, Math.max(1_000_000, raw.byteLength * limits.ratio));
  for (const layer of bytes.length === 0 ? [] : layers) {
    const decompress = decompressorOf(layer, bytes);
    if (decompress === null) {
      return {
        is: 'failed',
        reason: 'bad_encoding',
        detail: `its content-encoding "${layer.slice(0, 40)}" is unknown`,
      };
    }
    try {
      bytes = await decompress(bytes, { maxOutputLength: most });
    } catch (error) {
      if (error instanceof RangeError) {
        const detail = `its ${raw.byteLength} bytes unpack to more than ${most}`;
        return { is: 'failed', reason: 'too_large', detail };
      }
      return { is: 'failed', reason: 'bad_encoding', detail: `its ${layer} body cannot be unpacked` };
    }
  }
  return { is: 'decoded', bytes };
}

function decompressorOf(layer: string, bytes: Uint8Array): Decompress | null {
  switch (layer) {
    case 'gzip':
    case 'x-gzip':
      return fromGzip;
    case 'br':
      return fromBrotli;
    case 'deflate': {
      // Some servers send bare deflate where the zlib wrapper belongs (RFC 9110, section 8.4.1.2).
      const isWrapped = (bytes[0]! & 0x0f) === 8 && ((bytes[0]! << 8) | (bytes[1] ?? 0)) % 31 === 0;
      return isWrapped ? fromDeflate : fromRawDeflate;
    }
    default:
      return null;
  }
}

function redirectTarget(
  location: string,
  from: URL,
): { readonly is: 'url'; readonly url: URL } | { readonly is: 'refused'; readonly why: string } {
  let url: URL;
  try {
    url = new URL(latin1ToUtf8(location), from);
  } catch {
    return { is: 'refused', why: `it redirects to "${location.slice(0, 200)}", which is no address` };
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { is: 'refused', why: `it redirects to a ${url.protocol} address` };
  }
  if (url.username !== '' || url.password !== '') {
    return { is: 'refused', why: 'it redirects to an address with a user name' };
  }
  return { is: 'url', url: withoutFragment(url) };
}

function withoutFragment(url: URL): URL {
  const same = new URL(url.href);
  same.hash = '';
  return same;
}

/** Headers come one character a byte; many servers put raw UTF-8 into Location. */
function latin1ToUtf8(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  const utf8 = bytes.toString('utf8');
  return utf8.includes('\ufffd') ? text : utf8;
}

/** Seconds asked for by a number or a date (RFC 9110, section 10.2.3), never negative; null for none. */
export function retryAfter(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  const value = header.trim();
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const at = /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now.getTime()) / 1000));
}

function rawPairs(raw: unknown): [string, string][] {
  if (!Array.isArray(raw)) return [];
  const flat = raw.map((it: unknown) => (Buffer.isBuffer(it) ? it.toString('latin1') : String(it)));
  return Array.from({ length: flat.length >> 1 }, (_, at) => [flat[at * 2]!, flat[at * 2 + 1]!]);
}

function joined(pairs: readonly (readonly [string, string])[]): Headers {
  const byName = new Map<string, string>();
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    const before = byName.get(key);
    byName.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(byName);
}

/** One socket at a time to one origin; `until` belongs to the request it serves now. */
interface Line {
  readonly key: string;
  until: AbortSignal;
  peer: string | null;
  isUsed: boolean;
  client(url: URL): Promise<{
    readonly client: Client;
    readonly isForwarded: boolean;
    readonly forwardHeaders: Readonly<Record<string, string>>;
  }>;
  drop(): void;
}

const IDLE_MS = 4_000;
/** Connections that wait for a next request, over all origins. */
const MOST_IDLE = 256;

/** The connections of one fetcher. */
function openLines({
  lookup,
  authorities,
  limits,
}: {
  readonly lookup: Lookup;
  readonly authorities: string | null;
  readonly limits: FetchLimits;
}) {
  const idle = new Map<string, { readonly line: Line; readonly timer: NodeJS.Timeout }[]>();
  const all = new Set<Line>();
  let idleCount = 0;

  function open(url: URL, settings: FetchSettings): Line {
    let client: Client | null = null;
    let ready: ReturnType<Line['client']> | null = null;
    const line: Line = {
      key: keyOf(url, settings),
      until: AbortSignal.abort(),
      peer: null,
      isUsed: false,
      client: (to) => {
        ready ??= dialOnce(to);
        return ready;
      },
      drop: () => {
        all.delete(line);
        void client?.destroy().catch(() => {});
      },
    };
    all.add(line);
    return line;

    /** The first connection is dialled before undici's client is made, since a proxy decides how it asks. */
    async function dialOnce(to: URL): ReturnType<Line['client']> {
      const until = AbortSignal.any([line.until, AbortSignal.timeout(limits.connectSeconds * 1000)]);
      const reach = { resolve: settings.resolve, proxy: settings.proxy, lookup };
      const { socket, peer, forwardHeaders } = await dial(to, reach, until).catch(lateDial);
      const layer =
        to.protocol === 'https:'
          ? await secure(socket, to.hostname, authorities, until).catch(lateDial)
          : socket;
      line.peer = peer;
      let isTaken = false;
      client = new Client(to.origin, {
        pipelining: 1,
        keepAliveTimeout: IDLE_MS,
        keepAliveMaxTimeout: IDLE_MS,
        maxHeaderSize: limits.headerBytes,
        headersTimeout: 0,
        bodyTimeout: 0,
        connect: (_options, callback) => {
          // A line has one connection and no second life: undici would dial again on its own. It is answered
          // a little later, since undici does not hear an answer given while it is still asking.
          const isGone = isTaken || layer.destroyed;
          isTaken = true;
          queueMicrotask(() => {
            if (isGone)
              callback(Object.assign(new Error('the connection is gone'), { code: 'ECONNRESET' }), null);
            else callback(null, layer);
          });
        },
      });
      return { client, isForwarded: forwardHeaders !== null, forwardHeaders: forwardHeaders ?? {} };
    }

    function lateDial(error: unknown): never {
      if (line.until.aborted) throw new HungUp('time', 'timeout', 'it took too long');
      if (error instanceof DOMException && error.name === 'TimeoutError') {
        throw new HungUp('time', 'timeout', `no connection within ${limits.connectSeconds} s`);
      }
      throw error;
    }
  }

  function take(url: URL, settings: FetchSettings): Line {
    const waiting = idle.get(keyOf(url, settings));
    const found = waiting?.pop();
    if (found === undefined) return open(url, settings);
    clearTimeout(found.timer);
    idleCount -= 1;
    if (waiting?.length === 0) idle.delete(found.line.key);
    return found.line;
  }

  function give(line: Line, isGood: boolean): void {
    if (!isGood || idleCount >= MOST_IDLE || !all.has(line)) {
      line.drop();
      return;
    }
    const timer = setTimeout(() => {
      const waiting = idle.get(line.key) ?? [];
      const rest = waiting.filter((it) => it.line !== line);
      idleCount -= waiting.length - rest.length;
      if (rest.length === 0) idle.delete(line.key);
      else idle.set(line.key, rest);
      line.drop();
    }, IDLE_MS);
    timer.unref();
    idleCount += 1;
    const waiting = idle.get(line.key);
    if (waiting === undefined) idle.set(line.key, [{ line, timer }]);
    else waiting.push({ line, timer });
  }

  async function close(): Promise<void> {
    for (const waiting of idle.values()) for (const { timer } of waiting) clearTimeout(timer);
    idle.clear();
    for (const line of [...all]) line.drop();
  }

  return { open, take, give, close };
}

/** Requests that may share a connection: same origin, reached the same way. */
function keyOf(url: URL, { proxy, resolve }: FetchSettings): string {
  return `${url.origin} ${proxy ?? ''} ${JSON.stringify(resolve)}`;
}
