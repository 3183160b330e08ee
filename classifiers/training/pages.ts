/**
 * Training for pages.
 *
 *     folds by source -> words' and source's logits of pages the model has not seen -> weights of signals
 *     -> folds again -> calibration on outputs it has not seen -> the same models on everything
 *
 * The number of sources is small and the number of pages in one is not, so sources weigh alike, and
 * signals' weights are pulled to what was expected of them (`weight` in the lexicon), never across zero.
 */
import { LABELS, type Label, type Signal } from '../../domain/assessment.ts';
import { assessPage, pageEvidence, pageSource, pageText } from '../assess.ts';
import type { Judged } from '../figures.ts';
import type { LanguageModel } from '../language.ts';
import type { HashedModel, Model } from '../model.ts';
import type { Block } from '../ngrams.ts';
import type { Random } from '../random.ts';

import { bareModel } from './bare.ts';
import { fitCalibration, fitFusion, hashedModel, readTexts } from './fit.ts';
import { foldsByGroup } from './folds.ts';
import type { TrainingPage } from './rows.ts';

export const PAGE_TEXT_BLOCKS: readonly Block[] = [
  { kind: 'char', min: 3, max: 4 },
  { kind: 'word', min: 1, max: 1 },
];
export const PAGE_SOURCE_BLOCKS: readonly Block[] = [
  { kind: 'char', min: 3, max: 4 },
  { kind: 'source', min: 1, max: 1 },
];
const BITS = 16;
const FOLDS = 6;
/** A source counts as this many pages at most. */
const SOURCE_PAGES = 14;
const REAL_WEIGHT = 1.5;
const SYNTHETIC_WEIGHT = 0.25;
/** The share of it that counts when models and signals are weighed against each other. */
const SYNTHETIC_FUSION = 0.4;

const OWN_LEGIT_WORTH = 0.15;

interface Parts {
  readonly text: HashedModel;
  readonly source: HashedModel;
}

export function trainPages(
  rows: readonly TrainingPage[],
  language: LanguageModel,
  random: Random,
  say: (what: string) => void,
) {
  const texts = readTexts(
    PAGE_TEXT_BLOCKS,
    BITS,
    rows.map((row) => pageText(row.page)),
  );
  const sources = readTexts(
    PAGE_SOURCE_BLOCKS,
    BITS,
    rows.map((row) => pageSource(row.page.html)),
  );
  const weights = sourceWeights(rows);
  const isBad = rows.map((row) => row.label !== 'legit');
  const seeds = { text: random(), source: random() };
  const partsOf = (at: readonly number[], labels: readonly Label[]): Parts => ({
    text: hashedModel(texts, rows, weights, at, labels, seeds.text),
    source: hashedModel(sources, rows, weights, at, labels, seeds.source),
  });
  const folds = foldsByGroup(
    rows.map((row) => row.group),
    isBad,
    FOLDS,
    random,
  );
  const labels = LABELS.filter((label) => label !== 'legit' && rows.some((row) => row.label === label));
  const all = rows.map((_, i) => i);
  const without = (held: readonly number[]): number[] => {
    const isHeld = new Set(held);
    return all.filter((i) => !isHeld.has(i));
  };

  const bare = bareModel(language);
  const place = new Map(bare.signals.map((kind, at) => [kind.id, at]));
  const seen: { signals: Float64Array; text: number; source: number }[] = [];
  const foldParts: Parts[] = [];
  for (const [k, held] of folds.entries()) {
    say(`pages: fold ${k + 1} of ${folds.length}`);
    const parts = partsOf(without(held), labels);
    foldParts.push(parts);
    const model: Model = { ...bare, page: { ...bare.page, ...parts } };
    for (const i of held) {
      const evidence = pageEvidence(rows[i]!.page, model);
      const strength = new Float64Array(bare.signals.length);
      for (const signal of evidence.signals) {
        const at = place.get(signal.id);
        if (at !== undefined) strength[at] = signal.contribution / bare.signalWeights[at]!;
      }
      seen[i] = { signals: strength, text: evidence.text, source: evidence.source };
    }
  }

  const fusionOf = (at: readonly number[]) =>
    fitFusion(
      at.map((i) => ({
        ...seen[i]!,
        isBad: isBad[i]!,
        weight: weights[i]! * (rows[i]!.isSynthetic ? SYNTHETIC_FUSION : 1),
      })),
      bare,
    );
  const foldFusions = folds.map((held) => fusionOf(without(held)));
  const raws = new Float64Array(rows.length);
  for (const [k, held] of folds.entries()) for (const i of held) raws[i] = foldFusions[k]!.raw(seen[i]!);
  // Own examples are many and of one hand: what a score is worth is asked of real pages, where there are any,
  // and of own legitimate ones a little, since small honest sites in Kazakh and Russian are few among the real.
  const hasReal = rows.some((row) => !row.isSynthetic);
  const worth = (row: TrainingPage): number => {
    if (!hasReal || !row.isSynthetic) return 1;
    return row.label === 'legit' ? OWN_LEGIT_WORTH : 0;
  };
  const calibration = fitCalibration(
    rows.map((row, i) => ({ raw: raws[i]!, isBad: isBad[i]!, weight: worth(row) })),
  );
  const fusion = fusionOf(all);
  say('pages: everything');
  return {
    parts: partsOf(all, labels),
    fusion,
    calibration,
    /** What the final weights would have said of each page, its own source never in the words' and source's models. */
    judged: (model: Model): Judged[] =>
      folds.flatMap((held, k) => {
        const foldModel: Model = {
          ...model,
          signalWeights: foldFusions[k]!.signals,
          page: { ...model.page, ...foldParts[k]!, fuse: foldFusions[k]!.fuse },
        };
        return held.map((i) => {
          const row = rows[i]!;
          const it = assessPage(row.page, foldModel);
          return {
            id: row.id,
            score: it.score,
            isBad: isBad[i]!,
            truth: row.label,
            said: it.label,
            verdict: it.verdict,
            lang: row.lang,
            source: row.source,
            isSynthetic: row.isSynthetic,
            byFamily: familySums(it.signals, calibration.slope),
          };
        });
      }),
  };
}

function familySums(signals: readonly Signal[], slope: number): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { family, contribution } of signals) {
    sums.set(family, (sums.get(family) ?? 0) + slope * contribution);
  }
  return sums;
}

/** Sources weigh alike: one with more than `SOURCE_PAGES` pages counts as that many. */
function sourceWeights(rows: readonly TrainingPage[]): number[] {
  const counts = new Map<string, number>();
  for (const { source } of rows) counts.set(source, (counts.get(source) ?? 0) + 1);
  return rows.map((row) =>
    row.isSynthetic ? SYNTHETIC_WEIGHT : Math.min(1, SOURCE_PAGES / counts.get(row.source)!) * REAL_WEIGHT,
  );
}
