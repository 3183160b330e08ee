/** One source: its plan, its manners, its last runs and visits, and why addresses were not captured. */
import type { PauseSource, ReadSource, RunSource } from '../../api/sources.ts';
import { type Answer, ask } from '../api.ts';
import { preload, renew, useAsked } from '../asked.ts';
import { Button, type KeyDeed, useKeys } from '../keys.tsx';
import { Facts } from '../parts/facts.tsx';
import { Scroller } from '../parts/scroller.tsx';
import { troubleWords, When } from '../parts/states.tsx';
import { Plain, Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { toast } from '../parts/toasts.tsx';
import { FailureTable, VisitTable } from '../parts/visits.tsx';
import type { ScreenProps } from '../router.ts';
import { may } from '../told.ts';
import { say, spokenWords } from '../words.ts';

type Told = Answer<typeof ReadSource>;

export default function OneSource({ params }: ScreenProps) {
  const name = params['name'] ?? '';
  const key = `source/${name}`;
  const load = () => ask<typeof ReadSource>('get', '/api/sources/{name}', { params: { name } });
  const asked = useAsked(key, load);
  const act = async (verb: 'pause' | 'resume' | 'run') => {
    try {
      if (verb === 'run') {
        await ask<typeof RunSource>('post', '/api/sources/{name}/run', { params: { name } });
        toast({ kind: 'done', text: say('sources.asked'), seconds: 8 });
      } else {
        const path = `/api/sources/{name}/${verb}` as '/api/sources/{name}/pause';
        await ask<typeof PauseSource>('post', path, { params: { name } });
      }
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
    renew('source');
  };
  const isPaused = asked.is === 'here' && asked.value.source.isPaused;
  const deeds: KeyDeed[] = [
    ...(may('scan.start') ? [{ keys: 'r', word: 'sources.run', run: () => void act('run') } as const] : []),
    ...(may('source.change')
      ? [
          {
            keys: 'h',
            word: isPaused ? 'sources.resume' : 'sources.pause',
            run: () => void act(isPaused ? 'resume' : 'pause'),
          } as const,
        ]
      : []),
  ];
  useKeys(deeds);
  return (
    <>
      <p class="back">
        <a href="/sources">{say('sources.back')}</a>
      </p>
      <Title text={name}>
        {deeds.map(({ keys, word, run }) => (
          <Button key={keys} keys={keys} run={run}>
            {say(word)}
          </Button>
        ))}
      </Title>
      <When asked={asked} again={() => void preload(key, load)}>
        {(it) => <Parts it={it} />}
      </When>
    </>
  );
}

function Parts({ it }: { readonly it: Told }) {
  const { number } = spokenWords();
  const { source, runs, visits, failures } = it;
  const { plan } = source;
  const scan = (plan['scan'] ?? {}) as Readonly<Record<string, unknown>>;
  return (
    <div class="statistics">
      <section class="verdict" aria-labelledby="plan">
        <h2 id="plan">{say('sources.plan')}</h2>
        <Facts
          rows={[
            [say('sources.kind'), say(`sources.kind.${source.kind}`)],
            [say('sources.state'), say(source.isPaused ? 'sources.state.off' : 'sources.state.on')],
            [say('sources.every'), source.every ?? say('sources.every.none')],
            [say('sources.budget'), number(Number(plan['budget']))],
            [say('sources.requests'), number(Number(plan['requests']))],
            [say('sources.pages'), number(Number(scan['pages']))],
            [
              say('sources.robots'),
              source.robots.stance === 'obey' ? (
                say('sources.robots.obey')
              ) : (
                <>
                  {say('sources.robots.ignore')}: <Plain>{source.robots.reason ?? ''}</Plain>
                </>
              ),
            ],
          ]}
        />
      </section>
      <section class="verdict" aria-labelledby="runs">
        <h2 id="runs">{say('sources.runs')}</h2>
        {runs.length === 0 ? (
          <p class="aside">{say('sources.never')}</p>
        ) : (
          <Scroller class="table" aria-label={say('sources.runs')}>
            <table>
              <thead>
                <tr>
                  {(['last', 'requests_made', 'found', 'fresh', 'notes'] as const).map((name) => (
                    <th key={name} scope="col">
                      {say(`sources.${name}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {runs.map((run) => (
                  <tr key={run.id}>
                    <th scope="row">
                      {run.scanId === null ? (
                        <Time at={run.endedAt} />
                      ) : (
                        <a href={`/scans/${run.scanId}`}>
                          <Time at={run.endedAt} />
                        </a>
                      )}
                    </th>
                    <td class="figure">{number(run.requests)}</td>
                    <td class="figure">{number(run.found)}</td>
                    <td class="figure">{number(run.fresh)}</td>
                    <td>
                      {run.notes.map((note) => (
                        <p key={note}>
                          <Plain>{note}</Plain>
                        </p>
                      ))}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroller>
        )}
      </section>
      <VisitTable title={say('sources.visits')} visits={visits} />
      <FailureTable failures={failures} />
    </div>
  );
}
