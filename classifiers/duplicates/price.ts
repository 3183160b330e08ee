/**
 * Whether a price is far from what is asked for the like: the robust z of its logarithm among listings of one
 * category, model, year and city, or of the next wider group that has enough of them.
 *
 * Source: B. Iglewicz, D. Hoaglin, "How to Detect and Handle Outliers" (1993): 0.6745 (x - median) / MAD.
 */
import { hash } from 'node:crypto';
import type { Listing } from '../../domain/listing.ts';

type Priced = Pick<Listing, 'price' | 'currency' | 'category' | 'city' | 'attributes'>;

const MODEL = /^(?:модель|model|марка и модель|үлгі|үлгісі|марка|brand|marka)$/i;
const YEAR = /^(?:год|год выпуска|year|шыққан жылы|жылы)$/i;
/** Fewer prices tell nothing. */
export const LEAST_PRICES = 12;
/** Log prices that are all alike would make every other one far: 5 % is the least spread. */
const LEAST_SPREAD = 0.05;

/** Names of the groups it is in, from the narrowest on; none without price, currency or category. */
export function priceGroups({ price, currency, category, city, attributes = {} }: Priced): string[] {
  if (price === null || !(price > 0) || currency === null || category === null) return [];
  const model = attributeOf(attributes, MODEL);
  const year = attributeOf(attributes, YEAR);
  const place = city?.trim().toLowerCase() ?? null;
  const kind = `${currency} ${category.trim().toLowerCase()}`;
  const groups: (readonly (string | null)[])[] = [
    [kind, model, year, place],
    [kind, model, year],
    [kind, model],
    [kind, place],
    [kind],
  ];
  const known = groups.filter((group) => group.every((part) => part !== null));
  return known.map((group) => hash('sha256', group.join('\n'), 'hex').slice(0, 24));
}

function attributeOf(attributes: Readonly<Record<string, string>>, name: RegExp): string | null {
  for (const [key, value] of Object.entries(attributes)) {
    if (name.test(key.trim()) && value.trim() !== '') return value.trim().toLowerCase();
  }
  return null;
}

/** What is asked for the like, of the logarithms: their median and the median of how far they are from it. */
export interface PriceLevel {
  readonly middle: number;
  readonly spread: number;
}

/** Null when there are too few prices. All above 0. */
export function priceLevel(prices: readonly number[]): PriceLevel | null {
  if (prices.length < LEAST_PRICES) return null;
  const logs = prices.map(Math.log);
  const middle = median(logs);
  return { middle, spread: median(logs.map((it) => Math.abs(it - middle))) };
}

/** Robust z of a price above 0: below 0 for one that is cheaper than most. */
export function zAt(price: number, { middle, spread }: PriceLevel): number {
  return (0.6745 * (Math.log(price) - middle)) / Math.max(LEAST_SPREAD, spread);
}

function median(numbers: readonly number[]): number {
  const inOrder = Float64Array.from(numbers).sort();
  const half = inOrder.length >> 1;
  return inOrder.length % 2 === 1 ? inOrder[half]! : (inOrder[half - 1]! + inOrder[half]!) / 2;
}
