/**
 * What a local web saw of its visitor: how often each address was asked for, and how politely.
 *
 * Only documents count for politeness. A browser asks for a page's own styles and pictures at once,
 * as it does for anyone, so those are counted as hits and no further.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Visits {
  /** `http://host/path?query` -> times asked; other methods than GET and HEAD come as `POST http://…`. */
  readonly hits: ReadonlyMap<string, number>;
  /** Host without port -> how it was treated. */
  readonly manners: ReadonlyMap<string, Manners>;
  /** Notes one request; call it before the answer begins. Gives the address it was counted under. */
  note(request: IncomingMessage, response: ServerResponse): URL;
}

export interface Manners {
  /** Documents asked for. */
  readonly documents: number;
  /** From the end of one answer to the next request, in milliseconds; null before the second document. */
  readonly smallestGapMs: number | null;
  /** Most documents being answered at one moment. */
  readonly mostInFlight: number;
}

interface HostState {
  documents: number;
  smallestGapMs: number | null;
  mostInFlight: number;
  inFlight: number;
  endedAt: number | null;
}

/** @param now a clock that never goes back, in milliseconds. */
export function countVisits(now: () => number = () => performance.now()): Visits {
  const hits = new Map<string, number>();
  const manners = new Map<string, HostState>();
  return { hits, manners, note };

  function note(request: IncomingMessage, response: ServerResponse): URL {
    const url = addressOf(request);
    const method = request.method ?? 'GET';
    const key = method === 'GET' || method === 'HEAD' ? url.href : `${method} ${url.href}`;
    hits.set(key, (hits.get(key) ?? 0) + 1);
    if (isDocument(url)) watch(url.hostname, response);
    return url;
  }

  function watch(host: string, response: ServerResponse): void {
    const known = manners.get(host);
    const state = known ?? { documents: 0, smallestGapMs: null, mostInFlight: 0, inFlight: 0, endedAt: null };
    if (known === undefined) manners.set(host, state);
    const gap = state.inFlight > 0 ? 0 : state.endedAt === null ? null : now() - state.endedAt;
    if (gap !== null) state.smallestGapMs = Math.min(gap, state.smallestGapMs ?? gap);
    state.documents += 1;
    state.inFlight += 1;
    state.mostInFlight = Math.max(state.mostInFlight, state.inFlight);
    let isEnded = false;
    // 'prefinish' comes inside end(), before any visitor can have read the last byte; 'close' stands in for
    // an answer that was cut off.
    for (const event of ['prefinish', 'close']) {
      response.once(event, () => {
        if (isEnded) return;
        isEnded = true;
        state.inFlight -= 1;
        state.endedAt = now();
      });
    }
  }
}

/** The address a request means, whether it came straight or through this server as a proxy; the port is left out. */
export function addressOf(request: IncomingMessage): URL {
  const target = request.url ?? '/';
  const base = `http://${request.headers.host ?? 'localhost'}`;
  const written = /^https?:\/\//i.test(target)
    ? target
    : `${base}${target.startsWith('/') ? '' : '/'}${target}`;
  const url = URL.canParse(written) ? new URL(written) : new URL('http://bad-request.invalid/');
  url.port = '';
  return url;
}

function isDocument(url: URL): boolean {
  return !/\.(css|js|svg|png|ico|json)$/.test(url.pathname) && url.pathname !== '/robots.txt';
}
