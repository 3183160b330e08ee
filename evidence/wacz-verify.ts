/**
 * Checks a WACZ by itself: no store, no network, no trust in whoever made it.
 *
 * What it proves: every file is the one the manifest names, the WARC records hash right, the index leads to
 * them; who signed, as far as a key can tell; when at the latest it was there, as far as an authority can tell.
 * What it never proves: that the site answered so to anybody else.
 */
import { createPublicKey, type KeyObject, verify, type X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { readJson } from '../domain/read-json.ts';
import { BadZipError, unzip, zip } from '../domain/zip.ts';
import { cdxjOf } from './cdxj.ts';
import { fingerprint } from './keys.ts';
import { verifyStamp } from './stamp.ts';
import { sha256Of } from './store.ts';
import type { SignedData, WaczStamp } from './wacz.ts';
import { verifyWarc, WarcDamagedError } from './warc-read.ts';

export const WACZ_CHECKS = [
  'zip',
  'datapackage',
  'files',
  'digest',
  'warcs',
  'index',
  'pages',
  'packing',
  'signature',
  'stamps',
] as const;

export interface WaczCheck {
  readonly name: (typeof WACZ_CHECKS)[number];
  readonly ok: boolean;
  /** There is nothing to check: it is neither proven nor disproven. */
  readonly absent: boolean;
  /** What was found when fine, else every fault; in English. */
  readonly detail: string;
}

export interface WaczVerdict {
  readonly ok: boolean;
  /** In the order of `WACZ_CHECKS`; those that need what a failed one would have given are left out. */
  readonly checks: readonly WaczCheck[];
  /** SHA-256 of the key that signed, hex; null when nobody did. */
  readonly key: string | null;
  /** The moments that authorities vouch for, earliest first. */
  readonly stampedAt: readonly Date[];
}

export interface WaczTrust {
  /** Certificates that time authorities should lead to; none when nobody is asked to be trusted. */
  readonly roots?: readonly X509Certificate[];
  /** Fingerprint of the key that should have signed; null when none is known. */
  readonly key?: string | null;
}

const MOST_TOLD = 10;

/** Never throws for what is in the file. */
export async function verifyWacz(
  bytes: Uint8Array,
  { roots = [], key = null }: WaczTrust = {},
): Promise<WaczVerdict> {
  const checks: WaczCheck[] = [];
  const check = (name: WaczCheck['name'], faults: readonly string[], fine: string): boolean => {
    const told = faults.slice(0, MOST_TOLD).join('; ');
    const rest = faults.length > MOST_TOLD ? `; and ${faults.length - MOST_TOLD} more` : '';
    checks.push({
      name,
      ok: faults.length === 0,
      absent: false,
      detail: faults.length === 0 ? fine : told + rest,
    });
    return faults.length === 0;
  };
  const absent = (name: WaczCheck['name'], detail: string) =>
    checks.push({ name, ok: true, absent: true, detail });
  let signedBy: string | null = null;
  let stampedAt: readonly Date[] = [];
  const verdict = (): WaczVerdict => ({
    ok: checks.length === WACZ_CHECKS.length && checks.every(({ ok }) => ok),
    checks,
    key: signedBy,
    stampedAt,
  });

  let files: Map<string, Buffer>;
  try {
    files = await unzip(bytes);
  } catch (error) {
    if (!(error instanceof BadZipError)) throw error;
    check('zip', [error.facts.why], '');
    return verdict();
  }
  check('zip', [], `${files.size} files`);

  const datapackage = readJson(files.get('datapackage.json'), DATAPACKAGE);
  if (datapackage.is === 'broken') {
    check('datapackage', [datapackage.why], '');
    return verdict();
  }
  const { value: stated } = datapackage;
  check(
    'datapackage',
    [],
    `WACZ ${stated.wacz_version}, made ${stated.created ?? 'at a time not told'} by ${stated.software ?? 'a program not told'}`,
  );
  check(
    'files',
    fileFaults(files, stated.resources),
    `${stated.resources.length} files as the manifest names them`,
  );

  const digest = readJson(files.get('datapackage-digest.json'), DIGEST);
  if (digest.is === 'broken') {
    check('digest', [`datapackage-digest.json: ${digest.why}`], '');
    return verdict();
  }
  const sha256 = sha256Of(files.get('datapackage.json')!);
  const isSame = digest.value.hash === `sha256:${sha256}`;
  check(
    'digest',
    isSame ? [] : ['datapackage.json is not the one of the digest'],
    `datapackage.json is ${sha256.slice(0, 16)}…`,
  );

  const warcs = new Map(
    [...files].filter(([path]) => path.startsWith('archive/')).map(([path, body]) => [path.slice(8), body]),
  );
  const records = [...warcs].map(([name, body]) => ({ name, ...verifyWarc(body) }));
  check(
    'warcs',
    warcs.size === 0
      ? ['there is no WARC in archive/']
      : records.flatMap(({ name, findings }) =>
          findings.map(({ record, detail }) => `${name}, record ${record}: ${detail}`),
        ),
    `${warcs.size} WARC files, ${records.reduce((sum, each) => sum + each.records, 0)} records hash right`,
  );
  check('index', indexFaults(files, warcs), 'the index leads to every record');
  check('pages', pageFaults(files, warcs), 'every page to begin with is in the archive');
  const isOurs = stated.software?.startsWith('kuzet/') === true;
  if (!isOurs) absent('packing', 'another program packed it');
  else
    check(
      'packing',
      await packingFaults(bytes, files, stated.created),
      'not a byte between the files is another',
    );

  const { signedData, stamps = [] } = digest.value;
  if (signedData === undefined) absent('signature', 'nobody signed it');
  else {
    const signature = signatureVerdict(signedData, sha256);
    signedBy = signature.key;
    const stranger =
      key !== null && signature.key !== key ? [`it is signed by ${signature.key}, not by ${key}`] : [];
    check(
      'signature',
      [...signature.faults, ...stranger],
      `signed ${signedData.created} by the key ${signature.key}`,
    );
  }
  if (stamps.length === 0) absent('stamps', 'no time authority stamped it');
  else {
    const stamped = stampVerdict(stamps, files, roots);
    stampedAt = stamped.at;
    check('stamps', stamped.faults, stamped.fine);
  }
  return verdict();
}

function fileFaults(
  files: ReadonlyMap<string, Buffer>,
  resources: readonly { readonly path: string; readonly hash: string; readonly bytes: number }[],
): string[] {
  const faults: string[] = [];
  const named = new Set(['datapackage.json', 'datapackage-digest.json']);
  for (const { path, hash, bytes } of resources) {
    if (named.has(path)) faults.push(`${path} is named twice`);
    named.add(path);
    const found = files.get(path);
    if (found === undefined) faults.push(`${path} is missing`);
    else if (found.byteLength !== bytes || `sha256:${sha256Of(found)}` !== hash)
      faults.push(`${path} was altered`);
  }
  for (const path of files.keys()) if (!named.has(path)) faults.push(`${path} is not in the manifest`);
  return faults;
}

/** Only a plain index can be compared; a packed one of another program is left to its hash. */
function indexFaults(files: ReadonlyMap<string, Buffer>, warcs: ReadonlyMap<string, Buffer>): string[] {
  const index = files.get('indexes/index.cdxj');
  if (index === undefined) {
    return [...files.keys()].some((path) => path.startsWith('indexes/'))
      ? []
      : ['there is no index in indexes/'];
  }
  try {
    return index.equals(cdxjOf(warcs))
      ? []
      : ['indexes/index.cdxj does not lead to the records of the WARCs'];
  } catch (error) {
    if (!(error instanceof WarcDamagedError)) throw error;
    return ['the WARCs cannot be indexed'];
  }
}

function pageFaults(files: ReadonlyMap<string, Buffer>, warcs: ReadonlyMap<string, Buffer>): string[] {
  const pages = files.get('pages/pages.jsonl');
  if (pages === undefined) return ['pages/pages.jsonl is missing'];
  const [head, ...lines] = pages
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  if (readJson(Buffer.from(head ?? ''), z.looseObject({ format: z.string() })).is === 'broken') {
    return ['pages/pages.jsonl does not begin as one'];
  }
  let index: string;
  try {
    index = cdxjOf(warcs).toString('utf8');
  } catch (error) {
    if (!(error instanceof WarcDamagedError)) throw error;
    return ['the WARCs cannot be indexed'];
  }
  return lines.flatMap((line) => {
    const page = readJson(Buffer.from(line), z.looseObject({ url: z.string(), ts: z.string() }));
    if (page.is === 'broken') return [`a line of pages.jsonl: ${page.why}`];
    const { url } = page.value;
    return index.includes(`"url":${JSON.stringify(url)}`) ? [] : [`the page ${url} is in no WARC`];
  });
}

/** Times, flags and gaps of the zip itself are under no hash: packed again, the same files give the same bytes. */
async function packingFaults(
  bytes: Uint8Array,
  files: ReadonlyMap<string, Buffer>,
  created: string | undefined,
): Promise<string[]> {
  const again = await zip(files, new Date(created ?? 0));
  return again.equals(bytes)
    ? []
    : ['the zip is not packed as it was: something between its files was altered'];
}

function signatureVerdict(it: SignedData, sha256: string): { key: string | null; faults: string[] } {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(it.publicKey, 'base64'), format: 'der', type: 'spki' });
  } catch {
    return { key: null, faults: ['its public key cannot be read'] };
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'secp384r1')
    return { key: null, faults: ['its key is not ECDSA P-384'] };
  const faults: string[] = [];
  if (it.hash !== `sha256:${sha256}`) faults.push('what is signed is another manifest');
  const signature = Buffer.from(it.signature, 'base64');
  if (!verify('sha256', Buffer.from(it.hash), { key, dsaEncoding: 'ieee-p1363' }, signature)) {
    faults.push('the signature is not that of its key');
  }
  return { key: fingerprint(key), faults };
}

