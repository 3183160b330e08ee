/** Visits and why addresses were not captured, as tables: of a source, and of a scan under way. */
import type { ReadSource } from '../../api/sources.ts';
import type { Answer } from '../api.ts';
import { say, sayIfKnown, spokenWords } from '../words.ts';
import { Scroller } from './scroller.tsx';
import { Time } from './text.tsx';

type Told = Answer<typeof ReadSource>;

export function VisitTable({ title, visits }: { readonly title: string; readonly visits: Told['visits'] }) {
  const { number, time } = spokenWords();
  if (visits.length === 0) return null;
  return (
    <section class="verdict" aria-label={title}>
      <h2>{title}</h2>
      <Scroller class="table" aria-label={title}>
        <table>
          <thead>
            <tr>
              <th scope="col">{say('scan.host')}</th>
              <th scope="col">{say('sources.state')}</th>
              <th scope="col">{say('scan.asked_at')}</th>
              <th scope="col">{say('sources.captured')}</th>
              <th scope="col">{say('scan.outcome.failed')}</th>
              <th scope="col">{say('scan.outcome.skipped')}</th>
            </tr>
          </thead>
          <tbody>
            {visits.map((it, at) => (
              <tr key={at}>
                <th scope="row">
                  <bdi class="code">{it.host.replaceAll('.', '[.]')}</bdi>
                </th>
                <td>
                  {say(`scan.state.${it.state}`)}
                  {it.notBefore === null ? null : (
                    <span class="note"> {say('scan.until', { time: time(new Date(it.notBefore)) })}</span>
                  )}
                </td>
                <td>{it.startedAt === null ? '—' : <Time at={it.startedAt} />}</td>
                <td class="figure">{number(it.captured)}</td>
                <td class="figure">{number(it.failed)}</td>
                <td class="figure">{number(it.skipped)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  );
}

export function FailureTable({ failures }: { readonly failures: Told['failures'] }) {
  if (failures.length === 0) return null;
  return (
    <section class="verdict" aria-labelledby="failures">
      <h2 id="failures">{say('sources.failures')}</h2>
      <Scroller class="table" aria-label={say('sources.failures')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{say('sources.reason')}</th>
              <th scope="col">{say('scan.outcome')}</th>
              <th scope="col">{say('sources.addresses')}</th>
            </tr>
          </thead>
          <tbody>
            {failures.map(({ outcome, reason, addresses }) => (
              <tr key={`${outcome} ${reason}`}>
                <th scope="row">{sayIfKnown(`reason.${reason}`, reason)}</th>
                <td>{say(`scan.outcome.${outcome}`)}</td>
                <td class="figure">{spokenWords().number(addresses)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  );
}
