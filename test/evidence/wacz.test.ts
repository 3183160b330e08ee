import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Exchange } from '../../domain/capture.ts';
import { unzip, zip } from '../../domain/zip.ts';
import { certificatesIn } from '../../evidence/cms.ts';
import { BadKeyError, evidenceKey, fingerprint } from '../../evidence/keys.ts';
import { httpAuthority } from '../../evidence/stamp.ts';
import { sha256Of } from '../../evidence/store.ts';
import {
  resourceIn,
  signWacz,
  type WaczOrder,
  type WaczStamp,
  waczFile,
  waczParts,
} from '../../evidence/wacz.ts';
import { verifyWacz } from '../../evidence/wacz-verify.ts';
import { warcOf } from '../../evidence/warc.ts';
import { opensslMissing, startAuthority, startPki } from '../engines/openssl.ts';
import { findProgram } from '../engines/places.ts';

const at = new Date('2026-05-04T06:00:00Z');
const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-384' });

function exchange(url: string, type: string, body: string): Exchange {
  return {
    url,
    method: 'GET',
    httpVersion: '1.1',
    requestHeaders: [['Host', new URL(url).host]],
    status: 200,
    statusText: 'OK',
    responseHeaders: [['Content-Type', type]],
    body: Buffer.from(body),
    peer: '192.0.2.7:443',
    startedAt: at,
    truncated: null,
  };
}

function warc(visit: string): Buffer {
  return warcOf({
    context: { software: 'kuzet/0.1.0', visit, at, browser: null },
    exchanges: [
      exchange(
        'https://altyn.test/',
        'text/html; charset=utf-8',
        '<link rel=stylesheet href=/s.css><h1>Табыс',
      ),
      exchange('https://altyn.test/s.css', 'text/css', 'h1{color:#024}'),
    ],
    resources: [{ uri: 'urn:view:https://altyn.test/', mediaType: 'image/png', bytes: Buffer.from('PNG') }],
  });
}

const order: WaczOrder = {
  title: 'K-000001',
  description: 'altyn.test',
  createdAt: at,
  software: 'kuzet/0.1.0',
  warcs: [warc('a'), warc('b')],
  pages: [{ id: '1', url: 'https://altyn.test/', at, title: 'Алтын' }],
  evidence: new Map([['screenshot.png', Buffer.from('PNG')]]),
};

const parts = waczParts(order);
const signedData = signWacz(parts, key, 'kuzet/0.1.0', at);

describe('a WACZ', () => {
  test('has the files of the specification, and lists each but the two manifests', async () => {
    const files = await unzip(await waczFile(parts, signedData, []));
    expect([...files.keys()]).toEqual([
      'archive/0001.warc.gz',
      'archive/0002.warc.gz',
      'datapackage-digest.json',
      'datapackage.json',
      'evidence/screenshot.png',
      'indexes/index.cdxj',
      'pages/pages.jsonl',
    ]);
    const datapackage = JSON.parse(files.get('datapackage.json')!.toString());
    expect(datapackage).toMatchObject({
      profile: 'data-package',
      wacz_version: '1.1.1',
      created: '2026-05-04T06:00:00.000Z',
      mainPageUrl: 'https://altyn.test/',
    });
    expect(datapackage.resources.map(({ path }: { path: string }) => path)).toHaveLength(5);
    expect(files.get('archive/0001.warc.gz')).toEqual(order.warcs[0]);
    const [head, page] = files.get('pages/pages.jsonl')!.toString().split('\n');
    expect(JSON.parse(head!)).toMatchObject({ format: 'json-pages-1.0' });
    expect(JSON.parse(page!)).toEqual({
      id: '1',
      url: 'https://altyn.test/',
      ts: '2026-05-04T06:00:00.000Z',
      title: 'Алтын',
    });
  });

  test('has an index in the order of its bytes, each line leading to its record', () => {
    const lines = parts.files.get('indexes/index.cdxj')!.toString().trimEnd().split('\n');
    expect(lines).toEqual([...lines].sort());
    expect(lines[0]).toMatch(
      /^test,altyn\)\/ 20260504060000 \{"url":"https:\/\/altyn\.test\/","mime":"text\/html","status":"200"/,
    );
    expect(lines).toHaveLength(6);
    const [, , json] = /^(\S+) (\d+) (.*)$/
      .exec(lines.find((line) => line.includes('s.css'))!)!
      .slice(1) as string[];
    const { offset, length, filename } = JSON.parse(json!);
    const bytes = parts.files.get(`archive/${filename}`)!;
    const member = bytes.subarray(Number(offset), Number(offset) + Number(length));
    expect(execFileSync('gunzip', ['-c'], { input: member }).toString()).toContain('h1{color:#024}');
  });

  test('gives back what was made of a page, and null for what was not', () => {
    expect(resourceIn(warc('a'), 'urn:view:')?.toString()).toBe('PNG');
    expect(resourceIn(warc('a'), 'urn:text:')).toBeNull();
  });

  test('is the same bytes for the same order and signature', async () => {
    expect(await waczFile(waczParts(order), signedData, [])).toEqual(await waczFile(parts, signedData, []));
  });

  test('holds by itself, and says by which key', async () => {
    const verdict = await verifyWacz(await waczFile(parts, signedData, []));
    expect(verdict.checks.filter(({ ok, absent }) => !ok || absent).map(({ name }) => name)).toEqual([
      'stamps',
    ]);
    expect(verdict).toMatchObject({ ok: true, key: fingerprint(key), stampedAt: [] });
  });

  test('says that nobody signed it, or that another key did than was expected', async () => {
    const bare = await verifyWacz(await waczFile(parts, null, []));
    expect(bare).toMatchObject({ ok: true, key: null });
    expect(bare.checks.find(({ name }) => name === 'signature')).toMatchObject({ absent: true });
    const other = await verifyWacz(await waczFile(parts, signedData, []), { key: 'ab'.repeat(32) });
    expect(other).toMatchObject({ ok: false, key: fingerprint(key) });
  });

  test('signed anew by another key after a change shows that key', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const forged = waczParts({ ...order, title: 'K-000002' });
    const verdict = await verifyWacz(
      await waczFile(forged, signWacz(forged, privateKey, 'kuzet/0.1.0', at), []),
      { key: fingerprint(key) },
    );
    expect(verdict.ok).toBe(false);
  });

  test.each([
    [
      'a file more',
      'files',
      (files: Map<string, Buffer>) => files.set('evidence/more.txt', Buffer.from('x')),
    ],
    ['a file less', 'files', (files: Map<string, Buffer>) => files.delete('evidence/screenshot.png')],
    [
      'another manifest',
      'digest',
      (files: Map<string, Buffer>) =>
        files.set(
          'datapackage.json',
          Buffer.from(files.get('datapackage.json')!.toString().replace('K-000001', 'K-000002')),
        ),
    ],
    [
      'an index that leads nowhere',
      'index',
      (files: Map<string, Buffer>) => files.set('indexes/index.cdxj', Buffer.from('')),
    ],
    [
      'a page that is not in it',
      'pages',
      (files: Map<string, Buffer>) =>
        files.set(
          'pages/pages.jsonl',
          Buffer.from('{"format":"json-pages-1.0"}\n{"url":"https://else.test/","ts":"2026"}\n'),
        ),
    ],
  ])('with %s does not hold, and the check "%s" says so', async (_, name, change) => {
    const files = await unzip(await waczFile(parts, signedData, []));
    change(files);
    const verdict = await verifyWacz(await zip(files, at));
    expect(verdict.ok).toBe(false);
    expect(verdict.checks.find((check) => check.name === name)?.ok).toBe(false);
  });

  test('of which one byte anywhere is another never holds: 1,000 of 1,000 found', async () => {
    const bytes = await waczFile(parts, signedData, []);
    let found = 0;
    for (let n = 0; n < 1000; n += 1) {
      const flipped = Buffer.from(bytes);
      const place = Math.floor((n * bytes.length) / 1000);
      flipped[place] = flipped[place]! ^ (1 << (n % 8));
      if (!(await verifyWacz(flipped, { key: fingerprint(key) })).ok) found += 1;
    }
    expect(found).toBe(1000);
  }, 120_000);

  test.each([Buffer.from(''), Buffer.from('PK'), Buffer.from('<html>')])(
    'that is no zip is said to be none',
    async (bytes) => {
      expect(await verifyWacz(bytes)).toMatchObject({ ok: false, checks: [{ name: 'zip', ok: false }] });
    },
  );

  test.skipIf(findProgram('unzip') === null)('is a sound zip for unzip(1)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kuzet-wacz-'));
    await writeFile(join(folder, 'a.wacz'), await waczFile(parts, signedData, []));
    expect(execFileSync('unzip', ['-t', join(folder, 'a.wacz')]).toString()).toContain('No errors detected');
    await rm(folder, { recursive: true });
  });
});