function stampVerdict(
  stamps: readonly WaczStamp[],
  files: ReadonlyMap<string, Buffer>,
  roots: readonly X509Certificate[],
): { faults: string[]; fine: string; at: Date[] } {
  const at: Date[] = [];
  const fine: string[] = [];
  const faults = stamps.flatMap(({ path, authority, token }) => {
    const file = files.get(path);
    if (file === undefined) return [`a stamp is for ${path}, which is not there`];
    const stamp = verifyStamp(Buffer.from(token, 'base64'), sha256Of(file), roots);
    if (!stamp.ok || stamp.at === null) return [`the stamp of ${authority} on ${path}: ${stamp.why}`];
    if (stamp.trust === 'unknown')
      return [`the stamp of ${authority} on ${path} leads to none of the trusted roots`];
    at.push(stamp.at);
    fine.push(`${path} ${stamp.at.toISOString()} by ${stamp.signer?.subject ?? authority}`);
    return [];
  });
  return { faults, fine: fine.join('; '), at: at.sort((a, b) => a.getTime() - b.getTime()) };
}

const HASH = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const DATAPACKAGE = z.looseObject({
  profile: z.literal('data-package'),
  wacz_version: z.string().regex(/^1\.\d+(\.\d+)?$/),
  created: z.iso.datetime({ offset: true }).optional(),
  software: z.string().optional(),
  resources: z.array(z.looseObject({ path: z.string(), hash: HASH, bytes: z.int().nonnegative() })).min(1),
});

const DIGEST = z.looseObject({
  path: z.literal('datapackage.json'),
  hash: HASH,
  signedData: z
    .strictObject({
      hash: HASH,
      created: z.string(),
      software: z.string(),
      version: z.literal('0.1.0'),
      signature: z.string(),
      publicKey: z.string(),
    })
    .optional(),
  stamps: z.array(z.strictObject({ path: z.string(), authority: z.string(), token: z.string() })).optional(),
});
