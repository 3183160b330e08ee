/**
 * Names that fraud borrows, with their true domains, and the likeness of a host to one of them.
 *
 * A host is compared letter by letter after punycode is spelled out and look-alike letters and digits are
 * put into plain Latin ones (the "skeleton" of Unicode UTS #39, reduced to what domains allow).
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { foldWord, words } from '../domain/text.ts';
import { readableHost, siteOf } from '../domain/url.ts';

export const brandFile = z.strictObject({
  version: z.int().positive(),
  source: z.string(),
  brands: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum([
        'bank',
        'broker',
        'state',
        'courier',
        'transport',
        'marketplace',
        'shop',
        'telecom',
        'global',
      ]),
      /** How texts and false domains name it, lower case. */
      aliases: z.array(z.string()).min(1),
      /** Its own registrable domains; everything under them is its own. */
      domains: z.array(z.string()).min(1),
    }),
  ),
});

export type Brand = z.infer<typeof brandFile>['brands'][number];

export interface Likeness {
  readonly brand: Brand;
  readonly how: 'name_in_domain' | 'one_letter_off' | 'domain_as_subdomain';
}

export interface Brands {
  readonly all: readonly Brand[];
  /** The brand whose own domain this is; null for anyone else's. */
  ownerOf(host: string): Brand | null;
  /** The brand that a host plays; null for a brand's own host and for one that resembles none. */
  resembles(host: string): Likeness | null;
  /** The first brand named in a text. */
  namedIn(text: string): Brand | null;
}

const SHORTEST_NAME = 5;
const LATIN = /^[a-z0-9]+$/;

export function readBrands(): Brands {
  const file = brandFile.parse(JSON.parse(readFileSync(new URL('./brands.json', import.meta.url), 'utf8')));
  const byDomain = new Map(
    file.brands.flatMap((brand) => brand.domains.map((domain) => [domain, brand] as const)),
  );
  const names = file.brands.flatMap((brand) =>
    brand.aliases.filter((alias) => LATIN.test(alias)).map((alias) => ({ brand, alias })),
  );
  const phrases = new Map<string, { brand: Brand; alias: string }[]>();
  for (const brand of file.brands) {
    for (const alias of brand.aliases) {
      const first = alias.split(' ')[0]!;
      phrases.set(first, [...(phrases.get(first) ?? []), { brand, alias }]);
    }
  }
  const ownerOf = (host: string): Brand | null => {
    const parts = host.replace(/:\d+$/, '').toLowerCase().split('.');
    for (let at = 0; at < parts.length - 1; at += 1) {
      const brand = byDomain.get(parts.slice(at).join('.'));
      if (brand !== undefined) return brand;
    }
    return null;
  };
  return {
    all: file.brands,
    ownerOf,
    resembles(host) {
      const bare = host.replace(/:\d+$/, '').toLowerCase();
      if (ownerOf(bare) !== null) return null;
      const site = siteOf(bare);
      const under = bare.slice(0, Math.max(0, bare.length - site.length - 1));
      for (const [domain, brand] of byDomain) {
        if (
          under === domain ||
          under.endsWith(`.${domain}`) ||
          under.startsWith(`${domain}.`) ||
          under.includes(`.${domain}.`)
        ) {
          return { brand, how: 'domain_as_subdomain' };
        }
        if (`-${under}.${site}`.includes(`-${domain.replaceAll('.', '-')}-`))
          return { brand, how: 'domain_as_subdomain' };
      }
      const label = readableHost(site).split('.')[0] ?? '';
      const parts = [...label.split('-'), ...under.split(/[.-]/)].map(skeleton).filter((part) => part !== '');
      const isKazakh = /\.(kz|қаз)$/.test(site) || parts.includes('kz');
      const joined = skeleton(label.replaceAll('-', ''));
      for (const { brand, alias } of names) {
        const isLong = alias.length >= SHORTEST_NAME;
        // A world brand under another ending is most often its own; a Kazakh one is not.
        const isAlone = brand.kind === 'global' && parts.filter((part) => part !== 'www').length < 2;
        if (parts.includes(alias) && (isLong || isKazakh) && !isAlone)
          return { brand, how: 'name_in_domain' };
        if (brand.kind === 'global' || !isLong) continue;
        const rest = joined.length - alias.length;
        if ((joined.startsWith(alias) || joined.endsWith(alias)) && rest <= 12) {
          return { brand, how: 'name_in_domain' };
        }
      }
      for (const { brand, alias } of names) {
        if (brand.kind === 'global') continue;
        const least = isKazakh || parts.length > 1 ? SHORTEST_NAME : SHORTEST_NAME + 1;
        if (alias.length < least) continue;
        if (parts.some((part) => part !== alias && part[0] === alias[0] && isOneOff(part, alias))) {
          return { brand, how: 'one_letter_off' };
        }
      }
      return null;
    },
    namedIn(text) {
      const found = words(text);
      const padded = ` ${found.join(' ')} `;
      for (const word of found) {
        const named = phrases.get(word)?.find(({ alias }) => padded.includes(` ${alias} `));
        if (named !== undefined) return named.brand;
      }
      return null;
    },
  };
}

const DIGITS: Readonly<Record<string, string>> = { '0': 'o', '1': 'l', '3': 'e', '4': 'a', '5': 's' };
const CYRILLIC: Readonly<Record<string, string>> = {
  а: 'a',
  б: 'b',
  в: 'v',
  г: 'g',
  д: 'd',
  е: 'e',
  з: 'z',
  и: 'i',
  й: 'i',
  к: 'k',
  л: 'l',
  м: 'm',
  н: 'n',
  о: 'o',
  п: 'p',
  р: 'p',
  с: 'c',
  т: 't',
  у: 'y',
  ф: 'f',
  х: 'x',
  ы: 'y',
  і: 'i',
  ѕ: 's',
  ј: 'j',
  һ: 'h',
  ԛ: 'q',
};

function skeleton(part: string): string {
  const folded = foldWord(part).word.normalize('NFKD').replace(/\p{M}/gu, '');
  const latin = Array.from(folded, (letter) => CYRILLIC[letter] ?? letter).join('');
  return /[a-z]/.test(latin) ? latin.replace(/[01345]/g, (digit) => DIGITS[digit] ?? digit) : latin;
}

/** One letter changed, dropped, added, or two neighbours swapped. */
function isOneOff(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let from = 0;
  while (from < a.length && a[from] === b[from]) from += 1;
  let endA = a.length;
  let endB = b.length;
  while (endA > from && endB > from && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
  }
  const [left, right] = [a.slice(from, endA), b.slice(from, endB)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
