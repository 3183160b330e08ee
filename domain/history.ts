/** The history of an address: what each look at it found, and what changed between the last two pages. */
import type { Verdict } from './assessment.ts';
import type { Change, PageState } from './revisit.ts';
import type { LineChange } from './text/diff.ts';

export interface Look {
  readonly at: Date;
  readonly state: PageState;
  readonly change: Change;
  /** Null when nothing answered. */
  readonly status: number | null;
  /** Why there is no page; null when there is one. */
  readonly reason: string | null;
  readonly verdict: Verdict | null;
  readonly score: number | null;
  /** Shares in common with the last page, 0..1; null where nothing was compared. */
  readonly textAlike: number | null;
  readonly markupAlike: number | null;
  readonly intervalSeconds: number;
  /** The page that was captured; for one that was not modified, the one that still holds. */
  readonly captureId: string | null;
  /** The WARC of an answer that said "not modified". */
  readonly warc: string | null;
}

export interface AddressHistory {
  /** As it was asked for, and as it is known (`canonicalUrl`). */
  readonly url: string;
  readonly key: string;
  /** Null when nobody ever looked. */
  readonly known: {
    readonly state: PageState;
    readonly verdict: Verdict | null;
    /** 0..1. */
    readonly risk: number;
    readonly firstAt: Date;
    readonly lastAt: Date;
    /** When it is looked at again; a budget may put that off. */
    readonly dueAt: Date;
  } | null;
  /** Newest first; at most as many as were asked for. */
  readonly looks: readonly Look[];
  /** Between the newest page that was captured and the newest before it that differs; null when there are no two. */
  readonly difference: {
    readonly before: { readonly captureId: string; readonly at: Date };
    readonly after: { readonly captureId: string; readonly at: Date };
    /** Empty when what differs is not in the words. */
    readonly lines: readonly LineChange[];
  } | null;
}
