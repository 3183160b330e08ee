/**
 * A batch: referrals and their evidence in one zip, made to be checked by whoever receives it.
 *
 *     manifest.json                who, when, with what; path, size and SHA-256 of every file below
 *     manifest.json.p7s            our CMS signature over it, where a signer is set
 *     manifest.json.N.tsr          a time authority's token for it, where one answered
 *     referrals.json               the records, complete (domain/record.ts); all else is made from them
 *     referrals.xml .xsd           the same as XML, and its schema; referral.schema.json is the JSON's
 *     form/links.csv links.xlsx    what goes into the form (exports/kibernadzor/form-csv.ts)
 *     form/screens/N.png           the picture of row N
 *     letters/CHANNEL.ru|kk.html   the covering letter
 *     evidence/CASE/…              screenshots, the WARC and the WACZ of each case
 *     README.ru.txt README.kk.txt  how to check
 *     SHA256SUMS                   for `sha256sum -c`
 *
 * The same records and the same seal give the same bytes: see `domain/zip.ts`.
 */
import { createHash } from 'node:crypto';
import type { Sha256 } from '../../domain/capture.ts';
import { isSameOfficer, officerId } from '../../domain/case.ts';
import { chained, type Referral, type ReferralRecord } from '../../domain/record.ts';
import { type Channel, groundFor, isReferable, OFFENCES } from '../../domain/referral.ts';
import { zip } from '../../domain/zip.ts';
import { addressFindings } from '../overblock/rules.ts';
import { formFiles } from './form-csv.ts';
import { formXlsx } from './form-xlsx.ts';
import { stableJson } from './json.ts';
import { letterFiles } from './letters.ts';
import { readmeFiles } from './readme.ts';
import { recordSchema, recordsXml, recordsXsd } from './xml.ts';

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
  /** The batch whose cases go on in this one: it does not leave, or did not arrive. */
  readonly replaces?: Manifest['replaces'];
  readonly referrals: readonly Referral[];
  /** Every blob that the referrals name. */
  readonly blobs: ReadonlyMap<Sha256, Uint8Array>;
  /** What was signed and stamped of its manifest; none leaves it bare. */
  readonly seal?: Seal;
}

/** Made once over a manifest, and kept: a signature may be another one each time. */
export interface Seal {
  /** CMS, DER, detached. */
  readonly signature: Uint8Array | null;
  /** RFC 3161 tokens, DER. */
  readonly stamps: readonly Uint8Array[];
}

export interface Manifest {
  readonly profile: 'kibernadzor-batch/1.0.0';
  readonly batchId: string;
  readonly fileName: string;
  readonly org: string;
  readonly seq: number;
  readonly channel: Channel;
  readonly builtAt: string;
  readonly software: { readonly name: string; readonly version: string };
  readonly prevBatchSha256: Sha256 | null;
  /** Left out for a batch that takes its cases for the first time. */
  readonly replaces?: { readonly batch: string; readonly sha256: Sha256 | null } | undefined;
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
  return [...new Set(referrals.flatMap(({ evidence }) => evidence.map(({ sha256 }) => sha256)))];
}

/** @throws BatchRejectedError naming every fault. */
export async function buildBatch(order: BatchOrder): Promise<Buffer> {
  const faults = batchFaults(order);
  if (faults.length > 0) throw new BatchRejectedError({ batch: order.batchId, faults });

  const files = await contentFiles(order);
  files.set('manifest.json', manifestBytes(order, files));
  const { signature = null, stamps = [] } = order.seal ?? {};
  if (signature !== null) files.set('manifest.json.p7s', Buffer.from(signature));
  for (const [at, token] of stamps.entries()) files.set(`manifest.json.${at + 1}.tsr`, Buffer.from(token));
  files.set('SHA256SUMS', Buffer.from(sumsOf(files), 'utf8'));
  return zip(files, order.builtAt);
}

/** What a batch's seal is made over. @throws BatchRejectedError */
export async function batchManifest(order: BatchOrder): Promise<Buffer> {
  const faults = batchFaults(order);
  if (faults.length > 0) throw new BatchRejectedError({ batch: order.batchId, faults });
  return manifestBytes(order, await contentFiles(order));
}

/** Files that stand beside the manifest, and so are not in it. */
export function isSealFile(path: string): boolean {
  return path === 'manifest.json.p7s' || /^manifest\.json\.\d+\.tsr$/.test(path);
}

function manifestBytes(order: BatchOrder, files: ReadonlyMap<string, Buffer>): Buffer {
  return Buffer.from(stableJson(manifestOf(order, files)), 'utf8');
}

