/**
 * What can be asked of the house, whoever owns its store: a command's own process, or the running
 * `kuzet serve` that a command talks to over its local API. An operation takes plain JSON and answers
 * with a stream of plain JSON, so both ways are the same to the asker.
 */

import type { Reason } from '../classifiers/lookalike-sites.ts';
import type { ShadowReport } from '../classifiers/shadow.ts';
import type { Appeal, AppealOutcome } from '../domain/appeal.ts';
import type { Label, Signal } from '../domain/assessment.ts';
import type { CaseState, CaseStateName, Subject } from '../domain/case.ts';
import type { Figure } from '../domain/figure.ts';
import type { AddressHistory } from '../domain/history.ts';
import type { LedgerRow } from '../domain/ledger.ts';
import type { Tenant } from '../domain/market-service.ts';
import type { Override, OverrideVerdict } from '../domain/override.ts';
import type { PassageEvent, PassageEventKind, PassageState } from '../domain/passage.ts';
import type { Sight } from '../domain/recheck.ts';
import type { Channel } from '../domain/referral.ts';
import type { Periods } from '../domain/retention.ts';
import type { Review } from '../domain/review.ts';
import type { Mark } from '../domain/sealed-listing.ts';
import type { ScanSettings } from '../domain/source.ts';
import type { Tip } from '../domain/tip.ts';
import type { Source } from '../domain/watch.ts';
import type { FormatName } from '../exports/formats/feed.ts';
import type { Lang } from '../exports/overblock/words.ts';
import type { Transparency } from '../exports/transparency.ts';
import type { AftercareNews } from '../queues/aftercare.ts';
import type { DriftReport } from '../queues/drift.ts';
import type { KeepNews } from '../queues/keep.ts';
import type { LessonEvent } from '../queues/lessons.ts';
import type { ReindexStep } from '../queues/market/reindex.ts';
import type { ReceiveNews } from '../queues/receive.ts';
import type { ReferNews } from '../queues/refer.ts';
import type { ReissueNews } from '../queues/reissue.ts';
import type { WeighedFinding } from '../queues/weigh.ts';
import type { JudgedAppeal } from '../store/appeals.ts';
import type { GivenUp } from '../store/endpoints.ts';
import type { AftercareFault } from '../store/faults.ts';
import type { LabelledPair } from '../store/feedback.ts';
import type { Delivery, Handover } from '../store/handovers.ts';
import type { LedgerLine, LedgerVerdict } from '../store/ledger.ts';
import type { Evaluation, ModelChange } from '../store/models.ts';
import type { Pause } from '../store/pause.ts';
import type { DueCapture, Hold, Kept, Proposal } from '../store/retention.ts';
import type { Ring } from '../store/rings.ts';
import type { Resting, ScanLine } from '../store/scans.ts';
import type { SourceFigures, SourceRun } from '../store/sources.ts';
import type { UrlStory } from '../store/story.ts';

/** Dates as ISO 8601 text: what a value becomes on its way through JSON. */
export type Plain<T> = T extends Date
  ? string
  : T extends object
    ? { readonly [K in keyof T]: Plain<T[K]> }
    : T;

