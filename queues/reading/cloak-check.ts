/**
 * A page asked for again, as somebody else: the whole journey of one cloak check.
 *
 *     worth it? ─► for each visitor: turn, robots.txt, fetch, (render) ─► compare ─► suspect? ─► ask as Kuzet again
 *                  └─ blocked: stop here, nothing is solved                            └─ cloaked: pictures of both
 *
 * Every request is a page request in its host's turn. What it costs is bounded: few pages of a visit, few visitors
 * of a page, and the first `cloaked` ends it. A host that asks for patience meanwhile ends it too, with what is known.
 */

import { compareReadings, isSuspect, type Reading } from '../../classifiers/cloaking/compare.ts';
import { isBehindAd } from '../../classifiers/cloaking/hints.ts';
import { cloakSign, withSign } from '../../classifiers/cloaking/sign.ts';
import { lotOf } from '../../classifiers/proposals.ts';
import { type Fetched, FetchFailedError } from '../../crawler/fetch.ts';
import { addressFor, cookieOf, profileNamed, profilesFor, type Visitor } from '../../crawler/profiles.ts';
import type { Rendered } from '../../crawler/render.ts';
import type { Assessment } from '../../domain/assessment.ts';
import { type CheckReason, type Finding, gravest, type VisitorReading } from '../../domain/cloak-check.ts';
import type { ProfileName } from '../../domain/visitor.ts';
import type { Visit } from '../../store/lease.ts';
import type { JudgedPage, PageSource } from '../judge.ts';
import { HostRestsError, NOT_ASKED, type Turns, VisitsPausedError } from '../turns.ts';
import { both, riskier, type Showing, type Shown, showOnce } from './showing.ts';
import type { ChecksLeft, ReadingTools } from './tools.ts';

/** Pages of one visit that are checked. */
export const MOST_CHECKS = 4;
/** Of pages without any hint, drawn anew each month. */
const SAMPLE = 0.02;

/** One reading of an address, as Kuzet or as a visitor. */
export interface Sight {
  readonly fetched: Fetched;
  readonly asFetched: JudgedPage;
  readonly rendered: Rendered | null;
  readonly asSeen: JudgedPage;
}

export interface Checked {
  readonly why: CheckReason;
  readonly finding: Finding;
  readonly readings: readonly (Omit<VisitorReading, 'captureId'> & { readonly kept: KeptSight | null })[];
  /** What Kuzet was shown, with pictures where they are evidence now. */
  readonly first: KeptSight;
}

export interface KeptSight {
  readonly sight: Sight;
  readonly assessment: Assessment;
}

/** Why a page should be checked; null when it need not, or no check is left. */
export function whyCheck(
  url: string,
  { asFetched, asSeen }: Pick<Sight, 'asFetched' | 'asSeen'>,
  checks: ChecksLeft,
  now: Date,
  seenAs?: ProfileName,
): CheckReason | null {
  if (checks.left <= 0 || asFetched.challenge !== null) return null;
  if (seenAs !== undefined) return 'known_site';
  const [hint] = asFetched.hints;
  if (hint !== undefined) return hint;
  if (asSeen.assessment.verdict === 'flag' || asFetched.assessment.verdict === 'flag') return 'flagged';
  if (isBehindAd(url)) return 'behind_ad';
  if (checks.isKnownSite) return 'known_site';
  const lot = lotOf({ kind: 'site', key: url }, `cloak check ${now.toISOString().slice(0, 7)}`);
  return lot < SAMPLE ? 'sample' : null;
}

interface Asking {
  readonly url: URL;
  readonly visit: Visit;
  readonly tools: ReadingTools;
  readonly turns: Turns;
  readonly signal: AbortSignal;
  readonly mode: 'fetch' | 'render';
}

