/** What was just done, for a while, with the way back where there is one. */
import { useEffect, useState } from 'preact/hooks';
import { Button, type KeyName, useKeys } from '../keys.tsx';
import { say, type Word } from '../words.ts';

export interface Toast {
  readonly text: string;
  readonly kind: 'done' | 'trouble' | 'waiting';
  /** How long it stands; until it is dismissed when absent. */
  readonly seconds?: number;
  readonly back?: { readonly word: Word; readonly keys: KeyName; readonly run: () => void };
}

let shown: (Toast & { readonly id: number }) | null = null;
let count = 0;
const watchers = new Set<() => void>();

export function toast(it: Toast | null): void {
  count += 1;
  shown = it === null ? null : { ...it, id: count };
  for (const watcher of watchers) watcher();
}

export function Toasts() {
  const [, redraw] = useState(0);
  useEffect(() => {
    const watcher = () => redraw((n) => n + 1);
    watchers.add(watcher);
    return () => {
      watchers.delete(watcher);
    };
  }, []);
  useEffect(() => {
    const mine = shown;
    if (mine?.seconds === undefined) return;
    const timer = setTimeout(() => {
      if (shown === mine) toast(null);
    }, mine.seconds * 1_000);
    return () => clearTimeout(timer);
  }, [shown?.id]);
  const back = shown?.back;
  useKeys(back === undefined ? [] : [back]);
  return (
    <div class="toasts" role={shown?.kind === 'trouble' ? 'alert' : 'status'} aria-live="polite">
      {shown === null ? null : (
        <div class={`toast ${shown.kind}`} key={shown.id}>
          <span>{shown.text}</span>
          {back === undefined ? null : (
            <Button keys={back.keys} run={back.run}>
              {say(back.word)}
            </Button>
          )}
          {shown.seconds === undefined ? (
            <button type="button" class="quiet" aria-label={say('app.dismiss')} onClick={() => toast(null)}>
              ×
            </button>
          ) : null}
        </div>
      )}
    </div>
  );
}
