/** The rooms of the market: opened when a listing is first seen or asked about, since the index is large. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { loadPairModel } from '../classifiers/duplicates/pair-model.ts';
import type { Config } from '../config.ts';
import type { AlertService } from '../domain/alert-service.ts';
import type { IdentifierService, MarketService } from '../domain/market-service.ts';
import { identifierKey } from '../evidence/keys.ts';
import { systemClock } from '../queues/clock.ts';
import type { Queues } from '../queues/connection.ts';
import { alertService } from '../queues/market/endpoints.ts';
import { identifierService } from '../queues/market/identifiers.ts';
import { type Market, openMarket } from '../queues/market/market.ts';
import { type SendTools, sendRound } from '../queues/market/send.ts';
import { marketService } from '../queues/market/service.ts';
import { snapshotFolder } from '../queues/market/snapshots.ts';
import { ringTeller, tellDue } from '../queues/market/tell.ts';
import { wakeMarket } from '../queues/market/worker.ts';
import type { Database } from '../store/database.ts';
import { endpointStore } from '../store/endpoints.ts';
import { feedbackStore } from '../store/feedback.ts';
import { ledgerStore } from '../store/ledger.ts';
import { marketStore } from '../store/market.ts';
import { ringStore } from '../store/rings.ts';
import { tenantStore } from '../store/tenants.ts';
import { networksOf } from './networks.ts';

export interface MarketRooms {
  readonly market: Market;
  readonly service: MarketService;
  readonly alerts: AlertService;
  readonly identifiers: IdentifierService;
  tellDue(): Promise<void>;
  /** @returns how many messages were sent. */
  send(signal: AbortSignal): Promise<number>;
  /** What identifiers are hashed and boxed with. */
  readonly key: Uint8Array;
}

export async function openMarketRooms(
  config: Config,
  database: Database,
  queues: () => Promise<Queues>,
  log: Logger,
): Promise<MarketRooms> {
  const onError = (cause: unknown) => log.warn({ err: cause }, 'the market was not woken');
  const key = await identifierKey(join(config.home, 'keys', 'identifiers.key'));
  const wake = () => void queues().then(wakeMarket).catch(onError);
  const telling = { clock: systemClock, source: config.publicUrl ?? '/kuzet' };
  const [endpoints, tenants] = [endpointStore(database), tenantStore(database)];
  const reach = { resolve: config.hooks };
  const market = openMarket({
    store: marketStore(database),
    rings: ringStore(database),
    pairModel: loadPairModel(),
    key,
    clock: systemClock,
    onRings: ringTeller(telling),
    snapshots: snapshotFolder(join(config.home, 'market')),
    tenantOf: (site) => tenants.ofSite(site),
    ...(await networksOf(config)),
  });
  const service = marketService({
    market,
    feedback: feedbackStore(database),
    key,
    clock: systemClock,
    wake,
  });
  const sending: SendTools = { endpoints, key, reach, clock: systemClock, chance: Math.random, log };
  return {
    market,
    service,
    key,
    identifiers: identifierService({
      ...{ market: market.store, rings: market.rings, key, clock: systemClock },
      ledger: ledgerStore(database),
    }),
    alerts: alertService({ ...telling, endpoints, key, reach, wake }),
    tellDue: () => market.rings.amend((findings) => tellDue(findings, telling)),
    send: (signal) => sendRound(sending, signal),
  };
}
