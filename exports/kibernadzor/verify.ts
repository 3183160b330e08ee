/**
 * Checks a batch by itself: no store, no network, no trust in whoever built it.
 *
 * What it proves: every file is the one the manifest names, the form's CSV and pictures are those of the
 * records, the records were decided by two officers and may be referred. What it does not: who built it.
 */
import { z } from 'zod';
import { readJson } from '../../domain/read-json.ts';
import { isChained, REFERRAL_RECORD, type ReferralRecord } from '../../domain/record.ts';
import { CHANNELS } from '../../domain/referral.ts';
import { BadZipError, zip as pack, unzip } from '../../domain/zip.ts';
import {
  batchFileName,
  groundsOf,
  isSealFile,
  type Manifest,
  mainScreenshot,
  referralFaults,
  sha256Of,
  tally,
  viewFiles,
} from './batch.ts';
import { stableJson } from './json.ts';
import { paperNames } from './letters.ts';

export const CHECKS = [
  'zip',
  'manifest',
  'files',
  'sums',
  'records',
  'form',
  'views',
  'screens',
  'evidence',
  'warcs',
  'officers',
  'packing',
  'signature',
  'stamps',
] as const;

export interface Check {
  readonly name: (typeof CHECKS)[number];
  readonly ok: boolean;
  /** There is nothing to check: it is neither proven nor disproven. */
  readonly absent: boolean;
  /** What was counted when fine, else every fault; in English. */
  readonly detail: string;
}

export interface BatchVerdict {
  readonly ok: boolean;
  /** Known once the manifest could be read. */
  readonly batchId: string | null;
  /** In the order of `CHECKS`; those that need what a failed one would have given are left out. */
  readonly checks: readonly Check[];
}

/** Verifies one WARC file; the evidence room has it. */
export type WarcVerifier = (bytes: Uint8Array) => {
  readonly ok: boolean;
  readonly records: number;
  readonly findings: readonly { readonly record: number; readonly detail: string }[];
};

/** What only the evidence room can check; a signature or stamp that nobody can check is told as such. */
export interface SealVerifiers {
  /** Whether the CMS signature is over these bytes, and whose it is. */
  readonly signature: (der: Uint8Array, content: Uint8Array) => SealFinding;
  /** Whether the token stamps this SHA-256. */
  readonly stamp: (token: Uint8Array, sha256: string) => SealFinding;
  /** Checks a WACZ by itself. */
  readonly wacz: (bytes: Uint8Array) => Promise<SealFinding>;
}

export interface SealFinding {
  readonly ok: boolean;
  /** Who and when, or why it does not hold; in English. */
  readonly detail: string;
}

