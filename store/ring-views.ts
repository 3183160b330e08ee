/**
 * The market as people look at it: rings by page, what a ring is made of and was told of, and who stands in most of
 * them. A `market` narrows everything to what that marketplace may see: its own listings.
 */

import { caseId } from '../domain/case.ts';
import type { IdentifierKind } from '../domain/identifier.ts';
import type { SealedListing } from '../domain/sealed-listing.ts';
import type { AlertType } from './alerts.ts';
import type { Database } from './database.ts';
import { RING_COLUMNS, type Ring } from './rings.ts';

export interface RingFilter {
  readonly market?: string | null;
  readonly state?: Ring['state'] | undefined;
  /** Members at least. */
  readonly least?: number | undefined;
  /** Changed then or later. */
  readonly since?: Date | undefined;
}

/** A ring's place in the order by its last change, the newest first. */
export interface RingPlace {
  readonly updatedAt: Date;
  readonly id: string;
}

export interface RingLine extends Ring {
  /** Markets that have, or had, a listing in it; by name. */
  readonly markets: readonly string[];
  /** Listings of the market that was asked for; of all without one. */
  readonly own: number;
  readonly caseId: string | null;
}

export interface RingListing {
  readonly number: number;
  readonly market: string;
  readonly listingId: string;
  readonly listing: SealedListing;
  readonly captureId: string | null;
  /** When this version of it was taken in. */
  readonly at: Date;
  readonly joinedAt: Date;
}

/** What a marketplace was told of a ring. */
export interface RingAlert {
  readonly event: string;
  readonly tenant: string;
  readonly type: AlertType;
  readonly at: Date;
  /** So many members it had then. */
  readonly members: number | null;
  /** To so many endpoints, and so many of them took it. */
  readonly endpoints: number;
  readonly delivered: number;
}

/** Somebody in open rings, by keyed hash. */
export interface RingActor {
  readonly kind: IdentifierKind;
  readonly mark: string;
  readonly listings: number;
  readonly rings: number;
  readonly markets: number;
  readonly flags: readonly string[];
  readonly first: Date;
  readonly last: Date;
}

export type ActorPlace = Pick<RingActor, 'listings' | 'kind' | 'mark'>;

/** A standing listing that somebody placed. */
export interface PlacedListing {
  readonly market: string;
  readonly listingId: string;
  readonly title: string;
  readonly price: number | null;
  readonly currency: string | null;
  readonly city: string | null;
  readonly at: Date;
  readonly flags: readonly string[];
  readonly ringId: string | null;
}

/** Somebody whose mark stands on the same listings. */
export interface Companion {
  readonly kind: IdentifierKind;
  readonly mark: string;
  readonly flags: readonly string[];
  readonly listings: number;
}

export interface RingViews {
  /** The last changed first; at most `limit` after a place. */
  page(filter: RingFilter, after: RingPlace | null, limit: number): Promise<RingLine[]>;
  /** Null when there is none, or none that this market has, or had, a listing in. */
  get(id: string, market: string | null): Promise<RingLine | null>;
  /** Rings of standing listings that these captures show, those of most people first; at most `limit`. */
  ofCaptures(ids: readonly string[], limit: number): Promise<RingLine[]>;
  /** In the order of their numbers. */
  listings(id: string, market: string | null): Promise<RingListing[]>;
  /** In the order in which they were told. */
  alerts(id: string, tenant: string | null): Promise<RingAlert[]>;
  /** Those with most listings in open rings first; at most `limit` after a place. */
  actors(
    filter: { readonly market?: string | null; readonly kind?: IdentifierKind | undefined },
    after: ActorPlace | null,
    limit: number,
  ): Promise<RingActor[]>;
  /** The newest first, and how many there are on all markets. */
  placedBy(
    mark: Pick<RingActor, 'kind' | 'mark'>,
    market: string | null,
    limit: number,
  ): Promise<{ readonly listings: PlacedListing[]; readonly total: number }>;
  /** Whose marks stand beside this one, the most often first. */
  companions(
    mark: Pick<RingActor, 'kind' | 'mark'>,
    market: string | null,
    limit: number,
  ): Promise<Companion[]>;
}

/** Of ring `r`; `$1` is the market asked for. */
const LINE = `${RING_COLUMNS},
  array(select g.market from ring_market g where g.ring_id = r.id order by g.market) as markets,
  (select count(*)::int from ring_member m where m.ring_id = r.id and ($1::text is null or m.market = $1)) as own,
  (select c.id from cases c where c.subject_kind = 'ring' and md5(c.subject_key) = md5(r.id) and c.subject_key = r.id) as number`;
const MAY_SEE = `($1::text is null or exists (select 1 from ring_market g where g.market = $1 and g.ring_id = r.id))`;

type LineRow = Omit<RingLine, 'caseId'> & { readonly number: number | null };

