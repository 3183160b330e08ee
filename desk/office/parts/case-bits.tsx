/** Pieces that the queue and the case share: the name of a subject, its risk, its state. */

import { plain } from '../../web/show.ts';
import type { Case } from '../case-told.ts';
import { say, sayIfKnown, spokenWords } from '../words.ts';

/** Punycode and mixed alphabets are told beside the name. */
export function NameNotes({ subject }: { readonly subject: Case['subject'] }) {
  return (
    <>
      {subject.punycode === null ? null : (
        <p class="note">{say('site.punycode', { name: subject.punycode })}</p>
      )}
      {subject.isMixed ? <p class="note warn">{say('site.mixed')}</p> : null}
    </>
  );
}

export function Kind({ it }: { readonly it: Case }) {
  return (
    <p class="kind">
      <span class={`chip label-${it.label}`}>{say(`label.${it.label}`)}</span>
      <State it={it} /> <span class="id">{it.id}</span>
    </p>
  );
}

export function State({ it }: { readonly it: Case }) {
  const { escalated, watched } = it.state;
  return (
    <span class={`state state-${it.state.is}`}>
      {watched !== undefined
        ? say('state.watched', { time: spokenWords().time(new Date(watched.until)) })
        : escalated !== undefined
          ? say('state.escalated')
          : say(`state.${it.state.is}`)}
    </span>
  );
}

export function Score({ score }: { readonly score: number }) {
  return (
    <span class="score" title={say('score.explain')}>
      <span class="score-name">{say('score.name')}</span> <b>{spokenWords().chance(score)}</b>
      <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect class="bar-rest" width="100" height="4" />
        <rect class="bar-full" width={(score * 100).toFixed(1)} height="4" />
      </svg>
    </span>
  );
}

/** Why a case stands where it does: risk x reach x age. */
export function Why({
  urgency,
}: {
  readonly urgency: { readonly reach: number; readonly waitingDays: number };
}) {
  return (
    <p class="meta">
      {say('queue.reach', { n: urgency.reach })} · {waiting(urgency.waitingDays)}
    </p>
  );
}

export function waiting(days: number): string {
  if (days < 1) return say('queue.hours', { n: Math.max(1, Math.floor(days * 24)) });
  return say('queue.days', { n: Math.floor(days) });
}

export function familyName(family: string): string {
  return sayIfKnown(`family.${family}`, plain(family));
}

export function Claim({
  claim,
}: {
  readonly claim: { readonly by: string; readonly isMine: boolean } | null;
}) {
  if (claim === null) return null;
  return <p class="held">{claim.isMine ? say('queue.held_by_me') : say('queue.held', { by: claim.by })}</p>;
}
