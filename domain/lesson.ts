/**
 * A lesson: what an officer's word on a subject says of one of its pages, as a label to learn from.
 *
 * A page bears the first word that was said after it was captured, since that is the word of someone who could
 * see it:
 *
 *     captured  ──► confirmed   the label of the case
 *               ──► dismissed   legit; what the machine flagged and a person did not is a hard negative
 *               ──► reviewed    what the officer said of something that had no case
 *     confirmed ──► overturned  legit, for all that the confirmed case stood on
 */
import { createHash } from 'node:crypto';
import type { Label } from './assessment.ts';
import type { GroundCode } from './referral.ts';

export interface Ruling {
  readonly how: 'confirmed' | 'dismissed' | 'overturned' | 'reviewed';
  readonly at: Date;
  readonly label: Label;
  /** In the officer's words. */
  readonly reason: string;
  /** Legal ground; null for what is no offence. */
  readonly ground: GroundCode | null;
}

export interface RuledAct {
  readonly kind: string;
  readonly at: Date;
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * The rulings in a case's acts, in the order of the acts; acts that rule nothing are left out.
 *
 * @param label the case's own: a confirmed case is confirmed under it.
 */
export function rulingsOf(acts: readonly RuledAct[], label: Label): Ruling[] {
  return acts.flatMap(({ kind, at, facts }): Ruling[] => {
    const reason = typeof facts['reason'] === 'string' ? facts['reason'] : '';
    const ground = typeof facts['ground'] === 'string' ? (facts['ground'] as GroundCode) : null;
    if (kind === 'confirmed') return [{ how: 'confirmed', at, label, reason, ground }];
    if (kind === 'dismissed') return [{ how: 'dismissed', at, label: 'legit', reason, ground: null }];
    if (kind === 'overturned') return [{ how: 'overturned', at, label: 'legit', reason, ground: null }];
    return [];
  });
}

/** The ruling that a page captured then bears; null when nobody has ruled since. */
export function rulingOver(rulings: readonly Ruling[], capturedAt: Date): Ruling | null {
  const first = rulings.findIndex((ruling) => ruling.how !== 'overturned' && ruling.at >= capturedAt);
  if (first === -1) return null;
  const next = rulings[first + 1];
  return rulings[first]!.how === 'confirmed' && next?.how === 'overturned' ? next : rulings[first]!;
}

/** Whether it is a page that looked like fraud and was none: the kind of mistake that costs most. */
export function isHardNegative({ how }: Pick<Ruling, 'how'>): boolean {
  return how === 'dismissed' || how === 'overturned';
}

/** One source in five, chosen by its name alone, is kept out of training for good, to judge models on. */
export function isHeldOut(source: string): boolean {
  return createHash('sha256').update(`held-out ${source}`).digest().readUInt32BE(0) % 5 === 0;
}
