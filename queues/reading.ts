/**
 * One address of a visit, from request to evidence on disk. Every way it can end is a value, so that the
 * visit goes on; when a request may go out is the turns' to say, and nothing here writes a row.
 */
import type { AwayState } from '../classifiers/away.ts';
import { isKeptOut, keptOut } from '../classifiers/kept-out.ts';
import { challengeOf } from '../crawler/challenge.ts';
import { type Fetched, FetchFailedError, isNotModified } from '../crawler/fetch.ts';
import { chooseLinks } from '../crawler/scope.ts';
import type { Capture } from '../domain/capture.ts';
import type { VisitorReading } from '../domain/cloak-check.ts';
import type { FailureReason, SkipReason, UrlOutcome } from '../domain/source.ts';
import { siteOf } from '../domain/url.ts';
import { isEvidenceFault, isPlaceFull } from '../evidence/store.ts';
import { warcOf } from '../evidence/warc.ts';
import type { PageRow } from '../store/captures.ts';
import type { DueUrl, FoundUrl, Visited } from '../store/frontier.ts';
import type { Visit } from '../store/lease.ts';
import type { KeptFacts } from './facts.ts';
import { type JudgedPage, PageUnjudgedError } from './judge.ts';
import { type EarlierPage, earlierPage, isAnew, type Seen, type SeenPage } from './looks.ts';
import {
  type Checked,
  checkCloaking,
  type KeptSight,
  type Sight,
  shownInstead,
  sourceOf,
  whyCheck,
} from './reading/cloak-check.ts';
import { type ToKeep, writeEvidence } from './reading/kept.ts';
import { riskier, type Showing, show } from './reading/showing.ts';
import type { ReadingTools } from './reading/tools.ts';
import { type Answer, HostRestsError, NOT_ASKED, type Turns, VisitsPausedError } from './turns.ts';

export interface Reading {
  readonly visited: Omit<Visited, 'host'>;
  readonly answer: Answer;
  /** Asking once more may bring what this time did not. */
  readonly mayTryAgain: boolean;
  /** Null when nothing was learnt of the address. */
  readonly seen: Seen | null;
}

const WORTH_ANOTHER_TRY: ReadonlySet<FailureReason> = new Set([
  'timeout',
  'unreachable',
  'refused',
  'protocol',
]);

export async function readAddress(
  visit: Visit,
  due: DueUrl,
  tools: ReadingTools,
  turns: Turns,
  signal: AbortSignal,
): Promise<Reading> {
  const earlier = await earlierPage(visit, due, tools);
  const ifChanged = earlier?.ifChanged ?? null;
  let fetched: Fetched;
  try {
    const { settings } = visit;
    fetched = await tools.crawler.fetch(
      new URL(due.url),
      settings,
      signal,
      'page',
      turns.courtesy,
      ifChanged,
    );
  } catch (cause) {
    if (signal.aborted || !(cause instanceof FetchFailedError)) throw cause;
    const failed = notFetched(cause, turns.heldSeconds());
    return orInstead(visit, due, failed, tools, turns, signal);
  }
  const { retryAfterSeconds } = fetched;
  const status = fetched.status >= 400 && gatekeeperOf(fetched) !== null ? HELD_UP : fetched.status;
  const answer = { status, retryAfterSeconds, seconds: turns.heldSeconds() };
  const unwanted = unwantedAnswer(visit, due, fetched);
  if (unwanted !== null) {
    const isHeldUp = unwanted.is === 'failed' && unwanted.reason === 'challenge';
    const away = isHeldUp ? null : await noticeIn(fetched, tools);
    const outcome = away === null ? unwanted : noticed(unwanted, away);
    const isPassing = !isHeldUp && away === null && (fetched.status === 429 || fetched.status >= 500);
    const seen = unseen(outcome, status, away);
    const failed: Reading = { visited: nothing(outcome), answer, mayTryAgain: isPassing, seen };
    return isHeldUp ? failed : orInstead(visit, due, failed, tools, turns, signal);
  }
  try {
    const kept =
      earlier !== null && status === 304
        ? await keepUnchanged(visit, fetched, earlier, tools)
        : await keep(visit, due, fetched, tools, turns, signal);
    const isKept = kept.visited.captured === null ? null : kept.visited.captured.page.assessment;
    const slower = isKept !== null && isKeptOut(isKept) ? { ...answer, status: HELD_UP } : answer;
    return { ...kept, answer: slower, mayTryAgain: false };
  } catch (cause) {
    return notKept(cause, due, answer, tools, signal);
  }
}

