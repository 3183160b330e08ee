/**
 * The skeleton of a text: what is left of it when spelling no longer matters.
 *
 * One table maps every UTF-16 unit to at most three letters of a small alphabet in which letters that look
 * alike (Cyrillic `р`, Latin `p`) and letters that stand for each other in transliteration (Cyrillic `р`,
 * Latin `r`) are one. So a word, its look-alike spelling and its transliteration share a skeleton without
 * anyone deciding which alphabet a word was meant in:
 *
 *     a а ә      b в б v w      s с c      e е э ё      g г ғ      n н h х x ң һ      i и й і j y у u ы ұ ү
 *     k к қ q    p р r п        o о ө      z з          zn ж       sn ш ч щ           ia я     ts ц
 *
 * Letters that no reader sees and soft signs vanish, doubled letters are one, digits of every kind are
 * digits. A run of letters is a word, a run of digits a number; a word never holds a digit.
 */
import { mix } from '../mix.ts';

/** One word or number of a text. */
export interface Token {
  /** Skeleton of a word; a number as `12`, `120000` or `1.6`. */
  readonly word: string;
  /** What the number is; null for a word. */
  readonly value: number | null;
}

/** What a unit that vanishes is mapped to. */
const NOTHING = 0xffffff;

const LETTERS: Readonly<Record<string, string>> = {
  a: 'aаәáäαᴀ',
  b: 'bбвvwʙβѵ',
  s: 'sсcςσꜱᴄѕ',
  d: 'dдԁᴅδ',
  e: 'eеэёєεᴇҽ',
  f: 'fфƒ',
  g: 'gгғґɢγ',
  n: 'nнhхxңһɴʜχηո',
  i: 'iийіїjyуuыұүıʏᴜιυјլ',
  k: 'kкқqκᴋԛ',
  l: 'lлʟλ',
  m: 'mмᴍμ',
  o: 'oоөοᴏօ',
  p: 'pрrпρʀᴘπ',
  t: 'tтτᴛ',
  z: 'zзᴢζ',
  zn: 'жӂ',
  sn: 'шч',
  ssn: 'щ',
  ts: 'ц',
  i_: 'ю',
  ia: 'я',
  '': 'ьъ',
};

let table: Uint32Array | null = null;

/** Unit -> letters packed little-endian; 0 separates words, NOTHING vanishes. */
export function unitTable(): Uint32Array {
  if (table !== null) return table;
  const own = new Map<string, string>();
  for (const [skeleton, letters] of Object.entries(LETTERS)) {
    for (const letter of letters) own.set(letter, skeleton.replace('_', ''));
  }
  const made = new Uint32Array(65_536);
  for (let unit = 0; unit < 65_536; unit += 1) {
    if (unit >= 0xd800 && unit < 0xe000) continue;
    if (unit > 0x2fff && unit < 0xa700) continue;
    if (unit >= 0xac00 && unit < 0xf900) continue;
    made[unit] = skeletonOf(unit, own);
  }
  table = made;
  return made;
}

function skeletonOf(unit: number, own: ReadonlyMap<string, string>): number {
  const letter = String.fromCharCode(unit);
  if (/\p{M}|\p{Cf}|[\u115f\u1160]/u.test(letter)) {
    return NOTHING;
  }
  let packed = 0;
  let shift = 0;
  let isEmpty = true;
  for (const each of letter.normalize('NFKC').toLowerCase()) {
    const known = own.get(each) ?? own.get(each.normalize('NFD')[0]!);
    const out = known ?? (/[0-9]/.test(each) ? each : numeral(each));
    if (out === null) continue;
    isEmpty = false;
    for (const sign of out) {
      if (shift === 24) break;
      packed |= sign.charCodeAt(0) << shift;
      shift += 8;
    }
  }
  if (isEmpty) return 0;
  return packed === 0 ? NOTHING : packed;
}

