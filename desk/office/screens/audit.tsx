/** Who looked at which case, held it, or took it over: for those who answer for officers. */
import type { ReadAudit } from '../../api/queue.ts';
import { addressOf, ask } from '../api.ts';
import { preload, useAsked } from '../asked.ts';
import { Button } from '../keys.tsx';
import { Scroller } from '../parts/scroller.tsx';
import { Empty, When } from '../parts/states.tsx';
import { Plain, Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { go, type ScreenProps } from '../router.ts';
import { say, sayIfKnown } from '../words.ts';

export default function Audit({ query }: ScreenProps) {
  const by = query.get('by') ?? '';
  const id = query.get('case') ?? '';
  const key = `audit/${by}/${id}`;
  const asking = { ...(by === '' ? {} : { by }), ...(id === '' ? {} : { case: id }) };
  const load = () => ask<typeof ReadAudit>('get', '/api/audit', { query: asking });
  const asked = useAsked(key, load);
  return (
    <>
      <Title text={say('audit.title')} />
      <form
        class="period"
        onSubmit={(event) => {
          event.preventDefault();
          const typed = new FormData(event.currentTarget);
          go(addressOf('/audit', {}, { by: typed.get('by'), case: typed.get('case') }));
        }}
      >
        <label>
          {say('audit.by')}{' '}
          <input name="by" maxLength={64} value={by} autocomplete="off" spellcheck={false} />
        </label>
        <label>
          {say('audit.case')}{' '}
          <input name="case" maxLength={20} pattern="[Kk]-[0-9]{6,15}" value={id} placeholder="K-000001" />
        </label>
        <Button type="submit">{say('audit.show')}</Button>
      </form>
      <When asked={asked} again={() => void preload(key, load)}>
        {({ events }) =>
          events.length === 0 ? (
            <Empty title={say('cases.empty.title')}>
              <p>{say('audit.empty')}</p>
            </Empty>
          ) : (
            <Scroller class="table" aria-label={say('audit.title')}>
              <table>
                <thead>
                  <tr>
                    {(['at', 'by', 'what', 'case', 'facts'] as const).map((name) => (
                      <th key={name} scope="col">
                        {say(`audit.${name}`)}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {events.map((it, at) => (
                    <tr key={at}>
                      <th scope="row">
                        <Time at={it.at} isExact />
                      </th>
                      <td>
                        <a href={addressOf('/audit', {}, { by: it.by })}>{it.by}</a>
                      </td>
                      <td>{sayIfKnown(`audit.kind.${it.kind}`, it.kind)}</td>
                      <td>{it.caseId === null ? '—' : <a href={`/cases/${it.caseId}`}>{it.caseId}</a>}</td>
                      <td>
                        <Plain>{factsText(it.facts)}</Plain>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroller>
          )
        }
      </When>
    </>
  );
}

/** Whom it was taken from, and why: in the words that were written down. */
function factsText(facts: Readonly<Record<string, unknown>>): string {
  return Object.values(facts)
    .filter((value) => typeof value === 'string')
    .join(' · ');
}
