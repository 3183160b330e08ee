/**
 * Which language a text is in: naive Bayes over hashed runs of 1 to 4 characters.
 *
 * `P(run | language)` is a mixture of the language's own share and that of all languages together, so that
 * a language with few examples is neither favoured nor starved. Kazakh in Latin letters is known in the
 * alphabets of 2021 and 2018 and as people type it.
 */
import { KAZAKH_LATIN, lower, normalise, toKazakhLatin } from '../domain/text.ts';
import type { Random } from './random.ts';

export const LANGUAGES = [
  'kk',
  'kk-Latn',
  'ru',
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

export interface LanguageModel {
  /** `LANGUAGES.length` weights a bucket: 16 times the natural logarithm of the lift over all languages. */
  readonly weights: Int8Array;
}

export interface LanguageGuess {
  readonly lang: Language | 'und';
  /** 0..1. */
  readonly confidence: number;
}

const BITS = 15;
const BUCKETS = 2 ** BITS;
const LONGEST = 300;
const OWN_SHARE = 0.85;
const SCALE = 16;

/** `und` for a text without three letters, and for one that resembles no language better than another. */
export function languageOf(text: string, model: LanguageModel): LanguageGuess {
  const sums = new Int32Array(LANGUAGES.length);
  const runs = runsOf(text);
  const { weights } = model;
  for (let r = 0; r < runs.length; r += 1) {
    const from = runs[r]! * sums.length;
    for (let i = 0; i < sums.length; i += 1) sums[i] = sums[i]! + weights[from + i]!;
  }
  if (runs.length < 3 || !/\p{L}[\P{L}]*\p{L}[\P{L}]*\p{L}/u.test(text.slice(0, LONGEST))) {
    return { lang: 'und', confidence: 0 };
  }
  let best = 0;
  for (let i = 1; i < sums.length; i += 1) if (sums[i]! > sums[best]!) best = i;
  // Runs overlap, so their evidence is counted about four times over.
  let total = 0;
  for (const sum of sums) total += Math.exp((sum - sums[best]!) / SCALE / 4);
  const confidence = 1 / total;
  const isKnown = sums[best]! > 0 && confidence > 0.2;
  return isKnown ? { lang: LANGUAGES[best]!, confidence } : { lang: 'und', confidence: 0 };
}

export function trainLanguage(
  rows: readonly { readonly text: string; readonly lang: string }[],
  random: Random,
): LanguageModel {
  const own = new Float64Array(BUCKETS * LANGUAGES.length);
  const totals = new Float64Array(LANGUAGES.length);
  const learn = (text: string, lang: Language): void => {
    const at = LANGUAGES.indexOf(lang);
    for (const bucket of runsOf(text)) {
      own[bucket * LANGUAGES.length + at] = own[bucket * LANGUAGES.length + at]! + 1;
      totals[at] = totals[at]! + 1;
    }
  };
  for (const { text, lang } of rows) {
    const known = LANGUAGES.find((it) => it === lang);
    if (known === undefined) continue;
    learn(text, known);
    if (known !== 'kk') continue;
    for (const spelling of [2021, 2018, 'chat'] as const) {
      if (!(spelling in KAZAKH_LATIN)) continue;
      const spelled = toKazakhLatin(text, spelling);
      learn(spelling === 'chat' && random() < 0.5 ? spelled.replaceAll('y', 'i') : spelled, 'kk-Latn');
    }
  }
  const weights = new Int8Array(own.length);
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const from = bucket * LANGUAGES.length;
    const shares = Array.from(totals, (total, i) => (total > 0 ? own[from + i]! / total : 0));
    const all = shares.reduce((sum, it) => sum + it, 0) / LANGUAGES.length;
    if (all === 0) continue;
    for (const [i, share] of shares.entries()) {
      const lift = Math.log((OWN_SHARE * share + (1 - OWN_SHARE) * all) / all);
      weights[from + i] = Math.max(-127, Math.min(127, Math.round(lift * SCALE)));
    }
  }
  return { weights };
}

const runBuckets = new Int32Array(4 * (LONGEST * 4 + 2));

/** Buckets of the runs of 1 to 4 characters of the first 300 letters and spaces, digits and signs left out. */
function runsOf(text: string): Int32Array {
  const words = lower(normalise(text.slice(0, LONGEST)))
    .replace(/[^\p{L}\p{M}']+/gu, ' ')
    .trim();
  const plain = ` ${words} `.slice(0, LONGEST * 4);
  let count = 0;
  for (let from = 0; from < plain.length; from += 1) {
    let hash = 0x811c9dc5;
    const last = Math.min(plain.length, from + 4);
    for (let at = from; at < last; at += 1) {
      const unit = plain.charCodeAt(at);
      hash = Math.imul(hash ^ unit, 0x01000193);
      if (at === from && unit === 32) continue;
      const mixed = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
      runBuckets[count] = (mixed ^ (mixed >>> 13)) & (BUCKETS - 1);
      count += 1;
    }
  }
  return runBuckets.subarray(0, count);
}
