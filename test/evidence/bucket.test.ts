import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bucketPlace, openEvidenceBucket } from '../../evidence/bucket.ts';
import {
  EvidenceAlteredError,
  EvidenceLockedError,
  EvidenceUnreachableError,
  EvidenceWriteError,
} from '../../evidence/store.ts';
import { evidenceStoreConformance } from '../conformance/evidence-store.ts';
import { type S3, S3_CREDENTIALS, startS3 } from '../engines/s3.ts';

const NAME = '925cfbc88116437399e0bf511007129cd2c9b0f97fe3cec40fd9783f153c4ff8';
const BYTES = Buffer.from('күзет');
const KEY = `sha256/92/5c/${NAME}`;

Object.assign(process.env, S3_CREDENTIALS);

for (const isStrict of [false, true]) {
  evidenceStoreConformance(
    isStrict ? 'a bucket that checks as Amazon does' : 'a bucket that checks nothing',
    async () => {
      const s3 = await startS3();
      s3.isStrict = isStrict;
      const client = new S3Client({
        endpoint: s3.url,
        region: 'us-east-1',
        forcePathStyle: true,
        requestChecksumCalculation: 'WHEN_REQUIRED',
      });
      let n = 0;
      return {
        open() {
          n += 1;
          return openEvidenceBucket({ bucket: s3.bucket, prefix: `run-${n}/` }, { endpoint: s3.url });
        },
        async alter(name, bytes) {
          const key = `run-${n}/sha256/${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`;
          s3.isStrict = false;
          await client.send(new DeleteObjectCommand({ Bucket: s3.bucket, Key: key }));
          await client.send(new PutObjectCommand({ Bucket: s3.bucket, Key: key, Body: bytes }));
          // What was written past the store has a checksum of its own.
          s3.isStrict = isStrict;
          s3.forget(key);
        },
        async close() {
          client.destroy();
          await s3.stop();
        },
      };
    },
  );
}

