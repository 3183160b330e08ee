/**
 * The only file that knows the package `natural`, and only the parts of it that are of use here.
 *
 * Its index prints to standard output and loads 160 MB, and its tokenizers cut Kazakh letters out of words;
 * so the stemmers and TF-IDF are taken one by one, and words come from `domain/text.ts`.
 */
import { createRequire } from 'node:module';
import { kazakhStem } from '../domain/kazakh-stem.ts';
import { words } from '../domain/text.ts';

interface Stemmer {
  stem(word: string): string;
}

interface TfIdf {
  addDocument(terms: readonly string[], key?: string): void;
  listTerms(document: number): { readonly term: string; readonly tfidf: number }[];
}

const require = createRequire(import.meta.url);
const russian = require('natural/lib/natural/stemmers/porter_stemmer_ru') as Stemmer;
const english = require('natural/lib/natural/stemmers/porter_stemmer') as Stemmer;
const TfIdfOf = require('natural/lib/natural/tfidf/tfidf') as new () => TfIdf;

/** Porter's stem of a Russian or English word; a Kazakh word, known by letters of its own, loses its endings. */
export function stem(word: string): string {
  if (/[әғқңөұүһі]/.test(word)) return kazakhStem(word);
  if (/^[а-яё]+$/.test(word)) return russian.stem(word);
  return /^[a-z]+$/.test(word) ? english.stem(word) : word;
}

/**
 * The stems that tell groups of texts apart by TF-IDF, each group taken as one document.
 *
 * @param groups name -> texts; `sources` of a text say who wrote it.
 * @returns name -> at most `count` stems that at least `least` sources share.
 */
export function tellingStems(
  groups: ReadonlyMap<string, readonly { readonly text: string; readonly source: string }[]>,
  count: number,
  least: number,
): Map<string, string[]> {
  const tfidf = new TfIdfOf();
  const shared = new Map<string, Set<string>>();
  const names = [...groups.keys()];
  for (const texts of groups.values()) {
    const terms: string[] = [];
    for (const { text, source } of texts) {
      for (const word of words(text.slice(0, 3000))) {
        if (word.length < 4 || word.length > 20 || !/^\p{L}+$/u.test(word)) continue;
        const it = stem(word);
        terms.push(it);
        const sources = shared.get(it) ?? new Set();
        shared.set(it, sources.add(source));
      }
    }
    // A word of `Object.prototype` would break natural's term table, which is a plain object.
    tfidf.addDocument(terms.filter((term) => !(term in Object.prototype)));
  }
  return new Map(
    names.map((name, at) => [
      name,
      tfidf
        .listTerms(at)
        .filter(({ term }) => (shared.get(term)?.size ?? 0) >= least)
        .slice(0, count)
        .map(({ term }) => term),
    ]),
  );
}
