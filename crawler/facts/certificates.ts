/** What a certificate says, as a person reads it. */
import { X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '../../domain/site-facts.ts';

/**
 * @param der a certificate that a handshake showed.
 * @throws when it is no certificate; one that a handshake accepted always is.
 */
export function certificateFacts(der: Uint8Array): CertificateFacts {
  const it = new X509Certificate(der);
  return {
    subject: oneLine(it.subject),
    issuer: oneLine(it.issuer),
    san: namesIn(it.subjectAltName ?? ''),
    notBefore: new Date(it.validFrom).toISOString(),
    notAfter: new Date(it.validTo).toISOString(),
    serial: it.serialNumber,
    sha256: it.fingerprint256.replaceAll(':', '').toLowerCase(),
    pem: it.toString(),
  };
}

/** Node writes one attribute a line; a certificate without a subject has none. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').filter(Boolean).join(', ');
}

/** Split at commas, but for those within the quotes that Node puts around what could be mistaken for several names. */
function namesIn(subjectAltName: string): string[] {
  return subjectAltName.match(/[^,\s][^",]*(?:"(?:[^"\\]|\\.)*"[^",]*)*/g)?.map((name) => name.trim()) ?? [];
}
