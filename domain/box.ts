/**
 * Text that only the owner of a key can read: AES-256-GCM (NIST SP 800-38D) under a key of its own derived from
 * the house's by HKDF (RFC 5869).
 *
 *     12 bytes nonce | 16 bytes tag | the rest
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

const NONCE = 12;
const TAG = 16;

/** @param nonce 12 random bytes, never twice with one key. @param about bound to the box: opening needs it too. */
export function closeBox(key: Uint8Array, text: string, about: string, nonce: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', ownKey(key), nonce, { authTagLength: TAG });
  cipher.setAAD(Buffer.from(about));
  const rest = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), rest]);
}

/** @throws Error for a box that was altered, or closed with another key or about another thing. */
export function openBox(key: Uint8Array, box: Uint8Array, about: string): string {
  const decipher = createDecipheriv('aes-256-gcm', ownKey(key), box.subarray(0, NONCE), {
    authTagLength: TAG,
  });
  decipher.setAAD(Buffer.from(about));
  decipher.setAuthTag(box.subarray(NONCE, NONCE + TAG));
  return Buffer.concat([decipher.update(box.subarray(NONCE + TAG)), decipher.final()]).toString('utf8');
}

function ownKey(key: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', 'kuzet clear identifiers', 32));
}