/** @throws the signal's reason when aborted; PageUnjudgedError */
export async function checkCloaking(
  address: string,
  first: Sight,
  why: CheckReason,
  checks: ChecksLeft,
  given: Omit<Asking, 'url' | 'mode'>,
): Promise<Checked> {
  checks.left -= 1;
  const { tools, visit, signal } = given;
  const mayRender = visit.settings.render !== 'never' && tools.crawler.browser.is === 'ready';
  const needsRender =
    first.rendered !== null || first.asFetched.needsRender !== null || why === 'tests_visitor';
  const asking: Asking = {
    ...given,
    url: new URL(address),
    mode: mayRender && needsRender ? 'render' : 'fetch',
  };
  const lot = Math.floor(lotOf({ kind: 'site', key: address }, 'ad') * 1000);
  const all = profilesFor(asking.url, lot, checks.kzProxy !== null);
  const { seenAs } = visit.settings;
  // What is flagged already is looked at once more, as who follows the ad that it lives by.
  const profiles =
    seenAs !== undefined && (seenAs !== 'kz' || checks.kzProxy !== null)
      ? [seenAs, ...all.filter((name) => name !== seenAs)]
      : why === 'flagged'
        ? all.slice(1, 2)
        : all;
  const told: Checked['readings'][number][] = [];
  let own = first;
  let last = answerOf(first.fetched);
  let sign: { readonly shown: string; readonly kept: string } | null = null;

  for (const profile of profiles) {
    try {
      if (asking.mode === 'render' && own.rendered === null)
        own = await seen(own, 'cloak_check', null, asking);
      const answer = await visited(profile, checks, last, asking);
      last = answer.last;
      if (answer.is === 'none') {
        told.push({ profile, ...NO_PAGE, finding: answer.finding, detail: answer.detail });
        if (answer.finding === 'blocked') break;
        continue;
      }
      const look = await compared(own, answer.sight, asking);
      const isKept =
        look.finding === 'cloaked' || (look.finding !== 'same' && verdictOf(answer.sight) !== 'clear');
      const isCloaked = look.finding === 'cloaked';
      const kept =
        isCloaked && mayRender ? await pictured(answer.sight, profile, checks, asking) : answer.sight;
      const assessment = riskier(kept.asFetched.assessment, kept.asSeen.assessment);
      if (isCloaked) sign = { shown: titleOf(own), kept: titleOf(kept) };
      told.push({
        profile,
        ...look,
        finalUrl: kept.rendered?.finalUrl ?? kept.fetched.finalUrl,
        detail: null,
        kept: isKept ? { sight: kept, assessment: signed(assessment, sign) } : null,
      });
      if (!isCloaked) continue;
      if (mayRender && own.rendered?.pictures == null) own = await pictured(own, null, checks, asking);
      break;
    } catch (cause) {
      const isForLater = cause instanceof HostRestsError || cause instanceof VisitsPausedError;
      if (signal.aborted || !isForLater) throw cause;
      told.push({ profile, ...NO_PAGE, finding: 'error', detail: 'the host asks for more patience' });
      break;
    }
  }
  const assessment = riskier(own.asFetched.assessment, own.asSeen.assessment);
  return {
    why,
    finding: gravest(told.map(({ finding }) => finding)),
    readings: told,
    first: { sight: own, assessment: signed(assessment, sign) },
  };
}

/**
 * What one visitor is shown where Kuzet was shown no page; null when nothing came, or nothing that is not clear.
 * A site that turns Kuzet away is not gone.
 *
 * @param last how the host answered Kuzet.
 * @throws HostRestsError, VisitsPausedError; the signal's reason when aborted; PageUnjudgedError
 */
export async function shownInstead(
  address: string,
  name: ProfileName,
  last: LastAnswer,
  checks: ChecksLeft,
  given: Omit<Asking, 'url' | 'mode'>,
): Promise<{ readonly sight: Sight; readonly last: LastAnswer } | null> {
  if (name === 'kz' && checks.kzProxy === null) return null;
  const { visit, tools } = given;
  const mayRender = visit.settings.render !== 'never' && tools.crawler.browser.is === 'ready';
  const asking: Asking = { ...given, url: new URL(address), mode: 'fetch' };
  const answer = await visited(name, checks, last, asking);
  if (answer.is === 'none' || verdictOf(answer.sight) === 'clear') return null;
  const sight = mayRender ? await pictured(answer.sight, name, checks, asking) : answer.sight;
  return { sight, last: answerOf(sight.fetched) };
}

