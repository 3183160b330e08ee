/**
 * Kazakh posts in Latin letters, to learn posts from: a post in Latin letters is read in Cyrillic
 * (`readings.ts`), and what chats leave out comes back misspelt. A model that had never read such spellings
 * missed one in ten frauds so written, and accused one in ten honest ones.
 */
import { KAZAKH_LATIN, toKazakhLatin } from '../../domain/text.ts';
import { seededRandom } from '../random.ts';
import type { AddedText } from './excerpts.ts';
import type { TrainingPost } from './rows.ts';

const WEIGHT = 0.5;
const KAZAKH_LETTER = /[әғқңөұүһі]/i;
const SPELLINGS = Object.keys(KAZAKH_LATIN) as (keyof typeof KAZAKH_LATIN)[];

/** Each post in Kazakh Cyrillic once, in a spelling drawn by chance. */
export function respelled(posts: readonly TrainingPost[], seed: number): AddedText[] {
  const random = seededRandom(seed);
  return posts.flatMap((row, from) => {
    if (!KAZAKH_LETTER.test(row.text)) return [];
    const spelling = SPELLINGS[Math.floor(random() * SPELLINGS.length)]!;
    return [{ text: toKazakhLatin(row.text, spelling), weight: WEIGHT, from, isBad: row.label !== 'legit' }];
  });
}
