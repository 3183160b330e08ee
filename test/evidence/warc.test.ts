import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WARCParser } from 'warcio';
import type { Exchange } from '../../domain/capture.ts';
import { type WarcContext, warcOf } from '../../evidence/warc.ts';
import { readWarc, responseOf, verifyWarc, WarcDamagedError } from '../../evidence/warc-read.ts';

const context: WarcContext = {
  software: 'kuzet/0.1.0',
  visit: '0195f2c0-0000-7000-8000-000000000001',
  at: new Date('2026-11-22T10:00:00.000Z'),
  browser: 'Chromium 153',
};

const page = Buffer.from('<h1>Жоғары табыс кепілі</h1>');

const exchange: Exchange = {
  url: 'https://altyn-piramida.test/kirisu?ref=7',
  method: 'GET',
  httpVersion: '1.1',
  requestHeaders: [
    ['Host', 'altyn-piramida.test'],
    ['User-Agent', 'Kuzet/0.1'],
  ],
  status: 200,
  statusText: 'OK',
  responseHeaders: [
    ['Content-Type', 'text/html; charset=utf-8'],
    ['Set-Cookie', 'a=1'],
    ['Transfer-Encoding', 'chunked'],
    ['Set-Cookie', 'b=2'],
  ],
  body: page,
  peer: '192.0.2.7:443',
  startedAt: new Date('2026-11-22T10:00:01.250Z'),
  truncated: null,
};

const redirect: Exchange = {
  ...exchange,
  url: 'http://altyn-piramida.test/',
  status: 302,
  statusText: 'Found',
  responseHeaders: [['Location', 'https://altyn-piramida.test/kirisu?ref=7']],
  body: Buffer.alloc(0),
  peer: '[2001:db8::7]:80',
};

const screenshot = {
  uri: 'urn:view:https://altyn-piramida.test/kirisu?ref=7',
  mediaType: 'image/png',
  bytes: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 13, 10, 13, 10]),
};

const visit = { context, exchanges: [redirect, exchange], resources: [screenshot] };

