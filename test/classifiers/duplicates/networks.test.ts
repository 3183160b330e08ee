import { describe, expect, test } from 'vitest';
import { NetworkTableError, readNetworks } from '../../../classifiers/duplicates/networks.ts';

const TABLE = [
  '198.51.100.0\t198.51.100.127\t64500\tKZ\tEXAMPLE-TELECOM',
  '192.0.2.0\t192.0.2.255\t64501\tKZ\tEXAMPLE-HOSTING',
  '198.51.100.128\t198.51.100.255\t0\tNone\tNot routed',
  '2001:db8:1::\t2001:db8:1:ffff:ffff:ffff:ffff:ffff\t64502\tKZ\tEXAMPLE-SIX',
].join('\n');

describe('a table of networks', () => {
  const { networkOf, ranges } = readNetworks(TABLE);

  test.each([
    ['198.51.100.0', 'AS64500 EXAMPLE-TELECOM'],
    ['198.51.100.127', 'AS64500 EXAMPLE-TELECOM'],
    ['198.51.100.128', null],
    ['192.0.2.9', 'AS64501 EXAMPLE-HOSTING'],
    ['::ffff:192.0.2.9', 'AS64501 EXAMPLE-HOSTING'],
    ['192.0.1.255', null],
    ['2001:db8:1:42::7', 'AS64502 EXAMPLE-SIX'],
    ['2001:db8:2::1', null],
    ['100.64.1.1', null],
    ['no address', null],
  ])('tells of %s: %s', (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });

  test('leaves out ranges of nobody', () => {
    expect(ranges).toBe(3);
  });

  test('names the line that cannot be read', () => {
    expect(() => readNetworks(`${TABLE}\nfirst\tlast\t1\tKZ\tx`)).toThrow(NetworkTableError);
    expect(() => readNetworks('192.0.2.0\t192.0.2.9\tAS1\tKZ\tx')).toThrow('line 1: "AS1" is no AS number');
  });
});
