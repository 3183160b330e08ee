import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PERIODS } from '../../domain/retention.ts';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import { type EvidenceStore, scrub } from '../../evidence/store.ts';
import { sweepErased } from '../../queues/retention.ts';
import { captureStore } from '../../store/captures.ts';
import { caseStore } from '../../store/cases.ts';
import { custodyStore } from '../../store/custody.ts';
import type { Database, Queryable } from '../../store/database.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { openDatabase } from '../../store/open.ts';
import { passageStore } from '../../store/passages.ts';
import { retentionStore } from '../../store/retention.ts';
import { at, capturedPage, pyramid } from '../conformance/rows.ts';
import type { Engine } from '../engines/places.ts';
import { postgresMissing, startPostgres } from '../engines/postgres.ts';
import { approvedCase } from '../queues/approved.ts';

const engines = [
  ['PGlite', null],
  ['PostgreSQL', postgresMissing],
] as const;
const log = pino({ level: 'silent' });
const later = new Date('2036-05-04T06:00:00Z');

describe.each(engines)('evidence that goes, on %s', (engine, missing) => {
  describe.skipIf(missing !== null)(
    missing === null ? 'with holds and two officers' : `(skipped: ${missing})`,
    () => {
      let folder: string;
      let server: Engine | null;
      let db: Database;
      let evidence: EvidenceStore;
      beforeAll(async () => {
        folder = await mkdtemp(join(tmpdir(), 'kuzet-retention-'));
        server = engine === 'PGlite' ? null : await startPostgres();
        db = await openDatabase(server === null ? { memory: true } : { url: server.url });
        evidence = await openEvidenceFolder(folder);
      });
      afterAll(async () => {
        await db.close();
        await server?.stop();
        await rm(folder, { recursive: true });
      });

      const retention = () => retentionStore(db);
      const refusal = (asked: Promise<unknown>) =>
        asked.then(
          () => 'done',
          (error: Error) => error.message,
        );
      const scrubbed = () =>
        scrub(evidence, captureStore(db).blobs(), (name) => retention().wasDeleted(name));

      const capture = (host: string, body?: string) => capturedPage(host, { db, evidence }, body);
      const blobsOf = async (capture: string) => {
        const { bodySha256, warc } = (await captureStore(db).get(capture))!.capture;
        return [await evidence.has(bodySha256), await evidence.has(warc)];
      };

      test('goes when a second officer agrees, and a scrub says deleted, never missing', async () => {
        const it = await capture('old.test');
        const proposal = await retention().propose([it], 'Aigerim', 'срок истёк', later);
        expect(await retention().proposals()).toMatchObject([
          { id: proposal.id, by: 'aigerim', captures: [it] },
        ]);
        expect(await blobsOf(it)).toEqual([true, true]);
        expect(await retention().approve(proposal.id, 'Daniyar', later)).toEqual({ deleted: [it], kept: [] });
        expect(await sweepErased(retention(), evidence, log)).toBe(2);
        expect(await blobsOf(it)).toEqual([false, false]);
        expect(await scrubbed()).toMatchObject({ deleted: 2, faults: [] });
        expect(await retention().tombstone(it)).toEqual({
          captureId: it,
          at: later,
          proposedBy: 'aigerim',
          approvedBy: 'daniyar',
          reason: 'срок истёк',
        });
        expect((await ledgerStore(db).verify()).ok).toBe(true);
        expect(await refusal(retention().propose([it], 'a', 'ещё раз', later))).toContain(`${it} (deleted)`);
      });

      test('stays when the same officer says yes twice, or under a look-alike of that name', async () => {
        const it = await capture('twice.test');
        const { id: proposal } = await retention().propose([it], 'aigerim', 'срок истёк', later);
        expect(await refusal(retention().approve(proposal, 'AIGERIM ', later))).toContain('another officer');
        expect(await refusal(retention().approve(proposal, 'аigerim', later))).toContain('another officer');
        await retention().reject(proposal, 'daniyar', later);
        expect(await refusal(retention().approve(proposal, 'daniyar', later))).toContain(
          'no such proposal waits',
        );
        expect(await blobsOf(it)).toEqual([true, true]);
      });

      test('stays as far as another capture has the same bytes', async () => {
        const [one, other] = [await capture('one.test', 'the same'), await capture('other.test', 'the same')];
        const { id: proposal } = await retention().propose([one], 'a', 'срок истёк', later);
        await retention().approve(proposal, 'b', later);
        await sweepErased(retention(), evidence, log);
        expect(await blobsOf(one)).toEqual([true, false]);
        expect(await blobsOf(other)).toEqual([true, true]);
        expect((await scrubbed()).faults).toEqual([]);
      });

      test('stays when it is captured again between the decision and the sweep', async () => {
        const one = await capture('again-1.test', 'seen again');
        const { id: proposal } = await retention().propose([one], 'a', 'срок истёк', later);
        await retention().approve(proposal, 'b', later);
        const two = await capture('again-2.test', 'seen again');
        await sweepErased(retention(), evidence, log);
        expect(await blobsOf(two)).toEqual([true, true]);
        expect((await scrubbed()).faults).toEqual([]);
      });

      test('a capture of bytes that went a moment ago is refused, so that no row stands without its evidence', async () => {
        const one = await capture('moment-1.test', 'a moment ago');
        const { id: proposal } = await retention().propose([one], 'a', 'срок истёк', later);
        await retention().approve(proposal, 'b', later);
        await sweepErased(retention(), evidence, log);
        expect(await refusal(capture('moment-2.test', 'a moment ago'))).toMatch(
          /was erased while it was captured/,
        );
        await db.query("update erased_blob set erased_at = erased_at - interval '3 minutes'");
        const { bodySha256 } = (await captureStore(db).get(one))!.capture;
        expect(await retention().wasDeleted(bodySha256)).toBe(true);
        await capture('moment-3.test', 'a moment ago');
        expect(await retention().wasDeleted(bodySha256)).toBe(false);
      });

      test('a sweep that dies half-way is finished by the next, and two at once do no harm', async () => {
        const them = [await capture('half-1.test'), await capture('half-2.test')];
        const { id: proposal } = await retention().propose(them, 'a', 'срок истёк', later);
        await retention().approve(proposal, 'b', later);
        let gone = 0;
        const dying: Pick<EvidenceStore, 'erase'> = {
          async erase(name) {
            await evidence.erase(name);
            gone += 1;
            // The bytes went, and nobody came to note it.
            if (gone === 2) throw new Error('killed');
            return true;
          },
        };
        await expect(sweepErased(retention(), dying, log)).rejects.toThrow('killed');
        expect(await retention().pending(10)).toHaveLength(3);
        expect((await scrubbed()).faults).toEqual([]);
        const both = await Promise.all([1, 2].map(() => sweepErased(retention(), evidence, log)));
        expect(both.reduce((sum, each) => sum + each, 0)).toBe(3);
        expect(await retention().pending(10)).toEqual([]);
        expect([await blobsOf(them[0]!), await blobsOf(them[1]!)].flat()).toEqual([
          false,
          false,
          false,
          false,
        ]);
      });

      test('stays while it is on hold, itself or by its case, and while a case waits for a decision', async () => {
        const [page, other] = [await capture('held.test'), await capture('held-too.test')];
        const it = await caseStore(db).sight({ kind: 'site', key: 'held.test' }, pyramid, [page], at);
        expect(await refusal(retention().propose([page], 'a', 'x', later))).toContain('undecided');
        await caseStore(db).decide(it.id, { verdict: 'dismiss', by: 'a', reason: 'новости' }, at);
        await retention().hold({ subject: it.id, at: later, by: 'Bolat', reason: 'запрос суда' });
        await retention().hold({ subject: other, at: later, by: 'bolat', reason: 'запрос суда' });
        expect(await refusal(retention().propose([page, other], 'a', 'x', later))).toMatch(
          new RegExp(`${page} \\(hold\\); ${other} \\(hold\\)`),
        );
        expect((await retention().holds()).map(({ subject, by }) => [subject, by])).toEqual([
          [it.id, 'bolat'],
          [other, 'bolat'],
        ]);
        const again = { subject: it.id, at: later, by: 'bolat', reason: 'ещё раз' };
        expect(await refusal(retention().hold(again))).toContain('on hold already');
        await retention().release(again);
        expect(await refusal(retention().release(again))).toContain('not on hold');
        expect(await refusal(retention().hold({ ...again, subject: 'K-999999' }))).toContain('no case');
        expect(await refusal(retention().propose([page], 'a', 'x', later))).toBe('done');
        await retention().release({ ...again, subject: other });
      });

      test('a hold that comes after the proposal keeps it, and the others of the proposal go', async () => {
        const [kept, gone] = [await capture('late-hold.test'), await capture('no-hold.test')];
        const { id: proposal } = await retention().propose([kept, gone], 'a', 'срок истёк', later);
        await retention().hold({ subject: kept, at: later, by: 'bolat', reason: 'запрос суда' });
        expect(await retention().approve(proposal, 'b', later)).toEqual({
          deleted: [gone],
          kept: [{ captureId: kept, why: ['hold'] }],
        });
      });

      test('what was deleted cannot be put on hold: nobody is told that it is kept', async () => {
        const it = await capture('too-late.test');
        const { id: proposal } = await retention().propose([it], 'a', 'срок истёк', later);
        await retention().approve(proposal, 'b', later);
        const hold = { subject: it, at: later, by: 'bolat', reason: 'запрос суда' };
        expect(await refusal(retention().hold(hold))).toContain('was deleted by decision');
        expect((await retention().holds()).map(({ subject }) => subject)).not.toContain(it);
      });

      // One process has one transaction at a time there.
      if (engine !== 'PGlite')
        test('a hold and a deletion in the same moment: one of them is refused, never both granted', async () => {
          const it = await capture('same-moment.test');
          const { id: proposal } = await retention().propose([it], 'a', 'срок истёк', later);
          const hold = { subject: it, at: later, by: 'bolat', reason: 'запрос суда' };
          // Whoever decides has read what it decides by, and waits to tell the ledger.
          const other = new pg.Client(server!.url);
          await other.connect();
          const waiting = (many: number) =>
            vi.waitFor(
              async () =>
                expect((await other.query('select 1 from pg_locks where not granted')).rowCount).toBe(many),
              { timeout: 20_000 },
            );
          await other.query('begin');
          await other.query('lock table ledger in share row exclusive mode');
          const deciding = retention().approve(proposal, 'b', later);
          await waiting(1);
          const holding = refusal(retention().hold(hold));
          await waiting(2);
          await other.query('commit');
          await other.end();
          const [decided, held] = [await deciding, await holding];
          expect(decided).toEqual({ deleted: [it], kept: [] });
          expect(held).toContain('was deleted by decision');
        });

      test('what is approved, and what is in a batch that nobody acknowledged, stays', async () => {
        const caseId = await approvedCase(1, { db, evidence, now: at });
        const [page] = await captureStore(db).ofCase(caseId);
        expect(await refusal(retention().propose([page!.capture.id], 'a', 'x', later))).toContain(
          'undecided',
        );
      });

      test('what is due is found by its period, and what is proposed already is not found again', async () => {
        const it = await capture('due.test');
        const dueOf = async (now: Date) =>
          (await retention().due(PERIODS, now, 1000)).filter(({ captureId }) => captureId === it);
        const daysOn = (days: number) => new Date(at.getTime() + days * 24 * 3_600_000);
        expect(await dueOf(daysOn(89))).toEqual([]);
        expect(await dueOf(daysOn(90))).toEqual([
          { captureId: it, url: 'https://due.test/', kind: 'never_flagged', since: daysOn(90) },
        ]);
        await retention().propose([it], 'a', 'срок истёк', later);
        expect(await dueOf(daysOn(90))).toEqual([]);
      });

      test('custody tells of views later by itself when the store was away', async () => {
        const it = await capture('seen-later.test');
        let isAway = true;
        const transaction: Database['transaction'] = (work) =>
          isAway ? Promise.reject(new Error('away')) : db.transaction(work);
        const errors: unknown[] = [];
        const custody = custodyStore({ ...db, transaction }, (cause) => errors.push(cause));
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
        try {
          custody.viewed(it, 'Aigerim', later);
          await vi.advanceTimersByTimeAsync(5_000);
          expect(errors).toEqual([new Error('away')]);
          isAway = false;
          vi.advanceTimersByTime(5_000);
        } finally {
          vi.useRealTimers();
        }
        await vi.waitFor(
          async () =>
            expect((await custodyStore(db).of(it)).map(({ subject }) => subject)).toEqual([it, 'aigerim']),
          { timeout: 10_000 },
        );
      });

      test('what is asked of the ledger, of blobs and of passages that wait is found by an index', async () => {
        const it = await capture('indexed.test');
        const asked: { sql: string; params: readonly unknown[] }[] = [];
        const noting = (to: Queryable): Queryable => ({
          query: (sql, params = []) => {
            asked.push({ sql, params });
            return to.query(sql, params);
          },
        });
        const noted: Database = {
          ...db,
          ...noting(db),
          transaction: (work) => db.transaction((tx) => work(noting(tx))),
        };
        await custodyStore(noted).of(it);
        await passageStore(noted).pending();
        const { id: proposal } = await retention().propose([it], 'a', 'срок истёк', later);
        await retentionStore(noted).approve(proposal, 'b', later);
        const about = /from (ledger|passage_last|unnest\(\$1::text\[\]\) name)/;
        const wanted = asked.filter(
          ({ sql }) => /^\s*(with|select)/.test(sql) && about.test(sql) && !/order by seq desc/.test(sql),
        );
        expect(wanted.length).toBeGreaterThanOrEqual(3);
        for (const { sql, params } of wanted) {
          const plan = await db.transaction(async (tx) => {
            // A small table is read whole for good reason: asked is whether an index could serve.
            await tx.query('set local enable_seqscan = off');
            return tx.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, [...params]);
          });
          const text = plan.map((row) => row['QUERY PLAN']).join('\n');
          expect(text).not.toMatch(
            /Seq Scan on (ledger|passage_event|passage_last|capture|look|batch_case)\b/,
          );
        }
      });

      test('custody tells of views of one thing by one person once a minute, whatever was written in between', async () => {
        const it = await capture('looked-at.test');
        const custody = custodyStore(db);
        const views = async () => {
          await custody.flush();
          const rows = (await custody.of(it)).filter(({ kind }) => kind === 'custody');
          return rows.flatMap(({ entry }) => (JSON.parse(entry) as { views: { at: string }[] }).views);
        };
        custody.viewed(it, 'aigerim', later);
        expect(await views()).toHaveLength(1);
        custody.viewed(it, 'aigerim', new Date(later.getTime() + 59_000));
        expect(await views()).toHaveLength(1);
        custody.viewed(it, 'aigerim', new Date(later.getTime() + 60_000));
        custody.viewed(it, 'bolat', new Date(later.getTime() + 60_000));
        expect(await views()).toHaveLength(3);
      });

      test('custody tells who captured, saw, took along and deleted, in order', async () => {
        const it = await capture('custody.test');
        const custody = custodyStore(db);
        custody.viewed(it, 'Aigerim', later);
        custody.viewed(it, 'aigerim', new Date(later.getTime() + 1_000));
        custody.viewed('K-000001', 'aigerim', later);
        await custody.flush();
        await custody.left('downloaded', it, 'Bolat', later);
        const { id: proposal } = await retention().propose([it], 'a', 'срок истёк', later);
        await retention().approve(proposal, 'b', later);
        const rows = (await custody.of(it)).map(({ kind, entry }) => {
          const {
            what = '',
            by = '',
            views = [],
          } = JSON.parse(entry) as Record<string, never> & {
            views?: { what: string }[];
          };
          return [kind, what, by, views.map((view) => view.what)];
        });
        expect(rows).toEqual([
          ['capture', '', '', []],
          ['custody', 'viewed', 'aigerim', [it, 'K-000001']],
          ['custody', 'downloaded', 'bolat', []],
          ['erasure', 'proposed', 'a', []],
          ['erasure', 'approved', 'b', []],
        ]);
        expect((await ledgerStore(db).verify()).ok).toBe(true);
      });
    },
  );
});
