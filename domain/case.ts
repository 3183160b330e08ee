/**
 * A case: what an officer is shown, and what officers decided about it.
 *
 * One case a subject (a site, a channel, a ring of listings); the pages seen are its evidence.
 * The machine opens cases and adds evidence; only people move one any further:
 *
 *     open --confirm(A)--> confirmed --approve(B, B is not A)--> approved --batch--> referred
 *       \--dismiss(A)--> dismissed --what is seen changes--> open
 *     confirmed, approved --72 hours old and seen again--> open
 *     confirmed, approved --overturned on appeal (C, who is neither), or a sibling was--> open
 *
 * What officers do besides, short of a decision (escalate, watch, disagree) and back from one (reverse, undo), is in
 * `case-acts.ts`.
 *
 * All functions here are pure: a case and an act in, the next case out, or a refusal thrown.
 */
import type { Label, Score, Signal } from './assessment.ts';
import { type GroundCode, groundFor, isReferable } from './referral.ts';
import { foldLookalikes, lower, normalForm } from './text.ts';

export type CaseId = string;
/** A person's login, folded by `officerId`. */
export type OfficerId = string;
export type BatchId = string;

export type CaseState =
  | {
      readonly is: 'open';
      /** Given to a senior: nobody else decides it. */
      readonly escalated?: Escalation;
      /** Left alone until then, or until what is seen of it changes. */
      readonly watched?: Watch;
    }
  | {
      readonly is: 'confirmed';
      readonly by: OfficerId;
      readonly at: Date;
      readonly ground: GroundCode;
      readonly reason: string;
    }
  | {
      readonly is: 'approved';
      readonly by: OfficerId;
      readonly at: Date;
      readonly ground: GroundCode;
      readonly reason: string;
      readonly approvedBy: OfficerId;
      readonly approvedAt: Date;
    }
  | {
      readonly is: 'dismissed';
      readonly by: OfficerId;
      readonly at: Date;
      readonly reason: string;
      readonly seen: Seen;
    }
  | {
      readonly is: 'referred';
      readonly batch: BatchId;
      readonly by: OfficerId;
      readonly at: Date;
      readonly ground: GroundCode;
      readonly reason: string;
      readonly approvedBy: OfficerId;
      readonly approvedAt: Date;
    };

export type CaseStateName = CaseState['is'];

export interface Escalation {
  readonly by: OfficerId;
  readonly at: Date;
  readonly reason: string;
  /** The officers who disagreed: the senior is neither of them. Empty when it was handed up by one alone. */
  readonly between: readonly OfficerId[];
}

export interface Watch {
  readonly by: OfficerId;
  readonly at: Date;
  readonly reason: string;
  readonly until: Date;
}

export interface Subject {
  readonly kind: 'site' | 'channel' | 'ring';
  /** Registrable domain, channel address or ring id: unique within its kind. */
  readonly key: string;
}

/**
 * What was seen of a subject, coarse enough that a clock or a counter on the page does not change it:
 * the label, the ids of the signals (sorted), and a sketch of the text (see `seenChanged`).
 */
export interface Seen {
  readonly label: Label;
  readonly signals: readonly string[];
  /** The 128 smallest 32-bit hashes of the text's word triples, digits left out; ascending. */
  readonly sketch: readonly number[];
}

export interface Case {
  /** `K-000123`. */
  readonly id: CaseId;
  readonly subject: Subject;
  readonly label: Label;
  readonly score: Score;
  /** Grows by one with every change; a stale writer is refused by it. */
  readonly revision: number;
  readonly state: CaseState;
  readonly seen: Seen;
  /** The reasons of the last sighting, at most eight: those that cite a criterion first, each strongest first. */
  readonly reasons: readonly Signal[];
  readonly openedAt: Date;
  readonly updatedAt: Date;
}

/** `K-000123` -> 123; null for anything else. Letter case and missing zeros are forgiven. */
export function caseNumber(id: string): number | null {
  const digits = /^(?:k-)?0*(\d{1,15})$/i.exec(id.trim())?.[1];
  return digits === undefined ? null : Number(digits);
}

export function caseId(number: number): CaseId {
  return `K-${String(number).padStart(6, '0')}`;
}

/** What the machine says of a subject when it sees it. */
export type Sighting = Pick<Case, 'label' | 'score' | 'seen' | 'reasons'>;

/** An act that the rules do not allow. `code` tells callers apart; the message names the way out. */
export class CaseRefusedError extends Error {
  override readonly name = 'CaseRefusedError';
  readonly facts: { readonly caseId: CaseId; readonly code: CaseRefusal };

