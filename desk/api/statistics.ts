/** The desk in numbers in API v1: all at once as JSON, and each table as CSV. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { agreementOf, shareOf } from '../../domain/agreement.ts';
import { LABELS } from '../../domain/assessment.ts';
import { harmless, quoted } from '../../exports/kibernadzor/form-csv.ts';
import type { MonthCounts, Period, Rightness } from '../../store/statistics.ts';
import { may } from '../gate.ts';
import { DeskRefusedError } from '../refusal.ts';
import type { DeskEnv } from '../tools.ts';
import { TIME_ZONE } from '../web/speak.ts';
import type { Word, Words } from '../web/words.ts';
import { json, refused } from './schemas.ts';

const DAYS_BY_ITSELF = 30;
const MOST_DAYS = 400;

const day = z.iso.date();
const share = z.number().min(0).max(1).nullable();
const PeriodQuery = z.object({
  from: day.optional().openapi({ param: { name: 'from', in: 'query' }, example: '2026-11-01' }),
  to: day.optional().openapi({ param: { name: 'to', in: 'query' }, example: '2026-11-30' }),
});
const RightnessView = z.object({ name: z.string(), right: z.int(), wrong: z.int(), precision: share });

const StatisticsView = z
  .object({
    from: day,
    to: day,
    waiting: z.array(
      z.object({
        state: z.enum(['open', 'confirmed', 'approved']),
        lane: z.enum(['desk', 'senior', 'watch']),
        cases: z.int(),
        oldest: z.object({ caseId: z.string(), openedAt: z.iso.datetime() }).nullable(),
      }),
    ),
    appealsWaiting: z.object({ appeals: z.int(), oldestAt: z.iso.datetime().nullable() }),
    days: z.array(
      z.object({
        ...{ day, opened: z.int(), confirmed: z.int(), dismissed: z.int() },
        ...{ approved: z.int(), referred: z.int() },
        backlog: z.int().openapi({ description: 'Cases without a first decision when the day ended' }),
      }),
    ),
    pace: z
      .array(
        z.object({
          act: z.enum(['first', 'second']),
          acts: z.int(),
          measured: z.int(),
          medianSeconds: z.number().nullable(),
          ninthSeconds: z.number().nullable(),
        }),
      )
      .openapi({
        description: "From the officer's last look at the case to the act; nine of ten took no longer",
      }),
    precision: z
      .object({
        model: z.array(RightnessView),
        rule: z.array(RightnessView),
        source: z.array(RightnessView).openapi({ description: "'' stands for scans that people asked for" }),
      })
      .openapi({ description: 'Approved cases against those dismissed or overturned' }),
    overturns: z.object({
      ...{ upheld: z.int(), overturned: z.int(), rate: share },
      ...{ decisions: z.int(), reversed: z.int(), reversedShare: share },
    }),
    agreement: z
      .array(
        z.object({
          of: z.enum(['second_looks', 'rereads']),
          pairs: z.int(),
          ...{ bothConfirm: z.int(), confirmThenDismiss: z.int() },
          ...{ dismissThenConfirm: z.int(), bothDismiss: z.int() },
          observed: share,
          kappa: z.number().min(-1).max(1).nullable().openapi({ description: "Cohen's" }),
        }),
      )
      .openapi({
        description: 'Second officers see confirmed cases alone; rereads are blind, of both verdicts',
      }),
    months: z
      .array(
        z.object({
          month: z.string(),
          label: z
            .enum(LABELS)
            .nullable()
            .openapi({ description: "Null in a month's total, which stands first" }),
          ...{ found: z.int(), referred: z.int(), blocked: z.int() },
        }),
      )
      .openapi({ description: 'Cases opened, referrals first handed over, first restricted or removed' }),
  })
  .openapi('Statistics');
type StatisticsTold = z.infer<typeof StatisticsView>;

const TABLES = [
  'waiting',
  'days',
  'pace',
  'model',
  'rule',
  'source',
  'overturns',
  'agreement',
  'months',
] as const;
export type StatisticsTable = (typeof TABLES)[number];

export const ReadStatistics = createRoute({
  method: 'get',
  path: '/api/statistics',
  middleware: [may('statistics.read')],
  request: { query: PeriodQuery },
  responses: {
    200: json(StatisticsView, `The last ${DAYS_BY_ITSELF} days when no period is named; days are Almaty's`),
    ...refused,
  },
});
export const ReadTable = createRoute({
  method: 'get',
  path: '/api/statistics/tables/{table}',
  middleware: [may('statistics.read')],
  request: {
    params: z.object({ table: z.enum(TABLES).openapi({ param: { name: 'table', in: 'path' } }) }),
    query: PeriodQuery,
  },
  responses: {
    200: {
      description:
        'UTF-8 with a byte order mark, semicolons between, no cell a formula; headings as the desk speaks',
      content: { 'text/csv': { schema: z.string() } },
    },
    ...refused,
  },
});

export function addStatistics(app: OpenAPIHono<DeskEnv>): void {
  app.openapi(ReadStatistics, async (c) =>
    c.json(await statisticsOf(c, periodOf(c, c.req.valid('query'))), 200),
  );
  app.openapi(ReadTable, async (c) => {
    const { table } = c.req.valid('param');
    const period = periodOf(c, c.req.valid('query'));
    const rows = tableOf(table, await statisticsOf(c, period), c.get('words'));
    const name = `kuzet-${table}-${period.from}-${period.to}.csv`;
    return c.body(csv(rows), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="${name}"`,
    });
  });
}

/** @throws DeskRefusedError when it ends before it begins, or is longer than is looked through at once. */
function periodOf(
  c: Context<DeskEnv>,
  asked: { readonly from?: string | undefined; readonly to?: string | undefined },
): Period {
  const to = asked.to ?? dayOf(c.get('tools').clock.now());
  const from = asked.from ?? daysBefore(to, DAYS_BY_ITSELF - 1);
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  if (days < 1 || days > MOST_DAYS)
    throw new DeskRefusedError(422, 'bad_request', `Name a period of 1 to ${MOST_DAYS} days.`);
  return { from, to };
}

