/**
 * What the machine thinks of a page or a site, and why. It is never a decision:
 * a person decides (`domain/case.ts`).
 */

/** The closed list of what Kuzet looks for, and `legit` for all else. `spam` is for posts only. */
export const LABELS = [
  'pyramid',
  'investment_fraud',
  'phishing',
  'fake_shop',
  'fake_listing',
  'illegal_casino',
  'dropper',
  'recovery',
  'spam',
  'legit',
] as const;

export type Label = (typeof LABELS)[number];

/** A chance, 0..1. */
export type Score = number;

/**
 * One observed reason. `contribution` is in log-odds of "anything but legit": what taking this signal
 * away would subtract from the model's own output; negative for what speaks for the page.
 */
export interface Signal {
  /** Stable name, e.g. `yield.daily_percent`. */
  readonly id: string;
  /** `yield`, `referral`, `licence`, `money`, `urgency`, `lead`, `brand`, `code`, `shop`, `casino`, `dropper`, `recovery`, `text`, `counter` … */
  readonly family: string;
  /** The regulator's criterion it cites, as a code of the lexicon; 'none' for a purely statistical one. */
  readonly criterion: string;
  /** The words or source that show it, at most 200 characters, as written. */
  readonly excerpt: string;
  readonly contribution: number;
}

export interface Assessment {
  /** BCP 47 tag of the text (`ru`, `kk`, `kk-Latn`, `en` …), `und` when not known. */
  readonly lang: string;
  /** The most likely label, even when the verdict abstains. */
  readonly label: Label;
  /** Calibrated chance that this is anything but legit, under the expected share `prior`. */
  readonly score: Score;
  readonly verdict: Verdict;
  /** Why the machine would not say; null unless `verdict` is `abstain`. */
  readonly abstainReason: string | null;
  /** Label -> chance; they add up to 1. */
  readonly scores: Readonly<Partial<Record<Label, Score>>>;
  /** Strongest first. */
  readonly signals: readonly Signal[];
  /** Name and version of the model. */
  readonly model: string;
}

export type Verdict = 'flag' | 'clear' | 'abstain';
