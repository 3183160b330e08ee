/** Rows of `kuzet decisions export` as training takes them: real pages and posts whose source is their site. */
import { z } from 'zod';
import { readPage } from '../crawler/extract/page.ts';
import { LABELS, type Label } from '../domain/assessment.ts';
import type { Page } from '../domain/page.ts';

export const decisionRow = z.looseObject({
  id: z.string(),
  kind: z.enum(['page', 'post']),
  label: z.enum(LABELS),
  lang: z.string().default('und'),
  source: z.string(),
  url: z.string(),
  text: z.string(),
  html: z.string().optional(),
});
export type DecisionRow = z.infer<typeof decisionRow>;

interface Decided {
  readonly label: Label;
  readonly lang: string;
  readonly source: string;
  readonly isSynthetic: false;
}

/** A page's address is left out, as it is of all training pages: signs of an address are not learnt but set. */
export function decidedPages(
  rows: readonly DecisionRow[],
): (Decided & { readonly id: string; readonly group: string; readonly page: Page })[] {
  return rows
    .filter((row) => row.kind === 'page')
    .map(({ id, label, lang, source, html }) => ({
      id,
      label,
      lang,
      source,
      group: source,
      page: readPage(html ?? '', ''),
      isSynthetic: false,
    }));
}

export function decidedPosts(rows: readonly DecisionRow[]): (Decided & { readonly text: string })[] {
  return rows
    .filter((row) => row.kind === 'post')
    .map(({ label, lang, source, text }) => ({ label, lang, source, text, isSynthetic: false }));
}
