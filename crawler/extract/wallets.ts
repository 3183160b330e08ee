/**
 * Payment addresses in a text whose own checksum holds, so that a random run of letters is never one.
 *
 * - Bitcoin: Base58Check with version 0x00 or 0x05; bech32 (BIP 173) for witness version 0 and
 *   bech32m (BIP 350) from version 1 on, main net only.
 * - Tron: Base58Check with version 0x41.
 * - Ethereum: 40 hex digits after 0x; mixed case must follow EIP-55, one case alone has no checksum.
 */
import { createHash } from 'node:crypto';
import type { Wallet } from '../../domain/page.ts';

/** Candidates looked at in one text: bounds the hashing a hostile page can ask for. */
const MOST_TRIED = 2_000;
const MOST_FOUND = 100;

/** Of a whole run of ASCII letters and digits. */
const CANDIDATE =
  /^(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33}|bc1[02-9ac-hj-np-z]{11,71}|BC1[02-9AC-HJ-NP-Z]{11,71}|0x[0-9a-fA-F]{40})$/;
const SHORTEST = 14;
const LONGEST = 74;

/** In order of first sight, once each, at most 100. */
export function findWallets(text: string): Wallet[] {
  const found = new Map<string, Wallet>();
  const tried = new Set<string>();
  for (const address of candidates(text)) {
    if (tried.size >= MOST_TRIED || found.size >= MOST_FOUND) break;
    if (tried.has(address)) continue;
    tried.add(address);
    const network = networkOf(address);
    if (network !== null) found.set(address, { network, address });
  }
  return [...found.values()];
}

/** Runs that look like an address, between what is neither letter nor digit; most text lies in runs too short for one. */
function* candidates(text: string): Generator<string> {
  let from = 0;
  while (from + SHORTEST <= text.length) {
    // From the last character that the shortest run would have, back to what breaks it off.
    let back = from + SHORTEST - 1;
    while (back >= from && isAlphanumeric(text.charCodeAt(back))) back -= 1;
    if (back >= from) {
      from = back + 1;
      continue;
    }
    let end = from + SHORTEST;
    while (end < text.length && isAlphanumeric(text.charCodeAt(end))) end += 1;
    if (end - from <= LONGEST) {
      const run = text.slice(from, end);
      if (CANDIDATE.test(run)) yield run;
    }
    from = end + 1;
  }
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a);
}

/** The network under whose rules the address is valid; null when its checksum fails. */
export function networkOf(address: string): Wallet['network'] | null {
  if (/^0x/.test(address)) return isEthereum(address) ? 'ethereum' : null;
  if (/^bc1/i.test(address)) return isSegwit(address) ? 'bitcoin' : null;
  const payload = base58Check(address);
  if (payload === null || payload.length !== 21) return null;
  if (payload[0] === 0x41) return 'tron';
  return payload[0] === 0x00 || payload[0] === 0x05 ? 'bitcoin' : null;
}

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Version byte and payload; null when a letter or the checksum (first 4 bytes of SHA-256 twice) is wrong. */
function base58Check(text: string): Uint8Array | null {
  let value = 0n;
  for (const letter of text) {
    const digit = BASE58.indexOf(letter);
    if (digit < 0) return null;
    value = value * 58n + BigInt(digit);
  }
  const zeros = text.length - text.replace(/^1+/, '').length;
  const hex = value === 0n ? '' : value.toString(16);
  const body = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const bytes = Buffer.concat([Buffer.alloc(zeros), body]);
  if (bytes.length < 5) return null;
  const payload = bytes.subarray(0, -4);
  const sum = sha256(sha256(payload)).subarray(0, 4);
  return sum.equals(bytes.subarray(-4)) ? payload : null;
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

function isSegwit(address: string): boolean {
  const lower = address.toLowerCase();
  const values = [...lower.slice(3)].map((letter) => BECH32.indexOf(letter));
  if (values.includes(-1) || values.length < 8) return false;
  const version = values[0]!;
  const expected = version === 0 ? 1 : 0x2bc830a3;
  // The human-readable part "bc", expanded as BIP 173 says: high bits, zero, low bits.
  if (bech32Sum([3, 3, 0, 2, 3, ...values]) !== expected) return false;
  const bits = (values.length - 7) * 5;
  const programBytes = Math.floor(bits / 8);
  const padding = bits % 8;
  if (version > 16 || padding > 4 || programBytes < 2 || programBytes > 40) return false;
  return version !== 0 || programBytes === 20 || programBytes === 32;
}

function bech32Sum(values: readonly number[]): number {
  const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    generator.forEach((term, bit) => {
      if ((top >>> bit) & 1) sum ^= term;
    });
  }
  return sum >>> 0;
}

