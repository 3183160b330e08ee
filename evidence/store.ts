/**
 * The contract of an evidence store: bytes go in once, are known by their SHA-256, and never change.
 *
 * `evidence/folder.ts` keeps it on a file system, `evidence/bucket.ts` in an S3-compatible store; both pass
 * `test/conformance/evidence-store.ts`. Whatever keeps it, a blob that `put` acknowledged survives a kill of
 * the process, and `read` gives the very bytes back or throws.
 */
import { createHash } from 'node:crypto';
import type { Sha256 } from '../domain/capture.ts';

export interface EvidenceStore {
  /** Where it is, as an operator wrote it: a folder, or `s3://bucket/prefix`. */
  readonly place: string;
  /**
   * Keeps the bytes and answers with their name, once they are safe. The same bytes are kept once.
   *
   * @throws EvidenceWriteError when they could not be kept; nothing half-written is left under the name.
   * @throws EvidenceAlteredError when other bytes already stand under that name.
   */
  put(bytes: Uint8Array): Promise<Sha256>;
  has(name: Sha256): Promise<boolean>;
  /**
   * The bytes, hashed again on the way out.
   *
   * @throws EvidenceMissingError, EvidenceAlteredError
   */
  read(name: Sha256): Promise<Buffer>;
  /** Every name kept, in ascending order. */
  list(): AsyncIterable<Sha256>;
  /**
   * Takes a blob away for good; only what `queues/retention.ts` decided on may be. Answers whether it was there.
   *
   * @throws EvidenceLockedError when the place itself keeps it for a time.
   */
  erase(name: Sha256): Promise<boolean>;
  /** False when so little space is left that nobody should go and get more; asked often, looked up seldom. */
  hasRoom(): Promise<boolean>;
}

export function sha256Of(bytes: Uint8Array): Sha256 {
  return createHash('sha256').update(bytes).digest('hex');
}

export function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** The store has no such blob. */
export class EvidenceMissingError extends Error {
  override readonly name = 'EvidenceMissingError';
  readonly facts: { readonly sha256: Sha256; readonly place: string };

  constructor(facts: EvidenceMissingError['facts'], options?: ErrorOptions) {
    super(
      `Evidence ${facts.sha256} is not at ${facts.place}. Put the file back from a backup, or capture the page again; until then its case cannot go into a batch.`,
      options,
    );
    this.facts = facts;
  }
}

/** What stands under a name is not what was put there. */
export class EvidenceAlteredError extends Error {
  override readonly name = 'EvidenceAlteredError';
  readonly facts: { readonly sha256: Sha256; readonly found: Sha256; readonly place: string };

  constructor(facts: EvidenceAlteredError['facts']) {
    super(
      `Evidence ${facts.sha256} was altered: ${facts.place} now hashes to ${facts.found}. Keep the altered file for inquiry under another name, put the original back from a backup, and do not refer its case meanwhile.`,
    );
    this.facts = facts;
  }
}

/** The bytes could not be kept. `freeBytes` is what the place still had, null when it would not say. */
export class EvidenceWriteError extends Error {
  override readonly name = 'EvidenceWriteError';
  readonly facts: {
    readonly place: string;
    readonly bytes: number;
    readonly freeBytes: number | null;
    /** The place's own code, e.g. `ENOSPC`, `EACCES`, `AccessDenied`. */
    readonly code: string;
  };

  /** @param wayOut what mends it, where the place knows better than a file system's code tells. */
  constructor(facts: EvidenceWriteError['facts'], options: ErrorOptions & { readonly wayOut?: string }) {
    const free = facts.freeBytes === null ? 'unknown' : `${facts.freeBytes} bytes`;
    const usual =
      facts.code === 'ENOSPC' || facts.code === 'EDQUOT'
        ? 'Free some space there or move the folder to a larger disk: a page that found no room is read again then.'
        : 'See that the folder exists and this user may write to it, then scan again.';
    super(
      `Could not keep ${facts.bytes} bytes of evidence in ${facts.place} (${facts.code}; free space: ${free}). ${options.wayOut ?? usual}`,
      options,
    );
    this.facts = facts;
  }
}

/** The place could not be asked: nothing is said of what it holds. */
export class EvidenceUnreachableError extends Error {
  override readonly name = 'EvidenceUnreachableError';
  readonly facts: { readonly place: string; readonly code: string };