export interface Operations {
  readonly scan: {
    readonly input: {
      readonly seeds: readonly { readonly line: number; readonly text: string }[];
      readonly settings: ScanSettings;
      /** Work in the asked process too; false leaves it to workers elsewhere. */
      readonly work: boolean;
      /** Go on with unfinished scans instead of starting one; `seeds` and `settings` are not looked at. */
      readonly resume: boolean;
      /** Return once queued. */
      readonly detach: boolean;
    };
    readonly event: ScanEvent;
  };
  /** Holds all visits of all workers; `pause` of the answer tells who held them first. */
  readonly pause: {
    readonly input: { readonly by: string; readonly reason: string };
    readonly event: PauseLine;
  };
  /** Lets visits go on. */
  readonly resume: { readonly input: { readonly by: string }; readonly event: PauseLine };
  readonly cases: {
    readonly input: {
      readonly state?: CaseStateName | undefined;
      readonly label?: Label | undefined;
      readonly search?: string | undefined;
      readonly limit?: number | undefined;
    };
    readonly event: CaseLine;
  };
  readonly case: { readonly input: { readonly id: string }; readonly event: CaseView };
  readonly decide: {
    readonly input: {
      readonly id: string;
      readonly verdict: 'confirm' | 'dismiss';
      readonly by: string;
      readonly ground: string;
      readonly reason: string;
    };
    readonly event: CaseLine;
  };
  readonly approve: {
    readonly input: { readonly id: string; readonly by: string };
    readonly event: CaseLine;
  };
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
  readonly ledgerVerify: { readonly input: Record<string, never>; readonly event: LedgerVerdict };
  readonly ledgerSeal: {
    readonly input: Record<string, never>;
    /** `hash` is null when nothing came since the last root. */
    readonly event: { readonly day: string; readonly rows: number; readonly hash: string | null };
  };
  readonly ledgerLines: { readonly input: Record<string, never>; readonly event: LedgerLine };
  /** Decided pages and listings, read again from evidence. */
  readonly lessons: { readonly input: Record<string, never>; readonly event: LessonEvent };
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
  /** What could not be done for a case, longest failing first. */
  readonly faults: { readonly input: Record<string, never>; readonly event: Plain<AftercareFault> };
  readonly faultsClear: {
    readonly input: { readonly id: string };
    readonly event: { readonly cleared: number };
  };
  readonly recheckShow: { readonly input: { readonly id: string }; readonly event: RecheckView };
  /** Takes what may still leave out of a batch that something holds back. */
  readonly reissue: {
    readonly input: { readonly batch: string; readonly by: string };
    readonly event: Plain<ReissueNews>;
  };
  /** What the over-blocking rules find of a case. */
  readonly findings: { readonly input: { readonly id: string }; readonly event: WeighedLine };
  /** One event for each finding of the rule. */
  readonly overrideAsk: {
    readonly input: {
      readonly id: string;
      readonly rule: string;
      readonly by: string;
      readonly why: string;
    };
    readonly event: OverrideLine;
  };
  /** By an officer who did not ask. */
  readonly overrideAnswer: {
    readonly input: {
      readonly id: string;
      readonly rule: string;
      readonly is: OverrideVerdict;
      readonly by: string;
      readonly words: string;
    };
    readonly event: OverrideLine;
  };
  readonly overridesWaiting: { readonly input: { readonly limit: number }; readonly event: OverrideLine };
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
  /** Every model there is, the one that serves first. */
  readonly models: { readonly input: Record<string, never>; readonly event: ModelLine };
  /** Newest first. */
  readonly modelChanges: { readonly input: { readonly limit: number }; readonly event: Plain<ModelChange> };
  /** Notes what an evaluation found. */
  readonly modelEvaluated: {
    readonly input: Omit<Plain<Evaluation>, 'at'>;
    readonly event: { readonly candidate: string };
  };
  readonly modelPromote: {
    readonly input: { readonly name: string; readonly by: string; readonly reason: string };
    readonly event: Plain<ModelChange>;
  };
  readonly modelRollBack: {
    readonly input: { readonly by: string; readonly reason: string };
    readonly event: Plain<ModelChange>;
  };
  /** Null ends the shadow. */
  readonly modelShadow: {
    readonly input: { readonly name: string | null; readonly by: string; readonly reason: string };
    readonly event: Plain<ModelChange>;
  };
  readonly shadowReport: {
    readonly input: Record<string, never>;
    readonly event: ShadowReport & { readonly current: string; readonly shadow: string };
  };
  readonly drift: { readonly input: { readonly days: number }; readonly event: DriftReport };
  /** What waits for a look, in the order to look. */
  readonly reviews: { readonly input: { readonly limit: number }; readonly event: Plain<Review> };
  readonly reviewAnswer: {
    readonly input: {
      readonly id: string;
      readonly label: Label;
      readonly by: string;
      readonly reason: string;
    };
    readonly event: { readonly review: Plain<Review>; readonly case: string | null };
  };
  /** The key is shown this once. */
  readonly tenantAdd: {
    readonly input: Pick<Tenant, 'id' | 'name' | 'isDry' | 'sites'>;
    readonly event: { readonly tenant: Plain<Tenant>; readonly key: string };
  };
  readonly tenantKey: { readonly input: { readonly id: string }; readonly event: { readonly key: string } };
  readonly tenantSwitch: {
    readonly input: { readonly id: string; readonly isDry: boolean };
    readonly event: Plain<Tenant>;
  };
  readonly tenantSites: {
    readonly input: { readonly id: string; readonly sites: readonly string[] };
    readonly event: Plain<Tenant>;
  };
  readonly tenantRevoke: { readonly input: { readonly id: string }; readonly event: Plain<Tenant> };
  readonly tenants: { readonly input: Record<string, never>; readonly event: Plain<Tenant> };
  /** Makes the index of listings anew. */
  readonly marketReindex: { readonly input: Record<string, never>; readonly event: ReindexStep };
  /** Alerts that reached nobody, the newest first. */
  readonly marketUndelivered: { readonly input: { readonly limit: number }; readonly event: Plain<GivenUp> };
  /** Sends one alert again; how many endpoints it goes to. */
  readonly marketResend: {
    readonly input: { readonly tenant: string; readonly event: string };
    readonly event: { readonly sent: number };
  };
  /** Open rings, of most people first. */
  readonly rings: { readonly input: { readonly limit: number }; readonly event: RingLine };
  /** `clear` shows identifiers, and tells the ledger who looked. */
  readonly ring: {
    readonly input: {
      readonly id: string;
      readonly clear: { readonly by: string; readonly reason: string } | null;
    };
    readonly event: RingView;
  };
  readonly ringLabels: { readonly input: Record<string, never>; readonly event: LabelledPair };
  /** Adds sources, or changes those of their names; each as a source file has it. */
  readonly sourcePut: {
    readonly input: { readonly sources: readonly unknown[]; readonly by: string };
    readonly event: { readonly name: string; readonly is: 'added' | 'changed' | 'same' };
  };
  /** One by its name, or all. */
  readonly sources: { readonly input: { readonly name?: string | undefined }; readonly event: SourceLine };
  readonly sourceRuns: {
    readonly input: { readonly name: string; readonly limit: number };
    readonly event: Plain<SourceRun>;
  };
  /** `already` when it was so before. */
  readonly sourcePause: {
    readonly input: { readonly name: string; readonly paused: boolean; readonly by: string };
    readonly event: { readonly name: string; readonly paused: boolean; readonly already: boolean };
  };
  readonly sourceRemove: {
    readonly input: { readonly name: string; readonly by: string };
    readonly event: { readonly name: string };
  };
  /** Looks for addresses now, and visits what is new. */
  readonly sourceRun: {
    readonly input: { readonly name: string; readonly work: boolean; readonly detach: boolean };
    readonly event: ScanEvent | ({ readonly event: 'ran' } & Plain<SourceRun>);
  };
  readonly metrics: { readonly input: Record<string, never>; readonly event: Figure };
  /** What is kept about one address; nothing is asked for. */
  readonly explain: { readonly input: { readonly url: string }; readonly event: UrlExplained };
  /** What looks at an address found, newest first. */
  readonly history: {
    readonly input: { readonly url: string; readonly limit: number };
    readonly event: Plain<AddressHistory>;
  };
  readonly tipSend: {
    readonly input: {
      readonly tips: readonly { readonly url: string; readonly words: string; readonly contact: string }[];
    };
    readonly event: Plain<Tip> | { readonly line: number; readonly url: string; readonly refused: string };
  };
  /** Newest first; or the one of a code. */
  readonly tips: {
    readonly input: { readonly limit: number; readonly code?: string | undefined };
    readonly event: Plain<Tip>;
  };
  /** Pieces of the store file, base64. */
  readonly export: {
    readonly input: { readonly evidence: boolean; readonly by: string };
    readonly event: { readonly chunk: string };
  };
}

