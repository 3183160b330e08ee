/**
 * Over-blocking: what must not go dark, or not this way. Facts about one referral in, findings out.
 *
 * A `hard` finding stops the referral, whoever approved it; a `soft` one goes along with it for people to
 * weigh. Numbers are those of the project's list of rules; those that need facts not gathered yet are absent.
 * The reason for all of them: operators cannot block one page of an HTTPS host, so the whole host goes dark
 * (OONI and IFKZ, report on Kazakhstan, 2024).
 */
import { parse } from 'tldts';
import type { Verdict } from '../../domain/assessment.ts';
import type { BlockScope, Channel } from '../../domain/referral.ts';
import { readableHost } from '../../domain/url.ts';
import { institutionOf } from './institutions.ts';
import { isPublicSuffix, placeOf, subjectOf } from './platforms.ts';
import { lookAt } from './png.ts';

export type RuleId =
  | 'OB1'
  | 'OB2'
  | 'OB3'
  | 'OB4'
  | 'OB6'
  | 'OB7'
  | 'OB8'
  | 'OB10'
  | 'OB13'
  | 'OB14'
  | 'OB16';

export interface Finding {
  readonly rule: RuleId;
  readonly kind: 'hard' | 'soft';
  /** One sentence with the way out. */
  readonly why: string;
}

export interface ReferralFacts {
  /** The address that would be asked about. */
  readonly url: string;
  readonly channel: Channel;
  /** Where its own screenshot was taken. */
  readonly finalUrl: string;
  /** Every address that was asked for or answered in the case's captures. */
  readonly seen: readonly string[];
  /** What the machine said of the site's captured pages. */
  readonly pages: readonly { readonly url: string; readonly verdict: Verdict }[];
  /** Viewport PNG of the page itself; null when it was not rendered. */
  readonly screenshot: Uint8Array | null;
  /** Other cases with the very same screenshot. */
  readonly screenshotAlsoOf: readonly string[];
  /** Batches in which the same address already went out and was not given back. */
  readonly sentIn: readonly string[];
  /** Whether the server stands in Kazakhstan; null when not known. */
  readonly hostedInKz: boolean | null;
}

/** All findings, in the order of the rules. */
export function overblockFindings(facts: ReferralFacts): Finding[] {
  const findings = [...addressFindings(facts.url, facts.channel)];
  findings.push(...dedicationFindings(facts), ...hostingFindings(facts), ...originFindings(facts));
  findings.push(...screenshotFindings(facts), ...repeatFindings(facts));
  return findings.sort((a, b) => Number(a.rule.slice(2)) - Number(b.rule.slice(2)));
}

/** What will really go dark if the referral is carried out. */
export function effectiveScope(url: URL, channel: Channel): BlockScope {
  const place = placeOf(url);
  if (channel === 'platform_notice' && place.on === 'account') {
    return { level: 'account', value: place.key, why: 'the platform removes one account or page' };
  }
  const why =
    url.protocol === 'https:'
      ? 'operators see only the host name of an HTTPS connection'
      : 'operators block by host name; a page over plain HTTP is no exception in practice';
  return { level: 'host', value: hostOf(url), why };
}

