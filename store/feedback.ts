/** Rows of what marketplaces say of rings, and the labelled pairs they make. Rows are only ever added. */
import type { Feedback } from '../domain/market-service.ts';
import { type SealedListing, withoutTelephones } from '../domain/sealed-listing.ts';
import type { Database, Queryable } from './database.ts';

export interface LabelledPair {
  readonly a: SealedListing;
  readonly b: SealedListing;
  readonly label: 0 | 1;
}

export interface FeedbackRow extends Feedback {
  readonly seq: number;
  readonly at: Date;
  readonly tenant: string;
  readonly ringId: string;
}

/** How often a marketplace held that rings it was told of are rings; of each ring its last word counts. */
export interface PartnerPrecision {
  readonly tenant: string;
  readonly name: string;
  /** Times that it was told of a new ring. */
  readonly told: number;
  /** Rings that it confirmed, took down, or disputed. */
  readonly confirmed: number;
  readonly removed: number;
  readonly disputed: number;
}

export interface FeedbackStore {
  /** @param pairs versions of listings that the word is about. */
  note(
    tx: Queryable,
    it: Feedback & { readonly tenant: string; readonly ringId: string },
    pairs: readonly (readonly [number, number])[],
    now: Date,
  ): Promise<void>;
  /** The newest first; at most `limit` before a number. */
  list(
    of: {
      readonly tenant?: string | null;
      readonly ringId?: string;
      readonly verdict?: Feedback['verdict'];
      readonly since?: Date;
    },
    limit: number,
    before?: number | null,
  ): Promise<FeedbackRow[]>;
  /** Of a marketplace, or of each, by id. */
  precision(tenant: string | null): Promise<PartnerPrecision[]>;
  /** Pairs that were confirmed or disputed, each once: the last word counts. */
  labels(): AsyncIterable<LabelledPair>;
}

export function feedbackStore(db: Database): FeedbackStore {
  return {
    async note(tx, { tenant, ringId, verdict, reason, listings }, pairs, now) {
      await tx.query(
        `insert into ring_feedback (at, tenant, ring_id, verdict, reason, listings, pairs)
         values ($1, $2, $3, $4, $5, $6::text[], $7::jsonb)`,
        [now, tenant, ringId, verdict, reason, listings, JSON.stringify(pairs)],
      );
    },
    list: ({ tenant = null, ringId, verdict, since }, limit, before = null) =>
      db.query<FeedbackRow>(
        `select seq, at, tenant, ring_id as "ringId", verdict, reason, listings from ring_feedback
         where ($1::text is null or tenant = $1) and ($2::text is null or ring_id = $2)
           and ($3::text is null or verdict = $3) and ($4::int8 is null or seq < $4)
           and ($6::timestamptz is null or at >= $6) order by seq desc limit $5`,
        [tenant, ringId ?? null, verdict ?? null, before, limit, since ?? null],
      ),
    precision: (tenant) =>
      db.query<PartnerPrecision>(
        `with last as (
           select distinct on (tenant, ring_id) tenant, ring_id, verdict from ring_feedback
           where $1::text is null or tenant = $1 order by tenant, ring_id, seq desc)
         select t.id as tenant, t.name,
           (select count(*)::int from alert_event v where v.tenant = t.id and v.type = 'ring.opened') as told,
           (select count(*)::int from last l where l.tenant = t.id and l.verdict = 'confirm') as confirmed,
           (select count(*)::int from last l where l.tenant = t.id and l.verdict = 'removed') as removed,
           (select count(*)::int from last l where l.tenant = t.id and l.verdict = 'dispute') as disputed
         from tenant t where $1::text is null or t.id = $1 order by t.id`,
        [tenant],
      ),
    async *labels() {
      const rows = await db.query<{ verdict: string; pairs: [number, number][] }>(
        "select verdict, pairs from ring_feedback where verdict <> 'removed' order by seq",
      );
      const last = new Map<string, { pair: [number, number]; label: 0 | 1 }>();
      for (const { verdict, pairs } of rows) {
        for (const pair of pairs) last.set(pair.join(' '), { pair, label: verdict === 'confirm' ? 1 : 0 });
      }
      for (const { pair, label } of last.values()) {
        const found = await db.query<{ number: number; listing: SealedListing }>(
          'select number, listing from market_log where number = any($1::int8[]) order by number',
          [pair],
        );
        if (found.length < 2) continue;
        // Older versions may have been sealed with telephones in their attributes.
        const [a, b] = found.map(({ listing }) => withoutTelephones(listing)) as [
          SealedListing,
          SealedListing,
        ];
        yield { a, b, label };
      }
    },
  };
}
