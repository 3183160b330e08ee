/** The operations of evidence, done in this process on open rooms. */
import { copyEvidence } from '../evidence/copy.ts';
import { fingerprint } from '../evidence/keys.ts';
import { openEvidence } from '../evidence/open.ts';
import { absent, type EvidenceAlteredError, type EvidenceMissingError, scrub } from '../evidence/store.ts';
import { mainCapture } from '../exports/kibernadzor/referral.ts';
import { actOf } from '../queues/act.ts';
import { archiveCapture } from '../queues/archive.ts';
import { systemClock } from '../queues/clock.ts';
import { keepRound } from '../queues/keep.ts';
import { sweepErased } from '../queues/retention.ts';
import type { CapturedPage } from '../store/captures.ts';
import type { LedgerVerdict } from '../store/ledger.ts';
import type { Tombstone } from '../store/retention.ts';
import { type Doing, needOfficer, plain } from './asked.ts';
import type { Operations } from './house.ts';
import { evidenceOptions, print, type Rooms } from './rooms.ts';

type OfEvidence = Pick<
  Doing,
  | 'wacz'
  | 'act'
  | 'scrub'
  | 'keep'
  | 'evidenceCopy'
  | 'retention'
  | 'evidenceHold'
  | 'evidenceDelete'
  | 'evidenceDecide'
  | 'custody'
>;

/** Captures proposed, or told of, at once. */
const MOST_DUE = 10_000;

export function evidenceOperations(rooms: Rooms): OfEvidence {
  return {
    wacz: ({ id, by }) => wacz(rooms, id, by),
    act: (order) => act(rooms, order),
    async *scrub() {
      const now = systemClock.now();
      const { faults, ...counts } = await scrub(rooms.evidence, reliedOn(rooms), (name) =>
        rooms.retention.wasDeleted(name),
      );
      const entry = { ...counts, faults: faults.map(toldFault) };
      await rooms.ledger.append({ at: now, kind: 'scrub', subject: now.toISOString().slice(0, 10), entry });
      yield entry;
    },
    async *keep(_input, signal) {
      const tools = rooms.keepTools();
      const news = await keepRound(tools, signal);
      const { waiting, lastError } = await rooms.stamps.counts();
      yield { ...news, waiting, lastError, key: fingerprint(await tools.key()) };
    },
    async *retention() {
      const { retention, config } = rooms;
      const { periods } = config.evidence;
      const due = await retention.due(periods, systemClock.now(), MOST_DUE);
      yield plain({ periods, holds: await retention.holds(), due, proposals: await retention.proposals() });
    },
    async *evidenceHold({ what, id, by, reason }) {
      await needOfficer(rooms, by);
      const it = { subject: id, at: systemClock.now(), by, reason };
      if (what === 'hold') await rooms.retention.hold(it);
      else await rooms.retention.release(it);
      yield { id };
    },
    async *evidenceDelete({ id, by, reason }) {
      await needOfficer(rooms, by);
      const { retention, config } = rooms;
      const now = systemClock.now();
      const captures =
        id === null
          ? (await retention.due(config.evidence.periods, now, MOST_DUE)).map(({ captureId }) => captureId)
          : [id];
      const proposal = captures.length === 0 ? null : await retention.propose(captures, by, reason, now);
      yield plain({ proposal });
    },
    async *evidenceDecide({ verdict, proposal, by }) {
      await needOfficer(rooms, by);
      const { retention } = rooms;
      if (verdict === 'reject') {
        await retention.reject(proposal, by, systemClock.now());
        yield { deleted: [], kept: [], blobs: 0 };
        return;
      }
      const decided = await retention.approve(proposal, by, systemClock.now());
      yield { ...decided, blobs: await sweepErased(retention, rooms.evidence, rooms.log) };
    },
    async *custody({ id }) {
      yield* await rooms.custody.of(id);
    },
    async *evidenceCopy({ to }, signal) {
      const other = await openEvidence(to, evidenceOptions(rooms.config));
      for await (const { faults, ...counts } of copyEvidence(rooms.evidence, other, { signal })) {
        yield { ...counts, faults: faults.map(toldFault) };
      }
    },
  };
}

/** Every blob that a capture, a look or a batch stands on. */
export async function* reliedOn({ captures, batches }: Pick<Rooms, 'captures' | 'batches'>) {
  yield* captures.blobs();
  yield* batches.blobs();
}

/**
 * The ledger, and whether every piece it answers for is there: one that is not, and that no deletion in the ledger
 * names, is a fault. What is in the pieces is read by `scrub`.
 */
export async function* verifyLedger(rooms: Rooms): AsyncIterable<LedgerVerdict> {
  const missing = await absent(rooms.evidence, reliedOn(rooms));
  // Read afterwards: what went by decision until then is told in it.
  const verdict = await rooms.ledger.verify();
  const decided = new Set(verdict.deletions.flatMap(({ blobs }) => blobs));
  const gone: string[] = [];
  for (const name of missing)
    if (!decided.has(name) || !(await rooms.retention.wasDeleted(name))) gone.push(name);
  const faults = gone.map((name) => ({
    seq: 0,
    what: 'evidence_missing' as const,
    detail: `evidence ${name} is not at ${rooms.evidence.place}, and no two officers decided so`,
  }));
  yield { ...verdict, ok: verdict.ok && gone.length === 0, faults: [...verdict.faults, ...faults] };
}

function toldFault({ facts, message }: EvidenceMissingError | EvidenceAlteredError) {
  return { sha256: facts.sha256, why: message };
}

/** Bytes told at a time. */
const CHUNK = 256 * 1024;

async function* wacz(rooms: Rooms, id: string, by: string): AsyncIterable<{ chunk: string }> {
  const page = await standingPage(rooms, id);
  yield* taken(rooms, page, by, await archiveCapture(page, rooms.keepTools()));
}

async function* act(
  rooms: Rooms,
  { id, ...order }: Operations['act']['input'],
): AsyncIterable<{ chunk: string }> {
  const page = await standingPage(rooms, id);
  const tools = {
    ...rooms.keepTools(),
    custody: rooms.custody,
    print: (pages: readonly string[], at: Date) => print(rooms.config, pages, at),
  };
  const caseId = id === page.capture.id ? null : id;
  yield* taken(rooms, page, order.by, await actOf({ caseId, page, ...order }, tools));
}

/** @throws EvidenceDeletedError when two officers decided its evidence away. */
async function standingPage(rooms: Rooms, id: string): Promise<CapturedPage> {
  const page = await pageOf(rooms, id);
  const tombstone = await rooms.retention.tombstone(page.capture.id);
  if (tombstone !== null) throw new EvidenceDeletedError(tombstone);
  return page;
}

/** The bytes in pieces, once the ledger knows who takes them along. */
async function* taken(
  rooms: Rooms,
  { capture }: CapturedPage,
  by: string,
  bytes: Buffer,
): AsyncIterable<{ chunk: string }> {
  await rooms.custody.left('downloaded', capture.id, by, systemClock.now());
  for (let at = 0; at < bytes.length; at += CHUNK) {
    yield { chunk: bytes.subarray(at, at + CHUNK).toString('base64') };
  }
}

/** The evidence went because two officers decided so. */
export class EvidenceDeletedError extends Error {
  override readonly name = 'EvidenceDeletedError';
  readonly facts: Tombstone;

  constructor(facts: Tombstone) {
    const { captureId, at, proposedBy, approvedBy, reason } = facts;
    super(
      `The evidence of capture ${captureId} was deleted by decision of ${proposedBy} and ${approvedBy} on ${at.toISOString()}: ${reason}`,
    );
    this.facts = facts;
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
