/**
 * Where the addresses of a source come from: a function a kind, all of one shape.
 *
 * Each tells what it found, what went wrong on the way, and where the next run shall go on. None writes a row: a run
 * that dies half-way has done nothing, and is run again.
 */
import { open, stat } from 'node:fs/promises';
import type { Brands } from '../../classifiers/brands.ts';
import type { Lookup } from '../../crawler/dial.ts';
import { readChannelPage } from '../../crawler/discover/channel.ts';
import { readFeed } from '../../crawler/discover/feed.ts';
import { readSitemap, SitemapUnreadableError, sitemapsOfRobots } from '../../crawler/discover/sitemap.ts';
import { decode } from '../../crawler/extract/decode.ts';
import { readSection } from '../../crawler/extract/layout.ts';
import { readPage } from '../../crawler/extract/page.ts';
import { routeOf } from '../../crawler/guard.ts';
import { hostOf, siteOf } from '../../domain/url.ts';
import { isInScope, type Source, type SourceKind, type SourceOf } from '../../domain/watch.ts';
import type { FoundAddress, SourceStore } from '../../store/sources.ts';
import type { TipStore } from '../../store/tips.ts';
import type { Asker } from './ask.ts';

export interface SeekTools {
  readonly asker: Asker;
  readonly brands: Brands;
  /** Asks DNS; rejects for a name that does not exist. */
  readonly lookup: Lookup;
  readonly tips: Pick<TipStore, 'after'>;
  readonly sources: Pick<SourceStore, 'confirmedCaptures'>;
  readonly evidence: { read(sha256: string): Promise<Buffer> };
  /** Sites that are never followed out of a fraud page: platforms, institutions. */
  readonly isKnownGood: (url: URL) => boolean;
  readonly signal: AbortSignal;
}

export interface Sought {
  readonly found: readonly FoundAddress[];
  readonly notes: readonly string[];
  /** What is worth knowing of the run, by kind. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Given to the next run. */
  readonly memory: unknown;
}

/** Finds what a source leads to, within its scope. @param memory what the run before gave. */
export async function seek(source: Source, memory: unknown, tools: SeekTools): Promise<Sought> {
  const finder = SEEKERS[source.kind] as Seeker<SourceKind>;
  const sought = await finder(source, memory, tools);
  return { ...sought, found: sought.found.filter(({ url }) => isInScope(url, source)) };
}

type Seeker<Kind extends SourceKind> = (
  source: SourceOf<Kind>,
  memory: unknown,
  tools: SeekTools,
) => Promise<Sought>;

const SEEKERS: { readonly [Kind in SourceKind]: Seeker<Kind> } = {
  async urls({ urls }) {
    const found = urls.map((text) => ({ url: new URL(text), why: 'on the list' }));
    return { found, notes: [], facts: {}, memory: null };
  },
  sitemap: seekSitemap,
  section: seekSection,
  channel: seekChannel,
  async tips({ budget }, memory, { tips }) {
    // No more than the run may bring: what is read now is not read again.
    const { sent, last } = await tips.after(lastOf(memory), Math.min(budget, MOST_TIPS));
    return {
      found: sent.map(({ url, times }) => ({ url: new URL(url), why: 'sent in', sign: { tips: times } })),
      notes: [],
      facts: {},
      memory: { last },
    };
  },
  links: seekLinks,
  lookalikes: seekLookalikes,
  feed: seekFeed,
};

/** What a name that plays a brand, or a link on a fraud page, is taken for before anybody looked; and one word in a name. */
const LIKELY = 0.5;
const POSSIBLE = 0.2;
const MOST_TIPS = 10_000;
const MOST_SITEMAPS = 500;
/** Addresses that a run looks through; the budget takes what is new of them. */
const MOST_FOUND = 200_000;
/** Pages of confirmed cases whose links are followed in a run. */
const MOST_CAPTURES = 2_000;
const ASKED_AT_ONCE = 16;
/** Bytes of a feed's file read in a run. */
const MOST_OF_A_FEED = 64 * 1024 * 1024;

async function seekSitemap(
  { url }: SourceOf<'sitemap'>,
  _memory: unknown,
  { asker }: SeekTools,
): Promise<Sought> {
  const notes: string[] = [];
  const start = new URL(url);
  const waiting = start.pathname === '/' ? await sitemapsOf(start, asker, notes) : [url];
  const seen = new Set(waiting);
  const found: FoundAddress[] = [];
  for (const address of waiting) {
    if (found.length >= MOST_FOUND) {
      notes.push(`more than ${MOST_FOUND} addresses: ${address} and what follows it was not read`);
      break;
    }
    const asked = await asker.ask(new URL(address));
    if (asked.is === 'nothing') {
      notes.push(asked.why);
      continue;
    }
    try {
      const { pages, sitemaps } = readSitemap(asked.body, asked.url);
      for (const page of pages) found.push({ url: new URL(page), why: `in ${address}` });
      for (const more of sitemaps) {
        if (seen.has(more) || seen.size >= MOST_SITEMAPS) continue;
        seen.add(more);
        waiting.push(more);
      }
    } catch (cause) {
      if (!(cause instanceof SitemapUnreadableError)) throw cause;
      notes.push(cause.message);
    }
  }
  return { found, notes, facts: { sitemaps: seen.size }, memory: null };
}

