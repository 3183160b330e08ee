/** Deletions of evidence as the ledger tells them: a decision of two officers, never a gap that nobody speaks of. */
import { z } from 'zod';
import type { Sha256 } from './capture.ts';
import { isSameOfficer } from './case.ts';
import type { LedgerFault, LedgerRow } from './ledger.ts';

export interface Deletion {
  /** Row of the ledger. */
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly proposedBy: string;
  readonly approvedBy: string;
  readonly reason: string;
  readonly captures: readonly string[];
  /** Blobs that went, or are still to go, with them; those that something else stands on stayed. */
  readonly blobs: readonly Sha256[];
}

const ENTRY = z.object({
  what: z.literal('approved'),
  by: z.string(),
  proposedBy: z.string(),
  reason: z.string(),
  deleted: z.array(z.object({ captureId: z.string(), blobs: z.array(z.string()) })),
});

/** Null for rows that tell of no deletion: other kinds, proposals, refusals, approvals by which nothing went. */
export function deletionIn({ seq, at, kind, entry }: LedgerRow): Deletion | null {
  if (kind !== 'erasure') return null;
  const read = ENTRY.safeParse(parsed(entry));
  if (!read.success || read.data.deleted.length === 0) return null;
  const { by, proposedBy, reason, deleted } = read.data;
  return {
    seq,
    at,
    proposedBy,
    approvedBy: by,
    reason,
    captures: deleted.map(({ captureId }) => captureId),
    blobs: deleted.flatMap(({ blobs }) => blobs),
  };
}

/** Whether two different people decided it, however their names are spelled. */
export function isByTwo({ proposedBy, approvedBy }: Deletion): boolean {
  return proposedBy.trim() !== '' && approvedBy.trim() !== '' && !isSameOfficer(proposedBy, approvedBy);
}

/** The fault of a deletion that is not by two. */
export function oneOfficer({ seq, approvedBy }: Deletion): LedgerFault {
  const detail = `row ${seq} deletes evidence by the word of ${approvedBy} alone`;
  return { seq, what: 'one_officer', detail };
}

function parsed(entry: string): unknown {
  try {
    return JSON.parse(entry);
  } catch {
    // A row that was altered: the chain tells of it.
    return null;
  }
}
