/**
 * The words of the screens: the catalogues `words/{ru,kk,en}.json`, read once, and which of them to speak.
 *
 * A catalogue has a key and its text, or its plural forms by the categories of `Intl.PluralRules`; `{name}` is a
 * place for a value. Server and browser say them by the same rules: `speak.ts`.
 */
import { readFileSync } from 'node:fs';
import { type Catalogue, LANGS, type Lang, spoken, type Words } from './speak.ts';

export { type Catalogue, LANGS, type Lang, type Word, type Words } from './speak.ts';

export function catalogue(lang: Lang): Catalogue {
  return JSON.parse(readFileSync(new URL(`./words/${lang}.json`, import.meta.url), 'utf8'));
}

const SPOKEN = new Map<Lang, Words>();

/** The words of a language, read once. */
export function wordsOf(lang: Lang): Words {
  const known = SPOKEN.get(lang);
  if (known !== undefined) return known;
  const made = spoken(lang, catalogue(lang));
  SPOKEN.set(lang, made);
  return made;
}

/** The language to speak: the one asked for, else the one chosen before, else the browser's, else the desk's. */
export function chooseLang(asked: {
  readonly query: string | undefined;
  readonly cookie: string | undefined;
  readonly header: string | undefined;
  readonly otherwise: Lang;
}): Lang {
  const known = (tag: string | undefined) =>
    LANGS.find((lang) => lang === tag?.trim().toLowerCase().split('-')[0]);
  return (
    known(asked.query) ?? known(asked.cookie) ?? fromHeader(asked.header ?? '', known) ?? asked.otherwise
  );
}

/** `Accept-Language` (RFC 9110, section 12.5.4): tags by descending quality. */
function fromHeader(header: string, known: (tag: string) => Lang | undefined): Lang | undefined {
  const ranked = header
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', quality = ''] = part.split(';');
      const q = /q=([\d.]+)/.exec(quality)?.[1];
      return { tag, q: q === undefined ? 1 : Number(q) };
    })
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q);
  for (const { tag } of ranked) {
    const lang = known(tag);
    if (lang !== undefined) return lang;
  }
  return undefined;
}
