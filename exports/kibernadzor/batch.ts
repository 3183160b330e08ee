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
 *     letters/CHANNEL.ru|kk.html   the covering letter; .pdf the same on paper, where a browser printed it
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
import { type Said, said } from '../overblock/words.ts';
import { formFiles } from './form-csv.ts';
import { formXlsx } from './form-xlsx.ts';
import { stableJson } from './json.ts';
import { type LettersOnPaper, letterFiles } from './letters.ts';
import { readmeFiles } from './readme.ts';
import { groundFault } from './referral.ts';
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
  /** The letters as PDF, printed once; left out for a batch from before letters were printed. */
  readonly onPaper?: LettersOnPaper | undefined;
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
  /** Whether the letters are there on paper too; left out by a batch from before letters were printed. */
  readonly lettersAsPdf?: boolean | undefined;
  readonly rows: number;
  readonly byOffence: Readonly<Record<string, number>>;
  readonly byGround: Readonly<Record<string, number>>;
  /** All files but the manifest itself and SHA256SUMS, by path. */
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: Sha256 }[];
}

export interface BatchFault extends Said {
  /** 1 for the first referral, 0 for the batch as a whole. */
  readonly row: number;
  readonly caseId: string;
}

/** A batch that may not be built. One bad row stops the whole: officers take bad rows out, not the machine. */
export class BatchRejectedError extends Error {
  override readonly name = 'BatchRejectedError';
  readonly facts: {
    readonly batch: string;
    readonly faults: readonly BatchFault[];
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
export function referralFaults(referral: Referral, channel: Channel): Said[] {
  const faults: Said[] = [];
  if (referral.channel !== channel)
    faults.push(said('batch.other_channel', { own: referral.channel, channel }));
  const label = referral.taxonomy.fraudType;
  if (!isReferable(label)) faults.push(said('case.label', { label }));
  else {
    for (const { code } of referral.qualification) {
      if (groundFor(label, code).is === 'refused') faults.push(groundFault(label, code));
    }
    if (OFFENCES[label]?.form !== referral.offense) {
      faults.push(said('batch.other_offence', { offence: referral.offense, label }));
    }
  }
  const { officerId: one, secondOfficerId: other } = referral.decision;
  const [first, second] = [officerId(one), officerId(other)];
  if (first === '' || second === '') faults.push(said('batch.no_officer', {}));
  else if (isSameOfficer(first, second)) faults.push(said('case.same_officer', { officer: first }));
  for (const { rule, kind, why: found } of addressFindings(referral.url, referral.channel)) {
    const isLetGo = referral.decision.overrides.some((each) => each.rule === rule && each.finding === found);
    if (kind === 'hard') faults.push(said('batch.hard', { rule, found }));
    else if (!isLetGo) faults.push(said('batch.not_let_go', { rule, found }));
  }
  return [...faults, ...overrideFaults(referral)];
}

function overrideFaults({ decision }: Referral): Said[] {
  return decision.overrides.flatMap(({ rule, why, officerId: one, secondOfficerId: other }) => {
    const [first, second] = [officerId(one), officerId(other)];
    if (first === '' || second === '' || isSameOfficer(first, second))
      return [said('batch.one_officer', { rule })];
    return why.trim() === '' ? [said('batch.no_words', { rule })] : [];
  });
}

/** Every reason why these referrals make no batch; none when they do. Ask before cases are marked as referred. */
export function batchFaults({
  channel,
  referrals,
  blobs,
}: Pick<BatchOrder, 'channel' | 'referrals' | 'blobs'>): readonly BatchFault[] {
  const whole = (why: Said): BatchFault => ({ row: 0, caseId: '', ...why });
  if (referrals.length === 0) return [whole(said('batch.empty', {}))];
  if (referrals.length > MOST_ROWS)
    return [whole(said('batch.too_many', { rows: referrals.length, most: MOST_ROWS }))];
  const cases = new Map<string, number>();
  const pictures = new Map<Sha256, string>();
  return referrals.flatMap((referral, at) => {
    const { caseId, evidence } = referral;
    const faults = referralFaults(referral, channel);
    if (!/^K-\d{6,}$/.test(caseId)) faults.push(said('batch.bad_number', { id: caseId }));
    const row = cases.get(caseId);
    if (row !== undefined) faults.push(said('batch.twice', { row }));
    cases.set(caseId, at + 1);
    const screenshot = mainScreenshot(referral);
    if (screenshot === null) faults.push(said('batch.no_screenshot', {}));
    else {
      const twin = pictures.get(screenshot);
      if (twin !== undefined) faults.push(said('batch.same_picture', { id: twin }));
      pictures.set(screenshot, caseId);
    }
    for (const { path, sha256, bytes: length } of evidence) {
      const bytes = blobs.get(sha256);
      if (bytes === undefined) faults.push(said('batch.not_at_hand', { path }));
      else if (sha256Of(bytes) !== sha256 || bytes.byteLength !== length)
        faults.push(said('batch.altered', { path }));
      if (!path.startsWith(`evidence/${caseId}/`)) faults.push(said('batch.misplaced', { path }));
    }
    return faults.map((each) => ({ row: at + 1, caseId, ...each }));
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
  const files = await viewFiles(records, { ...order, lettersAsPdf: lettersAsPdf(order) });
  if (order.onPaper?.is === 'printed')
    for (const [name, bytes] of order.onPaper.files) files.set(`letters/${name}`, Buffer.from(bytes));
  for (const [at, record] of records.entries()) {
    for (const { path, sha256 } of record.evidence) files.set(path, Buffer.from(blobs.get(sha256)!));
    files.set(`form/screens/${at + 1}.png`, Buffer.from(blobs.get(mainScreenshot(record)!)!));
  }
  return files;
}

/** What is made from the records alone, and so can be made again by whoever checks. */
export async function viewFiles(
  records: readonly ReferralRecord[],
  batch: Pick<BatchOrder, 'batchId' | 'org' | 'channel' | 'builtAt'> & Pick<Manifest, 'lettersAsPdf'>,
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
  for (const { name, bytes } of readmeFiles(batchFileName(batch.batchId), batch.lettersAsPdf))
    files.set(name, bytes);
  return files;
}

function lettersAsPdf({ onPaper }: Pick<BatchOrder, 'onPaper'>): boolean | undefined {
  return onPaper === undefined ? undefined : onPaper.is === 'printed';
}

function manifestOf(order: BatchOrder, files: ReadonlyMap<string, Buffer>): Manifest {
  const { batchId, org, seq, channel, builtAt, software, prevBatchSha256, replaces, referrals } = order;
  const onPaper = lettersAsPdf(order);
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
    ...(onPaper === undefined ? {} : { lettersAsPdf: onPaper }),
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
