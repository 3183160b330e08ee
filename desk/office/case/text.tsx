/** The text of a page with the signs marked in it, and against another page of the case. */
import { lineDiff } from '../../../domain/text/diff.ts';
import { plain } from '../../web/show.ts';
import type { Captured } from '../case-told.ts';
import { Changes } from '../parts/changes.tsx';
import { Scroller } from '../parts/scroller.tsx';
import { say } from '../words.ts';

export function Text({ shown }: { readonly shown: Captured }) {
  const seen = new Set<number>();
  return (
    <section aria-labelledby="text">
      <h2 id="text">{say('case.text')}</h2>
      {shown.text.trim() === '' ? (
        <p class="aside">{say('case.text_none')}</p>
      ) : (
        <Scroller class="text" dir="auto" lang={shown.assessment.lang} aria-labelledby="text">
          {shown.runs.map(({ text, by }, at) => {
            const first = by.filter((n) => !seen.has(n));
            for (const n of first) seen.add(n);
            if (by.length === 0) return plain(text);
            return (
              <span key={at}>
                {first.map((n) => (
                  <span key={n} class="anchor" id={`sign-${n + 1}`} />
                ))}
                <mark>
                  {plain(text)}
                  <sup>{by.map((n) => n + 1).join(',')}</sup>
                </mark>
              </span>
            );
          })}
        </Scroller>
      )}
    </section>
  );
}

export function Diff({ before, after }: { readonly before: Captured; readonly after: Captured }) {
  return (
    <section aria-labelledby="diff">
      <h2 id="diff">{say('case.diff')}</h2>
      <Changes lines={lineDiff(before.text, after.text)} labelledBy="diff" />
    </section>
  );
}
