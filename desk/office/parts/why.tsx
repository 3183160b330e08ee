/** A dialog that asks for words before it does what its title says. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../keys.tsx';
import { Dialog } from './dialog.tsx';

export function AskWhy({
  title,
  label,
  run,
  close,
  children,
}: {
  /** What is done: on the dialog and on its button. */
  readonly title: string;
  readonly label: string;
  readonly run: (reason: string) => Promise<void>;
  readonly close: () => void;
  /** What follows from it. */
  readonly children?: ComponentChildren;
}) {
  const [reason, setReason] = useState('');
  return (
    <Dialog title={title} close={close}>
      <form
        class="bulk"
        onSubmit={(event) => {
          event.preventDefault();
          void run(reason);
        }}
      >
        {children}
        <label>
          {label}
          <input
            required
            maxLength={500}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <Button type="submit" class="main">
          {title}
        </Button>
      </form>
    </Dialog>
  );
}
