/**
 * How the desk speaks, in three languages: texts with their values and plural forms, numbers, dates, chances.
 *
 * Pure, and the same on the server and in the browser; where the catalogues come from is another's affair
 * (`words.ts` on the server, `office/words.ts` in the browser). Russian is the master: its keys are the type `Word`.
 */
import type ru from './words/ru.json';

export const LANGS = ['ru', 'kk', 'en'] as const;
export type Lang = (typeof LANGS)[number];
export type Word = keyof typeof ru;

/** The time that officers work by. */
export const TIME_ZONE = 'Asia/Almaty';

export interface Words {
  readonly lang: Lang;
  /** The text of a key. With a plural key, `n` chooses the form and is written as a number. */
  say(word: Word, values?: Readonly<Record<string, string | number>>): string;
  /** The text of a key that comes from data, such as a signal's family; `otherwise` when there is none. */
  sayIfKnown(word: string, otherwise: string): string;
  number(value: number): string;
  /** An amount of bytes, with its unit. */
  bytes(value: number): string;
  /** A chance as a percentage; one that would round up to certainty is `> 99.9 %`. */
  chance(score: number): string;
  /** Signed, one decimal place. */
  signed(value: number): string;
  /** Day and minute in Almaty. */
  time(at: Date): string;
  /** Day and second in Almaty, with the offset. */
  exactTime(at: Date): string;
}

export type Catalogue = Readonly<
  Record<string, string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>>
>;

/**
 * Whose figures a language writes. Chromium carries no Kazakh of its own and writes `2026 M11 20` and `99.9%` for it;
 * Kazakh figures are written as Russian ones are, and what differs is said below. British dates in English: day before
 * month, as in the other two.
 */
const LOCALES = { ru: 'ru-KZ', kk: 'ru-KZ', en: 'en-GB' } as const satisfies Record<Lang, string>;
/** Kazakh has the plural forms of English: one, and other. */
const PLURALS = { ...LOCALES, kk: 'en-GB' } as const satisfies Record<Lang, string>;
/** January first. Source: Unicode CLDR 48, kk, months, format, abbreviated. */
const KAZAKH_MONTHS = 'қаң. ақп. нау. сәу. мам. мау. шіл. там. қыр. қаз. қар. жел.'.split(' ');

/** The words of a language, from its catalogue. */
export function spoken(lang: Lang, texts: Catalogue): Words {
  const locale = LOCALES[lang];
  const plural = new Intl.PluralRules(PLURALS[lang]);
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const bytes = new Intl.NumberFormat(locale, { style: 'unit', unit: 'byte', unitDisplay: 'long' });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const finePercent = new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const signed = new Intl.NumberFormat(locale, {
    signDisplay: 'exceptZero',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const medium = new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: TIME_ZONE,
  });
  const chance = (format: Intl.NumberFormat, score: number) => {
    const text = format.format(score);
    return lang === 'kk' ? text.replace('\u00a0%', '%') : text;
  };
  const exact = new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZone: TIME_ZONE,
    timeZoneName: 'longOffset',
  });
  const say: Words['say'] = (word, values = {}) => {
    const text = texts[word];
    if (text === undefined) throw new MissingWordError(lang, word);
    const form =
      typeof text === 'string' ? text : (text[plural.select(Number(values.n))] ?? text.other ?? '');
    return form.replaceAll(/\{(\w+)\}/g, (place, name: string) => {
      const value = values[name];
      if (value === undefined) return place;
      return typeof value === 'number' ? number.format(value) : value;
    });
  };
  return {
    lang,
    say,
    sayIfKnown: (word, otherwise) => {
      const text = texts[word];
      return typeof text === 'string' ? text : otherwise;
    },
    number: (value) => number.format(value),
    bytes: (value) => (lang === 'kk' ? `${number.format(value)} байт` : bytes.format(value)),
    chance: (score) => {
      if (score > 0.999) return `>\u00a0${chance(finePercent, 0.999)}`;
      return chance(score > 0.99 || score < 0.01 ? finePercent : percent, score);
    },
    signed: (value) => signed.format(value).replace('-', '\u2212'),
    time: (at) => (lang === 'kk' ? kazakhTime(at) : medium.format(at)),
    exactTime: (at) => exact.format(at),
  };
}

const figures = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: 'numeric',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZone: TIME_ZONE,
});

function kazakhTime(at: Date): string {
  const part = Object.fromEntries(figures.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${part.year} ж. ${part.day} ${KAZAKH_MONTHS[Number(part.month) - 1]}, ${part.hour}:${part.minute}`;
}

/** A catalogue lacks a key that a screen asks for. */
export class MissingWordError extends Error {
  override readonly name = 'MissingWordError';
  readonly facts: { readonly lang: Lang; readonly word: string };

  constructor(lang: Lang, word: string) {
    super(`The words for "${lang}" lack "${word}". Add it to desk/web/words/${lang}.json.`);
    this.facts = { lang, word };
  }
}
