/** A ring as a marketplace is told of it: its own listings by id, of the others only how many. */
import type { ClusterView } from '../../domain/market-service.ts';
import { ringActors } from '../../domain/ring-actors.ts';
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
    actors: ringActors(own),
  };
}
