import { describe, expect, test } from 'vitest';
import { listingsByLayout, readSection } from '../../../crawler/extract/layout.ts';
import { readListings } from '../../../crawler/extract/listing.ts';
import { readPage } from '../../../crawler/extract/page.ts';

/** Pages in the style of markets, made up; name of the layout -> a page that lists two, and one advertisement. */
const MARKETS: Readonly<Record<string, { readonly list: string; readonly item: string }>> = {
  olx: {
    list: `<div data-cy="l-card"><a href="/d/1.html"><h4>Табыс күн сайын</h4></a><p data-testid="ad-price">150 000 тг.</p>
        <p data-testid="location-date">Алматы - Сегодня 10:00</p></div>
      <div data-cy="l-card"><a href="/d/2.html"><h4>Второе</h4></a><p data-testid="ad-price">Договорная</p></div>
      <a data-testid="pagination-forward" href="?page=2">›</a>`,
    item: `<h4 data-cy="ad_title">Табыс күн сайын</h4><div data-testid="ad-price-container">150 000 тг.</div>
      <div data-cy="ad_description">Салым салыңыз</div><a data-testid="user-profile-link" href="/list/user/9/">
      <h4 data-testid="user-profile-user-name">Ермек</h4></a><button data-testid="show-phone">Показать телефон</button>`,
  },
  kolesa: {
    list: `<div class="a-card js__a-card"><a class="a-card__link" href="/d/1.html"></a><h5 class="a-card__title">Табыс күн сайын</h5>
        <span class="a-card__price">150 000 ₸</span><span data-test="region">Алматы</span></div>
      <div class="a-card js__a-card"><a class="a-card__link" href="/d/2.html"></a><h5 class="a-card__title">Второе</h5></div>
      <a class="right-arrow next_page" href="?page=2">›</a>`,
    item: `<h1 class="offer__title">Табыс күн сайын</h1><div class="offer__price">150 000 ₸</div>
      <div class="offer__description"><div class="text">Салым салыңыз</div></div>
      <div class="seller-info__name"><a href="/list/user/9/">Ермек</a></div>`,
  },
  krisha: {
    list: `<div class="a-card" data-uuid="u1"><a class="a-card__title" href="/d/1.html">Табыс күн сайын</a>
        <div class="a-card__price">150 000 〒</div><div class="card-stats__item">Алматы</div></div>
      <div class="a-card" data-uuid="u2"><a class="a-card__title" href="/d/2.html">Второе</a></div>
      <a class="paginator__btn paginator__btn--next" href="?page=2">›</a>`,
    item: `<div class="offer__advert-title"><h1>Табыс күн сайын</h1></div><div class="offer__price">150 000 ₸</div>
      <div class="offer__description"><div class="js-description">Салым салыңыз</div></div>
      <div class="owners__name"><a href="/list/user/9/">Ермек</a></div>`,
  },
  market: {
    list: `<div class="advert-card"><a class="advert-card__link" href="/d/1.html"><b class="advert-card__title">Табыс күн сайын</b></a>
        <i class="advert-card__price">150 000 ₸</i><i class="advert-card__region">Алматы</i></div>
      <div class="advert-card"><a class="advert-card__link" href="/d/2.html"><b class="advert-card__title">Второе</b></a></div>
      <a class="pagination__next" href="?page=2">›</a>`,
    item: `<h1 class="advert__title">Табыс күн сайын</h1><p class="advert__price">150 000 ₸</p>
      <p class="advert__description">Салым салыңыз</p><a class="advert__owner-name" href="/list/user/9/">Ермек</a>`,
  },
  satu: {
    list: `<div data-qaid="product_block"><a data-qaid="product_link" href="/d/1.html"><span data-qaid="product_name">Табыс күн сайын</span></a>
        <span data-qaid="product_price">150 000 ₸</span><i data-qaid="delivery_region">Алматы</i></div>
      <div data-qaid="product_block"><a data-qaid="product_link" href="/d/2.html"><span data-qaid="product_name">Второе</span></a></div>
      <a data-qaid="next_page" href="?page=2">›</a>`,
    item: `<h1 data-qaid="product_name">Табыс күн сайын</h1><span data-qaid="product_price">150 000 ₸</span>
      <div data-qaid="product_description">Салым салыңыз</div><a data-qaid="company_name" href="/list/user/9/">Ермек</a>`,
  },
  kaspi: {
    list: `<div class="item-card"><a class="item-card__name-link" href="/d/1.html">Табыс күн сайын</a>
        <span class="item-card__prices-price">150 000 ₸</span></div>
      <div class="item-card"><a class="item-card__name-link" href="/d/2.html">Второе</a></div>
      <a class="pagination__el pagination__el--next" href="?page=2">›</a>`,
    item: `<h1 class="item__heading">Табыс күн сайын</h1><div class="item__price-once">150 000 ₸</div>
      <div class="description__text">Салым салыңыз</div><div class="sellers-table__cell">
      <a class="sellers-table__merchant" href="/list/user/9/">Ермек</a></div>`,
  },
};

const SECTION = 'https://bazar.test/uslugi';
const ITEM = 'https://bazar.test/d/1.html';

describe.each(Object.entries(MARKETS))('a market in the style of %s', (name, { list, item }) => {
  test('lists advertisements and leads to its next page', () => {
    expect(readSection(list, SECTION)).toEqual({
      layout: name,
      items: [ITEM, 'https://bazar.test/d/2.html'],
      next: `${SECTION}?page=2`,
    });
  });

  test('shows cards as listings', () => {
    const [first, second] = readListings(readPage(list, SECTION));
    expect(first).toMatchObject({ title: 'Табыс күн сайын', url: ITEM, price: 150_000, seller: null });
    expect(first!.city).toBe(name === 'kaspi' ? null : 'Алматы');
    expect(second).toMatchObject({ title: 'Второе', price: null, currency: null });
  });

  test('shows one advertisement with its words and seller, and no telephone', () => {
    expect(readListings(readPage(item, ITEM))).toMatchObject([
      {
        title: 'Табыс күн сайын',
        text: 'Салым салыңыз',
        price: 150_000,
        currency: 'KZT',
        seller: { id: 'https://bazar.test/list/user/9/', name: 'Ермек' },
        phone: null,
      },
    ]);
  });
});

describe('a page of no known layout', () => {
  test('holds no listings, and is turned over by its rel=next', () => {
    const html = '<a href="/1">one</a><a rel="next" href="/p/2">›</a>';
    expect(listingsByLayout(html, SECTION)).toEqual([]);
    expect(readSection(html, SECTION)).toEqual({ layout: null, items: [], next: 'https://bazar.test/p/2' });
  });

  test('that declares its listing is read by what it declares', () => {
    const declared = '<script type="application/ld+json">{"@type":"Product","name":"Own words"}</script>';
    const { item } = MARKETS['olx']!;
    expect(readListings(readPage(declared + item, ITEM)).map(({ title }) => title)).toEqual(['Own words']);
  });
});