/** The rules that an address alone answers: checked again on every batch, whoever built it. */
export function addressFindings(address: string, channel: Channel): Finding[] {
  const findings: Finding[] = [];
  const say = (rule: RuleId, kind: Finding['kind'], why: string) => findings.push({ rule, kind, why });
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    say('OB13', 'hard', `"${address}" is no web address; refer a page that was captured`);
    return findings;
  }
  const url = new URL(address);
  const host = hostOf(url);
  const shown = readableHost(host);
  const place = placeOf(url);
  const isNotice = channel === 'platform_notice';

  if (isPublicSuffix(host)) {
    say('OB1', 'hard', `${shown} is a public suffix: everyone who registered under it would go dark`);
  }
  if (!isNotice && (place.on === 'account' || place.on === 'front')) {
    say(
      'OB2',
      'hard',
      `${shown} is shared by all users of ${place.platform.host}; send the platform a notice`,
    );
  } else if (place.on === 'own_host' && !isNotice) {
    say(
      'OB2',
      'soft',
      `${shown} is one user's place on ${place.platform.host}; the platform may remove it sooner`,
    );
  } else if (place.on === 'site' && isNotice) {
    say(
      'OB2',
      'hard',
      `${shown} is no platform that could take a notice; refer it for blocking by operators`,
    );
  }
  const folder = /^\/~[^/]+/.exec(url.pathname)?.[0];
  if (!isNotice && folder !== undefined) {
    say('OB3', 'hard', `${folder} is one user's folder on ${shown}; write to the host's owner`);
  }
  if (!isNotice && parse(host).isIp === true) {
    say('OB4', 'hard', `${shown} is a bare address that other sites may share; refer a host name`);
  }
  if (!isNotice && /\.(kz|xn--80ao21a)$/.test(host)) {
    say('OB6', 'hard', `${shown} is a Kazakhstani domain; it goes to its owner, the registrar or the police`);
  }
  const institution = institutionOf(host);
  if (institution !== null && !(isNotice && place.on === 'account')) {
    if (institution.kind === 'media') {
      say(
        'OB7',
        'hard',
        `${shown} is a news medium (${institution.host}); only its owner or a court may limit it`,
      );
    } else {
      say(
        'OB8',
        'hard',
        `${shown} belongs to a protected institution (${institution.kind}: ${institution.host})`,
      );
    }
  }
  if (place.on !== 'site' && place.platform.kind === 'short_link') {
    say('OB10', 'hard', `${shown} only forwards; refer the page it leads to, the short link goes along`);
  }
  if (place.on === 'front') {
    say(
      'OB13',
      'hard',
      `${address} names no account on ${place.platform.host}; refer the very page that was captured`,
    );
  }
  return findings;
}

/** One bad page on an ordinary site: the site would go dark with it. */
function dedicationFindings({ url, channel, pages }: ReferralFacts): Finding[] {
  if (channel !== 'operator_block') return [];
  const cleared = pages.filter(({ verdict }) => verdict === 'clear').length;
  const flagged = pages.filter(({ verdict }) => verdict === 'flag').length;
  const front = pages.find((page) => URL.canParse(page.url) && new URL(page.url).pathname === '/');
  if (cleared < 3 || cleared <= flagged || front?.verdict !== 'clear') return [];
  const host = URL.canParse(url) ? readableHost(hostOf(new URL(url))) : url;
  const why = `${cleared} pages of ${host}, its front page among them, show nothing wrong and ${flagged} do: it looks like an ordinary site with a bad page; write to its owner`;
  return [{ rule: 'OB3', kind: 'hard', why }];
}

function hostingFindings({ channel, hostedInKz, url }: ReferralFacts): Finding[] {
  if (channel !== 'operator_block' || hostedInKz !== true) return [];
  const why = `${url} is hosted in Kazakhstan; it goes to its owner or host`;
  return [{ rule: 'OB6', kind: 'hard', why }];
}

function originFindings({ url, seen }: ReferralFacts): Finding[] {
  if (seen.includes(url)) return [];
  const why = `${url} is in no capture of the case; refer an address that was seen, not one made up`;
  return [{ rule: 'OB13', kind: 'hard', why }];
}

function screenshotFindings({ url, finalUrl, screenshot, screenshotAlsoOf }: ReferralFacts): Finding[] {
  const findings: Finding[] = [];
  const say = (why: string) => findings.push({ rule: 'OB14', kind: 'hard', why });
  if (screenshot === null) {
    say(`${url} has no screenshot of its own; scan it again where a browser is at hand (--render always)`);
  } else {
    const picture = lookAt(screenshot);
    if (picture === 'blank') say(`the screenshot of ${url} is all one colour; capture the page again`);
    if (picture === 'unreadable') say(`the screenshot of ${url} is no readable PNG; capture the page again`);
  }
  if (URL.canParse(url) && URL.canParse(finalUrl)) {
    const [asked, shown] = [subjectOf(new URL(url)), subjectOf(new URL(finalUrl))];
    if (asked.key !== shown.key)
      say(`the screenshot shows ${shown.key}, not ${asked.key}; refer the page it shows`);
  }
  if (screenshotAlsoOf.length > 0) {
    say(`the screenshot of ${url} is also that of ${screenshotAlsoOf.join(', ')}; look at both pages again`);
  }
  return findings;
}

function repeatFindings({ url, sentIn }: ReferralFacts): Finding[] {
  if (sentIn.length === 0) return [];
  return [{ rule: 'OB16', kind: 'hard', why: `${url} already went out in ${sentIn.join(', ')}` }];
}

function hostOf(url: URL): string {
  return url.hostname.toLowerCase().replace(/\.$/, '');
}
