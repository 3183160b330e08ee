/** Visits: what is scanned, held up, and told of an address. */

import type { Figure } from '../../domain/figure.ts';
import type { AddressHistory } from '../../domain/history.ts';
import type { ScanSettings } from '../../domain/source.ts';
import type { Pause } from '../../store/pause.ts';
import type { Stopping } from '../../store/scan-stops.ts';
import type { ScanSummary } from '../../store/scan-views.ts';
import type { Resting, ScanCounts, ScanLine } from '../../store/scans.ts';
import type { UrlStory } from '../../store/story.ts';
import type { CaseLine } from './cases.ts';
import type { Plain } from './plain.ts';

export interface ScanOperations {
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
  /** The last scans, newest first. */
  readonly scans: { readonly input: { readonly limit: number }; readonly event: ScanToldLine };
  /** Ends a scan before it is through: what it has not asked for stays unasked. */
  readonly scanStop: {
    readonly input: { readonly id: string; readonly by: string; readonly reason: string };
    readonly event: { readonly is: Stopping; readonly scan: ScanToldLine };
  };
  /** Holds all visits of all workers; `pause` of the answer tells who held them first. */
  readonly pause: {
    readonly input: { readonly by: string; readonly reason: string };
    readonly event: PauseLine;
  };
  /** Lets visits go on. */
  readonly resume: { readonly input: { readonly by: string }; readonly event: PauseLine };
  readonly metrics: { readonly input: Record<string, never>; readonly event: Figure };
  /** What is kept about one address; nothing is asked for. */
  readonly explain: { readonly input: { readonly url: string }; readonly event: UrlExplained };
  /** What looks at an address found, newest first. */
  readonly history: {
    readonly input: { readonly url: string; readonly limit: number };
    readonly event: Plain<AddressHistory>;
  };
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

export type ScanTally = ScanCounts;

export type ScanToldLine = Plain<ScanSummary>;

export interface PauseLine {
  readonly event: 'paused' | 'resumed';
  /** It was so before. */
  readonly already: boolean;
  /** Null when visits go on. */
  readonly pause: Plain<Pause> | null;
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
