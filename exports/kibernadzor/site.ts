/** What was learned of a host, as fields 16 to 19 of the record have it. */
import type { Capture } from '../../domain/capture.ts';
import type { Referral } from '../../domain/record.ts';
import type { SiteFacts } from '../../domain/site-facts.ts';

export function networkOf(
  { peer, capturedAt }: Pick<Capture, 'peer' | 'capturedAt'>,
  facts: SiteFacts | null,
  hostedInKz: boolean | null,
): Referral['network'] {
  const ip = peer?.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  if (ip === undefined) return [];
  const network = facts?.peer?.address === ip ? facts.network : null;
  return [
    {
      ip,
      asn: network?.asn ?? null,
      asName: network?.name ?? null,
      country: network?.country ?? (hostedInKz === true ? 'KZ' : null),
      isSharedOrCdn: null,
      observedAt: capturedAt.toISOString(),
    },
  ];
}

/** Null without a table of networks: nobody says then where the server stands. */
export function isHostedInKz(facts: SiteFacts | null): boolean | null {
  const country = facts?.network?.country ?? null;
  return country === null ? null : country === 'KZ';
}

export function registrationOf(facts: SiteFacts | null): Referral['registration'] {
  const it = facts?.domain ?? null;
  if (it === null) return null;
  return {
    registrar: it.registrar,
    ianaId: it.ianaId,
    createdAt: it.createdAt,
    expiresAt: it.expiresAt,
    status: [...it.status],
    nameServers: [...it.nameServers],
    abuseEmail: it.abuseEmail,
    source: 'rdap',
    fetchedAt: it.fetchedAt,
    error: it.error,
  };
}

/** Of the site's own certificate; the chain is a file of the evidence. */
export function tlsOf(facts: SiteFacts | null): Referral['tls'] {
  const leaf = facts?.tls?.chain[0];
  if (leaf === undefined) return null;
  const { issuer, subject, san, notBefore, notAfter, sha256 } = leaf;
  return { issuer, subject, san: [...san], notBefore, notAfter, sha256 };
}
