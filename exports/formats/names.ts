/** Names made from what they name (RFC 9562, section 5.5: UUID version 5), so that a feed told again is the same feed. */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';

/** @param space a UUID. */
export function uuid5(space: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(space.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest()
    .subarray(0, 16);
  bytes[6] = 0x50 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Ours: the UUID of the name `kuzet` among DNS names. */
export const OWN_SPACE = uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'kuzet');

/** The IP address that a host is named by, without its brackets; null for a name. */
export function addressOf(hostname: string): string | null {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) === 0 ? null : bare;
}
