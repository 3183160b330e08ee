/** The market: listings of all marketplaces and crawled sites, looked through for copies as they come. */
import type { PairModel } from '../../classifiers/duplicates/pair-model.ts';
import type { Listing } from '../../domain/listing.ts';
import { type SealedListing, sealListing } from '../../domain/sealed-listing.ts';
import type { MarketStore } from '../../store/market.ts';
import type { RingStore } from '../../store/rings.ts';
import type { Clock } from '../clock.ts';
import { type MarketIndex, marketIndex } from './index.ts';
import { type JudgeTools, judgeLog } from './judge.ts';
import { type Prices, priceLevels } from './prices.ts';
import type { SnapshotFolder } from './snapshots.ts';

export interface Market {
  readonly store: MarketStore;
  readonly rings: RingStore;
  readonly index: MarketIndex;
  readonly prices: Prices;
  /** What judging needs: for who changes rings otherwise. */
  readonly judging: JudgeTools;
  seal(listing: Listing, market: string): SealedListing;
  /** The marketplace that feeds its listings and shows them at this site too; null for nobody's. */
  tenantOf(site: string): Promise<string | null>;
  /** Finds out all that the log holds so far. Safe to call from several places at once, and to break off. */
  settle(): Promise<void>;
}

export interface MarketTools {
  readonly store: MarketStore;
  readonly rings: RingStore;
  readonly pairModel: PairModel;
  /** What identifiers are hashed with; the same wherever the store is used. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  /** Where the index is kept between two lives of a process. */
  readonly snapshots?: SnapshotFolder | undefined;
  /** Autonomous system of an address; null when it is in no table. */
  readonly networkOf?: (ip: string) => string | null;
  readonly onRings?: NonNullable<JudgeTools['onRings']>;
  readonly tenantOf?: Market['tenantOf'];
}

export function openMarket(tools: MarketTools): Market {
  const { store, rings, pairModel, key, clock, onRings, networkOf } = tools;
  const prices = priceLevels(store);
  const index = marketIndex({
    market: store,
    pairModel,
    snapshots: tools.snapshots,
    onRow: (row) => prices.forget(row),
  });
  const judging: JudgeTools = {
    market: store,
    rings,
    index,
    clock,
    ...(onRings === undefined ? {} : { onRings }),
  };
  let last: Promise<void> = Promise.resolve();
  return {
    store,
    rings,
    index,
    prices,
    judging,
    tenantOf: tools.tenantOf ?? (async () => null),
    seal: (listing, market) => sealListing(listing, { key, market, networkOf }),
    settle() {
      last = last.catch(() => undefined).then(() => judgeLog(judging));
      return last;
    },
  };
}
