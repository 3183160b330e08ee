import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { XmlDocument } from 'libxml2-wasm';
import { describe, expect, test } from 'vitest';
import { PASSAGE_STATES, type PassageState } from '../../domain/passage.ts';
import type { Referral } from '../../domain/record.ts';
import { type FeedOrder, FORMAT_NAMES, FORMATS } from '../../exports/formats/feed.ts';
import { allowedNames } from '../../exports/formats/lists.ts';
import { uuid5 } from '../../exports/formats/names.ts';
import { cardsIn, ibansIn, paymentIndicators } from '../../exports/formats/payments.ts';
import { blockedNames, standing } from '../../exports/formats/standing.ts';
import { NoContactError } from '../../exports/formats/xarf.ts';
import { PLATFORMS } from '../../exports/overblock/platforms.ts';
import { batchOrder, order, referral } from './samples.ts';
import { MISP_EVENT, STIX_BUNDLE, XARF_REPORT } from './schemas.ts';

const now = new Date('2026-11-23T06:00:00.000Z');
const { referrals, blobs } = batchOrder(2);
const account = referral(
  order(7, 'https://t.me/s/tez_tabys', 't.me/tez_tabys', {
    channel: 'platform_notice',
    case: {
      ...order(7, 'https://t.me/s/tez_tabys', 't.me/tez_tabys').case,
      subject: { kind: 'channel', key: 't.me/tez_tabys' },
    },
  }),
);
const TEXT = 'Переводите на карту 4111 1111 1111 1111 или KZ86 125K ZT50 0410 0100, вопросы +7 700 000-00-01';
const feed: FeedOrder = {
  all: [...referrals, account].map((each) => ({ referral: each, state: 'restricted' as const })),
  sender: { org: 'EXAMPLE', contact: 'abuse@example.com' },
  now,
  pictures: blobs,
  pages: new Map([
    [referrals[0]!.caseId, { text: TEXT, wallets: [{ network: 'tron' as const, address: 'T-example' }] }],
  ]),
};
const write = (name: (typeof FORMAT_NAMES)[number], over: Partial<FeedOrder> = {}) =>
  FORMATS[name].write({ ...feed, ...over });

const ajv = new Ajv2020({ strict: false, discriminator: true });
addFormats.default(ajv);
/** What of it the schema does not allow. */
function faultsOf(schema: object, it: unknown) {
  const isValid = ajv.compile(schema);
  isValid(it);
  return isValid.errors ?? null;
}

/** Two sites, an account, and a site that has an address for a name. */
const onAddress = ['198.51.100.7', '[2001:db8::7]'].map((hostname) => ({
  ...referrals[0]!,
  hostname,
  registrableDomain: null,
  url: `http://${hostname}/join`,
  referralId: `018f0000-0000-7000-8000-00000000000${hostname.length % 10}`,
}));
const onAddresses = [...referrals, account, ...onAddress].map((each) => ({
  referral: each as Referral,
  state: 'restricted' as const,
}));

describe('what is written is as its format asks', () => {
  test('STIX 2.1', () => {
    for (const all of [feed.all, onAddresses, []]) {
      const bundle = JSON.parse(write('stix', { all })) as { objects: { type: string; value?: string }[] };
      expect(faultsOf(STIX_BUNDLE, bundle)).toBeNull();
      const hosts = bundle.objects.filter(({ type }) => type !== 'url').map(({ value }) => value);
      expect(hosts.includes('198.51.100.7')).toBe(all === onAddresses);
    }
  });

  test('MISP', () => {
    for (const all of [feed.all, onAddresses, []])
      expect(faultsOf(MISP_EVENT, JSON.parse(write('misp', { all })))).toBeNull();
  });

  test('XARF v4', () => {
    const reports = write('xarf', { all: onAddresses }).trim().split('\n');
    expect(reports).toHaveLength(5);
    for (const line of reports) expect(faultsOf(XARF_REPORT, JSON.parse(line))).toBeNull();
  });

  test.each([
    ['stix', STIX_BUNDLE],
    ['misp', MISP_EVENT],
  ] as const)('%s: a schema that says so of anything would say so of this too', (name, schema) => {
    for (const [from, to] of [
      ['"type": "', '"type": "x-'],
      ['"timestamp": "', '"timestamp": "no '],
      ['"created": "', '"created": "no '],
    ] as const) {
      const text = write(name);
      if (text.includes(from)) expect(faultsOf(schema, JSON.parse(text.replace(from, to)))).not.toBeNull();
    }
  });
});

