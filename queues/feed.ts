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

/**
 * The feed in pieces, to be written one behind the other. A format that carries pictures is one line a referral, so that
 * one picture at a time is held, however many stand.
 *
 * @param it.contact an e-mail address, '' when none is known.
 * @throws NoContactError from formats that need one.
 */
export async function* feedOf(
  it: { readonly format: FormatName; readonly org: string; readonly contact: string },
  { passages, captures, evidence, clock }: FeedTools,
): AsyncIterable<Buffer> {
  const all = await passages.all();
  const now = clock.now();
  const needs = needsOf(it.format);
  const sender = { org: it.org, contact: it.contact };
  const none: FeedOrder = { all: [], sender, now, pictures: new Map(), pages: new Map() };
  const write = (order: FeedOrder) => Buffer.from(FORMATS[it.format].write(order), 'utf8');
  if (needs === 'pictures') {
    // Of nothing at all, so that a sender who cannot be reached is told before the first picture is read.
    yield write(none);
    const rows = new Map(all.map((row) => [row.referral.caseId, row]));
    for (const referral of standing(all, now)) {
      const name = mainScreenshot(referral);
      const bytes = name === null ? null : await readOrNot(name, evidence);
      const pictures = new Map(name === null || bytes === null ? [] : [[name, bytes] as const]);
      yield write({ ...none, all: [rows.get(referral.caseId)!], pictures });
    }
    return;
  }
  const pages = new Map<string, { text: string; wallets: ReturnType<typeof findWallets> }>();
  for (const referral of needs === null ? [] : standing(all, now)) {
    const text = (await captures.get(referral.detection.captureId))?.page.text;
    if (text !== undefined) pages.set(referral.caseId, { text, wallets: findWallets(text) });
  }
  yield write({ ...none, all, pages });
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
