/**
 * What changed between two texts, by lines: the longest common subsequence, so that what stayed is told as stayed.
 *
 * Source: J. W. Hunt and M. D. McIlroy, "An Algorithm for Differential File Comparison" (1976), the plain quadratic
 * form; texts of more than `MOST_LINES` lines are compared in their first ones, and the rest as one piece.
 */
export interface Change {
  readonly is: 'same' | 'gone' | 'new';
  readonly text: string;
}

export const MOST_LINES = 800;

/** In the order of reading; joined, `same` and `gone` are the text before, `same` and `new` the text after. */
export function changes(before: string, after: string): Change[] {
  const a = linesOf(before);
  const b = linesOf(after);
  const common = lengths(a, b);
  const told: Change[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      told.push({ is: 'same', text: a[i]! });
      i += 1;
      j += 1;
    } else if (j < b.length && (i === a.length || common[i]![j + 1]! >= common[i + 1]![j]!)) {
      told.push({ is: 'new', text: b[j]! });
      j += 1;
    } else {
      told.push({ is: 'gone', text: a[i]! });
      i += 1;
    }
  }
  return told;
}

/** Lines with their ends; those beyond the most are one. */
function linesOf(text: string): string[] {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  if (lines.length <= MOST_LINES) return lines;
  return [...lines.slice(0, MOST_LINES), lines.slice(MOST_LINES).join('')];
}

/** `[i][j]`: how many lines are common to what follows line `i` of one and line `j` of the other. */
function lengths(a: readonly string[], b: readonly string[]): Uint16Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      table[i]![j] =
        a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
    }
  }
  return table;
}
