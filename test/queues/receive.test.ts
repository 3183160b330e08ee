import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Referral } from '../../domain/record.ts';
import { formXlsx } from '../../exports/kibernadzor/form-xlsx.ts';
import { BadReceiptError, readReceipts } from '../../exports/receipts.ts';
import { SOAP, TYPES } from '../../exports/smartbridge/envelope.ts';
import { receive } from '../../queues/receive.ts';
import { batchStore } from '../../store/batches.ts';
import { caseStore } from '../../store/cases.ts';
import type { Database } from '../../store/database.ts';
import { ledgerStore } from '../../store/ledger.ts';
import { openDatabase } from '../../store/open.ts';
import { type PassageStore, passageStore } from '../../store/passages.ts';
import { at, pyramid } from '../conformance/rows.ts';
import type { Engine } from '../engines/places.ts';
import { postgresMissing, startPostgres } from '../engines/postgres.ts';
import { batchOrder } from '../exports/samples.ts';

const engines = [
  ['PGlite', null],
  ['PostgreSQL', postgresMissing],
] as const;

describe.each(engines)('receipts on %s', (engine, missing) => {
  describe.skipIf(missing !== null)(missing === null ? 'taken in' : `(skipped: ${missing})`, () => {
    let server: Engine | null = null;
    let db: Database;
    let passages: PassageStore;
    let batch: string;
    let ids: string[];
    const rows = batchOrder(5).referrals;

    beforeAll(async () => {
      server = engine === 'PGlite' ? null : await startPostgres();
      db = await openDatabase(server === null ? { memory: true } : { url: server.url });
      passages = passageStore(db);
      const cases = caseStore(db);
      ids = [];
      for (const { hostname } of rows) {
        const { id } = await cases.sight({ kind: 'site', key: hostname }, pyramid, [], at);
        await cases.decide(
          id,
          { verdict: 'confirm', by: 'aigerim', ground: 'KZ-CC-217', reason: 'выплаты' },
          at,
        );
        await cases.approve(id, 'bolat', at);
        ids.push(id);
      }
      const taken = await batchStore(db).take({
        org: 'EXAMPLE',
        channel: 'operator_block',
        software: { name: 'kuzet', version: '0.1.0' },
        rows: rows.map((referral, n) => ({
          caseId: ids[n]!,
          referral: { ...referral, caseId: ids[n]! } as Referral,
        })),
        now: at,
      });
      batch = taken.id;
    });
    afterAll(async () => {
      await db.close();
      await server?.stop();
    });

    const take = (text: string) =>
      receive({ bytes: Buffer.from(text), by: 'dana', batch }, { passages, clock: { now: () => at } });
    const stateOf = async (n: number) => (await passages.get(ids[n]!)).passage.state;

    test('of the public tool move their referrals, by address and by "Site N"', async () => {
      const csv = `row,url,status\n1,${rows[0]!.url},OK\n2,,DUPLICATE\n3,${rows[2]!.url},timeout\n9,https://else.test/,OK\n`;
      const { rows: told } = await take(csv);
      expect(told.map(({ caseId, why }) => [caseId, why])).toEqual([
        [ids[0], null],
        [ids[1], null],
        [ids[2], 'it tells no outcome that is known here'],
        [null, 'it matches no referral that left'],
      ]);
      expect([await stateOf(0), await stateOf(1), await stateOf(2)]).toEqual([
        'acknowledged',
        'duplicate_at_target',
        'batched',
      ]);
      const { events } = (await passages.get(ids[0]!)).passage;
      expect(events.map(({ kind, by }) => [kind, by])).toEqual([
        ['handed_over', 'dana'],
        ['acknowledged', 'kuzet'],
      ]);
    });

    test('taken in again change nothing', async () => {
      const csv = `row,url,status\n1,${rows[0]!.url},OK\n2,,DUPLICATE\n3,${rows[2]!.url},timeout\n9,https://else.test/,OK\n`;
      expect(await take(csv)).toEqual({ known: true, rows: [] });
      expect((await passages.get(ids[0]!)).passage.events).toHaveLength(2);
      // The same words in another file: it is so already.
      expect((await take(`url;status\n${rows[0]!.url};OK\n`)).rows[0]).toMatchObject({ why: null });
      expect((await passages.get(ids[0]!)).passage.events).toHaveLength(2);
    });

    test('match by the referral’s own id before all else, in JSON', async () => {
      const json = [{ referralId: rows[3]!.referralId, url: rows[4]!.url, outcome: 'restricted' }];
      await take(JSON.stringify(json));
      expect([await stateOf(3), await stateOf(4)]).toEqual(['restricted', 'batched']);
    });

    test('that do not follow are kept with the reason', async () => {
      const { rows: told } = await take(`url,status\n${rows[1]!.url},restricted\n`);
      expect(told[0]!.why).toBe(
        'its referral is duplicate_at_target, and "restricted" does not follow from that',
      );
      const kept = await db.query<{ n: number }>(
        'select count(*) as n from receipt_row where why is not null',
      );
      expect(Number(kept[0]!.n)).toBe(3);
    });

    test('and events are rows of the ledger', async () => {
      const kinds = (await ledgerStore(db).list(0, 1000)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'receipt')).toHaveLength(4);
      expect(kinds.filter((kind) => kind === 'passage').length).toBeGreaterThanOrEqual(6);
      expect((await ledgerStore(db).verify()).ok).toBe(true);
      await expect(db.query('delete from passage_event')).rejects.toThrow('only ever added');
    });

    test('stay one passage, whoever writes at once', async () => {
      const event = { at, by: 'dana', kind: 'handed_over', facts: {} } as const;
      const all = await Promise.allSettled(Array.from({ length: 5 }, () => passages.add(ids[4]!, [event])));
      expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await passages.get(ids[4]!)).passage.events).toHaveLength(1);
    });

    test('of a gateway tell of every case in a batch, and name the batch themselves in nothing', async () => {
      const soap = (state: string) =>
        `<S:Envelope xmlns:S="${SOAP}"><S:Body><t:getMessageStatusResponse xmlns:t="${TYPES}"><response><messageState>${state}</messageState><status><statusCode>0</statusCode><statusMessage>ok</statusMessage></status></response></t:getMessageStatusResponse></S:Body></S:Envelope>`;
      const bytes = Buffer.from(soap('DELIVERED'));
      const clock = { now: () => at };
      const nobody = await receive({ bytes, by: 'dana' }, { passages, clock });
      expect(nobody.rows.map(({ why }) => why)).toEqual([
        'it tells of a whole batch, and not of which (--batch)',
      ]);
      const { rows: told } = await receive({ bytes, by: 'dana', batch }, { passages, clock });
      expect(told.map(({ caseId }) => caseId)).toEqual(ids);
      expect(await stateOf(4)).toBe('acknowledged');
      expect((await receive({ bytes, by: 'dana', batch }, { passages, clock })).known).toBe(true);
      await expect(take('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')).rejects.toThrow(BadReceiptError);
    });

    test('in a bare list of addresses that went out before are matched, and tell nothing', async () => {
      const { rows: told } = await take(`${rows[0]!.url}\nhttps://else.test/\n`);
      expect(told.map(({ caseId, why }) => [caseId, why])).toEqual([
        [ids[0], 'it tells no outcome that is known here'],
        [null, 'it matches no referral that left'],
      ]);
    });

    test('with letters that no database keeps are taken in without those', async () => {
      const { rows: told } = await take(
        `url,status,words\n${rows[0]!.url},OK,a\u0000b\nhttps://else.test/\u0000,OK,\n`,
      );
      expect(told.map(({ caseId, given }) => [caseId, given['words']])).toEqual([
        [ids[0], 'a\ufffdb'],
        [null, ''],
      ]);
      expect(await take(JSON.stringify([{ url: 'https://else.test/', words: '\ud800' }]))).toMatchObject({
        known: false,
        rows: [{ given: { words: '\ufffd' } }],
      });
    });
  });
});

describe('a file of receipts', () => {
  test('is read from XLSX as from CSV', async () => {
    const { referrals } = batchOrder(2);
    const read = await readReceipts(await formXlsx(referrals, at));
    expect(read.map(({ n, url, row, caseId }) => [n, url, row, caseId])).toEqual([
      [1, referrals[0]!.url, 1, 'K-000001'],
      [2, referrals[1]!.url, 2, 'K-000002'],
    ]);
  });

  test('keeps quotes, separators and line breaks inside cells', async () => {
    const read = await readReceipts(
      Buffer.from('\ufeffurl;status;note\r\n"https://a.test/?q=""x"";y";принято;"две\nстроки"\r\n'),
    );
    expect(read).toEqual([
      {
        n: 1,
        url: 'https://a.test/?q="x";y',
        outcome: 'acknowledged',
        given: { url: 'https://a.test/?q="x";y', status: 'принято', note: 'две\nстроки' },
      },
    ]);
  });

  test.each(['', '{"a":1}', '[1', 'PK\u0003\u0004nothing'])('that is none is refused: %j', async (text) => {
    await expect(readReceipts(Buffer.from(text))).rejects.toThrow(BadReceiptError);
  });
});
