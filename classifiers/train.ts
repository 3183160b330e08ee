/**
 * Training: labelled pages, posts and language samples in; the bytes of a model and its card out.
 *
 *     folds by source -> words' and source's logits of pages the model has not seen -> weights of signals
 *     -> folds again -> calibration on outputs it has not seen -> the same models on everything
 *
 * The number of sources is small and the number of pages in one is not, so sources weigh alike, and
 * signals' weights are pulled to what was expected of them (`weight` in the lexicon), never across zero.
 * The same rows and seed give the same bytes.
 */
import { createHash } from 'node:crypto';
import { LABELS, type Label } from '../domain/assessment.ts';
import type { Page } from '../domain/page.ts';
import {
  assessPage,
  assessPost,
  CLEAR_TO,
  FLAG_FROM,
  PAGE_SOURCE,
  PAGE_TEXT,
  pageEvidence,
  postEvidence,
} from './assess.ts';
import { readBrands } from './brands.ts';
import { type LanguageModel, trainLanguage } from './language.ts';
import { finderOf, readLexicon } from './lexicon.ts';
import { logit, trainLinear } from './linear.ts';
import { auc, calibrationError, macroF1, recallAtFalseRate, type Scored } from './measure.ts';
import {
  type Calibration,
  type HashedModel,
  MODEL_FORMAT,
  type Model,
  type ModelFile,
  modelOf,
  quantise,
  weightsWriter,
} from './model.ts';
import { type Block, idfOf, ngramReader, type Reader, type Sparse } from './ngrams.ts';
import { type Random, seededRandom, shuffled } from './random.ts';
import { visibleText } from './signals/facts.ts';
import { allSignals } from './signals/index.ts';

export interface TrainingPage {
  readonly id: string;
  readonly page: Page;
  readonly label: Label;
  readonly lang: string;
  readonly source: string;
  /** Rows of one group are never on both sides of a fold; a source is one group unless synthetic. */
  readonly group: string;
  readonly isSynthetic: boolean;
}

export interface TrainingPost {
  readonly text: string;
  readonly label: Label;
  readonly lang: string;
  readonly source: string;
  readonly isSynthetic: boolean;
}

