import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findWallets, keccak256, networkOf } from '../../../crawler/extract/wallets.ts';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Base58Check of a version byte and 20 bytes. */
function address(version: number, bytes: Uint8Array): string {
  const payload = Buffer.concat([Buffer.of(version), bytes]);
  const once = createHash('sha256').update(payload).digest();
  const whole = Buffer.concat([payload, createHash('sha256').update(once).digest().subarray(0, 4)]);
  let value = BigInt(`0x${whole.toString('hex')}`);
  let text = '';
  for (; value > 0n; value /= 58n) text = BASE58[Number(value % 58n)] + text;
  const zeros = whole.findIndex((byte) => byte !== 0);
  return '1'.repeat(zeros) + text;
}

const twenty = Uint8Array.from({ length: 20 }, (_, at) => at + 1);

describe('networkOf', () => {
  test('knows the examples of the standards', () => {
    // BIP 173, BIP 350 and EIP-55, sections "test vectors".
    expect(networkOf('bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4')).toBe('bitcoin');
    expect(networkOf('BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4')).toBe('bitcoin');
    expect(networkOf('bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0')).toBe('bitcoin');
    expect(networkOf('0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed')).toBe('ethereum');
  });

  test('refuses what breaks a rule of the standards', () => {
    // BIP 350: version 0 with the checksum of bech32m, version 1 with that of bech32.
    expect(networkOf('bc1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd')).toBe(null);
    expect(networkOf('bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4')).toBe(null);
    expect(networkOf('0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed')).toBe(null);
    expect(networkOf('0x0000000000000000000000000000000000000000')).toBe(null);
  });

  test('tells Bitcoin and Tron apart by the version byte', () => {
    expect(networkOf(address(0x00, twenty))).toBe('bitcoin');
    expect(networkOf(address(0x05, twenty))).toBe('bitcoin');
    expect(networkOf(address(0x41, twenty))).toBe('tron');
    expect(networkOf(address(0x6f, twenty))).toBe(null);
  });

  test('holds for every address and for none with one letter changed', () => {
    const bytes = fc.uint8Array({ minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(bytes, fc.nat({ max: 24 }), fc.nat({ max: 57 }), (hash, at, letter) => {
        const good = address(0x41, hash);
        expect(networkOf(good)).toBe('tron');
        const bad = good.slice(0, at + 1) + BASE58[letter] + good.slice(at + 2);
        if (bad !== good) expect(networkOf(bad)).toBe(null);
      }),
    );
  });
});

describe('findWallets', () => {
  test('finds each address once, in order, and no part of a longer word', () => {
    const tron = address(0x41, twenty);
    const bitcoin = address(0x00, twenty);
    expect(findWallets(`USDT: ${tron}, ${bitcoin}; ${tron} x${bitcoin}y`)).toEqual([
      { network: 'tron', address: tron },
      { network: 'bitcoin', address: bitcoin },
    ]);
  });

  test('finds what the one pattern over the whole text finds, whatever stands around it', () => {
    const pattern =
      /(?<![0-9A-Za-z])(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33}|bc1[02-9ac-hj-np-z]{11,71}|BC1[02-9AC-HJ-NP-Z]{11,71}|0x[0-9a-fA-F]{40})(?![0-9A-Za-z])/g;
    const pieces = fc.oneof(
      fc.constantFrom(
        address(0x41, twenty),
        address(0x00, twenty),
        'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
        '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
        'й',
        ' ',
        'a',
        '1',
        '-',
        '0123456789abc',
      ),
      fc.string({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const text = parts.join('');
        const found = new Set((text.match(pattern) ?? []).filter((it) => networkOf(it) !== null));
        expect(findWallets(text).map((it) => it.address)).toEqual([...found]);
      }),
      { numRuns: 2_000 },
    );
  });
});

test('keccak256 is the one from before SHA-3', () => {
  expect(Buffer.from(keccak256(new Uint8Array())).toString('hex')).toBe(
    'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
  );
});
