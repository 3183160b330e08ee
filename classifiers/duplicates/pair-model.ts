/**
 * The trained judge of pairs: a file with boosted trees for each choice of fields, their calibration, and
 * what they were trained on.
 *
 *     { "format": 1, "name": …, "features": [names], "modes": { "all": { "copied": trees, "stolen": trees, … } } }
 *     trees: { "bias": number, "roots" | "feature" | "threshold" | "right" | "value": base64 of the array }
 *
 * `copied` asks whether one advertisement or its photos were copied from the other; `stolen`, known that it
 * was, whether only the photos were. A file whose features are not ours is refused.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { bytesOf, logistic, packedTrees, unpackTrees } from './boosting.ts';
import { FEATURES, type FeatureName, type FieldMode } from './features.ts';
import type { WordPrior } from './frequencies.ts';
import { askTrees, explainTrees } from './trees.ts';

const mode = z.strictObject({
  copied: packedTrees,
  stolen: packedTrees.nullable(),
  /** Log-odds of the trees times `slope` plus `offset` are log-odds of the chance. */
  slope: z.number().positive(),
  offset: z.number(),
});

export const pairModelFile = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  features: z.array(z.string()),
  /** How common words were; `words` is base64 of 2^15 16-bit counters. */
  prior: z.strictObject({ size: z.int().positive(), words: z.base64() }),
  modes: z.strictObject({ text: mode, 'text+photo+price': mode, all: mode }),
  trainedOn: z.array(z.strictObject({ listings: z.int(), pairs: z.int(), sha256: z.string() })),
});
export type PairModelFile = z.infer<typeof pairModelFile>;

export interface PairModel {
  readonly name: string;
  readonly prior: WordPrior;
  /** Chance that one was copied from the other, or its photos were, 0..1. */
  chance(mode: FieldMode, row: Float32Array): number;
  /** Chance, known that there was copying, that only photos were copied; 0 when photos are not looked at. */
  stolen(mode: FieldMode, row: Float32Array): number;
  /** What each feature added to the log-odds, largest first, those that matter. */
  reasons(mode: FieldMode, row: ArrayLike<number>): Reason[];
}

export interface Reason {
  readonly feature: FeatureName;
  /** The feature's own value; null when unknown. */
  readonly value: number | null;
  /** Added to the log-odds: above 0 speaks for a copy. */
  readonly weight: number;
}

/** A model that this version cannot read. */
export class PairModelUnreadableError extends Error {
  override readonly name = 'PairModelUnreadableError';
  readonly facts: { readonly path: string };

  constructor(path: string, why: string, cause?: unknown) {
    super(
      `The pair model ${path} cannot be used: ${why}. Train one with "kuzet pairs train", or install kuzet again.`,
      { cause },
    );
    this.facts = { path };
  }
}

const OWN = fileURLToPath(new URL('../../models/pairs.json', import.meta.url));
let own: PairModel | null = null;

/** The model that Kuzet ships, read once. @throws PairModelUnreadableError */
export function loadPairModel(path = OWN): PairModel {
  if (path === OWN && own !== null) return own;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new PairModelUnreadableError(path, (cause as Error).message, cause);
  }
  const read = pairModelFile.safeParse(value);
  if (!read.success) throw new PairModelUnreadableError(path, 'it has another format', read.error);
  if (read.data.features.join() !== FEATURES.join()) {
    throw new PairModelUnreadableError(path, 'it was trained on other features');
  }
  const model = pairModel(read.data);
  if (path === OWN) own = model;
  return model;
}

const MOST_REASONS = 8;
const LEAST_WEIGHT = 0.05;

export function pairModel(file: PairModelFile): PairModel {
  const modes = new Map(
    (Object.keys(file.modes) as FieldMode[]).map((name) => {
      const { copied, stolen, slope, offset } = file.modes[name];
      return [
        name,
        { copied: unpackTrees(copied), stolen: stolen === null ? null : unpackTrees(stolen), slope, offset },
      ];
    }),
  );
  return {
    name: file.name,
    prior: { size: file.prior.size, words: new Uint16Array(bytesOf(file.prior.words)) },
    chance(name, row) {
      const { copied, slope, offset } = modes.get(name)!;
      return logistic(slope * askTrees(copied, row) + offset);
    },
    stolen(name, row) {
      const { stolen } = modes.get(name)!;
      return stolen === null ? 0 : logistic(askTrees(stolen, row));
    },
    reasons(name, row) {
      const { copied, slope } = modes.get(name)!;
      const reasons: Reason[] = [];
      for (const [at, added] of explainTrees(copied, row).entries()) {
        const weight = slope * added;
        if (Math.abs(weight) < LEAST_WEIGHT) continue;
        const value = row[at]!;
        reasons.push({ feature: FEATURES[at]!, value: Number.isNaN(value) ? null : value, weight });
      }
      reasons.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
      return reasons.slice(0, MOST_REASONS);
    },
  };
}
