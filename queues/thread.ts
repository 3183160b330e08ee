/**
 * Work that takes long without waiting for anything, done in a thread of its own, so that this one stays
 * free to answer.
 *
 *     ask, ask, ask ──► one at a time ──► thread ──► answer
 *
 * One ask alone is in the thread: what kills it or holds it up fails by itself, and the next ask finds a new
 * thread. An idle thread keeps no process alive.
 */
import { parentPort, Worker } from 'node:worker_threads';

export interface Thread<Ask, Answer> {
  /** @throws what the module threw while it was loaded. */
  ready(): Promise<void>;
  /**
   * Asks and answers are copied by structured clone.
   *
   * @throws ThreadLostError when this very ask killed the thread or was given up; what the work itself threw
   *   otherwise.
   */
  ask(it: Ask): Promise<Answer>;
  /** Ends the thread at once; asks without an answer are lost. */
  close(): Promise<void>;
}

export interface ThreadLimits {
  /** Longest that one ask may take, from when the thread takes it up. */
  readonly seconds: number;
  /** Most heap; a thread that needs more dies. Buffers do not count. */
  readonly heapMegabytes: number;
}

/** A thread that died or was ended before it answered: this ask has no answer, others do. */
export class ThreadLostError extends Error {
  override readonly name = 'ThreadLostError';
  readonly facts: { readonly why: string };

  constructor(why: string, cause?: unknown) {
    super(`The thread that worked on it ${why}. What else was asked goes on in a new one.`, { cause });
    this.facts = { why };
  }
}

type Said<Answer> = 'ready' | { readonly answer: Answer } | { readonly thrown: unknown };

/** @param entry a module that calls `answerAsks`. */
export function openThread<Ask, Answer>(entry: URL, limits: ThreadLimits): Thread<Ask, Answer> {
  let running = start(entry, limits);
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const askNow = async (it: Ask): Promise<Answer> => {
    if (isClosed) throw new ThreadLostError('was closed');
    if (running.isGone()) running = start(entry, limits);
    const { worker, ready } = running;
    await ready;
    worker.ref();
    try {
      return await answerOf<Ask, Answer>(worker, it, limits);
    } catch (cause) {
      if (cause instanceof ThreadLostError) await worker.terminate();
      throw cause;
    } finally {
      worker.unref();
    }
  };

  return {
    ready: () => running.ready,
    ask(it) {
      const turn = last.then(() => askNow(it));
      last = turn.catch(() => undefined);
      return turn;
    },
    async close() {
      isClosed = true;
      await running.worker.terminate();
    },
  };
}

interface Running {
  readonly worker: Worker;
  /** Rejects with what the module threw while it was loaded. */
  readonly ready: Promise<void>;
  isGone(): boolean;
}

function start(entry: URL, limits: ThreadLimits): Running {
  const worker = threadOf(entry, limits);
  let isGone = false;
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('message', () => {
      worker.unref();
      resolve();
    });
    const gone = (cause: unknown) => {
      isGone = true;
      reject(cause);
    };
    worker.once('error', gone);
    worker.once('exit', () => gone(new ThreadLostError('ended before it was ready')));
  });
  // Told to whoever waits for it; nobody has to.
  ready.catch(() => undefined);
  return { worker, ready, isGone: () => isGone };
}

function answerOf<Ask, Answer>(worker: Worker, it: Ask, { seconds }: ThreadLimits): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(limit);
      worker.off('message', heard).off('error', died).off('exit', ended);
      act();
    };
    const lost = (why: string, cause?: unknown) => settle(() => reject(new ThreadLostError(why, cause)));
    const heard = (said: Exclude<Said<Answer>, 'ready'>) =>
      settle(() => ('thrown' in said ? reject(said.thrown) : resolve(said.answer)));
    const died = (cause: Error) => lost(`died (${cause.message})`, cause);
    const ended = (code: number) => lost(`ended with code ${code}`);
    const limit = setTimeout(lost, seconds * 1000, `gave no answer within ${seconds} seconds`).unref();
    worker.on('message', heard).on('error', died).on('exit', ended);
    try {
      worker.postMessage(it);
    } catch (cause) {
      settle(() => reject(cause));
    }
  });
}

/** For the module that runs in the thread: takes asks one by one until the thread is ended. */
export function answerAsks<Ask, Answer>(work: (it: Ask) => Answer | Promise<Answer>): void {
  const port = parentPort;
  if (port === null) throw new TypeError('expected to run in a thread');
  port.on('message', async (it: Ask) => {
    let said: Said<Answer>;
    try {
      said = { answer: await work(it) };
    } catch (thrown) {
      said = { thrown };
    }
    port.postMessage(said);
  });
  port.postMessage('ready' satisfies Said<Answer>);
}

/** The address of a module beside another, from the source as from the built package. */
export function beside(here: string, name: string): URL {
  return new URL(`./${name}${here.slice(here.lastIndexOf('.'))}`, here);
}

/**
 * A thread knows nothing of the loader that this process runs the source with, and Node 20 takes none by
 * `execArgv` (https://github.com/nodejs/node/issues/47747), so it registers one itself.
 */
function threadOf(entry: URL, { heapMegabytes }: ThreadLimits): Worker {
  const options = { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: heapMegabytes } };
  if (!entry.pathname.endsWith('.ts')) return new Worker(entry, options);
  const [loader, source] = [import.meta.resolve('tsx/esm/api'), entry.href].map((it) => JSON.stringify(it));
  const code = `import(${loader}).then((tsx) => { tsx.register(); return import(${source}); });`;
  return new Worker(code, { ...options, eval: true });
}
