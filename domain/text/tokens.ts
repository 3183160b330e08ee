/**
 * The tokens of a text in lower case, in order: what `TOKEN` finds, and the same, but most of them without
 * asking it. Nearly all words are runs of letters of one alphabet; a table tells them, five times faster.
 */

/**
 * A number in groups of three digits; letters that stand apart; a word with signs for letters in it; a word;
 * a sign of money or `%`. Every alternative begins and ends with what it needs, so none backtracks far.
 */
export const TOKEN =
  /\d{1,3}(?:[ ,.]\d{3})+(?!\d)|(?<![\p{L}\p{M}\p{N}])[\p{L}\p{N}](?:([ \-._*·|/~+])[\p{L}\p{N}](?![\p{L}\p{M}\p{N}])){3,39}|[\p{L}\p{M}\p{N}]+(?:[@$][\p{L}\p{M}\p{N}]+)*|[%$€₸₽]/gu;

const HERE = new RegExp(TOKEN.source, 'yu');
const IN_WORD = /[\p{L}\p{M}\p{N}]/u;

/**
 * @param take told of every token: where it begins and ends, what stands between its letters when they stand
 * apart, and whether it is letters of one alphabet, or digits alone, in which there is nothing to fold.
 */
export type TakeToken = (start: number, end: number, separator: string | undefined, isPlain: boolean) => void;

/** What a character is, where a table says it; `ASK` for all that it does not. */
const [OTHER, CYRILLIC, LATIN, DIGIT, SIGN, ASK] = [0, 1, 2, 3, 4, 5];
const KINDS = Uint8Array.from({ length: 0x530 }, (_, unit) => {
  const letter = String.fromCharCode(unit);
  if (unit >= 0x0483 && unit <= 0x0489) return ASK;
  if (unit >= 0x0400) return IN_WORD.test(letter) ? CYRILLIC : ASK;
  if (unit >= 97 && unit <= 122) return LATIN;
  if (unit >= 48 && unit <= 57) return DIGIT;
  if (letter === '%' || letter === '$') return SIGN;
  return IN_WORD.test(letter) ? ASK : OTHER;
});

export function tokensIn(text: string, take: TakeToken): void {
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at);
    const kind = unit < KINDS.length ? KINDS[unit]! : ASK;
    if (kind === OTHER) {
      at += 1;
      continue;
    }
    if (kind === SIGN) {
      take(at, at + 1, undefined, false);
      at += 1;
      continue;
    }
    const end = kind === ASK ? -1 : plainEnd(text, at, kind);
    if (end !== -1) {
      take(at, end, undefined, true);
      at = end;
      continue;
    }
    HERE.lastIndex = at;
    const match = HERE.exec(text);
    if (match === null) {
      at += text.codePointAt(at)! > 0xffff ? 2 : 1;
      continue;
    }
    at += match[0].length;
    take(match.index, at, match[1], isPlain(match[0]));
  }
}

/** Where a run of one kind ends, when it is a whole token by itself; -1 when only the pattern can say. */
function plainEnd(text: string, from: number, kind: number): number {
  let at = from + 1;
  while (at < text.length && kindAt(text, at) === kind) at += 1;
  const next = kindAt(text, at);
  if ((next !== OTHER && next !== SIGN) || text[at] === '@' || text[at] === '$') return -1;
  if (kind === DIGIT && isGap(text.charCodeAt(at)) && kindAt(text, at + 1) === DIGIT) return -1;
  // One letter, something, one letter, something: the word may be spaced out.
  if (at === from + 1 && isInWord(text, at + 1) && !isInWord(text, at + 2) && isInWord(text, at + 3))
    return -1;
  return at;
}

function kindAt(text: string, at: number): number {
  if (at >= text.length) return OTHER;
  const unit = text.charCodeAt(at);
  return unit < KINDS.length ? KINDS[unit]! : unit >= 0x2010 && unit <= 0x2027 ? OTHER : ASK;
}

/** May be wrong only in saying that it is. */
function isInWord(text: string, at: number): boolean {
  const kind = kindAt(text, at);
  return kind !== OTHER && kind !== SIGN;
}

function isGap(unit: number): boolean {
  return unit === 32 || unit === 44 || unit === 46;
}

function isPlain(token: string): boolean {
  let cyrillic = 0;
  let latin = 0;
  let digits = 0;
  for (let i = 0; i < token.length; i += 1) {
    const unit = token.charCodeAt(i);
    if (unit >= 0x0400 && unit <= 0x052f) cyrillic += 1;
    else if (unit >= 97 && unit <= 122) latin += 1;
    else if (unit >= 48 && unit <= 57) digits += 1;
  }
  return cyrillic === token.length || latin === token.length || digits === token.length;
}
