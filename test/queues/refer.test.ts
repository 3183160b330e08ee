import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batchText } from '../../cli/refer-words.ts';
import type { Referral } from '../../domain/record.ts';
import { unzip } from '../../domain/zip.ts';
import { verifyWarc } from '../../evidence/warc-read.ts';
import { quoted } from '../../exports/kibernadzor/form-csv.ts';
import { verifyBatch } from '../../exports/kibernadzor/verify.ts';
import { systemClock } from '../../queues/clock.ts';
import {
  BatchNotAsSeenError,
  batchFile,
  buildBatch,
  previewBatch,
  type ReferNews,
  type ReferTools,
} from '../../queues/refer.ts';
import { appealStore } from '../../store/appeals.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { openDatabase } from '../../store/open.ts';
import { overrideStore } from '../../store/overrides.ts';
import { approvedCase } from './approved.ts';
import { referTools } from './refer-tools.ts';

describe('building a batch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-refer-'));
  const at = new Date('2026-05-04T06:00:00Z');
  let db: Database;
  let tools: ReferTools;

  beforeAll(async () => {
    db = await openDatabase({ memory: true });
    tools = await referTools(db, folder, systemClock);
    const cases = caseStore(db);
    const seen = { label: 'pyramid' as const, signals: [], sketch: [] };
    for (const key of ['a.test', 'b.test', 'c.test']) {
      const sighting = { label: 'pyramid' as const, score: 0.9, seen, reasons: [] };
      const { id } = await cases.sight({ kind: 'site', key }, sighting, [], at);
      await cases.decide(id, { verdict: 'confirm', by: 'a', ground: 'KZ-CC-217', reason: 'выплаты' }, at);
      await cases.approve(id, 'b', at);
    }
  });
  afterAll(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const build = async (quarantine: boolean) => {
    const news: ReferNews[] = [];
    for await (const event of buildBatch({ channel: 'operator_block', quarantine, limit: 1 }, tools))
      news.push(event);
    return news;
  };

  test('looks past cases that may not leave, so that they hide none behind them', async () => {
    const refused = (await build(true)).filter((event) => event.event === 'refused');
    expect(refused.map(({ caseId }) => caseId)).toEqual(['K-000001', 'K-000002', 'K-000003']);
  });

  test('says why in three languages, and the same to whoever reads the lines by program', async () => {
    const refused = (await build(true)).find((event) => event.event === 'refused')!;
    expect(refused.about).toEqual({ key: 'capture.none', facts: {} });
    expect([batchText(refused, 'ru'), batchText(refused, 'kk'), batchText(refused, 'en')]).toEqual([
      'нельзя направить: K-000001  capture: ни одна его страница не сохранена; просканируйте сайт снова',
      'жіберуге болмайды: K-000001  capture: оның бірде-бір беті сақталмаған; сайтты қайта сканерлеңіз',
      'may not leave: K-000001  capture: none of its pages is kept; scan the site again',
    ]);
    const none = (await build(false)).at(-1)!;
    expect(batchText(none, 'kk')).toContain('жіберуге болмайтын істер саны — 3');
  });

  test('says how many cases may not leave, and takes none of them', async () => {
    expect((await build(false)).at(-1)).toMatchObject({
      event: 'nothing',
      why: expect.stringContaining('3 cases may not leave'),
    });
    expect(await tools.batches.list()).toEqual([]);
    expect(await tools.batches.waiting(10, 0)).toHaveLength(3);
  });
});

