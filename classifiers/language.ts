/**
 * Which language a text is in: a linear model over hashed runs of 1 to 4 characters.
 *
 * The script is read off the letters, so languages compete only with those of their own script. Kazakh in
 * Latin letters is known in the alphabets of 2021 and 2018 and as people type it, Russian as people type it.
 *
 *     weights:  Cyrillic: bucket 0: kk ru ky … | bucket 1: … | …   Latin: bucket 0: kk-Latn en … | …
 */
import { BITS, readLetters } from './language/reader.ts';

export const LANGUAGES = [
  'kk',
  'kk-Latn',
  'ru',
  'ru-Latn',
  'en',
  'ky',
  'tt',
  'uz',
  'uz-Latn',
  'tr',
  'az',
  'uk',
  'be',
  'mn',
] as const;
export type Language = (typeof LANGUAGES)[number];

/** Languages of a script, in the order of a bucket's weights. */
export const BY_SCRIPT = {
  cyrillic: ['kk', 'ru', 'ky', 'tt', 'uz', 'uk', 'be', 'mn'],
  latin: ['kk-Latn', 'en', 'ru-Latn', 'uz-Latn', 'tr', 'az'],
} as const satisfies Record<string, readonly Language[]>;
export type Alphabet = keyof typeof BY_SCRIPT;
export const ALPHABETS: readonly Alphabet[] = ['cyrillic', 'latin'];
export const BUCKETS = 2 ** BITS;

/** Where the weights of a script begin. */
export function offsetOf(script: Alphabet): number {
  return script === 'cyrillic' ? 0 : BUCKETS * BY_SCRIPT.cyrillic.length;
}

/** Weights of a model, one byte each. */
export const MODEL_BYTES = BUCKETS * LANGUAGES.length;

/**
 * Head start of what is written most on the sites that are watched, in natural logarithms at any length; what is
 * written least has to make up for it. Of two Russian words by themselves 99.7 % are told with it, 98.3 % where
 * Russian has no more than Kazakh, and two Ukrainian ones pay 2.0 points; whole sentences are told the same.
 */
const HEAD_START: Readonly<Partial<Record<Language, number>>> = {
  ru: 3,
  kk: 1.2,
  'kk-Latn': 1.2,
  en: 1.2,
  'ru-Latn': -1,
};

export interface LanguageModel {
  /** `MODEL_BYTES` of them: one a language of the script for each bucket. */
  readonly weights: Int8Array;
  /** Worth of one step of a weight, in log-odds of a text of one run. */
  readonly scale: number;
  /** Log-odds to log-odds that held-out texts bear out. */
  readonly slope: number;
}

export interface LanguageGuess {
  readonly lang: Language | 'und';
  /** Chance that `lang` is right, 0..1, given that the text is in one of the languages known; 0 for `und`. */
  readonly confidence: number;
}

const UNKNOWN: LanguageGuess = { lang: 'und', confidence: 0 };
const LEAST_LETTERS = 3;
const LEAST_CONFIDENCE = 0.25;

const sums = new Int32Array(BY_SCRIPT.cyrillic.length);
const odds = new Float64Array(sums.length);

/** `und` for a text without three letters of one script, in a script not known, or like no language more than another. */
export function languageOf(text: string, model: LanguageModel): LanguageGuess {
  const { script, letters, runs } = readLetters(text);
  if (script === 'other' || letters < LEAST_LETTERS || runs.length === 0) return UNKNOWN;
  const languages = BY_SCRIPT[script];
  const { weights } = model;
  const width = languages.length;
  const offset = offsetOf(script);
  let at = 0;
  // Four languages at a time, whose sums then stay in registers.
  for (; at + 4 <= width; at += 4) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let r = 0; r < runs.length; r += 1) {
      const from = offset + runs[r]! * width + at;
      a += weights[from]!;
      b += weights[from + 1]!;
      c += weights[from + 2]!;
      d += weights[from + 3]!;
    }
    sums[at] = a;
    sums[at + 1] = b;
    sums[at + 2] = c;
    sums[at + 3] = d;
  }
  for (; at < width; at += 1) {
    let sum = 0;
    for (let r = 0; r < runs.length; r += 1) sum += weights[offset + runs[r]! * width + at]!;
    sums[at] = sum;
  }
  const unit = model.scale / Math.sqrt(runs.length);
  let best = 0;
  for (let i = 0; i < width; i += 1) {
    odds[i] = sums[i]! * unit + headStart(languages[i]!);
    if (odds[i]! > odds[best]!) best = i;
  }
  let total = 0;
  for (let i = 0; i < width; i += 1) total += Math.exp((odds[i]! - odds[best]!) * model.slope);
  const confidence = 1 / total;
  return confidence < LEAST_CONFIDENCE ? UNKNOWN : { lang: languages[best]!, confidence };
}

export function headStart(language: Language): number {
  return HEAD_START[language] ?? 0;
}

/** The script that a language is written in. */
export function scriptOf(language: Language): Alphabet {
  return (BY_SCRIPT.latin as readonly Language[]).includes(language) ? 'latin' : 'cyrillic';
}
