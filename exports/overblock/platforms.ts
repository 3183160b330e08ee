/**
 * Platforms: hosts that many unrelated people share, and which part of an address there is one account.
 *
 * The table is `platforms.json`; an entry holds for its host, the aliases and all their subdomains, and the
 * longest match wins (`sites.google.com` before `google.com`). No I/O beyond loading the table.
 */
import { parse } from 'tldts';
import type { Subject } from '../../domain/case.ts';
import type { Channel } from '../../domain/referral.ts';
import { canonicalUrl, siteOf } from '../../domain/url.ts';
import table from './platforms.json' with { type: 'json' };

export type PlatformKind =
  | 'social'
  | 'messenger'
  | 'video'
  | 'site_builder'
  | 'docs'
  | 'storage'
  | 'cdn'
  | 'short_link'
  | 'app_store'
  | 'marketplace'
  | 'code_host'
  | 'search'
  | 'mail'
  | 'service';

export interface Platform {
  readonly host: string;
  readonly kind: PlatformKind;
  /** Other names of the same platform; an account has one key under all of them. */
  readonly aliases?: readonly string[];
  /** How many path segments make one account. */
  readonly segments?: number;
  /** First segments that only say what follows (`groups`, `channel`): one segment more belongs to the key. */
  readonly under?: readonly string[];
  /** First segments that change nothing (`t.me/s/NAME` is `t.me/NAME`). */
  readonly skip?: readonly string[];
  /** Query parameters that name the account (`watch?v=`). */
  readonly params?: readonly string[];
  /** A subdomain is an account, and so a site of its own. */
  readonly hosts?: boolean;
  /** No part of the path stands for an account: only the whole address does. */
  readonly page?: boolean;
}

export const PLATFORMS: readonly Platform[] = table.platforms as readonly Platform[];

const BY_HOST: ReadonlyMap<string, Platform> = new Map(
  PLATFORMS.flatMap((it) => [it.host, ...(it.aliases ?? [])].map((host) => [host, it] as const)),
);

/** Names under a platform that are the platform itself, seen through another door. */
const OWN_DOORS = new Set([
  'www',
  'm',
  'mobile',
  'touch',
  'web',
  'amp',
  'old',
  'new',
  'app',
  'api',
  'help',
  'support',
]);

/** What an address is on the platform it stands on. */
export type Place =
  /** Not on any platform. */
  | { readonly on: 'site'; readonly platform: null }
  /** A host of its own under a platform that gives every user one. */
  | { readonly on: 'own_host'; readonly platform: Platform; readonly host: string }
  /** A path on a host that all users share; `key` is the account's address without a scheme. */
  | { readonly on: 'account'; readonly platform: Platform; readonly key: string }
  /** The platform's own page: no account can be told from the address. */
  | { readonly on: 'front'; readonly platform: Platform };

export function platformOf(host: string): Platform | null {
  return matchOf(bareHost(host))?.platform ?? null;
}

export function placeOf(url: URL): Place {
  const host = bareHost(url.hostname);
  const match = matchOf(host);
  if (match === null) return { on: 'site', platform: null };
  const { platform } = match;
  const below = host === match.host ? '' : host.slice(0, -match.host.length - 1);
  const label = below.split('.').at(-1) ?? '';
  if (platform.hosts === true && label !== '' && !OWN_DOORS.has(label) && !isPublicSuffix(host)) {
    return { on: 'own_host', platform, host: ownHost(host, match.host) };
  }
  const account = accountIn(url, platform);
  if (account === null) return { on: 'front', platform };
  // A marketplace's regional doors (almaty.example) may number pages each on its own, so they stay in the key.
  const door = platform.page === true && below !== '' && !OWN_DOORS.has(below) ? `${below}.` : '';
  return { on: 'account', platform, key: `${door}${platform.host}/${account}` };
}

/**
 * The unit that a page belongs to, and so the subject of its case: an account where people share a host,
 * else the site.
 */
export function subjectOf(url: URL): Pick<Subject, 'key'> & { readonly kind: 'site' | 'channel' } {
  const place = placeOf(url);
  switch (place.on) {
    case 'account':
      return { kind: 'channel', key: place.key };
    case 'own_host':
      return { kind: 'site', key: place.host };
    case 'front':
      return { kind: 'site', key: place.platform.host };
    case 'site':
      return { kind: 'site', key: siteOf(bareHost(url.hostname)) };
  }
}

/**
 * Operators block foreign hosts; what shares its host with others goes to the platform instead, and a Kazakhstani
 * domain to its registrar and owner (letter of the Interior Ministry of 27.04.2024, in OONI and IFKZ, 2024).
 */
export function channelOf(url: URL): Channel {
  const { on } = placeOf(url);
  if (on === 'account' || on === 'front') return 'platform_notice';
  return isKzDomain(bareHost(url.hostname)) ? 'registrar_notice' : 'operator_block';
}

export function isKzDomain(host: string): boolean {
  return /\.(kz|xn--80ao21a)$/.test(host);
}

/** Whether unrelated people register names right under this one, by the ICANN or the private part of the list. */
export function isPublicSuffix(host: string): boolean {
  const parts = parse(host, { allowPrivateDomains: true });
  return parts.isIp !== true && parts.domain === null;
}

function matchOf(host: string): { platform: Platform; host: string } | null {
  for (let name = host; name !== ''; name = name.slice(name.indexOf('.') + 1)) {
    const platform = BY_HOST.get(name);
    if (platform !== undefined) return { platform, host: name };
    if (!name.includes('.')) return null;
  }
  return null;
}

/**
 * Which host is one user's. Between the user and the platform there may be a region (`x.eu-west-1.…`): the
 * public suffix list knows many of these; where it does not, nothing above the very host seen is safe to name.
 */
function ownHost(host: string, platformHost: string): string {
  const site = siteOf(host);
  return site.endsWith(`.${platformHost}`) ? site : host.replace(/^www\./, '');
}

function accountIn(url: URL, platform: Platform): string | null {
  if (platform.page === true) return wholeAddress(url);
  if (platform.segments === undefined) return null;
  const [first = '', ...rest] = url.pathname.split('/').filter((segment) => segment !== '');
  const isSkipped = platform.skip?.includes(first.toLowerCase()) === true;
  const segments = isSkipped ? rest : first === '' ? [] : [first, ...rest];
  const isUnder = platform.under?.includes(segments[0]?.toLowerCase() ?? '') === true;
  const params = (platform.params ?? []).flatMap((name) => {
    const value = url.searchParams.get(name);
    return value === null || value === '' ? [] : [`${name}=${value}`];
  });
  const query = params.length === 0 ? '' : `?${params.join('&')}`;
  const wanted = platform.segments + (isUnder ? 1 : 0);
  if (segments.length < wanted && params.length === 0) return null;
  const taken = segments.slice(0, wanted);
  // A plain name is the same in any letter case; an id behind `under`, an invite (+…) or a query is not.
  return isUnder || params.length > 0 || taken[0]?.startsWith('+') === true
    ? `${taken.map((segment, at) => (at === 0 && isUnder ? segment.toLowerCase() : segment)).join('/')}${query}`
    : taken.join('/').toLowerCase();
}

function wholeAddress(url: URL): string | null {
  const { pathname, search } = new URL(canonicalUrl(url));
  const path = pathname.replace(/^\/+|\/+$/g, '');
  return path === '' && search === '' ? null : `${path}${search}`;
}

function bareHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '').replace(/:\d+$/, '');
}