/** Circled digits that compatibility folding leaves alone. */
function numeral(sign: string): string | null {
  const code = sign.codePointAt(0)!;
  if (code >= 0x2776 && code <= 0x277e) return String(code - 0x2775);
  if (code >= 0x24f5 && code <= 0x24fd) return String(code - 0x24f4);
  return null;
}

/** Space for the skeleton of one text; grows as needed and is reused. */
let bytes = new Uint8Array(1 << 16);

/**
 * Skeleton as bytes: words and numbers with one 0 between, none at the ends. The array is shared and good
 * until the next call; the number of bytes is returned.
 */
export function skeletonBytes(text: string): { readonly bytes: Uint8Array; readonly length: number } {
  const map = table ?? unitTable();
  if (bytes.length < text.length * 3 + 8) bytes = new Uint8Array(text.length * 4 + 8);
  const out = bytes;
  let at = 0;
  let last = 0;
  for (let i = 0; i < text.length; i += 1) {
    let packed = map[text.charCodeAt(i)]!;
    if (packed === NOTHING) continue;
    if (packed === 0) {
      if (last !== 0) {
        out[at] = 0;
        at += 1;
        last = 0;
      }
      continue;
    }
    while (packed !== 0) {
      const sign = packed & 255;
      packed >>>= 8;
      const isLetter = sign > 57;
      if (isLetter && sign === last) continue;
      if (last !== 0 && isLetter !== last > 57) {
        out[at] = 0;
        at += 1;
      }
      out[at] = sign;
      at += 1;
      last = sign;
    }
  }
  return { bytes: out, length: last === 0 && at > 0 ? at - 1 : at };
}

/** A number as sellers write it, with what multiplies it: `120 000`, `1,6`, `120 тыс`, `1.5 млн`. */
const NUMBER = /\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d])|\d+[.,]\d{1,2}(?![\d.,]*\d)|\d+/g;
const TIMES: readonly (readonly [RegExp, number])[] = [
  [/^\s?(?:тыс|мың|мын)(?![\p{L}])\.?/iu, 1_000],
  [/^\s?(?:млн|миллион\p{L}*)(?![\p{L}])\.?/iu, 1_000_000],
];

/** Words and numbers in order. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const plain = /[\u20e3\u2460-\u24ff\u2776-\u277e\uff10-\uff19]/.test(text) ? digitsOf(text) : text;
  let from = 0;
  NUMBER.lastIndex = 0;
  for (let match = NUMBER.exec(plain); match !== null; match = NUMBER.exec(plain)) {
    pushWords(plain.slice(from, match.index), tokens);
    let value = Number(match[0].replace(/[ \u00a0\u202f]/g, '').replace(',', '.'));
    from = match.index + match[0].length;
    const after = plain.slice(from, from + 12);
    for (const [unit, times] of TIMES) {
      const found = unit.exec(after);
      if (found === null) continue;
      value *= times;
      from += found[0].length;
      NUMBER.lastIndex = from;
    }
    tokens.push({ word: String(value), value });
  }
  pushWords(plain.slice(from), tokens);
  return tokens;
}

/** Digits of other kinds made plain, so that numbers can be read. */
function digitsOf(text: string): string {
  return text.replace(
    /[\u2460-\u2468\u24ea\u2776-\u277e\u24f5-\u24fd\uff10-\uff19]|\ufe0f?\u20e3/g,
    (sign) => (sign.endsWith('\u20e3') ? '' : (numeral(sign) ?? sign.normalize('NFKC'))),
  );
}

function pushWords(text: string, into: Token[]): void {
  if (text === '') return;
  const { bytes: all, length } = skeletonBytes(text);
  if (length === 0) return;
  // Signs are below 128. A TextDecoder takes ten times as long for a few words.
  for (const word of Buffer.from(all.buffer, all.byteOffset, length).toString('latin1').split('\u0000')) {
    if (word !== '') into.push({ word, value: null });
  }
}

/** 32-bit FNV-1a of a skeleton, mixed. */
export function hashWord(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i += 1) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** Two hashes as one, order kept. */
export function joinHashes(first: number, second: number): number {
  return mix(Math.imul(first, 0x9e3779b1) + second);
}
