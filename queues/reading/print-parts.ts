/**
 * What the pages of one visit bring to the print of their site, kept from when they are judged until the visit ends, so
 * that none of them is read a second time for it. Of the riskiest only: a print is made of no more.
 */
import type { PrintPart } from '../../classifiers/lookalike-sites.ts';

export interface PrintParts {
  /**
   * @param score of the page: 0..1.
   * @param part null is not kept.
   */
  note(captureId: string, score: number, part: PrintPart | null): void;
  /** Null for a capture of which none is kept. */
  of(captureId: string): PrintPart | null;
}

/** Pages that a print is made of: a copy shows itself on few. */
export const PRINTED_PAGES = 10;

export function printParts(): PrintParts {
  const kept = new Map<string, { readonly score: number; readonly part: PrintPart }>();
  return {
    note(captureId, score, part) {
      if (part === null) return;
      kept.set(captureId, { score, part });
      if (kept.size <= PRINTED_PAGES) return;
      let least = captureId;
      for (const [id, it] of kept) if (it.score <= kept.get(least)!.score) least = id;
      kept.delete(least);
    },
    of: (captureId) => kept.get(captureId)?.part ?? null,
  };
}
