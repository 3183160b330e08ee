/** What stands where something will be, or would be: loading, nothing, trouble. */
import type { ComponentChildren } from 'preact';
import { AwayError, RefusedError } from '../api.ts';
import type { Asked } from '../asked.ts';
import { Button } from '../keys.tsx';
import { say, sayIfKnown } from '../words.ts';

export function Loading() {
  return (
    <div class="loading" role="status">
      <span class="unseen">{say('app.loading')}</span>
      <i />
      <i />
      <i />
    </div>
  );
}

export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <img src="/assets/mark.svg" alt="" width="56" height="56" />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** An error in words, by its code; one without words of its own is an error inside. */
export function troubleWords(error: unknown): string {
  if (error instanceof AwayError) return say('app.away');
  if (error instanceof RefusedError) return sayIfKnown(`error.${error.facts.code}`, say('error.internal'));
  return say('error.internal');
}

export function Trouble({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  return (
    <div class="notice trouble" role="alert">
      <span>{troubleWords(error)}</span>
      {again === undefined ? null : <Button run={again}>{say('app.again')}</Button>}
    </div>
  );
}

/** Draws what was asked once it is here, and until then what stands for it. */
export function When<T>({
  asked,
  again,
  children,
}: {
  readonly asked: Asked<T>;
  readonly again?: () => void;
  readonly children: (value: T) => ComponentChildren;
}) {
  if (asked.is === 'loading') return <Loading />;
  if (asked.is === 'trouble')
    return <Trouble error={asked.error} {...(again === undefined ? {} : { again })} />;
  return <>{children(asked.value)}</>;
}