/** How an address ends whose page came and could not be kept. @throws what is no fault of the page's or the evidence's */
function notKept(
  cause: unknown,
  due: DueUrl,
  answer: Answer,
  tools: ReadingTools,
  signal: AbortSignal,
): Reading {
  const isForLater =
    cause instanceof HostRestsError || cause instanceof VisitsPausedError || isPlaceFull(cause);
  if (signal.aborted || isForLater) throw cause;
  const isEvidence = isEvidenceFault(cause);
  tools.log.error({ url: due.url, err: cause }, 'a page could not be kept');
  const detail = cause instanceof Error ? cause.message : String(cause);
  const reason = isEvidence ? 'evidence' : cause instanceof PageUnjudgedError ? 'unjudged' : 'internal';
  const outcome: UrlOutcome = { is: 'failed', reason, detail };
  return { visited: nothing(outcome), answer, mayTryAgain: isEvidence, seen: null };
}

function notFetched({ facts }: FetchFailedError, seconds: number): Reading {
  const { reason, detail, exchanges } = facts;
  const status = exchanges.at(-1)?.status ?? null;
  if (isSkipReason(reason)) {
    const answer = { status: status ?? NOT_ASKED, retryAfterSeconds: null, seconds };
    return { visited: nothing({ is: 'skipped', reason, detail }), answer, mayTryAgain: false, seen: null };
  }
  const outcome: UrlOutcome = { is: 'failed', reason, detail };
  return {
    visited: nothing(outcome),
    answer: { status, retryAfterSeconds: null, seconds },
    mayTryAgain: WORTH_ANOTHER_TRY.has(reason),
    seen: unseen(outcome, status),
  };
}

/** Failures of which a site could make a difference between its visitors. */
const CHOSEN: ReadonlySet<FailureReason> = new Set([
  'http_status',
  'refused',
  'unreachable',
  'timeout',
  'protocol',
]);

/** A failure, or what another visitor was shown in its place. That page too may be one that cannot be kept. */
async function orInstead(
  visit: Visit,
  due: DueUrl,
  failed: Reading,
  tools: ReadingTools,
  turns: Turns,
  signal: AbortSignal,
): Promise<Reading> {
  try {
    return (await keptInstead(visit, due, failed, tools, turns, signal)) ?? failed;
  } catch (cause) {
    return notKept(cause, due, failed.answer, tools, signal);
  }
}

/**
 * Where a case stands on what another visitor was shown, the address is asked for as that visitor before it is called
 * gone; null when that showed nothing either.
 */
async function keptInstead(
  visit: Visit,
  due: DueUrl,
  { visited: { outcome }, answer }: Reading,
  tools: ReadingTools,
  turns: Turns,
  signal: AbortSignal,
): Promise<Reading | null> {
  const { seenAs } = visit.settings;
  const isChosen = outcome.is === 'failed' && CHOSEN.has(outcome.reason);
  if (seenAs === undefined || !isChosen || tools.checks === null) return null;
  const last = { status: answer.status ?? NOT_ASKED, retryAfterSeconds: answer.retryAfterSeconds };
  const shown = await shownInstead(due.url, seenAs, last, tools.checks, { visit, tools, turns, signal });
  if (shown === null) return null;
  const { sight } = shown;
  const assessment = riskier(sight.asFetched.assessment, sight.asSeen.assessment);
  const facts = await tools.facts(sight.fetched.exchanges.at(-1)!, visit.settings, signal);
  const beside = { profile: seenAs, facts, leftPlain: null };
  const captured = await written(visit, due, { sight, assessment }, beside, tools);
  const seen: SeenPage = {
    is: 'page',
    fetched: sight.fetched,
    capture: captured.capture,
    assessment,
    state: 'live',
    print: sight.asFetched.pagePrint,
    seenPrint: sight.rendered === null ? null : sight.asSeen.pagePrint,
  };
  return {
    visited: {
      outcome: { is: 'captured', captureId: captured.capture.id },
      captured: { ...captured, listings: [] },
      found: [],
    },
    answer: { ...shown.last, seconds: turns.heldSeconds() },
    mayTryAgain: false,
    seen,
  };
}

/** What a failure tells of the address; what we passed over tells nothing. */
function unseen(outcome: UrlOutcome, status: number | null, away: AwayState | null = null): Seen | null {
  return outcome.is === 'failed' ? { is: 'nothing', reason: outcome.reason, status, away } : null;
}

/** What hosters and registrars answer with for a site that is suspended, parked or for sale. */
const NOTICES: ReadonlySet<number> = new Set([402, 403, 404, 410, 503]);
/** A notice is short. */
const MOST_NOTICE = 100_000;

