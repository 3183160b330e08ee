/**
 * What a lane has to do, in memory, in the shape of Crawlee's request queue: Crawlee takes the next request from it, and the
 * task it starts for that goes on with what waits, and stays a moment for what comes next (`serve`).
 *
 * The types offer `requestManager` for this, but 3.18 refuses it at run time, so the queue is passed through
 * one cast; `test/crawler/lanes.test.ts` fails when an upgrade no longer takes it.
 */
import type { BasicCrawlerOptions } from 'crawlee';
import { Request } from '../crawlee.ts';

/** A task takes up no job after so many seconds: the last one has its whole time before Crawlee gives the task up. */
export const TASK_SECONDS = 60;
/** How long a task stays for the next job; it holds no process up. */
const LINGER_MS = 500;

interface Job<Tool> {
  readonly work: (tool: Tool) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** When a task takes up no more jobs, but for its time. */
interface Until {
  /** So many were done. */
  readonly most: number;
  /** Told after each job. */
  done(): void;
  /** Told of each failure, which its owner was told too. */
  failed(failure: unknown): void;
  /** Asked after each job, and once more when the next one came. */
  mayGoOn(): boolean;
}

export interface LaneQueue<Tool> {
  /** What Crawlee is given as its request queue. */
  readonly forCrawlee: NonNullable<BasicCrawlerOptions['requestQueue']>;
  add(url: URL, job: Job<Tool>): string;
  /** Takes a job out that has not begun; false when it has. */
  drop(id: string): boolean;
  /** Does the job of a request, then others, without Crawlee between them. */
  serve(request: { readonly uniqueKey: string }, tool: Tool, until?: Until): Promise<void>;
  /** Crawlee itself failed: no browser started, or the work outlived every limit. */
  fail(request: { readonly uniqueKey: string }, error: unknown): void;
  failAll(error: unknown): void;
  /** Takes up nothing more; fails what waits. */
  end(error: unknown): void;
  onAdded(wake: () => void): void;
  /** Resolves when Crawlee asks the next time whether there is work. */
  polled(): Promise<void>;
}

export function laneQueue<Tool>(): LaneQueue<Tool> {
  interface Waiting {
    readonly url: URL;
    readonly job: Job<Tool>;
  }
  const waiting = new Map<string, Waiting>();
  const begun = new Map<string, Waiting>();
  /** Tasks with nothing to do, each waiting for the id of a job; null sends it home. */
  const idle = new Set<(id: string | null) => void>();
  let count = 0;
  let handled = 0;
  let isOver = false;
  let wake: () => void = () => {};
  let onPolled: () => void = () => {};

  /** The nine methods that Crawlee 3.18 calls; the rest of `RequestProvider` is never reached. */
  const seam = {
    isFinished: async () => waiting.size === 0 && begun.size === 0,
    async isEmpty() {
      onPolled();
      return waiting.size === 0;
    },
    handledCount: async () => handled,
    getTotalCount: () => waiting.size + begun.size + handled,
    getPendingCount: () => waiting.size,
    async fetchNextRequest() {
      const next = begin();
      if (next === null) return null;
      return new Request({ url: next.url.href, uniqueKey: next.id, skipNavigation: true });
    },
    async markRequestHandled() {
      handled += 1;
      return null;
    },
    reclaimRequest: async () => null,
    addRequest: async () => {
      throw new Error('A lane takes work through run().');
    },
    addRequestsBatched: async () => {
      throw new Error('A lane takes work through run().');
    },
  };

  /** Takes up the job that waits longest; null when none does. */
  function begin(): { readonly id: string; readonly url: URL } | null {
    const next = waiting.entries().next();
    if (next.done === true) return null;
    const [id, it] = next.value;
    waiting.delete(id);
    begun.set(id, it);
    return { id, url: it.url };
  }

  async function work(id: string, tool: Tool): Promise<unknown> {
    const job = begun.get(id)?.job;
    if (job === undefined) return null;
    try {
      job.resolve(await job.work(tool));
      return null;
    } catch (failure) {
      job.reject(failure);
      return failure;
    } finally {
      begun.delete(id);
    }
  }

  /** A job that was taken up and not begun. */
  function giveBack(id: string): void {
    const it = begun.get(id);
    if (it === undefined) return;
    begun.delete(id);
    waiting.set(id, it);
    wake();
  }

  function nextId(): string | null | Promise<string | null> {
    const next = begin();
    if (next !== null || isOver) return next?.id ?? null;
    return new Promise((resolve) => {
      const timer = setTimeout(() => take(null), LINGER_MS);
      timer.unref();
      const take = (id: string | null) => {
        clearTimeout(timer);
        idle.delete(take);
        resolve(id);
      };
      idle.add(take);
    });
  }

  function failAll(error: unknown): void {
    for (const take of [...idle]) take(null);
    for (const { job } of waiting.values()) job.reject(error);
    for (const { job } of begun.values()) job.reject(error);
    waiting.clear();
    begun.clear();
  }

  return {
    forCrawlee: seam as unknown as NonNullable<BasicCrawlerOptions['requestQueue']>,
    add(url, job) {
      count += 1;
      const id = String(count);
      const [take] = idle;
      if (take !== undefined) {
        begun.set(id, { url, job });
        take(id);
        return id;
      }
      waiting.set(id, { url, job });
      wake();
      return id;
    },
    drop: (id) => waiting.delete(id),
    async serve({ uniqueKey }, tool, until) {
      const end = performance.now() + TASK_SECONDS * 1000;
      let done = 0;
      for (let id: string | null = uniqueKey; id !== null; ) {
        const failure = await work(id, tool);
        if (failure !== null) until?.failed(failure);
        until?.done();
        done += 1;
        const isEnough = until !== undefined && (done >= until.most || !until.mayGoOn());
        id = !isEnough && performance.now() < end ? await nextId() : null;
        if (id === null || until === undefined || until.mayGoOn()) continue;
        giveBack(id);
        return;
      }
    },
    fail({ uniqueKey }, error) {
      begun.get(uniqueKey)?.job.reject(error);
      begun.delete(uniqueKey);
    },
    failAll,
    end(error) {
      isOver = true;
      failAll(error);
    },
    onAdded(given) {
      wake = given;
    },
    polled: () =>
      new Promise((resolve) => {
        onPolled = resolve;
      }),
  };
}
