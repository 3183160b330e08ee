import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BadCmsError, certificatesIn, signCms, verifyCms } from '../../evidence/cms.ts';
import { opensslMissing, type Pki, startPki } from '../engines/openssl.ts';

const content = Buffer.from('{"batchId":"KN_EXAMPLE_20260504_001"}\n');

describe.skipIf(opensslMissing !== null)(
  `a CMS signature${opensslMissing === null ? '' : ' (skipped: no openssl)'}`,
  () => {
    let pki: Pki;
    let roots: X509Certificate[];
    let at: Date;
    beforeAll(async () => {
      pki = await startPki();
      roots = certificatesIn(await pki.read('root.pem'));
      await pki.write('content', content);
      at = new Date();
    });
    afterAll(() => pki.close());

    const signer = async (name: string) => ({
      key: createPrivateKey(await pki.read(`${name}.key`)),
      chain: [new X509Certificate(await pki.read(`${name}.pem`))],
      at,
    });
    const opensslVerifies = (name: string) =>
      pki.openssl(
        ...['cms', '-verify', '-binary', '-inform', 'DER', '-in', name, '-content', 'content'],
        ...['-CAfile', 'root.pem', '-purpose', 'any', '-cades', '-out', 'out'],
      );

    test.each(['rsa', 'ec'])('of ours by %s holds for us and for openssl', async (name) => {
      const signature = signCms(content, await signer(name));
      expect(verifyCms(signature, content, { roots })).toMatchObject({
        ok: true,
        why: null,
        trust: 'trusted',
        signer: {
          subject: expect.stringContaining(`CN=${name}`),
          issuer: expect.stringContaining('CN=root'),
        },
        signedAt: new Date(Math.floor(at.getTime() / 1000) * 1000),
        content: null,
      });
      await pki.write(`${name}.p7s`, signature);
      opensslVerifies(`${name}.p7s`);
      expect(await readFile(pki.file('out'))).toEqual(content);
    });

    test('by RSA is the same bytes for the same moment', async () => {
      const it = await signer('rsa');
      expect(signCms(content, it)).toEqual(signCms(content, it));
    });

    test.each([
      ['rsa', []],
      ['rsa', ['-keyopt', 'rsa_padding_mode:pss']],
      ['rsa', ['-md', 'sha512']],
      ['rsa', ['-noattr']],
      ['rsa', ['-keyid']],
      ['ec', ['-md', 'sha384']],
    ])('of openssl by %s %j holds for us', async (name, more) => {
      pki.openssl(
        ...['cms', '-sign', '-binary', '-in', 'content', '-signer', `${name}.pem`, '-inkey', `${name}.key`],
        ...['-outform', 'DER', '-out', 'theirs.p7s', ...more],
      );
      const theirs = await readFile(pki.file('theirs.p7s'));
      expect(verifyCms(theirs, content, { roots })).toMatchObject({ ok: true, trust: 'trusted' });
    });

    test('does not hold for other bytes, and openssl says so too', async () => {
      const signature = signCms(content, await signer('rsa'));
      const other = Buffer.from(content.toString().replace('001', '002'));
      expect(verifyCms(signature, other, { roots })).toMatchObject({
        ok: false,
        why: 'the bytes are not those that were signed',
      });
      await pki.write('mine.p7s', signature);
      await pki.write('content', other);
      expect(() => opensslVerifies('mine.p7s')).toThrow();
      await pki.write('content', content);
    });

    test('of a stranger holds, and is not trusted', async () => {
      const signature = signCms(content, await signer('rsa'));
      const strangers = certificatesIn(await pki.read('stranger.pem'));
      expect(verifyCms(signature, content, { roots: strangers })).toMatchObject({
        ok: true,
        trust: 'unknown',
      });
      expect(verifyCms(signature, content)).toMatchObject({ ok: true, trust: 'not_asked' });
    });

    test('is not trusted at a time when its certificate was not valid', async () => {
      const signature = signCms(content, await signer('rsa'));
      const later = new Date(at.getTime() + 40 * 86_400_000);
      expect(verifyCms(signature, content, { roots, at: later })).toMatchObject({
        ok: true,
        trust: 'unknown',
      });
    });

    test('of which any one byte is another is found out, and never breaks the reader', async () => {
      const it = await signer('ec');
      const signature = signCms(content, it);
      const sound = verifyCms(signature, content, { roots });
      const escaped: number[] = [];
      for (let place = 0; place < signature.length; place += 3) {
        const flipped = Buffer.from(signature);
        flipped[place] = flipped[place]! ^ 0x01;
        try {
          const verdict = verifyCms(flipped, content, { roots });
          const isSame =
            verdict.ok && verdict.trust === 'trusted' && verdict.signer?.sha256 === sound.signer?.sha256;
          if (isSame) escaped.push(place);
        } catch (error) {
          expect(error).toBeInstanceOf(BadCmsError);
        }
      }
      // What no signature covers (RFC 5652, 5.4): version, the list of digests, parameters of algorithms.
      expect(escaped.length).toBeLessThan(40);
    });

    test.each([Buffer.alloc(0), Buffer.from('<html>'), Buffer.from('3003020101', 'hex')])(
      'that is none is said to be unreadable',
      (bytes) => {
        expect(() => verifyCms(bytes, content)).toThrow(BadCmsError);
      },
    );
  },
);
