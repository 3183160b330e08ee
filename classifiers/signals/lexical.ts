/** Signals that are words: one for each entry of the lexicon. */
import { excerptAround } from '../../domain/text.ts';
import type { LexiconEntry } from '../lexicon.ts';
import { part, type SignalKind } from './facts.ts';

/** Strength of one whole finding; each further one takes away the same share of what is left. */
const ONE_FINDING = 0.55;

export function lexicalSignal(entry: LexiconEntry): SignalKind {
  return {
    id: entry.id,
    family: entry.family,
    criterion: entry.criterion,
    weight: entry.weight,
    toward: entry.toward ?? {},
    rests: 'on words',
    see({ found, visible }) {
      const findings = found.byEntry.get(entry.id);
      if (findings === undefined) return null;
      const seen = new Set<string>();
      let rest = 1;
      let best = findings[0]!;
      for (const finding of findings) {
        const words = visible.slice(finding.start, finding.end).toLowerCase();
        if (finding.frame > best.frame) best = finding;
        // The same words again add little: a menu repeats itself on every page.
        rest *= 1 - ONE_FINDING * finding.frame * (seen.has(words) ? 0.2 : 1);
        seen.add(words);
      }
      return part(1 - rest, excerptAround(visible, best.start, best.end, 160));
    },
  };
}
