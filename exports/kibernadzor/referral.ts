/**
 * An approved case and its captures in, a referral out, or every reason why not.
 *
 * The caller picks the capture with `mainCapture`, reads its blobs, and asks `toReferral`. Nothing here
 * decides anything: two officers did, and the rules only hold back what must not leave.
 */
import { createHash } from 'node:crypto';
import { parse as parseHost } from 'tldts';
import type { Assessment, Label, Signal } from '../../domain/assessment.ts';
import type { Capture, Sha256 } from '../../domain/capture.ts';
import { type Case, isSameOfficer } from '../../domain/case.ts';
import { type Override, overrideFor } from '../../domain/override.ts';
import { type EvidencePart, PROFILE, type Referral, referralId } from '../../domain/record.ts';
import { type Channel, groundFor, isReferable, OFFENCES } from '../../domain/referral.ts';
import type { Saying } from '../../domain/saying.ts';
import type { SiteFacts } from '../../domain/site-facts.ts';
import { canonicalUrl, readableHost, siteOf } from '../../domain/url.ts';
import { channelOf, isKzDomain, placeOf, subjectOf } from '../overblock/platforms.ts';
import { sizeOf } from '../overblock/png.ts';
import type { PopularSites } from '../overblock/popular.ts';
import { effectiveScope, type Finding, overblockFindings, type RuleId } from '../overblock/rules.ts';
import { type Said, said } from '../overblock/words.ts';
import { appealWords, formChoices, groundWords, taxonomyOf } from './codes.ts';
import { nexusOf } from './nexus.ts';
import { ReasonSlotError, reasonOf } from './reason.ts';
import { isHostedInKz, networkOf, registrationOf, tlsOf } from './site.ts';

export interface CapturedPage {
  readonly capture: Capture;
  readonly page: { readonly assessment: Assessment; readonly text?: string; readonly title?: string };
}

export interface ReferralOrder {
  readonly case: Case;
  /** The captures the case stands on: what the officers could see. */
  readonly pages: readonly CapturedPage[];
  /** What else was seen of the site, then or later: it may speak for the site, never against it. */
  readonly alsoSeen?: readonly CapturedPage[];
  readonly channel: Channel;
  /** Blobs of the main capture by their names: screenshot, whole-page screenshot, WARC. */
  readonly blobs: ReadonlyMap<Sha256, Uint8Array>;
  /** Other cases whose main capture has the very same screenshot. */
  readonly screenshotAlsoOf?: readonly string[];
  /** Batches in which the same address already went out. */
  readonly sentIn?: readonly string[];
  /** What was learned of the main capture's host; null when nothing was. */
  readonly siteFacts?: SiteFacts | null;
  /** Names among the blobs of further files of the evidence: `tls.pem`, `rdap.json` … */
  readonly files?: ReadonlyMap<string, Sha256>;
  /** Name among the blobs of the main capture's WACZ; null when there is none. */
  readonly wacz?: Sha256 | null;
  /** Code of the organisation that refers: part of what makes `referralId`. */
  readonly org?: string;
  /** Where the form for objections is; null when there is none. */
  readonly appealUrl?: string | null;
  /** Widely visited sites; those that ship unless told. */
  readonly popular?: PopularSites | undefined;
  /** Cases that its second officer approved on that day. */
  readonly approvedThatDay?: number;
  /** What officers asked of soft rules, answered or not. */
  readonly overrides?: readonly Override[];
  /** When it would leave: old evidence does not. Left out, nobody asks how old it is. */
  readonly now?: Date;
}

export interface Refusal {
  /** An over-blocking rule, or what the case itself lacks. */
  readonly rule: RuleId | 'state' | 'label' | 'officers' | 'capture' | 'evidence' | 'reason' | 'age';
  /** In English, with the way out. */
  readonly why: string;
  /** The same apart from any language (`exports/overblock/words.ts`). */
  readonly about: Saying;
  /** Two officers may let it go (`domain/override.ts`). */
  readonly isSoft?: true;
}

export type ReferralOutcome =
  | { readonly is: 'referral'; readonly referral: Referral }
  | { readonly is: 'refused'; readonly caseId: string; readonly refusals: readonly Refusal[] };

