/**
 * Sites that are one site under several names: a pyramid moves to a new domain and takes its pages, counters,
 * wallets and telephones along.
 *
 *     pages of a site -> print: sketches of its markup and its words, and marks (counter, wallet, telephone …)
 *     two prints      -> likeness: reasons with log-odds each, a mark the less the more sites bear it
 *     many prints     -> clusters without chains (`duplicates/clusters.ts`)
 *
 * What honest sites share counts for little: markup never makes two sites one, since a template serves
 * thousands; no single mark does, since a warning names the wallet it warns of; marks and words that many sites bear which nobody confirmed as fraud (a site builder's counter, a
 * hoster's notice, a registrar's parking page) fade to nothing.
 *
 * The log-odds are set by hand for the queue's order and are no calibrated chances. Nothing depends on the
 * order of pages or of sites.
 */
import { createHash } from 'node:crypto';
import type { Label, Signal } from '../domain/assessment.ts';
import type { Page } from '../domain/page.ts';
import { words } from '../domain/text.ts';
import { CLEAR_TO, FLAG_FROM } from './assess.ts';
import { clustersOf } from './duplicates/clusters.ts';
import { sketch, sketchSimilarity } from './duplicates/sketch.ts';
import { hashOf, hashOfWords } from './ngrams.ts';
import type { SiteAssessment } from './site.ts';

export const MARK_KINDS = ['wallet', 'counter', 'phone', 'email', 'messenger', 'icon'] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

export interface Mark {
  readonly kind: MarkKind;
  readonly value: string;
}

export interface SitePrint {
  readonly host: string;
  /** One-permutation MinHash of word runs of four and of tag paths; `BINS` numbers each. */
  readonly text: readonly number[];
  readonly markup: readonly number[];
  /** How many different ones there are: sketches of few elements say nothing. */
  readonly textSize: number;
  readonly markupSize: number;
  /** Sorted, each once. */
  readonly marks: readonly Mark[];
}

export interface Reason {
  readonly what: MarkKind | 'text' | 'markup';
  /** A mark's value; a share such as `0.93` for text and markup. */
  readonly detail: string;
  readonly logOdds: number;
}

export interface Likeness {
  /** 0..1; from `ALIKE` on the two are held to be one. */
  readonly score: number;
  /** Strongest first. */
  readonly reasons: readonly Reason[];
}

/** How many sites bear a value (`valuesOf`) that nobody confirmed as fraud. */
export type Bearers = (value: string) => number;

export const ALIKE = 0.5;

const BINS = 128;
const RUN = 4;
/** Rows of a band: two sites of text similarity 0.6 share one of 32 bands with a chance of 0.99, of 0.2 with 0.05. */
const BAND = 4;
const LEAST_RUNS = 60;
const LEAST_PATHS = 30;
/**
 * What speaks against two sites being one before anything is known. A web studio leaves its telephone and its
 * counter on every customer's copy of its template: a mark and equal markup stay below it, two marks do not.
 */
const AGAINST = -4;
const MARK_ODDS: Readonly<Record<MarkKind, number>> = {
  wallet: 3.9,
  counter: 2.7,
  phone: 2.7,
  email: 2.7,
  messenger: 2.7,
  icon: 1.2,
};
/** Up to this many bearers a value is rare. */
const RARE = 3;
/** From this many bearers on a value says nothing. */
export const COMMON = 20;
/** Marks of one kind are copied together: the second adds little. */
const AGAIN = 0.3;

/** What one page brings to the print of its site. */
export interface PrintPart {
  /** Hashes of its runs of words, each once, and of its tag paths. */
  readonly runs: Int32Array;
  readonly paths: Int32Array;
  readonly marks: readonly Mark[];
}

export function printOf(host: string, pages: readonly Page[]): SitePrint {
  return printOfParts(
    host,
    pages.map((page) => partOf(page)),
  );
}

/**
 * @param kept words of its text, where they were found already.
 * @param paths hashes of its tag paths, the same.
 */
export function partOf(
  page: Page,
  kept: readonly string[] = words(page.text),
  paths: Int32Array = pathHashes(page.html),
): PrintPart {
  const runs = new Set<number>();
  for (let at = 0; at + RUN <= kept.length; at += 1) runs.add(hashOfWords(kept, at, at + RUN, 1));
  return { runs: Int32Array.from(runs), paths, marks: marksOf(page) };
}

export function printOfParts(host: string, parts: readonly PrintPart[]): SitePrint {
  const runs = new Set<number>();
  const paths = new Set<number>();
  const marks = new Map<string, Mark>();
  for (const part of parts) {
    for (const run of part.runs) runs.add(run);
    for (const path of part.paths) paths.add(path);
    for (const mark of part.marks) marks.set(wordOf(mark), mark);
  }
  return {
    host,
    text: sketched(runs),
    markup: sketched(paths),
    textSize: runs.size,
    markupSize: paths.size,
    marks: [...marks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, mark]) => mark),
  };
}

