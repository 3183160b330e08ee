/** Every capture that the case stands on, and which is shown. */
import { plain } from '../../web/show.ts';
import type { Captured, CaseTold } from '../case-told.ts';
import { Scroller } from '../parts/scroller.tsx';
import { Address, Time } from '../parts/text.tsx';
import { say, spokenWords } from '../words.ts';
import type { Work } from '../work.ts';

export function Pages({
  it,
  shown,
  work,
}: {
  readonly it: CaseTold;
  readonly shown: Captured | null;
  readonly work: Work | null;
}) {
  if (it.captures.length < 2) return null;
  const hrefOf = (id: string) => `/cases/${it.id}?capture=${id}${work === null ? '' : `&work=${work}`}`;
  return (
    <section aria-labelledby="pages">
      <h2 id="pages">{say('case.pages')}</h2>
      <Scroller class="table" aria-labelledby="pages">
        <table>
          <thead>
            <tr>
              <th scope="col">{say('case.page')}</th>
              <th scope="col">{say('score.name')}</th>
              <th scope="col">{say('fact.status')}</th>
              <th scope="col">{say('case.seen_at')}</th>
            </tr>
          </thead>
          <tbody>
            {it.captures.map((each) => (
              <tr key={each.id} class={each.id === shown?.id ? 'shown' : ''}>
                <td>
                  <a
                    href={hrefOf(each.id)}
                    {...(each.id === shown?.id ? { 'aria-current': 'true' as const } : {})}
                  >
                    <bdi>{plain(each.title) || '—'}</bdi>
                  </a>
                  <Address>{each.finalUrl}</Address>
                  {each.profile === undefined ? null : (
                    <p class="note">
                      {say('fact.profile')}: {say(`profile.${each.profile}`)}
                    </p>
                  )}
                </td>
                <td class="figure">{spokenWords().chance(each.assessment.score)}</td>
                <td class="figure">{each.status}</td>
                <td>
                  <Time at={each.capturedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  );
}
