/** What left and stands, in the formats of others: rows and evidence are read here, bytes are made in `exports/formats/`. */
import { findWallets } from '../crawler/extract/wallets.ts';
import { EvidenceAlteredError, EvidenceMissingError, type EvidenceStore } from '../evidence/store.ts';
import { type FeedOrder, FORMATS, type FormatName, needsOf } from '../exports/formats/feed.ts';
import { standing } from '../exports/formats/standing.ts';
import { mainScreenshot } from '../exports/kibernadzor/batch.ts';
import type { CaptureStore } from '../store/captures.ts';
import type { PassageStore } from '../store/passages.ts';
import type { Clock } from './clock.ts';

export interface FeedTools {
  readonly passages: Pick<PassageStore, 'all'>;
  readonly captures: Pick<CaptureStore, 'get'>;
  readonly evidence: Pick<EvidenceStore, 'read'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** @param it.contact an e-mail address, '' when none is known. @throws NoContactError from formats that need one. */
export async function feedOf(
  it: { readonly format: FormatName; readonly org: string; readonly contact: string },
  { passages, captures, evidence, clock }: FeedTools,
): Promise<Buffer> {
  const all = await passages.all();
  const now = clock.now();
  const needs = needsOf(it.format);
  const pictures = new Map<string, Uint8Array>();
  const pages = new Map<string, { text: string; wallets: ReturnType<typeof findWallets> }>();
  for (const referral of needs === null ? [] : standing(all, now)) {
    if (needs === 'pictures') {
      const name = mainScreenshot(referral);
      const bytes = name === null ? null : await readOrNot(name, evidence);
      if (name !== null && bytes !== null) pictures.set(name, bytes);
    } else {
      const text = (await captures.get(referral.detection.captureId))?.page.text;
      if (text !== undefined) pages.set(referral.caseId, { text, wallets: findWallets(text) });
    }
  }
  const order: FeedOrder = { all, sender: { org: it.org, contact: it.contact }, now, pictures, pages };
  return Buffer.from(FORMATS[it.format].write(order), 'utf8');
}

/** A feed without a picture is still one; the scrub tells of what is gone. */
async function readOrNot(name: string, evidence: FeedTools['evidence']): Promise<Uint8Array | null> {
  try {
    return await evidence.read(name);
  } catch (cause) {
    if (cause instanceof EvidenceMissingError || cause instanceof EvidenceAlteredError) return null;
    throw cause;
  }
}