/**
 * The capture that a case goes out on: flagged, with a screenshot, of the case's own subject; the riskiest,
 * then the newest. Without such a one the best that there is; null for no captures at all.
 */
export function mainCapture<Page extends CapturedPage>(
  it: Pick<Case, 'subject'>,
  pages: readonly Page[],
): Page | null {
  const isOwn = ({ capture }: Page) =>
    it.subject.kind === 'ring' || subjectOf(new URL(capture.finalUrl)).key === it.subject.key;
  const worth = (page: Page) =>
    (isOwn(page) ? 4 : 0) +
    (page.capture.screenshot === null ? 0 : 2) +
    (page.page.assessment.verdict === 'flag' ? 1 : 0);
  const ranked = [...pages].sort(
    (a, b) =>
      worth(b) - worth(a) ||
      b.page.assessment.score - a.page.assessment.score ||
      b.capture.capturedAt.getTime() - a.capture.capturedAt.getTime() ||
      (a.capture.id < b.capture.id ? -1 : 1),
  );
  return ranked[0] ?? null;
}

/** The channel that a case goes through, told from the address of its main capture; null without a capture. */
export function channelOfCase(it: Pick<Case, 'subject'>, pages: readonly CapturedPage[]): Channel | null {
  // The ads of a ring are a marketplace's to remove; nobody may darken the marketplace for them.
  if (it.subject.kind === 'ring') return 'platform_notice';
  const main = mainCapture(it, pages);
  return main === null ? null : channelOf(new URL(askedUrl(main.capture)));
}