export type OperationName = keyof Operations;

export interface House {
  ask<Name extends OperationName>(
    name: Name,
    input: Operations[Name]['input'],
    signal?: AbortSignal,
  ): AsyncIterable<Operations[Name]['event']>;
  close(): Promise<void>;
}

export type ScanEvent =
  | {
      readonly event: 'started';
      readonly scans: readonly string[];
      readonly browser: string | null;
      readonly browserWhy: string | null;
    }
  | {
      readonly event: 'refused';
      readonly line: number;
      readonly url: string;
      readonly reason: string;
      readonly detail: string;
    }
  | ({ readonly event: 'url' } & Omit<ScanLine, 'seq'>)
  /** `waiting`: hosts that are left alone for now. */
  | { readonly event: 'progress'; readonly counts: ScanTally; readonly waiting: number }
  | ({ readonly event: 'resting' } & Plain<Resting>)
  | {
      readonly event: 'done';
      readonly scans: readonly string[];
      readonly counts: ScanTally;
      readonly cases: readonly CaseLine[];
    };

export type OverrideLine = Plain<Override>;
export type WeighedLine = Plain<WeighedFinding>;

export type RingLine = Plain<Ring>;

export interface RingView extends RingLine {
  readonly listings: readonly {
    readonly market: string;
    readonly id: string;
    readonly title: string;
    readonly price: number | null;
    readonly postedAt: string | null;
    readonly captureId: string | null;
    readonly marks: readonly Mark[];
    /** Null unless asked for and still kept. */
    readonly clear: Readonly<Record<string, unknown>> | null;
  }[];
}

