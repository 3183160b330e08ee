/**
 * What senders of spam do to words so that people read them and machines do not.
 *
 * Each takes a text and chance and gives the text as a reader would still understand it.
 */
import type { Random } from '../../classifiers/random.ts';
import { toRussianLatin } from '../../domain/text/russian-latin.ts';
import { toKazakhLatin } from '../../domain/text.ts';

export interface TextAttack {
  readonly name: string;
  /** Whether it is tried on Kazakh in Cyrillic alone. */
  readonly isKazakh?: boolean;
  readonly apply: (text: string, random: Random) => string;
}

const TWINS: Readonly<Record<string, string>> = {
  а: 'a',
  е: 'e',
  о: 'o',
  р: 'p',
  с: 'c',
  у: 'y',
  х: 'x',
  к: 'k',
  і: 'i',
  А: 'A',
  В: 'B',
  Е: 'E',
  К: 'K',
  М: 'M',
  Н: 'H',
  О: 'O',
  Р: 'P',
  С: 'C',
  Т: 'T',
  Х: 'X',
  a: 'а',
  c: 'с',
  e: 'е',
  o: 'о',
  p: 'р',
  x: 'х',
  y: 'у',
};
const LEET: Readonly<Record<string, string>> = {
  о: '0',
  з: '3',
  ч: '4',
  б: '6',
  а: '@',
  o: '0',
  e: '3',
  i: '1',
  a: '@',
  s: '$',
};
const EMOJI = ['🔥', '💰', '✅', '🚀', '👉', '💎', '⚡️', '🎁', '👨‍👩‍👧', '🇰🇿'];
const INVISIBLE = ['\u200b', '\u200c', '\u2060', '\u00ad', '\ufeff'];
const WORD = /[\p{L}\p{M}\p{N}]+/gu;

/** Talk that no one would look at twice; ours. */
export const HARMLESS: readonly string[] = [
  'Сегодня в городе прошёл дождь, вечером обещают прояснение. Соседи собрались во дворе и обсудили ремонт подъезда.',
  'Учебный год начался с линейки. Родителей просят принести сменную обувь и справку от врача до пятницы.',
  'Рецепт простой: отварите картофель, добавьте масло и укроп, подавайте тёплым. Приятного всем вечера.',
  'Бүгін ауылда жиын өтті, тұрғындар жолды жөндеу туралы айтты. Кешке қонақтар келеді, шай дайын.',
  'Автобус номер двенадцать временно ходит по объездному пути, расписание висит на остановке у рынка.',
];

/** Two of the ways in which people type Russian without its letters. */
export const RUSSIAN_IN_LATIN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'as "vlozhenij, hochu"': { й: 'j', щ: 'shch', ь: "'" },
  'as "vlojeniy, xochu"': { ж: 'j', х: 'x', ш: 'w', ц: 'ts', ю: 'ju', я: 'ja' },
};

/** What honest people do, too, who have no keyboard for it. */
export const LATIN_SPELLINGS: readonly TextAttack[] = [
  ...([2021, 2018, 'chat'] as const).map(
    (it): TextAttack => ({
      name: `Kazakh in Latin letters, ${it}`,
      isKazakh: true,
      apply: (text) => toKazakhLatin(text, it),
    }),
  ),
  ...Object.entries(RUSSIAN_IN_LATIN).map(
    ([name, habits]): TextAttack => ({
      name: `Russian in Latin letters, ${name}`,
      apply: (text) => toRussianLatin(text, habits),
    }),
  ),
];

export const TEXT_ATTACKS: readonly TextAttack[] = [
  { name: 'look-alike letters', apply: (text, random) => eachLetter(text, random, 0.5, (it) => TWINS[it]) },
  {
    name: 'invisible letters',
    apply: (text, random) =>
      text.replace(/(?<=\p{L})(?=\p{L})/gu, () => (random() < 0.5 ? pick(INVISIBLE, random) : '')),
  },
  { name: 'letters apart', apply: (text, random) => words(text, random, 0.4, (it) => [...it].join(' ')) },
  {
    name: 'emoji between words',
    apply: (text, random) => text.replace(/ /g, () => (random() < 0.5 ? ` ${pick(EMOJI, random)} ` : ' ')),
  },
  {
    name: 'emoji inside words',
    apply: (text, random) => words(text, random, 0.4, (it) => inside(it, pick(EMOJI, random), random)),
  },
  {
    name: 'signs inside words',
    apply: (text, random) =>
      words(text, random, 0.5, (it) => inside(it, pick(['.', '*', '_', '-', '·'], random), random)),
  },
  { name: 'digits for letters', apply: (text, random) => eachLetter(text, random, 0.7, (it) => LEET[it]) },
  {
    name: 'letters doubled',
    apply: (text, random) => words(text, random, 0.5, (it) => inside(it, null, random)),
  },
  {
    name: 'wide and mathematical letters',
    apply: (text, random) => words(text, random, 0.5, (it) => Array.from(it, wide).join('')),
  },
  { name: 'marks on letters', apply: (text, random) => eachLetter(text, random, 0.6, (it) => `${it}\u0336`) },
  {
    name: 'capitals at random',
    apply: (text, random) => eachLetter(text, random, 0.5, (it) => it.toUpperCase()),
  },
  {
    name: 'right-to-left override',
    apply: (text) => text.replace(/[^\n]+/g, (line) => `\u202e${[...line].reverse().join('')}\u202c`),
  },
  {
    name: 'override signs around words',
    apply: (text, random) => words(text, random, 0.4, (it) => `\u202d${it}\u202c`),
  },
  { name: 'broken surrogates', apply: (text, random) => words(text, random, 0.3, (it) => `${it}\ud83d`) },
  { name: 'harmless talk in front', apply: (text, random) => `${talk(text.length, random)}\n${text}` },
  { name: 'harmless talk behind', apply: (text, random) => `${text}\n${talk(text.length, random)}` },
  {
    name: 'harmless talk behind, ten times as much',
    apply: (text, random) => `${text}\n${talk(10 * text.length, random)}`,
  },
  ...LATIN_SPELLINGS,
];

function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)]!;
}

function eachLetter(
  text: string,
  random: Random,
  share: number,
  change: (letter: string) => string | undefined,
): string {
  return Array.from(text, (it) => (/\p{L}/u.test(it) && random() < share ? (change(it) ?? it) : it)).join('');
}

/** Words of four letters or more, some of them changed. */
function words(text: string, random: Random, share: number, change: (word: string) => string): string {
  return text.replace(WORD, (it) => (it.length > 3 && random() < share ? change(it) : it));
}

/** A sign put into a word, or a letter of it doubled. */
function inside(word: string, sign: string | null, random: Random): string {
  const letters = [...word];
  const at = 1 + Math.floor(random() * (letters.length - 1));
  return [...letters.slice(0, at), sign ?? letters[at - 1]!, ...letters.slice(at)].join('');
}

function wide(letter: string): string {
  const code = letter.codePointAt(0)!;
  if (code >= 0x21 && code <= 0x7e) return String.fromCodePoint(code + 0xfee0);
  return letter;
}

function talk(least: number, random: Random): string {
  let said = pick(HARMLESS, random);
  while (said.length < least) said += ` ${pick(HARMLESS, random)}`;
  return said;
}
