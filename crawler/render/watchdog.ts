/**
 * What a page may use of the machine. The browser's own processes are looked at twice a second while pages are shown;
 * one that renders and has used more of a processor or of memory than any page needs is ended. A page whose own process
 * that was crashes, and is told why; of one whose frame it was the frame is gone and the page stands.
 *
 *     miner in four workers ─► 15 s of processor ─► its process ends ─► shown once more with scripts off
 *     a heap without end    ─► 1 GB              ─► the same
 *
 * Each render has a context of its own, and processes are not shared between contexts: what is ended is one page's.
 */
import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright';

export interface UseLimits {
  /** Of a processor, in one process of a page, all its threads and workers together. */
  readonly cpuSeconds: number;
  /** Resident, of one process of a page. Known on Linux only. */
  readonly memoryBytes: number;
}

export const USE_LIMITS: UseLimits = { cpuSeconds: 15, memoryBytes: 1_000_000_000 };

export interface Overuse {
  /** `crash`: its process ended by itself; `hang`: it answered nothing any more. */
  readonly of: 'processor' | 'memory' | 'crash' | 'hang';
  /** Plain words, lower case, that follow "it". */
  readonly detail: string;
}

export interface Watch {
  /** What was ended since this watch began; of pages shown at the same time too. */
  ended(): readonly Overuse[];
  leave(): void;
}

const LOOK_EVERY_MS = 500;

interface Dog {
  enter(limits: UseLimits): Watch;
}

const dogs = new WeakMap<Browser, Dog>();

export function watchUse(browser: Browser, limits: UseLimits): Watch {
  const dog = dogs.get(browser) ?? newDog(browser);
  dogs.set(browser, dog);
  return dog.enter(limits);
}

function newDog(browser: Browser): Dog {
  const watches = new Map<object, UseLimits>();
  const ended: Overuse[] = [];
  const done = new Set<number>();
  let session: ReturnType<Browser['newBrowserCDPSession']> | null = null;
  let isLooking = false;
  let timer: NodeJS.Timeout | null = null;

  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      session ??= browser.newBrowserCDPSession();
      const { processInfo } = await (await session).send('SystemInfo.getProcessInfo');
      const renderers = processInfo.filter(({ type, id }) => type === 'renderer' && !done.has(id));
      for (const { id, cpuTime } of renderers) {
        const [limits] = watches.values();
        if (limits === undefined) return;
        const overuse = overuseOf(cpuTime, await residentBytes(id), limits);
        if (overuse === null) continue;
        done.add(id);
        ended.push(overuse);
        process.kill(id, 'SIGKILL');
      }
    } catch {
      // The browser, or the process, ended by itself: there is nothing to watch.
      session = null;
    } finally {
      isLooking = false;
    }
  }

  return {
    enter(limits) {
      const key = {};
      const from = ended.length;
      watches.set(key, limits);
      timer ??= setInterval(() => void look(), LOOK_EVERY_MS);
      return {
        ended: () => ended.slice(from),
        leave() {
          watches.delete(key);
          if (watches.size > 0 || timer === null) return;
          clearInterval(timer);
          timer = null;
        },
      };
    },
  };
}

export function overuseOf(cpuSeconds: number, memoryBytes: number | null, limits: UseLimits): Overuse | null {
  if (cpuSeconds > limits.cpuSeconds) {
    return { of: 'processor', detail: `kept a processor busy for more than ${limits.cpuSeconds} s` };
  }
  if (memoryBytes !== null && memoryBytes > limits.memoryBytes) {
    const megabytes = Math.round(limits.memoryBytes / 1_000_000);
    return { of: 'memory', detail: `took more than ${megabytes} MB of memory` };
  }
  return null;
}

const PAGE_BYTES = 4_096;

/** Null where nobody tells. Source: proc(5), `/proc/PID/statm`: the second number is resident pages. */
async function residentBytes(pid: number): Promise<number | null> {
  try {
    const [, resident] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ');
    const pages = Number(resident);
    return Number.isFinite(pages) ? pages * PAGE_BYTES : null;
  } catch {
    return null;
  }
}
