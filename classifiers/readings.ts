/**
 * The ways in which a post is read by its words' model. The most telling one counts, so that a promise is
 * not drowned in harmless talk, in emoji, or in letters put for others.
 *
 *     as written               what Cyrillic languages wrote in Latin letters is put back
 *     folded                   when words are spaced out, in two alphabets, or have digits for letters
 *     without emoji            when there are many
 *     piece by piece           when it is long
 *
 * A piece has to say more than the whole does (`PIECE_LESS`): without that, news of sources not seen in
 * training was flagged more often than when it was read as a whole.
 */
import type { MatchedText, Respelt } from '../domain/text/matching.ts';
import { lower, type Word } from '../domain/text.ts';

/** All of them in lower case and their normal form, as `plainText` gives it. */
export interface Readings {
  readonly asWritten: string;
  /** The whole of it, read otherwise. */
  readonly others: readonly string[];
  /** Where pieces of `asWritten` begin and end. */
  readonly pieces: readonly Piece[];
}

interface Piece {
  readonly start: number;
  readonly end: number;
}

/** The reading that told, what it says, and where it begins and ends in `asWritten`, when it is of that. */
export interface Telling {
  readonly logit: number;
  readonly reading: string;
  readonly piece: Piece | null;
}

/** A post of this many characters is also read in pieces of about half of it. */
const LONG = 220;
const PIECE = 120;
/** Where a piece may end, behind the character that it should end at: at the next space, or there. */
const LONGEST_WORD = 40;
/** Longer ones are read in this many pieces from their beginning, and as a whole. */
const MOST_PIECES = 200;
/** Of many pieces of an honest post one looks like fraud by chance: a piece has to say so much more, in log-odds. */
const PIECE_LESS = 3;
const EMOJI = /(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|\u200d|\ufe0f)+/gu;
const MANY_EMOJI = 4;
const WORDS_AN_EMOJI = 8;

/**
 * @param text in its normal form.
 * @param matched the same, folded by `foldForMatching`.
 */
export function readingsOf(text: string, matched: MatchedText): Readings {
  const { words, respelt } = matched;
  const asWritten = respelt === null ? lower(text) : inCyrillic(matched.text, words, respelt);
  const isDisguised = matched.leet.length + matched.mixed.length + matched.spaced.length > 0;
  return {
    asWritten,
    others: [
      ...(isDisguised && respelt === null ? [matched.text] : []),
      ...(isFullOfEmoji(text, words.length) ? [asWritten.replace(EMOJI, ' ')] : []),
    ],
    pieces: asWritten.length < LONG ? [] : piecesOf(asWritten),
  };
}

/** An apostrophe that is left behind a Cyrillic letter is a soft sign: "zarabotat'". */
const SOFT_SIGN = /(?<=[бвдзлмнпрстфчшщ])['’`]/g;

function inCyrillic(text: string, words: readonly Word[], { lang, words: respelt }: Respelt): string {
  let spelled = '';
  let last = 0;
  for (const [at, word] of respelt) {
    const { start, end } = words[at]!;
    spelled += text.slice(last, start) + word;
    last = end;
  }
  spelled += text.slice(last);
  return lang === 'ru-Latn' ? spelled.replace(SOFT_SIGN, 'ь') : spelled;
}

/**
 * Of all ways to read a post, the one that speaks most for fraud; as it is written when none does more.
 *
 * @param weigh log-odds of fraud of a part of a reading, by whatever model is asked.
 */
export function mostTelling(
  { asWritten, others, pieces }: Readings,
  weigh: (reading: string, start: number, end: number) => number,
): Telling {
  const end = asWritten.length;
  let best: Telling = { logit: weigh(asWritten, 0, end), reading: asWritten, piece: { start: 0, end } };
  for (const reading of others) {
    const logit = weigh(reading, 0, reading.length);
    if (logit > best.logit) best = { logit, reading, piece: null };
  }
  for (const piece of pieces) {
    const logit = weigh(asWritten, piece.start, piece.end) - PIECE_LESS;
    if (logit > best.logit) best = { logit, reading: asWritten.slice(piece.start, piece.end), piece };
  }
  return best;
}

function isFullOfEmoji(text: string, wordCount: number): boolean {
  const count = text.match(EMOJI)?.length ?? 0;
  return count >= MANY_EMOJI && count * WORDS_AN_EMOJI >= wordCount;
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (let start = 0; start < text.length && pieces.length < MOST_PIECES; ) {
    let end = Math.min(text.length, start + PIECE);
    const last = Math.min(text.length, end + LONGEST_WORD);
    let space = end;
    while (space < last && !isSpace(text.charCodeAt(space))) space += 1;
    if (space < last) end = space;
    if (text.length - end < PIECE / 3) end = text.length;
    pieces.push({ start, end });
    start = end;
  }
  return pieces;
}

function isSpace(unit: number): boolean {
  return unit === 32 || unit === 10;
}