describe('the next batch, looked at before it is built', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-refer-'));
  let now = new Date('2026-11-22T10:00:00Z');
  let db: Database;
  let tools: ReferTools;
  beforeAll(async () => {
    db = await openDatabase({ memory: true });
    tools = await referTools(db, folder, { now: () => now, sleep: async () => undefined });
  });
  afterAll(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const order = { channel: 'operator_block', limit: 50 } as const;
  const later = (hours: number) => {
    now = new Date(now.getTime() + hours * 3_600_000);
  };
  const build = async (expects?: string) => {
    const news: ReferNews[] = [];
    for await (const event of buildBatch({ ...order, quarantine: true, expects }, tools)) news.push(event);
    return news;
  };

  test('has the very rows of the file, and is built only while they are the same', async () => {
    const id = await approvedCase(1, { db, evidence: tools.evidence, now });
    const seen = await previewBatch(order, tools);
    expect(seen).toMatchObject({ last: null, refused: [], objected: [], isMore: false, leftOutBefore: [] });
    expect(seen.rows.map(({ caseId, sentBefore }) => [caseId, sentBefore])).toEqual([[id, []]]);

    await approvedCase(2, { db, evidence: tools.evidence, now });
    await expect(build(seen.digest)).rejects.toThrow(BatchNotAsSeenError);
    expect(await tools.batches.list()).toEqual([]);
    const anew = await previewBatch(order, tools);
    const news = await build(anew.digest);
    const built = news.find((event) => event.event === 'built')!;
    const csv = (await unzip(readFileSync(built.file))).get('form/links.csv')!.toString();
    const lines = [anew.columns, ...anew.rows.map(({ cells }) => cells)];
    expect(csv).toBe(`\ufeff${lines.map((cells) => `${cells.map(quoted).join(';')}\r\n`).join('')}`);
    expect(anew.rows[0]!.cells.slice(0, 2)).toEqual(['Site 1', 'https://piramida-1.test/kirisu']);
  });

  test('writes neither rows nor evidence', async () => {
    await approvedCase(3, { db, evidence: tools.evidence, now });
    const kept = readdirSync(join(folder, 'evidence'), { recursive: true });
    const rows = await db.query('select count(*) as n from ledger');
    await previewBatch(order, tools);
    expect(readdirSync(join(folder, 'evidence'), { recursive: true })).toEqual(kept);
    expect(await db.query('select count(*) as n from ledger')).toEqual(rows);
  });

  test('says of each case that may not leave why, apart from any language, and which were left out before', async () => {
    const text = 'Income of 3 % a day, 10 % for everyone you bring.';
    const kept = await approvedCase(4, { db, evidence: tools.evidence, now, text });
    later(1);
    const { batch } = (await build()).find((event) => event.event === 'built')!;
    const { rows, refused, last } = await previewBatch(order, tools);
    expect([rows, last?.batch]).toEqual([[], batch]);
    const url = 'https://piramida-4.test/kirisu';
    expect(refused).toMatchObject([
      { caseId: kept, rule: 'OB11', isSoft: true, about: { key: 'OB11.no_tie', facts: { url } } },
    ]);
    const overrides = overrideStore(db);
    const found = { rule: 'OB11', why: refused[0]!.why, about: refused[0]!.about };
    await overrides.ask({ caseId: kept, found, by: 'a', why: 'Реклама шла в Алматы.' }, now);
    await overrides.answer(kept, 'OB11', { is: 'confirmed', by: 'b', words: '' }, now);
    const letGo = await previewBatch(order, tools);
    expect(letGo.rows.map(({ caseId }) => caseId)).toEqual([kept]);
    expect(letGo.leftOutBefore).toEqual([kept]);
  });

  test('warns of a host that went out before, and leaves a case waiting that somebody objects to', async () => {
    const id = await approvedCase(5, { db, evidence: tools.evidence, now });
    const other = await approvedCase(6, { db, evidence: tools.evidence, now });
    const { org, software } = tools;
    const [, ...rest] = await tools.batches.waiting(10, 0);
    expect(rest.map((it) => it.id)).toEqual([id, other]);
    const referral = {
      caseId: other,
      url: 'https://piramida-5.test/old',
      effectiveBlockScope: { value: 'piramida-5.test' },
    };
    const rows = [{ caseId: other, referral: referral as unknown as Referral }];
    const sent = await tools.batches.take({ org, software, channel: 'operator_block', rows, now });
    const { rows: next } = await previewBatch(order, tools);
    expect(next.find((row) => row.caseId === id)?.sentBefore).toEqual([sent.id]);

    const appeal = {
      url: 'https://piramida-5.test/kirisu',
      words: 'Это учебная страница.',
      contact: '',
      lang: 'ru',
    } as const;
    await appealStore(db).send({ ...appeal, subject: { kind: 'site', key: 'piramida-5.test' } }, now);
    const held = await previewBatch(order, tools);
    expect(held.objected).toEqual([id]);
    expect(held.rows.map(({ caseId }) => caseId)).not.toContain(id);
  });
});

