/** What people sent in: those that nobody replied to first, longest waiting first; and a file of them to take in. */
import { useState } from 'preact/hooks';
import type { ImportTips, ListTips, ReplyTip } from '../../api/tips.ts';
import { type Answer, ask } from '../api.ts';
import { preload, renew, useAsked } from '../asked.ts';
import { Button, useKeys } from '../keys.tsx';
import { Facts } from '../parts/facts.tsx';
import { Empty, troubleWords, When } from '../parts/states.tsx';
import { Address, Plain, Time } from '../parts/text.tsx';
import { Title } from '../parts/title.tsx';
import { toast } from '../parts/toasts.tsx';
import type { ScreenProps } from '../router.ts';
import { may } from '../told.ts';
import { say } from '../words.ts';

type Told = Answer<typeof ListTips>;
type Tip = Told['tips'][number];
const TABS = ['unanswered', 'replied'] as const;

export default function Tips({ query }: ScreenProps) {
  const is = TABS.find((it) => it === query.get('is')) ?? 'unanswered';
  const key = `tips/${is}`;
  const load = () => ask<typeof ListTips>('get', '/api/tips', { query: { is } });
  const asked = useAsked(key, load);
  const [at, setAt] = useState(0);
  const list = asked.is === 'here' ? asked.value.tips : [];
  const step = (by: number) => {
    const next = Math.min(Math.max(0, at + by), list.length - 1);
    setAt(next);
    document.getElementById(`tip-${list[next]?.code}`)?.focus();
  };
  useKeys([
    { keys: 'j', word: 'key.next', run: () => step(1) },
    { keys: 'k', word: 'key.previous', run: () => step(-1) },
  ]);
  return (
    <>
      <Title text={say('tips.title')}>
        {asked.is === 'here' ? <p class="aside">{say('tips.waiting', { n: asked.value.waiting })}</p> : null}
      </Title>
      <nav class="tabs" aria-label={say('tips.title')}>
        {TABS.map((it) => (
          <a key={it} href={`/tips?is=${it}`} {...(it === is ? { 'aria-current': 'page' as const } : {})}>
            {say(`tips.${it}`)}
          </a>
        ))}
      </nav>
      <When asked={asked} again={() => void preload(key, load)}>
        {({ tips }) =>
          tips.length === 0 ? (
            <Empty title={say('cases.empty.title')}>
              <p>{say('tips.empty', { address: `${location.origin}/tip` })}</p>
            </Empty>
          ) : (
            <ol class="letters under-tabs">
              {tips.map((it) => (
                <OneTip key={it.code} it={it} />
              ))}
            </ol>
          )
        }
      </When>
      {may('tip.change') ? <Import /> : null}
    </>
  );
}

function OneTip({ it }: { readonly it: Tip }) {
  const name = `tip-${it.code}`;
  return (
    <li>
      <section class="verdict" aria-labelledby={name}>
        <h2 id={name} class="code" tabIndex={-1}>
          {it.code}
        </h2>
        <Facts
          rows={[
            [
              say('appeals.came'),
              <>
                <Time at={it.at} /> · {say(`tips.via.${it.via}`)}
              </>,
            ],
            [
              say('appeal.url'),
              <>
                <Address>{it.url}</Address>
                {it.caseId === null ? null : (
                  <>
                    {' · '}
                    <a href={`/cases/${it.caseId}`}>{it.caseId}</a>
                  </>
                )}
              </>,
            ],
            ...(it.words === '' ? [] : [[say('tips.words'), <Plain key="words">{it.words}</Plain>] as const]),
            ...(it.contact === ''
              ? []
              : [[say('appeals.contact'), <Plain key="contact">{it.contact}</Plain>] as const]),
            [say('tips.answer'), say(`tip.answer.${it.answer}`)],
            ...(it.reply === null
              ? []
              : [
                  [
                    say('tips.reply'),
                    <>
                      {say(`tips.reply.${it.reply.is}`)} · {it.reply.by} · <Time at={it.reply.at} />
                      {it.reply.words === '' ? null : (
                        <>
                          <br />
                          <Plain>{it.reply.words}</Plain>
                        </>
                      )}
                    </>,
                  ] as const,
                ]),
          ]}
        />
        {it.reply === null && may('tip.change') ? <Reply code={it.code} /> : null}
      </section>
    </li>
  );
}

function Reply({ code }: { readonly code: string }) {
  const [is, setIs] = useState<'thanks' | 'feedback'>('thanks');
  const [words, setWords] = useState('');
  const reply = async () => {
    try {
      await ask<typeof ReplyTip>('post', '/api/tips/{code}/reply', { params: { code }, body: { is, words } });
      toast({ kind: 'done', text: say('tips.replied_done'), seconds: 8 });
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
    renew('tips');
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void reply();
      }}
    >
      <fieldset class="choice">
        <legend>{say('tips.reply')}</legend>
        {(['thanks', 'feedback'] as const).map((each) => (
          <label key={each}>
            <input type="radio" name={`reply-${code}`} checked={is === each} onChange={() => setIs(each)} />{' '}
            {say(`tips.reply.${each}`)}
          </label>
        ))}
      </fieldset>
      <label>
        {say('tips.reply_words')}
        <textarea
          rows={2}
          maxLength={2000}
          required={is === 'feedback'}
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
      </label>
      <Button class="main" type="submit">
        {say('tips.reply_send')}
      </Button>
    </form>
  );
}

function Import() {
  const take = async (form: HTMLFormElement) => {
    const file = new FormData(form).get('file');
    if (!(file instanceof File)) return;
    try {
      const body = { text: await file.text() };
      const { taken, refused } = await ask<typeof ImportTips>('post', '/api/tips/file', { body });
      toast({
        kind: refused.length === 0 ? 'done' : 'waiting',
        text: say('tips.imported', { taken, refused: refused.length }),
      });
      form.reset();
    } catch (error) {
      toast({ kind: 'trouble', text: troubleWords(error) });
    }
    renew('tips');
  };
  return (
    <section class="verdict narrow" aria-labelledby="import-tips">
      <h2 id="import-tips">{say('tips.import')}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void take(event.currentTarget);
        }}
      >
        <label>
          {say('tips.import_help')}
          <input type="file" name="file" required accept=".csv,.json,text/csv,application/json" />
        </label>
        <Button class="main" type="submit">
          {say('tips.import_send')}
        </Button>
      </form>
    </section>
  );
}
