/**
 * Over-blocking: what must not go dark, or not this way. Facts about one referral in, findings out.
 *
 * A `hard` finding stops the referral, whoever approved it; a `soft` one stops it until two officers let it go
 * in words (`domain/override.ts`). Numbers are those of the project's list of rules; those that need facts not gathered yet are absent.
 * The reason for all of them: operators cannot block one page of an HTTPS host, so the whole host goes dark
 * (OONI and IFKZ, report on Kazakhstan, 2024).
 */
import { parse } from 'tldts';
import type { Verdict } from '../../domain/assessment.ts';
import type { Channel } from '../../domain/referral.ts';
import type { Saying } from '../../domain/saying.ts';
import { readableHost } from '../../domain/url.ts';
import { institutionOf } from './institutions.ts';
import { isKzDomain, isPublicSuffix, placeOf, subjectOf } from './platforms.ts';
import { lookAt } from './png.ts';
import { type PopularSites, SHIPPED } from './popular.ts';
import { type FactsOf, type SayingKey, said } from './words.ts';

export type RuleId =
  | 'OB1'
  | 'OB2'
  | 'OB3'
  | 'OB4'
  | 'OB5'
  | 'OB6'
  | 'OB7'
  | 'OB8'
  | 'OB9'
  | 'OB10'
  | 'OB11'
  | 'OB12'
  | 'OB13'
  | 'OB14'
  | 'OB15'
  | 'OB16'
  | 'OB17';

export interface BlockScope {
  readonly level: 'host' | 'account';
  /** Host name, or the account's address without a scheme. */
  readonly value: string;
  readonly why: string;
}

export interface Finding {
  readonly rule: RuleId;
  readonly kind: 'hard' | 'soft';
  /** One sentence with the way out, in English: as it stands in records. */
  readonly why: string;
  /** The same apart from any language: what an override holds for, and what `words.ts` says in three. */
  readonly about: Saying;
}

type RuleKey = Extract<SayingKey, `${RuleId}.${string}`>;

function found<Key extends RuleKey>(key: Key, kind: Finding['kind'], facts: FactsOf<Key>): Finding {
  const rule = key.slice(0, key.indexOf('.')) as RuleId;
  return { rule, kind, ...said(key, facts) };
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
  /** Whether the page shows a tie to Kazakhstan; left out when nobody looked. */
  readonly hasNexus?: boolean;
  /** What the page says, as far as it is kept. */
  readonly page?: { readonly title: string; readonly text: string };
  /** Widely visited sites; those that ship unless told. */
  readonly popular?: PopularSites;
  /** How the officers worked; left out when not known. */
  readonly work?: {
    /** From the case's opening to the first yes. */
    readonly secondsToDecide: number;
    /** Cases that the second officer approved on that day, this one included. */
    readonly approvedThatDay: number;
  };
}

/** All findings, in the order of the rules. */
export function overblockFindings(facts: ReferralFacts): Finding[] {
  const findings = [...addressFindings(facts.url, facts.channel)];
  findings.push(...dedicationFindings(facts), ...hostingFindings(facts), ...originFindings(facts));
  findings.push(...screenshotFindings(facts), ...repeatFindings(facts));
  findings.push(
    ...popularFindings(facts),
    ...compromiseFindings(facts),
    ...nexusFindings(facts),
    ...speechFindings(facts),
    ...workFindings(facts),
  );
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
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    return [found('OB13.no_address', 'hard', { address })];
  }
  const findings: Finding[] = [];
  const say = <Key extends RuleKey>(key: Key, kind: Finding['kind'], facts: FactsOf<Key>) =>
    findings.push(found(key, kind, facts));
  const url = new URL(address);
  const name = hostOf(url);
  const host = readableHost(name);
  const place = placeOf(url);
  const isNotice = channel === 'platform_notice';
  const isBlock = channel === 'operator_block';

  if (isPublicSuffix(name)) say('OB1.public_suffix', 'hard', { host });
  if (isBlock && (place.on === 'account' || place.on === 'front')) {
    say('OB2.shared', 'hard', { host, platform: place.platform.host });
  } else if (place.on === 'own_host' && isBlock) {
    say('OB2.own_host', 'soft', { host, platform: place.platform.host });
  } else if (place.on === 'site' && isNotice) {
    say('OB2.no_platform', 'hard', { host });
  }
  const folder = /^\/~[^/]+/.exec(url.pathname)?.[0];
  if (isBlock && folder !== undefined) say('OB3.folder', 'hard', { folder, host });
  if (isBlock && parse(name).isIp === true) say('OB4.bare_address', 'hard', { host });
  if (isBlock && isKzDomain(name)) say('OB6.kz_domain', 'hard', { host });
  const institution = institutionOf(name);
  if (institution !== null && !(isNotice && place.on === 'account')) {
    const { kind } = institution;
    if (kind === 'media' && channel === 'court_route') {
      // The one way that the law leaves open.
    } else if (kind === 'media') {
      say('OB7.medium', 'hard', { host, institution: institution.host });
    } else {
      say('OB8.institution', 'hard', { host, kind, institution: institution.host });
    }
  }
  if (place.on !== 'site' && place.platform.kind === 'short_link') say('OB10.forwards', 'hard', { host });
  if (place.on === 'front') say('OB13.no_account', 'hard', { address, platform: place.platform.host });
  return findings;
}

