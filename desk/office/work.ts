/**
 * An officer's way through a queue: the case on the screen and one more are held, and the one more is fetched before it
 * is asked for, so that after a decision the next case is there at once.
 */
import type { ReadCase } from '../api/cases.ts';
import type { ClaimNext, ListClaims } from '../api/queue.ts';
import { type Answer, ask } from './api.ts';
import { known, preload } from './asked.ts';
import type { CaseTold } from './case-told.ts';

export const WORKS = ['open', 'senior', 'confirmed'] as const;
export type Work = (typeof WORKS)[number];

/** `?work=` of an address; null when the case was opened by itself. */
export function workOf(query: URLSearchParams): Work | null {
  return WORKS.find((it) => it === query.get('work')) ?? null;
}

export const caseKey = (id: string) => `case/${id}`;
export const loadCase = (id: string) => () =>
  ask<typeof ReadCase>('get', '/api/cases/{id}', { params: { id } });

const FILTERS = {
  open: { state: 'open', lane: 'desk' },
  senior: { state: 'open', lane: 'senior' },
  confirmed: { state: 'confirmed' },
} as const;

/** The case on the screen and the one after it. */
const HELD = 2;

/**
 * Holds what comes next, and fetches it with its picture.
 *
 * @returns the next case's id, other than those left out; null when the queue is worked off.
 */
export async function prepareNext(work: Work, leftOut: readonly string[]): Promise<string | null> {
  const body = { ...FILTERS[work], want: HELD };
  const { claims } = await ask<typeof ClaimNext>('post', '/api/claims', { body });
  const next = claims.find(({ caseId }) => !leftOut.includes(caseId))?.caseId ?? null;
  if (next !== null) await fetchAhead(next);
  return next;
}

async function fetchAhead(id: string): Promise<void> {
  await preload(caseKey(id), loadCase(id));
  const main = known<CaseTold>(caseKey(id))?.main;
  if (main?.screenshot != null) new Image().src = pictureOf(main.id);
}

export function pictureOf(captureId: string, of: 'window' | 'page' = 'window'): string {
  return `/api/captures/${captureId}/screenshot${of === 'page' ? '?of=page' : ''}`;
}

export async function heldNow(): Promise<Answer<typeof ListClaims>['claims']> {
  return (await ask<typeof ListClaims>('get', '/api/claims', {})).claims;
}

/** How often a hold is made longer while a case is on the screen; it lasts ten minutes. */
export const HOLD_AGAIN_MS = 180_000;
