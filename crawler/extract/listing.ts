/**
 * Listings that a page declares about itself: schema.org in JSON-LD first, then in microdata or RDFa, then
 * OpenGraph's product tags; of a page that declares nothing, what its market's layout shows (`layout.ts`).
 *
 * Read are the types a marketplace uses for one advertisement (`Product`, `Vehicle`, `Apartment`, `Offer` …)
 * and the lists that hold several (`ItemList`, `OfferCatalog`, `@graph`).
 * Sources: schema.org/Product, schema.org/Offer, ogp.me, the product namespace of OpenGraph.
 */
import type { Listing, Seller } from '../../domain/listing.ts';
import type { Page } from '../../domain/page.ts';
import { currencyIn, isNode, type Node, numberIn, words } from './amount.ts';
import { listingsByLayout } from './layout.ts';
import { readMicrodata } from './microdata.ts';

const MOST_LISTINGS = 500;
const MOST_IMAGES = 20;
const MOST_NODES = 20_000;

const GOODS =
  /^(?:Product|IndividualProduct|ProductModel|ProductGroup|Vehicle|Car|Motorcycle|BusOrCoach|MotorizedBicycle|Apartment|House|SingleFamilyResidence|Residence|Accommodation|Room|RealEstateListing|Service|FinancialProduct|InvestmentOrDeposit|JobPosting)$/;
const OFFERS = /^(?:Offer|AggregateOffer|OfferForPurchase|OfferForLease)$/;

/** In the order of the page, one a declared thing, at most 500. */
export function readListings(page: Page): Listing[] {
  const found = new Map<string, Listing>();
  for (const node of nodesOf([...page.structured, ...readMicrodata(page.html)])) {
    if (found.size >= MOST_LISTINGS) break;
    const listing = listingOf(node, page);
    if (listing === null) continue;
    const key = `${listing.id ?? ''} ${listing.url} ${listing.title}`;
    if (!found.has(key)) found.set(key, listing);
  }
  if (found.size > 0) return [...found.values()];
  const own = fromOpenGraph(page);
  return own === null ? listingsByLayout(page.html, page.url) : [own];
}

/** Objects that stand for goods, outermost first; what lies inside one of them belongs to it. */
function* nodesOf(structured: readonly unknown[]): Generator<Node> {
  const waiting: unknown[] = [...structured].reverse();
  let left = MOST_NODES;
  while (waiting.length > 0 && left > 0) {
    left -= 1;
    const it = waiting.pop();
    if (Array.isArray(it)) {
      for (let at = Math.min(it.length, MOST_NODES) - 1; at >= 0; at -= 1) waiting.push(it[at]);
    } else if (isNode(it)) {
      const types = typesOf(it);
      const isGoods = types.some((type) => GOODS.test(type));
      const isOffer = types.some((type) => OFFERS.test(type));
      if (isGoods || isOffer) yield it;
      else waiting.push(...Object.values(it).reverse());
    }
  }
}

function listingOf(node: Node, page: Page): Listing | null {
  const isOffer = typesOf(node).some((type) => OFFERS.test(type));
  const offer = isOffer ? node : firstNode(node['offers']);
  const goods = isOffer ? (firstNode(node['itemOffered']) ?? node) : node;
  const title = words(goods['name']) || words(goods['title']) || words(node['name']);
  if (title === '') return null;
  const base = page.url === '' ? undefined : page.url;
  const own = address(words(goods['url']) || words(offer?.['url']), base);
  const seller = sellerOf(
    offer?.['seller'] ?? offer?.['offeredBy'] ?? goods['seller'] ?? goods['hiringOrganization'],
  );
  const place = firstNode(offer?.['areaServed']) ?? firstNode(offer?.['availableAtOrFrom']) ?? goods;
  return {
    id:
      words(goods['sku']) ||
      words(goods['productID']) ||
      words(goods['identifier']) ||
      words(offer?.['sku']) ||
      null,
    url: own ?? page.url,
    title,
    text: words(goods['description'], 20_000),
    price: priceOf(offer) ?? numberIn(goods['price']),
    currency: currencyIn(words(offer?.['priceCurrency']) || words(specification(offer)?.['priceCurrency'])),
    category:
      words(goods['category']) ||
      words(firstNode(goods['category'])?.['name']) ||
      words(offer?.['category']) ||
      null,
    city: cityOf(place) ?? cityOf(goods) ?? cityOf(firstNode(offer?.['seller'])),
    seller,
    phone: phoneIn(words(firstNode(offer?.['seller'])?.['telephone']) || words(goods['telephone'])),
    images: imagesOf(goods['image'], base),
    postedAt:
      dateIn(goods['datePosted']) ??
      dateIn(goods['datePublished']) ??
      dateIn(offer?.['validFrom']) ??
      dateIn(goods['dateCreated']),
  };
}

