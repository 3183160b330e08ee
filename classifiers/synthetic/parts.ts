/** What a hand-written example holds: rows of `*-pages.jsonl` and `*-posts.jsonl`. */
import { z } from 'zod';
import { LABELS } from '../../domain/assessment.ts';

export const TONGUES = ['ru', 'kk', 'kk-Latn', 'en'] as const;
export type Tongue = (typeof TONGUES)[number];

export const pageParts = z.strictObject({
  label: z.enum(LABELS),
  lang: z.enum(TONGUES),
  /** What kind of page it is, in a word or two; names the source of a legitimate page. */
  kind: z.string().optional(),
  title: z.string().min(1),
  form: z.enum(['signup', 'login', 'phone', 'card', 'seed', 'search', 'order']).nullable(),
  /** Paragraphs, headings and list items in the order of the page, as plain text. */
  blocks: z.array(z.string().min(1)).min(1),
});
export type PageParts = z.infer<typeof pageParts>;

export const postParts = z.strictObject({
  label: z.enum(LABELS),
  lang: z.enum(TONGUES),
  /** What kind of post it is; names the source of a legitimate post. */
  kind: z.string().optional(),
  text: z.string().min(1),
});

/** All that a frame may see of a page. The label is not among it, so a frame cannot depend on it. */
export type Words = Readonly<Pick<PageParts, 'lang' | 'title' | 'form' | 'blocks'>>;
