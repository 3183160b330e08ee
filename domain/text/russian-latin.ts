/**
 * Russian in Latin letters, as people type it without a Russian keyboard, put back into Cyrillic:
 * "zarabotok bez vlozhenij", "zarabotok bez vlojeniy" -> "заработок без вложений".
 *
 * There are as many spellings as people. Most letters are spelled one way; what a `j`, `w` or `x` stands for is
 * read off the other letters of the text (`russianHabits`); what is left out (soft signs, mostly) stays out. To
 * compare words, compare their sounds (`russianSounds`).
 */
import { lower } from '../text.ts';

/** Russian spelled with Latin letters, in lower case, by one spelling for each letter; `ё` is `е` where none is given. */
export function toRussianLatin(text: string, habits: Readonly<Record<string, string>> = {}): string {
  return Array.from(lower(text), (letter) => habits[letter] ?? USUAL[letter] ?? letter).join('');
}

/** The spelling that most people fall into, one a letter. */
const USUAL: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from('абвгдеёжзийклмнопрстуфхцчшщъыьэюя', (letter, at) => [
    letter,
    'a b v g d e e zh z i y k l m n o p r s t u f h c ch sh sch  y  e yu ya'.split(' ')[at]!,
  ]),
);

/** What a letter stands for where people differ. */
export interface RussianHabits {
  /** "vlojenij": `ж`; "vlozhenij": `й`, and with a vowel behind it `я`, `ю`, `ё`. */
  readonly j: 'ж' | 'й';
  /** "xorowo": `ш`; "washa": `в`. */
  readonly w: 'в' | 'ш';
}

/** @param words of one text, in lower case: a person keeps a habit through a text. */
export function russianHabits(words: Iterable<string>): RussianHabits {
  let glides = 0;
  let hushes = 0;
  let hasSh = false;
  for (const word of words) {
    if (word.includes('zh')) glides += 2;
    // "moj", "novyj", "zarabotaju", "novaja": hardly a word has a "ж" there.
    if (/[aeiouy]j(?![aeiouy])|[aeiouy]j[au]$/.test(word)) glides += 2;
    else if (/ju|^ja|j[ao]$|ja[mtx]/.test(word)) glides += 1;
    if (/ji|(?<![aeiouy])je|^j[eo]/.test(word) || /[iye]y$/.test(word)) hushes += 1;
    if (word.includes('sh')) hasSh = true;
  }
  return { j: glides > hushes ? 'й' : 'ж', w: hasSh ? 'в' : 'ш' };
}

const GROUPS: Readonly<Record<string, string>> = {
  shch: 'щ',
  tsya: 'тся',
  tsja: 'тся',
  tsia: 'тся',
  sch: 'щ',
  zh: 'ж',
  kh: 'х',
  ch: 'ч',
  sh: 'ш',
  ts: 'ц',
  tz: 'ц',
  yo: 'е',
  yu: 'ю',
  ya: 'я',
  ye: 'е',
  iu: 'ю',
  eh: 'э',
  ck: 'к',
};
/** With a `j` that is a glide. */
const GLIDES: Readonly<Record<string, string>> = { ja: 'я', ju: 'ю', jo: 'е', je: 'е' };
const LONGEST_GROUP = 4;
const LETTERS: Readonly<Record<string, string>> = {
  a: 'а',
  b: 'б',
  c: 'ц',
  d: 'д',
  e: 'е',
  f: 'ф',
  g: 'г',
  h: 'х',
  i: 'и',
  k: 'к',
  l: 'л',
  m: 'м',
  n: 'н',
  o: 'о',
  p: 'п',
  q: 'к',
  r: 'р',
  s: 'с',
  t: 'т',
  u: 'у',
  v: 'в',
  x: 'х',
  z: 'з',
  č: 'ч',
  š: 'ш',
  ž: 'ж',
  ě: 'е',
  é: 'е',
};
const VOWEL = /[aeiouy]/;
/** "eto", "ekonomika", "elektro": what begins with "э" in Russian; all else with "е". */
const BEGINS_WITH_E = /^e(?=t[aiou]|k[osz]|kr|le[ktm]|ne?r|f[if]|mi|mo|h|x|ra$|p[io])/;
/** "schet", "schast'e", "schitat", "raschet" have "сч", other words "щ". */
const SCH_APART = /^(?:ras?)?sch(?=et|as|it)/;

/** A Latin word, in lower case, as Russian writes it; letters that are not listed stay. */
export function toRussianCyrillic(word: string, habits: RussianHabits): string {
  let spelled = '';
  let at = 0;
  const begin = SCH_APART.exec(word)?.[0];
  if (begin !== undefined) {
    spelled = begin.startsWith('ra') ? 'расч' : 'сч';
    at = begin.length;
  } else if (BEGINS_WITH_E.test(word)) {
    spelled = 'э';
    at = 1;
  }
  while (at < word.length) {
    const group = groupAt(word, at, habits);
    if (group === undefined) {
      spelled += letterAt(word, at, habits);
      at += 1;
    } else {
      spelled += group.stands;
      at += group.length;
    }
  }
  return spelled;
}

function groupAt(
  word: string,
  at: number,
  { j }: RussianHabits,
): { readonly stands: string; readonly length: number } | undefined {
  for (let length = LONGEST_GROUP; length > 1; length -= 1) {
    const group = word.slice(at, at + length);
    if (group.length < length) continue;
    // "detskij" has "тс": "ц" stands before vowels and at the end.
    if (group === 'ts' && /[bdgkmnprstv]/.test(word[at + 2] ?? '')) continue;
    // "sxema" is no "sx", "kinoxit" no "eh": an "h" before a vowel is a letter of its own.
    if (group === 'eh' && (at > 0 || VOWEL.test(word[at + 2] ?? ''))) continue;
    const stands = GROUPS[group] ?? (j === 'й' ? GLIDES[group] : undefined);
    if (stands !== undefined) return { stands, length };
  }
  return undefined;
}

function letterAt(word: string, at: number, { j, w }: RussianHabits): string {
  const letter = word[at]!;
  const isAfterVowel = at > 0 && VOWEL.test(word[at - 1]!);
  if (letter === 'j') return j === 'ж' ? 'ж' : 'й';
  if (letter === 'w') return w;
  if (letter === 'y') return isAfterVowel ? 'й' : 'ы';
  // "noviy", "rabotai": an "i" behind another vowel at the end is a glide.
  if (letter === 'i' && at === word.length - 1 && at > 1 && /[aeo]/.test(word[at - 1]!)) return 'й';
  return LETTERS[letter] ?? letter;
}

/** One key for all Latin spellings of a Russian word put back, and for the word itself: "деньги", "денги" are "денги". */
export function russianSounds(word: string): string {
  let key = '';
  for (const letter of word) {
    const sound = SOUNDS[letter] ?? letter;
    if (sound !== '' && key[key.length - 1] !== sound) key += sound;
  }
  return key;
}

/** What some spelling leaves out or writes alike. */
const SOUNDS: Readonly<Record<string, string>> = {
  ь: '',
  ъ: '',
  ё: 'е',
  э: 'е',
  ы: 'и',
  й: 'и',
  щ: 'ш',
};
