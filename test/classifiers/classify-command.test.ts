import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../classifiers/model.ts';
import { classifyCommand, FileUnusableError, linesOf } from '../../cli/classify.ts';
import { answerRows, type RowAnswers } from '../../cli/classify-rows.ts';
import type { RowsAsk } from '../../cli/classify-thread.ts';
import { UsageError } from '../../cli/command.ts';
import type { Io } from '../../cli/io.ts';
import { openThread } from '../../queues/thread.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuzet-classify-'));
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
  const code = await classifyCommand(args, io);
  return { code, err, answers: out.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const rows = (...list: unknown[]): string =>
  list.map((it) => `${typeof it === 'string' ? it : JSON.stringify(it)}\n`).join('');
const CASINO =
  '<title>Казино</title><p>Онлайн казино: слоты, фриспины, бездепозитный бонус, рабочее зеркало, джекпот.</p>';

describe('kuzet classify', () => {
  test('answers every row in order, with the fields that were promised', async () => {
    const { code, answers } = await run(
      rows(
        { id: 'a', kind: 'page', url: 'https://slots.example/', html: CASINO },
        { id: 'b', kind: 'post', text: 'Бүгін ата-аналар жиналысы болады, бәріңіз келіңіздер' },
        { id: 3, url: 'https://kaspi-bank.example/' },
      ),
    );
    expect(code).toBe(0);
    expect(answers.map((it) => it['id'])).toEqual(['a', 'b', 3]);
    expect(answers[0]).toMatchObject({ lang: 'ru', label: 'illegal_casino', verdict: 'flag' });
    expect(answers[1]).toMatchObject({ lang: 'kk', label: 'legit', verdict: 'clear' });
    for (const it of answers) {
      expect(Object.keys(it)).toEqual(
        expect.arrayContaining(['id', 'lang', 'label', 'score', 'verdict', 'scores', 'signals', 'model']),
      );
    }
    const [signal] = answers[0]!['signals'] as Record<string, unknown>[];
    expect(Object.keys(signal!)).toEqual(['id', 'family', 'criterion', 'excerpt', 'contribution']);
    expect((answers[2]!['signals'] as { family: string }[]).map((it) => it.family)).toContain('brand');
  });

  test('answers a bad line with its number and reason, does the rest, and ends with 1', async () => {
    const { code, answers, err } = await run(
      rows(
        '{"id":"x"',
        { id: 'y' },
        { id: 'z', kind: 'advert', text: 'a' },
        { id: 'u', url: 'ftp://example.test' },
        '',
        {
          id: 'ok',
          text: 'Нацбанк сохранил базовую ставку на уровне 18 процентов',
        },
      ),
    );
    expect(code).toBe(1);
    expect(answers[0]).toEqual({ line: 1, error: 'is not JSON' });
    expect(answers[1]).toEqual({ id: 'y', line: 2, error: 'has none of url, html and text' });
    expect(answers[2]).toMatchObject({ id: 'z', line: 3 });
    expect(answers[3]).toMatchObject({ id: 'u', line: 4 });
    expect(answers[3]!['error']).toContain('ftp:');
    expect(answers[4]).toMatchObject({ id: 'ok', verdict: 'clear' });
    expect(err).toEqual(['4 of 6 lines could not be read; each says why in its own answer.']);
  });

  test('reads and writes files, and joins rows with a site into one line a site', async () => {
    const paths = { in: join(folder, 'in'), out: join(folder, 'out'), sites: join(folder, 'sites') };
    const html = '<p>Погода, новости района, расписание автобусов и объявления акимата на эту неделю.</p>';
    writeFileSync(
      paths.in,
      rows(
        { id: 1, kind: 'page', site: 'slots.example', html: CASINO },
        { id: 2, kind: 'page', site: 'news.example', html },
        { id: 3, kind: 'page', site: 'slots.example', html: CASINO },
      ),
    );
    const { code } = await run('', '--in', paths.in, '--out', paths.out, '--sites', paths.sites);
    expect(code).toBe(0);
    expect(readFileSync(paths.out, 'utf8').trim().split('\n')).toHaveLength(3);
    const sites = readFileSync(paths.sites, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(sites.map((it) => [it['site'], it['label'], it['verdict'], it['pages']])).toEqual([
      ['slots.example', 'illegal_casino', 'flag', 2],
      ['news.example', 'legit', 'clear', 1],
    ]);
  });

  test('a row may have a field named "error"', async () => {
    const { code, answers } = await run(rows({ id: 1, kind: 'page', html: CASINO, error: 'none' }));
    expect(code).toBe(0);
    expect(answers[0]).toMatchObject({ id: 1, verdict: 'flag' });
  });

  test('a higher --prior raises the score', async () => {
    const row = rows({ id: 1, kind: 'page', html: CASINO });
    const low = await run(row, '--prior', '0.01');
    const high = await run(row, '--prior', '0.5');
    expect(high.answers[0]!['score']).toBeGreaterThan(low.answers[0]!['score'] as number);
  });

  test.each([
    ['--prior', '0'],
    ['--prior', '1'],
    ['--prior', 'half'],
    ['--colour', 'red'],
    ['--threads', '0'],
    ['--threads', 'many'],
  ])('refuses %s %s as usage', async (...args) => {
    await expect(run('', ...args)).rejects.toThrow(UsageError);
  });

  test('names a file that cannot be read', async () => {
    await expect(run('', '--in', join(folder, 'nowhere'))).rejects.toThrow(FileUnusableError);
  });
});

describe('kuzet classify in several threads', () => {
  const html = `${CASINO}<p>${'Тегін айналымдар мен жүлделер. '.repeat(800)}</p>`;
  const list = Array.from({ length: 240 }, (_, n) =>
    n % 50 === 7
      ? `{"id":${n}`
      : JSON.stringify(
          n % 3 === 0
            ? { id: n, text: `Пассивный доход ${n % 40}% в день, пригласи трёх друзей` }
            : { id: n, kind: 'page', site: `s${n % 5}.example`, html },
        ),
  );
  const input = `${list.join('\n')}\n`;

  test('gives the same answers and sites, to the byte, as in one', async () => {
    const made = async (threads: string) => {
      const paths = {
        in: join(folder, 'many'),
        out: join(folder, `out-${threads}`),
        sites: join(folder, 's'),
      };
      writeFileSync(paths.in, input);
      const args = ['--in', paths.in, '--out', paths.out, '--sites', paths.sites, '--threads', threads];
      expect((await run('', ...args)).code).toBe(1);
      return [readFileSync(paths.out, 'utf8'), readFileSync(paths.sites, 'utf8')];
    };
    const alone = await made('1');
    expect(alone[0]!.trim().split('\n')).toHaveLength(240);
    expect(alone[1]!.trim().split('\n')).toHaveLength(5);
    expect(await made('3')).toEqual(alone);
  });

  test('a thread answers as this one does', async () => {
    const model = loadModel();
    const options = { prior: 0.2, isJoined: true };
    const thread = openThread<RowsAsk, RowAnswers>(new URL('../../cli/classify-thread.ts', import.meta.url), {
      seconds: 60,
      heapMegabytes: 512,
    });
    const asked = { lines: list.slice(0, 20), from: 41 };
    expect(await thread.ask({ rows: asked, options })).toEqual(answerRows(asked, model, options));
    await thread.close();
  });
});

describe('linesOf', () => {
  const split = async (...chunks: string[]): Promise<string[]> => {
    const found: string[] = [];
    for await (const line of linesOf(Readable.from(chunks.map((chunk) => Buffer.from(chunk)))))
      found.push(line);
    return found;
  };

  test('joins lines across chunks, takes off the byte order mark and carriage returns', async () => {
    expect(await split('\ufeffбі', 'р\r\nек', 'і\n\nүш')).toEqual(['бір', 'екі', '', 'үш']);
  });

  test('a letter cut in two by a chunk is whole again', async () => {
    const bytes = Buffer.from('қ\n');
    const found: string[] = [];
    for await (const line of linesOf(Readable.from([bytes.subarray(0, 1), bytes.subarray(1)])))
      found.push(line);
    expect(found).toEqual(['қ']);
  });
});
