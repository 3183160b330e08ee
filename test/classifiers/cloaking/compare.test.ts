import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assessPage } from '../../../classifiers/assess.ts';
import { compareReadings, type Reading } from '../../../classifiers/cloaking/compare.ts';
import { traitsOf } from '../../../classifiers/cloaking/traits.ts';
import { loadModel } from '../../../classifiers/model.ts';
import { readPage } from '../../../crawler/extract/page.ts';
import {
  CLOAKED_SITE,
  HONEST_WAYS,
  type HonestWay,
  MADE_SITE,
  type Shown,
  shownOffer,
  shownPlain,
} from './sites.ts';

const model = loadModel();
const WAYS = Object.keys(HONEST_WAYS) as HonestWay[];

function reading({ url, html }: Shown): Reading {
  const page = readPage(html, url);
  return { traits: traitsOf(page), assessment: assessPage(page, model) };
}

const finding = (base: Shown, variant: Shown, control: Shown | null = base) =>
  compareReadings(reading(base), reading(variant), control === null ? null : reading(control));

const SITE = {
  host: 'uy.test',
  name: 'Арман',
  topic: 'shop',
  order: [0, 2, 3, 4, 5, 6],
  prices: [12_990, 4_500, 7_990, 129_000, 3_200, 990],
  phone: '+7 700 1234567',
  build: 0,
  hasPictures: true,
} as const;
const WHITE = {
  ...SITE,
  host: 'dacha.test',
  name: 'Вкусно дома',
  topic: 'recipes',
  order: [0, 1, 2, 3, 4],
} as const;
const OFFER: Shown = {
  url: 'https://dacha.test/',
  html: '<html lang="ru"><title>Ваш доход 40% в месяц</title><h1>Гарантированный доход 40% в месяц без риска</h1><p>Инвестируйте от 50 000 тенге, выплаты каждый день. Пригласите друзей и получайте бонус 10% от вклада каждого партнёра первой линии. Матричный план, пассивный доход. Успей войти в первую линию!</p>',
};

describe('an honest page that answers another visitor otherwise', () => {
  test.each([
    ['responsive', 'same'],
    ['consent', 'same'],
    ['a tested hero', 'same'],
    ['language kk', 'personalised'],
    ['phone host in kk', 'personalised'],
    ['an age gate', 'personalised'],
    ['the store of apps', 'personalised'],
  ] as const)('is not called cloaked: %s is %s', (way, is) => {
    expect(finding(shownPlain(SITE), HONEST_WAYS[way](SITE)).finding).toBe(is);
  });

  test('is not called cloaked for a name like a brand’s, which is its name before the gate and behind it', () => {
    const site = {
      ...SITE,
      host: 'alaer.test',
      order: [6, 2, 0, 4, 7],
      prices: [990, 990, 990, 990, 990, 990],
    };
    const [base, gate] = [shownPlain(site), HONEST_WAYS['an age gate'](site)];
    expect(reading(gate).assessment.signals.map(({ id }) => id)).toContain('brand.lookalike_host');
    expect(finding(base, gate).finding).toBe('personalised');
  });

  test('is never called cloaked, whatever the site, the way and the direction', () => {
    fc.assert(
      fc.property(MADE_SITE, fc.constantFrom(...WAYS), fc.boolean(), (site, way, isTurned) => {
        const [base, variant] = [shownPlain(site), HONEST_WAYS[way](site)];
        const compared = isTurned ? finding(variant, base) : finding(base, variant);
        expect(compared.finding).not.toBe('cloaked');
      }),
      { numRuns: 250 },
    );
  });

  test('keeps something of itself, so that not its innocence alone clears it', () => {
    const swapped: string[] = [];
    fc.assert(
      fc.property(MADE_SITE, fc.constantFrom(...WAYS), (site, way) => {
        const { text, structure, anchors } = finding(shownPlain(site), HONEST_WAYS[way](site));
        if (text < 0.3 && anchors < 0.25 && structure < 0.6) swapped.push(way);
      }),
      { numRuns: 120 },
    );
    // A page that only asks something before the site is seen has nothing of it but its name.
    const ASKS_FIRST = [
      'an age gate',
      'an offer of the app',
      'a town to choose',
      'repairs',
      'the store of apps',
    ];
    expect([...new Set(swapped)].filter((way) => !ASKS_FIRST.includes(way))).toEqual([]);
  });
});

describe('a white page before an offer', () => {
  test('is called cloaked, and by what: the profile', () => {
    expect(finding(shownPlain(WHITE), OFFER)).toMatchObject({ finding: 'cloaked', by: 'profile', text: 0 });
  });

  test('is called cloaked by the number of the visit where Kuzet too is shown the offer the second time', () => {
    expect(finding(shownPlain(WHITE), OFFER, OFFER)).toMatchObject({ finding: 'cloaked', by: 'visit' });
  });

  test('is not called cloaked before Kuzet has asked again', () => {
    expect(finding(shownPlain(WHITE), OFFER, null).finding).toBe('personalised');
  });

  test('is not called cloaked where the page is another one each time it is asked', () => {
    const third = shownPlain({ ...WHITE, name: 'Наш класс', topic: 'recipes', order: [5] });
    const lottery = {
      url: third.url,
      html: '<title>x</title><p>Совсем другая страница о погоде, садах и огородах нашего края.</p>',
    };
    expect(finding(shownPlain(WHITE), OFFER, lottery)).toMatchObject({ finding: 'personalised', by: null });
  });

  test('is found whatever white page stands before whatever offer, in place or on a site of its own', () => {
    fc.assert(
      fc.property(CLOAKED_SITE, (site) => {
        expect(finding(shownPlain(site.white), shownOffer(site)).finding).toBe('cloaked');
      }),
      { numRuns: 100 },
    );
  });

  test('never speaks against a page that shows Kuzet the offer and visitors a white page', () => {
    fc.assert(
      fc.property(CLOAKED_SITE, (site) => {
        expect(finding(shownOffer(site), shownPlain(site.white)).finding).not.toBe('cloaked');
      }),
      { numRuns: 100 },
    );
  });
});

test('what two pages have in common does not depend on which comes first', () => {
  fc.assert(
    fc.property(MADE_SITE, MADE_SITE, fc.constantFrom(...WAYS), (one, two, way) => {
      const [a, b] = [shownPlain(one), HONEST_WAYS[way](two)];
      const { text, structure, anchors } = finding(a, b);
      expect(finding(b, a)).toMatchObject({ text, structure, anchors });
    }),
    { numRuns: 60 },
  );
});
