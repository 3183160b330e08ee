/**
 * The ways in which a post is read by its words' model. The most telling one counts, so that a promise is
 * not drowned in harmless talk, in emoji, or in letters put for others.
 *
 *     as written               Kazakh in Latin letters is put into Cyrillic, the script that the model knows best
 *     folded                   when words are spaced out, in two alphabets, or have digits for letters
 *     without emoji            when there are many
 *     piece by piece           when it is long
 *
 * A piece has to say more than the whole does (`PIECE_LESS`): without that, news of sources not seen in
 * training was flagged more often than when it was read as a whole.
 */
import type { MatchedText } from '../domain/text/matching.ts';

export interface Readings {
  readonly asWritten: string;
  /** The whole of it, read otherwise. */
  readonly others: readonly string[];
  readonly pieces: readonly string[];
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

/** @param matched the text folded by `foldForMatching`, in its normal form. */
export function readingsOf(text: string, matched: MatchedText): Readings {
  const { words, latinKazakh } = matched;
  const asWritten =
    latinKazakh.size === 0 ? text : words.map((it, at) => latinKazakh.get(at) ?? it.word).join(' ');
  const isDisguised = matched.leet.length + matched.mixed.length + matched.spaced.length > 0;
  return {
    asWritten,
    others: [
      ...(isDisguised && latinKazakh.size === 0 ? [matched.text] : []),
      ...(isFullOfEmoji(text, words.length) ? [asWritten.replace(EMOJI, ' ')] : []),
    ],
    pieces: asWritten.length < LONG ? [] : piecesOf(asWritten),
  };
}

/**
 * Of all ways to read a post, the one that speaks most for fraud; as it is written when none does more.
 *
 * @param weigh log-odds of fraud of a reading, by whatever model is asked.
 */
export function mostTelling<Weighed extends { readonly logit: number }>(
  { asWritten, others, pieces }: Readings,
  weigh: (reading: string) => Weighed,
): Weighed {
  let best = weigh(asWritten);
  for (const reading of others) {
    const it = weigh(reading);
    if (it.logit > best.logit) best = it;
  }
  for (const reading of pieces) {
    const it = weigh(reading);
    if (it.logit - PIECE_LESS > best.logit) best = { ...it, logit: it.logit - PIECE_LESS };
  }
  return best;
}

function isFullOfEmoji(text: string, wordCount: number): boolean {
  const count = text.match(EMOJI)?.length ?? 0;
  return count >= MANY_EMOJI && count * WORDS_AN_EMOJI >= wordCount;
}

function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length && pieces.length < MOST_PIECES; ) {
    let end = at + PIECE;
    const space = text.slice(end, end + LONGEST_WORD).search(/\s/);
    if (space !== -1) end += space;
    if (text.length - end < PIECE / 3) end = text.length;
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}
