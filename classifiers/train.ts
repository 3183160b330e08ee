/**
 * Training: labelled pages, posts and language samples in; the bytes of a model out, with what it says of
 * rows it has not seen. `training/` holds how each part is made. The same rows and seed give the same bytes.
 */
import { createHash } from 'node:crypto';
import type { Judged } from './figures.ts';
import { type LanguageSample, trainLanguage } from './language/train.ts';
import type { LanguageModel } from './language.ts';
import { DEFAULT_PRIOR, MODEL_FORMAT, type Model, type ModelFile, modelOf, weightsWriter } from './model.ts';
import { seededRandom } from './random.ts';
import { bareModel } from './training/bare.ts';
import { PAGE_SOURCE_BLOCKS, PAGE_TEXT_BLOCKS, trainPages } from './training/pages.ts';
import { KIND_BITS, POST_BLOCKS, trainPosts } from './training/posts.ts';
import type { TrainingPage, TrainingPost } from './training/rows.ts';

export interface TrainingSet {
  readonly pages: readonly TrainingPage[];
  readonly posts: readonly TrainingPost[];
  readonly languages: readonly LanguageSample[];
  readonly seed: number;
  /** Hears what is being done. */
  readonly onStep?: (what: string) => void;
}

export interface Trained {
  readonly model: Model;
  readonly file: ModelFile;
  readonly weights: Uint8Array;
  readonly outOfFold: OutOfFold;
}

export interface OutOfFold {
  readonly pages: readonly Judged[];
  readonly posts: readonly Judged[];
  /** Posts again, each judged with all texts like it left out. */
  readonly unlikePosts: readonly Judged[];
}

export function train(set: TrainingSet): Trained {
  const say = set.onStep ?? (() => {});
  const random = seededRandom(set.seed);
  say(`language: ${set.languages.length} samples`);
  const language = trainLanguage(set.languages, set.seed);

  say(`posts: ${set.posts.length}`);
  const posts = trainPosts(set.posts, set.pages, language, random, say);
  say(`pages: ${set.pages.length}`);
  const pages = trainPages(set.pages, language, random, say);

  const { model, file, weights } = assembled(language, pages, posts, set);
  say('figures');
  return {
    model,
    file,
    weights,
    outOfFold: {
      pages: pages.judged(model),
      posts: posts.judged(model),
      unlikePosts: posts.judgedAmongUnlike(model),
    },
  };
}

function assembled(
  language: LanguageModel,
  pages: ReturnType<typeof trainPages>,
  posts: ReturnType<typeof trainPosts>,
  set: TrainingSet,
): { model: Model; file: ModelFile; weights: Uint8Array } {
  const writer = weightsWriter();
  const bare = bareModel(language);
  const parts = {
    page: {
      text: writer.hashed(pages.parts.text, PAGE_TEXT_BLOCKS),
      source: writer.hashed(pages.parts.source, PAGE_SOURCE_BLOCKS),
      fuse: pages.fusion.fuse,
      calibration: pages.calibration,
    },
    post: {
      text: writer.hashed(posts.text, POST_BLOCKS),
      kinds: { bits: KIND_BITS, heads: writer.heads(posts.kinds) },
      fuse: posts.fuse,
      calibration: posts.calibration,
    },
  };
  const weights = writer.bytes();
  const sha256 = createHash('sha256').update(weights).digest('hex');
  const file: ModelFile = {
    format: MODEL_FORMAT,
    name: `kuzet-${set.seed}-${sha256.slice(0, 8)}`,
    sha256,
    prior: DEFAULT_PRIOR,
    ...parts,
    signals: Object.fromEntries(
      bare.signals.map((signal, i) => [signal.id, round(pages.fusion.signals[i]!)]),
    ),
  };
  return { model: modelOf(file, weights, language), file, weights };
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
