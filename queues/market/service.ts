/**
 * What marketplaces ask, answered from the market: checks before a listing is shown, listings in and out, rings,
 * actors, and what they say of rings. Whoever asks sees own listings by id and of the others only how many.
 */
import { randomBytes } from 'node:crypto';
import { type AdviceMatch, adviceOn } from '../../classifiers/duplicates/advice.ts';
import { priceGroups } from '../../classifiers/duplicates/price.ts';
import { type Profile, profileOfSealed } from '../../classifiers/duplicates/profile.ts';
import { closeBox } from '../../domain/box.ts';
import type { Listing } from '../../domain/listing.ts';
import type { Check, CheckMatch, Feedback, MarketService } from '../../domain/market-service.ts';
import type { SealedListing } from '../../domain/sealed-listing.ts';
import type { FeedbackStore } from '../../store/feedback.ts';
import { type ListingName, nameText, type Placement } from '../../store/market.ts';
import type { Ring } from '../../store/rings.ts';
import type { Clock } from '../clock.ts';
import { markOf } from './identifiers.ts';
import { renewRings } from './judge.ts';
import type { Market } from './market.ts';
import { clusterView } from './view.ts';

export interface ServiceTools {
  readonly market: Market;
  readonly feedback: FeedbackStore;
  readonly key: Uint8Array;
  readonly clock: Clock;
  /** Tells that the log has something new. */
  wake(): void;
}

/** How long identifiers are kept in clear: a claim may be made within three years (Civil Code of Kazakhstan, article 178). */
export const CLEAR_DAYS = 3 * 365;
const DAY_MS = 86_400_000;
const MOST_REASONS = 5;
const MOST_ACTOR_LISTINGS = 500;

export function marketService(tools: ServiceTools): MarketService {
  const { market, key, clock } = tools;
  const { store, rings, index } = market;
  return {
    async check(tenant, listing, listingId) {
      await index.follow();
      const sealed = market.seal(listing, tenant);
      const self = listingId === null ? null : await store.numberOf({ market: tenant, listingId });
      return checked(tenant, sealed, self ?? undefined, tools);
    },
    async place(tenant, rows, isQuiet) {
      const now = clock.now();
      const placements = rows.map(({ id, listing }) => placementOf(tenant, id, listing, isQuiet, tools));
      const placed = await store.place(placements, now);
      tools.wake();
      return placed.map(({ is }) => is);
    },
    async takeDown(tenant, id) {
      const isThere = await store.takeDown({ market: tenant, listingId: id }, clock.now());
      if (isThere) tools.wake();
      return isThere;
    },
    async cluster(tenant, id) {
      const ring = await rings.get(id);
      if (ring === null || !(await rings.isOf(id, tenant))) return null;
      return clusterView(tenant, ring, await rings.members(id));
    },
    async actor(tenant, kind, value) {
      const mark = markOf(key, kind, value, tenant);
      const found = await store.marked({ kind, hash: mark }, MOST_ACTOR_LISTINGS);
      const own = found.filter((it) => it.market === tenant);
      return {
        kind,
        mark,
        listings: own.map(({ listingId, at, flags, ringId }) => ({
          id: listingId,
          at,
          flags,
          cluster: ringId,
        })),
        elsewhere: found.length - own.length,
      };
    },
    feedback: (tenant, ringId, feedback) => takeFeedback(tenant, ringId, feedback, tools),
  };
}

export async function checked(
  tenant: string,
  sealed: SealedListing,
  self: number | undefined,
  { market }: Pick<ServiceTools, 'market'>,
): Promise<Check> {
  const { rings, index } = market;
  const own = profileOfSealed(sealed, 'asked');
  const others = (await index.near(own, self)).map((it) => ({ it, judged: index.judge(it.profile, own) }));
  const near = others.filter(({ judged }) => judged.relation !== 'none');
  near.sort((a, b) => b.judged.score - a.judged.score || a.it.number - b.it.number);
  const ringOf =
    near.length === 0
      ? new Map<number, Ring>()
      : await rings.ofNumbers(
          'duplicate_ad',
          near.map(({ it }) => it.number),
        );
  const z = await market.prices.zOf(sealed);
  const asked: AdviceMatch[] = near.map(({ it, judged }) => ({
    relation: judged.relation,
    score: judged.score,
    isSameSeller: isSameSeller(it.profile, own),
    people: ringOf.get(it.number)?.actors ?? 0,
  }));
  const { advice, score, reasons } = adviceOn(asked, sealed.contacts, z);
  const joined = near.flatMap(({ it, judged }) =>
    judged.relation === 'duplicate_ad' ? (ringOf.get(it.number) ?? []) : [],
  );
  const ring = joined.sort((a, b) => b.actors - a.actors || b.members - a.members)[0];
  return {
    advice,
    score,
    ring: ring === undefined ? null : { id: ring.id, members: ring.members, people: ring.actors },
    reasons,
    matches: near.map(
      ({ it, judged }, at): CheckMatch => ({
        listingId: it.market === tenant ? it.listingId : null,
        relation: judged.relation,
        score: judged.score,
        isSameSeller: asked[at]!.isSameSeller,
        reasons: index
          .reasonsOf(judged)
          .slice(0, MOST_REASONS)
          .map(({ feature, weight }) => ({ feature, weight })),
      }),
    ),
  };
}

/** Two accounts are two sellers, whatever else they share. */
function isSameSeller(a: Profile, b: Profile): boolean {
  return a.seller !== null && a.seller === b.seller;
}

function placementOf(
  tenant: string,
  id: string,
  listing: Listing,
  isQuiet: boolean,
  { market, key, clock }: ServiceTools,
): Placement {
  const sealed = market.seal(listing, tenant);
  const name = { market: tenant, listingId: id };
  const clear = {
    seller: listing.seller?.id ?? null,
    phone: listing.phone,
    ip: listing.ip ?? null,
    device: listing.device ?? null,
    title: listing.title,
    text: listing.text,
  };
  return {
    ...name,
    listing: sealed,
    isQuiet,
    captureId: null,
    priceGroups: priceGroups(sealed),
    clear: {
      box: closeBox(key, JSON.stringify(clear), nameText(name), randomBytes(12)),
      expiresAt: new Date(clock.now().getTime() + CLEAR_DAYS * DAY_MS),
    },
  };
}

async function takeFeedback(
  tenant: string,
  ringId: string,
  feedback: Feedback,
  { market, feedback: words, clock }: ServiceTools,
): Promise<boolean> {
  const { rings, index } = market;
  if (!(await rings.isOf(ringId, tenant))) return false;
  await index.follow();
  const now = clock.now();
  await rings.amend(async (findings) => {
    const members = await findings.membersOf(ringId);
    const isMeant = ({ market: of, listingId }: ListingName) =>
      of === tenant && (feedback.listings.length === 0 || feedback.listings.includes(listingId));
    const meant = members.filter(isMeant);
    const pairs = meant.flatMap((one) =>
      members
        .filter((other) => other !== one && (!isMeant(other) || one.number < other.number))
        .map((other) => (one.number < other.number ? ([one, other] as const) : ([other, one] as const))),
    );
    await words.note(
      findings.tx,
      { ...feedback, tenant, ringId },
      pairs.map(([a, b]) => [a.number, b.number]),
      now,
    );
    if (feedback.verdict !== 'dispute') return;
    await rings.deny(findings, pairs, { at: now, by: tenant, reason: feedback.reason });
    await renewRings(findings, members, market.judging, 'disputed');
  });
  return true;
}
