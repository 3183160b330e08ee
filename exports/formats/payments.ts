/**
 * Where a page asks money to be sent: accounts, cards, wallets, phones, as they stand in its text. For the centre
 * that stops payments. A card is masked to its first six and last four digits (PCI DSS 4.0, 3.4.1); a number whose
 * check digits do not hold is no card and no account.
 */

import { findPhones } from '../../domain/phone.ts';
import type { Referral } from '../../domain/record.ts';
import { harmless, quoted } from '../kibernadzor/form-csv.ts';

export type PaymentKind = 'account' | 'card' | 'wallet' | 'phone';

export interface PaymentIndicator {
  readonly kind: PaymentKind;
  /** An IBAN, a masked card, an address on a chain, E.164. */
  readonly value: string;
  /** Chain of a wallet, country of an account; '' for others. */
  readonly network: string;
  readonly caseId: string;
  readonly url: string;
  readonly seenAt: string;
  /** Of the page's picture, which shows it. */
  readonly screenshotSha256: string;
}

export interface PaymentSource {
  readonly referral: Referral;
  /** What a reader of the page sees. */
  readonly text: string;
  readonly wallets: readonly { readonly network: string; readonly address: string }[];
}

/** Each value once a case, in the order of kinds and of sight. */
export function paymentIndicators(sources: readonly PaymentSource[]): PaymentIndicator[] {
  return sources.flatMap(({ referral, text, wallets }) => {
    const found: [PaymentKind, string, string][] = [
      ...ibansIn(text).map((iban): [PaymentKind, string, string] => ['account', iban, iban.slice(0, 2)]),
      ...cardsIn(text).map((card): [PaymentKind, string, string] => ['card', card, '']),
      ...wallets.map(({ network, address }): [PaymentKind, string, string] => ['wallet', address, network]),
      ...findPhones(text).map(({ e164 }): [PaymentKind, string, string] => ['phone', e164, '']),
    ];
    const once = new Map(found.map((each) => [`${each[0]} ${each[1]}`, each]));
    return [...once.values()].map(([kind, value, network]) => ({
      kind,
      value,
      network,
      caseId: referral.caseId,
      url: referral.url,
      seenAt: referral.lastSeenAliveAt,
      screenshotSha256: referral.evidence.find(({ id }) => id === referral.screenshotMain)?.sha256 ?? '',
    }));
  });
}

/** Kazakhstan's are 20 characters: KZ, two check digits, three of the bank, thirteen of the account (ISO 13616). */
export function ibansIn(text: string): string[] {
  const found = text.toUpperCase().match(/\bKZ\d{2}(?:[ -]?[A-Z0-9]){16}\b/g) ?? [];
  return [...new Set(found.map((each) => each.replace(/[ -]/g, '')))].filter(isIban);
}

/** ISO 7064, MOD 97-10. */
function isIban(iban: string): boolean {
  const digits = `${iban.slice(4)}${iban.slice(0, 4)}`.replace(/[A-Z]/g, (letter) =>
    String(letter.charCodeAt(0) - 55),
  );
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}

/** Masked at once: a whole card number leaves this function nowhere. */
export function cardsIn(text: string): string[] {
  const found = text.match(/(?<![\d-])[2-6]\d{3}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}(?![\d-])/g) ?? [];
  const numbers = found.map((each) => each.replace(/[ -]/g, '')).filter(isCard);
  return [...new Set(numbers.map((number) => `${number.slice(0, 6)}******${number.slice(-4)}`))];
}

/** ISO/IEC 7812-1, annex B: the Luhn formula. */
function isCard(number: string): boolean {
  const sum = [...number].reverse().reduce((total, digit, at) => {
    const doubled = Number(digit) * (at % 2 === 1 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

const COLUMNS = ['kind', 'value', 'network', 'caseId', 'url', 'seenAt', 'screenshotSha256'] as const;

/** A phone starts with a plus: it stays text by the apostrophe that `harmless` puts before it. */
export function paymentsCsv(indicators: readonly PaymentIndicator[]): string {
  const rows = indicators.map((it) => COLUMNS.map((column) => quoted(harmless(it[column]))));
  return `\ufeff${[[...COLUMNS], ...rows].map((row) => `${row.join(';')}\r\n`).join('')}`;
}
