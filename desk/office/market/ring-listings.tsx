/** The listings of a ring: all in a table, and two of them side by side with what differs. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { lineDiff } from '../../../domain/text/diff.ts';
import type { ReadRing } from '../../api/rings.ts';
import { plain } from '../../web/show.ts';
import type { Answer } from '../api.ts';
import { useKeys } from '../keys.tsx';
import { Changes } from '../parts/changes.tsx';
import { Facts } from '../parts/facts.tsx';
import { Scroller } from '../parts/scroller.tsx';
import { Table } from '../parts/table.tsx';
import { Plain, Time } from '../parts/text.tsx';
import { say } from '../words.ts';
import { isPartner, Mark, Price } from './bits.tsx';

type Told = Answer<typeof ReadRing>;
type Listing = Told['listings'][number];

export function RingListings({ it }: { readonly it: Told }) {
  return (
    <section class="verdict" aria-labelledby="listings">
      <h2 id="listings">{say('rings.listings')}</h2>
      {it.listings.length === 0 ? (
        <p class="aside">{say('actors.nothing')}</p>
      ) : (
        <Table
          name={say('rings.listings')}
          heads={[
            say('rings.listing'),
            ...(isPartner() ? [] : [say('rings.marketplace')]),
            say('rings.price'),
            say('rings.city'),
            say('rings.photos'),
            say('rings.actors'),
            say('rings.posted'),
            say('rings.joined'),
          ]}
          rows={it.listings.map((each) => [
            <span key="title" class="market-listing">
              <Plain>{each.title}</Plain>
              <span class="code">{plain(each.id)}</span>
            </span>,
            ...(isPartner() ? [] : [<Plain key="market">{each.market}</Plain>]),
            <Price key="price" price={each.price} currency={each.currency} />,
            each.city === null ? '—' : <Plain key="city">{each.city}</Plain>,
            each.photos,
            <span key="marks" class="marks">
              {each.marks.map(({ kind, mark }) => (
                <Mark key={mark} kind={kind} mark={mark} />
              ))}
            </span>,
            <Time key="at" at={each.postedAt ?? each.placedAt} />,
            <Time key="joined" at={each.joinedAt} />,
          ])}
        />
      )}
      {it.elsewhere > 0 ? <p class="aside">{say('rings.elsewhere', { n: it.elsewhere })}</p> : null}
    </section>
  );
}

/** Two at a time; keys walk through those on the right. */
export function SideBySide({ listings }: { readonly listings: readonly Listing[] }) {
  const [left, setLeft] = useState(0);
  const [right, setRight] = useState(1);
  const walk = (by: number) => setRight((right + by + listings.length) % listings.length);
  useKeys([
    { keys: 'j', word: 'rings.compare_next', run: () => walk(1) },
    { keys: 'k', word: 'rings.compare_previous', run: () => walk(-1) },
  ]);
  const [a, b] = [listings[left]!, listings[right]!];
  const changes = lineDiff(linesOf(a.text), linesOf(b.text));
  return (
    <section class="verdict" aria-labelledby="compare">
      <h2 id="compare">{say('rings.compare')}</h2>
      <div class="period">
        <Choice word="rings.compare_first" at={left} listings={listings} choose={setLeft} />
        <Choice word="rings.compare_second" at={right} listings={listings} choose={setRight} />
      </div>
      <div class="side-by-side">
        <Shown it={a} />
        <Shown it={b} />
      </div>
      <h3 id="difference">{say('rings.difference')}</h3>
      {changes.length === 0 ? (
        <p class="aside">{say('rings.no_difference')}</p>
      ) : (
        <Changes lines={changes} labelledBy="difference" />
      )}
    </section>
  );
}

/** A seller's text is one long line: what differs is told a sentence at a time. */
function linesOf(text: string): string {
  return text.replaceAll(/([.!?;,])\s+/g, '$1\n');
}

function Choice({
  word,
  at,
  listings,
  choose,
}: {
  readonly word: 'rings.compare_first' | 'rings.compare_second';
  readonly at: number;
  readonly listings: readonly Listing[];
  readonly choose: (at: number) => void;
}) {
  return (
    <label>
      {say(word)}
      <select value={String(at)} onChange={(event) => choose(Number(event.currentTarget.value))}>
        {listings.map((it, place) => (
          <option key={`${it.market} ${it.id}`} value={String(place)}>
            {plain(`${it.market} · ${it.id}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Shown({ it }: { readonly it: Listing }) {
  const rows: (readonly [string, ComponentChildren])[] = [
    [say('rings.price'), <Price key="price" price={it.price} currency={it.currency} />],
    ...(it.category === null
      ? []
      : [[say('rings.category'), <Plain key="category">{it.category}</Plain>] as const]),
    ...(it.city === null ? [] : [[say('rings.city'), <Plain key="city">{it.city}</Plain>] as const]),
    ...Object.entries(it.attributes).map(
      ([name, value]) => [plain(name), <Plain key={name}>{value}</Plain>] as const,
    ),
    [say('rings.posted'), <Time key="at" at={it.postedAt ?? it.placedAt} />],
  ];
  const name = `${it.market} · ${it.id}`;
  return (
    <div>
      <h3 dir="auto">{plain(it.title)}</h3>
      <p class="meta">{plain(name)}</p>
      <Facts rows={rows} />
      <Scroller class="text" dir="auto" aria-label={plain(name)}>
        {plain(it.text)}
      </Scroller>
    </div>
  );
}