export function ringViews(db: Database): RingViews {
  return {
    async page({ market = null, state, least, since }, after, limit) {
      const rows = await db.query<LineRow>(
        `select ${LINE} from ring r where ${MAY_SEE} and ($2::text is null or r.state = $2)
           and ($3::int is null or r.members >= $3) and ($4::timestamptz is null or r.updated_at >= $4)
           and ($5::timestamptz is null or (r.updated_at, r.id) < ($5, $6))
         order by r.updated_at desc, r.id desc limit $7`,
        [
          market,
          state ?? null,
          least ?? null,
          since ?? null,
          after?.updatedAt ?? null,
          after?.id ?? '',
          limit,
        ],
      );
      return rows.map(asLine);
    },
    async get(id, market) {
      const [row] = await db.query<LineRow>(`select ${LINE} from ring r where ${MAY_SEE} and r.id = $2`, [
        market,
        id,
      ]);
      return row === undefined ? null : asLine(row);
    },
    async ofCaptures(ids, limit) {
      const rows = await db.query<LineRow>(
        `select ${LINE} from ring r where r.id in (select m.ring_id from market_log l
           join market_listing s on s.number = l.number
           join ring_member m on m.market = s.market and m.listing_id = s.listing_id
           where l.capture_id = any($2::uuid[]))
         order by r.actors desc, r.members desc, r.id limit $3`,
        [null, ids, limit],
      );
      return rows.map(asLine);
    },
    listings: (id, market) =>
      db.query<RingListing>(
        `select s.number, s.market, s.listing_id as "listingId", l.listing, l.capture_id as "captureId", l.at,
           m.joined_at as "joinedAt"
         from ring_member m join market_listing s on s.market = m.market and s.listing_id = m.listing_id
         join market_log l on l.number = s.number
         where m.ring_id = $1 and ($2::text is null or m.market = $2) order by s.number`,
        [id, market],
      ),
    alerts: (id, tenant) =>
      db.query<RingAlert>(
        `select v.id as event, v.tenant, v.type, v.at, (v.body::jsonb #>> '{data,members}')::int as members,
           (select count(*)::int from alert_delivery d where d.event_seq = v.seq) as endpoints,
           (select count(*)::int from alert_delivery d where d.event_seq = v.seq and d.state = 'delivered') as delivered
         from alert_event v where v.body::jsonb ->> 'subject' = $1 and ($2::text is null or v.tenant = $2) order by v.seq`,
        [id, tenant],
      ),
    actors: ({ market = null, kind }, after, limit) =>
      db.query<RingActor>(
        `select k.kind, k.hash as mark, count(distinct s.number)::int as listings, count(distinct r.id)::int as rings,
           count(distinct s.market)::int as markets, min(l.at) as first, max(l.at) as last,
           coalesce(array_agg(distinct flag) filter (where flag is not null), '{}') as flags
         from ring r join ring_member m on m.ring_id = r.id
         join market_listing s on s.market = m.market and s.listing_id = m.listing_id
         join market_log l on l.number = s.number join market_mark k on k.number = s.number
         left join lateral unnest(k.flags) flag on true
         where r.state = 'open' and ($1::text is null or s.market = $1) and ($2::text is null or k.kind = $2)
         group by k.kind, k.hash
         having $3::int is null or count(distinct s.number) < $3
           or (count(distinct s.number) = $3 and (k.kind, k.hash) > ($4, $5))
         order by listings desc, k.kind, k.hash limit $6`,
        [market, kind ?? null, after?.listings ?? null, after?.kind ?? '', after?.mark ?? '', limit],
      ),
    async placedBy({ kind, mark }, market, limit) {
      const [row] = await db.query<{ n: number }>(
        `select count(*)::int as n from market_mark k join market_listing s on s.number = k.number
         where k.kind = $1 and k.hash = $2`,
        [kind, mark],
      );
      const listings = await db.query<PlacedListing>(
        `select s.market, s.listing_id as "listingId", l.listing ->> 'title' as title,
           (l.listing ->> 'price')::float8 as price, l.listing ->> 'currency' as currency, l.listing ->> 'city' as city,
           l.at, k.flags,
           (select r.ring_id from ring_member r
            where r.relation = 'duplicate_ad' and r.market = s.market and r.listing_id = s.listing_id) as "ringId"
         from market_mark k join market_listing s on s.number = k.number join market_log l on l.number = s.number
         where k.kind = $1 and k.hash = $2 and ($3::text is null or s.market = $3) order by s.number desc limit $4`,
        [kind, mark, market, limit],
      );
      return { listings, total: row?.n ?? 0 };
    },
    companions: ({ kind, mark }, market, limit) =>
      db.query<Companion>(
        `select o.kind, o.hash as mark, count(distinct s.number)::int as listings,
           coalesce(array_agg(distinct flag) filter (where flag is not null), '{}') as flags
         from market_mark k join market_listing s on s.number = k.number
         join market_mark o on o.number = k.number and (o.kind, o.hash) <> (k.kind, k.hash)
         left join lateral unnest(o.flags) flag on true
         where k.kind = $1 and k.hash = $2 and ($3::text is null or s.market = $3)
         group by o.kind, o.hash order by listings desc, o.kind, o.hash limit $4`,
        [kind, mark, market, limit],
      ),
  };
}

function asLine({ number, ...row }: LineRow): RingLine {
  return { ...row, caseId: number === null ? null : caseId(Number(number)) };
}
