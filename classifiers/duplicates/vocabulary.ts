/**
 * Words that mean the same on a marketplace, in Russian, Kazakh and English, and the spellings of brands:
 * `vocabulary.json` holds one line a meaning. All words of a line share one hash.
 */
import { readFileSync } from 'node:fs';
import { hashWord, tokensOf } from './skeleton.ts';

let table: Int32Array | null = null;
const SLOTS = 2 ** 12;

/** Meaning of a word given as its skeleton. */
export function meaningOf(word: string): number {
  const words = meaningTable();
  const hash = hashWord(word);
  let at = hash & (SLOTS - 1);
  while (words[2 * at] !== 0) {
    if (words[2 * at] === hash) return words[2 * at + 1]!;
    at = (at + 1) & (SLOTS - 1);
  }
  return hash;
}

/** Open addressing over 4,096 places by the hash of a word: hash, meaning, hash, meaning ...; 0 where there is none. */
export function meaningTable(): Int32Array {
  table ??= readTable();
  return table;
}

function readTable(): Int32Array {
  const lines = JSON.parse(readFileSync(new URL('vocabulary.json', import.meta.url), 'utf8')) as string[];
  const made = new Int32Array(2 * SLOTS);
  for (const line of lines) {
    const words = tokensOf(line).map((token) => hashWord(token.word));
    for (const word of words) {
      let at = word & (SLOTS - 1);
      while (made[2 * at] !== 0 && made[2 * at] !== word) at = (at + 1) & (SLOTS - 1);
      if (made[2 * at] === word) continue;
      made[2 * at] = word;
      made[2 * at + 1] = words[0]!;
    }
  }
  return made;
}
