/** All signals, in a fixed order: the order of the trained weights. */
import type { LexiconEntry } from '../lexicon.ts';
import { brandSignals } from './brand.ts';
import { casinoSignals } from './casino.ts';
import { codeSignals } from './code.ts';
import { counterSignals } from './counter.ts';
import type { SignalKind } from './facts.ts';
import { leadSignals } from './lead.ts';
import { lexicalSignal } from './lexical.ts';
import { licenceSignals } from './licence.ts';
import { moneySignals } from './money.ts';
import { referralSignals } from './referral.ts';
import { shopSignals } from './shop.ts';
import { urgencySignals } from './urgency.ts';
import { yieldSignals } from './yield.ts';

export function allSignals(lexicon: readonly LexiconEntry[]): readonly SignalKind[] {
  return [
    ...lexicon.map(lexicalSignal),
    ...yieldSignals,
    ...referralSignals,
    ...licenceSignals,
    ...moneySignals,
    ...urgencySignals,
    ...leadSignals,
    ...brandSignals,
    ...codeSignals,
    ...shopSignals,
    ...casinoSignals,
    ...counterSignals,
  ];
}
