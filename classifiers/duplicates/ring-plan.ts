/**
 * What becomes of rings when listings come, change or go: which ring goes on as which cluster.
 *
 * A ring goes on in the cluster that holds most of its members, and a cluster bears the name of the oldest of
 * the rings that go on in it: the others were merged into it. A ring none of whose members is in a cluster any
 * more is gone. Every listing is in one ring at most, and the plan depends on no order but that of the rings'
 * ages.
 */

/** A ring as it was: the oldest come first. Members are names of listings. */
export interface OldRing {
  readonly id: string;
  readonly members: readonly string[];
}

export interface RingPlan {
  /** Clusters with their names; `isNew` when no ring goes on in it. In the order of the clusters. */
  readonly open: readonly { readonly id: string; readonly isNew: boolean; readonly cluster: number }[];
  readonly merged: readonly { readonly id: string; readonly into: string }[];
  readonly gone: readonly string[];
}

/**
 * @param clusters members of each, by name; no name twice.
 * @param namesOf names that a cluster in which no ring goes on may bear, the best first.
 * @param taken names that others bear already.
 * @throws RangeError when all its names are taken.
 */
export function planRings(
  rings: readonly OldRing[],
  clusters: readonly (readonly string[])[],
  namesOf: (members: readonly string[]) => readonly string[],
  taken: ReadonlySet<string>,
): RingPlan {
  const clusterOf = new Map(clusters.flatMap((members, at) => members.map((name) => [name, at] as const)));
  const heirs = new Map<number, string>();
  const merged: { id: string; into: number }[] = [];
  const gone: string[] = [];
  for (const { id, members } of rings) {
    const heir = mostOf(members.flatMap((name) => clusterOf.get(name) ?? []));
    if (heir === null) gone.push(id);
    else if (heirs.has(heir)) merged.push({ id, into: heir });
    else heirs.set(heir, id);
  }
  const borne = new Set([...taken, ...heirs.values(), ...merged.map(({ id }) => id)]);
  const open = clusters.map((members, cluster) => {
    const heir = heirs.get(cluster);
    if (heir !== undefined) return { id: heir, isNew: false, cluster };
    const id = namesOf(members).find((name) => !borne.has(name));
    if (id === undefined) throw new RangeError(`There is no name left for a ring of ${members.join(', ')}.`);
    borne.add(id);
    return { id, isNew: true, cluster };
  });
  const nameAt = new Map(open.map(({ id, cluster }) => [cluster, id]));
  return { open, merged: merged.map(({ id, into }) => ({ id, into: nameAt.get(into)! })), gone };
}

/** The number that comes most often, the lowest of several; null of none. */
function mostOf(numbers: readonly number[]): number | null {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  let best: number | null = null;
  for (const [number, count] of counts) {
    const most = best === null ? 0 : counts.get(best)!;
    if (count > most || (count === most && number < best!)) best = number;
  }
  return best;
}
