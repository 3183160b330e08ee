/** Every number of the statistics, on both engines, counted again from the rows themselves by other means. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Label } from '../../domain/assessment.ts';
import type { CaseId } from '../../domain/case.ts';
import { foldCounts } from '../../store/counts.ts';
import { passageStore } from '../../store/passages.ts';
import type { Engine } from '../engines/places.ts';
import { freshDatabase, postgresMissing, startPostgres } from '../engines/postgres.ts';
import { batchOrder } from '../exports/samples.ts';
import { type Client, loggedIn } from './client.ts';
import { type House, hire, openHouse, see, signal } from './house.ts';

const DAY = 86_400;
const referral = batchOrder(1).referrals[0]!;
const ENGINES = [
  { name: 'PGlite', missing: null },
  { name: 'PostgreSQL', missing: postgresMissing },
] as const;

interface Told {
  readonly waiting: { state: string; lane: string; cases: number; oldest: { caseId: string } | null }[];
  readonly days: Record<string, number | string>[];
  readonly pace: Record<string, unknown>[];
  readonly precision: Record<'model' | 'rule' | 'source', Record<string, unknown>[]>;
  readonly overturns: Record<string, unknown>;
  readonly agreement: Record<string, unknown>[];
  readonly months: Record<string, unknown>[];
  readonly appealsWaiting: { appeals: number };
}

describe.each(ENGINES)('on $name', ({ name, missing }) => {
  describe.skipIf(missing !== null)(missing === null ? '' : `(skipped: ${missing})`, () => {
    let server: Engine | null = null;
    let house: House;
    let boss: Client;

    const found = async (host: string, label: Label, family: string): Promise<CaseId> => {
      const page = { title: host, text: host, score: 0.9, picture: null };
      const signals = [signal(family, 'слова', 2), signal('counter', 'адрес', -1)];
      return (await see(house, label, [{ ...page, url: `https://${host}/`, signals }])).id;
    };
    const confirm = (id: CaseId, by: string) =>
      house.stores.cases.decide(
        id,
        { verdict: 'confirm', by, ground: 'KZ-CC-217', reason: 'Выплаты из взносов.' },
        house.clock.now(),
      );
    const dismiss = (id: CaseId, by: string) =>
      house.stores.cases.decide(
        id,
        { verdict: 'dismiss', by, reason: 'Обычная страница.' },
        house.clock.now(),
      );
    const look = (caseId: CaseId, by: string) =>
      house.stores.log.look({ at: house.clock.now(), by, caseId, kind: 'viewed' });

    beforeAll(async () => {
      if (name === 'PostgreSQL') server = await startPostgres();
      house = await openHouse(
        new Date('2026-10-30T04:00:00Z'),
        server === null ? null : await freshDatabase(server),
      );
      const { cases, appeals, batches } = house.stores;
      const desk = await house.open();
      await hire(house, 'boss', 'supervisor');
      const ids: CaseId[] = [];
      for (const [at, host] of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].entries()) {
        ids.push(
          await found(`${host}.test`, at < 6 ? 'pyramid' : 'phishing', at % 2 === 0 ? 'yield' : 'referral'),
        );
        house.clock.move(DAY / 2 + 3600);
      }
      const [a, b, c, d, e, f, g, h] = ids as [
        CaseId,
        CaseId,
        CaseId,
        CaseId,
        CaseId,
        CaseId,
        CaseId,
        CaseId,
      ];
      for (const [at, id] of [a, b, c, d].entries()) {
        await look(id, 'aigerim');
        house.clock.move(20 + at * 10);
        await confirm(id, 'aigerim');
        house.clock.move(3600 * 5);
      }
      await look(a, 'daniyar');
      house.clock.move(15);
      await cases.approve(a, 'daniyar', house.clock.now());
      await cases.approve(b, 'daniyar', house.clock.now());
      await cases.act(c, { is: 'disagree', by: 'daniyar', reason: 'Не вижу этого.' }, house.clock.now());
      house.clock.move(DAY);
      await dismiss(e, 'aigerim');
      house.clock.move(5);
      await cases.act(e, { is: 'undo', by: 'aigerim' }, house.clock.now());
      await dismiss(f, 'aigerim');
      await dismiss(g, 'aigerim');
      house.clock.move(60);
      await cases.act(g, { is: 'reverse', by: 'aigerim', reason: 'Ошибка.' }, house.clock.now());
      await cases.act(h, { is: 'watch', by: 'aigerim', reason: 'Пусто.', days: 7 }, house.clock.now());
      const { id: batch } = await batches.take({
        org: 'EXAMPLE',
        channel: 'operator_block',
        software: { name: 'kuzet', version: '0.1.0' },
        rows: [a, b].map((caseId) => ({ caseId, referral: { ...referral, caseId } })),
        now: house.clock.now(),
      });
      await batches.finish(batch, 'ab'.repeat(32), house.clock.now());
      const passages = passageStore(house.database);
      const by = 'clerk';
      for (const id of [a, b]) {
        await passages.add(id, [{ at: house.clock.now(), by, kind: 'handed_over', facts: {} }]);
      }
      house.clock.move(DAY);
      for (const kind of ['acknowledged', 'restricted', 'relapsed', 'restricted'] as const)
        await passages.add(a, [{ at: house.clock.now(), by, kind, facts: {} }]);
      const objection = { words: 'Это ошибка, мы магазин.', contact: '', lang: 'ru' } as const;
      for (const [host, verdict] of [
        ['d.test', 'overturned'],
        ['b.test', 'upheld'],
        ['a.test', null],
      ] as const) {
        const subject = { kind: 'site', key: host } as const;
        const sent = await appeals.send(
          { ...objection, url: `https://${host}/`, subject },
          house.clock.now(),
        );
        if (verdict === null) continue;
        const judged = { verdict, by: 'senior', reason: 'Посмотрели ещё раз.' };
        await appeals.judge(sent.code, judged, house.clock.now());
      }
      for (const [first, second, times] of [
        ['confirm', 'confirm', 4],
        ['confirm', 'dismiss', 1],
        ['dismiss', 'confirm', 2],
        ['dismiss', 'dismiss', 3],
      ] as const)
        for (let n = 0; n < times; n += 1)
          await house.database.query(
            `with drawn as (
           insert into reread (case_id, drawn_at, decided_at, decided_by, verdict, is_answered)
           values (1, $1, $1, '{aigerim}', $2, true) returning id)
         insert into reread_answer (reread_id, at, by, verdict, reason, agrees)
         select id, $1, 'daniyar', $3, '', $2 = $3 from drawn`,
            [house.clock.now(), first, second],
          );
      // A session does not outlive the days that passed.
      boss = await loggedIn(desk, 'boss');
    });
    afterAll(async () => {
      await house?.close();
      await server?.stop();
    });

    const told = async (query = '?from=2026-10-30&to=2026-11-15') =>
      (await (await boss.get(`/api/statistics${query}`)).json()) as Told;
    const sql = <Row extends object>(text: string) => house.database.query<Row>(text);

    describe.each(['as it was counted', 'once the counts are folded'])('statistics, %s', (when) => {
      beforeAll(async () => {
        if (when.includes('folded')) await foldCounts(house.database);
      });

      test('tell what waits where, and the oldest of it', async () => {
        const rows = await sql<{ state: string; lane: string; cases: number; oldest: string }>(
          `select state, lane, count(*)::int as cases, 'K-' || lpad((array_agg(id order by opened_at))[1]::text, 6, '0') as oldest
       from cases where state in ('open', 'confirmed', 'approved') group by 1, 2`,
        );
        const { waiting, appealsWaiting } = await told();
        const shown = waiting
          .filter((it) => it.cases > 0)
          .map(({ oldest, ...it }) => ({ ...it, oldest: oldest?.caseId }));
        const byPlace = (x: { state: string; lane: string }, y: { state: string; lane: string }) =>
          `${x.state}${x.lane}`.localeCompare(`${y.state}${y.lane}`);
        expect(shown.sort(byPlace)).toEqual(rows.sort(byPlace));
        expect(shown.length).toBeGreaterThanOrEqual(3);
        expect(appealsWaiting.appeals).toBe(1);
      });

      test('tell what was done on each day of Almaty, and the backlog when it ended', async () => {
        const { days } = await told();
        expect(days.length).toBe(17);
        const acts = await sql<{ day: string; kind: string; n: number }>(
          `select to_char(at at time zone 'Asia/Almaty', 'YYYY-MM-DD') as day, kind, count(*)::int as n from act group by 1, 2`,
        );
        for (const day of days) {
          for (const kind of ['opened', 'confirmed', 'dismissed', 'approved', 'referred'])
            expect([day['day'], kind, day[kind]]).toEqual([
              day['day'],
              kind,
              acts.find((it) => it.day === day['day'] && it.kind === kind)?.n ?? 0,
            ]);
        }
        expect(days.reduce((sum, day) => sum + Number(day['opened']), 0)).toBe(8);
        // A case is in the backlog from its opening, in and out again with each act that changes its state.
        const moves = await sql<{ day: string; change: number }>(
          `select to_char(at at time zone 'Asia/Almaty', 'YYYY-MM-DD') as day,
         case when kind = 'opened' then 1
              when kind in ('confirmed', 'dismissed') then -1
              when kind in ('disagreed', 'reversed', 'overturned') then 1
              when kind = 'undone' then 1 else 0 end as change
       from act where kind <> 'undone' or facts -> 'before' ->> 'is' <> 'open'`,
        );
        for (const day of days) {
          const backlog = moves
            .filter((it) => it.day <= String(day['day']))
            .reduce((sum, it) => sum + it.change, 0);
          expect([day['day'], day['backlog']]).toEqual([day['day'], backlog]);
        }
        const [now] = await sql<{ n: number }>("select count(*)::int as n from cases where state = 'open'");
        expect(days.at(-1)?.['backlog']).toBe(now?.n);
      });

      test('tell how long decisions took since the last look, of those that were looked at', async () => {
        const { pace } = await told();
        expect(pace).toEqual([
          { act: 'first', acts: 6, measured: 4, medianSeconds: 35, ninthSeconds: 47 },
          { act: 'second', acts: 3, measured: 1, medianSeconds: 15, ninthSeconds: 15 },
        ]);
        const [acts] = await sql<{ first: number }>(
          `select count(*) filter (where a.kind in ('confirmed', 'dismissed'))::int as first from act a
       left join act u on u.case_id = a.case_id and u.kind = 'undone' and u.revision = a.revision + 1
       where u.seq is null`,
        );
        expect(acts?.first).toBe(6);
      });

      test('tell how often model, rule and source were right, by the last standing verdict on each case', async () => {
        const { precision } = await told();
        // Standing: a and b approved; f dismissed; d overturned; c, e, g, h without a verdict.
        const right = new Set(['a.test', 'b.test']);
        const wrong = new Set(['f.test', 'd.test']);
        const judged = await sql<{ subject_key: string; reasons: { id: string; contribution: number }[] }>(
          "select subject_key, reasons from cases where subject_key in ('a.test', 'b.test', 'd.test', 'f.test')",
        );
        const rules = new Map<string, [number, number]>();
        for (const { subject_key: site, reasons } of judged) {
          for (const { id, contribution } of reasons) {
            if (contribution <= 0) continue;
            const it = rules.get(id) ?? [0, 0];
            it[right.has(site) ? 0 : 1] += 1;
            rules.set(id, it);
          }
        }
        expect(wrong.size + right.size).toBe(judged.length);
        const expected = [...rules].map(([name, [yes, no]]) => ({
          ...{ name, right: yes, wrong: no, precision: yes / (yes + no) },
        }));
        const byName = (x: { name?: unknown }, y: { name?: unknown }) =>
          String(x.name).localeCompare(String(y.name));
        expect([...precision.rule].sort(byName)).toEqual(expected.sort(byName));
        expect(precision.model).toEqual([{ name: 'kuzet-linear 0.1.0', right: 2, wrong: 2, precision: 0.5 }]);
        expect(precision.source).toEqual([{ name: '', right: 2, wrong: 2, precision: 0.5 }]);
      });

      test('tell what was overturned and taken back, and how far officers agree', async () => {
        const { overturns, agreement } = await told();
        const [judged] = await sql<Record<string, number>>(
          `select count(*) filter (where verdict = 'upheld')::int as upheld,
         count(*) filter (where verdict = 'overturned')::int as overturned from appeal`,
        );
        expect(overturns).toEqual({ ...judged, rate: 0.5, decisions: 6, reversed: 1, reversedShare: 1 / 6 });
        const [second] = await sql<Record<string, number>>(
          `select count(*) filter (where kind = 'approved')::int as "bothConfirm",
         count(*) filter (where kind = 'disagreed')::int as "confirmThenDismiss" from act`,
        );
        expect(agreement[0]).toMatchObject({
          ...second,
          ...{ of: 'second_looks', dismissThenConfirm: 0, bothDismiss: 0, pairs: 3, observed: 2 / 3 },
        });
        // Ten read again: p = 7/10, chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5, kappa = (0.7 - 0.5) / (1 - 0.5).
        expect(agreement[1]).toEqual({
          ...{ of: 'rereads', bothConfirm: 4, confirmThenDismiss: 1, dismissThenConfirm: 2, bothDismiss: 3 },
          ...{ pairs: 10, observed: 0.7, kappa: expect.closeTo(0.4, 10) },
        });
      });

      test('tell by month what was found, referred and blocked, each referral once', async () => {
        const rows = await sql<Record<string, unknown>>(
          `select m.month, c.label, m.found, m.referred, m.blocked from (
         select to_char(at at time zone 'Asia/Almaty', 'YYYY-MM') as month, case_id, 1 as found, 0 as referred, 0 as blocked
           from act where kind = 'opened'
         union all select to_char(min(at) at time zone 'Asia/Almaty', 'YYYY-MM'), case_id, 0, 1, 0
           from passage_event where kind = 'handed_over' group by case_id
         union all select to_char(min(at) at time zone 'Asia/Almaty', 'YYYY-MM'), case_id, 0, 0, 1
           from passage_event where kind in ('restricted', 'removed') group by case_id
       ) m join cases c on c.id = m.case_id`,
        );
        const { months } = await told();
        for (const { month, label, ...counts } of months) {
          const own = rows.filter((it) => it['month'] === month && (label === null || it['label'] === label));
          for (const [name, n] of Object.entries(counts))
            expect([month, label, name, n]).toEqual([
              month,
              label,
              name,
              own.reduce((sum, it) => sum + Number(it[name]), 0),
            ]);
        }
        expect(months.map(({ month, label }) => `${month} ${label ?? 'total'}`)).toEqual([
          ...['2026-10 total', '2026-10 pyramid'],
          ...['2026-11 total', '2026-11 phishing', '2026-11 pyramid'],
        ]);
        expect(
          months.filter(({ label }) => label === null).map(({ referred, blocked }) => [referred, blocked]),
        ).toEqual([
          [0, 0],
          [2, 1],
        ]);
      });
    });

    describe('statistics', () => {
      test('are taken along as CSV with headings as the desk speaks, and no cell is a formula', async () => {
        await sql(
          "insert into source (name, kind, plan, created_at) values ('x', 'urls', '{}'::jsonb, now())",
        );
        const answer = await boss.get('/api/statistics/tables/days?from=2026-10-30&to=2026-10-31&lang=ru');
        expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
        expect(answer.headers.get('content-disposition')).toBe(
          'attachment; filename="kuzet-days-2026-10-30-2026-10-31.csv"',
        );
        const bytes = Buffer.from(await answer.arrayBuffer());
        expect(bytes.subarray(0, 3).toString('hex')).toBe('efbbbf');
        expect(bytes.toString().slice(1).split('\r\n')).toEqual([
          'День;Открыто;Подтверждено;Отклонено;Одобрено;В партиях;Ждут решения',
          '2026-10-30;2;0;0;0;0;2',
          '2026-10-31;1;0;0;0;0;3',
          '',
        ]);
        await sql(
          `update cases set reasons = '[{"id":"=HYPERLINK(1)","contribution":1}]'::jsonb where subject_key = 'a.test'`,
        );
        const rules = await (
          await boss.get('/api/statistics/tables/rule?from=2026-10-30&to=2026-11-15')
        ).text();
        expect(rules).toContain("\r\n'=HYPERLINK(1);1;0;1\r\n");
        for (const table of ['waiting', 'pace', 'model', 'source', 'overturns', 'agreement', 'months'])
          expect([table, (await boss.get(`/api/statistics/tables/${table}?lang=kk`)).status]).toEqual([
            table,
            200,
          ]);
      });

      test('are of the last thirty days by themselves, and of no period that is none or too long', async () => {
        const { days } = await told('');
        expect(days.length).toBe(30);
        for (const [from, to] of [
          ['2026-11-02', '2026-11-01'],
          ['2024-01-01', '2026-11-01'],
        ])
          expect((await boss.get(`/api/statistics?from=${from}&to=${to}`)).status).toBe(422);
        expect((await boss.get('/api/statistics?from=yesterday')).status).toBe(400);
        expect((await boss.get('/api/statistics/tables/people')).status).toBe(400);
      });
    });
  });
});
