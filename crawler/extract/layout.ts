/**
 * Marketplaces by their layout: which element of a page is an advertisement, its price, the next page. The layouts
 * are data (`crawler/adapters.json`), so that a market that changes its markup is mended without a line of code.
 *
 * A layout is taken by the host it is for, else by what the page holds: copies of a market's pages bear its markup
 * under another name. What a market shows only after a click, a seller's telephone before all, is never asked for.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Listing } from '../../domain/listing.ts';
import { siteOf } from '../../domain/url.ts';
import { currencyIn, numberIn } from './amount.ts';
import { type Chosen, type Tree, treeOf } from './tree.ts';

const selector = z.string().min(1).nullable();
const adapterFile = z.strictObject({
  version: z.int().positive(),
  source: z.string(),
  adapters: z.array(
    z.strictObject({
      name: z.string(),
      /** Registrable domains it is for. */
      hosts: z.array(z.string()),
      /** What stands in the bytes of each of its pages, one at least: without any, no tree is built to look. */
      marks: z.array(z.string().min(1)).min(1),
      list: z.strictObject({
        card: z.string(),
        link: z.string(),
        title: z.string(),
        price: selector,
        city: selector,
        image: selector,
        /** The link to the next page. */
        next: selector,
      }),
      item: z.strictObject({
        title: z.string(),
        price: selector,
        text: z.string(),
        seller: selector,
        /** Where the seller's own page is linked: the seller's id. */
        sellerLink: selector,
        city: selector,
        image: selector,
        id: selector,
      }),
    }),
  ),
});
type Adapter = z.infer<typeof adapterFile>['adapters'][number];

let adapters: readonly Adapter[] | null = null;

function allAdapters(): readonly Adapter[] {
  adapters ??= adapterFile.parse(
    JSON.parse(readFileSync(new URL('../adapters.json', import.meta.url), 'utf8')),
  ).adapters;
  return adapters;
}

export interface Section {
  /** Name of the layout; null when none fits and links were taken by their shape. */
  readonly layout: string | null;
  /** Addresses of advertisements, each once, in the order of the page. */
  readonly items: readonly string[];
  /** The next page of the section; null on the last. */
  readonly next: string | null;
}

const MOST_CARDS = 500;
const MOST_IMAGES = 20;

/** A page of a section: what it lists and where it goes on. */
export function readSection(html: string, url: string): Section {
  const $ = treeOf(html);
  const found = layoutOf($, url);
  const items = new Set<string>();
  if (found !== null) {
    for (const card of $(found.list.card).toArray().slice(0, MOST_CARDS)) {
      const own = $(card);
      const link = own.is(found.list.link) ? own : own.find(found.list.link);
      const href = addressOf(link.first().attr('href'), url);
      if (href !== null) items.add(href);
    }
  }
  const named = found?.list.next == null ? undefined : $(found.list.next).first().attr('href');
  const next = addressOf(named ?? $('link[rel="next"], a[rel="next"]').first().attr('href'), url);
  return { layout: found?.name ?? null, items: [...items], next: next === url ? null : next };
}

/** Advertisements of a page that declares none itself: the one it is about, else the cards it lists. */
export function listingsByLayout(html: string, url: string): Listing[] {
  if (!mayFit(html)) return [];
  const $ = treeOf(html);
  const about = allAdapters().find(
    ({ item }) =>
      $(item.title).length > 0 && $(item.text).length > 0 && hasText($(item.title).first().text()),
  );
  if (about !== undefined) return [itemOf($, about, url)];
  const found = layoutOf($, url);
  if (found === null) return [];
  return $(found.list.card)
    .toArray()
    .slice(0, MOST_CARDS)
    .flatMap((card) => cardOf($, $(card), found, url));
}

/** A tree is built only for a page that holds a mark of some layout. */
function mayFit(html: string): boolean {
  return allAdapters().some(({ marks }) => marks.some((mark) => html.includes(mark)));
}

function layoutOf($: Tree, url: string): Adapter | null {
  const site = url === '' ? '' : siteOf(new URL(url).host);
  const own = allAdapters().find(({ hosts }) => hosts.includes(site));
  if (own !== undefined) return own;
  return allAdapters().find(({ list }) => $(list.card).find(list.title).length > 0) ?? null;
}

function itemOf($: Tree, { item }: Adapter, url: string): Listing {
  const text = (selector: string | null) => (selector === null ? '' : words($(selector).first().text()));
  const price = text(item.price);
  const name = text(item.seller);
  const sellerId = item.sellerLink === null ? null : addressOf($(item.sellerLink).first().attr('href'), url);
  return {
    id: /[\w-]*\d[\w-]*/.exec(text(item.id))?.[0] ?? null,
    url,
    title: text(item.title),
    text: text(item.text).slice(0, 20_000),
    price: numberIn(price),
    currency: currencyIn(price),
    category: null,
    city: text(item.city) || null,
    seller: name === '' && sellerId === null ? null : { id: sellerId, name },
    phone: null,
    images: item.image === null ? [] : imagesIn($, $(item.image), url),
    postedAt: null,
  };
}

function cardOf($: Tree, card: Chosen, { list }: Adapter, url: string): Listing[] {
  const text = (selector: string | null) =>
    selector === null ? '' : words(card.find(selector).first().text());
  const title = text(list.title);
  const link = card.is(list.link) ? card : card.find(list.link).first();
  const href = addressOf(link.attr('href'), url);
  if (title === '' || href === null) return [];
  const price = text(list.price);
  return [
    {
      id: null,
      url: href,
      title,
      text: '',
      price: numberIn(price),
      currency: currencyIn(price),
      category: null,
      city: text(list.city).split(/\s[-–—]\s/)[0]! || null,
      seller: null,
      phone: null,
      images: list.image === null ? [] : imagesIn($, card.find(list.image), url).slice(0, 1),
      postedAt: null,
    },
  ];
}

function imagesIn($: Tree, images: Chosen, url: string): string[] {
  return images
    .toArray()
    .slice(0, MOST_IMAGES)
    .flatMap((image) => addressOf($(image).attr('src') ?? $(image).attr('data-src'), url) ?? []);
}

function addressOf(href: string | undefined, base: string): string | null {
  if (href === undefined || base === '' || !URL.canParse(href, base)) return null;
  const url = new URL(href, base);
  url.hash = '';
  return /^https?:$/.test(url.protocol) ? url.href : null;
}

function words(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function hasText(text: string): boolean {
  return text.trim() !== '';
}
