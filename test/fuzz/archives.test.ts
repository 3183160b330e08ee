import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadZipError, unzip, zip } from '../../domain/zip.ts';
import { signWacz, waczFile, waczParts } from '../../evidence/wacz.ts';
import { verifyWacz } from '../../evidence/wacz-verify.ts';
import { warcOf } from '../../evidence/warc.ts';
import { readWarc, verifyWarc, WarcDamagedError } from '../../evidence/warc-read.ts';
import { buildBatch } from '../../exports/kibernadzor/batch.ts';
import { verifyBatch } from '../../exports/kibernadzor/verify.ts';
import { BadReceiptError, readReceipts } from '../../exports/receipts.ts';
import { batchOrder } from '../exports/samples.ts';
import { DEAR_RUNS, RUNS } from './runs.ts';

const at = new Date('2026-05-04T06:00:00Z');
const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-384' });

const warc = warcOf({
  context: { software: 'kuzet/0.1.0', visit: 'v', at, browser: null },
  exchanges: [
    {
      url: 'https://altyn.test/',
      method: 'GET',
      httpVersion: '1.1',
      requestHeaders: [['Host', 'altyn.test']],
      status: 200,
      statusText: 'OK',
      responseHeaders: [['Content-Type', 'text/html']],
      body: Buffer.from('<h1>Табыс'),
      peer: '192.0.2.7:443',
      startedAt: at,
      truncated: null,
    },
  ],
  resources: [],
});
const parts = waczParts({
  title: 'K-000001',
  description: 'altyn.test',
  createdAt: at,
  software: 'kuzet/0.1.0',
  warcs: [warc],
  pages: [{ id: '1', url: 'https://altyn.test/', at, title: 'Алтын' }],
  evidence: new Map(),
});
const wacz = await waczFile(parts, signWacz(parts, key, 'kuzet/0.1.0', at), []);
const batch = await buildBatch(batchOrder(1));

/** A file that was cut, grown, or changed in up to four stretches; never the file itself. */
const damaged = (file: Buffer) =>
  fc
    .array(
      fc.record({
        at: fc.nat({ max: file.byteLength - 1 }),
        gone: fc.integer({ min: 0, max: 9 }),
        put: fc.uint8Array({ maxLength: 9 }),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((changes) =>
      changes.reduce<Buffer>(
        (bytes, change) =>
          Buffer.concat([bytes.subarray(0, change.at), change.put, bytes.subarray(change.at + change.gone)]),
        file,
      ),
    )
    .filter((bytes) => !bytes.equals(file));

const anything = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

/** Lines of a WARC in any order, with any lengths. */
const warcWords = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'WARC/1.1\r\n',
        'WARC/0.9\r\n',
        'WARC-Type: response\r\n',
        'WARC-Type: warcinfo\r\n',
        '\r\n\r\n',
        '\r\n',
        'HTTP/1.1 200 OK\r\n',
        'WARC-Date: 2026\r\n',
        'WARC-Record-ID: <urn:uuid:1>\r\n',
        'WARC-Block-Digest: sha256:00\r\n',
        'Transfer-Encoding: chunked\r\n',
        'ffffffffffff\r\n',
        ': \r\n',
      ),
      fc.oneof(fc.integer(), fc.maxSafeInteger()).map((n) => `Content-Length: ${n}\r\n`),
    ),
    { maxLength: 14 },
  )
  .map((lines) => Buffer.from(lines.join('')));

describe('a WARC', () => {
  test('that was changed anywhere is read to an end or refused at a byte, and never holds', () => {
    fc.assert(
      fc.property(damaged(warc), (bytes) => {
        expect(verifyWarc(bytes).ok).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });

  test('of any words, packed or not, is read to an end or refused at a byte', () => {
    fc.assert(
      fc.property(fc.oneof(warcWords, anything), fc.boolean(), (words, isPacked) => {
        const bytes = isPacked ? gzipSync(words) : words;
        expect(typeof verifyWarc(bytes).ok).toBe('boolean');
        try {
          expect([...readWarc(bytes)].every(({ offset }) => offset >= 0)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(WarcDamagedError);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a zip', () => {
  test('gives back the files it was made of, whatever they hold', async () => {
    const names = fc.stringMatching(/^[a-zа-яқ0-9]{1,8}(\/[a-z0-9]{1,6}){0,2}\.[a-z]{1,4}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(names, fc.uint8Array({ maxLength: 99 }), { maxKeys: 4 }),
        async (files) => {
          const given = new Map(Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes)]));
          expect(new Map(await unzip(await zip(given, at)))).toEqual(given);
        },
      ),
      { numRuns: DEAR_RUNS },
    );
  });

  test('that was changed is unpacked within its bounds or refused, with no other error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged(wacz), anything), async (bytes) => {
        try {
          const files = await unzip(bytes, { mostFiles: 20, mostBytes: 1_000_000 });
          for (const name of files.keys()) expect(name).not.toMatch(/^\/|(^|\/)\.\.(\/|$)|\\/);
        } catch (error) {
          expect(error).toBeInstanceOf(BadZipError);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

test('a WACZ that was changed anywhere is read to an end, and never holds', async () => {
  await fc.assert(
    fc.asyncProperty(damaged(wacz), async (bytes) => {
      expect((await verifyWacz(bytes)).ok).toBe(false);
    }),
    { numRuns: DEAR_RUNS },
  );
});

test('a batch that was changed anywhere is read to an end, and never holds', async () => {
  expect((await verifyBatch(batch, verifyWarc)).ok).toBe(true);
  await fc.assert(
    fc.asyncProperty(damaged(batch), async (bytes) => {
      expect((await verifyBatch(bytes, verifyWarc)).ok).toBe(false);
    }),
    { numRuns: DEAR_RUNS },
  );
});

test('a file of receipts, in any of its forms or none, is rows numbered from 1 or is refused in words', async () => {
  const csv = fc
    .array(
      fc.constantFrom(
        'url',
        'id',
        'status',
        'Site 1',
        ';',
        ',',
        '\t',
        '"',
        '""',
        '\n',
        '\r',
        '=1+1',
        'заблокирован',
        '\ufeff',
        'PK',
        '<a',
        '[',
      ),
      { maxLength: 30 },
    )
    .map((words) => Buffer.from(words.join('')));
  const json = fc.json().map((text) => Buffer.from(text));
  const sheet = fc
    .dictionary(
      fc.constantFrom('xl/workbook.xml', 'xl/worksheets/sheet1.xml', 'xl/sharedStrings.xml'),
      fc.constantFrom(
        '<a/>',
        '<worksheet><sheetData><row><c t="s"><v>99</v></c></row></sheetData></worksheet>',
        '<',
        '',
      ),
    )
    .chain((files) =>
      fc.constant(zip(new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])), at)),
    );
  await fc.assert(
    fc.asyncProperty(fc.oneof(csv, json, anything, sheet), async (given) => {
      try {
        const rows = await readReceipts(await given);
        expect(rows.map(({ n }) => n)).toEqual(rows.map((_, index) => index + 1));
      } catch (error) {
        expect(error).toBeInstanceOf(BadReceiptError);
      }
    }),
    { numRuns: RUNS },
  );
});
