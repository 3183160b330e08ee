/**
 * Connects to the master that Sentinels name, and goes on whenever they tell of a failover.
 *
 * ioredis 6.0 hears of one on connections of its own and then breaks off what its connector does. Where the news comes
 * while a lost connection is being made anew, that ends the client for good: it waits for its maker to call `connect`.
 * A connection in the making asks the Sentinels anyway, so it does not have to be told.
 */
import { SentinelConnector } from 'ioredis';

type Connect = SentinelConnector['connect'];

export class SteadySentinelConnector extends SentinelConnector {
  override connect(...told: Parameters<Connect>): ReturnType<Connect> {
    // Its own, and private to it: `test/queues/connection.test.ts` fails where it is called otherwise.
    const detector: { cleanup(): void } | null = this['failoverDetector'];
    detector?.cleanup();
    return super.connect(...told);
  }
}
