/**
 * Sites without end: calendars, sessions in addresses, every order of every filter, paths that grow out of themselves,
 * pages that are made up as they are asked for. A visit leaves them by two rules.
 *
 * - **A shape has a budget.** Addresses that differ in numbers and names alone have one shape; of each a visit takes up
 *   so many, and what is beyond ends as a line with the reason `trap`.
 *
 *       /catalog/phones/apple-15-pro-max?page=2&sort=price   ─►   /catalog/…/…?page&sort
 *       /2026/11/24                                          ─►   /#/#/#
 *
 * - **A shape whose pages repeat each other is left.** When the last `MOST_ALIKE` pages of it each were nearly equal
 *   (SimHash) to one of the few before them, the rest of it is not asked for.
 *
 * Addresses given by name have no shape: whoever gave them wants them.
 */
import { isCalendar } from './priority.ts';
import { bitsApart, NEARLY_EQUAL_BITS } from './text/simhash.ts';

/** Days and months of a calendar: a year of months shows whether there is anything. */
const MOST_OF_CALENDAR = 12;
/** Orders of filters: pages with three parameters or more. */
const MOST_OF_FILTERS = 30;
const FILTERS_FROM = 3;
/** Of an ordinary shape at least, however few pages a visit may capture. */
const LEAST_ORDINARY = 100;

const MOST_SEGMENTS = 12;
const MOST_PARAMETERS = 6;
const LONGEST = 1_024;
/** A segment that comes as often is no place but a loop. */
const MOST_REPEATS = 3;
const LONGEST_SHAPE = 200;
const ESCAPE = /%[0-9a-f]{2}/gi;

/** Pages in a row that tell nothing new. */
export const MOST_ALIKE = 8;
/** How many pages back one may resemble: some generators take turns. */
const PRINTS_KEPT = 4;

/**
 * What an address has in common with others of its kind: the first folder as it is written, every further name `…`, a
 * name with a digit in it `#`; of its parameters the names, sorted. Session ids are no part of it. At most 200
 * characters.
 */
export function shapeOf(url: URL): string {
  const segments = url.pathname.split('/').slice(1);
  const shaped = segments.map((segment, at) => {
    if (segment === '') return '';
    if (/\d/.test(segment.replaceAll(ESCAPE, ''))) return '#';
    return at === 0 && segments.length > 1 && segment.length <= 30 ? segment : '…';
  });
  const names = [...new Set([...url.searchParams.keys()].map((name) => name.replaceAll(/\d+/g, '#')))].sort();
  return `/${shaped.join('/')}${names.length === 0 ? '' : `?${names.join('&')}`}`.slice(0, LONGEST_SHAPE);
}

/** How many addresses of this one's shape a visit takes up. @param pages the most that the visit captures. */
export function budgetOf(url: URL, pages: number): number {
  if (isCalendar(url)) return MOST_OF_CALENDAR;
  if (new Set(url.searchParams.keys()).size >= FILTERS_FROM) return MOST_OF_FILTERS;
  return Math.max(LEAST_ORDINARY, pages);
}

/** Why an address is a trap by itself, in words that follow "it"; null for one that is none. */
export function trapIn(url: URL): string | null {
  if (url.href.length > LONGEST) return `is longer than ${LONGEST} characters`;
  const segments = url.pathname.split('/').filter(Boolean);
  if (segments.length > MOST_SEGMENTS) return `is more than ${MOST_SEGMENTS} folders deep`;
  if ([...url.searchParams].length > MOST_PARAMETERS) return `has more than ${MOST_PARAMETERS} parameters`;
  const looping = segments.find(
    (segment) => segments.filter((each) => each === segment).length >= MOST_REPEATS,
  );
  return looping === undefined ? null : `passes through "${looping.slice(0, 40)}" ${MOST_REPEATS} times`;
}

/** What the last pages of a shape were like. */
export interface Repetition {
  /** How many in a row resembled one before them. */
  readonly alike: number;
  /** SimHashes of the last pages, the newest last. */
  readonly prints: readonly string[];
}

/** What they are like with one page more; a trap from `MOST_ALIKE` in a row. */
export function repeatedBy(
  { alike, prints }: Repetition,
  print: string,
): Repetition & { readonly isTrap: boolean } {
  const isAlike = prints.some((each) => bitsApart(each, print) <= NEARLY_EQUAL_BITS);
  const inARow = isAlike ? alike + 1 : 0;
  return { alike: inARow, prints: [...prints, print].slice(-PRINTS_KEPT), isTrap: inARow >= MOST_ALIKE };
}
