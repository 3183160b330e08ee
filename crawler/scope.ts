/**
 * Which links of a page belong to a visit, and in which order they are worth asking for. Pure.
 *
 * In: http(s) addresses of the same host (`www.` counts for nothing). Out: files that are no pages, links that
 * would change something (log out, add to cart, delete), and all but a few of any one shape of address, so that
 * calendars, filters and endless lists cannot eat the visit.
 */
import type { Link } from '../domain/page.ts';
import { canonicalUrl, hostOf } from '../domain/url.ts';

export interface ChosenLink {
  readonly url: URL;
  /** 0..90; higher is asked first. */
  readonly priority: number;
}

export interface Scope {
  /** Of the visit, as `hostOf` gives it. */
  readonly host: string;
  /** Most links taken. */
  readonly limit: number;
}

const NO_PAGES =
  /\.(?:jpe?g|png|gif|webp|avif|bmp|ico|svgz?|tiff?|heic|mp[34]|m4[av]|webm|ogg|oga|wav|avi|mov|mkv|flv|pdf|docx?|xlsx?|pptx?|odt|ods|rtf|zip|rar|7z|gz|tgz|bz2|xz|tar|exe|msi|dmg|apk|aab|ipa|deb|rpm|iso|jar|bin|css|m?js|map|json|rss|atom|woff2?|ttf|eot|otf|torrent|ics|vcf)$/i;
const CHANGES_SOMETHING =
  /(?:^|[/?&=_-])(?:log-?out|sign-?out|logoff|vyhod|delete|remove|unsubscribe|add[_-]?to[_-]?cart|add[_-]?to[_-]?wishlist|addtocart|vote|report[_-]?abuse|action=(?:delete|edit|logout))(?:$|[/?&=._-])/i;
const TRAPS =
  /[?&](?:sort|order|orderby|dir|sessionid|sid|phpsessid|jsessionid|replytocom|share|print|limit|per_?page|view|calendar|date|month|day|year)=|;jsessionid=|\/(?:calendar|wp-json|feed|trackback|cdn-cgi)(?:\/|$)/i;

/** Most links of one shape (path with its numbers and dates taken out, names of parameters) from one page. */
const PER_SHAPE = 20;
const PER_TRAP_SHAPE = 2;
/** A path whose segments repeat, or is this deep, leads in circles. */
const DEEPEST_PATH = 12;

/** Words in a link's address or text -> how much they promise; the first that fits counts. */
const INTERESTS: readonly (readonly [RegExp, number])[] = [
  [
    /invest|инвест|салым|profit|доход|табыс|earn|зараб|пассив|yield|roi|staking|стейк|deposit|депозит|вклад/i,
    90,
  ],
  [
    /referral|partner|affiliate|партн[её]р|реферал|серіктес|bonus|бонус|mlm|матриц|структур|команд|network/i,
    88,
  ],
  [/marketing|plan\b|plans\b|tarif|тариф|маркетинг|пакет|package|pricing|жоспар/i, 86],
  [
    /about|о-нас|о нас|о компании|о-компании|o-nas|o-kompanii|kompani|компани|біз туралы|туралы|biz-turaly|company|legal|licen[sc]e|лиценз/i,
    84,
  ],
  [/contact|kontakt|контакт|связ|байланыс|requisites|реквизит|support|поддержк/i, 82],
  [
    /faq|how-it-works|как это работает|qalai|қалай|rules|правила|terms|услови|offer|оферт|шарт|privacy|политик|agreement/i,
    78,
  ],
  [
    /login|sign-?in|вход|войти|кіру|register|sign-?up|регистрац|тіркел|account|kabinet|кабинет|auth|lk\b/i,
    76,
  ],
  [/oplata|оплат|payment|pay\b|төлем|dostavka|доставк|delivery|checkout|withdraw|вывод|корзин/i, 74],
  [/review|отзыв|пікір|news|новост|жаңалық|blog|блог/i, 50],
];

/** Best first; each address once. */
export function chooseLinks(links: readonly Link[], { host, limit }: Scope): ChosenLink[] {
  const own = withoutWww(host);
  const chosen = new Map<string, ChosenLink & { readonly at: number }>();
  const shapes = new Map<string, number>();
  for (const [at, link] of links.entries()) {
    const url = httpUrl(link.href);
    if (url === null || withoutWww(hostOf(url)) !== own || !isPage(url)) continue;
    const key = canonicalUrl(url);
    if (chosen.has(key)) continue;
    const isTrap = TRAPS.test(`${url.pathname}${url.search}`);
    const shape = shapeOf(url);
    const count = (shapes.get(shape) ?? 0) + 1;
    shapes.set(shape, count);
    if (count > (isTrap ? PER_TRAP_SHAPE : PER_SHAPE)) continue;
    chosen.set(key, { url: new URL(key), priority: isTrap ? 5 : interestOf(url, link.text), at });
  }
  return [...chosen.values()]
    .sort((a, b) => b.priority - a.priority || a.at - b.at)
    .slice(0, Math.max(0, limit))
    .map(({ url, priority }) => ({ url, priority }));
}

function interestOf(url: URL, text: string): number {
  const said = `${readable(url.pathname)} ${text.slice(0, 200)}`;
  const found = INTERESTS.find(([words]) => words.test(said));
  if (found !== undefined) return found[1];
  const depth = url.pathname.split('/').filter((part) => part !== '').length;
  return Math.max(10, 45 - depth * 5 - (url.search === '' ? 0 : 10));
}

function isPage(url: URL): boolean {
  if (NO_PAGES.test(url.pathname) || CHANGES_SOMETHING.test(`${url.pathname}${url.search}`)) return false;
  const parts = url.pathname.split('/').filter((part) => part !== '');
  if (parts.length > DEEPEST_PATH) return false;
  const counts = new Map<string, number>();
  for (const part of parts) counts.set(part, (counts.get(part) ?? 0) + 1);
  return [...counts.values()].every((count) => count < 3);
}

/** `/news/2026/11/22/x?page=3` and `/news/2026/10/01/y?page=9` have one shape. */
function shapeOf(url: URL): string {
  const path = url.pathname
    .split('/')
    .map((part) => (/\d/.test(part) ? part.replace(/\d+/g, '0').replace(/0[\w%.-]{8,}/, '0') : part))
    .map((part) => (part.length > 40 ? '…' : part))
    .join('/');
  const names = [...new Set(url.searchParams.keys())].sort().join('&');
  return `${path}?${names}`;
}

function httpUrl(href: string): URL | null {
  if (href.length > 2_000) return null;
  try {
    const url = new URL(href);
    const isPlain = url.username === '' && url.password === '';
    return (url.protocol === 'http:' || url.protocol === 'https:') && isPlain ? url : null;
  } catch {
    return null;
  }
}

function withoutWww(host: string): string {
  return host.startsWith('www.') ? host.slice(4) : host;
}

function readable(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
