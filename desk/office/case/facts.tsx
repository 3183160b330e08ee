/** How the page was captured: addresses, times, hashes. */
import { defang, plain } from '../../web/show.ts';
import type { Captured } from '../case-told.ts';
import { Address, Copyable, Plain, Time } from '../parts/text.tsx';
import { say, spokenWords } from '../words.ts';

export function Facts({ shown }: { readonly shown: Captured }) {
  const hops = shown.hops.filter(({ location }) => location !== null);
  return (
    <section aria-labelledby="facts">
      <h2 id="facts">{say('case.facts')}</h2>
      <dl class="facts">
        <dt>{say('fact.captured_at')}</dt>
        <dd>
          <Time at={shown.capturedAt} isExact />
        </dd>
        {shown.profile === undefined ? null : (
          <>
            <dt>{say('fact.profile')}</dt>
            <dd>{say(`profile.${shown.profile}`)}</dd>
          </>
        )}
        <dt>{say('fact.url')}</dt>
        <dd>
          <Copyable>{defang(shown.url)}</Copyable>
        </dd>
        <dt>{say('fact.status')}</dt>
        <dd>{shown.status}</dd>
        <dt>{say('fact.hops')}</dt>
        <dd>
          {hops.length === 0 ? (
            say('fact.hops_none')
          ) : (
            <ol class="hops">
              {hops.map((hop, at) => (
                <li key={at}>
                  <Address>{hop.url}</Address> → {hop.status}
                </li>
              ))}
              <li>
                <Address>{shown.finalUrl}</Address>
              </li>
            </ol>
          )}
        </dd>
        <dt>{say('fact.peer')}</dt>
        <dd>{shown.peer === null ? say('fact.unknown') : <Copyable>{plain(shown.peer)}</Copyable>}</dd>
        <dt>{say('fact.media_type')}</dt>
        <dd>
          <Plain>{shown.mediaType}</Plain>
        </dd>
        <dt>{say('fact.bytes')}</dt>
        <dd>{spokenWords().bytes(shown.bodyBytes)}</dd>
        <dt>{say('fact.body')}</dt>
        <dd>
          <Copyable>{shown.bodySha256}</Copyable>
        </dd>
        {shown.screenshot === null ? null : (
          <>
            <dt>{say('fact.screenshot')}</dt>
            <dd>
              <Copyable>{shown.screenshot}</Copyable>
            </dd>
          </>
        )}
        <dt>{say('fact.warc')}</dt>
        <dd>
          <Copyable>{shown.warc}</Copyable>
        </dd>
        <dt>{say('fact.lang')}</dt>
        <dd>
          <Plain>{shown.assessment.lang}</Plain>
        </dd>
        <dt>{say('fact.model')}</dt>
        <dd>
          <Plain>{shown.assessment.model}</Plain>
        </dd>
      </dl>
    </section>
  );
}
