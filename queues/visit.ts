/**
 * The visit stage: the whole journey of one job, which is one host's turn.
 *
 *     claim the visit -> robots -> for each due address: wait politely, fetch, read, assess,
 *     render if it must be seen, write evidence, then tell the frontier -> conclude, match: open cases -> close
 *
 * Nothing is acknowledged before its evidence is on disk, and everything an address brought is stored in
 * one transaction. So a worker killed at any moment leaves the address due, and whoever takes the visit
 * next goes on where it was.
 */
import type { Logger } from 'pino';
import { assessPage } from '../classifiers/assess.ts';
import type { Model } from '../classifiers/model.ts';
import { decode } from '../crawler/extract/decode.ts';
import { readListings } from '../crawler/extract/listing.ts';
import { readPage } from '../crawler/extract/page.ts';
import { type Fetched, FetchFailedError } from '../crawler/fetch.ts';
import type { Crawler } from '../crawler/lanes.ts';
import { freshHost, type HostState, nextTurn } from '../crawler/politeness.ts';
import type { Rendered } from '../crawler/render.ts';
import { needsRender } from '../crawler/render-decision.ts';
import { type RobotsStance, readRobots, robotsAllow } from '../crawler/robots.ts';
import { chooseLinks } from '../crawler/scope.ts';
import type { Assessment } from '../domain/assessment.ts';
import type { Capture } from '../domain/capture.ts';
import type { Subject } from '../domain/case.ts';
import type { Page } from '../domain/page.ts';
import type { FailureReason, SkipReason, UrlOutcome } from '../domain/source.ts';
import { siteOf } from '../domain/url.ts';
import type { EvidenceStore } from '../evidence/store.ts';
import { warcOf } from '../evidence/warc.ts';
import type { CaptureStore } from '../store/captures.ts';
import type { CaseStore } from '../store/cases.ts';
import type { ListingStore } from '../store/listings.ts';
import {
  type DueUrl,
  type FoundUrl,
  LeaseLostError,
  type Visit,
  type Visited,
  type VisitStore,
} from '../store/visits.ts';
import { type Clock, newId } from './clock.ts';
import { conclude } from './conclude.ts';
import type { VisitJob } from './jobs.ts';
import { match } from './match.ts';

