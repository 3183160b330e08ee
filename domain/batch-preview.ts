/** The next batch of a channel as it would be built now: what an officer looks at before anything leaves. */
import type { CaseId } from './case.ts';
import type { Channel } from './referral.ts';
import type { Saying } from './saying.ts';

export interface BatchPreview {
  readonly channel: Channel;
  /** Names of the file's columns. */
  readonly columns: readonly string[];
  readonly rows: readonly PreviewRow[];
  readonly refused: readonly DraftRefusal[];
  /** Approved cases that wait until somebody's objection is judged. */
  readonly objected: readonly CaseId[];
  /** More cases wait than one batch takes. */
  readonly isMore: boolean;
  /** The channel's batch before this one; null for its first. */
  readonly last: { readonly batch: string; readonly builtAt: Date } | null;
  /** Rows of cases approved before the last batch was built, and not in it: they were left out then. */
  readonly leftOutBefore: readonly CaseId[];
  /** SHA-256 of the rows, to be given back when the batch is built. */
  readonly digest: string;
}

export interface PreviewRow {
  readonly caseId: CaseId;
  /** As the file has them, in the order of the columns. */
  readonly cells: readonly string[];
  /** Batches in which another address of the same host or account went out. */
  readonly sentBefore: readonly string[];
}

/** Why a case may not leave. */
export interface DraftRefusal {
  readonly caseId: CaseId;
  /** An over-blocking rule, what the case lacks, or `batch` for what rows may not do side by side. */
  readonly rule: string;
  /** In English. */
  readonly why: string;
  /** The same apart from any language. */
  readonly about: Saying;
  /** Two officers may let it go. */
  readonly isSoft: boolean;
}
