/**
 * Which of a page's links belong to the visit, and which of them first.
 *
 * In: the same host, `www.` counted equal. Out: what is no page and what ends a session or does something. What a trap
 * grows from is in too, with the reason why it is not asked for: so it is known, and stays one line.
 */
import type { Link } from '../domain/page.ts';
import { type FoundOn, linkPriority } from '../domain/priority.ts';
import { budgetOf, shapeOf, trapIn } from '../domain/trap.ts';
import { canonicalUrl, hostOf } from '../domain/url.ts';

export interface ChosenLink {
  readonly url: URL;
  /** 0..900; higher is asked first. */
  readonly priority: number;
  /** What it has in common with others, and how many such addresses a visit takes up. */
  readonly shape: { readonly name: string; readonly most: number };
  /** Why it is not asked for whatever else there is; null when it may be. */
  readonly refusal: string | null;
}

export interface LinkingPage extends Omit<FoundOn, 'links'> {
  /** Host of the visit, as `hostOf` gives it. */
  readonly host: string;
  /** Most pages that the visit captures, 1..100,000. */
  readonly pages: number;
  /** Most links given back. */
  readonly limit: number;
}

const NOT_A_PAGE =
  /\.(?:jpe?g|png|gif|webp|avif|svg|ico|bmp|css|js|mjs|json|map|woff2?|ttf|otf|eot|mp[34]|m4a|webm|ogg|wav|avi|mov|mkv|zip|rar|7z|gz|tgz|tar|exe|msi|apk|dmg|iso|pdf|docx?|xlsx?|pptx?|csv|xml|rss|atom)$/i;
const ENDS_A_SESSION = /(?:^|[/_.?=-])(?:log-?out|sign-?out|exit|vyhod|unsubscribe|delete)(?:$|[/_.?=&-])/i;
/** What is longer is no address that anyone typed, and is not even kept. */
const LONGEST = 4_096;

/** The links of a page that a visit may follow, the first first. */
export function chooseLinks(
  links: readonly Pick<Link, 'href' | 'text'>[],
  { host, pages, limit, risk, depth }: LinkingPage,
): ChosenLink[] {
  const chosen = new Map<string, ChosenLink>();
  const on = { risk, depth, links: links.length };
  for (const { href, text } of links) {
    if (!URL.canParse(href)) continue;
    const url = new URL(href);
    if (whyNoLink(url, host) !== null) continue;
    const key = canonicalUrl(url);
    if (chosen.has(key)) continue;
    url.hash = '';
    const trap = trapIn(url);
    chosen.set(key, {
      url,
      priority: trap === null ? linkPriority(url, text, on) : 0,
      shape: { name: shapeOf(url), most: budgetOf(url, pages) },
      refusal: trap === null ? null : `it ${trap}`,
    });
  }
  return [...chosen.values()].sort((a, b) => b.priority - a.priority).slice(0, limit);
}

/** Why a visit to a host follows no link to an address, in words that follow "it"; null when it may. */
export function whyNoLink(url: URL, host: string): string | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'is no address of the web';
  if (url.username !== '' || url.password !== '') return 'carries a user name or password';
  if (bare(hostOf(url)) !== bare(host)) return 'is on another host';
  if (url.href.length > LONGEST) return `is longer than ${LONGEST} characters`;
  if (NOT_A_PAGE.test(url.pathname)) return 'has the name of a file that is no page';
  if (ENDS_A_SESSION.test(url.pathname + url.search)) return 'may end a session or change something';
  return null;
}

function bare(host: string): string {
  return host.replace(/^www\./, '');
}
