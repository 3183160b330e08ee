/**
 * Phones in an advertisement's words, however they are hidden: spelled out, in circled or keycap digits,
 * in letters that look like digits, spread by spaces, dots and words that say nothing.
 *
 * A text is read as runs of atoms (digits and what stands for them, with at most a few separators between);
 * a run is a phone when a numbering plan knows it. Plans are libphonenumber's. Numbers without a country are
 * Kazakhstan's and Russia's, which share +7: Kazakhstan has 7 (6|7)xx (ITU-T E.164, list of codes).
 * Linear in the length of the text; never throws.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

export interface FoundPhone {
  /** `+` and digits. */
  readonly e164: string;
  /** Place in the text given: from the first digit to after the last. */
  readonly start: number;
  readonly end: number;
  /** Written so that a plain search for digits misses it. */
  readonly isHidden: boolean;
}

/** Phones of a text in order of sight; a number written twice is found twice. */
export function findPhones(text: string): FoundPhone[] {
  const found: FoundPhone[] = [];
  if (text.length < SHORTEST_RUN || !mayHoldPhone(text)) return found;
  for (const run of runsOf(text)) {
    if (run.length < 2 && run[0]!.digits.length < 10) continue;
    phonesIn(run, text, found);
  }
  return found;
}

/** A phone given in a field of its own, as E.164; null when it is none. */
export function phoneOf(written: string): string | null {
  const digits = written.replace(/[^\d+]/g, '');
  return e164Of(digits.replace(/\D/g, ''), digits.startsWith('+'));
}

/** Not Kazakhstan's: anything but +7 6xx and +7 7xx. */
export function isForeignPhone(e164: string): boolean {
  return !/^\+7[67]/.test(e164);
}

/** The text without phones found in it; where one stood is ` · `. */
export function withoutPhones(text: string, phones: readonly FoundPhone[]): string {
  if (phones.length === 0) return text;
  let left = '';
  let from = 0;
  for (const { start, end } of phones) {
    if (start < from) continue;
    left += `${text.slice(from, start)} · `;
    from = end;
  }
  return left + text.slice(from);
}

interface Atom {
  /** One or more digits; '' for a word that only fills. */
  readonly digits: string;
  readonly start: number;
  readonly end: number;
  /** `plain` 0-9; `sign` other digits of Unicode; `word`; `letter` that looks like a digit; `filler`. */
  readonly kind: 'plain' | 'sign' | 'word' | 'letter' | 'filler';
  /** Something stands between it and the atom before. */
  readonly isApart: boolean;
  /** What stands between is longer or stranger than phones are written with: `_`, `*`, `...`. */
  readonly isStrange: boolean;
  /** A plus stands right before. */
  readonly hasPlus: boolean;
}

const UNITS = [
  'ноль нуль нөл zero',
  'один одна раз бір one',
  'два две екі two',
  'три үш three',
  'четыре төрт four',
  'пять бес five',
  'шесть алты six',
  'семь жеті seven',
  'восемь сегіз eight',
  'девять тоғыз nine',
];
const TENS = 'двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто'.split(' ');
const KAZAKH_TENS = 'он жиырма отыз қырық елу алпыс жетпіс сексен тоқсан'.split(' ');
const TEENS =
  'десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать'.split(
    ' ',
  );
const HUNDREDS = 'сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот'.split(' ');

const SPOKEN: ReadonlyMap<string, number> = new Map([
  ...UNITS.flatMap((names, value) => names.split(' ').map((name): [string, number] => [name, value])),
  ...TEENS.map((name, at): [string, number] => [name, 10 + at]),
  ...TENS.map((name, at): [string, number] => [name, 20 + 10 * at]),
  ...KAZAKH_TENS.map((name, at): [string, number] => [name, 10 + 10 * at]),
  ...HUNDREDS.map((name, at): [string, number] => [name, 100 + 100 * at]),
]);

const FILLERS: ReadonlySet<string> = new Set('потом затем далее дальше плюс кейін сосын then'.split(' '));

const LETTERS: Readonly<Record<string, string>> = {
  O: '0',
  o: '0',
  О: '0',
  о: '0',
  l: '1',
  I: '1',
  '|': '1',
  Z: '2',
  z: '2',
  З: '3',
  з: '3',
  ч: '4',
  Ч: '4',
  S: '5',
  s: '5',
  б: '6',
  Б: '6',
  т: '7',
  Т: '7',
  В: '8',
  в: '8',
  B: '8',
  g: '9',
  q: '9',
};