/** One bad page on an ordinary site: the site would go dark with it. */
function dedicationFindings({ url, channel, pages }: ReferralFacts): Finding[] {
  if (channel !== 'operator_block') return [];
  const cleared = pages.filter(({ verdict }) => verdict === 'clear').length;
  const flagged = pages.filter(({ verdict }) => verdict === 'flag').length;
  const front = pages.find((page) => URL.canParse(page.url) && new URL(page.url).pathname === '/');
  const isOrdinary = cleared >= 3 && cleared > flagged && front?.verdict === 'clear';
  const isDedicated = cleared === 0 && flagged >= Math.min(3, pages.length);
  if (!isOrdinary && (isDedicated || pages.length === 0)) return [];
  if (!isOrdinary) {
    return [found('OB5.not_whole', 'soft', { flagged, pages: pages.length, cleared })];
  }
  const host = URL.canParse(url) ? readableHost(hostOf(new URL(url))) : url;
  return [found('OB3.ordinary', 'hard', { cleared, host, flagged })];
}

/** What very many people visit is looked at once more before all of it goes dark, whoever it belongs to. */
function popularFindings({ url, channel, popular = SHIPPED }: ReferralFacts): Finding[] {
  if (channel === 'platform_notice' || !URL.canParse(url)) return [];
  const name = hostOf(new URL(url));
  // Those are held harder already.
  if (placeOf(new URL(url)).on !== 'site' || institutionOf(name) !== null || !popular.has(name)) return [];
  return [found('OB8.popular', 'soft', { host: readableHost(name), source: popular.source })];
}

/** Folders of site engines that visitors are never led into: where intruders put their pages. */
const ENGINE_FOLDER =
  /\/(wp-(content|includes|admin)|\.well-known|cgi-bin|administrator|components|modules|includes|uploads?|tmp|vendor|node_modules)\//i;

/** An honest site in which somebody else put a page: its owner and host act, nobody darkens it. */
function compromiseFindings({ url, channel, pages }: ReferralFacts): Finding[] {
  if (channel !== 'operator_block' || !URL.canParse(url)) return [];
  const { pathname, hostname } = new URL(url);
  const front = pages.find((page) => URL.canParse(page.url) && new URL(page.url).pathname === '/');
  if (!ENGINE_FOLDER.test(pathname) || front?.verdict === 'flag') return [];
  return [found('OB9.broken_into', 'hard', { path: pathname, host: readableHost(hostname) })];
}

function nexusFindings({ url, hasNexus, pages }: ReferralFacts): Finding[] {
  const findings: Finding[] = [];
  if (hasNexus === false) findings.push(found('OB11.no_tie', 'soft', { url }));
  if (pages.length === 0) findings.push(found('OB12.not_captured', 'hard', { url }));
  return findings;
}

/**
 * Words of those who write about fraud and not for it. Soft: fraudsters borrow them too, so that people weigh
 * them; what is told of is protected, what is sold is not.
 */
const ABOUT_FRAUD =
  /(?<!\p{L})(остерегайтесь|осторожно,? мошенник|предупрежда(?:ем|ет|ют)|возбуждено уголовное дело|признан[аы]? (?:финансовой )?пирамидой|приговор суда|задержан[аы]? подозреваем|сақ болыңыз|алаяқтардан сақ|ескертеміз|қылмыстық іс қозғалды|scam alert|beware of|warning: this site|has been seized|учебный проект|учебная работа|student project|for educational purposes|not a real site|пародия|сатира)/iu;

