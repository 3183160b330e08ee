/**
 * robots.txt of a host, read once a day and kept as our stance: what it said and what follows from it.
 *
 * RFC 9309: 2xx is parsed (at most 500 KiB, section 2.5), 4xx allows everything (2.3.1.3), 5xx or no answer
 * allows nothing for now (2.3.1.4).
 */
import { createRequire } from 'node:module';
import type { Robot } from 'robots-parser';
import type { Fetched } from './fetch.ts';

/** The package is CommonJS and its types name a default export that it does not have. */
const parseRobots = createRequire(import.meta.url)('robots-parser') as (url: string, text: string) => Robot;

/** The product token that a robots.txt may name. */
export const ROBOT_NAME = 'Kuzet';

const MOST_BYTES = 500 * 1024;

export interface RobotsStance {
  /** Address of the robots.txt. */
  readonly url: string;
  /** ISO 8601. */
  readonly fetchedAt: string;
  /** HTTP status; null when no answer came. */
  readonly status: number | null;
  /** Rules as sent, `all` or `nothing` may be read. */
  readonly allows: 'by_rules' | 'all' | 'nothing';
  readonly rules: string;
  readonly crawlDelaySeconds: number | null;
}

/** Asks a host for its robots.txt; never fails, since no answer is a stance too. */
export async function readRobots(
  page: URL,
  fetchAny: (url: URL) => Promise<Pick<Fetched, 'status' | 'body'>>,
  now: Date,
): Promise<RobotsStance> {
  const url = new URL('/robots.txt', page);
  const stance = { url: url.href, fetchedAt: now.toISOString(), rules: '', crawlDelaySeconds: null };
  let answer: Pick<Fetched, 'status' | 'body'>;
  try {
    answer = await fetchAny(url);
  } catch {
    return { ...stance, status: null, allows: 'nothing' };
  }
  const { status, body } = answer;
  if (status >= 500 || status === 429) return { ...stance, status, allows: 'nothing' };
  if (status >= 300) return { ...stance, status, allows: 'all' };
  const rules = body.subarray(0, MOST_BYTES).toString('utf8').replaceAll('\u0000', '');
  const delay = parseRobots(url.href, rules).getCrawlDelay(ROBOT_NAME);
  return {
    ...stance,
    status,
    allows: 'by_rules',
    rules,
    crawlDelaySeconds: typeof delay === 'number' && Number.isFinite(delay) && delay > 0 ? delay : null,
  };
}

export function robotsAllow(stance: RobotsStance, url: string): boolean {
  if (stance.allows !== 'by_rules') return stance.allows === 'all';
  const { href, origin } = new URL(url);
  // The host is asked by either scheme; the rules are those of the one that was read.
  const same = href.replace(origin, new URL(stance.url).origin);
  return parseRobots(stance.url, stance.rules).isAllowed(same, ROBOT_NAME) ?? true;
}