/** The frame that makes a keycap of the digit before it. */
const KEYCAP = '\\ufe0f?\\u20e3';
const SIGN =
  '\\uff10-\\uff19\\u2460-\\u2468\\u24ea\\u2070\\u00b9\\u00b2\\u00b3\\u2074-\\u2079\\u2080-\\u2089\\u2776-\\u277e\\u24f5-\\u24fd\\u{1d7ce}-\\u{1d7ff}';
const GAP =
  '\\s.\\-\\u2010-\\u2015_*()+:~\\u2026\\u00b7\\u2022\\ufe0f\\u200b-\\u200d\\u2060\\u00ad\\p{Extended_Pictographic}';

/** A word, a digit of any kind, or one other character. */
const PIECE = new RegExp(`${KEYCAP}|[0-9]+|[${SIGN}]|[\\p{L}\\p{M}|]+|[^]`, 'gu');
const SEPARATOR = new RegExp(`^(?![0-9])[${GAP}]$`, 'u');

/** Where a run may be: nothing but digits, what stands for them and what stands between. */
const SUSPECT = new RegExp(
  `(?:${[...SPOKEN.keys(), ...FILLERS].sort((a, b) => b.length - a.length).join('|')}|[0-9\\u20e3${SIGN}${Object.keys(LETTERS).join('')}${GAP}])+`,
  'giu',
);
const DIGIT_OR_WORD = new RegExp(`[0-9${SIGN}]|[\\p{L}]{3,}`, 'gu');
/** Longer gaps end a run. */
const WIDEST_GAP = 7;
const LONGEST_RUN = 64;
/** In letters. */
const SHORTEST_RUN = 9;

/** Runs of atoms; each has a digit of some kind at both ends. */
function* runsOf(text: string): Generator<Atom[]> {
  for (const match of text.matchAll(SUSPECT)) {
    if (match[0].length < SHORTEST_RUN || (match[0].match(DIGIT_OR_WORD)?.length ?? 0) < 4) continue;
    let start = match.index;
    while (start > 0 && /[\p{L}\p{M}]/u.test(text[start - 1]!)) start -= 1;
    yield* runsIn(text.slice(start, match.index + match[0].length), start);
  }
}

const BREAK = 0;
const DIGIT = 1;
const BETWEEN = 2;
const LOOKS_LIKE_DIGIT = 3;
const LETTER = 4;
let classes: Uint8Array | null = null;

/** Of every UTF-16 unit; halves of pairs count as standing between. */
function unitClasses(): Uint8Array {
  const made = new Uint8Array(65_536);
  const digit = new RegExp(`[0-9${SIGN}]`, 'u');
  const between = new RegExp(`[${GAP}\\u20e3]`, 'u');
  for (let unit = 0; unit < 65_536; unit += 1) {
    const sign = String.fromCharCode(unit);
    if (unit >= 0xd800 && unit < 0xe000) made[unit] = BETWEEN;
    else if (digit.test(sign)) made[unit] = DIGIT;
    else if (LETTERS[sign] !== undefined) made[unit] = LOOKS_LIKE_DIGIT;
    else if (between.test(sign)) made[unit] = BETWEEN;
    else made[unit] = /[\p{L}\p{M}]/u.test(sign) ? LETTER : BREAK;
  }
  return made;
}

let lengths: Uint16Array | null = null;

/** Of every UTF-16 unit, as bits, how long the number words and fillers are that begin with it, in capitals too. */
function wordLengths(): Uint16Array {
  const ofLetter = new Map<string, number>();
  for (const word of [...SPOKEN.keys(), ...FILLERS]) {
    ofLetter.set(word[0]!, (ofLetter.get(word[0]!) ?? 0) | (1 << word.length));
  }
  return Uint16Array.from(
    { length: 65_536 },
    (_, unit) => ofLetter.get(String.fromCharCode(unit).toLowerCase()) ?? 0,
  );
}

/**
 * Whether a text has a run of nine digits or what may stand for them. One pass without expressions, since
 * most texts have none and are done here; says yes too often, never no where there is one.
 */
