import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseLinks } from '../../crawler/scope.ts';

const visit = { host: 'site.test', limit: 100 };
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

  test('keep out of paths that repeat themselves and of endless parameters', () => {
    expect(
      choose(
        'https://site.test/a/b/a/b/a/b',
        `https://site.test/?${'abcdefg'
          .split('')
          .map((n) => `${n}=1`)
          .join('&')}`,
      ),
    ).toEqual([]);
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

  test('of one template are taken up to a hundred from one page', () => {
    const days = Array.from({ length: 500 }, (_, n) => `https://site.test/calendar/${n}`);
    expect(
      chooseLinks(
        days.map((href) => ({ href, text: '' })),
        { ...visit, limit: 1000 },
      ),
    ).toHaveLength(100);
  });

  test('never throw, whatever a page holds', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ href: fc.string(), text: fc.string() })), (links) => {
        expect(chooseLinks(links, visit).length).toBeLessThanOrEqual(links.length);
      }),
    );
  });
});
