/**
 * False domains as they are registered: slips of the keyboard, look-alike letters, added words, other
 * endings, a brand's name in front of someone else's domain. Made from a brand's true domain.
 *
 * Knows nothing of how the classifier looks for them: its tables are its own.
 */
import { domainToASCII } from 'node:url';
import { type Random, shuffled } from '../../classifiers/random.ts';

export interface FalseDomain {
  readonly host: string;
  /** The domain it plays. */
  readonly own: string;
  readonly way: Way;
}

export const WAYS = [
  'letter left out',
  'letter doubled',
  'neighbours swapped',
  'wrong key',
  'extra key',
  'other vowel',
  'hyphen inside',
  'digit for letter',
  'two letters for one',
  'Cyrillic letters',
  'letters with marks',
  'word added with a hyphen',
  'word added without one',
  'two words added',
  'other ending',
  'ending in the name',
  'name as a sub-domain',
  'domain as a sub-domain',
  'slip and word',
] as const;
export type Way = (typeof WAYS)[number];

const ROWS = ['1234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
const WORDS_ADDED =
  'bonus login secure pay promo online verify gift invest card support kabinet vhod akcia priz perevod kredit help vyplata oplata dostavka security account my new official app club shop tolem aqsha sovga tolemder'.split(
    ' ',
  );
const ENDINGS =
  'com net org ru info online site xyz top shop store click link live vip cc icu club pro app space website fun life bond sbs cfd buzz biz me co'.split(
    ' ',
  );
/** Second names that a sub-domain may stand before. */
const BASES = ['example', 'secure-login', 'cabinet-24', 'pay-order', 'web-verify', 'promo-2026', 'id-check'];
const FOR_LETTERS: Readonly<Record<string, readonly string[]>> = {
  o: ['0'],
  l: ['1', 'i'],
  i: ['1', 'l'],
  e: ['3'],
  a: ['4'],
  s: ['5'],
  b: ['8', '6'],
  g: ['9', 'q'],
  t: ['7'],
};
const TWO_FOR_ONE: Readonly<Record<string, string>> = {
  m: 'rn',
  w: 'vv',
  d: 'cl',
  n: 'ri',
  h: 'lh',
  u: 'ii',
};
const CYRILLIC: Readonly<Record<string, string>> = {
  a: 'а',
  c: 'с',
  e: 'е',
  i: 'і',
  o: 'о',
  p: 'р',
  s: 'ѕ',
  x: 'х',
  y: 'у',
  h: 'һ',
  j: 'ј',
  k: 'к',
  m: 'м',
  t: 'т',
};
const MARKED: Readonly<Record<string, readonly string[]>> = {
  a: ['á', 'à', 'ä', 'ạ', 'ą'],
  c: ['ç', 'ć'],
  e: ['é', 'ė', 'ę'],
  i: ['í', 'ï', 'ị'],
  k: ['ķ'],
  l: ['ļ', 'ł'],
  n: ['ñ', 'ń'],
  o: ['ó', 'ö', 'ọ'],
  s: ['ş', 'ș', 'ś'],
  t: ['ţ'],
  u: ['ú', 'ü'],
  y: ['ý'],
  z: ['ź', 'ż'],
};

/** At most `each` false domains a way, no two alike, none of them the brand's own. */
export function falseDomains(own: string, each: number, random: Random): FalseDomain[] {
  const dot = own.indexOf('.');
  const name = own.slice(0, dot);
  const ending = own.slice(dot);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const anyEnding = (): string => (random() < 0.5 ? ending : `.${pick(ENDINGS)}`);
  const slips: Partial<Record<Way, string[]>> = {
    'letter left out': atEach(name, (at) => name.slice(0, at) + name.slice(at + 1)),
    'letter doubled': atEach(name, (at) => name.slice(0, at) + name[at] + name.slice(at)),
    'neighbours swapped': atEach(name.slice(1), (at) =>
      name[at] === name[at + 1] ? null : name.slice(0, at) + name[at + 1] + name[at] + name.slice(at + 2),
    ),
    'wrong key': atEach(name, (at) => besides(name[at]!).map((key) => replaced(name, at, key))),
    'extra key': atEach(name, (at) => besides(name[at]!).map((key) => replaced(name, at, name[at] + key))),
    'other vowel': atEach(name, (at) =>
      'aeiouy'.includes(name[at]!)
        ? [...'aeiouy'].filter((it) => it !== name[at]).map((it) => replaced(name, at, it))
        : null,
    ),
    'hyphen inside': atEach(name.slice(1), (at) => `${name.slice(0, at + 1)}-${name.slice(at + 1)}`),
  };
  const hosts: Record<Way, () => string[]> = {
    ...(Object.fromEntries(
      Object.entries(slips).map(([way, list]) => [way, () => list.map((it) => it + anyEnding())]),
    ) as Record<keyof typeof slips, () => string[]>),
    'digit for letter': () =>
      atEach(name, (at) => FOR_LETTERS[name[at]!]?.map((it) => replaced(name, at, it)) ?? null).map(
        (it) => it + anyEnding(),
      ),
    'two letters for one': () =>
      atEach(name, (at) => (TWO_FOR_ONE[name[at]!] ? replaced(name, at, TWO_FOR_ONE[name[at]!]!) : null)).map(
        (it) => it + anyEnding(),
      ),
    'Cyrillic letters': () =>
      [
        ...atEach(name, (at) => (CYRILLIC[name[at]!] ? replaced(name, at, CYRILLIC[name[at]!]!) : null)),
        Array.from(name, (it) => CYRILLIC[it] ?? it).join(''),
      ]
        .filter((it) => it !== name)
        .map((it) => it + anyEnding()),
    'letters with marks': () =>
      atEach(name, (at) => MARKED[name[at]!]?.map((it) => replaced(name, at, it)) ?? null).map(
        (it) => it + anyEnding(),
      ),
    'word added with a hyphen': () =>
      WORDS_ADDED.map((it) => (random() < 0.5 ? `${it}-${name}` : `${name}-${it}`) + anyEnding()),
    'word added without one': () =>
      WORDS_ADDED.map((it) => (random() < 0.5 ? `${it}${name}` : `${name}${it}`) + anyEnding()),
    'two words added': () =>
      WORDS_ADDED.map((it) => {
        const other = pick(WORDS_ADDED);
        return (
          pick([`${it}-${name}-${other}`, `${name}-${it}-${other}`, `${name}${it}-${other}`]) + anyEnding()
        );
      }),
    'other ending': () => [...ENDINGS, 'com.kz', 'org.kz'].map((it) => `${name}.${it}`),
    'ending in the name': () =>
      ENDINGS.flatMap((it) => [
        `${name}${ending.replaceAll('.', '')}.${it}`,
        `${name}${ending.replaceAll('.', '-')}.${it}`,
        `www${name}.${it}`,
      ]),
    'name as a sub-domain': () =>
      BASES.flatMap((it) => [`${name}.${it}.${pick(ENDINGS)}`, `login.${name}.${it}.${pick(ENDINGS)}`]),
    'domain as a sub-domain': () =>
      BASES.flatMap((it) => [
        `${own}.${it}.${pick(ENDINGS)}`,
        `my.${own}.${it}.${pick(ENDINGS)}`,
        `${own.replaceAll('.', '-')}.${it}.${pick(ENDINGS)}`,
      ]),
    'slip and word': () =>
      Object.values(slips).flatMap((list) => {
        const slip = pick(list.length === 0 ? [name] : list);
        return slip === name ? [] : [`${slip}-${pick(WORDS_ADDED)}${anyEnding()}`];
      }),
  };
  return WAYS.flatMap((way) => {
    const all = [...new Set(hosts[way]())]
      .map((host) => domainToASCII(host))
      .filter((host) => host !== '' && host !== own && !host.startsWith('-') && !host.endsWith(`.${own}`));
    return [...shuffled(all.length, random)]
      .slice(0, each)
      .map((at): FalseDomain => ({ host: all[at]!, own, way }));
  });
}

function atEach(name: string, change: (at: number) => string | readonly string[] | null): string[] {
  return [...new Set(Array.from(name, (_, at) => change(at) ?? []).flat())].filter(
    (it) => it !== name && it.length > 1,
  );
}

function replaced(name: string, at: number, by: string): string {
  return name.slice(0, at) + by + name.slice(at + 1);
}

function besides(key: string): string[] {
  const row = ROWS.findIndex((it) => it.includes(key));
  if (row === -1) return [];
  const at = ROWS[row]!.indexOf(key);
  return [
    ROWS[row]![at - 1],
    ROWS[row]![at + 1],
    ...(row > 1 ? [ROWS[row - 1]![at], ROWS[row - 1]![at + 1]] : []),
    ROWS[row + 1]?.[at - 1],
    ROWS[row + 1]?.[at],
  ].filter((it) => it !== undefined);
}
