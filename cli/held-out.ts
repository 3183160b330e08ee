/** Held-out rows: labelled pages and posts that no model learnt from, and what a model says of them. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { assessPage, assessPost } from '../classifiers/assess.ts';
import type { Model } from '../classifiers/model.ts';
import type { HeldOutRow, Saying } from '../classifiers/promotion.ts';
import { readPage } from '../crawler/extract/page.ts';
import { LABELS } from '../domain/assessment.ts';
import type { Page } from '../domain/page.ts';
import { FileUnusableError, linesOf, withFullerText } from './classify.ts';

const row = z.looseObject({
  label: z.enum(LABELS),
  source: z.string(),
  url: z.string().nullish(),
  html: z.string().nullish(),
  text: z.string().nullish(),
  isHard: z.boolean().default(false),
});

/** A row with `html` is a page, any other a post. */
export type HeldOut = HeldOutRow & ({ readonly page: Page } | { readonly post: string });

export class HeldOutRowError extends Error {
  override readonly name = 'HeldOutRowError';
  readonly facts: { readonly path: string; readonly line: number };

  constructor(path: string, line: number, why: string) {
    super(`${path}, line ${line}: ${why}. Mend the line and evaluate again.`);
    this.facts = { path, line };
  }
}

/** @returns the rows, and the SHA-256 of the file as a model card counts it: lines, each with `\n`. */
export async function readHeldOut(path: string): Promise<{ rows: HeldOut[]; sha256: string }> {
  const rows: HeldOut[] = [];
  const hash = createHash('sha256');
  let line = 0;
  try {
    for await (const text of linesOf(createReadStream(path))) {
      line += 1;
      hash.update(text).update('\n');
      if (text.trim() !== '') rows.push(readRow(path, line, text));
    }
  } catch (cause) {
    if (cause instanceof HeldOutRowError) throw cause;
    throw new FileUnusableError(path, 'read', cause);
  }
  return { rows, sha256: hash.digest('hex') };
}

function readRow(path: string, line: number, text: string): HeldOut {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HeldOutRowError(path, line, 'is not JSON');
  }
  const read = row.safeParse(value);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw new HeldOutRowError(
      path,
      line,
      `${issue?.path.join('.') || 'row'}: ${issue?.message ?? 'not understood'}`,
    );
  }
  const { label: truth, source, isHard, url, html, text: words } = read.data;
  if (!html && !words) throw new HeldOutRowError(path, line, 'has neither html nor text');
  const common = { truth, source, isHard };
  if (!html) return { ...common, post: words ?? '' };
  return { ...common, page: withFullerText(readPage(html, url ?? ''), words) };
}

export function sayingsOf(rows: readonly HeldOut[], model: Model): Saying[] {
  return rows.map((it) => {
    const { label, verdict } = 'page' in it ? assessPage(it.page, model) : assessPost(it.post, model);
    return { label, verdict };
  });
}