function mayHoldPhone(text: string): boolean {
  classes ??= unitClasses();
  lengths ??= wordLengths();
  let digits = 0;
  for (let at = 0; at < text.length; at += 1) {
    const kind = classes[text.charCodeAt(at)]!;
    if (kind === DIGIT) digits += 1;
    else if (kind === BREAK) digits = 0;
    else if (kind >= LOOKS_LIKE_DIGIT) {
      const from = at;
      let isLookAlike = true;
      for (; at < text.length; at += 1) {
        const each = classes[text.charCodeAt(at)]!;
        if (each < LOOKS_LIKE_DIGIT) break;
        if (each === LETTER) isLookAlike = false;
      }
      const length = at - from;
      at -= 1;
      if (isLookAlike && length <= 12) digits += length;
      else if (length > 14) digits = 0;
      else {
        // Most words are none of these by their first letter and length: nothing is cut out of the text for them.
        const mayBe = (lengths[text.charCodeAt(from)]! & (1 << length)) !== 0;
        const word = mayBe ? text.slice(from, from + length).toLowerCase() : '';
        if (SPOKEN.has(word)) digits += 3;
        else if (!FILLERS.has(word)) digits = 0;
      }
    }
    if (digits >= 9) return true;
  }
  return false;
}

function* runsIn(text: string, offset: number): Generator<Atom[]> {
  let run: Atom[] = [];
  let gap = '';
  const isLong = () => run.reduce((sum, atom) => sum + atom.digits.length, 0) >= 9;
  const pieces = [...text.matchAll(PIECE)];
  for (let at = 0; at < pieces.length; at += 1) {
    const start = offset + pieces[at]!.index;
    const piece = pieces[at]![0];
    const atoms = atomsOf(piece, start, run.length > 0, gap, pieces[at + 1]?.[0]);
    if (atoms !== null && run.length < LONGEST_RUN) {
      run.push(...atoms);
      gap = '';
    } else if (atoms === null && SEPARATOR.test(piece) && gap.length + piece.length <= WIDEST_GAP) {
      gap += piece;
    } else {
      if (isLong()) yield trimmed(run);
      run = [];
      gap = '';
    }
  }
  if (isLong()) yield trimmed(run);
}

/** What a piece stands for; null when it is no digit of any kind. */
function atomsOf(
  piece: string,
  start: number,
  isInRun: boolean,
  gap: string,
  next: string | undefined,
): Atom[] | null {
  const first = { isApart: gap !== '', isStrange: isStrange(gap), hasPlus: gap.endsWith('+') };
  const atom = (digits: string, from: number, to: number, kind: Atom['kind']): Atom => ({
    digits,
    start: from,
    end: to,
    kind,
    ...(from === start ? first : { isApart: false, isStrange: false, hasPlus: false }),
  });
  const end = start + piece.length;
  if (/^[0-9]+$/.test(piece)) return [atom(piece, start, end, 'plain')];
  if (piece.endsWith('\u20e3')) return isInRun ? [atom('', start, end, 'sign')] : null;
  if (!/^[\p{L}|]/u.test(piece)) {
    const digit = digitOf(piece);
    return digit === null ? null : [atom(digit, start, end, 'sign')];
  }
  const word = piece.toLowerCase();
  const spoken = SPOKEN.get(word);
  if (spoken !== undefined) return [atom(String(spoken), start, end, 'word')];
  if (isInRun && FILLERS.has(word)) return [atom('', start, end, 'filler')];
  // Letters stand for digits beside digits, or alone among them; a word of such letters is a word.
  const isBesideDigit = (isInRun && gap === '') || (next !== undefined && /^[0-9\u2460-\u24ea]/.test(next));
  if (!isBesideDigit && !(isInRun && piece.length <= 2)) return null;
  if (piece.length > 6) return null;
  const atoms: Atom[] = [];
  for (const [at, letter] of [...piece].entries()) {
    const digit = LETTERS[letter];
    if (digit === undefined) return null;
    atoms.push(atom(digit, start + at, start + at + 1, 'letter'));
  }
  return atoms;
}

function digitOf(piece: string): string | null {
  const code = piece.codePointAt(0)!;
  if (code === 0x24ea) return '0';
  if (code >= 0x24f5 && code <= 0x24fd) return String(code - 0x24f4);
  if (code >= 0x2776 && code <= 0x277e) return String(code - 0x2775);
  const plain = piece.normalize('NFKC')[0]!;
  return plain >= '0' && plain <= '9' ? plain : null;
}

function isStrange(gap: string): boolean {
  return /[_*~:]|\.\s*\.|\u2026|\p{Extended_Pictographic}|[\u200b-\u200d\u2060\u00ad]|\s\S\s|\n/u.test(gap);
}

function trimmed(run: Atom[]): Atom[] {
  let last = run.length;
  while (last > 0 && (run[last - 1]!.kind === 'filler' || isLooseLetter(run, last - 1))) last -= 1;
  return run.slice(0, last);
}

function isLooseLetter(run: readonly Atom[], at: number): boolean {
  return run[at]!.kind === 'letter' && run[at]!.isApart && at < 9;
}

