/** What the ledger owes, whichever engine keeps it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Referral } from '../../domain/record.ts';
import { accountStore } from '../../store/accounts.ts';
import { appealStore } from '../../store/appeals.ts';
import { batchStore } from '../../store/batches.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { overrideStore } from '../../store/overrides.ts';
import { passageStore } from '../../store/passages.ts';
import { rereadStore } from '../../store/rereads.ts';
import { visitStore } from '../../store/visits.ts';
import { at, captured, id, pyramid } from './rows.ts';

const GUARDED = [
  ...['act', 'capture', 'batch_case', 'passage_event'],
  ...['override_asked', 'override_answered', 'appeal', 'reread_answer'],
];

export function ledgerConformance(name: string, open: () => Promise<Database>): void {
  describe(`the ledger on ${name}`, () => {
    let db: Database;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(() => db.close());

    const confirm = { verdict: 'confirm', by: 'a', ground: 'KZ-CC-217', reason: 'выплаты' } as const;
    const sight = (key: string) => caseStore(db).sight({ kind: 'site', key }, pyramid, [], at);
    const newest = async () => {
      const rows = await ledgerStore(db).list(0, 10_000);
      return rows.at(-1)!;
    };
    /** Does what a thief with the owner's password to the database would, and puts it right again. */
    const tampering = async (sql: string, back: string) => {
      const guard = (verb: string) =>
        [...GUARDED, 'ledger'].map((table) => `alter table ${table} ${verb} trigger user`);
      for (const each of [...guard('disable'), sql]) await db.query(each);
      const verdict = await ledgerStore(db).verify();
      for (const each of [back, ...guard('enable')]) await db.query(each);
      return verdict.faults.map(({ seq, what }) => [seq, what]);
    };

    test('has a row for each act of each case, in the order they were done', async () => {
      const before = (await ledgerStore(db).list(0, 10_000)).length;
      const it = await sight('acts.test');
      await caseStore(db).decide(it.id, confirm, at);
      await caseStore(db).approve(it.id, 'b', at);
      const rows = (await ledgerStore(db).list(before, 10)).map(({ kind, subject, entry }) => {
        const { by, kind: act } = JSON.parse(entry) as { by: string; kind: string };
        return [kind, subject, act, by];
      });
      expect(rows).toEqual([
        ['act', `${it.id}/1`, 'opened', 'kuzet'],
        ['act', `${it.id}/2`, 'confirmed', 'a'],
        ['act', `${it.id}/3`, 'approved', 'b'],
      ]);
    });

    test('tells of captures, of those joined to a case, of batches and their files, and of accounts', async () => {
      const before = (await newest()).seq;
      const visits = visitStore(db);
      const settings = { seeds: [new URL('https://told.test/')], refusals: [], now: at };
      const { DEFAULT_SETTINGS } = await import('../../domain/source.ts');
      await visits.startScan({ id: id(), visitIds: id, settings: DEFAULT_SETTINGS, ...settings });
      const visit = (await visits.claim('told.test', id(), at))!;
      const due = (await visits.nextDue(visit))!;
      const it = captured(visit, due, []);
      await visits.finish(visit, due, it);
      const { capture } = it.captured;
      const opened = await caseStore(db).sight({ kind: 'site', key: 'told.test' }, pyramid, [capture.id], at);
      await caseStore(db).decide(opened.id, confirm, at);
      await caseStore(db).approve(opened.id, 'b', at);
      const batch = await batchStore(db).take({
        org: 'EXAMPLE',
        channel: 'operator_block',
        software: { name: 'kuzet', version: '0.1.0' },
        rows: [{ caseId: opened.id, referral: { caseId: opened.id, score: 0.97 } as unknown as Referral }],
        now: at,
      });
      await batchStore(db).finish(batch.id, 'ab'.repeat(32), at);
      await batchStore(db).finish(batch.id, 'cd'.repeat(32), at);
      await accountStore(db).invite({ login: 'aigerim', name: 'Айгерім', role: 'officer' }, at);
      const rows = await ledgerStore(db).list(before, 100);
      expect(rows.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
        `capture ${capture.id}`,
        `act ${opened.id}/1`,
        `evidence ${opened.id}`,
        `act ${opened.id}/2`,
        `act ${opened.id}/3`,
        `batch ${batch.id}`,
        `act ${opened.id}/4`,
        `batch_file ${batch.id}`,
        'account aigerim',
      ]);
      expect(JSON.parse(rows[0]!.entry)).toMatchObject({ warc: capture.warc, url: 'https://told.test/' });
      expect(await ledgerStore(db).verify()).toMatchObject({ ok: true, faults: [], before: 0 });
    });

    test('has no row for an act that was refused', async () => {
      const it = await sight('refused.test');
      const { seq } = await newest();
      await expect(caseStore(db).approve(it.id, 'b', at)).rejects.toThrow('only a confirmed case');
      expect((await newest()).seq).toBe(seq);
    });

    test('stays one chain, whoever writes at once', async () => {
      const before = (await newest()).seq;
      const writers = Array.from({ length: 20 }, async (_, writer) => {
        for (let n = 0; n < 10; n += 1) {
          if (n % 2 === 0) await sight(`writer-${writer}-${n}.test`);
          else await ledgerStore(db).append({ at, kind: 'scrub', subject: `${writer}`, entry: { n } });
        }
      });
      await Promise.all(writers);
      expect((await newest()).seq).toBe(before + 200);
      expect(await ledgerStore(db).verify()).toMatchObject({ ok: true, rows: before + 200 });
    });

    test('refuses to have rows changed, removed or emptied', async () => {
      await expect(db.query("update ledger set subject = ''")).rejects.toThrow('only ever added');
      await expect(db.query('delete from ledger')).rejects.toThrow('only ever added');
      await expect(db.query('truncate ledger')).rejects.toThrow('only ever added');
    });

    test('names the row that was edited, though the guard was taken away first', async () => {
      const it = await sight('edited.test');
      const { seq } = await newest();
      await sight('after-edited.test');
      const edit = `update ledger set entry = replace(entry, '0.97', '0.07') where seq = ${seq}`;
      const back = `update ledger set entry = replace(entry, '0.07', '0.97') where seq = ${seq}`;
      expect(await tampering(edit, back)).toEqual([
        [seq, 'altered'],
        [seq, 'record_differs'],
      ]);
      expect(it.score).toBe(0.97);
    });

    test('names the place of a row that was removed', async () => {
      await sight('removed.test');
      const { seq } = await newest();
      await sight('after-removed.test');
      const faults = await tampering(
        `with gone as (delete from ledger where seq = ${seq} returning *)
         insert into stamp (sha256, authority, of, asked_at, due_at, last_error)
         select 'kept', 'test', 'nothing', at, at, row_to_json(gone)::text from gone`,
        `with kept as (delete from stamp where sha256 = 'kept' returning last_error::json as row)
         insert into ledger select (json_populate_record(null::ledger, row)).* from kept`,
      );
      // Its act is still there, and no row tells of it any more.
      expect(faults).toEqual([
        [0, 'record_differs'],
        [seq, 'missing'],
      ]);
    });

    test('names rows that changed places', async () => {
      await sight('first.test');
      const { seq } = await newest();
      await sight('second.test');
      const swap = `update ledger set seq = case seq when ${seq} then -1 else ${seq} end where seq in (${seq}, ${seq + 1})`;
      const one = `update ledger set seq = ${seq + 1} where seq = -1`;
      for (const each of ['alter table ledger disable trigger user', swap, one]) await db.query(each);
      const { faults } = await ledgerStore(db).verify();
      for (const each of [swap, one, 'alter table ledger enable trigger user']) await db.query(each);
      expect(faults.map((fault) => fault.seq)).toEqual([seq, seq + 1]);
      expect((await ledgerStore(db).verify()).ok).toBe(true);
    });

    test('names the act, the capture and the batch that are not what it told', async () => {
      const it = await sight('changed.test');
      await caseStore(db).decide(it.id, confirm, at);
      const { seq } = await newest();
      const act = (by: string) =>
        `update act set by = '${by}' where case_id = ${Number(it.id.slice(2))} and revision = 2`;
      expect(await tampering(act('somebody'), act('a'))).toEqual([[seq, 'record_differs']]);
      const rows = await ledgerStore(db).list(0, 10_000);
      const capture = rows.find(({ kind }) => kind === 'capture')!;
      const status = (n: number) => `update capture set status = ${n} where id = '${capture.subject}'`;
      expect(await tampering(status(404), status(200))).toEqual([[capture.seq, 'record_differs']]);
      const batch = rows.find(({ kind }) => kind === 'batch')!;
      const score = (n: number) =>
        `update batch_case set referral = jsonb_set(referral, '{score}', '${n}') where batch_id = '${batch.subject}'`;
      expect(await tampering(score(0.99), score(0.97))).toEqual([[batch.seq, 'record_differs']]);
    });

    test('names the event, the override, the appeal and the second reading that are not what it told', async () => {
      const it = await sight('answered.test');
      await caseStore(db).decide(it.id, confirm, at);
      const overrides = overrideStore(db);
      const found = { rule: 'OB5', why: 'two pages', about: { key: 'found.OB5', facts: {} } } as const;
      const why = 'Все страницы сайта просмотрены: других нет.';
      await overrides.ask({ caseId: it.id, found, by: 'a', why }, at);
      await overrides.answer(it.id, 'OB5', { is: 'confirmed', by: 'b', words: why }, at);
      await caseStore(db).approve(it.id, 'b', at);
      const decision = { officerId: 'a', secondOfficerId: 'b' };
      const referral = { caseId: it.id, url: 'https://answered.test/', decision } as unknown as Referral;
      const order = {
        org: 'EXAMPLE',
        channel: 'operator_block',
        software: { name: 'kuzet', version: '0.1.0' },
      };
      await batchStore(db).take({ ...order, rows: [{ caseId: it.id, referral }], now: at } as never);
      await passageStore(db).add(it.id, [{ at, by: 'a', kind: 'handed_over', facts: {} }]);
      const appeals = appealStore(db);
      const sent = { url: 'https://answered.test/', words: 'Сайт мой.', contact: '', lang: 'ru' } as const;
      const { code } = await appeals.send({ ...sent, subject: { kind: 'site', key: 'answered.test' } }, at);
      await appeals.judge(code, { verdict: 'upheld', by: 'c', reason: 'Доказательства верны.' }, at);
      const again = await sight('reread.test');
      await caseStore(db).decide(again.id, confirm, at);
      await caseStore(db).approve(again.id, 'b', at);
      await db.query(
        `insert into reread (case_id, drawn_at, decided_at, decided_by, verdict, ground)
         values ($1, $2, $2, '{a,b}', 'confirm', 'KZ-CC-217')`,
        [Number(again.id.slice(2)), at],
      );
      const held = (await rereadStore(db).take('c', at))!;
      await rereadStore(db).answer(held.id, { ...confirm, by: 'c' }, at);
      expect(await ledgerStore(db).verify()).toMatchObject({ ok: true, faults: [] });

      const rows = (await ledgerStore(db).list(0, 10_000)).map((row) => ({
        ...row,
        told: JSON.parse(row.entry),
      }));
      const seqOf = (kind: string, is: (told: Record<string, unknown>) => boolean = () => true) =>
        rows.findLast((row) => row.kind === kind && is(row.told))!.seq;
      const changed = async (table: string, column: string, to: string, back: string) => {
        const now = (value: string) =>
          `update ${table} set ${column} = '${value}' where ${column} = '${value === to ? back : to}'`;
        return (await tampering(now(to), now(back))).map(([seq]) => seq);
      };
      const passed = rows.filter((row) => row.kind === 'passage' && row.told.kind === 'handed_over');
      expect(await changed('passage_event', 'kind', 'lost', 'handed_over')).toEqual(
        passed.map(({ seq }) => seq),
      );
      const [asked, answered] = rows.filter(({ kind }) => kind === 'override').map(({ seq }) => seq);
      expect(await changed('override_answered', 'verdict', 'refused', 'confirmed')).toEqual([answered]);
      expect(await changed('override_asked', 'finding', 'none', 'two pages')).toEqual([asked, answered]);
      const came = seqOf('appeal', ({ is }) => is === 'sent');
      expect(await changed('appeal', 'words', 'Сайт не мой.', 'Сайт мой.')).toEqual([came]);
      const judged = seqOf('appeal', ({ is }) => is === 'upheld');
      expect(await changed('appeal', 'reason', 'Ничего.', 'Доказательства верны.')).toEqual([judged]);
      expect(await changed('reread_answer', 'reason', 'иное', 'выплаты')).toEqual([seqOf('reread')]);

      const number = Number(it.id.slice(2));
      const past = await tampering(
        `insert into passage_event (case_id, n, at, by, kind, facts) values (${number}, 9, now(), 'a', 'resumed', '{}')`,
        `delete from passage_event where case_id = ${number} and n = 9`,
      );
      expect(past).toEqual([[0, 'record_differs']]);
    });

    test('names a record that was written past it', async () => {
      const it = await sight('past.test');
      const number = Number(it.id.slice(2));
      const faults = await tampering(
        `insert into act (at, case_id, revision, by, kind, facts) values (now(), ${number}, 2, 'b', 'approved', '{}')`,
        `delete from act where case_id = ${number} and revision = 2`,
      );
      expect(faults).toEqual([[0, 'record_differs']]);
    });

    test('is sealed once for what came since, and the root is part of the chain', async () => {
      const ledger = ledgerStore(db);
      await sight('sealed.test');
      const last = await newest();
      const root = (await ledger.seal(at))!;
      expect(root).toMatchObject({ seq: last.seq + 1, kind: 'root', subject: '2026-05-04', prev: last.hash });
      expect(JSON.parse(root.entry)).toEqual({ day: '2026-05-04', rows: last.seq, head: last.hash });
      expect(await ledger.seal(at)).toBeNull();
      expect((await ledger.verify()).ok).toBe(true);
    });

    test('shows that a stamped root is gone, though the whole chain was written anew', async () => {
      const root = (await ledgerStore(db).list(0, 10_000)).find(({ kind }) => kind === 'root')!;
      const stamped = (sha256: string) =>
        `insert into stamp (sha256, authority, of, asked_at, due_at) values ('${sha256}', 'https://tsa.test/', 'root', now(), now())`;
      await db.query(stamped(root.hash));
      expect((await ledgerStore(db).verify()).ok).toBe(true);
      const faults = await tampering(
        stamped('ef'.repeat(32)),
        `delete from stamp where sha256 = '${'ef'.repeat(32)}'`,
      );
      expect(faults).toEqual([[0, 'stamp_unknown']]);
    });

    test('comes out as lines that tell all rows', async () => {
      const lines = [];
      for await (const line of ledgerStore(db).lines()) lines.push(line);
      expect(lines[0]).toEqual({ format: 'kuzet-ledger', version: 1 });
      expect(lines).toHaveLength((await newest()).seq + 1);
    });
  });
}
