import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRedisAddress, sentinelOptions } from '../../queues/redis-address.ts';

describe('an address of Sentinels', () => {
  test('names them, the master, and who we are to it', () => {
    expect(sentinelOptions('redis+sentinel://kuzet:s%40y@a.example,b.example:5000/queue/2')).toEqual({
      sentinels: [
        { host: 'a.example', port: 26_379 },
        { host: 'b.example', port: 5000 },
      ],
      name: 'queue',
      username: 'kuzet',
      password: 's@y',
      db: 2,
    });
  });

  test('may have an IPv6 address, and a password of the Sentinels’ own', () => {
    expect(sentinelOptions('redis+sentinel://[2001:db8::1]:26380/queue?sentinelPassword=open')).toEqual({
      sentinels: [{ host: '2001:db8::1', port: 26_380 }],
      name: 'queue',
      sentinelPassword: 'open',
    });
  });

  test('that begins with rediss speaks TLS to the Sentinels and to the master', () => {
    expect(sentinelOptions('rediss+sentinel://a.example/queue')).toMatchObject({
      tls: {},
      sentinelTLS: {},
      enableTLSForSentinelMode: true,
    });
  });

  test.each([
    'redis+sentinel://a.example',
    'redis+sentinel://a.example/',
    'redis+sentinel:///queue',
    'redis+sentinel://a.example:0/queue',
    'redis+sentinel://a.example:70000/queue',
    'redis+sentinel://a.example,,b.example/queue',
    'redis+sentinel://a b/queue',
    'http://a.example/queue',
  ])('is not %s', (text) => {
    expect(sentinelOptions(text)).toBeNull();
    expect(isRedisAddress(text)).toBe(false);
  });

  test('gives back every host, port, name and password that was put into one', () => {
    const host = fc.domain();
    const port = fc.integer({ min: 1, max: 65_535 });
    const word = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
    fc.assert(
      fc.property(
        fc.array(fc.record({ host, port }), { minLength: 1, maxLength: 5 }),
        word,
        word,
        (all, name, pw) => {
          const places = all.map((it) => `${it.host}:${it.port}`).join(',');
          const text = `redis+sentinel://:${encodeURIComponent(pw)}@${places}/${encodeURIComponent(name)}`;
          expect(sentinelOptions(text)).toEqual({ sentinels: all, name, password: pw });
        },
      ),
    );
  });
});
