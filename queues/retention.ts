/**
 * Bytes that two people decided away go: each blob under the lock of its row, noted once it is gone. A round that dies
 * half-way leaves rows that say what is still to go, and the next round goes on; a blob that the place itself keeps for
 * a time is asked for again later.
 */
import type { Logger } from 'pino';
import { EvidenceLockedError, type EvidenceStore } from '../evidence/store.ts';
import type { RetentionStore } from '../store/retention.ts';

const MOST_AT_ONCE = 500;

/** @returns how many blobs went. */
export async function sweepErased(
  retention: RetentionStore,
  evidence: Pick<EvidenceStore, 'erase'>,
  log: Logger,
): Promise<number> {
  let gone = 0;
  for (const name of await retention.pending(MOST_AT_ONCE)) {
    try {
      if (await retention.erase(name, (each) => evidence.erase(each))) gone += 1;
    } catch (cause) {
      if (!(cause instanceof EvidenceLockedError)) throw cause;
      log.info({ sha256: name, until: cause.facts.until }, 'evidence is locked and goes later');
    }
  }
  return gone;
}
