/** What the rows of models and reviews owe, whichever engine keeps them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Verdict } from '../../domain/assessment.ts';
import type { Subject } from '../../domain/case.ts';
import type { Proposal, SubjectJudgement } from '../../domain/review.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { lessonStore } from '../../store/lessons.ts';
import { lookalikeStore } from '../../store/lookalikes.ts';
import { ModelRefusedError, modelStore } from '../../store/models.ts';
import { NoSuchReviewError, reviewStore } from '../../store/reviews.ts';
import { visitStore } from '../../store/visits.ts';
import { at, captured, id, pyramid } from './rows.ts';

const later = (seconds: number) => new Date(at.getTime() + seconds * 1000);
const DAY = 24 * 3600;

export function learningStoreConformance(name: string, open: () => Promise<Database>): void {
  describe(`which model judges, on ${name}`, () => {
    let db: Database;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(() => db.close());

    const evaluated = (candidate: string, current: string, faults: string[] = []) =>
      modelStore(db).evaluated({
        at,
        candidate,
        current,
        rowsSha256: 'ab'.repeat(32),
        faults,
        figures: { rows: 60 },
      });
    const promote = (name: string) =>
      modelStore(db).promote({ name, bundled: 'kuzet-0', by: ' Aigerim', reason: 'жақсырақ' }, at);
    const code = async (work: Promise<unknown>) =>
      work.then(
        () => 'done',
        (cause: unknown) => (cause instanceof ModelRefusedError ? cause.facts.code : String(cause)),
      );

    test('is the bundled one until another is promoted', async () => {
      expect(await modelStore(db).serving()).toEqual({ current: null, shadow: null, since: null });
      expect(await code(modelStore(db).rollBack({ by: 'a', reason: 'b' }, at))).toBe('nothing_before');
    });

    test('is never one that was not evaluated, or found worse, or evaluated against another', async () => {
      expect(await code(promote('kuzet-1'))).toBe('not_evaluated');
      await evaluated('kuzet-1', 'kuzet-0', ['legit falls']);
      expect(await code(promote('kuzet-1'))).toBe('worse');
      await evaluated('kuzet-1', 'kuzet-9');
      expect(await code(promote('kuzet-1'))).toBe('changed');
      expect(await code(promote('kuzet-0'))).toBe('serves_already');
      expect(await code(modelStore(db).rollBack({ by: ' ', reason: 'b' }, at))).toBe('unsaid');
      expect(await modelStore(db).changes(10)).toEqual([]);
    });

    test('goes up by promotion and down by roll-back, each step with who, when, from, to and figures', async () => {
      await evaluated('kuzet-1', 'kuzet-0');
      expect(await promote('kuzet-1')).toEqual({
        at,
        by: 'aigerim',
        kind: 'promoted',
        was: null,
        now: 'kuzet-1',
        facts: { reason: 'жақсырақ', evaluated: at, rows: 'ab'.repeat(32), figures: { rows: 60 } },
      });
      await evaluated('kuzet-2', 'kuzet-1');
      await promote('kuzet-2');
      expect((await modelStore(db).serving()).current).toBe('kuzet-2');
      await modelStore(db).rollBack({ by: 'a', reason: 'қате көп' }, later(1));
      expect(await modelStore(db).serving()).toMatchObject({ current: 'kuzet-1', since: later(1) });
      await modelStore(db).rollBack({ by: 'a', reason: 'b' }, later(2));
      expect((await modelStore(db).serving()).current).toBeNull();
      const changes = await modelStore(db).changes(10);
      expect(changes.map(({ kind, was, now }) => [kind, was, now])).toEqual([
        ['rolled_back', 'kuzet-1', null],
        ['rolled_back', 'kuzet-2', 'kuzet-1'],
        ['promoted', 'kuzet-1', 'kuzet-2'],
        ['promoted', null, 'kuzet-1'],
      ]);
    });

    test('of two promotions at once, the second is told that the first changed what it was measured against', async () => {
      await evaluated('kuzet-3', 'kuzet-0');
      await evaluated('kuzet-4', 'kuzet-0');
      const ended = await Promise.all([code(promote('kuzet-3')), code(promote('kuzet-4'))]);
      expect(ended.sort()).toEqual(['changed', 'done']);
      await modelStore(db).rollBack({ by: 'a', reason: 'b' }, at);
    });

    test('has at most one shadow, which ends when it is promoted', async () => {
      const store = modelStore(db);
      const shadow = (name: string | null) => store.shadow({ name, by: 'a', reason: 'сынау' }, at);
      expect(await code(shadow(null))).toBe('no_shadow');
      await shadow('kuzet-5');
      expect(await code(shadow('kuzet-5'))).toBe('serves_already');
      await shadow('kuzet-6');
      expect((await store.serving()).shadow).toBe('kuzet-6');
      await evaluated('kuzet-6', 'kuzet-0');
      await promote('kuzet-6');
      expect(await store.serving()).toMatchObject({ current: 'kuzet-6', shadow: null });
    });

    test('every change is a row of the ledger, and no change can be unwritten', async () => {
      const changes = await modelStore(db).changes(100);
      const rows = await ledgerStore(db).list(0, 100);
      expect(rows.filter((row) => row.kind === 'model')).toHaveLength(changes.length);
      await expect(db.query('delete from model_change')).rejects.toThrow('only ever added');
      expect((await ledgerStore(db).verify()).ok).toBe(true);
    });

    test('what the shadow says is kept beside the page and not in it', async () => {
      const store = modelStore(db);
      const visits = visitStore(db);
      const seeds = [new URL('https://shadow.test/')];
      const settings = DEFAULT_SETTINGS;
      await visits.startScan({ id: id(), visitIds: id, seeds, refusals: [], settings, now: at });
      const visit = (await visits.claim('shadow.test', id(), at))!;
      const due = (await visits.nextDue(visit))!;
      const it = captured(visit, due, []);
      const { assessment } = it.captured.page;
      const sign = {
        id: 'yield.plan',
        family: 'yield',
        criterion: 'none',
        excerpt: '3%',
        contribution: 1,
      };
      const page = { ...it.captured.page, assessment: { ...assessment, signals: [sign] } };
      const shadow = {
        ...assessment,
        verdict: 'clear' as const,
        label: 'legit' as const,
        score: 0.1,
        model: 'kuzet-7',
      };
      await visits.finish(visit, due, { ...it, captured: { ...it.captured, page, shadow } });
      const opened = await caseStore(db).sight(
        { kind: 'site', key: 'shadow.test' },
        pyramid,
        [it.captured.capture.id],
        at,
      );
      expect(await store.shadowed('kuzet-7', 10)).toEqual([
        {
          captureId: it.captured.capture.id,
          url: 'https://shadow.test/',
          at,
          verdict: 'flag',
          label: 'pyramid',
          score: 0.97,
          signals: ['yield.plan'],
          shadow: { verdict: 'clear', label: 'legit', score: 0.1, signals: [] },
          isFraud: null,
        },
      ]);
      const confirm = { verdict: 'confirm', by: 'a', ground: 'KZ-CC-217', reason: 'да' } as const;
      await caseStore(db).decide(opened.id, confirm, later(5));
      expect(await store.shadowed('kuzet-7', 10)).toMatchObject([{ isFraud: true }]);
      const pages = async (from: Date, to: Date) => {
        const found: string[] = [];
        for await (const { url } of store.judgedPages('test', from, to)) found.push(url);
        return found;
      };
      expect(await pages(later(-1), later(1))).toEqual(['https://shadow.test/']);
      expect(await pages(later(1), later(2))).toEqual([]);
    });

    test('a reference is taken once', async () => {
      const store = modelStore(db);
      const taken = { model: 'kuzet-8', takenFrom: 'shadow', until: at, spread: { pages: 5 } } as const;
      expect(await store.reference('kuzet-8')).toBeNull();
      expect(await store.keepReference(taken, at)).toEqual(taken);
      expect(await store.keepReference({ ...taken, spread: { pages: 9 } }, later(1))).toEqual(taken);
    });
  });

  describe(`reviews on ${name}`, () => {
    let db: Database;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(() => db.close());

    const site = (key: string): Subject => ({ kind: 'site', key });
    const judged = (key: string, verdict: Verdict, isDrawn = false): SubjectJudgement => ({
      subject: site(key),
      model: 'kuzet-0',
      verdict,
      label: verdict === 'flag' ? 'pyramid' : 'legit',
      score: verdict === 'flag' ? 0.9 : 0.1,
      novelty: 0.6,
      isDrawn,
    });
    const proposed = (key: string, why: Proposal['why'] = 'audit', priority = 0.5): Proposal => ({
      subject: site(key),
      why,
      priority,
      score: 0.1,
      novelty: 0.6,
    });

    test('one subject waits once, as it was proposed last, and not when there is nothing to learn any more', async () => {
      const reviews = reviewStore(db);
      await reviews.note(judged('one.test', 'clear'), proposed('one.test'), at);
      await reviews.note(judged('one.test', 'abstain'), proposed('one.test', 'uncertain', 0.9), later(1));
      expect(await reviews.waiting(10)).toEqual([
        { id: 'R-1', ...proposed('one.test', 'uncertain', 0.9), proposedAt: at, answer: null },
      ]);
      await reviews.note(judged('one.test', 'flag'), null, later(2));
      expect(await reviews.waiting(10)).toEqual([]);
      // Of what is noted at the same moment the last word counts.
      await Promise.all([
        reviews.note(judged('one.test', 'clear'), proposed('one.test'), later(3)),
        reviews.note(judged('both.test', 'flag'), null, later(3)),
        reviews.note(judged('one.test', 'flag'), null, later(3)),
      ]);
      expect(await reviews.waiting(10)).toEqual([]);
    });

    test('an answer counts once, is in the ledger, and is not asked for again within a month', async () => {
      const reviews = reviewStore(db);
      await reviews.note(judged('two.test', 'clear', true), proposed('two.test'), at);
      const [waiting] = await reviews.waiting(10);
      const answer = { by: 'Aigerim', label: 'legit', reason: ' дүкен ' } as const;
      expect(await reviews.answer(waiting!.id, answer, later(5))).toMatchObject({
        answer: { at: later(5), by: 'aigerim', label: 'legit', reason: 'дүкен' },
      });
      await expect(reviews.answer(waiting!.id, answer, later(6))).rejects.toThrow(NoSuchReviewError);
      const ledger = await ledgerStore(db).list(0, 100);
      expect(ledger.map(({ kind, subject }) => [kind, subject])).toEqual([['review', waiting!.id]]);
      await reviews.note(judged('two.test', 'clear'), proposed('two.test'), later(29 * DAY));
      expect(await reviews.waiting(10)).toEqual([]);
      await reviews.note(judged('two.test', 'clear'), proposed('two.test'), later(31 * DAY));
      expect(await reviews.waiting(10)).toHaveLength(1);
    });

    test('an answer without name or reason is none', async () => {
      const reviews = reviewStore(db);
      const [waiting] = await reviews.waiting(10);
      for (const [by, reason] of [
        ['', 'x'],
        ['a', ' '],
      ] as const) {
        await expect(reviews.answer(waiting!.id, { by, label: 'legit', reason }, at)).rejects.toThrow(
          'Review R-',
        );
      }
    });

    test('what was looked at says which subjects were fraud, by case or by review', async () => {
      const reviews = reviewStore(db);
      const cases = caseStore(db);
      const now = later(40 * DAY);
      for (const key of ['yes.test', 'no.test', 'open.test']) {
        await reviews.note(judged(key, 'flag'), null, now);
        const { id } = await cases.sight(site(key), pyramid, [], now);
        if (key === 'yes.test')
          await cases.decide(id, { verdict: 'confirm', by: 'a', ground: 'KZ-CC-217', reason: 'x' }, now);
        if (key === 'no.test') await cases.decide(id, { verdict: 'dismiss', by: 'a', reason: 'x' }, now);
      }
      await reviews.note(judged('missed.test', 'clear', true), proposed('missed.test', 'audit', 1), now);
      const missed = (await reviews.waiting(10)).find(({ subject }) => subject.key === 'missed.test')!;
      await reviews.answer(missed.id, { by: 'a', label: 'phishing', reason: 'x' }, now);
      const looked = await reviews.looked('kuzet-0', now);
      expect(
        looked.map(({ verdict, isDrawn, isFraud }) => `${verdict} ${isDrawn} ${isFraud}`).sort(),
      ).toEqual(['clear true true', 'flag false false', 'flag false null', 'flag false true']);
      expect(await reviews.looked('kuzet-1', now)).toEqual([]);
    });

    test('an answered review teaches the label of the pages that were there to see', async () => {
      const visits = visitStore(db);
      const settings = DEFAULT_SETTINGS;
      const seeds = [new URL('https://taught.test/')];
      await visits.startScan({ id: id(), visitIds: id, seeds, refusals: [], settings, now: at });
      const visit = (await visits.claim('taught.test', id(), at))!;
      const due = (await visits.nextDue(visit))!;
      await visits.finish(visit, due, captured(visit, due, []));
      const reviews = reviewStore(db);
      await reviews.note(judged('taught.test', 'clear'), proposed('taught.test', 'novel'), at);
      const waiting = (await reviews.waiting(10)).find(({ subject }) => subject.key === 'taught.test')!;
      await reviews.answer(waiting.id, { by: 'a', label: 'recovery', reason: 'обещают вернуть' }, later(9));
      const lessons = [];
      for await (const lesson of lessonStore(db).all()) lessons.push(lesson);
      expect(lessons).toMatchObject([
        {
          said: waiting.id,
          subject: site('taught.test'),
          ruling: { how: 'reviewed', label: 'recovery', reason: 'обещают вернуть' },
          capture: { url: 'https://taught.test/' },
          listing: null,
        },
      ]);
    });
  });

  describe(`look-alike sites on ${name}`, () => {
    let db: Database;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(() => db.close());

    test('a site is found by the values it shares, with how many unconfirmed sites bear each', async () => {
      const sites = lookalikeStore<{ readonly host: string }>(db);
      const put = (host: string, ...values: string[]) => sites.put(host, { host }, values, at, 20);
      await put('a.test', 'wallet 1', 'counter 1', 'counter 1');
      await put('b.test', 'wallet 1', 'counter 2');
      const { id: number } = await caseStore(db).sight({ kind: 'site', key: 'a.test' }, pyramid, [], at);
      await caseStore(db).decide(
        number,
        { verdict: 'confirm', by: 'a', ground: 'KZ-CC-217', reason: 'x' },
        at,
      );
      const found = await put('c.test', 'wallet 1', 'counter 1', 'phone 1');
      expect(found.candidates).toEqual([
        { print: { host: 'a.test' }, confirmed: 'pyramid' },
        { print: { host: 'b.test' }, confirmed: null },
      ]);
      expect(Object.fromEntries(found.bearers)).toEqual({
        'wallet 1': 2,
        'counter 1': 1,
        'counter 2': 1,
        'phone 1': 1,
      });
      expect((await put('c.test', 'phone 1')).candidates).toEqual([]);
    });

    test('likeness is told to both, and what is noted anew takes the place of the old', async () => {
      const sites = lookalikeStore<{ readonly host: string }>(db);
      const like = (site: string, score: number) => ({ site, score, reasons: [{ what: 'text' }] });
      await sites.link('c.test', [like('a.test', 0.9), like('b.test', 0.6)], at);
      expect(await sites.of('c.test')).toEqual([
        { ...like('a.test', 0.9), caseId: 'K-000001', label: 'pyramid', state: 'confirmed' },
        { ...like('b.test', 0.6), caseId: null, label: null, state: null },
      ]);
      expect(await sites.of('b.test')).toMatchObject([{ site: 'c.test', score: 0.6 }]);
      await sites.link('b.test', [], at);
      expect((await sites.of('c.test')).map(({ site }) => site)).toEqual(['a.test']);
    });

    test('sites that are kept at the same moment find each other, and the later print of a site stays', async () => {
      const sites = lookalikeStore<{ readonly host: string; readonly n: number }>(db);
      const put = (host: string, n: number, ...values: string[]) =>
        sites.put(host, { host, n }, values, at, 20);
      const all = await Promise.all([
        put('lone.test', 0, 'phone 7'),
        put('twin-b.test', 1, 'wallet 7', 'counter 7'),
        put('twin-a.test', 1, 'wallet 7'),
        put('twin-b.test', 2, 'wallet 7', 'counter 8'),
      ]);
      expect(all.map(({ candidates }) => candidates.map(({ print: { host, n } }) => `${host} ${n}`))).toEqual(
        [[], ['twin-a.test 1'], ['twin-b.test 1'], ['twin-a.test 1']],
      );
      expect(all[3]!.bearers.get('wallet 7')).toBe(2);
      expect((await put('other.test', 1, 'counter 7')).candidates).toEqual([]);
      expect((await put('other.test', 1, 'counter 8')).candidates).toEqual([
        { print: { host: 'twin-b.test', n: 2 }, confirmed: null },
      ]);
    });

    test('of two that name each other at the same moment the likeness is told once', async () => {
      const sites = lookalikeStore<{ readonly host: string }>(db);
      const like = (site: string) => [{ site, score: 0.8, reasons: [] }];
      await Promise.all([
        sites.link('lone.test', [], at),
        sites.link('twin-a.test', like('twin-b.test'), at),
        sites.link('twin-b.test', like('twin-a.test'), at),
      ]);
      expect((await sites.of('twin-a.test')).map(({ site }) => site)).toEqual(['twin-b.test']);
      expect((await sites.of('twin-b.test')).map(({ site }) => site)).toEqual(['twin-a.test']);
    });

    test('a value that hundreds bear leads nowhere, and they are counted only as far as it matters', async () => {
      const sites = lookalikeStore<{ readonly host: string }>(db);
      await db.query(
        "insert into site_print select 'p' || n || '.test', $1, '{}'::jsonb from generate_series(1, 201) n",
        [at],
      );
      await db.query(
        "insert into site_value select 'counter 9', 'p' || n || '.test' from generate_series(1, 201) n",
      );
      const { candidates, bearers } = await sites.put('q.test', { host: 'q.test' }, ['counter 9'], at, 20);
      expect(candidates).toEqual([]);
      expect(bearers.get('counter 9')).toBe(20);
    });
  });
}
