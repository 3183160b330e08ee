import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../../store/open.ts';
import { audit } from './audit.ts';

const db = await openDatabase({ memory: true });
const folder = mkdtempSync(join(tmpdir(), 'kuzet-audit-'));
afterAll(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});
const NOTHING = { scans: [], confirmed: [], approved: [], batches: [], listings: [] };
const around = { evidence: folder, batches: folder, acknowledged: NOTHING, arrived: [] };

test('an auditor finds nothing in a house that nobody asked for anything', async () => {
  expect(await audit(db, around)).toEqual({ lost: [], half: [], twice: [], ledger: [] });
});

test('an auditor names whatever was acknowledged and is not there', async () => {
  const acknowledged = {
    scans: ['019a0000-0000-7000-8000-000000000001'],
    confirmed: ['K-000001'],
    approved: ['K-000002'],
    batches: ['KN_EXAMPLE_20261120_001'],
    listings: ['a-1'],
  };
  expect((await audit(db, { ...around, acknowledged })).lost).toEqual([
    'scan 019a0000-0000-7000-8000-000000000001',
    'confirmed K-000001',
    'approved K-000002',
    'batch KN_EXAMPLE_20261120_001',
    'listing a-1',
  ]);
});

test('an auditor names a half-made state: a visit left open, a case referred without a batch', async () => {
  const at = '2026-11-20T06:00:00Z';
  const scan = '019a0000-0000-7000-8000-000000000002';
  await db.query(`insert into scan (id, requested_at, settings) values ($1, $2, '{}')`, [scan, at]);
  await db.query(
    `insert into visit (id, scan_id, host, state, queued_at) values ($1, $1, 'left.test', 'queued', $2)`,
    [scan, at],
  );
  await db.query(
    `insert into cases (id, subject_kind, subject_key, label, score, revision, state, state_facts, seen, reasons,
       opened_at, updated_at)
     values (7, 'site', 'half.test', 'pyramid', 1, 1, 'referred', '{}', '[]', '[]', $1, $1)`,
    [at],
  );
  const { half } = await audit(db, around);
  expect(half).toContain('visit not done: left.test');
  expect(half).toContain('referred without a batch: half.test');
  expect(half).toContain('state without its act: half.test');
});

test('an auditor names an alert that came under an id which the feed does not have, and one id with two bodies', async () => {
  const arrived = [
    { id: 'msg-1', body: '{"n":1}' },
    { id: 'msg-1', body: '{"n":2}' },
  ];
  expect((await audit(db, { ...around, arrived })).twice).toEqual([
    'alert under an id that the feed does not have: msg-1',
    'alert under an id that the feed does not have: msg-1',
    'one id, two alerts: msg-1',
  ]);
});
