/**
 * Legitimate text in pieces, to learn posts from.
 *
 * What is legitimate among posts is mostly chat, and spam is mostly careful sentences, so a model that has
 * seen nothing else takes any careful sentence for spam: of news that it had never seen, it accused nine in
 * ten. Paragraphs of legitimate pages and single sentences of legitimate posts bring that to four in ten.
 */
import { lines, sentences } from '../../domain/text.ts';
import { type Random, seededRandom } from '../random.ts';
import type { TrainingPage, TrainingPost } from './rows.ts';

/** A text that training adds to the posts given. */
export interface AddedText {
  readonly text: string;
  /** How much it counts beside a whole post. */
  readonly weight: number;
  /** The post that it was made of, as an index, or the source of the page. */
  readonly from: number | string;
  readonly isBad: boolean;
}

const PARAGRAPH = { least: 40, most: 700, aPage: 6, weight: 0.4 };
const SENTENCE = { least: 30, most: 200, weight: 0.3 };

export function legitExcerpts(
  pages: readonly TrainingPage[],
  posts: readonly TrainingPost[],
  seed: number,
): AddedText[] {
  const random = seededRandom(seed);
  const paragraphs = pages
    .filter((row) => row.label === 'legit' && !row.isSynthetic)
    .flatMap((row) =>
      drawn(
        lines(row.page.text).filter(
          (line) => line.length >= PARAGRAPH.least && line.length <= PARAGRAPH.most,
        ),
        PARAGRAPH.aPage,
        random,
      ).map((text) => ({ text, weight: PARAGRAPH.weight, from: row.source, isBad: false })),
    );
  const cut = posts.flatMap((row, post) => {
    if (row.label !== 'legit' || row.isSynthetic) return [];
    const found = sentences(row.text)
      .map(({ start, end }) => row.text.slice(start, end).trim())
      .filter((text) => text.length >= SENTENCE.least && text.length <= SENTENCE.most);
    if (found.length < 2) return [];
    return drawn(found, 1, random).map((text) => ({
      text,
      weight: SENTENCE.weight,
      from: post,
      isBad: false,
    }));
  });
  return [...paragraphs, ...cut];
}

function drawn(texts: readonly string[], most: number, random: Random): string[] {
  const rest = [...texts];
  const taken: string[] = [];
  while (rest.length > 0 && taken.length < most) {
    taken.push(...rest.splice(Math.floor(random() * rest.length), 1));
  }
  return taken;
}