/** All of a run if it is one number, else the numbers that stand in it between separators, left to right. */
function phonesIn(run: readonly Atom[], text: string, found: FoundPhone[]): void {
  if (run.length === 0) return;
  const whole = numberOf(run);
  if (whole !== null) {
    found.push(foundAs(whole, run, text));
    return;
  }
  for (let from = 0; from < run.length; from += 1) {
    if (from > 0 && !run[from]!.isApart) continue;
    let digits = 0;
    for (let to = from; to < run.length && digits <= 15; to += 1) {
      digits += run[to]!.digits.length;
      const isEnd = to + 1 === run.length || run[to + 1]!.isApart;
      if (!isEnd || digits < 10) continue;
      const window = run.slice(from, to + 1);
      const e164 = numberOf(window);
      if (e164 === null) continue;
      found.push(foundAs(e164, window, text));
      from = to;
      break;
    }
  }
}

function foundAs(e164: string, atoms: readonly Atom[], text: string): FoundPhone {
  const singles = atoms.filter((atom) => atom.kind === 'plain' && atom.digits.length === 1).length;
  const isHidden =
    atoms.some((atom) => atom.kind !== 'plain') ||
    atoms.slice(1).some((atom) => atom.isStrange) ||
    singles > 6;
  const start = atoms[0]!.start;
  return {
    e164,
    start: atoms[0]!.hasPlus && text[start - 1] === '+' ? start - 1 : start,
    end: atoms.at(-1)!.end,
    isHidden,
  };
}

/** Number words are tried as digits, then as fillers: sellers put them in to break the number up. */
function numberOf(atoms: readonly Atom[]): string | null {
  const hasPlus = atoms[0]!.hasPlus;
  const letters = atoms.filter((atom) => atom.kind === 'letter').length;
  const isMostlyLetters = letters > 0 && letters > 0.7 * atoms.reduce((sum, it) => sum + it.digits.length, 0);
  if (isMostlyLetters) return null;
  const spoken = e164Of(spell(atoms), hasPlus);
  if (spoken !== null) return spoken;
  const words = atoms.filter((atom) => atom.kind === 'word').length;
  if (words === 0 || words > 3) return null;
  return e164Of(
    atoms
      .filter((atom) => atom.kind !== 'word')
      .map((atom) => atom.digits)
      .join(''),
    hasPlus,
  );
}

/** `семьсот один` is 701 and `двадцать три` 23, but `один два` is 12. */
function spell(atoms: readonly Atom[]): string {
  let digits = '';
  for (let at = 0; at < atoms.length; at += 1) {
    const atom = atoms[at]!;
    if (atom.kind !== 'word') {
      digits += atom.digits;
      continue;
    }
    let value = Number(atom.digits);
    let room = value >= 100 ? 100 : value >= 20 && value % 10 === 0 ? 10 : 0;
    while (room > 1 && atoms[at + 1]?.kind === 'word') {
      const next = Number(atoms[at + 1]!.digits);
      if (next === 0 || next >= room) break;
      value += next;
      room = next >= 20 && next % 10 === 0 ? 10 : 0;
      at += 1;
    }
    digits += String(value);
  }
  return digits;
}

/** With +, a number of any country; without, what sellers here write: 8 or 7 and ten digits, ten digits, or a country code. */
function e164Of(digits: string, hasPlus: boolean): string | null {
  if (digits.length < 10 || digits.length > 15) return null;
  if (hasPlus) return valid(`+${digits}`);
  if (digits.length === 11 && (digits[0] === '8' || digits[0] === '7')) return valid(`+7${digits.slice(1)}`);
  if (digits.length === 10) return /^(?:7[0-7]|9)/.test(digits) ? valid(`+7${digits}`) : null;
  return (digits.length === 12 || digits.length === 13) && ABROAD.test(digits) ? valid(`+${digits}`) : null;
}

/** Country codes that are written without + here: neighbours, and where messenger fraud is commonly sent from. */
const ABROAD =
  /^(?:380|375|37[0-4]|99[2-68]|44|4[89]|86|9[01]|84|6[236]|85[56]|971|972|2(?:12|20|25|29|3[347]|5[4-6]))/;

/** Ofcom's mobile numbers for drama: in no plan, and so the ones that examples are made of. */
const FOR_DRAMA = /^\+447700900\d{3}$/;

function valid(e164: string): string | null {
  return FOR_DRAMA.test(e164) || parsePhoneNumberFromString(e164)?.isValid() === true ? e164 : null;
}
