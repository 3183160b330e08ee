/**
 * One address of a visit, from request to evidence on disk. Every way it can end is a value, so that the
 * visit goes on; when a request may go out is the turns' to say, and nothing here writes a row.
 */
import type { Logger } from 'pino';
import { type Fetched, FetchFailedError, isNotModified } from '../crawler/fetch.ts';
import type { Crawler } from '../crawler/lanes.ts';
import { READER } from '../crawler/render/guise.ts';
import type { Rendered, Takes } from '../crawler/render.ts';
import { chooseLinks } from '../crawler/scope.ts';
import type { Assessment } from '../domain/assessment.ts';
import type { Capture } from '../domain/capture.ts';
import type { Subject } from '../domain/case.ts';
import type { FailureReason, RenderMode, SkipReason, UrlOutcome } from '../domain/source.ts';
import { siteOf } from '../domain/url.ts';
import { type EvidenceStore, isEvidenceFault } from '../evidence/store.ts';
import { warcOf } from '../evidence/warc.ts';
import type { DueUrl, FoundUrl, Visited } from '../store/frontier.ts';
import type { Visit } from '../store/lease.ts';
import { type Clock, newId } from './clock.ts';
import type { AskFacts, KeptFacts } from './facts.ts';
import { type Judge, type JudgedBy, type JudgedPage, PageUnjudgedError } from './judge.ts';
import {
  type EarlierPage,
  type EarlierTools,
  earlierPage,
  isAnew,
  type Seen,
  type SeenPage,
} from './looks.ts';
import { type Answer, HostRestsError, NOT_ASKED, type Turns, VisitsPausedError } from './turns.ts';

export interface ReadingTools extends EarlierTools {
  readonly evidence: EvidenceStore;
  readonly crawler: Crawler;
  readonly judge: Judge;
  readonly judgedBy: JudgedBy;
  /** What a page belongs to: a site, or an account on a platform. */
  readonly subjectOf: (url: URL) => Subject;
  /** Name and version, written into every WARC. */
  readonly software: string;
  /** Of one visit. */
  readonly facts: AskFacts;
  readonly clock: Clock;
  readonly log: Logger;
}

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
    return notFetched(cause, turns.heldSeconds());
  }
  const { status, retryAfterSeconds } = fetched;
  const answer = { status, retryAfterSeconds, seconds: turns.heldSeconds() };
  const unwanted = unwantedAnswer(visit, due, fetched);
  if (unwanted !== null) {
    const isPassing = fetched.status === 429 || fetched.status >= 500;
    return { visited: nothing(unwanted), answer, mayTryAgain: isPassing, seen: unseen(unwanted, status) };
  }
  try {
    const once = () => turns.again(new URL(fetched.finalUrl), answer);
    const kept =
      earlier !== null && status === 304
        ? await keepUnchanged(visit, fetched, earlier, tools)
        : await keep(visit, due, fetched, tools, once, signal);
    return { ...kept, answer, mayTryAgain: false };
  } catch (cause) {
    const isForLater = cause instanceof HostRestsError || cause instanceof VisitsPausedError;
    if (signal.aborted || isForLater) throw cause;
    const isEvidence = isEvidenceFault(cause);
    tools.log.error({ url: due.url, err: cause }, 'a page could not be kept');
    const detail = cause instanceof Error ? cause.message : String(cause);
    const reason = isEvidence ? 'evidence' : cause instanceof PageUnjudgedError ? 'unjudged' : 'internal';
    const outcome: UrlOutcome = { is: 'failed', reason, detail };
    return { visited: nothing(outcome), answer, mayTryAgain: isEvidence, seen: null };
  }
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

/** What a failure tells of the address; what we passed over tells nothing. */
function unseen(outcome: UrlOutcome, status: number | null): Seen | null {
  return outcome.is === 'failed' ? { is: 'nothing', reason: outcome.reason, status } : null;
}

