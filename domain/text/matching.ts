/**
 * Text as it is matched, whatever its writer did to hide it: one linear pass, every word with its place in
 * the text given, so that an officer is shown what stood there.
 *
 *     "Лёгкий 3аpаб0ток, в-л-о-ж-и 5000"  ->  лёгкий заработок вложи 5000
 *      mixed alphabets, digits for letters, words spaced out, look-alikes; each fact is kept
 *
 * Kazakh and Russian in Latin letters are put into Cyrillic where the text as a whole is such.
 */
import { foldWord, lower, type Word } from '../text.ts';
import { kazakhEvidence, toKazakhCyrillic } from './kazakh-latin.ts';
import { russianHabits, toRussianCyrillic } from './russian-latin.ts';
import { tokensIn } from './tokens.ts';

export interface MatchedText {
  /** In lower case and of the same length as the text given: words folded, what was cut out of them a space. */
  readonly text: string;
  /** Folded, in order, a number written in groups of three digits as one; offsets into the text given. */
  readonly words: readonly Word[];
  /** Words written in two alphabets, as written. */
  readonly mixed: readonly string[];
  /** Words with digits or signs in the place of letters, as written. */
  readonly leet: readonly string[];
  /** Words whose letters stood apart, as written. */
  readonly spaced: readonly string[];
  /** null where the text is in no language that is else written in Cyrillic. */
  readonly respelt: Respelt | null;
}

/** What is in Latin letters and was put back. */
export interface Respelt {
  readonly lang: RespeltLanguage;
  /** Latin words by their place in `words`, in Cyrillic. */
  readonly words: ReadonlyMap<number, string>;
}

export type RespeltLanguage = 'kk-Latn' | 'ru-Latn';

/** @param lang of the text, where somebody knows it; without, Kazakh in Latin letters is known by its words. */
export function foldForMatching(text: string, lang = 'und'): MatchedText {
  const lowered = lower(text);
  const words: Word[] = [];
  const mixed: string[] = [];
  const leet: string[] = [];
  const spaced: string[] = [];
  const pieces: string[] = [];
  let last = 0;
  const put = (word: string, start: number, length: number): void => {
    words.push({ word, start, end: start + length });
    if (start > last) pieces.push(lowered.slice(last, start));
    pieces.push(word.length < length ? word.padEnd(length) : word.slice(0, length));
    last = start + length;
  };
  tokensIn(lowered, (start, end, separator, isPlain) => {
    const token = lowered.slice(start, end);
    if (isPlain) {
      // Stays as it is in the text, so nothing is cut out of it here.
      words.push({ word: token, start, end });
    } else if (separator !== undefined) {
      const joined = joinedLetters(token, separator);
      if (joined === null) {
        for (let at = 0; at < token.length; at += 2) put(token[at]!, start + at, 1);
        return;
      }
      spaced.push(token);
      put(unleet(joined) ?? foldWord(joined).word, start, token.length);
    } else if (/[@$]/.test(token) && token.length > 1) {
      const folded = isNotAddress(lowered, start, token) ? foldSigns(token) : null;
      if (folded !== null) {
        leet.push(token);
        put(folded, start, token.length);
      } else {
        for (const part of token.matchAll(/[^@$]+|\$/g)) {
          put(part[0] === '$' ? '$' : foldWord(part[0]).word, start + part.index, part[0].length);
        }
      }
    } else {
      const fold = foldWord(token);
      const plain = unleet(token);
      if (fold.isMixed && /[a-z]/.test(token) && /[\u0400-\u052f]/.test(token)) mixed.push(token);
      if (plain !== null) leet.push(token);
      put(plain ?? fold.word, start, token.length);
    }
  });
  pieces.push(lowered.slice(last));
  return {
    text: pieces.length === 1 ? lowered : pieces.join(''),
    words,
    mixed,
    leet,
    spaced,
    respelt: respeltIn(words, lang),
  };
}

/** The letters without what stood between; null when it is not one sign throughout or not mostly letters. */
function joinedLetters(token: string, separator: string): string | null {
  let joined = '';
  let letters = 0;
  for (let at = 0; at < token.length; at += 1) {
    const letter = token[at]!;
    if (at % 2 === 1) {
      if (letter !== separator) return null;
      continue;
    }
    joined += letter;
    if (letter < '0' || letter > '9') letters += 1;
  }
  return letters >= 4 && letters * 3 >= joined.length * 2 ? joined : null;
}

