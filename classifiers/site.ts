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
import { isKeptOut } from './kept-out.ts';

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
  const tally = siteTally();
  for (const { assessment } of pages) tally.add(assessment);
  return tally.joined();
}

interface Vote {
  readonly logOdds: number;
  readonly weight: number;
}

/** Gathers a site's pages one by one; keeps a few numbers of each, never the page. */
export function siteTally() {
  const votes: Vote[] = [];
  const labels = new Map<Label, number>();
  const signals = new Map<string, Signal>();
  let isFlagged = false;
  let firstReason: string | null = null;
  let keptOut: string | null = null;
  return {
    add(page: Assessment): void {
      votes.push({
        logOdds: logOdds(page.score),
        weight: page.abstainReason?.startsWith('too little') ? 0.2 : 1,
      });
      // The label of fraud with the most chance over all pages, each counted by how sure its page is.
      for (const label of LABELS) {
        if (label === 'legit') continue;
        labels.set(label, (labels.get(label) ?? 0) + (page.scores[label] ?? 0) * page.score);
      }
      for (const signal of page.signals) {
        const known = signals.get(signal.id);
        if (known === undefined || strength(signal) > strength(known)) signals.set(signal.id, signal);
      }
      if (page.verdict === 'flag') isFlagged = true;
      if (isKeptOut(page)) keptOut = page.abstainReason;
      if (page.abstainReason !== null && (firstReason === null || page.abstainReason < firstReason)) {
        firstReason = page.abstainReason;
      }
    },
    pages: (): number => votes.length,
    joined(): SiteAssessment {
      if (votes.length === 0) {
        return {
          label: 'legit',
          score: 0,
          verdict: 'abstain',
          abstainReason: 'no page was read',
          signals: [],
        };
      }
      const ordered = votes.toSorted((a, b) => b.logOdds - a.logOdds || b.weight - a.weight);
      const peak = ordered.slice(0, Math.ceil(ordered.length / 3));
      const odds = PEAK_SHARE * mean(peak) + (1 - PEAK_SHARE) * mean(ordered);
      const score = 1 / (1 + Math.exp(-odds));
      const likeliest = [...labels].reduce((best, it) => (it[1] > best[1] ? it : best))[0];
      return {
        label: score >= 0.5 ? likeliest : 'legit',
        score,
        ...verdictOf(score, isFlagged, firstReason, keptOut),
        signals: [...signals.values()].sort((a, b) => strength(b) - strength(a) || (a.id < b.id ? -1 : 1)),
      };
    },
  };
}

function verdictOf(
  score: number,
  isFlagged: boolean,
  reason: string | null,
  keptOut: string | null,
): Pick<SiteAssessment, 'verdict' | 'abstainReason'> {
  // Nobody is cleared by what a gatekeeper says.
  if (score <= CLEAR_TO && keptOut !== null) return { verdict: 'abstain', abstainReason: keptOut };
  if (score <= CLEAR_TO) return { verdict: 'clear', abstainReason: null };
  if (score < FLAG_FROM) {
    return {
      verdict: 'abstain',
      abstainReason: `the score lies between the bounds ${CLEAR_TO} and ${FLAG_FROM}`,
    };
  }
  if (isFlagged) return { verdict: 'flag', abstainReason: null };
  return { verdict: 'abstain', abstainReason: reason ?? 'no page of it is flagged' };
}

function strength(signal: Signal): number {
  return Math.abs(signal.contribution);
}

function logOdds(score: number): number {
  const held = Math.max(1e-12, Math.min(1 - 1e-12, score));
  return Math.max(-MOST_LOG_ODDS, Math.min(MOST_LOG_ODDS, Math.log(held / (1 - held))));
}

function mean(votes: readonly Vote[]): number {
  const weight = votes.reduce((sum, vote) => sum + vote.weight, 0);
  return votes.reduce((sum, vote) => sum + vote.logOdds * vote.weight, 0) / weight;
}
