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
