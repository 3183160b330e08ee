/**
 * What officers do to a case short of deciding it, and on the way back from a decision.
 *
 *     open --escalate--> open, for a senior        confirmed --disagree(B)--> open, for a senior who is neither A nor B
 *     open --watch--> open, out of the queue until a day or until what is seen changes --wake--> open
 *     confirmed, approved, dismissed --reverse--> open            until it has left
 *     any of these, and a decision --undo, by whom it was, within 10 seconds--> what it was before
 *
 * Pure, like `case.ts`: a case and an act in, the next case out, or a refusal thrown.
 */
import {
  approve,
  type Case,
  CaseRefusedError,
  type CaseState,
  decide,
  isSameOfficer,
  type OfficerId,
  officerId,
  step,
} from './case.ts';

export interface Said {
  readonly by: string;
  readonly reason: string;
}

/** An officer who may not, or would rather not, decide hands it up. @throws CaseRefusedError */
export function escalate(it: Case, said: Said, now: Date): Case {
  const { by, reason } = checked(it, said);
  const state = openState(it);
  if (state.escalated !== undefined) {
    throw new CaseRefusedError(
      it.id,
      'wrong_state',
      `${state.escalated.by} has given it to a senior already.`,
    );
  }
  return step(it, { ...state, escalated: { by, at: now, reason, between: [] } }, now);
}

/** Days that a case may be left alone. */
export const MOST_WATCH_DAYS = 90;

/** Not enough to decide yet: it comes back on a day, or when it shows something new. @throws CaseRefusedError */
export function watch(it: Case, said: Said & { readonly days: number }, now: Date): Case {
  const { by, reason } = checked(it, said);
  const state = openState(it);
  if (!Number.isInteger(said.days) || said.days < 1 || said.days > MOST_WATCH_DAYS) {
    throw new CaseRefusedError(it.id, 'bad_days', `give 1 to ${MOST_WATCH_DAYS} days.`);
  }
  const until = new Date(now.getTime() + said.days * 86_400_000);
  return step(it, { ...state, watched: { by, at: now, reason, until } }, now);
}

/** A watched case whose day has come goes back to the queue; null when it stays. */
export function wake(it: Case, now: Date): Case | null {
  if (it.state.is !== 'open' || it.state.watched === undefined || it.state.watched.until > now) return null;
  const { watched: _, ...state } = it.state;
  return step(it, state, now);
}

/** The second officer's no: a senior who is neither of the two decides anew. @throws CaseRefusedError */
export function disagree(it: Case, said: Said, now: Date): Case {
  const { by, reason } = checked(it, said);
  if (it.state.is !== 'confirmed') {
    throw new CaseRefusedError(
      it.id,
      'wrong_state',
      `it is ${it.state.is}; one disagrees with a confirmed case.`,
    );
  }
  const first = it.state.by;
  if (isSameOfficer(first, by)) {
    throw new CaseRefusedError(it.id, 'same_officer', `${by} confirmed it. Reverse the decision instead.`);
  }
  return step(it, { is: 'open', escalated: { by, at: now, reason, between: [first, by] } }, now);
}

export type SecondLook = Said &
  ({ readonly verdict: 'confirm'; readonly ground: string } | { readonly verdict: 'dismiss' });

/**
 * A second look by an officer who was not told the first decision: the same verdict on the same ground approves,
 * anything else is a disagreement.
 *
 * @throws CaseRefusedError
 */
export function lookBlind(it: Case, look: SecondLook, now: Date): Case {
  const { reason } = checked(it, look);
  // Judged by the rules of a first decision, so that a slip of ground is told and does not count as a disagreement.
  decide({ ...it, state: { is: 'open' } }, { ...look, isSenior: true }, now);
  const isSame = look.verdict === 'confirm' && it.state.is === 'confirmed' && it.state.ground === look.ground;
  return isSame ? approve(it, look.by, now) : disagree(it, { by: look.by, reason }, now);
}

/** Takes a decision back, whosever it was, until it has left. @throws CaseRefusedError */
export function reverse(it: Case, said: Said, now: Date): Case {
  checked(it, said);
  if (it.state.is === 'open' || it.state.is === 'referred') {
    const why =
      it.state.is === 'open' ? 'nothing was decided yet.' : 'it has left. Withdraw the referral instead.';
    throw new CaseRefusedError(it.id, 'wrong_state', why);
  }
  return step(it, { is: 'open' }, now);
}

/** How long an officer may take back what was just done. */
export const UNDO_SECONDS = 10;

/** The last act on a case, as its row tells it. */
export interface LastAct {
  readonly by: OfficerId;
  readonly at: Date;
  readonly revision: number;
  /** What the case was before it; null for acts that are not undone. */
  readonly before: CaseState | null;
}

/**
 * Back to what the case was before the last act. Both stay in the record.
 *
 * @throws CaseRefusedError when the act was another's, is older than `UNDO_SECONDS`, or something came after it.
 */
export function undo(it: Case, last: LastAct, byTyped: string, now: Date): Case {
  const by = officerId(byTyped);
  if (last.before === null || last.revision !== it.revision || it.state.is === 'referred') {
    throw new CaseRefusedError(it.id, 'not_undoable', 'something else has happened to it since.');
  }
  // Not `isSameOfficer`: who may be the same is not for that allowed to speak for the other.
  if (by === '' || last.by !== by) {
    throw new CaseRefusedError(
      it.id,
      'not_yours',
      `${last.by} did it, and nobody else undoes it. Reverse it instead.`,
    );
  }
  const seconds = (now.getTime() - last.at.getTime()) / 1000;
  if (seconds > UNDO_SECONDS || seconds < 0) {
    throw new CaseRefusedError(
      it.id,
      'too_late',
      `it is more than ${UNDO_SECONDS} seconds ago. Reverse it instead.`,
    );
  }
  return step(it, last.before, now);
}

function openState(it: Case): Extract<CaseState, { is: 'open' }> {
  if (it.state.is === 'open') return it.state;
  throw new CaseRefusedError(
    it.id,
    'wrong_state',
    `it is ${it.state.is}, and only an open case can be put off.`,
  );
}

function checked(it: Case, said: Said): { by: OfficerId; reason: string } {
  const by = officerId(said.by);
  if (by === '') throw new CaseRefusedError(it.id, 'no_officer', 'name the officer.');
  const reason = said.reason.trim();
  if (reason === '') throw new CaseRefusedError(it.id, 'no_reason', 'say why in words.');
  return { by, reason };
}
