/**
 * The stem of a Kazakh word: endings of person, case, possession, plural and tense taken off from the right,
 * in the order in which the language puts them on, for as long as a stem with a vowel is left.
 *
 *     балаларымыздан = бала + лар + ымыз + дан       бардыңыздар = бар + ды + ңыз + дар
 *
 * Words in Latin letters are put into Cyrillic first, so both scripts give one stem. A stem is for comparing
 * words, not for showing: "кітаб" and "кітап" both become "кітап".
 */
import { toKazakhCyrillic } from './text/kazakh-latin.ts';

/** `A` is а or е, `I` is ы or і; consonants that assimilate are listed. */
const LAYERS: readonly (readonly string[])[] = [
  [
    'мIн',
    'бIн',
    'дIк',
    'тIк',
    'дIқ',
    'тIқ',
    'дIңIз',
    'тIңIз',
    'дIңдAр',
    'тIңдAр',
    'дIңIздAр',
    'тIңIздAр',
    'йсIз',
    'AсIз',
    'йсIң',
    'AсIң',
    'ймIз',
    'AмIз',
    'пIн',
    'сIң',
    'сIз',
    'сIңдAр',
    'сIздAр',
    'мIз',
    'бIз',
    'пIз',
  ],
  [
    'нIң',
    'дIң',
    'тIң',
    'нI',
    'дI',
    'тI',
    'ғA',
    'гA',
    'қA',
    'кA',
    'нA',
    'дA',
    'тA',
    'ндA',
    'дAн',
    'тAн',
    'нAн',
    'мAн',
    'мен',
    'бен',
    'пен',
    'менен',
    'бенен',
    'пенен',
  ],
  ['IмIз', 'мIз', 'IңIз', 'ңIз', 'Iм', 'м', 'Iң', 'ң', 'сI', 'I'],
  ['лAр', 'дAр', 'тAр'],
  [
    'дI',
    'тI',
    'ғAн',
    'гAн',
    'қAн',
    'кAн',
    'Iп',
    'Aр',
    'мAқ',
    'мAк',
    'Aтын',
    'етін',
    'йтін',
    'йтын',
    'сA',
    'Aды',
    'еді',
    'йды',
    'йді',
    'у',
  ],
];
const ENDINGS: readonly (readonly string[])[] = LAYERS.map((layer) =>
  [
    ...new Set(
      layer.flatMap((it) => [
        it.replaceAll('A', 'а').replaceAll('I', 'ы'),
        it.replaceAll('A', 'е').replaceAll('I', 'і'),
      ]),
    ),
  ].sort((a, b) => b.length - a.length),
);
const BACK = /[аоұыу]/;
const FRONT = /[әеөүі]/;
const VOWEL = /[аәеиоөуұүыіэюяё]/;
const VOICED: Readonly<Record<string, string>> = { б: 'п', г: 'к', ғ: 'қ' };
const LEAST_STEM = 3;

/** @param word in lower case, in either script; a word without Kazakh endings comes back as it is. */
export function kazakhStem(word: string): string {
  let stem = /[a-z]/.test(word) ? toKazakhCyrillic(word) : word;
  for (const layer of ENDINGS) {
    const ending = layer.find((it) => stem.endsWith(it) && canGo(stem.slice(0, -it.length), it));
    if (ending !== undefined) stem = stem.slice(0, -ending.length);
  }
  const last = stem.at(-1) ?? '';
  return stem.length > LEAST_STEM && last in VOICED ? stem.slice(0, -1) + VOICED[last]! : stem;
}

/** What is left is a stem, and the ending is in harmony with its last vowel. */
function canGo(left: string, ending: string): boolean {
  if (left.length < LEAST_STEM || !VOWEL.test(left)) return false;
  for (let at = left.length - 1; at >= 0; at -= 1) {
    const letter = left[at]!;
    if (FRONT.test(letter)) return !BACK.test(ending);
    if (BACK.test(letter) && letter !== 'у') return !FRONT.test(ending) || /^[мбп]ен(?:ен)?$/.test(ending);
    if (VOWEL.test(letter)) return true;
  }
  return true;
}
