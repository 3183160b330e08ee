/** One case: what was seen, why it is here, who it is like, what was decided, and the keys that decide. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ReadCapture, UndoCase, ViewCase } from '../../api/cases.ts';
import type { ClaimCase } from '../../api/queue.ts';
import { defang, plain } from '../../web/show.ts';
import { ask, RefusedError } from '../api.ts';
import { preload, renew, useAsked } from '../asked.ts';
import type { Captured, CaseTold } from '../case-told.ts';
import { changes } from '../diff.ts';
import { Button, useKeys } from '../keys.tsx';
import { BulkDialog } from '../parts/bulk.tsx';
import { familyName, Kind, NameNotes, Score, Why } from '../parts/case-bits.tsx';
import { DecidePanel, type Sent } from '../parts/decide.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { troubleWords, When } from '../parts/states.tsx';
import { Structure } from '../parts/structure.tsx';
import { Address, Copyable, Plain, Time } from '../parts/text.tsx';
import { toast } from '../parts/toasts.tsx';
import { go, type ScreenProps } from '../router.ts';
import { mail } from '../session.ts';
import { may } from '../told.ts';
import { say, sayIfKnown, spokenWords, type Word } from '../words.ts';
import { caseKey, HOLD_AGAIN_MS, loadCase, pictureOf, prepareNext, type Work, workOf } from '../work.ts';

export default function CaseScreen({ params, query }: ScreenProps) {
  const id = params.id ?? '';
  const work = workOf(query);
  const asked = useAsked(caseKey(id), loadCase(id));
  return (
    <>
      <p class="back">
        <a href={work === null || work === 'open' ? '/cases' : `/cases?queue=${work}`}>
          ← {say('case.back')}
        </a>
      </p>
      <When asked={asked} again={() => void preload(caseKey(id), loadCase(id))}>
        {(it) => <Case key={it.id} it={it} work={work} captureId={query.get('capture')} />}
      </When>
    </>
  );
}

function Case({
  it,
  work,
  captureId,
}: {
  readonly it: CaseTold;
  readonly work: Work | null;
  readonly captureId: string | null;
}) {
  const [isShown, setShown] = useState(false);
  const [isStealing, setStealing] = useState(false);
  const [isBulk, setBulk] = useState(false);
  const next = useNext(it, work);
  useEffect(() => {
    document.title = `${it.id} ${it.subject.readable} · ${say('app.name')}`;
    ask<typeof ViewCase>('post', '/api/cases/{id}/view', { params: { id: it.id } }).catch(() => undefined);
  }, [it.id]);
  const other = useCapture(it, captureId);
  const shown = other ?? it.main;
  const send = (sent: Sent) => void sendDeed(it, sent, work, next.current);
  const openCluster = it.alike.filter(({ state, caseId }) => state === 'open' && caseId !== null);
  const canBulk = may('case.decide') && openCluster.length > 0 && it.state.is === 'open';
  useKeys([
    ...(shown?.screenshot == null
      ? []
      : [{ keys: 'i', word: 'case.unveil' as const, run: () => setShown(!isShown) }]),
    { keys: 'q', word: 'case.back', run: () => go('/cases') },
    ...(work === null
      ? []
      : [{ keys: 'n', word: 'case.skip' as const, run: () => void skip(work, it.id, next.current) }]),
    ...(it.claim !== null && !it.claim.isMine && may('case.hold')
      ? [{ keys: 's', word: 'case.steal' as const, run: () => setStealing(true) }]
      : []),
    ...(canBulk ? [{ keys: 'c', word: 'case.cluster' as const, run: () => setBulk(true) }] : []),
  ]);
  return (
    <>
      <div class="heading case-heading">
        <div>
          <h1>
            <bdi>{it.subject.readable}</bdi>
          </h1>
          <NameNotes subject={it.subject} />
          <Kind it={it} />
          <Why urgency={it.urgency} />
        </div>
        <Score score={it.score} />
      </div>
      {it.claim === null || it.claim.isMine ? null : (
        <p class="notice">
          <span>{say('queue.held', { by: it.claim.by })}</span>
          {may('case.hold') ? (
            <Button keys="s" run={() => setStealing(true)}>
              {say('case.steal')}
            </Button>
          ) : null}
        </p>
      )}
      <div class="case">
        <Picture it={it} shown={shown} isShown={isShown} toggle={() => setShown(!isShown)} />
        <div class="case-side">
          <DecidePanel it={it} send={send} />
          <Reasons shown={shown} />
          <Alike it={it} decideAll={canBulk ? () => setBulk(true) : null} />
          <History it={it} />
        </div>
        <div class="case-rest">
          {shown === null ? null : <Text shown={shown} />}
          {shown === null ? null : <Structure captureId={shown.id} />}
          <Pages it={it} shown={shown} work={work} />
          {other !== null && it.main !== null && other.id !== it.main.id ? (
            <Diff before={other} after={it.main} />
          ) : null}
          {shown === null ? null : <Facts shown={shown} />}
        </div>
      </div>
      {isStealing ? <Steal it={it} close={() => setStealing(false)} /> : null}
      {isBulk ? (
        <BulkDialog
          ids={[it.id, ...openCluster.map(({ caseId }) => caseId ?? '')]}
          close={() => setBulk(false)}
        />
      ) : null}
    </>
  );
}

/** Holds this case and fetches the one after it, while the case is on the screen. */
function useNext(it: CaseTold, work: Work | null): { current: Promise<string | null> } {
  const next = useRef<Promise<string | null>>(Promise.resolve(null));
  useEffect(() => {
    if (work === null) return;
    const prepare = () => {
      next.current = prepareNext(work, [it.id]).catch(() => null);
    };
    prepare();
    const timer = setInterval(prepare, HOLD_AGAIN_MS);
    return () => clearInterval(timer);
  }, [it.id, work]);
  return next;
}

