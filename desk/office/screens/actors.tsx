/** Who has most listings in open rings, by keyed hash, and the way to look for somebody who is known. */
import type { FindActor, ListActors } from '../../api/actors.ts';
import { type Answer, ask } from '../api.ts';
import { preload, useAsked } from '../asked.ts';
import { Button } from '../keys.tsx';
import { Flags, isPartner, kindName, Mark, MarketTabs, Paging, useRowKeys } from '../market/bits.tsx';
import { Choice, MarketplaceChoice, Narrow } from '../market/narrow.tsx';
import { Empty, troubleWords, When } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { toast } from '../parts/toasts.tsx';
import { go, type ScreenProps } from '../router.ts';
import { may } from '../told.ts';
import { say } from '../words.ts';

type Actor = Answer<typeof ListActors>['actors'][number];
const KINDS = ['phone', 'ip', 'device', 'account'] as const;
type Kind = (typeof KINDS)[number];

export default function Actors({ query }: ScreenProps) {
  const kind = KINDS.find((it) => it === query.get('kind'));
  const asking = {
    ...(query.get('marketplace') ? { marketplace: query.get('marketplace')! } : {}),
    ...(kind === undefined ? {} : { kind }),
    ...(query.get('cursor') ? { cursor: query.get('cursor')! } : {}),
  };
  const key = `actors/${JSON.stringify(asking)}`;
  const load = () => ask<typeof ListActors>('get', '/api/actors', { query: asking });
  const asked = useAsked(key, load);
  useRowKeys();
  return (
    <>
      <Title text={say('actors.title')} />
      <MarketTabs lit="/actors" />
      <p class="aside">{say('actors.help')}</p>
      <Narrow path="/actors" query={query}>
        <Choice
          name="kind"
          title={say('actors.kind')}
          any={say('actors.any_kind')}
          value={kind ?? ''}
          all={KINDS.map((it) => [it, kindName(it)])}
        />
      </Narrow>
      <When asked={asked} again={() => void preload(key, load)}>
        {({ actors, next }) => (
          <>
            {actors.length === 0 ? (
              <Empty title={say('cases.empty.title')}>
                <p>{say('actors.empty')}</p>
              </Empty>
            ) : (
              <Table name={say('actors.title')} heads={heads()} rows={actors.map(row)} />
            )}
            <Paging path="/actors" query={query} next={next} />
          </>
        )}
      </When>
      {may('actor.find') ? <Find /> : null}
    </>
  );
}

function heads(): string[] {
  return [
    say('actors.mark'),
    say('actors.kind'),
    say('actors.flags'),
    say('rings.members'),
    say('actors.rings'),
    say('actors.marketplaces'),
    say('actors.first'),
    say('actors.last'),
  ];
}

function row(it: Actor) {
  return [
    <Mark key="mark" kind={it.kind} mark={it.mark} isRow />,
    kindName(it.kind),
    <Flags key="flags" flags={it.flags} />,
    it.listings,
    it.rings,
    it.marketplaces,
    <Time key="first" at={it.first} />,
    <Time key="last" at={it.last} />,
  ];
}

function Find() {
  const find = async (form: HTMLFormElement) => {
    const typed = new FormData(form);
    const marketplace = String(typed.get('marketplace') ?? '');
    const body = {
      kind: String(typed.get('kind')) as Kind,
      value: String(typed.get('value')).trim(),
      ...(marketplace === '' ? {} : { marketplace }),
    };
    try {
      const { kind, mark } = await ask<typeof FindActor>('post', '/api/actors/find', { body });
      go(`/actors/${kind}/${mark}`);
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
  };
  return (
    <section class="verdict narrow" aria-labelledby="find">
      <h2 id="find">{say('actors.find')}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void find(event.currentTarget);
        }}
      >
        <label>
          {say('actors.kind')}
          <select name="kind">
            {KINDS.map((it) => (
              <option key={it} value={it}>
                {kindName(it)}
              </option>
            ))}
          </select>
        </label>
        {isPartner() ? null : <MarketplaceChoice value="" />}
        <label>
          {say('actors.value')}
          <input
            name="value"
            required
            maxLength={200}
            autocomplete="off"
            spellcheck={false}
            aria-describedby="find-help"
          />
        </label>
        <p class="note" id="find-help">
          {say('actors.find_help')}
        </p>
        <Button class="main" type="submit">
          {say('actors.find_send')}
        </Button>
      </form>
    </section>
  );
}
