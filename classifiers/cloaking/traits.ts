/**
 * What is compared of two readings of one address: a few thousand numbers out of a page, small enough to be
 * handed between threads. Pure; the same page gives the same traits.
 *
 *     runs     hashes of every three words that follow each other: what it says
 *     tags     hashes of tag paths: how it is built
 *     anchors  hashes of what an honest page keeps in every language, layout and test: where it links, the names
 *              of its pictures, its numbers (prices, telephones), its contacts, its counters, its name
 *
 * Of large sets the smallest hashes are kept, which samples both sides of a comparison alike (bottom-k sketch:
 * E. Cohen, H. Kaplan, "Summarizing data using bottom-k sketches", 2007).
 */
import type { Page } from '../../domain/page.ts';
import { words } from '../../domain/text.ts';
import { siteOf } from '../../domain/url.ts';
import { pathHashes } from '../lookalike-sites.ts';
import { hashOf } from '../ngrams.ts';

export interface Traits {
  /** Where it was read, after redirects. */
  readonly url: string;
  readonly title: string;
  /** Sorted upwards, each once, at most `MOST`. */
  readonly runs: readonly number[];
  readonly tags: readonly number[];
  readonly anchors: readonly number[];
}

export const MOST = 2_000;
const RUN = 3;
const MOST_WORDS = 20_000;
/** A path's first part that only names a language. */
const LANGUAGE_PART = /^\/(?:ru|kk|kz|qaz|en|ru-ru|kk-kz|ru-kz|en-us|rus|kaz|eng)(?=\/|$)/i;
/** Hosts and first parts of a path under which a page serves telephones. */
const MOBILE_HOST = /^(?:m|mobile|wap|touch|amp|www)\./i;
const COUNTER =
  /\b(?:GTM-[A-Z0-9]{4,9}|G-[A-Z0-9]{8,12}|UA-\d{4,10}-\d{1,3}|AW-\d{8,12})\b|\bym\(\s*(\d{5,10})|fbq\(\s*['"]init['"]\s*,\s*['"](\d{8,18})/g;

export function traitsOf(page: Page): Traits {
  const said = words(page.text).slice(0, MOST_WORDS);
  const runs = new Set<number>();
  for (let at = 0; at + RUN <= said.length; at += 1) runs.add(hashOf(said.slice(at, at + RUN).join(' '), 1));
  const tags = new Set(pathHashes(page.html));
  const anchors = new Set<number>();
  for (const anchor of anchorsOf(page)) anchors.add(hashOf(anchor, 3));
  return {
    url: page.url,
    title: page.title.slice(0, 300),
    runs: smallest(runs),
    tags: smallest(tags),
    anchors: smallest(anchors),
  };
}

function* anchorsOf(page: Page): Generator<string> {
  const own = URL.canParse(page.url) ? siteOf(new URL(page.url).hostname) : '';
  for (const { href } of page.links) {
    const place = placeOf(href, own);
    if (place !== null) yield `link ${place}`;
  }
  for (const { action } of page.forms) {
    const place = placeOf(action, own);
    if (place !== null) yield `form ${place}`;
  }
  for (const { src } of page.images) {
    const name = /\/([^/?#]{4,100}\.(?:jpe?g|png|gif|webp|avif|svg))(?:[?#]|$)/i.exec(src)?.[1];
    if (name !== undefined) yield `picture ${name.toLowerCase()}`;
  }
  for (const [number] of page.text.slice(0, 100_000).matchAll(/\d[\d {2}]{1,12}\d/g)) {
    const digits = number.replace(/[^\d]/g, '');
    // Years stand on every page.
    if (digits.length >= 3 && !/^(?:19|20)\d\d$/.test(digits)) yield `number ${digits}`;
  }
  const { phones, emails, messengers } = page.contacts;
  for (const it of [...phones, ...emails, ...messengers]) yield `contact ${it.toLowerCase()}`;
  for (const { address } of page.wallets) yield `wallet ${address}`;
  for (const [counter] of page.html.slice(0, 500_000).matchAll(COUNTER)) yield `counter ${counter}`;
  for (const word of words(page.title)) if (word.length >= 4) yield `name ${word}`;
}

/** Where a link leads, the same for each language and layout of one site; null for nowhere that tells. */
function placeOf(href: string, own: string): string | null {
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  const host = url.hostname.replace(MOBILE_HOST, '');
  const path = url.pathname
    .replace(LANGUAGE_PART, '')
    .replace(/(?:\/index)?(?:\.(?:html?|php|aspx?))?\/?$/i, '');
  const isOwn = siteOf(url.hostname) === own;
  if (isOwn) return path === '' ? null : path.toLowerCase();
  return `${host}${path}`.toLowerCase();
}

function smallest(hashes: ReadonlySet<number>): number[] {
  return [...hashes].sort((a, b) => a - b).slice(0, MOST);
}