describe('every format', () => {
  test.each(FORMAT_NAMES)('%s is written as its golden file has it', async (name) => {
    // Base64 of pictures and the long list of names never filtered are other tests' matter.
    const allowed = new Set(allowedNames().flatMap((host) => [host, `*.${host}`]));
    const text = write(name)
      .replaceAll(/"payload":"[^"]*"/g, '"payload":"…"')
      .split('\n')
      .filter(
        (line) => !allowed.has(line.replace(/ CNAME rpz-passthru\.$|^@@\||\^$/g, '').replace(/\^$/, '')),
      )
      .join('\n');
    await expect(text).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test.each(FORMAT_NAMES)('%s of the same records is the same to the byte, and of none still one', (name) => {
    expect(write(name)).toBe(write(name));
    expect(() => write(name, { all: [] })).not.toThrow();
  });

  test.each(FORMAT_NAMES)('%s names no officer', (name) => {
    const text = write(name);
    for (const officer of ['aigerim', 'bolat']) expect(text).not.toContain(officer);
  });
});

describe('what stands', () => {
  test('is what is out, not objected to, not gone and not expired', () => {
    const it = referrals[0]!;
    const kept = PASSAGE_STATES.filter((state) => standing([{ referral: it, state }], now).length === 1);
    const left: PassageState[] = [
      'batched',
      'lost',
      'returned',
      'declined',
      'removed_at_source',
      'content_gone',
    ];
    left.push('resume_proposed', 'appealed', 'overturned', 'resume_requested', 'resumed', 'withdrawn');
    expect([...kept, ...left].sort()).toEqual([...PASSAGE_STATES].sort());
    const later = new Date(it.review.expiresAt);
    expect(standing([{ referral: it, state: 'restricted' }], later)).toEqual([]);
  });

  test.each([
    ['kaspi.kz', 'site_host'],
    ['t.me', 'site_host'],
    ['www.instagram.com', 'site_host'],
    ['egov.kz', 'site_domain'],
    ['192.0.2.7', 'site_host'],
    ['a.test ', 'site_host'],
  ] as const)('darkens %s in no list, whatever a record says', (hostname, kind) => {
    const bad = { ...referrals[0]!, hostname, target: { ...referrals[0]!.target, kind } } as Referral;
    expect(blockedNames([bad])).toEqual([]);
  });

  test('darkens one user of a builder, and not what is below or beside', () => {
    const it = {
      ...referrals[0]!,
      hostname: 'tabys.weebly.com',
      target: { ...referrals[0]!.target, kind: 'site_host' },
    };
    expect(blockedNames([it as Referral])).toMatchObject([{ name: 'tabys.weebly.com', isDomain: false }]);
    const zone = write('rpz', { all: [{ referral: it as Referral, state: 'restricted' }] });
    expect(zone).toContain('\ntabys.weebly.com CNAME . ;');
    expect(zone).toContain('\n*.weebly.com CNAME rpz-passthru.\n');
    expect(zone).not.toContain('*.tabys.weebly.com');
  });

  test('carries an account to its platform alone', () => {
    for (const name of ['rpz', 'hosts', 'adguard', 'domains', 'dump'] as const)
      expect(write(name)).not.toContain('tez_tabys');
    expect(write('notices')).toContain('tez_tabys');
    expect(write('notices')).not.toContain('piramida-1');
  });
});

describe('a list of names', () => {
  test('opens with what is never filtered: platforms and institutions', () => {
    const zone = write('rpz').split('\n');
    const block = zone.findIndex((line) => line.startsWith('piramida-1.test'));
    for (const { host } of PLATFORMS) expect(zone.indexOf(`${host} CNAME rpz-passthru.`)).toBeGreaterThan(0);
    expect(zone.lastIndexOf('*.egov.kz CNAME rpz-passthru.')).toBeLessThan(block);
  });

  test('says until when it holds, at most a day', () => {
    for (const name of ['rpz', 'hosts', 'adguard'] as const)
      expect(write(name)).toContain('holds until 2026-11-24T06:00:00.000Z');
  });
});

describe('XARF', () => {
  test('reports are as the schema asks, pictures within', () => {
    const reports = write('xarf')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(reports).toHaveLength(3);
    for (const report of reports) expect(faultsOf(XARF_REPORT, report)).toBeNull();
    expect(Buffer.from(reports[0].evidence[0].payload, 'base64').subarray(1, 4).toString()).toBe('PNG');
  });

  test('is not written without somebody to answer', () => {
    for (const mail of ['', 'https://example.com', 'nobody'])
      expect(() => write('xarf', { sender: { org: 'EXAMPLE', contact: mail } })).toThrow(NoContactError);
  });
});

describe('STIX', () => {
  const bundle = (over: Partial<FeedOrder> = {}) =>
    JSON.parse(write('stix', over)) as { objects: { id: string; type: string; [name: string]: unknown }[] };

  test('has names of the right kind, each once, and refers to nothing that is not there', () => {
    const { objects } = bundle();
    const ids = objects.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, type } of objects)
      expect(id).toMatch(
        new RegExp(`^${type}--[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`),
      );
    const refs = objects.flatMap((it) =>
      Object.entries(it).flatMap(([name, value]) =>
        name.endsWith('_ref') ? [value] : name.endsWith('_refs') ? (value as string[]) : [],
      ),
    );
    expect(refs.filter((ref) => !ids.includes(ref as string))).toEqual([]);
    for (const it of objects.filter(({ type }) => type === 'indicator'))
      expect(it['valid_until']! > it['valid_from']!).toBe(true);
  });

  test('names a URL as the standard does', () => {
    // RFC 9562, appendix A.4: version 5 of "www.example.com" among DNS names.
    expect(uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
  });

  test('a quote in an address ends no pattern', () => {
    const it = { ...referrals[0]!, url: "https://a.test/x'] OR [url:value = 'y\\" };
    const { objects } = bundle({ all: [{ referral: it, state: 'restricted' }] });
    const pattern = objects.find(({ type }) => type === 'indicator')?.['pattern'];
    expect(pattern).toBe("[url:value = 'https://a.test/x\\'] OR [url:value = \\'y\\\\']");
  });
});

test('dump.xml is well-formed and holds hosts alone', () => {
  const xml = XmlDocument.fromString(write('dump'));
  try {
    const types = xml.find('//content/@blockType').map((node) => node.content);
    expect(types).toEqual(['domain-mask', 'domain-mask']);
    expect(xml.find('//content/decision/@number').map((node) => node.content)).toEqual([
      'K-000001',
      'K-000002',
    ]);
  } finally {
    xml.dispose();
  }
});

describe('payment indicators', () => {
  test('are what the check digits of account and card hold for, and a card is masked', () => {
    expect(ibansIn('KZ86 125K ZT50 0410 0100, KZ87125KZT5004100100')).toEqual(['KZ86125KZT5004100100']);
    expect(cardsIn('4111 1111 1111 1111, 4111-1111-1111-1112')).toEqual(['411111******1111']);
    expect(cardsIn('заказ 41111111111111110 и 00004111111111111111')).toEqual([]);
  });

  test('are each told once, with the picture that shows them', () => {
    const found = paymentIndicators([{ referral: referrals[0]!, text: `${TEXT} ${TEXT}`, wallets: [] }]);
    expect(found.map(({ kind, value }) => `${kind} ${value}`)).toEqual([
      'account KZ86125KZT5004100100',
      'card 411111******1111',
      'phone +77000000001',
    ]);
    expect(found[0]!.screenshotSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(found)).not.toContain('4111111111111111');
  });
});
