/**
 * Listings of a visit that are one advertisement under many accounts: the commonest way of committing internet
 * fraud in the country, as the Interior Ministry names it. Such a ring is a case of its own.
 *
 * The match is the plainest there is, equal text once folded; a ring's chance grows with its sellers as
 * 1 - 2^-(sellers - 1), an ordering for the queue and no calibrated figure.
 */
import { createHash } from 'node:crypto';
import { seenOf } from '../classifiers/seen.ts';
import type { Signal } from '../domain/assessment.ts';
import type { CaseStore } from '../store/cases.ts';
import type { ListingStore, Reposted } from '../store/listings.ts';
import type { Visit } from '../store/visits.ts';
import type { Clock } from './clock.ts';

export interface MatchTools {
  readonly listings: ListingStore;
  readonly cases: CaseStore;
  readonly clock: Clock;
}

/** Two accounts may be one honest seller's; three are worth a person's look. */
const LEAST_SELLERS = 3;
/** Honest sellers share short titles; nobody shares this many words by chance. */
const LEAST_WORDS = 10;

export async function match(visit: Pick<Visit, 'id'>, { listings, cases, clock }: MatchTools): Promise<void> {
  for (const ring of await listings.reposted(visit.id, LEAST_SELLERS)) {
    if (ring.fold.split(' ').length < LEAST_WORDS) continue;
    const reasons = reasonsOf(ring);
    const sighting = {
      label: 'fake_listing' as const,
      score: 1 - 2 ** (1 - ring.sellers.length),
      seen: seenOf('fake_listing', reasons, [ring.fold]),
      reasons,
    };
    const key = createHash('sha256').update(ring.fold).digest('hex').slice(0, 16);
    await cases.sight({ kind: 'ring', key }, sighting, ring.captureIds, clock.now());
  }
}

function reasonsOf({ sellers, listing }: Reposted): Signal[] {
  return [
    {
      id: `duplicate.sellers_${sellers.length}`,
      family: 'duplicate',
      criterion: 'same_ad_many_accounts',
      excerpt: `${sellers.length} × ${listing.title}`.slice(0, 200),
      contribution: Math.log(2) * (sellers.length - 1),
    },
  ];
}
