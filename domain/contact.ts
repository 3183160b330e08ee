/**
 * What an advertisement says of how to reach its seller and how to pay: facts for a person to weigh, none of
 * them proof. Honest sellers abroad and honest prepayment exist.
 */
import type { Listing } from './listing.ts';
import { findPhones, isForeignPhone, phoneOf } from './phone.ts';

export type ContactFlag = 'foreign_number' | 'hidden_contact' | 'contact_differs' | 'off_platform_payment';

export interface Contacts {
  /** E.164, each once: the form's first, then those in the words in order. */
  readonly phones: readonly string[];
  readonly flags: readonly ContactFlag[];
}

/** Money before the goods are seen, past the marketplace: ru, kk, en. */
const PAYMENT =
  /предоплат|(?:внес|нужен|беру|под)\p{L}*\s+(?:задаток|аванс|залог)|перев(?:од|ест|еди)\p{L}*\s+(?:\p{L}+\s+){0,2}(?:карт|каспи|kaspi|сч[её]т)|(?:каспи|kaspi)\s*(?:голд|gold|перевод)|оплат\p{L}*\s+вперед|оплат\p{L}*\s+вперёд|алдын\s+ала\s+т[өо]ле|картаға\s+аудар|аванс\s+аудар|pre-?pay|pay(?:ment)?\s+in\s+advance|western\s+union|\busdt\b|криптовалют/iu;

/** @param own the phone of its form as E.164, where that is known already. */
export function contactsOf(
  listing: Pick<Listing, 'title' | 'text' | 'phone'>,
  own = listing.phone === null ? null : phoneOf(listing.phone),
): Contacts {
  const words = `${listing.title}\n${listing.text}`;
  const inText = findPhones(words);
  const phones = new Set([...(own === null ? [] : [own]), ...inText.map((phone) => phone.e164)]);
  const flags: ContactFlag[] = [];
  if ([...phones].some(isForeignPhone)) flags.push('foreign_number');
  if (inText.some((phone) => phone.isHidden)) flags.push('hidden_contact');
  if (own !== null && inText.length > 0 && inText.every((phone) => phone.e164 !== own)) {
    flags.push('contact_differs');
  }
  if (PAYMENT.test(words)) flags.push('off_platform_payment');
  return { phones: [...phones], flags };
}
