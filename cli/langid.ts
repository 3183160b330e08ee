/** `kuzet langid`: texts in, their languages out, one JSON value a line. */
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { z } from 'zod';
import { loadLanguage } from '../classifiers/language/file.ts';
import { type LanguageModel, languageOf } from '../classifiers/language.ts';
import { MODELS } from '../classifiers/model.ts';
import { linesOf, openForReading, openForWriting } from './classify.ts';
import type { Words } from './command.ts';
import type { Io } from './io.ts';

const row = z.looseObject({ id: z.union([z.string(), z.number()]).optional(), text: z.string() });

/** Answers are written so many at a time: a write for each would cost more than the answer. */
const AT_ONCE = 500;

/** @returns 0 when every line was answered, 1 when one or more could not be read. */
export async function langidCommand(words: Words, io: Io): Promise<number> {
  const model = loadLanguage(MODELS);
  const path = words.text('out') ?? '-';
  const input = await openForReading(words.text('in') ?? '-', io);
  const output = path === '-' ? null : await openForWriting(path);
  const write = async (lines: readonly string[]): Promise<void> => {
    if (lines.length === 0) return;
    if (output === null) {
      io.out(lines.join('\n'));
      await io.drained?.();
    } else if (!output.write(`${lines.join('\n')}\n`)) await once(output, 'drain');
  };
  let answers: string[] = [];
  let bad = 0;
  let number = 0;
  for await (const line of linesOf(input)) {
    number += 1;
    if (line.trim() === '') continue;
    const answer = answerTo(line, model);
    if ('error' in answer) bad += 1;
    answers.push(
      JSON.stringify('error' in answer ? { id: answer.id, line: number, error: answer.error } : answer),
    );
    if (answers.length < AT_ONCE) continue;
    await write(answers);
    answers = [];
  }
  await write(answers);
  if (output !== null) {
    output.end();
    await finished(output);
  }
  if (bad > 0) io.err(`${bad} of ${number} lines could not be read; each says why in its own answer.`);
  return bad > 0 ? 1 : 0;
}

type Id = string | number | undefined;

/** Keys that are undefined are not written. */
function answerTo(
  line: string,
  model: LanguageModel,
):
  | { readonly id: Id; readonly lang: string; readonly confidence: number }
  | { readonly id: Id; readonly error: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { id: undefined, error: 'is not JSON' };
  }
  const read = row.safeParse(value);
  if (!read.success) {
    const issue = read.error.issues[0];
    const id = row.shape.id.safeParse((value as { id?: unknown } | null)?.id);
    return { id: id.data, error: `${issue?.path.join('.') || 'row'}: ${issue?.message ?? 'not understood'}` };
  }
  const { lang, confidence } = languageOf(read.data.text, model);
  return { id: read.data.id, lang, confidence: Math.round(confidence * 1e4) / 1e4 };
}