export function toReferral(order: ReferralOrder): ReferralOutcome {
  const { case: it, pages, channel, siteFacts = null } = order;
  const hostedInKz = isHostedInKz(siteFacts);
  const refused = (refusals: readonly Refusal[]): ReferralOutcome => ({
    is: 'refused',
    caseId: it.id,
    refusals,
  });
  const { state, label } = it;
  if (state.is !== 'approved' && state.is !== 'referred') {
    return refused([{ rule: 'state', ...said('case.state', { state: state.is }) }]);
  }
  const main = mainCapture(it, pages);
  if (main === null) {
    return refused([{ rule: 'capture', ...said('capture.none', {}) }]);
  }
  const { capture, page } = main;
  const nexus = nexusOf(page);
  const url = askedUrl(capture);
  const findings = findingsOf(order, main);
  const soft = findings
    .filter(({ kind }) => kind === 'soft')
    .map((finding) => ({ finding, override: overrideFor(finding, order.overrides ?? [], state.at) }));
  const evidence = evidenceOf(it, capture, order);
  const signs = signsOf(it, page.assessment);
  const address = new URL(url);
  const scope = effectiveScope(address, channel);
  const reason = writtenReason(() =>
    reasonOf({
      place: scope.level === 'account' ? scope.value : readableHost(address.hostname),
      capturedAt: capture.capturedAt,
      ground: state.ground,
      channel,
      scope: scope.level === 'account' ? scope.value : readableHost(scope.value),
      signs: signs.map(({ family, excerpt }) => ({ family, quote: excerpt })),
      screenshotSha256: capture.screenshot ?? '',
    }),
  );
  const refusals: Refusal[] = [
    ...caseRefusals(it, main, channel),
    ...findings.filter(({ kind }) => kind === 'hard').map(({ rule, why, about }) => ({ rule, why, about })),
    ...soft.filter(({ override }) => override === null).map(cautionOf),
    ...(evidence.is === 'missing' && capture.screenshot !== null
      ? [{ rule: 'evidence' as const, ...evidence.said }]
      : []),
    ...(order.now === undefined
      ? []
      : ageRefusals([...pages, ...(order.alsoSeen ?? [])], capture, order.now)),
    ...(reason.is === 'unwritten'
      ? [{ ...said('case.thin', {}), rule: 'reason' as const, why: reason.why }]
      : []),
  ];
  if (refusals.length > 0 || evidence.is === 'missing' || reason.is === 'unwritten') return refused(refusals);

  const parts = evidence.parts;
  const screenshotId = parts[0]!.id;
  const place = placeOf(address);
  const form = formChoices(place, page.assessment.lang);
  const ground = groundWords(state.ground);
  const seenAt = pages.map((each) => each.capture.capturedAt.getTime());
  const now = (order.now ?? capture.capturedAt).getTime();
  return {
    is: 'referral',
    referral: {
      profile: PROFILE,
      referralId: referralId(order.org ?? '', it.id, it.revision),
      caseId: it.id,
      caseRevision: it.revision,
      title: `${it.id} ${readableHost(address.hostname)}`.slice(0, 120),
      url,
      urlNormalized: canonicalUrl(address),
      dedupeKey: createHash('sha256').update(canonicalUrl(address)).digest('hex'),
      finalUrl: capture.finalUrl,
      redirectChain: chainOf(capture),
      aliases: aliasesOf(pages, url),
      target: {
        kind: targetKind(address),
        objectType: form.objectType,
        resourceKind: form.resourceKind,
        platform: place.platform?.host ?? null,
        platformObjectId: place.on === 'account' ? place.key : place.on === 'own_host' ? place.host : null,
        publications: null,
        subscribers: null,
      },
      requestedScope:
        scope.level === 'account' ? (place.platform?.page === true ? 'url' : 'account') : 'host',
      effectiveBlockScope: {
        ...scope,
        collateral: findings.some(({ rule }) => rule === 'OB2') ? 'low' : 'none',
      },
      channel,
      hostname: address.hostname,
      registrableDomain: domainOf(address),
      ...suffixOf(address.hostname),
      network: networkOf(capture, siteFacts, hostedInKz),
      registration: registrationOf(siteFacts),
      tls: tlsOf(siteFacts),
      hostedInKz,
      kzTld: isKzDomain(address.hostname),
      ownerContacts: [],
      ownerNotifiedAt: null,
      offense: OFFENCES[label]?.form ?? '',
      qualification: [
        { code: state.ground, articleRu: ground.law.ru, articleKk: ground.law.kk, editionDate: null },
      ],
      legalBasis: LEGAL_BASIS[channel],
      courtDecision: false,
      court: null,
      erdrNumber: null,
      kuiNumber: null,
      taxonomy: { fraudType: label, ...taxonomyOf(label) },
      signs: signs.map(({ id, criterion, excerpt }) => ({
        code: id,
        criterion,
        quote: excerpt,
        lang: page.assessment.lang,
        evidenceRef: screenshotId,
      })),
      reasonRu: reason.ru,
      reasonKk: reason.kk,
      contentLanguage: form.language,
      group: form.group,
      priority: 2,
      urgency: false,
      kzNexus: nexus.map((each) => ({ ...each, evidenceRef: screenshotId })),
      impersonated: null,
      payment: null,
      damage: null,
      evidence: parts,
      screenshotMain: screenshotId,
      firstSeenAt: new Date(Math.min(...seenAt)).toISOString(),
      lastSeenAliveAt: new Date(Math.max(...seenAt)).toISOString(),
      evidenceAgeHours: Math.max(0, Math.floor((now - capture.capturedAt.getTime()) / 3_600_000)),
      detection: {
        source: 'scan',
        captureId: capture.id,
        classifier: {
          name: page.assessment.model,
          label,
          score: it.score,
          topFeatures: signs.slice(0, 5).map(({ id }) => id),
        },
        automated: 'partial',
      },
      decision: {
        officerId: state.by,
        decidedAt: state.at.toISOString(),
        verdict: 'confirmed',
        words: state.reason,
        secondOfficerId: state.approvedBy,
        secondDecidedAt: state.approvedAt.toISOString(),
        overrides: soft.flatMap(({ finding, override }) =>
          override === null ? [] : [overrideRecord(finding, override)],
        ),
      },
      duplicateCheck: { against: ['own_batches'], result: 'none', previousReferralId: null },
      history: [],
      review: reviewOf(state.approvedAt),
      appeal: { contactRu: appealWords().ru, contactKk: appealWords().kk, url: order.appealUrl ?? null },
      confidentiality: { tlp: 'TLP:AMBER', personalData: false, redactions: [] },
    },
  };
}

/**
 * What the over-blocking rules find of a decided case: for officers to see before it is to leave. Nothing for a case
 * without captures, or one that nobody confirmed.
 */
