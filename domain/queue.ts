/**
 * The order in which officers meet cases: risk x reach x age, and in which queue a case stands.
 *
 * Age doubles a case's weight every week, so that nothing waits for ever. All cases age alike, so of two the heavier one
 * stays the heavier, and the order can be a column: the logarithm of the weight at a fixed moment (`queueRank`).
 */
import type { Label, Score } from './assessment.ts';
import type { CaseState, CaseStateName } from './case.ts';

/** What puts a case before another. */
export interface Urgency {
  /** 0..1: the chance that it is no ordinary page. */
  readonly risk: Score;
  /** How many told of it: the machine, and each tip and each source besides. From 1. */
  readonly reach: number;
  readonly waitingDays: number;
  /** Their product, age as a factor that doubles every `AGE_DOUBLES_DAYS`. */
  readonly weight: number;
}

export const AGE_DOUBLES_DAYS = 7;
const DAY_MS = 86_400_000;
/** A risk of nothing still stands in the queue. */
const LEAST_RISK = 0.001;
/** 2026-01-01: near enough that the column keeps its digits. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

export function urgency(
  it: { readonly score: Score; readonly reach: number; readonly openedAt: Date },
  now: Date,
): Urgency {
  const waitingDays = Math.max(0, (now.getTime() - it.openedAt.getTime()) / DAY_MS);
  const weight =
    Math.max(it.score, LEAST_RISK) * Math.max(1, it.reach) * 2 ** (waitingDays / AGE_DOUBLES_DAYS);
  return { risk: it.score, reach: it.reach, waitingDays, weight };
}

/** Orders cases as `urgency` does at any moment, whenever that is: the higher the sooner. */
export function queueRank(it: {
  readonly score: Score;
  readonly reach: number;
  readonly openedAt: Date;
}): number {
  const age = (it.openedAt.getTime() - EPOCH_MS) / DAY_MS / AGE_DOUBLES_DAYS;
  return Math.log2(Math.max(it.score, LEAST_RISK)) + Math.log2(Math.max(1, it.reach)) - age;
}

/** `desk`: for any officer; `senior`: escalated; `watch`: left alone for now. */
export type Lane = 'desk' | 'senior' | 'watch';

export function laneOf(state: CaseState): Lane {
  if (state.is !== 'open') return 'desk';
  if (state.watched !== undefined) return 'watch';
  return state.escalated === undefined ? 'desk' : 'senior';
}

/** A saved search. What is absent is not asked. */
export interface QueueFilter {
  readonly state?: CaseStateName;
  readonly lane?: Lane;
  readonly label?: Label;
  /** Stands in the subject's name. */
  readonly search?: string;
  readonly leastScore?: Score;
}

/** How long an officer holds what was claimed; looking at it goes on holding it. */
export const CLAIM_SECONDS = 600;
/** Cases held at once: the one on the screen, and some that are fetched ahead. */
export const MOST_CLAIMS = 5;

export interface Claim {
  readonly caseId: string;
  readonly by: string;
  readonly until: Date;
}
