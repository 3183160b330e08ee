/**
 * The visit stage: the whole journey of one job, which is one host's turn.
 *
 *     claim the visit -> robots -> for each due address: wait politely, fetch, read, assess,
 *     render if it must be seen, write evidence, then tell the frontier -> conclude, match: open cases -> close
 *
 * A host that asks for more patience than a worker has, a person who holds all visits, or a disk with no room for
 * evidence puts the visit off: it is laid down as it is and claimed again when its moment has come.
 *
 * Nothing is acknowledged before its evidence is on disk, and everything an address brought is stored in
 * one transaction. So a worker killed at any moment leaves the address due, and whoever takes the visit
 * next goes on where it was.
 */
import type { SitePrint } from '../classifiers/lookalike-sites.ts';
import type { UrlOutcome } from '../domain/source.ts';
import { siteOf } from '../domain/url.ts';
import { isPlaceFull } from '../evidence/store.ts';
import type { CaptureStore } from '../store/captures.ts';
import type { CaseStore } from '../store/cases.ts';
import type { CloakCheckStore } from '../store/cloak-checks.ts';
import type { DueUrl } from '../store/frontier.ts';
import { LeaseLostError, type Visit } from '../store/lease.ts';
import type { ListingStore } from '../store/listings.ts';
import type { LookalikeStore } from '../store/lookalikes.ts';
import type { RenderLessonStore } from '../store/render-lessons.ts';
import type { ReviewStore } from '../store/reviews.ts';
import type { VisitStore } from '../store/visits.ts';
import { newId } from './clock.ts';
import { type ConcludeTools, conclude } from './conclude.ts';
import { type FactTools, factsOfVisit } from './facts.ts';
import type { VisitJob } from './jobs.ts';
import { lookAt } from './looks.ts';
import type { Market } from './market/market.ts';
import { match } from './match.ts';
import { MOST_CHECKS } from './reading/cloak-check.ts';
import { lessonsOfVisit } from './reading/lessons.ts';
import { printParts } from './reading/print-parts.ts';
import type { ChecksLeft, ReadingTools } from './reading/tools.ts';
import { type Reading, readAddress } from './reading.ts';
import {
  HostRestsError,
  LONGEST_WAIT,
  NOT_ASKED,
  openTurns,
  type Turns,
  VisitsPausedError,
} from './turns.ts';

export interface VisitTools
  extends Omit<ReadingTools, 'judgedBy' | 'facts' | 'checks' | 'lessons' | 'parts'>,
    FactTools {
  /** What judges now; asked once a visit, so that one visit is judged by one model. */
  models(): Promise<Pick<ReadingTools, 'judgedBy'> & Pick<ConcludeTools, 'model'>>;
  readonly reviews: ReviewStore;
  readonly lookalikes: LookalikeStore<SitePrint>;
  readonly visits: VisitStore;
  readonly captures: CaptureStore;
  readonly cases: CaseStore;
  readonly listings: ListingStore;
  readonly cloakChecks: CloakCheckStore;
  readonly renderLessons: RenderLessonStore;
  /** Proxy inside Kazakhstan that pages are looked at through once more; null for none. */
  readonly kzProxy: string | null;
  /** Opened for the first visit that saw a listing. */
  market(): Promise<Market>;
}

/** How often an address that may yet answer is asked in all. */
const TRIES = 3;
/** How long a visit rests when evidence has no room, in seconds. */
const NO_ROOM_RESTS = 60;
/** How often an address is taken up by workers that die at it, before it is given up. */
const MOST_STARTS = 10;
/** Nothing was asked: the host is remembered as it was. */
const UNASKED = { status: NOT_ASKED, retryAfterSeconds: null, seconds: 0 };

/** Makes every unfinished visit to the job's host. A lost lease ends quietly: another worker goes on. */
export async function visitJob({ host }: VisitJob, tools: VisitTools, signal: AbortSignal): Promise<void> {
  for (;;) {
    const visit = await tools.visits.claim(host, newId(tools.clock), tools.clock.now());
    if (visit === null || signal.aborted) return;
    try {
      if (!(await makeVisit(visit, tools, signal))) return;
    } catch (cause) {
      if (signal.aborted) return;
      if (!(cause instanceof LeaseLostError)) throw cause;
      tools.log.info({ host, visit: visit.id }, 'another worker took the visit over');
      return;
    }
  }
}

/** @returns whether the host may have another visit to be made. */
async function makeVisit(visit: Visit, tools: VisitTools, signal: AbortSignal): Promise<boolean> {
  const readingTools = {
    ...tools,
    ...(await tools.models()),
    facts: factsOfVisit(tools),
    checks: await checksLeft(visit, tools),
    lessons: lessonsOfVisit(visit.id, tools),
    parts: printParts(),
  };
  const turns = await openTurns(visit, tools, signal);
  // What a worker before this one saw is in the rows alone.
  let sawListings = visit.captured > 0;
  try {
    const told = await readAll(visit, turns, readingTools, signal);
    if (told === null) return true;
    sawListings ||= told.sawListings;
  } finally {
    await turns.letGo();
  }
  await conclude(visit, readingTools);
  if (sawListings) await match(visit, tools);
  return tools.visits.close(visit, tools.clock.now());
}

