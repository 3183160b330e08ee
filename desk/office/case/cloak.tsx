/** What other visitors were shown at the same address, side by side with what Kuzet was shown. */
import { useState } from 'preact/hooks';
import type { ReadCapture, ReadCloakCheck } from '../../api/captures.ts';
import { defang, plain } from '../../web/show.ts';
import { type Answer, ask } from '../api.ts';
import { useAsked } from '../asked.ts';
import type { Captured } from '../case-told.ts';
import { Scroller } from '../parts/scroller.tsx';
import { Address, Plain, Time } from '../parts/text.tsx';
import { say, sayIfKnown, spokenWords } from '../words.ts';
import { pictureOf } from '../work.ts';
import { Fold } from './fold.tsx';

type Check = NonNullable<Answer<typeof ReadCloakCheck>['check']>;
type Reading = Check['readings'][number];

export function CloakCheck({
  captureId,
  isShown,
}: {
  readonly captureId: string;
  /** Whether pictures are unblurred now. */
  readonly isShown: boolean;
}) {
  return (
    <Fold
      name="cloak"
      word="cloak.title"
      open="cloak.open"
      keys="v"
      asks={`cloak/${captureId}`}
      load={() =>
        ask<typeof ReadCloakCheck>('get', '/api/captures/{id}/cloak-check', { params: { id: captureId } })
      }
    >
      {({ check }) =>
        check === null ? (
          <p class="aside">{say('cloak.none')}</p>
        ) : (
          <Readings check={check} isShown={isShown} />
        )
      }
    </Fold>
  );
}

function Readings({ check, isShown }: { readonly check: Check; readonly isShown: boolean }) {
  const kept = check.readings.filter(({ captureId }) => captureId !== null);
  const [profile, setProfile] = useState(kept[0]?.profile ?? null);
  const chosen = kept.find((it) => it.profile === profile) ?? null;
  return (
    <>
      <p class="note">
        <Time at={check.at} /> · {sayIfKnown(`cloak.why.${check.why}`, check.why)} ·{' '}
        <b>{say(`cloak.finding.${check.finding}`)}</b>
      </p>
      <Scroller class="table" aria-labelledby="cloak">
        <table>
          <thead>
            <tr>
              <th scope="col">{say('fact.profile')}</th>
              <th scope="col">{say('cloak.finding')}</th>
              <th scope="col">{say('cloak.text')}</th>
              <th scope="col">{say('cloak.ended')}</th>
            </tr>
          </thead>
          <tbody>
            {check.readings.map((it) => (
              <Row key={it.profile} it={it} isChosen={it === chosen} choose={() => setProfile(it.profile)} />
            ))}
          </tbody>
        </table>
      </Scroller>
      {chosen?.captureId == null ? null : (
        <div class="side-by-side">
          <Seen captureId={check.captureId} heading={say('cloak.kuzet_saw')} isShown={isShown} />
          <Seen
            captureId={chosen.captureId}
            heading={say('cloak.visitor_saw', { profile: say(`profile.${chosen.profile}`) })}
            isShown={isShown}
          />
        </div>
      )}
    </>
  );
}

function Row({
  it,
  isChosen,
  choose,
}: {
  readonly it: Reading;
  readonly isChosen: boolean;
  readonly choose: () => void;
}) {
  return (
    <tr class={isChosen ? 'shown' : ''}>
      <th scope="row">
        {it.captureId === null ? (
          say(`profile.${it.profile}`)
        ) : (
          <button type="button" class="quiet" aria-pressed={isChosen} onClick={choose}>
            {say(`profile.${it.profile}`)}
          </button>
        )}
      </th>
      <td>
        {say(`cloak.finding.${it.finding}`)}
        {it.detail === null ? null : (
          <p class="note">
            <Plain lang="en">{it.detail}</Plain>
          </p>
        )}
      </td>
      <td class="figure">{it.text === null ? '—' : spokenWords().chance(it.text)}</td>
      <td>{it.finalUrl === null ? '—' : <Address>{it.finalUrl}</Address>}</td>
    </tr>
  );
}

function Seen({
  captureId,
  heading,
  isShown,
}: {
  readonly captureId: string;
  readonly heading: string;
  readonly isShown: boolean;
}) {
  const asked = useAsked(`capture/${captureId}`, () =>
    ask<typeof ReadCapture>('get', '/api/captures/{id}', { params: { id: captureId } }),
  );
  const it: Captured | null = asked.is === 'here' ? asked.value : null;
  const name = `saw-${captureId}`;
  return (
    <section aria-labelledby={name}>
      <h3 id={name}>{heading}</h3>
      {it === null ? null : (
        <>
          <p class="note" dir="auto">
            {plain(it.title)}
          </p>
          {it.screenshot === null ? null : (
            <div class={isShown ? 'veil off' : 'veil'}>
              <img
                src={pictureOf(it.id)}
                alt={say('case.picture_alt', { url: defang(it.finalUrl) })}
                loading="lazy"
              />
            </div>
          )}
          <Scroller class="text" aria-labelledby={name} dir="auto" lang={it.assessment.lang}>
            {it.text.trim() === '' ? say('case.text_none') : plain(it.text)}
          </Scroller>
        </>
      )}
    </section>
  );
}
