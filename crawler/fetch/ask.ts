/**
 * One request and its answer, on a line of its own: sent, gathered as received, cut off where it grows too large,
 * too late or too slow. Whether to follow, try again or give up is the fetch's to say.
 */
import type { Dispatcher } from 'undici';
import type { Exchange } from '../../domain/capture.ts';
import type { FailureReason, SkipReason } from '../../domain/source.ts';
import { DialFailedError } from '../dial.ts';
import { isPageType, mediaTypeOf } from './body.ts';
import { type FetchLimits, HungUp } from './limits.ts';
import type { FetchSettings, Line, Lines } from './lines.ts';

export type Headers = Readonly<Record<string, string>>;

export interface Answered {
  readonly is: 'answered';
  readonly exchange: Exchange;
  readonly headers: Headers;
}

export type Answer =
  | Answered
  | {
      readonly is: 'failed';
      readonly exchange: Exchange | null;
      readonly reason: FailureReason | SkipReason;
      readonly detail: string;
      readonly cause: unknown;
    };

export interface Asked {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD' | 'OPTIONS';
  /** All but `host` and `connection`, which are ours to say. */
  readonly headers: HeaderPairs;
  readonly settings: FetchSettings;
  readonly until: AbortSignal;
  /** `page` refuses what is none by its headers; a `part` of a page may be a stream, of which the start is kept. */
  readonly want: 'page' | 'part' | 'anything';
  readonly limits: FetchLimits;
  readonly now: () => Date;
  /** Told of the bytes of a body as they come; false when there may be no more of them. */
  readonly spend?: (bytes: number) => boolean;
}

export type HeaderPairs = readonly (readonly [name: string, value: string])[];

export const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Bodies of redirects are kept as evidence and read by nobody. */
const REDIRECT_BODY = 65_536;
/** Of a stream of events (HTML, section 9.2) the start is kept: it has no end of its own. */
const EVENTS = 'text/event-stream';
const STREAM_BODY = 65_536;
const STREAM_SECONDS = 3;

/**
 * Asks over one of the lines; never rejects. A connection that waited may have been closed under us: then a
 * fresh one is tried once.
 */
export async function ask(lines: Lines, asked: Asked): Promise<Answer> {
  const line = lines.take(asked.url, asked.settings);
  const wasUsed = line.isUsed;
  const answer = await askOn(line, asked);
  const isStale =
    wasUsed && answer.is === 'failed' && answer.exchange === null && answer.reason === 'protocol';
  if (!isStale || asked.until.aborted) {
    lines.give(line, isWhole(answer));
    return answer;
  }
  lines.give(line, false);
  const fresh = lines.open(asked.url, asked.settings);
  const again = await askOn(fresh, asked);
  lines.give(fresh, isWhole(again));
  return again;
}

function isWhole(answer: Answer): boolean {
  return answer.is === 'answered' && answer.exchange.truncated === null;
}

/** Sends the request and gathers its answer; never rejects. */
function askOn(line: Line, asked: Asked): Promise<Answer> {
  const { url, method, until, want, limits } = asked;
  const startedAt = asked.now();
  const requestHeaders: HeaderPairs = [['host', url.host], ['connection', 'keep-alive'], ...asked.headers];
  let status = 0;
  let statusText = '';
  let responseHeaders: [string, string][] = [];
  let headers: Headers = {};
  let cap = limits.rawBytes;
  let isStream = false;
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
      if (isStream) {
        if (seconds > STREAM_SECONDS) hangUp(new HungUp('time', null, 'it is a stream without end'));
        return;
      }
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
        method,
        httpVersion: '1.1',
        requestHeaders,
        status,
        statusText,
        responseHeaders,
        body,
        peer: line.peer,
        startedAt,
        truncated,
        tls: line.tls,
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
            method,
            path: isForwarded ? `${url.origin}${url.pathname}${url.search}` : `${url.pathname}${url.search}`,
            headers: [
              ...requestHeaders.filter(([name]) => name !== 'connection').flat(),
              ...Object.entries(forwardHeaders).flat(),
            ],
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
              else if (want === 'part' && mediaTypeOf(headers['content-type'] ?? null) === EVENTS) {
                isStream = true;
                cap = STREAM_BODY;
              }
            },
            onResponseData(_given, chunk) {
              if (asked.spend?.(chunk.length) === false) {
                hangUp(new HungUp('length', 'too_large', 'the page loads too much'));
                return;
              }
              if (received + chunk.length <= cap) {
                received += chunk.length;
                chunks.push(chunk);
                return;
              }
              chunks.push(chunk.subarray(0, cap - received));
              received = cap;
              const isRedirect = REDIRECTS.has(status) && headers['location'] !== undefined;
              const detail = `it is larger than ${limits.rawBytes} bytes`;
              hangUp(new HungUp('length', isRedirect || isStream ? null : 'too_large', detail));
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
  want: Asked['want'],
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
