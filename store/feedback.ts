/** Rows of what marketplaces say of rings, and the labelled pairs they make. Rows are only ever added. */
import type { Feedback } from '../domain/market-service.ts';
import { type SealedListing, withoutTelephones } from '../domain/sealed-listing.ts';
import type { Database, Queryable } from './database.ts';

export interface LabelledPair {
  readonly a: SealedListing;
  readonly b: SealedListing;
  readonly label: 0 | 1;
}

export interface FeedbackStore {
  /** @param pairs versions of listings that the word is about. */
  note(
    tx: Queryable,
    it: Feedback & { readonly tenant: string; readonly ringId: string },
    pairs: readonly (readonly [number, number])[],
    now: Date,
  ): Promise<void>;
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
