/** The act of inspection of a capture: what rows, blobs, signature and stamps tell of it, put on one page. */
import { createPublicKey } from 'node:crypto';
import type { Printing } from '../crawler/print.ts';
import { fingerprint } from '../evidence/keys.ts';
import { readSiteFacts } from '../evidence/site-facts.ts';
import { verifyStamp } from '../evidence/stamp.ts';
import type { SignedData } from '../evidence/wacz.ts';
import { meansOf } from '../evidence/warc-read.ts';
import { type ActFacts, actHtml } from '../exports/act/act.ts';
import type { Lang } from '../exports/overblock/words.ts';
import type { CapturedPage } from '../store/captures.ts';
import type { CustodyStore } from '../store/custody.ts';
import { type ArchiveTools, signCapture } from './archive.ts';

export interface ActTools extends ArchiveTools {
  readonly custody: Pick<CustodyStore, 'of'>;
  readonly print: (pages: readonly string[], at: Date) => Promise<Printing>;
}

export interface ActOrder {
  /** Null for a capture that was asked for by itself. */
  readonly caseId: string | null;
  readonly page: CapturedPage;
  readonly lang: Lang;
  readonly as: 'html' | 'pdf';
  readonly by: string;
}

/** There is no paper without a browser. */
export class ActUnprintedError extends Error {
  override readonly name = 'ActUnprintedError';
  readonly facts: { readonly captureId: string; readonly why: string };

  constructor(facts: ActUnprintedError['facts']) {
    super(
      `The act of capture ${facts.captureId} was not printed: ${facts.why} Write it as HTML (--out FILE.html) and print that elsewhere.`,
    );
    this.facts = facts;
  }
}

/** @throws EvidenceMissingError, EvidenceAlteredError, ActUnprintedError */
export async function actOf({ caseId, page, lang, as, by }: ActOrder, tools: ActTools): Promise<Buffer> {
  const now = tools.clock.now();
  const html = actHtml(await factsOf(caseId, page, by, now, tools), lang);
  if (as === 'html') return Buffer.from(html, 'utf8');
  const printing = await tools.print([html], now);
  if (printing.is === 'printed') return printing.pdfs[0]!;
  throw new ActUnprintedError({ captureId: page.capture.id, why: printing.why });
}

async function factsOf(
  caseId: string | null,
  { capture, page }: CapturedPage,
  by: string,
  now: Date,
  tools: ActTools,
): Promise<ActFacts> {
  const { evidence } = tools;
  const row = await signCapture({ capture, page }, tools);
  const signed = row.signed as SignedData;
  const key = createPublicKey({ key: Buffer.from(signed.publicKey, 'base64'), format: 'der', type: 'spki' });
  const warc = await evidence.read(capture.warc);
  const optional = async (name: string | null | undefined) => (name == null ? null : evidence.read(name));
  const kept = {
    warc: { sha256: capture.warc, body: warc },
    body: { sha256: capture.bodySha256, body: await evidence.read(capture.bodySha256) },
    screenshot: { sha256: capture.screenshot, body: await optional(capture.screenshot) },
    fullScreenshot: { sha256: capture.fullScreenshot, body: await optional(capture.fullScreenshot) },
    dom: { sha256: capture.dom, body: await optional(capture.dom) },
    facts: { sha256: capture.facts ?? null, body: await optional(capture.facts) },
  };
  const names = Object.keys(kept) as (keyof typeof kept)[];
  const tokens = await tools.stamps.of([row.sha256, capture.warc]);
  const told = (await tools.custody.of(capture.id)).map((each) => ({
    seq: each.seq,
    at: each.at,
    kind: each.kind,
    hash: each.hash,
    isOfCapture: each.subject === capture.id,
  }));
  return {
    caseId,
    capture,
    page,
    means: meansOf(warc),
    siteFacts: kept.facts.body === null ? null : readSiteFacts(kept.facts.body),
    files: names.flatMap((name) => {
      const { sha256, body } = kept[name];
      return sha256 === null || body === null ? [] : [{ name, sha256, bytes: body.byteLength }];
    }),
    viewport: kept.screenshot.body,
    fullPage: kept.fullScreenshot.body,
    archive: { manifestSha256: row.sha256, signedAt: signed.created, key: fingerprint(key) },
    stamps: tokens.flatMap(({ sha256, authority, token }) => {
      const { ok, at, signer } = verifyStamp(token, sha256);
      const of = sha256 === row.sha256 ? ('wacz' as const) : ('warc' as const);
      return ok && at !== null ? [{ of, at, by: signer?.subject ?? authority }] : [];
    }),
    ledger: told,
    madeAt: now,
    madeBy: by,
  };
}
