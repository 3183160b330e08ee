import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../queues/clock.ts';
import { buildBatch, type ReferNews, type ReferTools } from '../../queues/refer.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { openDatabase } from '../../store/open.ts';
import { referTools } from './refer-tools.ts';

describe('building a batch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-refer-'));
  const at = new Date('2026-05-04T06:00:00Z');
  let db: Database;
  let tools: ReferTools;

  beforeAll(async () => {
    db = await openDatabase({ memory: true });
    tools = await referTools(db, folder, systemClock);
    const cases = caseStore(db);
    const seen = { label: 'pyramid' as const, signals: [], sketch: [] };
    for (const key of ['a.test', 'b.test', 'c.test']) {
      const sighting = { label: 'pyramid' as const, score: 0.9, seen, reasons: [] };
      const { id } = await cases.sight({ kind: 'site', key }, sighting, [], at);
      await cases.decide(id, { verdict: 'confirm', by: 'a', ground: 'KZ-CC-217', reason: 'выплаты' }, at);
      await cases.approve(id, 'b', at);
    }
  });
  afterAll(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const build = async (quarantine: boolean) => {
    const news: ReferNews[] = [];
    for await (const event of buildBatch({ channel: 'operator_block', quarantine, limit: 1 }, tools))
      news.push(event);
    return news;
  };

  test('looks past cases that may not leave, so that they hide none behind them', async () => {
    const refused = (await build(true)).filter((event) => event.event === 'refused');
    expect(refused.map(({ caseId }) => caseId)).toEqual(['K-000001', 'K-000002', 'K-000003']);
  });

  test('says how many cases may not leave, and takes none of them', async () => {
    expect((await build(false)).at(-1)).toMatchObject({
      event: 'nothing',
      why: expect.stringContaining('3 cases may not leave'),
    });
    expect(await tools.batches.list()).toEqual([]);
    expect(await tools.batches.waiting(10, 0)).toHaveLength(3);
  });
});
