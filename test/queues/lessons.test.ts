import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Subject } from '../../domain/case.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import type { EvidenceStore } from '../../evidence/store.ts';
import { type LessonEvent, type LessonRow, lessonRows } from '../../queues/lessons.ts';
import { captureStore } from '../../store/captures.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { lessonStore } from '../../store/lessons.ts';
import { openDatabase } from '../../store/open.ts';
import { visitStore } from '../../store/visits.ts';
import { at, captured, id, pyramid } from '../conformance/rows.ts';

describe('lessons from decided cases', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-lessons-'));
  let db: Database;
  let evidence: EvidenceStore;
  const later = new Date(at.getTime() + 3_600_000);

  /** Captures one page of a subject and opens its case; answers the case's id. */
  async function seen(host: string, html: string, subject: Subject = { kind: 'site', key: host }) {
    const visits = visitStore(db);
    const seeds = [new URL(`https://${host}/`)];
    await visits.startScan({
      id: id(),
      visitIds: id,
      seeds,
      refusals: [],
      settings: DEFAULT_SETTINGS,
      now: at,
    });
    const visit = (await visits.claim(host, id(), at))!;
    const due = (await visits.nextDue(visit))!;
    const it = captured(visit, due, []);
    const bytes = Buffer.from(html);
    const capture = {
      ...it.captured.capture,
      bodySha256: html === '' ? 'ef'.repeat(32) : await evidence.put(bytes),
    };
    await visits.finish(visit, due, { ...it, captured: { ...it.captured, capture } });
    await visits.close(visit, at);
    return (await caseStore(db).sight(subject, pyramid, [capture.id], at)).id;
  }
  const told = async (): Promise<LessonEvent[]> => {
    const events: LessonEvent[] = [];
    const tools = { lessons: lessonStore(db), captures: captureStore(db), evidence };
    for await (const event of lessonRows(tools)) events.push(event);
    return events;
  };
  const rows = async (): Promise<LessonRow[]> =>
    (await told()).flatMap((event) => ('row' in event ? [event.row] : []));

  beforeAll(async () => {
    db = await openDatabase({ memory: true });
    evidence = await openEvidenceFolder(join(folder, 'evidence'));
  });
  afterAll(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('an open case teaches nothing', async () => {
    await seen('open.test', '<p>ещё не решено</p>');
    expect(await rows()).toEqual([]);
  });

  test('a confirmed page is its label, a dismissed one legit, each read again from its bytes', async () => {
    const cases = caseStore(db);
    const yes = await seen('shop.pyramid.test', '<h1>Доход 3% в день</h1>');
    const no = await seen('news.test', '<p>Полиция о пирамиде</p>');
    const confirm = { verdict: 'confirm', by: 'a', ground: 'KZ-CC-217', reason: 'выплаты' } as const;
    await cases.decide(yes, confirm, later);
    await cases.decide(no, { verdict: 'dismiss', by: 'a', reason: 'это новость' }, later);
    expect(await rows()).toMatchObject([
      {
        case: yes,
        kind: 'page',
        label: 'pyramid',
        source: 'shop.pyramid.test',
        host: 'shop.pyramid.test',
        html: '<h1>Доход 3% в день</h1>',
        text: 'Доход 3% в день',
        how: 'confirmed',
        reason: 'выплаты',
        ground: 'KZ-CC-217',
        at: later.toISOString(),
        isHard: false,
      },
      { case: no, label: 'legit', how: 'dismissed', reason: 'это новость', ground: null, isHard: true },
    ]);
    expect(JSON.stringify(await rows())).not.toContain('"by"');
  });

  test('a case overturned by an appeal teaches that its pages are legit', async () => {
    const case_ = await seen('appeal.test', '<p>Кооператив молока</p>');
    const confirm = { verdict: 'confirm', by: 'a', ground: 'KZ-CC-217', reason: 'похоже' } as const;
    await caseStore(db).decide(case_, confirm, later);
    await db.query(
      "insert into act (at, case_id, revision, by, kind, facts) values ($1, $2, 99, 'c', 'overturned', $3::jsonb)",
      [new Date(later.getTime() + 1000), Number(case_.slice(2)), JSON.stringify({ reason: 'суд' })],
    );
    expect((await rows()).find((row) => row.case === case_)).toMatchObject({
      label: 'legit',
      how: 'overturned',
      isHard: true,
    });
  });

  test('a page whose evidence is gone is named and the rest goes on', async () => {
    const lost = await seen('lost.test', '');
    await caseStore(db).decide(lost, { verdict: 'dismiss', by: 'a', reason: 'нет' }, later);
    const events = await told();
    expect(events.flatMap((event) => ('skipped' in event ? [event.skipped.case] : []))).toEqual([lost]);
    expect(events.length).toBe(4);
  });
});
