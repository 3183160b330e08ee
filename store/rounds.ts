/**
 * Things in rounds, each key once a round, in order of first sight: a statement writes a row once, so what tells of one
 * row twice takes two statements.
 */
export function roundsOf<It>(them: readonly It[], keyOf: (it: It) => string): It[][] {
  const seen = new Map<string, number>();
  const rounds: It[][] = [];
  for (const it of them) {
    const key = keyOf(it);
    const round = seen.get(key) ?? 0;
    seen.set(key, round + 1);
    if (rounds[round] === undefined) rounds[round] = [];
    rounds[round].push(it);
  }
  return rounds;
}
