/**
 * robots.txt (RFC 9309): fetched once, kept as data, so that the record shows what the site asked for and
 * what we made of it.
 *
 * | what happened | stance |
 * |---|---|
 * | 200..299 | its rules, of the first 500 KiB |
 * | 400..499, or a redirect without end | none: all is allowed (section 2.3.1.3) |
 * | 500..599, silence, a broken answer | forbidden for now (section 2.3.1.4) |
 * | no connection at all (name, TLS, refused) | allowed: the page then fails by itself, with its own reason |
 *
 * Only the groups that speak to us (`kuzet`, else `*`) are kept: a file of 10,000 agents and 10,000 rules
 * would multiply out in the parser.
 */
import { createRequire } from 'node:module';
import type { Robot } from 'robots-parser';
import { decode } from './extract/decode.ts';
import { type Fetched, FetchFailedError, type FetchSettings } from './fetch.ts';

/** Our name in the files. */
export const ROBOT_NAME = 'kuzet';

/** Plain data, as it is stored with the host. */
export interface RobotsStance {
  /** ISO 8601. */
  readonly fetchedAt: string;
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  readonly stance: 'rules' | 'all_allowed' | 'all_forbidden';
  /** In words why, for the record. */
  readonly why: string;
  /** The file's own lines that concern us; '' unless `stance` is `rules`. */
  readonly rules: string;
  /** At most 60; null when it asks for none. */
  readonly crawlDelaySeconds: number | null;
}

/** Any one address of the site, asked of. */
export interface RobotsVerdict {
  readonly allowed: boolean;
  /** The line that decided, as written; null when none did. */
  readonly rule: string | null;
}

/** RFC 9309, section 2.5: parsers must take at least this much. */
const MOST_BYTES = 512_000;
const MOST_KEPT = 262_144;
const LONGEST_RULE = 2_000;
const LONGEST_DELAY_SECONDS = 60;
/** No site is harmed by asking where nobody answers. */
const NO_CONNECTION: ReadonlySet<string> = new Set([
  'dns',
  'refused',
  'unreachable',
  'tls',
  'private_address',
]);

interface FetchesAnything {
  fetch(
    url: URL,
    settings: FetchSettings,
    signal?: AbortSignal,
    want?: 'page' | 'anything',
  ): Promise<Fetched>;
}

/**
 * @param page any address of the site.
 * @throws the signal's reason when aborted; never for what the site does.
 */
export async function readRobots(
  page: URL,
  crawler: FetchesAnything,
  settings: FetchSettings,
  now: Date,
  signal?: AbortSignal,
): Promise<RobotsStance> {
  const fetchedAt = now.toISOString();
  const url = new URL('/robots.txt', page);
  try {
    const fetched = await crawler.fetch(url, settings, signal, 'anything');
    return { fetchedAt, ...stanceOf(fetched) };
  } catch (cause) {
    if (!(cause instanceof FetchFailedError)) throw cause;
    return { fetchedAt, ...stanceOfFailure(cause) };
  }
}

function stanceOf({ status, body, contentType }: Fetched): Omit<RobotsStance, 'fetchedAt'> {
  if (status >= 500)
    return forbidden(status, `robots.txt answered ${status}, so the site is left alone for now`);
  if (status < 200 || status >= 300) return allowed(status, `robots.txt answered ${status}`);
  return fromText(decode(body.subarray(0, MOST_BYTES), contentType).html, status);
}

function stanceOfFailure({ facts }: FetchFailedError): Omit<RobotsStance, 'fetchedAt'> {
  const { reason, detail } = facts;
  const last = facts.exchanges.at(-1);
  const status = last?.status ?? null;
  if (reason === 'redirect_loop') return allowed(status, `robots.txt: ${detail}`);
  if (reason === 'bad_url' || NO_CONNECTION.has(reason))
    return allowed(null, `robots.txt could not be asked for: ${detail}`);
  const isPlain = last?.responseHeaders.every(([name]) => name.toLowerCase() !== 'content-encoding') ?? false;
  if (reason === 'too_large' && last !== undefined && isPlain && last.body.byteLength > 0) {
    return fromText(Buffer.from(last.body.subarray(0, MOST_BYTES)).toString('utf8'), status);
  }
  return forbidden(status, `robots.txt could not be read: ${detail}`);
}

