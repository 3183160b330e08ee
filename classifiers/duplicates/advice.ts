/**
 * What to tell a marketplace that is about to show a listing: let it pass, warn its seller, or hold it until a
 * person has looked. Copying somebody else's advertisement is no proof of fraud, so that by itself it warns; it
 * holds when something else speaks too.
 */
import type { ContactFlag } from '../../domain/contact.ts';
import type { Advice, AdviceReason } from '../../domain/market-service.ts';
import { FINDING, type Relation } from './matcher.ts';

export interface AdviceMatch {
  readonly relation: Relation;
  readonly score: number;
  readonly isSameSeller: boolean;
  /** People of the ring that the other is in; 0 when in none. */
  readonly people: number;
}

/** A ring of this many people is worth a look before one more joins it. */
const RING_PEOPLE = 3;
/** Robust z of the price below which it is far from what is asked for the like (Iglewicz and Hoaglin, 1993: 3.5). */
const FAR_BELOW = -3.5;

/** @param priceZ robust z of the price among the like; null when there are too few. */
export function adviceOn(
  matches: readonly AdviceMatch[],
  contacts: readonly ContactFlag[],
  priceZ: number | null,
): { readonly advice: Advice; readonly score: number; readonly reasons: readonly AdviceReason[] } {
  const copies = matches.filter(
    ({ relation, score }) => score >= FINDING && (relation === 'duplicate_ad' || relation === 'same_photo'),
  );
  const others = copies.filter(({ isSameSeller }) => !isSameSeller);
  const reasons: AdviceReason[] = [];
  if (others.some(({ people }) => people >= RING_PEOPLE)) reasons.push('one_of_a_ring');
  if (others.some(({ relation }) => relation === 'duplicate_ad')) reasons.push('copy_of_another');
  if (others.some(({ relation }) => relation === 'same_photo')) reasons.push('photos_of_another');
  const isFarBelow = priceZ !== null && priceZ < FAR_BELOW;
  if (isFarBelow) reasons.push('price_far_below');
  reasons.push(...contacts);
  if (others.length < copies.length) reasons.push('own_repeat');
  const isHeld =
    others.length > 0 && (reasons.includes('one_of_a_ring') || isFarBelow || contacts.length > 0);
  return {
    advice: isHeld ? 'hold' : reasons.length > 0 ? 'warn' : 'allow',
    score: others.reduce((most, { score }) => Math.max(most, score), 0),
    reasons,
  };
}
