/** The queue's rows on both engines: its order, its pages, and that two officers never hold one case. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CaseId } from '../../domain/case.ts';
import { CLAIM_SECONDS, laneOf, queueRank } from '../../domain/queue.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { deskLog } from '../../store/desk-log.ts';
import { KEPT_MS, KeyReusedError, onceStore, RUNNING_MS } from '../../store/once.ts';
import { openDatabase } from '../../store/open.ts';
import { HeldError, queueStore, TooManyClaimsError } from '../../store/queue.ts';
import { tipStore } from '../../store/tips.ts';
import type { Engine } from '../engines/places.ts';
import { freshDatabase, postgresMissing, startPostgres } from '../engines/postgres.ts';

const at = new Date('2026-05-04T06:00:00Z');
const moment = (seconds: number) => new Date(at.getTime() + seconds * 1000);
const seen = { label: 'pyramid', signals: [], sketch: [] } as const;

const ENGINES = [
  { name: 'PGlite', missing: null },
  { name: 'PostgreSQL', missing: postgresMissing },
] as const;

describe.each(ENGINES)('the queue on $name', ({ name, missing }) => {
  describe.skipIf(missing !== null)(missing === null ? '' : `(skipped: ${missing})`, () => {
    let server: Engine | null = null;
    let db: Database;
    beforeAll(async () => {
      if (name === 'PostgreSQL') server = await startPostgres();
      db = await openDatabase(server === null ? { memory: true } : { url: await freshDatabase(server) });
    });
    afterAll(async () => {
      await db?.close();
      await server?.stop();
    });

    const sight = (key: string, score: number, openedAt = at, label: 'pyramid' | 'phishing' = 'pyramid') =>
      caseStore(db).sight(
        { kind: 'site', key },
        { label, score, seen: { ...seen, label }, reasons: [] },
        [],
        openedAt,
      );
    const clear = async () => {
      await db.query(
        'truncate cases, claim, act, desk_event, queue, tip, done_once restart identity cascade',
      );
    };
    const closeByRow = async (caseId: CaseId) => {
      await db.query("update cases set state = 'dismissed' where id = $1", [Number(caseId.slice(2))]);
      await db.query('delete from claim where case_id = $1', [Number(caseId.slice(2))]);
    };
    const names = async (filter: Parameters<ReturnType<typeof queueStore>['page']>[0]) =>
      (await queueStore(db).page(filter, null, 50, at)).items.map((it) => it.case.subject.key);

    test('is in the order of risk x reach x age, and the column says what the formula says', async () => {
      await clear();
      await sight('new-and-sure.test', 0.9);
      await sight('old.test', 0.6, moment(-14 * 86_400));
      await sight('told.test', 0.5);
      await sight('small.test', 0.2);
      const tip = {
        words: '',
        contact: '',
        via: 'desk',
        subject: { kind: 'site', key: 'told.test' },
      } as const;
      for (const page of ['a', 'b'])
        await tipStore(db).send({ ...tip, url: new URL(`https://told.test/${page}`) }, at);
      expect(await names({ state: 'open' })).toEqual([
        'old.test',
        'told.test',
        'new-and-sure.test',
        'small.test',
      ]);
      const rows = await db.query<{ score: number; reach: number; opened_at: Date; rank: number }>(
        'select * from cases',
      );
      for (const { score, reach, opened_at, rank } of rows) {
        expect(rank).toBeCloseTo(queueRank({ score, reach, openedAt: opened_at }), 9);
      }
    });

    test('counts tips that came before the machine saw the site', async () => {
      await clear();
      const subject = { kind: 'site', key: 'early.test' } as const;
      await tipStore(db).send(
        { words: '', contact: '', via: 'file', subject, url: new URL('https://early.test/') },
        at,
      );
      await sight('early.test', 0.5);
      expect((await queueStore(db).page({ state: 'open' }, null, 1, at)).items[0]).toMatchObject({
        reach: 2,
      });
    });

    test('is read page by page, each case once, whatever is decided meanwhile', async () => {
      await clear();
      for (let n = 0; n < 25; n += 1) await sight(`site-${n}.test`, 0.5 + (n % 5) / 10);
      const queue = queueStore(db);
      const read: string[] = [];
      for (let cursor = null, pages = 0; pages < 10; pages += 1) {
        const page = await queue.page({ state: 'open' }, cursor, 10, at);
        read.push(...page.items.map((it) => it.case.id));
        cursor = page.next as never;
        if (page.next === null) break;
        const act = { verdict: 'dismiss', by: 'aigerim', reason: 'Нет.' } as const;
        await caseStore(db).decide(page.items[0]!.case.id, act, at);
      }
      expect(read.length).toBe(25);
      expect(new Set(read).size).toBe(25);
      expect(await queue.count({ state: 'open' }, 1000)).toBe(23);
      expect(await queue.count({ state: 'open' }, 7)).toBe(7);
    });

    test('keeps what is watched or escalated out of the officers’ lane, and the column says what laneOf says', async () => {
      await clear();
      const [a, b, c] = [await sight('a.test', 0.9), await sight('b.test', 0.8), await sight('c.test', 0.7)];
      const cases = caseStore(db);
      await cases.act(a.id, { is: 'escalate', by: 'aigerim', reason: 'Сложно.' }, at);
      await cases.act(b.id, { is: 'watch', by: 'aigerim', reason: 'Пусто.', days: 3 }, at);
      expect(await names({ state: 'open' })).toEqual(['c.test']);
      expect(await names({ state: 'open', lane: 'senior' })).toEqual(['a.test']);
      expect(await names({ state: 'open', lane: 'watch' })).toEqual(['b.test']);
      for (const { id } of [a, b, c]) {
        const [row] = await db.query<{ lane: string }>('select lane from cases where id = $1', [
          Number(id.slice(2)),
        ]);
        expect(row?.lane).toBe(laneOf((await cases.get(id)).state));
      }
      expect(await cases.wake(moment(3 * 86_400 - 1))).toBe(0);
      expect(await cases.wake(moment(3 * 86_400))).toBe(1);
      expect(await names({ state: 'open' })).toEqual(['b.test', 'c.test']);
      expect((await cases.acts(b.id)).map(({ kind }) => kind)).toEqual(['opened', 'watched', 'woken']);
    });

    test('gives 20 officers 100 cases each, no case twice and none left', async () => {
      await clear();
      await db.query(
        `insert into cases (subject_kind, subject_key, label, score, revision, state, state_facts, seen, reasons, opened_at, updated_at)
         select 'site', 'many-' || n || '.test', 'pyramid', (n % 100) / 100.0, 1, 'open', '{}', '{"label":"pyramid","signals":[],"sketch":[]}', '[]', $1, $1
         from generate_series(1, 2000) n`,
        [at],
      );
      const [queue, cases] = [queueStore(db), caseStore(db)];
      const taken: CaseId[] = [];
      await Promise.all(
        Array.from({ length: 20 }, async (_, n) => {
          const by = `officer-${n}`;
          for (let done = 0; done < 100; ) {
            const claims = await queue.claimNext(by, { state: 'open' }, 5, at);
            if (claims.length === 0) break;
            for (const { caseId } of claims) {
              taken.push(caseId);
              // Every tenth in full, the others by their rows: the holds are what is tested.
              const isInFull = taken.length % 10 === 0;
              if (isInFull) await cases.decide(caseId, { verdict: 'dismiss', by, reason: 'Нет.' }, at);
              else await closeByRow(caseId);
              done += 1;
            }
          }
        }),
      );
      expect(taken.length).toBe(2000);
      expect(new Set(taken).size).toBe(2000);
      expect(await queue.count({ state: 'open' }, 10)).toBe(0);
    });

    test('lets nobody decide what another holds, gives a hold back by itself, and takes it over with words', async () => {
      await clear();
      const { id } = await sight('held.test', 0.9);
      const [queue, cases] = [queueStore(db), caseStore(db)];
      await queue.claim(id, 'aigerim', null, at);
      const dismiss = { verdict: 'dismiss', by: 'daniyar', reason: 'Нет.' } as const;
      await expect(cases.decide(id, dismiss, at)).rejects.toMatchObject({ facts: { code: 'claimed' } });
      await expect(queue.claim(id, 'daniyar', null, at)).rejects.toBeInstanceOf(HeldError);
      expect(await queue.claimNext('daniyar', { state: 'open' }, 1, at)).toEqual([]);

      const later = moment(CLAIM_SECONDS);
      expect(await queue.claimNext('daniyar', { state: 'open' }, 1, later)).toMatchObject([
        { caseId: id, by: 'daniyar' },
      ]);
      expect(await queue.claim(id, 'saule', 'Данияр ушёл.', later)).toMatchObject({ by: 'saule' });
      expect(await queue.held('daniyar', later)).toEqual([]);
      expect(
        (await deskLog(db).list({ caseId: id }, 10)).map(({ by, kind, facts }) => [by, kind, facts]),
      ).toEqual([
        ['saule', 'stolen', { from: 'daniyar', reason: 'Данияр ушёл.' }],
        ['aigerim', 'claimed', {}],
      ]);
      await queue.release(id, 'saule', later);
      expect((await cases.decide(id, dismiss, later)).state.is).toBe('dismissed');
      expect(await queue.holder(id, later)).toBe(null);
    });

    test('gives one person five cases at most, and never a second look at an own decision', async () => {
      await clear();
      const ids: CaseId[] = [];
      for (let n = 0; n < 7; n += 1) ids.push((await sight(`five-${n}.test`, 0.9 - n / 100)).id);
      const [queue, cases] = [queueStore(db), caseStore(db)];
      expect(await queue.claimNext('aigerim', { state: 'open' }, 50, at)).toHaveLength(5);
      await expect(queue.claim(ids[6]!, 'aigerim', null, at)).rejects.toBeInstanceOf(TooManyClaimsError);
      const confirm = { verdict: 'confirm', by: 'aigerim', ground: 'KZ-CC-217', reason: 'выплаты' } as const;
      await cases.decide(ids[0]!, confirm, at);
      const first = (claims: readonly { caseId: string }[]) => claims.map(({ caseId }) => caseId);
      await db.query('delete from claim');
      expect(first(await queue.claimNext('aigerim', { state: 'confirmed' }, 1, at))).toEqual([]);
      expect(first(await queue.claimNext('daniyar', { state: 'confirmed' }, 1, at))).toEqual([ids[0]]);
    });

    test('does a request with a key once, however often and however close together it comes', async () => {
      await clear();
      const { id } = await sight('once.test', 0.9);
      const cases = caseStore(db);
      const confirm = { verdict: 'confirm', by: 'aigerim', ground: 'KZ-CC-217', reason: 'выплаты' } as const;
      const once = { owner: 'aigerim', key: 'k-1', requestSha256: 'a'.repeat(64) };
      const told = await Promise.all([1, 2, 3].map(() => cases.decide(id, confirm, at, { once })));
      expect(told.map((it) => [it.state.is, it.revision])).toEqual([
        ['confirmed', 2],
        ['confirmed', 2],
        ['confirmed', 2],
      ]);
      const other = { ...once, requestSha256: 'b'.repeat(64) };
      await expect(cases.decide(id, confirm, at, { once: other })).rejects.toThrow('another request');
      expect((await cases.acts(id)).map(({ kind }) => kind)).toEqual(['opened', 'confirmed']);
    });

    test('keeps the answer of a request by its key, and begins anew what was refused, died, or is a day old', async () => {
      await clear();
      const store = onceStore(db);
      const once = { owner: 'aigerim', key: 'k-2', requestSha256: 'a'.repeat(64) };
      const later = (ms: number) => new Date(at.getTime() + ms);
      const begun = await Promise.all([1, 2, 3].map(() => store.begin(once, at)));
      expect(begun.map(({ is }) => is).sort()).toEqual(['begun', 'running', 'running']);
      await store.release(once, at);
      expect(await store.begin(once, at)).toEqual({ is: 'begun' });
      // Its process died: the next may begin after ten minutes, and what the dead one still says is not heard.
      expect(await store.begin(once, later(RUNNING_MS))).toEqual({ is: 'running' });
      expect(await store.begin(once, later(RUNNING_MS + 1))).toEqual({ is: 'begun' });
      await store.keep(once, at, { status: 200, body: 'late' });
      expect(await store.begin(once, later(RUNNING_MS + 2))).toEqual({ is: 'running' });
      await store.keep(once, later(RUNNING_MS + 1), { status: 201, body: '{}' });
      expect(await store.begin(once, later(RUNNING_MS + 2))).toEqual({
        is: 'answered',
        status: 201,
        body: '{}',
      });
      await expect(store.begin({ ...once, requestSha256: 'b'.repeat(64) }, at)).rejects.toThrow(
        KeyReusedError,
      );
      expect(await store.begin({ ...once, owner: 'daniyar' }, later(KEPT_MS))).toEqual({ is: 'begun' });
      expect(await store.forget(later(RUNNING_MS + 1 + KEPT_MS))).toBe(0);
      expect(await store.begin(once, later(KEPT_MS))).toMatchObject({ is: 'answered' });
      expect(await store.forget(later(RUNNING_MS + 2 + KEPT_MS))).toBe(1);
      expect(await store.begin(once, later(KEPT_MS))).toEqual({ is: 'begun' });
    });

    test('undoes within 10 seconds what the same officer did, and keeps both acts', async () => {
      await clear();
      const { id } = await sight('undone.test', 0.9);
      const cases = caseStore(db);
      await cases.act(id, { is: 'escalate', by: 'saule', reason: 'Сложно.' }, at);
      const up = await cases.get(id);
      const confirm = {
        verdict: 'confirm',
        by: 'daniyar',
        ground: 'KZ-CC-217',
        reason: 'выплаты',
        isSenior: true,
      } as const;
      await cases.decide(id, confirm, at);
      expect(await cases.undoableUntil(id, 'daniyar', moment(1))).toEqual(moment(10));
      expect(await cases.undoableUntil(id, 'saule', moment(1))).toBe(null);
      await expect(cases.act(id, { is: 'undo', by: 'saule' }, moment(1))).rejects.toMatchObject({
        facts: { code: 'not_yours' },
      });
      const back = await cases.act(id, { is: 'undo', by: 'daniyar' }, moment(9));
      expect(back.state).toEqual(up.state);
      expect((await cases.acts(id)).map(({ kind }) => kind)).toEqual([
        'opened',
        'escalated',
        'confirmed',
        'undone',
      ]);
      await expect(cases.act(id, { is: 'undo', by: 'daniyar' }, moment(9))).rejects.toMatchObject({
        facts: { code: 'not_undoable' },
      });
    });

    test('reads a page off an index, with nothing sorted and nothing counted, however many cases there are', async () => {
      await clear();
      await db.query(
        `insert into cases (subject_kind, subject_key, label, score, revision, state, state_facts, seen, reasons, opened_at, updated_at)
         select 'site', 'plan-' || n || '.test', (array['pyramid', 'phishing'])[1 + n % 2], (n % 100) / 100.0, 1, 'open', '{}',
           '{"label":"pyramid","signals":[],"sketch":[]}', '[]', $1, $1 from generate_series(1, 5000) n`,
        [at],
      );
      await db.query('analyze cases');
      const asked: string[] = [];
      const listening = {
        ...db,
        query: async (sql: string, params: readonly unknown[] = []) => {
          const rows = await db.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, params);
          asked.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
          return [];
        },
      } as unknown as Database;
      const queue = queueStore(listening);
      await queue.page({ state: 'open' }, null, 30, at);
      await queue.page({ state: 'open', label: 'phishing' }, { rank: -20, id: 7 }, 30, at);
      expect(asked).toHaveLength(2);
      for (const plan of asked) {
        expect(plan).toMatch(/Index Scan using cases_(label_)?rank/);
        expect(plan).not.toMatch(/Seq Scan on cases/);
      }
    });

    test('tells what changed since a moment, each case once, oldest change first', async () => {
      await clear();
      for (let n = 0; n < 5; n += 1) await sight(`changed-${n}.test`, 0.9, moment(n));
      await sight('changed-0.test', 0.8, moment(60));
      const some = await queueStore(db).changed(moment(3), 0, 10);
      expect(some.map((it) => it.subject.key)).toEqual([
        'changed-3.test',
        'changed-4.test',
        'changed-0.test',
      ]);
    });
  });
});
