/** How good scores are: measures that the model card and the bench print. */

export interface Scored {
  readonly score: number;
  readonly isBad: boolean;
}

/** Chance that a bad one scores above a good one; ties count a half. NaN when either kind is missing. */
export function auc(rows: readonly Scored[]): number {
  const sorted = [...rows].sort((a, b) => a.score - b.score);
  let rankSum = 0;
  let bad = 0;
  for (let i = 0; i < sorted.length; ) {
    let j = i;
    while (j < sorted.length && sorted[j]!.score === sorted[i]!.score) j += 1;
    for (let k = i; k < j; k += 1) {
      if (!sorted[k]!.isBad) continue;
      rankSum += (i + j + 1) / 2;
      bad += 1;
    }
    i = j;
  }
  const good = sorted.length - bad;
  return (rankSum - (bad * (bad + 1)) / 2) / (bad * good);
}

/** Share of bad ones above the lowest bound that at most `rate` of the good ones pass. */
export function recallAtFalseRate(rows: readonly Scored[], rate: number): number {
  const good = rows
    .filter((row) => !row.isBad)
    .map((row) => row.score)
    .sort((a, b) => b - a);
  const bad = rows.filter((row) => row.isBad);
  if (bad.length === 0 || good.length === 0) return Number.NaN;
  const bound = good[Math.min(good.length - 1, Math.floor(rate * good.length))]!;
  return bad.filter((row) => row.score > bound).length / bad.length;
}

/** Expected calibration error over `bins` equal bins of the score. */
export function calibrationError(rows: readonly Scored[], bins = 10): number {
  const sums = Array.from({ length: bins }, () => ({ n: 0, score: 0, bad: 0 }));
  for (const { score, isBad } of rows) {
    const bin = sums[Math.min(bins - 1, Math.floor(score * bins))]!;
    bin.n += 1;
    bin.score += score;
    if (isBad) bin.bad += 1;
  }
  return sums.reduce((sum, bin) => sum + Math.abs(bin.score - bin.bad), 0) / Math.max(1, rows.length);
}

/** Mean of the F1 of every label that occurs in the truth. */
export function macroF1(pairs: readonly { readonly truth: string; readonly said: string }[]): number {
  const labels = [...new Set(pairs.map((pair) => pair.truth))];
  const f1 = labels.map((label) => {
    const hit = pairs.filter((pair) => pair.truth === label && pair.said === label).length;
    const said = pairs.filter((pair) => pair.said === label).length;
    const true_ = pairs.filter((pair) => pair.truth === label).length;
    return (2 * hit) / Math.max(1, said + true_);
  });
  return f1.reduce((sum, it) => sum + it, 0) / Math.max(1, labels.length);
}