/** Goes on at once; how the sending ends is told when it has ended. */
async function sendDeed(
  it: CaseTold,
  { deed, path, body }: Sent,
  work: Work | null,
  next: Promise<string | null>,
): Promise<void> {
  const letter = {
    key: crypto.randomUUID(),
    method: 'post' as const,
    address: `/api/cases/${it.id}/${path}`,
    body,
    about: it.id,
    writtenAt: new Date().toISOString(),
  };
  const sending = mail().post(letter);
  const back = { keys: 'u', word: 'decide.undo' as const, run: () => void undo(it.id, work) };
  toast({ kind: 'done', text: `${it.id}: ${say(`done.${deed}`)}`, seconds: UNDO_SECONDS, back });
  if (work !== null) {
    const id = await next;
    if (id === null) go('/cases');
    else go(`/cases/${id}?work=${work}`);
  }
  const ending = await sending;
  if (ending.is === 'refused') {
    const why = sayIfKnown(`error.${ending.code}`, say('error.internal'));
    toast({ kind: 'trouble', text: say('app.unsent_refused', { about: it.id, why }) });
  } else if (ending.is === 'waiting') {
    toast({ kind: 'waiting', text: say('app.kept', { about: it.id }), seconds: UNDO_SECONDS });
  }
  renew(caseKey(it.id));
  renew('queue/');
  renew('counts/');
}

/** As `UNDO_SECONDS` of `domain/case-acts.ts`, which refuses later. */
const UNDO_SECONDS = 10;

async function undo(id: string, work: Work | null): Promise<void> {
  try {
    await ask<typeof UndoCase>('post', '/api/cases/{id}/undo', { params: { id }, body: {} });
    toast({ kind: 'done', text: say('done.undone', { id }), seconds: 5 });
  } catch (error) {
    toast({ kind: 'trouble', text: troubleWords(error) });
  }
  renew('');
  go(`/cases/${id}${work === null ? '' : `?work=${work}`}`);
}

/** Gives the case back and goes on. */
async function skip(work: Work, id: string, next: Promise<string | null>): Promise<void> {
  const other = await next;
  await ask('delete', '/api/cases/{id}/claim', { params: { id } }).catch(() => undefined);
  go(other === null ? '/cases' : `/cases/${other}?work=${work}`);
}

