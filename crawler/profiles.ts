/**
 * As whom a page is asked for. Kuzet names itself always; where a page may show inspectors something else than
 * visitors (cloaking), it is asked for once more as one of those visitors, and both answers are kept.
 *
 * Profiles are data: what a plain browser of that kind sends, and nothing more. None of them takes the name of a
 * search engine's robot or of anybody else's programme, none logs in, none answers a challenge; robots.txt and
 * the host's turn hold for them as for Kuzet itself.
 *
 * Sources of the headers: Chrome's reduced user agent (developer.chrome.com, "User-Agent reduction"), User-Agent
 * Client Hints (WICG), Fetch Metadata (W3C), names of click parameters as their networks document them.
 */
import type { ProfileName } from '../domain/visitor.ts';

export interface Profile {
  readonly name: ProfileName;
  /** `{major}` stands for the version of the browser that renders. */
  readonly userAgent: string;
  /** Of the first language onward, as a browser writes it. */
  readonly acceptLanguage: string;
  /** BCP 47, for the browser's own locale. */
  readonly locale: string;
  readonly platform: 'Windows' | 'Android';
  readonly isMobile: boolean;
  /** CSS pixels. */
  readonly viewport: { readonly width: number; readonly height: number };
  /** Where the visitor comes from; null for a typed address. */
  readonly referer: string | null;
  /** Added to the address as the ad's network would. */
  readonly query: Readonly<Record<string, string>>;
  /** Goes out through the proxy inside Kazakhstan, and is left out where none is configured. */
  readonly egress: 'own' | 'kz';
}

const WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36';
const ANDROID =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Mobile Safari/537.36';

const DESKTOP = {
  userAgent: WINDOWS,
  acceptLanguage: 'ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7',
  locale: 'ru-RU',
  platform: 'Windows',
  isMobile: false,
  viewport: { width: 1280, height: 800 },
  referer: null,
  query: {},
  egress: 'own',
} as const;

const PHONE = {
  userAgent: ANDROID,
  acceptLanguage: 'ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7',
  locale: 'ru-RU',
  platform: 'Android',
  isMobile: true,
  viewport: { width: 412, height: 915 },
  referer: null,
  query: {},
  egress: 'own',
} as const;

const TABLE: Readonly<Record<ProfileName, Profile>> = {
  desktop: { ...DESKTOP, name: 'desktop' },
  mobile: {
    ...PHONE,
    name: 'mobile',
    acceptLanguage: 'kk-KZ,kk;q=0.9,ru;q=0.8,en;q=0.7',
    locale: 'kk-KZ',
  },
  'ad-search': {
    ...DESKTOP,
    name: 'ad-search',
    referer: 'https://www.google.com/',
    query: { utm_source: 'google', utm_medium: 'cpc', gclid: 'EAIaIQobChMIkuzet0000000000000000000' },
  },
  'ad-messenger': {
    ...PHONE,
    name: 'ad-messenger',
    referer: 'https://web.telegram.org/',
    query: { utm_source: 'telegram', utm_medium: 'cpc' },
  },
  'ad-social': {
    ...PHONE,
    name: 'ad-social',
    referer: 'https://l.instagram.com/',
    query: { utm_source: 'instagram', utm_medium: 'paid', fbclid: 'PAkuzet00000000000000000000000000' },
  },
  kz: { ...DESKTOP, name: 'kz', egress: 'kz' },
};

/** Somebody else than Kuzet, for one request of a page. */
export interface Visitor {
  readonly profile: Profile;
  /** What the site gave this visitor before, as a `Cookie` header; null for a first visit. */
  readonly cookie: string | null;
}

export function profileNamed(name: ProfileName): Profile {
  return TABLE[name];
}

const ADS = ['ad-search', 'ad-messenger', 'ad-social'] as const;

/**
 * As whom one page is asked again, in this order: a plain browser first, since what it is shown differently
 * differs for Kuzet's name alone; then as who follows an ad; then a phone in Kazakh; then from inside the country.
 *
 * @param lot any number; pages take the ads' networks in turn by it.
 */
