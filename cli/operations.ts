/** The operations of `cli/house.ts`, done in this process on open rooms. */
import { systemClock } from '../queues/clock.ts';
import { lessonRows } from '../queues/lessons.ts';
import { buildBatch, showBatch } from '../queues/refer.ts';
import { lessonStore } from '../store/lessons.ts';
import { NoSuchScanError } from '../store/scan-stops.ts';
import { scanViews } from '../store/scan-views.ts';
import { type Doing, needOfficer, plain } from './asked.ts';
import { caseLine, caseView } from './case-views.ts';
import { evidenceOperations, verifyLedger } from './evidence-doing.ts';
import type { House } from './house.ts';
import { learningOperations } from './learning.ts';
import { marketOperations } from './markets.ts';
import { referralOperations } from './referrals.ts';
import type { Rooms } from './rooms.ts';
import { scan } from './scanning.ts';
import { sourceOperations } from './source-doing.ts';

export function localOperations(rooms: Rooms): Doing {
  return {
    scan: (input, signal) => scan(rooms, input, signal),
    async *scans({ limit }) {
      for (const it of await scanViews(rooms.database).recent(limit)) yield plain(it);
    },
    async *scanStop({ id, by, reason }) {
      const is = await rooms.visits.stopScan(id, { at: systemClock.now(), by, reason });
      const scan = await scanViews(rooms.database).get(id);
      if (scan === null) throw new NoSuchScanError(id);
      yield { is, scan: plain(scan) };
    },
    async *pause({ by, reason }) {
      const isNew = await rooms.pauses.pause({ at: systemClock.now(), by, reason });
      yield { event: 'paused', already: !isNew, pause: plain(await rooms.pauses.get()) };
    },
    async *resume({ by }) {
      const was = await rooms.pauses.resume(by, systemClock.now());
      if (was) await (await rooms.river()).sweep();
      yield { event: 'resumed', already: !was, pause: null };
    },
    async *cases(input) {
      const filter = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
      for (const it of await rooms.cases.list(filter)) yield caseLine(it);
    },
    async *case({ id }) {
      yield await caseView(rooms, await rooms.cases.get(id));
    },
    async *decide({ id, verdict, by, ground, reason }) {
      await needOfficer(rooms, by);
      const act = verdict === 'confirm' ? { verdict, by, ground, reason } : { verdict, by, reason };
      yield caseLine(await rooms.cases.decide(id, act, systemClock.now()));
    },
    async *approve({ id, by }) {
      await needOfficer(rooms, by);
      yield caseLine(await rooms.cases.approve(id, by, systemClock.now()));
    },
    async *referBuild(input) {
      yield* buildBatch(input, rooms.dispatchTools());
    },
    async *batches() {
      for (const it of await rooms.batches.list()) {
        yield {
          batch: it.id,
          channel: it.channel,
          builtAt: it.builtAt.toISOString(),
          sha256: it.sha256,
          cases: it.cases,
        };
      }
    },
    async *batch({ id }) {
      yield await showBatch(id, rooms.dispatchTools());
    },
    ledgerVerify: () => verifyLedger(rooms),
    async *ledgerSeal() {
      const now = systemClock.now();
      const root = await rooms.ledger.seal(now);
      yield { day: now.toISOString().slice(0, 10), rows: (root?.seq ?? 1) - 1, hash: root?.hash ?? null };
    },
    ledgerLines: () => rooms.ledger.lines(),
    async *lessons() {
      const { captures, evidence, database } = rooms;
      yield* lessonRows({ lessons: lessonStore(database), captures, evidence });
    },
    ...referralOperations(rooms),
    ...evidenceOperations(rooms),
    ...learningOperations(rooms),
    ...marketOperations(rooms),
    ...sourceOperations(rooms),
    async *export({ evidence, by }) {
      const { exportStore } = await import('../store/transfer.ts');
      await exportTold(rooms, evidence, by);
      for await (const piece of exportStore(rooms.database, evidence ? rooms.evidence : null)) {
        yield { chunk: Buffer.from(piece).toString('base64') };
      }
    },
  };
}

/** Told before the first byte, so that a copy that was cut is told as well, and every copy tells of itself. */
async function exportTold({ custody }: Rooms, evidence: boolean, by: string): Promise<void> {
  await custody.flush();
  await custody.left('exported', evidence ? 'store' : 'store-rows', by, systemClock.now());
}

export function localHouse(rooms: Rooms): House {
  const operations = localOperations(rooms);
  return {
    ask: (name, input, signal) => operations[name](input, signal ?? new AbortController().signal),
    close: () => rooms.close(),
  };
}
