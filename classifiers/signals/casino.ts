/** Family `casino`: the trade's own code. */
import { cut, part, type SignalKind } from './facts.ts';

const code: SignalKind = {
  id: 'casino.code',
  family: 'casino',
  criterion: 'KZ-GAMBLING',
  weight: 1.4,
  toward: { illegal_casino: 1 },
  see({ source }) {
    const found = new Set(
      source.match(
        /casino|bet-?slip|sportsbook|jackpot|free-?spins?|live-?casino|slot-?(?:game|item|card|grid|list|oyun)|betconstruct|softswiss|pragmatic|netent|microgaming|evoplay|spribe|aviator|roulette|blackjack|tombala|rulet|bahis|казино/g,
      ) ?? [],
    );
    return found.size < 2 ? null : part(0.15 + 0.17 * found.size, cut([...found].join(', ')));
  },
};

const nextDomains: SignalKind = {
  id: 'casino.numbered_domains',
  family: 'casino',
  criterion: 'KZ-GAMBLING',
  weight: 1.0,
  toward: { illegal_casino: 1 },
  see({ folded, host }) {
    const inText = folded.match(/\b[a-z]{4,20}\d{2,4}\.(?:com|net|org|tv|vip|bet|win|live)\b/g) ?? [];
    const isOwn = host !== null && /(?:bet|casino|slot|win|bahis)[a-z]*\d{2,4}\./.test(host);
    if (inText.length < 2 && !isOwn) return null;
    return part(
      0.5 + 0.15 * inText.length,
      cut([...(isOwn ? [host] : []), ...inText.slice(0, 5)].join(', ')),
    );
  },
};

export const casinoSignals: readonly SignalKind[] = [code, nextDomains];
