/**
 * An approved case and its captures in, a referral out, or every reason why not.
 *
 * The caller picks the capture with `mainCapture`, reads its blobs, and asks `toReferral`. Nothing here
 * decides anything: two officers did, and the rules only hold back what must not leave.
 */
import type { Assessment, Signal } from '../../domain/assessment.ts';
import type { Capture, Sha256 } from '../../domain/capture.ts';
import { type Case, isSameOfficer } from '../../domain/case.ts';
import { type Channel, groundFor, isReferable, OFFENCES, type Referral } from '../../domain/referral.ts';
import { readableHost, siteOf } from '../../domain/url.ts';
import { channelOf, placeOf, subjectOf } from '../overblock/platforms.ts';
import { effectiveScope, type Finding, overblockFindings, type RuleId } from '../overblock/rules.ts';
import { formChoices } from './codes.ts';
import { ReasonSlotError, reasonOf } from './reason.ts';

export interface CapturedPage {
  readonly capture: Capture;
  readonly page: { readonly assessment: Assessment };
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
  /** Whether the server stands in Kazakhstan; null when not known. */
  readonly hostedInKz?: boolean | null;
}

export interface Refusal {
  /** An over-blocking rule, or what the case itself lacks. */
  readonly rule: RuleId | 'state' | 'label' | 'officers' | 'capture' | 'evidence' | 'reason';
  readonly why: string;
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
  const { case: it, pages, channel, blobs } = order;
  const refused = (refusals: readonly Refusal[]): ReferralOutcome => ({
    is: 'refused',
    caseId: it.id,
    refusals,
  });
  const { state, label } = it;
  if (state.is !== 'approved' && state.is !== 'referred') {
    return refused([{ rule: 'state', why: `it is ${state.is}; only an approved case goes out` }]);
  }
  const main = mainCapture(it, pages);
  if (main === null) {
    return refused([{ rule: 'capture', why: 'none of its pages is kept; scan the site again' }]);
  }
  const { capture, page } = main;
  const url = askedUrl(capture);
  const findings = overblockFindings({
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
    hostedInKz: order.hostedInKz ?? null,
  });
  const evidence = evidenceOf(it, capture, blobs);
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
    ...findings.filter(({ kind }) => kind === 'hard').map(({ rule, why }) => ({ rule, why })),
    ...(evidence.is === 'missing' && capture.screenshot !== null
      ? [{ rule: 'evidence' as const, why: evidence.why }]
      : []),
    ...(reason.is === 'unwritten' ? [{ rule: 'reason' as const, why: reason.why }] : []),
  ];
  if (refusals.length > 0 || evidence.is === 'missing' || reason.is === 'unwritten') return refused(refusals);

  return {
    is: 'referral',
    referral: {
      profile: 'kibernadzor-referral/0.1.0',
      caseId: it.id,
      caseRevision: it.revision,
      url,
      finalUrl: capture.finalUrl,
      hostname: address.hostname,
      registrableDomain: domainOf(address),
      label,
      score: it.score,
      model: page.assessment.model,
      lang: page.assessment.lang,
      channel,
      offence: OFFENCES[label]?.form ?? '',
      ground: state.ground,
      reason: reason.ru,
      reasonKk: reason.kk,
      officerReason: state.reason,
      scope,
      form: formChoices(placeOf(address), page.assessment.lang),
      aliases: aliasesOf(pages, url),
      cautions: cautionsOf(findings),
      signs: signs.map(({ id, criterion, excerpt }) => ({ id, criterion, quote: excerpt })),
      capturedAt: capture.capturedAt.toISOString(),
      evidence: evidence.parts,
      pages: [...new Set(pages.map((each) => each.capture.finalUrl))].sort(),
      decidedBy: state.by,
      decidedAt: state.at.toISOString(),
      approvedBy: state.approvedBy,
      approvedAt: state.approvedAt.toISOString(),
    },
  };
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
    refusals.push({ rule: 'label', why: `"${label}" is recognised and never referred` });
  } else {
    const ground = groundFor(label, state.ground);
    if (ground.is === 'refused') refusals.push({ rule: 'label', why: ground.why });
  }
  if (isSameOfficer(state.by, state.approvedBy)) {
    refusals.push({
      rule: 'officers',
      why: `${state.by} both confirmed and approved it; a second officer has to`,
    });
  }
  if (subject.kind === 'ring' && channel === 'operator_block') {
    refusals.push({ rule: 'OB2', why: 'a ring of listings goes to its marketplace, never to operators' });
  }
  const own = subjectOf(new URL(main.capture.finalUrl)).key;
  if (subject.kind !== 'ring' && own !== subject.key) {
    refusals.push({ rule: 'capture', why: `its pages now lead to ${own}; scan ${subject.key} again` });
  }
  if (main.page.assessment.verdict === 'clear') {
    refusals.push({
      rule: 'capture',
      why: 'none of its captured pages shows what the case says; scan it again',
    });
  }
  return refusals;
}

type Evidence =
  | { readonly is: 'complete'; readonly parts: Referral['evidence'] }
  | { readonly is: 'missing'; readonly why: string };

function evidenceOf({ id }: Case, capture: Capture, blobs: ReadonlyMap<Sha256, Uint8Array>): Evidence {
  const part = (sha256: Sha256 | null, name: string) => {
    const bytes = sha256 === null ? undefined : blobs.get(sha256);
    return sha256 === null || bytes === undefined
      ? null
      : { path: `evidence/${id}/${name}`, sha256, bytes: bytes.byteLength };
  };
  const screenshot = part(capture.screenshot, 'screenshot.png');
  const warc = part(capture.warc, 'capture.warc.gz');
  if (screenshot === null)
    return { is: 'missing', why: `the screenshot of ${capture.finalUrl} could not be read` };
  if (warc === null) return { is: 'missing', why: `the WARC of ${capture.finalUrl} could not be read` };
  const fullScreenshot = part(capture.fullScreenshot, 'fullpage.png');
  return { is: 'complete', parts: { screenshot, fullScreenshot, warc } };
}

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

function cautionsOf(findings: readonly Finding[]): { rule: string; why: string }[] {
  return findings.filter(({ kind }) => kind === 'soft').map(({ rule, why }) => ({ rule, why }));
}
