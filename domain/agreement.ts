/** How far two who judge the same things agree beyond chance. */

/** How often two judged alike and otherwise; the first named is the first officer's. */
export interface Pairs {
  readonly bothConfirm: number;
  readonly confirmThenDismiss: number;
  readonly dismissThenConfirm: number;
  readonly bothDismiss: number;
}

export interface Agreement {
  readonly pairs: number;
  /** Share judged alike, 0..1; null of no pairs. */
  readonly observed: number | null;
  /**
   * Cohen's kappa, -1..1: 0 is what chance would give. Null where chance alone agrees on everything (one word for all),
   * so that nothing can be told of them.
   */
  readonly kappa: number | null;
}

/** Source: J. Cohen, "A coefficient of agreement for nominal scales" (1960), formula (1). */
export function agreementOf(it: Pairs): Agreement {
  const { bothConfirm, confirmThenDismiss, dismissThenConfirm, bothDismiss } = it;
  const pairs = bothConfirm + confirmThenDismiss + dismissThenConfirm + bothDismiss;
  if (pairs === 0) return { pairs, observed: null, kappa: null };
  const observed = (bothConfirm + bothDismiss) / pairs;
  const first = (bothConfirm + confirmThenDismiss) / pairs;
  const second = (bothConfirm + dismissThenConfirm) / pairs;
  const chance = first * second + (1 - first) * (1 - second);
  return { pairs, observed, kappa: chance === 1 ? null : (observed - chance) / (1 - chance) };
}

/** A share, 0..1; null where there is nothing to take a share of. */
export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