function isEthereum(address: string): boolean {
  const digits = address.slice(2);
  // Zero addresses, fillers and examples such as 0x1111…: nobody is paid there.
  if (new Set(digits.toLowerCase()).size < 8) return false;
  if (digits === digits.toLowerCase() || digits === digits.toUpperCase()) return true;
  const hash = keccak256(Buffer.from(digits.toLowerCase(), 'ascii'));
  return [...digits].every((digit, at) => {
    if (/\d/.test(digit)) return true;
    const nibble = (hash[at >> 1]! >> (at % 2 === 0 ? 4 : 0)) & 15;
    return nibble >= 8 === (digit === digit.toUpperCase());
  });
}

const LANE = (1n << 64n) - 1n;
const ROTATIONS = [
  [0n, 36n, 3n, 41n, 18n],
  [1n, 44n, 10n, 45n, 2n],
  [62n, 6n, 43n, 15n, 61n],
  [28n, 55n, 25n, 21n, 56n],
  [27n, 20n, 39n, 8n, 14n],
] as const;

/** Keccak-256 with the padding of before SHA-3, as Ethereum uses it; for inputs under 136 bytes. */
export function keccak256(input: Uint8Array): Uint8Array {
  const rate = 136;
  if (input.length >= rate)
    throw new RangeError(`keccak256 here takes under ${rate} bytes, got ${input.length}.`);
  const block = Buffer.alloc(200);
  block.set(input);
  block[input.length]! ^= 0x01;
  block[rate - 1]! ^= 0x80;
  const lanes = Array.from({ length: 25 }, (_, at) => block.readBigUInt64LE(at * 8));
  permute(lanes);
  const out = Buffer.alloc(32);
  for (let at = 0; at < 4; at += 1) out.writeBigUInt64LE(lanes[at]!, at * 8);
  return out;
}

/** Keccak-f[1600]; `lanes[x + 5 * y]`. Source: The Keccak reference, version 3.0, section 1.2. */
function permute(lanes: bigint[]): void {
  let register = 1;
  for (let round = 0; round < 24; round += 1) {
    const column = [0, 1, 2, 3, 4].map(
      (x) => lanes[x]! ^ lanes[x + 5]! ^ lanes[x + 10]! ^ lanes[x + 15]! ^ lanes[x + 20]!,
    );
    for (let x = 0; x < 5; x += 1) {
      const parity = column[(x + 4) % 5]! ^ rotate(column[(x + 1) % 5]!, 1n);
      for (let y = 0; y < 25; y += 5) lanes[x + y]! ^= parity;
    }
    const moved = new Array<bigint>(25);
    for (let x = 0; x < 5; x += 1) {
      for (let y = 0; y < 5; y += 1) {
        moved[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(lanes[x + 5 * y]!, ROTATIONS[x]![y]!);
      }
    }
    for (let y = 0; y < 25; y += 5) {
      for (let x = 0; x < 5; x += 1) {
        lanes[x + y] = moved[x + y]! ^ (~moved[((x + 1) % 5) + y]! & LANE & moved[((x + 2) % 5) + y]!);
      }
    }
    let constant = 0n;
    for (let bit = 0; bit < 7; bit += 1) {
      if (register & 1) constant |= 1n << ((1n << BigInt(bit)) - 1n);
      register = (register << 1) ^ (register & 0x80 ? 0x171 : 0);
    }
    lanes[0]! ^= constant;
  }
}

function rotate(lane: bigint, by: bigint): bigint {
  return ((lane << by) | (lane >> (64n - by))) & LANE;
}
