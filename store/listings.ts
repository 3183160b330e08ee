/** Rows of listings: which advertisements a visit saw. */
import type { Listing } from '../domain/listing.ts';
import type { Database } from './database.ts';

export interface SeenListing {
  readonly captureId: string;
  /** Key of the site that shows it. */
  readonly site: string;
  readonly listing: Listing;
}

export interface ListingStore {
  /** In the order they were captured and stand on the page. */
  ofVisit(visitId: string): Promise<SeenListing[]>;
  /** Visits that saw listings, the newest first. */
  visits(): Promise<string[]>;
}

export function listingStore(db: Database): ListingStore {
  return {
    async visits() {
      const rows = await db.query<{ id: string }>(
        `select c.visit_id as id from listing l join capture c on c.id = l.capture_id
         group by c.visit_id order by max(c.captured_at) desc, c.visit_id`,
      );
      return rows.map(({ id }) => id);
    },
    async ofVisit(visitId) {
      const rows = await db.query<SeenListing>(
        `select l.capture_id as "captureId", c.site_key as site, l.listing
         from listing l join capture c on c.id = l.capture_id
         where c.visit_id = $1 order by l.capture_id, l.n`,
        [visitId],
      );
      return rows.map(({ listing, ...row }) => ({
        ...row,
        listing: { ...listing, postedAt: listing.postedAt === null ? null : new Date(listing.postedAt) },
      }));
    },
  };
}
