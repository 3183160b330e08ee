/** All that happened to a case, in order: what officers did, what the addressee answered, what later looks found. */
import type { ReadPassage } from '../../api/cases.ts';
import { plain } from '../../web/show.ts';
import { type Answer, ask } from '../api.ts';
import { useAsked } from '../asked.ts';
import type { CaseTold } from '../case-told.ts';
import { eventDetail, eventWord, stateWord } from '../parts/passage.tsx';
import { Time } from '../parts/text.tsx';
import { say, type Word } from '../words.ts';

type Passage = Answer<typeof ReadPassage>;

interface Moment {
  readonly at: string;
  readonly what: string;
  /** Of others or of officers, as they wrote it. */
  readonly words: string;
  readonly href?: string;
}

export function Timeline({ it }: { readonly it: CaseTold }) {
  const isOut = it.state.is === 'referred';
  const asked = useAsked(isOut ? `case/${it.id}/passage` : 'passage/none', async () =>
    isOut ? ask<typeof ReadPassage>('get', '/api/cases/{id}/passage', { params: { id: it.id } }) : null,
  );
  const passage = asked.is === 'here' ? asked.value : null;
  return (
    <section aria-labelledby="history">
      <h2 id="history">{say('case.history')}</h2>
      {passage?.sent == null ? null : (
        <p>
          <a href={`/batches/${passage.sent.batch}`}>{passage.sent.batch}</a>, №{passage.sent.row}:{' '}
          <b>{stateWord(passage.sent.state)}</b>
          {passage.sent.isHeld ? (
            <>
              {' '}
              <a class="note warn" href={`/batches/${passage.sent.batch}`}>
                {say('batches.held')}
              </a>
            </>
          ) : null}
          {passage.sent.late === null ? null : <span class="note warn"> {say('batches.late')}</span>}
        </p>
      )}
      <ol class="history">
        {momentsOf(it, passage).map(({ at, what, words }, n) => (
          <li key={n}>
            <span>{what}</span> <Time at={at} />
            {words === '' ? null : <p dir="auto">{words}</p>}
          </li>
        ))}
      </ol>
      {passage === null || passage.children.length === 0 ? null : (
        <p>
          {say('case.children')}{' '}
          {passage.children.map((id) => (
            <a key={id} href={`/cases/${id}`}>
              {id}{' '}
            </a>
          ))}
        </p>
      )}
    </section>
  );
}

/** Oldest first; of one moment in the order of how it went. */
export function momentsOf(it: Pick<CaseTold, 'acts'>, passage: Passage | null): Moment[] {
  const acts = it.acts.map(({ at, by, kind, facts }) => ({
    at,
    what: say(`act.${kind}` as Word, { by, batch: typeof facts.batch === 'string' ? facts.batch : '' }),
    words: typeof facts.reason === 'string' ? plain(facts.reason) : '',
  }));
  const events = (passage?.sent?.events ?? []).map((event) => ({
    at: event.at,
    what: `${eventWord(event.kind)}${event.by === 'kuzet' ? '' : ` · ${event.by}`}`,
    words: eventDetail(event),
  }));
  const sights = (passage?.sights ?? []).map(({ at, vantage, what, detail }) => ({
    at,
    what: say(vantage === 'here' ? 'sight.own' : 'sight.other', { what: say(`sight.${what}`), vantage }),
    words: plain(detail),
  }));
  return [...acts, ...events, ...sights].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