/** The day of Almaty's clock. */
function dayOf(at: Date): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: TIME_ZONE }).format(at);
}

function daysBefore(to: string, days: number): string {
  return new Date(Date.parse(to) - days * 86_400_000).toISOString().slice(0, 10);
}

async function statisticsOf(c: Context<DeskEnv>, period: Period): Promise<StatisticsTold> {
  const { statistics } = c.get('tools').stores;
  const waiting = await statistics.waiting();
  const appeals = await statistics.appealsWaiting();
  const judged = await statistics.appeals(period);
  const { decisions, reversed } = await statistics.reversals(period);
  const agreement = [
    { of: 'second_looks' as const, ...(await statistics.secondLooks(period)) },
    { of: 'rereads' as const, ...(await statistics.rereads(period)) },
  ];
  const precision = async (by: 'model' | 'rule' | 'source') =>
    (await statistics.rightness(period, by)).map(withPrecision);
  return {
    ...period,
    waiting: waiting.map(({ oldest, ...it }) => ({
      ...it,
      oldest: oldest === null ? null : { ...oldest, openedAt: oldest.openedAt.toISOString() },
    })),
    appealsWaiting: { appeals: appeals.appeals, oldestAt: appeals.oldestAt?.toISOString() ?? null },
    days: await statistics.days(period),
    pace: await statistics.pace(period),
    precision: {
      model: await precision('model'),
      rule: await precision('rule'),
      source: await precision('source'),
    },
    overturns: {
      ...judged,
      rate: shareOf(judged.overturned, judged.upheld + judged.overturned),
      ...{ decisions, reversed, reversedShare: shareOf(Math.min(reversed, decisions), decisions) },
    },
    agreement: agreement.map((it) => ({ ...it, ...agreementOf(it) })),
    months: withTotals(await statistics.months(period)),
  };
}

function withPrecision(it: Rightness): z.infer<typeof RightnessView> {
  return { ...it, precision: shareOf(it.right, it.right + it.wrong) };
}

