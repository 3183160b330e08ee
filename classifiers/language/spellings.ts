/**
 * The same words as people type them: what training shows the language model besides the sample itself.
 *
 * Kazakh in Latin letters (two official alphabets, and chats with habits of their own), Kazakh on a Russian
 * keyboard, Russian in Latin letters, Uzbek in its other alphabet and without its apostrophes.
 */
import { toRussianLatin } from '../../domain/text/russian-latin.ts';
import { lower, toKazakhLatin } from '../../domain/text.ts';
import type { Language } from '../language.ts';
import type { Random } from '../random.ts';

export interface Spelled {
  readonly text: string;
  readonly lang: Language;
}

export function otherSpellings(text: string, lang: Language, random: Random): Spelled[] {
  if (lang === 'kk') {
    return [
      {
        text: toKazakhLatin(random() < 0.7 ? text : lower(text).replaceAll('й', 'y'), 2021),
        lang: 'kk-Latn',
      },
      { text: toKazakhLatin(text, 2018), lang: 'kk-Latn' },
      { text: toKazakhLatin(text, 'chat'), lang: 'kk-Latn' },
      { text: kazakhChatLatin(text, random), lang: 'kk-Latn' },
      { text: russianKeyboard(text, random), lang: 'kk' },
    ];
  }
  if (lang === 'ru') return [{ text: russianChatLatin(text, random), lang: 'ru-Latn' }];
  if (lang === 'uz') return [{ text: uzbekLatin(text), lang: 'uz-Latn' }];
  if (lang === 'uz-Latn') {
    return [
      { text: uzbekCyrillic(text), lang: 'uz' },
      { text: lower(text).replace(/([og])['‘’ʻʼ`]/g, '$1'), lang: 'uz-Latn' },
    ];
  }
  return [];
}

type Habits = Readonly<Record<string, readonly string[]>>;

const CHAT_HABITS: Habits = {
  ә: ['a', 'a', 'ä', 'ae'],
  ғ: ['g', 'g', 'gh'],
  ж: ['zh', 'zh', 'j'],
  и: ['i', 'i', 'y'],
  й: ['i', 'i', 'y'],
  қ: ['k', 'q'],
  ң: ['n', 'n', 'ng'],
  ө: ['o', 'o', 'ö'],
  у: ['u', 'u', 'w'],
  ү: ['u', 'u', 'ü'],
  х: ['h', 'kh', 'x'],
  ц: ['c', 'ts'],
  ш: ['sh', 'sh', 'sh', 'w'],
  ы: ['y', 'y', 'i'],
  і: ['i', 'i', 'y'],
  ю: ['yu', 'iu'],
  я: ['ya', 'ia'],
};

const RUSSIAN_HABITS: Habits = {
  в: ['v', 'v', 'v', 'v', 'w'],
  е: ['e', 'e', 'e', 'e', 'e', 'ye'],
  ё: ['e', 'yo', 'jo', 'io'],
  ж: ['zh', 'zh', 'j'],
  й: ['y', 'y', 'j', 'i'],
  к: ['k', 'k', 'k', 'k', 'c'],
  х: ['h', 'h', 'kh', 'x'],
  ц: ['c', 'ts', 'ts', 'tz'],
  ш: ['sh', 'sh', 'sh', 'w'],
  щ: ['sch', 'shch', 'sh'],
  ъ: ['', '', "'"],
  ы: ['y', 'y', 'i'],
  ь: ['', '', "'"],
  э: ['e', 'e', 'eh'],
  ю: ['yu', 'yu', 'ju', 'iu', 'u'],
  я: ['ya', 'ya', 'ja', 'ia'],
};

/** One habit a letter, kept through the text as a person keeps it. */
function drawn(habits: Habits, random: Random): Record<string, string> {
  return Object.fromEntries(
    Object.entries(habits).map(([letter, ways]) => [letter, ways[Math.floor(random() * ways.length)]!]),
  );
}

/** Kazakh as in chats, in the habits of one person. */
export function kazakhChatLatin(text: string, random: Random): string {
  const habits = drawn(CHAT_HABITS, random);
  return toKazakhLatin(Array.from(lower(text), (letter) => habits[letter] ?? letter).join(''), 'chat');
}

/** Russian without a Russian keyboard, in the habits of one person. */
function russianChatLatin(text: string, random: Random): string {
  return toRussianLatin(text, drawn(RUSSIAN_HABITS, random));
}

/** Kazakh without its own letters, as a Russian keyboard has it: "тез табыс кепілі" -> "тез табыс кепили". */
function russianKeyboard(text: string, random: Random): string {
  const letters: Record<string, string> = { қ: 'к', ғ: 'г', ң: 'н', ә: 'а', ө: 'о', ү: 'у', ұ: 'у', һ: 'х' };
  letters['і'] = random() < 0.4 ? 'ы' : 'и';
  if (random() < 0.3) letters['ы'] = 'и';
  return Array.from(lower(text), (letter) => letters[letter] ?? letter).join('');
}

/** Longest first, since "sh" is one letter. Source: law of Uzbekistan on the Latin alphabet, 6 May 1995 edition. */
const UZBEK: readonly (readonly [latin: string, cyrillic: string])[] = [
  ["o'", 'ў'],
  ["g'", 'ғ'],
  ['sh', 'ш'],
  ['ch', 'ч'],
  ['yo', 'ё'],
  ['yu', 'ю'],
  ['ya', 'я'],
  ['ts', 'ц'],
  ...pairs('abvgdezijklmnoprstufxyqh', 'абвгдезижклмнопрстуфхйқҳ'),
  ["'", 'ъ'],
];

function pairs(latin: string, cyrillic: string): [string, string][] {
  return Array.from(latin, (letter, at) => [letter, cyrillic[at]!]);
}

function uzbekLatin(text: string): string {
  const map = new Map([
    ...UZBEK.map(([latin, cyrillic]) => [cyrillic, latin] as const),
    ['э', 'e'],
    ['ь', ''],
  ]);
  return Array.from(lower(text), (letter) => map.get(letter) ?? letter).join('');
}

function uzbekCyrillic(text: string): string {
  let spelled = lower(text)
    .replace(/[ʻʼ‘’`]/g, "'")
    .replace(/(^|[^a-z'])e/g, '$1э');
  for (const [latin, cyrillic] of UZBEK) spelled = spelled.replaceAll(latin, cyrillic);
  return spelled;
}
