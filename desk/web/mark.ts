/** Finds in a page's text the excerpts that its signals cite, so that an officer sees them where they stand. */
import { lower } from '../../domain/text.ts';

/** A run of the text, and which excerpts (by their place in the list, from 0) cover it. */
export interface Run {
  readonly text: string;
  readonly by: readonly number[];
}

/** Excerpts are looked for this many times each: a menu repeated on every screen need not shine everywhere. */
const MOST_TIMES = 3;

/**
 * The text cut into runs; joined they are the text again. Letter case and the amount of white space do not
 * matter; an excerpt that does not stand in the text marks nothing.
 */
export function markedRuns(text: string, excerpts: readonly string[]): Run[] {
  const { folded, places } = fold(text);
  const covers = excerpts.map((excerpt) => found(folded, places, fold(excerpt).folded.trim()));
  const cuts = new Set([0, text.length]);
  for (const spans of covers) for (const span of spans) cuts.add(span.start).add(span.end);
  const at = [...cuts].sort((a, b) => a - b);
  return at.slice(0, -1).map((start, n) => ({
    text: text.slice(start, at[n + 1]),
    by: covers.flatMap((spans, index) =>
      spans.some((it) => it.start <= start && start < it.end) ? [index] : [],
    ),
  }));
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function found(folded: string, places: readonly number[], wanted: string): Span[] {
  const spans: Span[] = [];
  if (wanted === '') return spans;
  let from = folded.indexOf(wanted);
  while (from !== -1 && spans.length < MOST_TIMES) {
    const last = from + wanted.length - 1;
    spans.push({ start: places[from]!, end: places[last]! + 1 });
    from = folded.indexOf(wanted, last + 1);
  }
  return spans;
}

/** Lower case, runs of white space one space; `places[n]` is where letter `n` stands in the text. */
function fold(text: string): { folded: string; places: number[] } {
  const lowered = lower(text);
  const places: number[] = [];
  let folded = '';
  for (let at = 0; at < lowered.length; at += 1) {
    const isSpace = /\s/.test(lowered[at]!);
    if (isSpace && folded.endsWith(' ')) continue;
    folded += isSpace ? ' ' : lowered[at]!;
    places.push(at);
  }
  return { folded, places };
}
