/**
 * What a white page weighs: one more sign in an assessment, with both titles as its quote.
 *
 * Its weight is that of one strong sign of the page model (1.0 to 1.8 in `models/model.json`) and no more: on
 * made honest variants the comparison raised no false alarm (`test/classifiers/cloaking.test.ts`), but how often
 * fraud in the field cloaks is not known, so no likelihood ratio beyond that of a strong word is claimed. It
 * never decides alone: a page is only compared as cloaked when its other reading is risky by itself.
 */
import type { Assessment, Signal } from '../../domain/assessment.ts';
import { CLEAR_TO, FLAG_FROM } from '../assess.ts';

/** In log-odds of the score. */
export const CLOAK_WEIGHT = 1.5;

/**
 * @param shown title of the page that Kuzet is shown.
 * @param kept title of the page that visitors are shown.
 */
export function cloakSign(shown: string, kept: string): Signal {
  return {
    id: 'cloak.white_page',
    family: 'cloak',
    criterion: 'KZ-ARRFR-5',
    excerpt: `«${cut(shown)}» → «${cut(kept)}»`,
    contribution: CLOAK_WEIGHT,
  };
}

function cut(title: string): string {
  const plain = title.replaceAll(/\s+/g, ' ').trim();
  return plain.length > 90 ? `${plain.slice(0, 89)}…` : plain;
}

/** The assessment with one more sign, its score moved by the sign's contribution; labels keep their shares. */
export function withSign(it: Assessment, signal: Signal): Assessment {
  const held = Math.max(1e-6, Math.min(1 - 1e-6, it.score));
  const score = 1 / (1 + Math.exp(-(Math.log(held / (1 - held)) + signal.contribution)));
  const share = it.score > 0 ? score / it.score : 0;
  const scores = Object.fromEntries(
    Object.entries(it.scores).map(([label, chance]) => [
      label,
      label === 'legit' ? 1 - score : chance * share,
    ]),
  );
  const likeliest = Object.entries(scores).reduce((best, next) => (next[1] > best[1] ? next : best), [
    it.label as string,
    -1,
  ] as [string, number]);
  const signals = [...it.signals, signal].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  return {
    ...it,
    label: likeliest[0] as Assessment['label'],
    score,
    scores,
    signals,
    ...verdictOf(it, score),
  };
}

/** What could not be read is not made readable by a sign beside it. */
function verdictOf(before: Assessment, score: number): Pick<Assessment, 'verdict' | 'abstainReason'> {
  const { abstainReason } = before;
  if (abstainReason !== null && !/^(?:the score lies|only the statistics)/.test(abstainReason)) {
    return { verdict: 'abstain', abstainReason };
  }
  if (score >= FLAG_FROM) return { verdict: 'flag', abstainReason: null };
  if (score <= CLEAR_TO) return { verdict: 'clear', abstainReason: null };
  return {
    verdict: 'abstain',
    abstainReason: `the score lies between the bounds ${CLEAR_TO} and ${FLAG_FROM}`,
  };
}
