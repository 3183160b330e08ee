import { createHash } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certificateFacts } from '../../../crawler/facts/certificates.ts';
import { type FactSources, siteFacts } from '../../../crawler/facts/site.ts';
import { createFetcher, type Fetcher } from '../../../crawler/fetch.ts';
import { opensslMissing, type Pki, startPki } from '../../engines/openssl.ts';

const SOURCES: FactSources = {
  dns: async (name, type) => (type === 'A' && name === 'altyn.test' ? [{ data: '198.18.0.9', ttl: 60 }] : []),
  rdap: null,
  get: () => async () => {
    throw new Error('nobody is asked');
  },
  networkOf: (ip) => (ip === '127.0.0.1' ? { asn: 64500, name: 'Example Telecom', country: 'KZ' } : null),
  from: async () => ({
    address: '192.0.2.44',
    network: null,
    clock: { source: 'chrony', offsetSeconds: 0.001 },
  }),
};
const never = new AbortController().signal;

describe.skipIf(opensslMissing !== null)('what is learned of a site over https', () => {
  let pki: Pki;
  let port: number;
  let fetcher: Fetcher;
  const ends: (() => unknown)[] = [];
  beforeAll(async () => {
    pki = await startPki();
    ends.push(() => pki.close());
    const ext = (name: string, text: string) => pki.write(name, Buffer.from(text));
    await ext('mid.ext', 'basicConstraints=critical,CA:true\n');
    await ext('site.ext', 'subjectAltName=DNS:altyn.test,DNS:*.altyn.test,IP:192.0.2.1\n');
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const issue = (name: string, subject: string, issuer: string) => {
      pki.openssl('req', '-new', ...key, '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.csr`);
      pki.openssl(
        ...['x509', '-req', '-days', '20', '-in', `${name}.csr`, '-CA', `${issuer}.pem`],
        ...['-CAkey', `${issuer}.key`, '-CAcreateserial', '-out', `${name}.pem`, '-extfile', `${name}.ext`],
      );
    };
    issue('mid', '/O=Kuzet test/CN=Mid', 'root');
    issue('site', '/C=KZ/O=Altyn, LLP/CN=altyn.test', 'mid');
    const cert = `${await pki.read('site.pem')}${await pki.read('mid.pem')}`;
    const server = createServer({ key: await pki.read('site.key'), cert }, (_asked, answer) => {
      answer.setHeader('content-type', 'text/html');
      answer.end('<h1>Табыс');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    ends.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    port = (server.address() as AddressInfo).port;
    fetcher = createFetcher({ userAgent: 'Kuzet/test', authorities: await pki.read('root.pem') });
    ends.push(() => fetcher.close());
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  const answered = async () => {
    const resolve = { 'altyn.test': `127.0.0.1:${port}` };
    const fetched = await fetcher.fetch(new URL('https://altyn.test/'), { resolve, proxy: null });
    return fetched.exchanges[0]!;
  };

  test('its whole chain comes with the answer, up to the root, byte for byte as openssl has it', async () => {
    const { tls } = await answered();
    expect(tls?.protocol).toBe('TLSv1.3');
    const der = (name: string) =>
      createHash('sha256')
        .update(
          Buffer.from(pki.openssl('x509', '-in', `${name}.pem`).replace(/-----[^-]+-----|\s/g, ''), 'base64'),
        )
        .digest('hex');
    expect(tls?.chain.map((each) => createHash('sha256').update(each).digest('hex'))).toEqual(
      ['site', 'mid', 'root'].map(der),
    );
  });

  test('a second answer over the same connection has the same chain', async () => {
    const [one, two] = [await answered(), await answered()];
    expect(two.tls).toBe(one.tls);
  });

  test('certificates are told as a person reads them', async () => {
    const { tls } = await answered();
    const facts = tls!.chain.map(certificateFacts);
    expect(facts.map(({ subject, issuer }) => [subject, issuer])).toEqual([
      ['C=KZ, O=Altyn\\, LLP, CN=altyn.test', 'O=Kuzet test, CN=Mid'],
      ['O=Kuzet test, CN=Mid', 'O=Kuzet test, CN=root'],
      ['O=Kuzet test, CN=root', 'O=Kuzet test, CN=root'],
    ]);
    expect(facts[0]?.san).toEqual(['DNS:altyn.test', 'DNS:*.altyn.test', 'IP Address:192.0.2.1']);
    expect(facts[0]?.pem.replaceAll(/\s/g, '')).toBe((await pki.read('site.pem')).replaceAll(/\s/g, ''));
    const lasts = Date.parse(facts[0]!.notAfter) - Date.parse(facts[0]!.notBefore);
    expect(lasts).toBe(20 * 24 * 3600 * 1000);
  });

  test('all of it is put together, and a name that the operator resolved is asked of nobody', async () => {
    const exchange = await answered();
    const settings = { resolve: { 'altyn.test': `127.0.0.1:${port}` }, proxy: null };
    const facts = await siteFacts(exchange, settings, SOURCES, never);
    expect(facts).toMatchObject({
      format: 'kuzet-site-facts/1',
      host: 'altyn.test',
      observedAt: exchange.startedAt.toISOString(),
      peer: { address: '127.0.0.1', port },
      network: { asn: 64500, country: 'KZ' },
      dns: { is: 'not_asked', why: 'the operator told its address' },
      domain: null,
      addressBlock: null,
      from: { address: '192.0.2.44', clock: { source: 'chrony', offsetSeconds: 0.001 } },
    });
    expect(facts.tls?.chain).toHaveLength(3);
  });
});

describe('siteFacts', () => {
  const exchange = {
    url: 'http://altyn.test/',
    method: 'GET' as const,
    httpVersion: '1.1',
    requestHeaders: [],
    status: 200,
    statusText: 'OK',
    responseHeaders: [],
    body: Buffer.alloc(0),
    peer: '[2001:db8::7]:8080',
    startedAt: new Date('2026-05-04T06:00:00Z'),
    truncated: null,
    tls: null,
  };
  const dnsOf = async (url: string, proxy: string | null) =>
    (await siteFacts({ ...exchange, url }, { resolve: {}, proxy }, SOURCES, never)).dns;

  test('tells address and port of who answered, and that plain http has no certificate', async () => {
    const facts = await siteFacts(exchange, { resolve: {}, proxy: null }, SOURCES, never);
    expect([facts.peer, facts.tls, facts.network]).toEqual([
      { address: '2001:db8::7', port: 8080 },
      null,
      null,
    ]);
  });

  test('asks name servers of what we resolve ourselves, and of nothing else', async () => {
    expect(await dnsOf('http://altyn.test/', null)).toMatchObject({ is: 'asked' });
    expect(await dnsOf('http://altyn.test/', 'socks5://192.0.2.1:1080')).toMatchObject({ is: 'asked' });
    expect(await dnsOf('http://altyn.test/', 'http://192.0.2.1:3128')).toEqual({
      is: 'not_asked',
      why: 'the proxy resolves names',
    });
    expect(await dnsOf('http://198.18.0.9/', null)).toEqual({ is: 'not_asked', why: 'it is an address' });
  });

  test('asks the registry of the domain and of the address that answered', async () => {
    const asked: string[] = [];
    const told = { fetchedAt: '', source: null, answerSha256: null, error: null };
    const rdap: FactSources['rdap'] = {
      async domain(name) {
        asked.push(name);
        const nothing = { registrar: null, ianaId: null, createdAt: null, expiresAt: null, abuseEmail: null };
        return { name, ...told, ...nothing, status: [], nameServers: [] };
      },
      async address(address) {
        asked.push(address);
        return { address, ...told, range: null, handle: null, name: null, country: null, abuseEmail: null };
      },
    };
    const url = 'http://shop.altyn.com.kz/';
    await siteFacts({ ...exchange, url }, { resolve: {}, proxy: null }, { ...SOURCES, rdap }, never);
    await siteFacts(
      { ...exchange, url: 'http://198.18.0.9/', peer: null },
      { resolve: {}, proxy: null },
      { ...SOURCES, rdap },
      never,
    );
    expect(asked).toEqual(['altyn.com.kz', '2001:db8::7']);
  });
});
