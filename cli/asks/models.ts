/** Models: which judges, and which might. */

import type { ShadowReport } from '../../classifiers/shadow.ts';
import type { DriftReport } from '../../queues/drift.ts';
import type { Evaluation, ModelChange } from '../../store/models.ts';
import type { Plain } from './plain.ts';

export interface ModelOperations {
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
