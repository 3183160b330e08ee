/**
 * Intervals by drawing again: what a figure might have been on another sample like this one.
 *
 * Percentile bootstrap of 95 %. Source: B. Efron, "Bootstrap methods: another look at the jackknife" (1979).
 */
import { type Random, seededRandom } from './random.ts';

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * @param by what is drawn: single rows, or whole sources where pages of one site resemble each other. Fraud
 *   and the rest are drawn apart, so that no draw lacks either.
 * @param measures each a figure of some rows; draws where it is not a number are left out of its interval.
 * @returns the intervals in the order of `measures`.
 */
export function intervalsOf<Row extends { readonly isBad: boolean; readonly source: string }>(
  rows: readonly Row[],
  by: 'row' | 'source',
  measures: readonly ((rows: readonly Row[]) => number)[],
  { rounds = 200, seed = 7 } = {},
): Interval[] {
  const random = seededRandom(seed);
  const draw = drawer(rows, by, random);
  const found = measures.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    const sample = draw();
    for (const [at, measure] of measures.entries()) found[at]!.push(measure(sample));
  }
  return measures.map((measure, at) => ({ value: measure(rows), ...ends(found[at]!) }));
}

/** Draws as many rows, or sources, again as there are, fraud and the rest apart. */
export function drawer<Row extends { readonly isBad: boolean; readonly source: string }>(
  rows: readonly Row[],
  by: 'row' | 'source',
  random: Random,
): () => Row[] {
  const sides = [rows.filter((row) => row.isBad), rows.filter((row) => !row.isBad)];
  const units = sides.map((side) => (by === 'row' ? side.map((row) => [row]) : bySource(side)));
  return () => units.flatMap((side) => drawn(side, random)).flat();
}

/** Where the middle 95 % of what was drawn ends; NaN for none. */
export function ends(drawn: readonly number[]): { readonly low: number; readonly high: number } {
  const values = drawn.filter(Number.isFinite).sort((a, b) => a - b);
  const end = (share: number): number => values[Math.floor(share * (values.length - 1))] ?? Number.NaN;
  return { low: end(0.025), high: end(0.975) };
}

function bySource<Row extends { readonly source: string }>(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.source);
    if (group === undefined) groups.set(row.source, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function drawn<Unit>(units: readonly Unit[], random: Random): Unit[] {
  return units.map(() => units[Math.floor(random() * units.length)]!);
}
