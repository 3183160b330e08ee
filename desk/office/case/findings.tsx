/** What the rules of over-blocking find of a decided case: one officer asks to let a soft one go, another answers. */
import { useState } from 'preact/hooks';
import type { AnswerOverride, AskOverride, ReadFindings } from '../../api/overrides.ts';
import { plain } from '../../web/show.ts';
import { type Answer, ask, RefusedError } from '../api.ts';
import { renew, useAsked } from '../asked.ts';
import type { CaseTold } from '../case-told.ts';
import { Button } from '../keys.tsx';
import { Trouble, troubleWords } from '../parts/states.tsx';
import { Time } from '../parts/text.tsx';
import { toast } from '../parts/toasts.tsx';
import { may, me } from '../told.ts';
import { say } from '../words.ts';

type Finding = Answer<typeof ReadFindings>['findings'][number];

export function Findings({ it }: { readonly it: CaseTold }) {
  const { is, isBlind } = it.state;
  const isDecided = (is === 'confirmed' && isBlind !== true) || is === 'approved';
  const key = isDecided ? `case/${it.id}/findings/${it.revision}` : 'findings/none';
  const asked = useAsked(key, async () =>
    isDecided ? ask<typeof ReadFindings>('get', '/api/cases/{id}/findings', { params: { id: it.id } }) : null,
  );
  if (asked.is === 'trouble') {
    // A desk without the river has no rules to ask.
    const isElsewhere = asked.error instanceof RefusedError && asked.error.facts.code === 'not_available';
    return isElsewhere ? null : <Trouble error={asked.error} />;
  }
  if (asked.is !== 'here' || asked.value === null) return null;
  const { findings } = asked.value;
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  return (
    <section aria-labelledby="findings">
      <h2 id="findings">{say('findings.title')}</h2>
      {rules.length === 0 ? <p class="aside">{say('findings.none')}</p> : null}
      {rules.map((rule) => (
        <Rule
          key={rule}
          caseId={it.id}
          rule={rule}
          findings={findings.filter((each) => each.rule === rule)}
          again={() => renew(key)}
        />
      ))}
    </section>
  );
}

function Rule({
  caseId,
  rule,
  findings,
  again,
}: {
  readonly caseId: string;
  readonly rule: string;
  readonly findings: readonly Finding[];
  readonly again: () => void;
}) {
  const isHard = findings.some(({ kind }) => kind === 'hard');
  const open = findings.filter(({ isLetGo }) => !isLetGo);
  const waiting = open.flatMap(({ override }) => (override?.answer === null ? [override] : []));
  return (
    <div class={open.length === 0 ? 'finding' : 'finding holds'}>
      <p>
        <b class="code">{rule}</b>{' '}
        <span class="chip">
          {say(isHard ? 'findings.hard' : open.length === 0 ? 'findings.let_go' : 'findings.soft')}
        </span>
      </p>
      <ul>
        {findings.map(({ why, override }) => (
          <li key={why}>
            <span dir="auto">{plain(why)}</span>
            {override === null ? null : <Told override={override} />}
          </li>
        ))}
      </ul>
      {isHard || open.length === 0 ? null : waiting.length === 0 ? (
        may('override.ask') ? (
          <AskForm caseId={caseId} rule={rule} again={again} />
        ) : null
      ) : waiting.some(({ by }) => by === me().login) ? (
        <p class="note">{say('findings.waits')}</p>
      ) : may('override.answer') ? (
        <AnswerForm caseId={caseId} rule={rule} asked={waiting.map(({ n }) => n)} again={again} />
      ) : null}
    </div>
  );
}

function Told({ override }: { readonly override: NonNullable<Finding['override']> }) {
  const { by, at, why, answer } = override;
  return (
    <p class="note">
      {say('findings.asked', { by })} <Time at={at} />: <q dir="auto">{plain(why)}</q>
      {answer === null ? null : (
        <>
          <br />
          {say(`findings.${answer.is}`, { by: answer.by })} <Time at={answer.at} />
          {answer.words === '' ? null : (
            <>
              : <q dir="auto">{plain(answer.words)}</q>
            </>
          )}
        </>
      )}
    </p>
  );
}

interface FormProps {
  readonly caseId: string;
  readonly rule: string;
  readonly again: () => void;
}

function AskForm({ caseId, rule, again }: FormProps) {
  const [why, setWhy] = useState('');
  const send = () =>
    telling(
      () =>
        ask<typeof AskOverride>('post', '/api/cases/{id}/overrides', {
          params: { id: caseId },
          body: { rule, why },
        }),
      again,
    );
  return (
    <form
      class="override"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label>
        {say('findings.why')}
        <textarea
          rows={2}
          required
          minLength={10}
          maxLength={2000}
          value={why}
          onInput={(event) => setWhy(event.currentTarget.value)}
        />
      </label>
      <Button type="submit">{say('findings.ask')}</Button>
    </form>
  );
}

function AnswerForm({ caseId, rule, asked, again }: FormProps & { readonly asked: readonly number[] }) {
  const [words, setWords] = useState('');
  const send = (verdict: 'confirmed' | 'refused') =>
    telling(
      () =>
        ask<typeof AnswerOverride>('post', '/api/cases/{id}/overrides/{rule}/answer', {
          params: { id: caseId, rule },
          body: { verdict, words, asked: [...asked] },
        }),
      again,
    );
  return (
    <div class="override">
      <label>
        {say('findings.words')}
        <textarea
          rows={2}
          maxLength={2000}
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
      </label>
      <div class="deeds">
        <Button class="main" run={() => void send('confirmed')}>
          {say('findings.confirm')}
        </Button>
        <Button run={() => void send('refused')}>{say('findings.refuse')}</Button>
      </div>
    </div>
  );
}

async function telling(act: () => Promise<unknown>, again: () => void): Promise<void> {
  try {
    await act();
    toast({ kind: 'done', text: say('done.override'), seconds: 6 });
  } catch (error) {
    toast({ kind: 'trouble', text: troubleWords(error) });
  }
  again();
}
