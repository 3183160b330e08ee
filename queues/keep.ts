/**
 * Looking after what is kept, a round a minute:
 *
 *     once a day   the ledger is sealed with a root
 *     each round   keys of requests (`Idempotency-Key`) of more than a day ago are forgotten with their answers
 *     each round   WACZ manifests of new evidence are signed -> roots, WARCs and manifests go to the time
 *                  authorities, and what one did not stamp waits for a later round
 *
 * The store knows what is due; a round that dies half-way, or two rounds at once, do no harm.
 */
import type { Logger } from 'pino';
import { StampFailedError, type TimeAuthority } from '../evidence/stamp.ts';
import { EvidenceAlteredError, EvidenceMissingError } from '../evidence/store.ts';
import type { LedgerStore } from '../store/ledger.ts';
import type { OnceStore } from '../store/once.ts';
import type { RetentionStore } from '../store/retention.ts';
import type { DueStamp } from '../store/stamps.ts';
import { type ArchiveTools, signCapture } from './archive.ts';
import { sweepErased } from './retention.ts';

export interface KeepTools extends ArchiveTools {
  readonly ledger: LedgerStore;
  /** None leaves all unstamped. */
  readonly authorities: readonly TimeAuthority[];
  /** What two people decided away goes; left out where nothing is deleted. */
  readonly retention?: RetentionStore;
  /** Keys of requests that were done long ago go; left out where there is no desk. */
  readonly once?: Pick<OnceStore, 'forget'>;
  readonly log: Logger;
}

export interface KeepNews {
  /** Hash of the root that was written; null when the day has one. */
  readonly root: string | null;
  readonly signed: number;
  readonly stamped: number;
  /** Stamps that an authority did not give this time. */
  readonly putOff: number;
  /** Blobs that went by decision; left out when none did. */
  readonly erased?: number;
}

/** Manifests signed and stamps asked for in one round. */
const MOST_AT_ONCE = 50;
const FIRST_WAIT_SECONDS = 60;
const LONGEST_WAIT_SECONDS = 6 * 3600;

export async function keepRound(tools: KeepTools, signal?: AbortSignal): Promise<KeepNews> {
  const { ledger, stamps, waczs, authorities, clock, log } = tools;
  const root = await ledger.sealDay(clock.now());
  await tools.once?.forget(clock.now());
  const names = authorities.map(({ name }) => name);
  let signed = 0;
  for (const page of await waczs.missing(MOST_AT_ONCE)) {
    if (signal?.aborted === true) break;
    try {
      const { sha256 } = await signCapture(page, tools);
      await stamps.ask('wacz', [sha256], names, clock.now());
      signed += 1;
    } catch (cause) {
      if (!(cause instanceof EvidenceMissingError || cause instanceof EvidenceAlteredError)) throw cause;
      // It will not go into a batch either; the scrub tells of it.
      log.error({ capture: page.capture.id, err: cause }, 'evidence of a case cannot be read');
    }
  }
  await stamps.askForAll(names, clock.now());
  let stamped = 0;
  let putOff = 0;
  for (const due of await stamps.due(names, clock.now(), MOST_AT_ONCE)) {
    if (signal?.aborted === true) break;
    const isGiven = await stamp(due, tools);
    if (isGiven) stamped += 1;
    else putOff += 1;
  }
  const erased = tools.retention === undefined ? 0 : await sweepErased(tools.retention, tools.evidence, log);
  return { root: root?.hash ?? null, signed, stamped, putOff, ...(erased === 0 ? {} : { erased }) };
}

async function stamp(due: DueStamp, { authorities, stamps, clock, log }: KeepTools): Promise<boolean> {
  const authority = authorities.find(({ name }) => name === due.authority);
  if (authority === undefined) return false;
  try {
    await stamps.give(due, await authority.stamp(due.sha256), clock.now());
    return true;
  } catch (cause) {
    if (!(cause instanceof StampFailedError)) throw cause;
    const waitSeconds = Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** Math.min(due.tries, 20));
    log.warn(
      { authority: due.authority, of: due.of, waitSeconds, why: cause.message },
      'no time stamp this time',
    );
    await stamps.putOff(due, cause.message, new Date(clock.now().getTime() + waitSeconds * 1000));
    return false;
  }
}
