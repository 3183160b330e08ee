/**
 * The only file that loads Crawlee.
 *
 * Merely loading it opens an HTTP proxy on a random port of ALL network interfaces, without a password: a
 * door from outside into the network we run in. It is there for a fault of Chromium on Windows and cannot
 * be switched off (`@crawlee/browser-pool` 3.18, `proxy-server.js`). So the class behind it is kept from
 * listening before Crawlee is loaded; we give every browser a proxy of our own and need nobody else's.
 * `test/crawler/crawlee.test.ts` fails when a door opens again.
 *
 * Only the two crawlers are loaded, since the whole of Crawlee costs more than twice the time.
 */
import { createRequire } from 'node:module';

const ours = createRequire(import.meta.url);
const crawlees = createRequire(ours.resolve('crawlee'));
const browserPools = createRequire(crawlees.resolve('@crawlee/browser-pool'));

interface ProxyChain {
  readonly Server: { readonly prototype: { listen: () => Promise<void> } };
}
(browserPools('proxy-chain') as ProxyChain).Server.prototype.listen = async () => {};

type Crawlee = typeof import('crawlee');

export const { BasicCrawler, Configuration, Log, LogLevel, PlaywrightCrawler, Request, log } = crawlees(
  '@crawlee/playwright',
) as Pick<
  Crawlee,
  'BasicCrawler' | 'Configuration' | 'Log' | 'LogLevel' | 'PlaywrightCrawler' | 'Request' | 'log'
>;

export const { MemoryStorage } = createRequire(crawlees.resolve('@crawlee/core'))(
  '@crawlee/memory-storage',
) as Pick<Crawlee, 'MemoryStorage'>;
