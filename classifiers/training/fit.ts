/** The parts that training fits: hashed linear heads, the fusion of models with signals, calibration. */
import type { Label } from '../../domain/assessment.ts';
import { trainLinear } from '../linear.ts';
import { type Calibration, type HashedModel, type Model, quantise } from '../model.ts';
import { type Block, idfOf, ngramReader, type Reader, type Sparse } from '../ngrams.ts';
import { seededRandom } from '../random.ts';

/** Inverse strength of the pull to zero; measured with scikit-learn's on the same n-grams, 3 and 30 do alike. */
export const C = 10;

export interface ReadTexts {
  readonly reader: Reader;
  readonly idf: Uint8Array;
  readonly vectors: readonly Sparse[];
}

/** Idf knows no label, so it is taken once from all texts, those held back included. */
export function readTexts(blocks: readonly Block[], bits: number, texts: readonly string[]): ReadTexts {
  const reader = ngramReader(bits, blocks);
  const idf = idfOf(
    texts.map((text) => reader.read(text, null)),
    bits,
  );
  return { reader, idf, vectors: texts.map((text) => reader.read(text, idf)) };
}

/** A head for "fraud" (anything but legit), and one for each label against all else. */
export function hashedModel(
  { reader, idf, vectors: all }: ReadTexts,
  rows: readonly { readonly label: Label }[],
  weights: readonly number[],
  at: readonly number[],
  labels: readonly Label[],
  seed: number,
): HashedModel {
  const vectors = at.map((i) => all[i]!);
  const heads = ['fraud' as const, ...labels].map((name) => {
    const linear = trainLinear({
      vectors,
      isIn: at.map((i) => (name === 'fraud' ? rows[i]!.label !== 'legit' : rows[i]!.label === name)),
      rowWeight: at.map((i) => weights[i]!),
      size: 2 ** reader.bits,
      c: C,
      random: seededRandom(Math.floor(seed * 2 ** 31)),
      rounds: name === 'fraud' ? 15 : 6,
    });
    return [name, quantise(linear.weights, linear.bias)] as const;
  });
  return { reader, idf, heads: new Map(heads) };
}

export interface FusionRow {
  readonly signals: Float64Array;
  readonly text: number;
  readonly source: number;
}

/** Expected worth of a statistical model's logit beside signs, and how far training may move it. */
const FUSE_EXPECTED = { text: 0.4, source: 0.4, spread: 0.1 };
/**
 * How far training may move a sign's log-odds. Small, because the sources are few: a sign that three
 * sources happen to share or lack is not worth more or less for it.
 */
const SIGNAL_SPREAD = 0.2;
const FUSE_ROUNDS = 400;

/**
 * Weights of signals and models by penalised likelihood: a normal pull to what was expected, signs kept.
 * Plain gradient steps, since there are some hundred weights and a thousand rows.
 */
export function fitFusion(
  rows: readonly (FusionRow & { readonly isBad: boolean; readonly weight: number })[],
  bare: Pick<Model, 'signals' | 'signalWeights'>,
) {
  const n = bare.signals.length;
  const expected = Float64Array.from([...bare.signalWeights, FUSE_EXPECTED.text, FUSE_EXPECTED.source]);
  const spread = Float64Array.from(expected, (_, i) => (i < n ? SIGNAL_SPREAD : FUSE_EXPECTED.spread));
  const w = Float64Array.from(expected);
  let bias = -0.5;
  const total = rows.reduce((sum, row) => sum + row.weight, 0);
  const inputs = rows.map((row) => Float64Array.from([...row.signals, row.text, row.source]));
  const step = 2;
  for (let round = 0; round < FUSE_ROUNDS; round += 1) {
    const slope = new Float64Array(w.length);
    let biasSlope = 0;
    for (const [r, row] of rows.entries()) {
      const x = inputs[r]!;
      let z = bias;
      for (let i = 0; i < w.length; i += 1) z += w[i]! * x[i]!;
      const off = row.weight * (1 / (1 + Math.exp(-z)) - (row.isBad ? 1 : 0));
      biasSlope += off;
      for (let i = 0; i < w.length; i += 1) slope[i] = slope[i]! + off * x[i]!;
    }
    for (let i = 0; i < w.length; i += 1) {
      const pull = (w[i]! - expected[i]!) / spread[i]! ** 2;
      const rate = step / (total * 0.25 * (i < n ? 0.3 : 4) + 1 / spread[i]! ** 2);
      const next = w[i]! - 0.5 * rate * (slope[i]! + pull);
      w[i] = expected[i]! > 0 ? Math.max(0.02, next) : Math.min(-0.02, next);
    }
    bias -= (step / (total * 0.25)) * 0.5 * biasSlope;
  }
  const fuse = { bias, text: w[n]!, source: w[n + 1]! };
  const signals = w.slice(0, n);
  return {
    fuse,
    signals,
    raw(row: FusionRow): number {
      let z = bias + fuse.text * row.text + fuse.source * row.source;
      for (let i = 0; i < n; i += 1) z += signals[i]! * row.signals[i]!;
      return z;
    },
  };
}

/**
 * Platt's scaling with his softened targets.
 * Source: J. Platt, "Probabilistic outputs for support vector machines" (1999), section 2.2.
 */
export function fitCalibration(
  rows: readonly { readonly raw: number; readonly isBad: boolean; readonly weight: number }[],
): Calibration {
  const bad = rows.reduce((sum, row) => sum + (row.isBad ? row.weight : 0), 0);
  const all = rows.reduce((sum, row) => sum + row.weight, 0);
  const target = { bad: (bad + 1) / (bad + 2), good: 1 / (all - bad + 2) };
  let slope = 1;
  let offset = 0;
  for (let round = 0; round < 50; round += 1) {
    let [ga, gb, haa, hab, hbb] = [0, 0, 1e-6, 0, 1e-6];
    for (const { raw, isBad, weight } of rows) {
      const p = 1 / (1 + Math.exp(-(slope * raw + offset)));
      const off = weight * (p - (isBad ? target.bad : target.good));
      const curve = weight * p * (1 - p);
      ga += off * raw;
      gb += off;
      haa += curve * raw * raw;
      hab += curve * raw;
      hbb += curve;
    }
    const det = haa * hbb - hab * hab;
    const da = (hbb * ga - hab * gb) / det;
    const db = (haa * gb - hab * ga) / det;
    slope = Math.max(0.05, slope - Math.max(-0.5, Math.min(0.5, da)));
    offset -= Math.max(-1, Math.min(1, db));
  }
  return { slope, offset, share: bad / all };
}
