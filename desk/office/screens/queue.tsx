/** The queue: what waits, in the order of risk x reach x age, and the way into work. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { LABELS, type Label } from '../../../domain/assessment.ts';
import type { CountQueue, ListQueues, ReadQueue, RemoveQueue, SaveQueue } from '../../api/queue.ts';
import type { TakeReread } from '../../api/rereads.ts';
import { plain } from '../../web/show.ts';
import { type Answer, ask } from '../api.ts';
import { preload, renew, useAsked } from '../asked.ts';
import type { Queued } from '../case-told.ts';
import { Button, useKeys } from '../keys.tsx';
import { BulkDialog } from '../parts/bulk.tsx';
import { Claim, familyName, Kind, NameNotes, Score, Why } from '../parts/case-bits.tsx';
import { Empty, troubleWords, When } from '../parts/states.tsx';
import { Title } from '../parts/title.tsx';
import { toast } from '../parts/toasts.tsx';
import { go, type ScreenProps } from '../router.ts';
import { may } from '../told.ts';
import { say, spokenWords, type Word } from '../words.ts';
import { caseKey, loadCase, prepareNext, type Work } from '../work.ts';

const TABS = ['open', 'senior', 'confirmed', 'watch', 'approved', 'referred', 'dismissed'] as const;
type Tab = (typeof TABS)[number];

const FILTERS = {
  open: { state: 'open', lane: 'desk' },
  senior: { state: 'open', lane: 'senior' },
  watch: { state: 'open', lane: 'watch' },
  confirmed: { state: 'confirmed' },
  approved: { state: 'approved' },
  referred: { state: 'referred' },
  dismissed: { state: 'dismissed' },
} as const;

interface View {
  readonly tab: Tab;
  readonly label: string;
  readonly search: string;
  /** A share of `RISKS`; '' for any. */
  readonly least: string;
  readonly cursor: string;
}

/** From which risk on, 0..1. */
const RISKS = ['0.5', '0.8', '0.95'] as const;

/** What is asked of the queue besides its tab. */
function askedOf({ label, search, least }: View) {
  return {
    ...(label === '' ? {} : { label: label as Label }),
    ...(search === '' ? {} : { search }),
    ...(least === '' ? {} : { leastScore: Number(least) }),
  };
}

function viewOf(query: URLSearchParams): View {
  return {
    tab: TABS.find((it) => it === query.get('queue')) ?? 'open',
    label: LABELS.find((it) => it === query.get('label')) ?? '',
    search: (query.get('search') ?? '').slice(0, 200),
    least: RISKS.find((it) => it === query.get('least')) ?? '',
    cursor: query.get('cursor') ?? '',
  };
}

function hrefOf({ tab, label, search, least, cursor }: View): string {
  const query = new URLSearchParams();
  if (tab !== 'open') query.set('queue', tab);
  if (label !== '') query.set('label', label);
  if (search !== '') query.set('search', search);
  if (least !== '') query.set('least', least);
  if (cursor !== '') query.set('cursor', cursor);
  return query.size === 0 ? '/cases' : `/cases?${query}`;
}

