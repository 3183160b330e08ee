/**
 * What is remembered of a page so that the next look can tell whether it changed, 268 bytes whatever its length:
 *
 *     0    1    version
 *     1    1    what there is: 1 words, 2 markup, 4 forms, wallets and contacts few enough to be told apart,
 *               8 markup enough to know a frame by
 *     2    128  sketch of its words, a byte a bin
 *     130  128  sketch of its markup
 *     258  10   digest of its forms, wallets and contacts
 *
 * Words are taken in runs of three, with every number put as one sign: a clock, a counter and "1 248 online" are no
 * change. Markup is paths of tags and the hosts that links lead to.
 *
 * Sources: one-permutation MinHash (`duplicates/sketch.ts`), of which a byte a bin is kept: P. Li, A. C. König,
 * "b-Bit Minwise Hashing" (2010), section 2.
 */
import { createHash } from 'node:crypto';
import type { Page } from '../domain/page.ts';
import { words } from '../domain/text.ts';
import { sketch } from './duplicates/sketch.ts';
import { pathHashes } from './lookalike-sites.ts';
import { mix } from './mix.ts';
import { hashOf } from './ngrams.ts';

const VERSION = 1;
const BINS = 128;
const DIGEST = 10;
const PLACES = { has: 1, text: 2, markup: 2 + BINS, digest: 2 + 2 * BINS } as const;
const HAS = { text: 1, markup: 2, parts: 4, frame: 8 } as const;
export const PRINT_BYTES = PLACES.digest + DIGEST;

const RUN = 3;
/** A heading and paragraphs are no frame: every plain page has them. */
const LEAST_FRAME = 10;
/** What is beyond them changes unseen: a page of an honest length has fewer. */
const MOST_WORDS = 20_000;
/** A page with more telephones than an owner has is a board of other people's. */
const MOST_CONTACTS = 8;

/**
 * @param all words of its text, where they were found already.
 * @param paths hashes of its tag paths (`pathHashes`), the same.
 */
export function pagePrint(
  page: Page,
  all: readonly string[] = words(page.text),
  paths: Int32Array = pathHashes(page.html),
): Uint8Array {
  const print = new Uint8Array(PRINT_BYTES);
  print[0] = VERSION;
  const runs = runsOf(all);
  const markup = [...paths, ...Array.from(outerHosts(page), (it) => hashOf(it, 2))];
  const parts = partsOf(page);
  print[PLACES.has] =
    (runs.length > 0 ? HAS.text : 0) |
    (markup.length > 0 ? HAS.markup : 0) |
    (markup.length >= LEAST_FRAME ? HAS.frame : 0) |
    (parts === null ? 0 : HAS.parts);
  print.set(binsOf(runs), PLACES.text);
  print.set(binsOf(Int32Array.from(markup)), PLACES.markup);
  if (parts !== null)
    print.set(createHash('sha256').update(parts.join('\n')).digest().subarray(0, DIGEST), PLACES.digest);
  return print;
}

export interface PageLikeness {
  readonly is: 'same' | 'text' | 'structure' | 'replaced';
  /** Share of runs of words, and of markup, that both have, 0..1; estimated, give or take 0.05. */
  readonly text: number;
  readonly markup: number;
}

/** Quotes, dates in words, "seen today": pages move that much by themselves. */
const SAME_TEXT = 0.93;
const SAME_MARKUP = 0.85;
/** A new text in the old frame is a change of text; nothing in common is another page. */
const OTHER_TEXT = 0.2;
const OTHER_MARKUP = 0.4;

/** Compares two prints; null when one is of another make. The same in both directions. */
export function comparePages(a: Uint8Array, b: Uint8Array): PageLikeness | null {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  if ([x, y].some((it) => it.length !== PRINT_BYTES || it[0] !== VERSION)) return null;
  const text = alike(x, y, 'text');
  const markup = alike(x, y, 'markup');
  const areTold = (x[PLACES.has]! & y[PLACES.has]! & HAS.parts) !== 0;
  const areParts = areTold && !x.subarray(PLACES.digest).equals(y.subarray(PLACES.digest));
  const isFramed = (x[PLACES.has]! & y[PLACES.has]! & HAS.frame) !== 0;
  const is =
    text < OTHER_TEXT && (markup < OTHER_MARKUP || !isFramed)
      ? 'replaced'
      : markup < SAME_MARKUP || areParts
        ? 'structure'
        : text < SAME_TEXT
          ? 'text'
          : 'same';
  return { is, text, markup };
}

function alike(a: Buffer, b: Buffer, what: 'text' | 'markup'): number {
  const [inA, inB] = [a[PLACES.has]! & HAS[what], b[PLACES.has]! & HAS[what]];
  if (inA === 0 || inB === 0) return inA === inB ? 1 : 0;
  const from = PLACES[what];
  let equal = 0;
  for (let at = from; at < from + BINS; at += 1) if (a[at] === b[at]) equal += 1;
  // Of bins that differ one in 256 shows the same byte.
  return Math.max(0, (equal / BINS - 1 / 256) / (1 - 1 / 256));
}

const bins = new Uint32Array(BINS);

function binsOf(hashes: Int32Array): Uint8Array {
  sketch(hashes, hashes.length, bins);
  return Uint8Array.from(bins, (bin) => mix(bin) & 0xff);
}

/** A hash for each run; one for all of a text that is shorter than a run. */
function runsOf(all: readonly string[]): Int32Array {
  const kept: number[] = [];
  let isAfterNumber = false;
  for (const word of all) {
    if (kept.length >= MOST_WORDS) break;
    const isNumber = hasDigit(word);
    if (!isNumber) kept.push(hashOf(word, 1));
    else if (!isAfterNumber) kept.push(0);
    isAfterNumber = isNumber;
  }
  if (kept.length === 0) return new Int32Array(0);
  const runs = new Int32Array(Math.max(1, kept.length - RUN + 1));
  for (let at = 0; at < runs.length; at += 1) {
    let hash = 0;
    for (let i = at; i < at + RUN && i < kept.length; i += 1) hash = mix(Math.imul(hash, 31) + kept[i]!);
    runs[at] = hash;
  }
  return runs;
}

function hasDigit(word: string): boolean {
  for (let i = 0; i < word.length; i += 1) {
    const unit = word.charCodeAt(i);
    if (unit >= 48 && unit <= 57) return true;
  }
  return false;
}

function outerHosts({ links, scripts, frames, url }: Page): Set<string> {
  const own = hostIn(url);
  const all = [...links.map(({ href }) => href), ...scripts.flatMap(({ src }) => src ?? []), ...frames];
  return new Set(all.map(hostIn).filter((host) => host !== '' && host !== own));
}

/** Of an absolute address of the web; '' for any other. Cheaper than a parse, and a page has hundreds. */
function hostIn(href: string): string {
  return /^https?:\/\/([^/?#]+)/i.exec(href)?.[1]?.toLowerCase() ?? '';
}

/** Where it takes money, data and calls; null for a board of other people's. */
function partsOf({ forms, wallets, contacts }: Page): string[] | null {
  const calls = [...contacts.phones, ...contacts.emails, ...contacts.messengers];
  if (calls.length + wallets.length > MOST_CONTACTS) return null;
  const shapes = forms.map(
    // Names of hidden fields are often tokens made for one answer; so is what follows a question mark.
    ({ action, method, fields }) =>
      `form ${method} ${action.split('?', 1)[0]} ${fields.map(({ type }) => type).join(',')}`,
  );
  const pay = wallets.map(({ network, address }) => `${network} ${address}`);
  return [...new Set([...shapes, ...pay, ...calls])].sort();
}
