/**
 * Boosted decision trees for yes-or-no questions: trained once, asked often, each answer taken apart into
 * what every feature added to it.
 *
 * Training bins every feature at quantiles and grows each tree leaf by leaf, the best gain first; it is
 * deterministic for a seed. Missing values (NaN) go below everything.
 * Sources: J. Friedman, "Greedy function approximation: a gradient boosting machine" (2001); T. Chen and
 * C. Guestrin, "XGBoost: a scalable tree boosting system" (2016), equations 6 and 7 for value and gain;
 * A. Saabas, "Interpreting random forests" (2014) for taking answers apart along the path.
 */
import { type Random, shuffled } from '../random.ts';

export interface Trees {
  /** Log-odds before any tree. */
  readonly bias: number;
  /** First node of every tree. */
  readonly roots: Int32Array;
  /** Feature asked at a node; -1 at a leaf. */
  readonly feature: Int16Array;
  /** Left when the value is at most this, or missing. */
  readonly threshold: Float32Array;
  /** Right child; the left one is the next node. */
  readonly right: Int32Array;
  /** What a node adds to the log-odds, were it a leaf. */
  readonly value: Float32Array;
}

export interface TreesTask {
  /** One column a feature, of equal lengths. */
  readonly columns: readonly Float32Array[];
  readonly isIn: Uint8Array;
  readonly rowWeight: Float32Array;
  /** Features that may be asked. */
  readonly features: readonly number[];
  readonly rounds: number;
  readonly leaves: number;
  readonly rate: number;
  /** Least sum of second derivatives in a leaf. */
  readonly leastHessian: number;
  readonly l2: number;
  /** Share of features and of rows that each tree sees, 0..1. */
  readonly featureShare: number;
  readonly rowShare: number;
  readonly random: Random;
}

const BINS = 128;

export function trainTrees(task: TreesTask): Trees {
  const { columns, isIn, rowWeight, rounds, rate, random } = task;
  const n = isIn.length;
  const edges = new Map(task.features.map((feature) => [feature, edgesOf(columns[feature]!)]));
  const binned = new Map(
    task.features.map((feature) => [feature, binsOf(columns[feature]!, edges.get(feature)!)]),
  );
  let [inside, all] = [0, 0];
  for (let i = 0; i < n; i += 1) {
    all += rowWeight[i]!;
    if (isIn[i]) inside += rowWeight[i]!;
  }
  const share = Math.min(0.999, Math.max(0.001, inside / all));
  const bias = Math.log(share / (1 - share));
  const score = new Float64Array(n).fill(bias);
  const gradient = new Float64Array(n);
  const hessian = new Float64Array(n);
  const nodes: GrownNode[] = [];
  const roots: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (let i = 0; i < n; i += 1) {
      const p = 1 / (1 + Math.exp(-score[i]!));
      gradient[i] = rowWeight[i]! * (p - isIn[i]!);
      hessian[i] = rowWeight[i]! * Math.max(1e-6, p * (1 - p));
    }
    const rows = shuffled(n, random).subarray(0, Math.max(1, Math.round(task.rowShare * n)));
    const order = shuffled(task.features.length, random);
    const features = Array.from(
      order.subarray(0, Math.max(1, Math.round(task.featureShare * order.length))),
      (at) => task.features[at]!,
    );
    const root = grow(task, { rows: rows.sort(), features, binned, edges, gradient, hessian });
    roots.push(nodes.length);
    flatten(root, rate, nodes);
    const tree = packed(bias, [roots.at(-1)!], nodes);
    for (let i = 0; i < n; i += 1) score[i] = score[i]! + leafValue(tree, tree.roots[0]!, columns, i);
  }
  return packed(bias, roots, nodes);
}

interface GrownNode {
  feature: number;
  threshold: number;
  right: number;
  value: number;
}

interface Ground {
  readonly rows: Int32Array;
  readonly features: readonly number[];
  readonly binned: ReadonlyMap<number, Uint8Array>;
  readonly edges: ReadonlyMap<number, Float32Array>;
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
}

interface Leaf {
  rows: Int32Array;
  value: number;
  split: Split | null;
  histogram: Float64Array;
  left?: Leaf;
  right?: Leaf;
}

interface Split {
  readonly feature: number;
  readonly bin: number;
  readonly threshold: number;
  readonly gain: number;
}

function grow(task: TreesTask, ground: Ground): Leaf {
  const root = leafOf(task, ground, ground.rows, histogramOf(ground, ground.rows));
  const open = [root];
  for (let leaves = 1; leaves < task.leaves; leaves += 1) {
    let best: Leaf | null = null;
    for (const leaf of open) {
      if (leaf.split !== null && (best === null || leaf.split.gain > best.split!.gain)) best = leaf;
    }
    if (best === null) break;
    const { feature, bin } = best.split!;
    const bins = ground.binned.get(feature)!;
    const left = best.rows.filter((row) => bins[row]! <= bin);
    const right = best.rows.filter((row) => bins[row]! > bin);
    const isLeftSmall = left.length <= right.length;
    const small = histogramOf(ground, isLeftSmall ? left : right);
    const large = best.histogram.map((value, at) => value - small[at]!);
    best.left = leafOf(task, ground, left, isLeftSmall ? small : large);
    best.right = leafOf(task, ground, right, isLeftSmall ? large : small);
    open.splice(open.indexOf(best), 1, best.left, best.right);
    best.rows = new Int32Array(0);
    best.histogram = new Float64Array(0);
  }
  return root;
}

