/** Marketplaces on a house's store: the market as trials have it, and the door by which a desk serves it. */
import type { DeskOptions } from '../../desk/server.ts';
import type { AlertService } from '../../domain/alert-service.ts';
import type { Listing } from '../../domain/listing.ts';
import { alertService } from '../../queues/market/endpoints.ts';
import { identifierService } from '../../queues/market/identifiers.ts';
import type { Market } from '../../queues/market/market.ts';
import { marketService } from '../../queues/market/service.ts';
import { ringTeller } from '../../queues/market/tell.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { KEY, trialMarket } from '../queues/market/trial.ts';
import type { House } from './house.ts';

export interface Bazaar {
  readonly door: NonNullable<DeskOptions['market']>;
  readonly market: Market;
  readonly alerts: AlertService;
  /** How often somebody was told that there is something new. */
  readonly wakes: number;
  /** Opens the market anew, on a store that was emptied. */
  renew(): Market;
  /** Lets a marketplace feed listings, and finds out what they bring to light. */
  feed(
    tenant: string,
    listings: readonly { readonly id: string; readonly listing: Listing }[],
  ): Promise<void>;
}

/** Endpoints at `hook.test` are let through to a port where nobody listens. */
export function openBazaar(house: House): Bazaar {
  const { stores, database } = house;
  const clock = { ...house.clock, sleep: async () => undefined };
  const telling = { clock, source: '/kuzet' };
  const open = () => trialMarket(database, { clock, onRings: ringTeller(telling) });
  let market = open();
  let wakes = 0;
  const service = () =>
    marketService({
      ...{ market, feedback: stores.feedback, key: KEY, clock },
      wake: () => {
        wakes += 1;
      },
    });
  const alerts = alertService({
    ...{ ...telling, endpoints: stores.endpoints, key: KEY },
    reach: { resolve: { 'hook.test': '127.0.0.1:9' } },
    wake: () => undefined,
  });
  return {
    alerts,
    door: {
      tenantOf: (key) => stores.tenants.byKey(key),
      service: async () => service(),
      alerts: async () => alerts,
      identifiers: async () =>
        identifierService({
          ...{ market: market.store, rings: market.rings, ledger: ledgerStore(database), key: KEY, clock },
        }),
    },
    get market() {
      return market;
    },
    get wakes() {
      return wakes;
    },
    renew: () => {
      market = open();
      return market;
    },
    async feed(tenant, listings) {
      await service().place(tenant, listings, false);
      await market.settle();
    },
  };
}
