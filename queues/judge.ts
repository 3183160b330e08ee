/**
 * Reading and assessing one page: source in, what a visit keeps of it out.
 *
 *     bytes ─► text ─► Page ─┬─► links, listings, whether it must be rendered
 *                            └─► Assessment by each model
 *
 * A function of the source alone; so is the print of a site. A visit does it in a thread, since a large or a hostile page would hold up
 * everything else of the process.
 */
import { assessPage } from '../classifiers/assess.ts';
import { type AwayState, awayFinder } from '../classifiers/away.ts';
import { cloakHints } from '../classifiers/cloaking/hints.ts';
import { type Traits, traitsOf } from '../classifiers/cloaking/traits.ts';
import {
  type PrintPart,
  partOf,
  pathHashes,
  printOfParts,
  type SitePrint,
} from '../classifiers/lookalike-sites.ts';
import { loadModel, type Model } from '../classifiers/model.ts';
import { pagePrint } from '../classifiers/page-print.ts';
import { challengeOf } from '../crawler/challenge.ts';
import { decode } from '../crawler/extract/decode.ts';
import { readListings } from '../crawler/extract/listing.ts';
import { readPage } from '../crawler/extract/page.ts';
import { isActive, needsRender, type RenderReason } from '../crawler/render-decision.ts';
import type { Assessment } from '../domain/assessment.ts';
import type { CheckReason } from '../domain/cloak-check.ts';
import type { Listing } from '../domain/listing.ts';
import type { Page } from '../domain/page.ts';
import { simHashOf } from '../domain/text/simhash.ts';
import { words } from '../domain/text.ts';
import { beside, openThread, type ThreadLimits, ThreadLostError } from './thread.ts';

/** A page of a site, or what was kept of one when it was judged. */
export type PrintSource = PageSource | PrintPart;

export interface PageSource {
  /** Where it was read, after redirects. */
  readonly url: string;
  /** Text that a browser shows, or bytes as they were received. */
  readonly source: string | { readonly bytes: Uint8Array; readonly contentType: string | null };
}

/** Folders of models, as `file:` addresses that end with a slash. */
export interface JudgedBy {
  readonly model: string;
  /** Judges too and is shown to nobody; null when no candidate is tried. */
  readonly shadow: string | null;
}

export interface JudgedPage extends Pick<Page, 'title' | 'links'> {
  /** At most 20,000 characters: what an officer and a sketch need. */
  readonly text: string;
  /** SimHash of its text: 16 hexadecimal digits. */
  readonly print: string;
  readonly listings: readonly Listing[];
  readonly needsRender: RenderReason | null;
  /** A browser might show something else. */
  readonly isActive: boolean;
  /** Name of the gatekeeper that stands before it; null for a page. */
  readonly challenge: string | null;
  /** Why it may show something else to somebody else. */
  readonly hints: readonly CheckReason[];
  readonly assessment: Assessment;
  readonly shadow: Assessment | null;
  /** What the next look compares with: see `classifiers/page-print.ts`. */
  readonly pagePrint: Uint8Array;
  /** What it brings to the print of its site; null for a page of so many words that it is rather read again. */
  readonly printPart: PrintPart | null;
  /** Nobody is at home there: parked, for sale, suspended. */
  readonly away: AwayState | null;
}

export interface Judge {
  /** @throws PageUnjudgedError when this very page kills what judges or holds it up. */
  judge(page: PageSource, by: JudgedBy): Promise<JudgedPage>;
  /**
   * What two readings of one address are compared by.
   *
   * @throws PageUnjudgedError when this very page kills what reads it or holds it up.
   */
  traits(page: PageSource): Promise<Traits>;
  /**
   * The print of a site's pages, by which its copies are found; broken pages leave less of it.
   *
   * @throws PageUnjudgedError when these pages kill what reads them or hold it up.
   */
  print(host: string, pages: readonly PrintSource[]): Promise<SitePrint>;
  /** Ends at once; pages without an answer have none. */
  close(): Promise<void>;
}

export class PageUnjudgedError extends Error {
  override readonly name = 'PageUnjudgedError';
  readonly facts: { readonly url: string; readonly why: string };

