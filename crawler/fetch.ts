/**
 * One page over HTTP: asked for with GET alone, without cookies, redirect by redirect, within hard limits.
 *
 *     fetch(url) -> for each hop: a line (dialled, address judged) -> headers -> body up to its cap
 *                -> the last one decoded up to its cap -> does it plainly lead on? then that is a hop too
 *
 * What was received is kept as received (`exchanges`), so that evidence can be written of it, also when the
 * page could not be read in the end. An answer of 4xx or 5xx is an answer, not a failure.
 */
import type { Exchange, Hop } from '../domain/capture.ts';
import type { Validators } from '../domain/revisit.ts';
import type { FailureReason, SkipReason } from '../domain/source.ts';
import { type Lookup, resolveBySystem } from './dial.ts';
import { ask, type HeaderPairs, type Headers, REDIRECTS } from './fetch/ask.ts';
import { decodeBody, ENCODINGS, fileKind, hasZeros, mediaTypeOf } from './fetch/body.ts';
import { leadOf } from './fetch/leads.ts';
import { FETCH_LIMITS, type FetchLimits } from './fetch/limits.ts';
import { type FetchSettings, openLines } from './fetch/lines.ts';

export type { FetchLimits, FetchSettings };

export interface Asking extends FetchSettings {
  /** Headers of whoever asks, for each hop; left out, Kuzet asks in its own name. */
  readonly as?: (url: URL) => HeaderPairs;
}

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

/** Decides for each request of a fetch, redirects too, when it may go out and whether it may at all. */
export interface Courtesy {
  /**
   * Resolves when the address may be asked for. What it throws ends the fetch and comes out of it as thrown.
   *
   * @param from the address that redirects there; null for the first one.
   */
  before(url: URL, from: URL | null): Promise<Leave>;
  /** A redirect, or a page that leads on by itself, was answered, and `before` is asked of the address it leads to. */
  after(answer: { readonly status: number; readonly retryAfterSeconds: number | null }): void;
}

export type Leave =
  | { readonly is: 'go'; readonly robots?: Hop['robots'] }
  | { readonly is: 'refused'; readonly reason: SkipReason; readonly detail: string };

/** The page that was received before: its server may answer that it did not change, with 304 and no body. */
export interface IfChanged {
  /** Where the page itself was, after redirects: no other address is asked so. */
  readonly url: string;
  readonly validators: Validators;
}

export type Want = 'page' | 'anything' | 'json';