function sketched(hashes: ReadonlySet<number>): number[] {
  const bins = new Uint32Array(BINS);
  // Of each bin the least counts, whatever came first.
  sketch(Int32Array.from(hashes), hashes.size, bins);
  return [...bins];
}

/** One hash for each of `tagPaths`. */
export function pathHashes(html: string): Int32Array {
  return Int32Array.from(tagPaths(html), (path) => hashOf(path, 2));
}

const MOST_TAGS = 20_000;
const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));

const TAG = /<(\/?)([a-z][a-z0-9-]{0,30})\b([^<>]{0,2000})/giy;
const LONGEST_NAME = 31;
const LONGEST_ATTRIBUTES = 2_000;
const CLASS = /\sclass\s*=\s*["']?\s*([^\s"'>]{1,60})/i;

/**
 * Every element as the path of the last four tags down to it, with its first class. Linear in the source. A tag is what
 * `TAG` says; the pattern itself is asked only for names that are no run of letters and digits.
 */
export function tagPaths(html: string): Set<string> {
  const paths = new Set<string>();
  const open: string[] = [];
  /** At each depth the last three that are open there; the first `told` of these are of the tags that are open now. */
  const above: string[] = [];
  let told = 0;
  let seen = 0;
  for (let at = html.indexOf('<'); at !== -1 && seen < MOST_TAGS; at = html.indexOf('<', at + 1)) {
    const isEnd = html.charCodeAt(at + 1) === SLASH;
    const from = at + (isEnd ? 2 : 1);
    let name: string;
    let attributes: string;
    const end = plainNameEnd(html, from);
    if (end === -1) {
      TAG.lastIndex = at;
      const found = TAG.exec(html);
      if (found === null) continue;
      name = found[2]!.toLowerCase();
      attributes = found[3]!;
    } else {
      name = html.slice(from, end).toLowerCase();
      attributes = isEnd ? '' : html.slice(end, attributesEnd(html, end));
    }
    seen += 1;
    if (isEnd) {
      const opened = open.lastIndexOf(name);
      if (opened !== -1) open.length = opened;
      told = Math.min(told, open.length + 1);
      continue;
    }
    for (; told <= open.length; told += 1) above[told] = open.slice(Math.max(0, told - 3), told).join('>');
    const first = attributes === '' ? '' : (CLASS.exec(attributes)?.[1] ?? '');
    paths.add(`${above[open.length]}>${name}.${first}`);
    if (!VOID.has(name) && open.length < 256) open.push(name);
  }
  return paths;
}

const SLASH = 0x2f;

/** Where a name of letters and digits ends that begins there; -1 when there is none, or it may be longer or shorter. */
function plainNameEnd(html: string, from: number): number {
  const first = html.charCodeAt(from) | 0x20;
  if (!(first >= 0x61 && first <= 0x7a)) return -1;
  let at = from + 1;
  for (; at < html.length; at += 1) {
    const unit = html.charCodeAt(at);
    const isDigit = unit >= 0x30 && unit <= 0x39;
    const isLetter = (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a;
    if (!isDigit && !isLetter) return unit === 0x2d || unit === 0x5f || at - from > LONGEST_NAME ? -1 : at;
  }
  return at - from > LONGEST_NAME ? -1 : at;
}

function attributesEnd(html: string, from: number): number {
  const most = Math.min(html.length, from + LONGEST_ATTRIBUTES);
  for (let at = from; at < most; at += 1) {
    const unit = html.charCodeAt(at);
    if (unit === 0x3c || unit === 0x3e) return at;
  }
  return most;
}

/** Counters whose number belongs to one account. Forms of the numbers: the vendors' own installation pages. */
const COUNTERS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['google', /\b(UA-\d{4,10}-\d{1,4}|G-[A-Z0-9]{8,12}|GTM-[A-Z0-9]{5,9}|AW-\d{9,11})\b/g],
  ['yandex', /\bym\(\s*(\d{6,10})\s*,|mc\.yandex\.(?:ru|com)\/watch\/(\d{6,10})/g],
  ['facebook', /fbq\(\s*['"]init['"]\s*,\s*['"](\d{10,18})['"]|facebook\.com\/tr\/?\?id=(\d{10,18})/g],
  ['tiktok', /ttq\.load\(\s*['"]([A-Z0-9]{16,24})['"]/g],
  ['vk', /\b(VK-RTRG-\d+-[A-Za-z0-9]{4,8})\b/g],
];
const MOST_MARKS = 30;
const LONGEST_MARK = 120;

function marksOf(page: Page): Mark[] {
  const counters = COUNTERS.flatMap(([name, pattern]) =>
    [...page.html.matchAll(pattern)].map((found) => `${name} ${found.slice(1).find(Boolean)}`),
  );
  const all: Mark[] = [
    ...page.wallets.map(({ network, address }) => mark('wallet', `${network} ${address}`)),
    ...counters.map((it) => mark('counter', it)),
    ...page.contacts.phones
      .map((phone) => phone.replace(/\D/g, '').slice(-10))
      .filter((digits) => digits.length === 10)
      .map((digits) => mark('phone', digits)),
    ...page.contacts.emails.map((email) => mark('email', email.toLowerCase())),
    ...page.contacts.messengers.map((it) => mark('messenger', it.toLowerCase())),
    ...icons(page.html).map((it) => mark('icon', it)),
  ];
  return MARK_KINDS.flatMap((kind) =>
    all.filter((it) => it.kind === kind && it.value.length <= LONGEST_MARK).slice(0, MOST_MARKS),
  );
}

function mark(kind: MarkKind, value: string): Mark {
  return { kind, value };
}

/** Icons that travel inside the page; one that is fetched apart is known by its address alone, which says nothing. */
function icons(html: string): string[] {
  return [
    ...html.matchAll(
      /<link\b[^<>]{0,400}?href\s*=\s*["'](data:image\/[^"'<>]{64,100000})["'][^<>]{0,400}>/gi,
    ),
  ]
    .filter(([tag]) => /rel\s*=\s*["']?[^"'<>]{0,40}icon/i.test(tag))
    .map((found) => createHash('sha256').update(found[1]!).digest('hex').slice(0, 16));
}

/** A mark as one word. */
export function wordOf({ kind, value }: Mark): string {
  return `${kind} ${value}`;
}

/** All values by which a site is looked up: its marks, and bands of its text. */
export function valuesOf(print: SitePrint): string[] {
  return [...print.marks.map(wordOf), ...bandsOf(print)];
}

function bandsOf({ text, textSize }: SitePrint): string[] {
  if (textSize < LEAST_RUNS) return [];
  return Array.from({ length: BINS / BAND }, (_, band) => {
    const rows = text.slice(band * BAND, (band + 1) * BAND).join(' ');
    return `band ${band} ${(hashOf(rows, band) >>> 0).toString(36)}`;
  });
}

/** How alike two sites are. The same in both directions. */
export function likenessOf(a: SitePrint, b: SitePrint, bearers: Bearers): Likeness {
  const reasons = [...markReasons(a, b, bearers), ...textReasons(a, b, bearers), ...markupReasons(a, b)];
  const sum = reasons.reduce((total, reason) => total + reason.logOdds, AGAINST);
  reasons.sort((x, y) => y.logOdds - x.logOdds || (x.detail < y.detail ? -1 : 1));
  return { score: 1 / (1 + Math.exp(-sum)), reasons };
}

function markReasons(a: SitePrint, b: SitePrint, bearers: Bearers): Reason[] {
  const theirs = new Set(b.marks.map(wordOf));
  return MARK_KINDS.flatMap((kind) =>
    a.marks
      .filter((it) => it.kind === kind && theirs.has(wordOf(it)))
      .map((it) => ({
        what: kind,
        detail: it.value,
        logOdds: MARK_ODDS[kind] * rarity(bearers(wordOf(it))),
      }))
      .filter((reason) => reason.logOdds > 0)
      .sort((x, y) => y.logOdds - x.logOdds || (x.detail < y.detail ? -1 : 1))
      .map((reason, at) => (at === 0 ? reason : { ...reason, logOdds: reason.logOdds * AGAIN ** at })),
  );
}

function textReasons(a: SitePrint, b: SitePrint, bearers: Bearers): Reason[] {
  if (Math.min(a.textSize, b.textSize) < LEAST_RUNS) return [];
  const same = sketchSimilarity(a.text, b.text);
  if (same < 0.4) return [];
  // A text is as common as the commonest of the bands that both have.
  const theirs = new Set(bandsOf(b));
  const common = Math.max(
    0,
    ...bandsOf(a)
      .filter((band) => theirs.has(band))
      .map(bearers),
  );
  const logOdds = 8 * (same - 0.2) * rarity(common);
  return logOdds > 0 ? [{ what: 'text', detail: same.toFixed(2), logOdds }] : [];
}

function markupReasons(a: SitePrint, b: SitePrint): Reason[] {
  if (Math.min(a.markupSize, b.markupSize) < LEAST_PATHS) return [];
  const same = sketchSimilarity(a.markup, b.markup);
  if (same < 0.6) return [];
  return [{ what: 'markup', detail: same.toFixed(2), logOdds: 3 * (same - 0.6) }];
}

/** 1 for what up to three sites bear, falling to 0 at twenty. */
function rarity(bearers: number): number {
  if (bearers <= RARE) return 1;
  return Math.max(0, 1 - Math.log(bearers / RARE) / Math.log(COMMON / RARE));
}

export interface SiteCluster {
  /** Sorted. */
  readonly hosts: readonly string[];
  /** The one that the others are most like. */
  readonly centre: string;
}

/** Groups of sites held to be one, each of two or more; sorted by their first host. Every pair is compared. */
export function siteClusters(prints: readonly SitePrint[], bearers: Bearers): SiteCluster[] {
  const sites = [...prints].sort((a, b) => (a.host < b.host ? -1 : 1));
  const score = (a: number, b: number) => likenessOf(sites[a]!, sites[b]!, bearers).score;
  const links = sites.flatMap((_, a) =>
    sites.slice(a + 1).flatMap((_print, at) => {
      const b = a + 1 + at;
      const it = score(a, b);
      return it >= ALIKE ? [{ a, b, score: it }] : [];
    }),
  );
  return clustersOf(links, { score, bound: ALIKE }).map(({ members, centre }) => ({
    hosts: members.map((member) => sites[member]!.host),
    centre: sites[centre]!.host,
  }));
}

/** A site that another one is held to be a copy of, or the other way round. */
export interface Sibling {
  readonly host: string;
  readonly likeness: Likeness;
  /** What officers confirmed it as; null when they did not. */
  readonly confirmed: Label | null;
}

/**
 * The sites that one is held to be one with: those of its cluster among the candidates, the likest first.
 *
 * @param candidates those that share a value with it, in any order; its own host among them is passed over.
 */
export function siblingsOf(
  print: SitePrint,
  candidates: readonly { readonly print: SitePrint; readonly confirmed: Label | null }[],
  bearers: Bearers,
): Sibling[] {
  const others = candidates.filter((it) => it.print.host !== print.host);
  const clusters = siteClusters([print, ...others.map((it) => it.print)], bearers);
  const mine = new Set(clusters.find(({ hosts }) => hosts.includes(print.host))?.hosts ?? []);
  return others
    .filter((it) => mine.has(it.print.host))
    .map((it) => ({
      host: it.print.host,
      likeness: likenessOf(print, it.print, bearers),
      confirmed: it.confirmed,
    }))
    .sort((a, b) => b.likeness.score - a.likeness.score || (a.host < b.host ? -1 : 1));
}

const MOST_LINEAGE = 5;

/** The history that a cluster carries over to a new site; null where no sibling was confirmed as fraud. */
export function lineageSignal(siblings: readonly Sibling[]): Signal | null {
  const bad = siblings.filter((it) => it.confirmed !== null && it.likeness.score >= ALIKE);
  const [first] = bad;
  if (first === undefined) return null;
  // The likest speaks in full, the others add by their number: copies of one site are no independent witnesses.
  const contribution = Math.min(MOST_LINEAGE, 4 * first.likeness.score + 0.5 * Math.log2(bad.length));
  const said = bad.map(({ host, likeness }) => `${host} (${likeness.reasons.map(reasonText).join(', ')})`);
  return {
    id: 'cluster.confirmed_fraud',
    family: 'cluster',
    criterion: 'none',
    excerpt: said.join('; ').slice(0, 200),
    contribution,
  };
}

function reasonText({ what, detail }: Reason): string {
  return `${what} ${detail}`;
}

/** A site's judgement with its lineage added to the log-odds; the label is the siblings' where it had none. */
export function withLineage(site: SiteAssessment, siblings: readonly Sibling[]): SiteAssessment {
  const signal = lineageSignal(siblings);
  if (signal === null) return site;
  const held = Math.max(1e-6, Math.min(1 - 1e-6, site.score));
  const logOdds = Math.log(held / (1 - held)) + signal.contribution;
  const score = 1 / (1 + Math.exp(-logOdds));
  const inherited = siblings.find((it) => it.confirmed !== null)!.confirmed!;
  const signals = [...site.signals, signal].sort(
    (a, b) => Math.abs(b.contribution) - Math.abs(a.contribution) || (a.id < b.id ? -1 : 1),
  );
  return {
    label: score < 0.5 ? 'legit' : site.label === 'legit' ? inherited : site.label,
    score,
    ...verdictOf(score),
    signals,
  };
}

/** A confirmed copy is a sign by itself: no page of it has to be flagged for its words. */
function verdictOf(score: number): Pick<SiteAssessment, 'verdict' | 'abstainReason'> {
  if (score >= FLAG_FROM) return { verdict: 'flag', abstainReason: null };
  if (score <= CLEAR_TO) return { verdict: 'clear', abstainReason: null };
  return {
    verdict: 'abstain',
    abstainReason: `the score lies between the bounds ${CLEAR_TO} and ${FLAG_FROM}`,
  };
}
