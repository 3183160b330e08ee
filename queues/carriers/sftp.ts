/**
 * A folder of an SFTP server.
 *
 *     the host key is the pinned one -> NAME is there? the same bytes: done; others: refused
 *     -> .NAME.SUM.part is there? go on behind its last byte, if what is there is ours
 *     -> read it back, compare size and SHA-256 -> rename to NAME, which never writes over
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { PassThrough } from 'node:stream';
import type SftpClient from 'ssh2-sftp-client';
import {
  type BatchFile,
  type Carrier,
  CarryFailedError,
  FileDiffersError,
  NotTrustedError,
} from './carrier.ts';

export interface SftpPlace {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Folder on the server, absolute; made when it is not there. */
  readonly folder: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly hostKey: string;
  /** File of the private key; null to log in by password. */
  readonly keyFile: string | null;
  /** Of the user, or of the key. */
  readonly password: string | null;
}

const CONNECT_MS = 20_000;
/** A server that falls silent in the middle of a file. */
const SILENT_MS = 60_000;

export function sftpCarrier(place: SftpPlace): Carrier {
  const target = `sftp ${place.user}@${place.host}:${place.port}${place.folder}`;
  return {
    target,
    async carry(file) {
      const facts = { file: file.name, target };
      // Loaded when the first batch leaves: most houses never need it.
      const { default: Client } = await import('ssh2-sftp-client');
      const client = new Client('kuzet');
      // Its own listeners reject what is awaited; one more keeps a late error from ending the process.
      client.on('error', () => undefined);
      let shown = '';
      try {
        await client.connect({
          ...(await logIn(place)),
          hostVerifier: (key: Buffer) => {
            shown = fingerprint(key);
            return shown === place.hostKey;
          },
        });
        await put(client, place.folder, file, facts);
      } catch (cause) {
        if (cause instanceof FileDiffersError) throw cause;
        if (shown !== '' && shown !== place.hostKey) throw new NotTrustedError({ target, shown });
        throw new CarryFailedError(facts, cause);
      } finally {
        await client.end().catch(() => undefined);
      }
    },
  };
}

async function logIn({ host, port, user, keyFile, password }: SftpPlace) {
  const limits = { readyTimeout: CONNECT_MS, keepaliveInterval: SILENT_MS / 3, keepaliveCountMax: 3 };
  const secret =
    keyFile === null
      ? { password: password ?? '' }
      : { privateKey: await readFile(keyFile), ...(password === null ? {} : { passphrase: password }) };
  return { host, port, username: user, ...limits, ...secret };
}

/** As OpenSSH prints it. */
function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

async function put(
  client: SftpClient,
  folder: string,
  { name, bytes, sha256 }: BatchFile,
  facts: FileDiffersError['facts'],
): Promise<void> {
  if ((await client.exists(folder)) === false) await client.mkdir(folder, true);
  const whole = posix.join(folder, name);
  if (await isThere(client, whole, sha256, facts)) return;
  const part = posix.join(folder, `.${name}.${sha256.slice(0, 16)}.part`);
  const begun = await begunBytes(client, part, bytes);
  if (begun === 0) await client.put(bytes, part);
  else if (begun < bytes.byteLength) await client.append(bytes.subarray(begun), part);
  const arrived = await sumOf(client, part);
  if (arrived.bytes !== bytes.byteLength || arrived.sha256 !== sha256) {
    await client.delete(part, true);
    throw new Error(`what arrived (${arrived.bytes} bytes) is not what was sent`);
  }
  try {
    await client.rename(part, whole);
  } catch (cause) {
    // Somebody else brought it meanwhile, or a hand-over that died right behind its rename.
    if (await isThere(client, whole, sha256, facts)) await client.delete(part, true);
    else throw cause;
  }
}

/** Whether the very file is there. @throws FileDiffersError */
async function isThere(
  client: SftpClient,
  path: string,
  sha256: string,
  facts: FileDiffersError['facts'],
): Promise<boolean> {
  if ((await client.exists(path)) === false) return false;
  if ((await sumOf(client, path)).sha256 !== sha256) throw new FileDiffersError(facts);
  return true;
}

/** Bytes that an earlier try left, as long as they are the first ones of this file; else 0. */
async function begunBytes(client: SftpClient, part: string, bytes: Buffer): Promise<number> {
  if ((await client.exists(part)) === false) return 0;
  const left = await sumOf(client, part);
  const own = createHash('sha256').update(bytes.subarray(0, left.bytes)).digest('hex');
  return left.bytes <= bytes.byteLength && own === left.sha256 ? left.bytes : 0;
}

async function sumOf(client: SftpClient, path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const sink = new PassThrough();
  sink.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    hash.update(chunk);
  });
  await client.get(path, sink);
  return { bytes, sha256: hash.digest('hex') };
}
