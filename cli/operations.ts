/** The operations of `cli/house.ts`, done in this process on open rooms. */
import { fingerprint } from '../evidence/keys.ts';
import { scrub } from '../evidence/store.ts';
import { mainCapture } from '../exports/kibernadzor/referral.ts';
import { archiveCapture } from '../queues/archive.ts';
import { systemClock } from '../queues/clock.ts';
import { keepRound } from '../queues/keep.ts';
import { lessonRows } from '../queues/lessons.ts';
import { buildBatch, showBatch } from '../queues/refer.ts';
import type { CapturedPage } from '../store/captures.ts';
import { lessonStore } from '../store/lessons.ts';
import { type Doing, needOfficer, plain } from './asked.ts';
import { caseLine, caseView } from './case-views.ts';
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
    async *ledgerVerify() {
      yield await rooms.ledger.verify();
    },
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
    wacz: ({ id }) => wacz(rooms, id),
    async *scrub() {
      const now = systemClock.now();
      const { blobs, bytes, faults } = await scrub(rooms.evidence, rooms.captures.blobs());
      const told = faults.map(({ facts, message }) => ({ sha256: facts.sha256, why: message }));
      const entry = { blobs, bytes, faults: told };
      await rooms.ledger.append({ at: now, kind: 'scrub', subject: now.toISOString().slice(0, 10), entry });
      yield entry;
    },
    async *keep(_input, signal) {
      const tools = rooms.keepTools();
      const news = await keepRound(tools, signal);
      const { waiting, lastError } = await rooms.stamps.counts();
      yield { ...news, waiting, lastError, key: fingerprint(await tools.key()) };
    },
    ...learningOperations(rooms),
    ...marketOperations(rooms),
    ...sourceOperations(rooms),
    async *export({ evidence }) {
      const { exportStore } = await import('../store/transfer.ts');
      for await (const piece of exportStore(rooms.database, evidence ? rooms.evidence : null)) {
        yield { chunk: Buffer.from(piece).toString('base64') };
      }
    },
  };
}

export function localHouse(rooms: Rooms): House {
  const operations = localOperations(rooms);
  return {
    ask: (name, input, signal) => operations[name](input, signal ?? new AbortController().signal),
    close: () => rooms.close(),
  };
}

/** Bytes told at a time. */
const CHUNK = 256 * 1024;

async function* wacz(rooms: Rooms, id: string): AsyncIterable<{ chunk: string }> {
  const page = await pageOf(rooms, id);
  const bytes = await archiveCapture(page, rooms.keepTools());
  for (let at = 0; at < bytes.length; at += CHUNK) {
    yield { chunk: bytes.subarray(at, at + CHUNK).toString('base64') };
  }
}

/** There is nothing captured under this name. */
export class NoSuchCaptureError extends Error {
  override readonly name = 'NoSuchCaptureError';
  readonly facts: { readonly id: string };

  constructor(id: string) {
    super(`Nothing is captured under "${id}". "kuzet case ID" lists the captures of a case.`);
    this.facts = { id };
  }
}

/** The capture of that id, or the one that the case of that id goes out on. */
async function pageOf({ captures, cases }: Rooms, id: string): Promise<CapturedPage> {
  const isCapture = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
  if (isCapture) {
    const page = await captures.get(id);
    if (page !== null) return page;
    throw new NoSuchCaptureError(id);
  }
  const it = await cases.get(id);
  const page = mainCapture(it, await captures.ofCase(it.id));
  if (page === null) throw new NoSuchCaptureError(id);
  return page;
}
