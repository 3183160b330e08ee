/**
 * One page as a reader sees it: opened in a browser, scripts run, photographed.
 *
 *     own context (no cookies, no storage of others) -> through the gate -> load, settle -> pictures -> DOM -> gone
 *
 * A page may do what it likes in there and ends all the same: dialogs are dismissed, windows closed, downloads
 * and service workers refused, permissions never granted, and every wait has an end. A page that hangs its
 * own scripts, or leaves for an address that is refused, is photographed once more with scripts off, so that
 * such a trick does not hide it.
 */
import type { Browser, BrowserContext, Page, Response } from 'playwright';
import type { Exchange, Hop, Refused } from '../domain/capture.ts';
import type { FailureReason, SkipReason } from '../domain/source.ts';
import type { Reach } from './dial.ts';
import type { Courtesy } from './fetch.ts';
import { GATE_LIMITS, type Gate, type GateLimits, openGate } from './gate.ts';
import { isSingleColour } from './picture.ts';
import type { Visitor } from './profiles.ts';
import { type Documents, watchDocuments } from './render/documents.ts';
import { type Guise, guiseOf, READER } from './render/guise.ts';
import { type Pictures, sightOf, wholeOf } from './render/pictures.ts';
import type { Lend } from './render/places.ts';
import { HEAVY, showUnseen } from './render/unseen.ts';
import { type Overuse, USE_LIMITS, type UseLimits, watchUse } from './render/watchdog.ts';
import { wordsOf } from './render/words.ts';

export type { Pictures };

export interface Rendered {
  readonly finalUrl: string;
  /** The way its window was led, first document first. */
  readonly hops: readonly Hop[];
  /** HTTP status of the document shown. */
  readonly status: number;
  /** Serialised after scripts ran, at most 5,000,000 characters. */
  readonly dom: string;
  /** What a reader could read of it, at most 1,000,000 characters; null where only its DOM was asked for, or it is no HTML. */
  readonly text: string | null;
  readonly title: string;
  /** Null where only text was taken. */
  readonly pictures: Pictures | null;
  /** What the page asked for and got, as received and in order: see `crawler/gate.ts`. */
  readonly exchanges: readonly Exchange[];
  /** Requests that went out, the page's own included. */
  readonly requests: number;
  /** Requests the gate did not let through. */
  readonly blocked: number;
  /** What the page was kept from. */
  readonly refused: readonly Refused[];
  /** The reason it was rendered for, as given. */
  readonly why: string;
  /** The viewport was taken, and shows one colour and nothing else. */
  readonly isBlank: boolean;
  /** False when the page could only be shown with its scripts off. */
  readonly scriptsRan: boolean;
  /** Name and version of the browser that showed it, as the caller told; null when it did not. */
  readonly browser: string | null;
}

/** The page could not be shown. `mustReplace`: the browser itself is in doubt. */
export class RenderFailedError extends Error {
  override readonly name = 'RenderFailedError';
  readonly facts: {
    readonly url: string;
    readonly reason: FailureReason | SkipReason;
    readonly detail: string;
    readonly mustReplace: boolean;
  };

  constructor(facts: RenderFailedError['facts'], options?: ErrorOptions) {
    super(`${facts.url} was not rendered: ${facts.detail}.`, options);
    this.facts = facts;
  }
}

export interface RenderLimits {
  /** Until the first byte of the document. */
  readonly commitSeconds: number;
  /** Until the load event; a page that never gets there is shown as it stands. */
  readonly loadSeconds: number;
  /** For what is still coming after that. */
  readonly settleSeconds: number;
  /** One question to the page, one picture. */
  readonly stepSeconds: number;
  /** All of it, both attempts. */
  readonly totalSeconds: number;
  readonly gate: GateLimits;
  readonly use: UseLimits;
}

export const RENDER_LIMITS: RenderLimits = {
  commitSeconds: 15,
  loadSeconds: 8,
  settleSeconds: 2,
  stepSeconds: 8,
  totalSeconds: 60,
  gate: GATE_LIMITS,
  use: USE_LIMITS,
};