describe('a batch of a case whose host is known', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-refer-'));
  const now = new Date('2026-11-22T10:00:00Z');
  let db: Database;
  afterAll(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('has the certificates, the answers of name servers and registries, and the way to the page as files', async () => {
    db = await openDatabase({ memory: true });
    const tools = await referTools(db, folder, { now: () => now, sleep: async () => undefined });
    const id = await approvedCase(1, { db, evidence: tools.evidence, now });
    const built = await builtOf(tools);
    const files = await unzip(readFileSync(built.file));
    const text = (name: string) => files.get(`evidence/${id}/${name}`)?.toString();
    expect(text('tls.pem')).toBe('-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n');
    expect(JSON.parse(text('rdap.json')!)).toMatchObject({
      domain: { name: 'piramida-1.test', registrar: 'Example Registrar LLC' },
    });
    expect(JSON.parse(text('dns.json')!)).toMatchObject([{ type: 'A', data: ['192.0.2.7'], ttl: 300 }]);
    expect(JSON.parse(text('redirects.json')!)).toEqual([
      { url: 'https://piramida-1.test/kirisu', status: 200, location: null },
    ]);
    expect(await verifyBatch(readFileSync(built.file), verifyWarc)).toMatchObject({ ok: true });
  });

  test('has its letters on paper as they were printed once, whatever a browser would print later', async () => {
    const tools = await referTools(db, folder, { now: () => now, sleep: async () => undefined });
    await approvedCase(2, { db, evidence: tools.evidence, now });
    const printed: string[][] = [];
    const print: ReferTools['print'] = async (pages) => {
      printed.push([...pages]);
      return { is: 'printed', pdfs: pages.map((_, at) => Buffer.from(`%PDF-1.4 ${at} ${printed.length}`)) };
    };
    const built = await builtOf({ ...tools, print });
    expect(built.unprinted).toBeNull();
    const zip = readFileSync(built.file);
    const files = await unzip(zip);
    expect(files.get('letters/operator_block.ru.pdf')?.toString()).toBe('%PDF-1.4 0 1');
    expect(files.get('letters/operator_block.kk.pdf')?.toString()).toBe('%PDF-1.4 1 1');
    expect(printed[0]?.[1]).toContain('Қосымшадағы өтініштерді қарауды сұраймыз');
    expect(files.get('README.kk.txt')?.toString()).toContain('сол хаттың қағаз түрі, PDF');
    expect(await verifyBatch(zip, verifyWarc)).toMatchObject({ ok: true });

    rmSync(built.file);
    expect((await batchFile(built.batch, { ...tools, print })).bytes.equals(zip)).toBe(true);
    expect(printed).toHaveLength(1);
  });

  test('says in its manifest, its notes and on the screen that no browser was there to print', async () => {
    const tools = await referTools(db, folder, { now: () => now, sleep: async () => undefined });
    await approvedCase(3, { db, evidence: tools.evidence, now });
    const built = await builtOf(tools);
    expect(built.unprinted).toBe('no browser here');
    expect(batchText(built, 'en')).toContain('letters are HTML alone, not PDF: no browser here');
    const zip = readFileSync(built.file);
    const files = await unzip(zip);
    expect(JSON.parse(files.get('manifest.json')!.toString())).toMatchObject({ lettersAsPdf: false });
    expect(files.get('README.ru.txt')?.toString()).toContain('только HTML');
    expect([...files.keys()].filter((path) => path.endsWith('.pdf'))).toEqual([]);
    const { checks, ok } = await verifyBatch(zip, verifyWarc);
    expect([ok, checks.find(({ name }) => name === 'views')?.detail]).toEqual([
      true,
      expect.stringContaining('no PDF letters'),
    ]);
  });

  const builtOf = async (tools: ReferTools) => {
    for await (const event of buildBatch({ channel: 'operator_block', quarantine: false, limit: 1 }, tools))
      if (event.event === 'built') return event;
    throw new Error('no batch');
  };
});
