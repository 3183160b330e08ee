/** Cases: what people decide, the rules that speak against it, and what is read again. */

import type { Reason } from '../../classifiers/lookalike-sites.ts';
import type { Label, Signal } from '../../domain/assessment.ts';
import type { CaseState, CaseStateName, Subject } from '../../domain/case.ts';
import type { Override, OverrideVerdict } from '../../domain/override.ts';
import type { Review } from '../../domain/review.ts';
import type { LessonEvent } from '../../queues/lessons.ts';
import type { WeighedFinding } from '../../queues/weigh.ts';
import type { Plain } from './plain.ts';

export interface CaseOperations {
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
  /** Decided pages and listings, read again from evidence. */
  readonly lessons: { readonly input: Record<string, never>; readonly event: LessonEvent };
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

export type OverrideLine = Plain<Override>;

export type WeighedLine = Plain<WeighedFinding>;
