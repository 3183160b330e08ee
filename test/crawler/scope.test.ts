import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseLinks } from '../../crawler/scope.ts';

const visit = { host: 'site.test', pages: 20, limit: 100, risk: 0, depth: 1 };
const choose = (...hrefs: string[]) =>
  chooseLinks(
    hrefs.map((href) => ({ href, text: '' })),
    visit,
  ).map(({ url }) => url.href);

describe('the links of a visit', () => {
  test('stay on its host, with www. counted equal', () => {
    expect(
      choose(
        'https://site.test/a',
        'http://www.site.test/b',
        'https://other.test/',
        'https://sub.site.test/',
        'mailto:a@site.test',
      ),
    ).toEqual(['https://site.test/a', 'http://www.site.test/b']);
  });

  test('are pages, not files, and never end a session', () => {
    expect(
      choose(
        'https://site.test/doc.pdf',
        'https://site.test/logo.PNG',
        'https://site.test/logout',
        'https://site.test/?action=logout',
        'https://site.test/page',
      ),
    ).toEqual(['https://site.test/page']);
  });

  test('are taken once, tracking tails and fragments aside', () => {
    expect(
      choose('https://site.test/a#x', 'https://site.test/a?utm_source=y', 'https://site.test/a'),
    ).toEqual(['https://site.test/a']);
  });

  test('that a trap grows from are known, with the reason why they are not asked for', () => {
    const looping = 'https://site.test/a/b/a/b/a/b';
    const filters = `https://site.test/?${[...'abcdefg'].map((name) => `${name}=1`).join('&')}`;
    const chosen = chooseLinks(
      [looping, filters, 'https://site.test/plans'].map((href) => ({ href, text: '' })),
      visit,
    );
    expect(chosen.map(({ url, refusal }) => [url.href, refusal])).toEqual([
      ['https://site.test/plans', null],
      [looping, 'it passes through "a" 3 times'],
      [filters, 'it has more than 6 parameters'],
    ]);
  });

  test('put telling pages first, in Russian and Kazakh too', () => {
    const links = [
      { href: 'https://site.test/news?id=5', text: 'Новости' },
      { href: 'https://site.test/p1', text: 'Инвестиционные планы' },
      { href: 'https://site.test/p2', text: 'Табыс' },
      { href: 'https://site.test/investment-plans', text: 'Тарифы' },
    ];
    expect(chooseLinks(links, visit).map(({ url }) => url.pathname)).toEqual([
      '/investment-plans',
      '/p1',
      '/p2',
      '/news',
    ]);
  });

  test('carry the shape they share with others, and how many of it a visit takes up', () => {
    const shapes = chooseLinks(
      [
        'https://site.test/catalog/phones/apple-15',
        'https://site.test/2026/11',
        'https://site.test/shop?a=1&b=2&c=3',
      ].map((href) => ({ href, text: '' })),
      { ...visit, pages: 500 },
    ).map(({ url, shape }) => [url.pathname, shape]);
    expect(Object.fromEntries(shapes)).toEqual({
      '/catalog/phones/apple-15': { name: '/catalog/…/#', most: 500 },
      '/shop': { name: '/…?a&b&c', most: 30 },
      '/2026/11': { name: '/#/#', most: 12 },
    });
  });

  test('never throw, whatever a page holds', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ href: fc.string(), text: fc.string() })), (links) => {
        expect(chooseLinks(links, visit).length).toBeLessThanOrEqual(links.length);
      }),
    );
  });
});
