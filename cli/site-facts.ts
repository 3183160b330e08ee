/** Where facts of hosts come from in this house: its resolver, the registries it was pointed at, its table of networks. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readNetworks } from '../classifiers/duplicates/networks.ts';
import type { Config } from '../config.ts';
import { clockState } from '../crawler/facts/clock.ts';
import { askSystemDns } from '../crawler/facts/dns.ts';
import { createRdap, type Get, type Rdap, readBootstrap } from '../crawler/facts/rdap.ts';
import type { FactSources } from '../crawler/facts/site.ts';
import type { Crawler } from '../crawler/lanes.ts';
import type { CapturedFrom } from '../domain/site-facts.ts';

/** The clock's state is looked up once in so long. */
const CLOCK_FOR_MS = 10 * 60 * 1000;

export async function openFactSources(config: Config, crawler: Crawler): Promise<FactSources> {
  const table = config.networks === null ? null : readNetworks(await readFile(config.networks, 'utf8'));
  const networkOf = (ip: string) => table?.find(ip) ?? null;
  let known: { readonly until: number; readonly from: Promise<CapturedFrom> } | null = null;
  return {
    dns: askSystemDns(),
    rdap: config.rdap === null ? null : openRdap(config.rdap),
    get: (settings, signal) => async (url) => {
      const { status, body, retryAfterSeconds } = await crawler.fetch(url, settings, signal, 'json');
      return { status, body, retryAfterSeconds };
    },
    networkOf,
    async from() {
      if (known === null || known.until < Date.now()) {
        const { egress } = config;
        const from = clockState().then((clock) => ({
          address: egress,
          network: egress === null ? null : networkOf(egress),
          clock,
        }));
        known = { until: Date.now() + CLOCK_FOR_MS, from };
      }
      return known.from;
    },
  };
}

/** @param place folder or address of IANA's three files. */
function openRdap(place: string): Rdap {
  const isRemote = /^https?:/.test(place);
  const base = place.endsWith('/') ? place : `${place}/`;
  const fetched = async (get: Get, name: string) => {
    const { status, body } = await get(new URL(name, base));
    if (status !== 200) throw new Error(`${new URL(name, base).href} answered ${status}`);
    return Buffer.from(body).toString('utf8');
  };
  return createRdap({
    bootstrap: (get) =>
      readBootstrap((name) => (isRemote ? fetched(get, name) : readFile(join(place, name), 'utf8'))),
  });
}