export interface VisitTools {
  readonly visits: VisitStore;
  readonly captures: CaptureStore;
  readonly cases: CaseStore;
  readonly listings: ListingStore;
  readonly evidence: EvidenceStore;
  readonly crawler: Crawler;
  readonly model: Model;
  /** What a page belongs to: a site, or an account on a platform. */
  readonly subjectOf: (url: URL) => Subject;
  /** Name and version, written into every WARC. */
  readonly software: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How often an address that may yet answer is asked in all. */
const TRIES = 3;
const WORTH_ANOTHER_TRY: ReadonlySet<FailureReason> = new Set([
  'timeout',
  'unreachable',
  'refused',
  'protocol',
]);
/** Stands for a status where our own rules kept us from asking: no fault of the host. */
const NOT_ASKED = 0;
const ROBOTS_LAST_MS = 24 * 3600 * 1000;
/** What an officer and a sketch need of a page's text. */
const KEPT_TEXT = 20_000;

/** Makes every unfinished visit to the job's host. A lost lease ends quietly: another worker goes on. */
export async function visitJob({ host }: VisitJob, tools: VisitTools, signal: AbortSignal): Promise<void> {
  for (;;) {
    const visit = await tools.visits.claim(host, newId(tools.clock), tools.clock.now());
    if (visit === null || signal.aborted) return;
    try {
      await makeVisit(visit, tools, signal);
    } catch (cause) {
      if (signal.aborted) return;
      if (!(cause instanceof LeaseLostError)) throw cause;
      tools.log.info({ host, visit: visit.id }, 'another worker took the visit over');
      return;
    }
  }
}

async function makeVisit(visit: Visit, tools: VisitTools, signal: AbortSignal): Promise<void> {
  const { visits, clock } = tools;
  const { settings } = visit;
  const memory = await visits.hostMemory(visit.host);
  let host = (memory?.politeness as HostState | undefined) ?? freshHost();
  let robots = (memory?.robots as RobotsStance | null | undefined) ?? null;
  let captured = visit.captured;

  for (;;) {
    const due = await visits.nextDue(visit);
    if (due === null) break;
    if (captured >= settings.pages) {
      await visits.skipRest(visit, 'budget', `the visit's ${settings.pages} pages are captured`);
      break;
    }
    if (host.isDown) {
      await visits.skipRest(visit, 'host_down', `${visit.host} stopped answering`);
      break;
    }
    if (settings.robots && (robots === null || isOld(robots, clock))) {
      await untilTurn(host, clock, signal);
      const ask = (url: URL) => tools.crawler.fetch(url, settings, signal, 'anything');
      robots = await readRobots(new URL(due.url), ask, clock.now());
      signal.throwIfAborted();
      host = nextTurn(
        host,
        { at: clock.now(), seconds: 0, status: robots.status },
        settings,
        robots.crawlDelaySeconds,
      );
    }
    if (settings.robots && robots !== null && !robotsAllow(robots, due.url)) {
      const outcome: UrlOutcome = {
        is: 'skipped',
        reason: 'robots',
        detail: 'robots.txt of the site asks not to',
      };
      await visits.finish(visit, due, { outcome, captured: null, found: [], host: toMemory(host, robots) });
      continue;
    }

    await untilTurn(host, clock, signal);
    const startedAt = clock.now();
    const step = await readAddress(visit, due, tools, signal);
    signal.throwIfAborted();
    const at = clock.now();
    const seconds = (at.getTime() - startedAt.getTime()) / 1000;
    const { status, retryAfterSeconds } = step;
    const crawlDelay = robots?.crawlDelaySeconds ?? null;
    host = nextTurn(host, { at, seconds, status, retryAfterSeconds }, settings, crawlDelay);

    if (step.mayTryAgain && due.tries + 1 < TRIES && !host.isDown) {
      await visits.putBack(visit, due, toMemory(host, robots));
      continue;
    }
    await visits.finish(visit, due, { ...step.visited, host: toMemory(host, robots) });
    if (step.visited.outcome.is === 'captured') captured += 1;
  }

  await conclude(visit, tools);
  await match(visit, tools);
  await visits.close(visit, clock.now());
}

interface Step {
  readonly visited: Omit<Visited, 'host'>;
  /** Last HTTP status; null when no answer came, `NOT_ASKED` when there was no request. */
  readonly status: number | null;
  readonly retryAfterSeconds: number | null;
  readonly mayTryAgain: boolean;
}

/** One address from request to evidence. Every way it can end is a value, so that the visit goes on. */
async function readAddress(visit: Visit, due: DueUrl, tools: VisitTools, signal: AbortSignal): Promise<Step> {
  let fetched: Fetched;
  try {
    fetched = await tools.crawler.fetch(new URL(due.url), visit.settings, signal);
  } catch (cause) {
    if (signal.aborted) throw cause;
    if (!(cause instanceof FetchFailedError)) throw cause;
    const { reason, detail, exchanges } = cause.facts;
    const answered = exchanges.at(-1)?.status ?? null;
    if (isSkipReason(reason))
      return ended({ is: 'skipped', reason, detail }, answered ?? NOT_ASKED, null, false);
    return ended({ is: 'failed', reason, detail }, answered, null, WORTH_ANOTHER_TRY.has(reason));
  }
  const { status, retryAfterSeconds } = fetched;
  if (status >= 400) {
    const detail = `the server answered ${status}`;
    return ended(
      { is: 'failed', reason: 'http_status', detail },
      status,
      retryAfterSeconds,
      status === 429 || status >= 500,
    );
  }
  const finalUrl = new URL(fetched.finalUrl);
  if (!due.seed && siteOf(finalUrl.hostname) !== siteOf(visit.host)) {
    return ended(
      { is: 'skipped', reason: 'left_site', detail: `leads to ${finalUrl.hostname}` },
      status,
      null,
      false,
    );
  }
  try {
    return await keep(visit, due, fetched, tools, signal);
  } catch (cause) {
    if (signal.aborted) throw cause;
    const isEvidence = cause instanceof Error && cause.name.startsWith('Evidence');
    tools.log.error(
      { url: due.url, err: cause },
      isEvidence ? 'evidence could not be written' : 'reading failed',
    );
    const detail = cause instanceof Error ? cause.message : String(cause);
    return ended(
      { is: 'failed', reason: isEvidence ? 'evidence' : 'internal', detail },
      status,
      null,
      isEvidence,
    );
  }
}

function isSkipReason(reason: FailureReason | SkipReason): reason is SkipReason {
  return reason === 'private_address' || reason === 'not_a_page' || reason === 'bad_url';
}

function ended(
  outcome: UrlOutcome,
  status: number | null,
  retryAfterSeconds: number | null,
  mayTryAgain: boolean,
): Step {
  return { visited: { outcome, captured: null, found: [] }, status, retryAfterSeconds, mayTryAgain };
}

/** Reads, assesses, renders where it must be seen, and writes the evidence of one answer. */
async function keep(
  visit: Visit,
  due: DueUrl,
  fetched: Fetched,
  tools: VisitTools,
  signal: AbortSignal,
): Promise<Step> {
  const { settings } = visit;
  const { html } = decode(fetched.body, fetched.contentType);
  const asFetched = readPage(html, fetched.finalUrl);
  const firstThought = assessPage(asFetched, tools.model);
  const why = renderReason(settings.render, asFetched, firstThought);
  const rendered = why === null ? null : await renderOrNot(fetched.finalUrl, why, visit, tools, signal);

  const asSeen = rendered === null ? asFetched : readPage(rendered.dom, rendered.finalUrl);
  const assessment =
    rendered === null ? firstThought : riskier(firstThought, assessPage(asSeen, tools.model));
  const capture = await writeEvidence(visit, due, fetched, rendered, tools);
  return {
    visited: {
      outcome: { is: 'captured', captureId: capture.id },
      captured: {
        capture,
        page: {
          subject: tools.subjectOf(new URL(fetched.finalUrl)),
          title: asSeen.title || asFetched.title,
          text: (asSeen.text || asFetched.text).slice(0, KEPT_TEXT),
          assessment,
        },
        listings: readListings(asSeen),
      },
      found: due.depth < settings.depth ? links(asFetched, asSeen, visit) : [],
    },
    status: fetched.status,
    retryAfterSeconds: null,
    mayTryAgain: false,
  };
}

/** A page is rendered when asked for, when its bytes do not show it, or when an officer will want to see it. */
function renderReason(mode: 'auto' | 'never' | 'always', page: Page, thought: Assessment): string | null {
  if (mode === 'never') return null;
  if (mode === 'always') return 'asked';
  return needsRender(page) ?? (thought.verdict === 'clear' ? null : 'evidence');
}

/** A render that fails leaves the fetched page standing: the address is captured without a picture. */
async function renderOrNot(
  url: string,
  why: string,
  visit: Visit,
  tools: VisitTools,
  signal: AbortSignal,
): Promise<Rendered | null> {
  if (tools.crawler.browser.is === 'none') return null;
  try {
    return await tools.crawler.render(new URL(url), visit.settings, why, signal);
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

function links(asFetched: Page, asSeen: Page, visit: Visit): FoundUrl[] {
  const found = chooseLinks(asSeen === asFetched ? asFetched.links : [...asFetched.links, ...asSeen.links], {
    host: visit.host,
    limit: visit.settings.pages * 3,
  });
  return found.map(({ url, priority }) => ({ url, priority }));
}

async function writeEvidence(
  visit: Visit,
  due: DueUrl,
  fetched: Fetched,
  rendered: Rendered | null,
  tools: VisitTools,
): Promise<Capture> {
  const { evidence } = tools;
  const dom = rendered === null ? null : Buffer.from(rendered.dom, 'utf8');
  const resources =
    rendered === null
      ? []
      : [
          { uri: `urn:view:${rendered.finalUrl}`, mediaType: 'image/png', bytes: rendered.viewport },
          { uri: `urn:dom:${rendered.finalUrl}`, mediaType: 'text/html; charset=utf-8', bytes: dom! },
        ];
  const capturedAt = fetched.exchanges.at(-1)!.startedAt;
  const warc = warcOf({
    context: {
      software: tools.software,
      visit: visit.id,
      at: capturedAt,
      browser: rendered === null ? null : browserName(tools.crawler),
    },
    exchanges: fetched.exchanges,
    resources,
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
    screenshot: rendered === null ? null : await evidence.put(rendered.viewport),
    fullScreenshot: rendered === null ? null : await evidence.put(rendered.full),
    dom: dom === null ? null : await evidence.put(dom),
    renderReason: rendered?.why ?? null,
    hops: fetched.hops,
  };
}

function browserName(crawler: Crawler): string | null {
  return crawler.browser.is === 'ready' ? `${crawler.browser.name} ${crawler.browser.version}` : null;
}

async function untilTurn(host: HostState, clock: Clock, signal: AbortSignal): Promise<void> {
  const wait = host.nextAt === null ? 0 : new Date(host.nextAt).getTime() - clock.now().getTime();
  if (wait > 0) await clock.sleep(wait, signal);
}

function toMemory(host: HostState, robots: RobotsStance | null): Visited['host'] {
  return { nextAt: host.nextAt === null ? null : new Date(host.nextAt), politeness: host, robots };
}

function isOld(robots: RobotsStance, clock: Clock): boolean {
  return clock.now().getTime() - new Date(robots.fetchedAt).getTime() > ROBOTS_LAST_MS;
}
