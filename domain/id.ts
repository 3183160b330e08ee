/** Names for things that are made once: time-ordered, so that an index on them grows at one end. */

/**
 * UUIDv7 (RFC 9562, section 5.7): 48 bits of `now` in milliseconds, then random bits.
 *
 * @param random 10 bytes.
 */
export function uuid7(now: Date, random: Uint8Array): string {
  const bytes = new Uint8Array(16);
  const time = now.getTime();
  for (let at = 0; at < 6; at += 1) bytes[at] = Math.floor(time / 2 ** (8 * (5 - at))) & 0xff;
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Letters that are not taken for one another when they are read out. */
const LETTERS = 'ABCDEFGHJKMNPQRSTVWXYZ0123456789';

/** A code to be told over the telephone: sixteen letters. @param random 16 bytes; five bits of each make a letter. */
export function spokenCode(random: Uint8Array): string {
  return [...random.subarray(0, 16)].map((byte) => LETTERS[byte & 31]).join('');
}
