/**
 * The lexicon: what fraud says in Russian, Kazakh and English, as data, and one linear pass that finds it.
 *
 * A pattern is a row of slots separated by spaces. A slot is one or more words joined by `|`; `*` at the
 * end stands for any ending, `#` for any number; `%` and signs of money are words. Between two slots at
 * most two other words may stand, or as many as `~N` between them says. `гарантир* ~1 доход*|прибыл*`
 * finds "гарантируем вам доход".
 *
 * A finding is then put into its frame: a promise to the reader counts whole, one inside a report about
 * others (police, court, victims, "promised") or under a negation hardly counts.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { LABELS } from '../domain/assessment.ts';
import { kazakhSounds } from '../domain/text/kazakh-latin.ts';
import { foldForMatching, type MatchedText, type Respelt } from '../domain/text/matching.ts';
import { russianSounds } from '../domain/text/russian-latin.ts';
import { sentences, type Word } from '../domain/text.ts';
import { type Criterion, isCriterion } from './criteria.ts';
import { wordTree } from './word-tree.ts';

export const FAMILIES = [
  'yield',
  'referral',
  'licence',
  'money',
  'urgency',
  'lead',
  'brand',
  'shop',
  'casino',
  'dropper',
  'recovery',
  'counter',
] as const;

const toward = z.partialRecord(z.enum(LABELS), z.number().min(0).max(1));

/** One file of the lexicon. */
export const lexiconFile = z.strictObject({
  version: z.int().positive(),
  family: z.enum(FAMILIES),
  /** Which labels the family speaks for, 0..1 each. */
  toward,
  entries: z.array(
    z.strictObject({
      id: z.string().regex(/^[a-z]+\.[a-z_]+$/),
      criterion: z.string().refine(isCriterion),
      /** Log-odds that a whole finding is expected to be worth before any training; below 0 it speaks for the page. */
      weight: z.number().min(-3).max(3),
      toward: toward.optional(),
      /** Whether "not" in front takes the meaning away. */
      negatable: z.boolean().optional(),
      /** Whether a report about others takes the meaning away. */
      framed: z.boolean().optional(),
      patterns: z.strictObject({
        ru: z.array(z.string()),
        kk: z.array(z.string()),
        en: z.array(z.string()),
      }),
      examples: z.array(z.string()).min(1),
      counterExamples: z.array(z.string()).min(1),
    }),
  ),
});

export type LexiconEntry = z.infer<typeof lexiconFile>['entries'][number] & {
  readonly family: (typeof FAMILIES)[number];
  readonly criterion: Criterion;
};

export function readLexicon(): LexiconEntry[] {
  return FAMILIES.flatMap((family) => {
    const path = new URL(`./lexicon/${family}.json`, import.meta.url);
    const file = lexiconFile.parse(JSON.parse(readFileSync(path, 'utf8')));
    return file.entries.map((entry) => ({
      ...entry,
      family: file.family,
      criterion: entry.criterion as Criterion,
      toward: entry.toward ?? file.toward,
    }));
  });
}

/** Where an entry was found: offsets into the text, and how much of it the frame leaves, 0..1. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  readonly frame: number;
}

export interface Found {
  /** Entry id -> findings in the order of the text, at most 50 each. */
  readonly byEntry: ReadonlyMap<string, readonly Finding[]>;
  readonly words: number;
  /** Words of report (police, court, victims …) a word of text. */
  readonly reportShare: number;
  /** Words that address the reader, a word of text. */
  readonly addressShare: number;
}

/** @param matched the text folded, when the caller has it already. */
export type Finder = (text: string, matched?: MatchedText) => Found;

interface Slot {
  readonly pattern: number;
  readonly place: number;
}

const NOTHING: ReadonlyMap<string, readonly Finding[]> = new Map();
const MOST_WORDS = 20_000;
const MOST_FINDINGS = 50;

const REPORT =
  'мошенни*|мошенн*|аферист*|обманут*|обманыва*|жертв*|пострадавш*|потерпевш*|полици*|прокур*|суд|суда|суде|судом|осужден*|приговор*|уголовн*|афм|аррфр|регулятор*|якобы|лже*|псевдо*|обещал*|обещают|обещает|сулят|пообеща*|подозрева*|задержан*|следств*|обвиня*|пирамид*|алаяқ*|жәбірлен*|прокуратура*|сот|сотта*|қылмыс*|агенттіг*|ескерт*|алданған*|алданып|күдікті*|уәде|scam*|fraud*|victim*|police|prosecut*|court|convicted|sentenced|allege*|regulator*|warn*|ponzi|scheme*|promised|promises|claimed|claims|investigat*';
