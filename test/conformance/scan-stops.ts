/** What stopping a scan owes (`store/scan-stops.ts`), whichever engine keeps it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../domain/source.ts';
import type { Database } from '../../store/database.ts';
import { NoSuchScanError } from '../../store/scan-stops.ts';
import { scanViews } from '../../store/scan-views.ts';
import { visitStore } from '../../store/visits.ts';
import { at, captured, id, idle } from './rows.ts';

const later = (seconds: number) => new Date(at.getTime() + seconds * 1000);
const STOP = { at, by: 'marat', reason: 'the wrong list' };

export function scanStopConformance(name: string, open: () => Promise<Database>): void {
  describe(`stopping a scan on ${name}`, () => {
    let db: Database;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(() => db.close());

    const scan = async (...hosts: readonly string[]) => {
      const scanId = id();
      const seeds = hosts.flatMap((host) => [new URL(`https://${host}/a`), new URL(`https://${host}/b`)]);
      const settings = DEFAULT_SETTINGS;
      await visitStore(db).startScan({ id: scanId, visitIds: id, seeds, refusals: [], settings, now: at });
      return scanId;
    };

    test('ends at once what nobody has begun, and tells the ledger and whoever looks', async () => {
      const visits = visitStore(db);
      const scanId = await scan('one.test', 'two.test');
      expect(await visits.stopScan(scanId, STOP)).toBe('stopped');
      expect(await visits.counts([scanId])).toMatchObject({ hosts: 2, hostsDone: 2, due: 0, skipped: 4 });
      const lines = await visits.news([scanId], 0);
      expect(lines.map(({ url, outcome }) => [url, outcome]).sort()).toEqual(
        ['one', 'two'].flatMap((host) =>
          ['a', 'b'].map((path) => [
            `https://${host}.test/${path}`,
            { is: 'skipped', reason: 'stopped', detail: 'marat stopped the scan: the wrong list' },
          ]),
        ),
      );
      expect(await visits.claim('one.test', id(), at)).toBeNull();
      expect(await visits.openScans()).not.toContain(scanId);
      expect((await scanViews(db).get(scanId))!.stopped).toEqual(STOP);
      const told = await db.query("select subject, entry from ledger where kind = 'scan'");
      expect(told).toEqual([
        { subject: scanId, entry: '{"by":"marat","is":"stopped","reason":"the wrong list"}' },
      ]);
    });

    test('lets a worker keep the page in its hands, and hands out nothing more', async () => {
      const visits = visitStore(db);
      const scanId = await scan('begun.test');
      const visit = (await visits.claim('begun.test', id(), at))!;
      const inHand = (await visits.nextDue(visit))!;
      expect(await visits.stopScan(scanId, STOP)).toBe('stopped');
      const found = [{ url: new URL('https://begun.test/c'), priority: 5 }];
      await visits.finish(visit, inHand, captured(visit, inHand, found));
      const next = (await visits.nextDue(visit))!;
      expect(next.stopped).toBe('marat stopped the scan: the wrong list');
      await visits.skipRest(visit, 'stopped', next.stopped!);
      expect(await visits.nextDue(visit)).toBeNull();
      await visits.close(visit, at);
      expect(await visits.counts([scanId])).toMatchObject({
        ...{ hosts: 1, hostsDone: 1, due: 0, captured: 1, skipped: 2 },
      });
    });

    test('wakes what was put off for its host, to be ended', async () => {
      const visits = visitStore(db);
      const scanId = await scan('resting.test');
      const visit = (await visits.claim('resting.test', id(), at))!;
      const first = (await visits.nextDue(visit))!;
      await visits.defer(visit, first, later(86_400));
      await visits.putOff(visit, null, later(86_400));
      expect(await visits.claim('resting.test', id(), at)).toBeNull();
      expect(await visits.stopScan(scanId, STOP)).toBe('stopped');
      expect(await visits.dueHosts(1_000, at)).toContain('resting.test');
      const again = (await visits.claim('resting.test', id(), at))!;
      const urls = [await visits.nextDue(again), await visits.nextDue(again)].map((due) => due!.stopped);
      expect(urls).toEqual(Array(2).fill('marat stopped the scan: the wrong list'));
    });

    test('says when it changes nothing, and of a scan that is not there', async () => {
      const visits = visitStore(db);
      const scanId = await scan('twice.test');
      const visit = (await visits.claim('twice.test', id(), at))!;
      expect(await visits.stopScan(scanId, STOP)).toBe('stopped');
      expect(await visits.stopScan(scanId, { ...STOP, by: 'aigerim' })).toBe('stopped_already');
      await visits.skipRest(visit, 'stopped', 'x');
      await visits.close(visit, at);
      expect(await visits.stopScan(scanId, { ...STOP, by: 'aigerim' })).toBe('ended');
      expect((await scanViews(db).get(scanId))!.stopped).toEqual(STOP);
      await expect(visits.stopScan(id(), STOP)).rejects.toThrow(NoSuchScanError);
    });

    test('leaves other scans of the same host as they are', async () => {
      const visits = visitStore(db);
      const wrong = await scan('shared.test');
      const right = await scan('shared.test');
      await visits.stopScan(wrong, STOP);
      const visit = (await visits.claim('shared.test', id(), at))!;
      expect([visit.scanId, (await visits.nextDue(visit))!.stopped]).toEqual([right, null]);
    });

    test('and a visit taken up in the same moment end once, whoever comes first', async () => {
      const visits = visitStore(db);
      for (let n = 0; n < 20; n += 1) {
        const host = `race-${n}.test`;
        const scanId = await scan(host);
        const [, visit] = await Promise.all([visits.stopScan(scanId, STOP), visits.claim(host, id(), at)]);
        if (visit !== null) {
          for (let due = await visits.nextDue(visit); due !== null; due = await visits.nextDue(visit)) {
            const outcome = { is: 'failed', reason: 'dns', detail: 'no such name' } as const;
            if (due.stopped !== null) await visits.skipRest(visit, 'stopped', due.stopped);
            else await visits.finish(visit, due, { outcome, captured: null, found: [], host: idle });
          }
          await visits.close(visit, at);
        }
        const counts = await visits.counts([scanId]);
        expect([counts.hosts, counts.hostsDone, counts.due, counts.failed + counts.skipped]).toEqual([
          1, 1, 0, 2,
        ]);
      }
    });
  });
}
