/** What the name servers say of a host: its addresses and aliases, and its domain's name servers and mail. */
import { Resolver } from 'node:dns/promises';
import type { DnsAnswer, DnsType } from '../../domain/site-facts.ts';
import { siteOf } from '../../domain/url.ts';

/** Asks one question. Rejects with a `code` as `dns.promises` does. */
export type AskDns = (
  name: string,
  type: DnsType,
) => Promise<readonly { readonly data: string; readonly ttl: number | null }[]>;

/** Milliseconds for one question, asked once more when it is not answered. */
const TIMEOUT_MS = 2_000;

/** The machine's own resolver. Node tells the time to live of addresses alone. */
export function askSystemDns(): AskDns {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 });
  return async (name, type) => {
    switch (type) {
      case 'A':
        return (await resolver.resolve4(name, { ttl: true })).map(({ address, ttl }) => ({
          data: address,
          ttl,
        }));
      case 'AAAA':
        return (await resolver.resolve6(name, { ttl: true })).map(({ address, ttl }) => ({
          data: address,
          ttl,
        }));
      case 'MX':
        return (await resolver.resolveMx(name)).map(({ priority, exchange }) => ({
          data: `${priority} ${exchange}`,
          ttl: null,
        }));
      case 'CNAME':
        return (await resolver.resolveCname(name)).map((data) => ({ data, ttl: null }));
      case 'NS':
        return (await resolver.resolveNs(name)).map((data) => ({ data, ttl: null }));
    }
  };
}

/** All five questions at once; never rejects. */
export function dnsAnswers(host: string, ask: AskDns): Promise<DnsAnswer[]> {
  const name = host.replace(/\.$/, '');
  const domain = siteOf(name);
  const questions: readonly (readonly [string, DnsType])[] = [
    [name, 'A'],
    [name, 'AAAA'],
    [name, 'CNAME'],
    [domain, 'NS'],
    [domain, 'MX'],
  ];
  return Promise.all(questions.map(([of, type]) => answerOf(of, type, ask)));
}

async function answerOf(name: string, type: DnsType, ask: AskDns): Promise<DnsAnswer> {
  try {
    const records = await ask(name, type);
    const ttls = records.flatMap(({ ttl }) => (ttl === null ? [] : [ttl]));
    return {
      name,
      type,
      data: records.map(({ data }) => data).sort(),
      ttl: ttls.length === 0 ? null : Math.min(...ttls),
      error: null,
    };
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    // A name that has no such record is an answer too.
    return { name, type, data: [], ttl: null, error: code === 'ENODATA' ? null : code };
  }
}
