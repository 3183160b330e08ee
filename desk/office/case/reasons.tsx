/** Why the machine shows a case: each sign with its criterion and how far it pushed. */
import { plain } from '../../web/show.ts';
import type { Captured } from '../case-told.ts';
import { familyName } from '../parts/case-bits.tsx';
import { say, spokenWords } from '../words.ts';

/** The strongest reasons are in sight, so that the decision stands on the same screen; the rest are folded away. */
const IN_SIGHT = 4;

export function Reasons({ shown }: { readonly shown: Captured | null }) {
  const signals = shown?.assessment.signals ?? [];
  const inText = new Set(shown?.runs.flatMap(({ by }) => by));
  const most = Math.max(1, ...signals.map(({ contribution }) => Math.abs(contribution)));
  const items = signals.map((signal, at) => {
    const share = (Math.abs(signal.contribution) / most) * 50;
    const isAgainst = signal.contribution >= 0;
    const value = spokenWords().signed(signal.contribution);
    return (
      <li key={`${signal.id} ${at}`}>
        <div class="reason-head">
          <span class="number">{at + 1}</span> <b>{familyName(signal.family)}</b>
          <svg
            class={isAgainst ? 'push against' : 'push for'}
            viewBox="0 0 100 6"
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            <rect class="push-rest" width="100" height="6" />
            <rect
              class="push-full"
              x={(isAgainst ? 50 : 50 - share).toFixed(1)}
              width={share.toFixed(1)}
              height="6"
            />
          </svg>
          <span class="contribution">
            <span class="unseen">{say('case.contribution', { value: '' })}</span>
            {value}
          </span>
        </div>
        <p class="excerpt">
          <q dir="auto">{plain(signal.excerpt)}</q>
        </p>
        <p class="note">
          {signal.criterion === 'none' ? null : (
            <>{say('case.criterion', { code: plain(signal.criterion) })} · </>
          )}
          {inText.has(at) ? <a href={`#sign-${at + 1}`}>{say('case.in_text')}</a> : say('case.nowhere')}
        </p>
      </li>
    );
  });
  const folded = items.slice(IN_SIGHT);
  return (
    <section class="reasons" aria-labelledby="reasons">
      <h2 id="reasons">{say('case.reasons')}</h2>
      {items.length === 0 ? (
        <p class="aside">{say('case.reasons_none')}</p>
      ) : (
        <>
          <ol>{items.slice(0, IN_SIGHT)}</ol>
          {folded.length === 0 ? null : (
            <details>
              <summary>{say('case.more_reasons', { n: folded.length })}</summary>
              <ol>{folded}</ol>
            </details>
          )}
          <p class="aside">{say('case.reasons_help')}</p>
        </>
      )}
    </section>
  );
}
