/** Batches that were built, newest first, and what waits for the next one. */
import type { BuildBatch, ListBatches } from '../../api/batches.ts';
import { ask } from '../api.ts';
import { preload, renew, useAsked } from '../asked.ts';
import { Button, useKeys } from '../keys.tsx';
import { Empty, troubleWords, When } from '../parts/states.tsx';
import { Copyable, Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { toast } from '../parts/toasts.tsx';
import { may } from '../told.ts';
import { say, spokenWords } from '../words.ts';

const KEY = 'batches';
const load = () => ask<typeof ListBatches>('get', '/api/batches', {});

export default function Batches() {
  const asked = useAsked(KEY, load);
  const waiting = asked.is === 'here' ? asked.value.waiting : 0;
  const canBuild = may('batch.build') && waiting > 0;
  const build = async () => {
    try {
      const { batch } = await ask<typeof BuildBatch>('post', '/api/batches', {});
      toast({
        kind: 'done',
        text: say(batch === null ? 'batches.nothing' : 'batches.build_done'),
        seconds: 8,
      });
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
    renew(KEY);
  };
  useKeys(canBuild ? [{ keys: 'b', word: 'batches.build', run: () => void build() }] : []);
  return (
    <>
      <Title text={say('batches.title')}>
        {asked.is === 'here' ? <p class="aside">{say('batches.waiting', { n: waiting })}</p> : null}
        {canBuild ? (
          <Button class="main" keys="b" run={() => void build()}>
            {say('batches.build')}
          </Button>
        ) : null}
      </Title>
      <When asked={asked} again={() => void preload(KEY, load)}>
        {({ batches }) =>
          batches.length === 0 ? (
            <Empty title={say('cases.empty.title')}>
              <p>{say('batches.empty')}</p>
            </Empty>
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
            <section class="table" tabIndex={0} aria-label={say('batches.title')}>
              <table>
                <thead>
                  <tr>
                    {(['id', 'channel', 'cases', 'built', 'sha'] as const).map((name) => (
                      <th key={name} scope="col">
                        {say(`batches.${name}`)}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {batches.map((batch) => (
                    <tr key={batch.id}>
                      <th scope="row" class="code">
                        {batch.id}
                      </th>
                      <td>{say(`channel.${batch.channel}`)}</td>
                      <td class="figure">{spokenWords().number(batch.cases)}</td>
                      <td>
                        <Time at={batch.builtAt} />
                      </td>
                      <td>
                        {batch.sha256 === null ? (
                          say('batches.unfinished')
                        ) : (
                          <Copyable>{batch.sha256}</Copyable>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          )
        }
      </When>
    </>
  );
}
