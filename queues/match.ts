/**
 * Listings of a visit that are one advertisement under many accounts: the commonest way of committing internet
 * fraud in the country, as the Interior Ministry names it. Such a ring is a case of its own.
 *
 * The visit's listings go into the log of all listings, which is looked through for copies (`market/judge.ts`);
 * then every ring that one of them is in and that enough people stand behind is seen. Doing it twice changes
 * nothing.
 */
import { createHash } from 'node:crypto';
import { seenOf } from '../classifiers/seen.ts';
import type { Signal } from '../domain/assessment.ts';
import { words } from '../domain/text.ts';
import type { CaseStore } from '../store/cases.ts';
import type { Visit } from '../store/lease.ts';
import type { ListingStore, SeenListing } from '../store/listings.ts';
import type { ListingName, Standing } from '../store/market.ts';
import type { Ring } from '../store/rings.ts';
import type { Clock } from './clock.ts';
import type { Market } from './market/market.ts';

export interface MatchTools {
  readonly listings: ListingStore;
  readonly cases: CaseStore;
  readonly clock: Clock;
  /** Opened for the first visit that saw a listing. */
  market(): Promise<Market>;
}

/** Two accounts may be one honest seller's; three are worth a person's look. */
const LEAST_PEOPLE = 3;
/** Honest sellers share short titles; nobody shares this many words by chance. */
const LEAST_WORDS = 10;
/** Captures that a case carries as its evidence. */
const MOST_EVIDENCE = 50;

export async function match(visit: Pick<Visit, 'id'>, tools: MatchTools): Promise<void> {
  const seen = await tools.listings.ofVisit(visit.id);
  if (seen.length === 0) return;
  const market = await tools.market();
  const nameOf = await namesAt(seen, market);
  const told = fullest(seen, nameOf);
  const names = [...told.values()].map(nameOf);
  await place([...told.values()], nameOf, market, tools.clock);
  await market.settle();
  for (const ring of await market.rings.ofNames('duplicate_ad', names)) {
    const members = await market.rings.members(ring.id);
    if (!isWorthALook(ring, members)) continue;
    const first = members[0]!.listing;
    const reasons = reasonsOf(ring, first.title);
    const sighting = {
      label: 'fake_listing' as const,
      score: ring.score,
      seen: seenOf('fake_listing', reasons, [`${first.title} ${first.text}`]),
      reasons,
    };
    const captures = evidenceOf(members, seen, nameOf);
    await tools.cases.sight({ kind: 'ring', key: ring.id }, sighting, captures, tools.clock.now());
  }
}

/**
 * Takes into the log what a visit saw and the log knows nothing of, quietly: of a store from before there was a log.
 *
 * @returns how many were taken in.
 */
export async function placeFromBefore(
  visitId: string,
  { listings, clock }: Pick<MatchTools, 'listings' | 'clock'>,
  market: Pick<Market, 'store' | 'seal' | 'tenantOf'>,
): Promise<number> {
  const placements = [];
  const seen = await listings.ofVisit(visitId);
  const nameOf = await namesAt(seen, market);
  for (const it of fullest(seen, nameOf).values()) {
    const name = nameOf(it);
    if ((await market.store.numberOf(name)) !== null) continue;
    const listing = market.seal(it.listing, name.market);
    placements.push({ ...name, listing, isQuiet: true, captureId: it.captureId });
  }
  if (placements.length > 0) await market.store.place(placements, clock.now());
  return placements.length;
}

/** Of every advertisement the sighting that says most: a catalogue shows a card, its own page all of it. */
function fullest(seen: readonly SeenListing[], nameOf: Naming): Map<string, SeenListing> {
  const told = new Map<string, SeenListing>();
  for (const it of seen) {
    const key = nameOf(it).listingId;
    const before = told.get(key);
    if (before === undefined || it.listing.text.length > before.listing.text.length) told.set(key, it);
  }
  return new Map([...told].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function place(
  seen: readonly SeenListing[],
  nameOf: Naming,
  market: Market,
  clock: Clock,
): Promise<void> {
  const placements = [];
  for (const it of seen) {
    const name = nameOf(it);
    const isTenants = name.market !== siteMarket(it.site);
    // From before the site was known to be the marketplace's.
    if (isTenants) await market.store.takeDown(nameAt(it, siteMarket(it.site)), clock.now());
    const listing = market.seal(it.listing, name.market);
    const stands = isTenants || it.listing.text === '' ? await market.store.find(name) : null;
    // What the marketplace says of its listing goes before what it shows of it.
    if (isTenants && stands !== null && stands.captureId === null) continue;
    // A card says less than the page that was read before.
    if (it.listing.text === '' && stands !== null && stands.listing.text !== '') continue;
    placements.push({ ...name, listing, isQuiet: false, captureId: it.captureId });
  }
  if (placements.length > 0) await market.store.place(placements, clock.now());
}

const LONGEST_NAME = 200;

type Naming = (it: SeenListing) => ListingName;

/** A crawled site is a market of its own, unless a marketplace says that it is its. */
async function namesAt(seen: readonly SeenListing[], market: Pick<Market, 'tenantOf'>): Promise<Naming> {
  const tenants = new Map<string, string | null>();
  for (const site of new Set(seen.map((it) => it.site))) tenants.set(site, await market.tenantOf(site));
  return (it) => {
    const tenant = tenants.get(it.site) ?? null;
    if (tenant === null) return nameAt(it, siteMarket(it.site));
    // A marketplace shows its listings by the numbers that it feeds them under.
    const { id } = it.listing;
    return id === null || id.length > LONGEST_NAME ? nameAt(it, tenant) : { market: tenant, listingId: id };
  };
}

function siteMarket(site: string): string {
  return `site:${site}`;
}

/** By address, number and, without a number, by words. */
function nameAt({ listing }: SeenListing, market: string): ListingName {
  const { url, id, title, seller } = listing;
  const parts = id === null ? [url, title, seller?.id ?? seller?.name ?? ''] : [url, id];
  const name = parts.join(' ');
  const listingId =
    name.length <= LONGEST_NAME ? name : createHash('sha256').update(name).digest('hex').slice(0, 32);
  return { market, listingId };
}

function isWorthALook(ring: Ring, members: readonly Standing[]): boolean {
  const most = Math.max(...members.map(({ listing }) => words(`${listing.title} ${listing.text}`).length));
  return ring.actors >= LEAST_PEOPLE && most >= LEAST_WORDS;
}

/** What shows the members now, then what showed them when they were taken in. */
function evidenceOf(members: readonly Standing[], seen: readonly SeenListing[], nameOf: Naming): string[] {
  const names = new Set(members.map(({ listingId }) => listingId));
  const now = seen.filter((it) => names.has(nameOf(it).listingId)).map(({ captureId }) => captureId);
  const then = members.flatMap(({ captureId }) => captureId ?? []);
  return [...new Set([...now, ...then])].slice(0, MOST_EVIDENCE);
}

function reasonsOf({ actors, score }: Ring, title: string): Signal[] {
  return [
    {
      id: `duplicate.sellers_${actors}`,
      family: 'duplicate',
      criterion: 'same_ad_many_accounts',
      excerpt: `${actors} × ${title}`.slice(0, 200),
      // Log-odds of the chance that they are copies.
      contribution: Math.log(Math.min(score, 0.9999) / (1 - Math.min(score, 0.9999))),
    },
  ];
}