  constructor(caseId: CaseId, code: CaseRefusal, why: string) {
    super(`Case ${caseId}: ${why}`);
    this.facts = { caseId, code };
  }
}

export type CaseRefusal =
  | 'wrong_state'
  | 'changed'
  | 'same_officer'
  | 'no_officer'
  | 'no_reason'
  | 'not_referable'
  | 'wrong_ground'
  | 'needs_senior'
  | 'claimed'
  | 'not_yours'
  | 'too_late'
  | 'not_undoable'
  | 'bad_days';

/** One person, one id: `Aigerim `, `AIGERIM`, a full-width spelling and one with letters unseen are the same. */
export function officerId(typed: string): OfficerId {
  return lower(normalForm(typed))
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Whether two ids may be one person under two spellings: look-alike letters of other alphabets count as the same. */
export function isSameOfficer(a: OfficerId, b: OfficerId): boolean {
  return skeleton(officerId(a)) === skeleton(officerId(b));
}

function skeleton(id: OfficerId): string {
  return foldLookalikes(id).text.replaceAll(/[^\p{L}\p{N}]/gu, '');
}

export type Decision = {
  readonly by: string;
  readonly reason: string;
  /** Decides what was escalated too. */
  readonly isSenior?: boolean;
} & ({ readonly verdict: 'confirm'; readonly ground: string } | { readonly verdict: 'dismiss' });

/**
 * The first officer's decision.
 *
 * @throws CaseRefusedError when the case is not open, no officer or reason is named, the label is
 *   never referred, or the ground does not fit the label; when it was escalated, and a senior is not the one who asks.
 */
export function decide(it: Case, act: Decision, now: Date): Case {
  const by = officerId(act.by);
  if (by === '')
    throw new CaseRefusedError(it.id, 'no_officer', 'name the officer who decides (--by OFFICER).');
  const reason = act.reason.trim();
  if (reason === '') throw new CaseRefusedError(it.id, 'no_reason', 'say why in words (--reason TEXT).');
  if (it.state.is !== 'open') {
    throw new CaseRefusedError(
      it.id,
      'wrong_state',
      `it is ${it.state.is}, and only an open case can be decided.`,
    );
  }
  if (it.state.escalated !== undefined) checkSenior(it, it.state.escalated, by, act.isSenior === true);
  if (act.verdict === 'dismiss') {
    return step(it, { is: 'dismissed', by, at: now, reason, seen: it.seen }, now);
  }
  if (!isReferable(it.label)) {
    throw new CaseRefusedError(
      it.id,
      'not_referable',
      `"${it.label}" is outside what Kuzet may refer. Dismiss it, or hand it to the body in charge.`,
    );
  }
  const ground = groundFor(it.label, act.ground);
  if (ground.is === 'refused') throw new CaseRefusedError(it.id, 'wrong_ground', ground.why);
  return step(it, { is: 'confirmed', by, at: now, ground: ground.code, reason }, now);
}

function checkSenior(it: Case, { between }: Escalation, by: OfficerId, isSenior: boolean): void {
  if (!isSenior) {
    throw new CaseRefusedError(
      it.id,
      'needs_senior',
      'it was given to a senior, who decides it at the desk.',
    );
  }
  if (between.some((officer) => isSameOfficer(officer, by))) {
    throw new CaseRefusedError(it.id, 'same_officer', `${by} is one of those who disagreed on it.`);
  }
}

/**
 * The second officer's yes.
 *
 * @throws CaseRefusedError when the case is not confirmed, or the same officer asks.
 */
export function approve(it: Case, byTyped: string, now: Date): Case {
  const by = officerId(byTyped);
  if (by === '')
    throw new CaseRefusedError(it.id, 'no_officer', 'name the officer who approves (--by OFFICER).');
  if (it.state.is !== 'confirmed') {
    throw new CaseRefusedError(
      it.id,
      'wrong_state',
      `it is ${it.state.is}, and only a confirmed case can be approved.`,
    );
  }
  if (isSameOfficer(it.state.by, by)) {
    throw new CaseRefusedError(
      it.id,
      'same_officer',
      `${by} confirmed it, so another officer has to approve it.`,
    );
  }
  return step(it, { ...it.state, is: 'approved', approvedBy: by, approvedAt: now }, now);
}

/**
 * Taken into a batch.
 *
 * @throws CaseRefusedError unless the case is approved.
 */
export function refer(it: Case, batch: BatchId, now: Date): Case {
  if (it.state.is !== 'approved') {
    throw new CaseRefusedError(
      it.id,
      'wrong_state',
      `it is ${it.state.is}, and only an approved case goes into a batch.`,
    );
  }
  return step(it, { ...it.state, is: 'referred', batch }, now);
}

/**
 * Taken over into another batch, because something holds the first one back.
 *
 * @throws CaseRefusedError unless the case was taken into a batch before.
 */
export function referAgain(it: Case, batch: BatchId, now: Date): Case {
  if (it.state.is !== 'referred') {
    throw new CaseRefusedError(it.id, 'wrong_state', `it is ${it.state.is}, and was in no batch before.`);
  }
  return step(it, { ...it.state, batch }, now);
}

/**
 * An appeal was right: what has not left opens again; what has left stays referred, and its passage goes on to
 * having the block lifted.
 *
 * @throws CaseRefusedError when nothing was decided, no reason is given, or one of those asks who decided it.
 */
export function overturn(it: Case, act: { readonly by: string; readonly reason: string }, now: Date): Case {
  const by = officerId(act.by);
  if (by === '')
    throw new CaseRefusedError(it.id, 'no_officer', 'name the officer who judges (--by OFFICER).');
  if (act.reason.trim() === '')
    throw new CaseRefusedError(it.id, 'no_reason', 'say why in words (--reason TEXT).');
  const { state } = it;
  if (state.is === 'open' || state.is === 'dismissed') {
    throw new CaseRefusedError(it.id, 'wrong_state', `it is ${state.is}, so there is nothing to overturn.`);
  }
  const deciders = state.is === 'confirmed' ? [state.by] : [state.by, state.approvedBy];
  if (deciders.some((officer) => isSameOfficer(officer, by))) {
    throw new CaseRefusedError(it.id, 'same_officer', `${by} decided it, so another officer has to judge.`);
  }
  return step(it, state.is === 'referred' ? state : { is: 'open' }, now);
}

/** Decided on the grounds that fell for another case, and not yet gone: it opens again; null when it stays. */
export function reopenWith(it: Case, now: Date): Case | null {
  return it.state.is === 'confirmed' || it.state.is === 'approved' ? step(it, { is: 'open' }, now) : null;
}

/**
 * The machine saw the subject again. People's decisions stand, with two exceptions: a dismissed case opens
 * again once what is seen has changed, and one that was decided more than 72 hours ago and has not left opens
 * again, since its evidence is too old to leave.
 */
export function sightAgain(it: Case, sighting: Sighting, now: Date): Case {
  switch (it.state.is) {
    case 'open':
      return isSame(it, sighting) ? it : { ...step(it, awakened(it, sighting.seen), now), ...sighting };
    case 'dismissed':
      return seenChanged(it.state.seen, sighting.seen)
        ? { ...step(it, { is: 'open' }, now), ...sighting }
        : it;
    case 'confirmed':
    case 'approved':
      return isStale(it.state, now) ? { ...step(it, { is: 'open' }, now), ...sighting } : it;
    default:
      return it;
  }
}

/** A watched case comes back to the queue when it shows something new. */
function awakened(it: Case, seen: Seen): CaseState {
  if (it.state.is !== 'open' || it.state.watched === undefined || !seenChanged(it.seen, seen))
    return it.state;
  const { watched: _, ...state } = it.state;
  return state;
}

/** What was decided on evidence that may not leave any more has to be decided anew, on what is there now. */
const DECISION_HOURS = 72;

function isStale(state: Extract<CaseState, { is: 'confirmed' | 'approved' }>, now: Date): boolean {
  return now.getTime() - state.at.getTime() > DECISION_HOURS * 3_600_000;
}

/**
 * Whether a subject shows something it did not show before: another label, a signal not seen then,
 * or a text that shares less than nine tenths of its word triples with the one seen then.
 * The share is the bottom-k estimate of the Jaccard similarity (A. Broder, "On the resemblance and
 * containment of documents", 1997).
 */
export function seenChanged(then: Seen, now: Seen): boolean {
  if (then.label !== now.label) return true;
  const known = new Set(then.signals);
  if (now.signals.some((id) => !known.has(id))) return true;
  return resemblance(then.sketch, now.sketch) < 0.9;
}

function resemblance(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 && b.length === 0) return 1;
  const inA = new Set(a);
  const inB = new Set(b);
  const size = Math.max(1, Math.min(128, Math.max(a.length, b.length)));
  const smallest = [...new Set([...a, ...b])].sort((x, y) => x - y).slice(0, size);
  return smallest.filter((hash) => inA.has(hash) && inB.has(hash)).length / smallest.length;
}

function isSame(it: Case, sighting: Sighting): boolean {
  return it.label === sighting.label && it.score === sighting.score && !seenChanged(it.seen, sighting.seen);
}

/** The next revision of a case. */
export function step(it: Case, state: CaseState, now: Date): Case {
  return { ...it, state, revision: it.revision + 1, updatedAt: now };
}
