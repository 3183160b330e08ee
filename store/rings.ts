/**
 * Rows of what was found among listings: links between versions, and the rings they form. A stretch of the log
 * is looked through once: links, rings and the cursor behind them move in one transaction, so that a process
 * killed at any moment leaves a stretch either found out whole or still to do.
 */
import type { Database, Queryable } from './database.ts';
import { byName, type ListingName, nameText, readStanding, type Standing } from './market.ts';
import { hurried } from './together.ts';

export type RingRelation = 'duplicate_ad' | 'same_photo';

export interface LinkRow {
  /** Versions, the older first. */
  readonly a: number;
  readonly b: number;
  readonly relation: string;
  readonly score: number;
  readonly reasons: readonly unknown[];
}

export interface Ring {
  readonly id: string;
  readonly relation: RingRelation;
  readonly state: 'open' | 'merged' | 'withdrawn';
  readonly mergedInto: string | null;
  /** Of one that was withdrawn; null else. */
  readonly why: WithdrawReason | null;
  readonly members: number;
  readonly actors: number;
  readonly score: number;
  readonly density: number;
  readonly openedAt: Date;
  readonly updatedAt: Date;
}

/** `changed`: its listings are alike no more, or gone; `disputed`: people say that they are no copies. */
export type WithdrawReason = 'changed' | 'disputed';

/** What becomes of a ring. */
export type RingChange =
  | (Pick<Ring, 'id' | 'relation' | 'actors' | 'score' | 'density'> & {
      readonly is: 'open';
      readonly members: readonly ListingName[];
    })
  | { readonly is: 'merged'; readonly id: string; readonly into: string }
  | { readonly is: 'withdrawn'; readonly id: string; readonly why: WithdrawReason };

/** A stretch of the log under the cursor's lock. */
export interface Findings {
  readonly tx: Queryable;
  link(links: readonly LinkRow[]): Promise<void>;
  /** Standing listings that hang together with some of these, and what ties them; pairs denied by people are left out. */
  component(
    relation: RingRelation,
    seeds: readonly number[],
    most: number,
  ): Promise<{ readonly members: readonly Standing[]; readonly links: readonly LinkRow[] }>;
  /** Open rings that these listings are in, the oldest first, each with its members. */
  ringsOf(relation: RingRelation, names: readonly ListingName[]): Promise<RingMembers[]>;
  /** Versions that stand of these listings. */
  numbersOf(names: readonly ListingName[]): Promise<number[]>;
  ringOf(id: string): Promise<Ring | null>;
  /** Members as they stand. */
  membersOf(id: string): Promise<Standing[]>;
  /** Those of these names that a ring bears which was not withdrawn. */
  borne(ids: readonly string[]): Promise<string[]>;
  change(changes: readonly RingChange[], now: Date): Promise<void>;
}

export interface RingMembers {
  readonly id: string;
  readonly openedAt: Date;
  readonly members: readonly ListingName[];
}

export interface RingStore {
  /** Up to where the log was looked through. */
  judged(): Promise<number>;
  /**
   * Does `work` with the stretch from `from` (excluded) to `to` and moves the cursor.
   *
   * @returns false when the cursor is not at `from` any more: another process was there first.
   */
  judge(from: number, to: number, work: (findings: Findings) => Promise<void>): Promise<boolean>;
  /** Does `work` under the cursor's lock, without moving it. */
  amend<T>(work: (findings: Findings) => Promise<T>): Promise<T>;
  get(id: string): Promise<Ring | null>;
  /** Whether this market has, or had, a listing in it. */
  isOf(id: string, market: string): Promise<boolean>;
  /** Members as they stand, in the order of their numbers. */
  members(id: string): Promise<Standing[]>;
  /** The open ring of each of these versions that has one. */
  ofNumbers(relation: RingRelation, numbers: readonly number[]): Promise<Map<number, Ring>>;
  /** Open rings that these listings are in, the oldest first. */
  ofNames(relation: RingRelation, names: readonly ListingName[]): Promise<Ring[]>;
  /** Notes that people say these are no copies; the pairs are never linked again. */
  deny(
    findings: Findings,
    pairs: readonly (readonly [ListingName, ListingName])[],
    by: Denial,
  ): Promise<void>;
  /** What ties standing listings of these. */
  links(numbers: readonly number[]): Promise<LinkRow[]>;
  /** Open rings, the largest first. */
  list(limit: number): Promise<Ring[]>;
}

export interface Denial {
  readonly at: Date;
  readonly by: string;
  readonly reason: string;
}

/** Of ring `r`. */
export const RING_COLUMNS = `r.id, r.relation, r.state, r.merged_into as "mergedInto", r.why, r.members, r.actors, r.score, r.density,
  r.opened_at as "openedAt", r.updated_at as "updatedAt"`;