/** Whether the page that came with an error says that nobody is at home; null when it does not, or is no page. */
async function noticeIn(fetched: Fetched, tools: ReadingTools): Promise<AwayState | null> {
  const { status, body, mediaType } = fetched;
  if (!NOTICES.has(status) || body.byteLength === 0 || body.byteLength > MOST_NOTICE) return null;
  if (mediaType !== '' && !/html|plain/.test(mediaType)) return null;
  try {
    return (await tools.judge.judge(sourceOf(fetched), tools.judgedBy)).away;
  } catch (cause) {
    if (cause instanceof PageUnjudgedError) return null;
    throw cause;
  }
}

const SAYS: Readonly<Record<AwayState, string>> = {
  parked: 'the address is parked',
  for_sale: 'the address is for sale',
  suspended: 'the site is suspended',
};

function noticed(outcome: UrlOutcome, away: AwayState): UrlOutcome {
  if (outcome.is !== 'failed') return outcome;
  return { ...outcome, detail: `${outcome.detail}, and says that ${SAYS[away]}` };
}

/** An answer that is no page of this visit: an error, or an address that leads away from the site. */
function unwantedAnswer(visit: Visit, due: DueUrl, fetched: Fetched): UrlOutcome | null {
  if (fetched.status === 304 && !isNotModified(fetched.exchanges.at(-1)!)) {
    const detail = 'the server calls the page unchanged, and was not asked whether it changed';
    return { is: 'failed', reason: 'protocol', detail };
  }
  const gatekeeper = fetched.status >= 400 ? gatekeeperOf(fetched) : null;
  if (gatekeeper !== null) {
    const detail = `a gatekeeper (${gatekeeper}) holds robots up; it is left alone, an officer has to look`;
    return { is: 'failed', reason: 'challenge', detail };
  }
  if (fetched.status >= 400) {
    return { is: 'failed', reason: 'http_status', detail: `the server answered ${fetched.status}` };
  }
  const { hostname } = new URL(fetched.finalUrl);
  if (!due.seed && siteOf(hostname) !== siteOf(visit.host)) {
    return { is: 'skipped', reason: 'left_site', detail: `leads to ${hostname}` };
  }
  return null;
}

/** Whoever is held up slows down, by whatever number it was told. */
const HELD_UP = 429;
/** Bytes that a gatekeeper's marks are looked for in. */
const MARKED = 200_000;

function gatekeeperOf({ status, headers, body }: Fetched): string | null {
  return challengeOf({ status, headers, html: body.subarray(0, MARKED).toString('utf8') });
}

export function isSkipReason(reason: FailureReason | SkipReason): reason is SkipReason {
  return (
    reason === 'private_address' || reason === 'not_a_page' || reason === 'bad_url' || reason === 'robots'
  );
}

function nothing(outcome: UrlOutcome): Reading['visited'] {
  return { outcome, captured: null, found: [] };
}

/**
 * Reads, assesses, renders where it must be seen, asks again as somebody else where that may show more, and writes
 * the evidence of all.
 */
async function keep(
  visit: Visit,
  due: DueUrl,
  fetched: Fetched,
  tools: ReadingTools,
  turns: Turns,
  signal: AbortSignal,
): Promise<Pick<Reading, 'visited' | 'seen'>> {
  const { settings } = visit;
  const judged = await tools.judge.judge(sourceOf(fetched), tools.judgedBy);
  const { challenge } = judged;
  const asFetched =
    challenge === null ? judged : { ...judged, assessment: keptOut(judged.assessment, challenge) };
  const ask = () => tools.facts(fetched.exchanges.at(-1)!, settings, signal);
  // Name servers and registries answer while the page is being shown.
  const early = asFetched.assessment.verdict === 'flag' ? ask() : null;
  early?.catch(() => undefined);
  const { status, retryAfterSeconds } = fetched;
  const showing: Showing = {
    url: fetched.finalUrl,
    settings,
    askAgain: () =>
      turns.again(new URL(fetched.finalUrl), { status, retryAfterSeconds, seconds: turns.heldSeconds() }),
    courtesy: turns.courtesy,
    signal,
  };
  const { leftPlain, ...shown } = await show(asFetched, settings.render, showing, tools);
  const own: Sight = { fetched, asFetched, ...shown };
  const check = await checked(visit, due, own, tools, turns, signal);
  const first = check?.first ?? {
    sight: own,
    assessment: riskier(asFetched.assessment, shown.asSeen.assessment),
  };
  const facts = await (early ?? (first.sight.asSeen.assessment.verdict === 'clear' ? null : ask()));
  const captured = await written(visit, due, first, { profile: null, facts, leftPlain }, tools);
  const kept = check === null ? null : await keptCheck(visit, due, captured.capture, check, tools, signal);
  const riskiest = [captured, ...(kept?.variants ?? [])].reduce((most, it) =>
    it.page.assessment.score > most.page.assessment.score ? it : most,
  );
  const { asSeen, rendered } = first.sight;
  const seen: SeenPage = {
    is: 'page',
    fetched,
    capture: captured.capture,
    assessment: riskiest.page.assessment,
    state: asSeen.away ?? asFetched.away ?? 'live',
    print: asFetched.pagePrint,
    seenPrint: rendered === null ? null : asSeen.pagePrint,
  };
  const isFollowed =
    challenge === null && due.depth < settings.depth && (settings.again !== true || isAnew(due.known, seen));
  const visited: Reading['visited'] = {
    outcome: { is: 'captured', captureId: riskiest.capture.id },
    captured: {
      ...captured,
      listings: asSeen.listings,
      shadow:
        asFetched.shadow === null || asSeen.shadow === null ? null : riskier(asFetched.shadow, asSeen.shadow),
      // A page of listings is worth its visit, however much it looks like the one before.
      print: asSeen.listings.length > 0 ? null : asSeen.print,
      cloaking: kept,
    },
    found: isFollowed ? links(asFetched, asSeen, riskiest.page.assessment.score, due, visit) : [],
  };
  return { visited, seen };
}

