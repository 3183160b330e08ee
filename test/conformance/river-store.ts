/** What the rows of the river owe, whichever engine keeps them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CaseRefusedError, type Subject } from '../../domain/case.ts';
import type { Referral } from '../../domain/record.ts';
import { afterShowing } from '../../domain/render-lesson.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { appealStore } from '../../store/appeals.ts';
import { batchStore } from '../../store/batches.ts';
import { captureStore } from '../../store/captures.ts';
import { caseStore, NoSuchCaseError } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { LeaseLostError, type Visit } from '../../store/lease.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { listingStore } from '../../store/listings.ts';
import { pauseStore } from '../../store/pause.ts';
import { renderLessonStore } from '../../store/render-lessons.ts';
import { visitStore } from '../../store/visits.ts';
import { at, captured, id, idle, pyramid } from './rows.ts';

export function riverStoreConformance(name: string, open: () => Promise<Database>): void {
  describe(`the river's rows on ${name}`, () => {
    let db: Database;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(() => db.close());

    const scan = async (...urls: string[]) => {
      const scanId = id();
      const seeds = urls.map((url) => new URL(url));
      const settings = DEFAULT_SETTINGS;
      await visitStore(db).startScan({ id: scanId, visitIds: id, seeds, refusals: [], settings, now: at });
      return scanId;
    };
    const take = async (host: string) => (await visitStore(db).claim(host, id(), at))!;

    test('an address given twice, or with tracking tails, is one address', async () => {
      const scanId = await scan(
        'https://one.test/a',
        'https://one.test/a#top',
        'https://one.test/a?utm_source=x',
      );
      expect(await visitStore(db).counts([scanId])).toMatchObject({ hosts: 1, due: 1 });
    });

    test('a captured address is never due again, though it is found again', async () => {
      const visits = visitStore(db);
      const scanId = await scan('https://two.test/');
      const visit = await take('two.test');
      const due = (await visits.nextDue(visit))!;
      const found = ['https://two.test/', 'https://two.test/plans'].map((url) => ({
        url: new URL(url),
        priority: 0,
      }));
      await visits.finish(visit, due, captured(visit, due, found));
      const next = (await visits.nextDue(visit))!;
      expect(next).toMatchObject({ url: 'https://two.test/plans', depth: 1, seed: false });
      await visits.finish(visit, next, captured(visit, next, found));
      expect(await visits.nextDue(visit)).toBeNull();
      expect(await visits.counts([scanId])).toMatchObject({ captured: 2, due: 0 });
    });

    test('a worker whose visit was taken over can write nothing more', async () => {
      const visits = visitStore(db);
      await scan('https://three.test/');
      const slow = await take('three.test');
      const due = (await visits.nextDue(slow))!;
      const quick = await take('three.test');
      await expect(visits.finish(slow, due, captured(slow, due, []))).rejects.toThrow(LeaseLostError);
      await expect(visits.close(slow, at)).rejects.toThrow(LeaseLostError);
      await visits.finish(quick, due, captured(quick, due, []));
      expect(await captureStore(db).subjectsOf(quick.id)).toEqual([{ kind: 'site', key: 'three.test' }]);
    });

    test('what an address brought is stored together or not at all', async () => {
      const visits = visitStore(db);
      const scanId = await scan('https://four.test/');
      const visit = await take('four.test');
      const due = (await visits.nextDue(visit))!;
      const whole = captured(visit, due, [{ url: new URL('https://four.test/b'), priority: 0 }]);
      const broken = { ...whole, host: { ...idle, politeness: undefined } };
      await expect(visits.finish(visit, due, broken)).rejects.toThrow();
      expect(await visits.counts([scanId])).toMatchObject({ captured: 0, due: 1 });
    });

    test('of addresses that end at the same moment each stands for itself, and the ledger tells of all that stay', async () => {
      const visits = visitStore(db);
      const hosts = ['many-a.test', 'many-b.test', 'many-lost.test', 'many-broken.test'];
      const scanId = await scan(...hosts.map((host) => `https://${host}/`));
      const made = await Promise.all(hosts.map(take));
      const due = (await Promise.all(made.map((visit) => visits.nextDue(visit)))).map((it) => it!);
      expect(due.map(({ url }) => url)).toEqual(hosts.map((host) => `https://${host}/`));
      await take('many-lost.test');
      const link = (host: string) => [{ url: new URL(`https://${host}/next`), priority: 0 }];
      const ended = await Promise.allSettled(
        made.map((visit, n) => {
          const whole = captured(visit, due[n]!, link(visit.host));
          const isBroken = visit.host === 'many-broken.test';
          return visits.finish(
            visit,
            due[n]!,
            isBroken ? { ...whole, host: { ...idle, politeness: undefined } } : whole,
          );
        }),
      );
      expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
      expect(ended[2]).toMatchObject({ reason: expect.any(LeaseLostError) });
      expect(await visits.counts([scanId])).toMatchObject({ captured: 2, due: 4 });
      const next = await Promise.all(made.slice(0, 2).map((visit) => visits.nextDue(visit)));
      expect(next.map((it) => it?.url)).toEqual(['https://many-a.test/next', 'https://many-b.test/next']);
      expect(await ledgerStore(db).verify()).toMatchObject({ ok: true });
    });

    test('turns at many hosts are given at once, and of two visits to one host the first has it', async () => {
      const visits = visitStore(db);
      await scan('https://turn-a.test/', 'https://turn-b.test/');
      const [a, b] = await Promise.all([take('turn-a.test'), take('turn-b.test')]);
      const until = new Date(at.getTime() + 60_000);
      const taken = await Promise.all([
        visits.takeTurn(a, 'turn-a.test', at, until),
        visits.takeTurn(b, 'turn-b.test', at, until),
        visits.takeTurn(b, 'turn-a.test', at, until),
      ]);
      expect(taken.map(({ is }) => is)).toEqual(['taken', 'taken', 'later']);
    });

    test('a visit that is closed is not claimed again, and the next scan of the host is', async () => {
      const visits = visitStore(db);
      await scan('https://five.test/');
      const visit = await take('five.test');
      await visits.skipRest(visit, 'host_down', 'five.test stopped answering');
      await visits.close(visit, at);
      expect(await visits.claim('five.test', id(), at)).toBeNull();
      await scan('https://five.test/');
      expect(await visits.openHosts(100)).toContain('five.test');
    });

    test('an address put back comes after the others, and says how often it was tried', async () => {
      const visits = visitStore(db);
      await scan('https://back.test/a', 'https://back.test/b');
      const visit = await take('back.test');
      const first = (await visits.nextDue(visit))!;
      expect(first).toMatchObject({ tries: 0, starts: 1 });
      await visits.putBack(visit, first, idle);
      const second = (await visits.nextDue(visit))!;
      expect(second.url).not.toBe(first.url);
      await visits.finish(visit, second, captured(visit, second, []));
      expect(await visits.nextDue(visit)).toMatchObject({ url: first.url, tries: 1, starts: 2 });
    });

    describe('the turn to ask a host', () => {
      const later = (seconds: number) => new Date(at.getTime() + seconds * 1000);
      const resting = (seconds: number) => ({ ...idle, nextAt: later(seconds) });

      test('belongs to one visit at a time, and the next one finds what was learnt', async () => {
        const visits = visitStore(db);
        await scan('https://turn-a.test/', 'https://turn-b.test/');
        const [a, b] = [await take('turn-a.test'), await take('turn-b.test')];
        expect(await visits.takeTurn(a, 'shared.test', at, later(180))).toMatchObject({ is: 'taken' });
        expect(await visits.takeTurn(b, 'shared.test', later(1), later(181))).toMatchObject({ is: 'later' });
        await visits.giveTurn(a, 'shared.test', { ...resting(5), politeness: { strikes: 2 } });
        expect(await visits.takeTurn(b, 'shared.test', later(4), later(184))).toEqual({
          is: 'later',
          at: later(5),
        });
        expect(await visits.takeTurn(b, 'shared.test', later(5), later(185))).toEqual({
          is: 'taken',
          memory: { nextAt: later(5), politeness: { strikes: 2 }, robots: null },
        });
      });

      test('of a worker that died is known for one left over, and lapses for the others', async () => {
        const visits = visitStore(db);
        await scan('https://died-a.test/', 'https://died-b.test/');
        const [a, b] = [await take('died-a.test'), await take('died-b.test')];
        await visits.takeTurn(a, 'died-shared.test', at, later(180));
        const again = await take('died-a.test');
        expect(await visits.takeTurn(again, 'died-shared.test', later(1), later(181))).toEqual({
          is: 'left_over',
        });
        expect(await visits.takeTurn(b, 'died-shared.test', later(179), later(400))).toMatchObject({
          is: 'later',
        });
        expect(await visits.takeTurn(b, 'died-shared.test', later(180), later(400))).toMatchObject({
          is: 'taken',
        });
      });

      test('of twenty visits that ask at once goes to one', async () => {
        const visits = visitStore(db);
        const names = Array.from({ length: 20 }, (_, n) => `crowd-${n}.test`);
        await scan(...names.map((name) => `https://${name}/`));
        const crowd = await Promise.all(names.map((name) => take(name)));
        const turns = await Promise.all(
          crowd.map((visit) => visits.takeTurn(visit, 'crowded.test', at, later(180))),
        );
        expect(turns.filter(({ is }) => is === 'taken')).toHaveLength(1);
        expect(turns.filter(({ is }) => is === 'later')).toHaveLength(19);
      });

      test('comes no earlier for a visit that knows of an earlier moment', async () => {
        const visits = visitStore(db);
        await scan('https://moment-a.test/', 'https://moment-b.test/');
        const [a, b] = [await take('moment-a.test'), await take('moment-b.test')];
        await visits.giveTurn(a, 'moment.test', resting(60));
        await visits.giveTurn(b, 'moment.test', resting(2));
        expect(await visits.takeTurn(b, 'moment.test', later(59), later(400))).toEqual({
          is: 'later',
          at: later(60),
        });
      });
    });

    test('a visit that is put off is claimed again when its moment has come, nothing of it lost', async () => {
      const visits = visitStore(db);
      const scanId = await scan('https://patience.test/');
      const first = await take('patience.test');
      expect(first.wasPutOff).toBe(false);
      const until = new Date(at.getTime() + 3_600_000);
      await visits.putOff(first, (await visits.nextDue(first))!, until);
      expect(await visits.claim('patience.test', id(), at)).toBeNull();
      expect(await visits.dueHosts(100, at)).not.toContain('patience.test');
      expect(await visits.openHosts(100)).toContain('patience.test');
      expect(await visits.resting([scanId], at)).toEqual({ hosts: 1, until, isPaused: false });
      await expect(visits.close(first, at)).rejects.toThrow(LeaseLostError);
      expect(await visits.dueHosts(100, until)).toContain('patience.test');
      const again = (await visits.claim('patience.test', id(), until))!;
      expect(again.wasPutOff).toBe(true);
      expect(await visits.nextDue(again)).toMatchObject({
        url: 'https://patience.test/',
        tries: 0,
        starts: 1,
      });
      expect(await visits.resting([scanId], until)).toEqual({ hosts: 0, until: null, isPaused: false });
    });

    test('a deferred address is passed over until its moment, and the others are not', async () => {
      const visits = visitStore(db);
      await scan('https://deferred.test/a', 'https://deferred.test/b');
      const visit = await take('deferred.test');
      const first = (await visits.nextDue(visit))!;
      const until = new Date(at.getTime() + 600_000);
      await visits.defer(visit, first, until);
      const second = (await visits.nextDue(visit))!;
      expect(second.url).not.toBe(first.url);
      await visits.finish(visit, second, captured(visit, second, []));
      expect(await visits.nextDue(visit)).toBeNull();
      expect(await visits.wake(visit, at)).toEqual(until);
      expect(await visits.nextDue(visit)).toBeNull();
      expect(await visits.wake(visit, until)).toEqual(until);
      expect(await visits.nextDue(visit)).toMatchObject({ url: first.url, starts: 1 });
      await visits.finish(visit, first, captured(visit, first, []));
      expect(await visits.wake(visit, until)).toBeNull();
    });

    test('while visits are held no turn is given and no visit claimed, and both go on afterwards', async () => {
      const visits = visitStore(db);
      const pauses = pauseStore(db);
      const scanId = await scan('https://held.test/', 'https://held-too.test/');
      const visit = await take('held.test');
      expect(await pauses.pause({ at, by: 'aigerim', reason: 'a host complained' })).toBe(true);
      expect(await pauses.pause({ at, by: 'daniyar', reason: 'again' })).toBe(false);
      expect(await pauses.get()).toEqual({ at, by: 'aigerim', reason: 'a host complained' });
      expect(await visits.takeTurn(visit, 'held.test', at, at)).toEqual({ is: 'paused' });
      expect(await visits.claim('held-too.test', id(), at)).toBeNull();
      expect(await visits.dueHosts(100, at)).toEqual([]);
      expect(await visits.resting([scanId], at)).toEqual({ hosts: 2, until: null, isPaused: true });
      expect(await pauses.resume('aigerim', at)).toBe(true);
      expect(await pauses.resume('aigerim', at)).toBe(false);
      expect(await visits.takeTurn(visit, 'held.test', at, at)).toMatchObject({ is: 'taken' });
      expect(await visits.claim('held-too.test', id(), at)).not.toBeNull();
    });

    test('of visits claimed and closed at the same moment each stands for itself', async () => {
      const visits = visitStore(db);
      const first = await scan('https://both-a.test/', 'https://both-b.test/');
      await scan('https://both-b.test/again');
      const claims = ['both-a.test', 'both-b.test', 'both-none.test'].map((host) =>
        visits.claim(host, id(), at),
      );
      const [a, b, none] = await Promise.all(claims);
      expect([a?.host, b?.host, none]).toEqual(['both-a.test', 'both-b.test', null]);
      for (const visit of [a!, b!]) await visits.skipRest(visit, 'budget', 'enough');
      const stale = { ...a!, lease: id() };
      const closed = await Promise.allSettled([a!, b!, stale].map((visit) => visits.close(visit, at)));
      expect(closed).toMatchObject([
        { status: 'fulfilled', value: false },
        // The second scan wants its own visit.
        { status: 'fulfilled', value: true },
        { status: 'rejected', reason: { name: 'LeaseLostError' } },
      ]);
      expect(await visits.counts([first])).toMatchObject({ hosts: 2, hostsDone: 2, due: 0, skipped: 2 });
    });

    test('of two who claim one visit at the same moment one alone can write', async () => {
      const visits = visitStore(db);
      await scan('https://rivals.test/');
      const rivals = await Promise.all([1, 2].map(() => visits.claim('rivals.test', id(), at)));
      const due = (await visits.nextDue(rivals[0]!))!;
      const each = <T>(write: (visit: Visit) => Promise<T>) =>
        Promise.allSettled(rivals.map((visit) => write(visit!)));
      const states = (settled: readonly PromiseSettledResult<unknown>[]) =>
        settled.map(({ status }) => status).sort();
      const finished = await each((visit) => visits.finish(visit, due, captured(visit, due, [])));
      expect(states(finished)).toEqual(['fulfilled', 'rejected']);
      expect(states(await each((visit) => visits.close(visit, at)))).toEqual(['fulfilled', 'rejected']);
    });

    test('news of a scan come once each, in order, and only of that scan', async () => {
      const visits = visitStore(db);
      const scanId = await scan('https://news.test/a', 'https://news.test/b');
      expect(await visits.openScans()).toContain(scanId);
      const visit = await take('news.test');
      const due = (await visits.nextDue(visit))!;
      await visits.finish(visit, due, captured(visit, due, []));
      const [line, ...more] = await visits.news([scanId], 0);
      expect(more).toEqual([]);
      expect(line).toMatchObject({
        url: due.url,
        host: 'news.test',
        seed: true,
        verdict: 'flag',
        status: 200,
      });
      await visits.skipRest(visit, 'budget', 'enough');
      const [next] = await visits.news([scanId], line!.seq);
      expect(next).toMatchObject({ outcome: { is: 'skipped', reason: 'budget', detail: 'enough' } });
      await visits.close(visit, at);
      expect(await visits.openScans()).not.toContain(scanId);
    });

    test('addresses and keys longer than an index entry are kept and found', async () => {
      const visits = visitStore(db);
      // Random letters: text that repeats would be packed small enough to pass.
      const long = Array.from(
        { length: 3900 },
        (_, n) => 'abcdefghijkmnpqrstuvwxyz23456789'[(n * n * 7 + n * 13) % 32],
      ).join('');
      const han = Array.from({ length: 2000 }, (_, n) =>
        String.fromCodePoint(0x4e00 + ((n * 7919) % 20000)),
      ).join('');
      await scan(`https://long.test/${long}`);
      const visit = await take('long.test');
      const due = (await visits.nextDue(visit))!;
      const subject: Subject = { kind: 'channel', key: `long.test/${long}` };
      const it = captured(visit, due, []);
      await visits.finish(visit, due, {
        ...it,
        captured: {
          ...it.captured,
          page: { ...it.captured.page, subject },
          listings: [{ ...listing(han, 's\u0000x'), seller: { id: 's\u0000x', name: 'x' } }],
        },
      });
      const opened = await caseStore(db).sight(subject, pyramid, [it.captured.capture.id], at);
      expect((await caseStore(db).find(subject))?.id).toBe(opened.id);
      expect(await captureStore(db).newestOf(subject, 10)).toHaveLength(1);
      expect(await captureStore(db).ofCase(opened.id)).toHaveLength(1);
      expect(await batchStore(db).sentIn([subject.key])).toEqual([]);
    });

    test('a site is weighed by the newest capture of each page, and texts are told of the riskiest alone', async () => {
      const visits = visitStore(db);
      await scan('https://weighed.test/', 'https://weighed.test/b', 'https://weighed.test/c');
      const visit = await take('weighed.test');
      for (const score of [0.2, 0.9, 0.5]) {
        const due = (await visits.nextDue(visit))!;
        const it = captured(visit, due, []);
        const { page } = it.captured;
        const risky = { ...page, text: `text of ${score}`, assessment: { ...page.assessment, score } };
        await visits.finish(visit, due, { ...it, captured: { ...it.captured, page: risky } });
      }
      const captures = captureStore(db);
      const subject: Subject = { kind: 'site', key: 'weighed.test' };
      const weighed = await captures.weighedOf(subject, 3, 1);
      expect(weighed.map(({ page }) => [page.assessment.score, page.text])).toEqual([
        [0.9, 'text of 0.9'],
        [0.5, null],
        [0.2, null],
      ]);
      const untold = weighed.slice(1).map(({ capture }) => capture.id);
      const texts = await captures.textsOf(untold);
      expect(untold.map((id) => texts.get(id))).toEqual(['text of 0.5', 'text of 0.2']);
      expect((await captures.textsOf([])).size).toBe(0);
      const whole = await captures.newestOf(subject, 2);
      expect(whole.map(({ page }) => page.text)).toEqual(['text of 0.9', 'text of 0.5']);
    });

    test('what officers decided on is not added to afterwards', async () => {
      const visits = visitStore(db);
      const cases = caseStore(db);
      await scan('https://frozen.test/');
      const visit = await take('frozen.test');
      const due = (await visits.nextDue(visit))!;
      const it = captured(visit, due, []);
      await visits.finish(visit, due, it);
      const opened = await cases.sight({ kind: 'site', key: 'frozen.test' }, pyramid, [], at);
      await cases.decide(
        opened.id,
        { verdict: 'confirm', by: 'a', ground: 'KZ-CC-217', reason: 'выплаты' },
        at,
      );
      await cases.sight({ kind: 'site', key: 'frozen.test' }, pyramid, [it.captured.capture.id], at);
      expect(await captureStore(db).ofCase(opened.id)).toEqual([]);
    });

    test('an officer who looked at an older case is told so', async () => {
      const cases = caseStore(db);
      const subject: Subject = { kind: 'site', key: 'stale.test' };
      const looked = await cases.sight(subject, pyramid, [], at);
      await cases.sight(subject, { ...pyramid, score: 0.99 }, [], at);
      const act = { verdict: 'confirm', by: 'a', ground: 'KZ-CC-217', reason: 'выплаты' } as const;
      await expect(cases.decide(looked.id, act, at, { revision: looked.revision })).rejects.toThrow(
        'changed meanwhile',
      );
      expect((await cases.decide(looked.id, act, at, { revision: looked.revision + 1 })).state.is).toBe(
        'confirmed',
      );
    });

    test('cases are listed riskiest first, by state, label and part of the name', async () => {
      const cases = caseStore(db);
      await cases.sight({ kind: 'site', key: 'low.listed.test' }, { ...pyramid, score: 0.71 }, [], at);
      await cases.sight({ kind: 'site', key: 'high.listed.test' }, { ...pyramid, score: 0.98 }, [], at);
      const found = await cases.list({ search: 'LISTED', state: 'open', label: 'pyramid' });
      expect(found.map(({ subject }) => subject.key)).toEqual(['high.listed.test', 'low.listed.test']);
      expect(await cases.count({ search: 'listed', label: 'phishing' })).toBe(0);
    });

    test('hostile text is kept without what the engine cannot hold', async () => {
      const visits = visitStore(db);
      await scan('https://six.test/');
      const visit = await take('six.test');
      const due = (await visits.nextDue(visit))!;
      const hostile = captured(visit, due, []);
      const page = { ...hostile.captured!.page, title: 'a\u0000b\ud800', text: '\\u0000 и \u0000' };
      await visits.finish(visit, due, { ...hostile, captured: { ...hostile.captured!, page } });
      const [kept] = await captureStore(db).newestOf({ kind: 'site', key: 'six.test' }, 10);
      expect(kept!.page.title).toBe('a\ufffdb\ufffd');
    });

    test('a subject has one case, however many officers and machines see it at once', async () => {
      const cases = caseStore(db);
      const subject: Subject = { kind: 'site', key: 'ring.test' };
      const opened = await Promise.all(
        Array.from({ length: 5 }, () => cases.sight(subject, pyramid, [], at)),
      );
      expect(new Set(opened.map((it) => it.id)).size).toBe(1);
      expect((await cases.acts(opened[0]!.id)).map((act) => act.kind)).toEqual(['opened']);
    });

    test('of two officers who decide at once, one is refused', async () => {
      const cases = caseStore(db);
      const it = await cases.sight({ kind: 'site', key: 'race.test' }, pyramid, [], at);
      const act = (by: string) =>
        ({ verdict: 'confirm', by, ground: 'KZ-CC-217', reason: 'выплаты' }) as const;
      const both = await Promise.allSettled([
        cases.decide(it.id, act('a'), at),
        cases.decide(it.id, act('b'), at),
      ]);
      expect(both.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected']);
      expect((await cases.acts(it.id)).map((each) => each.kind)).toEqual(['opened', 'confirmed']);
    });

    test('what renders taught is counted a shape of a host, and fades', async () => {
      const lessons = renderLessonStore(db);
      const note = (kind: 'doubted' | 'trusted', hasHelped: boolean) =>
        lessons.note({ host: 'taught.test', shape: '/#', kind, hasHelped }, at);
      await note('doubted', true);
      await note('trusted', false);
      expect([...(await lessons.ofHost('taught.test'))]).toEqual([
        ['/#', { doubted: { shown: 1, helped: 1 }, trusted: { shown: 1, helped: 0 } }],
      ]);
      let told = await lessons.ofHost('taught.test').then((them) => them.get('/#')!);
      let tally = told.doubted;
      for (let n = 0; n < 70; n += 1) {
        told = await note('doubted', n % 2 === 0);
        tally = afterShowing(tally, n % 2 === 0);
        expect(told.doubted).toEqual(tally);
      }
      expect(told.trusted).toEqual({ shown: 1, helped: 0 });
      expect((await lessons.ofHost('other.test')).size).toBe(0);
    });

    test('pictures of a site are counted a visit, and why a page was left plain is kept with its capture', async () => {
      const visits = visitStore(db);
      const captures = captureStore(db);
      await scan('https://pictured.test/a', 'https://pictured.test/b');
      const visit = await take('pictured.test');
      const subject: Subject = { kind: 'site', key: 'pictured.test' };
      expect(await captures.picturesOf(visit.id, subject)).toEqual({ flagged: 0, doubtful: 0, riskiest: 0 });
      const ids: string[] = [];
      for (const over of [{ screenshot: 'ef'.repeat(32) }, { leftPlain: 'pictured_enough' as const }]) {
        const due = (await visits.nextDue(visit))!;
        const whole = captured(visit, due, []);
        const capture = { ...whole.captured.capture, ...over };
        ids.push(capture.id);
        await visits.finish(visit, due, { ...whole, captured: { ...whole.captured, capture } });
      }
      expect(await captures.picturesOf(visit.id, subject)).toEqual({
        flagged: 1,
        doubtful: 0,
        riskiest: 0.97,
      });
      expect((await captures.get(ids[1]!))?.capture.leftPlain).toBe('pictured_enough');
      expect('leftPlain' in (await captures.get(ids[0]!))!.capture).toBe(false);
      expect(await ledgerStore(db).verify()).toMatchObject({ ok: true });
    });

    test('rows of acts and captures can be neither changed nor removed', async () => {
      await expect(db.query("update act set by = 'nobody'")).rejects.toThrow('only ever added');
      await expect(db.query('delete from act')).rejects.toThrow('only ever added');
      await expect(db.query("update capture set url = ''")).rejects.toThrow('only ever added');
    });

    test('a case that does not exist is said to be missing, whatever is typed', async () => {
      for (const typed of ['K-999999', 'K-0', '', '1; drop table cases', '9'.repeat(40)]) {
        await expect(caseStore(db).get(typed)).rejects.toThrow(NoSuchCaseError);
      }
    });

    test('a case is in exactly one batch, though two batches are built at once', async () => {
      const cases = caseStore(db);
      const batches = batchStore(db);
      const it = await approved('batch.test');
      const order = {
        org: 'EXAMPLE',
        channel: 'operator_block',
        software: { name: 'kuzet', version: '0.1.0' },
        rows: [{ caseId: it.id, referral: { caseId: it.id } as Referral }],
        now: at,
      } as const;
      const both = await Promise.allSettled([batches.take(order), batches.take(order)]);
      const [won, lost] = both.sort((a, b) => (a.status < b.status ? -1 : 1));
      expect(won).toMatchObject({ status: 'fulfilled', value: { id: 'KN_EXAMPLE_20260504_001' } });
      expect(lost).toMatchObject({ status: 'rejected', reason: expect.any(CaseRefusedError) });
      expect((await cases.get(it.id)).state).toMatchObject({
        is: 'referred',
        batch: 'KN_EXAMPLE_20260504_001',
      });
      expect(await batches.unfinished()).toEqual(['KN_EXAMPLE_20260504_001']);
      await batches.finish('KN_EXAMPLE_20260504_001', 'ab'.repeat(32), at);
      await batches.finish('KN_EXAMPLE_20260504_001', 'cd'.repeat(32), at);
      expect((await batches.get('KN_EXAMPLE_20260504_001_v1.zip')).sha256).toBe('ab'.repeat(32));
      expect(await batches.unfinished()).toEqual([]);

      const second = await approved('next.test');
      const next = await batches.take({
        ...order,
        rows: [{ caseId: second.id, referral: { caseId: second.id } as Referral }],
      });
      expect(next).toMatchObject({ seq: 2, facts: { prevBatchSha256: 'ab'.repeat(32) } });
    });

    test('a record made of a decision that was taken back goes out with no batch', async () => {
      const cases = caseStore(db);
      const seen = await approved('anew.test');
      await cases.act(seen.id, { is: 'reverse', by: 'boss', reason: 'Не то основание.' }, at);
      const ground = { verdict: 'confirm', ground: 'KZ-CC-217', reason: 'Другая причина.' } as const;
      await cases.decide(seen.id, { ...ground, by: 'aigerim' }, at);
      const anew = await cases.approve(seen.id, 'daniyar', at);
      const take = (revision: number) =>
        batchStore(db).take({
          org: 'EXAMPLE',
          channel: 'operator_block',
          software: { name: 'kuzet', version: '0.1.0' },
          rows: [{ caseId: seen.id, revision, referral: { caseId: seen.id } as Referral }],
          now: at,
        });
      await expect(take(seen.revision)).rejects.toMatchObject({ facts: { code: 'changed' } });
      expect((await cases.get(seen.id)).state.is).toBe('approved');
      await take(anew.revision);
      expect((await cases.get(seen.id)).state.is).toBe('referred');
    });

    test('a case that somebody objects to while its batch is made goes out with none', async () => {
      const seen = await approved('objected.test');
      const appeals = appealStore(db);
      const objection = {
        url: 'https://objected.test/',
        words: 'Сайт мой.',
        contact: '',
        lang: 'ru',
      } as const;
      const { code } = await appeals.send({ ...objection, subject: seen.subject }, at);
      const take = async () => {
        const rows = [
          { caseId: seen.id, revision: seen.revision, referral: { caseId: seen.id } as Referral },
        ];
        const software = { name: 'kuzet', version: '0.1.0' };
        return batchStore(db).take({ org: 'EXAMPLE', channel: 'operator_block', software, rows, now: at });
      };
      await expect(take()).rejects.toMatchObject({ facts: { code: 'changed' } });
      expect((await caseStore(db).get(seen.id)).state.is).toBe('approved');
      await appeals.judge(code, { verdict: 'upheld', by: 'boss', reason: 'Доказательства верны.' }, at);
      await take();
      expect((await caseStore(db).get(seen.id)).state.is).toBe('referred');
    });

    test('listings of a visit come back in the order they stand, with the site that shows them', async () => {
      const visits = visitStore(db);
      await scan('https://market.test/');
      const visit = await take('market.test');
      const due = (await visits.nextDue(visit))!;
      const listings = [listing('Айфон 15, срочно!', 's1'), listing('Диван', 's2'), listing('Гараж', null)];
      const it = captured(visit, due, []);
      await visits.finish(visit, due, { ...it, captured: { ...it.captured!, listings } });
      expect(await listingStore(db).ofVisit(visit.id)).toEqual(
        listings.map((each) => ({
          captureId: it.captured!.capture.id,
          site: 'market.test',
          listing: { ...each, postedAt: each.postedAt },
        })),
      );
      expect(await listingStore(db).ofVisit(id())).toEqual([]);
    });

    const approved = async (key: string) => {
      const cases = caseStore(db);
      const it = await cases.sight({ kind: 'site', key }, pyramid, [], at);
      await cases.decide(it.id, { verdict: 'confirm', by: 'a', ground: 'KZ-CC-217', reason: 'выплаты' }, at);
      return cases.approve(it.id, 'b', at);
    };
  });
}

function listing(title: string, seller: string | null) {
  return {
    id: null,
    url: 'https://market.test/',
    title,
    text: '',
    price: 250_000,
    currency: 'KZT',
    category: null,
    city: null,
    seller: seller === null ? null : { id: seller, name: seller },
    phone: null,
    images: [],
    postedAt: seller === null ? null : new Date('2026-05-03T10:00:00Z'),
  };
}
