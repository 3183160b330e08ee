/**
 * How a visit asks hosts: its own, and those that redirects lead it to. Every page request, by fetch or by
 * browser, robots.txt too, has the host's turn while it runs and gives it back with the moment from which the
 * host may be asked again. Turns are rows, so that all visits of all processes keep one pace.
 *
 *     take ──► wait while the host rests or another visit asks it ──► ask ──► give back: next moment, strikes
 *
 * A turn is never held while waiting for another, so that two sites that redirect to each other cannot block
 * each other.
 */
import type { Courtesy, Leave } from '../crawler/fetch.ts';
import type { Crawler } from '../crawler/lanes.ts';
import { freshHost, type HostState, nextTurn } from '../crawler/politeness.ts';
import { type RobotsStance, readRobots, robotsAllow } from '../crawler/robots.ts';
import type { SkipReason } from '../domain/source.ts';
import { hostOf } from '../domain/url.ts';
import type { Visit } from '../store/lease.ts';
import type { HostMemory } from '../store/turns.ts';
import type { VisitStore } from '../store/visits.ts';
import type { Clock } from './clock.ts';

/** How a host answered; what we did with the answer is no measure of it. */
export interface Answer {
  /** Last HTTP status; null when no answer came, `NOT_ASKED` when there was no request. */
  readonly status: number | null;
  readonly retryAfterSeconds: number | null;
  /** From request to the end of the answer. */
  readonly seconds: number;
}

/** Stands for a status where our own rules kept us from asking: no fault of the host. */
export const NOT_ASKED = 0;

/** The host rests for longer than a worker should wait for it. The address stays due, from that moment on. */
export class HostRestsError extends Error {
  override readonly name = 'HostRestsError';
  readonly facts: { readonly host: string; readonly until: Date };

  constructor(facts: HostRestsError['facts']) {
    super(`${facts.host} is left alone until ${facts.until.toISOString()}; the visit goes on then.`);
    this.facts = facts;
  }
}

/** All visits are held by `kuzet pause`. Nothing is lost: they go on with `kuzet resume`. */
export class VisitsPausedError extends Error {
  override readonly name = 'VisitsPausedError';

  constructor() {
    super('All visits are held; "kuzet resume" lets them go on.');
  }
}

export interface TurnTools {
  readonly visits: Pick<VisitStore, 'hostMemory' | 'takeTurn' | 'giveTurn'>;
  readonly crawler: Pick<Crawler, 'fetch'>;
  readonly clock: Clock;
}

export interface Turns {
  /** For the fetch of a page: every hop waits for its turn and is asked for only if robots.txt has no objection. */
  readonly courtesy: Courtesy;
  /** What is known of the visit's own host. */
  own(): HostState;
  /**
   * What robots.txt of the visit's own host says of an address; null where nobody asks it.
   * A stance taken from silence holds for one address: the host may be back for the next.
   */
  robotsRefusal(url: URL): Promise<Refusal | null>;
  /** Seconds since the turn that is held was taken. */
  heldSeconds(): number;
  /** Gives the turn back and takes it again: for one more request to the same page. */
  again(url: URL, answer: Answer): Promise<void>;
  /**
   * Ends the asking for one address.
   *
   * @returns what to remember of the visit's own host. Its turn is given back by whoever writes that.
   */
  settle(answer: Answer): Promise<HostMemory>;
  /** Gives back what is still held, after a failure. */
  letGo(): Promise<void>;
}

export interface Refusal {
  readonly reason: SkipReason;
  readonly detail: string;
}

/** A worker waits no longer than this for its own host, in seconds, or twice the visit's delay. */
export const LONGEST_WAIT = 180;
/** All waiting at redirects of one address, in seconds. */
const LONGEST_DETOUR = 60;
/** A fetch or a render ends within a minute; a turn held longer is of a worker that died. */
const TURN_LASTS_MS = 180_000;
/** How long a robots.txt that failed forbids before it is asked again. */
const SILENCE_LASTS_MS = 10 * 60 * 1000;
const ROBOTS_LAST_MS = 24 * 3600 * 1000;