const ADDRESS =
  'вы|вас|вам|вами|ваш*|ты|тебе|тебя|твой|твои|инвестируй*|зарабатывай*|вкладывай*|регистрируй*|зарегистрируй*|начни*|получи|получите|получай*|присоединяй*|оставь*|напиши*|пиши*|жми*|переходи*|открой*|внеси*|выбер*|войди*|введи*|сіз*|сенің|тіркел*|баста|бастаңыз|алыңыз|қосыл*|жазыңыз|табыңыз|салыңыз|енгізіңіз|шақыр*|you|your|join|register|invest|earn|deposit|claim|enter|verify|confirm';
const NOT =
  'не|нет|без|ни|not|no|never|isn|aren|don|doesn|емес|бермей*|берілмей*|болмай*|жоқ|етпей*|етілмей*';

/** Kazakh words of the lists above that have no letter of Kazakh alone. */
const KAZAKH_PLAIN: ReadonlySet<string> = new Set([
  'емес',
  'бермей*',
  'болмай*',
  'етпей*',
  'тіркел*',
  'баста',
  'сот',
]);
const KAZAKH_LETTER = /[әғқңөұүһі]/;

function languageOfWord(word: string): string {
  if (KAZAKH_LETTER.test(word) || KAZAKH_PLAIN.has(word)) return 'kk';
  return /[а-яё]/.test(word) ? 'ru' : 'en';
}

/** What a finder needs of an entry. */
export type Findable = Pick<LexiconEntry, 'patterns' | 'framed' | 'negatable'> & { readonly id: string };

export function finderOf(entries: readonly Findable[]): Finder {
  const root = wordTree();
  // Words by their sounds, for texts that write them in Latin letters.
  const sounded = { 'kk-Latn': wordTree(), 'ru-Latn': wordTree() };
  const slots: Slot[] = [];
  const patterns: { entry: Findable; gaps: number[]; length: number }[] = [];
  const addWords = (alternatives: string, slot: number, langOf: (word: string) => string): void => {
    for (const word of alternatives.split('|')) {
      root.add(word, slot);
      const lang = langOf(word);
      if (lang === 'kk') sounded['kk-Latn'].add(soundsOf(word, kazakhSounds), slot);
      else if (lang === 'ru') sounded['ru-Latn'].add(soundsOf(word, russianSounds), slot);
    }
  };
  const special = { report: 0, address: 1, not: 2 };
  for (const list of [REPORT, ADDRESS, NOT]) {
    addWords(list, slots.length, languageOfWord);
    slots.push({ pattern: -1, place: 0 });
  }
  for (const entry of entries) {
    for (const [lang, text] of Object.entries(entry.patterns).flatMap(([lang, texts]) =>
      texts.map((text) => [lang, text] as const),
    )) {
      const { rows, gaps } = parsePattern(text);
      for (const [place, row] of rows.entries()) {
        addWords(row, slots.length, () => lang);
        slots.push({ pattern: patterns.length, place });
      }
      patterns.push({ entry, gaps, length: rows.length });
    }
  }
  // One mark a slot of a pattern: the word that filled it last and the word that began the run. `epoch` is
  // raised by every text, so that marks of earlier ones are known to be old without clearing them.
  const starts = new Int32Array(patterns.length);
  let slotCount = 0;
  for (const [i, { length }] of patterns.entries()) {
    starts[i] = slotCount;
    slotCount += length;
  }
  const filled = new Float64Array(slotCount).fill(-1);
  const began = new Int32Array(slotCount);
  let epoch = 0;
  const slotsFor = (word: string, at: number, respelt: Respelt | null): readonly number[] => {
    const found = root.slotsOf(word);
    const cyrillic = respelt?.words.get(at);
    if (respelt === null || cyrillic === undefined) return found;
    const sounds = respelt.lang === 'kk-Latn' ? kazakhSounds(word) : russianSounds(cyrillic);
    return [...new Set([...found, ...sounded[respelt.lang].slotsOf(sounds)])].sort((a, b) => b - a);
  };
  return (text, matched = foldForMatching(text)) => {
    const placed = matched.words.length > MOST_WORDS ? matched.words.slice(0, MOST_WORDS) : matched.words;
    const { respelt } = matched;
    const reports = new Uint8Array(placed.length);
    const addresses = new Uint8Array(placed.length);
    const nots = new Uint8Array(placed.length);
    const raw: { pattern: number; from: number; to: number }[] = [];
    for (let i = 0; i < placed.length; i += 1) {
      for (const id of slotsFor(placed[i]!.word, i, respelt)) {
        if (id === special.report) reports[i] = 1;
        else if (id === special.address) addresses[i] = 1;
        else if (id === special.not) nots[i] = 1;
        else {
          const { pattern, place } = slots[id]!;
          const { gaps, length } = patterns[pattern]!;
          const mark = starts[pattern]! + place;
          if (place > 0) {
            const before = filled[mark - 1]! - epoch;
            if (before < 0 || before >= i || i - before - 1 > gaps[place]!) continue;
          }
          filled[mark] = epoch + i;
          began[mark] = place === 0 ? i : began[mark - 1]!;
          if (place === length - 1) raw.push({ pattern, from: began[mark]!, to: i });
        }
      }
    }
    epoch += placed.length;
    if (raw.length === 0) {
      const share = (marks: Uint8Array) =>
        marks.reduce((sum, it) => sum + it, 0) / Math.max(1, placed.length);
      return {
        byEntry: NOTHING,
        words: placed.length,
        reportShare: share(reports),
        addressShare: share(addresses),
      };
    }
    return framed(text, placed, raw, { patterns, reports, addresses, nots });
  };
}

