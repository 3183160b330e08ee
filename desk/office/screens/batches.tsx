/** Batches that were built, newest first; the way to the next one, and what came back. */
import type { ListBatches } from '../../api/batches.ts';
import { ask } from '../api.ts';
import { preload, useAsked } from '../asked.ts';
import { Button, useKeys } from '../keys.tsx';
import { ReceiptForm } from '../parts/receipt.tsx';
import { Scroller } from '../parts/scroller.tsx';
import { Empty, When } from '../parts/states.tsx';
import { Copyable, Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { go } from '../router.ts';
import { may } from '../told.ts';
import { say, spokenWords } from '../words.ts';

const KEY = 'batches';
const load = () => ask<typeof ListBatches>('get', '/api/batches', { query: {} });
const next = () => go('/batches/next');

export default function Batches() {
  const asked = useAsked(KEY, load);
  useKeys([{ keys: 'n', word: 'batches.next', run: next }]);
  return (
    <>
      <Title text={say('batches.title')}>
        {asked.is === 'here' ? (
          <p class="aside">{say('batches.waiting', { n: asked.value.waiting })}</p>
        ) : null}
        <Button class="main" keys="n" run={next}>
          {say('batches.next')}
        </Button>
      </Title>
      <When asked={asked} again={() => void preload(KEY, load)}>
        {({ batches }) =>
          batches.length === 0 ? (
            <Empty title={say('cases.empty.title')}>
              <p>{say('batches.empty')}</p>
            </Empty>
          ) : (
            <Scroller class="table" aria-label={say('batches.title')}>
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
                        <a href={`/batches/${batch.id}`}>{batch.id}</a>
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
            </Scroller>
          )
        }
      </When>
      {may('receipt.take') ? <ReceiptForm batch={null} /> : null}
    </>
  );
}
