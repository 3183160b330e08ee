/**
 * All that is learned of a host beside its pages, put together: who answered and with which certificate is known from
 * the connection itself, name servers and registries are asked, side by side and with an end.
 */
import type { Exchange } from '../../domain/capture.ts';
import {
  type CapturedFrom,
  type DnsFacts,
  type Network,
  SITE_FACTS_FORMAT,
  type SiteFacts,
} from '../../domain/site-facts.ts';
import type { ScanSettings } from '../../domain/source.ts';
import { siteOf } from '../../domain/url.ts';
import { routeOf } from '../guard.ts';
import { certificateFacts } from './certificates.ts';
import { type AskDns, dnsAnswers } from './dns.ts';
import type { Get, Rdap } from './rdap.ts';

export interface FactSources {
  readonly dns: AskDns;
  /** Null when registries are not asked. */
  readonly rdap: Rdap | null;
  /** Asks a registry's address, through the guard. */
  readonly get: (settings: Reached, signal: AbortSignal) => Get;
  readonly networkOf: (ip: string) => Network | null;
  readonly from: () => Promise<CapturedFrom>;
}

/** A page does not wait longer for its registries. */
const REGISTRY_SECONDS = 8;

type Reached = Pick<ScanSettings, 'proxy' | 'resolve'>;

/**
 * @param answered the exchange that the host's page came with.
 */
export async function siteFacts(
  answered: Exchange,
  settings: Reached,
  sources: FactSources,
  signal: AbortSignal,
): Promise<SiteFacts> {
  const url = new URL(answered.url);
  const { hostname } = url;
  const observedAt = answered.startedAt.toISOString();
  const peer = peerParts(answered.peer);
  const until = AbortSignal.any([signal, AbortSignal.timeout(REGISTRY_SECONDS * 1000)]);
  const get = sources.get(settings, until);
  const isNamed = routeOf(url, {}).is === 'named';
  const [dns, domain, addressBlock, from] = await Promise.all([
    dnsOf(url, settings, sources.dns),
    sources.rdap === null || !isNamed ? null : sources.rdap.domain(siteOf(hostname), get),
    sources.rdap === null || peer === null ? null : sources.rdap.address(peer.address, get),
    sources.from(),
  ]);
  const { tls = null } = answered;
  return {
    format: SITE_FACTS_FORMAT,
    host: hostname,
    observedAt,
    peer,
    network: peer === null ? null : sources.networkOf(peer.address),
    tls:
      tls === null
        ? null
        : { protocol: tls.protocol, cipher: tls.cipher, chain: tls.chain.map(certificateFacts) },
    dns,
    domain,
    addressBlock,
    from,
  };
}

/** Names that somebody else resolves, or nobody, are not asked for here. */
async function dnsOf(url: URL, { proxy, resolve }: Reached, ask: AskDns): Promise<DnsFacts> {
  const route = routeOf(url, resolve);
  if (route.is === 'fixed') return { is: 'not_asked', why: 'the operator told its address' };
  if (route.is !== 'named') return { is: 'not_asked', why: 'it is an address' };
  if (proxy !== null && !proxy.startsWith('socks5:')) {
    return { is: 'not_asked', why: 'the proxy resolves names' };
  }
  return { is: 'asked', answers: await dnsAnswers(url.hostname, ask) };
}

function peerParts(peer: string | null): SiteFacts['peer'] {
  const found = peer === null ? null : /^\[?([0-9a-fA-F:.]+?)\]?:(\d+)$/.exec(peer);
  return found === null ? null : { address: found[1]!, port: Number(found[2]) };
}
