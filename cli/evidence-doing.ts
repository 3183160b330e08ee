/** The operations of evidence, done in this process on open rooms. */
import { copyEvidence } from '../evidence/copy.ts';
import { fingerprint } from '../evidence/keys.ts';
import { openEvidence } from '../evidence/open.ts';
import { type EvidenceAlteredError, type EvidenceMissingError, scrub } from '../evidence/store.ts';
import { mainCapture } from '../exports/kibernadzor/referral.ts';
import { archiveCapture } from '../queues/archive.ts';
import { systemClock } from '../queues/clock.ts';
import { keepRound } from '../queues/keep.ts';
import type { CapturedPage } from '../store/captures.ts';
import type { Doing } from './asked.ts';
import { evidenceOptions, type Rooms } from './rooms.ts';

type OfEvidence = Pick<Doing, 'wacz' | 'scrub' | 'keep' | 'evidenceCopy'>;

export function evidenceOperations(rooms: Rooms): OfEvidence {
  return {
    wacz: ({ id }) => wacz(rooms, id),
    async *scrub() {
      const now = systemClock.now();
      const { faults, ...counts } = await scrub(rooms.evidence, rooms.captures.blobs());
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
    async *evidenceCopy({ to }, signal) {
      const other = await openEvidence(to, evidenceOptions(rooms.config));
      for await (const { faults, ...counts } of copyEvidence(rooms.evidence, other, { signal })) {
        yield { ...counts, faults: faults.map(toldFault) };
      }
    },
  };
}

function toldFault({ facts, message }: EvidenceMissingError | EvidenceAlteredError) {
  return { sha256: facts.sha256, why: message };
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
