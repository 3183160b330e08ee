/** The longest run of words that two texts have in common, among their first words. */

/** Words looked at, of each text: later ones are in no run. */
export const RUN_WORDS = 600;

/** One text opened for many others; keeps its scratch space between calls. */
export interface RunFinder {
  /** @param words numbers of its words in order, below `kinds`. */
  open(words: Uint16Array, kinds: number): void;
  /**
   * Words in the longest run that both have, 0 when they share none.
   *
   * @param words of the other text, and by their numbers those of the opened one; -1 for a word that it lacks.
   */
  longest(words: Uint16Array, numberOf: Int32Array): number;
}

/**
 * Only where both have the same word a run can be: those places are visited, in order, as J. Hunt and T. Szymanski do,
 * "A fast algorithm for computing longest common subsequences" (1977).
 */
export function runFinder(): RunFinder {
  let last = new Int16Array(64);
  const before = new Int16Array(RUN_WORDS);
  // Of every place of the opened text: the row that last ended a run there, and how long it was.
  const rows = new Int32Array(RUN_WORDS + 1);
  const runs = new Uint16Array(RUN_WORDS + 1);
  let row = 1;
  return {
    open(words, kinds) {
      if (last.length < kinds) last = new Int16Array(2 * kinds);
      last.fill(-1, 0, kinds);
      for (let at = 0; at < words.length && at < RUN_WORDS; at += 1) {
        before[at] = last[words[at]!]!;
        last[words[at]!] = at;
      }
    },
    longest(words, numberOf) {
      let best = 0;
      // Rows go on from call to call, and one is left out between two, so that nothing has to be cleared.
      row += 1;
      if (row > 0x7fff0000) {
        rows.fill(0);
        row = 2;
      }
      for (let i = 0; i < words.length && i < RUN_WORDS; i += 1, row += 1) {
        const number = numberOf[words[i]!]!;
        if (number < 0) continue;
        // From the right, so that the place to the left still tells of the row before.
        for (let at = last[number]!; at >= 0; at = before[at]!) {
          const run = rows[at] === row - 1 ? runs[at]! + 1 : 1;
          rows[at + 1] = row;
          runs[at + 1] = run;
          if (run > best) best = run;
        }
      }
      return best;
    },
  };
}
