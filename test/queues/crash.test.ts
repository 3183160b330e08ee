/**
 * A builder that dies between any two steps of taking, signing, writing and noting a batch: whoever builds next
 * finishes it, each case is in exactly one batch, and what leaves twice is the same bytes. And a deletion by two that
 * is killed by the system between any two of its steps.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import type { Signer } from '../../evidence/signers.ts';
import { type EvidenceStore, scrub } from '../../evidence/store.ts';
import { buildBatch, type ReferNews, type ReferTools, showBatch } from '../../queues/refer.ts';
import { captureStore } from '../../store/captures.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { openDatabase } from '../../store/open.ts';
import { retentionStore } from '../../store/retention.ts';
import { capturedPage } from '../conformance/rows.ts';
import { approvedCase } from './approved.ts';
import { DEATHS } from './eraser.ts';
import { mortal } from './mortal.ts';
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

describe('a deletion that the system kills between any two steps', () => {
  const home = mkdtempSync(join(tmpdir(), 'kuzet-erased-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  const child = (...args: string[]) => mortal(new URL('./eraser.ts', import.meta.url), [home, ...args]);
  const opened = async <T>(work: (db: Database, evidence: EvidenceStore) => Promise<T>): Promise<T> => {
    const db = await openDatabase({ folder: join(home, 'store') });
    try {
      return await work(db, await openEvidenceFolder(join(home, 'evidence')));
    } finally {
      await db.close();
    }
  };

  test('never takes a byte without its tombstone, and is finished by the next one, told of once', async () => {
    const captures = await opened(async (db, evidence) => {
      const made: string[] = [];
      for (const n of DEATHS.keys()) made.push(await capturedPage(`erased-${n}.test`, { db, evidence }));
      return [...made, await capturedPage('kept.test', { db, evidence })];
    });
    const ends: string[] = [];
    for (const [n, death] of DEATHS.entries()) ends.push(await child(captures[n]!, death));
    expect(ends.map((end, n) => `${DEATHS[n]}: ${end}`)).toEqual(DEATHS.map((death) => `${death}: SIGKILL`));

    const halfway = await opened(async (db, evidence) => {
      const seen: [gone: boolean, isTold: boolean][] = [];
      for (const id of captures) {
        const { bodySha256 } = (await captureStore(db).get(id))!.capture;
        const stone = await retentionStore(db).tombstone(id);
        seen.push([!(await evidence.has(bodySha256)), stone !== null]);
      }
      return seen;
    });
    expect(halfway.filter(([gone, isTold]) => gone && !isTold)).toEqual([]);
    expect(halfway.some(([gone]) => gone)).toBe(true);

    expect(await child('', '')).toBe('done');
    await opened(async (db, evidence) => {
      const retention = retentionStore(db);
      for (const id of captures.slice(0, -1)) {
        const { bodySha256, warc } = (await captureStore(db).get(id))!.capture;
        expect([await evidence.has(bodySha256), await evidence.has(warc)]).toEqual([false, false]);
        expect(await retention.tombstone(id)).toMatchObject({ proposedBy: 'aigerim', approvedBy: 'daniyar' });
      }
      expect(await retention.tombstone(captures.at(-1)!)).toBeNull();
      const told = await scrub(evidence, captureStore(db).blobs(), (name) => retention.wasDeleted(name));
      expect(told).toMatchObject({ deleted: 2 * DEATHS.length, faults: [] });
      const { ok, deletions } = await ledgerStore(db).verify();
      expect([ok, deletions.flatMap((each) => each.captures).sort()]).toEqual([
        true,
        captures.slice(0, -1).sort(),
      ]);
    });
  }, 600_000);
});
