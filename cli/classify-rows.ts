/**
 * Lines of NDJSON to their answers: what `kuzet classify` does with a row, whichever thread it does it in.
 * A line that cannot be read answers `{"id"?,"line","error"}`.
 */
import { z } from 'zod';
import { assessPage, assessPost } from '../classifiers/assess.ts';
import type { Model } from '../classifiers/model.ts';
import { readPage } from '../crawler/extract/page.ts';
import type { Assessment } from '../domain/assessment.ts';
import type { Page } from '../domain/page.ts';
import { parseUrl } from '../domain/url.ts';

/** Longer lines are refused: one page's source is 2,000,000 characters at most. */
export const LONGEST_LINE = 64_000_000;
/** Signals that an answer shows. */
export const MOST_SIGNALS = 40;

/** Neighbouring lines of the input. */
export interface Rows {
  readonly lines: readonly string[];
  /** Number of the first line, from 1. */
  readonly from: number;
}

export interface RowOptions {
  /** Expected share of fraud; the model's own when absent. */
  readonly prior: number | undefined;
  /** Keep the whole assessment of rows with `site`, for joining them. */
  readonly isJoined: boolean;
}

export interface RowAnswers {
  /** In the order of the lines; empty lines have none. */
  readonly answers: readonly string[];
  /** Lines that could not be read. */
  readonly bad: number;
  readonly ofSites: readonly { readonly site: string; readonly assessment: Assessment }[];
}

export function answerRows({ lines, from }: Rows, model: Model, { prior, isJoined }: RowOptions): RowAnswers {
  const answers: string[] = [];
  const ofSites: { site: string; assessment: Assessment }[] = [];
  let bad = 0;
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const read = readRow(line);
    if (read.is === 'bad') {
      bad += 1;
      answers.push(badRow(read.id, from + at, read.why));
      continue;
    }
    const { row } = read;
    const assessment = judge(row, model, prior);
    if (isJoined && row.site) ofSites.push({ site: row.site, assessment });
    answers.push(JSON.stringify(answer(row, assessment)));
  }
  return { answers, bad, ofSites };
}

function badRow(id: string | number | undefined, line: number, error: string): string {
  return JSON.stringify({ ...(id === undefined ? {} : { id }), line, error });
}

const rowShape = z.looseObject({
  id: z.union([z.string(), z.number()]).optional(),
  kind: z.enum(['page', 'post']).optional(),
  url: z.string().nullish(),
  site: z.string().nullish(),
  html: z.string().nullish(),
  text: z.string().nullish(),
});
type Row = z.infer<typeof rowShape>;

type ReadRow =
  | { readonly is: 'row'; readonly row: Row }
  | { readonly is: 'bad'; readonly id: string | number | undefined; readonly why: string };

function readRow(line: string): ReadRow {
  const bad = (why: string, id?: string | number): ReadRow => ({ is: 'bad', id, why });
  if (line.length >= LONGEST_LINE) return bad(`is longer than ${LONGEST_LINE} characters`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return bad('is not JSON');
  }
  const id = idOf(value);
  const fail = (why: string) => bad(why, id);
  const read = rowShape.safeParse(value);
  if (!read.success) {
    const issue = read.error.issues[0];
    return fail(`${issue?.path.join('.') || 'row'}: ${issue?.message ?? 'not understood'}`);
  }
  const it = read.data;
  if (!it.url && !it.html && typeof it.text !== 'string') return fail('has none of url, html and text');
  if (it.url) {
    try {
      parseUrl(it.url);
    } catch (cause) {
      return fail(`url: ${(cause as Error).message}`);
    }
  }
  return { is: 'row', row: it };
}

function idOf(value: unknown): string | number | undefined {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}

/** A row without `kind` is a post when it is text alone, else a page. */
function judge(it: Row, model: Model, prior: number | undefined): Assessment {
  const kind = it.kind ?? (it.html || it.url ? 'page' : 'post');
  if (kind === 'post') return assessPost(it.text || textOf(it), model, { prior });
  return assessPage(pageOf(it), model, { prior });
}

function textOf(it: Row): string {
  return it.html ? readPage(it.html, '').text : (it.url ?? '');
}

function pageOf(it: Row): Page {
  return withFullerText(readPage(it.html ?? '', it.url ? parseUrl(it.url).href : ''), it.text);
}

/** Text given beside the source was read by someone who may have seen more of the page, scripts for one. */
export function withFullerText(page: Page, text: string | null | undefined): Page {
  return typeof text === 'string' && text.length > 1.5 * page.text.length ? { ...page, text } : page;
}

function answer(
  it: Row,
  { lang, label, score, verdict, abstainReason, scores, signals, model }: Assessment,
): unknown {
  return {
    ...(it.id === undefined ? {} : { id: it.id }),
    lang,
    label,
    score,
    verdict,
    ...(abstainReason === null ? {} : { reason: abstainReason }),
    scores,
    signals: signals.slice(0, MOST_SIGNALS),
    model,
  };
}