function fromOpenGraph(page: Page): Listing | null {
  const { metas } = page;
  const isProduct = /^(?:og:)?product(?:\.item)?$/i.test(metas['og:type'] ?? '');
  const price = numberIn(metas['product:price:amount'] ?? metas['og:price:amount']);
  if (!isProduct && price === null) return null;
  const title = words(metas['og:title']) || page.title;
  if (title === '') return null;
  const base = page.url === '' ? undefined : page.url;
  const image = address(metas['og:image'] ?? '', base);
  return {
    id: words(metas['product:retailer_item_id']) || null,
    url: address(metas['og:url'] ?? '', base) ?? page.url,
    title,
    text: words(metas['og:description'], 20_000) || page.description,
    price,
    currency: currencyIn(metas['product:price:currency'] ?? metas['og:price:currency'] ?? ''),
    category: words(metas['product:category']) || null,
    city: words(metas['og:locality']) || null,
    seller: null,
    phone: page.contacts.phones[0] ?? null,
    images: image === null ? [] : [image],
    postedAt: null,
  };
}

function priceOf(offer: Node | null | undefined): number | null {
  if (offer === null || offer === undefined) return null;
  return numberIn(offer['price']) ?? numberIn(offer['lowPrice']) ?? numberIn(specification(offer)?.['price']);
}

function specification(offer: Node | null | undefined): Node | null {
  return firstNode(offer?.['priceSpecification']);
}

function sellerOf(value: unknown): Seller | null {
  if (typeof value === 'string') return value.trim() === '' ? null : { id: null, name: words(value) };
  const node = firstNode(value);
  if (node === null) return null;
  const name = words(node['name']);
  const id = words(node['identifier']) || words(node['@id']) || words(node['url']) || null;
  return name === '' && id === null ? null : { id, name };
}

function cityOf(node: Node | null): string | null {
  if (node === null) return null;
  const place = firstNode(node['address']) ?? firstNode(firstNode(node['jobLocation'])?.['address']) ?? node;
  return (
    words(place['addressLocality']) || (typesOf(node).includes('City') ? words(node['name']) : '') || null
  );
}

function imagesOf(value: unknown, base: string | undefined): string[] {
  const given = Array.isArray(value) ? value.slice(0, MOST_IMAGES) : [value];
  return given.flatMap((it) => {
    const node = firstNode(it);
    const found = address(
      typeof it === 'string' ? it : words(node?.['contentUrl']) || words(node?.['url']),
      base,
    );
    return found === null ? [] : [found];
  });
}

function typesOf(node: Node): string[] {
  const given = node['@type'];
  const all = Array.isArray(given) ? given : [given];
  return all
    .filter((type) => typeof type === 'string')
    .map((type) => type.replace(/^(?:https?:\/\/schema\.org\/|schema:)/, ''));
}

function firstNode(value: unknown): Node | null {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return isNode(first) ? first : null;
}

function phoneIn(written: string): string | null {
  const digits = written.replace(/[^\d+]/g, '').replace(/(?!^)\+/g, '');
  return digits.length >= 7 && digits.length <= 16 ? digits : null;
}

function dateIn(value: unknown): Date | null {
  const text = words(value, 60);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return null;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
}

function address(written: string, base: string | undefined): string | null {
  if (written === '' || written.length > 4_096) return null;
  try {
    const url = new URL(written, base);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}
