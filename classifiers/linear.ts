/**
 * Linear models over sparse vectors: logistic regression, trained once, asked often.
 *
 * Training is dual coordinate descent, exact and deterministic for a seed.
 * Source: H.-F. Yu, F.-L. Huang, C.-J. Lin, "Dual coordinate descent methods for logistic regression
 * and maximum entropy models" (2011), algorithm 5.
 */
import type { Sparse } from './ngrams.ts';
import { type Random, shuffled } from './random.ts';

export interface LinearModel {
  readonly weights: Float32Array;
  readonly bias: number;
}

export interface LinearTask {
  readonly vectors: readonly Sparse[];
  /** Whether each row is of the class. */
  readonly isIn: readonly boolean[];
  /** Weight of each row, > 0. */
  readonly rowWeight: readonly number[];
  /** Buckets. */
  readonly size: number;
  /** Inverse strength of the pull to zero. */
  readonly c: number;
  readonly random: Random;
  readonly rounds?: number;
}

export function trainLinear(task: LinearTask): LinearModel {
  const { vectors, isIn, rowWeight, size, c, random } = task;
  const n = vectors.length;
  const weights = new Float32Array(size);
  let bias = 0;
  const alpha = new Float64Array(2 * n);
  const norm = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    const limit = c * rowWeight[i]!;
    const y = isIn[i] ? 1 : -1;
    alpha[2 * i] = Math.min(0.001 * limit, 1e-8);
    alpha[2 * i + 1] = limit - alpha[2 * i]!;
    const { at, value } = vectors[i]!;
    let square = 1;
    const push = y * alpha[2 * i]!;
    for (let k = 0; k < at.length; k += 1) {
      const v = value[k]!;
      square += v * v;
      weights[at[k]!] = weights[at[k]!]! + push * v;
    }
    bias += push;
    norm[i] = square;
  }
  let innerLimit = 1e-2;
  for (let round = 0; round < (task.rounds ?? 60); round += 1) {
    let steps = 0;
    let steepest = 0;
    for (const i of shuffled(n, random)) {
      const y = isIn[i] ? 1 : -1;
      const limit = c * rowWeight[i]!;
      const { at, value } = vectors[i]!;
      let b = bias;
      for (let k = 0; k < at.length; k += 1) b += weights[at[k]!]! * value[k]!;
      b *= y;
      const a = norm[i]!;
      let [one, two, sign] = [2 * i, 2 * i + 1, 1];
      if (0.5 * a * (alpha[two]! - alpha[one]!) + b < 0) [one, two, sign] = [2 * i + 1, 2 * i, -1];
      const old = alpha[one]!;
      let z = limit - old < 0.5 * limit ? 0.1 * old : old;
      let slope = a * (z - old) + sign * b + Math.log(z / (limit - z));
      steepest = Math.max(steepest, Math.abs(slope));
      let inner = 0;
      for (; inner < 100 && Math.abs(slope) >= innerLimit; inner += 1) {
        const next = z - slope / (a + limit / (limit - z) / z);
        z = next <= 0 ? 0.1 * z : next;
        slope = a * (z - old) + sign * b + Math.log(z / (limit - z));
      }
      if (inner === 0) continue;
      steps += inner;
      alpha[one] = z;
      alpha[two] = limit - z;
      const push = sign * (z - old) * y;
      for (let k = 0; k < at.length; k += 1) weights[at[k]!] = weights[at[k]!]! + push * value[k]!;
      bias += push;
    }
    if (steepest < 0.01) break;
    if (steps <= n / 10) innerLimit = Math.max(1e-6, 0.1 * innerLimit);
  }
  return { weights, bias };
}

/** Log-odds of the class. */
export function logit(model: LinearModel, { at, value }: Sparse): number {
  let sum = model.bias;
  for (let k = 0; k < at.length; k += 1) sum += model.weights[at[k]!]! * value[k]!;
  return sum;
}
