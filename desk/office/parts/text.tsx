/** Small pieces of text: hostile words made inert, addresses that open nothing, times, things to copy. */
import { useState } from 'preact/hooks';
import { defang, plain } from '../../web/show.ts';
import { say, spokenWords } from '../words.ts';

/** Words of somebody else: everything unseen in them is spelled out. */
export function Plain({ children, lang }: { readonly children: string; readonly lang?: string }) {
  return (
    <span dir="auto" {...(lang === undefined ? {} : { lang })}>
      {plain(children)}
    </span>
  );
}

/** An address that no paste opens. */
export function Address({ children }: { readonly children: string }) {
  return <bdi class="code">{defang(children)}</bdi>;
}

export function Time({ at, isExact = false }: { readonly at: string; readonly isExact?: boolean }) {
  const words = spokenWords();
  const date = new Date(at);
  return <time dateTime={at}>{isExact ? words.exactTime(date) : words.time(date)}</time>;
}

/** Text and a button that copies it, inert as it is shown. */
export function Copyable({ children }: { readonly children: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(children);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <span class="copyable">
      <bdi class="code">{children}</bdi>
      <button type="button" class="copy" onClick={() => void copy()}>
        {isCopied ? say('copied') : say('copy')}
      </button>
    </span>
  );
}
