/**
 * Pairs that people labelled: texts or flat records, {"a","b","label"} or, in ParaPhraser's form, "class" from -1 to 1.
 * Three of five pairs are learnt from, by their place, and the others asked about.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import {
  anyModelFile,
  scoreAnyPairs,
  type Thing,
  trainAnyPairs,
} from '../../classifiers/duplicates/any-pairs.ts';
import { auc } from '../../classifiers/measure.ts';
import type { Table } from './table.ts';

export function realLabels(path: string, { note }: Table): void {
  const pairs = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const row = JSON.parse(line) as { a: Thing; b: Thing; label?: number; class?: number };
      return { a: row.a, b: row.b, isOne: (row.label ?? (row.class === -1 ? 0 : 1)) === 1 };
    });
  const isLearnt = (at: number) => (at * 7) % 5 < 3;
  const { file } = trainAnyPairs({ pairs: pairs.filter((_, at) => isLearnt(at)), seed: 2026 });
  const asked = pairs.filter((_, at) => !isLearnt(at));
  const scores = scoreAnyPairs(anyModelFile.parse(file), asked);
  const rows = asked.map(({ isOne }, at) => ({ score: scores[at]!, isBad: isOne }));
  const said = rows.filter(({ score }) => score >= 0.5);
  const right = said.filter(({ isBad }) => isBad).length;
  note(`${basename(path)}: AUC`, auc(rows), '');
  note(`${basename(path)}: F1`, (2 * right) / (said.length + rows.filter(({ isBad }) => isBad).length), '');
}
