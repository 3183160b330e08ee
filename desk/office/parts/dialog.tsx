/** A dialog over the screen: the browser's own `<dialog>`, which keeps the focus inside and gives it back. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Button, type KeyDeed, useKeys } from '../keys.tsx';
import { say } from '../words.ts';

export function Dialog({
  title,
  close,
  keys = [],
  children,
}: {
  readonly title: string;
  readonly close: () => void;
  readonly keys?: readonly KeyDeed[];
  readonly children: ComponentChildren;
}) {
  const box = useRef<HTMLDialogElement>(null);
  const name = useId();
  useEffect(() => {
    box.current?.showModal();
  }, []);
  useKeys([...keys, { keys: 'escape', word: 'app.close', run: close }], { isModal: true });
  return (
    <dialog
      ref={box}
      aria-labelledby={name}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <header>
        <h2 id={name}>{title}</h2>
        <Button class="quiet" keys="escape" run={close}>
          {say('app.close')}
        </Button>
      </header>
      {children}
    </dialog>
  );
}
