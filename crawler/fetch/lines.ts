/**
 * The connections of one fetcher. They are ours to count: one undici `Client`, which is one socket, serves one
 * request at a time and waits a few seconds for the next to the same origin. So each exchange knows the address
 * that answered it.
 */
import { Client } from 'undici';
import type { PeerTls } from '../../domain/capture.ts';
import type { ScanSettings } from '../../domain/source.ts';
import { dial, type Lookup, peerTlsOf, secure } from '../dial.ts';
import { type FetchLimits, HungUp } from './limits.ts';

/** How the outside is reached. */
export type FetchSettings = Pick<ScanSettings, 'proxy' | 'resolve'>;

/** One socket at a time to one origin; `until` belongs to the request it serves now. */
export interface Line {
  readonly key: string;
  until: AbortSignal;
  peer: string | null;
  tls: PeerTls | null;
  isUsed: boolean;
  client(url: URL): Promise<{
    readonly client: Client;
    readonly isForwarded: boolean;
    readonly forwardHeaders: Readonly<Record<string, string>>;
  }>;
  drop(): void;
}

export interface Lines {
  /** One that waits, or a fresh one. */
  take(url: URL, settings: FetchSettings): Line;
  open(url: URL, settings: FetchSettings): Line;
  /** @param isGood it may serve the next request. */
  give(line: Line, isGood: boolean): void;
  close(): Promise<void>;
}

/** Of a line that serves no request; one for all, since each would gather a stack for its reason. */
const NOT_ASKED = AbortSignal.abort();
const IDLE_MS = 4_000;
/** Connections that wait for a next request, over all origins. */
const MOST_IDLE = 256;

export function openLines({
  lookup,
  authorities,
  limits,
}: {
  readonly lookup: Lookup;
  readonly authorities: string | null;
  readonly limits: Pick<FetchLimits, 'connectSeconds' | 'headerBytes'>;
}): Lines {
  const idle = new Map<string, { readonly line: Line; readonly timer: NodeJS.Timeout }[]>();
  const all = new Set<Line>();
  let idleCount = 0;

  function open(url: URL, settings: FetchSettings): Line {
    let client: Client | null = null;
    let ready: ReturnType<Line['client']> | null = null;
    const line: Line = {
      key: keyOf(url, settings),
      until: NOT_ASKED,
      peer: null,
      tls: null,
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
      line.tls = peerTlsOf(layer);
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
