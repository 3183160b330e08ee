/**
 * A site's judgement out of its pages': a contact page of a pyramid is part of the pyramid, and one page
 * about pyramids does not make a newspaper one.
 *
 * Each page votes with its log-odds, pages that could hardly be read with less weight. The site's log-odds
 * lie between the mean of all pages and the mean of the strongest third, since fraud shows itself on few
 * pages and hides nothing on the rest. The order of pages does not matter.
 */
import {
  type Assessment,
  LABELS,
  type Label,
  type Score,
  type Signal,
  type Verdict,
} from '../domain/assessment.ts';
import { CLEAR_TO, FLAG_FROM } from './assess.ts';

export interface AssessedPage {
  readonly url: string;
  readonly assessment: Assessment;
}

export interface SiteAssessment {
  readonly label: Label;
  readonly score: Score;
  readonly verdict: Verdict;
  /** Why the machine would not say; null unless `verdict` is `abstain`. */
  readonly abstainReason: string | null;
  /** The strongest sighting of each signal, strongest first. */
  readonly signals: readonly Signal[];
}

/** Share of the strongest pages' mean in the site's log-odds. */
const PEAK_SHARE = 0.6;
const MOST_LOG_ODDS = 12;

/** A site without pages is `legit` with score 0, and the verdict abstains. */
export function assessSite(pages: readonly AssessedPage[]): SiteAssessment {
  const assessments = pages.map((page) => page.assessment);
  if (assessments.length === 0) {
    return { label: 'legit', score: 0, verdict: 'abstain', abstainReason: 'no page was read', signals: [] };
  }
  const votes = assessments
    .map((it) => ({
      logOdds: logOdds(it.score),
      weight: it.abstainReason?.startsWith('too little') ? 0.2 : 1,
    }))
    .sort((a, b) => b.logOdds - a.logOdds);
  const peak = votes.slice(0, Math.max(1, Math.ceil(votes.length / 3)));
  const joined = PEAK_SHARE * mean(peak) + (1 - PEAK_SHARE) * mean(votes);
  const score = 1 / (1 + Math.exp(-joined));
  const label = score >= 0.5 ? likeliest(assessments) : 'legit';
  return { label, score, ...verdictOf(score, assessments), signals: strongest(assessments) };
}

function verdictOf(
  score: number,
  pages: readonly Assessment[],
): Pick<SiteAssessment, 'verdict' | 'abstainReason'> {
  if (score <= CLEAR_TO) return { verdict: 'clear', abstainReason: null };
  if (score < FLAG_FROM) {
    return {
      verdict: 'abstain',
      abstainReason: `the score lies between the bounds ${CLEAR_TO} and ${FLAG_FROM}`,
    };
  }
  if (pages.some((page) => page.verdict === 'flag')) return { verdict: 'flag', abstainReason: null };
  const reasons = pages.flatMap((page) => page.abstainReason ?? []);
  return { verdict: 'abstain', abstainReason: reasons[0] ?? 'no page of it is flagged' };
}

/** The label of fraud with the most chance over all pages, each counted by how sure its page is. */
function likeliest(pages: readonly Assessment[]): Label {
  const sums = new Map<Label, number>();
  for (const { scores, score } of pages) {
    for (const label of LABELS) {
      if (label !== 'legit') sums.set(label, (sums.get(label) ?? 0) + (scores[label] ?? 0) * score);
    }
  }
  return [...sums].reduce((best, it) => (it[1] > best[1] ? it : best))[0];
}

function strongest(pages: readonly Assessment[]): Signal[] {
  const best = new Map<string, Signal>();
  for (const signal of pages.flatMap((page) => page.signals)) {
    const known = best.get(signal.id);
    if (known === undefined || Math.abs(signal.contribution) > Math.abs(known.contribution))
      best.set(signal.id, signal);
  }
  return [...best.values()].sort(
    (a, b) => Math.abs(b.contribution) - Math.abs(a.contribution) || (a.id < b.id ? -1 : 1),
  );
}

function logOdds(score: number): number {
  const held = Math.max(1e-12, Math.min(1 - 1e-12, score));
  return Math.max(-MOST_LOG_ODDS, Math.min(MOST_LOG_ODDS, Math.log(held / (1 - held))));
}

function mean(votes: readonly { readonly logOdds: number; readonly weight: number }[]): number {
  const weight = votes.reduce((sum, vote) => sum + vote.weight, 0);
  return votes.reduce((sum, vote) => sum + vote.logOdds * vote.weight, 0) / weight;
}
