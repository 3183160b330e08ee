import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyCommand } from '../../cli/verify.ts';
import { partOf } from '../../domain/record.ts';
import { buildBatch } from '../../exports/kibernadzor/batch.ts';
import { batchOrder } from './samples.ts';

let folder: string;
let batch: string;
let altered: string;
let warc: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kuzet-verify-'));
  const order = batchOrder(2);
  const bytes = await buildBatch(order);
  batch = join(folder, 'KN_EXAMPLE_20261122_001_v1.zip');
  altered = join(folder, 'altered.zip');
  warc = join(folder, 'capture.warc.gz');
  await writeFile(batch, bytes);
  await writeFile(altered, bytes.toString('latin1').replace('Site 2', 'Site 3'), 'latin1');
  await writeFile(warc, order.blobs.get(partOf(order.referrals[0]!, 'warc')!.sha256)!);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function say(args: readonly string[], json = false) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await verifyCommand(args, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    json,
  });
  return { code, out, err };
}

describe('kuzet verify', () => {
  test('tells check by check that a batch holds, and what that does not show', async () => {
    const { code, out } = await say([batch]);
    expect(code).toBe(0);
    expect(out.filter((line) => line.startsWith('✓'))).toHaveLength(12);
    expect(out.at(-3)).toBe(`ПРОВЕРЕНО  ${batch}`);
    expect(out.at(-2)).toContain('без подписи');
    expect(out.at(-1)).toContain('меток времени нет');
  });

  test('ends with 1 and names the altered file', async () => {
    const { code, out } = await say([altered, '--lang', 'en']);
    expect(code).toBe(1);
    expect(out.find((line) => line.startsWith('✗'))).toContain('form/links.csv');
    expect(out.at(-1)).toBe(`DID NOT VERIFY  ${altered} (KN_EXAMPLE_20261122_001)`);
  });

  test('speaks Kazakh', async () => {
    const { out } = await say([batch, '--lang', 'kk']);
    expect(out.at(-3)).toBe(`ТЕКСЕРІЛДІ  ${batch}`);
  });

  test('gives NDJSON for programs', async () => {
    const { code, out } = await say([batch], true);
    const lines = out.map((line): Record<string, unknown> => JSON.parse(line));
    expect(code).toBe(0);
    expect(lines.at(-1)).toEqual({
      event: 'done',
      file: batch,
      kind: 'batch',
      batch: 'KN_EXAMPLE_20261122_001',
      ok: true,
    });
    expect(lines).toHaveLength(15);
  });

  test('checks a capture by itself', async () => {
    expect((await say([warc, '--lang', 'en'])).out).toEqual([
      '✓ the records of the traffic are intact (3 records)',
      `VERIFIED  ${warc}`,
    ]);
  });

  test('ends with 2 when asked wrongly and with 1 when the file is not there', async () => {
    expect((await say([])).code).toBe(2);
    expect((await say([batch, '--lang', 'fr'])).code).toBe(2);
    expect((await say([batch, '--what'])).code).toBe(2);
    const gone = await say([join(folder, 'gone.zip')]);
    expect([gone.code, gone.err[0]]).toEqual([1, expect.stringContaining('gone.zip cannot be read')]);
  });
});
