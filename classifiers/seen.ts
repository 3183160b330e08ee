/**
 * What was seen of a subject, coarse enough that a clock or a counter on the page does not change it.
 * Read again by `seenChanged` in `domain/case.ts`.
 */
import type { Label, Signal } from '../domain/assessment.ts';
import type { Seen } from '../domain/case.ts';
import { words } from '../domain/text.ts';
import { hashOf } from './ngrams.ts';

const SKETCH = 128;
const RUN = 3;

/**
 * @param texts texts of the subject's pages, in any order. Words with a digit in them are left out.
 */
export function seenOf(label: Label, signals: readonly Pick<Signal, 'id'>[], texts: readonly string[]): Seen {
  const hashes = new Set<number>();
  for (const text of texts) {
    const kept = words(text).filter((word) => !/\p{N}/u.test(word));
    const size = Math.min(RUN, kept.length);
    for (let at = 0; size > 0 && at + size <= kept.length; at += 1) {
      hashes.add(hashOf(kept.slice(at, at + size).join(' '), 0) >>> 0);
    }
  }
  const sketch = [...hashes].sort((a, b) => a - b).slice(0, SKETCH);
  return { label, signals: [...new Set(signals.map((signal) => signal.id))].sort(), sketch };
}
