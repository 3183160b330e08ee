/**
 * What a feed may carry of what left: a referral and where it stands now. A feed is read by machines that act at
 * once, so it is stricter than a batch, which people read.
 */

import type { PassageState } from '../../domain/passage.ts';
import type { Referral } from '../../domain/record.ts';
import { institutionOf } from '../overblock/institutions.ts';
import { placeOf } from '../overblock/platforms.ts';

export interface Standing {
  readonly referral: Referral;
  readonly state: PassageState;
}

/** Who sends: `contact` is an e-mail address, without `mailto:`. */
export interface Sender {
  /** Code of the organisation, as in batch names. */
  readonly org: string;
  readonly contact: string;
}

/** Out, and nobody has taken it back, objects to it, or found the content gone. */
const STANDS: ReadonlySet<PassageState> = new Set([
  'handed_over',
  'acknowledged',
  'duplicate_at_target',
  'prescription_issued',
  'partial',
  'overdue',
  'platform_notified',
  'no_answer',
  'escalated',
  'restricted',
  'relapsed',
  'upheld',
]);

/** Those that stand, each until it expires; in the order of their cases. */
export function standing(all: readonly Standing[], now: Date): Referral[] {
  return all
    .filter(({ state, referral }) => STANDS.has(state) && new Date(referral.review.expiresAt) > now)
    .map(({ referral }) => referral)
    .sort((a, b) => (a.caseId < b.caseId ? -1 : 1));
}

export interface BlockedName {
  /** In the letters of DNS. */
  readonly name: string;
  /** All names below it too: the referral is of the whole domain. */
  readonly isDomain: boolean;
  readonly caseId: string;
  readonly expiresAt: string;
}

/**
 * Names that may go dark: of whole hosts alone, through operators alone, and never a platform's or a protected
 * institution's, whatever a record says. Each once, by name.
 */
export function blockedNames(referrals: readonly Referral[]): BlockedName[] {
  const names = new Map<string, BlockedName>();
  for (const { channel, effectiveBlockScope, target, caseId, hostname, review } of referrals) {
    const isHost = channel === 'operator_block' && effectiveBlockScope.level === 'host';
    const name = hostname.toLowerCase();
    if (!isHost || !/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/.test(name) || /\.\d+$/.test(name)) continue;
    const { on } = placeOf(new URL(`https://${name}/`));
    if (institutionOf(name) !== null || on === 'front' || on === 'account') continue;
    const isDomain = target.kind === 'site_domain' && on === 'site';
    if (!names.has(name)) names.set(name, { name, isDomain, caseId, expiresAt: review.expiresAt });
  }
  return [...names.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
