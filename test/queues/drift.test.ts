import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uuid7 } from '../../domain/id.ts';
import { openQueues } from '../../queues/connection.ts';
import { type DriftTools, driftReport, keepDriftReport } from '../../queues/drift.ts';
import { UPKEEP } from '../../queues/jobs.ts';
import { startUpkeep } from '../../queues/upkeep.ts';
import type { Database } from '../../store/database.ts';
import { modelStore } from '../../store/models.ts';
import { openDatabase } from '../../store/open.ts';
import { reviewStore } from '../../store/reviews.ts';
import { until } from '../engines/places.ts';

const start = Date.UTC(2026, 4, 4, 6);
const hours = (n: number) => new Date(start + n * 3_600_000);

describe('drift', () => {
  let db: Database;
  let now = hours(0);
  let tools: DriftTools;
  beforeAll(async () => {
    db = await openDatabase({ memory: true });
    tools = {
      modelRows: modelStore(db),
      reviews: reviewStore(db),
      models: async () => ({ model: { name: 'kuzet-1' } as never }),
      clock: { now: () => now, sleep: async () => undefined },
    };
    await db.query("insert into scan values (gen_random_uuid(), $1, '{}'::jsonb)", [hours(0)]);
    await db.query(
      "insert into visit (id, scan_id, host, state, queued_at) select gen_random_uuid(), id, 'a.test', 'done', $1 from scan",
      [hours(0)],
    );
  });
  afterAll(() => db.close());

  let made = 0;
  /** Pages that kuzet-1 judged at that hour, `share` of them with the sign. */
  async function pages(count: number, hour: number, share: number, score: number) {
    for (let n = 0; n < count; n += 1) {
      made += 1;
      const random = new Uint8Array(10);
      new DataView(random.buffer).setUint32(6, made);
      const capture = uuid7(hours(hour), random);
      await db.query(
        `insert into capture (id, visit_id, url_key, site_kind, site_key, url, final_url, captured_at, status,
           media_type, body_sha256, body_bytes, warc, hops)
         select $1, id, $2, 'site', 'a.test', 'https://a.test/', 'https://a.test/', $3, 200, 'text/html', '', 0, '',
           '[]'::jsonb from visit`,
        [capture, Buffer.from(String(made)), hours(hour)],
      );
      const signals = n < share * count ? [{ id: 'yield.plan' }] : [];
      const assessment = JSON.stringify({ model: 'kuzet-1', signals });
      await db.query("insert into page values ($1, '', '', $2, 'legit', $3, $4::jsonb)", [
        capture,
        score > 0.6 ? 'flag' : 'clear',
        score,
        assessment,
      ]);
    }
  }

  test('is not told before there is anything to measure against', async () => {
    await pages(150, 1, 0.1, 0.1);
    now = hours(24);
    expect(await driftReport(7, tools)).toMatchObject({
      model: 'kuzet-1',
      reference: null,
      drift: { is: 'too_few' },
      quality: { precision: null, recall: null },
    });
  });

  test('is measured against the first pages at work, which are not news themselves', async () => {
    await pages(150, 30, 0.1, 0.1);
    now = hours(8 * 24);
    expect(await driftReport(7, tools)).toMatchObject({
      reference: { takenFrom: 'first_pages', pages: 300 },
      drift: { is: 'too_few', pages: { was: 300, is: 0 } },
    });
    await pages(250, 9 * 24, 0.1, 0.1);
    now = hours(10 * 24);
    expect((await driftReport(7, tools)).drift).toMatchObject({ is: 'stable', pages: { was: 300, is: 250 } });
  });

  test('shows when other pages come in, and the report is kept', async () => {
    await pages(300, 20 * 24, 0.6, 0.9);
    now = hours(21 * 24);
    const report = await keepDriftReport(tools);
    expect(report.drift).toMatchObject({
      is: 'moved',
      signals: [{ id: 'yield.plan', was: 0.1, is: 0.6 }],
    });
    expect(await tools.modelRows.reports(1)).toEqual([{ at: now, model: 'kuzet-1', report }]);
  });

  test('is looked at every Monday at six in Almaty, once however many work', async () => {
    const queues = await openQueues({ database: db });
    const log = pino({ level: 'silent' });
    const upkeep = await startUpkeep(queues, {
      ...tools,
      aftercare: null,
      dispatch: null,
      tell: null,
      revisit: null,
      wake: null,
      count: null,
      forget: null,
      log,
    });
    const again = await startUpkeep(queues, {
      ...tools,
      aftercare: null,
      dispatch: null,
      tell: null,
      revisit: null,
      wake: null,
      count: null,
      forget: null,
      log,
    });
    const queue = queues.queue<Record<string, never>>(UPKEEP);
    const [scheduler, ...more] = await queue.getJobSchedulers();
    expect(more).toEqual([]);
    expect(scheduler).toMatchObject({ key: 'drift', pattern: '0 6 * * 1', tz: 'Asia/Almaty' });
    const next = new Date(scheduler!.next!);
    expect(new Intl.DateTimeFormat('en', { timeZone: 'Asia/Almaty', weekday: 'long' }).format(next)).toBe(
      'Monday',
    );
    const hour = new Intl.DateTimeFormat('en', { timeZone: 'Asia/Almaty', hour: 'numeric', hour12: false });
    expect(hour.format(next)).toBe('06');

    const before = (await tools.modelRows.reports(10)).length;
    await queue.add('drift', {});
    await until('the report is kept', async () => (await tools.modelRows.reports(10)).length > before);
    await upkeep.close();
    await again.close();
    await queues.close();
  });
});
