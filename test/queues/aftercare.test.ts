import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Referral } from '../../domain/record.ts';
import type { ProfileName } from '../../domain/visitor.ts';
import { subjectOf } from '../../exports/overblock/platforms.ts';
import { type AftercareTools, aftercareRound, takeMeasurements } from '../../queues/aftercare.ts';
import { batchStore } from '../../store/batches.ts';
import { captureStore } from '../../store/captures.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { faultStore } from '../../store/faults.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { openDatabase } from '../../store/open.ts';
import { passageStore } from '../../store/passages.ts';
import { recheckStore } from '../../store/rechecks.ts';
import { visitStore } from '../../store/visits.ts';
import { at, captured, id as newRowId, pyramid } from '../conformance/rows.ts';
import type { Engine } from '../engines/places.ts';
import { postgresMissing, startPostgres } from '../engines/postgres.ts';
import { batchOrder } from '../exports/samples.ts';

const HOUR = 3_600_000;
const sample = batchOrder(1).referrals[0]!;
const engines = [
  ['PGlite', null],
  ['PostgreSQL', postgresMissing],
] as const;

describe.each(engines)('what was referred, on %s', (engine, missing) => {
  describe.skipIf(missing !== null)(missing === null ? 'is looked after' : `(skipped: ${missing})`, () => {
    let server: Engine | null = null;
    let db: Database;
    let tools: AftercareTools;
    let now = at.getTime();
    let made = 0;
    let swept = 0;

    beforeAll(async () => {
      server = engine === 'PGlite' ? null : await startPostgres();
      db = await openDatabase(server === null ? { memory: true } : { url: server.url });
      tools = {
        passages: passageStore(db),
        rechecks: recheckStore(db),
        faults: faultStore(db),
        cases: caseStore(db),
        captures: captureStore(db),
        visits: visitStore(db),
        subjectOf,
        sweep: async () => {
          swept += 1;
        },
        clock: { now: () => new Date(now), sleep: async () => undefined },
        log: pino({ level: 'silent' }),
      };
    });
    afterAll(async () => {
      await db.close();
      await server?.stop();
    });
    beforeEach(() => {
      swept = 0;
    });

    /** A site whose case was captured, decided by two and, unless told otherwise, handed over. */
    const site = async (host: string, isOut = true, profile?: ProfileName) => {
      const scanId = newRowId();
      const url = `https://${host}/`;
      const settings = {
        pages: 1,
        depth: 0,
        delaySeconds: 0,
        render: 'auto',
        proxy: null,
        resolve: {},
        robots: true,
      } as const;
      await tools.visits.startScan({
        id: scanId,
        visitIds: newRowId,
        seeds: [new URL(url)],
        refusals: [],
        settings,
        now: new Date(now),
      });
      const captureId = (await visit(host, { profile }))!;
      const { id } = await tools.cases.sight(
        { kind: 'site', key: host },
        pyramid,
        [captureId],
        new Date(now),
      );
      await tools.cases.decide(
        id,
        { verdict: 'confirm', by: 'aigerim', ground: 'KZ-CC-217', reason: 'выплаты' },
        new Date(now),
      );
      await tools.cases.approve(id, 'bolat', new Date(now));
      if (!isOut) return id;
      const plan = [2, 24, 168].map((hours) => new Date(now + hours * HOUR).toISOString());
      const referral: Referral = {
        ...sample,
        caseId: id,
        url,
        hostname: host,
        detection: { ...sample.detection, captureId },
        review: { recheckAt: plan, expiresAt: plan[2]! },
      };
      const software = { name: 'kuzet', version: '0.1.0' };
      await batchStore(db).take({
        org: 'EXAMPLE',
        channel: 'operator_block',
        software,
        rows: [{ caseId: id, referral }],
        now: new Date(now),
      });
      await say(id, 'handed_over', 'acknowledged');
      return id;
    };
    const say = (
      id: string,
      ...kinds: (
        | 'handed_over'
        | 'acknowledged'
        | 'prescription'
        | 'restricted'
        | 'platform_notified'
        | 'removed'
        | 'resumed'
      )[]
    ) =>
      tools.passages.add(
        id,
        kinds.map((kind) => ({ at: new Date(now), by: 'aigerim', kind, facts: {} })),
      );
    /** What a worker would have made of the host's open visit. */
    const visit = async (
      host: string,
      page: {
        status?: number;
        verdict?: 'flag' | 'clear';
        finalUrl?: string;
        fails?: boolean;
        profile?: ProfileName | undefined;
      },
    ): Promise<string | null> => {
      const claimed = (await tools.visits.claim(host, newRowId(), new Date(now)))!;
      const due = (await tools.visits.nextDue(claimed))!;
      const whole = captured(claimed, due, []);
      const { capture, page: row } = whole.captured;
      const finalUrl = page.finalUrl ?? due.url;
      const seen = {
        ...whole.captured,
        capture: {
          ...capture,
          id: newRowId(),
          capturedAt: new Date(now),
          status: page.status ?? 200,
          finalUrl,
          ...(page.profile === undefined ? {} : { profile: page.profile }),
        },
        page: {
          ...row,
          subject: subjectOf(new URL(finalUrl)),
          assessment: { ...row.assessment, verdict: page.verdict ?? ('flag' as const) },
        },
      };
      const failed = { is: 'failed', reason: 'timeout', detail: 'no answer' } as const;
      const visited =
        page.fails === true
          ? { ...whole, captured: null, outcome: failed }
          : { ...whole, captured: seen, outcome: { is: 'captured' as const, captureId: seen.capture.id } };
      await tools.visits.finish(claimed, due, visited);
      await tools.visits.close(claimed, new Date(now));
      return page.fails === true ? null : seen.capture.id;
    };
    const stateOf = async (id: string) => (await tools.passages.get(id)).passage.state;
    const round = () => aftercareRound(tools);

    test('at the hours of its plan, once each, and once for all that were missed', async () => {
      const id = await site('plan.test');
      expect((await round()).asked).toBe(0);
      now += 2 * HOUR;
      expect((await round()).asked).toBe(1);
      expect(swept).toBe(1);
      expect((await round()).asked).toBe(0);
      await visit('plan.test', {});
      expect((await round()).seen).toEqual([{ caseId: id, what: 'up', event: null }]);
      now += 200 * HOUR;
      expect((await round()).asked).toBe(1);
      await visit('plan.test', {});
      expect((await round()).seen).toHaveLength(1);
      expect((await round()).asked).toBe(0);
      expect((await tools.rechecks.sights(id)).map(({ what }) => what)).toEqual(['up', 'up']);
    });

    test('as the visitor too that was shown what its case stands on, and as Kuzet alone where that was enough', async () => {
      await site('cloaked.test', true, 'ad-social');
      await site('open.test');
      now += 2 * HOUR;
      await round();
      await round();
      const asked = async (host: string) =>
        (await tools.visits.claim(host, newRowId(), new Date(now)))?.settings.seenAs;
      expect([await asked('cloaked.test'), await asked('open.test')]).toEqual(['ad-social', undefined]);
    });

    test.each([
      ['restricted', { status: 404 }, 'gone', 'content_gone'],
      ['restricted', { verdict: 'clear' as const }, 'changed', 'content_gone'],
      ['restricted', {}, 'up', 'restricted'],
      ['removed', {}, 'up', 'relapsed'],
      ['platform_notified', { status: 410 }, 'gone', 'removed_at_source'],
      ['restricted', { finalUrl: 'https://elsewhere.test/' }, 'moved', 'relapsed'],
    ] as const)('when %s and then seen as %o: %s, so it is %s', async (before, page, what, state) => {
      made += 1;
      const host = `seen-${made}.test`;
      const id = await site(host);
      await say(id, before);
      now += 2 * HOUR;
      await round();
      await round();
      await visit(host, page);
      expect((await round()).seen).toMatchObject([{ caseId: id, what }]);
      expect(await stateOf(id)).toBe(state);
    });

    test('is gone when it cannot be reached twice running, not once', async () => {
      const id = await site('away.test');
      await say(id, 'restricted');
      for (const [hours, state] of [
        [2, 'restricted'],
        [24, 'content_gone'],
      ] as const) {
        now += hours * HOUR;
        await round();
        await round();
        await visit('away.test', { fails: true });
        await round();
        expect(await stateOf(id)).toBe(state);
      }
    });

    test('is late after its hours, and that is noted once', async () => {
      const id = await site('late.test');
      await say(id, 'prescription');
      now += 1 * HOUR;
      expect((await round()).late).toEqual([]);
      now += 2 * HOUR;
      expect((await round()).late).toEqual([{ caseId: id, event: 'overdue' }]);
      expect((await round()).late).toEqual([]);
    });

    test('has its look-alike, opened later, for a child', async () => {
      const parent = await site('first-name.test');
      await say(parent, 'restricted');
      now += 1000;
      const child = (
        await tools.cases.sight({ kind: 'site', key: 'new-name.test' }, pyramid, [], new Date(now))
      ).id;
      for (const name of ['first-name.test', 'new-name.test'])
        await db.query("insert into site_print (site, at, print) values ($1, $2, '{}')", [
          name,
          new Date(now),
        ]);
      await db.query(
        "insert into look_alike (site, other, score, reasons, at) values ('new-name.test', 'first-name.test', 0.97, '[]', $1)",
        [new Date(now)],
      );
      expect((await round()).mirrors).toBe(1);
      expect((await round()).mirrors).toBe(0);
      expect(await tools.rechecks.childrenOf(parent)).toEqual([child]);
      expect(await stateOf(parent)).toBe('relapsed');
    });

    test('waits for its batch with a fresh look behind it', async () => {
      const id = await site('waiting.test', false);
      const count = async () => (await round()).refreshed;
      const before = await count();
      now += 21 * HOUR;
      expect(await count()).toBe(before + 1);
      expect(await count()).toBe(0);
      await visit('waiting.test', {});
      now += 10 * HOUR;
      expect(await count()).toBe(0);
      expect((await tools.cases.get(id)).state.is).toBe('approved');
    });

    test('without a page to look at keeps no other from its fresh look', async () => {
      const { id } = await tools.cases.sight({ kind: 'site', key: 'bare.test' }, pyramid, [], new Date(now));
      const decision = { verdict: 'confirm', by: 'aigerim', ground: 'KZ-CC-217', reason: 'выплаты' } as const;
      await tools.cases.decide(id, decision, new Date(now));
      const stands = async () => {
        const ago = (hours: number) => new Date(now - hours * HOUR);
        return (await tools.rechecks.stale(ago(20), ago(6), 100)).includes(id);
      };
      expect(await stands()).toBe(true);
      await round();
      expect(await stands()).toBe(false);
      now += 7 * HOUR;
      expect(await stands()).toBe(true);
    });

    test('is known to be blocked from where a block can be seen', async () => {
      const id = await site('probe.test');
      await say(id, 'prescription');
      const line = (url: string) =>
        JSON.stringify({
          input: url,
          measurement_start_time: '2026-05-20 06:00:00',
          test_keys: { tls_handshakes: [{ failure: 'generic_timeout_error' }], blocking: 'http-failure' },
        });
      const text = `${line('https://probe.test/')}\n${line('https://not-ours.test/')}\n`;
      expect(await takeMeasurements({ text, vantage: 'kz-1' }, tools)).toEqual({
        rows: 2,
        known: 1,
        moved: 1,
      });
      expect(await takeMeasurements({ text, vantage: 'kz-1' }, tools)).toEqual({
        rows: 2,
        known: 1,
        moved: 0,
      });
      expect(await stateOf(id)).toBe('restricted');
      expect(await tools.rechecks.sights(id)).toMatchObject([
        { vantage: 'kz-1', what: 'blocked', detail: 'tls_timeout' },
      ]);
    });

    test('and every step of it is in the ledger', async () => {
      expect((await ledgerStore(db).verify()).ok).toBe(true);
    });

    test('case by case: one that fails holds up no other, is tried later and later, and is left for a person', async () => {
      const bad = await site('bad.test');
      await say(bad, 'prescription');
      const good = await site('good.test');
      await say(good, 'prescription');
      now += 3 * HOUR;
      const broken = {
        ...tools,
        passages: {
          ...tools.passages,
          add: async (id: string, events: Parameters<typeof tools.passages.add>[1]) => {
            if (id === bad) throw new Error('its log is damaged');
            return tools.passages.add(id, events);
          },
        },
      };
      const first = await aftercareRound(broken);
      expect(first.failed).toEqual([
        { caseId: bad, step: 'late', why: 'its log is damaged', isGivenUp: false },
      ]);
      expect(await stateOf(good)).toBe('overdue');
      expect((await aftercareRound(broken)).failed).toEqual([]);
      let tries = 1;
      for (let isGivenUp = false; !isGivenUp; tries += 1) {
        now += 24 * HOUR;
        [{ isGivenUp } = { isGivenUp: true }] = (await aftercareRound(broken)).failed.filter(
          ({ caseId }) => caseId === bad,
        );
      }
      const [fault] = (await tools.faults.list()).filter(({ caseId }) => caseId === bad);
      expect([tries, fault?.tries, fault?.lastError]).toEqual([9, 9, 'its log is damaged']);
      expect((await round()).late.map(({ caseId }) => caseId)).not.toContain(bad);
      expect(await tools.faults.clear(bad)).toBe(1);
      expect((await round()).late.map(({ caseId }) => caseId)).toContain(bad);
      expect(await stateOf(bad)).toBe('overdue');
    });
  });
});
