import { describe, expect, test } from 'vitest';
import { readBrands } from '../../classifiers/brands.ts';

const brands = readBrands();

describe('brands', () => {
  test('are sixty Kazakh and neighbouring ones or more, no domain owned twice', () => {
    expect(brands.all.filter((brand) => brand.kind !== 'global').length).toBeGreaterThanOrEqual(60);
  });

  test.each(brands.all.flatMap((brand) => brand.domains))('%s resembles nobody', (domain) => {
    expect(brands.resembles(domain)).toBeNull();
    expect(brands.resembles(`my.${domain}`)).toBeNull();
  });

  test.each([
    ['kaspi-bank.example', 'Kaspi.kz', 'name_in_domain'],
    ['kaspl.kz', 'Kaspi.kz', 'one_letter_off'],
    ['kаspi.example', 'Kaspi.kz', 'name_in_domain'],
    ['kaspi.kz.login.example', 'Kaspi.kz', 'domain_as_subdomain'],
    ['halyk-bonus.example', 'Halyk Bank', 'name_in_domain'],
    ['hallykbank.example', 'Halyk Bank', 'one_letter_off'],
    ['egov-kz.example', 'eGov', 'name_in_domain'],
    ['0lx.kz', 'OLX', 'name_in_domain'],
    ['otbasybank.example', 'Otbasy Bank', 'name_in_domain'],
    ['paypal.secure.example', 'PayPal', 'name_in_domain'],
  ])('%s plays %s (%s)', (host, name, how) => {
    const likeness = brands.resembles(host);
    expect(likeness?.brand.name).toBe(name);
    expect(likeness?.how).toBe(how);
  });

  test.each([
    'example.com',
    'school-12.example',
    'interest.example',
    'google.example',
    'central-park.example',
    'baspana.example',
  ])('%s plays nobody', (host) => {
    expect(brands.resembles(host)).toBeNull();
  });

  test('are found by name in a text, as whole words', () => {
    expect(brands.namedIn('Личный кабинет — Каспи')?.name).toBe('Kaspi.kz');
    expect(brands.namedIn('Каспийское море')).toBeNull();
  });
});
