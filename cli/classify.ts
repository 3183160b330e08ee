/**
 * `kuzet classify`: rows in, judgements out, in the same order and in constant memory.
 *
 * A row is `{"id","kind":"page"|"post","url"?,"site"?,"html"?,"text"?}`; any one of url, html and text is
 * enough. A row that cannot be read answers `{"id"?,"line","error"}` and the rest goes on.
 */

import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { assessPage, assessPost } from '../classifiers/assess.ts';
import { loadModel, type Model } from '../classifiers/model.ts';
import { type SiteAssessment, siteTally } from '../classifiers/site.ts';
import { readPage } from '../crawler/extract/page.ts';
import type { Assessment } from '../domain/assessment.ts';
import type { Page } from '../domain/page.ts';
import { parseUrl } from '../domain/url.ts';
import { UsageError } from './command.ts';
import type { Io } from './io.ts';

/** Longer lines are refused: one page's source is 2,000,000 characters at most. */
const LONGEST_LINE = 64_000_000;
const MOST_SIGNALS = 40;

const row = z.looseObject({
  id: z.union([z.string(), z.number()]).optional(),
  kind: z.enum(['page', 'post']).optional(),
  url: z.string().nullish(),
  site: z.string().nullish(),
  html: z.string().nullish(),
  text: z.string().nullish(),
});
type Row = z.infer<typeof row>;

/** @returns 0 when every row was judged, 1 when one or more could not be. */
export async function classifyCommand(args: readonly string[], io: Io): Promise<number> {
  const words = readOptions(args);
  const model = loadModel();
  const output = words.out === '-' ? null : await openForWriting(words.out);
  const write = async (line: string): Promise<void> => {
    if (output === null) {
      io.out(line);
      await io.drained?.();
    } else if (!output.write(`${line}\n`)) await once(output, 'drain');
  };
  const sites = new Map<string, ReturnType<typeof siteTally>>();
  let bad = 0;
  let number = 0;
  for await (const line of linesOf(await openForReading(words.in, io))) {
    number += 1;
    if (line.trim() === '') continue;
    const read = readRow(line);
    if ('error' in read) {
      bad += 1;
      await write(
        JSON.stringify({
          ...(read.id === undefined ? {} : { id: read.id }),
          line: number,
          error: read.error,
        }),
      );
      continue;
    }
    const assessment = judge(read, model, words.prior);
    if (typeof read.site === 'string' && read.site !== '') {
      const tally = sites.get(read.site) ?? siteTally();
      tally.add(assessment);
      sites.set(read.site, tally);
    }
    await write(JSON.stringify(answer(read, assessment)));
  }
  if (output !== null) {
    output.end();
    await finished(output);
  }
  if (words.sites !== undefined) await writeSites(words.sites, sites);
  if (bad > 0) io.err(`${bad} of ${number} lines could not be read; each says why in its own answer.`);
  return bad > 0 ? 1 : 0;
}

interface Options {
  readonly in: string;
  readonly out: string;
  readonly sites: string | undefined;
  readonly prior: number | undefined;
}

function readOptions(args: readonly string[]): Options {
  let values: { in?: string; out?: string; sites?: string; prior?: string; json?: boolean };
  try {
    const text = { type: 'string' } as const;
    ({ values } = parseArgs({
      args: [...args],
      options: { in: text, out: text, sites: text, prior: text, json: { type: 'boolean' } },
      strict: true,
    }));
  } catch (cause) {
    throw new UsageError('classify', `${(cause as Error).message.split('. ')[0]}.`);
  }
  const prior = values.prior === undefined ? undefined : Number(values.prior);
  if (prior !== undefined && !(prior > 0 && prior < 1)) {
    throw new UsageError('classify', `--prior takes a number above 0 and below 1, not "${values.prior}".`);
  }
  return { in: values.in ?? '-', out: values.out ?? '-', sites: values.sites, prior };
}

function readRow(line: string): Row | { readonly id?: string | number; readonly error: string } {
  if (line.length >= LONGEST_LINE) return { error: `is longer than ${LONGEST_LINE} characters` };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { error: 'is not JSON' };
  }
  const id = idOf(value);
  const fail = (error: string) => (id === undefined ? { error } : { id, error });
  const read = row.safeParse(value);
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
  return it;
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

async function writeSites(
  path: string,
  sites: ReadonlyMap<string, ReturnType<typeof siteTally>>,
): Promise<void> {
  const file = await openForWriting(path);
  for (const [site, tally] of sites) {
    const it: SiteAssessment = tally.joined();
    const line = {
      site,
      label: it.label,
      score: it.score,
      verdict: it.verdict,
      ...(it.abstainReason === null ? {} : { reason: it.abstainReason }),
      pages: tally.pages(),
      signals: it.signals.slice(0, MOST_SIGNALS),
    };
    if (!file.write(`${JSON.stringify(line)}\n`)) await once(file, 'drain');
  }
  file.end();
  await finished(file);
}

/** A file that a command was told to read or write and could not. */
export class FileUnusableError extends Error {
  override readonly name = 'FileUnusableError';
  readonly facts: { readonly path: string };

  constructor(path: string, doing: 'read' | 'written', cause: unknown) {
    super(`"${path}" cannot be ${doing}: ${(cause as Error).message}. Check the path and the rights on it.`, {
      cause,
    });
    this.facts = { path };
  }
}

export async function openForReading(path: string, io: Io): Promise<NodeJS.ReadableStream> {
  if (path === '-') return io.stdin;
  const stream = createReadStream(path);
  try {
    await once(stream, 'open');
  } catch (cause) {
    throw new FileUnusableError(path, 'read', cause);
  }
  return stream;
}

export async function openForWriting(path: string): Promise<WriteStream> {
  const stream = createWriteStream(path);
  try {
    await once(stream, 'open');
  } catch (cause) {
    throw new FileUnusableError(path, 'written', cause);
  }
  return stream;
}

/** Lines of a stream as they come; one that grows beyond the limit is cut there and the rest of it dropped. */
export async function* linesOf(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let parts: string[] = [];
  let length = 0;
  let isFirst = true;
  for await (const chunk of stream) {
    const text = isFirst ? String(chunk).replace(/^\ufeff/, '') : String(chunk);
    isFirst = false;
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      parts.push(text.slice(from, at));
      yield parts.join('').replace(/\r$/, '');
      parts = [];
      length = 0;
      from = at + 1;
    }
    if (length < LONGEST_LINE) {
      const rest = text.slice(from, from + LONGEST_LINE - length);
      parts.push(rest);
      length += rest.length;
    }
  }
  if (length > 0) yield parts.join('').replace(/\r$/, '');
}