export interface TrainingSet {
  readonly pages: readonly TrainingPage[];
  readonly posts: readonly TrainingPost[];
  readonly languages: readonly { readonly text: string; readonly lang: string }[];
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

export interface Judged extends Scored {
  readonly id: string;
  readonly truth: Label;
  readonly said: Label;
  readonly verdict: string;
  readonly lang: string;
  readonly source: string;
  readonly isSynthetic: boolean;
}

export interface OutOfFold {
  readonly pages: readonly Judged[];
  readonly posts: readonly Judged[];
}

const PAGE_BITS = 16;
const PAGE_TEXT_BLOCKS: readonly Block[] = [
  { kind: 'char', min: 3, max: 4 },
  { kind: 'word', min: 1, max: 1 },
];
const PAGE_SOURCE_BLOCKS: readonly Block[] = [
  { kind: 'char', min: 3, max: 4 },
  { kind: 'source', min: 1, max: 1 },
];
const POST_BITS = 20;
const KIND_BITS = 15;
const KIND_BLOCKS: readonly Block[] = [
  { kind: 'char', min: 3, max: 4 },
  { kind: 'word', min: 1, max: 1 },
];
const POST_BLOCKS: readonly Block[] = [
  { kind: 'char', min: 2, max: 5 },
  { kind: 'word', min: 1, max: 2 },
];
const C = 10;
const FOLDS = 6;
/** A source counts as this many pages at most. */
const SOURCE_PAGES = 14;
const SYNTHETIC_WEIGHT = 0.5;
export const DEFAULT_PRIOR = 0.3;

export function train(set: TrainingSet): Trained {
  const say = set.onStep ?? (() => {});
  const random = seededRandom(set.seed);
  say(`language: ${set.languages.length} samples`);
  const language = trainLanguage(set.languages, random);

  say(`posts: ${set.posts.length}`);
  const posts = trainPosts(set.posts, random, say);
  say(`pages: ${set.pages.length}`);
  const pages = trainPages(set.pages, random, say);

  const { model, file, weights } = assembled(language, pages, posts, set);
  say('figures');
  return { model, file, weights, outOfFold: { pages: pages.judged(model), posts: posts.judged(model) } };
}

// Pages

interface PageParts {
  readonly text: HashedModel;
  readonly source: HashedModel;
}

function trainPages(rows: readonly TrainingPage[], random: Random, say: (what: string) => void) {
  const texts = readTexts(
    PAGE_TEXT_BLOCKS,
    PAGE_BITS,
    rows.map((row) => visibleText(row.page).slice(0, PAGE_TEXT)),
  );
  const sources = readTexts(
    PAGE_SOURCE_BLOCKS,
    PAGE_BITS,
    rows.map((row) => row.page.html.slice(0, PAGE_SOURCE)),
  );
  const weights = sourceWeights(rows);
  const seeds = { text: random(), source: random() };
  const partsOf = (at: readonly number[], labels: readonly Label[]): PageParts => ({
    text: hashedModel(texts, rows, weights, at, labels, seeds.text),
    source: hashedModel(sources, rows, weights, at, labels, seeds.source),
  });
  const folds = foldsByGroup(
    rows.map((row) => row.group),
    FOLDS,
    random,
  );
  const labels = LABELS.filter((label) => label !== 'legit' && rows.some((row) => row.label === label));

  const bare = bareModel();
  const seen: { signals: Float64Array; text: number; source: number }[] = [];
  const foldParts: PageParts[] = [];
  for (const [k, held] of folds.entries()) {
    say(`pages: fold ${k + 1} of ${folds.length}`);
    const isHeld = new Set(held);
    const rest = rows.flatMap((_, i) => (isHeld.has(i) ? [] : [i]));
    const parts = partsOf(rest, labels);
    foldParts.push(parts);
    const model: Model = { ...bare, page: { ...bare.page, ...parts } };
    for (const i of held) {
      const evidence = pageEvidence(rows[i]!.page, model);
      const strength = new Float64Array(bare.signals.length);
      for (const signal of evidence.signals) {
        const at = bare.signals.findIndex((kind) => kind.id === signal.id);
        if (at !== -1) strength[at] = signal.contribution / bare.signalWeights[at]!;
      }
      seen[i] = { signals: strength, text: evidence.text, source: evidence.source };
    }
  }

  const fusionOf = (at: readonly number[]) =>
    fitFusion(
      at.map((i) => ({ ...seen[i]!, isBad: rows[i]!.label !== 'legit', weight: weights[i]! })),
      bare,
    );
  const raws = new Float64Array(rows.length);
  for (const held of folds) {
    const isHeld = new Set(held);
    const fusion = fusionOf(rows.flatMap((_, i) => (isHeld.has(i) ? [] : [i])));
    for (const i of held) raws[i] = fusion.raw(seen[i]!);
  }
  const calibration = fitCalibration(
    rows.map((row, i) => ({ raw: raws[i]!, isBad: row.label !== 'legit', weight: weights[i]! })),
  );
  const fusion = fusionOf(rows.map((_, i) => i));
  say('pages: everything');
  const parts = partsOf(
    rows.map((_, i) => i),
    labels,
  );
  return {
    parts,
    fusion,
    calibration,
    /** What the final weights would have said of each page, its own source never in the words' and source's models. */
    judged: (model: Model): Judged[] =>
      folds.flatMap((held, k) => {
        const isHeld = new Set(held);
        const foldFusion = fusionOf(rows.flatMap((_, i) => (isHeld.has(i) ? [] : [i])));
        const foldModel: Model = {
          ...model,
          signalWeights: foldFusion.signals,
          page: { ...model.page, ...foldParts[k]!, fuse: foldFusion.fuse },
        };
        return held.map((i) => {
          const row = rows[i]!;
          const it = assessPage(row.page, foldModel);
          return judgedRow(row, it);
        });
      }),
  };
}

function judgedRow(
  row: {
    readonly label: Label;
    readonly lang: string;
    readonly source: string;
    readonly isSynthetic: boolean;
    readonly id?: string;
  },
  it: { readonly score: number; readonly label: Label; readonly verdict: string },
): Judged {
  return {
    id: row.id ?? '',
    score: it.score,
    isBad: row.label !== 'legit',
    truth: row.label,
    said: it.label,
    verdict: it.verdict,
    lang: row.lang,
    source: row.source,
    isSynthetic: row.isSynthetic,
  };
}

/** Sources weigh alike: one with more than `SOURCE_PAGES` pages counts as that many. */
function sourceWeights(rows: readonly TrainingPage[]): number[] {
  const counts = new Map<string, number>();
  for (const { source } of rows) counts.set(source, (counts.get(source) ?? 0) + 1);
  return rows.map((row) =>
    row.isSynthetic ? SYNTHETIC_WEIGHT : Math.min(1, SOURCE_PAGES / counts.get(row.source)!) * 1.5,
  );
}

interface ReadTexts {
  readonly reader: Reader;
  readonly idf: Uint8Array;
  readonly vectors: readonly Sparse[];
}

/** Idf knows no label, so it is taken once from all texts, those held back included. */
function readTexts(blocks: readonly Block[], bits: number, texts: readonly string[]): ReadTexts {
  const reader = ngramReader(bits, blocks);
  const idf = idfOf(
    texts.map((text) => reader.read(text, null)),
    bits,
  );
  return { reader, idf, vectors: texts.map((text) => reader.read(text, idf)) };
}

function hashedModel(
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

interface FusionRow {
  readonly signals: Float64Array;
  readonly text: number;
  readonly source: number;
}

/** Expected worth of a statistical model's logit beside signs, and how far training may move it. */
const FUSE_EXPECTED = { text: 0.35, source: 0.35, spread: 0.15 };
const SIGNAL_SPREAD = 0.5;
const FUSE_ROUNDS = 400;

/**
 * Weights of signals and models by penalised likelihood: a normal pull to what was expected, signs kept.
 * Plain gradient steps, since there are some eighty weights and a thousand rows.
 */
function fitFusion(
  rows: readonly (FusionRow & { readonly isBad: boolean; readonly weight: number })[],
  bare: Model,
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
function fitCalibration(
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

/** Groups dealt into folds, the largest first to the emptiest fold; ties broken by chance. */
export function foldsByGroup(groups: readonly string[], folds: number, random: Random): number[][] {
  const members = new Map<string, number[]>();
  for (const [i, group] of groups.entries()) members.set(group, [...(members.get(group) ?? []), i]);
  const order = [...members.values()];
  const mixed = [...shuffled(order.length, random)].map((i) => order[i]!).sort((a, b) => b.length - a.length);
  const dealt: number[][] = Array.from({ length: folds }, () => []);
  for (const group of mixed) {
    const emptiest = dealt.reduce((best, fold) => (fold.length < best.length ? fold : best));
    emptiest.push(...group);
  }
  return dealt;
}

// Posts

/** Signs count in full and a little more: they are all that knows Kazakh fraud, and cost nothing elsewhere. */
const POST_FUSE = { text: 1, signals: 1.2 };

function trainPosts(rows: readonly TrainingPost[], random: Random, say: (what: string) => void) {
  const folds = foldsByGroup(
    rows.map((row) => sameText(row.text)),
    4,
    random,
  );
  const all = rows.map((_, i) => i);
  const weights = rows.map((row) => (row.isSynthetic ? 4 : 1));
  const seed = Math.floor(random() * 2 ** 31);
  const { reader, idf, vectors } = readTexts(
    POST_BLOCKS,
    POST_BITS,
    rows.map((row) => row.text),
  );
  const fraud = (at: readonly number[]) => {
    const linear = trainLinear({
      vectors: at.map((i) => vectors[i]!),
      isIn: at.map((i) => rows[i]!.label !== 'legit'),
      rowWeight: at.map((i) => weights[i]!),
      size: 2 ** POST_BITS,
      c: C,
      random: seededRandom(seed),
      rounds: 20,
    });
    return linear;
  };
  const bare = bareModel();
  const logits = new Float64Array(rows.length);
  const signs = new Float64Array(rows.length);
  for (const [k, held] of folds.entries()) {
    say(`posts: fold ${k + 1} of ${folds.length}`);
    const isHeld = new Set(held);
    const linear = fraud(all.filter((i) => !isHeld.has(i)));
    for (const i of held) {
      logits[i] = logit(linear, vectors[i]!);
      signs[i] = postEvidence(rows[i]!.text, bare).signs / POST_FUSE.signals;
    }
  }
  const raws = Float64Array.from(logits, (it, i) => POST_FUSE.text * it + POST_FUSE.signals * signs[i]!);
  const calibration = fitCalibration(
    rows.map((row, i) => ({ raw: raws[i]!, isBad: row.label !== 'legit', weight: 1 })),
  );
  const whole = fraud(all);
  const text: HashedModel = {
    reader,
    idf,
    heads: new Map([['fraud', quantise(whole.weights, whole.bias)]]),
  };
  return {
    text,
    kinds: kindsOf(rows, seed),
    fuse: { bias: 0, ...POST_FUSE },
    calibration,
    judged: (model: Model): Judged[] =>
      folds.flatMap((held) =>
        held.map((i) => {
          const row = rows[i]!;
          const odds =
            calibration.slope * raws[i]! +
            calibration.offset -
            logOdds(calibration.share) +
            logOdds(model.prior);
          const score = 1 / (1 + Math.exp(-odds));
          const it = score < 0.5 ? 'legit' : assessPost(row.text, model).label;
          const verdict = score >= FLAG_FROM ? 'flag' : score <= CLEAR_TO ? 'clear' : 'abstain';
          return judgedRow(row, { score, label: it, verdict });
        }),
      ),
  };
}

/** Which kind of fraud a post is: trained among fraud alone, for kinds with five examples or more. */
function kindsOf(rows: readonly TrainingPost[], seed: number): HashedModel {
  const fraud = rows.filter((row) => row.label !== 'legit');
  const kinds = LABELS.filter(
    (label) =>
      label !== 'legit' && label !== 'spam' && fraud.filter((row) => row.label === label).length >= 5,
  );
  const weights = fraud.map((row) => (row.label === 'spam' ? 0.2 : 1));
  return hashedModel(
    readTexts(
      KIND_BLOCKS,
      KIND_BITS,
      fraud.map((row) => row.text),
    ),
    fraud,
    weights,
    fraud.map((_, i) => i),
    kinds,
    seed / 2 ** 31,
  );
}

/** Texts that differ in digits, case and spacing alone are one. */
function sameText(text: string): string {
  return text
    .toLowerCase()
    .replace(/[\d\s]+/g, ' ')
    .trim();
}

function logOdds(chance: number): number {
  return Math.log(chance / (1 - chance));
}

// Model

/** A model of signals alone, at their expected weights. */
function bareModel(): Model {
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
    language: { weights: new Int8Array(2 ** 15 * 13) },
    page: { text: empty, source: empty, fuse: { bias: 0, text: 0, source: 0 }, calibration },
    post: { text: empty, kinds: empty, fuse: { bias: 0, ...POST_FUSE }, calibration },
  };
}

function assembled(
  language: LanguageModel,
  pages: ReturnType<typeof trainPages>,
  posts: ReturnType<typeof trainPosts>,
  set: TrainingSet,
): { model: Model; file: ModelFile; weights: Uint8Array } {
  const writer = weightsWriter();
  const bare = bareModel();
  const parts = {
    language: writer.language(language),
    page: {
      text: writer.hashed(pages.parts.text, PAGE_TEXT_BLOCKS),
      source: writer.hashed(pages.parts.source, PAGE_SOURCE_BLOCKS),
      fuse: pages.fusion.fuse,
      calibration: pages.calibration,
    },
    post: {
      text: writer.hashed(posts.text, POST_BLOCKS),
      kinds: writer.hashed(posts.kinds, KIND_BLOCKS),
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
  return { model: modelOf(file, weights), file, weights };
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

// Figures

export interface Figures {
  readonly rows: number;
  readonly macroF1: number;
  readonly binaryF1: number;
  readonly auc: number;
  readonly recallAt1: number;
  readonly calibrationError: number;
  readonly coverage: number;
  /** Of what was flagged or cleared, the share that was right. */
  readonly accuracy: number;
}

export function figuresOf(rows: readonly Judged[]): Figures {
  const said = rows.filter((row) => row.verdict !== 'abstain');
  return {
    rows: rows.length,
    macroF1: macroF1(rows),
    binaryF1: macroF1(
      rows.map((row) => ({
        truth: row.isBad ? 'fraud' : 'legit',
        said: row.score >= 0.5 ? 'fraud' : 'legit',
      })),
    ),
    auc: auc(rows),
    recallAt1: recallAtFalseRate(rows, 0.01),
    calibrationError: calibrationError(rows),
    coverage: said.length / Math.max(1, rows.length),
    accuracy: said.filter((row) => (row.verdict === 'flag') === row.isBad).length / Math.max(1, said.length),
  };
}
