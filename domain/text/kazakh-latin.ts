/**
 * Kazakh in Latin letters put back into Cyrillic: the alphabets of 2021 and 2018, and that of chats.
 *
 * Chats leave letters out: "k" is к or қ, "u" is у, ұ or ү. What is left out is guessed from the harmony of
 * vowels, which is right for native words and often wrong for borrowed ones ("kredit" becomes "кредіт"). To
 * compare words, compare their sounds (`kazakhSounds`): one key for every spelling of a word in either script.
 */

/** Letters and pairs of all three spellings; what the harmony decides is written soft|hard. */
const PAIRS: Readonly<Record<string, string>> = {
  sh: 'ш',
  ch: 'ч',
  zh: 'ж',
  kh: 'х',
  ts: 'ц',
  gh: 'ғ',
  ng: 'ң',
  ya: 'я',
  yu: 'ю',
};
const LETTERS: Readonly<Record<string, string>> = {
  a: 'а',
  ä: 'ә',
  á: 'ә',
  ə: 'ә',
  b: 'б',
  c: 'ц',
  d: 'д',
  e: 'е',
  f: 'ф',
  g: 'г|ғ',
  ğ: 'ғ',
  ǵ: 'ғ',
  h: 'х',
  i: 'і|и',
  ı: 'і|и',
  j: 'ж',
  k: 'к|қ',
  l: 'л',
  m: 'м',
  n: 'н',
  ñ: 'ң',
  ń: 'ң',
  ŋ: 'ң',
  o: 'ө|о',
  ö: 'ө',
  ó: 'ө',
  p: 'п',
  q: 'қ',
  r: 'р',
  s: 'с',
  ş: 'ш',
  t: 'т',
  u: 'ү|ұ',
  ū: 'ұ',
  ü: 'ү',
  ú: 'ү',
  v: 'в',
  w: 'у',
  x: 'х',
  y: 'і|ы',
  ý: 'у',
  z: 'з',
};
const SOFT = /[eäáəöóüú]/;
const VOWEL = /[aäáəeiıoöóuūüúýy]/;

/** A Latin word, in lower case, as Kazakh writes it in Cyrillic; letters that are not listed stay. */
export function toKazakhCyrillic(word: string): string {
  const isSoft = SOFT.test(word);
  let spelled = '';
  for (let at = 0; at < word.length; at += 1) {
    const letter = word[at]!;
    const pair = isSoft && letter === 'n' ? undefined : PAIRS[word.slice(at, at + 2)];
    if (pair !== undefined) {
      spelled += pair;
      at += 1;
      continue;
    }
    const isAfterVowel = at > 0 && VOWEL.test(word[at - 1]!);
    const isBeforeVowel = at + 1 < word.length && VOWEL.test(word[at + 1]!);
    if ((letter === 'i' || letter === 'ı' || letter === 'y') && isAfterVowel) spelled += 'й';
    else if (letter === 'u' && (isAfterVowel || isBeforeVowel || at === word.length - 1)) spelled += 'у';
    else {
      const [soft, hard] = (LETTERS[letter] ?? letter).split('|') as [string, string | undefined];
      spelled += isSoft ? soft : (hard ?? soft);
    }
  }
  return spelled;
}

/** Sounds that some spelling leaves apart and another does not; everything else stands for itself. */
const SOUNDS: Readonly<Record<string, string>> = {
  ...sounds('aаәäáə', 'a'),
  ...sounds('bб', 'b'),
  ...sounds('vв', 'v'),
  ...sounds('gгғğǵ', 'g'),
  ...sounds('dд', 'd'),
  ...sounds('eеэ', 'e'),
  ...sounds('jж', 'j'),
  ...sounds('zз', 'z'),
  ...sounds('iıyиійы', 'i'),
  ...sounds('kqкқ', 'k'),
  ...sounds('lл', 'l'),
  ...sounds('mм', 'm'),
  ...sounds('nнңñńŋ', 'n'),
  ...sounds('oоөöó', 'o'),
  ...sounds('pп', 'p'),
  ...sounds('rр', 'r'),
  ...sounds('sс', 's'),
  ...sounds('tт', 't'),
  ...sounds('uуұүwūüúý', 'u'),
  ...sounds('fф', 'f'),
  ...sounds('hхһx', 'h'),
  ...sounds('ш', 'ş'),
  ...sounds('щ', 'ş'),
  ...sounds('ч', 'ç'),
  ...sounds('cц', 'c'),
  ...sounds('ьъ', ''),
  я: 'ia',
  ю: 'iu',
  ё: 'io',
};

