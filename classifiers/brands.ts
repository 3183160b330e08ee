/** Names that fraud borrows, with their true domains; `likeness.ts` tells a host that plays one of them. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { words } from '../domain/text.ts';
import { type HostName, hostReader, type Way } from './likeness.ts';
import { lookalikeNames } from './lookalike-names.ts';

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
      /** The same name trades honestly under other countries' endings. */
      isElsewhere: z.literal(true).optional(),
    }),
  ),
  /** Endings under which false sites are looked for, the likeliest first. */
  endings: z.array(z.string()),
  /** Names above that are words or other people's names, too. */
  ordinary: z.array(z.string()),
  /** Names above that are in everyday use. */
  everyday: z.array(z.string()),
  /** Words near a name above that mean something else. */
  unlike: z.array(z.string()),
  /** Words that fraud adds to a name in a domain. */
  lures: z.array(z.string()),
});

export type Brand = z.infer<typeof brandFile>['brands'][number];

export interface Likeness {
  readonly brand: Brand;
  readonly how: Way;
  /** 0..1: how much the name proves. */
  readonly strength: number;
}

export interface Brands {
  readonly all: readonly Brand[];
  /** The brand whose own domain this is; null for anyone else's. */
  ownerOf(host: string): Brand | null;
  /** The brand that a host plays; null for a brand's own host and for one that resembles none. */
  resembles(host: string): Likeness | null;
  /** The first brand named in a text. */
  namedIn(text: string): Brand | null;
  /** Names that false sites of a brand would bear, the most telling first. */
  lookalikesOf(brand: Brand): string[];
}

/** Shorter names are also other people's. */
const SHORTEST_NAME = 5;
const LATIN = /^[a-z0-9]+$/;
/** Hosts whose likeness is kept: all pages of a visit are of one or two, and to tell costs as much as to read a page's links. */
const MOST_KEPT = 512;

export function readBrands(): Brands {
  const file = brandFile.parse(JSON.parse(readFileSync(new URL('./brands.json', import.meta.url), 'utf8')));
  const byDomain = new Map(
    file.brands.flatMap((brand) => brand.domains.map((domain) => [domain, brand] as const)),
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
  const likenessOf = hostReader({
    names: hostNames(file),
    domains: byDomain,
    lures: new Set(file.lures),
    unlike: new Set(file.unlike),
  });
  const kept = new Map<string, Likeness | null>();
  return {
    all: file.brands,
    ownerOf,
    resembles(host) {
      const bare = host.replace(/:\d+$/, '').toLowerCase();
      const known = kept.get(bare);
      if (known !== undefined) return known;
      const found = ownerOf(bare) === null ? likenessOf(bare) : null;
      const told = found === null ? null : { brand: found.of, how: found.how, strength: found.strength };
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(bare, told);
      return told;
    },
    lookalikesOf(brand) {
      const labels = hostNames({ ...file, brands: [brand] })
        .filter(({ name }) => name.length >= SHORTEST_NAME)
        .map(({ name }) => name);
      const { lures, endings } = file;
      return lookalikeNames({ labels, own: brand.domains, lures, endings });
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

/** Names that a false domain would bear: what texts call the brand, and what its domains at home are called. */
function hostNames({ brands, ordinary, everyday, unlike }: z.infer<typeof brandFile>): HostName<Brand>[] {
  const grades = new Map<string, HostName<Brand>['grade']>([
    ...ordinary.map((name) => [name, 'shared'] as const),
    ...everyday.map((name) => [name, 'everyday'] as const),
  ]);
  const others = new Set(unlike);
  return brands.flatMap((brand) => {
    const isGlobal = brand.kind === 'global';
    const labels = brand.domains.filter((it) => it.endsWith('.kz')).map((it) => it.split('.')[0]!);
    return [...new Set([...brand.aliases, ...(isGlobal ? [] : labels)])]
      .map((name) => name.replaceAll('-', ''))
      .filter((name) => LATIN.test(name) && name.length > 2 && !others.has(name))
      .map((name) => ({
        of: brand,
        name,
        grade: isGlobal ? 'global' : (grades.get(name) ?? (name.length < SHORTEST_NAME ? 'shared' : 'own')),
        isElsewhere: brand.isElsewhere ?? false,
      }));
  });
}
