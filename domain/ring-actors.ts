/** Who placed the listings of a ring, by keyed hash: what a marketplace and an officer are told of it. */
import type { ClusterActor } from './market-service.ts';
import type { SealedListing } from './sealed-listing.ts';

interface Placed {
  readonly listingId: string;
  readonly listing: SealedListing;
}

/** The one with most listings first, then by kind and mark. */
export function ringActors(members: readonly Placed[]): ClusterActor[] {
  const found = new Map<
    string,
    { kind: ClusterActor['kind']; mark: string; flags: Set<string>; by: Placed[] }
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
