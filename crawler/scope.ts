/**
 * Which of a page's links belong to the visit, and which of them first.
 *
 * In: the same host, `www.` counted equal. Out: what is no page, what ends a session, and what a trap grows
 * from: paths that repeat themselves, calendars, ever new parameters. Pages where fraud shows itself
 * (plans, partners, about, contacts, log-in) come first.
 */
import type { Link } from '../domain/page.ts';
import { canonicalUrl, hostOf } from '../domain/url.ts';

export interface ChosenLink {
  readonly url: URL;
  /** 0..50; higher is asked first. */
  readonly priority: number;
}

const NOT_A_PAGE =
  /\.(?:jpe?g|png|gif|webp|avif|svg|ico|bmp|css|js|mjs|json|map|woff2?|ttf|otf|eot|mp[34]|m4a|webm|ogg|wav|avi|mov|mkv|zip|rar|7z|gz|tgz|tar|exe|msi|apk|dmg|iso|pdf|docx?|xlsx?|pptx?|csv|xml|rss|atom)$/i;
const ENDS_A_SESSION = /(?:^|[/_.?=-])(?:log-?out|sign-?out|exit|vyhod|unsubscribe|delete)(?:$|[/_.?=&-])/i;
const TELLING =
  /invest|plan|tarif|profit|dohod|doxod|income|tabys|partner|referr?al|affiliate|bonus|about|o-nas|onas|company|contact|kontakt|bailanys|faq|login|sign-?in|register|cabinet|kabinet|licen[sc]e|vyplat|payment|rules|terms|market|listing|catalog|item|product/i;
const TELLING_WORDS =
  /инвест|вклад|тариф|доход|прибыл|партн[её]р|реферал|бонус|о нас|компан|контакт|войти|вход|регистрац|лиценз|выплат|правил|табыс|салым|серіктес|байланыс|тіркел|кіру|біз туралы|лицензия|төлем/i;
const CALENDAR =
  /(?:[?&/](?:19|20)\d\d[-/](?:0?[1-9]|1[0-2])(?:[-/&]|$)|[?&](?:month|year|date|day|start|from)=)/i;

const MOST_PARAMETERS = 6;
const DEEPEST_PATH = 12;
const LONGEST = 1024;
/** Links of one shape taken from one page. */
const MOST_OF_A_SHAPE = 100;

/**
 * @param visit.host host of the visit, as `hostOf` gives it.
 * @param visit.limit most links given back.
 */
export function chooseLinks(
  links: readonly Pick<Link, 'href' | 'text'>[],
  visit: { readonly host: string; readonly limit: number },
): ChosenLink[] {
  const chosen = new Map<string, ChosenLink>();
  const shapes = new Map<string, number>();
  for (const { href, text } of links) {
    if (!URL.canParse(href)) continue;
    const url = new URL(href);
    if (!isInScope(url, visit.host)) continue;
    const key = canonicalUrl(url);
    if (chosen.has(key)) continue;
    const shape = shapeOf(url);
    const ofShape = (shapes.get(shape) ?? 0) + 1;
    shapes.set(shape, ofShape);
    if (ofShape > MOST_OF_A_SHAPE) continue;
    url.hash = '';
    chosen.set(key, { url, priority: priorityOf(url, text) });
  }
  return [...chosen.values()].sort((a, b) => b.priority - a.priority).slice(0, visit.limit);
}

function isInScope(url: URL, host: string): boolean {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return false;
  if (url.username !== '' || url.password !== '') return false;
  if (bare(hostOf(url)) !== bare(host) || url.href.length > LONGEST) return false;
  if (NOT_A_PAGE.test(url.pathname) || ENDS_A_SESSION.test(url.pathname + url.search)) return false;
  const parts = url.pathname.split('/').filter(Boolean);
  if (parts.length > DEEPEST_PATH || [...url.searchParams].length > MOST_PARAMETERS) return false;
  return !repeats(parts);
}

/** A path that holds one segment three times, as endless relative links make it. */
function repeats(parts: readonly string[]): boolean {
  const seen = new Map<string, number>();
  for (const part of parts) {
    const times = (seen.get(part) ?? 0) + 1;
    if (times >= 3) return true;
    seen.set(part, times);
  }
  return false;
}

function priorityOf(url: URL, text: string): number {
  if (CALENDAR.test(url.pathname + url.search)) return 0;
  const telling = (TELLING.test(url.pathname) ? 20 : 0) + (TELLING_WORDS.test(text.slice(0, 100)) ? 20 : 0);
  const isPlain = url.search === '' ? 10 : 0;
  return telling + isPlain;
}

/** The address with its numbers taken out: pages of one template share it. */
function shapeOf(url: URL): string {
  const names = [...url.searchParams.keys()].sort().join('&');
  return `${url.pathname.replaceAll(/\d+/g, '0')}?${names}`;
}

function bare(host: string): string {
  return host.replace(/^www\./, '');
}
