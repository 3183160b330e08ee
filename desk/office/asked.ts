/**
 * What was asked of the desk, kept while the page is open: a screen that was seen before is drawn at once from what is
 * known, and again when the answer comes. `preload` asks before anybody looks.
 */
import { useEffect, useState } from 'preact/hooks';

export type Asked<T> =
  | { readonly is: 'loading' }
  | { readonly is: 'here'; readonly value: T; readonly isOld: boolean }
  | { readonly is: 'trouble'; readonly error: unknown };

interface Kept {
  load: () => Promise<unknown>;
  value?: unknown;
  error?: unknown;
  running: Promise<void> | null;
  at: number;
}

const kept = new Map<string, Kept>();
const watchers = new Map<string, Set<() => void>>();
/** What is younger is not asked for again when a screen opens. */
const FRESH_MS = 5_000;
/** Answers kept at once; the longest unasked go first. */
const MOST_KEPT = 200;

/** Asks, unless the answer is known and fresh. */
export function preload<T>(key: string, load: () => Promise<T>): Promise<void> {
  const known = kept.get(key);
  const running = known?.running ?? null;
  if (running !== null) return running;
  if (known !== undefined && 'value' in known && Date.now() - known.at < FRESH_MS) return Promise.resolve();
  const it: Kept = known ?? { load, running: null, at: 0 };
  it.load = load;
  kept.delete(key);
  kept.set(key, it);
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT) break;
    kept.delete(oldest);
  }
  it.running = load().then(
    (value) => settle(key, it, { value }),
    (error: unknown) => settle(key, it, { error }),
  );
  return it.running;
}

function settle(key: string, it: Kept, ended: { value: unknown } | { error: unknown }): void {
  delete it.error;
  Object.assign(it, ended, { running: null, at: Date.now() });
  for (const watcher of watchers.get(key) ?? []) watcher();
}

/** What is known of it now, and asks for what is not. */
export function useAsked<T>(key: string, load: () => Promise<T>): Asked<T> {
  const [, redraw] = useState(0);
  useEffect(() => {
    const watcher = () => redraw((n) => n + 1);
    const all = watchers.get(key) ?? new Set();
    watchers.set(key, all.add(watcher));
    void preload(key, load);
    return () => {
      all.delete(watcher);
      if (all.size === 0) watchers.delete(key);
    };
    // The key names the question: `load` is a new function with every drawing.
  }, [key]);
  const it = kept.get(key);
  if (it?.error !== undefined) return { is: 'trouble', error: it.error };
  if (it !== undefined && 'value' in it)
    return { is: 'here', value: it.value as T, isOld: it.running !== null };
  return { is: 'loading' };
}

/** What is known of an answer at this moment; undefined when nothing is. */
export function known<T>(key: string): T | undefined {
  return kept.get(key)?.value as T | undefined;
}

/** Puts an answer that came another way, e.g. with an act. */
export function put(key: string, value: unknown): void {
  const it = kept.get(key);
  if (it !== undefined) settle(key, it, { value });
}

/** Asks again for all that begins so: at once for what is on the screen, for the rest when it is looked at. */
export function renew(prefix: string): void {
  for (const [key, it] of [...kept]) {
    if (!key.startsWith(prefix)) continue;
    it.at = 0;
    if (watchers.has(key)) void preload(key, it.load);
    else kept.delete(key);
  }
}