/** Gradient and hessian by feature and bin. */
function histogramOf(ground: Ground, rows: Int32Array): Float64Array {
  const histogram = new Float64Array(ground.features.length * BINS * 2);
  for (const [at, feature] of ground.features.entries()) {
    const bins = ground.binned.get(feature)!;
    const base = at * BINS * 2;
    for (let k = 0; k < rows.length; k += 1) {
      const row = rows[k]!;
      const to = base + bins[row]! * 2;
      histogram[to] = histogram[to]! + ground.gradient[row]!;
      histogram[to + 1] = histogram[to + 1]! + ground.hessian[row]!;
    }
  }
  return histogram;
}

function leafOf(task: TreesTask, ground: Ground, rows: Int32Array, histogram: Float64Array): Leaf {
  let [g, h] = [0, 0];
  for (let bin = 0; bin < BINS; bin += 1) {
    g += histogram[bin * 2]!;
    h += histogram[bin * 2 + 1]!;
  }
  return { rows, value: -g / (h + task.l2), split: bestSplit(task, ground, histogram, g, h), histogram };
}

function bestSplit(
  task: TreesTask,
  ground: Ground,
  histogram: Float64Array,
  g: number,
  h: number,
): Split | null {
  const { l2, leastHessian } = task;
  const parent = (g * g) / (h + l2);
  let best: Split | null = null;
  for (const [at, feature] of ground.features.entries()) {
    const edges = ground.edges.get(feature)!;
    let [leftG, leftH] = [0, 0];
    for (let bin = 0; bin < edges.length; bin += 1) {
      leftG += histogram[(at * BINS + bin) * 2]!;
      leftH += histogram[(at * BINS + bin) * 2 + 1]!;
      if (leftH < leastHessian) continue;
      if (h - leftH < leastHessian) break;
      const gain = (leftG * leftG) / (leftH + l2) + (g - leftG) ** 2 / (h - leftH + l2) - parent;
      if (gain > 1e-6 && (best === null || gain > best.gain)) {
        best = { feature, bin, threshold: edges[bin]!, gain };
      }
    }
  }
  return best;
}

function flatten(leaf: Leaf, rate: number, nodes: GrownNode[]): number {
  const at = nodes.length;
  const node: GrownNode = { feature: -1, threshold: 0, right: 0, value: rate * leaf.value };
  nodes.push(node);
  if (leaf.left === undefined || leaf.right === undefined) return at;
  node.feature = leaf.split!.feature;
  node.threshold = leaf.split!.threshold;
  flatten(leaf.left, rate, nodes);
  node.right = flatten(leaf.right, rate, nodes);
  return at;
}

function packed(bias: number, roots: readonly number[], nodes: readonly GrownNode[]): Trees {
  const from = roots.length === 1 ? roots[0]! : 0;
  const own = nodes.slice(from);
  return {
    bias,
    roots: Int32Array.from(roots, (root) => root - from),
    feature: Int16Array.from(own, (node) => node.feature),
    threshold: Float32Array.from(own, (node) => node.threshold),
    right: Int32Array.from(own, (node) => node.right - from),
    value: Float32Array.from(own, (node) => node.value),
  };
}

/** Upper edges of bins, ascending; the first is for missing values. The last bin has none. */
function edgesOf(column: Float32Array): Float32Array {
  const sorted = column.filter((value) => !Number.isNaN(value)).sort();
  const edges = new Set<number>();
  for (let bin = 1; bin < BINS - 1; bin += 1) {
    const at = Math.floor((bin * sorted.length) / (BINS - 1));
    const [value, next] = [sorted[Math.max(0, at - 1)], sorted[at]];
    if (value === undefined || next === undefined) continue;
    edges.add(value);
  }
  if (sorted.length > 0) edges.delete(sorted.at(-1)!);
  return Float32Array.from([Number.NEGATIVE_INFINITY, ...[...edges].sort((a, b) => a - b)]);
}

function binsOf(column: Float32Array, edges: Float32Array): Uint8Array {
  return Uint8Array.from(column, (value) => {
    if (Number.isNaN(value)) return 0;
    let [low, high] = [1, edges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= edges[middle]!) high = middle;
      else low = middle + 1;
    }
    return low;
  });
}

function leafValue(trees: Trees, root: number, columns: readonly Float32Array[], row: number): number {
  let node = root;
  while (trees.feature[node]! >= 0) {
    const value = columns[trees.feature[node]!]![row]!;
    node = value > trees.threshold[node]! ? trees.right[node]! : node + 1;
  }
  return trees.value[node]!;
}

/** Log-odds. */
export function askTrees(trees: Trees, row: Float32Array): number {
  const { roots, feature, threshold, right, value } = trees;
  let sum = trees.bias;
  for (let tree = 0; tree < roots.length; tree += 1) {
    let node = roots[tree]!;
    let asked = feature[node]!;
    while (asked >= 0) {
      node = row[asked]! > threshold[node]! ? right[node]! : node + 1;
      asked = feature[node]!;
    }
    sum += value[node]!;
  }
  return sum;
}

/** What each feature added to the log-odds; with `bias` and the roots' own values they sum to the answer. */
export function explainTrees(trees: Trees, row: ArrayLike<number>): Float64Array {
  const added = new Float64Array(row.length);
  for (const root of trees.roots) {
    let node = root;
    while (trees.feature[node]! >= 0) {
      const asked = trees.feature[node]!;
      const next = row[asked]! > trees.threshold[node]! ? trees.right[node]! : node + 1;
      added[asked] = added[asked]! + trees.value[next]! - trees.value[node]!;
      node = next;
    }
  }
  return added;
}
