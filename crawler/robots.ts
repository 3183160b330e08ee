/**
 * robots.txt of a host, read once a day and kept as our stance: what it said and what follows from it.
 *
 * RFC 9309: 2xx is parsed (at most 500 KiB, section 2.5), 4xx and a redirect without end allow everything
 * (2.3.1.3), 5xx or no answer allows nothing for now (2.3.1.4). Where no connection comes about at all (no
 * such name, TLS fault, refused), nothing is forbidden: the page then fails by itself, with its own reason.
 *
 * Only the groups that speak to us are kept: the parser would multiply a file of 10,000 agents and 10,000
 * rules out to a hundred million.
 */
import { createRequire } from 'node:module';
import type { Robot } from 'robots-parser';
import type { FailureReason, SkipReason } from '../domain/source.ts';
import { type Fetched, FetchFailedError } from './fetch.ts';

/** The package is CommonJS and its types name a default export that it does not have. */
const parseRobots = createRequire(import.meta.url)('robots-parser') as (url: string, text: string) => Robot;

/** The product token that a robots.txt may name. */
export const ROBOT_NAME = 'Kuzet';

const MOST_BYTES = 500 * 1024;
/** Of each of the groups that concern us. */
const MOST_KEPT = 256 * 1024;
const LONGEST_LINE = 2_048;
/** No site is harmed by asking where nobody answers. */
const NO_CONNECTION: ReadonlySet<string> = new Set([
  'dns',
  'refused',
  'unreachable',
  'tls',
  'private_address',
]);

export interface RobotsStance {
  /** Address of the robots.txt. */
  readonly url: string;
  /** ISO 8601. */
  readonly fetchedAt: string;
  /** HTTP status; null when no answer came. */
  readonly status: number | null;
  readonly allows: 'by_rules' | 'all' | 'nothing';
  /** The lines that concern us, as sent; '' unless `allows` is `by_rules`. */
  readonly rules: string;
  readonly crawlDelaySeconds: number | null;
  /** Why no answer came; null when one did. */
  readonly failure: { readonly reason: FailureReason | SkipReason; readonly detail: string } | null;
}

/**
 * Asks a host for its robots.txt; what the host does is a stance, never a failure.
 *
 * @throws what `fetchAny` throws, unless it is a FetchFailedError.
 */
export async function readRobots(
  page: URL,
  fetchAny: (url: URL) => Promise<Pick<Fetched, 'status' | 'body'>>,
  now: Date,
): Promise<RobotsStance> {
  const url = new URL('/robots.txt', page);
  const stance = {
    url: url.href,
    fetchedAt: now.toISOString(),
    rules: '',
    crawlDelaySeconds: null,
    failure: null,
  };
  let answer: Pick<Fetched, 'status' | 'body'>;
  try {
    answer = await fetchAny(url);
  } catch (cause) {
    if (!(cause instanceof FetchFailedError)) throw cause;
    const { reason, detail, exchanges } = cause.facts;
    const mayBeRead = reason === 'redirect_loop' || NO_CONNECTION.has(reason);
    const status = exchanges.at(-1)?.status ?? null;
    return { ...stance, status, allows: mayBeRead ? 'all' : 'nothing', failure: { reason, detail } };
  }
  const { status, body } = answer;
  if (status >= 500 || status === 429) return { ...stance, status, allows: 'nothing' };
  if (status >= 300) return { ...stance, status, allows: 'all' };
  const rules = ourLines(body.subarray(0, MOST_BYTES).toString('utf8').replaceAll('\u0000', ''));
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
  return robotOf(stance).isAllowed(same, ROBOT_NAME) ?? true;
}

/** Parsed once a stance, however many pages are asked about. */
const robots = new WeakMap<RobotsStance, Robot>();

function robotOf(stance: RobotsStance): Robot {
  const known = robots.get(stance);
  if (known !== undefined) return known;
  const robot = parseRobots(stance.url, stance.rules);
  robots.set(stance, robot);
  return robot;
}

/** The groups for us, or those for all where none names us, each under the one agent that matters. */
function ourLines(text: string): string {
  const groups = { ours: [] as string[], anyones: [] as string[] };
  let isNamed = false;
  let agents: string[] = [];
  let isHead = false;
  const kept = { ours: 0, anyones: 0 };
  for (const line of text.split(/\r\n?|\n/)) {
    const found = /^\s*(user-agent|allow|disallow|crawl-delay)\s*:\s*([^#]*)/i.exec(
      line.slice(0, LONGEST_LINE),
    );
    if (found === null) continue;
    const [, name = '', value = ''] = found;
    if (name.toLowerCase() === 'user-agent') {
      if (!isHead) agents = [];
      isHead = true;
      const agent = value.trim().toLowerCase().split('/')[0]!.trim();
      if (agent === ROBOT_NAME.toLowerCase()) isNamed = true;
      if (agent === '*' || agent === ROBOT_NAME.toLowerCase()) agents.push(agent);
      continue;
    }
    isHead = false;
    const rule = `${name}: ${value.trim().replace(/\*{2,}/g, '*')}`;
    const group = agents.some((agent) => agent !== '*') ? 'ours' : agents.length > 0 ? 'anyones' : null;
    if (group === null) continue;
    kept[group] += rule.length + 1;
    if (kept[group] <= MOST_KEPT) groups[group].push(rule);
  }
  return isNamed
    ? [`User-agent: ${ROBOT_NAME}`, ...groups.ours].join('\n')
    : ['User-agent: *', ...groups.anyones].join('\n');
}
