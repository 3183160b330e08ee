/**
 * When a known address is looked at again.
 *
 *     a look ─► what the page is (live, parked …), what changed ─► how long until the next look
 *
 * Fraud sites live days: what is risky, new or changing is looked at within hours, what stays as it is less and less
 * often, what is parked or dead now and then, since parked names turn live. Every interval lies between two bounds
 * that fall as risk rises, so that of two addresses with one history the riskier is never looked at later.
 *
 * Sources of the rule (shorten on change, lengthen without): J. Cho, H. Garcia-Molina, "Effective page refresh policies
 * for web crawlers" (2003), section 4; StormCrawler's AdaptiveScheduler and Heritrix' adaptive revisit, which multiply
 * an interval within bounds. The figures are ours.
 */

/** What an address was found to be. `unreachable` says nothing of the page: the last thing known of it stands. */
export const PAGE_STATES = ['live', 'parked', 'for_sale', 'suspended', 'gone', 'unreachable'] as const;
export type PageState = (typeof PAGE_STATES)[number];

/** What a look found, beside the look before. */
export const CHANGES = [
  /** Never seen before. */
  'first',
  'same',
  /** Other words, or other forms, contacts, wallets, markup; `structure` when both. */
  'text',
  'structure',
  /** Hardly a word or a tag of what was there. */
  'replaced',
  /** A page again, after it was none. */
  'revived',
  /** It became what the name says. */
  'parked',
  'for_sale',
  'suspended',
  'gone',
  'unreachable',
] as const;
export type Change = (typeof CHANGES)[number];

export interface LastLook {
  readonly state: PageState;
  readonly change: Change;
  /** Score of the newest page that was judged, 0..1; 0 when none was. */
  readonly risk: number;
  /** Seconds from the first look to this one, 0 or more. */
  readonly ageSeconds: number;
  /** Interval before this look, in seconds; null for the first look. */
  readonly before: number | null;
  /** Seconds since the look before; what a scan looks at early has not been unchanged for long. */
  readonly elapsedSeconds: number;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/** No interval is shorter: one look costs a host more than its longest delay between requests. */
export const SHORTEST_INTERVAL = HOUR;
export const LONGEST_INTERVAL = 90 * DAY;

/** Bounds in seconds at risk 0 and at risk 1; between them each falls evenly on a scale of ratios. */
const BOUNDS: Readonly<Record<'least' | 'start' | 'most', readonly [cleared: number, certain: number]>> = {
  least: [DAY, HOUR],
  start: [7 * DAY, 6 * HOUR],
  most: [LONGEST_INTERVAL, 3 * DAY],
};

/** A page that is none: when it is looked at first, and how far apart at most. */
const AWAY: Readonly<Record<Exclude<PageState, 'live'>, { readonly start: number; readonly most: number }>> =
  {
    // Names are parked for weeks between two lives, and the second one is as short as the first.
    parked: { start: 2 * DAY, most: 14 * DAY },
    for_sale: { start: 2 * DAY, most: 14 * DAY },
    suspended: { start: DAY, most: 14 * DAY },
    gone: { start: DAY, most: 30 * DAY },
    unreachable: { start: 6 * HOUR, most: 14 * DAY },
  };

const SHRINKS: Readonly<Partial<Record<Change, number>>> = {
  text: 1 / 2,
  structure: 1 / 2,
  replaced: 1 / 4,
  revived: 1 / 4,
};
const GROWS = 2;
/** In its first days a site is watched more closely: a week is longer than most fraud lives. */
const YOUNG_SECONDS = 7 * DAY;
const GROWS_YOUNG = 1.25;

/** Seconds until the next look, `SHORTEST_INTERVAL` to `LONGEST_INTERVAL`. */
export function nextInterval(look: LastLook): number {
  const { state, change, risk, ageSeconds, before, elapsedSeconds } = look;
  const certain = Math.min(1, Math.max(0, risk));
  const grows = ageSeconds < YOUNG_SECONDS ? GROWS_YOUNG : GROWS;
  const longer = (seconds: number) => Math.max(seconds, Math.min(seconds, elapsedSeconds) * grows);
  if (state !== 'live') {
    const { start, most } = AWAY[state];
    // It has just become so: what held for the page does not hold for its absence.
    if (before === null || change !== 'same')
      return between(bound('start', certain), SHORTEST_INTERVAL, start);
    return between(longer(before), SHORTEST_INTERVAL, Math.min(most, bound('most', certain) * AWAY_LONGER));
  }
  const [least, most] = [bound('least', certain), bound('most', certain)];
  if (before === null || change === 'first') return between(bound('start', certain), least, most);
  const shrinks = SHRINKS[change];
  return between(shrinks === undefined ? longer(before) : before * shrinks, least, most);
}

/** A risky site that is away waits longer than one that is there, and not as long as a harmless one. */
const AWAY_LONGER = 4;

function bound(which: keyof typeof BOUNDS, risk: number): number {
  const [cleared, certain] = BOUNDS[which];
  return cleared * (certain / cleared) ** risk;
}

function between(value: number, least: number, most: number): number {
  return Math.round(Math.min(most, Math.max(least, value)));
}

/**
 * The moment of the next look, and the moment by which it should have been made.
 *
 * A budget that is too small for all that is due goes to whatever should have been looked at first ("earliest deadline
 * first": C. L. Liu, J. W. Layland, 1973): short intervals pass long ones, and none waits for ever.
 *
 * @param spread 0..1, of the address itself: parts what one scan brought together, by up to a tenth of the interval.
 * @param hostRests the host is not asked before; null when it may be.
 */
export function nextLook(
  now: Date,
  intervalSeconds: number,
  spread: number,
  hostRests: Date | null,
): { readonly dueAt: Date; readonly lookBy: Date } {
  const ms = intervalSeconds * 1000;
  const wanted = now.getTime() + Math.round(ms * (1 + 0.1 * spread));
  const dueMs = Math.max(wanted, hostRests?.getTime() ?? 0);
  return { dueAt: new Date(dueMs), lookBy: new Date(dueMs + ms) };
}

/** What the next request may say of the page that was last received; see RFC 9110, section 13.1. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export interface AskedBefore {
  /** Of the last page that was received whole; null when the server sent none. */
  readonly validators: Validators | null;
  /** Looks in a row that were answered by "not modified". */
  readonly notModified: number;
  /** Times in a row that the server sent the same page whole, though it was told that we have it. */
  readonly wasted: number;
  /** Times that another page came under the same validators. */
  readonly lies: number;
}

