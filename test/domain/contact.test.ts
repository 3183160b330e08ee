import { describe, expect, test } from 'vitest';
import { contactsOf } from '../../domain/contact.ts';
import { identifierHash } from '../../domain/identifier.ts';

const flags = (text: string, phone: string | null = '+77000000012') =>
  contactsOf({ title: 'Коляска', text, phone }).flags;

describe('contacts of a listing', () => {
  test('are the phone of the form, then those in the words, each once', () => {
    const { phones } = contactsOf({
      title: '',
      text: 'тел 87000000034, 87000000012',
      phone: '8 700 000 00 12',
    });
    expect(phones).toEqual(['+77000000012', '+77000000034']);
  });

  test('an ordinary listing has no flag', () => {
    expect(flags('Состояние отличное, торг при осмотре, звоните 8 700 000 00 12')).toEqual([]);
  });

  test('flag a number of another country, in the form or in the words', () => {
    expect(flags('Состояние отличное', '+380990000012')).toEqual(['foreign_number']);
    expect(flags('Viber +380990000012')).toContain('foreign_number');
  });

  test('flag a number that is hidden, and one that is not the form’s', () => {
    expect(flags('тел 87O0ооо0O12')).toEqual(['hidden_contact']);
    expect(flags('звоните 87000000034')).toEqual(['contact_differs']);
  });

  test.each([
    'Только предоплата через банк',
    'Переведите на карту, и отправлю',
    'Алдын ала төлем керек',
    'Prepayment only',
  ])('flag payment past the marketplace: %s', (text) => {
    expect(flags(text)).toEqual(['off_platform_payment']);
  });
});

describe('the hash of an identifier', () => {
  const key = new Uint8Array(32).fill(7);

  test('is the same for the same value, and another for another kind, value or key', () => {
    const hash = identifierHash(key, 'phone', '+77000000012');
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    expect(identifierHash(key, 'phone', '+77000000012')).toBe(hash);
    expect(identifierHash(key, 'account', '+77000000012')).not.toBe(hash);
    expect(identifierHash(key, 'phone', '+77000000013')).not.toBe(hash);
    expect(identifierHash(new Uint8Array(32).fill(8), 'phone', '+77000000012')).not.toBe(hash);
  });

  test('is not made with a key that could be guessed', () => {
    expect(() => identifierHash(new Uint8Array(8), 'ip', '198.18.0.1')).toThrow(RangeError);
  });
});
