import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INSTITUTIONS, institutionOf } from '../../exports/overblock/institutions.ts';
import { channelOf, PLATFORMS, placeOf, platformOf, subjectOf } from '../../exports/overblock/platforms.ts';
import { lookAt } from '../../exports/overblock/png.ts';
import {
  addressFindings,
  effectiveScope,
  overblockFindings,
  type ReferralFacts,
} from '../../exports/overblock/rules.ts';
import { picture, png } from './samples.ts';

const hard = (url: string) =>
  addressFindings(url, 'operator_block')
    .filter(({ kind }) => kind === 'hard')
    .map(({ rule }) => rule);

/** Mistakes that someone in a hurry makes: each would take down people who did nothing. */
const TEMPTING: readonly (readonly [url: string, rule: string])[] = [
  // public suffixes: all who registered under them
  ['https://kz/', 'OB1'],
  ['https://com.kz/', 'OB1'],
  ['https://org.kz/', 'OB1'],
  ['https://co.uk/', 'OB1'],
  ['https://github.io/', 'OB1'],
  ['https://vercel.app/', 'OB1'],
  ['https://netlify.app/', 'OB1'],
  ['https://web.app/', 'OB1'],
  ['https://pages.dev/', 'OB1'],
  ['https://workers.dev/', 'OB1'],
  ['https://blogspot.com/', 'OB1'],
  ['https://wixsite.com/', 'OB1'],
  ['https://webflow.io/', 'OB1'],
  ['https://r2.dev/', 'OB1'],
  ['https://duckdns.org/', 'OB1'],
  ['https://s3.eu-west-1.amazonaws.com/bucket/index.html', 'OB1'],
  ['https://xn--p1ai/', 'OB1'],
  ['https://localhost/', 'OB1'],
  // one account on a host that all share
  ['https://t.me/altyn_piramida', 'OB2'],
  ['https://t.me/s/altyn_piramida', 'OB2'],
  ['https://t.me/+AbCdEf123', 'OB2'],
  ['https://t.me/joinchat/AbCdEf', 'OB2'],
  ['https://telegram.me/altyn_piramida', 'OB2'],
  ['https://telegra.ph/Altyn-11-22', 'OB2'],
  ['https://www.instagram.com/altyn_piramida/', 'OB2'],
  ['https://www.instagram.com/p/AbC123/?img_index=1', 'OB2'],
  ['https://instagram.com/altyn?igsh=xyz', 'OB2'],
  ['https://m.facebook.com/profile.php?id=100000000', 'OB2'],
  ['https://www.tiktok.com/@altyn', 'OB2'],
  ['https://vm.tiktok.com/AbC/', 'OB2'],
  ['https://vk.com/altyn', 'OB2'],
  ['https://ok.ru/group/123', 'OB2'],
  ['https://x.com/altyn', 'OB2'],
  ['https://www.youtube.com/watch?v=AbC', 'OB2'],
  ['https://youtu.be/AbC', 'OB2'],
  ['https://chat.whatsapp.com/AbCdEf', 'OB2'],
  ['https://wa.me/77000000001', 'OB2'],
  ['https://sites.google.com/view/kaspi-bonus', 'OB2'],
  ['https://docs.google.com/forms/d/e/1FAIpQL/viewform', 'OB2'],
  ['https://forms.gle/AbC', 'OB2'],
  ['https://drive.google.com/file/d/1a/view', 'OB2'],
  ['https://disk.yandex.ru/d/AbC', 'OB2'],
  ['https://linktr.ee/altyn', 'OB2'],
  ['https://taplink.cc/altyn', 'OB2'],
  ['https://github.com/altyn/netflix-clone', 'OB2'],
  ['https://medium.com/@altyn/post', 'OB2'],
  ['https://play.google.com/store/apps/details?id=kz.altyn', 'OB2'],
  ['https://apps.apple.com/kz/app/id1', 'OB2'],
  ['https://www.olx.kz/d/obyavlenie/1', 'OB2'],
  ['https://kolesa.kz/a/show/1', 'OB2'],
  ['https://krisha.kz/a/show/1', 'OB2'],
  ['https://market.kz/a/1', 'OB2'],
  ['https://satu.kz/p1', 'OB2'],
  ['https://www.avito.ru/almaty/1', 'OB2'],
  ['https://kaspi.kz/shop/p/1', 'OB2'],
  ['https://discord.gg/abc', 'OB2'],
  ['https://cdn.jsdelivr.net/npm/kit.js', 'OB2'],
  ['https://d1.cloudfront.net/', 'OB13'],
  // the platform's own front
  ['https://www.instagram.com/', 'OB13'],
  ['https://www.instagram.com', 'OB13'],
  ['https://t.me/', 'OB13'],
  ['https://www.weebly.com/', 'OB13'],
  ['https://sites.google.com/', 'OB13'],
  ['https://www.google.com/', 'OB13'],
  ['https://www.olx.kz/', 'OB13'],
  // one folder, one address
  ['https://staff.example/~altyn/bonus.html', 'OB3'],
  ['http://192.0.2.10/login', 'OB4'],
  ['http://[2001:db8::1]/login', 'OB4'],
  // Kazakhstani domains
  ['https://altyn-piramida.kz/', 'OB6'],
  ['https://xn--80aaa.xn--80ao21a/', 'OB6'],
  // media
  ['https://tengrinews.kz/kazakhstan_news/piramida-1/', 'OB7'],
  ['https://www.zakon.kz/finansy/1', 'OB7'],
  ['https://kaz.zakon.kz/1', 'OB7'],
  ['https://www.vice.com/en/article/1', 'OB7'],
  ['https://rus.azattyq.org/a/1.html', 'OB7'],
  ['https://www.bbc.com/russian/1', 'OB7'],
  ['https://kaktus.media/doc/1', 'OB7'],
  // states, banks, schools
  ['https://egov.kz/', 'OB8'],
  ['https://www.gov.kz/memleket/entities/ardfm', 'OB8'],
  ['https://nationalbank.kz/ru/news/1', 'OB8'],
  ['https://fingramota.kz/piramida', 'OB8'],
  ['https://halykbank.kz/', 'OB8'],
  ['https://online.homebank.kz/', 'OB8'],
  ['https://www.cbr.ru/inside/warning-list/', 'OB8'],
  ['https://cs.stanford.edu/', 'OB8'],
  ['https://www.ftc.gov/', 'OB8'],
  ['https://www.mas.gov.sg/', 'OB8'],
  ['https://www.u-tokyo.ac.jp/', 'OB8'],
  ['https://freedom24.com/', 'OB8'],
  ['https://visa.com.kz/', 'OB8'],
  // short links
  ['https://bit.ly/3abc', 'OB10'],
  ['https://qrco.de/abc', 'OB10'],
  ['https://clck.ru/abc', 'OB10'],
  ['https://goo.su/abc', 'OB10'],
  ['https://vk.cc/abc', 'OB10'],
  // not a web address
  ['javascript:alert(1)', 'OB13'],
  ['kaspi-bonus', 'OB13'],
];

