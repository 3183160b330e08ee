/**
 * Rows of marketplaces' listings: a log of versions, the versions that stand, and the marks of who placed them.
 *
 * The log is written under its table's lock, so that its numbers are in the order of commits: whoever follows
 * it by number misses nothing. What was found out about it is in `rings.ts`.
 */
import type { Mark, SealedListing } from '../domain/sealed-listing.ts';
import { sealedSha256 } from '../domain/sealed-listing.ts';
import type { Database, Queryable } from './database.ts';
import { storable } from './storable.ts';
import { hurried } from './together.ts';

/** A listing of a marketplace by its names. */
export interface ListingName {
  readonly market: string;
  readonly listingId: string;
}

export interface Placement extends ListingName {
  readonly listing: SealedListing;
  /** Nobody is to be told of what it brings to light. */
  readonly isQuiet: boolean;
  /** The capture that shows it; null for one that a marketplace fed. */
  readonly captureId: string | null;
  /** Groups of the like whose prices it adds to. */
  readonly priceGroups?: readonly string[];
  /** Identifiers in clear, shut in a box; what a crawled site shows is in its capture. */
  readonly clear?: { readonly box: Uint8Array; readonly expiresAt: Date };
}

export interface Placed {
  readonly number: number;
  readonly is: 'new' | 'changed' | 'same';
}

/** A row of the log. */
export interface LogRow extends ListingName {
  readonly number: number;
  /** Null: taken down. */
  readonly listing: SealedListing | null;
  readonly was: { readonly number: number; readonly listing: SealedListing } | null;
}

/** A version that stands. */
export interface Standing extends ListingName {
  readonly number: number;
  readonly listing: SealedListing;
  readonly captureId: string | null;
  readonly isQuiet: boolean;
}

export interface MarkedListing extends ListingName {
  readonly number: number;
  readonly at: Date;
  readonly flags: readonly string[];
  readonly ringId: string | null;
}

/** Identifiers of a version in clear, shut in a box. */
export interface Clear {
  readonly number: number;
  readonly box: Buffer;
  readonly expiresAt: Date;
}

/** An index that was made of the log anew. */
export interface Reindexed {
  /** 1 for the first, one more for each. */
  readonly generation: number;
  readonly position: number;
  readonly sha256: string;
}

export interface MarketStore {
  /** Takes versions in, all or none; one that says nothing new leaves no row. In the order given. */
  place(rows: readonly Placement[], now: Date): Promise<Placed[]>;
  /** @returns false when there is no such listing. */
  takeDown(name: ListingName, now: Date): Promise<boolean>;
  /** Rows of the log after a number, in order; at most `limit`. */
  log(after: number, limit: number): Promise<LogRow[]>;
  /** The last number of the log; 0 when it is empty. */
  head(): Promise<number>;
  /** Which index holds: 0 before one was made anew. */
  generation(): Promise<number>;
  /** Both of them in one look. */
  ends(): Promise<{ readonly head: number; readonly generation: number }>;
  /** Makes a new index hold, for all processes; nothing when another made one hold under this number. */
  reindexed(it: Reindexed, now: Date): Promise<void>;
  /** Those of these versions that stand, in the order given. */
  standing(numbers: readonly number[]): Promise<Standing[]>;
  /** Null when there is none. */
  find(name: ListingName): Promise<Standing | null>;
  /** The same of its number alone, for who needs no word of it. */
  numberOf(name: ListingName): Promise<number | null>;
  /** Standing listings with a mark, newest first; at most `limit`. */
  marked(mark: Pick<Mark, 'kind' | 'hash'>, limit: number): Promise<MarkedListing[]>;
  /**
   * The first of these groups that has `least` standing listings, and what is asked for the newest of them, at most 400,
   * those first. Null when none has so many.
   */
  prices(
    groups: readonly string[],
    least: number,
  ): Promise<{ readonly group: string; readonly prices: readonly number[] } | null>;
  /** Boxes of these versions that are still kept. */
  clear(numbers: readonly number[]): Promise<Clear[]>;
  /** Throws away boxes whose time is over; @returns how many. */
  forget(now: Date): Promise<number>;
  /** How many standing listings each of these marks has. */
  countMarked(marks: readonly Pick<Mark, 'kind' | 'hash'>[]): Promise<number[]>;
}

