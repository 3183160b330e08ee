/** A ring as a marketplace is told of it: its own listings by id, of the others only how many. */
import type { ClusterActor, ClusterView } from '../../domain/market-service.ts';
import type { Standing } from '../../store/market.ts';
import type { Ring } from '../../store/rings.ts';

export function clusterView(tenant: string, ring: Ring, members: readonly Standing[]): ClusterView {
  const own = members.filter((it) => it.market === tenant);
  const { id, relation, state, mergedInto, why, score, density, actors, openedAt, updatedAt } = ring;
  return {
    id,
    relation,
    state,
    mergedInto,
    why,
    score,
    density,
    people: actors,
    openedAt,
    updatedAt,
    listings: own.map(({ listingId }) => ({ id: listingId })),
    elsewhere: members.length - own.length,
    actors: actorsOf(own),
  };
}

/** Who placed these listings, by mark: the one with most listings first. */
function actorsOf(members: readonly Standing[]): ClusterActor[] {
  const found = new Map<
    string,
    { kind: ClusterActor['kind']; mark: string; flags: Set<string>; by: Standing[] }
  >();
  for (const it of members) {
    for (const { kind, hash, flags } of it.listing.marks) {
      const actor = found.get(`${kind} ${hash}`) ?? { kind, mark: hash, flags: new Set(), by: [] };
      for (const flag of flags) actor.flags.add(flag);
      actor.by.push(it);
      found.set(`${kind} ${hash}`, actor);
    }
  }
  return [...found.values()]
    .map(({ kind, mark, flags, by }) => {
      const times = by.flatMap(({ listing }) => listing.postedAt ?? []).sort();
      return {
        kind,
        mark,
        flags: [...flags].sort(),
        network: by.flatMap(({ listing }) => (kind === 'ip' ? (listing.network ?? []) : []))[0] ?? null,
        listings: by.map(({ listingId }) => listingId),
        first: times[0] ?? null,
        last: times.at(-1) ?? null,
      };
    })
    .sort(
      (a, b) =>
        b.listings.length - a.listings.length || (`${a.kind} ${a.mark}` < `${b.kind} ${b.mark}` ? -1 : 1),
    );
}
