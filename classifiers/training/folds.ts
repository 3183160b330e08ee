/** Folds: what is held back together, so that nothing is judged by a model that has seen its like. */
import type { Sparse } from '../ngrams.ts';
import { type Random, shuffled } from '../random.ts';

/**
 * Groups dealt into folds. Each goes, the largest first, to the fold that has least of its kind (fraud or
 * not), so that every fold holds some of both; ties are broken by chance.
 *
 * @param isBad whether a row is fraud; a group is what its first row is.
 */
export function foldsByGroup(
  groups: readonly string[],
  isBad: readonly boolean[],
  folds: number,
  random: Random,
): number[][] {
  const members = new Map<string, number[]>();
  for (const [i, group] of groups.entries()) {
    const list = members.get(group);
    if (list === undefined) members.set(group, [i]);
    else list.push(i);
  }
  const order = [...members.values()];
  const mixed = [...shuffled(order.length, random)].map((i) => order[i]!).sort((a, b) => b.length - a.length);
  const dealt: number[][] = Array.from({ length: folds }, () => []);
  const held = dealt.map(() => ({ bad: 0, good: 0 }));
  for (const group of mixed) {
    const kind = isBad[group[0]!] ? 'bad' : 'good';
    const at = held.reduce((best, fold, i) => (fold[kind] < held[best]![kind] ? i : best), 0);
    dealt[at]!.push(...group);
    held[at]![kind] += group.length;
  }
  return dealt;
}

const ROUNDS = 12;

/**
 * Rows grouped by likeness: spherical k-means, begun at rows drawn by chance. Holding a whole group back
 * asks what a source with other subjects and manners asks.
 *
 * @param vectors of length 1 each, or a sum of a few such blocks.
 * @returns the number of its group for each row, 0..k-1.
 * Source: I. Dhillon, D. Modha, "Concept decompositions for large sparse text data" (2001), section 3.
 */
export function likeGroups(vectors: readonly Sparse[], size: number, k: number, random: Random): Int32Array {
  const group = new Int32Array(vectors.length);
  let centres = Array.from({ length: k }, () => {
    const centre = new Float32Array(size);
    add(centre, vectors[Math.floor(random() * vectors.length)]!);
    return unit(centre);
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = centres.map(() => new Float32Array(size));
    for (const [i, vector] of vectors.entries()) {
      let best = 0;
      let nearest = -1;
      for (const [at, centre] of centres.entries()) {
        let dot = 0;
        for (let n = 0; n < vector.at.length; n += 1) dot += centre[vector.at[n]!]! * vector.value[n]!;
        if (dot > nearest) [best, nearest] = [at, dot];
      }
      group[i] = best;
      add(next[best]!, vector);
    }
    centres = next.map(unit);
  }
  return group;
}

function add(sum: Float32Array, { at, value }: Sparse): void {
  for (let n = 0; n < at.length; n += 1) sum[at[n]!] = sum[at[n]!]! + value[n]!;
}

function unit(centre: Float32Array): Float32Array {
  const length = Math.sqrt(centre.reduce((sum, it) => sum + it * it, 0)) || 1;
  return centre.map((it) => it / length);
}
