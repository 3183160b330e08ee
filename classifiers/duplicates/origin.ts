/**
 * Where stolen photos came from. A photo that was stolen from an advertisement is near those of all its
 * copies, but was taken from one: the nearest. The chance of having been copied from one of the others is
 * shared out among them.
 */
import type { Cluster } from './clusters.ts';
import type { Judged } from './matcher.ts';

export interface PhotoPair {
  readonly a: number;
  readonly b: number;
  readonly judged: Judged;
}

/** The same pairs in the same order; of those between one listing and several copies, only the nearest keeps its score. */
export function tracedToOrigin(pairs: readonly PhotoPair[], copies: readonly Cluster[]): PhotoPair[] {
  const ringOf = new Map(copies.flatMap(({ members }, at) => members.map((member) => [member, at] as const)));
  const siblings = new Map<string, PhotoPair[]>();
  const keysOf = ({ a, b }: PhotoPair): string[] => {
    const [ringA, ringB] = [ringOf.get(a), ringOf.get(b)];
    return [
      ...(ringB === undefined ? [] : [`${a} of ${ringB}`]),
      ...(ringA === undefined ? [] : [`${b} of ${ringA}`]),
    ];
  };
  for (const pair of pairs) {
    for (const key of keysOf(pair)) siblings.set(key, [...(siblings.get(key) ?? []), pair]);
  }
  return pairs.map((pair) => {
    let score = pair.judged.score;
    for (const key of keysOf(pair)) {
      const all = siblings.get(key)!;
      if (all.length > 1 && nearestOf(all) !== pair) score /= all.length;
    }
    return score === pair.judged.score ? pair : { ...pair, judged: { ...pair.judged, score } };
  });
}

function nearestOf(pairs: readonly PhotoPair[]): PhotoPair {
  return pairs.reduce((best, pair) => {
    const [bits, least] = [pair.judged.photoBits ?? 257, best.judged.photoBits ?? 257];
    return bits < least || (bits === least && pair.judged.score > best.judged.score) ? pair : best;
  });
}
