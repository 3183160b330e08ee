/**
 * The letters of a text as the language model reads them, in one pass and without making strings.
 *
 *     "Бүгін 20% OFF! t.me/x"  ->  " бүгін "        (the few words of the other alphabet are left out)
 *     runs of 1 to 4 of these characters, hashed    ->  buckets
 *
 * Digits, signs, emoji, addresses and @names are spaces. Words written in two alphabets are put into one.
 * Only a text with letters in need of composing takes the slow way over NFKC.
 */
import { foldWord, lower, normalise } from '../../domain/text.ts';

/** Characters of a text that are looked at. */
export const LONGEST = 300;
const LONGEST_RUN = 4;
export const BITS = 16;
const MASK = 2 ** BITS - 1;

export type Script = 'cyrillic' | 'latin' | 'other';

export interface Reading {
  readonly script: Script;
  /** Letters of that script. */
  readonly letters: number;
  /** Buckets of the runs, with repeats; valid until the next text is read. */
  readonly runs: Int32Array;
}

const SKIP = 0;
/** Composes with what stands before, or stands for several letters: take the slow way. */
const COMPOSE = 1;
const SPACE = 32;
const APOSTROPHE = 39;
const AT = 64;
const KNOWN_TO = 0x2500;
const LETTERS = letterTable();

const scratch = new Uint16Array(LONGEST + 2);
const buckets = new Int32Array(LONGEST_RUN * scratch.length);

export function readLetters(text: string): Reading {
  let length = lettersOf(text, false);
  if (length === -1) length = lettersOf(text.slice(0, LONGEST).normalize('NFKC'), true);
  let cyrillic = 0;
  let latin = 0;
  let other = 0;
  for (let i = 0; i < length; i += 1) {
    const unit = scratch[i]!;
    if (unit === SPACE || unit === APOSTROPHE) continue;
    if (isCyrillic(unit)) cyrillic += 1;
    else if (unit < 0x0250 || (unit >= 0x1e00 && unit < 0x1f00)) latin += 1;
    else other += 1;
  }
  if (other > cyrillic + latin) return { script: 'other', letters: other, runs: buckets.subarray(0, 0) };
  // Cyrillic text is full of Latin names; the other way round is rare.
  const script = cyrillic > 0 && cyrillic * 2 >= latin ? 'cyrillic' : 'latin';
  if (cyrillic > 0 && latin > 0) length = keepWordsOf(script, length);
  return { script, letters: script === 'cyrillic' ? cyrillic : latin, runs: runsOf(length) };
}

/**
 * Fills `scratch` with lower-case letters and single spaces, a space at either end.
 * Returns their number, or -1 when the text has to be composed first.
 */
function lettersOf(text: string, isComposed: boolean): number {
  const end = Math.min(text.length, LONGEST);
  scratch[0] = SPACE;
  let length = 1;
  let word = 1;
  let hasCyrillic = false;
  let hasLatin = false;
  for (let i = 0; i <= end; i += 1) {
    const code = i < end ? text.charCodeAt(i) : SPACE;
    let unit = code < KNOWN_TO ? LETTERS[code]! : beyond(code);
    if (unit === COMPOSE && !isComposed) return -1;
    if (unit === SKIP || unit === COMPOSE) continue;
    if (code === AT || (code === 47 && text.charCodeAt(i - 1) === 47 && text.charCodeAt(i - 2) === 58)) {
      // An address or a name: neither it nor the word before its sign is language.
      while (i < end && text.charCodeAt(i) > SPACE) i += 1;
      if (code !== AT && scratch[length - 1] === SPACE) length = Math.max(1, lastWord(length));
      word = length;
      unit = SPACE;
    }
    if (unit === SPACE) {
      if (hasCyrillic && hasLatin) foldFrom(word, length);
      hasCyrillic = false;
      hasLatin = false;
      if (scratch[length - 1] !== SPACE) {
        scratch[length] = SPACE;
        length += 1;
      }
      word = length;
      continue;
    }
    if (isCyrillic(unit)) hasCyrillic = true;
    else if (unit >= 97 && unit <= 122) hasLatin = true;
    scratch[length] = unit;
    length += 1;
  }
  return length;
}

/** Where the last word begins, known that a space stands at the end. */
function lastWord(length: number): number {
  let at = length - 1;
  while (at > 0 && scratch[at - 1] !== SPACE) at -= 1;
  return at;
}

function foldFrom(word: number, length: number): void {
  const folded = foldWord(String.fromCharCode(...scratch.subarray(word, length))).word;
  for (let i = 0; i < folded.length; i += 1) scratch[word + i] = folded.charCodeAt(i);
}

/** Closes up the words of one script in `scratch`; returns the new length. */
function keepWordsOf(script: Script, length: number): number {
  let to = 1;
  let start = 1;
  for (let i = 1; i < length; i += 1) {
    if (scratch[i] !== SPACE) continue;
    let first = start;
    while (scratch[first] === APOSTROPHE) first += 1;
    if (isCyrillic(scratch[first]!) === (script === 'cyrillic')) {
      for (let k = start; k <= i; k += 1) {
        scratch[to] = scratch[k]!;
        to += 1;
      }
    }
    start = i + 1;
  }
  return to;
}

/** Hash: FNV-1a with a final mix, as in `../ngrams.ts`. */
function runsOf(length: number): Int32Array {
  let count = 0;
  for (let from = 0; from < length - 1; from += 1) {
    const last = Math.min(length, from + LONGEST_RUN);
    let hash = 0x811c9dc5;
    for (let at = from; at < last; at += 1) {
      const unit = scratch[at]!;
      hash = Math.imul(hash ^ unit, 0x01000193);
      if (at === from && unit === SPACE) continue;
      const mixed = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
      buckets[count] = (mixed ^ (mixed >>> 13)) & MASK;
      count += 1;
    }
  }
  return buckets.subarray(0, count);
}

function isCyrillic(unit: number): boolean {
  return unit >= 0x0400 && unit <= 0x052f;
}

/** Letters beyond the table: emoji and signs are spaces, letters of other scripts stay themselves. */
function beyond(code: number): number {
  if (code < 0x2e80) return SPACE;
  // Full-width forms, ligatures and the first halves of mathematical letters.
  if ((code >= 0xff00 && code < 0xfff0) || code === 0xd835 || (code >= 0xfb00 && code <= 0xfb06))
    return COMPOSE;
  if (code >= 0xfff0) return SPACE;
  if ((code >= 0xfe00 && code <= 0xfe0f) || code === 0xfeff) return SKIP;
  return code >= 0xd800 && code < 0xf900 ? SPACE : code;
}

function letterTable(): Uint16Array {
  const table = new Uint16Array(KNOWN_TO).fill(SPACE);
  for (let code = 33; code < KNOWN_TO; code += 1) {
    const letter = String.fromCharCode(code);
    const plain = lower(normalise(letter));
    if (/['`´ʹʻʼ‘’‛′]/.test(letter)) table[code] = APOSTROPHE;
    else if (plain === '') table[code] = SKIP;
    else if (/^\p{L}$/u.test(plain)) table[code] = plain.charCodeAt(0);
    else if (/\p{M}|^\p{L}{2}/u.test(plain)) table[code] = COMPOSE;
  }
  return table;
}