export function profilesFor(url: URL, lot: number, hasKzProxy: boolean): ProfileName[] {
  const told = ADS.find((name) => networkOf(url) === name);
  const ad = told ?? ADS[Math.abs(Math.trunc(lot)) % ADS.length]!;
  return ['desktop', ad, 'mobile', ...(hasKzProxy ? (['kz'] as const) : [])];
}

/** The network whose click the address carries already. */
function networkOf(url: URL): (typeof ADS)[number] | null {
  const source = url.searchParams.get('utm_source')?.toLowerCase() ?? '';
  if (/telegram|^tg/.test(source)) return 'ad-messenger';
  if (url.searchParams.has('fbclid') || /insta|facebook|^fb|^ig$|tiktok/.test(source)) return 'ad-social';
  if (['gclid', 'gbraid', 'wbraid', 'yclid'].some((name) => url.searchParams.has(name))) return 'ad-search';
  return /google|yandex/.test(source) ? 'ad-search' : null;
}

/** The address as that visitor opens it: what the ad adds, and only where the address does not say it itself. */
export function addressFor(url: URL, { query }: Profile): URL {
  const asked = new URL(url.href);
  for (const [name, value] of Object.entries(query)) {
    if (!asked.searchParams.has(name)) asked.searchParams.append(name, value);
  }
  return asked;
}

/**
 * What that browser sends with the request of a page, in its order; `accept-encoding` is the fetcher's own.
 *
 * @param major version of the browser, e.g. `143`.
 * @param cookie what the site set before in this check; null for a first visit.
 */
export function headersFor(
  profile: Profile,
  url: URL,
  major: string,
  cookie: string | null = null,
): readonly (readonly [name: string, value: string])[] {
  const pairs: (readonly [string, string])[] = [];
  const isSecure = url.protocol === 'https:';
  if (isSecure) {
    const brands = brandsOf(major).map(({ brand, version }) => `"${brand}";v="${version}"`);
    pairs.push(['sec-ch-ua', brands.join(', ')]);
    pairs.push(['sec-ch-ua-mobile', profile.isMobile ? '?1' : '?0']);
    pairs.push(['sec-ch-ua-platform', `"${profile.platform}"`]);
  }
  pairs.push(['upgrade-insecure-requests', '1']);
  pairs.push(['user-agent', userAgentOf(profile, major)]);
  pairs.push([
    'accept',
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  ]);
  if (isSecure) {
    pairs.push(['sec-fetch-site', profile.referer === null ? 'none' : 'cross-site']);
    pairs.push(['sec-fetch-mode', 'navigate'], ['sec-fetch-user', '?1'], ['sec-fetch-dest', 'document']);
  }
  if (profile.referer !== null) pairs.push(['referer', profile.referer]);
  pairs.push(['accept-language', profile.acceptLanguage]);
  if (cookie !== null) pairs.push(['cookie', cookie]);
  return pairs;
}

export function userAgentOf({ userAgent }: Profile, major: string): string {
  return userAgent.replace('{major}', major);
}

export function brandsOf(major: string): { readonly brand: string; readonly version: string }[] {
  return [
    { brand: 'Chromium', version: major },
    { brand: 'Not.A/Brand', version: '24' },
  ];
}

const MOST_COOKIES = 50;
const LONGEST_COOKIES = 8_000;

/** `Cookie` out of the `Set-Cookie` lines of the answers before (RFC 6265, section 5.4); null when there was none. */
export function cookieOf(setCookies: readonly string[]): string | null {
  const jar = new Map<string, string>();
  for (const line of setCookies.slice(0, MOST_COOKIES)) {
    const [pair = ''] = line.split(';', 1);
    const at = pair.indexOf('=');
    if (at > 0) jar.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
  }
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  return cookie === '' || cookie.length > LONGEST_COOKIES ? null : cookie;
}