/** `text` loads no pictures, media or fonts and takes no picture: what scripts build is there at half the cost. */
export type Takes = 'text' | 'evidence';

export interface RenderOptions {
  readonly reach: Reach;
  /** Added to the browser's own name. */
  readonly userAgent: string;
  readonly limits?: Partial<RenderLimits>;
  /** What it is shown for; `evidence` unless told. */
  readonly takes?: Takes;
  /** Name and version of the browser, for the capture. */
  readonly browser?: string;
  /** PEM certificates trusted instead of the usual ones. */
  readonly authorities?: string | null;
  /** As whom it is opened; left out, Kuzet opens it in its own name. */
  readonly visitor?: Visitor;
  /** Asked before every document that the page leads to; what it throws comes out of the render as thrown. */
  readonly courtesy?: Courtesy;
  /** Around the wait until the page is quiet. */
  readonly lend?: Lend;
}

const LONGEST_DOM = 5_000_000;
const LONGEST_TEXT = 1_000_000;

/**
 * @throws RenderFailedError; the signal's reason when aborted; what `courtesy` throws.
 */
export async function renderPage(
  browser: Browser,
  url: URL,
  why: string,
  options: RenderOptions,
  signal?: AbortSignal,
): Promise<Rendered> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const detail = `a browser is not sent to ${url.protocol} addresses`;
    throw new RenderFailedError({ url: url.href, reason: 'bad_url', detail, mustReplace: false });
  }
  const limits = { ...RENDER_LIMITS, ...options.limits };
  const patience = openPatience(limits.totalSeconds);
  const tooLate = patience.signal;
  const until = signal === undefined ? tooLate : AbortSignal.any([signal, tooLate]);
  const refused: Refused[] = [];
  const attempt = { browser, url, why, options, limits, until, patience, refused };
  try {
    return await show(attempt, true);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof Hindered) throw cause.cause;
    const isSettled = cause instanceof WentAway && cause.isFinal;
    if (isSettled || until.aborted || !browser.isConnected()) throw told(cause, url, tooLate);
    try {
      refused.push(...overusesOf(cause).map((use) => asRefused(use, url)));
      return await show(attempt, false);
    } catch (again) {
      signal?.throwIfAborted();
      if (again instanceof Hindered) throw again.cause;
      throw told(again, url, tooLate);
    }
  } finally {
    patience.end();
  }
}

interface Patience {
  /** Aborts when the render took longer than its limit, waiting for leave left out. */
  readonly signal: AbortSignal;
  waiting<T>(step: Promise<T>): Promise<T>;
  /** Resolves after so many seconds in which nothing waited for leave. */
  after(seconds: number): { readonly late: Promise<never>; end(): void };
  end(): void;
}

const LOOK_EVERY_MS = 100;

function openPatience(totalSeconds: number): Patience {
  const over = new AbortController();
  const alarms = new Set<{ leftMs: number; ring(): void }>();
  let waits = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    const now = performance.now();
    const passed = now - last;
    last = now;
    if (waits > 0) return;
    for (const alarm of alarms) {
      alarm.leftMs -= passed;
      if (alarm.leftMs > 0) continue;
      alarms.delete(alarm);
      alarm.ring();
    }
  }, LOOK_EVERY_MS);
  const total = { leftMs: totalSeconds * 1000, ring: () => over.abort(new Late()) };
  alarms.add(total);
  return {
    signal: over.signal,
    async waiting(step) {
      waits += 1;
      try {
        return await step;
      } finally {
        waits -= 1;
      }
    },
    after(seconds) {
      let alarm: { leftMs: number; ring(): void } | null = null;
      const late = new Promise<never>((_, reject) => {
        alarm = { leftMs: seconds * 1000, ring: () => reject(new Late()) };
        alarms.add(alarm);
      });
      late.catch(() => {});
      return { late, end: () => void alarms.delete(alarm!) };
    },
    end: () => clearInterval(watch),
  };
}

interface Attempt {
  readonly browser: Browser;
  readonly url: URL;
  readonly why: string;
  readonly options: RenderOptions;
  readonly limits: RenderLimits;
  readonly until: AbortSignal;
  readonly patience: Patience;
  /** Where the attempt with scripts was not let go, and what it was ended for. */
  readonly refused: Refused[];
}