/** After so many the page is asked for whole: a server that calls everything unmodified hides no more looks than these. */
export const MOST_NOT_MODIFIED = 5;
/** After so many the server is believed to make its etags anew each time. */
export const MOST_WASTED = 3;

/**
 * Whether the server may be asked to send the page only if it changed.
 *
 * Never for a page that a case may rest on: what an officer decides on is received whole. Never for one that was shown
 * in a browser: an unchanged shell says nothing of what its scripts show.
 */
export function validatorsToSend(
  it: AskedBefore & {
    readonly state: PageState;
    readonly verdict: 'flag' | 'clear' | 'abstain' | null;
    readonly wasRendered: boolean;
    /** It belongs to a case that is not dismissed. */
    readonly isOfCase: boolean;
  },
): Validators | null {
  const isEvidence = it.verdict !== 'clear' || it.isOfCase || it.wasRendered;
  if (isEvidence || it.state !== 'live') return null;
  if (it.lies > 0 || it.wasted >= MOST_WASTED || it.notModified >= MOST_NOT_MODIFIED) return null;
  return it.validators;
}

/** Of the headers of an answer; null when it can not be asked by them. Overlong ones are not sent back. */
export function validatorsIn(headers: Readonly<Record<string, string>>): Validators | null {
  const etag = kept(headers['etag'], /^(W\/)?"[\x21\x23-\x7e\x80-\xff]{0,200}"$/);
  const lastModified = kept(headers['last-modified'], /^[\x20-\x7e]{1,60}$/);
  // Some servers date every answer with now: such a date says nothing, and an etag beside it is enough.
  const dated = lastModified !== null && headers['date'] === lastModified ? null : lastModified;
  return etag === null && dated === null ? null : { etag, lastModified: dated };
}

function kept(value: string | undefined, shape: RegExp): string | null {
  const text = value?.trim();
  return text !== undefined && shape.test(text) ? text : null;
}

/** What one more answer says of the server's word. `asked` when validators were sent. */
export function afterAnswer(
  before: AskedBefore,
  answer: {
    readonly asked: boolean;
    /** `same_page` when bytes differ and what they show does not: a weak etag allows that. */
    readonly is: 'not_modified' | 'same_bytes' | 'same_page' | 'other_page';
    readonly validators: Validators | null;
  },
): AskedBefore {
  const { asked, is, validators } = answer;
  if (is === 'not_modified') return { ...before, notModified: before.notModified + 1 };
  const isAlike = sameValidators(before.validators, validators);
  return {
    validators,
    notModified: 0,
    wasted: is === 'other_page' ? 0 : before.wasted + (asked ? 1 : 0),
    lies: before.lies + (is === 'other_page' && isAlike ? 1 : 0),
  };
}

/** Both named, and equal: weak etags are compared as RFC 9110, section 8.8.3.2, compares them. */
function sameValidators(a: Validators | null, b: Validators | null): boolean {
  if (a === null || b === null) return false;
  const bare = (etag: string | null) => etag?.replace(/^W\//, '') ?? null;
  if (a.etag !== null || b.etag !== null) return a.etag !== null && bare(a.etag) === bare(b.etag);
  return a.lastModified === b.lastModified;
}

/**
 * What an address is that brought no page.
 *
 * @param status of the answer; null when none came.
 * @param wasUnreachable the look before ended without a page too.
 */
export function stateWithoutPage(
  reason: string,
  status: number | null,
  wasUnreachable: boolean,
): Extract<PageState, 'gone' | 'unreachable'> {
  if (status === 404 || status === 410) return 'gone';
  // A name that does not exist may be a moment's fault; twice running it is given up.
  return reason === 'dns' && wasUnreachable ? 'gone' : 'unreachable';
}

/** What was known of an address before a look. */
export interface KnownState {
  readonly state: PageState;
  /** The last state that an answer told; null when none ever came. */
  readonly settled: Exclude<PageState, 'unreachable'> | null;
}

/**
 * What a look found beside what stood there before.
 *
 * @param alike how the page compares with the last live one; null where there is nothing to compare.
 */
export function changeOf(
  before: KnownState | null,
  now: PageState,
  alike: Extract<Change, 'same' | 'text' | 'structure' | 'replaced'> | null,
): Change {
  if (now === 'unreachable') return before?.state === 'unreachable' ? 'same' : 'unreachable';
  const settled = before?.settled ?? null;
  if (settled === null) return now === 'live' ? 'first' : now;
  if (now === settled) return now === 'live' ? (alike ?? 'same') : 'same';
  return now === 'live' ? 'revived' : now;
}
