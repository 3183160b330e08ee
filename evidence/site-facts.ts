/**
 * What was learned of a host (`domain/site-facts.ts`) as bytes: one JSON blob that stands for all of it, records of
 * the capture's WARC, and the files that go along for readers without our tools.
 */
import { canonicalJson } from '../domain/ledger.ts';
import { SITE_FACTS_FORMAT, type SiteFacts } from '../domain/site-facts.ts';
import type { WarcResource } from './warc.ts';

/** The blob; the same facts give the same bytes. */
export function siteFactsBytes(facts: SiteFacts): Buffer {
  return Buffer.from(`${canonicalJson(facts)}\n`, 'utf8');
}

/** @throws SiteFactsUnreadableError for bytes that are no such blob. */
export function readSiteFacts(bytes: Uint8Array): SiteFacts {
  const read = JSON.parse(Buffer.from(bytes).toString('utf8')) as SiteFacts;
  if (read.format !== SITE_FACTS_FORMAT) throw new SiteFactsUnreadableError(String(read.format));
  return read;
}

export class SiteFactsUnreadableError extends Error {
  override readonly name = 'SiteFactsUnreadableError';
  readonly facts: { readonly format: string };

  constructor(format: string) {
    super(
      `What was learned of a host is written as "${format}", which this version does not read. Take a newer one.`,
    );
    this.facts = { format };
  }
}

/** `urn:facts:HOST`, and `urn:tls:HOST` for what spoke TLS. */
export function siteFactsRecords(facts: SiteFacts): WarcResource[] {
  const pem = tlsPem(facts);
  return [
    {
      uri: `urn:facts:${facts.host}`,
      mediaType: 'application/json',
      bytes: readable(withoutPem(facts)),
    },
    ...(pem === null
      ? []
      : [{ uri: `urn:tls:${facts.host}`, mediaType: 'application/pem-certificate-chain', bytes: pem }]),
  ];
}

/** File name -> bytes: `tls.pem`, `dns.json`, `rdap.json`; what was not asked for has no file. */
export function siteFactsFiles(facts: SiteFacts): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const pem = tlsPem(facts);
  if (pem !== null) files.set('tls.pem', pem);
  if (facts.dns.is === 'asked') files.set('dns.json', readable(facts.dns.answers));
  const { domain, addressBlock } = facts;
  if (domain !== null || addressBlock !== null) files.set('rdap.json', readable({ domain, addressBlock }));
  return files;
}

function tlsPem({ tls }: SiteFacts): Buffer | null {
  if (tls === null || tls.chain.length === 0) return null;
  return Buffer.from(tls.chain.map(({ pem }) => (pem.endsWith('\n') ? pem : `${pem}\n`)).join(''), 'utf8');
}

function withoutPem(facts: SiteFacts): unknown {
  if (facts.tls === null) return facts;
  const chain = facts.tls.chain.map(({ pem: _, ...rest }) => rest);
  return { ...facts, tls: { ...facts.tls, chain } };
}

function readable(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`, 'utf8');
}
