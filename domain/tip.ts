/**
 * A tip: an address that somebody outside sends in. Its sender is told what became of it by a code of its own.
 * The answer is never written down: it follows from what was visited and decided since.
 */

export interface Tip {
  /** `T-` and a spoken code. */
  readonly code: string;
  readonly at: Date;
  readonly url: string;
  /** What the sender says; '' when nothing. */
  readonly words: string;
  /** How it came: over the desk, or in a file. */
  readonly via: 'desk' | 'file';
  readonly answer: TipAnswer;
  /** What an officer tells the sender besides; null while nobody has. */
  readonly reply: TipReply | null;
}

export interface TipReply {
  readonly is: (typeof TIP_REPLIES)[number];
  /** For the sender to read; '' when the thanks say enough. */
  readonly words: string;
  readonly at: Date;
  readonly by: string;
}

/** `thanks`: it helped. `feedback`: what to look for next time. */
export const TIP_REPLIES = ['thanks', 'feedback'] as const;

export const TIP_ANSWERS = ['waiting', 'unreachable', 'nothing_found', 'being_checked', 'acted_on'] as const;
/**
 * `waiting` for a visit; `unreachable` when the visit brought nothing; `nothing_found` when what was seen gives no
 * reason to look further, or an officer saw none; `being_checked` while officers have it; `acted_on` when it was referred.
 */
export type TipAnswer = (typeof TIP_ANSWERS)[number];

export interface TipFacts {
  /** How the newest visit to the address ended; null before the first. */
  readonly outcome: 'captured' | 'failed' | 'skipped' | null;
  /** Of the case that its page belongs to; null for none. */
  readonly caseState: 'open' | 'confirmed' | 'approved' | 'dismissed' | 'referred' | null;
}

export function tipAnswer({ outcome, caseState }: TipFacts): TipAnswer {
  if (caseState === 'referred') return 'acted_on';
  if (caseState === 'dismissed') return 'nothing_found';
  if (caseState !== null) return 'being_checked';
  if (outcome === null) return 'waiting';
  return outcome === 'captured' ? 'nothing_found' : 'unreachable';
}