export function findingsOfCase(order: ReferralOrder): Finding[] {
  const main = mainCapture(order.case, order.pages);
  return main === null ? [] : findingsOf(order, main);
}

function findingsOf(order: ReferralOrder, { capture, page }: CapturedPage): Finding[] {
  const { case: it, pages, channel, blobs } = order;
  const { state } = it;
  const url = askedUrl(capture);
  return overblockFindings({
    url,
    channel,
    finalUrl: capture.finalUrl,
    seen: [...pages, ...(order.alsoSeen ?? [])].flatMap((each) => [each.capture.url, each.capture.finalUrl]),
    pages: [...pages, ...(order.alsoSeen ?? [])].map((each) => ({
      url: each.capture.finalUrl,
      verdict: each.page.assessment.verdict,
    })),
    screenshot: capture.screenshot === null ? null : (blobs.get(capture.screenshot) ?? null),
    screenshotAlsoOf: order.screenshotAlsoOf ?? [],
    sentIn: order.sentIn ?? [],
    hostedInKz: isHostedInKz(order.siteFacts ?? null),
    ...(order.popular === undefined ? {} : { popular: order.popular }),
    ...(page.text === undefined ? {} : { hasNexus: nexusOf(page).length > 0 }),
    ...(page.text === undefined ? {} : { page: { text: page.text, title: page.title ?? '' } }),
    ...(state.is === 'approved' || state.is === 'confirmed'
      ? { work: workOf(it, state.at, order.approvedThatDay ?? 0) }
      : {}),
  });
}

/** Nothing leaves on evidence, or on a sign of life, older than this. */
export const OLDEST_EVIDENCE_HOURS = 72;
export const OLDEST_SIGHT_HOURS = 24;

function ageRefusals(pages: readonly CapturedPage[], main: Capture, now: Date): Refusal[] {
  const hoursSince = (at: number) => (now.getTime() - at) / 3_600_000;
  const evidence = hoursSince(main.capturedAt.getTime());
  const alive = hoursSince(Math.max(...pages.map(({ capture }) => capture.capturedAt.getTime())));
  const refusals: Refusal[] = [];
  if (evidence > OLDEST_EVIDENCE_HOURS) {
    const facts = { hours: Math.floor(evidence), most: OLDEST_EVIDENCE_HOURS };
    refusals.push({ rule: 'age', ...said('age.evidence', facts) });
  }
  if (alive > OLDEST_SIGHT_HOURS) {
    const facts = { hours: Math.floor(alive), most: OLDEST_SIGHT_HOURS };
    refusals.push({ rule: 'age', ...said('age.sight', facts) });
  }
  return refusals;
}

function workOf(it: Case, decidedAt: Date, approvedThatDay: number) {
  return { secondsToDecide: (decidedAt.getTime() - it.openedAt.getTime()) / 1000, approvedThatDay };
}

/** The ground each channel stands on: one of three in the law, or an owner's own duty. */
const LEGAL_BASIS: Readonly<Record<Channel, Referral['legalBasis']>> = {
  operator_block: 'KZ-COMM-41-1-1.1',
  platform_notice: 'KZ-PLATF-9-4',
  hosting_notice: 'KZ-INFORM-35-7',
  registrar_notice: 'KZ-INFORM-35-7',
  court_route: 'KZ-COMM-41-1-1.1',
};

/** Hours after the second officer's yes at which somebody looks again: the profile's rhythm. */
const RECHECK_HOURS = [2, 24, 7 * 24, 30 * 24, 90 * 24] as const;

function reviewOf(approvedAt: Date): Referral['review'] {
  const after = (hours: number) => new Date(approvedAt.getTime() + hours * 3_600_000).toISOString();
  return { recheckAt: RECHECK_HOURS.map(after), expiresAt: after(90 * 24) };
}

function chainOf({ hops, capturedAt, finalUrl, status }: Capture): Referral['redirectChain'] {
  const at = capturedAt.toISOString();
  // A page is come to by script where the one before led on by itself.
  const asked = hops.map((hop, n) => ({
    url: hop.url,
    status: hop.status,
    via: hops[n - 1]?.how === undefined ? ('http' as const) : ('script' as const),
    at,
  }));
  const last = asked.at(-1);
  return last === undefined || last.url === finalUrl
    ? asked
    : [...asked, { url: finalUrl, status, via: 'script' as const, at }];
}