/** What a referral may never lack, whoever asks: checked on building and again on verifying. */
export function referralFaults(referral: Referral, channel: Channel): string[] {
  const faults: string[] = [];
  if (referral.channel !== channel) faults.push(`it goes by ${referral.channel}, the batch by ${channel}`);
  const label = referral.taxonomy.fraudType;
  if (!isReferable(label)) faults.push(`"${label}" is never referred`);
  else {
    for (const { code } of referral.qualification) {
      const ground = groundFor(label, code);
      if (ground.is === 'refused') faults.push(ground.why);
    }
    if (OFFENCES[label]?.form !== referral.offense) {
      faults.push(`"${referral.offense}" is not the offence of ${label}`);
    }
  }
  const { officerId: one, secondOfficerId: other } = referral.decision;
  const [first, second] = [officerId(one), officerId(other)];
  if (first === '' || second === '') faults.push('it lacks an officer');
  else if (isSameOfficer(first, second)) faults.push(`${first} both confirmed and approved it`);
  for (const { rule, kind, why } of addressFindings(referral.url, referral.channel)) {
    const isLetGo = referral.decision.overrides.some((each) => each.rule === rule && each.finding === why);
    if (kind === 'hard') faults.push(`${rule}: ${why}`);
    else if (!isLetGo) faults.push(`${rule}: ${why}; two officers did not let it go`);
  }
  return [...faults, ...overrideFaults(referral)];
}

function overrideFaults({ decision }: Referral): string[] {
  return decision.overrides.flatMap(({ rule, why, officerId: one, secondOfficerId: other }) => {
    const [first, second] = [officerId(one), officerId(other)];
    if (first === '' || second === '' || isSameOfficer(first, second))
      return [`the override of ${rule} lacks a second officer`];
    return why.trim() === '' ? [`the override of ${rule} says not why`] : [];
  });
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
    const screenshot = mainScreenshot(referral);
    if (screenshot === null) why.push('it has no screenshot of its own');
    else {
      const twin = pictures.get(screenshot);
      if (twin !== undefined) why.push(`OB14: its screenshot is that of ${twin} as well`);
      pictures.set(screenshot, caseId);
    }
    for (const part of evidence) {
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

/** SHA-256 of the picture that goes into the form; null when the record names none of its own. */
export function mainScreenshot({
  evidence,
  screenshotMain,
}: Pick<Referral, 'evidence' | 'screenshotMain'>): Sha256 | null {
  const part = evidence.find(({ id }) => id === screenshotMain);
  return part?.mediaType === 'image/png' ? part.sha256 : null;
}

/** Everything but the manifest, its seal and the sums. */
async function contentFiles(order: BatchOrder): Promise<Map<string, Buffer>> {
  const { referrals, blobs } = order;
  const records = chained(referrals);
  const files = await viewFiles(records, order);
  for (const [at, record] of records.entries()) {
    for (const { path, sha256 } of record.evidence) files.set(path, Buffer.from(blobs.get(sha256)!));
    files.set(`form/screens/${at + 1}.png`, Buffer.from(blobs.get(mainScreenshot(record)!)!));
  }
  return files;
}

/** What is made from the records alone, and so can be made again by whoever checks. */
export async function viewFiles(
  records: readonly ReferralRecord[],
  batch: Pick<BatchOrder, 'batchId' | 'org' | 'channel' | 'builtAt'>,
): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  files.set('referrals.json', Buffer.from(stableJson(records), 'utf8'));
  files.set('referrals.xml', recordsXml(records));
  files.set('referrals.xsd', recordsXsd());
  files.set('referral.schema.json', Buffer.from(stableJson(recordSchema()), 'utf8'));
  for (const { name, bytes } of formFiles(records)) files.set(`form/${name}`, bytes);
  files.set('form/links.xlsx', await formXlsx(records, batch.builtAt));
  for (const { name, bytes } of letterFiles(records, batch.channel, batch))
    files.set(`letters/${name}`, bytes);
  for (const { name, bytes } of readmeFiles(batchFileName(batch.batchId))) files.set(name, bytes);
  return files;
}

function manifestOf(order: BatchOrder, files: ReadonlyMap<string, Buffer>): Manifest {
  const { batchId, org, seq, channel, builtAt, software, prevBatchSha256, replaces, referrals } = order;
  return {
    profile: 'kibernadzor-batch/1.0.0',
    batchId,
    fileName: batchFileName(batchId),
    org,
    seq,
    channel,
    builtAt: builtAt.toISOString(),
    software,
    prevBatchSha256,
    ...(replaces === undefined ? {} : { replaces }),
    rows: referrals.length,
    byOffence: tally(referrals.map(({ offense }) => offense)),
    byGround: tally(groundsOf(referrals)),
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

export function groundsOf(referrals: readonly Referral[]): string[] {
  return referrals.flatMap(({ qualification }) => qualification.map(({ code }) => code));
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
