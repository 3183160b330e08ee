/**
 * Keys, certificates and a time authority made by openssl(1), in a folder of their own: what our signatures and
 * stamps are checked against.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './places.ts';

export const opensslMissing: string | null = findProgram('openssl') === null ? 'no openssl here' : null;

export interface Pki {
  /** Certificates and keys in PEM by name: `root`, `rsa`, `ec`, `tsa`, `stranger`; `NAME.pem`, `NAME.key`. */
  file(name: string): string;
  read(name: string): Promise<string>;
  /** Standard output and error; throws with them when openssl fails. */
  openssl(...args: string[]): string;
  write(name: string, bytes: Uint8Array): Promise<string>;
  close(): Promise<void>;
}

const CONFIG = `
[req]
distinguished_name = dn
prompt = no
[dn]
CN = Kuzet test
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[leaf]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
[stamping]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = authority
[authority]
serial = SERIAL
signer_digest = sha256
default_policy = 1.3.6.1.4.1.55555.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`;

export async function startPki(): Promise<Pki> {
  const folder = await mkdtemp(join(tmpdir(), 'kuzet-pki-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  await writeFile(file('serial'), '01\n');
  await writeFile(file('openssl.cnf'), CONFIG.replace('SERIAL', file('serial')));
  const root = (name: string) =>
    openssl(
      ...[
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '30',
        '-subj',
        `/O=Kuzet test/CN=${name}`,
      ],
      ...['-keyout', `${name}.key`, '-out', `${name}.pem`, '-config', 'openssl.cnf', '-extensions', 'root'],
    );
  const issue = (name: string, key: readonly string[], extensions: string, issuer = 'root') => {
    openssl(
      ...['req', '-new', '-newkey', ...key, '-nodes', '-subj', `/O=Kuzet test/CN=${name}`],
      ...['-keyout', `${name}.key`, '-out', `${name}.csr`, '-config', 'openssl.cnf'],
    );
    openssl(
      ...[
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        `${issuer}.pem`,
        '-CAkey',
        `${issuer}.key`,
        '-days',
        '30',
      ],
      ...['-CAcreateserial', '-out', `${name}.pem`, '-extfile', 'openssl.cnf', '-extensions', extensions],
    );
  };
  root('root');
  root('stranger');
  issue('rsa', ['rsa:2048'], 'leaf');
  issue('ec', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'], 'leaf');
  issue('tsa', ['rsa:2048'], 'stamping');
  return {
    file,
    openssl,
    read: (name) => readFile(file(name), 'utf8'),
    async write(name, bytes) {
      await writeFile(file(name), bytes);
      return file(name);
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface TestAuthority {
  readonly url: string;
  /** While false, it answers 503. */
  isUp: boolean;
  /** Requests that it answered with a token. */
  readonly stamped: number;
  close(): Promise<void>;
}

/** A time authority on loopback that lets openssl answer. */
export async function startAuthority(pki: Pki): Promise<TestAuthority> {
  let stamped = 0;
  const server = createServer((asked, answer) => {
    const pieces: Buffer[] = [];
    asked.on('data', (piece: Buffer) => pieces.push(piece));
    asked.on('end', () => void reply(Buffer.concat(pieces)));
    const reply = async (query: Buffer) => {
      if (!authority.isUp) {
        answer.writeHead(503).end();
        return;
      }
      const n = `${process.pid}-${stamped}`;
      stamped += 1;
      await pki.write(`${n}.tsq`, query);
      pki.openssl(
        ...['ts', '-reply', '-config', 'openssl.cnf', '-queryfile', `${n}.tsq`],
        ...['-signer', 'tsa.pem', '-inkey', 'tsa.key', '-out', `${n}.tsr`],
      );
      answer.writeHead(200, { 'content-type': 'application/timestamp-reply' });
      answer.end(await readFile(pki.file(`${n}.tsr`)));
    };
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const authority = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    isUp: true,
    get stamped() {
      return stamped;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return authority;
}
