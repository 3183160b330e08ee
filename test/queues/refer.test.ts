import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unzip } from '../../domain/zip.ts';
import { verifyWarc } from '../../evidence/warc-read.ts';
import { verifyBatch } from '../../exports/kibernadzor/verify.ts';
import { systemClock } from '../../queues/clock.ts';
import { buildBatch, type ReferNews, type ReferTools } from '../../queues/refer.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { openDatabase } from '../../store/open.ts';
import { approvedCase } from './approved.ts';
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

describe('a batch of a case whose host is known', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-refer-'));
  const now = new Date('2026-11-22T10:00:00Z');
  let db: Database;
  afterAll(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('has the certificates, the answers of name servers and registries, and the way to the page as files', async () => {
    db = await openDatabase({ memory: true });
    const tools = await referTools(db, folder, { now: () => now, sleep: async () => undefined });
    const id = await approvedCase(1, { db, evidence: tools.evidence, now });
    const news: ReferNews[] = [];
    for await (const event of buildBatch({ channel: 'operator_block', quarantine: false, limit: 1 }, tools))
      news.push(event);
    const built = news.find((event) => event.event === 'built')!;
    const files = await unzip(readFileSync(built.file));
    const text = (name: string) => files.get(`evidence/${id}/${name}`)?.toString();
    expect(text('tls.pem')).toBe('-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n');
    expect(JSON.parse(text('rdap.json')!)).toMatchObject({
      domain: { name: 'piramida-1.test', registrar: 'Example Registrar LLC' },
    });
    expect(JSON.parse(text('dns.json')!)).toMatchObject([{ type: 'A', data: ['192.0.2.7'], ttl: 300 }]);
    expect(JSON.parse(text('redirects.json')!)).toEqual([
      { url: 'https://piramida-1.test/kirisu', status: 200, location: null },
    ]);
    expect(await verifyBatch(readFileSync(built.file), verifyWarc)).toMatchObject({ ok: true });
  });
});
