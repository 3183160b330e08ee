/**
 * How many people a ring is of, at the least. Accounts that share a phone or a device may be one honest seller
 * who uses two marketplaces; several accounts on one marketplace are several people, or one who pretends to be.
 */
import type { Standing } from '../../store/market.ts';

export function peopleIn(members: readonly Pick<Standing, 'market' | 'listing'>[]): number {
  return Math.max(mostAccountsOfOneMarket(members), groupsOf(members));
}

function mostAccountsOfOneMarket(members: readonly Pick<Standing, 'market' | 'listing'>[]): number {
  const accounts = new Map<string, Set<string>>();
  for (const { market, listing } of members) {
    if (listing.seller === null) continue;
    accounts.set(market, (accounts.get(market) ?? new Set()).add(listing.seller));
  }
  return Math.max(0, ...[...accounts.values()].map((each) => each.size));
}

/** Groups of listings that nothing of their placers ties; one that tells nothing of its placer is in none. */
function groupsOf(members: readonly Pick<Standing, 'listing'>[]): number {
  const groups: Set<string>[] = [];
  for (const { listing } of members) {
    const marks = [listing.seller, listing.phone, listing.device].filter((mark) => mark !== null);
    if (marks.length === 0) continue;
    const joined = new Set(marks);
    for (let at = groups.length - 1; at >= 0; at -= 1) {
      if (marks.every((mark) => !groups[at]!.has(mark))) continue;
      for (const mark of groups[at]!) joined.add(mark);
      groups.splice(at, 1);
    }
    groups.push(joined);
  }
  return groups.length;
}
