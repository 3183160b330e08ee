/**
 * Where a site comes from: its print is made of its pages' own bytes, as they were judged, looked up among all sites
 * seen, and the history of those it is one with is carried over to it.
 */
import {
  COMMON,
  type Sibling,
  type SitePrint,
  siblingsOf,
  valuesOf,
} from '../classifiers/lookalike-sites.ts';
import { EvidenceAlteredError, EvidenceMissingError, type EvidenceStore } from '../evidence/store.ts';
import type { CapturedPage } from '../store/captures.ts';
import type { LookalikeStore } from '../store/lookalikes.ts';
import type { Clock } from './clock.ts';
import { type Judge, PageUnjudgedError, type PrintSource } from './judge.ts';
import { PRINTED_PAGES, type PrintParts } from './reading/print-parts.ts';

export interface LineageTools {
  readonly evidence: Pick<EvidenceStore, 'read'>;
  readonly lookalikes: LookalikeStore<SitePrint>;
  readonly judge: Pick<Judge, 'print'>;
  readonly clock: Clock;
  /** Of the visit that ends; what it has not is read from its evidence. */
  readonly parts: Pick<PrintParts, 'of'>;
}

/** Notes whom the site is like. Doing it twice changes nothing. */
export async function lineageOf(
  site: string,
  pages: readonly Pick<CapturedPage, 'capture'>[],
  { evidence, lookalikes, judge, clock, parts }: LineageTools,
): Promise<Sibling[]> {
  const read: PrintSource[] = [];
  for (const page of pages.slice(0, PRINTED_PAGES)) {
    const it = parts.of(page.capture.id) ?? (await sourceOf(page, evidence));
    if (it !== null) read.push(it);
  }
  const print = await printOrNot(site, read, judge);
  if (print === null) return [];
  const found = await lookalikes.put(site, print, valuesOf(print), clock.now(), COMMON);
  const siblings = siblingsOf(print, found.candidates, (value) => found.bearers.get(value) ?? 0);
  await lookalikes.link(
    site,
    siblings.map(({ host, likeness }) => ({ site: host, ...likeness })),
    clock.now(),
  );
  return siblings;
}

/** Null when these pages hold up what reads them: each was judged alone, so the site is told by its pages. */
async function printOrNot(
  site: string,
  pages: readonly PrintSource[],
  judge: Pick<Judge, 'print'>,
): Promise<SitePrint | null> {
  try {
    return await judge.print(site, pages);
  } catch (cause) {
    if (cause instanceof PageUnjudgedError) return null;
    throw cause;
  }
}

/** Null when the evidence is gone or altered: the scrub tells of that, and a print can do without a page. */
async function sourceOf(
  { capture }: Pick<CapturedPage, 'capture'>,
  evidence: Pick<EvidenceStore, 'read'>,
): Promise<PrintSource | null> {
  try {
    const bytes = await evidence.read(capture.dom ?? capture.bodySha256);
    const contentType = capture.dom === null ? capture.mediaType : 'text/html; charset=utf-8';
    return { url: capture.finalUrl, source: { bytes, contentType } };
  } catch (cause) {
    if (cause instanceof EvidenceMissingError || cause instanceof EvidenceAlteredError) return null;
    throw cause;
  }
}
