/**
 * What this officer may do about a case now, by keys: B confirms, L dismisses, M watches, E hands up; A approves and D
 * disagrees as the second; R takes a decision back. Each opens a small form in which digits choose words that are ready,
 * and Ctrl+Enter sends.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { plain } from '../../web/show.ts';
import type { CaseTold } from '../case-told.ts';
import { Button, KeyCap, type KeyDeed, useKeys } from '../keys.tsx';
import { may, me } from '../told.ts';
import { say, sayIfKnown, spokenWords, type Word } from '../words.ts';

export const DEEDS = ['confirm', 'dismiss', 'watch', 'escalate', 'approve', 'disagree', 'reverse'] as const;
export type DeedName = (typeof DEEDS)[number];

/** What is sent: where to, and the officer's words. */
export interface Sent {
  readonly deed: DeedName;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const KEYS: Readonly<Record<DeedName, string>> = {
  confirm: 'b',
  dismiss: 'l',
  watch: 'm',
  escalate: 'e',
  approve: 'a',
  disagree: 'd',
  reverse: 'r',
};

/** What the table of roles, the state and the four eyes leave this officer to do. */
export function deedsOf(it: CaseTold): DeedName[] {
  const { state } = it;
  // A second reader says what the case is, and nothing else.
  if (it.reread !== null) return it.grounds.length > 0 ? ['confirm', 'dismiss'] : ['dismiss'];
  if (it.claim !== null && !it.claim.isMine) return [];
  if (state.is === 'open') {
    const up = state.escalated;
    const canDecide =
      may('case.decide') &&
      (up === undefined || (me().role === 'senior' && !up.between.includes(me().login)));
    return [
      ...(canDecide && it.grounds.length > 0 ? (['confirm'] as const) : []),
      ...(canDecide ? (['dismiss'] as const) : []),
      ...(may('case.put_off') ? (['watch'] as const) : []),
      ...(may('case.put_off') && up === undefined ? (['escalate'] as const) : []),
    ];
  }
  const canReverse = may('case.reverse') && state.is !== 'referred' && state.isBlind !== true;
  const reverse: DeedName[] = canReverse ? ['reverse'] : [];
  if (state.is !== 'confirmed' || !may('case.approve') || state.by === me().login) return reverse;
  return state.isBlind === true ? ['confirm', 'dismiss'] : ['approve', 'disagree', ...reverse];
}

export function DecidePanel({ it, send }: { readonly it: CaseTold; readonly send: (sent: Sent) => void }) {
  const [open, setOpen] = useState<DeedName | null>(null);
  const deeds = deedsOf(it);
  useEffect(() => setOpen(null), [it.id, it.revision]);
  const choose = (deed: DeedName) => {
    if (deed === 'approve') send({ deed, path: 'approval', body: { revision: it.revision } });
    else setOpen(deed);
  };
  useKeys(
    deeds.map((deed): KeyDeed => ({ keys: KEYS[deed], word: `deed.${deed}`, run: () => choose(deed) })),
  );
  return (
    <section class="verdict" aria-labelledby="verdict">
      <h2 id="verdict">{headingOf(it)}</h2>
      <Standing it={it} />
      {deeds.length === 0 ? (
        <p class="aside">{whyNothing(it)}</p>
      ) : open !== null && deeds.includes(open) ? (
        <DeedForm it={it} deed={open} send={send} close={() => setOpen(null)} />
      ) : (
        <div class="deeds">
          {deeds.map((deed) => (
            <Button
              key={deed}
              keys={KEYS[deed]}
              class={deed === 'confirm' || deed === 'approve' ? 'main' : ''}
              run={() => choose(deed)}
            >
              {say(`deed.${deed}`)}
            </Button>
          ))}
        </div>
      )}
    </section>
  );
}

function headingOf({ state, reread }: CaseTold): string {
  if (reread !== null) return say('reread.title');
  if (state.is === 'open') return say('decide.title');
  if (state.is === 'confirmed') return say('approve.title');
  return say(`state.${state.is}`);
}

/** What was decided so far, and by whom. */
function Standing({ it: { state, reread } }: { readonly it: CaseTold }) {
  if (reread !== null) return <p class="effect">{say('reread.standing')}</p>;
  const words = spokenWords();
  const { by = '', at, approvedBy: other = '', batch = '' } = state;
  if (state.is === 'open') {
    const { escalated, watched } = state;
    return (
      <>
        {escalated === undefined ? null : (
          <p class="effect">
            {say('standing.escalated', { by: escalated.by })} <q dir="auto">{plain(escalated.reason)}</q>
          </p>
        )}
        {watched === undefined ? null : (
          <p class="effect">
            {say('standing.watched', { by: watched.by, time: words.time(new Date(watched.until)) })}{' '}
            <q dir="auto">{plain(watched.reason)}</q>
          </p>
        )}
      </>
    );
  }
  if (state.isBlind === true) return <p class="effect">{say('standing.blind')}</p>;
  const time = at === undefined ? '' : words.time(new Date(at));
  const sentence =
    state.is === 'confirmed'
      ? say('approve.first', { by, time })
      : state.is === 'dismissed'
        ? say('closed.dismissed', { by })
        : state.is === 'approved'
          ? say('closed.approved', { by, other })
          : say('closed.referred', { by, other, batch });
  return (
    <>
      <p>{sentence}</p>
      <dl class="decision">
        {state.ground === undefined ? null : (
          <>
            <dt>{say('case.ground')}</dt>
            <dd>{sayIfKnown(`ground.${state.ground}`, state.ground)}</dd>
          </>
        )}
        <dt>{say('case.reason')}</dt>
        <dd dir="auto">{plain(state.reason ?? '')}</dd>
      </dl>
    </>
  );
}

function whyNothing(it: CaseTold): string {
  if (me().isVisitor) return say('decide.guest');
  if (it.claim !== null && !it.claim.isMine) return say('queue.held', { by: it.claim.by });
  if (it.state.is === 'confirmed' && it.state.by === me().login) return say('approve.same');
  if (!may('case.decide')) return say('decide.may_not', { role: say(`role.${me().role}` as Word) });
  if (it.state.is === 'referred') return say('standing.referred');
  return say('error.needs_senior');
}

/** How many days a case is left alone, by the digit. */
const DAYS = [3, 7, 14, 30] as const;

function DeedForm({
  it,
  deed,
  send,
  close,
}: {
  readonly it: CaseTold;
  readonly deed: DeedName;
  readonly send: (sent: Sent) => void;
  readonly close: () => void;
}) {
  const form = useRef<HTMLFormElement>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const [reason, setReason] = useState('');
  const [ground, setGround] = useState(0);
  const [days, setDays] = useState<number>(7);
  const ready = templates(it, deed);
  // The form, and not its field: digits choose words until somebody types.
  useEffect(() => form.current?.focus(), [deed]);
  const submit = () => {
    if (reason.trim() === '') {
      box.current?.focus();
      return;
    }
    const shared = { reason, revision: it.revision };
    const isLook = it.state.isBlind === true;
    if (deed === 'confirm' || deed === 'dismiss') {
      const decision = deed === 'confirm' ? { verdict: deed, ground: it.grounds[ground] } : { verdict: deed };
      const path = it.reread !== null ? 'reread' : isLook ? 'second-look' : 'decision';
      send({ deed, path, body: { ...decision, ...shared } });
    } else if (deed === 'watch') send({ deed, path: 'watch', body: { ...shared, days } });
    else {
      const path = {
        escalate: 'escalation',
        disagree: 'disagreement',
        reverse: 'reversal',
        approve: 'approval',
      }[deed];
      send({ deed, path, body: shared });
    }
  };
  useKeys(
    [
      { keys: 'escape', word: 'app.close', run: close },
      { keys: 'ctrl+enter', word: 'decide.send', run: submit },
      { keys: 'enter', word: 'decide.send', run: submit },
      { keys: 't', word: 'decide.type', run: () => box.current?.focus() },
      ...(deed === 'confirm' && it.grounds.length > 1
        ? [
            {
              keys: 'g',
              word: 'decide.ground' as const,
              run: () => setGround((ground + 1) % it.grounds.length),
            },
          ]
        : []),
      ...ready.map(
        (text, at): KeyDeed => ({
          keys: String(at + 1),
          word: 'decide.template',
          run: () => setReason(text),
        }),
      ),
    ],
    { isModal: true },
  );
  return (
    <form
      ref={form}
      tabIndex={-1}
      class="deed"
      aria-label={say(`deed.${deed}`)}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <p class="deed-name">{say(`deed.${deed}`)}</p>
      {deed !== 'confirm' ? null : (
        <fieldset class="choice">
          <legend>
            {say('decide.ground')} <KeyCap keys="g" />
          </legend>
          {it.grounds.map((each, at) => (
            <label key={each}>
              <input type="radio" name="ground" checked={at === ground} onChange={() => setGround(at)} />{' '}
              {sayIfKnown(`ground.${each}`, each)}
            </label>
          ))}
        </fieldset>
      )}
      {deed !== 'watch' ? null : (
        <label>
          {say('decide.days')}
          <select value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
            {DAYS.map((each) => (
              <option key={each} value={each}>
                {say('queue.for_days', { n: each })}
              </option>
            ))}
          </select>
        </label>
      )}
      <ol class="templates" aria-label={say('decide.template')}>
        {ready.map((text, at) => (
          <li key={text}>
            <Button class="quiet" keys={String(at + 1)} run={() => setReason(text)}>
              {text}
            </Button>
          </li>
        ))}
      </ol>
      <label for="reason">
        {say('decide.reason')} <KeyCap keys="t" />
      </label>
      <textarea
        id="reason"
        ref={box}
        rows={3}
        maxLength={2000}
        required
        value={reason}
        aria-describedby="reason-hint"
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <p class="note" id="reason-hint">
        {say(it.reread !== null ? 'reread.effect' : `effect.${deed}`)}
      </p>
      <div class="deeds">
        <Button type="submit" class="main" keys="ctrl+enter">
          {say('decide.send')}
        </Button>
        <Button class="quiet" keys="escape" run={close}>
          {say('app.cancel')}
        </Button>
      </div>
    </form>
  );
}

/** Words that are ready for this case: the strongest signs by name, then what is often said. */
export function templates(it: Pick<CaseTold, 'main'>, deed: DeedName): string[] {
  const said = ([1, 2] as const).map((n) => say(`template.${deed}.${n}` as Word));
  if (deed !== 'confirm') return said;
  const strongest = (it.main?.assessment.signals ?? [])
    .filter(({ contribution }) => contribution > 0)
    .slice(0, 2);
  const cited = strongest.map(
    ({ family, excerpt }) => `${sayIfKnown(`family.${family}`, plain(family))}: «${plain(excerpt).trim()}»`,
  );
  return cited.length === 0 ? said : [cited.join('; '), ...said];
}