function Steal({ it, close }: { readonly it: CaseTold; readonly close: () => void }) {
  const [reason, setReason] = useState('');
  const steal = async () => {
    try {
      await ask<typeof ClaimCase>('post', '/api/cases/{id}/claim', {
        params: { id: it.id },
        body: { steal: reason },
      });
      close();
    } catch (error) {
      toast({ kind: 'trouble', text: error instanceof RefusedError ? troubleWords(error) : say('app.away') });
    }
    renew(caseKey(it.id));
  };
  return (
    <Dialog title={say('case.steal')} close={close}>
      <form
        class="bulk"
        onSubmit={(event) => {
          event.preventDefault();
          void steal();
        }}
      >
        <label>
          {say('case.steal_why')}
          <input
            required
            maxLength={500}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <Button type="submit" class="main">
          {say('case.steal')}
        </Button>
      </form>
    </Dialog>
  );
}

/** Another capture of the case, with its text; null while the main one is shown. */
function useCapture(it: CaseTold, captureId: string | null): Captured | null {
  const isOther =
    captureId !== null && captureId !== it.main?.id && it.captures.some(({ id }) => id === captureId);
  const asked = useAsked(isOther ? `capture/${captureId}` : 'capture/none', async () =>
    isOther ? ask<typeof ReadCapture>('get', '/api/captures/{id}', { params: { id: captureId } }) : null,
  );
  return asked.is === 'here' ? asked.value : null;
}

function Picture({
  it,
  shown,
  isShown,
  toggle,
}: {
  readonly it: CaseTold;
  readonly shown: Captured | null;
  readonly isShown: boolean;
  readonly toggle: () => void;
}) {
  if (shown === null) {
    return (
      <section class="picture" aria-labelledby="picture">
        <h2 id="picture">{say('case.picture')}</h2>
        <p class="no-picture">{say(it.captures.length === 0 ? 'case.no_capture' : 'case.picture_none')}</p>
      </section>
    );
  }
  const address = defang(shown.finalUrl);
  return (
    <section class="picture" aria-labelledby="picture">
      <h2 id="picture">{say('case.picture')}</h2>
      <figure>
        <figcaption>
          <b dir="auto">{plain(shown.title)}</b>
          <Copyable>{address}</Copyable>
        </figcaption>
        {shown.screenshot === null ? (
          <p class="no-picture">{say('case.picture_none')}</p>
        ) : (
          <div class={isShown ? 'veil off' : 'veil'}>
            <img src={pictureOf(shown.id)} alt={say('case.picture_alt', { url: address })} />
            <Button keys="i" aria-pressed={isShown} run={toggle}>
              {say(isShown ? 'case.veil' : 'case.unveil')}
            </Button>
          </div>
        )}
      </figure>
      {shown.fullScreenshot === null || !isShown ? null : (
        <details>
          <summary>{say('case.picture_whole')}</summary>
          <img src={pictureOf(shown.id, 'page')} alt="" loading="lazy" />
        </details>
      )}
    </section>
  );
}

/** The strongest reasons are in sight, so that the decision stands on the same screen; the rest are folded away. */
const IN_SIGHT = 4;

function Reasons({ shown }: { readonly shown: Captured | null }) {
  const signals = shown?.assessment.signals ?? [];
  const inText = new Set(shown?.runs.flatMap(({ by }) => by));
  const most = Math.max(1, ...signals.map(({ contribution }) => Math.abs(contribution)));
  const items = signals.map((signal, at) => {
    const share = (Math.abs(signal.contribution) / most) * 50;
    const isAgainst = signal.contribution >= 0;
    const value = spokenWords().signed(signal.contribution);
    return (
      <li key={`${signal.id} ${at}`}>
        <div class="reason-head">
          <span class="number">{at + 1}</span> <b>{familyName(signal.family)}</b>
          <svg
            class={isAgainst ? 'push against' : 'push for'}
            viewBox="0 0 100 6"
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            <rect class="push-rest" width="100" height="6" />
            <rect
              class="push-full"
              x={(isAgainst ? 50 : 50 - share).toFixed(1)}
              width={share.toFixed(1)}
              height="6"
            />
          </svg>
          <span class="contribution">
            <span class="unseen">{say('case.contribution', { value: '' })}</span>
            {value}
          </span>
        </div>
        <p class="excerpt">
          <q dir="auto">{plain(signal.excerpt)}</q>
        </p>
        <p class="note">
          {signal.criterion === 'none' ? null : (
            <>{say('case.criterion', { code: plain(signal.criterion) })} · </>
          )}
          {inText.has(at) ? <a href={`#sign-${at + 1}`}>{say('case.in_text')}</a> : say('case.nowhere')}
        </p>
      </li>
    );
  });
  const folded = items.slice(IN_SIGHT);
  return (
    <section class="reasons" aria-labelledby="reasons">
      <h2 id="reasons">{say('case.reasons')}</h2>
      {items.length === 0 ? (
        <p class="aside">{say('case.reasons_none')}</p>
      ) : (
        <>
          <ol>{items.slice(0, IN_SIGHT)}</ol>
          {folded.length === 0 ? null : (
            <details>
              <summary>{say('case.more_reasons', { n: folded.length })}</summary>
              <ol>{folded}</ol>
            </details>
          )}
          <p class="aside">{say('case.reasons_help')}</p>
        </>
      )}
    </section>
  );
}

