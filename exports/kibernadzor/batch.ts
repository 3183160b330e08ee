/**
 * A batch: referrals and their evidence in one zip, made to be checked by whoever receives it.
 *
 *     manifest.json                who, when, with what; path, size and SHA-256 of every file below
 *     referrals.json               the records, complete; all else is made from them
 *     form/links.csv               what goes into the form (exports/kibernadzor/form-csv.ts)
 *     form/screens/N.png           the picture of row N
 *     evidence/CASE/…              screenshots and the WARC of each case
 *     README.ru.txt README.kk.txt  how to check
 *     SHA256SUMS                   for `sha256sum -c`
 *
 * The same records give the same bytes: names sorted, nothing compressed (zlib's output changes between
 * versions, and pictures and WARCs are compressed already), one time stamp.
 */
import { createHash } from 'node:crypto';
import type { Sha256 } from '../../domain/capture.ts';
import { isSameOfficer, officerId } from '../../domain/case.ts';
import { type Channel, groundFor, isReferable, OFFENCES, type Referral } from '../../domain/referral.ts';
import { zip } from '../../domain/zip.ts';
import { addressFindings } from '../overblock/rules.ts';
import { formFiles } from './form-csv.ts';
import { stableJson } from './json.ts';
import { readmeFiles } from './readme.ts';

export const MOST_ROWS = 500;
/** Faults spelled out in a message; all of them are in its facts. */
const MOST_TOLD = 10;

export interface BatchOrder {
  /** `KN_{org}_{YYYYMMDD}_{seq}`. */
  readonly batchId: string;
  readonly org: string;
  readonly seq: number;
  readonly channel: Channel;
  readonly builtAt: Date;
  readonly software: { readonly name: string; readonly version: string };
  /** SHA-256 of the organisation's batch before this one; null for its first. */
  readonly prevBatchSha256: Sha256 | null;
  readonly referrals: readonly Referral[];
  /** Every blob that the referrals name. */
  readonly blobs: ReadonlyMap<Sha256, Uint8Array>;
}

export interface Manifest {
  readonly profile: 'kibernadzor-batch/0.1.0';
  readonly batchId: string;
  readonly fileName: string;
  readonly org: string;
  readonly seq: number;
  readonly channel: Channel;
  readonly builtAt: string;
  readonly software: { readonly name: string; readonly version: string };
  readonly prevBatchSha256: Sha256 | null;
  readonly rows: number;
  readonly byOffence: Readonly<Record<string, number>>;
  readonly byGround: Readonly<Record<string, number>>;
  /** All files but the manifest itself and SHA256SUMS, by path. */
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: Sha256 }[];
}

/** A batch that may not be built. One bad row stops the whole: officers take bad rows out, not the machine. */
export class BatchRejectedError extends Error {
  override readonly name = 'BatchRejectedError';
  readonly facts: {
    readonly batch: string;
    /** `row` is 1 for the first referral, 0 for the batch as a whole. */
    readonly faults: readonly { readonly row: number; readonly caseId: string; readonly why: string }[];
  };

  constructor(facts: BatchRejectedError['facts']) {
    const list = facts.faults
      .slice(0, MOST_TOLD)
      .map(({ row, caseId, why }) => (row === 0 ? why : `row ${row} (${caseId}): ${why}`));
    const rest = facts.faults.length - list.length;
    super(
      `Batch ${facts.batch} was not built. ${list.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}. Mend these cases or leave them out, and build again.`,
    );
    this.facts = facts;
  }
}

export function batchFileName(batchId: string): string {
  return `${batchId}_v1.zip`;
}

/** Names of all blobs that the referrals need. */
export function blobsOf(referrals: readonly Referral[]): Sha256[] {
  return [...new Set(referrals.flatMap(({ evidence }) => partsOf(evidence).map(({ sha256 }) => sha256)))];
}

/** @throws BatchRejectedError naming every fault. */
export async function buildBatch(order: BatchOrder): Promise<Buffer> {
  const faults = batchFaults(order);
  if (faults.length > 0) throw new BatchRejectedError({ batch: order.batchId, faults });

  const files = contentFiles(order);
  const manifest = stableJson(manifestOf(order, files));
  files.set('manifest.json', Buffer.from(manifest, 'utf8'));
  files.set('SHA256SUMS', Buffer.from(sumsOf(files), 'utf8'));
  return zip(files, order.builtAt);
}

