/**
 * A builder that dies between any two steps of taking, signing, writing and noting a batch: whoever builds next
 * finishes it, each case is in exactly one batch, and what leaves twice is the same bytes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Signer } from '../../evidence/signers.ts';
import type { EvidenceStore } from '../../evidence/store.ts';
import { buildBatch, type ReferNews, type ReferTools, showBatch } from '../../queues/refer.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { openDatabase } from '../../store/open.ts';
import { approvedCase } from './approved.ts';
import { referTools } from './refer-tools.ts';

const now = new Date('2026-11-22T10:00:00.000Z');

/** Signs with other bytes each time, as ECDSA does. */
let signatures = 0;
const signer: Signer = {
  name: 'test',
  async sign(content) {
    signatures += 1;
    return Buffer.concat([Buffer.from(`signature ${signatures} `), Buffer.from(content).subarray(0, 8)]);
  },
};

class Killed extends Error {}

describe('a builder that dies', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-crash-'));
  let db: Database;
  let evidence: EvidenceStore;
  let good: ReferTools;

  beforeAll(async () => {
    db = await openDatabase({ memory: true });
    good = {
      ...(await referTools(db, folder, { now: () => now, sleep: async () => undefined })),
      signer,
    };
    evidence = good.evidence;
  });
  afterAll(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const build = async (tools: ReferTools) => {
    const news: ReferNews[] = [];
    const order = { channel: 'operator_block', quarantine: false, limit: 50 } as const;
    for await (const event of buildBatch(order, tools)) news.push(event);
    return news;
  };
  const dies = () => {
    throw new Killed();
  };
  const dyingAfter = <T extends object>(it: T, step: keyof T): T =>
    ({
      ...it,
      [step]: async (...args: unknown[]) => {
        await (it[step] as (...given: unknown[]) => Promise<unknown>)(...args);
        return dies();
      },
    }) as T;

  const steps: readonly (readonly [step: string, tools: () => ReferTools])[] = [
    ['before it takes the cases', () => ({ ...good, batches: { ...good.batches, take: dies } })],
    ['after it took the cases', () => ({ ...good, batches: dyingAfter(good.batches, 'take') })],
    ['after it printed', () => ({ ...good, batches: { ...good.batches, keepPrint: dies } })],
    ['after the print was kept', () => ({ ...good, batches: dyingAfter(good.batches, 'keepPrint') })],
    ['before it signs', () => ({ ...good, signer: { ...signer, sign: dies } })],
    ['after it signed', () => ({ ...good, batches: { ...good.batches, keepSeal: dies } })],
    ['after the signature was kept', () => ({ ...good, batches: dyingAfter(good.batches, 'keepSeal') })],
    ['while it writes the file', () => ({ ...good, folder: '/dev/null/batches' })],
    ['before the file is noted', () => ({ ...good, batches: { ...good.batches, finish: dies } })],
    ['after the file was noted', () => ({ ...good, batches: dyingAfter(good.batches, 'finish') })],
  ];

  test.each(steps)('%s leaves a batch that the next one finishes, once', async (step, dying) => {
    const n = 100 + steps.findIndex(([each]) => each === step);
    const caseId = await approvedCase(n, { db, evidence, now });
    await expect(build(dying())).rejects.toThrow();
    await build(good);
    const state = (await caseStore(db).get(caseId)).state;
    expect(state.is).toBe('referred');
    const batch = state.is === 'referred' ? state.batch : '';
    const { file, sha256 } = await showBatch(batch, good);
    const bytes = await readFile(file);
    expect((await good.batches.get(batch)).sha256).toBe(sha256);
    expect((await showBatch(batch, good)).sha256).toBe(sha256);
    expect(await readFile(file)).toEqual(bytes);
    expect(await good.batches.unfinished()).toEqual([]);
  });

  test('never has a case in two batches, and the ledger holds', async () => {
    const rows = await db.query<{ n: number }>(
      'select count(*) as n from batch_case group by case_id having count(*) > 1',
    );
    expect(rows).toEqual([]);
    expect((await readdir(good.folder)).filter((name) => name.endsWith('.zip'))).toHaveLength(steps.length);
    expect((await ledgerStore(db).verify()).faults).toEqual([]);
  });
});
