/** Where addresses come from: sources and tips. */

import type { Tip } from '../../domain/tip.ts';
import type { Source } from '../../domain/watch.ts';
import type { SourceFigures, SourceRun } from '../../store/sources.ts';
import type { Plain } from './plain.ts';
import type { ScanEvent } from './scans.ts';

export interface SourceOperations {
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
}

export interface SourceLine {
  readonly source: Source;
  readonly isPaused: boolean;
  readonly createdAt: string;
  readonly figures: Plain<SourceFigures>;
}
