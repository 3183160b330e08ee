/** Objections, those that wait first; an officer who did not decide the case judges each. */
import type { z } from '@hono/zod-openapi';
import { useState } from 'preact/hooks';
import type { JudgeAppeal, ListAppeals } from '../../api/appeals.ts';
import { type Answer, ask } from '../api.ts';
import { preload, renew, useAsked } from '../asked.ts';
import { Button, useKeys } from '../keys.tsx';
import { Empty, troubleWords, When } from '../parts/states.tsx';
import { Address, Plain, Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { toast } from '../parts/toasts.tsx';
import { go } from '../router.ts';
import { may } from '../told.ts';
import { say } from '../words.ts';

const KEY = 'appeals';
const load = () => ask<typeof ListAppeals>('get', '/api/appeals', { query: {} });
type Appeal = Answer<typeof ListAppeals>['appeals'][number];
type Outcome = NonNullable<
  z.input<(typeof JudgeAppeal.request.body.content)['application/json']['schema']>
>['verdict'];

export default function Appeals() {
  const asked = useAsked(KEY, load);
  const [at, setAt] = useState(0);
  const list = asked.is === 'here' ? asked.value.appeals : [];
  const step = (by: number) => {
    const next = Math.min(Math.max(0, at + by), list.length - 1);
    setAt(next);
    document.getElementById(`appeal-${list[next]?.code}`)?.focus();
  };
  useKeys([
    { keys: 'j', word: 'key.next', run: () => step(1) },
    { keys: 'k', word: 'key.previous', run: () => step(-1) },
    { keys: 'enter', word: 'key.open', run: () => openCase(list[at]) },
  ]);
  return (
    <>
      <Title text={say('appeals.title')}>
        {asked.is === 'here' ? (
          <p class="aside">{say('appeals.waiting', { n: asked.value.waiting })}</p>
        ) : null}
      </Title>
      <When asked={asked} again={() => void preload(KEY, load)}>
        {({ appeals }) =>
          appeals.length === 0 ? (
            <Empty title={say('cases.empty.title')}>
              <p>{say('appeals.empty')}</p>
            </Empty>
          ) : (
            <ol class="letters">
              {appeals.map((it) => (
                <OneAppeal key={it.code} it={it} />
              ))}
            </ol>
          )
        }
      </When>
    </>
  );
}

function openCase(it: Appeal | undefined): void {
  if (it?.caseId != null) go(`/cases/${it.caseId}`);
}

function OneAppeal({ it }: { readonly it: Appeal }) {
  const name = `appeal-${it.code}`;
  return (
    <li>
      <section class="verdict" aria-labelledby={name}>
        <h2 id={name} class="code" tabIndex={-1}>
          {it.code}
        </h2>
        <dl class="facts">
          <dt>{say('appeals.came')}</dt>
          <dd>
            <Time at={it.at} />
          </dd>
          <dt>{say('appeal.url')}</dt>
          <dd>
            <Address>{it.url}</Address> ·{' '}
            {it.caseId === null ? say('appeals.no_case') : <a href={`/cases/${it.caseId}`}>{it.caseId}</a>}
          </dd>
          <dt>{say('appeal.words')}</dt>
          <dd>
            <Plain lang={it.lang}>{it.words}</Plain>
          </dd>
          {it.contact === '' ? null : (
            <>
              <dt>{say('appeals.contact')}</dt>
              <dd>
                <Plain>{it.contact}</Plain>
              </dd>
            </>
          )}
          {it.judged === null ? null : (
            <>
              <dt>{say('appeals.verdict')}</dt>
              <dd>
                {say(`appeals.${it.judged.verdict}`)} · {it.judged.by} · <Time at={it.judged.at} />
                <br />
                <Plain>{it.judged.reason}</Plain>
              </dd>
            </>
          )}
        </dl>
        {it.judged === null && may('appeal.judge') ? <Judgement it={it} /> : null}
      </section>
    </li>
  );
}

function Judgement({ it }: { readonly it: Appeal }) {
  const choices: readonly Outcome[] = it.caseId === null ? ['unmatched'] : ['upheld', 'overturned'];
  const [verdict, setVerdict] = useState<Outcome | null>(null);
  const [reason, setReason] = useState('');
  const judge = async () => {
    if (verdict === null) return;
    try {
      const body = { verdict, reason };
      await ask<typeof JudgeAppeal>('post', '/api/appeals/{code}/judgement', {
        params: { code: it.code },
        body,
      });
      toast({ kind: 'done', text: say('done.judged'), seconds: 8 });
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
    renew('');
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void judge();
      }}
    >
      <fieldset class="choice">
        <legend>{say('appeals.verdict')}</legend>
        {choices.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name={`verdict-${it.code}`}
              required
              checked={verdict === each}
              onChange={() => setVerdict(each)}
            />{' '}
            {say(`appeals.${each}`)}
          </label>
        ))}
      </fieldset>
      <label>
        {say('appeals.reason')}
        <textarea
          rows={3}
          maxLength={2000}
          required
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <p class="effect">{say('appeals.effect')}</p>
      <Button class="main" type="submit">
        {say('appeals.judge')}
      </Button>
    </form>
  );
}
