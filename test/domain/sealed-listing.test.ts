import { describe, expect, test } from 'vitest';
import type { Listing } from '../../domain/listing.ts';
import { sealListing } from '../../domain/sealed-listing.ts';

const KEY = new Uint8Array(16).fill(7);
const seal = (more: Partial<Listing>) =>
  sealListing(
    {
      id: '1',
      url: 'https://market.test/1',
      title: 'Велосипед',
      text: 'Почти новый',
      price: 40_000,
      currency: 'KZT',
      category: 'Спорт',
      city: 'Алматы',
      seller: null,
      phone: null,
      photos: [],
      postedAt: null,
      attributes: {},
      ...more,
    } as Listing,
    { key: KEY, market: 'market' },
  );

describe('a sealed listing', () => {
  test('holds no telephone in clear, wherever it was written', () => {
    const sealed = seal({
      title: 'Велосипед +7 700 000-00-01',
      text: 'Звоните 8 700 000 00 02',
      attributes: { Телефон: '+7 700 000-00-03', '+7 700 000-00-04': 'звонить' },
      city: 'Алматы, 8 700 000 00 05',
      category: 'Спорт +77000000006',
    });
    expect(JSON.stringify(sealed)).not.toMatch(/700[ -]?000/);
    expect(sealed.attributes['Телефон']).toBe(' · ');
    expect(sealed.phonesInText).toHaveLength(6);
  });

  test('is searched by a telephone in its attributes as by one in its words', () => {
    const [one] = seal({ attributes: { Телефон: '+7 700 000-00-03' } }).phonesInText;
    expect(seal({ text: 'Звоните 8 700 000 00 03' }).phonesInText).toEqual([one]);
  });

  test('keeps attributes that hold no telephone as they are', () => {
    const attributes = { Рама: '19', Год: '2023', Пробег: '120 000 км' };
    expect(seal({ attributes }).attributes).toEqual(attributes);
  });
});