describe('openEvidenceBucket', () => {
  let s3: S3;
  beforeAll(async () => {
    s3 = await startS3();
  });
  beforeEach(() => {
    s3.refuse = () => null;
    s3.isStrict = true;
    s3.seen.length = 0;
  });
  afterAll(() => s3.stop());

  let n = 0;
  const open = (options = {}) => {
    n += 1;
    return openEvidenceBucket({ bucket: s3.bucket, prefix: `own-${n}/` }, { endpoint: s3.url, ...options });
  };
  const puts = () => s3.seen.filter(({ method }) => method === 'PUT');

  test('reads addresses of buckets, and nothing else', () => {
    expect(bucketPlace('s3://kuzet-evidence/almaty//2026/')).toEqual({
      bucket: 'kuzet-evidence',
      prefix: 'almaty/2026/',
    });
    expect(bucketPlace('s3://kuzet-evidence')).toEqual({ bucket: 'kuzet-evidence', prefix: '' });
    expect(['/srv/evidence', 's3:/x', 's3://', 's3://A_B/c', 'https://x'].map(bucketPlace)).toEqual(
      Array(5).fill(null),
    );
  });

  test('puts on the condition that nothing stands there, with the SHA-256 for the server to check', async () => {
    const store = await open();
    await store.put(BYTES);
    expect(puts()).toHaveLength(1);
    expect(puts()[0]).toMatchObject({
      key: `own-${n}/${KEY}`,
      headers: { 'if-none-match': '*', 'x-amz-checksum-sha256': Buffer.from(NAME, 'hex').toString('base64') },
    });
  });

  test('sends nothing when the very bytes stand there', async () => {
    const store = await open();
    await store.put(BYTES);
    await store.put(BYTES);
    expect(puts()).toHaveLength(1);
  });

  test('locks each blob for the days asked for', async () => {
    const now = () => Date.UTC(2026, 4, 4);
    await (await open({ lockDays: 30, now })).put(BYTES);
    expect(puts()[0]?.headers).toMatchObject({
      'x-amz-object-lock-mode': 'COMPLIANCE',
      'x-amz-object-lock-retain-until-date': '2026-06-03T00:00:00Z',
    });
  });

  test('reads back what a server stored that answers with no checksum, and does not take other bytes for kept', async () => {
    s3.isStrict = false;
    const store = await open();
    s3.garble = true;
    const put = store.put(BYTES);
    await expect(put).rejects.toBeInstanceOf(EvidenceAlteredError);
    s3.garble = false;
  });

  test('tries again while the server is busy', async () => {
    const store = await open();
    let busy = 2;
    s3.refuse = ({ method }) => {
      if (method !== 'PUT' || busy === 0) return null;
      busy -= 1;
      return { status: 503, code: 'SlowDown' };
    };
    expect(await store.put(BYTES)).toBe(NAME);
    expect(puts()).toHaveLength(3);
  });

  test('stores without conditions are written to all the same', async () => {
    const store = await open();
    s3.isStrict = false;
    s3.refuse = ({ headers }) =>
      headers['if-none-match'] === undefined ? null : { status: 501, code: 'NotImplemented' };
    expect(await store.put(BYTES)).toBe(NAME);
    expect(await store.read(NAME)).toEqual(BYTES);
  });

  test('a server that stays away ends as EvidenceWriteError or EvidenceUnreachableError, naming the setting', async () => {
    const store = await open({ tries: 1 });
    s3.refuse = () => ({ status: 503, code: 'SlowDown' });
    const put = await store.put(BYTES).catch((error: unknown) => error);
    expect(put).toBeInstanceOf(EvidenceWriteError);
    expect(String(put)).toContain(`KUZET_S3_ENDPOINT (${s3.url})`);
    await expect(store.read(NAME)).rejects.toBeInstanceOf(EvidenceUnreachableError);
    await expect(store.has(NAME)).rejects.toBeInstanceOf(EvidenceUnreachableError);
    const nowhere = openEvidenceBucket(
      { bucket: 'evidence', prefix: '' },
      { endpoint: 'http://127.0.0.1:9', tries: 1 },
    );
    await expect(nowhere).rejects.toThrow(/ECONNREFUSED.*KUZET_S3_ENDPOINT \(http:\/\/127\.0\.0\.1:9\)/);
  });

  test('a bucket that is not there is told at once, by the setting that names it', async () => {
    const missing = openEvidenceBucket({ bucket: 'nowhere', prefix: '' }, { endpoint: s3.url });
    await expect(missing).rejects.toThrow(/s3:\/\/nowhere\/.*NoSuchBucket.*KUZET_EVIDENCE/);
  });

  test('has no room for a minute after the server said that it is full', async () => {
    let now = 0;
    const store = await open({ tries: 1, now: () => now });
    expect(await store.hasRoom()).toBe(true);
    s3.refuse = ({ method }) => (method === 'PUT' ? { status: 507, code: 'XMinioStorageFull' } : null);
    await expect(store.put(BYTES)).rejects.toThrow(/full/);
    expect(await store.hasRoom()).toBe(false);
    now = 60_000;
    expect(await store.hasRoom()).toBe(true);
  });

  test('says until when a locked blob stays', async () => {
    const store = await open();
    await store.put(BYTES);
    s3.lockedUntil = '2026-06-03T00:00:00Z';
    s3.refuse = ({ method }) => (method === 'DELETE' ? { status: 403, code: 'AccessDenied' } : null);
    const erased = await store.erase(NAME).catch((error: unknown) => error);
    s3.lockedUntil = null;
    expect(erased).toBeInstanceOf(EvidenceLockedError);
    expect((erased as EvidenceLockedError).facts.until).toEqual(new Date('2026-06-03T00:00:00Z'));
    expect(await store.has(NAME)).toBe(true);
  });
});
