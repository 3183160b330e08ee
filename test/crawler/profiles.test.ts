import { describe, expect, test } from 'vitest';
import { addressFor, cookieOf, headersFor, profileNamed, profilesFor } from '../../crawler/profiles.ts';
import { PROFILES } from '../../domain/visitor.ts';

const SITE = new URL('https://garden.test/lp?id=7');
const sent = (name: (typeof PROFILES)[number], url = SITE, cookie: string | null = null) =>
  Object.fromEntries(headersFor(profileNamed(name), url, '143', cookie));

describe('a profile', () => {
  test('never takes the name of a robot, or of an app', () => {
    const agents = PROFILES.map((name) => sent(name)['user-agent']);
    expect(
      agents.filter((agent) =>
        /bot|crawl|spider|slurp|google|yandex|bing|preview|facebookexternal/i.test(agent!),
      ),
    ).toEqual([]);
    expect(agents.filter((agent) => agent!.includes('Chrome/143.0.0.0'))).toHaveLength(PROFILES.length);
  });

  test('says in every header what it is', () => {
    expect(sent('mobile')).toMatchObject({
      'user-agent': expect.stringContaining('Android 10; K'),
      'sec-ch-ua-mobile': '?1',
      'sec-ch-ua-platform': '"Android"',
      'accept-language': 'kk-KZ,kk;q=0.9,ru;q=0.8,en;q=0.7',
      'sec-fetch-site': 'none',
    });
    expect(sent('desktop')['referer']).toBe(undefined);
    expect(sent('ad-social')).toMatchObject({
      referer: 'https://l.instagram.com/',
      'sec-fetch-site': 'cross-site',
    });
  });

  test('tells client hints to no site without TLS, as browsers do', () => {
    const names = Object.keys(sent('desktop', new URL('http://garden.test/')));
    expect(names.filter((name) => name.startsWith('sec-'))).toEqual([]);
  });

  test('opens the address as its ad would, and changes nothing that the address says itself', () => {
    expect(addressFor(SITE, profileNamed('ad-messenger')).href).toBe(
      'https://garden.test/lp?id=7&utm_source=telegram&utm_medium=cpc',
    );
    expect(
      addressFor(new URL('https://garden.test/?utm_source=tg7'), profileNamed('ad-messenger')).href,
    ).toBe('https://garden.test/?utm_source=tg7&utm_medium=cpc');
    expect(addressFor(SITE, profileNamed('desktop')).href).toBe(SITE.href);
  });
});

describe('as whom a page is asked again', () => {
  test('is a plain browser first, then who follows an ad, then a telephone', () => {
    expect([0, 1, 2, 3].map((lot) => profilesFor(SITE, lot, false))).toEqual([
      ['desktop', 'ad-search', 'mobile'],
      ['desktop', 'ad-messenger', 'mobile'],
      ['desktop', 'ad-social', 'mobile'],
      ['desktop', 'ad-search', 'mobile'],
    ]);
  });

  test('is from inside the country too, where a way there is known', () => {
    expect(profilesFor(SITE, 0, true)).toEqual(['desktop', 'ad-search', 'mobile', 'kz']);
  });

  test.each([
    ['https://garden.test/?gclid=1', 'ad-search'],
    ['https://garden.test/?yclid=1', 'ad-search'],
    ['https://garden.test/?fbclid=1', 'ad-social'],
    ['https://garden.test/?utm_source=Instagram', 'ad-social'],
    ['https://garden.test/?utm_source=telegram_ads', 'ad-messenger'],
  ])('follows the ad whose click the address carries: %s', (address, ad) => {
    expect([0, 1, 2].map((lot) => profilesFor(new URL(address), lot, false)[1])).toEqual([ad, ad, ad]);
  });
});

test('a second visit brings back what the first was given, the last of a name', () => {
  expect(cookieOf(['seen=1; Path=/; HttpOnly', 'id=abc=d', 'seen=2', 'broken'])).toBe('seen=2; id=abc=d');
  expect(cookieOf([])).toBe(null);
  expect(sent('desktop', SITE, 'seen=2')['cookie']).toBe('seen=2');
});