function sounds(letters: string, sound: string): Record<string, string> {
  return Object.fromEntries(Array.from(letters, (letter) => [letter, sound]));
}

const SOUND_PAIRS: Readonly<Record<string, string>> = {
  sh: 'ş',
  ch: 'ç',
  zh: 'j',
  kh: 'h',
  gh: 'g',
  ts: 'c',
  ng: 'n',
  нг: 'n',
};

/** One key for all spellings of a Kazakh word, in either script: "қаржы", "qarjy", "qarzhy", "karzhi" are "karji". */
export function kazakhSounds(word: string): string {
  let key = '';
  for (let at = 0; at < word.length; at += 1) {
    const pair = SOUND_PAIRS[word.slice(at, at + 2)];
    const sound = pair ?? SOUNDS[word[at]!] ?? word[at]!;
    if (pair !== undefined) at += 1;
    // Long vowels and doubled letters are a matter of habit: "жию", "jiyu", "jiiu".
    for (const each of sound) if (key === '' || key[key.length - 1] !== each) key += each;
  }
  return key;
}

/** Words of everyday Kazakh by their sounds, none of which is a word of English or Turkish. */
const COMMON: ReadonlySet<string> = new Set(
  'және үшін жоқ емес болады болды бойынша керек сізге сіздің сіз мен сен маған саған бізге біздің табыс ақша қаржы теңге салым кепілдік тіркеліңіз тіркел тіркелу жұмыс күн күніне күнделікті қазір тез тегін сілтеме өтіңіз өту жазыңыз жаз алыңыз аласыз аласың беремін береміз береді пайда пайыз несие адам барлық барша ғана рахмет өте жақсы керемет көп қосыл қосылыңыз шақыр достар достарыңызды әкел қазақстан қалай қандай неге осы бүгін ертең ай айына жыл сағат уақыт мүмкін мүмкіндік табады табасыз ұсынамыз ұсыныс төле төлем карта шот аудар хабарлас тексер'
    .split(' ')
    .map(kazakhSounds)
    .filter((word) => word.length > 2 && !['men', 'sen', 'kart', 'karta', 'kun', 'sot'].includes(word)),
);
const OWN_LETTERS = /[ğǵñńūýı]|q(?!u)|zh/;
/** Endings by their sounds, of cases, plural, persons and tenses. */
const ENDINGS =
  /(?:[ltd][ae]r[a-z]{0,6}|[dtn]i[kn]|[gk][ae]n|[aei]di|siz|iniz|[mbp]iz|[dtn][ae]n?|[mbp]en|[gk][ae]|ndi|[dt]i|li[kg]?i?|u[gk][ae]|ip|nsiz|tin|ai|in|in[ae])$/;
const LEAST_ENDED = 5;

/** Common words and letters of Turkish, Azerbaijani and Uzbek that Kazakh has not. */
const OF_KIN: ReadonlySet<string> = new Set(
  've bu için ile olarak olan çok daha gibi değil var yok və üçün ilə olan edir çox deyil va bilan uchun ham bu yoki emas edi qilish boʻlgan bolgan'.split(
    ' ',
  ),
);
const LETTERS_OF_KIN = /[çəþð]/;

/**
 * How far a Latin word speaks for Kazakh: 2 for a common one, 1 for letters of Kazakh alone, less for an ending;
 * below 0 for a word of its kin.
 */
export function kazakhEvidence(word: string): number {
  const known = KNOWN.get(word);
  if (known !== undefined) return known;
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear();
  const evidence = evidenceOf(word);
  KNOWN.set(word, evidence);
  return evidence;
}

/** Words are few and said often. */
const KNOWN = new Map<string, number>();
const MOST_KNOWN = 20_000;

function evidenceOf(word: string): number {
  if (OF_KIN.has(word)) return -2;
  if (LETTERS_OF_KIN.test(word)) return -1;
  const key = kazakhSounds(word);
  if (COMMON.has(key)) return 2;
  if (OWN_LETTERS.test(word)) return 1;
  return key.length >= LEAST_ENDED && ENDINGS.test(key) ? 0.5 : 0;
}
