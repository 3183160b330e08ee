import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appealCode, isAppealCode } from '../../domain/appeal.ts';
import { rulingsOf } from '../../domain/lesson.ts';
import type { Referral } from '../../domain/record.ts';
import { type AppealStore, appealStore } from '../../store/appeals.ts';
import { type BatchStore, batchStore } from '../../store/batches.ts';
import { type CaseStore, caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { openDatabase } from '../../store/open.ts';
import { type PassageStore, passageStore } from '../../store/passages.ts';
import { at, pyramid } from '../conformance/rows.ts';
import { batchOrder, SIGNALS } from '../exports/samples.ts';

const rows = batchOrder(3).referrals;
const [first, second, third] = rows as [Referral, Referral, Referral];
const WORDS = 'Это обычный кооператив, доход не обещаем.';

describe('an appeal', () => {
  let db: Database;
  let cases: CaseStore;
  let batches: BatchStore;
  let passages: PassageStore;
  let appeals: AppealStore;

  beforeEach(async () => {
    db = await openDatabase({ memory: true });
    cases = caseStore(db);
    batches = batchStore(db);
    passages = passageStore(db);
    appeals = appealStore(db);
  });
  afterEach(() => db.close());

  const confirmed = async ({ hostname }: Referral, reasons = SIGNALS) => {
    const { id } = await cases.sight({ kind: 'site', key: hostname }, { ...pyramid, reasons }, [], at);
    const act = { verdict: 'confirm', by: 'aigerim', ground: 'KZ-CC-217', reason: 'выплаты' } as const;
    await cases.decide(id, act, at);
    return id;
  };
  const approved = async (referral: Referral) => {
    const id = await confirmed(referral);
    await cases.approve(id, 'bolat', at);
    return id;
  };
  const sent = async (referral: Referral) => {
    const caseId = await approved(referral);
    const software = { name: 'kuzet', version: '0.1.0' };
    const taken = [{ caseId, referral: { ...referral, caseId } }];
    await batches.take({ org: 'EXAMPLE', channel: 'operator_block', software, rows: taken, now: at });
    return caseId;
  };
  const objectTo = ({ hostname, url }: Referral) =>
    appeals.send(
      { url, words: WORDS, contact: '', lang: 'ru', subject: { kind: 'site', key: hostname } },
      at,
    );
  const overturned = { verdict: 'overturned', by: 'dana', reason: 'Страница не та.' } as const;

  test('of what is out begins its own passage, and overturned leads to the lifting of the block', async () => {
    const id = await sent(first);
    await passages.add(id, [{ at, by: 'aigerim', kind: 'handed_over', facts: {} }]);
    const { code } = await objectTo(first);
    expect((await passages.get(id)).passage.state).toBe('appealed');
    const { appeal } = await appeals.judge(code, overturned, at);
    expect(appeal.judged).toEqual({ at, ...overturned });
    const { state, events } = (await passages.get(id)).passage;
    expect([state, events.map(({ kind }) => kind)]).toEqual([
      'overturned',
      ['handed_over', 'appealed', 'overturned'],
    ]);
    expect((await cases.get(id)).state.is).toBe('referred');
    const acts = await cases.acts(id);
    expect(acts.at(-1)).toMatchObject({
      kind: 'overturned',
      by: 'dana',
      facts: { reason: 'Страница не та.' },
    });
    expect((await ledgerStore(db).verify()).ok).toBe(true);
  });

  test('of what has not left keeps it out of batches, and overturned opens it again', async () => {
    const id = await approved(first);
    const { code } = await objectTo(first);
    expect(await batches.waiting(10, 0)).toEqual([]);
    await appeals.judge(code, overturned, at);
    expect((await cases.get(id)).state.is).toBe('open');
  });

  test('upheld lets the case leave', async () => {
    const id = await approved(first);
    const { code } = await objectTo(first);
    await appeals.judge(code, { verdict: 'upheld', by: 'dana', reason: 'Обещание 3% в день видно.' }, at);
    expect((await batches.waiting(10, 0)).map((it) => it.id)).toEqual([id]);
  });

  test('sent again and again to what was upheld holds nothing up', async () => {
    const id = await approved(first);
    const { code } = await objectTo(first);
    await appeals.judge(code, { verdict: 'upheld', by: 'dana', reason: 'Обещание 3% в день видно.' }, at);
    await objectTo(first);
    expect(await appeals.countOpen()).toBe(1);
    expect((await batches.waiting(10, 0)).map((it) => it.id)).toEqual([id]);
  });

  test('overturned withdraws what is in a batch and was not handed over', async () => {
    const id = await sent(first);
    const { code } = await objectTo(first);
    expect((await passages.get(id)).passage.state).toBe('batched');
    await appeals.judge(code, overturned, at);
    expect((await passages.get(id)).passage.state).toBe('withdrawn');
  });

  test('overturned opens siblings on the same ground again, and no others', async () => {
    const id = await sent(first);
    const sibling = await approved(second);
    const other = await confirmed(third, [SIGNALS[1]!, SIGNALS[0]!]);
    const { code } = await objectTo(first);
    const { reopened } = await appeals.judge(code, overturned, at);
    expect(reopened).toEqual([sibling]);
    expect([(await cases.get(sibling)).state.is, (await cases.get(other)).state.is]).toEqual([
      'open',
      'confirmed',
    ]);
    expect((await cases.acts(sibling)).at(-1)).toMatchObject({ kind: 'reopened', facts: { because: id } });
    expect((await ledgerStore(db).verify()).ok).toBe(true);
  });

  test.each(['aigerim', 'BOLAT ', ''])(
    'is not judged by "%s", who decided the case or is nobody',
    async (by) => {
      await approved(first);
      const { code } = await objectTo(first);
      await expect(appeals.judge(code, { ...overturned, by }, at)).rejects.toThrow(
        /decided|name the officer/,
      );
      await expect(appeals.judge(code, { ...overturned, verdict: 'upheld', by }, at)).rejects.toThrow();
      expect(await appeals.countOpen()).toBe(1);
    },
  );

  test('is judged once, and that answers everybody who objected to the case', async () => {
    await approved(first);
    const [one, two] = [await objectTo(first), await objectTo(first)];
    await appeals.judge(one.code, overturned, at);
    expect((await appeals.get(two.code)).judged?.verdict).toBe('overturned');
    await expect(appeals.judge(two.code, overturned, at)).rejects.toThrow('waits to be judged');
  });

  test('about nothing that was decided is unmatched, and nothing else', async () => {
    const { code, caseId } = await objectTo(first);
    expect(caseId).toBeNull();
    await expect(appeals.judge(code, overturned, at)).rejects.toThrow('"unmatched"');
    await appeals.judge(code, { verdict: 'unmatched', by: 'dana', reason: 'Такого дела нет.' }, at);
    expect((await appeals.get(code)).judged?.verdict).toBe('unmatched');
  });

  test('leaves nothing of what its sender wrote in the ledger', async () => {
    await approved(first);
    const { code } = await objectTo(first);
    await appeals.judge(code, overturned, at);
    const entries = (await ledgerStore(db).list(0, 100)).filter(({ kind }) => kind === 'appeal');
    expect(entries.map(({ subject }) => subject)).toEqual([code, code]);
    expect(entries.map(({ entry }) => entry).join()).not.toContain('кооператив');
  });

  test('overturned teaches that the pages of the case were honest', async () => {
    const id = await sent(first);
    const { code } = await objectTo(first);
    await appeals.judge(code, overturned, at);
    const rulings = rulingsOf(await cases.acts(id), 'pyramid');
    expect(rulings.map(({ how, label, reason }) => [how, label, reason])).toEqual([
      ['confirmed', 'pyramid', 'выплаты'],
      ['overturned', 'legit', 'Страница не та.'],
    ]);
  });

  test('has a code that nobody guesses and everybody can read out', () => {
    const code = appealCode(Uint8Array.from({ length: 16 }, (_, n) => n * 16));
    expect(code).toBe('A-ATATATATATATATAT');
    expect(isAppealCode(code)).toBe(true);
    expect(isAppealCode('A-1')).toBe(false);
  });
});
