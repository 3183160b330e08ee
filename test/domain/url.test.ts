import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadUrlError, canonicalUrl, hostOf, parseUrl, readableHost, siteOf } from '../../domain/url.ts';

describe('an address typed by a person', () => {
  test('is taken with or without its scheme', () => {
    expect(parseUrl(' example.com/a ').href).toBe('https://example.com/a');
    expect(parseUrl('http://example.com').href).toBe('http://example.com/');
    expect(parseUrl('example.com:8080/x').href).toBe('https://example.com:8080/x');
  });

  test.each([
    ['', 'is empty'],
    ['http://', 'is not a well-formed address'],
    ['ftp://example.com', 'only http: and https: are read'],
    ['file:///etc/passwd', 'only http: and https: are read'],
    ['javascript:alert(1)', 'only http: and https: are read'],
    ['data:text/html,hi', 'only http: and https: are read'],
    ['mailto:a@example.com', 'only http: and https: are read'],
    ['https://user:secret@example.com', 'never logs in'],
    ['http://exa mple.com', 'white space'],
    ['word', 'has no host name'],
    [`https://example.com/${'a'.repeat(5000)}`, 'longer than 4096'],
  ])('%j is refused in words', (typed, why) => {
    expect(() => parseUrl(typed)).toThrow(BadUrlError);
    expect(() => parseUrl(typed)).toThrow(why);
  });
});

describe('the canonical address', () => {
  test('drops fragment, tracking and default port, and sorts parameters', () => {
    expect(canonicalUrl(new URL('HTTPS://Example.COM:443/a?b=2&utm_source=x&a=1&fbclid=9#top'))).toBe(
      'https://example.com/a?a=1&b=2',
    );
  });

  test('keeps parameters that mean something', () => {
    expect(canonicalUrl(new URL('https://example.com/?aff=61&ref=me'))).toBe(
      'https://example.com/?aff=61&ref=me',
    );
  });

  test('leaves the spelling of what it keeps alone', () => {
    expect(canonicalUrl(new URL('https://example.com/?q=%EF%F0%E8&page&a=2&a=1'))).toBe(
      'https://example.com/?a=2&a=1&page&q=%EF%F0%E8',
    );
    expect(canonicalUrl(new URL('https://example.com/?/topic/5'))).toBe('https://example.com/?/topic/5');
    expect(canonicalUrl(new URL('https://example.com/??'))).toBe('https://example.com/??');
  });

  test.each([
    ['https://example.com/a', 'https://EXAMPLE.com:443/a#top'],
    ['https://example.com/a', 'https://example.com./a?'],
    ['https://example.com/a', 'https://example.com/b/../a'],
    ['https://example.com/a', 'https://example.com/%61'],
    ['https://example.com/~a?q=%D0%B0', 'https://example.com/%7Ea?q=%d0%b0'],
    ['https://example.com/a', 'https://example.com/a;jsessionid=0A1B2C?utm_campaign=x'],
    ['https://example.com/a?id=1', 'https://example.com/a?PHPSESSID=5f2a&id=1'],
    ['https://example.com/a?id=1', 'https://example.com/a?id=1&sid=0123456789abcdef01234567'],
    ['https://example.com/a?b=1&c=2', 'https://example.com/a?c=2&&b=1&ysclid=lz1'],
    ['https://xn--80a1acny.test/', 'https://почта.test'],
  ])('%s is also spelled %s', (known, spelled) => {
    expect(canonicalUrl(new URL(spelled))).toBe(known);
  });

  test.each([
    ['https://example.com/a', 'https://example.com/a/'],
    ['https://example.com/a', 'https://example.com/A'],
    ['https://example.com/a', 'http://example.com/a'],
    ['https://example.com/a', 'https://www.example.com/a'],
    ['https://example.com/a', 'https://example.com:8443/a'],
    ['https://example.com/?sid=7', 'https://example.com/?sid=8'],
    ['https://example.com/?a=1&a=2', 'https://example.com/?a=2&a=1'],
    ['https://example.com/a%2Fb', 'https://example.com/a/b'],
  ])('%s is not %s', (one, other) => {
    expect(canonicalUrl(new URL(one))).not.toBe(canonicalUrl(new URL(other)));
  });

  test('of a canonical address is itself', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        const once = canonicalUrl(new URL(url));
        expect(canonicalUrl(new URL(once))).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a site', () => {
  test.each([
    ['www.example.com', 'example.com'],
    ['a.b.example.co.uk', 'example.co.uk'],
    ['one.github.io', 'one.github.io'],
    ['192.0.2.7', '192.0.2.7'],
    ['shop.example.com:8080', 'example.com'],
  ])('of host %s is %s', (host, site) => {
    expect(siteOf(host)).toBe(site);
  });

  test('has one host key whatever the letter case and trailing dot', () => {
    expect(hostOf(new URL('https://EXAMPLE.com./a'))).toBe('example.com');
    expect(hostOf(new URL('http://example.com:8080/'))).toBe('example.com:8080');
  });

  test('in punycode is spelled out for people', () => {
    expect(readableHost('xn--80a1acny.test')).toBe('почта.test');
  });
});
