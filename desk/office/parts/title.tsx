/** The heading of a screen, which names the window too. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { say } from '../words.ts';

export function Title({ text, children }: { readonly text: string; readonly children?: ComponentChildren }) {
  useEffect(() => {
    document.title = `${text} · ${say('app.name')}`;
  }, [text]);
  return (
    <div class="heading">
      <h1>{text}</h1>
      {children}
    </div>
  );
}
