import type { X509Certificate } from 'node:crypto';
import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certificatesIn, signCms } from '../../evidence/cms.ts';
import { httpAuthority, StampFailedError, stampRequest, tokenIn, verifyStamp } from '../../evidence/stamp.ts';
import { sha256Of } from '../../evidence/store.ts';
import {
  opensslMissing,
  type Pki,
  startAuthority,
  startPki,
  type TestAuthority,
} from '../engines/openssl.ts';

const bytes = Buffer.from('күзет');
const sha256 = sha256Of(bytes);

describe.skipIf(opensslMissing !== null)(
  `a time stamp${opensslMissing === null ? '' : ' (skipped: no openssl)'}`,
  () => {
    let pki: Pki;
    let authority: TestAuthority;
    let roots: X509Certificate[];
    let token: Buffer;
    beforeAll(async () => {
      pki = await startPki();
      authority = await startAuthority(pki);
      roots = certificatesIn(await pki.read('root.pem'));
      await pki.write('bytes', bytes);
      token = await httpAuthority(authority.url).stamp(sha256);
    });
    afterAll(async () => {
      await authority.close();
      await pki.close();
    });

    test('from an authority holds for us and for openssl', async () => {
      const verdict = verifyStamp(token, sha256, roots);
      expect(verdict).toMatchObject({ ok: true, why: null, trust: 'trusted' });
      expect(verdict.signer?.subject).toContain('CN=tsa');
      expect(Math.abs(verdict.at!.getTime() - Date.now())).toBeLessThan(3_600_000);
      await pki.write('token.der', token);
      pki.openssl('ts', '-verify', '-data', 'bytes', '-in', 'token.der', '-token_in', '-CAfile', 'root.pem');
    });

    test('does not hold for other bytes, and openssl says so too', async () => {
      expect(verifyStamp(token, sha256Of(Buffer.from('кузет')), roots)).toMatchObject({
        ok: false,
        why: 'it stamps other bytes',
      });
      await pki.write('other', Buffer.from('кузет'));
      await pki.write('token.der', token);
      expect(() =>
        pki.openssl(
          'ts',
          '-verify',
          '-data',
          'other',
          '-in',
          'token.der',
          '-token_in',
          '-CAfile',
          'root.pem',
        ),
      ).toThrow();
    });

    test('of an authority that nobody vouches for holds, and is not trusted', async () => {
      const strangers = certificatesIn(await pki.read('stranger.pem'));
      expect(verifyStamp(token, sha256, strangers)).toMatchObject({ ok: true, trust: 'unknown' });
    });

    test('that is an ordinary signature is none', async () => {
      const signature = signCms(bytes, {
        key: createPrivateKey(await pki.read('rsa.key')),
        chain: certificatesIn(await pki.read('rsa.pem')),
        at: new Date(),
      });
      expect(verifyStamp(signature, sha256, roots).ok).toBe(false);
      expect(verifyStamp(Buffer.from('no token'), sha256, roots).ok).toBe(false);
    });

    test('is not taken when it answers another request, or is for another hash', async () => {
      const nonce = Buffer.from('4102030405060708', 'hex');
      await pki.write('q.tsq', stampRequest(sha256, nonce));
      expect(pki.openssl('ts', '-query', '-in', 'q.tsq', '-text')).toContain('0x4102030405060708');
      pki.openssl(
        ...['ts', '-reply', '-config', 'openssl.cnf', '-queryfile', 'q.tsq', '-signer', 'tsa.pem'],
        ...['-inkey', 'tsa.key', '-out', 'q.tsr'],
      );
      const answer = await readFile(pki.file('q.tsr'));
      expect(tokenIn(answer, 'test', sha256, nonce).byteLength).toBeGreaterThan(500);
      expect(() => tokenIn(answer, 'test', sha256, Buffer.from('4102030405060709', 'hex'))).toThrow(
        'another request',
      );
      expect(() => tokenIn(answer, 'test', 'ab'.repeat(32), nonce)).toThrow('other bytes');
      expect(() => tokenIn(Buffer.from('<html>'), 'test', sha256, nonce)).toThrow(StampFailedError);
    });

    test('is not there while the authority is down, which is said', async () => {
      authority.isUp = false;
      await expect(httpAuthority(authority.url).stamp(sha256)).rejects.toThrow('it answered 503');
      authority.isUp = true;
      await expect(httpAuthority('http://127.0.0.1:1/').stamp(sha256)).rejects.toThrow(StampFailedError);
    });
  },
);
