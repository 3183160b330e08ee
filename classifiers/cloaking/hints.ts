/**
 * Cheap hints that a page may show others something else, out of its bytes alone. A hint is no sign of fraud and
 * weighs nothing: it only says that a second look is worth its requests.
 */
import { inlineScripts } from '../../domain/inline-scripts.ts';
import type { Page } from '../../domain/page.ts';
import { siteOf } from '../../domain/url.ts';

export type CloakHint =
  /** An inline script asks who is there (browser, where from, cookie, screen) and then leaves or rewrites the page. */
  | 'tests_visitor'
  /** Marks of programmes that are sold to cloak. */
  | 'known_cloaker'
  /** It leads elsewhere with the number of a click. */
  | 'click_links'
  /** It was reached by the address of a click on an ad. */
  | 'behind_ad';

const ASKS_WHO =
  /navigator\s*\.\s*(?:userAgent|webdriver|platform|languages?|plugins)|document\s*\.\s*(?:referrer|cookie)|screen\s*\.\s*(?:width|height)|(?:inner|client)Width|ontouchstart|maxTouchPoints|resolvedOptions\(\)\s*\.\s*timeZone|getTimezoneOffset/;
const LEAVES_OR_REWRITES =
  /location\s*(?:\.\s*(?:href|replace|assign))?\s*(?:=|\()|document\s*\.\s*(?:write|open)\s*\(|document\s*\.\s*(?:body|documentElement)\s*\.\s*(?:innerHTML|replaceWith|append)/;
/**
 * Names that such programmes leave in scripts, addresses and cookies: trackers that are built to answer by who asks
 * (Keitaro, Binom) and services that call themselves filters of traffic.
 */
const CLOAKERS =
  /\b(?:adspect|cloaking\.house|cloakit|hideclick|imklo|im-klo|palladium\.expert|hoax\.tech|trafficarmor|fraudfilter\.io|justcloakit|noipfraud|magicchecker|kclient\.js|keitaro|_kcc?lickid|binom(?:_click|\.org))\b/i;
const CLICK =
  /^(?:click_?id|sub_?id\d*|aff_(?:sub\d*|id|click)|affid|offer_?id|kclickid|external_?id|cid_click)$/i;
const AD = /^(?:gclid|gbraid|wbraid|fbclid|yclid|ttclid|msclkid|twclid|click_?id|kclickid|sub_?id\d*)$/i;
const MOST_READ = 300_000;
const MOST_SCRIPTS = 200;
const LONGEST_SCRIPT = 50_000;

export function cloakHints(page: Page): CloakHint[] {
  const html = page.html.slice(0, MOST_READ);
  const hints: CloakHint[] = [];
  if (
    inlineScripts(html, MOST_SCRIPTS, LONGEST_SCRIPT).some(
      (code) => ASKS_WHO.test(code) && LEAVES_OR_REWRITES.test(code),
    )
  ) {
    hints.push('tests_visitor');
  }
  if (CLOAKERS.test(html)) hints.push('known_cloaker');
  if (leadsWithClick(page)) hints.push('click_links');
  if (isBehindAd(page.url)) hints.push('behind_ad');
  return hints;
}

/** Whether an address carries the number of a click on an ad. */
export function isBehindAd(href: string): boolean {
  return hasParameter(href, AD);
}

function leadsWithClick({ url, links }: Page): boolean {
  const own = URL.canParse(url) ? siteOf(new URL(url).hostname) : '';
  return links.some(({ href }) => hasParameter(href, CLICK) && siteOf(new URL(href).hostname) !== own);
}

function hasParameter(href: string, names: RegExp): boolean {
  return (
    href.includes('?') &&
    URL.canParse(href) &&
    [...new URL(href).searchParams.keys()].some((name) => names.test(name))
  );
}