function targetKind(url: URL): Referral['target']['kind'] {
  const place = placeOf(url);
  if (place.on === 'site') return domainOf(url) === url.hostname ? 'site_domain' : 'site_host';
  if (place.on === 'own_host') return 'site_host';
  switch (place.platform.kind) {
    case 'social':
      return 'social_account';
    case 'messenger':
      return /bot$/i.test(url.pathname) ? 'messenger_bot' : 'messenger_channel';
    case 'video':
      return 'video';
    case 'marketplace':
      return 'marketplace_listing';
    case 'app_store':
      return 'app';
    default:
      return 'page';
  }
}

function suffixOf(hostname: string): Pick<Referral, 'publicSuffix' | 'isPrivateSuffix'> {
  const { publicSuffix, isPrivate } = parseHost(hostname, { allowPrivateDomains: true });
  return { publicSuffix, isPrivateSuffix: isPrivate === true };
}

/**
 * The address to ask about: the one that was asked for, unless it led away from its own site (a short link,
 * an advertisement): then the one that answered.
 */
function askedUrl({ url, finalUrl }: Capture): string {
  return subjectOf(new URL(url)).key === subjectOf(new URL(finalUrl)).key ? url : finalUrl;
}

/** What the table of offences and the two-officer rule ask; checked again here, whatever a store says. */
function caseRefusals({ label, state, subject }: Case, main: CapturedPage, channel: Channel): Refusal[] {
  const refusals: Refusal[] = [];
  if (state.is !== 'approved' && state.is !== 'referred') return refusals;
  if (!isReferable(label)) {
    refusals.push({ rule: 'label', ...said('case.label', { label }) });
  } else {
    const ground = groundFor(label, state.ground);
    if (ground.is === 'refused') refusals.push({ rule: 'label', ...groundFault(label, state.ground) });
  }
  if (isSameOfficer(state.by, state.approvedBy)) {
    refusals.push({ rule: 'officers', ...said('case.same_officer', { officer: state.by }) });
  }
  if (subject.kind === 'ring' && channel === 'operator_block') {
    refusals.push({ rule: 'OB2', ...said('case.ring', {}) });
  }
  const own = subjectOf(new URL(main.capture.finalUrl)).key;
  if (subject.kind !== 'ring' && own !== subject.key) {
    refusals.push({ rule: 'capture', ...said('case.moved', { site: own, key: subject.key }) });
  }
  if (main.page.assessment.verdict === 'clear') {
    refusals.push({ rule: 'capture', ...said('case.clear', {}) });
  }
  return refusals;
}

type Evidence =
  | { readonly is: 'complete'; readonly parts: EvidencePart[] }
  | { readonly is: 'missing'; readonly said: Said };

/** A ground that the table of offences does not have for this label. */
export function groundFault(label: Label, ground: string): Said {
  return said('case.ground', { ground, label, allowed: (OFFENCES[label]?.grounds ?? []).join(', ') });
}

function evidenceOf(
  { id }: Case,
  capture: Capture,
  { blobs, wacz = null, files = new Map(), siteFacts = null }: ReferralOrder,
): Evidence {
  const fromIpCountry = siteFacts?.from.network?.country ?? null;
  const parts: EvidencePart[] = [];
  const add = (kind: EvidencePart['kind'], sha256: Sha256 | null, name: string): boolean => {
    const bytes = sha256 === null ? undefined : blobs.get(sha256);
    if (sha256 === null || bytes === undefined) return false;
    const isPicture = kind === 'screenshot_viewport' || kind === 'screenshot_full';
    parts.push({
      id: `ev-${parts.length + 1}`,
      kind,
      path: `evidence/${id}/${name}`,
      mediaType: MEDIA_TYPES[kind],
      bytes: bytes.byteLength,
      sha256,
      capturedAt: capture.capturedAt.toISOString(),
      captureTool: 'kuzet',
      viewport: isPicture ? sizeOf(bytes) : null,
      fromIpCountry,
      httpStatus: capture.status,
      note: null,
    });
    return true;
  };
  if (!add('screenshot_viewport', capture.screenshot, 'screenshot.png'))
    return { is: 'missing', said: said('evidence.screenshot', { url: capture.finalUrl }) };
  add('screenshot_full', capture.fullScreenshot, 'fullpage.png');
  if (!add('warc', capture.warc, 'capture.warc.gz'))
    return { is: 'missing', said: said('evidence.warc', { url: capture.finalUrl }) };
  add('wacz', wacz, 'page.wacz');
  for (const [name, sha256] of files) {
    const kind = FILE_KINDS[name];
    if (kind !== undefined && !add(kind, sha256, name))
      return { is: 'missing', said: said('evidence.file', { name, url: capture.finalUrl }) };
  }
  return { is: 'complete', parts };
}

