import { describe, expect, test } from 'vitest';
import { siteOf } from '../../domain/url.ts';
import { institutionOf } from '../../exports/overblock/institutions.ts';
import { placeOf } from '../../exports/overblock/platforms.ts';
import table from '../../exports/overblock/popular.json' with { type: 'json' };
import { PopularListError, popularSites, SHIPPED } from '../../exports/overblock/popular.ts';
import { overblockFindings } from '../../exports/overblock/rules.ts';
import { keptInWords } from '../../exports/overblock/words.ts';
import { picture } from './samples.ts';

const ask = (url: string, channel: 'operator_block' | 'platform_notice' | 'hosting_notice', list = SHIPPED) =>
  overblockFindings({
    url,
    channel,
    finalUrl: url,
    seen: [url],
    pages: [{ url, verdict: 'flag' }],
    screenshot: picture(1),
    screenshotAlsoOf: [],
    sentIn: [],
    hostedInKz: false,
    popular: list,
  }).filter(({ about }) => about.key === 'OB8.popular');

describe('widely visited sites (OB8)', () => {
  const list = popularSites(
    '1,shop.example\n2,news.example\n\n# bought in May\nwww.bank.test.\n',
    'ranking-2026-11.csv',
  );

  test('ask two officers for care, with the list and its source named, in three languages', () => {
    const [finding] = ask('https://pay.shop.example/x', 'operator_block', list);
    expect(finding).toMatchObject({
      rule: 'OB8',
      kind: 'soft',
      about: { key: 'OB8.popular', facts: { host: 'pay.shop.example', source: 'ranking-2026-11.csv' } },
    });
    expect(keptInWords(finding!.about, 'ru', '')).toContain(
      'среди широко посещаемых сайтов (ranking-2026-11.csv)',
    );
    expect(keptInWords(finding!.about, 'kk', '')).toContain(
      'көп адам кіретін сайттардың бірі (ranking-2026-11.csv)',
    );
    expect(ask('https://pay.shop.example/x', 'hosting_notice', list)).toHaveLength(1);
  });

  test('say nothing of other sites, of names that only end alike, and of one account on a platform', () => {
    expect(ask('https://shop.example.scam.test/', 'operator_block', list)).toEqual([]);
    expect(ask('https://myshop.example/', 'operator_block', list)).toEqual([]);
    expect(ask('https://bank.test/', 'operator_block', list)).toHaveLength(1);
    expect(ask('https://t.me/scam', 'platform_notice', popularSites('t.me', 'x'))).toEqual([]);
  });

  test('read a list of one domain a line or rank and domain, and name the line that is neither', () => {
    expect(() => popularSites('a.test\n<html>\n', 'x.csv')).toThrow(
      new PopularListError('x.csv', 2, '"<html>" is no domain'),
    );
    expect(() => popularSites('\n# nothing\n', 'x.csv')).toThrow('it holds no domain');
  });

  test('that ship are registrable domains, each once, and none that another rule holds already', () => {
    const { domains } = table;
    expect(domains.length).toBeGreaterThanOrEqual(100);
    expect(domains).toEqual([...new Set(domains)].sort());
    for (const domain of domains) {
      expect([domain, siteOf(domain), placeOf(new URL(`https://${domain}/`)).on]).toEqual([
        domain,
        domain,
        'site',
      ]);
      expect([domain, institutionOf(domain)]).toEqual([domain, null]);
      expect(ask(`https://www.${domain}/x`, 'operator_block')).toHaveLength(1);
    }
  });
});
