import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { timeOfDay } from '../../domain/plan.ts';
import { unzip } from '../../domain/zip.ts';
import { verifyWarc } from '../../evidence/warc-read.ts';
import { sha256Of } from '../../exports/kibernadzor/batch.ts';
import { verifyBatch } from '../../exports/kibernadzor/verify.ts';
import { folderCarrier } from '../../queues/carriers/folder.ts';
import { smartBridge } from '../../queues/carriers/smartbridge.ts';
import { type DispatchTools, dispatchRound, handOver } from '../../queues/dispatch.ts';
import { batchFile, buildBatch } from '../../queues/refer.ts';
import { reissue } from '../../queues/reissue.ts';
import { appealStore } from '../../store/appeals.ts';
import { custodyStore } from '../../store/custody.ts';
import type { Database } from '../../store/database.ts';
import { handoverStore } from '../../store/handovers.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { openDatabase } from '../../store/open.ts';
import { passageStore } from '../../store/passages.ts';
import { reissueStore } from '../../store/reissues.ts';
import { approvedCase } from './approved.ts';
import { KILLS } from './dispatcher.ts';
import { startGateway } from './gateway.ts';
import { mortal } from './mortal.ts';
import { referTools } from './refer-tools.ts';

describe('the plan of batches', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kuzet-dispatch-'));
  let db: Database;
  let tools: DispatchTools;
  /** Three in the afternoon in Almaty, of another day in each test. */
  let now = new Date('2026-11-21T10:00:00.000Z');
  /** Where the batches of this test arrive. */
  let home = '';
  let made = 0;

  beforeAll(async () => {
    db = await openDatabase({ memory: true });
    tools = {
      ...(await referTools(db, folder, { now: () => now, sleep: async () => undefined })),
      handovers: handoverStore(db),
      passages: passageStore(db),
      carrier: null,
      plan: { times: [timeOfDay('16:30')!, timeOfDay('17:00')!], by: 'dana' },
      log: pino({ level: 'silent' }),
    };
  });
  beforeEach(() => {
    const day = now.toISOString().slice(0, 10);
    now = new Date(new Date(`${day}T10:00:00.000Z`).getTime() + 24 * 3_600_000);
    home = join(folder, now.toISOString().slice(0, 10));
    tools = { ...tools, carrier: folderCarrier(join(home, 'out')) };
  });
  afterAll(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const approved = () => {
    made += 1;
    return approvedCase(made, { db, evidence: tools.evidence, now });
  };
  const again = () => ({ ...tools, reissues: reissueStore(db) });
  const round = (over: Partial<DispatchTools> = {}) => dispatchRound({ ...tools, ...over });
  const out = async () => (await readdir(join(home, 'out')).catch(() => [])).sort();
  /** Half past four has come, with nothing left over from before. */
  const begin = async () => {
    await round();
    now = new Date(now.getTime() + 90 * 60_000);
  };

  test('begins with its first moment, and sends nothing of before by itself', async () => {
    await approved();
    const byHand: string[] = [];
    for await (const news of buildBatch({ channel: 'operator_block', quarantine: true, limit: 10 }, tools)) {
      if (news.event === 'built') byHand.push(news.batch);
    }
    expect(byHand).toHaveLength(1);
    now = new Date(now.getTime() + 60_000);
    await approved();
    expect(await round()).toMatchObject({ slot: null, built: [], handedOver: [] });
    expect(await out()).toEqual([]);
    now = new Date(now.getTime() + 90 * 60_000);
    const { built, handedOver } = await round();
    expect(handedOver.map(({ batch }) => batch)).toEqual(built);
    expect(built).not.toContain(byHand[0]);
  });

  test('builds, hands over and tells at its moment, once', async () => {
    await begin();
    const id = await approved();
    const { built, handedOver } = await round();
    expect(await out()).toEqual([`${built[0]}_v1.zip`]);
    expect(sha256Of(await readFile(join(home, 'out', `${built[0]}_v1.zip`)))).toBe(handedOver[0]!.sha256);
    const { passage } = await passageStore(db).get(id);
    expect([passage.state, passage.events[0]?.by]).toEqual(['handed_over', 'dana']);
    const { referrals } = await tools.batches.get(built[0]!);
    const [gone] = (await custodyStore(db).of(referrals[0]!.detection.captureId)).filter(
      ({ kind }) => kind === 'custody',
    );
    expect([gone?.subject, JSON.parse(gone?.entry ?? '{}')]).toMatchObject([
      built[0],
      { what: 'exported', of: built[0], by: 'dana', to: handedOver[0]!.target, cases: [id] },
    ]);
    const other = await approved();
    expect(await round()).toMatchObject({ slot: null, built: [], handedOver: [] });
    expect((await passageStore(db).list(100)).map(({ caseId }) => caseId)).not.toContain(other);
    expect((await ledgerStore(db).verify()).ok).toBe(true);
  });

  test('catches up once for all moments that were missed', async () => {
    await begin();
    await approved();
    now = new Date(now.getTime() + 26 * 3_600_000);
    await approved();
    expect((await round()).built).toHaveLength(1);
    expect((await round()).built).toEqual([]);
  });

  test('a channel that cannot be built holds up neither the others nor what is on its way, and is tried again', async () => {
    await begin();
    await approved();
    const [first = ''] = (await round({ carrier: null })).built;
    now = new Date(now.getTime() + 24 * 3_600_000);
    await approved();
    let isBroken = true;
    const batches: typeof tools.batches = {
      ...tools.batches,
      waiting: (limit, offset) =>
        isBroken
          ? Promise.reject(new Error('a row that nobody can read'))
          : tools.batches.waiting(limit, offset),
    };
    const broken = await round({ batches });
    expect(broken.built).toEqual([]);
    expect(broken.unbuilt).toContainEqual({ channel: 'operator_block', why: 'a row that nobody can read' });
    expect(broken.handedOver.map(({ batch }) => batch)).toEqual([first]);
    await round({ batches });
    expect((await tools.handovers.unbuilt())[0]).toMatchObject({
      tries: 2,
      lastError: 'a row that nobody can read',
    });
    isBroken = false;
    const mended = await round({ batches });
    expect([mended.built.length, mended.unbuilt]).toEqual([1, []]);
    expect(await tools.handovers.unbuilt()).toEqual([]);
    expect(mended.handedOver.map(({ batch }) => batch)).toEqual(mended.built);
  });

  test('tries again what does not arrive, and leaves it to a person in the end', async () => {
    await begin();
    await approved();
    await mkdir(home);
    await writeFile(join(home, 'out'), 'no folder');
    expect((await round()).failed).toMatchObject([{ isGivenUp: false }]);
    expect((await round()).failed).toEqual([]);
    for (let tries = 2; tries <= 8; tries += 1) {
      now = new Date(now.getTime() + 3 * 3_600_000);
      expect((await round({ plan: { times: [], by: '' } })).failed).toMatchObject([
        { isGivenUp: tries === 8 },
      ]);
    }
    const [dead] = await tools.handovers.deliveries();
    expect(dead).toMatchObject({ tries: 8, givenUpAt: now });
    await rm(join(home, 'out'));
    await handOver(dead!.batch, 'bolat', tools);
    expect(await tools.handovers.deliveries()).toEqual([]);
    expect(await out()).toHaveLength(1);
  });

  test('sends a lost batch again as the same bytes under the same ids', async () => {
    await begin();
    const id = await approved();
    const { handedOver } = await round();
    const passages = passageStore(db);
    await passages.add(id, [{ at: now, by: 'kuzet', kind: 'lost', facts: {} }]);
    await rm(join(home, 'out'), { recursive: true });
    const again = await handOver(handedOver[0]!.batch, 'bolat', tools);
    expect([again.n, again.sha256]).toEqual([2, handedOver[0]!.sha256]);
    expect((await passages.get(id)).passage.state).toBe('handed_over');
  });

  test('holds a batch back while somebody objects to a case in it', async () => {
    await begin();
    const id = await approved();
    await round({ carrier: null });
    const { url } = await passageStore(db).get(id);
    const appeals = appealStore(db);
    const subject = { kind: 'site', key: new URL(url).hostname } as const;
    const { code } = await appeals.send(
      { url, words: 'Это ошибка, мы магазин.', contact: '', lang: 'ru', subject },
      now,
    );
    expect((await round()).failed).toMatchObject([{ why: expect.stringContaining(`${id} (appealed)`) }]);
    await appeals.judge(code, { verdict: 'upheld', by: 'dana', reason: 'Обещание видно.' }, now);
    now = new Date(now.getTime() + 60_000);
    expect((await round()).handedOver).toHaveLength(1);
  });

  test('a withdrawn case stays behind, and the others go on in a batch of their own', async () => {
    await begin();
    const ids = [await approved(), await approved(), await approved()];
    const [old = ''] = (await round({ carrier: null })).built;
    const passages = passageStore(db);
    const back = { at: now, by: 'bolat', kind: 'withdrawn' as const, facts: {} };
    await passages.add(ids[1]!, [back]);
    expect((await round()).failed).toMatchObject([{ why: expect.stringContaining(`reissue ${old}`) }]);
    expect(await out()).toEqual([]);

    const news = await reissue({ batch: old, by: 'bolat' }, again());
    expect(news).toMatchObject({ of: old, by: 'bolat', moved: [ids[0], ids[2]], left: [ids[1]] });
    now = new Date(now.getTime() + 60_000);
    expect((await round()).handedOver.map(({ batch }) => batch)).toEqual([news.batch]);
    expect(await out()).toEqual([`${news.batch}_v1.zip`]);
    const states = await Promise.all(ids.map(async (id) => (await passages.get(id)).passage.state));
    expect(states).toEqual(['handed_over', 'withdrawn', 'handed_over']);
    expect((await passages.get(ids[2]!)).row).toBe(2);
    await expect(handOver(old, 'bolat', tools)).rejects.toThrow('in another batch now');
    await expect(reissue({ batch: old, by: 'bolat' }, again())).rejects.toMatchObject({
      facts: { code: 'nothing_left' },
    });
    await expect(reissue({ batch: news.batch, by: 'bolat' }, again())).rejects.toMatchObject({
      facts: { code: 'nothing_left' },
    });

    const file = await readFile(join(home, 'out', `${news.batch}_v1.zip`));
    const verdict = await verifyBatch(file, verifyWarc);
    expect(verdict.checks.filter(({ ok }) => !ok)).toEqual([]);
    const { replaces } = JSON.parse((await unzip(file)).get('manifest.json')!.toString());
    expect(replaces).toEqual({ batch: old, sha256: (await tools.batches.get(old)).sha256 });
    await rm(news.file);
    expect((await batchFile(news.batch, tools)).bytes.equals(file)).toBe(true);
    expect((await batchFile(old, tools)).sha256).toBe((await tools.batches.get(old)).sha256);
    expect((await ledgerStore(db).verify()).ok).toBe(true);
  });

  test('a batch that nothing holds back is not issued again', async () => {
    await begin();
    await approved();
    const [batch = ''] = (await round({ carrier: null })).built;
    await expect(reissue({ batch, by: 'bolat' }, again())).rejects.toMatchObject({
      facts: { code: 'nothing_held' },
    });
    await handOver(batch, 'bolat', tools);
  });

  test('a batch that arrives while its cases are taken out of it is the one that counts', async () => {
    await begin();
    const ids = [await approved(), await approved()];
    const [old = ''] = (await round({ carrier: null })).built;
    let fresh = '';
    const slow = {
      target: 'slow',
      carry: async () => {
        const back = { at: now, by: 'bolat', kind: 'withdrawn' as const, facts: {} };
        await passageStore(db).add(ids[0]!, [back]);
        fresh = (await reissue({ batch: old, by: 'bolat' }, again())).batch;
      },
    };
    await handOver(old, 'dana', { ...tools, carrier: slow });
    expect((await passageStore(db).get(ids[1]!)).passage.events.map(({ kind }) => kind)).toEqual([
      'handed_over',
    ]);
    await expect(handOver(fresh, 'dana', tools)).rejects.toThrow('arrived after all');
    expect((await round()).failed).toEqual([]);
    expect(await out()).not.toContain(`${fresh}_v1.zip`);
  });

  /** A batch of so many cases at a gateway, and what a receipt of it says of rows. */
  const handed = async (n: number) => {
    await begin();
    const ids: string[] = [];
    for (let at = 0; at < n; at += 1) ids.push(await approved());
    const gateway = await startGateway({ password: 's3cret' });
    onTestFinished(() => gateway.close());
    const place = { serviceId: 'TEST_SERVICE', senderId: 'kuzet', password: 's3cret', routeId: null };
    const bridge = { carrier: smartBridge({ ...place, url: gateway.url }, () => now) };
    const [batch = ''] = (await round(bridge)).built;
    const receipts = (...rows: readonly Readonly<Record<string, string>>[]) => {
      const cells = (row: Readonly<Record<string, string>>) =>
        Object.entries(row).map(([name, text]) => `<b:${name}>${text}</b:${name}>`);
      const told = rows.map((row) => `<b:row>${cells(row).join('')}</b:row>`).join('');
      return `<b:receipts xmlns:b="urn:kz:fraud-monitor:kibernadzor-batch:1"><b:fileName>${batch}_v1.zip</b:fileName>${told}</b:receipts>`;
    };
    return { ids, gateway, bridge, batch, receipts };
  };

  test('takes what a gateway says of a batch as the answer to each case in it', async () => {
    const { ids, gateway, bridge, batch } = await handed(2);
    expect([...gateway.files().keys()]).toContain(`${batch}_v1.zip`);
    const states = () => Promise.all(ids.map(async (id) => (await passageStore(db).get(id)).passage.state));
    expect((await round(bridge)).answered).toEqual([]);
    expect(await states()).toEqual(['handed_over', 'handed_over']);
    gateway.answerWith('<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>');
    expect((await round(bridge)).answered).toEqual([]);
    gateway.answerWith(null);
    gateway.say('DELIVERED');
    expect((await round(bridge)).answered).toContain(batch);
    expect(await states()).toEqual(['acknowledged', 'acknowledged']);
    expect((await round(bridge)).answered).toEqual([]);
  });

  test('takes in rows that wait at the gateway as what became of each case, once, and tells that they were taken', async () => {
    const { ids, gateway, bridge, batch, receipts } = await handed(2);
    gateway.say('DELIVERED');
    await round(bridge);
    const rows = receipts(
      { caseId: ids[0]!, outcome: 'prescription', number: '12-3' },
      { title: 'Site 2', outcome: 'отказано' },
    );
    gateway.keep('m-1', rows);
    gateway.keep('m-2', '<note xmlns="urn:other">Смотрите письмо</note>');
    const states = () => Promise.all(ids.map(async (id) => (await passageStore(db).get(id)).passage));
    expect((await round(bridge)).answered).toEqual([batch]);
    const [first, second] = await states();
    expect([first!.state, second!.state]).toEqual(['prescription_issued', 'declined']);
    expect(first!.events.at(-1)!.facts).toMatchObject({ given: { number: '12-3', messageid: 'm-1' } });
    expect(gateway.kept()).toEqual([]);
    // A gateway that forgot that they were taken gives them again.
    gateway.keep('m-1', rows);
    await round(bridge);
    expect((await states()).map(({ events }) => events.length)).toEqual([
      first!.events.length,
      second!.events.length,
    ]);
    expect(gateway.kept()).toEqual([]);
  });

  test('a message that the gateway will not let go of holds up none that wait behind it', async () => {
    const { ids, gateway, bridge, receipts } = await handed(1);
    gateway.say('DELIVERED');
    await round(bridge);
    gateway.keep('stuck', '<note xmlns="urn:other">Смотрите письмо</note>');
    gateway.holdOnTo('stuck');
    gateway.keep('behind-it', receipts({ caseId: ids[0]!, outcome: 'prescription' }));
    await round(bridge);
    expect((await passageStore(db).get(ids[0]!)).passage.state).toBe('prescription_issued');
    expect(gateway.kept()).toEqual(['stuck']);
  });

  test('a message that nobody can read is kept as it came, and those behind it are taken in', async () => {
    const { ids, gateway, bridge, receipts } = await handed(1);
    gateway.say('DELIVERED');
    await round(bridge);
    gateway.keep('spoilt', '<note>Смотрите письмо & приложение');
    gateway.keep('behind-it', receipts({ caseId: ids[0]!, outcome: 'prescription' }));
    await round(bridge);
    expect(gateway.kept()).toEqual(['behind-it']);
    await round(bridge);
    expect(gateway.kept()).toEqual([]);
    expect((await passageStore(db).get(ids[0]!)).passage.state).toBe('prescription_issued');
    const [kept] = await db.query<{ given: Record<string, string>; why: string }>(
      "select given, why from receipt_row where given ->> 'messageid' = 'spoilt'",
    );
    expect(kept?.given.words).toContain('Смотрите письмо & приложение');
    expect(kept?.why).not.toBe(null);
  });

  test('writes over no file of another, and says so at once', async () => {
    await begin();
    await approved();
    const day = now.toISOString().slice(0, 10).replaceAll('-', '');
    await mkdir(join(home, 'out'), { recursive: true });
    await writeFile(join(home, 'out', `KN_EXAMPLE_${day}_001_v1.zip`), 'else');
    expect((await round()).failed).toMatchObject([
      { isGivenUp: true, why: expect.stringContaining('another file') },
    ]);
  });
});

