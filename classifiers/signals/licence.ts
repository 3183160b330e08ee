/** Family `licence`: who may take money from the public, and whether the page says it may. */
import { part, type SignalKind } from './facts.ts';

const OFFERS = [
  'yield.guaranteed',
  'yield.passive',
  'yield.multiply',
  'yield.plans',
  'yield.trading_bot',
  'lead.start_earning',
  'referral.entry_fee',
];

const absent: SignalKind = {
  id: 'licence.absent',
  family: 'licence',
  criterion: 'KZ-ARRFR-6',
  weight: 0.7,
  toward: { pyramid: 0.5, investment_fraud: 0.6 },
  see({ found, folded }) {
    const offers = OFFERS.filter((id) => found.byEntry.get(id)?.some((finding) => finding.frame > 0.5));
    if (offers.length < 2) return null;
    if (found.byEntry.has('counter.legal_details') || /лиценз|licen[cs]e/.test(folded)) return null;
    return part(
      0.4 + 0.2 * offers.length,
      `offers of income (${offers.length} kinds) and no licence, permission or registration named`,
    );
  },
};

export const licenceSignals: readonly SignalKind[] = [absent];