/** Archives that the page which is kept still holds. It is a look, and no new evidence: the capture's age stays. */
async function keepUnchanged(
  visit: Visit,
  { exchanges }: Fetched,
  { captureId, response }: EarlierPage,
  { evidence, software }: ReadingTools,
): Promise<Pick<Reading, 'visited' | 'seen'>> {
  const at = exchanges.at(-1)!.startedAt;
  const context = { software, visit: visit.id, at, browser: null };
  const warc = await evidence.put(warcOf({ context, exchanges, unchanged: response }));
  return { visited: nothing({ is: 'unchanged', captureId }), seen: { is: 'unchanged', warc } };
}

async function checked(
  visit: Visit,
  due: DueUrl,
  own: Sight,
  tools: ReadingTools,
  turns: Turns,
  signal: AbortSignal,
): Promise<Checked | null> {
  const { checks } = tools;
  if (checks === null || visit.settings.cloakCheck === 'never') return null;
  const why = whyCheck(due.url, own, checks, tools.clock.now(), visit.settings.seenAs);
  return why === null ? null : checkCloaking(due.url, own, why, checks, { visit, tools, turns, signal });
}

async function factsOf(
  { sight: { fetched }, assessment }: KeptSight,
  { settings }: Visit,
  tools: ReadingTools,
  signal: AbortSignal,
): Promise<KeptFacts | null> {
  return assessment.verdict === 'clear' ? null : tools.facts(fetched.exchanges.at(-1)!, settings, signal);
}

async function written(
  visit: Visit,
  due: DueUrl,
  { sight: { fetched, rendered, asFetched, asSeen }, assessment }: KeptSight,
  beside: Pick<ToKeep, 'profile' | 'facts' | 'leftPlain'>,
  tools: ReadingTools,
): Promise<{ capture: Capture; page: PageRow }> {
  const capture = await writeEvidence(visit, { url: due.url, fetched, rendered, ...beside }, tools);
  tools.parts.note(capture.id, assessment.score, asSeen.printPart);
  const page = {
    subject: tools.subjectOf(new URL(fetched.finalUrl)),
    title: asSeen.title || asFetched.title,
    text: asSeen.text || asFetched.text,
    assessment,
  };
  return { capture, page };
}

async function keptCheck(
  visit: Visit,
  due: DueUrl,
  { id: captureId, capturedAt: at }: Capture,
  { why, finding, readings }: Checked,
  tools: ReadingTools,
  signal: AbortSignal,
) {
  const variants: { capture: Capture; page: PageRow }[] = [];
  const told: VisitorReading[] = [];
  for (const { kept, ...reading } of readings) {
    const { profile } = reading;
    const variant =
      kept === null
        ? null
        : await written(
            visit,
            due,
            kept,
            { profile, facts: await factsOf(kept, visit, tools, signal), leftPlain: null },
            tools,
          );
    if (variant !== null) variants.push(variant);
    told.push({ ...reading, captureId: variant?.capture.id ?? null });
  }
  return { check: { captureId, why, at, finding, readings: told }, variants };
}

/** @param risk of the page: 0..1. */
function links(
  asFetched: JudgedPage,
  asSeen: JudgedPage,
  risk: number,
  due: DueUrl,
  visit: Visit,
): FoundUrl[] {
  const { pages } = visit.settings;
  return chooseLinks(asSeen === asFetched ? asFetched.links : [...asFetched.links, ...asSeen.links], {
    host: visit.host,
    pages,
    limit: pages * 3,
    risk,
    depth: due.depth + 1,
  });
}
