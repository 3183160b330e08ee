/** Trees on paper (base64 of their arrays), and from their log-odds to chances. */
import { z } from 'zod';
import type { Trees } from './trees.ts';

export const packedTrees = z.strictObject({
  bias: z.number(),
  roots: z.base64(),
  feature: z.base64(),
  threshold: z.base64(),
  right: z.base64(),
  value: z.base64(),
});
export type PackedTrees = z.infer<typeof packedTrees>;

export function logistic(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

/**
 * Slope and offset that make held-out log-odds those of the chance, by Newton's method.
 * Source: J. Platt, "Probabilistic outputs for support vector machines" (1999).
 */
export function calibration(
  rows: readonly { readonly logOdds: number; readonly isCopy: boolean; readonly weight: number }[],
): { slope: number; offset: number } {
  let [slope, offset] = [1, 0];
  for (let step = 0; step < 50; step += 1) {
    let [g0, g1, h00, h01, h11] = [0, 0, 1e-6, 0, 1e-6];
    for (const { logOdds, isCopy, weight } of rows) {
      const p = logistic(slope * logOdds + offset);
      const error = weight * (p - (isCopy ? 1 : 0));
      const curve = weight * Math.max(1e-9, p * (1 - p));
      g0 += error;
      g1 += error * logOdds;
      h00 += curve;
      h01 += curve * logOdds;
      h11 += curve * logOdds * logOdds;
    }
    const determinant = h00 * h11 - h01 * h01;
    const toOffset = (h11 * g0 - h01 * g1) / determinant;
    const toSlope = (h00 * g1 - h01 * g0) / determinant;
    offset -= Math.max(-2, Math.min(2, toOffset));
    slope = Math.max(0.05, slope - Math.max(-0.5, Math.min(0.5, toSlope)));
    if (Math.abs(toOffset) + Math.abs(toSlope) < 1e-6) break;
  }
  return { slope, offset };
}

export function packTrees(trees: Trees): PackedTrees {
  return {
    bias: trees.bias,
    roots: base64(trees.roots),
    feature: base64(trees.feature),
    threshold: base64(trees.threshold),
    right: base64(trees.right),
    value: base64(trees.value),
  };
}

export function unpackTrees(packed: PackedTrees): Trees {
  return {
    bias: packed.bias,
    roots: new Int32Array(bytesOf(packed.roots)),
    feature: new Int16Array(bytesOf(packed.feature)),
    threshold: new Float32Array(bytesOf(packed.threshold)),
    right: new Int32Array(bytesOf(packed.right)),
    value: new Float32Array(bytesOf(packed.value)),
  };
}

export function base64(array: Int32Array | Int16Array | Uint16Array | Float32Array): string {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');
}

/** A copy of its own, so that wider numbers are aligned. */
export function bytesOf(text: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(text, 'base64')).buffer;
}