describe.skipIf(opensslMissing !== null)('the stamps of a WACZ', () => {
  let pki: Awaited<ReturnType<typeof startPki>>;
  let authority: Awaited<ReturnType<typeof startAuthority>>;
  beforeAll(async () => {
    pki = await startPki();
    authority = await startAuthority(pki);
  });
  afterAll(async () => {
    await authority.close();
    await pki.close();
  });

  const stampOf = async (path: string): Promise<WaczStamp> => {
    const token = await httpAuthority(authority.url).stamp(sha256Of(parts.files.get(path)!));
    return { path, authority: authority.url, token: token.toString('base64') };
  };

  test('come later and leave files and signature as they were, and hold for openssl', async () => {
    const stamps = [await stampOf('datapackage.json'), await stampOf('archive/0001.warc.gz')];
    const bytes = await waczFile(parts, signedData, stamps);
    const roots = certificatesIn(await pki.read('root.pem'));
    const verdict = await verifyWacz(bytes, { roots });
    expect(verdict).toMatchObject({ ok: true, key: fingerprint(key) });
    expect(verdict.stampedAt).toHaveLength(2);
    await pki.write('token', Buffer.from(stamps[1]!.token, 'base64'));
    await pki.write('warc', order.warcs[0]!);
    pki.openssl('ts', '-verify', '-data', 'warc', '-in', 'token', '-token_in', '-CAfile', 'root.pem');
    const strangers = certificatesIn(await pki.read('stranger.pem'));
    expect((await verifyWacz(bytes, { roots: strangers })).ok).toBe(false);
  });

  test('that are for other bytes do not hold', async () => {
    const stamp = await stampOf('archive/0002.warc.gz');
    const bytes = await waczFile(parts, signedData, [{ ...stamp, path: 'archive/0001.warc.gz' }]);
    const { checks } = await verifyWacz(bytes);
    expect(checks.find(({ name }) => name === 'stamps')).toMatchObject({ ok: false });
  });
});

describe('the key of the house', () => {
  test('is made once, for its owner alone, though many ask at once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kuzet-key-'));
    const file = join(folder, 'keys', 'evidence.pem');
    const keys = await Promise.all(Array.from({ length: 8 }, () => evidenceKey(file)));
    expect(new Set(keys.map(fingerprint)).size).toBe(1);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await writeFile(file, 'nothing');
    await expect(evidenceKey(file)).rejects.toThrow(BadKeyError);
    await rm(folder, { recursive: true });
  });
});