  constructor(facts: PageUnjudgedError['facts'], cause: unknown) {
    super(`${facts.url} could not be judged: the thread that read it ${facts.why}.`, { cause });
    this.facts = facts;
  }
}

export interface JudgeAsk {
  readonly page: PageSource;
  readonly by: JudgedBy;
}

export interface PrintAsk {
  readonly host: string;
  readonly pages: readonly PrintSource[];
}

export type Ask = JudgeAsk | PrintAsk | TraitsAsk;

export interface TraitsAsk {
  readonly traitsOf: PageSource;
}

const KEPT_TEXT = 20_000;
/** Runs of words that are kept of a page until its visit ends: 80 KB, ten times what most pages have. */
const MOST_RUNS = 20_000;
/** A page takes milliseconds; a large one on a busy machine takes a second or two. */
const LIMITS: ThreadLimits = { seconds: 30, heapMegabytes: 1024 };

/** In this thread: for tests, and for whoever has nothing else to do meanwhile. */
export function judgeHere(): Judge {
  const judged = pageReader();
  return {
    judge: async (page, by) => judged({ page, by }),
    traits: async (page) => pageTraits({ traitsOf: page }),
    print: async (host, pages) => sitePrint({ host, pages }),
    close: async () => undefined,
  };
}

/**
 * In a thread of its own, one page at a time.
 *
 * @throws what kept the thread from starting.
 */
export async function judgeInThread(
  entry: URL = beside(import.meta.url, 'judge-thread'),
  limits: ThreadLimits = LIMITS,
): Promise<Judge> {
  const thread = openThread<Ask, JudgedPage | SitePrint | Traits>(entry, limits);
  await thread.ready();
  const ask = async (what: Ask, url: string) => {
    try {
      return await thread.ask(what);
    } catch (cause) {
      if (!(cause instanceof ThreadLostError)) throw cause;
      throw new PageUnjudgedError({ url, why: cause.facts.why }, cause);
    }
  };
  return {
    judge: async (page, by) => (await ask({ page, by }, page.url)) as JudgedPage,
    traits: async (page) => (await ask({ traitsOf: page }, page.url)) as Traits,
    print: async (host, pages) => (await ask({ host, pages }, host)) as SitePrint,
    close: () => thread.close(),
  };
}

/** Loads each model once. */
export function pageReader(): (it: JudgeAsk) => JudgedPage {
  const awayOf = awayFinder();
  const models = new Map<string, Model>();
  const modelIn = (folder: string): Model => {
    const model = models.get(folder) ?? loadModel(new URL(folder));
    models.set(folder, model);
    return model;
  };
  return ({ page: { url, source }, by }) => {
    const page = pageOf({ url, source });
    const text = page.text.slice(0, KEPT_TEXT);
    const all = words(page.text);
    const paths = pathHashes(page.html);
    const part = partOf(page, all, paths);
    return {
      title: page.title,
      text,
      print: simHashOf(page.text.length === text.length ? all : words(text)),
      links: page.links,
      listings: readListings(page),
      needsRender: needsRender(page),
      isActive: isActive(page),
      challenge: challengeOf({ status: 200, headers: {}, html: page.html, textLength: page.text.length }),
      hints: cloakHints(page),
      assessment: assessPage(page, modelIn(by.model)),
      shadow: by.shadow === null ? null : assessPage(page, modelIn(by.shadow)),
      pagePrint: pagePrint(page, all, paths),
      printPart: part.runs.length > MOST_RUNS ? null : part,
      away: awayOf(page),
    };
  };
}

export function pageTraits({ traitsOf: source }: TraitsAsk): Traits {
  return traitsOf(pageOf(source));
}

export function sitePrint({ host, pages }: PrintAsk): SitePrint {
  return printOfParts(
    host,
    pages.map((it) => ('runs' in it ? it : partOf(pageOf(it)))),
  );
}

function pageOf({ url, source }: PageSource): Page {
  return readPage(typeof source === 'string' ? source : decode(source.bytes, source.contentType).html, url);
}
