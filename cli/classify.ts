/**
 * `kuzet classify`: rows in, judgements out, in the same order and in constant memory.
 *
 * A row is `{"id","kind":"page"|"post","url"?,"site"?,"html"?,"text"?}`; any one of url, html and text is
 * enough. A row that cannot be read answers `{"id"?,"line","error"}` and the rest goes on. The answers are
 * the same, to the byte, for any number of threads.
 */

import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { availableParallelism } from 'node:os';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { loadModel } from '../classifiers/model.ts';
import { type SiteAssessment, siteTally } from '../classifiers/site.ts';
import { beside, openThread, type Thread, ThreadLostError } from '../queues/thread.ts';
import {
  answerRows,
  LONGEST_LINE,
  MOST_SIGNALS,
  type RowAnswers,
  type RowOptions,
  type Rows,
} from './classify-rows.ts';
import type { RowsAsk } from './classify-thread.ts';
import { UsageError } from './command.ts';
import { inOrder } from './in-order.ts';
import type { Io } from './io.ts';

export { withFullerText } from './classify-rows.ts';

/** So much is judged in a second or two, which other threads would take to start and to warm up. */
const FIRST_CHARACTERS = 2_000_000;
const LIMITS = { seconds: 600, heapMegabytes: 2048 };
const MOST_THREADS = 64;

/** @returns 0 when every row was judged, 1 when one or more could not be. */
export async function classifyCommand(args: readonly string[], io: Io): Promise<number> {
  const words = readOptions(args);
  const hands = openHands(words.threads, { prior: words.prior, isJoined: words.sites !== undefined });
  const output = words.out === '-' ? null : await openForWriting(words.out);
  const write = async (lines: readonly string[]): Promise<void> => {
    if (lines.length === 0) return;
    if (output === null) {
      for (const line of lines) io.out(line);
      await io.drained?.();
    } else if (!output.write(`${lines.join('\n')}\n`)) await once(output, 'drain');
  };
  const sites = new Map<string, ReturnType<typeof siteTally>>();
  let bad = 0;
  let number = 0;
  const rows = async function* (): AsyncGenerator<Rows> {
    for await (const lines of lineGroupsOf(await openForReading(words.in, io))) {
      const from = number + 1;
      number += lines.length;
      yield { lines, from };
    }
  };
  try {
    for await (const answered of inOrder(rows(), hands.atOnce, hands.answer)) {
      bad += answered.bad;
      for (const { site, assessment } of answered.ofSites) {
        const tally = sites.get(site) ?? siteTally();
        tally.add(assessment);
        sites.set(site, tally);
      }
      await write(answered.answers);
    }
  } finally {
    await hands.close();
  }
  if (output !== null) {
    output.end();
    await finished(output);
  }
  if (words.sites !== undefined) await writeSites(words.sites, sites);
  if (bad > 0) io.err(`${bad} of ${number} lines could not be read; each says why in its own answer.`);
  return bad > 0 ? 1 : 0;
}

/**
 * The threads that judge: this one and, when the input is large, `count - 1` others. This one judges what the
 * others have no room for, and all of it until they are ready.
 */
function openHands(count: number, options: RowOptions) {
  const model = loadModel();
  const here = (rows: Rows): RowAnswers => answerRows(rows, model, options);
  const others: { readonly thread: Thread<RowsAsk, RowAnswers>; waiting: number; isReady: boolean }[] = [];
  let characters = 0;

  const openOthers = (): void => {
    for (let n = 1; n < count; n += 1) {
      const entry = beside(import.meta.url, 'classify-thread');
      const other = { thread: openThread<RowsAsk, RowAnswers>(entry, LIMITS), waiting: 0, isReady: false };
      others.push(other);
      // One that cannot start is not needed: this thread does its part.
      other.thread.ready().then(
        () => {
          other.isReady = true;
        },
        () => undefined,
      );
    }
  };

  return {
    /** Each of the others has one group at hand and one waiting. */
    atOnce: 2 * count - 1,
    async answer(rows: Rows): Promise<RowAnswers> {
      characters += rows.lines.reduce((sum, line) => sum + line.length, 0);
      if (characters > FIRST_CHARACTERS && others.length === 0) openOthers();
      const free = others.filter((it) => it.isReady && it.waiting < 2);
      if (free.length === 0) return here(rows);
      const freest = free.reduce((best, it) => (it.waiting < best.waiting ? it : best));
      freest.waiting += 1;
      try {
        return await freest.thread.ask({ rows, options });
      } catch (cause) {
        if (!(cause instanceof ThreadLostError)) throw cause;
        return here(rows);
      } finally {
        freest.waiting -= 1;
      }
    },
    async close(): Promise<void> {
      await Promise.all(others.map(({ thread }) => thread.close()));
    },
  };
}

interface Options {
  readonly in: string;
  readonly out: string;
  readonly sites: string | undefined;
  readonly prior: number | undefined;
  readonly threads: number;
}

function readOptions(args: readonly string[]): Options {
  let values: { in?: string; out?: string; sites?: string; prior?: string; threads?: string; json?: boolean };
  try {
    const text = { type: 'string' } as const;
    ({ values } = parseArgs({
      args: [...args],
      options: { in: text, out: text, sites: text, prior: text, threads: text, json: { type: 'boolean' } },
      strict: true,
    }));
  } catch (cause) {
    throw new UsageError('classify', `${(cause as Error).message.split('. ')[0]}.`);
  }
  const prior = values.prior === undefined ? undefined : Number(values.prior);
  if (prior !== undefined && !(prior > 0 && prior < 1)) {
    throw new UsageError('classify', `--prior takes a number above 0 and below 1, not "${values.prior}".`);
  }
  const threads =
    values.threads === undefined ? Math.min(MOST_THREADS, availableParallelism()) : Number(values.threads);
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS)) {
    throw new UsageError(
      'classify',
      `--threads takes a whole number from 1 to ${MOST_THREADS}, not "${values.threads}".`,
    );
  }
  return { in: values.in ?? '-', out: values.out ?? '-', sites: values.sites, prior, threads };
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
  return path === '-' ? io.stdin : opened(path);
}

/** @throws FileUnusableError when it cannot be read. */
export async function opened(path: string): Promise<NodeJS.ReadableStream> {
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
  for await (const lines of lineGroupsOf(stream)) yield* lines;
}

/** The same lines, those together that came to their end with one chunk of the stream. */
async function* lineGroupsOf(stream: NodeJS.ReadableStream): AsyncGenerator<readonly string[]> {
  stream.setEncoding('utf8');
  let parts: string[] = [];
  let length = 0;
  let isFirst = true;
  for await (const chunk of stream) {
    const text = isFirst ? String(chunk).replace(/^\ufeff/, '') : String(chunk);
    isFirst = false;
    const lines: string[] = [];
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      parts.push(text.slice(from, at));
      lines.push(parts.join('').replace(/\r$/, ''));
      parts = [];
      length = 0;
      from = at + 1;
    }
    if (lines.length > 0) yield lines;
    if (length < LONGEST_LINE) {
      const rest = text.slice(from, from + LONGEST_LINE - length);
      parts.push(rest);
      length += rest.length;
    }
  }
  if (length > 0) yield [parts.join('').replace(/\r$/, '')];
}