interface Known {
  readonly state: HostState;
  readonly robots: RobotsStance | null;
}

export async function openTurns(visit: Visit, tools: TurnTools, signal: AbortSignal): Promise<Turns> {
  const { visits, crawler, clock } = tools;
  const { settings } = visit;
  const hosts = new Map<string, Known>();
  let held: { readonly host: string; readonly sinceMs: number } | null = null;
  let redirect: Answer | null = null;
  let detourSeconds = 0;

  const memory = await visits.hostMemory(visit.host);
  const before = memory === null ? null : knownOf(memory);
  // A host that was down gets a new chance with every visit; one that is merely continued does not.
  const strikes = visit.wasPutOff ? (before?.state.strikes ?? 0) : 0;
  hosts.set(visit.host, {
    state: { ...freshHost(), nextAt: before?.state.nextAt ?? null, strikes },
    robots: before?.robots ?? null,
  });

  const nowMs = () => clock.now().getTime();
  const known = (host: string): Known => hosts.get(host) ?? { state: freshHost(), robots: null };
  const heldSeconds = () => (held === null ? 0 : (nowMs() - held.sinceMs) / 1000);

  async function take(host: string, patienceSeconds: number): Promise<number> {
    // Counted by what was slept, not by the clock: one that is put back meanwhile would be waited for.
    let waitedMs = 0;
    for (;;) {
      signal.throwIfAborted();
      const now = clock.now();
      const turn = await visits.takeTurn(visit, host, now, new Date(now.getTime() + TURN_LASTS_MS));
      if (turn.is === 'paused') throw new VisitsPausedError();
      if (turn.is === 'taken') {
        held = { host, sinceMs: nowMs() };
        const { state, robots } = known(host);
        if (!hosts.has(host)) hosts.set(host, knownOf(turn.memory));
        else hosts.set(host, { state, robots: robots ?? knownOf(turn.memory).robots });
        return waitedMs / 1000;
      }
      if (turn.is === 'left_over') {
        // When the last request of the worker that died went out is not known: it may have been just now.
        const { state, robots } = known(host);
        const { nextAt } = nextTurn(state, { at: now, seconds: 0, status: NOT_ASKED }, settings);
        await visits.giveTurn(visit, host, toMemory({ ...state, nextAt }, robots));
        continue;
      }
      const waitMs = Math.max(0, turn.at.getTime() - nowMs());
      if (waitedMs + waitMs > patienceSeconds * 1000) throw new HostRestsError({ host, until: turn.at });
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      waitedMs += waitMs;
    }
  }

  /** What is learnt of the host whose turn is held; the turn itself is given back by the caller. */
  function learn(answer: Answer): string | null {
    if (held === null) return null;
    const { host } = held;
    const { state, robots } = known(host);
    const next = nextTurn(state, { at: clock.now(), ...answer }, settings, robots?.crawlDelaySeconds ?? null);
    hosts.set(host, { state: next, robots });
    held = null;
    return host;
  }

  async function give(answer: Answer): Promise<void> {
    const host = learn(answer);
    if (host === null) return;
    const { state, robots } = known(host);
    await visits.giveTurn(visit, host, toMemory(state, robots));
  }

  /** Takes a turn for each hop, without asking robots.txt. */
  const paced: Courtesy = {
    async before(url, from) {
      await giveRedirect();
      await takeFor(url, from);
      return { is: 'go' };
    },
    after,
  };

  function after({ status, retryAfterSeconds }: Pick<Answer, 'status' | 'retryAfterSeconds'>): void {
    redirect = { status, retryAfterSeconds, seconds: heldSeconds() };
  }

  async function giveRedirect(): Promise<void> {
    if (redirect === null) return;
    const answer = redirect;
    redirect = null;
    await give(answer);
  }

  async function takeFor(url: URL, from: URL | null): Promise<void> {
    const host = hostOf(url);
    if (from === null && host === visit.host) {
      await take(host, Math.max(LONGEST_WAIT, 2 * settings.delaySeconds));
      return;
    }
    detourSeconds += await take(host, Math.max(LONGEST_DETOUR, 2 * settings.delaySeconds) - detourSeconds);
  }

  /** The host's stance, asked for if it is not known; nobody's turn is held before or after. */
  async function robotsOf(url: URL, mayBeSilent: boolean): Promise<RobotsStance> {
    const host = hostOf(url);
    if (!hosts.has(host)) {
      const kept = await visits.hostMemory(host);
      if (kept !== null) hosts.set(host, knownOf(kept));
    }
    const { robots: stance } = known(host);
    const isKnown = stance !== null && (stance.status !== null || mayBeSilent) && !isOld(stance, clock);
    if (isKnown) return stance;
    let retryAfterSeconds: number | null = null;
    const asked = async (robotsUrl: URL) => {
      const answer = await crawler.fetch(robotsUrl, settings, signal, 'anything', paced);
      retryAfterSeconds = answer.retryAfterSeconds;
      return { status: answer.status, body: answer.body };
    };
    let fresh: RobotsStance;
    try {
      fresh = await readRobots(url, asked, clock.now());
    } catch (cause) {
      await letGo();
      throw cause;
    }
    signal.throwIfAborted();
    redirect = null;
    hosts.set(host, { state: known(host).state, robots: fresh });
    await give({ status: fresh.status, retryAfterSeconds, seconds: heldSeconds() });
    return fresh;
  }

  async function refusalOf(url: URL, mayBeSilent: boolean): Promise<Refusal | null> {
    if (!settings.robots) return null;
    const stance = await robotsOf(url, mayBeSilent);
    return robotsAllow(stance, url.href) ? null : robotsRefusal(stance, hostOf(url));
  }

  async function letGo(): Promise<void> {
    redirect = null;
    if (held !== null) await give({ status: NOT_ASKED, retryAfterSeconds: null, seconds: 0 });
  }

  return {
    courtesy: {
      async before(url, from): Promise<Leave> {
        await giveRedirect();
        if (from === null) {
          detourSeconds = 0;
          await takeFor(url, from);
          return { is: 'go' };
        }
        const refusal = await refusalOf(url, true);
        if (refusal !== null) return { is: 'refused', ...refusal };
        await takeFor(url, from);
        return { is: 'go', robots: settings.robots ? 'allowed' : 'ignored' };
      },
      after,
    },
    own: () => known(visit.host).state,
    robotsRefusal: (url) => refusalOf(url, false),
    heldSeconds,
    async again(url, answer) {
      await give(answer);
      await take(hostOf(url), Math.max(LONGEST_WAIT, 2 * settings.delaySeconds));
    },
    async settle(answer) {
      redirect = null;
      if (held !== null && held.host !== visit.host) await give(answer);
      else learn(answer);
      const { state, robots } = known(visit.host);
      return toMemory(state, robots);
    },
    letGo,
  };
}

function knownOf(memory: HostMemory): Known {
  const state = memory.politeness as Partial<HostState> | null;
  return {
    state: {
      nextAt: memory.nextAt?.toISOString() ?? null,
      strikes: state?.strikes ?? 0,
      isDown: state?.isDown ?? false,
    },
    robots: memory.robots as RobotsStance | null,
  };
}

function toMemory(state: HostState, robots: RobotsStance | null): HostMemory {
  const nextAt = state.nextAt === null ? null : new Date(state.nextAt);
  // A stance taken from silence is not for the next visit.
  return { nextAt, politeness: state, robots: robots?.status == null ? null : robots };
}

function robotsRefusal({ allows, status }: RobotsStance, host: string): Refusal {
  const answered = status === null ? 'did not answer' : `answered ${status}`;
  const detail =
    allows === 'nothing'
      ? `robots.txt of ${host} ${answered}, which forbids for now`
      : `robots.txt of ${host} asks not to`;
  return { reason: 'robots', detail };
}

function isOld(robots: RobotsStance, clock: Clock): boolean {
  const age = clock.now().getTime() - new Date(robots.fetchedAt).getTime();
  return age > (robots.allows === 'nothing' ? SILENCE_LASTS_MS : ROBOTS_LAST_MS);
}