describe('a dispatcher killed by the system between any two steps', () => {
  const home = mkdtempSync(join(tmpdir(), 'kuzet-killed-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  const child = (...args: string[]) => mortal(new URL('./dispatcher.ts', import.meta.url), [home, ...args]);

  test('leaves each case in exactly one batch that arrived, was told of and acknowledged once, withdrawn ones in none', async () => {
    const ends: string[] = [];
    for (const [at, kill] of KILLS.entries()) ends.push(await child(String(at + 1), kill));
    expect(ends.map((end, at) => `${KILLS[at]}: ${end}`)).toEqual(KILLS.map((kill) => `${kill}: SIGKILL`));
    const last = String(KILLS.length + 1);
    expect(await child(last, '')).toBe('done');

    const db = await openDatabase({ folder: join(home, 'store') });
    try {
      const rows = await db.query<{ id: string; sha256: string; cases: number; times: number }>(
        `select b.id, b.sha256, (select count(*) from batch_row k where k.batch_id = b.id) as cases,
           (select count(*) from handover h where h.batch_id = b.id) as times from batch b
         where not exists (select 1 from reissue r where r.of = b.id) order by b.id`,
      );
      // One case a run, and three in those that withdraw one of them.
      const again = KILLS.filter((kill) => kill.startsWith('again ')).length;
      expect(rows.reduce((sum, { cases }) => sum + Number(cases), 0)).toBe(KILLS.length + 1 + again);
      const files = await readdir(join(home, 'out'));
      expect(files.sort()).toEqual(rows.map(({ id }) => `${id}_v1.zip`));
      for (const { id, sha256, times } of rows) {
        expect(sha256Of(await readFile(join(home, 'out', `${id}_v1.zip`)))).toBe(sha256);
        expect(Number(times)).toBe(1);
      }
      const passages = await passageStore(db).list(100);
      const told = passages.map(({ passage }) => passage.events.map(({ kind }) => kind).join(', '));
      const count = (words: string) => told.filter((each) => each === words).length;
      expect([count('handed_over, acknowledged'), count('withdrawn'), told.length]).toEqual([
        KILLS.length + 1 + again,
        again,
        KILLS.length + 1 + 2 * again,
      ]);
      expect(await handoverStore(db).deliveries()).toEqual([]);
      expect((await ledgerStore(db).verify()).ok).toBe(true);
    } finally {
      await db.close();
    }
  }, 1_200_000);
});
