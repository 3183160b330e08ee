/**
 * How seldom one host is asked, as pure arithmetic: the host's state and what happened in, the next state out.
 *
 * The delay counts from the END of an answer, so two requests can never be closer than it, however slow the
 * answer was (Heritrix does the same). A slow host is asked less often: the wait is at least its own answer
 * time, up to ten seconds. 429 and 503 double the wait each time, from two seconds on even where the operator
 * asked for no delay; Retry-After is obeyed up to an hour.
 */
import type { ScanSettings } from '../domain/source.ts';

/** Kept as JSON with the host, so that restarts and other workers go on from it. */
export interface HostState {
  /** ISO 8601; null when it may be asked at once. */
  readonly nextAt: string | null;
  /** Answers in a row that asked us to slow down, or never came. */
  readonly strikes: number;
  /** It has stopped answering: leave it for another day. */
  readonly isDown: boolean;
}

export interface Happened {
  /** When the answer, or the waiting for one, ended. */
  readonly at: Date;
  /** From request to end. */
  readonly seconds: number;
  /** HTTP status; null when no answer came. */
  readonly status: number | null;
  readonly retryAfterSeconds?: number | null;
}

const MOST_STRIKES = 6;
const LONGEST_BACK_OFF = 600;
const LONGEST_RETRY_AFTER = 3600;
const LONGEST_OWN_PACE = 10;
const LONGEST_CRAWL_DELAY = 60;

export function freshHost(): HostState {
  return { nextAt: null, strikes: 0, isDown: false };
}

/**
 * @param crawlDelaySeconds what robots.txt asks for; null for nothing. Taken up to a minute.
 */
export function nextTurn(
  host: HostState,
  happened: Happened,
  settings: Pick<ScanSettings, 'delaySeconds'>,
  crawlDelaySeconds: number | null = null,
): HostState {
  const { at, seconds, status } = happened;
  const isStrike = status === null || status === 429 || status === 503;
  const strikes = isStrike ? host.strikes + 1 : 0;
  const asked = Math.max(settings.delaySeconds, Math.min(crawlDelaySeconds ?? 0, LONGEST_CRAWL_DELAY));
  // A delay of zero is the operator's word for a host of their own.
  const pace = asked === 0 ? 0 : Math.max(asked, Math.min(seconds, LONGEST_OWN_PACE));
  const first = status === null ? asked : Math.max(asked, 1);
  const backOff = isStrike ? Math.min(first * 2 ** strikes, LONGEST_BACK_OFF) : 0;
  const retryAfter = Math.min(happened.retryAfterSeconds ?? 0, LONGEST_RETRY_AFTER);
  const wait = Math.max(pace, backOff, retryAfter);
  return {
    nextAt: new Date(at.getTime() + wait * 1000).toISOString(),
    strikes,
    isDown: strikes >= MOST_STRIKES,
  };
}