/** Where students put their exercises, which copy known sites for practice. */
const STUDENT_HOSTS: ReadonlySet<string> = new Set([
  'github.io',
  'gitlab.io',
  'vercel.app',
  'netlify.app',
  'pages.dev',
  'surge.sh',
  'glitch.me',
  'replit.app',
  'onrender.com',
]);

function speechFindings({ url, page }: ReferralFacts): Finding[] {
  const findings: Finding[] = [];
  const words = ABOUT_FRAUD.exec(`${page?.title ?? ''}\n${page?.text ?? ''}`)?.[0];
  if (words !== undefined) findings.push(found('OB15.about_fraud', 'soft', { words }));
  const place = URL.canParse(url) ? placeOf(new URL(url)) : null;
  if (place?.on === 'own_host' && STUDENT_HOSTS.has(place.platform.host)) {
    findings.push(found('OB15.exercise', 'soft', { host: place.host }));
  }
  return findings;
}

/** A yes given faster than a page can be read, or more often a day than pages can be. */
const LEAST_SECONDS = 10;
const MOST_A_DAY = 150;

function workFindings({ work }: ReferralFacts): Finding[] {
  if (work === undefined) return [];
  const findings: Finding[] = [];
  if (work.secondsToDecide < LEAST_SECONDS) {
    const seconds = Math.max(0, Math.round(work.secondsToDecide));
    findings.push(found('OB17.too_fast', 'soft', { seconds }));
  }
  if (work.approvedThatDay > MOST_A_DAY) {
    // Without the count, which the next approval would change: an override holds for the finding's own facts.
    findings.push(found('OB17.too_many', 'soft', { most: MOST_A_DAY }));
  }
  return findings;
}

/** What a browser shows in place of a page. */
const NO_PAGE =
  /^\W*(404|403|500|502|503)\b|not found|forbidden|just a moment|attention required|checking your browser|access denied|verify you are human|are you a robot|captcha|account suspended|domain (?:is |may be )?(?:for sale|parked|expired)|buy this domain|welcome to nginx|apache2? .{0,20}default page|it works!|index of \/|under construction|coming soon|страница не найдена|доступ запрещ[её]н|домен (?:припаркован|продается|продаётся|не продлен)|сайт (?:заблокирован|не найден|в разработке)|подтвердите,? что вы не робот|парақ табылмады|қолжетімділік шектелген/i;
/** Characters: a page that says more than such a notice does is one. */
const LONGEST_NOTICE = 400;

function hostingFindings({ channel, hostedInKz, url }: ReferralFacts): Finding[] {
  if (channel !== 'operator_block' || hostedInKz !== true) return [];
  return [found('OB6.kz_hosted', 'hard', { url })];
}

function originFindings({ url, seen }: ReferralFacts): Finding[] {
  if (seen.includes(url)) return [];
  return [found('OB13.not_seen', 'hard', { url })];
}

function screenshotFindings({ url, finalUrl, screenshot, screenshotAlsoOf, page }: ReferralFacts): Finding[] {
  const findings: Finding[] = [];
  const say = <Key extends RuleKey>(key: Key, facts: FactsOf<Key>) =>
    findings.push(found(key, 'hard', facts));
  if (screenshot === null) {
    say('OB14.no_screenshot', { url });
  } else {
    const picture = lookAt(screenshot);
    if (picture === 'blank') say('OB14.one_colour', { url });
    if (picture === 'unreadable') say('OB14.unreadable', { url });
  }
  if (URL.canParse(url) && URL.canParse(finalUrl)) {
    const [asked, shown] = [subjectOf(new URL(url)), subjectOf(new URL(finalUrl))];
    if (asked.key !== shown.key) say('OB14.other_site', { shown: shown.key, asked: asked.key });
  }
  const notice = page === undefined ? null : (NO_PAGE.exec(page.title) ?? NO_PAGE.exec(page.text));
  if (page !== undefined && notice !== null && page.text.length <= LONGEST_NOTICE) {
    say('OB14.notice', { notice: notice[0].trim(), url });
  }
  if (screenshotAlsoOf.length > 0) {
    say('OB14.same_picture', { url, cases: screenshotAlsoOf.join(', ') });
  }
  return findings;
}

function repeatFindings({ url, sentIn }: ReferralFacts): Finding[] {
  if (sentIn.length === 0) return [];
  return [found('OB16.sent', 'hard', { url, batches: sentIn.join(', ') })];
}

function hostOf(url: URL): string {
  return url.hostname.toLowerCase().replace(/\.$/, '');
}