async function checksLeft(visit: Visit, { cloakChecks, cases, kzProxy }: VisitTools): Promise<ChecksLeft> {
  const known = await cases.find({ kind: 'site', key: siteOf(visit.host) });
  return {
    // What is checked is captured too.
    left: Math.max(0, MOST_CHECKS - (visit.captured === 0 ? 0 : await cloakChecks.ofVisit(visit.id))),
    isKnownSite: known !== null && known.state.is !== 'dismissed',
    kzProxy,
  };
}

/** @returns null when the visit was put off. */
async function readAll(
  visit: Visit,
  turns: Turns,
  tools: ReadingTools & Pick<VisitTools, 'visits'>,
  signal: AbortSignal,
): Promise<{ readonly sawListings: boolean } | null> {
  const { visits, clock } = tools;
  const { settings } = visit;
  let captured = visit.captured;
  let sawListings = false;

  for (;;) {
    if (!(await tools.evidence.hasRoom())) return waitForRoom(visit, null, tools);
    const due = await visits.nextDue(visit);
    if (due === null) {
      const dueAt = await visits.wake(visit, clock.now());
      if (dueAt === null) return { sawListings };
      const waitMs = dueAt.getTime() - clock.now().getTime();
      if (waitMs > LONGEST_WAIT * 1000) return putOff(visit, null, dueAt, tools);
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      continue;
    }
    if (due.stopped !== null) {
      await visits.skipRest(visit, 'stopped', due.stopped);
      return { sawListings };
    }
    if (due.starts > MOST_STARTS) {
      const detail = `reading it broke off ${MOST_STARTS} times`;
      const outcome: UrlOutcome = { is: 'failed', reason: 'internal', detail };
      await visits.finish(visit, due, { ...brought(outcome), host: await turns.settle(UNASKED) });
      continue;
    }
    if (captured >= settings.pages) {
      await visits.skipRest(visit, 'budget', `the visit's ${settings.pages} pages are captured`);
      return { sawListings };
    }
    if (turns.own().isDown) {
      await visits.skipRest(visit, 'host_down', `${visit.host} stopped answering`);
      return { sawListings };
    }
    let reading: Reading;
    try {
      const refusal = await turns.robotsRefusal(new URL(due.url));
      if (refusal !== null) {
        const host = await turns.settle(UNASKED);
        await visits.finish(visit, due, { ...brought({ is: 'skipped', ...refusal }), host });
        continue;
      }
      reading = await readAddress(visit, due, tools, turns, signal);
    } catch (cause) {
      await turns.letGo();
      if (cause instanceof VisitsPausedError) return putOff(visit, due, null, tools);
      if (isPlaceFull(cause)) return waitForRoom(visit, due, tools);
      if (!(cause instanceof HostRestsError)) throw cause;
      const { host, until } = cause.facts;
      if (host === visit.host) return putOff(visit, due, until, tools);
      await visits.defer(visit, due, until);
      continue;
    }
    signal.throwIfAborted();
    const host = await turns.settle(reading.answer);
    if (reading.mayTryAgain && due.tries + 1 < TRIES && !turns.own().isDown) {
      await visits.putBack(visit, due, host);
      continue;
    }
    const at = { key: due.key, known: due.known, now: clock.now(), hostRests: host.nextAt };
    const look = reading.seen === null ? null : lookAt(at, reading.seen);
    await visits.finish(visit, due, { ...reading.visited, host, look });
    sawListings ||= (reading.visited.captured?.listings.length ?? 0) > 0;
    if (reading.visited.outcome.is === 'captured') captured += 1;
  }
}

function waitForRoom(
  visit: Visit,
  due: DueUrl | null,
  tools: Pick<VisitTools, 'visits' | 'log' | 'clock'>,
): Promise<null> {
  tools.log.warn({ host: visit.host, visit: visit.id }, 'the disk of the evidence is full, or nearly');
  return putOff(visit, due, new Date(tools.clock.now().getTime() + NO_ROOM_RESTS * 1000), tools);
}

async function putOff(
  visit: Visit,
  due: DueUrl | null,
  until: Date | null,
  { visits, log }: Pick<VisitTools, 'visits' | 'log'>,
): Promise<null> {
  await visits.putOff(visit, due, until);
  log.info({ host: visit.host, visit: visit.id, until }, 'the visit is put off');
  return null;
}

function brought(outcome: UrlOutcome) {
  return { outcome, captured: null, found: [] };
}
