/**
 * A sample of what was decided, read again by an officer who is not told what was decided.
 *
 *     decided (dismissed, or approved by two) --by lot--> drawn --another officer, blind--> agrees
 *                                                                                       \-> apart: a senior decides anew
 *
 * A dismissal is seen by one officer alone, so a share of them is the only check that wrong ones are found. What has
 * left stays as it is: that readers were apart is written down, and a person takes it further.
 */
import { type Case, type CaseId, decide, isSameOfficer, type OfficerId, officerId, step } from './case.ts';

export interface Verdict {
  readonly is: 'confirm' | 'dismiss';
  /** Null for a dismissal. */
  readonly ground: string | null;
}

/** A decided case that was drawn, and what was decided, for the store alone: a reader is not told. */
export interface Reread {
  /** From 1. */
  readonly id: number;
  readonly caseId: CaseId;
  readonly drawnAt: Date;
  readonly decidedAt: Date;
  readonly decidedBy: readonly OfficerId[];
  readonly verdict: Verdict;
}

export type RereadRefusal = 'no_reread' | 'answered' | 'same_officer' | 'not_yours';

/** The message names the way out. */
export class RereadRefusedError extends Error {
  override readonly name = 'RereadRefusedError';
  readonly facts: { readonly id: number; readonly code: RereadRefusal };

  constructor(id: number, code: RereadRefusal, why: string) {
    super(`Sample ${id}: ${why}`);
    this.facts = { id, code };
  }
}

/** What may be drawn of a case as it stands now; null for one that is not decided to its end. */
export function drawable(it: Case): Pick<Reread, 'caseId' | 'decidedAt' | 'decidedBy' | 'verdict'> | null {
  const { state } = it;
  if (state.is === 'dismissed')
    return {
      ...{ caseId: it.id, decidedAt: state.at, decidedBy: [state.by] },
      verdict: { is: 'dismiss', ground: null },
    };
  if (state.is !== 'approved') return null;
  return {
    ...{ caseId: it.id, decidedAt: state.at, decidedBy: [state.by, state.approvedBy] },
    verdict: { is: 'confirm', ground: state.ground },
  };
}

/** @param share 0..1 of decisions. @param lot 0 up to 1, excluded; drawn anew for each decision, so that none foresees it. */
export function isDrawn(share: number, lot: number): boolean {
  return lot < share;
}

export type SecondReading = {
  readonly by: string;
  readonly reason: string;
} & ({ readonly verdict: 'confirm'; readonly ground: string } | { readonly verdict: 'dismiss' });

export interface ReadingOutcome {
  readonly agrees: boolean;
  /** The case as a senior gets it; null where nothing changes. */
  readonly reopened: Case | null;
}

/**
 * What a second reading comes to: the same verdict on the same ground agrees. Readers apart open the case for a senior
 * who is none of them, while it is still here and still decided as it was drawn.
 *
 * @throws RereadRefusedError by one who decided it; CaseRefusedError where the reading is none by the rules of a
 *   first decision
 */
export function readAgain(it: Case, drawn: Reread, reading: SecondReading, now: Date): ReadingOutcome {
  const by = officerId(reading.by);
  if (drawn.decidedBy.some((officer) => isSameOfficer(officer, by)))
    throw new RereadRefusedError(
      drawn.id,
      'same_officer',
      `${by} decided it. Another officer has to read it.`,
    );
  // Checked as if it were the first: a slip of ground is told, and does not count as a disagreement.
  decide({ ...it, state: { is: 'open' } }, { ...reading, isSenior: true }, now);
  const ground = reading.verdict === 'confirm' ? reading.ground.trim().toUpperCase() : null;
  if (reading.verdict === drawn.verdict.is && ground === drawn.verdict.ground)
    return { agrees: true, reopened: null };
  const { state } = it;
  const isHere = state.is === 'dismissed' || state.is === 'approved';
  if (!isHere || state.at.getTime() !== drawn.decidedAt.getTime()) return { agrees: false, reopened: null };
  const between = [...drawn.decidedBy, by];
  const escalated = { by, at: now, reason: reading.reason.trim(), between };
  return { agrees: false, reopened: step(it, { is: 'open', escalated }, now) };
}
