/**
 * An evidence store in an S3-compatible bucket, laid out as the folder is:
 *
 *     s3://bucket/prefix/sha256/ab/cd/abcd…   a blob, named by the SHA-256 of its bytes
 *
 * Bytes never change there: what stands under a name is looked at first, a put goes through only where nothing
 * stands yet (`If-None-Match: *`), and, where the bucket has object lock, the blob is locked (COMPLIANCE) for the
 * days asked for. The server checks the SHA-256 of what it is sent; one that does not answer with it has its copy
 * read back. Credentials come from where the AWS SDK looks for them. The SDK is loaded only when this file is used.
 * Source: Amazon S3 API Reference, PutObject and "Checking object integrity"; the stores that copy it differ, see below.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { Sha256 } from '../domain/capture.ts';
import {
  EvidenceAlteredError,
  EvidenceLockedError,
  EvidenceMissingError,
  type EvidenceStore,
  EvidenceUnreachableError,
  EvidenceWriteError,
  FULL_CODES,
  isSha256,
  sha256Of,
} from './store.ts';

export interface BucketPlace {
  readonly bucket: string;
  /** Ends with a slash, or is empty. */
  readonly prefix: string;
}

export interface BucketOptions {
  /** Address of a store that is not Amazon's; null for Amazon's. */
  readonly endpoint?: string | null;
  readonly region?: string;
  /** Days for which every blob is locked against everybody; 0 for none. The bucket must have been made with object lock. */
  readonly lockDays?: number;
  /** Tries of one request in all, 1 or more; 5 unless told. */
  readonly tries?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const DAY_MS = 24 * 3600 * 1000;
/** A store that said it is full is not written to for so long. */
const FULL_FOR_MS = 60_000;
/** Times that a put may meet another one of the same bytes; the last wait is under two seconds. */
const MOST_MEETINGS = 5;

/**
 * `s3://bucket/some/prefix` in its parts; null for what is no such address.
 */
export function bucketPlace(address: string): BucketPlace | null {
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(address);
  if (found === null) return null;
  const prefix = (found[2] ?? '').split('/').filter((part) => part !== '');
  return { bucket: found[1]!, prefix: prefix.map((part) => `${part}/`).join('') };
}

/**
 * Opens the bucket and asks whether it can be used at all.
 *
 * @throws EvidenceUnreachableError naming the setting to look at.
 */
export async function openEvidenceBucket(
  { bucket, prefix }: BucketPlace,
  options: BucketOptions = {},
): Promise<EvidenceStore> {
  const { endpoint = null, region = 'us-east-1', lockDays = 0, tries = 5, now = Date.now } = options;
  // Which Node the SDK will want next year is told by its own release notes, not to each command's reader.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const s3 = await import('@aws-sdk/client-s3');
  const client: S3Client = new s3.S3Client({
    region,
    maxAttempts: tries,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
  });
  const place = `s3://${bucket}/${prefix}`;
  const keyOf = (name: Sha256) => `${prefix}sha256/${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`;
  const at = (name: Sha256) => ({ Bucket: bucket, Key: keyOf(name) });
  let fullUntil = 0;

  await asking(() =>
    client.send(new s3.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 })),
  );

  /** Runs a question; what the store or the way to it throws comes out as EvidenceUnreachableError. */
  async function asking<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (cause) {
      if (isOwn(cause)) throw cause;
      throw new EvidenceUnreachableError({ place, code: codeOf(cause) }, wayOut(cause, endpoint), { cause });
    }
  }

  /** What stands under a name, as far as the store tells without giving it; null for nothing. */
  async function standing(name: Sha256) {
    return client
      .send(new s3.HeadObjectCommand({ ...at(name), ChecksumMode: 'ENABLED' }))
      .catch((cause: unknown) => {
        if (statusOf(cause) === 404) return null;
        throw cause;
      });
  }

  async function get(name: Sha256): Promise<Buffer> {
    const missing = (cause: unknown) =>
      new EvidenceMissingError(
        { sha256: name, place: `${place}${keyOf(name).slice(prefix.length)}` },
        { cause },
      );
    if (!isSha256(name)) throw missing(new Error(`"${name}" is no SHA-256 in lower-case hex.`));
    const answer = await client.send(new s3.GetObjectCommand(at(name))).catch((cause: unknown) => {
      if (statusOf(cause) === 404) throw missing(cause);
      throw cause;
    });
    const bytes = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    const found = sha256Of(bytes);
    if (found !== name) throw new EvidenceAlteredError({ sha256: name, found, place: `${place}${name}` });
    return bytes;
  }

  /** Whether the very bytes stand there already. @throws EvidenceAlteredError when others do. */
  async function standsThere(name: Sha256, bytes: Uint8Array): Promise<boolean> {
    const kept = await standing(name);
    if (kept === null) return false;
    const isTold = kept.ChecksumSHA256 === base64Of(name) && kept.ContentLength === bytes.byteLength;
    if (!isTold) await get(name);
    return true;
  }

  async function putOnce(name: Sha256, bytes: Uint8Array, meetings = 0): Promise<void> {
    if (await standsThere(name, bytes)) return;
    const lock =
      lockDays === 0
        ? {}
        : {
            ObjectLockMode: 'COMPLIANCE' as const,
            ObjectLockRetainUntilDate: new Date(now() + lockDays * DAY_MS),
          };
    const order = { ...at(name), Body: bytes, ChecksumSHA256: base64Of(name), ...lock };
    const answer = await client
      .send(new s3.PutObjectCommand({ ...order, IfNoneMatch: '*' }))
      .catch((cause: unknown) => {
        // Somebody else was first, or is just now: what stands there is looked at once more.
        if (statusOf(cause) === 412 || statusOf(cause) === 409) return null;
        // Some stores know no conditions; that nothing stood there was asked a moment ago.
        if (statusOf(cause) === 501) return client.send(new s3.PutObjectCommand(order));
        throw cause;
      });
    if (answer === null) {
      if (meetings === MOST_MEETINGS) throw new Error('puts of the same bytes keep meeting');
      if (meetings > 0) await sleep(50 * 2 ** meetings);
      await putOnce(name, bytes, meetings + 1);
    } else if (answer.ChecksumSHA256 !== base64Of(name)) await get(name);
  }

  /** Every version of a blob, where the bucket keeps versions; null where it knows none. */
  async function versionsOf(name: Sha256): Promise<(string | undefined)[] | null> {
    try {
      const { Versions = [], DeleteMarkers = [] } = await client.send(
        new s3.ListObjectVersionsCommand({ Bucket: bucket, Prefix: keyOf(name) }),
      );
      return [...Versions, ...DeleteMarkers].map(({ VersionId }) => VersionId);
    } catch (cause) {
      if (statusOf(cause) === 405 || statusOf(cause) === 501) return null;
      throw cause;
    }
  }

  return {
    place,

    async put(bytes) {
      const name = sha256Of(bytes);
      try {
        await putOnce(name, bytes);
      } catch (cause) {
        if (isOwn(cause)) throw cause;
        const code = codeOf(cause);
        if (FULL_CODES.has(code) || statusOf(cause) === 507) fullUntil = now() + FULL_FOR_MS;
        const facts = { place, bytes: bytes.byteLength, freeBytes: null, code };
        throw new EvidenceWriteError(facts, { cause, wayOut: wayOut(cause, endpoint) });
      }
      return name;
    },

    has: (name) => asking(async () => isSha256(name) && (await standing(name)) !== null),

    read: (name) => asking(() => get(name)),

    async erase(name) {
      if (!isSha256(name)) return false;
      return asking(async () => {
        const kept = await standing(name);
        const versions = await versionsOf(name);
        if (kept === null && (versions === null || versions.length === 0)) return false;
        for (const VersionId of versions ?? [undefined]) {
          const which = VersionId === undefined ? {} : { VersionId };
          await client.send(new s3.DeleteObjectCommand({ ...at(name), ...which })).catch((cause: unknown) => {
            if (codeOf(cause) !== 'AccessDenied' || kept?.ObjectLockMode === undefined) throw cause;
            const until = kept.ObjectLockRetainUntilDate ?? null;
            throw new EvidenceLockedError({ sha256: name, place, until }, { cause });
          });
        }
        return true;
      });
    },

    async *list() {
      const wanted = /(?:^|\/)([0-9a-f]{2})\/([0-9a-f]{2})\/(\1\2[0-9a-f]{60})$/;
      for (let token: string | undefined; ; ) {
        const page = await asking(() =>
          client.send(
            new s3.ListObjectsV2Command({
              Bucket: bucket,
              Prefix: `${prefix}sha256/`,
              ...(token === undefined ? {} : { ContinuationToken: token }),
            }),
          ),
        );
        for (const { Key = '' } of page.Contents ?? []) {
          const name = wanted.exec(Key)?.[3];
          if (name !== undefined) yield name;
        }
        token = page.NextContinuationToken;
        if (token === undefined) return;
      }
    },

    hasRoom: async () => now() >= fullUntil,
  };
}

