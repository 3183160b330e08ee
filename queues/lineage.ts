/**
 * Where a site comes from: its print is made of its pages' own bytes, looked up among all sites seen, and the
 * history of those it is one with is carried over to it.
 */
import {
  printOf,
  type Sibling,
  type SitePrint,
  siblingsOf,
  valuesOf,
} from '../classifiers/lookalike-sites.ts';
import { decode } from '../crawler/extract/decode.ts';
import { readPage } from '../crawler/extract/page.ts';
import type { Page } from '../domain/page.ts';
import { EvidenceAlteredError, EvidenceMissingError, type EvidenceStore } from '../evidence/store.ts';
import type { CapturedPage } from '../store/captures.ts';
import type { LookalikeStore } from '../store/lookalikes.ts';
import type { Clock } from './clock.ts';

export interface LineageTools {
  readonly evidence: Pick<EvidenceStore, 'read'>;
  readonly lookalikes: LookalikeStore<SitePrint>;
  readonly clock: Clock;
}

/** Pages that a print is made of: a copy shows itself on few. */
const MOST_PAGES = 10;

/** Notes whom the site is like. Doing it twice changes nothing. */
export async function lineageOf(
  site: string,
  pages: readonly CapturedPage[],
  { evidence, lookalikes, clock }: LineageTools,
): Promise<Sibling[]> {
  const read: Page[] = [];
  for (const page of pages.slice(0, MOST_PAGES)) {
    const it = await readAgain(page, evidence);
    if (it !== null) read.push(it);
  }
  const print = printOf(site, read);
  const found = await lookalikes.put(site, print, valuesOf(print), clock.now());
  const siblings = siblingsOf(print, found.candidates, (value) => found.bearers.get(value) ?? 0);
  await lookalikes.link(
    site,
    siblings.map(({ host, likeness }) => ({ site: host, ...likeness })),
    clock.now(),
  );
  return siblings;
}

/** Null when the evidence is gone or altered: the scrub tells of that, and a print can do without a page. */
async function readAgain(
  { capture }: CapturedPage,
  evidence: Pick<EvidenceStore, 'read'>,
): Promise<Page | null> {
  try {
    const bytes = await evidence.read(capture.dom ?? capture.bodySha256);
    const type = capture.dom === null ? capture.mediaType : 'text/html; charset=utf-8';
    return readPage(decode(bytes, type).html, capture.finalUrl);
  } catch (cause) {
    if (cause instanceof EvidenceMissingError || cause instanceof EvidenceAlteredError) return null;
    throw cause;
  }
}