function Text({ shown }: { readonly shown: Captured }) {
  const seen = new Set<number>();
  return (
    <section aria-labelledby="text">
      <h2 id="text">{say('case.text')}</h2>
      {shown.text.trim() === '' ? (
        <p class="aside">{say('case.text_none')}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
        <section class="text" dir="auto" lang={shown.assessment.lang} tabIndex={0} aria-labelledby="text">
          {shown.runs.map(({ text, by }, at) => {
            const first = by.filter((n) => !seen.has(n));
            for (const n of first) seen.add(n);
            if (by.length === 0) return plain(text);
            return (
              <span key={at}>
                {first.map((n) => (
                  <span key={n} class="anchor" id={`sign-${n + 1}`} />
                ))}
                <mark>
                  {plain(text)}
                  <sup>{by.map((n) => n + 1).join(',')}</sup>
                </mark>
              </span>
            );
          })}
        </section>
      )}
    </section>
  );
}

function Alike({ it, decideAll }: { readonly it: CaseTold; readonly decideAll: (() => void) | null }) {
  if (it.alike.length === 0) return null;
  return (
    <section aria-labelledby="alike">
      <h2 id="alike">{say('case.alike')}</h2>
      <ul class="alike">
        {it.alike.map((other) => (
          <li key={other.site}>
            {other.caseId === null ? (
              <bdi>{plain(other.readable)}</bdi>
            ) : (
              <a href={`/cases/${other.caseId}`}>
                <bdi>{plain(other.readable)}</bdi>
              </a>
            )}{' '}
            <span class="meta">
              {spokenWords().chance(other.score)}
              {other.state === null ? '' : ` · ${say(`state.${other.state}` as Word)}`}
            </span>
            <p class="note">
              {other.reasons.map(({ what, detail }) => (
                <span key={`${what} ${detail}`}>
                  {sayIfKnown(`mark.${what}`, what)}: <bdi>{plain(detail)}</bdi>{' '}
                </span>
              ))}
            </p>
          </li>
        ))}
      </ul>
      {decideAll === null ? null : (
        <Button keys="c" run={decideAll}>
          {say('case.cluster')}
        </Button>
      )}
    </section>
  );
}

