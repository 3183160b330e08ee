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
import type { SitePrint } from '../classifiers/lookalike-sites.ts';
import { freshHost, type HostState, nextTurn } from '../crawler/politeness.ts';
import { type RobotsStance, readRobots, robotsAllow } from '../crawler/robots.ts';
import type { UrlOutcome } from '../domain/source.ts';
import type { CaptureStore } from '../store/captures.ts';
import type { CaseStore } from '../store/cases.ts';
import type { ListingStore } from '../store/listings.ts';
import type { LookalikeStore } from '../store/lookalikes.ts';
import type { ReviewStore } from '../store/reviews.ts';
import { LeaseLostError, type Visit, type Visited, type VisitStore } from '../store/visits.ts';
import { type Clock, newId } from './clock.ts';
import { type ConcludeTools, conclude } from './conclude.ts';
import type { VisitJob } from './jobs.ts';
import { match } from './match.ts';
import { type ReadingTools, readAddress } from './reading.ts';

export interface VisitTools extends Omit<ReadingTools, 'judgedBy'> {
  /** What judges now; asked once a visit, so that one visit is judged by one model. */
  models(): Promise<Pick<ReadingTools, 'judgedBy'> & Pick<ConcludeTools, 'model'>>;
  readonly reviews: ReviewStore;
  readonly lookalikes: LookalikeStore<SitePrint>;
  readonly visits: VisitStore;
  readonly captures: CaptureStore;
  readonly cases: CaseStore;
  readonly listings: ListingStore;
}

/** How often an address that may yet answer is asked in all. */
const TRIES = 3;
/** How often an address is taken up by workers that die at it, before it is given up. */
const MOST_STARTS = 10;
/** A host that asks for more patience than this is left for another scan, so that it holds no worker. */
const LONGEST_WAIT = 180;
/** How long a robots.txt that failed forbids before it is asked again. */
const SILENCE_LASTS_MS = 10 * 60 * 1000;
const ROBOTS_LAST_MS = 24 * 3600 * 1000;

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
  const readingTools = { ...tools, ...(await tools.models()) };
  const memory = await visits.hostMemory(visit.host);
  // A host that was down gets a new chance with every visit; when to ask next stays as it was.
  let host: HostState = {
    ...freshHost(),
    nextAt: (memory?.politeness as HostState | undefined)?.nextAt ?? null,
  };
  let robots = (memory?.robots as RobotsStance | null | undefined) ?? null;
  let captured = visit.captured;

  for (;;) {
    const due = await visits.nextDue(visit);
    if (due === null) break;
    if (due.starts > MOST_STARTS) {
      const detail = `reading it broke off ${MOST_STARTS} times`;
      const outcome: UrlOutcome = { is: 'failed', reason: 'internal', detail };
      await visits.finish(visit, due, { outcome, captured: null, found: [], host: toMemory(host, robots) });
      continue;
    }
    if (captured >= settings.pages) {
      await visits.skipRest(visit, 'budget', `the visit's ${settings.pages} pages are captured`);
      break;
    }
    const wait = waitSeconds(host, clock);
    if (wait > Math.max(LONGEST_WAIT, 2 * settings.delaySeconds)) {
      const detail = `${visit.host} asks to be left alone for ${Math.round(wait)} more seconds`;
      await visits.skipRest(visit, 'host_down', detail);
      break;
    }
    if (host.isDown) {
      await visits.skipRest(visit, 'host_down', `${visit.host} stopped answering`);
      break;
    }
    // A stance taken from silence holds for one address: the host may be back for the next.
    if (settings.robots && (robots?.status == null || isOld(robots, clock))) {
      await untilTurn(host, clock, signal);
      const ask = (url: URL) => tools.crawler.fetch(url, settings, signal, 'anything');
      robots = await readRobots(new URL(due.url), ask, clock.now());
      signal.throwIfAborted();
      const { status, crawlDelaySeconds } = robots;
      host = nextTurn(host, { at: clock.now(), seconds: 0, status }, settings, crawlDelaySeconds);
    }
    if (settings.robots && robots !== null && !robotsAllow(robots, due.url)) {
      const outcome = robotsRefusal(robots);
      await visits.finish(visit, due, { outcome, captured: null, found: [], host: toMemory(host, robots) });
      continue;
    }

    await untilTurn(host, clock, signal);
    const reading = await readAddress(visit, due, readingTools, signal);
    signal.throwIfAborted();
    const at = clock.now();
    const crawlDelay = robots?.crawlDelaySeconds ?? null;
    host = nextTurn(host, { at, ...reading.answer }, settings, crawlDelay);

    if (reading.mayTryAgain && due.tries + 1 < TRIES && !host.isDown) {
      await visits.putBack(visit, due, toMemory(host, robots));
      continue;
    }
    await visits.finish(visit, due, { ...reading.visited, host: toMemory(host, robots) });
    if (reading.visited.outcome.is === 'captured') captured += 1;
  }

  await conclude(visit, readingTools);
  await match(visit, tools);
  await visits.close(visit, clock.now());
}

function robotsRefusal({ allows, status }: RobotsStance): UrlOutcome {
  const answered = status === null ? 'did not answer' : `answered ${status}`;
  const detail =
    allows === 'nothing'
      ? `robots.txt ${answered}, which forbids for now`
      : 'robots.txt of the site asks not to';
  return { is: 'skipped', reason: 'robots', detail };
}

function waitSeconds(host: HostState, clock: Clock): number {
  return host.nextAt === null ? 0 : (new Date(host.nextAt).getTime() - clock.now().getTime()) / 1000;
}

async function untilTurn(host: HostState, clock: Clock, signal: AbortSignal): Promise<void> {
  const wait = waitSeconds(host, clock);
  if (wait > 0) await clock.sleep(wait * 1000, signal);
}

function toMemory(host: HostState, robots: RobotsStance | null): Visited['host'] {
  const nextAt = host.nextAt === null ? null : new Date(host.nextAt);
  return { nextAt, politeness: host, robots: robots?.status == null ? null : robots };
}

function isOld(robots: RobotsStance, clock: Clock): boolean {
  const age = clock.now().getTime() - new Date(robots.fetchedAt).getTime();
  return age > (robots.allows === 'nothing' ? SILENCE_LASTS_MS : ROBOTS_LAST_MS);
}
