import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { partOf } from '../../classifiers/lookalike-sites.ts';
import { loadModel } from '../../classifiers/model.ts';
import { isDrawn } from '../../classifiers/proposals.ts';
import { readPage } from '../../crawler/extract/page.ts';
import type { Assessment } from '../../domain/assessment.ts';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import { openEvidenceFolder } from '../../evidence/folder.ts';
import type { EvidenceStore } from '../../evidence/store.ts';
import { type ConcludeTools, conclude } from '../../queues/conclude.ts';
import { judgeHere } from '../../queues/judge.ts';
import { lineageOf } from '../../queues/lineage.ts';
import { printParts } from '../../queues/reading/print-parts.ts';
import { type CapturedPage, captureStore } from '../../store/captures.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { lookalikeStore } from '../../store/lookalikes.ts';
import { openDatabase } from '../../store/open.ts';
import { reviewStore } from '../../store/reviews.ts';
import { visitStore } from '../../store/visits.ts';
import { at, captured, id } from '../conformance/rows.ts';

const SHOP =
  'Интернет-магазин бытовой техники. Доставка по городу, оплата при получении, гарантия один год. Адрес и телефон в разделе контакты.';
const AZERI =
  'Şəhərin mərkəzindəki kitabxana bu həftə yenidən açıldı. Oxucular köhnə qəzetləri və əlyazmaları görə biləcəklər, uşaqlar üçün ayrıca otaq düzəldilib.';

describe('the end of a visit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-conclude-'));
  let db: Database;
  let tools: ConcludeTools & { readonly evidence: EvidenceStore };
  beforeAll(async () => {
    db = await openDatabase({ memory: true });
    tools = {
      captures: captureStore(db),
      cases: caseStore(db),
      reviews: reviewStore(db),
      lookalikes: lookalikeStore(db),
      parts: printParts(),
      judge: judgeHere(),
      evidence: await openEvidenceFolder(join(folder, 'evidence')),
      model: loadModel(),
      clock: { now: () => at, sleep: async () => undefined },
    };
  });
  afterAll(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Visits one page of a host that was so judged, and concludes. */
  async function seen(
    host: string,
    text: string,
    judged: Pick<Assessment, 'verdict' | 'score'>,
    html = `<p>${text} ${host}</p>`,
  ) {
    const visits = visitStore(db);
    const settings = DEFAULT_SETTINGS;
    const seeds = [new URL(`https://${host}/`)];
    await visits.startScan({ id: id(), visitIds: id, seeds, refusals: [], settings, now: at });
    const visit = (await visits.claim(host, id(), at))!;
    const due = (await visits.nextDue(visit))!;
    const it = captured(visit, due, []);
    const { page } = it.captured;
    const assessment: Assessment = {
      ...page.assessment,
      ...judged,
      label: judged.score >= 0.5 ? 'pyramid' : 'legit',
      scores: { pyramid: judged.score, legit: 1 - judged.score },
    };
    await visits.finish(visit, due, {
      ...it,
      captured: {
        ...it.captured,
        capture: { ...it.captured.capture, bodySha256: await tools.evidence.put(Buffer.from(html)) },
        page: { ...page, text, assessment },
      },
    });
    await conclude(visit, tools);
    await conclude(visit, tools);
    await visits.close(visit, at);
  }
  const hosts = Array.from({ length: 60 }, (_, n) => `shop-${n}.test`);
  const drawn = hosts.find((key) => isDrawn({ kind: 'site', key }, '2026-05'))!;
  const spared = hosts.filter((key) => !isDrawn({ kind: 'site', key }, '2026-05'));

  test('proposes what was drawn of the cleared, the uncertain and the novel, once each', async () => {
    await seen(drawn, SHOP, { verdict: 'clear', score: 0.02 });
    await seen(spared[0]!, SHOP, { verdict: 'clear', score: 0.02 });
    await seen(spared[1]!, AZERI, { verdict: 'clear', score: 0.02 });
    await seen(spared[2]!, SHOP, { verdict: 'abstain', score: 0.5 });
    await seen(spared[3]!, SHOP, { verdict: 'flag', score: 0.99 });
    const waiting = await tools.reviews.waiting(10);
    expect(waiting.map(({ subject, why }) => [subject.key, why]).sort()).toEqual(
      [
        [drawn, 'audit'],
        [spared[1]!, 'novel'],
        [spared[2]!, 'uncertain'],
      ].sort(),
    );
  });

  test('opens a case for what was flagged and for nothing else', async () => {
    expect((await tools.cases.list({})).map(({ subject }) => subject.key)).toEqual([spared[3]]);
  });

  test('notes every subject, so that what was cleared can be counted', async () => {
    const looked = await tools.reviews.looked(tools.model.name, at);
    expect(looked.map(({ verdict, isDrawn: lot }) => `${verdict} ${lot}`).sort()).toEqual([
      'abstain false',
      'clear false',
      'clear false',
      'clear true',
      'flag false',
    ]);
  });

  test('makes the print of what was kept when its pages were judged, without reading them again', async () => {
    const words = Array.from({ length: 120 }, (_, n) => `пәтер${n} арзан`).join(' ');
    const unread = { read: () => Promise.reject(new Error('read again')) };
    const parts = { of: () => partOf(readPage(`<p>${words}</p>`, 'https://kept.test/')) };
    const page = { capture: { id: 'a' } } as unknown as CapturedPage;
    for (const site of ['kept.test', 'kept-too.test'])
      await lineageOf(site, [page], { ...tools, parts, evidence: unread });
    expect((await tools.lookalikes.of('kept.test')).map(({ site }) => site)).toEqual(['kept-too.test']);
  });

  describe('of a site that moved', () => {
    const words = Array.from({ length: 120 }, (_, n) => `сөз${n} табыс`).join(' ');
    const html = `<html><body><h1>${words}</h1><script>ym(87654321, "init", {})</script></body></html>`;
    const unsure = { verdict: 'abstain', score: 0.5 } as const;

    test('finds its copy, and bears no history while nobody confirmed it', async () => {
      await seen('old-pyramid.test', words, { verdict: 'flag', score: 0.98 }, html);
      await seen('moved-once.test', words, unsure, html);
      expect(await tools.cases.find({ kind: 'site', key: 'moved-once.test' })).toBeNull();
      const [sibling] = await tools.lookalikes.of('moved-once.test');
      expect(sibling).toMatchObject({ site: 'old-pyramid.test', label: 'pyramid', state: 'open' });
      expect((await tools.lookalikes.of('old-pyramid.test')).map(({ site }) => site)).toEqual([
        'moved-once.test',
      ]);
    });

    test('opens its case, naming the confirmed one, once that was confirmed', async () => {
      const old = (await tools.cases.find({ kind: 'site', key: 'old-pyramid.test' }))!;
      const confirm = { verdict: 'confirm', by: 'a', ground: 'KZ-CC-217', reason: 'да' } as const;
      await tools.cases.decide(old.id, confirm, at);
      await seen('moved-twice.test', words, unsure, html);
      const opened = (await tools.cases.find({ kind: 'site', key: 'moved-twice.test' }))!;
      expect(opened.label).toBe('pyramid');
      expect(opened.reasons).toContainEqual(
        expect.objectContaining({
          family: 'cluster',
          excerpt: expect.stringMatching(/^old-pyramid\.test \(text 1\.00, counter yandex 87654321/),
        }),
      );
      expect((await tools.lookalikes.of('moved-twice.test')).map(({ site }) => site)).toEqual([
        'moved-once.test',
        'old-pyramid.test',
      ]);
    });
  });
});
