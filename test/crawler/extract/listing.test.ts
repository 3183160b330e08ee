import { describe, expect, test } from 'vitest';
import { readListings } from '../../../crawler/extract/listing.ts';
import { readPage } from '../../../crawler/extract/page.ts';

const at = 'https://market.example/d/123';
const ld = (value: unknown) => `<script type="application/ld+json">${JSON.stringify(value)}</script>`;
const listings = (html: string) => readListings(readPage(html, at));

describe('readListings', () => {
  test('reads a product with its offer and seller', () => {
    const product = {
      '@context': 'https://schema.org',
      '@type': 'Product',
      name: 'Телефон',
      sku: 123,
      description: 'Жаңа, қорапта',
      category: 'Электроника',
      image: ['/a.jpg', { '@type': 'ImageObject', url: 'https://img.example/b.jpg' }],
      offers: {
        '@type': 'Offer',
        price: '120 000,50',
        priceCurrency: 'kzt',
        seller: { '@type': 'Person', name: 'Азамат', identifier: 'u7', telephone: '+7 700 000 00 44' },
        availableAtOrFrom: { '@type': 'Place', address: { addressLocality: 'Алматы' } },
        validFrom: '2026-11-20',
      },
    };
    expect(listings(ld(product))).toEqual([
      {
        id: '123',
        url: at,
        title: 'Телефон',
        text: 'Жаңа, қорапта',
        price: 120000.5,
        currency: 'KZT',
        category: 'Электроника',
        city: 'Алматы',
        seller: { id: 'u7', name: 'Азамат' },
        phone: '+77000000044',
        images: ['https://market.example/a.jpg', 'https://img.example/b.jpg'],
        postedAt: new Date('2026-11-20'),
      },
    ]);
  });

  test('reads every listing of a list, each once', () => {
    const item = (n: number) => ({
      '@type': 'Car',
      name: `Көлік ${n}`,
      url: `/d/${n}`,
      offers: { '@type': 'Offer', price: n },
    });
    const list = {
      '@graph': [
        {
          '@type': 'ItemList',
          itemListElement: [item(1), item(2)].map((it) => ({ '@type': 'ListItem', item: it })),
        },
        item(1),
      ],
    };
    expect(listings(ld(list)).map(({ title, price, url }) => [title, price, url])).toEqual([
      ['Көлік 1', 1, 'https://market.example/d/1'],
      ['Көлік 2', 2, 'https://market.example/d/2'],
    ]);
  });

  test('falls back to the product tags of OpenGraph', () => {
    const html =
      '<meta property="og:type" content="product"><meta property="og:title" content="Пәтер">' +
      '<meta property="product:price:amount" content="25,000,000"><meta property="product:price:currency" content="KZT">';
    expect(listings(html)).toMatchObject([
      { title: 'Пәтер', price: 25_000_000, currency: 'KZT', seller: null },
    ]);
  });

  test('finds none on a page that declares none', () => {
    expect(listings(ld({ '@type': 'NewsArticle', headline: 'Пирамида' }))).toEqual([]);
    expect(listings('<h1>Телефон 120 000 ₸</h1>')).toEqual([]);
  });
});