export function ringStore(db: Database): RingStore {
  const ringsOf = (relation: RingRelation) =>
    hurried(async (numbers: readonly number[]) => {
      const rows = await db.query<Ring & { number: number }>(
        `select ${RING_COLUMNS}, s.number from market_listing s
         join ring_member m on m.relation = $1 and m.market = s.market and m.listing_id = s.listing_id
         join ring r on r.id = m.ring_id where s.number = any($2::int8[])`,
        [relation, numbers],
      );
      return new Map(rows.map(({ number, ...ring }): [number, Ring] => [number, ring]));
    });
  const ofNumbers = { duplicate_ad: ringsOf('duplicate_ad'), same_photo: ringsOf('same_photo') };
  return {
    async judged() {
      const [row] = await db.query<{ judged: number }>('select judged from market_cursor');
      return row?.judged ?? 0;
    },
    async judge(from, to, work) {
      return db.transaction(async (tx) => {
        if ((await lockCursor(tx)) !== from) return false;
        await work(findingsIn(tx));
        await tx.query('update market_cursor set judged = $1', [to]);
        return true;
      });
    },
    async amend(work) {
      return db.transaction(async (tx) => {
        await lockCursor(tx);
        return work(findingsIn(tx));
      });
    },
    get: (id) => readRing(db, id),
    async isOf(id, market) {
      const [row] = await db.query('select 1 as one from ring_market where ring_id = $1 and market = $2', [
        id,
        market,
      ]);
      return row !== undefined;
    },
    members: (id) => readMembers(db, id),
    ofNumbers: (relation, numbers) => ofNumbers[relation](numbers),
    ofNames: (relation, names) =>
      db.query<Ring>(
        `select ${RING_COLUMNS} from ring r where r.id in (select m.ring_id from ring_member m
           join unnest($2::text[], $3::text[]) n (market, listing_id)
             on m.relation = $1 and m.market = n.market and m.listing_id = n.listing_id)
         order by r.opened_at, r.id`,
        [relation, names.map(({ market }) => market), names.map(({ listingId }) => listingId)],
      ),
    async deny({ tx }, pairs, { at, by, reason }) {
      for (const pair of pairs) {
        const [a, b] = [...pair].sort(byName) as [ListingName, ListingName];
        await tx.query(
          `insert into market_denial (market_a, listing_a, market_b, listing_b, at, by, reason)
           values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
          [a.market, a.listingId, b.market, b.listingId, at, by, reason],
        );
      }
    },
    links: (numbers) => readLinks(db, 'k.a = any($1::int8[]) and k.b = any($1::int8[])', [numbers]),
    list: (limit) =>
      db.query<Ring>(
        `select ${RING_COLUMNS} from ring r where r.state = 'open' order by r.actors desc, r.members desc, r.id limit $1`,
        [limit],
      ),
  };
}

async function lockCursor(tx: Queryable): Promise<number> {
  await tx.query('insert into market_cursor (judged) values (0) on conflict do nothing');
  const [row] = await tx.query<{ judged: number }>('select judged from market_cursor for update');
  return row!.judged;
}

function readLinks(db: Queryable, where: string, params: readonly unknown[]): Promise<LinkRow[]> {
  return db.query<LinkRow>(
    `select k.a, k.b, k.relation, k.score, k.reasons from market_link k
     join market_listing x on x.number = k.a join market_listing y on y.number = k.b
     where ${where} and not exists (select 1 from market_denial d
       where (d.market_a, d.listing_a, d.market_b, d.listing_b) = (x.market, x.listing_id, y.market, y.listing_id)
          or (d.market_a, d.listing_a, d.market_b, d.listing_b) = (y.market, y.listing_id, x.market, x.listing_id))
     order by k.a, k.b`,
    params,
  );
}

async function readRing(db: Queryable, id: string): Promise<Ring | null> {
  const [row] = await db.query<Ring>(`select ${RING_COLUMNS} from ring r where r.id = $1`, [id]);
  return row ?? null;
}

function readMembers(db: Queryable, ringId: string): Promise<Standing[]> {
  return readStanding(
    db,
    `exists (select 1 from ring_member m
       where m.ring_id = $1 and m.market = s.market and m.listing_id = s.listing_id)`,
    [ringId],
  );
}

function findingsIn(tx: Queryable): Findings {
  return {
    tx,
    async link(links) {
      for (const { a, b, relation, score, reasons } of links) {
        await tx.query(
          `insert into market_link (a, b, relation, score, reasons) values ($1, $2, $3, $4, $5::jsonb)
           on conflict (a, b) do update set relation = excluded.relation, score = excluded.score, reasons = excluded.reasons`,
          [a, b, relation, score, JSON.stringify(reasons)],
        );
      }
    },
    async component(relation, seeds, most) {
      const links = new Map<string, LinkRow>();
      const known = new Set<number>(seeds);
      for (let edge = [...known]; edge.length > 0 && known.size < most; ) {
        const found = await readLinks(
          tx,
          'k.relation = $1 and (k.a = any($2::int8[]) or k.b = any($2::int8[]))',
          [relation, edge],
        );
        edge = [];
        for (const link of found) {
          links.set(`${link.a} ${link.b}`, link);
          for (const end of [link.a, link.b]) {
            if (known.has(end)) continue;
            known.add(end);
            edge.push(end);
          }
        }
      }
      const members = await readStanding(tx, 's.number = any($1::int8[])', [[...known]]);
      return { members, links: [...links.values()] };
    },
    async ringsOf(relation, names) {
      const rows = await tx.query<{ id: string; openedAt: Date; market: string; listingId: string }>(
        `select r.id, r.opened_at as "openedAt", m.market, m.listing_id as "listingId"
         from ring r join ring_member m on m.ring_id = r.id
         where r.relation = $1 and r.id in (select o.ring_id from ring_member o
           join unnest($2::text[], $3::text[]) n (market, listing_id)
             on o.relation = $1 and o.market = n.market and o.listing_id = n.listing_id)
         order by r.opened_at, r.id, m.market, m.listing_id`,
        [relation, names.map(({ market }) => market), names.map(({ listingId }) => listingId)],
      );
      const rings = new Map<string, RingMembers & { members: ListingName[] }>();
      for (const { id, openedAt, market, listingId } of rows) {
        const ring = rings.get(id) ?? { id, openedAt, members: [] };
        ring.members.push({ market, listingId });
        rings.set(id, ring);
      }
      return [...rings.values()];
    },
    async numbersOf(names) {
      const rows = await tx.query<{ number: number }>(
        `select s.number from market_listing s join unnest($1::text[], $2::text[]) n (market, listing_id)
           on s.market = n.market and s.listing_id = n.listing_id`,
        [names.map(({ market }) => market), names.map(({ listingId }) => listingId)],
      );
      return rows.map(({ number }) => number);
    },
    ringOf: (id) => readRing(tx, id),
    membersOf: (id) => readMembers(tx, id),
    async borne(ids) {
      const rows = await tx.query<{ id: string }>(
        "select id from ring where id = any($1::text[]) and state <> 'withdrawn'",
        [ids],
      );
      return rows.map(({ id }) => id);
    },
    async change(changes, now) {
      const since = await joined(tx, changes);
      for (const each of changes) await leave(tx, each);
      for (const each of changes) await changeRing(tx, each, since, now);
    },
  };
}

/** Since when listings are in these rings: whoever stays in one has been there before. */
async function joined(tx: Queryable, changes: readonly RingChange[]): Promise<Map<string, Date>> {
  const rows = await tx.query<ListingName & { ringId: string; joinedAt: Date }>(
    `select market, listing_id as "listingId", ring_id as "ringId", joined_at as "joinedAt"
     from ring_member where ring_id = any($1::text[])`,
    [changes.map(({ id }) => id)],
  );
  return new Map(rows.map((it) => [`${it.ringId} ${nameText(it)}`, it.joinedAt]));
}

/** Members first leave their rings, so that none is in two when it joins another. */
async function leave(tx: Queryable, { id }: RingChange): Promise<void> {
  await tx.query('delete from ring_member where ring_id = $1', [id]);
}

async function changeRing(
  tx: Queryable,
  change: RingChange,
  since: ReadonlyMap<string, Date>,
  now: Date,
): Promise<void> {
  if (change.is === 'withdrawn') {
    await tx.query(
      "update ring set state = 'withdrawn', merged_into = null, why = $2, updated_at = $3 where id = $1",
      [change.id, change.why, now],
    );
    return;
  }
  if (change.is === 'merged') {
    await tx.query(
      "update ring set state = 'merged', merged_into = $2, why = null, updated_at = $3 where id = $1",
      [change.id, change.into, now],
    );
    return;
  }
  const { id, relation, members, actors, score, density } = change;
  await tx.query(
    `insert into ring (id, relation, state, members, actors, score, density, opened_at, updated_at)
     values ($1, $2, 'open', $3, $4, $5, $6, $7, $7)
     on conflict (id) do update set state = 'open', merged_into = null, why = null, members = excluded.members,
       actors = excluded.actors, score = excluded.score, density = excluded.density, updated_at = excluded.updated_at`,
    [id, relation, members.length, actors, score, density, now],
  );
  for (const { market, listingId } of members) {
    await tx.query(
      `insert into ring_member (relation, market, listing_id, ring_id, joined_at) values ($1, $2, $3, $4, $5)
       on conflict (relation, market, listing_id) do update set ring_id = excluded.ring_id`,
      [relation, market, listingId, id, since.get(`${id} ${nameText({ market, listingId })}`) ?? now],
    );
  }
  await tx.query(
    'insert into ring_market (ring_id, market) select $1, m from unnest($2::text[]) m on conflict do nothing',
    [id, [...new Set(members.map(({ market }) => market))]],
  );
}
