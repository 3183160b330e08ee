/** Family `urgency`: haste, luck and the crowd. */
import { cut, part, type SignalKind } from './facts.ts';

const countdown: SignalKind = {
  id: 'urgency.countdown',
  family: 'urgency',
  criterion: 'KZ-ARRFR-3',
  weight: 0.6,
  toward: { investment_fraud: 0.4, fake_shop: 0.4 },
  see({ source }) {
    const found =
      /count-?down|timer[-_]?(?:min|sec|hour|block|box)|data-(?:timer|countdown|deadline)|flipclock|class="[^"]{0,40}timer/.exec(
        source,
      );
    return found === null ? null : part(0.7, cut(found[0]));
  },
};

const ticker: SignalKind = {
  id: 'urgency.payout_ticker',
  family: 'urgency',
  criterion: 'KZ-ARRFR-3',
  weight: 0.9,
  toward: { pyramid: 0.4, investment_fraud: 0.4, illegal_casino: 0.4 },
  see({ visible, source }) {
    const winners =
      (visible.includes('**') ? visible : '').match(/(?<![\p{L}*])\p{L}{2,5}\*{2,6}(?![\p{L}*])/gu) ?? [];
    if (winners.length >= 3) return part(0.4 + 0.1 * winners.length, cut(winners.slice(0, 6).join(', ')));
    const code =
      /(?:last|latest|recent)[-_]?(?:deposits?|withdraws?|withdrawals?|payouts?|winners?|investors?)|fake[-_]?(?:notif|popup|withdraw)|live[-_]?payouts?/.exec(
        source,
      );
    return code === null ? null : part(0.7, cut(code[0]));
  },
};

const wheel: SignalKind = {
  id: 'urgency.wheel',
  family: 'urgency',
  criterion: 'KZ-ARRFR-3',
  weight: 0.8,
  toward: { phishing: 0.5, illegal_casino: 0.3, investment_fraud: 0.2 },
  see({ source }) {
    const found =
      /spin-?(?:the-?)?wheel|wheel-?of-?fortune|fortune-?wheel|scratch-?card|lucky-?(?:spin|draw|wheel)/.exec(
        source,
      );
    return found === null ? null : part(0.8, cut(found[0]));
  },
};

export const urgencySignals: readonly SignalKind[] = [countdown, ticker, wheel];
