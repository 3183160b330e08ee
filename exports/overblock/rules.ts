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
import { readableHost } from '../../domain/url.ts';
import { institutionOf } from './institutions.ts';
import { isKzDomain, isPublicSuffix, placeOf, subjectOf } from './platforms.ts';
import { lookAt } from './png.ts';

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
  /** Whether the page shows a tie to Kazakhstan; left out when nobody looked. */
  readonly hasNexus?: boolean;
  /** What the page says, as far as it is kept. */
  readonly page?: { readonly title: string; readonly text: string };
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
  const isBlock = channel === 'operator_block';

  if (isPublicSuffix(host)) {
    say('OB1', 'hard', `${shown} is a public suffix: everyone who registered under it would go dark`);
  }
  if (isBlock && (place.on === 'account' || place.on === 'front')) {
    say(
      'OB2',
      'hard',
      `${shown} is shared by all users of ${place.platform.host}; send the platform a notice`,
    );
  } else if (place.on === 'own_host' && isBlock) {
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
  if (isBlock && folder !== undefined) {
    say('OB3', 'hard', `${folder} is one user's folder on ${shown}; write to the host's owner`);
  }
  if (isBlock && parse(host).isIp === true) {
    say('OB4', 'hard', `${shown} is a bare address that other sites may share; refer a host name`);
  }
  if (isBlock && isKzDomain(host)) {
    say('OB6', 'hard', `${shown} is a Kazakhstani domain; it goes to its owner, the registrar or the police`);
  }
  const institution = institutionOf(host);
  if (institution !== null && !(isNotice && place.on === 'account')) {
    if (institution.kind === 'media' && channel === 'court_route') {
      // The one way that the law leaves open.
    } else if (institution.kind === 'media') {
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
  const isOrdinary = cleared >= 3 && cleared > flagged && front?.verdict === 'clear';
  const isDedicated = cleared === 0 && flagged >= Math.min(3, pages.length);
  if (!isOrdinary && (isDedicated || pages.length === 0)) return [];
  if (!isOrdinary) {
    const why = `${flagged} of ${pages.length} pages looked at show the scheme and ${cleared} show nothing wrong: whether all of the host is of it is not shown; look at more of its pages`;
    return [{ rule: 'OB5', kind: 'soft', why }];
  }
  const host = URL.canParse(url) ? readableHost(hostOf(new URL(url))) : url;
  const why = `${cleared} pages of ${host}, its front page among them, show nothing wrong and ${flagged} do: it looks like an ordinary site with a bad page; write to its owner`;
  return [{ rule: 'OB3', kind: 'hard', why }];
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
  const why = `${pathname} lies in a folder of the site's engine, and the front page of ${readableHost(hostname)} is not of the scheme: the site looks broken into; write to its host (hosting_notice)`;
  return [{ rule: 'OB9', kind: 'hard', why }];
}

function nexusFindings({ url, hasNexus, pages }: ReferralFacts): Finding[] {
  const findings: Finding[] = [];
  if (hasNexus === false) {
    const why = `${url} shows no tie to Kazakhstan (tenge, Kazakh, a number, a name); say in words why it is ours`;
    findings.push({ rule: 'OB11', kind: 'soft', why });
  }
  if (pages.length === 0) {
    const why = `no page of ${url} was captured by this house; another's verdict is a reason to scan it, not to refer it`;
    findings.push({ rule: 'OB12', kind: 'hard', why });
  }
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
  if (words !== undefined) {
    const why = `the page says "${words}": look whether it tells of fraud (news, warning, court, study) and does not commit it`;
    findings.push({ rule: 'OB15', kind: 'soft', why });
  }
  const place = URL.canParse(url) ? placeOf(new URL(url)) : null;
  if (place?.on === 'own_host' && STUDENT_HOSTS.has(place.platform.host)) {
    const why = `${place.host} is where students publish exercises; look whether anything is really asked of a visitor`;
    findings.push({ rule: 'OB15', kind: 'soft', why });
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
    const why = `it was confirmed ${Math.max(0, Math.round(work.secondsToDecide))} s after it was opened; read it again before it goes`;
    findings.push({ rule: 'OB17', kind: 'soft', why });
  }
  if (work.approvedThatDay > MOST_A_DAY) {
    // Without the count, which the next approval would change: an override holds for the finding's own words.
    const why = `its second officer approved more than ${MOST_A_DAY} cases that day; have a sample read again`;
    findings.push({ rule: 'OB17', kind: 'soft', why });
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
  const why = `${url} is hosted in Kazakhstan; it goes to its owner or host`;
  return [{ rule: 'OB6', kind: 'hard', why }];
}

function originFindings({ url, seen }: ReferralFacts): Finding[] {
  if (seen.includes(url)) return [];
  const why = `${url} is in no capture of the case; refer an address that was seen, not one made up`;
  return [{ rule: 'OB13', kind: 'hard', why }];
}

function screenshotFindings({ url, finalUrl, screenshot, screenshotAlsoOf, page }: ReferralFacts): Finding[] {
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
  const notice = page === undefined ? null : (NO_PAGE.exec(page.title) ?? NO_PAGE.exec(page.text));
  if (page !== undefined && notice !== null && page.text.length <= LONGEST_NOTICE) {
    say(`the screenshot shows a notice ("${notice[0].trim()}") and no page; capture ${url} again`);
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