export function marketStore(db: Database): MarketStore {
  const standing = hurried(async (numbers: readonly number[]) => {
    const rows = await readStanding(db, 's.number = any($1::int8[])', [numbers]);
    return new Map(rows.map((it): [number, Standing] => [it.number, it]));
  });
  return {
    async place(rows, now) {
      return db.transaction(async (tx) => {
        await lockLog(tx);
        const placed: Placed[] = [];
        for (const row of rows) placed.push(await placeOne(tx, row, now));
        return placed;
      });
    },
    async takeDown({ market, listingId }, now) {
      return db.transaction(async (tx) => {
        await lockLog(tx);
        const [was] = await tx.query<{ number: number }>(
          'delete from market_listing where market = $1 and listing_id = $2 returning number',
          [market, listingId],
        );
        if (was === undefined) return false;
        await tx.query(
          'insert into market_log (market, listing_id, at, was, quiet) values ($1, $2, $3, $4, false)',
          [market, listingId, now, was.number],
        );
        return true;
      });
    },
    async log(after, limit) {
      const rows = await db.query<LogRow & { was_number: number | null; was_listing: SealedListing | null }>(
        `select l.number, l.market, l.listing_id as "listingId", l.listing, w.number as was_number, w.listing as was_listing
         from market_log l left join market_log w on w.number = l.was
         where l.number > $1 order by l.number limit $2`,
        [after, limit],
      );
      return rows.map(({ number, market, listingId, listing, was_number, was_listing }) => ({
        number,
        market,
        listingId,
        listing,
        was: was_number === null ? null : { number: was_number, listing: was_listing! },
      }));
    },
    async head() {
      const [row] = await db.query<{ number: number | null }>('select max(number) as number from market_log');
      return row?.number ?? 0;
    },
    async generation() {
      const [row] = await db.query<{ generation: number | null }>(
        'select max(generation) as generation from market_reindex',
      );
      return row?.generation ?? 0;
    },
    async ends() {
      const [row] = await db.query<{ head: number | null; generation: number | null }>(
        `select (select max(number) from market_log) as head,
           (select max(generation) from market_reindex) as generation`,
      );
      return { head: row?.head ?? 0, generation: row?.generation ?? 0 };
    },
    async reindexed({ generation, position, sha256 }, now) {
      await db.query(
        `insert into market_reindex (generation, at, position, sha256) values ($1, $2, $3, $4)
         on conflict (generation) do nothing`,
        [generation, now, position, sha256],
      );
    },
    standing: async (numbers) => [...(await standing(numbers)).values()],
    async find({ market, listingId }) {
      const [row] = await readStanding(db, 's.market = $1 and s.listing_id = $2', [market, listingId]);
      return row ?? null;
    },
    async numberOf({ market, listingId }) {
      const [row] = await db.query<{ number: number }>(
        'select number from market_listing where market = $1 and listing_id = $2',
        [market, listingId],
      );
      return row?.number ?? null;
    },
    marked: ({ kind, hash }, limit) =>
      db.query<MarkedListing>(
        `select s.market, s.listing_id as "listingId", s.number, l.at, m.flags,
           (select r.ring_id from ring_member r
            where r.relation = 'duplicate_ad' and r.market = s.market and r.listing_id = s.listing_id) as "ringId"
         from market_mark m join market_listing s on s.number = m.number join market_log l on l.number = m.number
         where m.kind = $1 and m.hash = $2 order by m.number desc limit $3`,
        [kind, hash, limit],
      ),
    async prices(groups, least) {
      // As one text: a row each costs who asks more than all that is done with them.
      const [row] = await db.query<{ group: string; prices: string }>(
        `select fit.key as group, array_to_string(array(
           select p.price from market_price p join market_listing s on s.number = p.number
           where p.group_key = fit.key order by p.number desc limit 400), ' ') as prices
         from (select g.key from unnest($1::text[]) with ordinality g (key, place)
               where (select count(*) from (
                 select 1 from market_price p join market_listing s on s.number = p.number
                 where p.group_key = g.key limit $2) few) >= $2
               order by g.place limit 1) fit`,
        [groups, least],
      );
      return row === undefined ? null : { group: row.group, prices: row.prices.split(' ').map(Number) };
    },
    clear: (numbers) =>
      db.query<Clear>(
        `select number, box, expires_at as "expiresAt" from market_clear where number = any($1::int8[]) order by number`,
        [numbers],
      ),
    async forget(now) {
      const gone = await db.query('delete from market_clear where expires_at <= $1 returning number', [now]);
      return gone.length;
    },
    async countMarked(marks) {
      const rows = await db.query<{ n: number }>(
        `select (select count(*) from market_mark m join market_listing s on s.number = m.number
                 where m.kind = asked.kind and m.hash = asked.hash) as n
         from unnest($1::text[], $2::text[]) with ordinality asked (kind, hash, place) order by asked.place`,
        [marks.map(({ kind }) => kind), marks.map(({ hash }) => hash)],
      );
      return rows.map(({ n }) => Number(n));
    },
  };
}

