/** What each look at the address found, and what changed against the last visit that differs. */
import type { ReadHistory } from '../../api/addresses.ts';
import { plain } from '../../web/show.ts';
import { type Answer, ask } from '../api.ts';
import { Changes } from '../parts/changes.tsx';
import { Scroller } from '../parts/scroller.tsx';
import { Time } from '../parts/text.tsx';
import { say, spokenWords } from '../words.ts';
import { Fold } from './fold.tsx';

type Told = Answer<typeof ReadHistory>;
const MOST_LOOKS = 30;

export function AddressHistory({ url }: { readonly url: string }) {
  return (
    <Fold
      name="looks"
      word="looks.title"
      open="looks.open"
      keys="h"
      asks={`looks/${url}`}
      load={() =>
        ask<typeof ReadHistory>('get', '/api/addresses/history', { query: { url, limit: MOST_LOOKS } })
      }
    >
      {(it) => <Looks it={it} />}
    </Fold>
  );
}

function Looks({ it: { looks, difference, known } }: { readonly it: Told }) {
  if (looks.length === 0) return <p class="aside">{say('looks.none')}</p>;
  return (
    <>
      {known === null ? null : (
        <p class="note">{say('looks.next', { time: spokenWords().time(new Date(known.dueAt)) })}</p>
      )}
      <Scroller class="table" aria-labelledby="looks">
        <table>
          <thead>
            <tr>
              <th scope="col">{say('case.seen_at')}</th>
              <th scope="col">{say('looks.state')}</th>
              <th scope="col">{say('looks.change')}</th>
              <th scope="col">{say('looks.alike')}</th>
              <th scope="col">{say('score.name')}</th>
            </tr>
          </thead>
          <tbody>
            {looks.map((look) => (
              <tr key={look.at}>
                <td>
                  <Time at={look.at} />
                </td>
                <td>
                  {say(`looks.state.${look.state}`)}
                  {look.reason === null ? null : <p class="note">{plain(look.reason)}</p>}
                </td>
                <td>{look.isNotModified ? say('looks.not_modified') : say(`looks.change.${look.change}`)}</td>
                <td class="figure">{look.textAlike === null ? '—' : spokenWords().chance(look.textAlike)}</td>
                <td class="figure">{look.score === null ? '—' : spokenWords().chance(look.score)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      {difference === null ? (
        <p class="aside">{say('looks.no_difference')}</p>
      ) : (
        <>
          <h3 id="looks-diff">
            {say('looks.difference', {
              before: spokenWords().time(new Date(difference.before.at)),
              after: spokenWords().time(new Date(difference.after.at)),
            })}
          </h3>
          <Changes lines={difference.lines} labelledBy="looks-diff" />
        </>
      )}
    </>
  );
}
