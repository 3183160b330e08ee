/**
 * Names of people's things (phones, addresses, devices, accounts) under which they can be searched without
 * being kept: a hash that nobody can make without the key. Clear text stays with the evidence.
 */
import { createHmac } from 'node:crypto';

export type IdentifierKind = 'phone' | 'ip' | 'device' | 'account';

/**
 * 32 hexadecimal digits: HMAC-SHA-256 of kind and value, cut to 128 bits (RFC 2104, section 5, allows half).
 * The same value of another kind, or under another key, has another hash.
 * @param key at least 16 bytes. @throws RangeError for a shorter one, which could be guessed.
 */
export function identifierHash(key: Uint8Array, kind: IdentifierKind, value: string): string {
  if (key.length < 16)
    throw new RangeError(`A key for identifiers has at least 16 bytes, not ${key.length}.`);
  return createHmac('sha256', key).update(`${kind}\n${value}`).digest('hex').slice(0, 32);
}
