import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressRefusal, BadResolveError, nameRefusal, parseResolve, routeOf } from '../../crawler/guard.ts';
import { PRIVATE_URLS } from '../web/private-urls.ts';

describe('routeOf', () => {
  test.each(PRIVATE_URLS)('refuses %s', (text) => {
    expect(routeOf(new URL(text), {}).is).toBe('refused');
  });

  test('lets public names and addresses through on the ports of the web', () => {
    expect(routeOf(new URL('https://example.com/'), {})).toEqual({
      is: 'named',
      host: 'example.com',
      port: 443,
    });
    expect(routeOf(new URL('http://example.com:8080/'), {})).toEqual({
      is: 'named',
      host: 'example.com',
      port: 8080,
    });
    expect(routeOf(new URL('http://8.8.8.8/'), {})).toEqual({ is: 'literal', address: '8.8.8.8', port: 80 });
    expect(routeOf(new URL('http://[2606:4700::1111]/'), {})).toMatchObject({
      is: 'literal',
      address: '2606:4700::1111',
    });
  });

  test('takes the operator’s own target before everything else, the closest pattern first', () => {
    const resolve = {
      '*.test': '127.0.0.1:8001',
      '*.shop.test': '127.0.0.1:8002',
      'a.shop.test': '[::1]:8003',
    };
    const portOf = (host: string) => routeOf(new URL(`http://${host}:9999/`), resolve);
    expect(portOf('a.shop.test')).toEqual({ is: 'fixed', address: '::1', port: 8003 });
    expect(portOf('b.shop.test')).toEqual({ is: 'fixed', address: '127.0.0.1', port: 8002 });
    expect(portOf('bank.test.')).toEqual({ is: 'fixed', address: '127.0.0.1', port: 8001 });
    expect(portOf('test').is).toBe('refused');
    expect(routeOf(new URL('http://127.0.0.1/'), resolve).is).toBe('refused');
  });

  test('takes no target from the prototype of a plain object', () => {
    expect(routeOf(new URL('http://constructor/'), {}).is).toBe('refused');
  });
});

describe('addressRefusal', () => {
  test('refuses every IPv6 form that carries a refused IPv4 address', () => {
    const byte = fc.nat({ max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, (b, c, d) => {
        const four = `10.${b}.${c}.${d}`;
        const hex = [(10 << 8) | b, (c << 8) | d].map((part) => part.toString(16)).join(':');
        for (const form of [
          four,
          `::ffff:${four}`,
          `::${four}`,
          `64:ff9b::${four}`,
          `2002:${hex}::1`,
          `2001:0:${hex}::1`,
        ]) {
          expect(addressRefusal(form)).not.toBe(null);
        }
      }),
    );
  });

  test('refuses all IPv6 outside 2000::/3 and whatever is no address', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        if (!/^[23][0-9a-f]{3}:/i.test(address)) expect(addressRefusal(address)).not.toBe(null);
      }),
    );
    for (const text of ['', 'example.com', 'fe80::1%eth0', '127.1', '1.2.3'])
      expect(addressRefusal(text)).not.toBe(null);
    expect(addressRefusal('93.184.215.14')).toBe(null);
    expect(addressRefusal('2a00:1450::1')).toBe(null);
  });
});

test('nameRefusal asks for a dot and for no inner name', () => {
  expect(nameRefusal('example.com')).toBe(null);
  expect(nameRefusal('local.example.com')).toBe(null);
  expect(nameRefusal('db')).toMatch(/no dot/);
});

describe('parseResolve', () => {
  test('reads one or more entries, patterns in punycode', () => {
    expect(parseResolve('*.test=127.0.0.1:8080')).toEqual({ '*.test': '127.0.0.1:8080' });
    expect(parseResolve('Күзет.test=[::1]:80, *=10.0.0.1:3000')).toEqual({
      'xn--e1adi8a07b.test': '[::1]:80',
      '*': '10.0.0.1:3000',
    });
  });

  test.each([
    ['shop.test', 'has no "="'],
    ['=127.0.0.1:80', 'names no host'],
    ['shop.test=127.0.0.1', 'where an IP address and a port belong'],
    ['shop.test=localhost:80', 'where an IP address and a port belong'],
    ['shop.test=127.0.0.1:70000', 'where an IP address and a port belong'],
    ['http://shop.test=127.0.0.1:80', 'where a host name or *.suffix belongs'],
    ['a.*.test=127.0.0.1:80', 'where a host name or *.suffix belongs'],
  ])('tells what is wrong with %s', (text, why) => {
    expect(() => parseResolve(text)).toThrow(BadResolveError);
    expect(() => parseResolve(text)).toThrow(why);
  });
});
