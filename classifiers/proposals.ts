/**
 * What a person should look at first, so that a look teaches most:
 *
 *     uncertain   the machine would not say, or nearly said otherwise
 *     novel       words far from what training saw
 *     audit       one in ten of what was cleared, drawn by lot
 *
 * The lot is the subject's name hashed with a seed: nobody chooses, everyone can draw again. What is drawn is
 * a random sample of what was cleared, whatever else it is proposed for, which is what makes the estimates of
 * `quality.ts` unbiased.
 */
import type { Subject } from '../domain/case.ts';
import type { Proposal, SubjectJudgement } from '../domain/review.ts';
import { CLEAR_TO, FLAG_FROM } from './assess.ts';
import { hashOf } from './ngrams.ts';
import { NOVEL_FROM } from './novelty.ts';

export type Judged = Pick<SubjectJudgement, 'subject' | 'verdict' | 'score' | 'novelty'>;

/** Share of what was cleared that is drawn. */
export const AUDIT_SHARE = 0.1;
/** This close to a bound, the other verdict was near. */
const NEAR = 0.05;

/** A number in [0, 1) that only the subject's name and the seed decide. */
export function lotOf({ kind, key }: Subject, seed: string): number {
  return (hashOf(`${seed} ${kind} ${key}`, 0x61_75_64) >>> 0) / 2 ** 32;
}

export function isDrawn(subject: Subject, seed: string): boolean {
  return lotOf(subject, seed) < AUDIT_SHARE;
}

/** Why one subject should be looked at; null when nothing would be learnt that the case queue does not ask. */
export function proposalOf({ subject, verdict, score, novelty }: Judged, seed: string): Proposal | null {
  const propose = (why: Proposal['why'], priority: number): Proposal => ({
    subject,
    why,
    priority,
    score,
    novelty,
  });
  const isNear = Math.abs(score - FLAG_FROM) <= NEAR || Math.abs(score - CLEAR_TO) <= NEAR;
  if (verdict === 'abstain' || isNear) return propose('uncertain', 1 - Math.abs(2 * score - 1));
  if (verdict === 'clear' && isDrawn(subject, seed)) {
    return propose('audit', 1 - lotOf(subject, seed) / AUDIT_SHARE);
  }
  if (verdict === 'clear' && novelty >= NOVEL_FROM) {
    return propose('novel', Math.min(1, (novelty - NOVEL_FROM) / (1 - NOVEL_FROM)));
  }
  return null;
}

const TURNS: readonly Proposal['why'][] = ['uncertain', 'audit', 'novel'];

/** Proposals of all, in the order to look: the best of each kind in turn, so that none starves another. */
export function proposals(judged: readonly Judged[], seed: string): Proposal[] {
  return inTurn(
    judged.flatMap((it) => proposalOf(it, seed) ?? []),
    seed,
  );
}

/** The same order for proposals that were kept. Ties are broken by lot. */
export function inTurn<Kept extends Pick<Proposal, 'subject' | 'why' | 'priority'>>(
  kept: readonly Kept[],
  seed: string,
): Kept[] {
  const name = ({ subject }: Kept) => `${subject.kind} ${subject.key}`;
  const ranked = TURNS.flatMap((why, turn) =>
    kept
      .filter((it) => it.why === why)
      .sort(
        (a, b) =>
          b.priority - a.priority ||
          lotOf(a.subject, seed) - lotOf(b.subject, seed) ||
          (name(a) < name(b) ? -1 : 1),
      )
      .map((it, rank) => ({ it, rank, turn })),
  );
  return ranked.sort((a, b) => a.rank - b.rank || a.turn - b.turn).map(({ it }) => it);
}