/** A wait is over. */
class Late extends Error {}
/** Whoever owns the visit cannot let it go on now. */
class Hindered extends Error {}
/** The page answers nothing any more. */
class Hung extends Error {}
/** The page led to where it may not be followed. */
class WentAway extends Error {
  readonly reason: FailureReason | SkipReason;
  /** Scripts had no part in it. */
  readonly isFinal: boolean;

  constructor(reason: FailureReason | SkipReason, detail: string, isFinal: boolean) {
    super(detail);
    this.reason = reason;
    this.isFinal = isFinal;
  }
}
class Crashed extends Error {}
/** It used more of the machine than any page needs. */
class Overused extends Error {
  readonly uses: readonly Overuse[];

  constructor(uses: readonly Overuse[]) {
    super(`the page ${uses.map(({ detail }) => detail).join(', ')}`);
    this.uses = uses;
  }
}

function overusesOf(cause: unknown): readonly Overuse[] {
  if (cause instanceof Overused) return cause.uses;
  if (cause instanceof Crashed) return [{ of: 'crash', detail: 'crashed the process that showed it' }];
  return cause instanceof Hung ? [{ of: 'hang', detail: 'answered nothing any more' }] : [];
}

function isSame({ what, url, reason }: Refused): (other: Refused) => boolean {
  return (other) => other.what === what && other.url === url && other.reason === reason;
}

function asRefused({ of, detail }: Overuse, { href }: URL): Refused {
  const told = `with its scripts it ${detail}`;
  return { what: of, method: null, url: href.slice(0, 2_000), reason: 'contained', detail: told, times: 1 };
}

async function show(attempt: Attempt, withScripts: boolean): Promise<Rendered> {
  const { browser, url, why, options, limits, until } = attempt;
  const { takes = 'evidence' } = options;
  until.throwIfAborted();
  const guise = guiseOf(browser, options.userAgent, options.visitor ?? null);
  const gate = await openGate(options.reach, {
    limits: limits.gate,
    leavesOut: takes === 'text' ? HEAVY : [],
    confines: !withScripts,
    authorities: options.authorities ?? null,
  });
  const use = watchUse(browser, limits.use);
  const earlier = withScripts ? [] : [...attempt.refused];
  let context: BrowserContext | null = null;
  let watched: Shown | null = null;
  try {
    context = await before(until, browser.newContext(contextOptions(guise, gate, withScripts)));
    const cookies = guise.cookiesFor(url);
    if (cookies.length > 0) await before(until, context.addCookies(cookies));
    watched = await before(until, watch(attempt, context, gate, guise, withScripts));
    const { page, documents, ended } = watched;
    if (!withScripts) await before(until, stayAt(page));
    await before(until, Promise.race([open(page, url, gate, guise, attempt), ended]));
    await before(until, Promise.race([settle(page, documents, attempt), ended]));
    const shot = await before(until, Promise.race([photograph(watched, guise, attempt), ended]));
    const finalUrl = page.url();
    if (!/^https?:/.test(finalUrl)) throw leftBehind(gate, `it ended at ${finalUrl.slice(0, 100)}`);
    return {
      finalUrl,
      hops: documents.hops(),
      status: watched.status(),
      dom: shot.dom,
      text: shot.text,
      title: shot.title,
      pictures: shot.pictures,
      exchanges: gate.exchanges(),
      requests: gate.counts.passed,
      blocked: gate.counts.refused,
      refused: [...earlier, ...gate.refusals.filter((it) => !earlier.some(isSame(it)))],
      why,
      isBlank: shot.pictures !== null && isSingleColour(shot.pictures.viewport),
      scriptsRan: withScripts,
      browser: options.browser ?? null,
    };
  } catch (cause) {
    if (cause instanceof Crashed && use.ended().length > 0) throw new Overused(use.ended());
    throw cause;
  } finally {
    use.leave();
    watched?.stop();
    await gate.close();
    if (context !== null) await within(5, context.close()).catch(() => {});
  }
}

