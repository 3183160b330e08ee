/** Family `money`: where it goes and what is asked for on the way. */
import { excerptAround } from '../../domain/text.ts';
import { cut, isSecret, part, type SignalKind } from './facts.ts';

const wallets: SignalKind = {
  id: 'money.wallet',
  family: 'money',
  criterion: 'RU-CBR-9',
  weight: 1.1,
  toward: { pyramid: 0.5, investment_fraud: 0.5 },
  see({ page }) {
    const first = page.wallets[0];
    return first === undefined
      ? null
      : part(0.6 + 0.2 * (page.wallets.length - 1), `${first.network} ${first.address}`);
  },
};

const cardFields: SignalKind = {
  id: 'money.card_fields',
  family: 'money',
  criterion: 'KZ-MVD-3',
  weight: 1.0,
  toward: { phishing: 0.8, fake_shop: 0.4 },
  see({ page }) {
    const fields = page.forms.flatMap((form) => form.fields).filter(isSecret);
    if (fields.length === 0) return null;
    return part(
      0.4 + 0.2 * fields.length,
      fields.map((field) => `${field.name} ${field.label}`.trim()).join(', '),
    );
  },
};

const identityFields: SignalKind = {
  id: 'money.identity_fields',
  family: 'money',
  criterion: 'KZ-MVD-3',
  weight: 0.6,
  toward: { phishing: 0.7, dropper: 0.5 },
  see({ page }) {
    const field = page.forms
      .flatMap((form) => form.fields)
      .find((it) =>
        /\b(iin|jsn|passport|ssn)\b|иин|жсн|паспорт|удостоверени|жеке куәлік/i.test(`${it.name} ${it.label}`),
      );
    return field === undefined ? null : part(0.8, `${field.name} ${field.label}`);
  },
};

const cardNumber: SignalKind = {
  id: 'money.card_number',
  family: 'money',
  criterion: 'KZ-MVD-1',
  weight: 1.1,
  toward: { fake_shop: 0.7, pyramid: 0.4 },
  see({ visible }) {
    for (const match of visible.matchAll(/\b\d{4} ?\d{4} ?\d{4} ?\d{4}\b/g)) {
      if (luhn(match[0]))
        return part(0.9, excerptAround(visible, match.index, match.index + match[0].length, 100));
    }
    return null;
  },
};

function luhn(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum > 0 && sum % 10 === 0;
}

const processors: SignalKind = {
  id: 'money.processor_code',
  family: 'money',
  criterion: 'RU-CBR-9',
  weight: 1.2,
  toward: { pyramid: 1 },
  see({ source }) {
    const names = new Set(
      source.match(
        /perfect[-_ ]?money|adv[-_]?cash|payeer|coinpayments|nowpayments|free-?kassa|epaycore|solidtrust|nixmoney|okpay|egopay|coinbase[-_ ]commerce|blockchain[-_ ]?wallet/g,
      ) ?? [],
    );
    return names.size === 0 ? null : part(0.5 + 0.25 * (names.size - 1), cut([...names].join(', ')));
  },
};

export const moneySignals: readonly SignalKind[] = [
  wallets,
  cardFields,
  identityFields,
  cardNumber,
  processors,
];
