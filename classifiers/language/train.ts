/**
 * Training of the language model: texts with their languages in, weights out. The same rows and seed give
 * the same bytes.
 *
 *     labelled samples, other spellings, short crops -> naive Bayes, smoothed the more the less is known
 *     -> texts labelled by guesswork are taken where that model agrees -> naive Bayes again
 *     -> one round of gradient steps between the languages with many samples -> signed bytes
 *
 * Naive Bayes is best where samples are few and gradient steps where they are many: steps for a language
 * of a hundred samples would learn these by heart, so its weights stay as counted.
 * Confidence is fitted on samples that the model has not seen, from other sources where a language has two.
 */
import {
  ALPHABETS,
  type Alphabet,
  BUCKETS,
  BY_SCRIPT,
  headStart,
  LANGUAGES,
  type Language,
  type LanguageModel,
  languageOf,
  MODEL_BYTES,
  offsetOf,
  scriptOf,
} from '../language.ts';
import { type Random, seededRandom, shuffled } from '../random.ts';
import { LONGEST, readLetters } from './reader.ts';
import { otherSpellings } from './spellings.ts';

export interface LanguageSample {
  readonly text: string;
  readonly lang: string;
  readonly source?: string | undefined;
  /** The language was guessed by someone: learned from only where labelled samples bear it out, if there are any. */
  readonly isGuess?: boolean | undefined;
}

/** Share of a language's own counts against those of all, at any number of samples. */
const OWN_SHARE = 0.97;
/** Runs at which own counts weigh as much as those of all languages together. */
const HALF_KNOWN = 8000;
/** Naive Bayes in the units of the gradient steps: runs overlap and are divided by the root of their number. */
const COUNTED_WORTH = 2;
const STEP = 0.1;
/** Texts, other spellings among them, from which a language takes part in gradient steps. */
const MANY_TEXTS = 400;
const LEAST_GUESS_LETTERS = 8;

export function trainLanguage(samples: readonly LanguageSample[], seed: number): LanguageModel {
  const labelledIn = new Set(samples.filter((it) => it.isGuess !== true).map((it) => it.lang));
  const isGuess = ({ lang, isGuess }: LanguageSample): boolean => isGuess === true && labelledIn.has(lang);
  const labelled = samples.filter((it) => !isGuess(it));
  const guessed = samples.filter(
    (it) => isGuess(it) && (it.text.match(/\p{L}/gu)?.length ?? 0) >= LEAST_GUESS_LETTERS,
  );
  const isHeld = heldOut(labelled);
  const halfKnown = learn(
    labelled.filter((_, i) => !isHeld[i]!),
    guessed,
    seed,
  );
  const held = known(labelled.filter((_, i) => isHeld[i]!));
  const slope = fitSlope(withCrops(held, seededRandom(seed)), halfKnown);
  return { ...learn(labelled, guessed, seed), slope };
}

interface Known {
  readonly text: string;
  readonly lang: Language;
}

function known(samples: readonly LanguageSample[]): Known[] {
  return samples.flatMap(({ text, lang }) => {
    const it = LANGUAGES.find((language) => language === lang);
    return it === undefined ? [] : [{ text: text.slice(0, LONGEST), lang: it }];
  });
}

/** Every second source of a language; every second sample of a language with one source. */
function heldOut(samples: readonly LanguageSample[]): boolean[] {
  const sources = new Map<string, string[]>();
  for (const { lang, source = '' } of samples) {
    const list = sources.get(lang) ?? [];
    if (!list.includes(source)) list.push(source);
    sources.set(lang, list);
  }
  return samples.map(({ lang, source = '' }, i) => {
    const list = sources.get(lang)!;
    return list.length > 1 ? list.indexOf(source) % 2 === 1 : i % 2 === 1;
  });
}

function learn(
  labelled: readonly LanguageSample[],
  guessed: readonly LanguageSample[],
  seed: number,
): LanguageModel {
  const random = seededRandom(seed);
  const sure = known(labelled);
  const first = quantised(counted(withSpellings(sure, random)));
  const agreed = known(guessed).filter(({ text, lang }) => languageOf(text, first).lang === lang);
  const texts = withSpellings([...sure, ...agreed], random);
  return quantised(stepped(counted(texts), texts, random));
}

function withSpellings(samples: readonly Known[], random: Random): Known[] {
  return samples.flatMap((it) => [it, ...otherSpellings(it.text, it.lang, random)]);
}

/** Besides each text of more than four words, one to five words of it in a row, since much of chat is as short. */
function withCrops(samples: readonly Known[], random: Random): Known[] {
  return samples.flatMap((it) => {
    const words = it.text.split(/\s+/);
    if (words.length < 5) return [it];
    const length = 1 + Math.floor(random() * 5);
    const from = Math.floor(random() * (words.length - length));
    return [it, { text: words.slice(from, from + length).join(' '), lang: it.lang }];
  });
}

interface Read {
  readonly runs: Int32Array;
  /** Place of the language among those of its script. */
  readonly column: number;
}

/** null for a text that is not in the script of its language. */
function readSample({ text, lang }: Known): Read | null {
  const { script, runs } = readLetters(text);
  if (runs.length === 0 || script !== scriptOf(lang)) return null;
  return { runs, column: (BY_SCRIPT[script] as readonly Language[]).indexOf(lang) };
}

