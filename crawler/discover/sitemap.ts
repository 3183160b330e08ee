/**
 * Sitemaps: which addresses a site lists about itself. XML (a list of pages, or of other sitemaps), plain text with
 * an address a line, either of them packed with gzip; and the `Sitemap:` lines of a robots.txt.
 *
 * Only addresses of the sitemap's own site count: the protocol lets nobody speak for another.
 * Source: sitemaps.org, protocol 0.9 (at most 50,000 addresses and 50 MB each); hreflang alternates as Google's
 * "Localized versions" has them.
 */
import { gunzipSync } from 'node:zlib';
import { Parser } from 'htmlparser2';
import { siteOf } from '../../domain/url.ts';

export interface Sitemap {
  /** Pages, in the order of the file, each once; at most 50,000. */
  readonly pages: readonly string[];
  /** Other sitemaps that this one leads to. */
  readonly sitemaps: readonly string[];
}

const MOST_ADDRESSES = 50_000;
const MOST_BYTES = 50_000_000;
/** Elements within elements; the protocol has three, and the parser's time grows with the square of them. */
const DEEPEST = 50;

/** What was sent is no sitemap, or unpacks to more than one may hold. */
export class SitemapUnreadableError extends Error {
  override readonly name = 'SitemapUnreadableError';
  readonly facts: { readonly url: string };

  constructor(url: string, why: string, cause?: unknown) {
    super(`The sitemap ${url} ${why}; its site is read without it.`, { cause });
    this.facts = { url };
  }
}

/** @throws SitemapUnreadableError */
export function readSitemap(bytes: Uint8Array, url: string): Sitemap {
  const plain = unpacked(bytes, url);
  const head = plain
    .subarray(0, 400)
    .toString('utf8')
    .trimStart()
    .replace(/^\uFEFF/, '');
  if (head.startsWith('<')) return readXml(plain.toString('utf8'), url);
  const lines = plain.toString('utf8').split(/\r\n?|\n/);
  const pages = ownAddresses(lines, url);
  if (pages.length === 0) throw new SitemapUnreadableError(url, 'is neither XML nor a list of addresses');
  return { pages, sitemaps: [] };
}

/** The sitemaps that a robots.txt names, on any host of its site. */
export function sitemapsOfRobots(text: string, robotsUrl: string): string[] {
  const named = [...text.matchAll(/^[ \t]*sitemap[ \t]*:[ \t]*(\S+)/gim)].map(([, address]) => address!);
  return ownAddresses(named, robotsUrl);
}

function unpacked(bytes: Uint8Array, url: string): Buffer {
  const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (given[0] !== 0x1f || given[1] !== 0x8b) return given;
  try {
    return gunzipSync(given, { maxOutputLength: MOST_BYTES });
  } catch (cause) {
    throw new SitemapUnreadableError(url, 'cannot be unpacked within 50 MB', cause);
  }
}

function readXml(xml: string, url: string): Sitemap {
  const pages: string[] = [];
  const sitemaps: string[] = [];
  const path: string[] = [];
  let text = '';
  let isSitemap = false;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const bare = local(name);
        path.push(bare);
        if (path.length > DEEPEST) throw new SitemapUnreadableError(url, 'is nested too deeply');
        text = '';
        if (bare === 'urlset' || bare === 'sitemapindex') isSitemap = true;
        const href = attributes['href'];
        if (bare === 'link' && path.at(-2) === 'url' && attributes['rel'] === 'alternate' && href)
          pages.push(href);
      },
      ontext(data) {
        if (path.at(-1) === 'loc' && text.length < 4096) text += data;
      },
      onclosetag(name) {
        path.pop();
        if (local(name) !== 'loc') return;
        if (path.at(-1) === 'url') pages.push(text);
        else if (path.at(-1) === 'sitemap') sitemaps.push(text);
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(xml);
  if (!isSitemap) throw new SitemapUnreadableError(url, 'is XML of another kind');
  return { pages: ownAddresses(pages, url), sitemaps: ownAddresses(sitemaps, url) };
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1).toLowerCase();
}

function ownAddresses(given: readonly string[], from: string): string[] {
  const site = siteOf(new URL(from).host);
  const own = new Set<string>();
  for (const text of given) {
    if (own.size >= MOST_ADDRESSES) break;
    const trimmed = text.trim();
    if (trimmed === '' || !URL.canParse(trimmed)) continue;
    const url = new URL(trimmed);
    if (/^https?:$/.test(url.protocol) && siteOf(url.host) === site) own.add(url.href);
  }
  return [...own];
}
