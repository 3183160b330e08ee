/**
 * What can be asked of the house, whoever owns its store: a command's own process, or the running
 * `kuzet serve` that a command talks to over its local API. An operation takes plain JSON and answers
 * with a stream of plain JSON, so both ways are the same to the asker.
 */

import type { CaseOperations } from './asks/cases.ts';
import type { EvidenceOperations } from './asks/evidence.ts';
import type { MarketOperations } from './asks/markets.ts';
import type { ModelOperations } from './asks/models.ts';
import type { ReferralOperations } from './asks/referrals.ts';
import type { ScanOperations } from './asks/scans.ts';
import type { SourceOperations } from './asks/sources.ts';

/** Each in the file of its room. */
export interface Operations
  extends ScanOperations,
    SourceOperations,
    CaseOperations,
    ReferralOperations,
    EvidenceOperations,
    ModelOperations,
    MarketOperations {}

export type OperationName = keyof Operations;

export interface House {
  ask<Name extends OperationName>(
    name: Name,
    input: Operations[Name]['input'],
    signal?: AbortSignal,
  ): AsyncIterable<Operations[Name]['event']>;
  close(): Promise<void>;
}

/** Takes the one event of an operation that answers once. @throws Error when it answered nothing. */
export async function only<Event>(events: AsyncIterable<Event>): Promise<Event> {
  for await (const event of events) return event;
  throw new Error('The house gave no answer. Ask again.');
}
