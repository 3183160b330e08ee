/** A model of signals alone, at their expected weights, beside that of languages: what training starts from. */
import { readBrands } from '../brands.ts';
import type { LanguageModel } from '../language.ts';
import { finderOf, readLexicon } from '../lexicon.ts';
import { type Calibration, DEFAULT_PRIOR, type HashedModel, type Model } from '../model.ts';
import { ngramReader } from '../ngrams.ts';
import { allSignals } from '../signals/index.ts';

export function bareModel(language: LanguageModel): Model {
  const lexicon = readLexicon();
  const signals = allSignals(lexicon);
  const empty: HashedModel = {
    reader: ngramReader(1, []),
    idf: new Uint8Array(2),
    heads: new Map([['fraud', { weights: new Int8Array(2), scale: 1, bias: 0 }]]),
  };
  const calibration: Calibration = { slope: 1, offset: 0, share: 0.5 };
  return {
    name: 'signals',
    prior: DEFAULT_PRIOR,
    find: finderOf(lexicon),
    brands: readBrands(),
    signals,
    signalWeights: Float64Array.from(signals, (signal) => signal.weight),
    language,
    page: { text: empty, source: empty, fuse: { bias: 0, text: 0, source: 0 }, calibration },
    post: { text: empty, kinds: new Map(), kindBits: 1, fuse: { bias: 0, text: 1, signals: 1 }, calibration },
  };
}
