/**
 * Text as Kuzet compares it: one normal form, words that keep Kazakh letters, look-alike letters
 * folded with the fact kept.
 *
 * All functions are linear in the length of the text and never throw.
 */

/** Zero-width and other letters that no reader sees; soft hyphen and the byte order mark among them. */
const INVISIBLE =
  /\u034f|[\u00ad\u061c\u115f\u1160]|[\u17b4\u17b5]|[\u180b-\u180e]|[\u200b-\u200f\u202a-\u202e\u2060-\u206f]|[\ufe00-\ufe0f]|\ufeff/g;

/** NFKC, invisible letters removed, every white space but line breaks a plain space: the form in which names are one. */
export function normalForm(text: string): string {
  return text
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(/[^\S\n]/g, ' ');
}

/**
 * The letters as a reader sees them: NFKC, invisible letters and marks that only decorate (strokes through
 * letters) removed, runs turned around by an override turned back, emoji and signs put into words taken out,
 * every white space but line breaks a plain space. Marks that make a letter of their own (й, ё, ş) stay.
 */
export function normalise(text: string): string {
  const need = needOf(text);
  if (need === 'nothing') return text;
  if (need === 'spaces') return text.replace(OTHER_SPACE, ' ');
  const turned = text.includes('\u202e') ? turnedBack(text) : text;
  return turned.normalize('NFKC').replace(UNSEEN, '').replace(INSIDE_WORD, '').replace(OTHER_SPACE, ' ');
}

const OTHER_SPACE = /[^\S\n]/g;

/**
 * What there is to do: nothing for ASCII, Cyrillic letters and plain quotes; `spaces` when there are tabs,
 * carriage returns or no-break spaces besides.
 */
function needOf(text: string): 'nothing' | 'spaces' | 'all' {
  let need: 'nothing' | 'spaces' = 'nothing';
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x0400) {
      if (unit <= 0x052f && (unit < 0x0483 || unit > 0x0489)) continue;
      if (!NORMAL_ABOVE.has(unit)) return 'all';
      continue;
    }
    const below = BELOW[unit]!;
    if (below === PRINTED) continue;
    if (below === SPACE) need = 'spaces';
    else if (below !== IN_WORD || (isCyrillic(text, i - 1) && isCyrillic(text, i + 1))) return 'all';
  }
  return need;
}

/** A letter that may have been parted from the next by a sign. */
function isCyrillic(text: string, at: number): boolean {
  const unit = at < 0 || at >= text.length ? 0 : text.charCodeAt(at);
  return unit >= 0x0400 && unit <= 0x052f;
}

const [PRINTED, SPACE, IN_WORD] = [1, 2, 3];
const BELOW = Uint8Array.from({ length: 0x400 }, (_, unit) => {
  if (unit === 9 || unit === 13 || unit === 0xa0) return SPACE;
  if (unit < 127 && '*_|~^'.includes(String.fromCharCode(unit))) return IN_WORD;
  return unit === 10 || (unit >= 32 && unit < 127) || unit === 0xab || unit === 0xbb ? PRINTED : 0;
});
/** Dashes, quotes, tenge, rouble, euro: none is changed by NFKC. */
const NORMAL_ABOVE: ReadonlySet<number> = new Set([
  0x2013, 0x2014, 0x2018, 0x2019, 0x201c, 0x201d, 0x201e, 0x20ac, 0x20b8, 0x20bd,
]);

const UNSEEN = new RegExp(
  `${INVISIBLE.source}|[\\u0300-\\u036f\\u0483-\\u0489\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f]`,
  'g',
);

/** Emoji between small letters; signs between small Cyrillic ones, since names of files and users have them, too. */
const INSIDE_WORD =
  /(?<=\p{Ll})\p{Extended_Pictographic}{1,3}(?=\p{Ll})|(?<=[а-яёәғқңөұүһі])[*_·•|~^](?=[а-яёәғқңөұүһі])/gu;

/** What stands behind a right-to-left override, as it is drawn: last letter first, up to the end of the line. */
function turnedBack(text: string): string {
  return text.replace(/\u202e([^\u202c-\u202e\n]*)\u202c?/g, (_, run: string) => [...run].reverse().join(''));
}

