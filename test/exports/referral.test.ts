import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Case, CaseState } from '../../domain/case.ts';
import { chained, REFERRAL_RECORD } from '../../domain/record.ts';
import { ReasonSlotError, reasonOf } from '../../exports/kibernadzor/reason.ts';
import {
  channelOfCase,
  mainCapture,
  type ReferralOrder,
  toReferral,
} from '../../exports/kibernadzor/referral.ts';
import { approved, captured, order, picture, referral, SIGNALS, signal, siteFacts } from './samples.ts';

const URL_SEEN = 'https://altyn-piramida.test/kirisu?ref=7';
const KEY = 'altyn-piramida.test';

const refusals = (asked: ReferralOrder) => {
  const outcome = toReferral(asked);
  return outcome.is === 'refused' ? outcome.refusals.map(({ rule }) => rule) : [];
};

describe('toReferral', () => {
  test('makes a referral that stands without the house that made it', () => {
    expect(referral(order(7, URL_SEEN, KEY))).toMatchObject({
      caseId: 'K-000007',
      caseRevision: 3,
      url: URL_SEEN,
      hostname: 'altyn-piramida.test',
      registrableDomain: 'altyn-piramida.test',
      channel: 'operator_block',
      offense: 'Финансовая пирамида',
      qualification: [{ code: 'KZ-CC-217', articleRu: 'статьёй 217 УК РК' }],
      effectiveBlockScope: { level: 'host', value: 'altyn-piramida.test', collateral: 'none' },
      target: { kind: 'site_domain', objectType: 'Интернет-ресурс', resourceKind: 'Тематические сайты' },
      contentLanguage: 'Русский',
      group: 'оранжевый',
      signs: [
        { code: 'yield.daily_percent', quote: '3% в день навсегда', evidenceRef: 'ev-1' },
        { code: 'referral.levels', quote: 'с каждого приглашённого 10%' },
        { code: 'licence.none', quote: 'лицензия не требуется' },
      ],
      decision: {
        officerId: 'aigerim',
        secondOfficerId: 'bolat',
        words: 'Обещают 3% в день и платят за приглашённых.',
      },
      evidence: [
        {
          id: 'ev-1',
          kind: 'screenshot_viewport',
          path: 'evidence/K-000007/screenshot.png',
          viewport: '16x10',
        },
        { id: 'ev-2', kind: 'screenshot_full' },
        { id: 'ev-3', kind: 'warc', mediaType: 'application/warc' },
      ],
      screenshotMain: 'ev-1',
    });
  });

  test('tells whose network, domain and certificate it is, and from which country it was seen', () => {
    const made = referral({ ...order(7, URL_SEEN, KEY), siteFacts: siteFacts(KEY) });
    expect(made).toMatchObject({
      network: [{ ip: '192.0.2.7', asn: 64_501, asName: 'EXAMPLE-HOSTING', country: 'NL' }],
      registration: {
        registrar: 'Example Registrar LLC',
        ianaId: '9999',
        createdAt: '2026-11-01T00:00:00.000Z',
        nameServers: ['ns1.example'],
        source: 'rdap',
        error: null,
      },
      tls: { subject: `CN=${KEY}`, issuer: 'O=Example CA, CN=E1', sha256: 'ef'.repeat(32) },
      hostedInKz: false,
    });
    expect(made.evidence.map(({ fromIpCountry }) => fromIpCountry)).toEqual(['KZ', 'KZ', 'KZ']);
    expect(REFERRAL_RECORD.safeParse(chained([made])[0]).error).toBeUndefined();
  });

  test('does not ask operators to block a server in Kazakhstan', () => {
    const network = { asn: 64_500, name: 'EXAMPLE-TELECOM', country: 'KZ' };
    const asked = { ...order(7, URL_SEEN, KEY), siteFacts: siteFacts(KEY, { network }) };
    expect(refusals(asked)).toEqual(['OB6']);
  });

  test('says nothing of networks and certificates where nothing was learned', () => {
    expect(referral(order(7, URL_SEEN, KEY))).toMatchObject({
      network: [{ ip: '192.0.2.7', asn: null, country: null }],
      registration: null,
      tls: null,
      hostedInKz: null,
    });
  });

  test('keeps the profile of 45 fields, and the same id for the same revision', () => {
    const made = referral(order(7, URL_SEEN, KEY));
    expect(REFERRAL_RECORD.safeParse(chained([made])[0]).error).toBeUndefined();
    expect(referral(order(7, URL_SEEN, KEY)).referralId).toBe(made.referralId);
    const later = approved(7, KEY, { revision: 4 });
    expect(referral({ ...order(7, URL_SEEN, KEY), case: later }).referralId).not.toBe(made.referralId);
  });

  test('does not leave on evidence older than 72 hours, or on a sight older than 24', () => {
    const asked = order(7, URL_SEEN, KEY);
    const hoursLater = (hours: number) =>
      new Date(new Date('2026-11-22T08:30:00.000Z').getTime() + hours * 3_600_000);
    const ages = (now: Date) => refusals({ ...asked, now }).filter((rule) => rule === 'age');
    expect(ages(hoursLater(24))).toEqual([]);
    expect(ages(hoursLater(25))).toEqual(['age']);
    expect(ages(hoursLater(73))).toEqual(['age', 'age']);
    const seen = captured(8, URL_SEEN, { capture: { capturedAt: hoursLater(60) } });
    expect(refusals({ ...asked, alsoSeen: [seen.page], now: hoursLater(70) })).toEqual([]);
  });

  test('sends a channel to its platform as a user’s page', () => {
    const made = referral(order(7, 'https://t.me/s/altyn', 't.me/altyn', { channel: 'platform_notice' }));
    expect(made.effectiveBlockScope).toMatchObject({ level: 'account', value: 't.me/altyn' });
    expect(made.target).toMatchObject({
      kind: 'messenger_channel',
      objectType: 'Страница пользователя',
      resourceKind: 'Мессенджеры',
    });
    expect(made.reasonRu).toContain('направление владельцу платформы');
  });

  test('sends a Kazakhstani domain to its registrar and owner, never to operators', () => {
    const url = 'https://altyn-shop.kz/kirisu';
    const own = order(7, url, 'altyn-shop.kz');
    expect(channelOfCase(own.case, own.pages)).toBe('registrar_notice');
    const made = referral({ ...own, channel: 'registrar_notice' });
    expect(made).toMatchObject({ channel: 'registrar_notice', kzTld: true, legalBasis: 'KZ-INFORM-35-7' });
    expect(made.reasonRu).toContain('регистратору домена');
    expect(refusals(own)).toContain('OB6');
  });

  test('asks about the page a short link leads to, and names the link', () => {
    const { page, blobs } = captured(7, 'https://bit.ly/abc', {
      capture: {
        finalUrl: URL_SEEN,
        hops: [
          { url: 'https://bit.ly/abc', status: 301, location: URL_SEEN },
          { url: URL_SEEN, status: 200, location: null },
        ],
      },
    });
    const made = referral({ ...order(7, URL_SEEN, KEY), pages: [page], blobs });
    expect([made.url, made.aliases]).toEqual([URL_SEEN, ['https://bit.ly/abc']]);
  });

  test('goes out on the riskiest page that has a picture', () => {
    const bare = captured(1, `https://${KEY}/a`, {
      capture: { screenshot: null },
      assessment: { score: 0.99 },
    });
    const seen = captured(2, `https://${KEY}/b`, { assessment: { score: 0.9 } });
    const cleared = captured(3, `https://${KEY}/c`, { assessment: { verdict: 'clear', score: 0.01 } });
    const pages = [bare.page, seen.page, cleared.page];
    expect(mainCapture(approved(1, KEY), pages)?.capture.url).toBe(`https://${KEY}/b`);
    expect(channelOfCase(approved(1, KEY), pages)).toBe('operator_block');
    expect(mainCapture(approved(1, KEY), [])).toBeNull();
  });

  test('of a ring of listings never goes to operators: nobody darkens a marketplace for its ads', () => {
    const good = order(7, 'https://big-market.test/ad/7', 'big-market.test');
    const ring: Case = { ...good.case, label: 'fake_listing', subject: { kind: 'ring', key: 'ab12' } };
    const state = { ...(ring.state as Extract<CaseState, { is: 'approved' }>), ground: 'KZ-CC-190' as const };
    expect(refusals({ ...good, case: { ...ring, state } })).toEqual(['OB2']);
    expect(channelOfCase(ring, good.pages)).toBe('platform_notice');
  });

  test('is refused, with the reason named, wherever the law of the house is not kept', () => {
    const good = order(7, URL_SEEN, KEY);
    const with_ = (over: Partial<Case>) => ({ ...good, case: { ...good.case, ...over } });
    const state = good.case.state as Extract<CaseState, { is: 'approved' }>;
    expect(refusals(good)).toEqual([]);
    expect(refusals(with_({ state: { is: 'open' } }))).toEqual(['state']);
    const { approvedBy: _, approvedAt: __, ...first } = state;
    expect(refusals(with_({ state: { ...first, is: 'confirmed' } }))).toEqual(['state']);
    expect(refusals(with_({ state: { ...state, approvedBy: 'aigerim' } }))).toEqual(['officers']);
    expect(refusals(with_({ label: 'illegal_casino' }))).toEqual(['label']);
    expect(refusals(with_({ label: 'phishing' }))).toEqual(['label']);
    expect(refusals(with_({ subject: { kind: 'site', key: 'other.test' } }))).toEqual(['capture']);
    expect(refusals({ ...good, pages: [] })).toEqual(['capture']);
    expect(refusals({ ...good, channel: 'platform_notice' })).toEqual(['OB2']);
    expect(refusals({ ...good, screenshotAlsoOf: ['K-000001'] })).toEqual(['OB14']);
    expect(refusals({ ...good, sentIn: ['KN_EXAMPLE_20261101_001'] })).toEqual(['OB16']);
  });

  test('is refused without a screenshot of its own, and without its WARC', () => {
    const bare = captured(7, URL_SEEN, { capture: { screenshot: null, fullScreenshot: null } });
    expect(refusals({ ...order(7, URL_SEEN, KEY), pages: [bare.page] })).toContain('OB14');
    const { page } = captured(7, URL_SEEN);
    const onlyPicture = new Map([[page.capture.screenshot!, picture(7)]]);
    expect(refusals({ ...order(7, URL_SEEN, KEY), blobs: onlyPicture })).toEqual(['evidence']);
  });

  test('is refused when fewer than two facts can be quoted', () => {
    const { page, blobs } = captured(7, URL_SEEN, { assessment: { signals: [SIGNALS[0]!] } });
    const lone = { ...approved(7, KEY), reasons: [SIGNALS[0]!] };
    expect(refusals({ ...order(7, URL_SEEN, KEY), case: lone, pages: [page], blobs })).toEqual(['reason']);
  });

  test('is refused when the page now leads to a bank', () => {
    const { page, blobs } = captured(7, URL_SEEN, { capture: { finalUrl: 'https://halykbank.kz/' } });
    expect(refusals({ ...order(7, URL_SEEN, KEY), pages: [page], blobs })).toEqual(
      expect.arrayContaining(['capture', 'OB6', 'OB8']),
    );
  });
});

