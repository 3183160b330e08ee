/** The words of the app: the catalogue of the one language that the page was asked in, fetched with the script. */
import { type Catalogue, type Lang, spoken, type Words } from '../web/speak.ts';

export type { Lang, Word, Words } from '../web/speak.ts';

const CATALOGUES: Readonly<Record<Lang, () => Promise<{ default: unknown }>>> = {
  ru: () => import('../web/words/ru.json', { with: { type: 'json' } }),
  kk: () => import('../web/words/kk.json', { with: { type: 'json' } }),
  en: () => import('../web/words/en.json', { with: { type: 'json' } }),
};

let learned: Words | null = null;

/** Once, before anything is drawn. */
export async function learn(lang: Lang): Promise<void> {
  learned = spoken(lang, (await CATALOGUES[lang]()).default as Catalogue);
}

function words(): Words {
  if (learned === null) throw new Error('The words are not learned yet: await learn() first.');
  return learned;
}

export const say: Words['say'] = (word, values) => words().say(word, values);
export const sayIfKnown: Words['sayIfKnown'] = (word, otherwise) => words().sayIfKnown(word, otherwise);
/** All of them, for what takes them as a whole. */
export const spokenWords = words;
