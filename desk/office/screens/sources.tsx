/** What is watched and what came of it; an address to look at now, a source to add. */
import { useState } from 'preact/hooks';
import type { StartScan } from '../../api/cases.ts';
import type { ListScans } from '../../api/scans.ts';
import type { AddSource, ListSources } from '../../api/sources.ts';
import { type Answer, ask } from '../api.ts';
import { preload, renew, useAsked } from '../asked.ts';
import { Button } from '../keys.tsx';
import { Scroller } from '../parts/scroller.tsx';
import { Empty, troubleWords, When } from '../parts/states.tsx';
import { Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { toast } from '../parts/toasts.tsx';
import { go } from '../router.ts';
import { may } from '../told.ts';
import { say, spokenWords, type Word } from '../words.ts';

const KEY = 'sources';
const load = () => ask<typeof ListSources>('get', '/api/sources', {});
const loadScans = () => ask<typeof ListScans>('get', '/api/scans', { query: { limit: 10 } });
type Source = Answer<typeof ListSources>['sources'][number];
type Scan = Answer<typeof ListScans>['scans'][number];

export default function Sources() {
  const asked = useAsked(KEY, load);
  const scans = useAsked('scans', loadScans);
  return (
    <>
      <Title text={say('sources.title')} />
      {may('scan.start') ? <LookNow /> : null}
      <When asked={asked} again={() => void preload(KEY, load)}>
        {({ sources }) =>
          sources.length === 0 ? (
            <Empty title={say('cases.empty.title')}>
              <p>{say('sources.empty')}</p>
            </Empty>
          ) : (
            <SourceTable sources={sources} />
          )
        }
      </When>
      {scans.is === 'here' && scans.value.scans.length > 0 ? <RecentScans scans={scans.value.scans} /> : null}
      {may('source.change') ? <AddForm /> : null}
    </>
  );
}

function LookNow() {
  const [text, setText] = useState('');
  const look = async () => {
    const urls = text.split(/\s+/).filter((it) => it !== '');
    try {
      const { scan } = await ask<typeof StartScan>('post', '/api/scans', {
        body: { urls: urls.slice(0, 20) },
      });
      go(`/scans/${scan}`);
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
  };
  return (
    <form
      class="look-now"
      onSubmit={(event) => {
        event.preventDefault();
        void look();
      }}
    >
      <label>
        {say('sources.look')}
        <textarea
          rows={2}
          required
          maxLength={20_000}
          spellcheck={false}
          value={text}
          aria-describedby="look-help"
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <p class="note" id="look-help">
        {say('sources.look_help')}
      </p>
      <Button class="main" type="submit">
        {say('sources.look_send')}
      </Button>
    </form>
  );
}

function SourceTable({ sources }: { readonly sources: readonly Source[] }) {
  const { number } = spokenWords();
  return (
    <Scroller class="table" aria-label={say('sources.title')}>
      <table>
        <thead>
          <tr>
            {(['name', 'kind', 'state', 'found', 'fresh', 'captured', 'flagged', 'last'] as const).map(
              (name) => (
                <th key={name} scope="col">
                  {say(`sources.${name}`)}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {sources.map((it) => (
            <tr key={it.name}>
              <th scope="row">
                <a href={`/sources/${it.name}`}>{it.name}</a>
              </th>
              <td>{say(`sources.kind.${it.kind}`)}</td>
              <td>{say(it.isPaused ? 'sources.state.off' : 'sources.state.on')}</td>
              <td class="figure">{number(it.found)}</td>
              <td class="figure">{number(it.fresh)}</td>
              <td class="figure">{number(it.captured)}</td>
              <td class="figure">{number(it.flagged)}</td>
              <td>{it.lastRun === null ? say('sources.never') : <Time at={it.lastRun.endedAt} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}

function RecentScans({ scans }: { readonly scans: readonly Scan[] }) {
  const { number } = spokenWords();
  return (
    <>
      <h2 class="part">{say('sources.recent')}</h2>
      <Scroller class="table" aria-label={say('sources.recent')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{say('scan.asked_at')}</th>
              <th scope="col">{say('scan.by_source')}</th>
              <th scope="col">{say('scan.hosts')}</th>
              <th scope="col">{say('sources.captured')}</th>
              <th scope="col">{say('scan.outcome.failed')}</th>
            </tr>
          </thead>
          <tbody>
            {scans.map((it) => (
              <tr key={it.id}>
                <th scope="row">
                  <a href={`/scans/${it.id}`}>
                    <Time at={it.requestedAt} />
                  </a>
                </th>
                <td>{it.source ?? say('statistics.by_people')}</td>
                <td class="figure">{say('scan.hosts_of', { done: it.hostsDone, all: it.hosts })}</td>
                <td class="figure">{number(it.captured)}</td>
                <td class="figure">{number(it.failed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </>
  );
}

/** What a person can write here; the rest of a source is written in a file. */
const KINDS = ['urls', 'sitemap', 'section', 'channel', 'tips', 'links', 'lookalikes', 'feed'] as const;
type Kind = (typeof KINDS)[number];
const TIMES = {
  none: null,
  ten: '*/10 * * * *',
  hour: '0 * * * *',
  six: '0 */6 * * *',
  day: '0 3 * * *',
} as const;
/** The field that a kind's one value goes into; absent where it needs none. */
const FIELDS: Readonly<Partial<Record<Kind, string>>> = {
  urls: 'urls',
  sitemap: 'url',
  section: 'url',
  channel: 'channel',
  feed: 'from',
};

function AddForm() {
  const [kind, setKind] = useState<Kind>('sitemap');
  const [obeys, setObeys] = useState(true);
  const add = async (form: HTMLFormElement) => {
    const typed = new FormData(form);
    const text = (name: string) => String(typed.get(name) ?? '').trim();
    const value = text('value');
    const words = text('words')
      .split(',')
      .map((it) => it.trim())
      .filter((it) => it !== '');
    const field = FIELDS[kind];
    const body = {
      name: text('name'),
      kind,
      every: TIMES[text('every') as keyof typeof TIMES] ?? null,
      budget: Number(text('budget')),
      ...(field === undefined ? {} : { [field]: kind === 'urls' ? value.split(/\s+/) : value }),
      ...(kind === 'feed' ? { words } : {}),
      robots: obeys ? { stance: 'obey' } : { stance: 'ignore', reason: text('reason') },
    };
    try {
      const { name } = await ask<typeof AddSource>('post', '/api/sources', { body });
      toast({ kind: 'done', text: say('sources.added', { name }), seconds: 8 });
      form.reset();
      setObeys(true);
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
    renew(KEY);
  };
  return (
    <section class="verdict narrow" aria-labelledby="add-source">
      <h2 id="add-source">{say('sources.add')}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void add(event.currentTarget);
        }}
      >
        <label>
          {say('sources.name')}
          <input
            name="name"
            required
            maxLength={63}
            pattern="[a-z0-9][a-z0-9\-]*"
            title={say('sources.name_hint')}
            autocomplete="off"
          />
        </label>
        <label>
          {say('sources.kind')}
          <select value={kind} onChange={(event) => setKind(event.currentTarget.value as Kind)}>
            {KINDS.map((it) => (
              <option key={it} value={it}>
                {say(`sources.kind.${it}`)}
              </option>
            ))}
          </select>
        </label>
        {FIELDS[kind] === undefined ? null : kind === 'urls' ? (
          <label>
            {say('sources.value.urls')} <textarea name="value" rows={4} required spellcheck={false} />
          </label>
        ) : (
          <label>
            {say(`sources.value.${kind}` as Word)}
            <input name="value" required maxLength={4096} spellcheck={false} />
          </label>
        )}
        {kind === 'feed' ? (
          <label>
            {say('sources.words')} <input name="words" maxLength={1000} />
          </label>
        ) : null}
        <label>
          {say('sources.every')}
          <select name="every">
            {(Object.keys(TIMES) as (keyof typeof TIMES)[]).map((it) => (
              <option key={it} value={it}>
                {say(`sources.every.${it}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {say('sources.budget')}{' '}
          <input type="number" name="budget" min={1} max={100_000} value={500} required />
        </label>
        <fieldset class="choice">
          <legend>{say('sources.robots')}</legend>
          {([true, false] as const).map((it) => (
            <label key={String(it)}>
              <input type="radio" name="robots" checked={obeys === it} onChange={() => setObeys(it)} />{' '}
              {say(it ? 'sources.robots.obey' : 'sources.robots.ignore')}
            </label>
          ))}
        </fieldset>
        {obeys ? null : (
          <label>
            {say('sources.robots.reason')} <input name="reason" required minLength={10} maxLength={500} />
          </label>
        )}
        <Button class="main" type="submit">
          {say('sources.add_send')}
        </Button>
      </form>
    </section>
  );
}
