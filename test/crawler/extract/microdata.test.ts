import { describe, expect, test } from 'vitest';
import { readListings } from '../../../crawler/extract/listing.ts';
import { readMicrodata } from '../../../crawler/extract/microdata.ts';
import { readPage } from '../../../crawler/extract/page.ts';

const AT = 'https://shop.test/p/7';

describe('microdata', () => {
  test('gives things as JSON-LD would, with those that lie in them', () => {
    const html = `<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">Диван <b>угловой</b></h1>
      <img itemprop="image" src="/a.jpg"><meta itemprop="sku" content="77">
      <div itemprop="offers" itemscope itemtype="http://schema.org/Offer"><span itemprop="price" content="120000">120 000 ₸</span>
        <meta itemprop="priceCurrency" content="KZT"></div></div>`;
    expect(readMicrodata(html)).toEqual([
      {
        '@type': ['Product'],
        name: 'Диван угловой',
        image: '/a.jpg',
        sku: '77',
        offers: { '@type': ['Offer'], price: '120000', priceCurrency: 'KZT' },
      },
    ]);
    expect(readListings(readPage(html, AT))).toMatchObject([
      {
        id: '77',
        title: 'Диван угловой',
        price: 120000,
        currency: 'KZT',
        images: ['https://shop.test/a.jpg'],
      },
    ]);
  });

  test('of RDFa Lite is read the same', () => {
    const html = `<div vocab="https://schema.org/" typeof="Apartment"><span property="name">2-бөлмелі пәтер</span>
      <span property="og:title">no</span><div property="offers" typeof="Offer"><b property="price">18 000 000</b></div></div>`;
    expect(readListings(readPage(html, AT))).toMatchObject([{ title: '2-бөлмелі пәтер', price: 18_000_000 }]);
  });

  test('of a page without it is nothing, and a hostile page costs no more than its length', () => {
    expect(readMicrodata('<p>itemscope</p>')).toEqual([]);
    const deep = '<div itemscope itemprop="a">'.repeat(50_000);
    expect(readMicrodata(deep).length).toBeLessThanOrEqual(500);
    expect(readMicrodata('<b itemscope><i itemprop="__proto__" content="x"></b>')).toEqual([{ '@type': [] }]);
  });
});
