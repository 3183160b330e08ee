/** Alerts on their way: where they go, what became of each, every try, and the ways to send again. */
import type { ListDeliveries, ListEndpoints, Replay, TestEndpoint } from '../../api/deliveries.ts';
import { type Answer, type Asked as Asks, ask } from '../api.ts';
import { preload, renew, useAsked } from '../asked.ts';
import { Button } from '../keys.tsx';
import { isPartner, MarketTabs, Paging, useRowKeys } from '../market/bits.tsx';
import { Choice, Narrow, useMarketplaces } from '../market/narrow.tsx';
import { Empty, troubleWords, When } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { Address, Plain, Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { toast } from '../parts/toasts.tsx';
import type { ScreenProps } from '../router.ts';
import { may } from '../told.ts';
import { say, sayIfKnown, spokenWords } from '../words.ts';

type Endpoint = Answer<typeof ListEndpoints>['endpoints'][number];
type Delivery = Answer<typeof ListDeliveries>['deliveries'][number];
const STATES = ['waiting', 'delivered', 'given_up'] as const;

export default function Deliveries({ query }: ScreenProps) {
  const state = STATES.find((it) => it === query.get('state'));
  const of = query.get('marketplace') ? { marketplace: query.get('marketplace')! } : {};
  const asking = {
    ...of,
    ...(state === undefined ? {} : { state }),
    ...(query.get('cursor') ? { cursor: query.get('cursor')! } : {}),
  };
  const key = `deliveries/${JSON.stringify(asking)}`;
  const load = () => ask<typeof ListDeliveries>('get', '/api/deliveries', { query: asking });
  const asked = useAsked(key, load);
  const places = `endpoints/${query.get('marketplace') ?? ''}`;
  const loadPlaces = () => ask<typeof ListEndpoints>('get', '/api/endpoints', { query: of });
  const endpoints = useAsked(places, loadPlaces);
  useRowKeys();
  return (
    <>
      <Title text={say('deliveries.title')} />
      <MarketTabs lit="/deliveries" />
      <Narrow path="/deliveries" query={query}>
        <Choice
          name="state"
          title={say('deliveries.state')}
          any={say('rings.any_state')}
          value={state ?? ''}
          all={STATES.map((it) => [it, say(`deliveries.state.${it}`)])}
        />
      </Narrow>
      <div class="statistics">
        <section class="verdict" aria-labelledby="endpoints">
          <h2 id="endpoints">{say('deliveries.endpoints')}</h2>
          <When asked={endpoints} again={() => void preload(places, loadPlaces)}>
            {(told) =>
              told.endpoints.length === 0 ? (
                <p class="aside">{say('deliveries.no_endpoints')}</p>
              ) : (
                <Endpoints endpoints={told.endpoints} />
              )
            }
          </When>
        </section>
        <section class="verdict" aria-labelledby="log">
          <h2 id="log">{say('deliveries.log')}</h2>
          <When asked={asked} again={() => void preload(key, load)}>
            {({ deliveries, next }) => (
              <>
                {deliveries.length === 0 ? (
                  <Empty title={say('cases.empty.title')}>
                    <p>{say('deliveries.empty')}</p>
                  </Empty>
                ) : (
                  <ol class="deliveries">
                    {deliveries.map((it) => (
                      <OneDelivery key={`${it.seq} ${it.endpoint}`} it={it} />
                    ))}
                  </ol>
                )}
                <Paging path="/deliveries" query={query} next={next} />
              </>
            )}
          </When>
        </section>
        {may('delivery.send') ? <Stretch /> : null}
      </div>
    </>
  );
}

function Endpoints({ endpoints }: { readonly endpoints: readonly Endpoint[] }) {
  const test = ({ id, marketplace }: Endpoint) =>
    telling(async () => {
      const { event } = await ask<typeof TestEndpoint>('post', '/api/endpoints/{id}/test', {
        params: { id },
        query: { marketplace },
      });
      return say('deliveries.tested', { event });
    });
  return (
    <Table
      name={say('deliveries.endpoints')}
      heads={[
        say('deliveries.url'),
        ...(isPartner() ? [] : [say('rings.marketplace')]),
        say('deliveries.since'),
        say('deliveries.health'),
        ...(may('delivery.send') ? [say('people.acts')] : []),
      ]}
      rows={endpoints.map((it) => [
        <Address key="url">{it.url}</Address>,
        ...(isPartner() ? [] : [it.marketplace]),
        <Time key="since" at={it.createdAt} />,
        health(it),
        ...(may('delivery.send')
          ? [
              it.disabledAt === null ? (
                <Button
                  key="test"
                  class="quiet"
                  aria-label={`${say('deliveries.test')} ${it.url}`}
                  run={() => test(it)}
                >
                  {say('deliveries.test')}
                </Button>
              ) : (
                '—'
              ),
            ]
          : []),
      ])}
    />
  );
}

function health({ disabledAt, failingSince, why }: Endpoint): string {
  if (disabledAt !== null) return say('deliveries.disabled', { why: why ?? '' });
  if (failingSince === null) return say('deliveries.healthy');
  return say('deliveries.failing', { time: spokenWords().time(new Date(failingSince)) });
}

function OneDelivery({ it }: { readonly it: Delivery }) {
  const again = () => replay({ body: { event: it.event }, query: { marketplace: it.marketplace } });
  const type = sayIfKnown(`deliveries.type.${it.type}`, it.type);
  return (
    <li>
      <details>
        <summary data-row>
          <b>{type}</b>{' '}
          <span class={`state delivery-${it.state}`}>{say(`deliveries.state.${it.state}`)}</span>{' '}
          <span class="meta">
            {isPartner() ? '' : `${it.marketplace} · `}
            <Time at={it.at} /> · {say('deliveries.tries', { n: it.tries })}
            {it.state === 'waiting'
              ? ` · ${say('deliveries.next_try', { time: spokenWords().time(new Date(it.nextAt)) })}`
              : ''}
          </span>
        </summary>
        <p class="meta">
          <span class="code">{it.event}</span> → <Address>{it.url}</Address>
          {it.isDisabled ? ` (${say('deliveries.disabled_short')})` : ''}
          {it.subject === null || it.type === 'endpoint.test' ? null : (
            <>
              {' · '}
              {say('deliveries.about')}: <a href={`/rings/${it.subject}`}>{it.subject}</a>
            </>
          )}
        </p>
        {it.log.length === 0 ? null : (
          <Table
            name={`${type} ${it.event}`}
            heads={[
              say('audit.at'),
              say('deliveries.status'),
              say('deliveries.took'),
              say('deliveries.detail'),
            ]}
            rows={it.log.map((each) => [
              <Time key="at" at={each.at} isExact />,
              each.status === null ? say('deliveries.no_answer') : String(each.status),
              each.ms,
              each.detail === '' ? '—' : <Plain key="detail">{each.detail}</Plain>,
            ])}
          />
        )}
        {may('delivery.send') && !it.isDisabled && it.type !== 'endpoint.test' ? (
          <Button run={() => void again()}>{say('deliveries.again')}</Button>
        ) : null}
      </details>
    </li>
  );
}

/** A stretch of time, or all of it that reached nobody. */
function Stretch() {
  const places = useMarketplaces();
  const send = (form: HTMLFormElement) => {
    const typed = new FormData(form);
    const marketplace = String(typed.get('marketplace') ?? '');
    // Typed in the time of Almaty, five hours before Greenwich's.
    const moment = (name: string) => `${String(typed.get(name)).slice(0, 16)}:00+05:00`;
    const until = String(typed.get('until') ?? '');
    return replay({
      body: {
        since: moment('since'),
        ...(until === '' ? {} : { until: moment('until') }),
        failed: typed.get('failed') !== null,
      },
      query: marketplace === '' ? {} : { marketplace },
    });
  };
  const all = places.is === 'here' ? places.value.marketplaces : [];
  return (
    <section class="verdict narrow" aria-labelledby="stretch">
      <h2 id="stretch">{say('deliveries.again_title')}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send(event.currentTarget);
        }}
      >
        {isPartner() ? null : (
          <label>
            {say('rings.marketplace')}
            <select name="marketplace" required>
              {all.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <label>
          {say('deliveries.from')}
          <input type="datetime-local" name="since" required />
        </label>
        <label>
          {say('deliveries.until')}
          <input type="datetime-local" name="until" />
        </label>
        <label class="switch">
          <input type="checkbox" name="failed" checked />
          <span>{say('deliveries.failed_only')}</span>
        </label>
        <p class="note">{say('deliveries.again_help')}</p>
        <Button class="main" type="submit">
          {say('deliveries.again')}
        </Button>
      </form>
    </section>
  );
}

function replay(asked: Asks<typeof Replay>): Promise<void> {
  return telling(async () => {
    const { messages } = await ask<typeof Replay>('post', '/api/deliveries/replay', asked);
    return say('deliveries.sent', { n: messages });
  });
}

async function telling(act: () => Promise<string>): Promise<void> {
  try {
    toast({ kind: 'done', text: await act(), seconds: 8 });
  } catch (error) {
    toast({ kind: 'trouble', text: troubleWords(error) });
  }
  renew('deliveries');
  renew('endpoints');
}