function fromText(text: string, status: number | null): Omit<RobotsStance, 'fetchedAt'> {
  const rules = ourLines(text);
  const delay = parsed(rules).getCrawlDelay(ROBOT_NAME);
  const crawlDelaySeconds =
    delay === undefined || !(delay > 0) ? null : Math.min(delay, LONGEST_DELAY_SECONDS);
  return { status, stance: 'rules', why: 'robots.txt was read', rules, crawlDelaySeconds };
}

function allowed(status: number | null, why: string): Omit<RobotsStance, 'fetchedAt'> {
  return { status, stance: 'all_allowed', why, rules: '', crawlDelaySeconds: null };
}

function forbidden(status: number | null, why: string): Omit<RobotsStance, 'fetchedAt'> {
  return { status, stance: 'all_forbidden', why, rules: '', crawlDelaySeconds: null };
}

export function robotsAllow(stance: RobotsStance, url: string | URL): boolean {
  return robotsVerdict(stance, url).allowed;
}

export function robotsVerdict(stance: RobotsStance, url: string | URL): RobotsVerdict {
  if (stance.stance !== 'rules') return { allowed: stance.stance === 'all_allowed', rule: null };
  const { pathname, search } = new URL(url);
  const robot = robotFor(stance);
  const line = robot.getMatchingLineNumber(`${SITE}${pathname}${search}`, ROBOT_NAME);
  return {
    allowed: robot.isAllowed(`${SITE}${pathname}${search}`, ROBOT_NAME) !== false,
    rule: line > 0 ? (stance.rules.split('\n')[line - 1] ?? null) : null,
  };
}

/** Rules hold for the host they were fetched from; inside the parser that host has one name. */
const SITE = 'http://site.invalid';

/** The package is CommonJS and exports a function, which its types do not say under ESM. */
const robotsParser = createRequire(import.meta.url)('robots-parser') as (url: string, text: string) => Robot;
const robots = new WeakMap<RobotsStance, Robot>();

function robotFor(stance: RobotsStance): Robot {
  const known = robots.get(stance);
  if (known !== undefined) return known;
  const robot = parsed(stance.rules);
  robots.set(stance, robot);
  return robot;
}

function parsed(rules: string): Robot {
  return robotsParser(`${SITE}/robots.txt`, rules);
}

/** The rules of the groups for us, each group headed by the one agent name that matters. */
function ourLines(text: string): string {
  const ours: string[] = [];
  const anyones: string[] = [];
  let agents: string[] = [];
  let isHead = false;
  let kept = 0;
  for (const line of text.split(/\r\n?|\n/)) {
    const found = /^\s*(user-agent|allow|disallow|crawl-delay)\s*:\s*([^#]*)/i.exec(
      line.slice(0, LONGEST_RULE),
    );
    if (found === null) continue;
    const name = found[1]!.toLowerCase();
    const value = found[2]!.trim();
    if (name === 'user-agent') {
      if (!isHead) agents = [];
      isHead = true;
      if (agents.length < 1_000) agents.push(value.toLowerCase().split('/')[0]!.trim());
      continue;
    }
    isHead = false;
    const rule = `${name[0]!.toUpperCase()}${name.slice(1)}: ${value.replace(/\*{2,}/g, '*')}`;
    const into = agents.includes(ROBOT_NAME) ? ours : agents.includes('*') ? anyones : null;
    kept += into === null ? 0 : rule.length + 1;
    if (into !== null && kept <= MOST_KEPT) into.push(rule);
  }
  const isNamed = new RegExp(`^\\s*user-agent\\s*:\\s*${ROBOT_NAME}\\b`, 'im').test(text);
  return isNamed
    ? [`User-agent: ${ROBOT_NAME}`, ...ours].join('\n')
    : ['User-agent: *', ...anyones].join('\n');
}
