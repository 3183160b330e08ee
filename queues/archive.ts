/**
 * A capture as a WACZ: what is kept of it, put together, signed once, with the stamps that came so far.
 *
 * Only the signature is kept: the file is a pure function of the capture, its blobs, the signature and the stamps.
 */
import type { KeyObject } from 'node:crypto';
import { readSiteFacts, siteFactsFiles } from '../evidence/site-facts.ts';
import type { EvidenceStore } from '../evidence/store.ts';
import {
  pageIn,
  resourceIn,
  type SignedData,
  signWacz,
  type WaczParts,
  type WaczStamp,
  waczFile,
  waczParts,
} from '../evidence/wacz.ts';
import type { CapturedPage } from '../store/captures.ts';
import type { StampStore } from '../store/stamps.ts';
import type { WaczRow, WaczStore } from '../store/waczs.ts';
import type { Clock } from './clock.ts';

export interface ArchiveTools {
  readonly evidence: EvidenceStore;
  readonly waczs: WaczStore;
  readonly stamps: StampStore;
  /** Signs evidence; see `evidence/keys.ts`. */
  readonly key: () => Promise<KeyObject>;
  /** Name and version, e.g. `kuzet/0.1.0`. */
  readonly software: string;
  readonly clock: Clock;
}

/** What is signed of a capture is not any more what it was made of: the page's row or the program changed. */
export class WaczChangedError extends Error {
  override readonly name = 'WaczChangedError';
  readonly facts: { readonly captureId: string; readonly was: string; readonly is: string };

  constructor(facts: WaczChangedError['facts']) {
    super(
      `The WACZ of capture ${facts.captureId} comes out with manifest ${facts.is.slice(0, 16)}… and was signed with ${facts.was.slice(0, 16)}…. Make it with the version that signed it, and see "kuzet ledger verify".`,
    );
    this.facts = facts;
  }
}

/** Signs the WACZ of a capture, once. */
export async function signCapture(page: CapturedPage, tools: ArchiveTools): Promise<WaczRow> {
  const known = await tools.waczs.of(page.capture.id);
  if (known !== null) return known;
  const now = tools.clock.now();
  const parts = await partsOf(page, now, tools.software, tools.evidence);
  const signed = signWacz(parts, await tools.key(), tools.software, now);
  return tools.waczs.keep({ captureId: page.capture.id, madeAt: now, sha256: parts.sha256, signed });
}

/**
 * The file, signed first if need be.
 *
 * @throws EvidenceMissingError, EvidenceAlteredError, WaczChangedError
 */
export async function archiveCapture(page: CapturedPage, tools: ArchiveTools): Promise<Buffer> {
  const row = await signCapture(page, tools);
  const signed = row.signed as SignedData;
  const parts = await partsOf(page, row.madeAt, signed.software, tools.evidence);
  if (parts.sha256 !== row.sha256) {
    throw new WaczChangedError({ captureId: page.capture.id, was: row.sha256, is: parts.sha256 });
  }
  const tokens = await tools.stamps.of([parts.sha256, page.capture.warc]);
  const stamps: WaczStamp[] = tokens.map(({ sha256, authority, token }) => ({
    path: sha256 === parts.sha256 ? 'datapackage.json' : 'archive/0001.warc.gz',
    authority,
    token: token.toString('base64'),
  }));
  return waczFile(parts, signed, stamps);
}

async function partsOf(
  { capture, page }: CapturedPage,
  createdAt: Date,
  software: string,
  evidence: EvidenceStore,
): Promise<WaczParts> {
  const files = new Map<string, Buffer>();
  const kept = {
    'screenshot.png': capture.screenshot,
    'fullpage.png': capture.fullScreenshot,
    'dom.html': capture.dom,
  };
  for (const [name, sha256] of Object.entries(kept)) {
    if (sha256 !== null) files.set(name, await evidence.read(sha256));
  }
  if (capture.facts !== undefined) {
    const facts = readSiteFacts(await evidence.read(capture.facts));
    for (const [name, bytes] of siteFactsFiles(facts)) files.set(name, bytes);
  }
  const warc = await evidence.read(capture.warc);
  const text = resourceIn(warc, 'urn:text:');
  if (text !== null) files.set('text.txt', text);
  const hops = capture.hops.map(({ url }) => url).reverse();
  const url = pageIn(warc, [capture.finalUrl, ...hops, capture.url]);
  const { title } = page;
  return waczParts({
    title: title === '' ? capture.finalUrl : title,
    description: `${capture.url} as it answered at ${capture.capturedAt.toISOString()}. Capture ${capture.id}.`,
    createdAt,
    software,
    warcs: [warc],
    pages: url === null ? [] : [{ id: capture.id, url, at: capture.capturedAt, title }],
    evidence: files,
  });
}
