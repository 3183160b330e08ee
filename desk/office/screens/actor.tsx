/** Somebody by keyed hash: which listings bear the mark, in which rings, and whose marks stand beside it. */
import type { ReadActor } from '../../api/actors.ts';
import { type Answer, ask } from '../api.ts';
import { preload, useAsked } from '../asked.ts';
import { useKeys } from '../keys.tsx';
import { Flags, isPartner, kindName, Mark, Price, useRowKeys } from '../market/bits.tsx';
import { Empty, When } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { Plain, Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { go, type ScreenProps } from '../router.ts';
import { say } from '../words.ts';

type Told = Answer<typeof ReadActor>;

export default function OneActor({ params }: ScreenProps) {
  const kind = params['kind'] as Told['kind'];
  const mark = params['mark'] ?? '';
  const key = `actor/${kind}/${mark}`;
  const load = () => ask<typeof ReadActor>('get', '/api/actors/{kind}/{mark}', { params: { kind, mark } });
  const asked = useAsked(key, load);
  useRowKeys();
  useKeys([{ keys: 'q', word: 'actors.back', run: () => go('/actors') }]);
  return (
    <>
      <p class="back">
        <a href="/actors">← {say('actors.back')}</a>
      </p>
      <Title text={`${kindName(kind)} ${mark.slice(0, 10)}`} />
      <When asked={asked} again={() => void preload(key, load)}>
        {(it) => <Actor it={it} />}
      </When>
    </>
  );
}

function Actor({ it }: { readonly it: Told }) {
  return (
    <div class="statistics">
      <section class="verdict" aria-labelledby="placed">
        <h2 id="placed">{say('actors.placed')}</h2>
        {it.listings.length === 0 ? (
          <Empty title={say('cases.empty.title')}>
            <p>{say('actors.nothing')}</p>
          </Empty>
        ) : (
          <Table
            name={say('actors.placed')}
            heads={[
              say('rings.listing'),
              say('rings.marketplace'),
              say('rings.price'),
              say('rings.city'),
              say('actors.flags'),
              say('rings.id'),
              say('rings.posted'),
            ]}
            rows={it.listings.map((each) => [
              <Plain key="title">{`${each.title} · ${each.id}`}</Plain>,
              each.marketplace,
              <Price key="price" price={each.price} currency={each.currency} />,
              each.city === null ? '—' : <Plain key="city">{each.city}</Plain>,
              <Flags key="flags" flags={each.flags} />,
              each.ring === null ? (
                '—'
              ) : (
                <a key="ring" class="code" href={`/rings/${each.ring}`} data-row>
                  {each.ring}
                </a>
              ),
              <Time key="at" at={each.at} />,
            ])}
          />
        )}
        {isPartner() && it.elsewhere > 0 ? (
          <p class="aside">{say('rings.elsewhere', { n: it.elsewhere })}</p>
        ) : null}
      </section>
      {it.companions.length === 0 ? null : (
        <section class="verdict" aria-labelledby="companions">
          <h2 id="companions">{say('actors.companions')}</h2>
          <Table
            name={say('actors.companions')}
            heads={[say('actors.mark'), say('actors.kind'), say('actors.flags'), say('rings.members')]}
            rows={it.companions.map((each) => [
              <Mark key="mark" kind={each.kind} mark={each.mark} />,
              kindName(each.kind),
              <Flags key="flags" flags={each.flags} />,
              each.listings,
            ])}
          />
        </section>
      )}
    </div>
  );
}
