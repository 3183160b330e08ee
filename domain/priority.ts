/**
 * Which address of a visit is asked first: those given by name, then links by what stands where they lead and how much
 * the page they stand on looks like fraud.
 *
 *     seed                                        1000
 *     link     words of its path        0 or 200
 *            + words of its anchor      0 or 200   }  0..900, and fewer the further from the seed
 *            + the page it stands on    0..300     }
 *            + no query                 0 or 100
 *            + a page of few links      0..100
 *            - links from the seed      20 each, at most 200
 *     calendar                                       0
 *
 * The weights say an order and measure nothing: an offer that an anchor promises and its path confirms is worth more
 * than any page it may stand on, since fraud sites show harmless first pages.
 */
import type { Score } from './assessment.ts';

/** Addresses given by name come before all that is found. */
export const SEED_PRIORITY = 1_000;

/** Where pages are that tell what a site offers, who stands behind it, and how money goes in and out. */
const TELLING_PATH =
  /invest|plan|tarif|profit|dohod|doxod|income|tabys|partner|referr?al|affiliate|bonus|about|o-nas|onas|company|contact|kontakt|bailanys|faq|login|sign-?in|register|cabinet|kabinet|licen[sc]e|vyplat|payment|withdraw|deposit|rules|terms|market|listing|catalog|item|product/i;
const TELLING_WORDS =
  /инвест|вклад|депозит|тариф|доход|заработ|прибыл|партн[её]р|реферал|бонус|о нас|компан|контакт|войти|вход|регистрац|лиценз|выплат|вывод средств|правил|табыс|салым|пайда|ақша|серіктес|байланыс|тіркел|кіру|біз туралы|төлем|invest|profit|earn|income|partner|bonus|about us|contact|licen[sc]e|withdraw|deposit/i;
/** A date in the path, or a parameter that names a moment: a link to the same page of another day. */
const CALENDAR =
  /(?:[?&/](?:19|20)\d\d[-/](?:0?[1-9]|1[0-2])(?:[-/&]|$)|[?&](?:month|year|date|day|start|from)=)/i;

/** Anchors are read so far. */
const ANCHOR_LENGTH = 100;

export interface FoundOn {
  /** 0..1: how much the page that links looks like fraud. */
  readonly risk: Score;
  /** Links from the seed to the address, 1 or more. */
  readonly depth: number;
  /** How many links the page has: of few each tells more, of a page of a thousand hardly one. */
  readonly links: number;
}

/** 0..900, a whole number. @param anchor the words of the link. */
export function linkPriority(url: URL, anchor: string, on: FoundOn): number {
  if (isCalendar(url)) return 0;
  const points =
    (TELLING_PATH.test(url.pathname) ? 200 : 0) +
    (TELLING_WORDS.test(anchor.slice(0, ANCHOR_LENGTH)) ? 200 : 0) +
    300 * on.risk +
    (url.search === '' ? 100 : 0) +
    100 / Math.max(1, Math.log2(1 + on.links)) -
    20 * Math.min(10, on.depth);
  return Math.round(Math.min(900, Math.max(1, points)));
}

/** A page of one day or month out of endlessly many. */
export function isCalendar(url: URL): boolean {
  return CALENDAR.test(url.pathname + url.search);
}
