/** The operator's table of networks, where one is given: whose network an address is of. */
import { readFile } from 'node:fs/promises';
import { readNetworks } from '../classifiers/duplicates/networks.ts';
import type { Config } from '../config.ts';

/** As tools take it: absent without a table. */
export async function networksOf(
  config: Pick<Config, 'networks'>,
): Promise<{ networkOf?: (ip: string) => string | null }> {
  if (config.networks === null) return {};
  return { networkOf: readNetworks(await readFile(config.networks, 'utf8')).networkOf };
}
