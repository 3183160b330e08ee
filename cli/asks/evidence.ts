/** What is kept: the ledger, evidence, and copies of the store. */

import type { LedgerRow } from '../../domain/ledger.ts';
import type { Periods } from '../../domain/retention.ts';
import type { Lang } from '../../exports/overblock/words.ts';
import type { KeepNews } from '../../queues/keep.ts';
import type { LedgerLine, LedgerVerdict } from '../../store/ledger.ts';
import type { DueCapture, Hold, Kept, Proposal } from '../../store/retention.ts';
import type { Plain } from './plain.ts';

export interface EvidenceOperations {
  readonly ledgerVerify: { readonly input: Record<string, never>; readonly event: LedgerVerdict };
  readonly ledgerSeal: {
    readonly input: Record<string, never>;
    /** `hash` is null when nothing came since the last root. */
    readonly event: { readonly day: string; readonly rows: number; readonly hash: string | null };
  };
  readonly ledgerLines: { readonly input: Record<string, never>; readonly event: LedgerLine };
  /** Pieces of a WACZ file, base64; `id` is a case's or a capture's. */
  readonly wacz: {
    readonly input: { readonly id: string; readonly by: string };
    readonly event: { readonly chunk: string };
  };
  /** Pieces of an act of inspection, base64; `id` is a case's or a capture's. */
  readonly act: {
    readonly input: {
      readonly id: string;
      readonly lang: Lang;
      readonly as: 'html' | 'pdf';
      readonly by: string;
    };
    readonly event: { readonly chunk: string };
  };
  readonly scrub: {
    readonly input: Record<string, never>;
    readonly event: {
      readonly blobs: number;
      readonly bytes: number;
      /** Pieces that captures name and that are gone because two people decided so. */
      readonly deleted: number;
      readonly faults: readonly { readonly sha256: string; readonly why: string }[];
    };
  };
  /** Holds, periods, what is due and which deletions wait for a second officer. */
  readonly retention: { readonly input: Record<string, never>; readonly event: RetentionView };
  readonly evidenceHold: {
    readonly input: {
      readonly what: 'hold' | 'release';
      readonly id: string;
      readonly by: string;
      readonly reason: string;
    };
    readonly event: { readonly id: string };
  };
  /** Proposes one capture, or all that is due when `id` is null; null when nothing is. */
  readonly evidenceDelete: {
    readonly input: { readonly id: string | null; readonly by: string; readonly reason: string };
    readonly event: { readonly proposal: Plain<Proposal> | null };
  };
  readonly evidenceDecide: {
    readonly input: {
      readonly verdict: 'approve' | 'reject';
      readonly proposal: number;
      readonly by: string;
    };
    readonly event: {
      readonly deleted: readonly string[];
      readonly kept: readonly Kept[];
      readonly blobs: number;
    };
  };
  /** Every row of the ledger that names a capture or case. */
  readonly custody: { readonly input: { readonly id: string }; readonly event: LedgerRow };
  /** Copies all evidence to another folder or bucket; `to` as in KUZET_EVIDENCE. */
  readonly evidenceCopy: { readonly input: { readonly to: string }; readonly event: CopyLine };
  readonly keep: {
    readonly input: Record<string, never>;
    readonly event: KeepNews & {
      readonly waiting: number;
      readonly lastError: string | null;
      /** Fingerprint of the key that signs. */
      readonly key: string;
    };
  };
  /** Pieces of the store file, base64. */
  readonly export: {
    readonly input: { readonly evidence: boolean; readonly by: string };
    readonly event: { readonly chunk: string };
  };
}

export interface RetentionView {
  readonly periods: Periods;
  readonly holds: readonly Plain<Hold>[];
  readonly due: readonly Plain<DueCapture>[];
  readonly proposals: readonly Plain<Proposal>[];
}

export interface CopyLine {
  readonly seen: number;
  readonly copied: number;
  readonly copiedBytes: number;
  readonly isDone: boolean;
  readonly faults: readonly { readonly sha256: string; readonly why: string }[];
}
