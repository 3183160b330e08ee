/** One batch: its file, its way out, and what became of each of its rows. */
import type { HandOverBatch, ReadBatch, ReissueBatch } from '../../api/batches.ts';
import { plain } from '../../web/show.ts';
import { ask } from '../api.ts';
import { preload, renew, useAsked } from '../asked.ts';
import { Button, useKeys } from '../keys.tsx';
import { type BatchTold, eventDetail, stateWord } from '../parts/passage.tsx';
import { ReceiptForm } from '../parts/receipt.tsx';
import { Scroller } from '../parts/scroller.tsx';
import { troubleWords, When } from '../parts/states.tsx';
import { Address, Copyable, Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { toast } from '../parts/toasts.tsx';
import { go, type ScreenProps } from '../router.ts';
import { may } from '../told.ts';
import { say, spokenWords } from '../words.ts';

export default function BatchScreen({ params }: ScreenProps) {
  const id = params.id ?? '';
  const key = `batches/${id}`;
  const load = () => ask<typeof ReadBatch>('get', '/api/batches/{id}', { params: { id } });
  const asked = useAsked(key, load);
  return (
    <>
      <p class="back">
        <a href="/batches">← {say('batches.title')}</a>
      </p>
      <Title text={id} />
      <When asked={asked} again={() => void preload(key, load)}>
        {(batch) => <Batch key={batch.id} batch={batch} />}
      </When>
    </>
  );
}

function Batch({ batch }: { readonly batch: BatchTold }) {
  const { id, heldBack } = batch;
  const isHeld = heldBack.length > 0;
  const handOver = async () => {
    try {
      const { target } = await ask<typeof HandOverBatch>('post', '/api/batches/{id}/handover', {
        params: { id },
      });
      toast({ kind: 'done', text: say('done.handed_over', { target: plain(target) }), seconds: 8 });
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
    renew('');
  };
  const reissue = async () => {
    try {
      const { batch: next, moved } = await ask<typeof ReissueBatch>('post', '/api/batches/{id}/reissue', {
        params: { id },
      });
      toast({ kind: 'done', text: say('done.reissued', { n: moved.length, batch: next }), seconds: 8 });
      renew('');
      go(`/batches/${next}`);
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
      renew('');
    }
  };
  const canBuild = may('batch.build');
  useKeys([
    ...(canBuild && !isHeld
      ? [{ keys: 'h', word: 'batches.hand_over' as const, run: () => void handOver() }]
      : []),
    ...(canBuild && isHeld
      ? [{ keys: 'r', word: 'batches.reissue' as const, run: () => void reissue() }]
      : []),
  ]);
  return (
    <>
      <Facts batch={batch} />
      <Held batch={batch} />
      <div class="deeds">
        {may('batch.take') ? (
          <a class="button" href={`/api/batches/${id}/file`} download={`${id}_v1.zip`}>
            {say('batches.download')}
          </a>
        ) : null}
        {canBuild && !isHeld ? (
          <Button class="main" keys="h" run={() => void handOver()}>
            {say('batches.hand_over')}
          </Button>
        ) : null}
        {canBuild && isHeld ? (
          <Button class="main" keys="r" run={() => void reissue()}>
            {say('batches.reissue')}
          </Button>
        ) : null}
      </div>
      <Rows batch={batch} />
      {may('receipt.take') ? <ReceiptForm batch={id} /> : null}
    </>
  );
}

function Facts({ batch }: { readonly batch: BatchTold }) {
  const { delivery, handovers, replaces } = batch;
  return (
    <dl class="facts">
      <dt>{say('batches.channel')}</dt>
      <dd>{say(`channel.${batch.channel}`)}</dd>
      <dt>{say('batches.built')}</dt>
      <dd>
        <Time at={batch.builtAt} isExact />
      </dd>
      <dt>{say('batches.cases')}</dt>
      <dd>{spokenWords().number(batch.cases)}</dd>
      <dt>{say('batches.sha')}</dt>
      <dd>{batch.sha256 === null ? say('batches.unfinished') : <Copyable>{batch.sha256}</Copyable>}</dd>
      {replaces === null ? null : (
        <>
          <dt>{say('batches.replaces')}</dt>
          <dd>
            <a href={`/batches/${replaces}`}>{replaces}</a>
          </dd>
        </>
      )}
      <dt>{say('batches.handovers')}</dt>
      <dd>
        {handovers.length === 0 ? say('batches.not_yet') : null}
        <ul>
          {handovers.map(({ n, at, by, target }) => (
            <li key={n}>
              <Time at={at} /> · {by} · <span class="code">{plain(target)}</span>
            </li>
          ))}
        </ul>
        {delivery === null ? null : (
          <p class={delivery.givenUpAt === null ? 'note' : 'note warn'}>
            {say(delivery.givenUpAt === null ? 'batches.on_its_way' : 'batches.given_up', {
              n: delivery.tries,
            })}{' '}
            {delivery.lastError === null ? '' : plain(delivery.lastError)}
          </p>
        )}
      </dd>
    </dl>
  );
}

function Held({ batch: { heldBack } }: { readonly batch: BatchTold }) {
  if (heldBack.length === 0) return null;
  return (
    <section class="notice faults" aria-labelledby="held">
      <h2 id="held">{say('batches.held')}</h2>
      <ul>
        {heldBack.map(({ caseId, why }) => (
          <li key={caseId}>
            <a href={`/cases/${caseId}`}>{caseId}</a>: {say(`batches.held.${why}`)}
          </li>
        ))}
      </ul>
      <p class="note">{say('batches.reissue_help')}</p>
    </section>
  );
}

function Rows({ batch: { rows } }: { readonly batch: BatchTold }) {
  return (
    <section aria-labelledby="rows">
      <h2 id="rows">{say('batches.rows_title', { n: rows.length })}</h2>
      <Scroller class="table" aria-labelledby="rows">
        <table>
          <thead>
            <tr>
              <th scope="col">№</th>
              <th scope="col">{say('batches.case')}</th>
              <th scope="col">{say('fact.url')}</th>
              <th scope="col">{say('batches.state')}</th>
              <th scope="col">{say('batches.since_when')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ n, caseId, url, state, late, isMoved, events }) => {
              const last = events.at(-1);
              const detail = last === undefined ? '' : eventDetail(last);
              return (
                <tr key={n}>
                  <td class="figure">{n}</td>
                  <th scope="row">
                    <a href={`/cases/${caseId}`}>{caseId}</a>
                  </th>
                  <td>
                    <Address>{url}</Address>
                  </td>
                  <td>
                    {isMoved ? say('batches.held.moved') : stateWord(state)}
                    {late === null ? null : <p class="note warn">{say('batches.late')}</p>}
                    {detail === '' || isMoved ? null : <p class="note">{detail}</p>}
                  </td>
                  <td>{last === undefined ? '—' : <Time at={last.at} />}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroller>
    </section>
  );
}
