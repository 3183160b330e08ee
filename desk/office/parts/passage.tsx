/** What became of a referral, in words: its state, and the events that led there. */
import type { ReadBatch } from '../../api/batches.ts';
import { plain } from '../../web/show.ts';
import type { Answer } from '../api.ts';
import { sayIfKnown } from '../words.ts';

export type BatchTold = Answer<typeof ReadBatch>;
export type PassageEvent = BatchTold['rows'][number]['events'][number];

/** Events whose state has another name than they themselves. */
const LEADS_TO: Readonly<Record<string, string>> = {
  duplicate: 'duplicate_at_target',
  prescription: 'prescription_issued',
  removed: 'removed_at_source',
};

export function stateWord(state: string): string {
  return sayIfKnown(`passage.${state}`, state);
}

export function eventWord(kind: string): string {
  return stateWord(LEADS_TO[kind] ?? kind);
}

/** What the addressee, a recheck or an officer said with it; '' for nothing in words. */
export function eventDetail({ facts }: Pick<PassageEvent, 'facts'>): string {
  const { reason, detail, target, vantage, given } = facts;
  const said = typeof given === 'object' && given !== null ? Object.values(given) : [];
  return [reason, target, vantage === 'here' ? undefined : vantage, detail, ...said]
    .filter((it): it is string => typeof it === 'string' && it !== '')
    .map(plain)
    .join(' · ');
}