/** Of a site: those its robots.txt names, else the usual place. */
async function sitemapsOf(site: URL, asker: Asker, notes: string[]): Promise<string[]> {
  const robots = new URL('/robots.txt', site);
  const asked = await asker.ask(robots);
  if (asked.is === 'nothing') notes.push(asked.why);
  const named = asked.is === 'answered' ? sitemapsOfRobots(asked.text(), asked.url) : [];
  return named.length > 0 ? named : [new URL('/sitemap.xml', site).href];
}

async function seekSection(
  { url, turns }: SourceOf<'section'>,
  _memory: unknown,
  { asker }: SeekTools,
): Promise<Sought> {
  const notes: string[] = [];
  // The section's own pages are visited too: what their cards show is evidence.
  const found: FoundAddress[] = [];
  const turned = new Set<string>();
  let layout: string | null = null;
  for (let next: string | null = url; next !== null && turned.size < turns; ) {
    turned.add(next);
    const asked = await asker.ask(new URL(next));
    if (asked.is === 'nothing') {
      notes.push(asked.why);
      break;
    }
    const section = readSection(asked.text(), asked.url);
    layout ??= section.layout;
    if (section.items.length === 0) notes.push(`${next}: no advertisement was recognised`);
    const page = next;
    found.push({ url: new URL(page), why: 'a page of the section' });
    for (const item of section.items) {
      if (siteOf(new URL(item).host) === siteOf(new URL(url).host))
        found.push({ url: new URL(item), why: `listed on ${page}` });
    }
    next =
      section.next === null || turned.has(section.next) || !isSameHost(section.next, url)
        ? null
        : section.next;
  }
  return { found, notes, facts: { layout, turned: turned.size }, memory: null };
}

function isSameHost(a: string, b: string): boolean {
  return hostOf(new URL(a)) === hostOf(new URL(b));
}

async function seekChannel(
  { channel, turns }: SourceOf<'channel'>,
  memory: unknown,
  { asker, isKnownGood }: SeekTools,
): Promise<Sought> {
  const notes: string[] = [];
  const seenUpTo = lastOf(memory);
  const found: FoundAddress[] = [];
  let last = seenUpTo;
  let facts: { subscribers: number | null; posts: number; views: number } = {
    subscribers: null,
    posts: 0,
    views: 0,
  };
  let next: string | null = channel;
  for (let turn = 0; next !== null && turn < turns; turn += 1) {
    const asked = await asker.ask(new URL(next));
    if (asked.is === 'nothing') {
      notes.push(asked.why);
      break;
    }
    const { posts, older, subscribers } = readChannelPage(asked.text(), asked.url);
    if (turn === 0 && posts.length === 0)
      notes.push(`${channel}: shows no posts to those without an account`);
    for (const post of posts) {
      last = Math.max(last, post.id);
      facts = { ...facts, posts: facts.posts + 1, views: facts.views + (post.views ?? 0) };
      for (const link of post.links) {
        const url = new URL(link);
        const sign = { reach: post.views ?? subscribers };
        if (!isKnownGood(url)) found.push({ url, why: `post ${post.id} of ${channel}`, sign });
      }
    }
    facts = { ...facts, subscribers: facts.subscribers ?? subscribers };
    const isKnown = posts.some(({ id }) => id <= seenUpTo);
    next = isKnown ? null : older;
  }
  const own = { url: new URL(channel), why: 'the channel itself', sign: { reach: facts.subscribers } };
  return { found: [own, ...found], notes, facts, memory: { last } };
}

