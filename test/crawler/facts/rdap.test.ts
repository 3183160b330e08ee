import { describe, expect, test } from 'vitest';
import { createRdap, type Get, readBootstrap } from '../../../crawler/facts/rdap.ts';

/** In the form of IANA's files, for names and networks that nobody has. */
const IANA: Readonly<Record<string, string>> = {
  'dns.json': JSON.stringify({
    services: [
      [['test'], ['http://rdap.registry.test/v1/', 'https://rdap.registry.test/v1']],
      [['gov.test'], ['https://rdap.gov.test/']],
    ],
  }),
  'ipv4.json': JSON.stringify({
    services: [
      [['198.0.0.0/8'], ['https://wide.test/']],
      [['198.18.0.0/15'], ['https://near.test/rdap/']],
    ],
  }),
  'ipv6.json': JSON.stringify({ services: [[['2001:db8::/32'], ['https://six.test/']]] }),
};

/** In the form of RFC 9083, section 5.3, with a person in it. */
const DOMAIN = {
  objectClassName: 'domain',
  ldhName: 'ALTYN.TEST',
  status: ['client transfer prohibited'],
  events: [
    { eventAction: 'registration', eventDate: '2026-04-20T08:15:00Z' },
    { eventAction: 'expiration', eventDate: '2027-04-20T08:15:00Z' },
  ],
  nameservers: [{ ldhName: 'NS2.ALTYN.TEST' }, { ldhName: 'ns1.altyn.test' }],
  entities: [
    { roles: ['registrant'], vcardArray: ['vcard', [['fn', {}, 'text', 'A Person']]] },
    {
      roles: ['registrar'],
      publicIds: [{ type: 'IANA Registrar ID', identifier: '9999' }],
      vcardArray: [
        'vcard',
        [
          ['version', {}, 'text', '4.0'],
          ['fn', {}, 'text', 'Example Registrar LLC'],
        ],
      ],
      entities: [
        { roles: ['abuse'], vcardArray: ['vcard', [['email', {}, 'text', 'abuse@registrar.example']]] },
      ],
    },
  ],
};

const NETWORK = {
  objectClassName: 'ip network',
  handle: 'NET-EXAMPLE-1',
  name: 'EXAMPLE-HOSTING',
  startAddress: '198.18.0.0',
  endAddress: '198.18.255.255',
  country: 'kz',
};

function registry(answers: Readonly<Record<string, unknown>>, status = 200) {
  const asked: string[] = [];
  const get: Get = async ({ href }) => {
    asked.push(href);
    const answer = answers[href];
    return {
      status: answer === undefined ? 404 : status,
      body: Buffer.from(JSON.stringify(answer ?? {})),
      retryAfterSeconds: status === 429 ? 30 : null,
    };
  };
  let now = Date.UTC(2026, 4, 4, 6);
  const slept: number[] = [];
  const rdap = createRdap({
    bootstrap: () => readBootstrap(async (name) => IANA[name]!),
    now: () => new Date(now),
    sleep: async (seconds) => {
      slept.push(seconds);
      now += seconds * 1000;
    },
  });
  return { rdap, get, asked, slept, later: (ms: number) => (now += ms) };
}

describe('createRdap', () => {
  const url = 'https://rdap.registry.test/v1/domain/altyn.test';

  test('asks the registry of a domain, over https, and reads its answer', async () => {
    const { rdap, get, asked } = registry({ [url]: DOMAIN });
    const told = await rdap.domain('altyn.test', get);
    expect(told).toEqual({
      name: 'altyn.test',
      fetchedAt: '2026-05-04T06:00:00.000Z',
      source: url,
      answerSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      error: null,
      registrar: 'Example Registrar LLC',
      ianaId: '9999',
      createdAt: '2026-04-20T08:15:00.000Z',
      expiresAt: '2027-04-20T08:15:00.000Z',
      status: ['client transfer prohibited'],
      nameServers: ['ns1.altyn.test', 'ns2.altyn.test'],
      abuseEmail: 'abuse@registrar.example',
    });
    expect(asked).toEqual([url]);
  });

  test('keeps nothing of people that the registry names', async () => {
    const { rdap, get } = registry({ [url]: DOMAIN });
    expect(JSON.stringify(await rdap.domain('altyn.test', get))).not.toContain('A Person');
  });

  test('asks the registry that is nearest to a name or an address', async () => {
    const { rdap, get, asked } = registry({ 'https://near.test/rdap/ip/198.18.0.9': NETWORK });
    await rdap.domain('ministry.gov.test', get);
    await rdap.address('2001:db8::9', get);
    expect(await rdap.address('198.18.0.9', get)).toMatchObject({
      range: '198.18.0.0 - 198.18.255.255',
      handle: 'NET-EXAMPLE-1',
      name: 'EXAMPLE-HOSTING',
      country: 'KZ',
      error: null,
    });
    expect(asked).toEqual([
      'https://rdap.gov.test/domain/ministry.gov.test',
      'https://six.test/ip/2001:db8::9',
      'https://near.test/rdap/ip/198.18.0.9',
    ]);
  });

  test('asks once a day for the same domain', async () => {
    const { rdap, get, asked, later } = registry({ [url]: DOMAIN });
    await Promise.all([rdap.domain('altyn.test', get), rdap.domain('altyn.test', get)]);
    later(23 * 3600 * 1000);
    await rdap.domain('altyn.test', get);
    expect(asked).toHaveLength(1);
    later(2 * 3600 * 1000);
    await rdap.domain('altyn.test', get);
    expect(asked).toHaveLength(2);
  });

  test('asks one registry one question a second', async () => {
    const { rdap, get, slept } = registry({});
    for (const name of ['a.test', 'b.test', 'c.test']) await rdap.domain(name, get);
    expect(slept).toEqual([1, 1]);
  });

  test('leaves a registry that asks for patience alone, and says so', async () => {
    const { rdap, get, asked, later } = registry({ [url]: DOMAIN }, 429);
    expect((await rdap.domain('altyn.test', get)).error).toBe('the registry answered 429');
    later(2_000);
    expect((await rdap.domain('b.test', get)).error).toBe('the registry has no turn for it now');
    expect(asked).toHaveLength(1);
    later(30_000);
    await rdap.domain('b.test', get);
    expect(asked).toHaveLength(2);
  });

  test('says why nothing was learned, and never fails', async () => {
    const { rdap, get } = registry({});
    expect((await rdap.domain('altyn.example', get)).error).toBe('no registry with RDAP is known for it');
    expect((await rdap.domain('altyn.test', get)).error).toBe('the registry does not know it');
    const broken: Get = async () => ({ status: 200, body: Buffer.from('<html>'), retryAfterSeconds: null });
    expect((await rdap.address('198.18.0.1', broken)).error).toMatch(/JSON/);
    const away: Get = () => Promise.reject(new Error('it did not answer'));
    expect((await rdap.address('198.19.0.1', away)).error).toBe('it did not answer');
  });

  test('reads the table of registries again after it could not be read', async () => {
    let tries = 0;
    const rdap = createRdap({
      async bootstrap() {
        tries += 1;
        if (tries === 1) throw new Error('dns.json answered 503');
        return readBootstrap(async (name) => IANA[name]!);
      },
      sleep: async () => undefined,
    });
    const { get } = registry({ [url]: DOMAIN });
    expect((await rdap.domain('altyn.test', get)).error).toMatch(/dns\.json answered 503/);
    expect((await rdap.domain('altyn.test', get)).registrar).toBe('Example Registrar LLC');
  });
});