function framed(
  text: string,
  placed: readonly Word[],
  raw: readonly { pattern: number; from: number; to: number }[],
  it: {
    readonly patterns: readonly { readonly entry: Findable }[];
    readonly reports: Uint8Array;
    readonly addresses: Uint8Array;
    readonly nots: Uint8Array;
  },
): Found {
  const spans = sentences(text);
  const sentenceOf = new Int32Array(placed.length);
  let at = 0;
  for (const [i, { start }] of placed.entries()) {
    while (at < spans.length - 1 && start >= spans[at]!.end) at += 1;
    sentenceOf[i] = at;
  }
  const inSentence = spans.map(() => ({ report: 0, address: 0 }));
  let report = 0;
  let address = 0;
  for (let i = 0; i < placed.length; i += 1) {
    const sentence = inSentence[sentenceOf[i]!];
    if (sentence === undefined) continue;
    if (it.reports[i] === 1) {
      sentence.report += 1;
      report += 1;
    }
    if (it.addresses[i] === 1) {
      sentence.address += 1;
      address += 1;
    }
  }
  const words = Math.max(1, placed.length);
  const whole = report >= 4 && report / words > 0.012 ? 0.35 : 1;
  const byEntry = new Map<string, Finding[]>();
  for (const { pattern, from, to } of raw) {
    const { entry } = it.patterns[pattern]!;
    if (sentenceOf[from] !== sentenceOf[to] && !isSameLine(text, placed[from]!, placed[to]!)) continue;
    let frame = 1;
    if (entry.framed !== false) {
      const { report: told, address: asked } = inSentence[sentenceOf[from]!]!;
      if (told > 0) frame = asked > 0 ? 0.4 : 0.1;
      frame *= whole;
    }
    if (entry.negatable !== false && isDenied(it.nots, sentenceOf, from, to)) frame *= 0.1;
    const list = byEntry.get(entry.id) ?? [];
    if (list.length < MOST_FINDINGS) list.push({ start: placed[from]!.start, end: placed[to]!.end, frame });
    byEntry.set(entry.id, list);
  }
  return { byEntry, words: placed.length, reportShare: report / words, addressShare: address / words };
}

/** "Not" up to two words before, inside, or (as Kazakh has it) up to two words after. */
function isDenied(nots: Uint8Array, sentenceOf: Int32Array, from: number, to: number): boolean {
  for (let i = Math.max(0, from - 2); i <= Math.min(nots.length - 1, to + 2); i += 1) {
    if (nots[i] === 1 && sentenceOf[i] === sentenceOf[from]) return true;
  }
  return false;
}

function isSameLine(text: string, from: Word, to: Word): boolean {
  const between = text.slice(from.end, to.start);
  return between.length < 80 && !between.includes('\n\n') && between.split('\n').length <= 3;
}

function parsePattern(text: string): { rows: string[]; gaps: number[] } {
  const rows: string[] = [];
  const gaps: number[] = [];
  let gap = 2;
  for (const token of text.trim().split(/\s+/)) {
    if (token.startsWith('~')) {
      gap = Number(token.slice(1));
      continue;
    }
    rows.push(token);
    gaps.push(gap);
    gap = 2;
  }
  return { rows, gaps };
}

/** A word of a pattern by its sounds, its `*` kept. */
function soundsOf(word: string, sounds: (word: string) => string): string {
  return word.endsWith('*') ? `${sounds(word.slice(0, -1))}*` : sounds(word);
}