const FILE_KINDS: Readonly<Record<string, EvidencePart['kind']>> = {
  'tls.pem': 'tls_chain',
  'dns.json': 'dns',
  'rdap.json': 'rdap',
  'redirects.json': 'redirects',
};

const MEDIA_TYPES: Readonly<Record<EvidencePart['kind'], EvidencePart['mediaType']>> = {
  screenshot_viewport: 'image/png',
  screenshot_full: 'image/png',
  warc: 'application/warc',
  wacz: 'application/wacz',
  tls_chain: 'application/pem-certificate-chain',
  dns: 'application/json',
  rdap: 'application/json',
  redirects: 'application/json',
};

const MOST_SIGNS = 12;

/**
 * What can be quoted: what the page itself shows, those that cite a criterion first. Only a page that shows
 * less than two such things is helped out by the rest of its site.
 */
function signsOf(it: Case, assessment: Assessment): Signal[] {
  const own = speaking(assessment.signals);
  const signs = own.length >= 2 ? own : speaking([...own, ...it.reasons]);
  const cites = ({ criterion }: Signal) => criterion !== 'none' && criterion !== '';
  return [...signs.filter(cites), ...signs.filter((signal) => !cites(signal))].slice(0, MOST_SIGNS);
}

function speaking(signals: readonly Signal[]): Signal[] {
  const ids = new Set<string>();
  return signals.filter(({ id, excerpt, contribution }) => {
    if (contribution <= 0 || excerpt.trim() === '' || ids.has(id)) return false;
    ids.add(id);
    return true;
  });
}

function writtenReason(
  write: () => { ru: string; kk: string },
):
  | { readonly is: 'written'; readonly ru: string; readonly kk: string }
  | { readonly is: 'unwritten'; readonly why: string } {
  try {
    return { is: 'written', ...write() };
  } catch (error) {
    if (!(error instanceof ReasonSlotError)) throw error;
    return { is: 'unwritten', why: error.message };
  }
}

/** One site on a builder is its own domain here, even where the public suffix list knows nothing of it. */
function domainOf(url: URL): string | null {
  const place = placeOf(url);
  if (place.on === 'own_host') return place.host;
  const site = siteOf(url.hostname);
  return /^[\d.]+$|^\[/.test(site) ? null : site;
}

/** Addresses on other sites that led to this page's site. */
function aliasesOf(pages: readonly CapturedPage[], url: string): string[] {
  const key = subjectOf(new URL(url)).key;
  const others = pages
    .filter(({ capture }) => subjectOf(new URL(capture.finalUrl)).key === key)
    .flatMap(({ capture }) => [capture.url, ...capture.hops.map((hop) => hop.url)])
    .filter((each) => subjectOf(new URL(each)).key !== key);
  return [...new Set(others)].sort();
}

function cautionOf({ finding: { rule, why, about } }: { readonly finding: Finding }): Refusal {
  return { rule, why, about, isSoft: true };
}

/** With the finding as its rule words it now: verifying asks the rule again. */
function overrideRecord(
  { rule, why: finding }: Finding,
  it: NonNullable<ReturnType<typeof overrideFor>>,
): Referral['decision']['overrides'][number] {
  const { by, at, why, answer } = it;
  return {
    ...{ rule, finding, why, officerId: by, askedAt: at.toISOString() },
    ...{ secondOfficerId: answer.by, confirmedAt: answer.at.toISOString() },
  };
}
