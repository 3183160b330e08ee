/** A section of a case that is folded away and asked for when it is opened, by its key or by a click. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { preload, useAsked } from '../asked.ts';
import { Button, useKeys } from '../keys.tsx';
import { When } from '../parts/states.tsx';
import { say, type Word } from '../words.ts';

export function Fold<T>({
  name,
  word,
  open,
  keys,
  asks,
  load,
  children,
}: {
  /** Of its heading: unique on the screen. */
  readonly name: string;
  readonly word: Word;
  /** What the button says. */
  readonly open: Word;
  readonly keys: string;
  /** Names the question, for what is known already. */
  readonly asks: string;
  readonly load: () => Promise<T>;
  readonly children: (value: T) => ComponentChildren;
}) {
  const [isOpen, setOpen] = useState(false);
  const toggle = () => setOpen(!isOpen);
  useKeys([{ keys, word: open, run: toggle }]);
  return (
    <section aria-labelledby={name}>
      <h2 id={name}>{say(word)}</h2>
      <div class="deeds">
        <Button keys={keys} aria-expanded={isOpen} run={toggle}>
          {say(open)}
        </Button>
      </div>
      {isOpen ? (
        <Opened asks={asks} load={load}>
          {children}
        </Opened>
      ) : null}
    </section>
  );
}

function Opened<T>({
  asks,
  load,
  children,
}: {
  readonly asks: string;
  readonly load: () => Promise<T>;
  readonly children: (value: T) => ComponentChildren;
}) {
  const asked = useAsked(asks, load);
  return (
    <When asked={asked} again={() => void preload(asks, load)}>
      {children}
    </When>
  );
}