/** Never throws for what is in the file. */
export async function verifyBatch(
  zip: Uint8Array,
  verifyWarc: WarcVerifier,
  verifiers: SealVerifiers | null = null,
): Promise<BatchVerdict> {
  const checks: Check[] = [];
  const check = (name: Check['name'], faults: readonly string[], fine: string): boolean => {
    checks.push({
      name,
      ok: faults.length === 0,
      absent: false,
      detail: faults.length === 0 ? fine : faults.join('; '),
    });
    return faults.length === 0;
  };
  const absent = (name: Check['name'], detail: string) =>
    checks.push({ name, ok: true, absent: true, detail });
  const verdict = (batchId: string | null): BatchVerdict => ({
    ok: checks.length === CHECKS.length && checks.every(({ ok }) => ok),
    batchId,
    checks,
  });

  let files: Map<string, Buffer>;
  try {
    files = await unzip(zip);
  } catch (error) {
    if (!(error instanceof BadZipError)) throw error;
    check('zip', [error.facts.why], '');
    return verdict(null);
  }
  check('zip', [], `${files.size} files`);

  const manifest = readJson(files.get('manifest.json'), MANIFEST);
  if (manifest.is === 'broken') {
    check('manifest', [manifest.why], '');
    return verdict(null);
  }
  const { value: stated } = manifest;
  check('manifest', manifestFaults(stated), `${stated.batchId}, built ${stated.builtAt}`);
  check('files', fileFaults(files, stated), `${stated.files.length} files as the manifest names them`);
  check('sums', sumFaults(files), 'SHA256SUMS agrees');

  const records = readJson(files.get('referrals.json'), REFERRALS);
  if (records.is === 'broken') {
    check('records', [records.why], '');
    return verdict(stated.batchId);
  }
  const referrals: readonly ReferralRecord[] = records.value;
  check('records', recordFaults(files, referrals, stated), `${referrals.length} referrals`);
  const views = await viewFiles(referrals, { ...stated, builtAt: new Date(stated.builtAt) });
  check('form', formFaults(files, views), 'form and workbook are those these records give, to the byte');
  check(
    'views',
    [...viewFaults(files, views), ...letterFaults(files, stated)],
    `XML, schemas and letters are those these records give, to the byte${PAPER[String(stated.lettersAsPdf)]}`,
  );
  check('screens', screenFaults(files, referrals), `${referrals.length} pictures in their rows`);
  check('evidence', evidenceFaults(files, referrals), 'all evidence is there and unaltered');
  const ofKind = (kind: string) =>
    referrals.flatMap(({ evidence }) =>
      evidence.filter((part) => part.kind === kind).map(({ path }) => path),
    );
  const warcs = ofKind('warc');
  const waczs = ofKind('wacz');
  check(
    'warcs',
    [...warcFaults(files, warcs, verifyWarc), ...(await waczFaults(files, waczs, verifiers))],
    `${warcs.length} WARC files, every record hashes right${waczs.length === 0 ? '' : `; ${waczs.length} WACZ files`}`,
  );
  check(
    'officers',
    referrals.flatMap((referral, at) =>
      referralFaults(referral, stated.channel).map(({ why }) => `row ${at + 1} (${referral.caseId}): ${why}`),
    ),
    'two officers each, and every row may be referred',
  );
  // Times, flags and gaps of the zip itself are under no hash: packed again, the same files give the same bytes.
  const again = await pack(files, new Date(stated.builtAt));
  check(
    'packing',
    again.equals(zip) ? [] : ['the zip is not packed as it was: something between its files was altered'],
    'not a byte between the files is another',
  );
  const manifestFile = files.get('manifest.json')!;
  const signature = files.get('manifest.json.p7s');
  if (signature === undefined) absent('signature', 'nobody signed it');
  else if (verifiers === null) absent('signature', 'nobody here can check it');
  else {
    const { ok, detail } = verifiers.signature(signature, manifestFile);
    check('signature', ok ? [] : [detail], detail);
  }
  const tokens = [...files].filter(([path]) => path.endsWith('.tsr') && isSealFile(path));
  if (tokens.length === 0) absent('stamps', 'no time authority stamped it');
  else if (verifiers === null) absent('stamps', 'nobody here can check them');
  else {
    const found = tokens.map(([path, token]) => ({
      path,
      ...verifiers.stamp(token, sha256Of(manifestFile)),
    }));
    const faults = found.filter(({ ok }) => !ok).map(({ path, detail }) => `${path}: ${detail}`);
    check('stamps', faults, found.map(({ detail }) => detail).join('; '));
  }
  return verdict(stated.batchId);
}

async function waczFaults(
  files: ReadonlyMap<string, Buffer>,
  paths: readonly string[],
  verifiers: SealVerifiers | null,
): Promise<string[]> {
  if (verifiers === null) return [];
  const found = await Promise.all(
    paths.map(async (path) => ({ path, ...(await verifiers.wacz(files.get(path) ?? Buffer.alloc(0))) })),
  );
  return found.filter(({ ok }) => !ok).map(({ path, detail }) => `${path}: ${detail}`);
}

function manifestFaults(it: Manifest): string[] {
  const faults: string[] = [];
  const day = it.builtAt.slice(0, 10).replaceAll('-', '');
  const name = `KN_${it.org}_${day}_${String(it.seq).padStart(3, '0')}`;
  if (it.batchId !== name) faults.push(`the batch calls itself ${it.batchId}, its own facts make ${name}`);
  if (it.fileName !== batchFileName(it.batchId))
    faults.push(`${it.fileName} is not the file of ${it.batchId}`);
  return faults;
}

