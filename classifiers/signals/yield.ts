/** Family `yield`: how much is promised, as numbers. */
import { excerptAround } from '../../domain/text.ts';
import { cut, full, part, type SignalKind } from './facts.ts';

const toward = { pyramid: 0.6, investment_fraud: 0.5 };

const RATE =
  /(\d{1,4}(?:[.,]\d{1,3})?) ?(?:%|процент[а-я]{0,3}|пайыз[а-яіғқң]{0,5}|percent)[^\n%\d]{0,24}?(в час|в день|ежедневно|в сутки|сутки|в неделю|еженедельно|в месяц|ежемесячно|в год|годовых|сағатына|күніне|күн сайын|күнделікті|аптасына|апта сайын|айына|ай сайын|жылына|жылдық|hourly|per hour|an hour|daily|per day|a day|weekly|per week|a week|monthly|per month|a month|per annum|annually|a year|per year|\/ ?day|\/ ?month|after \d+ (?:hours?|days?))/g;

const PER_CENT = /%|процент|пайыз|percent/;

/** Times a year that a yield of such a period is paid. */
function periods(words: string): number {
  if (/час|сағат|hour/.test(words) && !/after/.test(words)) return 365 * 24;
  if (/ден|днев|сут|күн|dai|day/.test(words)) return 365;
  if (/нед|апта|week/.test(words)) return 52;
  if (/мес|ай|month/.test(words)) return 12;
  return 1;
}

/** A banking year seldom brings more: the base rate of the National Bank of Kazakhstan was 18 % at the end of 2025. */
const MARKET_PERCENT_A_YEAR = 40;

const REPORTED =
  /обещал|обещают|обещани|сул[ия]т|мошенн|пирамид|остерега|насторож|не бывает|суд[ае]? |следстви|уәде|алаяқ|сот|сақтан|promised|promis(?:es|ing)|scam|ponzi|fraud|beware|too good/;

const percent: SignalKind = {
  id: 'yield.percent',
  family: 'yield',
  criterion: 'KZ-ARRFR-2',
  weight: 1.6,
  toward,
  see({ folded, visible, found }) {
    if (!PER_CENT.test(folded)) return null;
    let highest = 0;
    let excerpt = '';
    let count = 0;
    for (const match of folded.matchAll(RATE)) {
      const aYear = Number(match[1]!.replace(',', '.')) * periods(match[2]!);
      // A rate of interest on an overdue sum is a fee, not a promise.
      const before = folded.slice(Math.max(0, match.index - 60), match.index);
      if (/пен[яи]|штраф|неустой|комисси|өсімпұл|айыппұл|penalty|late fee|инфляц|inflation/.test(before))
        continue;
      if (aYear <= MARKET_PERCENT_A_YEAR) continue;
      // What others promised, or what the reader is told to beware of, is no promise of this page.
      if (REPORTED.test(folded.slice(Math.max(0, match.index - 120), match.index + 120))) continue;
      count += 1;
      if (aYear > highest) {
        highest = aYear;
        excerpt = excerptAround(visible, match.index, match.index + match[0].length, 140);
      }
    }
    if (highest === 0) return null;
    const frame = found.reportShare > 0.012 ? 0.4 : 1;
    return part(
      Math.min(1, 0.5 + 0.1 * Math.log2(highest / MARKET_PERCENT_A_YEAR) + 0.1 * (count - 1)) * frame,
      excerpt,
    );
  },
};

const calculator: SignalKind = {
  id: 'yield.calculator',
  family: 'yield',
  criterion: 'KZ-ARRFR-2',
  weight: 0.7,
  toward,
  see({ folded, source, visible }) {
    const at = folded.search(
      /калькулятор (?:дохо|прибыл|инвест|заработ)|рассчита[а-я]{1,6} (?:сво[а-я]{1,3} |ваш[а-я]{0,3} )?(?:дохо|прибыл|заработ)|табыс[а-я]{0,4} есепте|табыс калькулятор|(?:profit|earnings|investment|roi) calculator|calculate (?:your )?(?:profit|earnings)/,
    );
    if (at !== -1) return full(excerptAround(visible, at, at + 30, 120));
    const id = /(?:calc[-_]?profit|profit[-_]?calc|opencalculator|calculate[-_]?profit|calc[-_]?invest)/.exec(
      source,
    );
    return id === null ? null : part(0.8, id[0]);
  },
};

const planTable: SignalKind = {
  id: 'yield.plan_table',
  family: 'yield',
  criterion: 'KZ-ARRFR-2',
  weight: 1.1,
  toward: { pyramid: 0.9, investment_fraud: 0.2 },
  see({ source }) {
    const found = source.match(
      /(?:min|max)[-_ ]?(?:deposit|invest|amount)|plan[-_](?:name|price|percent|amount)|(?:deposit|invest(?:ment)?)[-_](?:plan|list|amount|id)|(?:daily|weekly|hourly)[-_](?:profit|percent|income)|compound(?:ing)?[-_]?percent|change_compound|earning[-_]history|deposit_list|total[-_]?(?:invest|earned|earnings|withdraw|deposit)|active[-_ ]?(?:deposit|invest)|user[-_](?:investment|deposit|plans|withdraw)|investment[-_]plan|return[-_ ]of[-_ ]investment|roi\b/g,
    );
    const distinct = new Set(found ?? []);
    return distinct.size === 0 ? null : part(0.25 + 0.25 * distinct.size, cut([...distinct].join(', ')));
  },
};

export const yieldSignals: readonly SignalKind[] = [percent, calculator, planTable];
