/**
 * What the over-blocking rules find of a case, before it is to leave; and asking to let a soft one go.
 *
 * An officer asks with words, a second one answers (`domain/override.ts`); a hard rule cannot be asked for.
 */
import type { CaseId } from '../domain/case.ts';
import { isAskedFor, type Override, OverrideRefusedError, overrideFor } from '../domain/override.ts';
import type { Saying } from '../domain/saying.ts';
import { findingsOfCase } from '../exports/kibernadzor/referral.ts';
import type { RuleId } from '../exports/overblock/rules.ts';
import type { CaseStore } from '../store/cases.ts';
import type { OverrideStore } from '../store/overrides.ts';
import { orderOf, type ReferTools } from './refer.ts';

export interface WeighTools
  extends Pick<ReferTools, 'batches' | 'captures' | 'evidence' | 'org' | 'appealUrl' | 'popular'> {
  readonly cases: Pick<CaseStore, 'get'>;
  readonly overrides: OverrideStore;
  readonly clock: Pick<ReferTools['clock'], 'now'>;
}

export interface WeighedFinding {
  /** An over-blocking rule; `capture` or `evidence` when there is nothing to look at. */
  readonly rule: RuleId | 'capture' | 'evidence';
  readonly kind: 'hard' | 'soft';
  /** In English. */
  readonly why: string;
  /** The same apart from any language (`exports/overblock/words.ts`). */
  readonly about: Saying;
  /** The newest that was asked for just this finding of just this decision; null for none. */
  readonly override: Override | null;
  /** Nothing in it keeps the case any more. */
  readonly isLetGo: boolean;
}

/** @throws NoSuchCaseError */
export async function weighedFindings(id: CaseId, tools: WeighTools): Promise<WeighedFinding[]> {
  const it = await tools.cases.get(id);
  const asked = await orderOf(it, tools, null);
  if (asked === null) return [];
  if (asked.is === 'refused') {
    return asked.refusals.map(({ rule, why, about }) => ({
      rule: rule as 'capture' | 'evidence',
      kind: 'hard',
      why,
      about,
      override: null,
      isLetGo: false,
    }));
  }
  const overrides = await tools.overrides.of(it.id);
  const decidedAt = it.state.is === 'confirmed' || it.state.is === 'approved' ? it.state.at : null;
  return findingsOfCase(asked.order).map((finding) => {
    const own = overrides.filter(
      (it) => isAskedFor(it, finding) && it.decidedAt.getTime() === decidedAt?.getTime(),
    );
    const isSoft = finding.kind === 'soft';
    return {
      ...finding,
      override: own.at(-1) ?? null,
      isLetGo: isSoft && decidedAt !== null && overrideFor(finding, overrides, decidedAt) !== null,
    };
  });
}

/**
 * Asks to let go what a soft rule finds of a case now: each of its findings that nobody let go yet.
 *
 * @throws NoSuchCaseError, OverrideRefusedError for a hard rule, one that finds nothing, or one asked for already
 */
export async function askOverride(
  it: { readonly id: CaseId; readonly rule: string; readonly by: string; readonly why: string },
  tools: WeighTools,
): Promise<Override[]> {
  const rule = it.rule.trim().toUpperCase();
  const refuse = (code: 'hard_rule' | 'no_finding', why: string) =>
    new OverrideRefusedError(it.id, rule, code, why);
  const found = (await weighedFindings(it.id, tools)).filter((finding) => finding.rule === rule);
  if (found.some(({ kind }) => kind === 'hard'))
    throw refuse('hard_rule', 'it is a hard rule, which nobody can override.');
  if (found.length === 0) throw refuse('no_finding', 'the rule finds nothing in this case.');
  const open = found.filter(({ isLetGo }) => !isLetGo);
  const asked: Override[] = [];
  for (const { why, about } of open.length === 0 ? found : open) {
    const order = { caseId: it.id, found: { rule, why, about }, by: it.by, why: it.why };
    asked.push(await tools.overrides.ask(order, tools.clock.now()));
  }
  return asked;
}