export default function Queue({ query }: ScreenProps) {
  const view = viewOf(query);
  const filter = {
    ...FILTERS[view.tab],
    ...askedOf(view),
    ...(view.cursor === '' ? {} : { cursor: view.cursor }),
  };
  const key = `queue/${JSON.stringify(filter)}`;
  const load = () => ask<typeof ReadQueue>('get', '/api/queue', { query: filter });
  const asked = useAsked(key, load);
  const items = asked.is === 'here' ? asked.value.items : [];
  const search = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isBulk, setBulk] = useState(false);
  useEffect(() => setChosen(new Set()), [key]);

  const linkAt = (at: number) => document.querySelectorAll<HTMLAnchorElement>('.queue .row h2 a')[at];
  const at = () => items.findIndex(({ id }) => document.activeElement?.closest('.row')?.id === `row-${id}`);
  const step = (by: number) => {
    const next = Math.min(Math.max(0, at() + by), items.length - 1);
    linkAt(next)?.focus();
    const it = items[next];
    if (it !== undefined) void preload(caseKey(it.id), loadCase(it.id));
  };
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const work: Work | null =
    view.tab === 'open' || view.tab === 'senior' || view.tab === 'confirmed' ? view.tab : null;
  const canWork = work !== null && may('case.hold');
  const start = async () => {
    if (work === null) return;
    try {
      const id = await prepareNext(work, []);
      if (id === null) toast({ kind: 'done', text: say('queue.worked_off'), seconds: 6 });
      else go(`/cases/${id}?work=${work}`);
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
  };
  const canChoose = may('case.decide') && (view.tab === 'open' || view.tab === 'senior');
  useKeys([
    { keys: 'j', word: 'key.next', run: () => step(1) },
    { keys: 'k', word: 'key.previous', run: () => step(-1) },
    { keys: '/', word: 'cases.search', run: () => search.current?.focus() },
    ...(canWork ? [{ keys: 'w', word: 'queue.start' as const, run: () => void start() }] : []),
    ...(canChoose
      ? [
          { keys: 'x', word: 'queue.choose' as const, run: () => toggle(items[at()]?.id ?? '') },
          { keys: 'shift+x', word: 'queue.bulk' as const, run: () => setBulk(chosen.size > 0) },
        ]
      : []),
  ]);
  return (
    <>
      <Title text={say('cases.title')}>
        <p class="aside">{say('queue.order')}</p>
        {may('case.reread') ? <Sample /> : null}
        {canWork ? (
          <Button class="main" keys="w" run={() => void start()}>
            {say('queue.start')}
          </Button>
        ) : null}
      </Title>
      <Tabs view={view} />
      <Filters view={view} box={search} />
      {chosen.size === 0 ? null : (
        <p class="chosen">
          <span>{say('queue.chosen', { n: chosen.size })}</span>
          <Button keys="shift+x" run={() => setBulk(true)}>
            {say('queue.bulk')}
          </Button>
        </p>
      )}
      <When asked={asked} again={() => void preload(key, load)}>
        {({ items: rows, next }) =>
          rows.length === 0 ? (
            <Nothing view={view} />
          ) : (
            <>
              <ol class="queue">
                {rows.map((it) => (
                  <Row
                    key={it.id}
                    it={it}
                    choose={canChoose ? () => toggle(it.id) : null}
                    isChosen={chosen.has(it.id)}
                  />
                ))}
              </ol>
              <nav class="paging" aria-label={say('cases.paging')}>
                {view.cursor === '' ? (
                  <span />
                ) : (
                  <a href={hrefOf({ ...view, cursor: '' })}>← {say('queue.first')}</a>
                )}
                <span />
                {next === null ? (
                  <span />
                ) : (
                  <a rel="next" href={hrefOf({ ...view, cursor: next })}>
                    {say('cases.older')} →
                  </a>
                )}
              </nav>
            </>
          )
        }
      </When>
      {isBulk ? <BulkDialog ids={[...chosen]} close={() => setBulk(false)} /> : null}
    </>
  );
}

