/**
 * Kazakh posts in Latin letters, to learn posts from: a post in Latin letters is read in Cyrillic
 * (`readings.ts`), and what chats leave out comes back misspelt. A model that had never read such spellings
 * missed one in ten frauds so written, and accused one in ten honest ones. Russian comes back nearly as it was.
 */
import { toKazakhLatin } from '../../domain/text.ts';
import { kazakhChatLatin } from '../language/spellings.ts';
import { seededRandom } from '../random.ts';
import type { AddedText } from './excerpts.ts';
import type { TrainingPost } from './rows.ts';

const WEIGHT = 0.5;
const KAZAKH_LETTER = /[әғқңөұүһі]/i;

/** Each post in Kazakh Cyrillic once, in a spelling drawn by chance: half of them as in chats. */
export function respelled(posts: readonly TrainingPost[], seed: number): AddedText[] {
  const random = seededRandom(seed);
  return posts.flatMap((row, from) => {
    if (!KAZAKH_LETTER.test(row.text)) return [];
    const isChat = random() < 0.5;
    const text = isChat
      ? kazakhChatLatin(row.text, random)
      : toKazakhLatin(row.text, random() < 0.5 ? 2021 : 2018);
    return [{ text, weight: WEIGHT, from, isBad: row.label !== 'legit' }];
  });
}