function contextOptions(guise: Guise, gate: Gate, withScripts: boolean) {
  return {
    ...guise.context,
    proxy: { server: gate.address },
    timezoneId: READER.timezone,
    acceptDownloads: false,
    serviceWorkers: 'block' as const,
    permissions: [],
    // The gate speaks TLS with the site and checks its certificate; what the browser sees is the gate's own.
    ignoreHTTPSErrors: true,
    javaScriptEnabled: withScripts,
  };
}

type Shown = Awaited<ReturnType<typeof watch>>;

async function watch(
  { browser, options, patience, refused }: Attempt,
  context: BrowserContext,
  gate: Gate,
  guise: Guise,
  withScripts: boolean,
) {
  let status = 0;
  /** A document came, and all of it was not read yet. */
  let isReading = false;
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await Promise.all([
    // A page that counts processors to keep them all busy (a miner) counts one.
    session.send('Emulation.setHardwareConcurrencyOverride', { hardwareConcurrency: 1 }),
    guise.putOn(session),
    options.takes === 'text' ? showUnseen(session, guise) : null,
  ]);
  context.on('page', (other) => {
    if (other === page) return;
    gate.note('window', other.url(), 'no second window is opened');
    void other.close().catch(() => {});
  });
  page.on('dialog', (dialog) => {
    gate.note('dialog', page.url(), `a dialog (${dialog.type()}) is closed unanswered`);
    void dialog.dismiss().catch(() => {});
  });
  page.on('download', (download) => {
    gate.note('download', download.url(), 'no file is taken');
    void download.cancel().catch(() => {});
  });
  page.on('response', (response: Response) => {
    if (!response.request().isNavigationRequest() || response.frame() !== page.mainFrame()) return;
    status = response.status();
    documents.answered(response.url(), status);
  });
  session.on('Page.frameNavigated', ({ frame }) => {
    if (frame.parentId === undefined && /^https?:/.test(frame.url)) isReading = true;
  });
  session.on('Page.domContentEventFired', () => {
    isReading = false;
  });
  let onDeath: () => void = () => {};
  let hinder: (cause: unknown) => void = () => {};
  let cutOff: (cause: WentAway) => void = () => {};
  const ended = new Promise<never>((_, reject) => {
    page.once('crash', () => reject(new Crashed('the page crashed the browser')));
    onDeath = () => reject(new Crashed('the browser died'));
    browser.once('disconnected', onDeath);
    hinder = (cause) => reject(new Hindered('it has to wait', { cause }));
    cutOff = reject;
  });
  ended.catch(() => {});
  const documents = await watchDocuments(session, {
    courtesy: options.courtesy ?? null,
    refused: (url, reason, detail) => {
      gate.refuse('GET', url, reason, detail);
      refused.push({
        what: 'request',
        method: 'GET',
        url: url.href.slice(0, 2_000),
        reason,
        detail,
        times: 1,
      });
      // The browser reads no further for where it was led, and paints nothing: without its scripts it stays.
      if (isReading && withScripts) cutOff(new WentAway(reason, detail, false));
    },
    failed: hinder,
    waiting: patience.waiting,
  });
  const stop = () => {
    browser.off('disconnected', onDeath);
  };
  return { page, session, documents, ended, stop, status: () => status };
}

async function open(
  page: Page,
  url: URL,
  gate: Gate,
  guise: Guise,
  { limits, patience }: Attempt,
): Promise<void> {
  const commit = patience.after(limits.commitSeconds);
  try {
    const referer = guise.referer === null ? {} : { referer: guise.referer };
    const going = page.goto(url.href, { waitUntil: 'commit', timeout: 0, ...referer });
    going.catch(() => {});
    await Promise.race([going, commit.late]);
  } catch (error) {
    if (error instanceof Late)
      throw new WentAway('timeout', `no document within ${limits.commitSeconds} s`, true);
    const message = error instanceof Error ? error.message : String(error);
    if (/Download is starting/.test(message)) throw new WentAway('not_a_page', 'it is a download', true);
    if (gate.lastRefusal?.reason === 'tls') throw new WentAway('tls', gate.lastRefusal.detail, true);
    throw leftBehind(
      gate,
      `the browser could not open it (${/net::\w+/.exec(message)?.[0] ?? message.split('\n')[0]})`,
    );
  } finally {
    commit.end();
  }
}