/** The way to a decided case that was drawn to be read again. */
function Sample() {
  const asked = useAsked('counts/{}', () =>
    ask<typeof CountQueue>('get', '/api/queue/counts', { query: {} }),
  );
  const n = asked.is === 'here' ? asked.value.rereads : 0;
  const take = async () => {
    try {
      const { reread } = await ask<typeof TakeReread>('post', '/api/rereads', {});
      if (reread === null) toast({ kind: 'done', text: say('reread.none'), seconds: 6 });
      else {
        renew(caseKey(reread.caseId));
        go(`/cases/${reread.caseId}`);
      }
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
  };
  useKeys(n === 0 ? [] : [{ keys: 'r', word: 'reread.take', run: () => void take() }]);
  if (n === 0) return null;
  return (
    <Button keys="r" run={() => void take()}>
      {say('reread.take')} <span class="count">{spokenWords().number(n)}</span>
    </Button>
  );
}

function Tabs({ view }: { readonly view: View }) {
  const query = askedOf(view);
  const key = `counts/${JSON.stringify(query)}`;
  const asked = useAsked(key, () => ask<typeof CountQueue>('get', '/api/queue/counts', { query }));
  const counts = asked.is === 'here' ? asked.value.counts : null;
  const number = spokenWords().number;
  return (
    <nav class="tabs" aria-label={say('cases.tabs')}>
      {TABS.map((tab) => {
        const count = counts?.[tab];
        return (
          <a
            key={tab}
            href={hrefOf({ ...view, tab, cursor: '' })}
            {...(tab === view.tab ? { 'aria-current': 'page' as const } : {})}
          >
            {say(`tab.${tab}`)}{' '}
            <span class="count">
              {count === undefined ? '' : number(count.n)}
              {count?.isMore === true ? '+' : ''}
            </span>
          </a>
        );
      })}
      {asked.is === 'here' && asked.value.reading > 0 ? (
        <span class="reading">{say('cases.reading', { n: asked.value.reading })}</span>
      ) : null}
    </nav>
  );
}

function Filters({ view, box }: { readonly view: View; readonly box: { current: HTMLInputElement | null } }) {
  const [search, setSearch] = useState(view.search);
  useEffect(() => setSearch(view.search), [view.search]);
  const show = (next: Partial<View>) => go(hrefOf({ ...view, cursor: '', ...next }));
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
        show({ search: search.trim() });
      }}
    >
      <label>
        {say('cases.label')}
        <select value={view.label} onChange={(event) => show({ label: event.currentTarget.value })}>
          <option value="">{say('cases.any_label')}</option>
          {LABELS.map((label) => (
            <option key={label} value={label}>
              {say(`label.${label}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {say('cases.risk')}
        <select value={view.least} onChange={(event) => show({ least: event.currentTarget.value })}>
          <option value="">{say('cases.any_risk')}</option>
          {RISKS.map((risk) => (
            <option key={risk} value={risk}>
              {say('cases.risk_from', { risk: spokenWords().chance(Number(risk)) })}
            </option>
          ))}
        </select>
      </label>
      <label>
        {say('cases.search')}
        <input
          ref={box}
          type="search"
          value={search}
          maxLength={200}
          placeholder={say('cases.search_hint')}
          autocomplete="off"
          spellcheck={false}
          aria-keyshortcuts="/"
          onInput={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
      </label>
      <button type="submit">{say('cases.show')}</button>
      <Saved view={view} />
    </form>
  );
}

function Saved({ view }: { readonly view: View }) {
  const key = 'queues';
  const load = () => ask<typeof ListQueues>('get', '/api/queues', {});
  const asked = useAsked(key, load);
  const queues = asked.is === 'here' ? asked.value.queues : [];
  const [name, setName] = useState<string | null>(null);
  const [isShared, setShared] = useState(false);
  const save = async () => {
    const filter = { ...FILTERS[view.tab], ...askedOf(view) };
    try {
      await ask<typeof SaveQueue>('post', '/api/queues', { body: { name: name ?? '', filter, isShared } });
      setName(null);
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
    renew(key);
  };
  const remove = async (id: string) => {
    await ask<typeof RemoveQueue>('delete', '/api/queues/{id}', { params: { id } });
    renew(key);
  };
  const isFiltered = view.tab !== 'open' || Object.keys(askedOf(view)).length > 0;
  return (
    <div class="saved">
      {queues.map((it) => (
        <span key={it.id} class="saved-one">
          <a href={hrefOf(viewOfSaved(it))}>{plain(it.name)}</a>
          {it.isMine || may('queue.share') ? (
            <button
              type="button"
              class="quiet"
              aria-label={say('queue.remove', { name: it.name })}
              onClick={() => void remove(it.id)}
            >
              ×
            </button>
          ) : null}
        </span>
      ))}
      {!may('queue.save') || !isFiltered ? null : name === null ? (
        <button type="button" class="quiet" onClick={() => setName('')}>
          {say('queue.save')}
        </button>
      ) : (
        <>
          <input
            aria-label={say('queue.name')}
            placeholder={say('queue.name')}
            value={name}
            maxLength={80}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          {may('queue.share') ? (
            <label class="choose">
              <input type="checkbox" checked={isShared} onChange={() => setShared(!isShared)} />
              <span>{say('queue.shared')}</span>
            </label>
          ) : null}
          <button type="button" disabled={name.trim() === ''} onClick={() => void save()}>
            {say('queue.save_send')}
          </button>
        </>
      )}
    </div>
  );
}

function viewOfSaved({ filter }: Answer<typeof ListQueues>['queues'][number]): View {
  const tab = TABS.find((it) => {
    const part: { state: string; lane?: string } = FILTERS[it];
    return part.state === filter.state && (part.lane === undefined || part.lane === (filter.lane ?? 'desk'));
  });
  const least = RISKS.find((it) => Number(it) === filter.leastScore) ?? '';
  return { tab: tab ?? 'open', label: filter.label ?? '', search: filter.search ?? '', least, cursor: '' };
}

function Row({
  it,
  choose,
  isChosen,
}: {
  readonly it: Queued;
  readonly choose: (() => void) | null;
  readonly isChosen: boolean;
}) {
  return (
    <li class={isChosen ? 'row chosen-row' : 'row'} id={`row-${it.id}`}>
      <div class="thumbnail">
        <img src={`/cases/${it.id}/thumbnail`} alt="" width="160" height="100" loading="lazy" />
      </div>
      <div class="what">
        <h2>
          <a href={`/cases/${it.id}`}>
            <bdi>{it.subject.readable}</bdi>
          </a>
        </h2>
        <NameNotes subject={it.subject} />
        <Kind it={it} />
        <Claim claim={it.claim} />
      </div>
      <ul class="why">
        {it.reasons.map(({ family, excerpt }) => (
          <li key={`${family} ${excerpt}`}>
            <span class="family">{familyName(family)}</span> <q>{plain(excerpt)}</q>
          </li>
        ))}
      </ul>
      <div class="how">
        <Score score={it.score} />
        <Why urgency={it.urgency} />
        {choose === null ? null : (
          <label class="choose">
            <input type="checkbox" checked={isChosen} onChange={choose} />
            <span>{say('queue.choose_one')}</span>
            <span class="unseen"> {it.subject.readable}</span>
          </label>
        )}
      </div>
    </li>
  );
}

function Nothing({ view }: { readonly view: View }) {
  const isFiltered = view.cursor !== '' || Object.keys(askedOf(view)).length > 0;
  const word: Word = isFiltered ? 'cases.empty.filtered' : `queue.empty.${view.tab}`;
  return (
    <Empty title={say('cases.empty.title')}>
      <p>{say(word)}</p>
      {isFiltered ? (
        <p>
          <a href="/cases">{say('cases.empty.reset')}</a>
        </p>
      ) : null}
    </Empty>
  );
}
