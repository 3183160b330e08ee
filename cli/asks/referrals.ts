/** Batches: what leaves, and what becomes of it. */

import type { Appeal, AppealOutcome } from '../../domain/appeal.ts';
import type { PassageEvent, PassageEventKind, PassageState } from '../../domain/passage.ts';
import type { Sight } from '../../domain/recheck.ts';
import type { Channel } from '../../domain/referral.ts';
import type { FormatName } from '../../exports/formats/feed.ts';
import type { Transparency } from '../../exports/transparency.ts';
import type { AftercareNews } from '../../queues/aftercare.ts';
import type { ReceiveNews } from '../../queues/receive.ts';
import type { ReferNews } from '../../queues/refer.ts';
import type { ReissueNews } from '../../queues/reissue.ts';
import type { JudgedAppeal } from '../../store/appeals.ts';
import type { AftercareFault } from '../../store/faults.ts';
import type { Delivery, Handover } from '../../store/handovers.ts';
import type { Plain } from './plain.ts';

export interface ReferralOperations {
  readonly referBuild: {
    readonly input: { readonly channel: Channel; readonly quarantine: boolean; readonly limit: number };
    readonly event: BatchEvent;
  };
  readonly batches: { readonly input: Record<string, never>; readonly event: BatchLine };
  readonly batch: { readonly input: { readonly id: string }; readonly event: BatchView };
  readonly handover: {
    readonly input: { readonly batch: string; readonly by: string };
    readonly event: Plain<Handover>;
  };
  /** What is on its way, or was given up. */
  readonly deliveries: { readonly input: Record<string, never>; readonly event: Plain<Delivery> };
  /** `file` is base64. */
  readonly receive: {
    readonly input: { readonly file: string; readonly by: string; readonly batch?: string | undefined };
    readonly event: ReceiveNews;
  };
  /** What became of what left; of one case, or of the newest. */
  readonly passages: { readonly input: { readonly id?: string | undefined }; readonly event: PassageLine };
  readonly passageSay: {
    readonly input: {
      readonly id: string;
      readonly event: PassageEventKind;
      readonly by: string;
      readonly reason: string;
    };
    readonly event: PassageLine;
  };
  /** Days, both included. */
  readonly transparency: {
    readonly input: { readonly from: string; readonly to: string };
    readonly event: Transparency;
  };
  /** Pieces of a file in another format, base64. */
  readonly feed: {
    readonly input: { readonly format: FormatName };
    readonly event: { readonly chunk: string };
  };
  /** What `kuzet serve` does each minute for what was referred. */
  readonly recheckRun: { readonly input: Record<string, never>; readonly event: Plain<AftercareNews> };
  /** Measurements of others, NDJSON. */
  readonly recheckImport: {
    readonly input: { readonly text: string; readonly vantage: string; readonly by: string };
    readonly event: { readonly rows: number; readonly known: number; readonly moved: number };
  };
  readonly recheckShow: { readonly input: { readonly id: string }; readonly event: RecheckView };
  /** What could not be done for a case, longest failing first. */
  readonly faults: { readonly input: Record<string, never>; readonly event: Plain<AftercareFault> };
  readonly faultsClear: {
    readonly input: { readonly id: string };
    readonly event: { readonly cleared: number };
  };
  /** Takes what may still leave out of a batch that something holds back. */
  readonly reissue: {
    readonly input: { readonly batch: string; readonly by: string };
    readonly event: Plain<ReissueNews>;
  };
  /** Those that wait first. */
  readonly appeals: { readonly input: { readonly limit: number }; readonly event: Plain<Appeal> };
  readonly appealSend: {
    readonly input: { readonly url: string; readonly words: string; readonly contact: string };
    readonly event: Plain<Appeal>;
  };
  /** By an officer who did not decide the case. */
  readonly appealJudge: {
    readonly input: {
      readonly code: string;
      readonly verdict: AppealOutcome;
      readonly by: string;
      readonly reason: string;
    };
    readonly event: Plain<JudgedAppeal>;
  };
}

export type BatchEvent = ReferNews;

export interface BatchLine {
  readonly batch: string;
  readonly channel: Channel;
  readonly builtAt: string;
  readonly sha256: string | null;
  readonly cases: number;
}

export interface BatchView extends BatchLine {
  readonly file: string;
  readonly rows: readonly {
    readonly caseId: string;
    readonly url: string;
    readonly offence: string;
    readonly reason: string;
    readonly decidedBy: string;
    readonly approvedBy: string;
  }[];
}

export interface PassageLine {
  readonly caseId: string;
  readonly batch: string;
  readonly row: number;
  readonly url: string;
  readonly state: PassageState;
  /** What its delay amounts to; null while there is time. */
  readonly late: PassageEventKind | null;
  readonly events: readonly Plain<PassageEvent>[];
}

export interface RecheckView {
  readonly caseId: string;
  readonly state: PassageState;
  readonly sights: readonly Plain<Sight>[];
  /** Cases that go on with what this one's site did. */
  readonly children: readonly string[];
}
