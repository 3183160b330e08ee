/**
 * How far a price is from what is asked for the like, with the levels of groups kept in memory. What a group's prices are
 * changes by rows of the log alone, and `forget` hears of each row as the index follows it: so a level that is kept is
 * that of the log as it was followed, or a newer one.
 */
import {
  LEAST_PRICES,
  type PriceLevel,
  priceGroups,
  priceLevel,
  zAt,
} from '../../classifiers/duplicates/price.ts';
import type { SealedListing } from '../../domain/sealed-listing.ts';
import type { LogRow, MarketStore } from '../../store/market.ts';

export interface Prices {
  /** Robust z of its price in the narrowest group that has enough prices; null where none has, or it names no price. */
  zOf(listing: SealedListing): Promise<number | null>;
  /** A version came, or one went. */
  forget(row: Pick<LogRow, 'listing' | 'was'>): void;
}

/** Groups kept at a time; the one that was read first goes. Some hundred bytes each. */
const MOST_KEPT = 20_000;

/** A question under way, and groups that changed meanwhile. */
interface Asking {
  readonly changed: Set<string>;
  readonly answer: Promise<PriceLevel | null>;
}

export function priceLevels(store: Pick<MarketStore, 'prices'>): Prices {
  /** Null: too few prices. */
  const kept = new Map<string, PriceLevel | null>();
  const asking = new Map<string, Asking>();

  const keep = (group: string, level: PriceLevel | null): void => {
    kept.set(group, level);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
  };

  /** Of the first of these groups that has enough. */
  const ask = async (groups: readonly string[], changed: ReadonlySet<string>): Promise<PriceLevel | null> => {
    const found = await store.prices(groups, LEAST_PRICES);
    const level = found === null ? null : priceLevel(found.prices);
    for (const group of groups) {
      const isFound = group === found?.group;
      if (!changed.has(group)) keep(group, isFound ? level : null);
      if (isFound) break;
    }
    return level;
  };

  const levelOf = (groups: readonly string[]): PriceLevel | null | Promise<PriceLevel | null> => {
    for (const [at, group] of groups.entries()) {
      const level = kept.get(group);
      if (level === null) continue;
      if (level !== undefined) return level;
      const left = groups.slice(at);
      const name = left.join(' ');
      const underWay = asking.get(name);
      if (underWay !== undefined && !left.some((it) => underWay.changed.has(it))) return underWay.answer;
      const changed = new Set<string>();
      const answer = ask(left, changed).finally(() => {
        if (asking.get(name)?.changed === changed) asking.delete(name);
      });
      asking.set(name, { changed, answer });
      return answer;
    }
    return null;
  };

  return {
    async zOf(listing) {
      const level = await levelOf(priceGroups(listing));
      return level === null ? null : zAt(listing.price!, level);
    },
    forget({ listing, was }) {
      if (kept.size + asking.size === 0) return;
      for (const it of [listing, was?.listing ?? null]) {
        if (it === null) continue;
        for (const group of priceGroups(it)) {
          kept.delete(group);
          for (const { changed } of asking.values()) changed.add(group);
        }
      }
    },
  };
}