describe('warcOf', () => {
  test('writes a warcinfo, a request and a response per exchange, and the resources, in that order', () => {
    const types = [...readWarc(warcOf(visit))].map(({ headers }) => headers['warc-type']);
    expect(types).toEqual(['warcinfo', 'request', 'response', 'request', 'response', 'resource']);
  });

  test('keeps the answer to the byte: order of headers, repeated names, body as received', () => {
    const response = [...readWarc(warcOf(visit))][4]!;
    expect(response.block.toString('utf8')).toBe(
      'HTTP/1.1 200 OK\r\n' +
        'Content-Type: text/html; charset=utf-8\r\n' +
        'Set-Cookie: a=1\r\n' +
        'x-orig-Transfer-Encoding: chunked\r\n' +
        'Set-Cookie: b=2\r\n' +
        '\r\n' +
        '<h1>Жоғары табыс кепілі</h1>',
    );
  });

  test('says who captured, with what, in which visit', () => {
    expect([...readWarc(warcOf(visit))][0]!.block.toString('utf8')).toBe(
      'software: kuzet/0.1.0\r\n' +
        'format: WARC File Format 1.1\r\n' +
        'conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n' +
        'isPartOf: 0195f2c0-0000-7000-8000-000000000001\r\n' +
        'browser: Chromium 153\r\n',
    );
  });

  test('names the address that answered, without its port', () => {
    const records = [...readWarc(warcOf(visit))];
    expect(records[2]!.headers['warc-ip-address']).toBe('2001:db8::7');
    expect(records[4]!.headers['warc-ip-address']).toBe('192.0.2.7');
  });

  test('ties each request to its response and all to the warcinfo', () => {
    const records = [...readWarc(warcOf(visit))];
    expect(records[3]!.headers['warc-concurrent-to']).toBe(records[4]!.headers['warc-record-id']);
    expect(records[3]!.headers['warc-warcinfo-id']).toBe(records[0]!.headers['warc-record-id']);
  });

  test('says when a body was cut', () => {
    const [, , response] = [
      ...readWarc(warcOf({ context, exchanges: [{ ...exchange, truncated: 'length' }] })),
    ];
    expect(response!.headers['warc-truncated']).toBe('length');
  });

  test('gives the same bytes for the same visit, and no two records one id', () => {
    const twice = { ...visit, exchanges: [exchange, exchange], resources: [screenshot, screenshot] };
    expect(warcOf(twice).equals(warcOf(twice))).toBe(true);
    const ids = [...readWarc(warcOf(twice))].map(({ headers }) => headers['warc-record-id']);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('stores as they are bodies that are compressed already, and deflates all others', () => {
    const body = Buffer.from('0123456789abcdef'.repeat(64));
    const isStored = (type: string, ...more: [string, string][]) => {
      const one = {
        ...exchange,
        body,
        responseHeaders: [['content-type', type], ...more] as [string, string][],
      };
      return warcOf({ context, exchanges: [one] }).includes(body);
    };
    expect(['image/png', 'image/jpeg', 'font/woff2', 'video/mp4'].map((type) => isStored(type))).toEqual(
      Array(4).fill(true),
    );
    expect(isStored('text/html', ['Content-Encoding', 'br'])).toBe(true);
    expect(['text/html', 'image/svg+xml', 'application/json'].map((type) => isStored(type))).toEqual(
      Array(3).fill(false),
    );
    expect(isStored('text/html', ['Content-Encoding', 'identity'])).toBe(false);
  });

  test('lets no site write record headers through a line break in its own', () => {
    const bytes = warcOf({
      context,
      exchanges: [{ ...exchange, responseHeaders: [['X-A', 'b\r\n\r\nWARC/1.1\r\nWARC-Type: response']] }],
    });
    const [, , response] = [...readWarc(bytes)];
    expect(response!.block.toString('utf8')).toContain('X-A: b WARC/1.1 WARC-Type: response\r\n\r\n');
    expect(verifyWarc(bytes).ok).toBe(true);
  });

  test('writes an HTTP/2 exchange in text that every reader knows, and says what it was', () => {
    const [, , response] = [...readWarc(warcOf({ context, exchanges: [{ ...exchange, httpVersion: '2' }] }))];
    expect(response!.block.toString('latin1')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(response!.headers['warc-protocol']).toBe('h2');
  });

  test('reads in warcio as well, with the digests that warcio itself computes', async () => {
    const seen: [string, string, number][] = [];
    for await (const record of WARCParser.iterRecords([warcOf(visit)])) {
      const payload = await record.readFully(false);
      if (record.warcType === 'response') {
        const digest = createHash('sha256').update(payload).digest('hex');
        expect(record.warcPayloadDigest).toBe(`sha256:${digest}`);
      }
      seen.push([record.warcType, record.warcTargetURI ?? '', payload.byteLength]);
    }
    expect(seen).toEqual([
      ['warcinfo', '', expect.any(Number)],
      ['request', 'http://altyn-piramida.test/', 0],
      ['response', 'http://altyn-piramida.test/', 0],
      ['request', 'https://altyn-piramida.test/kirisu?ref=7', 0],
      ['response', 'https://altyn-piramida.test/kirisu?ref=7', page.byteLength],
      ['resource', 'urn:view:https://altyn-piramida.test/kirisu?ref=7', 9],
    ]);
  });

  test('writes an answer of "not modified" as a revisit of the response that still holds', async () => {
    const earlier = warcOf(visit);
    const unchanged = responseOf(earlier, exchange.url)!;
    const answer = { ...exchange, status: 304, statusText: 'Not Modified', body: Buffer.alloc(0) };
    const later = warcOf({ context, exchanges: [redirect, answer], unchanged });
    expect(verifyWarc(later)).toEqual({ ok: true, records: 5, findings: [] });
    const seen: unknown[][] = [];
    for await (const record of WARCParser.iterRecords([later])) {
      await record.readFully(false);
      seen.push([record.warcType, record.warcRefersToTargetURI, record.warcRefersToDate]);
    }
    expect(seen.slice(1)).toEqual([
      ['request', null, null],
      ['response', null, null],
      ['request', null, null],
      ['revisit', exchange.url, '2026-11-22T10:00:01.250Z'],
    ]);
    const revisit = [...readWarc(later)].at(-1)!;
    expect(revisit.headers['warc-refers-to']).toBe(
      [...readWarc(earlier)].findLast(({ headers }) => headers['warc-type'] === 'response')!.headers[
        'warc-record-id'
      ],
    );
    const digest = createHash('sha256').update(page).digest('hex');
    expect(revisit.headers['warc-payload-digest']).toBe(`sha256:${digest}`);
    expect(responseOf(later, exchange.url)).toBeNull();
  });

  test('gives warcio the decoded text of a body that came gzipped', async () => {
    const packed: Exchange = {
      ...exchange,
      responseHeaders: [
        ['Content-Encoding', 'gzip'],
        ['Transfer-Encoding', 'chunked'],
      ],
      body: gzipSync(page),
    };
    const texts: string[] = [];
    for await (const record of WARCParser.iterRecords([warcOf({ context, exchanges: [packed] })])) {
      const text = await record.contentText();
      if (record.warcType === 'response') texts.push(text);
    }
    expect(texts).toEqual(['<h1>Жоғары табыс кепілі</h1>']);
  });
});

describe('readWarc', () => {
  test('gives back any body, whatever bytes it has', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 4 }), (bodies) => {
        const bytes = warcOf({ context, exchanges: bodies.map((body) => ({ ...exchange, body })) });
        const back = [...readWarc(bytes)]
          .filter(({ headers }) => headers['warc-type'] === 'response')
          .map(({ block }) => [...block.subarray(block.indexOf('\r\n\r\n') + 4)]);
        expect(back).toEqual(bodies.map((body) => [...body]));
      }),
      { numRuns: 60 },
    );
  });

  test('reads a file that was unpacked', () => {
    expect([...readWarc(gunzipSync(warcOf(visit)))]).toHaveLength(6);
  });

  test('stops at a record that unpacks to more than the bound', () => {
    const bomb = warcOf({ context, exchanges: [{ ...exchange, body: Buffer.alloc(3_000_000) }] });
    expect(() => [...readWarc(bomb, { largestRecord: 1_000_000 })]).toThrow(WarcDamagedError);
  });
});

