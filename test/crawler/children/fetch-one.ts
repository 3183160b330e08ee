/**
 * Fetches an address in a process of its own and prints how it ended and by how much memory grew at its peak.
 *
 *     node --import tsx test/crawler/children/fetch-one.ts PORT PATH
 */
import { createFetcher, FetchFailedError } from '../../../crawler/fetch.ts';

const [port, path = '/'] = process.argv.slice(2);
const fetcher = createFetcher({ userAgent: 'Kuzet/0.1.0', lookup: async () => [] });
const settings = { proxy: null, resolve: { 'bomb.test': `127.0.0.1:${port}` } };
const get = (where: string) => fetcher.fetch(new URL(where, 'http://bomb.test'), settings);

await get('/ok');
const before = process.resourceUsage().maxRSS;
const end = await get(path).then(
  ({ body }) => ({ reason: 'read', detail: `${body.length} bytes` }),
  (error: unknown) =>
    error instanceof FetchFailedError ? error.facts : { reason: 'thrown', detail: String(error) },
);
const { reason, detail } = end;
console.log(JSON.stringify({ reason, detail, grownMb: (process.resourceUsage().maxRSS - before) / 1024 }));
await fetcher.close();
