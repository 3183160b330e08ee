/**
 * Whether a candidate model may take the place of the one at work: both judge the same rows, which neither
 * learnt from, and the candidate must be worse in nothing that counts.
 *
 * Refused when the lower end of any category's F1 falls, or the share of hard negatives that are flagged rises.
 * The ends are those of the 95 % percentile bootstrap (B. Efron, 1979) over sources, the same draws for both
 * models, so that luck in the draw favours neither; over rows where there are fewer than ten sources.
 */
import { LABELS, type Label, type Verdict } from '../domain/assessment.ts';
import type { Interval } from './bootstrap.ts';
import { seededRandom } from './random.ts';

export interface HeldOutRow {
  readonly truth: Label;
  readonly source: string;
  /** Legitimate, and mistaken for fraud before. */
  readonly isHard: boolean;
}

/** What a model said of the row at the same place. */
export interface Saying {
  readonly label: Label;
  readonly verdict: Verdict;
}

export interface Comparison {
  readonly rows: number;
  readonly sources: number;
  readonly categories: readonly {
    readonly label: Label;
    readonly rows: number;
    /** F1 of this label against all others. */
    readonly current: Interval;
    readonly candidate: Interval;
  }[];
  /** Of hard negatives, or of all legitimate rows where none is marked hard. */
  readonly hardNegatives: {
    readonly rows: number;
    readonly areMarked: boolean;
    /** Share that is flagged, 0..1. */
    readonly current: number;
    readonly candidate: number;
  };
  /** Why the candidate is refused; empty when it may be promoted. */
  readonly faults: readonly Fault[];
}

export type Fault =
  | { readonly what: 'category_falls'; readonly label: Label; readonly was: number; readonly is: number }
  | { readonly what: 'hard_negatives_rise'; readonly was: number; readonly is: number }
  | { readonly what: 'too_few_rows'; readonly rows: number; readonly least: number }
  | { readonly what: 'one_sided' };

export const LEAST_ROWS = 50;
const DRAWS = 1000;
const LEAST_SOURCES = 10;

/**
 * @param current what the model at work said of each row, in the order of `rows`; `candidate` likewise.
 * @throws RangeError when the three differ in length.
 */
export function compare(
  rows: readonly HeldOutRow[],
  current: readonly Saying[],
  candidate: readonly Saying[],
  seed: number,
): Comparison {
  if (rows.length !== current.length || rows.length !== candidate.length) {
    throw new RangeError(`${rows.length} rows and ${current.length} and ${candidate.length} sayings.`);
  }
  const labels = LABELS.filter((label) => rows.some((row) => row.truth === label));
  const groups = groupsOf(rows);
  const draws = drawn(groups.length, seed);
  const ends = (sayings: readonly Saying[], label: Label) => bounded(groups, draws, rows, sayings, label);
  const categories = labels.map((label) => ({
    label,
    rows: rows.filter((row) => row.truth === label).length,
    current: ends(current, label),
    candidate: ends(candidate, label),
  }));
  const hardNegatives = hardNegativesOf(rows, current, candidate);
  const faults: Fault[] = [];
  if (rows.length < LEAST_ROWS) {
    faults.push({ what: 'too_few_rows', rows: rows.length, least: LEAST_ROWS });
  }
  if (!labels.includes('legit') || labels.length < 2) faults.push({ what: 'one_sided' });
  for (const { label, current: was, candidate: is } of categories) {
    if (is.low < was.low - ROUNDING) faults.push({ what: 'category_falls', label, was: was.low, is: is.low });
  }
  if (hardNegatives.candidate > hardNegatives.current) {
    faults.push({
      what: 'hard_negatives_rise',
      was: hardNegatives.current,
      is: hardNegatives.candidate,
    });
  }
  return {
    rows: rows.length,
    sources: new Set(rows.map((row) => row.source)).size,
    categories,
    hardNegatives,
    faults,
  };
}

const ROUNDING = 1e-9;

function hardNegativesOf(
  rows: readonly HeldOutRow[],
  current: readonly Saying[],
  candidate: readonly Saying[],
): Comparison['hardNegatives'] {
  const places = (isOne: (row: HeldOutRow) => boolean) =>
    rows.flatMap((row, at) => (row.truth === 'legit' && isOne(row) ? [at] : []));
  const marked = places((row) => row.isHard);
  const at = marked.length > 0 ? marked : places(() => true);
  const flagged = (sayings: readonly Saying[]) =>
    at.length === 0 ? 0 : at.filter((place) => sayings[place]!.verdict === 'flag').length / at.length;
  return {
    rows: at.length,
    areMarked: marked.length > 0,
    current: flagged(current),
    candidate: flagged(candidate),
  };
}

/** Places of rows, together by source, sources in the order of their names. */
function groupsOf(rows: readonly HeldOutRow[]): number[][] {
  const bySource = new Map<string, number[]>();
  for (const [at, { source }] of rows.entries()) {
    const group = bySource.get(source);
    if (group === undefined) bySource.set(source, [at]);
    else group.push(at);
  }
  if (bySource.size < LEAST_SOURCES) return rows.map((_, at) => [at]);
  return [...bySource].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/** `DRAWS` times as many groups as there are, with replacement. */
function drawn(groups: number, seed: number): Int32Array[] {
  const random = seededRandom(seed);
  return Array.from({ length: DRAWS }, () =>
    Int32Array.from({ length: groups }, () => Math.floor(random() * groups)),
  );
}

function bounded(
  groups: readonly (readonly number[])[],
  draws: readonly Int32Array[],
  rows: readonly HeldOutRow[],
  sayings: readonly Saying[],
  label: Label,
): Interval {
  const counts = groups.map((places) => {
    let hit = 0;
    let given = 0;
    for (const at of places) {
      const isTrue = rows[at]!.truth === label;
      const isSaid = sayings[at]!.label === label;
      if (isTrue && isSaid) hit += 1;
      given += Number(isTrue) + Number(isSaid);
    }
    return { hit, given };
  });
  const f1 = (of: Iterable<number>) => {
    let hit = 0;
    let given = 0;
    for (const group of of) {
      hit += counts[group]!.hit;
      given += counts[group]!.given;
    }
    return given === 0 ? null : (2 * hit) / given;
  };
  // A draw without the label at all says nothing of it.
  const values = draws.flatMap((draw) => f1(draw) ?? []).sort((a, b) => a - b);
  const end = (share: number) => values[Math.round(share * (values.length - 1))] ?? 0;
  return { value: f1(groups.keys()) ?? 0, low: end(0.025), high: end(0.975) };
}
