import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callerOf, trusting } from '../../desk/caller.ts';

const nobody = trusting([]);
const proxies = trusting(['127.0.0.1', '192.0.2.0/24', '2001:db8:1::/48']);

describe('who calls', () => {
  test.each([
    ['whoever connects, when nobody is trusted', '203.0.113.9', '198.51.100.1', nobody, '203.0.113.9'],
    ['whom a trusted proxy names', '192.0.2.1', '203.0.113.9', proxies, '203.0.113.9'],
    ['whom the last of several names', '127.0.0.1', '203.0.113.9, 192.0.2.7', proxies, '203.0.113.9'],
    ['not whom the caller pretends to be', '192.0.2.1', '10.9.8.7, 203.0.113.9', proxies, '203.0.113.9'],
    ['not whom a stranger names', '203.0.113.9', '198.51.100.1', proxies, '203.0.113.9'],
    ['the proxy, when it names nobody', '192.0.2.1', '', proxies, '192.0.2.1'],
    ['the proxy, when it names nonsense', '192.0.2.1', 'unknown', proxies, '192.0.2.1'],
    [
      'the same over a socket of both families',
      '::ffff:192.0.2.1',
      '203.0.113.9:4711',
      proxies,
      '203.0.113.9',
    ],
    ['a network of IPv6', '2001:db8:1::5', '[2001:db8:2:3:4:5:6:7]:443', proxies, '2001:db8:2:3::/64'],
    ['a short address of IPv6', '2001:db8:2::1', undefined, proxies, '2001:db8:2:0::/64'],
  ] as const)('is %s', (_what, peer, forwarded, isTrusted, caller) => {
    expect(callerOf(peer, forwarded, isTrusted)).toBe(caller);
  });

  test('is nothing that the caller can choose, behind one proxy that adds what it sees', () => {
    fc.assert(
      fc.property(fc.string(), fc.ipV4(), (invented, seen) => {
        fc.pre(!proxies(seen));
        const forwarded = invented === '' ? seen : `${invented}, ${seen}`;
        expect(callerOf('192.0.2.1', forwarded, proxies)).toBe(seen);
      }),
    );
  });
});
