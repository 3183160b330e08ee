/** A scan as it goes: asked again each second while anything of it is under way, each time for what is newer alone. */
import { useEffect, useState } from 'preact/hooks';
import type { ReadScan, StopScan } from '../../api/scans.ts';
import { type Answer, ask } from '../api.ts';
import { Button, useKeys } from '../keys.tsx';
import { Scroller } from '../parts/scroller.tsx';
import { Loading, Trouble, troubleWords } from '../parts/states.tsx';
import { Address, Plain, Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { toast } from '../parts/toasts.tsx';
import { VisitTable } from '../parts/visits.tsx';
import { AskWhy } from '../parts/why.tsx';
import type { ScreenProps } from '../router.ts';
import { may } from '../told.ts';
import { say, sayIfKnown, spokenWords, type Word } from '../words.ts';
import { pictureOf } from '../work.ts';

type Told = Answer<typeof ReadScan>;
type Line = Told['lines'][number];

const AGAIN_MS = 1_000;
/** After a failed question. */
const LATER_MS = 5_000;
/** Newest lines and pictures on the screen. */
const MOST_LINES = 200;
const MOST_PICTURES = 12;

export default function OneScan({ params }: ScreenProps) {
  const id = params['id'] ?? '';
  const { told, lines, error } = useScan(id);
  return (
    <>
      <p class="back">
        <a href="/sources">{say('sources.back')}</a>
      </p>
      <Title text={say('scan.title')}>
        {told === null ? null : (
          <p class="aside" role="status">
            {say(isDone(told) ? 'scan.done' : 'scan.running')} ·{' '}
            {say('scan.hosts_of', { done: told.scan.hostsDone, all: told.scan.hosts })}
          </p>
        )}
        {told === null || isDone(told) || told.scan.stopped !== null || !may('scan.stop') ? null : (
          <Stop id={id} />
        )}
      </Title>
      {error === null ? null : <Trouble error={error} />}
      {told === null ? error === null ? <Loading /> : null : <Parts told={told} lines={lines} />}
    </>
  );
}

function isDone({ scan }: Told): boolean {
  return scan.hostsDone >= scan.hosts;
}

function useScan(id: string) {
  const [told, setTold] = useState<Told | null>(null);
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let after = 0;
    const look = async () => {
      try {
        const it = await ask<typeof ReadScan>(
          'get',
          '/api/scans/{id}',
          { params: { id }, query: { after } },
          { signal: gone.signal },
        );
        after = it.lines.at(-1)?.seq ?? after;
        setError(null);
        setTold(it);
        setLines((known) => [...it.lines.toReversed(), ...known].slice(0, MOST_LINES));
        // A full answer may not be all that there is yet.
        if (!isDone(it) || it.lines.length > 0) timer = setTimeout(() => void look(), AGAIN_MS);
      } catch (cause) {
        if (gone.signal.aborted) return;
        setError(cause);
        timer = setTimeout(() => void look(), LATER_MS);
      }
    };
    void look();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [id]);
  return { told, lines, error };
}

function Stop({ id }: { readonly id: string }) {
  const [isAsking, setAsking] = useState(false);
  useKeys([{ keys: 'x', word: 'scan.stop', run: () => setAsking(true) }]);
  return (
    <>
      <Button keys="x" run={() => setAsking(true)}>
        {say('scan.stop')}
      </Button>
      {isAsking ? <WhyStop id={id} close={() => setAsking(false)} /> : null}
    </>
  );
}

function WhyStop({ id, close }: { readonly id: string; readonly close: () => void }) {
  const stop = async (reason: string) => {
    try {
      await ask<typeof StopScan>('post', '/api/scans/{id}/stop', { params: { id }, body: { reason } });
      close();
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
  };
  return (
    <AskWhy title={say('scan.stop')} label={say('scan.stop_why')} run={stop} close={close}>
      <p>{say('scan.stop_about')}</p>
    </AskWhy>
  );
}

function Parts({ told, lines }: { readonly told: Told; readonly lines: readonly Line[] }) {
  const shown = lines.filter(({ captureId, wasRendered }) => captureId !== null && wasRendered);
  return (
    <div class="statistics">
      {told.isPaused ? <p class="notice">{say('scan.paused')}</p> : null}
      {told.scan.stopped === null ? null : (
        <p class="notice">
          {say('scan.stopped', { by: told.scan.stopped.by })} · <Time at={told.scan.stopped.at} />
          <br />
          <Plain>{told.scan.stopped.reason}</Plain>
        </p>
      )}
      {told.cases.length === 0 ? null : (
        <p class="notice">
          {say('scan.cases')}:{' '}
          {told.cases.map((id) => (
            <a key={id} href={`/cases/${id}`}>
              {id}
            </a>
          ))}
        </p>
      )}
      {shown.length === 0 || !may('case.read') ? null : (
        <ul class="strip">
          {shown.slice(0, MOST_PICTURES).map(({ seq, captureId, url }) => (
            <li key={seq}>
              <img src={pictureOf(captureId ?? '')} alt={say('scan.picture', { url })} loading="lazy" />
            </li>
          ))}
        </ul>
      )}
      <VisitTable title={say('scan.visits')} visits={told.visits} />
      <section class="verdict" aria-labelledby="lines">
        <h2 id="lines">{say('scan.lines')}</h2>
        {lines.length + told.refusals.length === 0 ? (
          <p class="aside">{say('scan.waiting')}</p>
        ) : (
          <Lines told={told} lines={lines} />
        )}
      </section>
      <p class="aside">
        {say('scan.asked_at')}: <Time at={told.scan.requestedAt} />
        {told.scan.source === null ? null : (
          <>
            {' · '}
            {say('scan.by_source')}: <a href={`/sources/${told.scan.source}`}>{told.scan.source}</a>
          </>
        )}
      </p>
    </div>
  );
}

function Lines({ told, lines }: { readonly told: Told; readonly lines: readonly Line[] }) {
  const words = spokenWords();
  return (
    <Scroller class="table" aria-label={say('scan.lines')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{say('fact.url')}</th>
            <th scope="col">{say('scan.outcome')}</th>
            <th scope="col">{say('scan.verdict')}</th>
          </tr>
        </thead>
        <tbody>
          {told.refusals.map(({ given, reason, detail }) => (
            <tr key={given}>
              <th scope="row">
                <Plain>{given}</Plain>
              </th>
              <td>
                {sayIfKnown(`reason.${reason}`, reason)} <Plain lang="en">{detail}</Plain>
              </td>
              <td>—</td>
            </tr>
          ))}
          {lines.map((it) => (
            <tr key={it.seq}>
              <th scope="row">
                <Address>{it.url}</Address>
              </th>
              <td>
                {say(`scan.outcome.${it.outcome}`)}
                {it.reason === null ? '' : `: ${sayIfKnown(`reason.${it.reason}`, it.reason)}`}
              </td>
              <td>
                {it.verdict === null ? '—' : sayIfKnown(`scan.verdict.${it.verdict}`, it.verdict)}
                {it.verdict !== 'flag' || it.label === null ? '' : ` · ${say(`label.${it.label}` as Word)}`}
                {it.score === null ? '' : ` · ${words.chance(it.score)}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}