export interface Fetcher {
  /**
   * @param want `page` refuses other media types as `not_a_page` before their body is read; `json` asks for that.
   * @param courtesy asked before every request; time spent in it counts to no limit.
   * @param ifChanged null asks for the whole page.
   * @throws FetchFailedError; the signal's reason when aborted; what `courtesy` throws.
   */
  fetch(
    url: URL,
    settings: Asking,
    signal?: AbortSignal,
    want?: Want,
    courtesy?: Courtesy,
    ifChanged?: IfChanged | null,
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
  const headers = [
    ['user-agent', userAgent],
    ['accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5'],
    ['accept-language', 'ru,kk;q=0.9,en;q=0.5'],
    ['accept-encoding', ENCODINGS],
  ] as const;
  const jsonHeaders = headers.map(
    ([name, value]) =>
      [name, name === 'accept' ? 'application/rdap+json, application/json;q=0.9' : value] as const,
  );

  async function fetch(
    url: URL,
    settings: Asking,
    signal?: AbortSignal,
    want: Want = 'page',
    courtesy: Courtesy | null = null,
    ifChanged: IfChanged | null = null,
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
    /** The last page that led on by itself: it is what there is, where it leads nowhere. */
    let standing: Fetched | null = null;
    const ended = (failure: FetchFailedError): Fetched => {
      if (standing === null) throw failure;
      return standing;
    };

    for (;;) {
      seen.add(at.href);
      const leave = (await courtesy?.before(at, from)) ?? { is: 'go' };
      if (leave.is === 'refused') return ended(failed(leave.reason, leave.detail));
      const deadline = setDeadline(millisecondsLeft, signal);
      const askedAt = performance.now();
      const answer = await ask(lines, {
        url: at,
        method: 'GET',
        headers: [
          ...(settings.as !== undefined
            ? [...settings.as(at), ['accept-encoding', ENCODINGS] as const]
            : want === 'json'
              ? jsonHeaders
              : headers),
          ...(ifChanged?.url === at.href ? conditions(ifChanged.validators) : []),
        ],
        settings,
        until: deadline.signal,
        want: want === 'json' ? 'anything' : want,
        limits,
        now,
      });
      deadline.end();
      millisecondsLeft -= performance.now() - askedAt;
      if (answer.exchange !== null) exchanges.push(answer.exchange);
      if (answer.is === 'failed') {
        signal?.throwIfAborted();
        const isLate = deadline.isOver() && answer.reason !== 'too_large';
        if (isLate)
          return ended(failed('timeout', `it took longer than ${limits.totalSeconds} s`, answer.cause));
        return ended(failed(answer.reason, answer.detail, answer.cause));
      }
      const { exchange, headers: told } = answer;
      const location = told['location'];
      const isRedirect = REDIRECTS.has(exchange.status) && location !== undefined;
      hops.push({
        url: at.href,
        status: exchange.status,
        location: isRedirect ? latin1ToUtf8(location) : null,
        ...(leave.robots === undefined ? {} : { robots: leave.robots }),
      });
      let next: URL;
      if (isRedirect) {
        const target = redirectTarget(location, at);
        if (target.is === 'refused') return ended(failed('bad_url', target.why));
        next = target.url;
      } else {
        const page = await finished(exchange, told, at);
        if (page instanceof FetchFailedError) return ended(page);
        if (standing !== null && page.status >= 400) return standing;
        const lead = want === 'page' && page.status === 200 ? leadOf(page.body, page.contentType, at) : null;
        if (lead === null) return page;
        standing = { ...page, hops: [...hops] };
        hops.push({ ...hops.pop()!, location: lead.url.href, how: lead.how });
        next = lead.url;
      }
      if (seen.has(next.href))
        return ended(failed('redirect_loop', `it redirects in a circle over ${next.href}`));
      if (hops.length > limits.redirects) {
        return ended(failed('redirect_loop', `it redirects more than ${limits.redirects} times`));
      }
      courtesy?.after({
        status: exchange.status,
        retryAfterSeconds: retryAfter(told['retry-after'], now()),
      });
      from = at;
      at = next;
    }

    async function finished(
      exchange: Exchange,
      told: Headers,
      finalUrl: URL,
    ): Promise<Fetched | FetchFailedError> {
      const body = await decodeBody(exchange.body, told['content-encoding'] ?? '', limits);
      if (body.is === 'failed') return failed(body.reason, body.detail);
      const contentType = told['content-type'] ?? null;
      const mediaType = mediaTypeOf(contentType);
      if (want === 'page' && exchange.status < 300) {
        const kind =
          fileKind(body.bytes) ??
          (mediaType === '' && hasZeros(body.bytes) ? 'a file of an unnamed type' : null);
        if (kind !== null) return failed('not_a_page', `it is ${kind}`);
      }
      return {
        exchanges,
        hops,
        finalUrl: finalUrl.href,
        status: exchange.status,
        mediaType,
        contentType,
        headers: told,
        body: body.bytes,
        peer: exchange.peer,
        retryAfterSeconds: retryAfter(told['retry-after'], now()),
      };
    }
  }

  return { fetch, close: lines.close };
}

/** Source: RFC 9110, sections 13.1.2 and 13.1.3. */
function conditions({ etag, lastModified }: Validators): [string, string][] {
  return [
    ...(etag === null ? [] : [['if-none-match', etag] as [string, string]]),
    ...(lastModified === null ? [] : [['if-modified-since', lastModified] as [string, string]]),
  ];
}

/** Whether an exchange asked for a page only if it changed, and was told that it did not. */
export function isNotModified({ status, requestHeaders }: Exchange): boolean {
  return (
    status === 304 &&
    requestHeaders.some(([name]) => name === 'if-none-match' || name === 'if-modified-since')
  );
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

/**
 * A signal that is aborted after so many milliseconds, or with the caller's. What `AbortSignal.timeout` and `any` do,
 * but for what they leave behind for the garbage collector with each request.
 */
function setDeadline(milliseconds: number, signal: AbortSignal | undefined) {
  const controller = new AbortController();
  let isOver = false;
  const timer = setTimeout(
    () => {
      isOver = true;
      controller.abort(new DOMException('The request took too long.', 'TimeoutError'));
    },
    Math.max(0, milliseconds),
  );
  timer.unref();
  const onAbort = () => controller.abort(signal?.reason);
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    isOver: () => isOver,
    end() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

function withoutFragment(url: URL): URL {
  if (url.hash === '' && !url.href.endsWith('#')) return url;
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