describe('verifyWarc', () => {
  test('passes what warcOf wrote', () => {
    expect(verifyWarc(warcOf(visit))).toEqual({ ok: true, records: 6, findings: [] });
  });

  test('names the record whose body was altered', () => {
    const plain = gunzipSync(warcOf(visit));
    const at = plain.indexOf('табыс');
    plain.set(Buffer.from('пайда'), at);
    const verdict = verifyWarc(plain);
    expect(verdict.ok).toBe(false);
    expect(verdict.findings.map(({ record, target, what }) => [record, target, what])).toEqual([
      [5, 'https://altyn-piramida.test/kirisu?ref=7', 'block_digest_differs'],
      [5, 'https://altyn-piramida.test/kirisu?ref=7', 'payload_digest_differs'],
    ]);
  });

  test('does not take a record that states no digest', () => {
    const plain = gunzipSync(warcOf({ context, exchanges: [exchange] })).toString('latin1');
    const bare = plain.replaceAll(/WARC-(Block|Payload)-Digest: [^\r]+\r\n/g, '');
    const whats = verifyWarc(Buffer.from(bare, 'latin1')).findings.map(({ what }) => what);
    expect(whats).toEqual(['no_block_digest', 'no_block_digest', 'no_block_digest', 'no_payload_digest']);
  });

  test('misses a response that was taken out', () => {
    const records = [...readWarc(warcOf({ context, exchanges: [exchange] }))];
    const bytes = warcOf({ context, exchanges: [exchange] }).subarray(0, records[2]!.offset);
    expect(verifyWarc(bytes).findings.map(({ what }) => what)).toEqual(['partner_missing']);
  });

  test('finds an empty file, a cut file and a text', () => {
    expect(verifyWarc(new Uint8Array()).findings[0]!.what).toBe('no_records');
    expect(verifyWarc(warcOf(visit).subarray(0, 900)).findings[0]!.what).toBe('damaged');
    expect(verifyWarc(Buffer.from('not a warc')).findings[0]!.what).toBe('damaged');
  });

  test('finds any single altered byte and never throws', () => {
    const bytes = warcOf(visit);
    fc.assert(
      fc.property(fc.nat(bytes.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const altered = Buffer.from(bytes);
        altered[at]! ^= change;
        const { ok } = verifyWarc(altered);
        // Times, flags and system bytes of a gzip header carry nothing of the record.
        expect(
          ok && [...readWarc(altered)].some((it, n) => !it.block.equals([...readWarc(bytes)][n]!.block)),
        ).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  test('knows the base32 SHA-1 digests of other tools', () => {
    const sha1 = 'sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ';
    const head =
      'WARC/1.0\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2026-11-22T10:00:00Z\r\n';
    const file = (digest: string) =>
      Buffer.from(`${head}WARC-Block-Digest: ${digest}\r\nContent-Length: 0\r\n\r\n\r\n\r\n`);
    expect(verifyWarc(file(sha1)).ok).toBe(true);
    expect(verifyWarc(file(sha1.replace('3I4', '3I5'))).ok).toBe(false);
  });
});