/** An answer that is no page of this visit: an error, or an address that leads away from the site. */
function unwantedAnswer(visit: Visit, due: DueUrl, fetched: Fetched): UrlOutcome | null {
  if (fetched.status === 304 && !isNotModified(fetched.exchanges.at(-1)!)) {
    const detail = 'the server calls the page unchanged, and was not asked whether it changed';
    return { is: 'failed', reason: 'protocol', detail };
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

export function isSkipReason(reason: FailureReason | SkipReason): reason is SkipReason {
  return (
    reason === 'private_address' || reason === 'not_a_page' || reason === 'bad_url' || reason === 'robots'
  );
}

function nothing(outcome: UrlOutcome): Reading['visited'] {
  return { outcome, captured: null, found: [] };
}

/**
 * Reads, assesses, renders where it must be seen, and writes the evidence of one answer.
 *
 * @param askAgain waits until the page may be asked for once more, by the browser.
 */
async function keep(
  visit: Visit,
  due: DueUrl,
  fetched: Fetched,
  tools: ReadingTools,
  askAgain: () => Promise<void>,
  signal: AbortSignal,
): Promise<Pick<Reading, 'visited' | 'seen'>> {
  const { settings } = visit;
  const { judge, judgedBy } = tools;
  const received = { bytes: fetched.body, contentType: fetched.contentType };
  const asFetched = await judge.judge({ url: fetched.finalUrl, source: received }, judgedBy);
  const ask = () => tools.facts(fetched.exchanges.at(-1)!, settings, signal);
  // Name servers and registries answer while the page is being shown.
  const early = asFetched.assessment.verdict === 'flag' ? ask() : null;
  early?.catch(() => undefined);
  const { rendered, asSeen } = await show(fetched.finalUrl, asFetched, visit, tools, askAgain, signal);
  const facts = await (early ?? (asSeen.assessment.verdict === 'clear' ? null : ask()));
  const capture = await writeEvidence(visit, due, fetched, rendered, facts, tools);
  const assessment = riskier(asFetched.assessment, asSeen.assessment);
  const seen: SeenPage = {
    is: 'page',
    fetched,
    capture,
    assessment,
    state: asSeen.away ?? asFetched.away ?? 'live',
    print: asFetched.pagePrint,
    seenPrint: rendered === null ? null : asSeen.pagePrint,
  };
  const isFollowed = due.depth < settings.depth && (settings.again !== true || isAnew(due.known, seen));
  const visited: Reading['visited'] = {
    outcome: { is: 'captured', captureId: capture.id },
    captured: {
      capture,
      page: {
        subject: tools.subjectOf(new URL(fetched.finalUrl)),
        title: asSeen.title || asFetched.title,
        text: asSeen.text || asFetched.text,
        assessment,
      },
      listings: asSeen.listings,
      shadow:
        asFetched.shadow === null || asSeen.shadow === null ? null : riskier(asFetched.shadow, asSeen.shadow),
      // A page of listings is worth its visit, however much it looks like the one before.
      print: asSeen.listings.length > 0 ? null : asSeen.print,
    },
    found: isFollowed ? links(asFetched, asSeen, assessment.score, due, visit) : [],
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

/**
 * Shows the page where it must be seen. One that only has to be read first is shown for its text, at half the cost,
 * and once more for its pictures if an officer will want to see it.
 */
async function show(
  url: string,
  asFetched: JudgedPage,
  visit: Visit,
  tools: ReadingTools,
  askAgain: () => Promise<void>,
  signal: AbortSignal,
): Promise<Shown> {
  const why = renderReason(visit.settings.render, asFetched);
  if (why === null || tools.crawler.browser.is !== 'ready') return { rendered: null, asSeen: asFetched };
  // What the bytes alone show too little of to judge is no reason for pictures yet.
  const isForText = why === asFetched.needsRender && asFetched.assessment.verdict !== 'flag';
  let shown: Shown = { rendered: null, asSeen: asFetched };
  for (const what of isForText ? (['text', 'evidence'] as const) : (['evidence'] as const)) {
    await askAgain();
    const rendered = await renderOrNot(url, why, what, visit, tools, signal);
    if (rendered === null) break;
    const source = { url: rendered.finalUrl, source: rendered.dom };
    shown = both(shown, { rendered, asSeen: await tools.judge.judge(source, tools.judgedBy) });
    if (shown.asSeen.assessment.verdict === 'clear') break;
  }
  return shown;
}

interface Shown {
  readonly rendered: Rendered | null;
  readonly asSeen: JudgedPage;
}

/** A page that shows less the second time is judged and kept as it was the first time, with what was seen of it since. */
function both(first: Shown, second: Shown): Shown {
  if (first.rendered === null || second.rendered === null) return second;
  const exchanges = [...first.rendered.exchanges, ...second.rendered.exchanges];
  const isFirst = first.asSeen.assessment.score > second.asSeen.assessment.score;
  const { rendered, asSeen } = isFirst
    ? { ...first, rendered: first.rendered }
    : { ...second, rendered: second.rendered };
  return { rendered: { ...rendered, exchanges, pictures: second.rendered.pictures }, asSeen };
}

/** A page is rendered when asked for, when its bytes do not show it, or when an officer will want to see it. */
function renderReason(mode: RenderMode, { needsRender, assessment }: JudgedPage): string | null {
  if (mode === 'never') return null;
  if (mode === 'always') return 'asked';
  return needsRender ?? (assessment.verdict === 'clear' ? null : 'evidence');
}

/** A render that fails leaves the fetched page standing: the address is captured without a picture. */
async function renderOrNot(
  url: string,
  why: string,
  takes: Takes,
  visit: Visit,
  tools: ReadingTools,
  signal: AbortSignal,
): Promise<Rendered | null> {
  try {
    return await tools.crawler.render(new URL(url), visit.settings, why, signal, takes);
  } catch (cause) {
    if (signal.aborted) throw cause;
    tools.log.warn({ url, err: cause }, 'could not be rendered');
    return null;
  }
}

/** What scripts show and what the bytes say are both evidence; a page that hides its offer in one is judged by the other. */
function riskier(a: Assessment, b: Assessment): Assessment {
  return a.score > b.score ? a : b;
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

async function writeEvidence(
  visit: Visit,
  due: DueUrl,
  fetched: Fetched,
  rendered: Rendered | null,
  facts: KeptFacts | null,
  tools: ReadingTools,
): Promise<Capture> {
  const { evidence } = tools;
  const pictures = rendered?.pictures ?? null;
  const dom = rendered === null ? null : Buffer.from(rendered.dom, 'utf8');
  const resources =
    rendered === null
      ? []
      : [
          ...(pictures === null
            ? []
            : [
                { uri: `urn:view:${rendered.finalUrl}`, mediaType: 'image/png', bytes: pictures.viewport },
                { uri: `urn:fullpage:${rendered.finalUrl}`, mediaType: 'image/png', bytes: pictures.full },
              ]),
          { uri: `urn:dom:${rendered.finalUrl}`, mediaType: 'text/html; charset=utf-8', bytes: dom! },
          ...refusedResource(rendered),
        ];
  const capturedAt = fetched.exchanges.at(-1)!.startedAt;
  const warc = warcOf({
    context: {
      software: tools.software,
      visit: visit.id,
      at: capturedAt,
      browser: rendered === null ? null : browserName(tools.crawler),
      more: [...(rendered === null ? [] : Object.entries(READER)), ...(facts?.from ?? [])],
    },
    exchanges: rendered === null ? fetched.exchanges : [...fetched.exchanges, ...rendered.exchanges],
    resources: [...resources, ...(facts?.records ?? [])],
  });
  return {
    id: newId(tools.clock),
    visitId: visit.id,
    url: due.url,
    finalUrl: rendered?.finalUrl ?? fetched.finalUrl,
    capturedAt,
    status: fetched.status,
    mediaType: fetched.mediaType,
    peer: fetched.exchanges.at(-1)!.peer,
    bodySha256: await evidence.put(fetched.body),
    bodyBytes: fetched.body.byteLength,
    warc: await evidence.put(warc),
    screenshot: pictures === null ? null : await evidence.put(pictures.viewport),
    fullScreenshot: pictures === null ? null : await evidence.put(pictures.full),
    dom: dom === null ? null : await evidence.put(dom),
    renderReason: rendered?.why ?? null,
    hops: fetched.hops,
    ...(facts === null ? {} : { facts: facts.facts }),
  };
}

/** What the page was kept from while it was shown, so that nobody takes the picture for all that it would do. */
function refusedResource({ finalUrl, refused }: Rendered) {
  if (refused.length === 0) return [];
  const bytes = Buffer.from(JSON.stringify(refused, null, 1), 'utf8');
  return [{ uri: `urn:refused:${finalUrl}`, mediaType: 'application/json', bytes }];
}

function browserName(crawler: Crawler): string | null {
  return crawler.browser.is === 'ready' ? `${crawler.browser.name} ${crawler.browser.version}` : null;
}
