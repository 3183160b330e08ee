/**
 * What a page asked for while it was rendered: every finished GET and its answer, for the archive, so that the
 * page can be looked at again as it was shown.
 *
 * The browser hands bodies over decoded: their `content-encoding` is kept under `x-orig-content-encoding`, as
 * Browsertrix and others that record through a browser do. A body that the browser gave up already, that came
 * as a stream without end, or that is beyond the limit, is not there.
 */
import type { BrowserContext, Request } from 'playwright';
import type { Exchange } from '../domain/capture.ts';

/** Bodies kept of one render, in bytes. */
const MOST_BYTES = 30_000_000;
/** For answers whose body is still being handed over when the page is done. */
const LAST_SECONDS = 3;

export interface Recording {
  /** In the order they were asked. */
  exchanges(): Promise<Exchange[]>;
}

export function recordTraffic(context: BrowserContext): Recording {
  const taken: { readonly request: Request; readonly exchange: Promise<Exchange | null> }[] = [];
  let bytes = 0;
  context.on('requestfinished', (request) => {
    if (request.method() !== 'GET' || !/^https?:/.test(request.url()) || bytes > MOST_BYTES) return;
    const exchange = exchangeOf(request).catch(() => null);
    taken.push({ request, exchange });
    void exchange.then((it) => {
      bytes += it?.body.byteLength ?? 0;
    });
  });
  return {
    async exchanges() {
      const late = new Promise<null>((resolve) => {
        setTimeout(() => resolve(null), LAST_SECONDS * 1000).unref();
      });
      const all = await Promise.all(taken.map(({ exchange }) => Promise.race([exchange, late])));
      const kept: Exchange[] = [];
      let total = 0;
      for (const it of all.filter((each) => each !== null).sort(byTime)) {
        total += it.body.byteLength;
        if (total <= MOST_BYTES) kept.push(it);
      }
      return kept;
    },
  };
}

function byTime(a: Exchange, b: Exchange): number {
  return a.startedAt.getTime() - b.startedAt.getTime() || (a.url < b.url ? -1 : a.url > b.url ? 1 : 0);
}

async function exchangeOf(request: Request): Promise<Exchange | null> {
  const response = await request.response();
  if (response === null) return null;
  const isRedirect = response.status() >= 300 && response.status() < 400;
  const [asked, answered, body] = await Promise.all([
    request.headersArray(),
    response.headersArray(),
    isRedirect ? Buffer.alloc(0) : response.body(),
  ]);
  return {
    url: request.url(),
    method: 'GET',
    httpVersion: '1.1',
    requestHeaders: asked.filter(isField).map(({ name, value }) => [name, value]),
    status: response.status(),
    statusText: response.statusText(),
    responseHeaders: answered
      .filter(isField)
      .map(({ name, value }) => asDecoded(name, value, body.byteLength)),
    body,
    // Between the browser and the site stands the gate.
    peer: null,
    startedAt: new Date(request.timing().startTime),
    truncated: null,
  };
}

/** HTTP/2 names what HTTP/1.1 has in its first line with a colon before. */
function isField({ name }: { readonly name: string }): boolean {
  return !name.startsWith(':');
}

function asDecoded(name: string, value: string, bytes: number): [string, string] {
  switch (name.toLowerCase()) {
    case 'content-encoding':
      return [`x-orig-${name}`, value];
    case 'content-length':
      return [name, String(bytes)];
    default:
      return [name, value];
  }
}
