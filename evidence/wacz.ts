/**
 * Captures as one WACZ 1.1.1 file that anyone replays offline, and anyone checks:
 *
 *     archive/0001.warc.gz …     the WARCs, unaltered
 *     indexes/index.cdxj         where each address is in them
 *     pages/pages.jsonl          the pages to begin with
 *     evidence/…                 pictures and the like, for those without a replayer
 *     datapackage.json           every file above with its size and SHA-256
 *     datapackage-digest.json    the SHA-256 of datapackage.json, our signature over it, and stamps
 *
 * The signature is the "anonymous" one of WACZ Signing 0.1.0: ECDSA P-384 with SHA-256 over the text of the
 * hash. Stamps stand beside it and not among the files, so that one which comes later (an authority was down)
 * leaves the signature whole. The same order, signature and stamps give the same bytes.
 * Sources: https://specs.webrecorder.net/wacz/1.1.1/, https://specs.webrecorder.net/wacz-auth/0.1.0/.
 */
import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { zip } from '../domain/zip.ts';
import { cdxjOf } from './cdxj.ts';
import { sha256Of } from './store.ts';
import { readWarc } from './warc-read.ts';

export interface WaczOrder {
  readonly title: string;
  readonly description: string;
  readonly createdAt: Date;
  /** Name and version, e.g. `kuzet/0.1.0`. */
  readonly software: string;
  readonly warcs: readonly Uint8Array[];
  readonly pages: readonly WaczPage[];
  /** Path below `evidence/` -> bytes. */
  readonly evidence: ReadonlyMap<string, Uint8Array>;
}

export interface WaczPage {
  readonly id: string;
  readonly url: string;
  readonly at: Date;
  readonly title: string;
}

export interface WaczParts {
  /** All but the digest, by path. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** SHA-256 of datapackage.json: what is signed and stamped. */
  readonly sha256: string;
  readonly createdAt: Date;
}

/** As it stands in the file; no other property is allowed. */
export interface SignedData {
  /** `sha256:` and hex. */
  readonly hash: string;
  readonly created: string;
  readonly software: string;
  readonly version: '0.1.0';
  /** Base64 of r and s, 48 bytes each (IEEE P1363). */
  readonly signature: string;
  /** Base64 of the key's SubjectPublicKeyInfo. */
  readonly publicKey: string;
}

/** A time authority's token for a file of the WACZ. */
export interface WaczStamp {
  /** `datapackage.json` or `archive/0001.warc.gz`. */
  readonly path: string;
  readonly authority: string;
  /** Base64 of the DER. */
  readonly token: string;
}

export function waczParts(order: WaczOrder): WaczParts {
  const warcs = new Map(
    order.warcs.map((bytes, at) => [`${String(at + 1).padStart(4, '0')}.warc.gz`, bytes]),
  );
  const files = new Map<string, Buffer>();
  for (const [name, bytes] of warcs) files.set(`archive/${name}`, viewOf(bytes));
  files.set('indexes/index.cdxj', cdxjOf(warcs));
  files.set('pages/pages.jsonl', pagesOf(order.pages));
  for (const [name, bytes] of order.evidence) files.set(`evidence/${name}`, viewOf(bytes));
  const created = order.createdAt.toISOString();
  const [main] = order.pages;
  const datapackage = Buffer.from(
    `${JSON.stringify(
      {
        profile: 'data-package',
        wacz_version: '1.1.1',
        title: order.title,
        description: order.description,
        created,
        modified: created,
        software: order.software,
        ...(main === undefined ? {} : { mainPageUrl: main.url, mainPageDate: main.at.toISOString() }),
        resources: [...files]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([path, bytes]) => ({
            name: path.slice(path.lastIndexOf('/') + 1),
            path,
            hash: `sha256:${sha256Of(bytes)}`,
            bytes: bytes.byteLength,
          })),
      },
      null,
      2,
    )}\n`,
    'utf8',
  );
  files.set('datapackage.json', datapackage);
  return { files, sha256: sha256Of(datapackage), createdAt: order.createdAt };
}

/**
 * The address under which a WARC holds a page: the first of those wanted that it has, whatever their fragments;
 * else that of its first answer. Scripts change the address bar without asking anybody.
 *
 * @returns null for a WARC without an answer.
 */
export function pageIn(warc: Uint8Array, wanted: readonly string[]): string | null {
  const targets = [...readWarc(warc)]
    .filter(({ headers }) => headers['warc-type'] === 'response')
    .flatMap(({ headers }) => headers['warc-target-uri'] ?? []);
  const bare = (url: string) => url.replace(/#.*$/s, '');
  for (const url of wanted) {
    const found = targets.find((each) => bare(each) === bare(url));
    if (found !== undefined) return found;
  }
  return targets[0] ?? null;
}

/** What was made of a page and stands in its WARC, by how its address begins, e.g. `urn:text:`; null when nothing does. */
export function resourceIn(warc: Uint8Array, beginning: string): Buffer | null {
  for (const { headers, block } of readWarc(warc)) {
    const isIt = headers['warc-type'] === 'resource' && headers['warc-target-uri']?.startsWith(beginning);
    if (isIt === true) return block;
  }
  return null;
}

/** @param key ECDSA P-384, private. Each signature is another one: keep the first. */
export function signWacz(
  parts: Pick<WaczParts, 'sha256'>,
  key: KeyObject,
  software: string,
  at: Date,
): SignedData {
  const hash = `sha256:${parts.sha256}`;
  return {
    hash,
    created: at.toISOString(),
    software,
    version: '0.1.0',
    signature: sign('sha256', Buffer.from(hash), { key, dsaEncoding: 'ieee-p1363' }).toString('base64'),
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64'),
  };
}

export function waczFile(
  parts: WaczParts,
  signedData: SignedData | null,
  stamps: readonly WaczStamp[],
): Promise<Buffer> {
  return zip(
    new Map([...parts.files, ['datapackage-digest.json', digestOf(parts, signedData, stamps)]]),
    parts.createdAt,
  );
}

/** The same bytes, not copied. */
function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function digestOf(
  { sha256 }: Pick<WaczParts, 'sha256'>,
  signedData: SignedData | null,
  stamps: readonly WaczStamp[],
): Buffer {
  const digest = {
    path: 'datapackage.json',
    hash: `sha256:${sha256}`,
    ...(signedData === null ? {} : { signedData }),
    ...(stamps.length === 0 ? {} : { stamps }),
  };
  return Buffer.from(`${JSON.stringify(digest, null, 2)}\n`, 'utf8');
}

function pagesOf(pages: readonly WaczPage[]): Buffer {
  const lines = [
    { format: 'json-pages-1.0', id: 'pages', title: 'Pages' },
    ...pages.map(({ id, url, at, title }) => ({ id, url, ts: at.toISOString(), title })),
  ];
  return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 'utf8');
}
