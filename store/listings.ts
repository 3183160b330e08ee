/** Rows of listings: which advertisements were posted again, by how many sellers. */
import type { Listing } from '../domain/listing.ts';
import type { Database } from './database.ts';

/** One advertisement under several sellers. */
export interface Reposted {
  /** Title and text folded: what they share. */
  readonly fold: string;
  /** Distinct sellers, at least as many as asked for. */
  readonly sellers: readonly string[];
  /** Captures that show it, newest first, at most 50. */
  readonly captureIds: readonly string[];
  /** One of them, as written. */
  readonly listing: Listing;
}

export interface ListingStore {
  /** Advertisements seen in a visit that stand, wherever and whenever seen, under at least `sellers` sellers. */
  reposted(visitId: string, sellers: number): Promise<Reposted[]>;
}

export function listingStore(db: Database): ListingStore {
  return {
    async reposted(visitId, sellers) {
      const rows = await db.query<{
        fold: string;
        sellers: string[];
        capture_ids: string[];
        listing: Listing;
      }>(
        `select l.fold, array_agg(distinct l.seller order by l.seller) as sellers,
           (array_agg(distinct l.capture_id::text order by l.capture_id::text desc))[1:50] as capture_ids,
           (array_agg(l.listing order by l.capture_id, l.n))[1] as listing
         from listing l
         where l.seller is not null and md5(l.fold) in (
           select md5(seen.fold) from listing seen join capture c on c.id = seen.capture_id where c.visit_id = $1)
         group by l.fold having count(distinct l.seller) >= $2 order by l.fold`,
        [visitId, sellers],
      );
      return rows.map((row) => ({
        fold: row.fold,
        sellers: row.sellers,
        captureIds: row.capture_ids,
        listing: row.listing,
      }));
    },
  };
}
