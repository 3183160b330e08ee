/**
 * The same words as people type them: what training shows the language model besides the sample itself.
 *
 * Kazakh in Latin letters (two official alphabets, and chats with habits of their own), Kazakh on a Russian
 * keyboard, Uzbek in its other alphabet and without its apostrophes.
 */
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
      { text: chatLatin(text, random), lang: 'kk-Latn' },
      { text: russianKeyboard(text, random), lang: 'kk' },
    ];
  }
  if (lang === 'uz') return [{ text: uzbekLatin(text), lang: 'uz-Latn' }];
  if (lang === 'uz-Latn') {
    return [
      { text: uzbekCyrillic(text), lang: 'uz' },
      { text: lower(text).replace(/([og])['‘’ʻʼ`]/g, '$1'), lang: 'uz-Latn' },
    ];
  }
  return [];
}

const CHAT_HABITS: Readonly<Record<string, readonly string[]>> = {
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

/** Chat spelling with one habit a letter, kept through the text as a person keeps it. */
function chatLatin(text: string, random: Random): string {
  const habits = new Map<string, string>();
  for (const [letter, ways] of Object.entries(CHAT_HABITS)) {
    habits.set(letter, ways[Math.floor(random() * ways.length)]!);
  }
  return toKazakhLatin(Array.from(lower(text), (letter) => habits.get(letter) ?? letter).join(''), 'chat');
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
