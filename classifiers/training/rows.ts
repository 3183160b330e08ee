/** What training is given. */
import type { Label } from '../../domain/assessment.ts';
import type { Page } from '../../domain/page.ts';

export interface TrainingPage {
  readonly id: string;
  readonly page: Page;
  readonly label: Label;
  readonly lang: string;
  readonly source: string;
  /** Rows of one group are never on both sides of a fold; a source is one group unless synthetic. */
  readonly group: string;
  readonly isSynthetic: boolean;
}

export interface TrainingPost {
  readonly text: string;
  readonly label: Label;
  readonly lang: string;
  readonly source: string;
  readonly isSynthetic: boolean;
}
