/**
 * An override: two officers let a referral go though a soft rule of over-blocking asks for care.
 *
 *     asked(A, why) --answered(B, B is not A)--> confirmed | refused
 *
 * It holds for one finding of one decision, by what the finding says and not by the language it is read in: when the
 * case is decided anew, or the finding comes to say something else, it has to be asked again. Hard rules have no override at all (`exports/overblock/rules.ts`).
 */
import { type CaseId, isSameOfficer, type OfficerId, officerId } from './case.ts';
import { isSameSaying, type Saying } from './saying.ts';

export interface Override {
  readonly caseId: CaseId;
  /** 1 for the first that was asked for this case. */
  readonly n: number;
  /** Of the over-blocking rules, such as `OB5`. */
  readonly rule: string;
  /** The finding's words in English, as they go into the record. */
  readonly finding: string;
  /** What the finding says in any language: it holds for this. Null where it was asked for by its English words alone. */
  readonly about: Saying | null;
  /** When the case was confirmed that it belongs to: another decision needs another override. */
  readonly decidedAt: Date;
  readonly at: Date;
  readonly by: OfficerId;
  /** Why the referral may go nevertheless, in words. */
  readonly why: string;
  /** Null while no second officer has looked. */
  readonly answer: OverrideAnswer | null;
}

export interface OverrideAnswer {
  readonly is: OverrideVerdict;
  readonly at: Date;
  readonly by: OfficerId;
  /** Of the second officer; '' when none were needed. */
  readonly words: string;
}

export const OVERRIDE_VERDICTS = ['confirmed', 'refused'] as const;
export type OverrideVerdict = (typeof OVERRIDE_VERDICTS)[number];

export type OverrideRefusal =
  | 'wrong_state'
  | 'no_officer'
  | 'no_reason'
  | 'same_officer'
  | 'no_finding'
  | 'hard_rule'
  | 'answered'
  | 'waits';

/** What the rules of overrides do not allow. The message names the way out. */
export class OverrideRefusedError extends Error {
  override readonly name = 'OverrideRefusedError';
  readonly facts: { readonly caseId: CaseId; readonly rule: string; readonly code: OverrideRefusal };

  constructor(caseId: CaseId, rule: string, code: OverrideRefusal, why: string) {
    super(`Override of ${rule} for ${caseId}: ${why}`);
    this.facts = { caseId, rule, code };
  }
}

/** Shorter than this nobody has said why. Characters. */
export const SHORTEST_WHY = 10;
const LONGEST_WORDS = 2000;

/** Who asks, and why, checked. @throws OverrideRefusedError */
export function askedOverride(
  { caseId, rule }: Pick<Override, 'caseId' | 'rule'>,
  typed: { readonly by: string; readonly why: string },
): Pick<Override, 'by' | 'why'> {
  const refuse = (code: OverrideRefusal, why: string) => new OverrideRefusedError(caseId, rule, code, why);
  const by = officerId(typed.by);
  if (by === '' || by === 'kuzet') throw refuse('no_officer', 'name the officer who asks (--by OFFICER).');
  const why = typed.why.trim();
  if (why.length < SHORTEST_WHY || why.length > LONGEST_WORDS) {
    const range = `in ${SHORTEST_WHY} to ${LONGEST_WORDS} characters`;
    throw refuse('no_reason', `say ${range} why it may go nevertheless (--reason TEXT).`);
  }
  return { by, why };
}

/** The second officer's word. @throws OverrideRefusedError */
export function answeredOverride(
  it: Override,
  typed: { readonly is: OverrideVerdict; readonly by: string; readonly words: string },
  now: Date,
): Override {
  const refuse = (code: OverrideRefusal, why: string) =>
    new OverrideRefusedError(it.caseId, it.rule, code, why);
  if (it.answer !== null)
    throw refuse('answered', `${it.answer.by} ${it.answer.is} it already. Ask for it anew.`);
  const by = officerId(typed.by);
  if (by === '' || by === 'kuzet') throw refuse('no_officer', 'name the officer who answers (--by OFFICER).');
  if (isSameOfficer(it.by, by))
    throw refuse('same_officer', `${by} asked for it, so another officer has to answer.`);
  const words = typed.words.trim();
  if (typed.is === 'refused' && words === '')
    throw refuse('no_reason', 'say why it may not go (--reason TEXT).');
  if (words.length > LONGEST_WORDS)
    throw refuse('no_reason', `say it in at most ${LONGEST_WORDS} characters.`);
  return { ...it, answer: { is: typed.is, at: now, by, words } };
}

/** A rule and what it finds. */
export interface FoundForOverride {
  readonly rule: string;
  /** In English. */
  readonly why: string;
  readonly about: Saying;
}

/** It was asked for just this finding, whatever language whoever asked and answered read it in. */
export function isAskedFor(
  { rule, finding, about }: Pick<Override, 'rule' | 'finding' | 'about'>,
  found: FoundForOverride,
): boolean {
  if (rule !== found.rule) return false;
  return about === null ? finding === found.why : isSameSaying(about, found.about);
}

/**
 * The override that lets a finding go; null when there is none. One is enough, and a later refusal of another does
 * not undo it: whoever changed their mind withdraws the case.
 */
export function overrideFor(
  finding: FoundForOverride,
  overrides: readonly Override[],
  decidedAt: Date,
): (Override & { readonly answer: OverrideAnswer }) | null {
  for (const it of overrides) {
    const { answer } = it;
    const isOfIt = isAskedFor(it, finding);
    const isOfDecision = it.decidedAt.getTime() === decidedAt.getTime();
    if (!isOfIt || !isOfDecision || answer?.is !== 'confirmed') continue;
    // Checked again here, whatever a store says.
    const areTwo = [it.by, answer.by].every((by) => officerId(by) !== '') && !isSameOfficer(it.by, answer.by);
    if (!areTwo || it.why.trim() === '') continue;
    return { ...it, answer };
  }
  return null;
}
