import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyCommand } from '../../cli/verify.ts';
import { unzip } from '../../domain/zip.ts';
import { localSigner, ncanodeSigner, noSigner, SignFailedError } from '../../evidence/signers.ts';
import { httpAuthority } from '../../evidence/stamp.ts';
import { batchManifest, buildBatch, sha256Of } from '../../exports/kibernadzor/batch.ts';
import { opensslMissing, startAuthority, startPki } from '../engines/openssl.ts';
import { batchOrder } from '../exports/samples.ts';

const note = opensslMissing === null ? '' : ` (skipped: ${opensslMissing})`;

describe.skipIf(opensslMissing !== null)(`the seal of a batch${note}`, () => {
  let pki: Awaited<ReturnType<typeof startPki>>;
  let authority: Awaited<ReturnType<typeof startAuthority>>;
  const servers: Server[] = [];
  beforeAll(async () => {
    pki = await startPki();
    authority = await startAuthority(pki);
  });
  afterAll(async () => {
    for (const server of servers) server.close();
    await authority.close();
    await pki.close();
  });

  const builtAt = new Date(Date.now() + 3_600_000);
  const order = batchOrder(2, {
    builtAt,
    batchId: `KN_EXAMPLE_${builtAt.toISOString().slice(0, 10).replaceAll('-', '')}_001`,
  });
  const local = (name: string) =>
    localSigner({ key: pki.file(`${name}.key`), certificates: pki.file(`${name}.pem`) });
  const say = async (file: string, ...more: string[]) => {
    const out: string[] = [];
    const io = { out: (line: string) => out.push(line), err: (line: string) => out.push(line), json: false };
    return { code: await verifyCommand([file, '--lang', 'en', ...more], io), out };
  };

  test('holds for "kuzet verify" and for openssl, and fails for a stranger', async () => {
    const manifest = await batchManifest(order);
    const signature = await local('rsa').sign(manifest, builtAt);
    const token = await httpAuthority(authority.url).stamp(sha256Of(manifest));
    const zip = await buildBatch({ ...order, seal: { signature, stamps: [token] } });
    const files = await unzip(zip);
    expect(files.get('manifest.json')).toEqual(manifest);
    const file = await pki.write(`${order.batchId}_v1.zip`, zip);

    const mine = await say(file, '--roots', pki.file('root.pem'));
    expect([mine.code, mine.out.filter((line) => line.startsWith('✓')).length]).toEqual([0, 14]);
    expect(mine.out.join('\n')).toContain('CN=rsa');
    const stranger = await say(file, '--roots', pki.file('stranger.pem'));
    expect([stranger.code, stranger.out.filter((line) => line.startsWith('✗')).length]).toEqual([1, 2]);

    for (const name of ['manifest.json', 'manifest.json.p7s', 'manifest.json.1.tsr']) {
      await pki.write(name, files.get(name)!);
    }
    pki.openssl(
      ...[
        'cms',
        '-verify',
        '-binary',
        '-inform',
        'DER',
        '-in',
        'manifest.json.p7s',
        '-content',
        'manifest.json',
      ],
      ...['-CAfile', 'root.pem', '-purpose', 'any', '-out', 'out'],
    );
    pki.openssl(
      ...[
        'ts',
        '-verify',
        '-data',
        'manifest.json',
        '-in',
        'manifest.json.1.tsr',
        '-token_in',
        '-CAfile',
        'root.pem',
      ],
    );
    expect(await buildBatch({ ...order, seal: { signature, stamps: [token] } })).toEqual(zip);
  });

  test('over another manifest does not hold', async () => {
    const signature = await local('ec').sign(Buffer.from('{}'), builtAt);
    const file = await pki.write(
      'forged.zip',
      await buildBatch({ ...order, seal: { signature, stamps: [] } }),
    );
    const { code, out } = await say(file);
    expect(code).toBe(1);
    expect(out.find((line) => line.startsWith('✗'))).toContain('the bytes are not those that were signed');
  });

  test('is absent where nobody signs, which is said', async () => {
    expect(await noSigner.sign(Buffer.from('x'), builtAt)).toBeNull();
    const { code, out } = await say(await pki.write('bare.zip', await buildBatch(order)));
    expect(code).toBe(0);
    expect(out.filter((line) => line.startsWith('–'))).toHaveLength(2);
    expect(out.join('\n')).toContain('Who built it cannot be seen without a signature');
  });

  test('by a key that is not the certificate’s is not made', async () => {
    const signer = localSigner({ key: pki.file('rsa.key'), certificates: pki.file('ec.pem') });
    await expect(signer.sign(Buffer.from('x'), builtAt)).rejects.toThrow(SignFailedError);
    const gone = localSigner({ key: join(pki.file('.'), 'gone.key'), certificates: pki.file('ec.pem') });
    await expect(gone.sign(Buffer.from('x'), builtAt)).rejects.toThrow('ENOENT');
  });

  /** Answers as NCANode's /cms/sign does, with openssl for its key. */
  const ncanode = async (answer: (body: Record<string, unknown>) => { status: number; body: object }) => {
    const server = createServer((asked, response) => {
      const pieces: Buffer[] = [];
      asked.on('data', (piece: Buffer) => pieces.push(piece));
      asked.on('end', () => {
        const { status, body } = answer(JSON.parse(Buffer.concat(pieces).toString()));
        response.writeHead(asked.url === '/cms/sign' ? status : 404, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return ncanodeSigner({ url, key: pki.file('rsa.key'), password: 'not-a-secret' });
  };

  test('comes from NCANode over HTTP, and is taken only when it holds', async () => {
    const content = Buffer.from('{"batchId":"KN"}');
    const theirs = await local('rsa').sign(content, builtAt);
    const asked: Record<string, unknown>[] = [];
    const signer = await ncanode((body) => {
      asked.push(body);
      return { status: 200, body: { status: 200, message: 'OK', cms: theirs!.toString('base64') } };
    });
    expect(await signer.sign(content, builtAt)).toEqual(theirs);
    const key = (await readFile(pki.file('rsa.key'))).toString('base64');
    expect(asked[0]).toMatchObject({
      data: content.toString('base64'),
      detached: true,
      signers: [{ key, password: 'not-a-secret' }],
    });
    await expect(signer.sign(Buffer.from('other'), builtAt)).rejects.toThrow('does not hold');
    const refusing = await ncanode(() => ({ status: 400, body: { status: 400, message: 'Wrong password' } }));
    await expect(refusing.sign(content, builtAt)).rejects.toThrow('400');
    await expect(refusing.sign(content, builtAt)).rejects.not.toThrow('not-a-secret');
    const away = ncanodeSigner({ url: 'http://127.0.0.1:1/', key: pki.file('rsa.key'), password: '' });
    await expect(away.sign(content, builtAt)).rejects.toThrow(SignFailedError);
  });
});
