/**
 * What changed between two texts, line by line.
 *
 * Lines that both have in one order are found as a longest common subsequence (J. W. Hunt, M. D. McIlroy, "An Algorithm
 * for Differential File Comparison", 1976, section 1); what both begin and end with is cut off first, which leaves
 * little of two versions of one page.
 */
import { lines } from '../text.ts';

export interface LineChange {
  /** `kept` lines stand beside what changed, for a reader to find the place. */
  readonly is: 'gone' | 'new' | 'kept';
  readonly text: string;
}

/** Of the middle of either text; what is beyond is told as gone and new without being compared. */
const MOST_LINES = 1500;
/** Unchanged lines shown before and after a change. */
const AROUND = 1;

/** Characters from which a line is a paragraph, and is compared by its sentences. */
const PARAGRAPH = 120;

/**
 * In reading order, gone before new; empty when no line differs. Lines are trimmed, empty ones left out, and a long
 * one counts as its sentences, so that one changed word does not tell a whole paragraph anew.
 */
export function lineDiff(before: string, after: string): LineChange[] {
  const [a, b] = [pieces(before), pieces(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const middle = compared(a.slice(start, a.length - end), b.slice(start, b.length - end));
  const kept = (all: readonly string[]): LineChange[] => all.map((text) => ({ is: 'kept', text }));
  return nearChanges([...kept(a.slice(0, start)), ...middle, ...kept(end === 0 ? [] : a.slice(-end))]);
}

function pieces(text: string): string[] {
  return lines(text).flatMap((line) =>
    line.length < PARAGRAPH ? [line] : line.split(/(?<=[.!?…])\s+(?=\S)/u),
  );
}

function compared(a: readonly string[], b: readonly string[]): LineChange[] {
  if (a.length > MOST_LINES || b.length > MOST_LINES) return [...told('gone', a), ...told('new', b)];
  const width = b.length + 1;
  // longest[i * width + j]: how many lines a[i..] and b[j..] have in common, in order.
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] =
        a[i] === b[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
    }
  }
  const changes: LineChange[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      changes.push({ is: 'kept', text: a[i]! });
      i += 1;
      j += 1;
    } else if (longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!) {
      changes.push({ is: 'gone', text: a[i]! });
      i += 1;
    } else {
      changes.push({ is: 'new', text: b[j]! });
      j += 1;
    }
  }
  return [...changes, ...told('gone', a.slice(i)), ...told('new', b.slice(j))];
}

function told(is: LineChange['is'], all: readonly string[]): LineChange[] {
  return all.map((text) => ({ is, text }));
}

function nearChanges(all: readonly LineChange[]): LineChange[] {
  return all.filter((it, at) =>
    it.is !== 'kept'
      ? true
      : all.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ is }) => is !== 'kept'),
  );
}
