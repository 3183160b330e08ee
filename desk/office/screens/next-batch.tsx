/** The next batch before it is built: its rows as the file will have them, what may not leave and why, what changed. */
import { useState } from 'preact/hooks';
import { CHANNELS } from '../../../domain/referral.ts';
import type { BuildBatch, PreviewBatch } from '../../api/batches.ts';
import { plain } from '../../web/show.ts';
import { type Answer, ask } from '../api.ts';
import { preload, renew, useAsked } from '../asked.ts';
import { Button, useKeys } from '../keys.tsx';
import { Scroller } from '../parts/scroller.tsx';
import { Empty, troubleWords, When } from '../parts/states.tsx';
import { Title } from '../parts/title.tsx';
import { toast } from '../parts/toasts.tsx';
import { go, type ScreenProps } from '../router.ts';
import { may } from '../told.ts';
import { say, spokenWords } from '../words.ts';

type Preview = Answer<typeof PreviewBatch>;

export default function NextBatch({ query }: ScreenProps) {
  const channel = CHANNELS.find((it) => it === query.get('channel')) ?? CHANNELS[0];
  const key = `next-batch/${channel}`;
  const load = () => ask<typeof PreviewBatch>('get', '/api/batches/next', { query: { channel } });
  const asked = useAsked(key, load);
  return (
    <>
      <p class="back">
        <a href="/batches">← {say('batches.title')}</a>
      </p>
      <Title text={say('batches.next_title')}>
        <label class="inline">
          {say('batches.channel')}
          <select
            value={channel}
            onChange={(event) => go(`/batches/next?channel=${event.currentTarget.value}`, 'replace')}
          >
            {CHANNELS.map((it) => (
              <option key={it} value={it}>
                {say(`channel.${it}`)}
              </option>
            ))}
          </select>
        </label>
      </Title>
      <When asked={asked} again={() => void preload(key, load)}>
        {(next) => <Next key={channel} next={next} again={() => renew(key)} />}
      </When>
    </>
  );
}

function Next({ next, again }: { readonly next: Preview; readonly again: () => void }) {
  const kept = new Set(next.refused.map(({ caseId }) => caseId)).size;
  const [leavesOut, setLeavesOut] = useState(false);
  const canBuild = may('batch.build') && next.rows.length > 0 && (kept === 0 || leavesOut);
  const build = async () => {
    try {
      const body = { channel: next.channel, quarantine: leavesOut, expects: next.digest };
      const { batch } = await ask<typeof BuildBatch>('post', '/api/batches', { body });
      renew('');
      if (batch === null) toast({ kind: 'trouble', text: say('batches.nothing') });
      else {
        toast({ kind: 'done', text: say('batches.build_done'), seconds: 8 });
        go(`/batches/${batch}`);
      }
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
      again();
    }
  };
  useKeys([
    ...(canBuild ? [{ keys: 'b', word: 'batches.build' as const, run: () => void build() }] : []),
    ...(kept > 0 && may('batch.build')
      ? [{ keys: 'o', word: 'batches.leave_out' as const, run: () => setLeavesOut(!leavesOut) }]
      : []),
  ]);
  if (next.rows.length === 0 && kept === 0 && next.objected.length === 0)
    return (
      <Empty title={say('cases.empty.title')}>
        <p>{say('batches.nothing_waits')}</p>
      </Empty>
    );
  return (
    <>
      <Refused next={next} kept={kept} />
      <Difference next={next} kept={kept} />
      <Rows next={next} />
      {may('batch.build') ? (
        <div class="build">
          {kept === 0 ? null : (
            <label class="switch">
              <input
                type="checkbox"
                checked={leavesOut}
                onChange={(event) => setLeavesOut(event.currentTarget.checked)}
              />
              <span>{say('batches.quarantine', { n: kept })}</span>
            </label>
          )}
          <Button class="main" keys="b" disabled={!canBuild} run={() => void build()}>
            {say('batches.build_rows', { n: next.rows.length })}
          </Button>
        </div>
      ) : null}
    </>
  );
}

/** By case, since one may lack several things. */
function Refused({ next, kept }: { readonly next: Preview; readonly kept: number }) {
  if (kept === 0) return null;
  const ids = [...new Set(next.refused.map(({ caseId }) => caseId))];
  return (
    <section class="notice trouble faults" aria-labelledby="refused">
      <h2 id="refused">{say('batches.refused', { n: kept })}</h2>
      <dl>
        {ids.map((id) => (
          <div key={id}>
            <dt>
              <a href={`/cases/${id}`}>{id}</a>
            </dt>
            {next.refused
              .filter(({ caseId }) => caseId === id)
              .map(({ rule, why, isSoft }) => (
                <dd key={`${rule} ${why}`}>
                  {rule.startsWith('OB') ? <b class="code">{rule}</b> : null}{' '}
                  <span dir="auto">{plain(why)}</span>
                  {isSoft ? <span class="note"> {say('batches.soft')}</span> : null}
                </dd>
              ))}
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Against the channel's last batch: what is new, what waited through it, what is left out this time. */
function Difference({ next, kept }: { readonly next: Preview; readonly kept: number }) {
  const { rows, last, objected, isMore } = next;
  const again = rows.filter(({ sentBefore }) => sentBefore.length > 0);
  return (
    <section aria-labelledby="difference">
      <h2 id="difference">
        {last === null
          ? say('batches.first_ever')
          : say('batches.since', { batch: last.batch, time: spokenWords().time(new Date(last.builtAt)) })}
      </h2>
      <ul class="tally">
        <li>{say('batches.new', { n: rows.filter(({ isNew }) => isNew).length })}</li>
        <li>{say('batches.waited', { n: rows.filter(({ isNew }) => !isNew).length })}</li>
        <li>{say('batches.left_out', { n: kept })}</li>
        {objected.length === 0 ? null : (
          <li>
            {say('batches.objected', { n: objected.length })}:{' '}
            {objected.map((id) => (
              <a key={id} href={`/cases/${id}`}>
                {id}{' '}
              </a>
            ))}
          </li>
        )}
        {isMore ? <li>{say('batches.more')}</li> : null}
      </ul>
      {again.length === 0 ? null : (
        <div class="notice" role="note">
          <p>{say('batches.again', { n: again.length })}</p>
          <ul>
            {again.map(({ caseId, sentBefore }) => (
              <li key={caseId}>
                <a href={`/cases/${caseId}`}>{caseId}</a>:{' '}
                {sentBefore.map((batch) => (
                  <a key={batch} href={`/batches/${batch}`}>
                    {batch}{' '}
                  </a>
                ))}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

/** The columns keep the names that they have in the file: it is what whoever takes it in sees. */
function Rows({ next: { columns, rows } }: { readonly next: Preview }) {
  if (rows.length === 0) return <p class="aside">{say('batches.none_go')}</p>;
  return (
    <section aria-labelledby="rows">
      <h2 id="rows">{say('batches.rows_title', { n: rows.length })}</h2>
      <Scroller class="table file-rows" aria-labelledby="rows">
        <table>
          <thead>
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col" class="code">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ caseId, cells }) => (
              <tr key={caseId}>
                {cells.map((cell, at) =>
                  columns[at] === 'source' ? (
                    <td key={columns[at]}>
                      <a href={`/cases/${caseId}`}>{cell}</a>
                    </td>
                  ) : (
                    <td key={columns[at]} class={columns[at] === 'reason' ? 'long' : ''} dir="auto">
                      {plain(cell)}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  );
}