  constructor(facts: EvidenceUnreachableError['facts'], wayOut: string, options?: ErrorOptions) {
    super(`The evidence in ${facts.place} could not be asked for (${facts.code}). ${wayOut}`, options);
    this.facts = facts;
  }
}

/** The place keeps the blob whatever we decide, until `until`; null when it would not say until when. */
export class EvidenceLockedError extends Error {
  override readonly name = 'EvidenceLockedError';
  readonly facts: { readonly sha256: Sha256; readonly place: string; readonly until: Date | null };

  constructor(facts: EvidenceLockedError['facts'], options?: ErrorOptions) {
    const until = facts.until === null ? 'for a time of its own' : `until ${facts.until.toISOString()}`;
    super(
      `Evidence ${facts.sha256} is locked in ${facts.place} ${until}. It goes by itself when asked again after that.`,
      options,
    );
    this.facts = facts;
  }
}

/** Codes of a file system, of Amazon S3 and of MinIO for a place that takes nothing more. */
export const FULL_CODES: ReadonlySet<string> = new Set([
  ...['ENOSPC', 'EDQUOT'],
  ...['QuotaExceeded', 'XMinioStorageFull', 'XAmzQuotaExceeded', 'InsufficientCapacity'],
]);

/** Whether there was no room: everything else would fail there too, until a person makes some. */
export function isPlaceFull(error: unknown): error is EvidenceWriteError {
  return error instanceof EvidenceWriteError && FULL_CODES.has(error.facts.code);
}

/** Whether the evidence store itself failed, and a later try may do better. */
export function isEvidenceFault(error: unknown): error is Error {
  return (
    error instanceof EvidenceWriteError ||
    error instanceof EvidenceMissingError ||
    error instanceof EvidenceAlteredError ||
    error instanceof EvidenceUnreachableError
  );
}

export interface ScrubReport {
  readonly blobs: number;
  readonly bytes: number;
  /** Names that are relied on and not there because two people decided so. */
  readonly deleted: number;
  /** One per blob that did not read back, in the store's order. */
  readonly faults: readonly (EvidenceMissingError | EvidenceAlteredError)[];
}

/** Blobs that are asked for at once. */
const ASKED_AT_ONCE = 16;

/**
 * Names among those relied on that are not there, in the order they are first named; nothing is read.
 *
 * @param expected in any order, repeated or not.
 */
export async function absent(
  store: Pick<EvidenceStore, 'has'>,
  expected: AsyncIterable<Sha256>,
): Promise<Sha256[]> {
  const seen = new Set<Sha256>();
  const gone: Sha256[] = [];
  let asked: Sha256[] = [];
  const look = async () => {
    const found = await Promise.all(asked.map((name) => store.has(name)));
    gone.push(...asked.filter((_, at) => found[at] === false));
    asked = [];
  };
  for await (const name of expected) {
    if (seen.has(name)) continue;
    seen.add(name);
    asked.push(name);
    if (asked.length === ASKED_AT_ONCE) await look();
  }
  await look();
  return gone;
}

/**
 * Reads and hashes every blob, and then those that should be there and were not listed; faults are gathered,
 * any other error ends the scrub.
 *
 * @param expected names that somebody relies on, in any order, repeated or not.
 * @param wasDeleted whether a blob that is not there went by a decision.
 */
export async function scrub(
  store: Pick<EvidenceStore, 'list' | 'read'>,
  expected: AsyncIterable<Sha256> | Iterable<Sha256> = [],
  wasDeleted: (name: Sha256) => Promise<boolean> = async () => false,
): Promise<ScrubReport> {
  const faults: (EvidenceMissingError | EvidenceAlteredError)[] = [];
  const seen = new Set<Sha256>();
  let bytes = 0;
  let deleted = 0;
  const look = async (name: Sha256) => {
    if (seen.has(name)) return;
    seen.add(name);
    try {
      bytes += (await store.read(name)).byteLength;
    } catch (error) {
      if (!(error instanceof EvidenceMissingError || error instanceof EvidenceAlteredError)) throw error;
      if (error instanceof EvidenceMissingError && (await wasDeleted(name))) deleted += 1;
      else faults.push(error);
    }
  };
  for await (const name of store.list()) await look(name);
  for await (const name of expected) await look(name);
  return { blobs: seen.size - deleted, bytes, deleted, faults };
}