async function lockLog(tx: Queryable): Promise<void> {
  await tx.query('lock table market_log in share row exclusive mode');
}

async function placeOne(tx: Queryable, row: Placement, now: Date): Promise<Placed> {
  const { market, listingId, listing, isQuiet, captureId } = row;
  const kept = storable(JSON.stringify(listing));
  const sha256 = sealedSha256(listing);
  const [was] = await tx.query<{ number: number; sha256: string }>(
    `select s.number, l.sha256 from market_listing s join market_log l on l.number = s.number
     where s.market = $1 and s.listing_id = $2`,
    [market, listingId],
  );
  if (was?.sha256 === sha256) return { number: was.number, is: 'same' };
  const [made] = await tx.query<{ number: number }>(
    `insert into market_log (market, listing_id, at, sha256, listing, was, quiet, capture_id)
     values ($1, $2, $3, $4, $5::jsonb, $6, $7, $8) returning number`,
    [market, listingId, now, sha256, kept, was?.number ?? null, isQuiet, captureId],
  );
  const { number } = made!;
  await tx.query(
    `insert into market_listing (market, listing_id, number) values ($1, $2, $3)
     on conflict (market, listing_id) do update set number = excluded.number`,
    [market, listingId, number],
  );
  for (const { kind, hash, flags } of listing.marks) {
    await tx.query('insert into market_mark (kind, hash, number, flags) values ($1, $2, $3, $4::text[])', [
      kind,
      hash,
      number,
      flags,
    ]);
  }
  const { priceGroups = [], clear } = row;
  if (priceGroups.length > 0) {
    await tx.query(
      'insert into market_price (group_key, number, price) select g, $2, $3 from unnest($1::text[]) g',
      [priceGroups, number, listing.price],
    );
  }
  if (clear !== undefined) {
    await tx.query('insert into market_clear (number, expires_at, box) values ($1, $2, $3)', [
      number,
      clear.expiresAt,
      clear.box,
    ]);
  }
  return { number, is: was === undefined ? 'new' : 'changed' };
}

/** Of standing versions `s` and their rows `l` of the log. */
export function readStanding(db: Queryable, where: string, params: readonly unknown[]): Promise<Standing[]> {
  return db.query<Standing>(
    `select s.number, s.market, s.listing_id as "listingId", l.listing, l.capture_id as "captureId", l.quiet as "isQuiet"
     from market_listing s join market_log l on l.number = s.number where ${where} order by s.number`,
    params,
  );
}

export function byName(a: ListingName, b: ListingName): number {
  const [x, y] = [nameText(a), nameText(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** One text for a listing's names. */
export function nameText({ market, listingId }: ListingName): string {
  return `${market}/${listingId}`;
}
