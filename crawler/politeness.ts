/**
 * How seldom one host is asked: facts about the last answer in, the time of the next request out. Pure.
 *
 * The delay counts from the END of an answer, so two requests can never be closer than it. On top of the
 * scan's own delay (or the Crawl-delay of robots.txt, where that is longer)
 * - a slow host is asked more slowly: the delay follows half-way what its last answer took;
 * - 429 and 503 double a wait that starts at five seconds; Retry-After is obeyed;
 * - a host that failed `MOST_STRIKES` times in a row, or wants us away for longer than a visit can wait,
 *   is left alone: `isDown`, until `nextAt`.
 * A scan with a delay of 0 has chosen not to wait for healthy answers; back-off holds for it too.
 */
import type { ScanSettings } from '../domain/source.ts';

/** Plain data, as it is stored between visits. */
export interface HostState {
  /** ISO 8601; not before then. Null: at once. */
  readonly nextAt: string | null;
  /** Seconds now kept between an answer's end and the next request. */
  readonly delaySeconds: number;
  /** Failures and refusals in a row. */
  readonly strikes: number;
  /** Given up for this visit. */
  readonly isDown: boolean;
}

export interface Turn {
  /** When the answer ended. */
  readonly at: Date;
  /** How long it took. */
  readonly seconds: number;
  /** HTTP status; null when the host was asked and gave none, undefined when it was not asked at all. */
  readonly status: number | null | undefined;
  readonly retryAfterSeconds?: number | null;
}

const MOST_STRIKES = 6;
const SLOWEST_SECONDS = 30;
const FIRST_BACK_OFF_SECONDS = 5;
/** Longer than this no visit waits. */
const LONGEST_WAIT_SECONDS = 120;
const REST_SECONDS = 1800;
const LONGEST_REST_SECONDS = 24 * 3600;

export function freshHost(settings: Pick<ScanSettings, 'delaySeconds'>): HostState {
  return { nextAt: null, delaySeconds: settings.delaySeconds, strikes: 0, isDown: false };
}

/** What an earlier visit left behind: a host that was down is tried again once its rest is over. */
export function resumeHost(
  remembered: HostState | null,
  settings: Pick<ScanSettings, 'delaySeconds'>,
  now: Date,
): HostState {
  if (remembered === null) return freshHost(settings);
  const isRested = remembered.nextAt === null || new Date(remembered.nextAt) <= now;
  return remembered.isDown && isRested ? { ...freshHost(settings), nextAt: remembered.nextAt } : remembered;
}

export function nextTurn(
  host: HostState,
  turn: Turn,
  settings: Pick<ScanSettings, 'delaySeconds'>,
  robots: { readonly crawlDelaySeconds: number | null } | null = null,
): HostState {
  if (turn.status === undefined) return host;
  const least = Math.max(settings.delaySeconds, robots?.crawlDelaySeconds ?? 0);
  if (turn.status !== null && turn.status < 500 && turn.status !== 429) {
    const delaySeconds =
      least === 0
        ? 0
        : clamp((host.delaySeconds + turn.seconds) / 2, least, Math.max(least, SLOWEST_SECONDS));
    const wait = Math.max(delaySeconds, turn.retryAfterSeconds ?? 0);
    return wait > LONGEST_WAIT_SECONDS
      ? rest(host, turn.at, wait, 0)
      : { nextAt: after(turn.at, wait), delaySeconds, strikes: 0, isDown: false };
  }
  const strikes = host.strikes + 1;
  const isRefusal = turn.status === 429 || turn.status === 503;
  const first = isRefusal ? FIRST_BACK_OFF_SECONDS : Math.max(least, 0.5);
  const backOff = Math.min(LONGEST_WAIT_SECONDS, first * 2 ** (strikes - 1));
  const wait = Math.max(least, turn.retryAfterSeconds ?? backOff);
  if (strikes >= MOST_STRIKES || wait > LONGEST_WAIT_SECONDS) {
    return rest(host, turn.at, Math.max(wait, strikes >= MOST_STRIKES ? REST_SECONDS : 0), strikes);
  }
  return {
    nextAt: after(turn.at, wait),
    delaySeconds: Math.max(host.delaySeconds, least),
    strikes,
    isDown: false,
  };
}

function rest(host: HostState, at: Date, seconds: number, strikes: number): HostState {
  return { ...host, nextAt: after(at, Math.min(seconds, LONGEST_REST_SECONDS)), strikes, isDown: true };
}

function after(at: Date, seconds: number): string {
  return new Date(at.getTime() + Math.ceil(seconds * 1000)).toISOString();
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
