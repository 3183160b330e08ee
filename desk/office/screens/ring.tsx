/** One ring: drawn, who placed it, its listings side by side, what was told of it, and its marketplace's answer. */
import { useState } from 'preact/hooks';
import type { AnswerRing, ReadRing } from '../../api/rings.ts';
import { type Answer, addressOf, ask } from '../api.ts';
import { preload, renew, useAsked } from '../asked.ts';
import { Button, useKeys } from '../keys.tsx';
import { isPartner } from '../market/bits.tsx';
import { RingListings, SideBySide } from '../market/ring-listings.tsx';
import { RingPeople } from '../market/ring-people.tsx';
import { RingStory } from '../market/ring-story.tsx';
import { Facts } from '../parts/facts.tsx';
import { Scroller } from '../parts/scroller.tsx';
import { troubleWords, When } from '../parts/states.tsx';
import { Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { toast } from '../parts/toasts.tsx';
import { go, type ScreenProps } from '../router.ts';
import { may } from '../told.ts';
import { say, spokenWords } from '../words.ts';

type Told = Answer<typeof ReadRing>;

export default function OneRing({ params }: ScreenProps) {
  const id = params['id'] ?? '';
  const key = `ring/${id}`;
  const load = () => ask<typeof ReadRing>('get', '/api/rings/{id}', { params: { id } });
  const asked = useAsked(key, load);
  useKeys([{ keys: 'q', word: 'rings.back', run: () => go('/rings') }]);
  return (
    <>
      <p class="back">
        <a href="/rings">← {say('rings.back')}</a>
      </p>
      <Title text={`${say('rings.id')} ${id}`} />
      <When asked={asked} again={() => void preload(key, load)}>
        {(it) => <Ring key={id} it={it} again={() => renew('ring')} />}
      </When>
    </>
  );
}

function Ring({ it, again }: { readonly it: Told; readonly again: () => void }) {
  return (
    <div class="statistics">
      <Summary ring={it.ring} />
      {may('ring.answer') ? <AnswerForm id={it.ring.id} again={again} /> : null}
      {it.listings.length === 0 ? null : <Picture ring={it.ring} />}
      <RingPeople it={it} />
      {it.listings.length > 1 ? <SideBySide listings={it.listings} /> : null}
      <RingListings it={it} />
      <RingStory it={it} />
    </div>
  );
}

function Summary({ ring }: { readonly ring: Told['ring'] }) {
  const { number, chance } = spokenWords();
  return (
    <section class="verdict" aria-label={say('rings.id')}>
      <Facts
        rows={[
          [say('rings.state'), say(`rings.state.${ring.state}`)],
          [say('rings.relation'), say(`rings.relation.${ring.relation}`)],
          [say('rings.members'), number(ring.members)],
          [say('rings.people'), number(ring.people)],
          isPartner()
            ? [say('rings.own'), number(ring.own)]
            : [say('rings.marketplace'), ring.markets.join(', ')],
          [say('rings.score'), chance(ring.score)],
          [say('rings.opened'), <Time key="opened" at={ring.openedAt} />],
          [say('rings.updated'), <Time key="updated" at={ring.updatedAt} />],
          ...(ring.caseId === null
            ? []
            : [
                [
                  say('rings.case'),
                  <a key="case" href={`/cases/${ring.caseId}`}>
                    {ring.caseId}
                  </a>,
                ] as const,
              ]),
        ]}
      />
    </section>
  );
}

function Picture({ ring }: { readonly ring: Told['ring'] }) {
  const { lang } = spokenWords();
  // Another state of it is another picture.
  const src = addressOf('/api/rings/{id}/drawing', { id: ring.id }, { lang, of: ring.updatedAt });
  return (
    <section class="verdict" aria-labelledby="drawn">
      <h2 id="drawn">{say('rings.picture')}</h2>
      <Scroller class="drawing" aria-labelledby="drawn">
        <img src={src} alt={say('rings.picture_alt', { id: ring.id })} width="1240" />
      </Scroller>
    </section>
  );
}

const VERDICTS = ['confirm', 'removed', 'dispute'] as const;

function AnswerForm({ id, again }: { readonly id: string; readonly again: () => void }) {
  const [verdict, setVerdict] = useState<(typeof VERDICTS)[number]>('confirm');
  const [reason, setReason] = useState('');
  const send = async () => {
    try {
      await ask<typeof AnswerRing>('post', '/api/rings/{id}/feedback', {
        params: { id },
        body: { verdict, reason },
      });
      toast({ kind: 'done', text: say('rings.answer_done'), seconds: 8 });
      setReason('');
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
    again();
  };
  useKeys([
    { keys: 'b', word: 'rings.answer.confirm', run: () => setVerdict('confirm') },
    { keys: 'm', word: 'rings.answer.removed', run: () => setVerdict('removed') },
    { keys: 'x', word: 'rings.answer.dispute', run: () => setVerdict('dispute') },
    { keys: 'ctrl+enter', word: 'rings.answer_send', run: () => void send() },
  ]);
  return (
    <section class="verdict" aria-labelledby="answer">
      <h2 id="answer">{say('rings.answer')}</h2>
      <p class="aside">{say('rings.answer_help')}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <fieldset class="choice">
          <legend>{say('rings.answer')}</legend>
          {VERDICTS.map((it) => (
            <label key={it}>
              <input type="radio" name="verdict" checked={verdict === it} onChange={() => setVerdict(it)} />{' '}
              {say(`rings.answer.${it}`)}
            </label>
          ))}
        </fieldset>
        <label>
          {say('rings.answer_words')}
          <textarea
            rows={2}
            maxLength={2000}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <Button class="main" type="submit" keys="ctrl+enter">
          {say('rings.answer_send')}
        </Button>
      </form>
    </section>
  );
}