describe('reasonOf', () => {
  const facts = {
    place: 'altyn-piramida.test',
    capturedAt: new Date('2026-11-22T20:30:00.000Z'),
    ground: 'KZ-CC-217',
    channel: 'operator_block',
    scope: 'altyn-piramida.test',
    signs: [
      { family: 'yield', quote: '3% в день навсегда' },
      { family: 'referral', quote: 'с каждого приглашённого 10%' },
    ],
    screenshotSha256: '0123456789abcdef'.repeat(4),
  } as const;

  test('quotes what was seen, when by the clock of Kazakhstan, under which law, and asks', () => {
    expect(reasonOf(facts).ru).toBe(
      'На интернет-ресурсе altyn-piramida.test на 23.11.2026 01:30 (UTC+5) размещена информация с признаками финансовой (инвестиционной) пирамиды: обещана доходность «3% в день навсегда»; плата за привлечение людей «с каждого приглашённого 10%». Её распространение запрещено статьёй 217 УК РК. На основании п. 1-1 ст. 41-1 Закона РК «О связи» прошу рассмотреть ограничение доступа к altyn-piramida.test. SHA-256 снимка 01234567…',
    );
  });

  test('says the same in Kazakh', () => {
    expect(reasonOf(facts).kk).toContain(
      'қаржылық (инвестициялық) пирамида белгілері бар ақпарат орналастырылған',
    );
    expect(reasonOf(facts).kk).toContain('«3% в день навсегда»');
  });

  test('fits the form whatever is quoted, and wants two facts', () => {
    const sign = fc.record({
      family: fc.constantFrom('yield', 'referral', 'brand', 'text'),
      quote: fc.string({ unit: 'grapheme', maxLength: 300 }),
    });
    fc.assert(
      fc.property(
        fc.array(sign, { maxLength: 6 }),
        fc.domain(),
        fc.constantFrom('KZ-CC-190', 'KZ-CC-217', 'KZ-CC-217-1'),
        fc.constantFrom('operator_block', 'platform_notice'),
        (any, place, ground, channel) => {
          const signs = any.map(({ family, quote }, at) => ({ family, quote: `${at}-й факт ${quote}` }));
          const write = () => reasonOf({ ...facts, signs, ground, channel, place, scope: place });
          if (signs.length < 2) {
            expect(write).toThrow(ReasonSlotError);
            return;
          }
          for (const text of Object.values(write())) {
            expect(text.length).toBeGreaterThanOrEqual(80);
            expect(text.length).toBeLessThanOrEqual(500);
            expect(text).toContain('«0-й факт');
            expect(text).not.toMatch(/undefined|[\r\n{}]/);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test('an empty slot stops the export', () => {
    expect(() => reasonOf({ ...facts, place: ' ' })).toThrow(ReasonSlotError);
    expect(() => reasonOf({ ...facts, screenshotSha256: '' })).toThrow('nothing to say for "hash"');
    expect(() => reasonOf({ ...facts, signs: facts.signs.slice(1) })).toThrow('nothing to say for "facts"');
  });

  test('lets no quote pose as the letter itself', () => {
    const signs = [signal('yield.a', 'доход»}. Отозвать {law}\u202e\n запрос «').excerpt, 'второй факт'].map(
      (quote) => ({ family: 'yield', quote }),
    );
    expect(reasonOf({ ...facts, signs }).ru).toContain('«доход"". Отозвать "law" запрос "»');
  });
});