/** Naive Bayes: the logarithm of each language's share of a run over the mean of its script's languages. */
function counted(texts: readonly Known[]): Float32Array {
  const weights = new Float32Array(MODEL_BYTES);
  for (const script of ALPHABETS) {
    const width = BY_SCRIPT[script].length;
    const own = new Float64Array(BUCKETS * width);
    const totals = new Float64Array(width);
    for (const it of texts) {
      const read = scriptOf(it.lang) === script ? readSample(it) : null;
      if (read === null) continue;
      const { runs, column } = read;
      for (const bucket of runs) own[bucket * width + column] = own[bucket * width + column]! + 1;
      totals[column] = totals[column]! + runs.length;
    }
    const trust = Array.from(totals, (total) => (OWN_SHARE * total) / (total + HALF_KNOWN));
    const shares = new Float64Array(width);
    for (let at = 0; at < own.length; at += width) {
      let mean = 0;
      for (let i = 0; i < width; i += 1) {
        shares[i] = totals[i]! > 0 ? own[at + i]! / totals[i]! : 0;
        mean += shares[i]! / width;
      }
      if (mean === 0) continue;
      for (let i = 0; i < width; i += 1) {
        const smooth = trust[i]! * shares[i]! + (1 - trust[i]!) * mean;
        weights[offsetOf(script) + at + i] = COUNTED_WORTH * Math.log(smooth / mean);
      }
    }
  }
  return weights;
}

/** One round of softmax regression with AdaGrad's steps. Source: J. Duchi and others (2011), section 1. */
function stepped(weights: Float32Array, whole: readonly Known[], random: Random): Float32Array {
  const texts = withCrops(whole, random);
  const isMoved = new Set(
    [...countsOf(whole)].flatMap(([lang, count]) => (count >= MANY_TEXTS ? [lang] : [])),
  );
  const counts = countsOf(texts);
  const most = Math.max(...counts.values());
  const slopes = new Float32Array(weights.length).fill(0.01);
  const z = new Float64Array(BY_SCRIPT.cyrillic.length);
  for (const i of shuffled(texts.length, random)) {
    const read = readSample(texts[i]!);
    if (read === null) continue;
    const { lang } = texts[i]!;
    const languages: readonly Language[] = BY_SCRIPT[scriptOf(lang)];
    const { at, value } = rootCounts(read.runs, scriptOf(lang));
    z.fill(0);
    for (let k = 0; k < at.length; k += 1) {
      for (let c = 0; c < languages.length; c += 1) z[c] = z[c]! + value[k]! * weights[at[k]! + c]!;
    }
    const rowWeight = Math.min(20, most / counts.get(lang)!);
    const top = Math.max(...z.subarray(0, languages.length));
    let total = 0;
    for (let c = 0; c < languages.length; c += 1) {
      z[c] = Math.exp(z[c]! - top);
      total += z[c]!;
    }
    for (let c = 0; c < languages.length; c += 1) {
      z[c] = isMoved.has(languages[c]!) ? (z[c]! / total - (c === read.column ? 1 : 0)) * rowWeight : 0;
    }
    for (let k = 0; k < at.length; k += 1) {
      for (let c = 0; c < languages.length; c += 1) {
        const slope = z[c]! * value[k]!;
        if (Math.abs(slope) < 1e-4) continue;
        const to = at[k]! + c;
        slopes[to] = slopes[to]! + slope * slope;
        weights[to] = weights[to]! - (STEP * slope) / Math.sqrt(slopes[to]!);
      }
    }
  }
  return weights;
}

function countsOf(texts: readonly Known[]): Map<Language, number> {
  const counts = new Map<Language, number>();
  for (const { lang } of texts) counts.set(lang, (counts.get(lang) ?? 0) + 1);
  return counts;
}

/** Where the weights of each bucket begin, once each; roots of the buckets' counts, brought to length 1. */
function rootCounts(
  runs: Int32Array,
  script: Alphabet,
): { readonly at: Int32Array; readonly value: Float32Array } {
  const counts = new Map<number, number>();
  for (const bucket of runs) counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  const length = Math.sqrt(runs.length);
  return {
    at: Int32Array.from(counts.keys(), (bucket) => offsetOf(script) + bucket * BY_SCRIPT[script].length),
    value: Float32Array.from(counts.values(), (count) => Math.sqrt(count) / length),
  };
}

function quantised(weights: Float32Array): LanguageModel {
  const sizes = weights
    .filter((it) => it !== 0)
    .map(Math.abs)
    .sort();
  const scale = (sizes[Math.floor((sizes.length - 1) * 0.9999)] ?? 1) / 127;
  return {
    weights: Int8Array.from(weights, (it) => Math.max(-127, Math.min(127, Math.round(it / scale)))),
    scale,
    slope: 1,
  };
}

/** The slope under which held-out texts are likeliest, found by halving; 1 when there are none. */
function fitSlope(held: readonly Known[], model: LanguageModel): number {
  const rows = held.flatMap((it) => {
    const read = readSample(it);
    if (read === null) return [];
    const { runs, column } = read;
    const languages = BY_SCRIPT[scriptOf(it.lang)];
    const offset = offsetOf(scriptOf(it.lang));
    const unit = model.scale / Math.sqrt(runs.length);
    const odds = languages.map((language, i) => {
      let sum = 0;
      for (const bucket of runs) sum += model.weights[offset + bucket * languages.length + i]!;
      return sum * unit + headStart(language);
    });
    return [{ odds, column }];
  });
  if (rows.length === 0) return 1;
  /** How much likelier the rows become by a little more slope. */
  const rise = (slope: number): number => {
    let sum = 0;
    for (const { odds, column } of rows) {
      const top = Math.max(...odds);
      let total = 0;
      let expected = 0;
      for (const it of odds) {
        const part = Math.exp((it - top) * slope);
        total += part;
        expected += part * it;
      }
      sum += odds[column]! - expected / total;
    }
    return sum;
  };
  let [low, high] = [0.05, 5];
  for (let round = 0; round < 30; round += 1) {
    const middle = (low + high) / 2;
    if (rise(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