/** What a referral may never lack, whoever asks: checked on building and again on verifying. */
export function referralFaults(referral: Referral, channel: Channel): string[] {
  const faults: string[] = [];
  if (referral.channel !== channel) faults.push(`it goes by ${referral.channel}, the batch by ${channel}`);
  if (!isReferable(referral.label)) faults.push(`"${referral.label}" is never referred`);
  else {
    const ground = groundFor(referral.label, referral.ground);
    if (ground.is === 'refused') faults.push(ground.why);
    if (OFFENCES[referral.label]?.form !== referral.offence) {
      faults.push(`"${referral.offence}" is not the offence of ${referral.label}`);
    }
  }
  const [first, second] = [officerId(referral.decidedBy), officerId(referral.approvedBy)];
  if (first === '' || second === '') faults.push('it lacks an officer');
  else if (isSameOfficer(first, second)) faults.push(`${first} both confirmed and approved it`);
  for (const { rule, kind, why } of addressFindings(referral.url, referral.channel)) {
    if (kind === 'hard') faults.push(`${rule}: ${why}`);
  }
  return faults;
}

/** Every reason why these referrals make no batch; none when they do. Ask before cases are marked as referred. */
export function batchFaults({
  channel,
  referrals,
  blobs,
}: Pick<BatchOrder, 'channel' | 'referrals' | 'blobs'>): BatchRejectedError['facts']['faults'] {
  const whole = (why: string) => ({ row: 0, caseId: '', why });
  if (referrals.length === 0) return [whole('it has no referral')];
  if (referrals.length > MOST_ROWS)
    return [whole(`${referrals.length} referrals are more than ${MOST_ROWS}`)];
  const cases = new Map<string, number>();
  const pictures = new Map<Sha256, string>();
  return referrals.flatMap((referral, at) => {
    const { caseId, evidence } = referral;
    const why = referralFaults(referral, channel);
    if (!/^K-\d{6,}$/.test(caseId)) why.push(`"${caseId}" is no case number`);
    if (cases.has(caseId)) why.push(`its case is in row ${cases.get(caseId)} already`);
    cases.set(caseId, at + 1);
    const twin = pictures.get(evidence.screenshot.sha256);
    if (twin !== undefined) why.push(`OB14: its screenshot is that of ${twin} as well`);
    pictures.set(evidence.screenshot.sha256, caseId);
    for (const part of partsOf(evidence)) {
      const bytes = blobs.get(part.sha256);
      if (bytes === undefined) why.push(`${part.path} is not at hand`);
      else if (sha256Of(bytes) !== part.sha256 || bytes.byteLength !== part.bytes) {
        why.push(`${part.path} is not what was captured`);
      }
      if (!part.path.startsWith(`evidence/${caseId}/`)) why.push(`${part.path} is not under its own case`);
    }
    return why.map((each) => ({ row: at + 1, caseId, why: each }));
  });
}

/** Everything but the manifest and the sums. */
function contentFiles({ referrals, blobs, batchId }: BatchOrder): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  files.set('referrals.json', Buffer.from(stableJson(referrals), 'utf8'));
  for (const { name, bytes } of formFiles(referrals)) files.set(`form/${name}`, bytes);
  for (const { name, bytes } of readmeFiles(batchFileName(batchId))) files.set(name, bytes);
  for (const [at, { evidence }] of referrals.entries()) {
    for (const { path, sha256 } of partsOf(evidence)) files.set(path, Buffer.from(blobs.get(sha256)!));
    files.set(`form/screens/${at + 1}.png`, Buffer.from(blobs.get(evidence.screenshot.sha256)!));
  }
  return files;
}

function manifestOf(order: BatchOrder, files: ReadonlyMap<string, Buffer>): Manifest {
  const { batchId, org, seq, channel, builtAt, software, prevBatchSha256, referrals } = order;
  return {
    profile: 'kibernadzor-batch/0.1.0',
    batchId,
    fileName: batchFileName(batchId),
    org,
    seq,
    channel,
    builtAt: builtAt.toISOString(),
    software,
    prevBatchSha256,
    rows: referrals.length,
    byOffence: tally(referrals.map(({ offence }) => offence)),
    byGround: tally(referrals.map(({ ground }) => ground)),
    files: sortedPaths(files).map((path) => {
      const bytes = files.get(path)!;
      return { path, bytes: bytes.byteLength, sha256: sha256Of(bytes) };
    }),
  };
}

export function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

export function partsOf(evidence: Referral['evidence']): { path: string; sha256: Sha256; bytes: number }[] {
  const { screenshot, fullScreenshot, warc } = evidence;
  return fullScreenshot === null ? [screenshot, warc] : [screenshot, fullScreenshot, warc];
}

/** One line a file, as `sha256sum` writes them. */
function sumsOf(files: ReadonlyMap<string, Buffer>): string {
  return sortedPaths(files)
    .map((path) => `${sha256Of(files.get(path)!)}  ${path}\n`)
    .join('');
}

function sortedPaths(files: ReadonlyMap<string, Buffer>): string[] {
  return [...files.keys()].sort((a, b) => (a < b ? -1 : 1));
}

export function sha256Of(bytes: Uint8Array): Sha256 {
  return createHash('sha256').update(bytes).digest('hex');
}