/** How many letters of a text no reader sees; emoji joiners count too, so a few are no sign of anything. */
export function countInvisible(text: string): number {
  return text.match(INVISIBLE)?.length ?? 0;
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const WORD_HERE = new RegExp(WORD.source, 'yu');
/** What a character below U+0530 is. */
const IS_IN_WORD = Uint8Array.from({ length: 0x530 }, (_, unit) =>
  String.fromCharCode(unit).search(WORD) === 0 ? 1 : 0,
);

/**
 * Words in lower case, in order; a run of letters, marks and digits is one word. A table tells the letters of most texts,
 * twice as fast as the pattern; only what is beyond it is asked of the pattern, a run at a time.
 */
export function words(text: string): string[] {
  const lowered = lower(text);
  const found: string[] = [];
  let from = -1;
  for (let at = 0; at < lowered.length; at += 1) {
    const unit = lowered.charCodeAt(at);
    if (unit < IS_IN_WORD.length) {
      if (IS_IN_WORD[unit] === 1) {
        if (from === -1) from = at;
      } else if (from !== -1) {
        found.push(lowered.slice(from, at));
        from = -1;
      }
      continue;
    }
    if (from === -1) from = at;
    WORD_HERE.lastIndex = from;
    const run = WORD_HERE.exec(lowered)?.[0];
    if (run === undefined) {
      if (lowered.codePointAt(at)! > 0xffff) at += 1;
    } else {
      found.push(run);
      at = from + run.length - 1;
    }
    from = -1;
  }
  if (from !== -1) found.push(lowered.slice(from));
  return found;
}

/** A word and where it stands: `start` and `end` are offsets into the text given. */
export interface Word {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** Lower case that keeps the length of the text, so that offsets stay true. */
export function lower(text: string): string {
  const lowered = text.toLowerCase();
  return lowered.length === text.length ? lowered : text.replace(/İ/g, 'I').toLowerCase();
}

/** Latin letters that look like Cyrillic ones, in lower case; the pair is used both ways. */
const LOOKALIKES: readonly (readonly [latin: string, cyrillic: string])[] = [
  ['a', 'а'],
  ['b', 'в'],
  ['c', 'с'],
  ['e', 'е'],
  ['h', 'н'],
  ['i', 'і'],
  ['k', 'к'],
  ['m', 'м'],
  ['o', 'о'],
  ['p', 'р'],
  ['t', 'т'],
  ['u', 'и'],
  ['x', 'х'],
  ['y', 'у'],
  ['r', 'г'],
  ['n', 'п'],
  ['3', 'з'],
  ['0', 'о'],
  ['6', 'б'],
  ['4', 'ч'],
];
const TO_CYRILLIC: ReadonlyMap<string, string> = new Map(LOOKALIKES);
const TO_LATIN: ReadonlyMap<string, string> = new Map(
  [...LOOKALIKES]
    .reverse()
    .filter(([latin]) => /[a-z]/.test(latin))
    .map(([latin, cyrillic]) => [cyrillic, latin]),
);
const CYRILLIC = /[\u0400-\u052f]/g;
const LATIN = /[a-z]/g;

/**
 * A word written in two alphabets, put into one: that of the letters which resemble none of the other
 * (`д` in "дoxoд"), else that of most letters, Cyrillic on a tie.
 * Digits stand for letters only inside a word that is mixed already or has letters on both sides of them.
 */
export function foldWord(word: string): { readonly word: string; readonly isMixed: boolean } {
  if (isOfOneAlphabet(word)) return { word, isMixed: false };
  const cyrillic = word.match(CYRILLIC)?.length ?? 0;
  const latin = word.match(LATIN)?.length ?? 0;
  const isMixed = cyrillic > 0 && latin > 0;
  const hasInnerDigit = cyrillic > 1 && /[\u0400-\u052f][0346][\u0400-\u052f]/.test(word);
  if (!isMixed && !hasInnerDigit) return { word, isMixed: false };
  const own = { cyrillic: 0, latin: 0 };
  for (const letter of word) {
    if (letter >= '\u0400' && letter <= '\u052f' && !TO_LATIN.has(letter)) own.cyrillic += 1;
    if (letter >= 'a' && letter <= 'z' && !TO_CYRILLIC.has(letter)) own.latin += 1;
  }
  const isCyrillic = own.cyrillic === own.latin ? cyrillic >= latin : own.cyrillic > own.latin;
  const map = isCyrillic ? TO_CYRILLIC : TO_LATIN;
  return { word: Array.from(word, (letter) => map.get(letter) ?? letter).join(''), isMixed: true };
}

function isOfOneAlphabet(word: string): boolean {
  let cyrillic = 0;
  let latin = 0;
  for (let i = 0; i < word.length; i += 1) {
    const unit = word.charCodeAt(i);
    if (unit >= 0x0400 && unit <= 0x052f) cyrillic += 1;
    else if (unit >= 97 && unit <= 122) latin += 1;
  }
  return cyrillic === word.length || latin === word.length;
}

/** The whole text in lower case with mixed words folded, and which words were mixed (as written, in order). */
export function foldLookalikes(text: string): { readonly text: string; readonly mixed: readonly string[] } {
  const mixed: string[] = [];
  const folded = lower(text).replace(WORD, (word) => {
    const it = foldWord(word);
    if (it.isMixed) mixed.push(word);
    return it.word;
  });
  return { text: folded, mixed };
}

/** Lines with something on them, trimmed. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Sentences with their places: cut at `. ! ? …` followed by space, and at line breaks. */
export function sentences(text: string): { readonly start: number; readonly end: number }[] {
  const found: { start: number; end: number }[] = [];
  let start = 0;
  let isBlank = true;
  for (let at = 0; at <= text.length; at += 1) {
    const unit = at === text.length ? LINE : text.charCodeAt(at);
    const isEnd = unit === LINE || (isStop(unit) && (at + 1 === text.length || isSpace(text, at + 1)));
    if (!isEnd) {
      isBlank &&= isSpace(text, at);
      continue;
    }
    if (!isBlank) found.push({ start, end: Math.min(at + 1, text.length) });
    start = at + 1;
    isBlank = true;
  }
  return found;
}

const LINE = 10;

/** `. ! ? …` */
function isStop(unit: number): boolean {
  return unit === 0x2e || unit === 0x21 || unit === 0x3f || unit === 0x2026;
}

/** White space as patterns and `trim` have it: ECMA-262, WhiteSpace and LineTerminator. */
function isSpace(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit <= 0x20) return unit === 0x20 || (unit >= 9 && unit <= 13);
  return unit >= 0xa0 && (unit < 0x400 || unit >= 0x1680) && /\s/.test(text[at]!);
}

/** At most `longest` characters around a place, on one line, as an officer is shown it. */
export function excerptAround(text: string, start: number, end: number, longest = 200): string {
  const room = Math.max(0, longest - (end - start));
  const from = Math.max(0, start - Math.floor(room / 3));
  const to = Math.min(text.length, from + longest);
  return text.slice(from, to).replace(/\s+/g, ' ').trim().slice(0, longest);
}

/**
 * How Kazakh is written in Latin letters: the alphabet of 2021, the acute one of 2018, and the one of
 * chats. Lower case; letters that are not listed stay.
 * Sources: Decree of the President of Kazakhstan No. 637 (2018-02-19) and the draft of 2021-01-28.
 */
export const KAZAKH_LATIN = {
  2021: latin('ä b v g ğ d e e j z i i k q l m n ñ o ö p r s t u ū ü f h h ts ch ş sh  y ı  e iu ia'),
  2018: latin('á b v g ǵ d e e j z ı ı k q l m n ń o ó p r s t ý u ú f h h ts ch sh shch  y i  e ıý ıa'),
  chat: latin('a b v g g d e e zh z i i k k l m n n o o p r s t u u u f kh h ts ch sh sh  y i  e yu ya'),
} as const;

function latin(spelling: string): ReadonlyMap<string, string> {
  const letters = 'ә б в г ғ д е ё ж з и й к қ л м н ң о ө п р с т у ұ ү ф х һ ц ч ш щ ь ы і ъ э ю я'.split(
    ' ',
  );
  const spelled = spelling.split(' ');
  return new Map([['а', 'a'], ...letters.map((letter, at): [string, string] => [letter, spelled[at] ?? ''])]);
}

/** Kazakh in Cyrillic spelled with Latin letters, in lower case. */
export function toKazakhLatin(text: string, spelling: keyof typeof KAZAKH_LATIN): string {
  const map = KAZAKH_LATIN[spelling];
  return Array.from(lower(text), (letter) => map.get(letter) ?? letter).join('');
}
