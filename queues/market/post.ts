/**
 * Posts one message to a marketplace's endpoint. The connection is dialled like every other (`crawler/dial.ts`): public
 * addresses only, checked on the very address that is connected to. A redirect is not followed, and of the answer
 * no more than a few hundred characters are read.
 */
import { request } from 'node:http';
import { DialFailedError, dial, type Lookup, resolveBySystem, secure } from '../../crawler/dial.ts';
import { type ResolveMap, routeOf } from '../../crawler/guard.ts';

export interface Posting {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Posted {
  /** Null when no answer came. */
  readonly status: number | null;
  readonly retryAfterSeconds: number | null;
  /** What the endpoint said, or why nothing came of it; at most 300 characters. */
  readonly detail: string;
}

/** The operator's explicit exceptions, and how names are found. */
export interface PostReach {
  readonly resolve: ResolveMap;
  readonly lookup?: Lookup;
}

const MOST_READ = 300;
const WAIT_MS = 20_000;

/** Why an address is no endpoint; null when it may be one. Names are looked at again with every message. */
export function endpointRefusal(address: string, { resolve }: PostReach): string | null {
  if (!URL.canParse(address)) return 'it is no address';
  const url = new URL(address);
  const route = routeOf(url, resolve);
  const isFixed = route.is === 'fixed';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isFixed))
    return 'it must begin with https://';
  if (url.username !== '' || url.password !== '') return 'it must not hold a password';
  if (address.length > 2_000) return 'it is longer than 2,000 characters';
  return route.is === 'refused' ? route.why : null;
}

/** Never throws: what went wrong is in `detail`. */
export async function post(posting: Posting, reach: PostReach, closing: AbortSignal): Promise<Posted> {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(WAIT_MS)]);
  try {
    const why = endpointRefusal(posting.url, reach);
    if (why !== null)
      return { status: null, retryAfterSeconds: null, detail: `the address is refused: ${why}` };
    return await exchange(posting, reach, signal);
  } catch (cause) {
    const isLate = signal.aborted && !closing.aborted;
    const detail = isLate ? `no answer within ${WAIT_MS / 1000} s` : told(cause);
    return { status: null, retryAfterSeconds: null, detail };
  }
}

async function exchange(
  { url: address, headers, body }: Posting,
  { resolve, lookup = resolveBySystem }: PostReach,
  signal: AbortSignal,
): Promise<Posted> {
  const url = new URL(address);
  const { socket } = await dial(url, { resolve, proxy: null, lookup }, signal);
  const line = url.protocol === 'https:' ? await secure(socket, url.hostname, null, signal) : socket;
  try {
    return await new Promise<Posted>((resolvePosted, reject) => {
      const bytes = Buffer.from(body);
      const asked = request(
        {
          createConnection: () => line,
          method: 'POST',
          path: url.pathname + url.search,
          headers: { ...headers, host: url.host, 'content-length': bytes.length, connection: 'close' },
          signal,
        },
        (answer) => {
          const pieces: Buffer[] = [];
          let read = 0;
          const done = () =>
            resolvePosted({
              status: answer.statusCode ?? null,
              retryAfterSeconds: secondsOf(answer.headers['retry-after']),
              detail: Buffer.concat(pieces).toString('utf8').slice(0, MOST_READ).replaceAll('\u0000', ''),
            });
          answer.on('data', (piece: Buffer) => {
            pieces.push(piece);
            read += piece.length;
            // Enough was said, however much is still to come.
            if (read >= MOST_READ) done();
          });
          answer.on('end', done);
          answer.on('error', reject);
        },
      );
      asked.on('error', reject);
      asked.end(bytes);
    });
  } finally {
    line.destroy();
  }
}

function secondsOf(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : null;
}

function told(cause: unknown): string {
  if (cause instanceof DialFailedError) return cause.facts.detail;
  return cause instanceof Error ? cause.message.slice(0, MOST_READ) : String(cause);
}
