import { describe, expect, test } from 'vitest';
import { type AskDns, dnsAnswers } from '../../../crawler/facts/dns.ts';

const failing = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));

describe('dnsAnswers', () => {
  test('asks for the addresses of the host, and for name servers and mail of its domain', async () => {
    const asked: string[] = [];
    await dnsAnswers('shop.altyn.com.kz.', (name, type) => {
      asked.push(`${type} ${name}`);
      return Promise.resolve([]);
    });
    expect(asked).toEqual([
      'A shop.altyn.com.kz',
      'AAAA shop.altyn.com.kz',
      'CNAME shop.altyn.com.kz',
      'NS altyn.com.kz',
      'MX altyn.com.kz',
    ]);
  });

  test('sorts what was answered, and tells the shortest time it holds for', async () => {
    const ask: AskDns = async (_name, type) =>
      type === 'A'
        ? [
            { data: '198.18.0.9', ttl: 300 },
            { data: '198.18.0.10', ttl: 60 },
          ]
        : type === 'MX'
          ? [{ data: '10 mail.altyn.test', ttl: null }]
          : failing('ENODATA');
    expect(await dnsAnswers('altyn.test', ask)).toEqual([
      { name: 'altyn.test', type: 'A', data: ['198.18.0.10', '198.18.0.9'], ttl: 60, error: null },
      { name: 'altyn.test', type: 'AAAA', data: [], ttl: null, error: null },
      { name: 'altyn.test', type: 'CNAME', data: [], ttl: null, error: null },
      { name: 'altyn.test', type: 'NS', data: [], ttl: null, error: null },
      { name: 'altyn.test', type: 'MX', data: ['10 mail.altyn.test'], ttl: null, error: null },
    ]);
  });

  test('tells a name server that failed from a name that has no such record', async () => {
    const answers = await dnsAnswers('altyn.test', (_name, type) =>
      failing(type === 'A' ? 'ETIMEOUT' : type === 'NS' ? 'ESERVFAIL' : 'ENODATA'),
    );
    expect(answers.map(({ error }) => error)).toEqual(['ETIMEOUT', null, null, 'ESERVFAIL', null]);
  });
});