function fileFaults(files: ReadonlyMap<string, Buffer>, manifest: Manifest): string[] {
  const faults: string[] = [];
  const named = new Set(['manifest.json', 'SHA256SUMS']);
  for (const { path, bytes, sha256 } of manifest.files) {
    if (named.has(path)) faults.push(`${path} is named twice`);
    named.add(path);
    const found = files.get(path);
    if (found === undefined) faults.push(`${path} is missing`);
    else if (found.byteLength !== bytes || sha256Of(found) !== sha256) faults.push(`${path} was altered`);
  }
  for (const path of files.keys()) {
    if (!named.has(path) && !isSealFile(path)) faults.push(`${path} is not in the manifest`);
  }
  return faults;
}

function sumFaults(files: ReadonlyMap<string, Buffer>): string[] {
  const sums = files.get('SHA256SUMS')?.toString('utf8');
  if (sums === undefined) return ['SHA256SUMS is missing'];
  const stated = new Map<string, string>();
  for (const line of sums.split('\n').slice(0, -1)) {
    const [, sha256, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (sha256 === undefined || path === undefined) return [`"${line.slice(0, 80)}" is no line of sums`];
    stated.set(path, sha256);
  }
  const faults: string[] = [];
  for (const [path, bytes] of files) {
    if (path !== 'SHA256SUMS' && stated.get(path) !== sha256Of(bytes))
      faults.push(`${path} does not hash as stated`);
  }
  for (const path of stated.keys()) if (!files.has(path)) faults.push(`${path} is missing`);
  return faults;
}

function recordFaults(
  files: ReadonlyMap<string, Buffer>,
  referrals: readonly ReferralRecord[],
  manifest: Manifest,
): string[] {
  const faults: string[] = [];
  if (referrals.length !== manifest.rows)
    faults.push(`${referrals.length} records, the manifest says ${manifest.rows}`);
  const cases = referrals.map(({ caseId }) => caseId);
  for (const caseId of new Set(cases)) {
    if (cases.filter((each) => each === caseId).length > 1) faults.push(`${caseId} is there more than once`);
  }
  const isSame = (a: unknown, b: unknown) => stableJson(a) === stableJson(b);
  if (!isSame(tally(referrals.map(({ offense }) => offense)), manifest.byOffence)) {
    faults.push('the counts by offence differ from the manifest');
  }
  if (!isSame(tally(groundsOf(referrals)), manifest.byGround)) {
    faults.push('the counts by ground differ from the manifest');
  }
  if (!isChained(referrals)) faults.push('the records do not hash to what they state, or not in this order');
  if (files.get('referrals.json')?.equals(Buffer.from(stableJson(referrals))) !== true) {
    faults.push('referrals.json holds more than the records');
  }
  return faults;
}

function formFaults(files: ReadonlyMap<string, Buffer>, views: ReadonlyMap<string, Buffer>): string[] {
  const isForm = (path: string) => /^form\/[^/]*$/.test(path);
  const made = [...views].filter(([path]) => isForm(path));
  const faults = made.flatMap(([path, bytes]) =>
    files.get(path)?.equals(bytes) === true ? [] : [`${path} is not what the records give`],
  );
  const extra = [...files.keys()].filter((path) => isForm(path) && !views.has(path));
  return [...faults, ...extra.map((path) => `${path} does not belong there`)];
}

function viewFaults(files: ReadonlyMap<string, Buffer>, views: ReadonlyMap<string, Buffer>): string[] {
  return [...views]
    .filter(([path]) => !path.startsWith('form/') && path !== 'referrals.json')
    .flatMap(([path, bytes]) =>
      files.get(path)?.equals(bytes) === true ? [] : [`${path} is not what the records give`],
    );
}

/** What is told of the letters on paper: a print is no function of the records. */
const PAPER: Readonly<Record<string, string>> = {
  true: '; the PDF letters are those that were printed on building, what they say is for the reader to compare',
  false: '; no PDF letters, no browser was there to print them',
  undefined: '',
};

/** Letters on paper are there when the manifest says so, one a language, and nothing else lies beside them. */
function letterFaults(
  files: ReadonlyMap<string, Buffer>,
  { channel, lettersAsPdf }: Pick<Manifest, 'channel' | 'lettersAsPdf'>,
): string[] {
  const letters = [...files.keys()].filter((path) => path.startsWith('letters/'));
  const papers = lettersAsPdf === true ? paperNames(channel).map((name) => `letters/${name}`) : [];
  const broken = papers.flatMap((path) => {
    const bytes = files.get(path);
    if (bytes === undefined) return [`${path} is missing`];
    return bytes.toString('latin1', 0, 5) === '%PDF-' ? [] : [`${path} is no PDF`];
  });
  const extra = letters.filter((path) => !path.endsWith('.html') && !papers.includes(path));
  return [...broken, ...extra.map((path) => `${path} does not belong there`)];
}

function screenFaults(files: ReadonlyMap<string, Buffer>, referrals: readonly ReferralRecord[]): string[] {
  const faults = referrals.flatMap((record, at) => {
    const path = `form/screens/${at + 1}.png`;
    const picture = files.get(path);
    if (picture === undefined) return [`${path} is missing`];
    return sha256Of(picture) === mainScreenshot(record)
      ? []
      : [`${path} is not the screenshot of ${record.caseId}`];
  });
  const count = [...files.keys()].filter((path) => path.startsWith('form/screens/')).length;
  if (count > referrals.length) faults.push(`${count} pictures for ${referrals.length} rows`);
  return faults;
}

function evidenceFaults(files: ReadonlyMap<string, Buffer>, referrals: readonly ReferralRecord[]): string[] {
  const named = new Set<string>();
  const faults = referrals.flatMap(({ caseId, evidence }) =>
    evidence.flatMap(({ path, sha256, bytes }) => {
      named.add(path);
      const found = files.get(path);
      if (!path.startsWith(`evidence/${caseId}/`)) return [`${path} is not under ${caseId}`];
      if (found === undefined) return [`${path} is missing`];
      return found.byteLength === bytes && sha256Of(found) === sha256 ? [] : [`${path} was altered`];
    }),
  );
  const extra = [...files.keys()].filter((path) => path.startsWith('evidence/') && !named.has(path));
  return [...faults, ...extra.map((path) => `${path} belongs to no case`)];
}

function warcFaults(
  files: ReadonlyMap<string, Buffer>,
  paths: readonly string[],
  verifyWarc: WarcVerifier,
): string[] {
  return paths.flatMap((path) => {
    const bytes = files.get(path);
    if (bytes === undefined) return [`${path} is missing`];
    return verifyWarc(bytes).findings.map(({ record, detail }) => `${path}, record ${record}: ${detail}`);
  });
}

const SHA256 = z.string().regex(/^[0-9a-f]{64}$/);
const TIME = z.iso.datetime();
const PART = z.strictObject({ path: z.string(), sha256: SHA256, bytes: z.int().nonnegative() });

const MANIFEST = z.strictObject({
  profile: z.literal('kibernadzor-batch/1.0.0'),
  batchId: z.string(),
  fileName: z.string(),
  org: z.string(),
  seq: z.int().positive(),
  channel: z.enum(CHANNELS),
  builtAt: TIME,
  software: z.strictObject({ name: z.string(), version: z.string() }),
  prevBatchSha256: SHA256.nullable(),
  replaces: z.strictObject({ batch: z.string(), sha256: SHA256.nullable() }).optional(),
  lettersAsPdf: z.boolean().optional(),
  rows: z.int().positive(),
  byOffence: z.record(z.string(), z.int()),
  byGround: z.record(z.string(), z.int()),
  files: z.array(PART),
}) satisfies z.ZodType<Manifest>;

const REFERRALS = z.array(REFERRAL_RECORD);
