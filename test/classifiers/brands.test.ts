import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assessPage } from '../../classifiers/assess.ts';
import { readBrands } from '../../classifiers/brands.ts';
import { loadModel } from '../../classifiers/model.ts';
import { readPage } from '../../crawler/extract/page.ts';

const brands = readBrands();
const model = loadModel();

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
    ['mykaspibonus.example.com', 'Kaspi.kz', 'name_in_domain'],
    ['kaspi.secure-login.example', 'Kaspi.kz', 'name_in_domain'],
    ['halyk-bonus.example', 'Halyk Bank', 'name_in_domain'],
    ['egov-kz.example', 'eGov', 'domain_as_subdomain'],
    ['otbasybank.example', 'Otbasy Bank', 'name_in_domain'],
    ['paypal.secure.example', 'PayPal', 'name_in_domain'],
    ['kaspl.kz', 'Kaspi.kz', 'letters_alike'],
    ['xn--kspi-53d.example', 'Kaspi.kz', 'letters_alike'],
    ['0lx.kz', 'OLX', 'letters_alike'],
    ['rnagnum.kz', 'Magnum', 'letters_alike'],
    ['ha-lykbank.test', 'Halyk Bank', 'letters_alike'],
    ['hallykbank.example', 'Halyk Bank', 'one_letter_off'],
    ['ahlykbank.test', 'Halyk Bank', 'one_letter_off'],
    ['kaspu-bonus.test', 'Kaspi.kz', 'one_letter_off'],
    ['kaspi.kz.login.example', 'Kaspi.kz', 'domain_as_subdomain'],
    ['kaspi.kz-login.example', 'Kaspi.kz', 'domain_as_subdomain'],
    ['kaspi-kz.login.example', 'Kaspi.kz', 'domain_as_subdomain'],
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
    'kaspiysk.test',
    'halyksot.example.com',
    'magnumopus.test',
    'homesweethome.test',
    'fortepiano.test',
    'beelinear.test',
    'xn--d1acpjx3f.example.com',
  ])('%s plays nobody', (host) => {
    expect(brands.resembles(host)).toBeNull();
  });

  test('prove less by a name that is also a word than by one that is not', () => {
    expect(brands.resembles('halyk-bonus.test')!.strength).toBeLessThan(
      brands.resembles('kaspi-bonus.test')!.strength,
    );
  });

  test('count an everyday word in Kazakhstan alone', () => {
    expect(brands.resembles('home-bonus.kz')?.brand.name).toBe('Home Credit Bank Kazakhstan');
    expect(brands.resembles('home-bonus.test')).toBeNull();
  });

  test('let a name that trades in many countries stand alone, not beside a lure', () => {
    expect(brands.resembles('olx.example.com')).toBeNull();
    expect(brands.resembles('olx-oplata.com')?.brand.name).toBe('OLX');
    expect(brands.resembles('olx.ba')).toBeNull();
  });

  test('are never played by what stands in an address behind the host', () => {
    const page = readPage('', 'https://example.com/kaspi.kz/login?bank=halykbank.kz');
    expect(assessPage(page, model).signals.filter((it) => it.family === 'brand')).toEqual([]);
  });

  test('take no host for another of the same letters in another case or with a port', () => {
    const hosts = fc.stringMatching(/^[a-z0-9-]{1,20}(\.[a-z0-9-]{1,20}){1,4}$/);
    fc.assert(
      fc.property(hosts, fc.integer({ min: 1, max: 65535 }), (host, port) => {
        expect(brands.resembles(`${host.toUpperCase()}:${port}`)).toEqual(brands.resembles(host));
      }),
    );
  });

  test('are found by name in a text, as whole words', () => {
    expect(brands.namedIn('Личный кабинет — Каспи')?.name).toBe('Kaspi.kz');
    expect(brands.namedIn('Каспийское море')).toBeNull();
  });
});