function leftBehind(gate: Gate, detail: string): WentAway {
  const refusal = gate.lastRefusal;
  if (refusal === null) return new WentAway('protocol', detail, false);
  return new WentAway(refusal.reason as FailureReason, `${refusal.host}: ${refusal.detail}`, false);
}

/** Lets the page navigate once, by us; a meta refresh then finds the door shut and the page stays as it is. */
async function stayAt(page: Page): Promise<void> {
  let isHere = false;
  await page.route('**/*', async (route) => {
    const request = route.request();
    const isMain = request.isNavigationRequest() && request.frame() === page.mainFrame();
    if (isMain && isHere && request.redirectedFrom() === null) await route.abort('aborted');
    else await route.continue();
    if (isMain) isHere = true;
  });
}

/** Until nothing comes any more, or its time is over; anew for each document that it is led to. */
async function settle(
  page: Page,
  documents: Documents,
  { limits, options, patience }: Attempt,
): Promise<void> {
  const { lend = (wait) => wait() } = options;
  const quiet = () =>
    page.waitForLoadState('networkidle', { timeout: limits.settleSeconds * 1000 }).catch(() => {});
  for (let seen = -1; seen !== documents.count; ) {
    seen = documents.count;
    await page.waitForLoadState('load', { timeout: limits.loadSeconds * 1000 }).catch(() => {});
    // A place to come back to is given by whoever shows pages: that wait is none of the page's.
    await patience.waiting(lend(quiet));
    await documents.idle();
  }
}

async function photograph(
  { page, session, documents: { frame } }: Shown,
  guise: Guise,
  { options, limits }: Attempt,
) {
  const takesPictures = options.takes !== 'text';
  const wait = <T>(step: Promise<T>) => within(limits.stepSeconds, step);
  /** A browser may give a picture up before our step is over: whether the page hangs is told by asking it. */
  const shot = <T>(step: Promise<T>) =>
    step.catch(async (cause: unknown) => {
      if (!(cause instanceof Hung)) await wait(page.title());
      throw cause;
    });
  const sight = takesPictures ? await shot(wait(sightOf(session))) : null;
  const words = await wait(
    wordsOf(session, { frame, longestDom: LONGEST_DOM, longestText: takesPictures ? LONGEST_TEXT : 0 }),
  );
  const size = { ...guise.viewport, isMobile: guise.context.isMobile ?? false };
  const pictures = sight === null ? null : await shot(wholeOf(session, size, sight, wait));
  return { ...words, pictures };
}

function told(cause: unknown, url: URL, tooLate: AbortSignal): RenderFailedError {
  const failed = (reason: FailureReason | SkipReason, detail: string, mustReplace: boolean) =>
    new RenderFailedError({ url: url.href, reason, detail, mustReplace }, { cause });
  if (cause instanceof RenderFailedError) return cause;
  if (cause instanceof WentAway) return failed(cause.reason, cause.message, false);
  if (cause instanceof Overused) {
    const isMemory = cause.uses.some(({ of }) => of === 'memory');
    return failed(isMemory ? 'too_large' : 'timeout', cause.message, false);
  }
  if (cause instanceof Hung) return failed('timeout', 'the page hangs the browser', true);
  if (cause instanceof Crashed) return failed('internal', cause.message, true);
  if (tooLate.aborted) return failed('timeout', 'it took too long to show', true);
  return failed('internal', cause instanceof Error ? cause.message.split('\n')[0]! : String(cause), true);
}

async function within<T>(seconds: number, step: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Hung(`no answer within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([step, late]);
  } finally {
    clearTimeout(timer);
    step.catch(() => {});
  }
}

async function before<T>(until: AbortSignal, step: Promise<T>): Promise<T> {
  let onAbort: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(until.reason);
    if (until.aborted) onAbort();
    else until.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([step, aborted]);
  } finally {
    until.removeEventListener('abort', onAbort);
    step.catch(() => {});
  }
}