const CYRILLIC_DIGITS: Readonly<Record<string, string>> = { 0: 'о', 3: 'з', 4: 'ч', 6: 'б' };
const LATIN_DIGITS: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't' };
/** What a number is followed by without a space, so that "3дня" stays three days. */
const UNITS =
  /^\d(?:дн|мес|ме[сc]|лет|год|час|мин|сек|комн|тыс|млн|млрд|руб|тг|тен|р$|к$|шт|кг|мл|мм|см|км|кв|пар|фаз|күн|ай|жыл|са[ғг]|эт|d$|й|я|е|го|х|ми?$)/;

/** A word with digits for letters, in letters; null when its digits are digits. */
export function unleet(word: string): string | null {
  if (!/\d/.test(word) || !/\p{L}/u.test(word)) return null;
  const cyrillic = word.match(/[\u0400-\u052f]/g)?.length ?? 0;
  const latin = word.match(/[a-z]/g)?.length ?? 0;
  if (cyrillic > 0) {
    const isInner = /[\u0400-\u052fa-z][0346][\u0400-\u052fa-z]/.test(word);
    const isFirst = /^[0346][\u0400-\u052fa-z]{5,}$/.test(word) && !UNITS.test(word);
    if (!isInner && !isFirst) return null;
    return foldWord(Array.from(word, (letter) => CYRILLIC_DIGITS[letter] ?? letter).join('')).word;
  }
  // One digit at a time between letters, at least four letters in all: "pr0fit", not "h264" or "p2p".
  if (latin < 4 || !/^[a-z]+(?:[013457][a-z]+)+$/.test(word)) return null;
  return Array.from(word, (letter) => LATIN_DIGITS[letter] ?? letter).join('');
}

/** "ка$пи" and "c@sino", and "з@раб0ток", which has digits, too; null when a half would be left alone. */
function foldSigns(token: string): string | null {
  if (!/^\p{L}[\p{L}\d]*(?:[@$][\p{L}\d]+)+$/u.test(token)) return null;
  const isCyrillic = /[\u0400-\u052f]/.test(token);
  const signs: Readonly<Record<string, string>> = isCyrillic ? { '@': 'а', $: 'с' } : { '@': 'a', $: 's' };
  const spelled = Array.from(token, (letter) => signs[letter] ?? letter).join('');
  if (/\d/.test(spelled)) return unleet(spelled);
  return foldWord(spelled).word;
}

/** "name@mail.example" is an address, not a word with a sign in it. */
function isNotAddress(text: string, start: number, token: string): boolean {
  const after = text[start + token.length];
  const before = start > 0 ? text[start - 1]! : ' ';
  return !(
    token.includes('@') &&
    ((after === '.' && /\p{L}/u.test(text[start + token.length + 1] ?? '')) || before === '.')
  );
}

/** A text is in Latin Kazakh also when its Latin words say so together: two points, and one for every three words. */
function respeltIn(words: readonly Word[], lang: string): Respelt | null {
  const latin: number[] = [];
  let evidence = 0;
  for (let i = 0; i < words.length; i += 1) {
    const { word } = words[i]!;
    const first = word.charCodeAt(0);
    if (first < 97 || (first > 0x024f && first !== SCHWA) || !LATIN_WORD.test(word)) continue;
    latin.push(i);
    if (latin.length <= MOST_LOOKED_AT) evidence += kazakhEvidence(word);
  }
  if (lang === 'ru-Latn') {
    const habits = russianHabits(latin.map((i) => words[i]!.word));
    return { lang, words: new Map(latin.map((i) => [i, toRussianCyrillic(words[i]!.word, habits)])) };
  }
  const isKazakh = evidence >= 2 && evidence * 3 >= Math.min(latin.length, MOST_LOOKED_AT);
  if (!isKazakh && lang !== 'kk-Latn') return null;
  return { lang: 'kk-Latn', words: new Map(latin.map((i) => [i, toKazakhCyrillic(words[i]!.word)])) };
}

const MOST_LOOKED_AT = 400;
const LATIN_WORD = /^[a-z\u00df-\u024fə]{2,}$/;
const SCHWA = 0x0259;
