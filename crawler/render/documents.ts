/**
 * The documents that a page leads its window to, one after another: by a redirect of HTTP, by a meta refresh, by a
 * script. Each is stopped before it is asked for, and goes on only when whoever owns the visit gives leave: the
 * host's turn, its robots.txt, and no more than ten of them.
 *
 *     goto ──► document 1 ──(script, refresh, 3xx)──► leave? ──► document 2 ──► …
 *                                                       └─ refused: the window stays as it is
 *
 * By the browser's own protocol, and for documents alone, so that nothing else of the page waits for us.
 */
import type { CDPSession } from 'playwright';
import type { Hop } from '../../domain/capture.ts';
import type { SkipReason } from '../../domain/source.ts';
import type { Courtesy } from '../fetch.ts';

/** Documents after the first, in one render. */
export const MOST_HOPS = 10;

export interface Documents {
  /** The frame that they are led to: the page's main one. */
  readonly frame: string;
  /** The way that was gone, first document first. */
  hops(): Hop[];
  /** How many documents were asked for. */
  readonly count: number;
  /** Resolves when none waits for leave. */
  idle(): Promise<void>;
  /** What the browser told of an answer to one of them. */
  answered(url: string, status: number): void;
}

export interface DocumentsOptions {
  /** Gives leave; null gives it to all. */
  readonly courtesy: Courtesy | null;
  /** Told of what leave was not given to. */
  refused(url: URL, reason: SkipReason | 'redirect_loop', detail: string): void;
  /** Told of what ended the asking altogether. */
  failed(cause: unknown): void;
  /** Around each wait for leave: it counts to no limit of the render. */
  waiting<T>(step: Promise<T>): Promise<T>;
}

interface Step {
  readonly url: string;
  status: number;
  robots: Hop['robots'];
  /** How it was left for the next. */
  how: Hop['how'];
}

const HOW: Readonly<Record<string, Hop['how']>> = {
  metaTagRefresh: 'refresh',
  httpHeaderRefresh: 'refresh',
  scriptInitiated: 'script',
};

export async function watchDocuments(session: CDPSession, options: DocumentsOptions): Promise<Documents> {
  const steps: Step[] = [];
  const pending = new Set<Promise<void>>();
  let how: Hop['how'] = 'script';
  const { frameTree } = await session.send('Page.getFrameTree');
  const main = frameTree.frame.id;

  session.on('Page.frameRequestedNavigation', ({ frameId, reason }) => {
    if (frameId === main) how = HOW[reason] ?? 'script';
  });
  session.on('Fetch.requestPaused', (paused) => {
    const isRedirect = paused.redirectedRequestId !== undefined;
    const step = go(paused.frameId, paused.request.url, isRedirect)
      .then((may) =>
        may
          ? session.send('Fetch.continueRequest', { requestId: paused.requestId })
          : session.send('Fetch.failRequest', { requestId: paused.requestId, errorReason: 'Aborted' }),
      )
      // The page may be gone by now.
      .then(
        () => {},
        () => {},
      );
    pending.add(step);
    void step.then(() => pending.delete(step));
  });
  await session.send('Page.enable');
  await session.send('Fetch.enable', { patterns: [{ resourceType: 'Document', requestStage: 'Request' }] });

  async function go(frame: string, address: string, isRedirect: boolean): Promise<boolean> {
    if (frame !== main || !URL.canParse(address)) return true;
    const url = new URL(address);
    url.hash = '';
    const from = steps.at(-1);
    if (from === undefined) {
      steps.push({ url: url.href, status: 0, robots: undefined, how: undefined });
      return true;
    }
    // The gate says why what is no page of the web is refused.
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return true;
    if (steps.length > MOST_HOPS) {
      options.refused(url, 'redirect_loop', `it leads on more than ${MOST_HOPS} times`);
      return false;
    }
    const left = isRedirect ? undefined : how;
    how = 'script';
    try {
      const robots = await options.waiting(leaveFor(url, from));
      if (robots === false) return false;
      from.how = left;
      steps.push({ url: url.href, status: 0, robots, how: undefined });
      return true;
    } catch (cause) {
      options.failed(cause);
      return false;
    }
  }

  async function leaveFor(url: URL, from: Step): Promise<Hop['robots'] | false> {
    const { courtesy } = options;
    if (courtesy === null) return undefined;
    courtesy.after({ status: from.status === 0 ? 200 : from.status, retryAfterSeconds: null });
    const leave = await courtesy.before(url, new URL(from.url));
    if (leave.is === 'go') return leave.robots;
    options.refused(url, leave.reason, leave.detail);
    return false;
  }

  return {
    frame: main,
    hops: () =>
      steps.map(({ url, status, robots, how: left }, at) => ({
        url,
        status,
        location: steps[at + 1]?.url ?? null,
        ...(robots === undefined ? {} : { robots }),
        ...(left === undefined || steps[at + 1] === undefined ? {} : { how: left }),
      })),
    get count() {
      return steps.length;
    },
    async idle() {
      while (pending.size > 0) await Promise.all(pending);
    },
    answered(address, status) {
      const asked = new URL(address);
      asked.hash = '';
      const step = steps.findLast(({ url }) => url === asked.href);
      if (step !== undefined) step.status = status;
    },
  };
}
