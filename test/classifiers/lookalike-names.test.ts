import { describe, expect, test } from 'vitest';
import { readBrands } from '../../classifiers/brands.ts';
import { lookalikeNames } from '../../classifiers/lookalike-names.ts';
import { siteOf } from '../../domain/url.ts';

describe('names that play a brand', () => {
  const names = lookalikeNames({
    labels: ['kaspi'],
    own: ['kaspi.kz'],
    lures: ['bonus'],
    endings: ['kz', 'com', 'test'],
  });

  test('are its slips, look-alike letters, lures and other endings, the most telling first', () => {
    for (const name of [
      'kaspi.test',
      'kaspi-kz.com',
      'kaspi-bonus.kz',
      'bonuskaspi.com',
      'kspi.kz',
      'kaaspi.kz',
      'ksapi.kz',
      'kaspo.kz',
      'kas-pi.kz',
      'kaspl.kz',
      'xn--kspi-53d.kz',
    ])
      expect(names, name).toContain(name);
    expect(names.indexOf('kaspi.com')).toBeLessThan(names.indexOf('kspi.kz'));
  });

  test('are registrable names, each once, and never its own', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain('kaspi.kz');
    expect(names.filter((name) => siteOf(name) !== name)).toEqual([]);
  });

  test('are for the most part told by the reader of hosts, too', () => {
    const brands = readBrands();
    const kaspi = brands.all.find(({ name }) => name === 'Kaspi.kz')!;
    const all = brands.lookalikesOf(kaspi);
    const told = all.filter((name) => brands.resembles(name)?.brand === kaspi);
    expect(told.length / all.length).toBeGreaterThan(0.8);
  });
});
