/**
 * From pairs to rings: listings held to be one advertisement, without chains.
 *
 * Pairs are taken from the surest on. Two clusters become one only if their centres are copies of each other
 * too, or each of the two listings is one of the other cluster's centre: a like b and b like c does not make
 * a like c. A cluster that came out large or loose is peeled: whoever is tied to too few of the others leaves.
 * The result depends on the pairs alone, not on their order.
 */

/** A pair held to be one advertisement; `a` and `b` are numbers of listings. */
export interface Link {
  readonly a: number;
  readonly b: number;
  /** 0..1, at least the bound of a finding. */
  readonly score: number;
}

export interface Cluster {
  /** Ascending. */
  readonly members: readonly number[];
  /** The one that the others are most like. */
  readonly centre: number;
  /** Share of pairs of members that are linked, 0..1; of a large cluster, of the pairs that were looked at. */
  readonly density: number;
}

export interface Guards {
  /** Chance that two listings are one advertisement, for pairs that were never brought up. */
  readonly score: (a: number, b: number) => number;
  /** From which chance on they are. */
  readonly bound: number;
}

const LARGE = 50;
const LEAST_DENSITY = 0.3;
/** Up to this size every pair of a cluster is looked at. */
const FULLY_JUDGED = 40;

export function clustersOf(links: readonly Link[], { score, bound }: Guards): Cluster[] {
  const known = new Map<string, number>();
  const neighbours = new Map<number, Map<number, number>>();
  for (const { a, b, score: it } of links) {
    known.set(nameOf(a, b), it);
    tie(neighbours, a, b, it);
    tie(neighbours, b, a, it);
  }
  const scoreOf = (a: number, b: number): number => {
    const name = nameOf(a, b);
    let it = known.get(name);
    if (it === undefined) {
      it = score(Math.min(a, b), Math.max(a, b));
      known.set(name, it);
    }
    return it;
  };
  const reach = new Map<number, number>();
  for (const [number, ties] of neighbours) {
    reach.set(
      number,
      [...ties.values()].reduce((sum, it) => sum + it, 0),
    );
  }
  const clusterOf = new Map<number, Growing>();
  for (const number of neighbours.keys()) clusterOf.set(number, { members: [number], centre: number });
  const surest = [...links].sort((x, y) => y.score - x.score || lower(x) - lower(y) || upper(x) - upper(y));
  // A second look lets in who came before the cluster had its centre.
  for (let look = 0; look < 2; look += 1) {
    for (const { a, b } of surest) {
      const [one, other] = [clusterOf.get(a)!, clusterOf.get(b)!];
      if (one === other || !mayJoin(a, b, one.centre, other.centre, scoreOf, bound)) continue;
      const members = [...one.members, ...other.members];
      const joined: Growing = { members, centre: centreOf(members, neighbours, reach) };
      for (const member of members) clusterOf.set(member, joined);
    }
  }
  return [...new Set(clusterOf.values())]
    .filter(({ members }) => members.length > 1)
    .flatMap((it) => peeled(it, neighbours, reach, scoreOf, bound))
    .sort((x, y) => x.members[0]! - y.members[0]!);
}

interface Growing {
  readonly members: readonly number[];
  readonly centre: number;
}

function mayJoin(
  a: number,
  b: number,
  centreA: number,
  centreB: number,
  score: (a: number, b: number) => number,
  bound: number,
): boolean {
  if (score(centreA, centreB) >= bound) return true;
  if (a === centreA || b === centreB) return false;
  return score(a, centreB) >= bound && score(centreA, b) >= bound;
}

type Ties = ReadonlyMap<number, ReadonlyMap<number, number>>;

/** The member most tied to the others; ties go to whom most listings at all are tied to, then to the first. */
function centreOf(members: readonly number[], neighbours: Ties, reach: ReadonlyMap<number, number>): number {
  const inside = new Set(members);
  let best = members[0]!;
  let [bestTies, bestReach] = [-1, -1];
  for (const member of members) {
    let ties = 0;
    for (const [other, it] of neighbours.get(member) ?? []) if (inside.has(other)) ties += it;
    const all = reach.get(member) ?? 0;
    const isBetter =
      ties > bestTies + 1e-9 ||
      (ties > bestTies - 1e-9 && (all > bestReach + 1e-9 || (all > bestReach - 1e-9 && member < best)));
    if (!isBetter) continue;
    best = member;
    bestTies = ties;
    bestReach = all;
  }
  return best;
}

/** The cluster, or what is left of it when loose members are gone; who leaves is alone again. */
function peeled(
  { members }: Growing,
  neighbours: Ties,
  reach: ReadonlyMap<number, number>,
  score: (a: number, b: number) => number,
  bound: number,
): Cluster[] {
  let left = [...members].sort((a, b) => a - b);
  for (;;) {
    if (left.length < 2) return [];
    const isSmall = left.length <= FULLY_JUDGED;
    const degree = new Map<number, number>(left.map((member) => [member, 0]));
    let linked = 0;
    let looked = 0;
    const inside = new Set(left);
    for (const [at, a] of left.entries()) {
      const others = isSmall ? left.slice(at + 1) : [...(neighbours.get(a)?.keys() ?? [])];
      for (const b of others) {
        if (!inside.has(b) || b <= a) continue;
        looked += 1;
        if (score(a, b) < bound) continue;
        linked += 1;
        degree.set(a, degree.get(a)! + 1);
        degree.set(b, degree.get(b)! + 1);
      }
    }
    const pairs = isSmall ? (left.length * (left.length - 1)) / 2 : Math.max(looked, 2 * left.length);
    const density = linked / pairs;
    const centre = centreOf(left, neighbours, reach);
    const isLoose = density < LEAST_DENSITY || (left.length > LARGE && density < 0.5);
    // The centre is tied to all; how tied the others are is told by the most tied of them.
    const most = Math.max(...left.map((member) => (member === centre ? 0 : degree.get(member)!)));
    const core = left.filter((member) => member === centre || degree.get(member)! > 0.25 * most);
    if (!isLoose || core.length === left.length) return [{ members: left, centre, density }];
    left = core;
  }
}

function tie(neighbours: Map<number, Map<number, number>>, a: number, b: number, score: number): void {
  const ties = neighbours.get(a);
  if (ties === undefined) neighbours.set(a, new Map([[b, score]]));
  else ties.set(b, score);
}

function nameOf(a: number, b: number): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

const lower = ({ a, b }: Link): number => Math.min(a, b);
const upper = ({ a, b }: Link): number => Math.max(a, b);