const AGREEMENT = ['both_confirm', 'confirm_dismiss', 'dismiss_confirm', 'both_dismiss', 'observed', 'kappa'];

type Cell = string | number | null;

/** A table with its headings, as it stands behind its chart. */
function tableOf(table: StatisticsTable, it: StatisticsTold, words: Words): Cell[][] {
  const say = (word: Word) => words.say(word);
  const heads = (...names: string[]) => names.map((name) => words.sayIfKnown(`statistics.${name}`, name));
  switch (table) {
    case 'waiting':
      return [
        heads('where', 'cases', 'oldest', 'opened_at'),
        ...it.waiting.map(({ state, lane, cases, oldest }) => [
          say(`statistics.place.${state}.${lane}` as Word),
          cases,
          oldest?.caseId ?? '',
          oldest?.openedAt ?? '',
        ]),
        [say('statistics.place.appeals'), it.appealsWaiting.appeals, '', it.appealsWaiting.oldestAt ?? ''],
      ];
    case 'days':
      return [
        heads('day', 'opened', 'confirmed', 'dismissed', 'approved', 'referred', 'backlog'),
        ...it.days.map(({ day: on, opened, confirmed, dismissed, approved, referred, backlog }) => [
          ...[on, opened, confirmed, dismissed, approved, referred, backlog],
        ]),
      ];
    case 'pace':
      return [
        heads('act', 'acts', 'measured', 'median', 'ninth'),
        ...it.pace.map(({ act, acts, measured, medianSeconds, ninthSeconds }) => [
          say(`statistics.act.${act}`),
          acts,
          measured,
          rounded(medianSeconds, 1),
          rounded(ninthSeconds, 1),
        ]),
      ];
    case 'model':
    case 'rule':
    case 'source':
      return [
        heads(table, 'right', 'wrong', 'precision_share'),
        ...it.precision[table].map(({ name, right, wrong, precision }) => [
          name === '' ? say('statistics.by_people') : name,
          right,
          wrong,
          rounded(precision, 4),
        ]),
      ];
    case 'overturns': {
      const { upheld, overturned, rate, decisions, reversed, reversedShare } = it.overturns;
      return [
        heads('upheld', 'overturned', 'overturn_rate', 'decisions', 'reversed', 'reversed_share'),
        [upheld, overturned, rounded(rate, 4), decisions, reversed, rounded(reversedShare, 4)],
      ];
    }
    case 'agreement':
      return [
        heads('look', ...AGREEMENT),
        ...it.agreement.map((of) => [
          say(`statistics.look.${of.of}`),
          ...[of.bothConfirm, of.confirmThenDismiss, of.dismissThenConfirm, of.bothDismiss],
          rounded(of.observed, 4),
          rounded(of.kappa, 4),
        ]),
      ];
    case 'months':
      return [
        heads('month', 'label', 'found', 'handed_over', 'blocked'),
        ...it.months.map(({ month, label, found, referred, blocked }) => [
          month,
          label === null ? say('statistics.total') : say(`label.${label}`),
          found,
          referred,
          blocked,
        ]),
      ];
  }
}

/** Each month's total, then the kinds that it is made of: the form of the ministry's own table. */
function withTotals(months: readonly MonthCounts[]): StatisticsTold['months'] {
  return [...new Set(months.map(({ month }) => month))].flatMap((month) => {
    const kinds = months.filter((it) => it.month === month);
    const sum = (name: 'found' | 'referred' | 'blocked') => kinds.reduce((total, it) => total + it[name], 0);
    return [
      { month, label: null, found: sum('found'), referred: sum('referred'), blocked: sum('blocked') },
      ...kinds,
    ];
  });
}

function rounded(value: number | null, digits: number): number | null {
  return value === null ? null : Number(value.toFixed(digits));
}

function csv(rows: readonly (readonly Cell[])[]): string {
  // Numbers are ours; text may be a source's or a rule's name.
  const cell = (it: Cell) => (typeof it === 'number' ? String(it) : quoted(harmless(it ?? '')));
  return `\ufeff${rows.map((row) => `${row.map(cell).join(';')}\r\n`).join('')}`;
}
