/** The operations on marketplaces and rings, done in this process on open rooms. */
import { siteOf } from '../domain/url.ts';
import { systemClock } from '../queues/clock.ts';
import { reindex } from '../queues/market/reindex.ts';
import { endpointStore } from '../store/endpoints.ts';
import { feedbackStore } from '../store/feedback.ts';
import { type Ring, ringStore } from '../store/rings.ts';
import { tenantStore } from '../store/tenants.ts';
import { type Doing, needOfficer, plain } from './asked.ts';
import type { RingLine } from './asks/markets.ts';
import type { Rooms } from './rooms.ts';

type MarketOperation =
  | 'tenantAdd'
  | 'tenantKey'
  | 'tenantSwitch'
  | 'tenantSites'
  | 'tenantRevoke'
  | 'tenants'
  | 'marketReindex'
  | 'marketUndelivered'
  | 'marketResend'
  | 'rings'
  | 'ring'
  | 'ringLabels';

/** No ring has this name. */
export class NoSuchRingError extends Error {
  override readonly name = 'NoSuchRingError';
  readonly facts: { readonly ring: string };

  constructor(ring: string) {
    super(`There is no ring "${ring}". "kuzet rings list" tells those there are.`);
    this.facts = { ring };
  }
}

/** What was typed names no site. */
export class NoSiteError extends Error {
  override readonly name = 'NoSiteError';
  readonly facts: { readonly typed: string };

  constructor(typed: string) {
    super(`"${typed}" names no site. Give its host, as in "bazar.example".`);
    this.facts = { typed };
  }
}

export function marketOperations(rooms: Rooms): Pick<Doing, MarketOperation> {
  const tenants = tenantStore(rooms.database);
  const rings = ringStore(rooms.database);
  const now = () => systemClock.now();
  return {
    async *tenantAdd({ id, name, isDry, sites }) {
      const { tenant, key } = await tenants.add({ id, name, isDry, sites: sites.map(siteNamed) }, now());
      yield { tenant: plain(tenant), key };
    },
    async *tenantKey({ id }) {
      yield { key: await tenants.addKey(id, now()) };
    },
    async *tenantSwitch({ id, isDry }) {
      yield plain(await tenants.setDry(id, isDry, now()));
    },
    async *tenantSites({ id, sites }) {
      yield plain(await tenants.setSites(id, sites.map(siteNamed), now()));
    },
    async *tenantRevoke({ id }) {
      yield plain(await tenants.revoke(id, now()));
    },
    async *tenants() {
      for (const it of await tenants.list()) yield plain(it);
    },
    async *marketReindex(_, signal) {
      yield* reindex(await rooms.reindexTools(), signal);
    },
    async *marketUndelivered({ limit }) {
      for (const it of await endpointStore(rooms.database).givenUp(limit)) yield plain(it);
    },
    async *marketResend({ tenant, event }) {
      yield { sent: await (await rooms.market()).alerts.replay(tenant, { event }) };
    },
    async *rings({ limit }) {
      for (const it of await rings.list(limit)) yield ringLine(it);
    },
    async *ring({ id, clear }) {
      const ring = await rings.get(id);
      if (ring === null) throw new NoSuchRingError(id);
      const members = await rings.members(id);
      const boxes = new Map<number, Readonly<Record<string, unknown>>>();
      if (clear !== null) {
        await needOfficer(rooms, clear.by, 'ring.reveal');
        const { identifiers } = await rooms.market();
        for (const it of await identifiers.reveal(id, clear.by, clear.reason)) boxes.set(it.number, it.clear);
      }
      yield {
        ...ringLine(ring),
        listings: members.map(({ number, market, listingId, listing, captureId }) => ({
          market,
          id: listingId,
          title: listing.title,
          price: listing.price,
          postedAt: listing.postedAt,
          captureId,
          marks: listing.marks,
          clear: boxes.get(number) ?? null,
        })),
      };
    },
    ringLabels: () => feedbackStore(rooms.database).labels(),
  };
}

/** The site that somebody means by a host or an address. @throws NoSiteError */
function siteNamed(typed: string): string {
  const url = typed.includes('://') ? typed : `https://${typed}/`;
  if (!URL.canParse(url)) throw new NoSiteError(typed);
  return siteOf(new URL(url).hostname);
}

function ringLine(it: Ring): RingLine {
  return plain(it);
}
