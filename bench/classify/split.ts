/**
 * Rows dealt to training and test by source, several times over, never one row near its twin.
 *
 * Pages: the sources of each label are dealt alternately in random order. A label with one source is thus
 * held out whole or trained on whole, and in the first case nobody can name it: then only fraud against
 * legit means something.
 *
 * Posts: sources of one label alone are held out whole, about half of them, one legitimate one at least. A
 * source that has both spam and talk is the only one with spam, so a third of its texts is held out, and
 * texts that differ in letters' looks, digits, links or signs alone stay together.
 */
import { type Random, seededRandom, shuffled } from '../../classifiers/random.ts';
import { foldLookalikes, normalise } from '../../domain/text.ts';

export interface Sourced {
  readonly label: string;
  readonly source: string;
}

export interface Split<Row> {
  readonly train: readonly Row[];
  readonly test: readonly Row[];
}

export function splitPages<Row extends Sourced>(rows: readonly Row[], seed: number): Split<Row> {
  const held = heldSources(rows, seededRandom(seed));
  return {
    train: rows.filter((row) => !held.has(row.source)),
    test: rows.filter((row) => held.has(row.source)),
  };
}

export function splitPosts<Row extends Sourced & { readonly text: string }>(
  rows: readonly Row[],
  seed: number,
): Split<Row> {
  const random = seededRandom(seed);
  const labels = new Map<string, Set<string>>();
  for (const { source, label } of rows) labels.set(source, (labels.get(source) ?? new Set()).add(label));
  const whole = rows.filter((row) => labels.get(row.source)!.size === 1);
  const held = heldSources(whole, random);
  const sides = new Map<string, boolean>();
  const isHeld = (row: Row): boolean => {
    if (labels.get(row.source)!.size === 1) return held.has(row.source);
    const key = foldedText(row.text);
    if (!sides.has(key)) sides.set(key, random() < 1 / 3);
    return sides.get(key)!;
  };
  const flags = rows.map(isHeld);
  return { train: rows.filter((_, at) => !flags[at]), test: rows.filter((_, at) => flags[at]) };
}

/** Sources of each label dealt alternately in random order; which deal is held is chance, too. */
function heldSources(rows: readonly Sourced[], random: Random): Set<string> {
  const byLabel = new Map<string, Set<string>>();
  for (const { label, source } of rows) byLabel.set(label, (byLabel.get(label) ?? new Set()).add(source));
  const held = new Set<string>();
  for (const set of byLabel.values()) {
    const sources = [...set];
    const first = random() < 0.5 ? 0 : 1;
    for (const [at, i] of [...shuffled(sources.length, random)].entries()) {
      if (at % 2 === first) held.add(sources[i]!);
    }
  }
  return held;
}

/** A text without what spam varies from one copy to the next. */
export function foldedText(text: string): string {
  return foldLookalikes(normalise(text))
    .text.replace(/(?:https?:\/\/|www\.|t\.me\/|@)\S+/g, ' ')
    .replace(/[^\p{L}]+/gu, '')
    .slice(0, 400);
}
