/** The rooms of the market: opened when a listing is first seen or asked about, since the index is large. */
import { join } from 'node:path';
import { loadPairModel } from '../classifiers/duplicates/pair-model.ts';
import type { Config } from '../config.ts';
import type { MarketService } from '../domain/market-service.ts';
import { identifierKey } from '../evidence/keys.ts';
import { systemClock } from '../queues/clock.ts';
import type { Queues } from '../queues/connection.ts';
import { type Market, openMarket } from '../queues/market/market.ts';
import { marketService } from '../queues/market/service.ts';
import { wakeMarket } from '../queues/market/worker.ts';
import type { Database } from '../store/database.ts';
import { feedbackStore } from '../store/feedback.ts';
import { marketStore } from '../store/market.ts';
import { ringStore } from '../store/rings.ts';

export interface MarketRooms {
  readonly market: Market;
  readonly service: MarketService;
  /** What identifiers are hashed and boxed with. */
  readonly key: Uint8Array;
}

export async function openMarketRooms(
  config: Config,
  database: Database,
  queues: () => Promise<Queues>,
  onError: (cause: unknown) => void,
): Promise<MarketRooms> {
  const key = await identifierKey(join(config.home, 'keys', 'identifiers.key'));
  const market = openMarket({
    store: marketStore(database),
    rings: ringStore(database),
    pairModel: loadPairModel(),
    key,
    clock: systemClock,
  });
  const service = marketService({
    market,
    feedback: feedbackStore(database),
    key,
    clock: systemClock,
    wake: () => void queues().then(wakeMarket).catch(onError),
  });
  return { market, service, key };
}
