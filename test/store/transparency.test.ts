import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appealStore } from '../../store/appeals.ts';
import { batchStore } from '../../store/batches.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { openDatabase } from '../../store/open.ts';
import { passageStore } from '../../store/passages.ts';
import { publicRows } from '../../store/transparency.ts';
import { pyramid } from '../conformance/rows.ts';
import { batchOrder } from '../exports/samples.ts';

const later = (hours: number) => new Date(Date.UTC(2026, 9, 1, 6) + hours * 3_600_000);
const referral = batchOrder(1).referrals[0]!;

describe('rows of the public report', () => {
  let db: Database;
  beforeAll(async () => {
    db = await openDatabase({ memory: true });
    const cases = caseStore(db);
    const subject = { kind: 'site', key: referral.hostname } as const;
    const { id } = await cases.sight(subject, pyramid, [], later(0));
    await cases.decide(
      id,
      { verdict: 'confirm', by: 'aigerim', ground: 'KZ-CC-217', reason: 'выплаты' },
      later(2),
    );
    await cases.approve(id, 'bolat', later(5));
    const rows = [{ caseId: id, referral: { ...referral, caseId: id } }];
    const software = { name: 'kuzet', version: '0.1.0' };
    await batchStore(db).take({ org: 'EXAMPLE', channel: 'operator_block', software, rows, now: later(6) });
    const passages = passageStore(db);
    await passages.add(id, [{ at: later(7), by: 'dana', kind: 'handed_over', facts: {} }]);
    for (const kind of ['acknowledged', 'restricted'] as const)
      await passages.add(id, [{ at: later(37), by: 'kuzet', kind, facts: {} }]);
    const appeals = appealStore(db);
    const it = {
      url: referral.url,
      words: 'Это ошибка, мы магазин.',
      contact: 'a@example.com',
      lang: 'ru',
    } as const;
    const { code } = await appeals.send({ ...it, subject }, later(40));
    await appeals.judge(code, { verdict: 'upheld', by: 'dana', reason: 'Обещание видно.' }, later(64));
  });
  afterAll(() => db.close());

  test('tell kinds and hours of what was done in the period, and name nobody and nothing', async () => {
    const rows = await publicRows(db, later(0), later(1000));
    expect(rows).toEqual({
      acts: [
        { kind: 'opened', label: 'pyramid', hours: null },
        { kind: 'confirmed', label: 'pyramid', hours: 2 },
        { kind: 'approved', label: 'pyramid', hours: 3 },
        { kind: 'referred', label: 'pyramid', hours: 1 },
      ],
      referrals: [{ caseNumber: 1, channel: 'operator_block', label: 'pyramid', hoursToEnd: 30 }],
      appeals: [{ verdict: 'upheld', hours: 24 }],
    });
    for (const name of ['aigerim', 'bolat', 'dana', referral.hostname, 'example.com'])
      expect(JSON.stringify(rows)).not.toContain(name);
  });

  test('leave out what was before and after', async () => {
    expect(await publicRows(db, later(-100), later(0))).toEqual({ acts: [], referrals: [], appeals: [] });
    expect((await publicRows(db, later(3), later(6))).acts).toEqual([
      { kind: 'approved', label: 'pyramid', hours: 3 },
    ]);
  });
});