export interface UrlExplained {
  readonly url: string;
  /** The address under which it is known. */
  readonly key: string;
  /** Some source or visit knows it. */
  readonly known: boolean;
  /** Why it is never asked for, whoever gives it; null when it may be. */
  readonly refusal: string | null;
  /** Why visits of its host follow no link to it, in words that follow "it"; null when they do. */
  readonly unlinked: string | null;
  /** What robots.txt of its host says of it, as a sentence. */
  readonly robots: string;
  readonly story: Plain<UrlStory>;
}

export interface SourceLine {
  readonly source: Source;
  readonly isPaused: boolean;
  readonly createdAt: string;
  readonly figures: Plain<SourceFigures>;
}

export interface PauseLine {
  readonly event: 'paused' | 'resumed';
  /** It was so before. */
  readonly already: boolean;
  /** Null when visits go on. */
  readonly pause: Plain<Pause> | null;
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

export interface ScanTally {
  readonly hosts: number;
  readonly hostsDone: number;
  readonly due: number;
  readonly captured: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface ModelLine {
  readonly name: string;
  readonly is: 'serves' | 'shadow' | 'candidate';
  /** Came with the program. */
  readonly isBundled: boolean;
  /** Of the last evaluation as a candidate; null when there was none. */
  readonly evaluation: Pick<Plain<Evaluation>, 'at' | 'current' | 'faults'> | null;
  /** Why its bytes cannot be used; null when they can. */
  readonly unreadable: string | null;
}

export interface CaseLine {
  readonly id: string;
  readonly subject: Subject;
  readonly label: Label;
  readonly score: number;
  readonly state: Plain<CaseState>;
  readonly updatedAt: string;
  /** The strongest reasons, at most five. */
  readonly reasons: readonly Signal[];
}

export interface CaseView extends CaseLine {
  readonly openedAt: string;
  /** Sites held to be one with this one, the likest first. */
  readonly siblings: readonly {
    readonly site: string;
    readonly score: number;
    readonly reasons: readonly Reason[];
    /** Of the sibling's own case; null when it has none. */
    readonly caseId: string | null;
    readonly label: Label | null;
    readonly state: string | null;
  }[];
  readonly acts: readonly {
    readonly at: string;
    readonly by: string;
    readonly kind: string;
    readonly facts: unknown;
  }[];
  readonly pages: readonly {
    readonly captureId: string;
    readonly url: string;
    readonly finalUrl: string;
    readonly capturedAt: string;
    readonly title: string;
    readonly label: Label;
    readonly score: number;
    readonly verdict: string;
    readonly lang: string;
    readonly signals: readonly Signal[];
    readonly warc: string;
    readonly screenshot: string | null;
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

/** Takes the one event of an operation that answers once. */
export async function only<Event>(events: AsyncIterable<Event>): Promise<Event> {
  for await (const event of events) return event;
  throw new Error('The house gave no answer. Ask again.');
}