function base64Of(name: Sha256): string {
  return Buffer.from(name, 'hex').toString('base64');
}

function isOwn(error: unknown): boolean {
  return (
    error instanceof EvidenceMissingError ||
    error instanceof EvidenceAlteredError ||
    error instanceof EvidenceLockedError
  );
}

function statusOf(error: unknown): number {
  return (error as Partial<S3ServiceException>).$metadata?.httpStatusCode ?? 0;
}

/** The store's own code, or the network's. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code !== null) return code;
  return error.name === 'Error' ? error.message : error.name;
}

/** Which setting to look at. */
function wayOut(cause: unknown, endpoint: string | null): string {
  const code = codeOf(cause);
  switch (code) {
    case 'NoSuchBucket':
      return 'Make the bucket that KUZET_EVIDENCE names, or name another.';
    case 'CredentialsProviderError':
    case 'InvalidAccessKeyId':
    case 'SignatureDoesNotMatch':
    case 'ExpiredToken':
      return 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another source of credentials that the AWS SDK knows.';
    case 'AccessDenied':
    case 'Forbidden':
      return 'These credentials may not: they need to list, get, put and, for decided deletions, delete in the bucket of KUZET_EVIDENCE.';
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
      return 'Set KUZET_S3_REGION to the region of the bucket.';
    case 'InvalidRequest':
      return 'If KUZET_EVIDENCE_LOCK_DAYS is set, the bucket must have been made with object lock.';
  }
  if (FULL_CODES.has(code) || statusOf(cause) === 507)
    return 'The store is full: raise its quota. Visits rest meanwhile and nothing is lost but this page.';
  const where = endpoint === null ? 'the network' : `KUZET_S3_ENDPOINT (${endpoint})`;
  return `See that ${where} answers, then try again.`;
}
