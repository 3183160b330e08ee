/**
 * What a candidate in the shadow would have changed: its judgements of the river's own pages beside those of
 * the model at work, and which of the two officers agreed with where they decided.
 */
import type { Label, Score, Verdict } from '../domain/assessment.ts';
import { type Drift, driftOf, spreadOf } from './drift.ts';

interface Saying {
  readonly verdict: Verdict;
  readonly label: Label;
  readonly score: Score;
  readonly signals: readonly string[];
}

export interface ShadowedPage extends Saying {
  readonly url: string;
  readonly shadow: Saying;
  /** What officers decided; null when nothing. */
  readonly isFraud: boolean | null;
}

export interface ShadowReport {
  readonly pages: number;
  /** Pages by both verdicts; pairs that never came are left out. */
  readonly verdicts: readonly {
    readonly current: Verdict;
    readonly shadow: Verdict;
    readonly pages: number;
  }[];
  /** Share of pages with the same verdict. */
  readonly agreement: number;
  /** From the model at work to the shadow, on the same pages. */
  readonly drift: Drift;
  /** Pages that officers decided, and how many of them each had flagged as officers did. */
  readonly decided: { readonly pages: number; readonly current: number; readonly shadow: number };
  /** Pages with another verdict, those whose scores lie furthest apart first; at most 20. */
  readonly differ: readonly (Pick<ShadowedPage, 'url' | 'isFraud'> & {
    readonly current: Omit<Saying, 'signals'>;
    readonly shadow: Omit<Saying, 'signals'>;
  })[];
}

const VERDICTS: readonly Verdict[] = ['flag', 'abstain', 'clear'];
const MOST_DIFFERENCES = 20;

/** The order of pages does not matter but among pages whose scores lie equally far apart. */
export function shadowReportOf(pages: readonly ShadowedPage[]): ShadowReport {
  const decided = pages.filter((page) => page.isFraud !== null);
  const asOfficers = (said: (page: ShadowedPage) => Verdict) =>
    decided.filter((page) => (said(page) === 'flag') === page.isFraud).length;
  const same = pages.filter((page) => page.verdict === page.shadow.verdict).length;
  return {
    pages: pages.length,
    verdicts: VERDICTS.flatMap((current) =>
      VERDICTS.map((shadow) => ({
        current,
        shadow,
        pages: pages.filter((page) => page.verdict === current && page.shadow.verdict === shadow).length,
      })),
    ).filter((pair) => pair.pages > 0),
    agreement: pages.length === 0 ? 1 : same / pages.length,
    drift: driftOf(spreadOf(pages), spreadOf(pages.map((page) => page.shadow))),
    decided: {
      pages: decided.length,
      current: asOfficers((page) => page.verdict),
      shadow: asOfficers((page) => page.shadow.verdict),
    },
    differ: pages
      .filter((page) => page.verdict !== page.shadow.verdict)
      .sort((a, b) => Math.abs(b.score - b.shadow.score) - Math.abs(a.score - a.shadow.score))
      .slice(0, MOST_DIFFERENCES)
      .map(({ url, isFraud, shadow, ...current }) => ({
        url,
        isFraud,
        current: without(current),
        shadow: without(shadow),
      })),
  };
}

function without({ verdict, label, score }: Saying): Omit<Saying, 'signals'> {
  return { verdict, label, score };
}