async function seekLinks(
  _source: SourceOf<'links'>,
  _memory: unknown,
  { sources, evidence, brands, isKnownGood }: SeekTools,
): Promise<Sought> {
  const notes: string[] = [];
  const found: FoundAddress[] = [];
  const captures = await sources.confirmedCaptures(MOST_CAPTURES);
  for (const { caseId, finalUrl, mediaType, body, dom } of captures) {
    if (found.length >= MOST_FOUND) {
      notes.push(`more than ${MOST_FOUND} links: case ${caseId} and older ones were not read`);
      break;
    }
    const own = siteOf(new URL(finalUrl).host);
    try {
      const sources = [decode(await evidence.read(body), mediaType).html];
      if (dom !== null) sources.push((await evidence.read(dom)).toString('utf8'));
      for (const link of sources.flatMap((html) => readPage(html, finalUrl).links)) {
        if (!URL.canParse(link.href)) continue;
        const url = new URL(link.href);
        const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
        const isOther = isWeb && url.username === '' && url.password === '' && siteOf(url.host) !== own;
        if (isOther && brands.ownerOf(url.hostname) === null && !isKnownGood(url))
          found.push({ url, why: `link of case ${caseId}, ${finalUrl}`, sign: { risk: LIKELY } });
      }
    } catch (cause) {
      notes.push(`case ${caseId}: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
  return { found, notes, facts: { pages: captures.length }, memory: null };
}

const AT_HOME = new Set(['bank', 'broker', 'state', 'courier', 'marketplace', 'telecom']);

async function seekLookalikes(
  source: SourceOf<'lookalikes'>,
  memory: unknown,
  tools: SeekTools,
): Promise<Sought> {
  const { brands } = tools;
  const notes = source.brands
    .filter((name) => !brands.all.some((it) => it.name === name))
    .map((name) => `the brand file has no "${name}"`);
  const chosen = brands.all.filter(({ name, kind }) =>
    source.brands.length === 0 ? AT_HOME.has(kind) : source.brands.includes(name),
  );
  // A brand's most telling names before any brand's least telling ones.
  const lists = chosen.map((brand) => brands.lookalikesOf(brand));
  const longest = Math.max(0, ...lists.map((list) => list.length));
  const all = [
    ...new Set(Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list[at] ?? [])).flat()),
  ];
  const from = lastOf(memory) >= all.length ? 0 : lastOf(memory);
  const names = all.slice(from, from + source.names);
  const there = await existing(names, source.scan.resolve, tools);
  return {
    found: there.map((name) => ({
      url: new URL(`http://${name}/`),
      why: 'its name plays a brand',
      sign: { risk: LIKELY },
    })),
    notes,
    facts: { names: all.length, asked: names.length, exist: there.length },
    memory: { last: from + names.length },
  };
}

/** Those names that DNS, or the operator's own table, knows an address of; in order. */
async function existing(
  names: readonly string[],
  resolve: Readonly<Record<string, string>>,
  { lookup, signal }: SeekTools,
): Promise<string[]> {
  const there = new Set<string>();
  let at = 0;
  const ask = async () => {
    while (at < names.length) {
      signal.throwIfAborted();
      const name = names[at]!;
      at += 1;
      if (routeOf(new URL(`http://${name}/`), resolve).is === 'fixed') there.add(name);
      else if ((await lookup(name).catch(() => [])).length > 0) there.add(name);
    }
  };
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, ask));
  return names.filter((name) => there.has(name));
}

async function seekFeed(source: SourceOf<'feed'>, memory: unknown, tools: SeekTools): Promise<Sought> {
  const isRemote = /^https?:\/\//i.test(source.from);
  const { text, last, notes } = isRemote
    ? await remoteFeed(source.from, tools.asker)
    : await feedFile(source.from, lastOf(memory));
  const { names, unread } = readFeed(text.split('\n'));
  const words = source.words.map((word) => word.toLowerCase());
  const found = names.flatMap((name): FoundAddress[] => {
    const url = new URL(`http://${name}/`);
    const like = tools.brands.resembles(name);
    const word = words.find((it) => name.includes(it));
    if (like !== null)
      return [{ url, why: `plays ${like.brand.name} (${like.how})`, sign: { risk: LIKELY } }];
    if (word !== undefined) return [{ url, why: `holds "${word}"`, sign: { risk: POSSIBLE } }];
    return source.all ? [{ url, why: 'in the feed' }] : [];
  });
  const told = unread === 0 ? notes : [...notes, `${unread} lines were not understood`];
  return { found, notes: told, facts: { names: names.length }, memory: { last } };
}

interface FeedText {
  readonly text: string;
  readonly last: number;
  readonly notes: string[];
}

async function remoteFeed(from: string, asker: Asker): Promise<FeedText> {
  const asked = await asker.ask(new URL(from));
  if (asked.is === 'nothing') return { text: '', last: 0, notes: [asked.why] };
  return { text: asked.body.toString('utf8'), last: 0, notes: [] };
}

/** Whole lines from a place on; a file that became shorter is another file and is read from its beginning. */
async function feedFile(path: string, from: number): Promise<FeedText> {
  let size: number;
  try {
    size = (await stat(path)).size;
  } catch (cause) {
    return { text: '', last: from, notes: [`${path}: ${(cause as Error).message}`] };
  }
  const start = size < from ? 0 : from;
  const bytes = Buffer.alloc(Math.min(size - start, MOST_OF_A_FEED));
  const file = await open(path);
  try {
    await file.read(bytes, 0, bytes.length, start);
  } finally {
    await file.close();
  }
  // A line that is still being written is for the next run.
  const end = bytes.lastIndexOf(0x0a) + 1;
  return { text: bytes.subarray(0, end).toString('utf8'), last: start + end, notes: [] };
}

function lastOf(memory: unknown): number {
  const { last } = (memory ?? {}) as { last?: unknown };
  return typeof last === 'number' && Number.isSafeInteger(last) && last >= 0 ? last : 0;
}
