/**
 * An S3-compatible store of the test's own: s3rver on a folder, behind a front that a test can make behave as other
 * stores do, or misbehave.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface S3rver {
  run(): Promise<{ readonly port: number }>;
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);
const S3rverOf = require('s3rver') as new (options: Readonly<Record<string, unknown>>) => S3rver;
allowDes(require('node:crypto'));

/** s3rver's page marks are DES, which OpenSSL 3 has no more; three rounds with one key are the same cipher. */
function allowDes(crypto: Pick<typeof import('node:crypto'), 'createCipheriv' | 'createDecipheriv'>): void {
  for (const make of ['createCipheriv', 'createDecipheriv'] as const) {
    const made = crypto[make] as (name: string, key: Buffer, ...rest: unknown[]) => unknown;
    const withDes: typeof made = (name, key, ...rest) =>
      name === 'des'
        ? made('des-ede3-cbc', Buffer.concat([key, key, key]), ...rest)
        : made(name, key, ...rest);
    Object.assign(crypto, { [make]: withDes });
  }
}

/** s3rver knows one pair; the SDK finds it where an operator would put it. */
export const S3_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };

export interface Seen {
  readonly method: string;
  /** Path of the object, without the bucket. */
  readonly key: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface S3 {
  readonly url: string;
  readonly bucket: string;
  /** Every request since the start, in order. */
  readonly seen: Seen[];
  /** Answers requests for which it gives a status and a code, and lets the others through. */
  refuse: (seen: Seen) => { readonly status: number; readonly code: string } | null;
  /** Checks checksums, answers with them and refuses a put where something stands, as Amazon's does; s3rver does not. */
  isStrict: boolean;
  /** Flips a bit of what it is sent. */
  garble: boolean;
  /** What is told of an object's lock; null for none. */
  lockedUntil: string | null;
  /** Forgets the checksum of an object that was written by other hands. */
  forget(key: string): void;
  stop(): Promise<void>;
}

export async function startS3(): Promise<S3> {
  const folder = await mkdtemp(join(tmpdir(), 'kuzet-s3-'));
  const bucket = 'evidence';
  const server = new S3rverOf({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory: folder,
    configureBuckets: [{ name: bucket }],
  });
  const { port } = await server.run();
  const sums = new Map<string, string>();
  const it: S3 = {
    url: '',
    bucket,
    seen: [],
    refuse: () => null,
    isStrict: false,
    garble: false,
    lockedUntil: null,
    forget: (key) => void sums.delete(key),
    async stop() {
      front.closeAllConnections();
      await new Promise<void>((done) => front.close(() => done()));
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  const front = createServer((asked, answer) => void handle(asked, answer));

  async function handle(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await bodyOf(asked);
    const { pathname } = new URL(asked.url ?? '', 'http://s3.test');
    const seen = {
      method: asked.method ?? '',
      key: decodeURIComponent(pathname.slice(bucket.length + 2)),
      headers: asked.headers,
    };
    it.seen.push(seen);
    const refusal = it.refuse(seen) ?? (it.isStrict ? strictly(seen, body) : null);
    if (refusal !== null) {
      const xml = `<?xml version="1.0"?><Error><Code>${refusal.code}</Code><Message>no</Message></Error>`;
      answer.writeHead(refusal.status, { 'content-type': 'application/xml' });
      answer.end(seen.method === 'HEAD' ? '' : xml);
      return;
    }
    const onward = request({
      host: '127.0.0.1',
      port,
      method: seen.method,
      path: asked.url,
      headers: asked.headers,
    });
    onward.on('response', (got) => {
      if (it.isStrict && seen.method === 'PUT' && got.statusCode === 200) sums.set(seen.key, digestOf(body));
      const sum = sums.get(seen.key);
      const isTold = it.isStrict && got.statusCode === 200 && sum !== undefined && seen.key !== '';
      answer.writeHead(got.statusCode ?? 500, {
        ...got.headers,
        ...(isTold ? { 'x-amz-checksum-sha256': sum } : {}),
        ...(it.lockedUntil === null
          ? {}
          : {
              'x-amz-object-lock-mode': 'COMPLIANCE',
              'x-amz-object-lock-retain-until-date': it.lockedUntil,
            }),
      });
      got.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    if (it.garble && seen.method === 'PUT' && body.length > 0) body[0]! ^= 1;
    onward.end(body);
  }

  function strictly({ method, key, headers }: Seen, body: Buffer) {
    if (method === 'DELETE') sums.delete(key);
    if (method !== 'PUT') return null;
    if (headers['if-none-match'] === '*' && sums.has(key)) return { status: 412, code: 'PreconditionFailed' };
    if (headers['x-amz-checksum-sha256'] !== digestOf(body)) return { status: 400, code: 'BadDigest' };
    return null;
  }

  await new Promise<void>((done) => front.listen(0, '127.0.0.1', done));
  return Object.assign(it, { url: `http://127.0.0.1:${(front.address() as AddressInfo).port}` });
}

function digestOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('base64');
}

async function bodyOf(asked: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of asked) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
