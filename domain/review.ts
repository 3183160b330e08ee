/** A review: a subject that a person is asked to look at first, because the look teaches most. */
import type { Label, Score, Verdict } from './assessment.ts';
import type { OfficerId, Subject } from './case.ts';

/** Why it is proposed: see `classifiers/proposals.ts`. */
export type ReviewReason = 'uncertain' | 'novel' | 'audit';

export interface Proposal {
  readonly subject: Subject;
  readonly why: ReviewReason;
  /** 0..1 within its `why`: the higher the sooner. */
  readonly priority: number;
  readonly score: Score;
  /** As `noveltyOf` gives it. */
  readonly novelty: number;
}

/** `R-12`. */
export type ReviewId = string;

export interface Review extends Proposal {
  readonly id: ReviewId;
  readonly proposedAt: Date;
  readonly answer: ReviewAnswer | null;
}

export interface ReviewAnswer {
  readonly at: Date;
  readonly by: OfficerId;
  /** `legit`, or what kind of fraud it is: then a case is opened for it, to be decided as any other. */
  readonly label: Label;
  readonly reason: string;
}

/** What was judged of a subject as a whole, flagged or not. */
export interface SubjectJudgement {
  readonly subject: Subject;
  readonly model: string;
  readonly verdict: Verdict;
  readonly label: Label;
  readonly score: Score;
  readonly novelty: number;
  /** Belongs to the random sample, by lot alone. */
  readonly isDrawn: boolean;
}

export function reviewId(number: number): ReviewId {
  return `R-${number}`;
}

/** `R-12` -> 12; null for anything else. */
export function reviewNumber(id: string): number | null {
  const digits = /^(?:r-)?0*(\d{1,15})$/i.exec(id.trim())?.[1];
  return digits === undefined ? null : Number(digits);
}
