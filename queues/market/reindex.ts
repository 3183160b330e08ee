/**
 * The index of listings made anew, from the log and from nothing else. Listings that visits saw before there was a
 * log are taken into it first, and listings that were sealed with telephones in their attributes get a version
 * without; both quietly.
 *
 * It may be broken off at any moment: what was made of the index so far lies in a folder of drafts, and the next try
 * goes on there. The same log gives the same index to the bit, however often it was broken off.
 */
import type { PairModel } from '../../classifiers/duplicates/pair-model.ts';
import { priceGroups } from '../../classifiers/duplicates/price.ts';
import { resealed } from '../../domain/sealed-listing.ts';
import type { ListingStore } from '../../store/listings.ts';
import type { LogRow, Placement } from '../../store/market.ts';
import type { Clock } from '../clock.ts';
import { placeFromBefore } from '../match.ts';
import { marketIndex } from './index.ts';
import type { Market } from './market.ts';
import type { SnapshotFolder } from './snapshots.ts';

export interface ReindexTools {
  readonly market: Pick<Market, 'store' | 'seal' | 'settle' | 'index' | 'tenantOf'>;
  readonly listings: ListingStore;
  /** What identifiers are hashed with. */
  readonly key: Uint8Array;
  readonly pairModel: PairModel;
  /** What processes start from. */
  readonly snapshots: SnapshotFolder;
  readonly drafts: SnapshotFolder;
  readonly clock: Clock;
  /** Rows of the log between two drafts. */
  readonly draftEvery?: number;
}

export type ReindexStep =
  | { readonly is: 'taking'; readonly visits: number; readonly of: number }
  | { readonly is: 'indexing'; readonly row: number; readonly of: number }
  | { readonly is: 'sealing'; readonly row: number }
  | {
      readonly is: 'done';
      /** Listings of crawled sites that the log did not know. */
      readonly taken: number;
      /** Standing listings in whose attributes a telephone stood in clear. */
      readonly sealed: number;
      readonly rows: number;
      /** SHA-256 of the index. */
      readonly sha256: string;
    };

export async function* reindex(tools: ReindexTools, signal: AbortSignal): AsyncGenerator<ReindexStep> {
  const { market, listings, snapshots, drafts, pairModel, clock, draftEvery } = tools;
  const visits = await listings.visits();
  let taken = 0;
  for (const [at, visit] of visits.entries()) {
    signal.throwIfAborted();
    taken += await placeFromBefore(visit, tools, market);
    yield { is: 'taking', visits: at + 1, of: visits.length };
  }
  let sealed = 0;
  for (let row = 0; ; ) {
    signal.throwIfAborted();
    const stretch = await market.store.log(row, STRETCH);
    if (stretch.length === 0) break;
    row = stretch.at(-1)!.number;
    sealed += await sealAgain(stretch, tools);
    yield { is: 'sealing', row };
  }
  const of = await market.store.head();
  // Of the log no more than there is now, in stretches, so that progress is told and breaking off is heard.
  let end = 0;
  const store = {
    ...market.store,
    log: async (after: number, limit: number) => {
      signal.throwIfAborted();
      return (await market.store.log(after, limit)).filter(({ number }) => number <= end);
    },
  };
  const index = marketIndex({
    market: store,
    pairModel,
    snapshots: drafts,
    ...(draftEvery === undefined ? {} : { snapshotEvery: draftEvery }),
  });
  do {
    end = Math.min(of, Math.max(end, index.position()) + STRETCH);
    await index.follow();
    yield { is: 'indexing', row: index.position(), of };
  } while (index.position() < of);
  const generation = (await market.store.generation()) + 1;
  const sha256 = await index.save(snapshots, generation);
  // From here on every process of the service goes over to it.
  await market.store.reindexed({ generation, position: index.position(), sha256 }, clock.now());
  await drafts.clear();
  await market.index.renew();
  await market.settle();
  yield { is: 'done', taken, sealed, rows: of, sha256 };
}

/**
 * Where a standing version holds a telephone in clear, one without it takes its place; quietly, with what is kept of
 * its identifiers. @returns how many.
 */
async function sealAgain(
  rows: readonly LogRow[],
  { market, key, clock }: Pick<ReindexTools, 'market' | 'key' | 'clock'>,
): Promise<number> {
  const open = rows.filter(({ listing }) => listing !== null && resealed(listing, key) !== null);
  const standing = await market.store.standing(open.map(({ number }) => number));
  if (standing.length === 0) return 0;
  const boxes = new Map(
    (await market.store.clear(standing.map((it) => it.number))).map((it) => [it.number, it]),
  );
  const placements = standing.map(({ number, listing, ...it }): Placement => {
    const clear = boxes.get(number);
    const again = resealed(listing, key)!;
    return {
      ...it,
      listing: again,
      isQuiet: true,
      priceGroups: priceGroups(again),
      ...(clear === undefined ? {} : { clear }),
    };
  });
  await market.store.place(placements, clock.now());
  return placements.length;
}

/** Rows of the log between two words of progress. */
const STRETCH = 2_000;
