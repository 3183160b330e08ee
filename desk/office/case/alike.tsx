/** Sites held to be like this one, why, and the way to decide all of them together. */
import { plain } from '../../web/show.ts';
import type { CaseTold } from '../case-told.ts';
import { Button } from '../keys.tsx';
import { say, sayIfKnown, spokenWords, type Word } from '../words.ts';

export function Alike({ it, decideAll }: { readonly it: CaseTold; readonly decideAll: (() => void) | null }) {
  if (it.alike.length === 0) return null;
  return (
    <section aria-labelledby="alike">
      <h2 id="alike">{say('case.alike')}</h2>
      <ul class="alike">
        {it.alike.map((other) => (
          <li key={other.site}>
            {other.caseId === null ? (
              <bdi>{plain(other.readable)}</bdi>
            ) : (
              <a href={`/cases/${other.caseId}`}>
                <bdi>{plain(other.readable)}</bdi>
              </a>
            )}{' '}
            <span class="meta">
              {spokenWords().chance(other.score)}
              {other.state === null ? '' : ` · ${say(`state.${other.state}` as Word)}`}
            </span>
            <p class="note">
              {other.reasons.map(({ what, detail }) => (
                <span key={`${what} ${detail}`}>
                  {sayIfKnown(`mark.${what}`, what)}: <bdi>{plain(detail)}</bdi>{' '}
                </span>
              ))}
            </p>
          </li>
        ))}
      </ul>
      {decideAll === null ? null : (
        <Button keys="c" run={decideAll}>
          {say('case.cluster')}
        </Button>
      )}
    </section>
  );
}
