/**
 * URLs as Kuzet knows them: which ones may be asked for at all, when two are the same page,
 * and which site a page belongs to.
 *
 * Identity follows the WHATWG URL standard, then drops what never changes a page: the fragment, tracking
 * parameters, session ids, default ports. Other parameters are sorted by name; those of one name keep their order.
 * Escapes are spelled one way (RFC 3986, sections 6.2.2.1 and 6.2.2.2). The key alone is so changed: an address is
 * asked for as it was found.
 */
import { domainToUnicode } from 'node:url';
import { parse as parseHost } from 'tldts';

/** Parameters that advertisers and messengers add and no page depends on. */
const TRACKING =
  /^(utm_[a-z_]+|gclid|gbraid|wbraid|fbclid|yclid|ymclid|msclkid|dclid|ttclid|twclid|igsh|igshid|mc_eid|mc_cid|_ga|_gl|_openstat|ysclid|roistat)$/i;

/** Names under which servers put a session into addresses: PHP, Java, ASP, ColdFusion, and `sid` when it looks random. */
const SESSION = /^(?:phpsessid|jsessionid|aspsessionid[a-z]*|cfid|cftoken|sessionid|session_id)$/i;
const RANDOM_SID = /^(?:sid|s)=[0-9a-f]{20,}$/i;
/** Java's, as a parameter of the path. */
const PATH_SESSION = /;jsessionid=[^;/]*/gi;

const LONGEST_URL = 4096;

/** A text that is no URL Kuzet may ask for. `text` is what was given, cut to 200 characters. */
export class BadUrlError extends Error {
  override readonly name = 'BadUrlError';
  readonly facts: { readonly text: string; readonly why: string };

  constructor(text: string, why: string) {
    const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
    super(`"${shown}" ${why}. Give an address such as https://example.com/page.`);
    this.facts = { text: shown, why };
  }
}

/**
 * Reads an address typed or pasted by a person: `example.com` is taken for `https://example.com/`.
 *
 * @throws BadUrlError when it is malformed, longer than 4,096 characters, not http(s), or carries
 *   a user name or password.
 */
export function parseUrl(text: string): URL {
  const given = text.trim();
  if (given === '') throw new BadUrlError(text, 'is empty');
  if (given.length > LONGEST_URL) throw new BadUrlError(text, `is longer than ${LONGEST_URL} characters`);
  if (/\s/.test(given)) throw new BadUrlError(text, 'has white space inside');
  const hasScheme = /^[a-z][a-z0-9+.-]*:/i.test(given) && !/^[^/?#]+\.[^/?#:]+:\d+([/?#]|$)/.test(given);
  let url: URL;
  try {
    url = new URL(hasScheme ? given : `https://${given}`);
  } catch {
    throw new BadUrlError(text, 'is not a well-formed address');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new BadUrlError(text, `starts with "${url.protocol}", and only http: and https: are read`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new BadUrlError(text, 'carries a user name or password, and Kuzet never logs in');
  }
  if (url.hostname === '' || (!hasScheme && !url.hostname.includes('.') && !url.hostname.startsWith('['))) {
    throw new BadUrlError(text, 'has no host name');
  }
  return url;
}

/** The address under which a page is known: the key of the frontier and of captures. */
export function canonicalUrl(url: URL): string {
  const same = new URL(url.href);
  same.hash = '';
  same.pathname = oneSpelling(same.pathname.replaceAll(PATH_SESSION, ''));
  same.search = oneSpelling(same.search);
  const name = (part: string) => part.split('=', 1)[0] ?? '';
  // Parts stay as they are spelled: decoding would change addresses in other encodings than UTF-8.
  const kept = same.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !TRACKING.test(name(part)) && !SESSION.test(name(part)))
    .filter((part) => !RANDOM_SID.test(part));
  kept.sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0));
  same.search = kept.length === 0 ? '' : `?${kept.join('&')}`;
  if (same.hostname.endsWith('.') && !same.hostname.endsWith('..'))
    same.hostname = same.hostname.slice(0, -1);
  return same.href;
}

/** Escapes in capitals, and none of a letter, digit or mark that needs none. */
function oneSpelling(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (spelled, hex: string) => {
    const letter = String.fromCharCode(Number.parseInt(hex, 16));
    return /[A-Za-z0-9._~-]/.test(letter) ? letter : spelled.toUpperCase();
  });
}

/** The unit of politeness: one visit at a time goes to one of these. Host name and, if unusual, port. */
export function hostOf(url: URL): string {
  return url.host.toLowerCase().replace(/\.(?=$|:)/, '');
}

/**
 * The site a host belongs to: its registrable domain, private suffixes counted
 * (`a.github.io` and `b.github.io` are two sites); the host itself for an IP address or a bare suffix.
 */
export function siteOf(host: string): string {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const parts = parseHost(name, { allowPrivateDomains: true });
  return parts.isIp || parts.domain === null ? name : parts.domain;
}

/** A host as a person reads it: punycode spelled out, e.g. `xn--80a....kz` as its letters. */
export function readableHost(host: string): string {
  return domainToUnicode(host) || host;
}