describe('addressFindings', () => {
  test.each(TEMPTING)('stops a block of %s by %s', (url, rule) => {
    expect(hard(url)).toContain(rule);
  });

  test.each([
    'https://altyn-piramida.test/kirisu?ref=7',
    'https://kazleadingedge.example/?aff=61',
    'https://kaspi-bonus.weebly.com/',
    'https://kaspi-bonus.vercel.app/login',
    'https://kaspi-bonus.github.io/',
    'https://bonus.s3.eu-west-1.amazonaws.com/index.html',
    'https://t.me.login.example/altyn',
    'https://kaspi.kz.bonus.example/',
    'https://gov.kz-portal.example/',
    'https://halykbank-kz.example/',
    'https://mytengrinews.example/',
    'https://notedu.example/',
    'http://shop.example:8080/~',
  ])('lets %s go to operators', (url) => {
    expect(hard(url)).toEqual([]);
  });

  test('asks for care, no more, with one user’s own host on a builder', () => {
    expect(addressFindings('https://kaspi-bonus.weebly.com/', 'operator_block')).toEqual([
      {
        rule: 'OB2',
        kind: 'soft',
        why: expect.stringContaining('kaspi-bonus.weebly.com'),
        about: { key: 'OB2.own_host', facts: { host: 'kaspi-bonus.weebly.com', platform: 'weebly.com' } },
      },
    ]);
  });

  test('lets an account on a platform go to the platform, Kazakhstani marketplaces and banks’ shops too', () => {
    for (const url of [
      'https://t.me/altyn',
      'https://www.olx.kz/d/obyavlenie/1',
      'https://kaspi.kz/shop/p/1',
    ]) {
      expect(addressFindings(url, 'platform_notice')).toEqual([]);
    }
  });

  test('sends no notice to a site that is no platform, nor about a platform as a whole', () => {
    const rules = (url: string) => addressFindings(url, 'platform_notice').map(({ rule }) => rule);
    expect(rules('https://altyn-piramida.test/')).toEqual(['OB2']);
    expect(rules('https://www.instagram.com/')).toEqual(['OB13']);
    expect(rules('https://bit.ly/abc')).toEqual(['OB10']);
  });

  test('knows every platform and institution under any name, port, letter case and trailing dot', () => {
    const hosts = [...PLATFORMS.map(({ host }) => host), ...INSTITUTIONS.map(({ host }) => host)];
    const below = fc.constantFrom('', 'www.', 'login.', 'a.b.');
    const written = fc.constantFrom(
      (host: string) => host,
      (host: string) => host.toUpperCase(),
      (host: string) => `${host}.`,
      (host: string) => `${host}:8443`,
    );
    fc.assert(
      fc.property(fc.constantFrom(...hosts), below, written, (host, prefix, write) => {
        const url = new URL(`https://${write(prefix + host)}/`);
        const name = url.hostname.replace(/\.$/, '');
        const isKnown = platformOf(url.hostname) !== null || institutionOf(name) !== null;
        const isOneUsers = placeOf(url).on === 'own_host';
        expect(isKnown).toBe(true);
        expect(isOneUsers || hard(url.href).length > 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the tables', () => {
  test('hold at least 300 platforms, 60 media and 40 other institutions', () => {
    expect(PLATFORMS.length).toBeGreaterThanOrEqual(300);
    expect(INSTITUTIONS.filter(({ kind }) => kind === 'media').length).toBeGreaterThanOrEqual(60);
    expect(INSTITUTIONS.filter(({ kind }) => kind !== 'media').length).toBeGreaterThanOrEqual(40);
  });

  test('name every host once, in lower-case ASCII, without www', () => {
    const names = PLATFORMS.flatMap(({ host, aliases = [] }) => [host, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    const institutions = INSTITUTIONS.map(({ host }) => host);
    expect(new Set(institutions).size).toBe(institutions.length);
    for (const name of [...names, ...institutions])
      expect(name).toMatch(/^(?!www\.)[a-z0-9-]+(\.[a-z0-9-]+)*$/);
  });

  test('say of every platform what an account is, or that only the whole address is one', () => {
    for (const { host, segments, hosts, page } of PLATFORMS) {
      expect([host, segments !== undefined || hosts === true || page === true]).toEqual([host, true]);
    }
  });
});

describe('subjectOf', () => {
  test.each([
    ['https://shop.altyn-piramida.test:8080/a', 'site', 'altyn-piramida.test'],
    ['https://t.me/Altyn_Piramida', 'channel', 't.me/altyn_piramida'],
    ['https://t.me/s/altyn_piramida?before=12', 'channel', 't.me/altyn_piramida'],
    ['https://telegram.me/altyn_piramida/77', 'channel', 't.me/altyn_piramida'],
    ['https://t.me/+AbCdEf', 'channel', 't.me/+AbCdEf'],
    ['https://www.instagram.com/altyn/?igsh=x', 'channel', 'instagram.com/altyn'],
    ['https://youtube.com/watch?v=AbC&t=9', 'channel', 'youtube.com/watch?v=AbC'],
    ['https://www.youtube.com/channel/UCabC', 'channel', 'youtube.com/channel/UCabC'],
    ['https://sites.google.com/view/kaspi-bonus/home', 'channel', 'sites.google.com/view/kaspi-bonus'],
    ['https://almaty.olx.kz/d/1?utm_source=x', 'channel', 'almaty.olx.kz/d/1'],
    ['https://kaspi-bonus.weebly.com/login', 'site', 'kaspi-bonus.weebly.com'],
    ['https://a.kaspi-bonus.vercel.app/', 'site', 'kaspi-bonus.vercel.app'],
    ['https://bonus.s3.eu-west-1.amazonaws.com/', 'site', 'bonus.s3.eu-west-1.amazonaws.com'],
    ['https://s3.amazonaws.com/bonus/x.html', 'channel', 'amazonaws.com/bonus'],
    ['https://www.instagram.com/', 'site', 'instagram.com'],
    ['http://192.0.2.10/login', 'site', '192.0.2.10'],
  ])('%s is a %s, %s', (url, kind, key) => {
    expect(subjectOf(new URL(url))).toEqual({ kind, key });
  });

  test('is a channel exactly where operators could not block it alone', () => {
    for (const [address] of TEMPTING.filter(([url]) => url.startsWith('http'))) {
      const url = new URL(address);
      if (subjectOf(url).kind === 'channel')
        expect([address, channelOf(url)]).toEqual([address, 'platform_notice']);
    }
  });
});

describe('effectiveScope', () => {
  test('is the whole host for operators and the account for a platform', () => {
    expect(effectiveScope(new URL('https://a.altyn.test/b?c'), 'operator_block')).toMatchObject({
      level: 'host',
      value: 'a.altyn.test',
    });
    expect(effectiveScope(new URL('https://t.me/s/altyn'), 'platform_notice')).toMatchObject({
      level: 'account',
      value: 't.me/altyn',
    });
  });
});

describe('overblockFindings', () => {
  const url = 'https://altyn-piramida.test/kirisu';
  const fine: ReferralFacts = {
    url,
    channel: 'operator_block',
    finalUrl: url,
    seen: [url],
    pages: [{ url, verdict: 'flag' }],
    screenshot: picture(1),
    screenshotAlsoOf: [],
    sentIn: [],
    hostedInKz: null,
  };
  const rules = (over: Partial<ReferralFacts>) =>
    overblockFindings({ ...fine, ...over }).map(({ rule, kind }) => `${rule} ${kind}`);

  test('has nothing against a foreign fraud site with a picture of its own', () => {
    expect(overblockFindings(fine)).toEqual([]);
  });

  test('stops one bad page on an ordinary site', () => {
    const ordinary = ['/', '/news', '/about', '/contacts'].map((path) => ({
      url: `https://altyn-piramida.test${path}`,
      verdict: 'clear' as const,
    }));
    expect(rules({ pages: [...ordinary, { url, verdict: 'flag' }] })).toEqual(['OB3 hard']);
    expect(
      rules({
        pages: [
          { url: 'https://altyn-piramida.test/about', verdict: 'clear' },
          { url, verdict: 'flag' },
        ],
      }),
    ).toEqual(['OB5 soft']);
  });

  test('stops a picture that is missing, blank, unreadable, of another site, or of another case', () => {
    expect(rules({ screenshot: null })).toEqual(['OB14 hard']);
    expect(rules({ screenshot: png(20, 20, () => [255, 255, 255]) })).toEqual(['OB14 hard']);
    expect(rules({ screenshot: Buffer.from('not a picture') })).toEqual(['OB14 hard']);
    expect(rules({ finalUrl: 'https://bank.example/' })).toEqual(['OB14 hard']);
    expect(rules({ screenshotAlsoOf: ['K-000002'] })).toEqual(['OB14 hard']);
  });

  test('stops an address nobody captured, one that already went out, and one hosted in Kazakhstan', () => {
    expect(rules({ seen: ['https://altyn-piramida.test/'] })).toEqual(['OB13 hard']);
    expect(rules({ sentIn: ['KN_EXAMPLE_20261101_001'] })).toEqual(['OB16 hard']);
    expect(rules({ hostedInKz: true })).toEqual(['OB6 hard']);
    expect(rules({ hostedInKz: false })).toEqual([]);
  });

  test('tells all that is wrong at once, in the order of the rules', () => {
    expect(rules({ url: 'https://t.me/altyn', finalUrl: 'https://t.me/altyn', screenshot: null })).toEqual([
      'OB2 hard',
      'OB13 hard',
      'OB14 hard',
    ]);
  });
});

describe('lookAt', () => {
  test.each([0, 1, 2, 3, 4])('tells one colour from a picture under filter %i', (filter) => {
    expect(lookAt(png(30, 20, () => [12, 200, 77], filter))).toBe('blank');
    expect(
      lookAt(png(30, 20, (x, y) => (x === 29 && y === 19 ? [13, 200, 77] : [12, 200, 77]), filter)),
    ).toBe('shows_something');
    expect(lookAt(png(30, 20, (x, y) => [x * 8, y * 12, (x * y) & 255], filter))).toBe('shows_something');
  });

  test('sees a single odd pixel anywhere', () => {
    fc.assert(
      fc.property(fc.nat(15), fc.nat(9), fc.integer({ min: 0, max: 4 }), (oddX, oddY, filter) => {
        const bytes = png(16, 10, (x, y) => (x === oddX && y === oddY ? [1, 2, 3] : [1, 2, 4]), filter);
        expect(lookAt(bytes)).toBe('shows_something');
      }),
    );
  });

  test('calls unreadable what is cut, no PNG, or claims a size it has not', () => {
    const whole = picture(3);
    expect(lookAt(whole.subarray(0, 50))).toBe('unreadable');
    expect(lookAt(Buffer.from('GIF89a'))).toBe('unreadable');
    const huge = Buffer.from(whole);
    huge.writeUInt32BE(0x7fffffff, 16);
    expect(lookAt(huge)).toBe('unreadable');
  });
});