function History({ it }: { readonly it: CaseTold }) {
  return (
    <section aria-labelledby="history">
      <h2 id="history">{say('case.history')}</h2>
      <ol class="history">
        {it.acts.map((act, at) => {
          const batch = typeof act.facts.batch === 'string' ? act.facts.batch : '';
          const reason = typeof act.facts.reason === 'string' ? act.facts.reason : '';
          return (
            <li key={at}>
              <span>{say(`act.${act.kind}` as Word, { by: act.by, batch })}</span> <Time at={act.at} />
              {reason === '' ? null : <p dir="auto">{plain(reason)}</p>}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Pages({
  it,
  shown,
  work,
}: {
  readonly it: CaseTold;
  readonly shown: Captured | null;
  readonly work: Work | null;
}) {
  if (it.captures.length < 2) return null;
  const hrefOf = (id: string) => `/cases/${it.id}?capture=${id}${work === null ? '' : `&work=${work}`}`;
  return (
    <section aria-labelledby="pages">
      <h2 id="pages">{say('case.pages')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
      <section class="table" tabIndex={0} aria-labelledby="pages">
        <table>
          <thead>
            <tr>
              <th scope="col">{say('case.page')}</th>
              <th scope="col">{say('score.name')}</th>
              <th scope="col">{say('fact.status')}</th>
              <th scope="col">{say('case.seen_at')}</th>
            </tr>
          </thead>
          <tbody>
            {it.captures.map((each) => (
              <tr key={each.id} class={each.id === shown?.id ? 'shown' : ''}>
                <td>
                  <a
                    href={hrefOf(each.id)}
                    {...(each.id === shown?.id ? { 'aria-current': 'true' as const } : {})}
                  >
                    <bdi>{plain(each.title) || '—'}</bdi>
                  </a>
                  <Address>{each.finalUrl}</Address>
                  {each.profile === undefined ? null : (
                    <p class="note">
                      {say('fact.profile')}: {say(`profile.${each.profile}`)}
                    </p>
                  )}
                </td>
                <td class="figure">{spokenWords().chance(each.assessment.score)}</td>
                <td class="figure">{each.status}</td>
                <td>
                  <Time at={each.capturedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function Diff({ before, after }: { readonly before: Captured; readonly after: Captured }) {
  const told = changes(before.text, after.text);
  return (
    <section aria-labelledby="diff">
      <h2 id="diff">{say('case.diff')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
      <section class="text diff" tabIndex={0} aria-labelledby="diff">
        {told.map(({ is, text }, at) =>
          is === 'same' ? (
            <span key={at}>{plain(text)}</span>
          ) : is === 'new' ? (
            <ins key={at}>{plain(text)}</ins>
          ) : (
            <del key={at}>{plain(text)}</del>
          ),
        )}
      </section>
    </section>
  );
}

function Facts({ shown }: { readonly shown: Captured }) {
  const hops = shown.hops.filter(({ location }) => location !== null);
  return (
    <section aria-labelledby="facts">
      <h2 id="facts">{say('case.facts')}</h2>
      <dl class="facts">
        <dt>{say('fact.captured_at')}</dt>
        <dd>
          <Time at={shown.capturedAt} isExact />
        </dd>
        {shown.profile === undefined ? null : (
          <>
            <dt>{say('fact.profile')}</dt>
            <dd>{say(`profile.${shown.profile}`)}</dd>
          </>
        )}
        <dt>{say('fact.url')}</dt>
        <dd>
          <Copyable>{defang(shown.url)}</Copyable>
        </dd>
        <dt>{say('fact.status')}</dt>
        <dd>{shown.status}</dd>
        <dt>{say('fact.hops')}</dt>
        <dd>
          {hops.length === 0 ? (
            say('fact.hops_none')
          ) : (
            <ol class="hops">
              {hops.map((hop, at) => (
                <li key={at}>
                  <Address>{hop.url}</Address> → {hop.status}
                </li>
              ))}
              <li>
                <Address>{shown.finalUrl}</Address>
              </li>
            </ol>
          )}
        </dd>
        <dt>{say('fact.peer')}</dt>
        <dd>{shown.peer === null ? say('fact.unknown') : <Copyable>{plain(shown.peer)}</Copyable>}</dd>
        <dt>{say('fact.media_type')}</dt>
        <dd>
          <Plain>{shown.mediaType}</Plain>
        </dd>
        <dt>{say('fact.bytes')}</dt>
        <dd>{spokenWords().bytes(shown.bodyBytes)}</dd>
        <dt>{say('fact.body')}</dt>
        <dd>
          <Copyable>{shown.bodySha256}</Copyable>
        </dd>
        {shown.screenshot === null ? null : (
          <>
            <dt>{say('fact.screenshot')}</dt>
            <dd>
              <Copyable>{shown.screenshot}</Copyable>
            </dd>
          </>
        )}
        <dt>{say('fact.warc')}</dt>
        <dd>
          <Copyable>{shown.warc}</Copyable>
        </dd>
        <dt>{say('fact.lang')}</dt>
        <dd>
          <Plain>{shown.assessment.lang}</Plain>
        </dd>
        <dt>{say('fact.model')}</dt>
        <dd>
          <Plain>{shown.assessment.model}</Plain>
        </dd>
      </dl>
    </section>
  );
}