const NO_PAGE = { finalUrl: null, text: null, structure: null, anchors: null, by: null, kept: null } as const;

function signed(
  assessment: Assessment,
  sign: { readonly shown: string; readonly kept: string } | null,
): Assessment {
  return sign === null ? assessment : withSign(assessment, cloakSign(sign.shown, sign.kept));
}

type LastAnswer = Parameters<Turns['courtesy']['after']>[0];

type Visited =
  | { readonly is: 'page'; readonly sight: Sight; readonly last: LastAnswer }
  | {
      readonly is: 'none';
      readonly finding: 'blocked' | 'error';
      readonly detail: string;
      readonly last: LastAnswer;
    };

/** The page as a visitor is shown it. */
async function visited(
  name: ProfileName | null,
  checks: ChecksLeft,
  last: LastAnswer,
  asking: Asking,
): Promise<Visited> {
  const visitor = name === null ? null : { profile: profileNamed(name), cookie: null };
  const first = await fetched(visitor, checks, last, asking);
  if (first.is === 'none') return first;
  // Who follows an ad comes back with what the site gave it: some show their offer to those alone.
  const cookie = cookieOf(first.setCookies);
  const isBack =
    visitor !== null && visitor.profile.referer !== null && cookie !== null && asking.mode === 'fetch';
  const again = isBack ? await fetched({ ...visitor, cookie }, checks, first.last, asking) : first;
  const it = again.is === 'page' ? again : first;
  const source = sourceOf(it.fetched);
  const asFetched = await asking.tools.judge.judge(source, asking.tools.judgedBy);
  const plain: Sight = { fetched: it.fetched, asFetched, rendered: null, asSeen: asFetched };
  const mayRender = asking.visit.settings.render !== 'never' && asking.tools.crawler.browser.is === 'ready';
  const isShown = asking.mode === 'render' || (mayRender && asFetched.needsRender !== null);
  const came = visitor === null ? null : { ...visitor, cookie };
  const sight = isShown ? await seen(plain, 'cloak_check', came, asking, checks) : plain;
  return { is: 'page', sight, last: it.last };
}

async function fetched(
  visitor: Visitor | null,
  checks: ChecksLeft,
  last: LastAnswer,
  { url, visit, tools, turns, signal }: Asking,
): Promise<
  | {
      readonly is: 'page';
      readonly fetched: Fetched;
      readonly setCookies: string[];
      readonly last: LastAnswer;
    }
  | Extract<Visited, { is: 'none' }>
> {
  const address = visitor === null ? url : addressFor(url, visitor.profile);
  // Whose turn is held gives it back before the next is taken.
  turns.courtesy.after(last);
  const refusal = await turns.robotsRefusal(address);
  if (refusal !== null) return { is: 'none', finding: 'error', detail: refusal.detail, last: UNASKED };
  try {
    const settings = reaching(visitor, checks, visit);
    const answer = await tools.crawler.fetch(address, settings, signal, 'page', turns.courtesy);
    const next = answerOf(answer);
    if (answer.status >= 400) {
      const isBlocked = [401, 403, 429, 451, 503].includes(answer.status);
      const detail = `HTTP ${answer.status}`;
      return { is: 'none', finding: isBlocked ? 'blocked' : 'error', detail, last: next };
    }
    const setCookies = answer.exchanges.flatMap(({ responseHeaders }) =>
      responseHeaders.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, value]) => value),
    );
    return { is: 'page', fetched: answer, setCookies, last: next };
  } catch (cause) {
    if (signal.aborted || !(cause instanceof FetchFailedError)) throw cause;
    return { is: 'none', finding: 'error', detail: cause.facts.detail, last: UNASKED };
  }
}

