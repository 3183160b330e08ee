import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { FileUnusableError } from '../../cli/classify.ts';
import { readWords, UsageError } from '../../cli/command.ts';
import type { Io } from '../../cli/io.ts';
import { langidCommand } from '../../cli/langid.ts';
import { langid } from '../../cli/models.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuzet-langid-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(input: string, ...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    stdin: Readable.from([Buffer.from(input)]),
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    json: false,
    isTerminal: false,
  };
  const code = await langidCommand(readWords(langid, args), io);
  return { code, err, answers: answersIn(out.join('\n')) };
}

const answersIn = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const rows = (...list: unknown[]): string =>
  list.map((it) => `${typeof it === 'string' ? it : JSON.stringify(it)}\n`).join('');

describe('kuzet langid', () => {
  test('answers each text in order with its id, language and confidence', async () => {
    const { code, answers } = await run(
      rows(
        { id: 'a', text: 'Бүгін қалада жаңа мектеп ашылды' },
        { id: 2, text: 'В городе сегодня открыли новую школу' },
        { id: 'c', text: '100 500 💰' },
      ),
    );
    expect(code).toBe(0);
    expect(answers.map((it) => [it['id'], it['lang']])).toEqual([
      ['a', 'kk'],
      [2, 'ru'],
      ['c', 'und'],
    ]);
    expect(answers[0]!['confidence']).toBeGreaterThan(0.9);
    expect(answers[2]).toEqual({ id: 'c', lang: 'und', confidence: 0 });
  });

  test('answers a bad line in its place with its number and reason, does the rest, and ends with 1', async () => {
    const { code, answers, err } = await run(
      rows('{"id":', { id: 'b' }, 'null', '', { id: 'e', text: 'Ертең жиналыс болады, келіңіздер' }),
    );
    expect(code).toBe(1);
    expect(answers[0]).toEqual({ line: 1, error: 'is not JSON' });
    expect(answers[1]).toMatchObject({ id: 'b', line: 2 });
    expect(answers[1]!['error']).toContain('text');
    expect(answers[2]).toMatchObject({ line: 3 });
    expect(answers[3]).toMatchObject({ id: 'e', lang: 'kk' });
    expect(err).toEqual(['3 of 5 lines could not be read; each says why in its own answer.']);
  });

  test('reads a file and writes a file, all lines of many', async () => {
    const paths = { in: join(folder, 'in'), out: join(folder, 'out') };
    const texts = Array.from({ length: 1234 }, (_, id) => ({
      id,
      text: id % 2 === 0 ? 'Қайырлы таң, достар' : '',
    }));
    writeFileSync(paths.in, rows(...texts));
    const { code, answers } = await run('', '--in', paths.in, '--out', paths.out);
    expect(code).toBe(0);
    expect(answers).toEqual([]);
    const written = answersIn(readFileSync(paths.out, 'utf8'));
    expect(written.map((it) => it['id'])).toEqual(texts.map((it) => it.id));
    expect(written.filter((it) => it['lang'] === 'kk')).toHaveLength(617);
  });

  test('writes nothing for no lines', async () => {
    expect(await run('')).toEqual({ code: 0, err: [], answers: [] });
  });

  test('says which file it cannot read, and refuses words that it does not know', async () => {
    await expect(run('', '--in', join(folder, 'absent'))).rejects.toThrow(FileUnusableError);
    await expect(run('', '--fast')).rejects.toThrow(UsageError);
  });
});
