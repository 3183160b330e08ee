/**
 * An appeal: somebody says that a page was held for fraud wrongly.
 *
 *     sent (by anybody, without a log-in) -> an officer who did not decide the case looks at the original evidence
 *       -> upheld      the decision stands
 *       -> overturned  it falls, and so do those of its siblings that have not left yet
 *       -> unmatched   it speaks of nothing that was decided here
 */
import type { CaseId, OfficerId } from './case.ts';
import { spokenCode } from './id.ts';

export interface Appeal {
  /** `A-` and 16 letters: what its sender asks by. */
  readonly code: string;
  readonly at: Date;
  readonly url: string;
  /** Null when nothing is known here of that address's site. */
  readonly caseId: CaseId | null;
  readonly words: string;
  readonly contact: string;
  readonly lang: 'ru' | 'kk' | 'en';
  readonly judged: {
    readonly at: Date;
    readonly by: OfficerId;
    readonly verdict: AppealOutcome;
    readonly reason: string;
  } | null;
}

export const APPEAL_OUTCOMES = ['upheld', 'overturned', 'unmatched'] as const;
export type AppealOutcome = (typeof APPEAL_OUTCOMES)[number];

/** @param random 16 bytes. */
export function appealCode(random: Uint8Array): string {
  return `A-${spokenCode(random)}`;
}

export function isAppealCode(text: string): boolean {
  return /^A-[A-Z0-9]{16}$/.test(text);
}
