/** Rings of listings, the last changed first. */
import type { ListRings } from '../../api/rings.ts';
import { type Answer, ask } from '../api.ts';
import { preload, useAsked } from '../asked.ts';
import { isPartner, MarketTabs, Paging, useRowKeys } from '../market/bits.tsx';
import { Choice, Narrow } from '../market/narrow.tsx';
import { Empty, When } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import type { ScreenProps } from '../router.ts';
import { say, spokenWords } from '../words.ts';

type Ring = Answer<typeof ListRings>['rings'][number];
const STATES = ['open', 'merged', 'withdrawn'] as const;

export default function Rings({ query }: ScreenProps) {
  const state = STATES.find((it) => it === query.get('state'));
  const day = query.get('since') ?? '';
  const asking = {
    ...(query.get('marketplace') ? { marketplace: query.get('marketplace')! } : {}),
    ...(state === undefined ? {} : { state }),
    ...(query.get('least') ? { least: query.get('least')! } : {}),
    // A day of Almaty's, which is five hours before Greenwich's.
    ...(/^\d{4}-\d\d-\d\d$/.test(day) ? { updated_since: `${day}T00:00:00+05:00` } : {}),
    ...(query.get('cursor') ? { cursor: query.get('cursor')! } : {}),
  };
  const key = `rings/${JSON.stringify(asking)}`;
  const load = () => ask<typeof ListRings>('get', '/api/rings', { query: asking });
  const asked = useAsked(key, load);
  useRowKeys();
  return (
    <>
      <Title text={say('rings.title')} />
      <MarketTabs lit="/rings" />
      <p class="aside">{say('rings.help')}</p>
      <Narrow path="/rings" query={query}>
        <Choice
          name="state"
          title={say('rings.state')}
          any={say('rings.any_state')}
          value={state ?? ''}
          all={STATES.map((it) => [it, say(`rings.state.${it}`)])}
        />
        <label>
          {say('rings.least')}
          <input type="number" name="least" min={1} max={1_000_000} value={query.get('least') ?? ''} />
        </label>
        <label>
          {say('rings.since')}
          <input type="date" name="since" value={day} />
        </label>
      </Narrow>
      <When asked={asked} again={() => void preload(key, load)}>
        {({ rings, next }) => (
          <>
            {rings.length === 0 ? (
              <Empty title={say('cases.empty.title')}>
                <p>{say('rings.empty')}</p>
              </Empty>
            ) : (
              <Table name={say('rings.title')} heads={heads()} rows={rings.map(row)} />
            )}
            <Paging path="/rings" query={query} next={next} />
          </>
        )}
      </When>
    </>
  );
}

function heads(): string[] {
  return [
    say('rings.id'),
    say('rings.relation'),
    say('rings.state'),
    say('rings.members'),
    say('rings.people'),
    say(isPartner() ? 'rings.own' : 'rings.marketplace'),
    say('rings.score'),
    say('rings.updated'),
  ];
}

function row(it: Ring) {
  return [
    <a key="id" class="code" href={`/rings/${it.id}`} data-row>
      {it.id}
    </a>,
    say(`rings.relation.${it.relation}`),
    say(`rings.state.${it.state}`),
    it.members,
    it.people,
    isPartner() ? it.own : it.markets.join(', '),
    spokenWords().chance(it.score),
    <Time key="at" at={it.updatedAt} />,
  ];
}