const UNASKED: LastAnswer = { status: NOT_ASKED, retryAfterSeconds: null };

function answerOf({ status, retryAfterSeconds }: Fetched): LastAnswer {
  return { status, retryAfterSeconds };
}

function reaching(visitor: Visitor | null, { kzProxy }: Pick<ChecksLeft, 'kzProxy'>, { settings }: Visit) {
  const { resolve, proxy } = settings;
  if (visitor === null) return { resolve, proxy };
  return { resolve, proxy: visitor.profile.egress === 'kz' ? kzProxy : proxy, visitor };
}

/** The same sight with what its scripts show. */
async function seen(
  sight: Sight,
  why: string,
  visitor: Visitor | null,
  asking: Asking,
  checks: ChecksLeft = { left: 0, isKnownSite: false, kzProxy: null },
): Promise<Sight> {
  const shown = await showOnce(why, 'text', showingOf(sight, visitor, checks, asking), asking.tools);
  return shown === null ? sight : { ...sight, ...shown };
}

/** The same sight with pictures. */
async function pictured(
  sight: Sight,
  name: ProfileName | null,
  checks: ChecksLeft,
  asking: Asking,
): Promise<Sight> {
  const cookie = cookieOf(
    sight.fetched.exchanges.flatMap(({ responseHeaders }) =>
      responseHeaders.filter(([header]) => header.toLowerCase() === 'set-cookie').map(([, value]) => value),
    ),
  );
  const visitor = name === null ? null : { profile: profileNamed(name), cookie };
  const showing = showingOf(sight, visitor, checks, asking);
  const shown = await showOnce('cloak_check', 'evidence', showing, asking.tools);
  if (shown === null) return sight;
  const before: Shown = { rendered: sight.rendered, asSeen: sight.asSeen };
  return { ...sight, ...both(before, shown) };
}

function showingOf(
  { fetched: { finalUrl, status, retryAfterSeconds } }: Sight,
  visitor: Visitor | null,
  checks: ChecksLeft,
  { visit, turns, signal }: Asking,
): Showing {
  return {
    url: finalUrl,
    settings: reaching(visitor, checks, visit),
    askAgain: () =>
      turns.again(new URL(finalUrl), { status, retryAfterSeconds, seconds: turns.heldSeconds() }),
    courtesy: turns.courtesy,
    signal,
  };
}

/** Compared with what Kuzet was shown; where that is suspect, Kuzet asks once more in its own name. */
async function compared(own: Sight, other: Sight, asking: Asking) {
  const base = await readingOf(own, asking.tools);
  const variant = await readingOf(other, asking.tools);
  if (!isSuspect(base, variant)) return withoutSite(compareReadings(base, variant, null));
  const again = await visited(null, NO_CHECKS, answerOf(other.fetched), asking);
  const control = again.is === 'page' ? await readingOf(again.sight, asking.tools) : null;
  return withoutSite(compareReadings(base, variant, control));
}

const NO_CHECKS: ChecksLeft = { left: 0, isKnownSite: false, kzProxy: null };

function withoutSite({ isSameSite: _, ...rest }: ReturnType<typeof compareReadings>) {
  return rest;
}

async function readingOf(sight: Sight, { judge }: Pick<ReadingTools, 'judge'>): Promise<Reading> {
  const { rendered } = sight;
  const source: PageSource =
    rendered === null ? sourceOf(sight.fetched) : { url: rendered.finalUrl, source: rendered.dom };
  const assessment = riskier(sight.asFetched.assessment, sight.asSeen.assessment);
  return { traits: await judge.traits(source), assessment };
}

export function sourceOf({ finalUrl, body, contentType }: Fetched): PageSource {
  return { url: finalUrl, source: { bytes: body, contentType } };
}

function verdictOf({ asFetched, asSeen }: Sight) {
  return riskier(asFetched.assessment, asSeen.assessment).verdict;
}

function titleOf({ asSeen, asFetched, fetched: { finalUrl } }: Sight): string {
  return asSeen.title || asFetched.title || finalUrl;
}
