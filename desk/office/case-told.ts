/** A case as the API tells it, in short and in full. */
import type { ReadCase } from '../api/cases.ts';
import type { ReadQueue } from '../api/queue.ts';
import type { Answer } from './api.ts';

export type CaseTold = Answer<typeof ReadCase>;
export type Queued = Answer<typeof ReadQueue>['items'][number];
/** What both have. */
export type Case = Pick<CaseTold, 'id' | 'subject' | 'label' | 'score' | 'state'>;
export type Captured = NonNullable<CaseTold['main']>;
