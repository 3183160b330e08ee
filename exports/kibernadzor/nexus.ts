/**
 * What ties a page to Kazakhstan, in its own words: the tenge, Kazakh, a Kazakhstani number. A page that shows
 * none may still be meant for us, and then two officers have to say so (rule OB11).
 */
import type { Assessment } from '../../domain/assessment.ts';
import type { Referral } from '../../domain/record.ts';

type Nexus = Omit<Referral['kzNexus'][number], 'evidenceRef'>;

/** A quote is long enough to be found on the page, and no longer. */
const AROUND = 24;

const SIGNS: readonly (readonly [code: Nexus['code'], pattern: RegExp])[] = [
  ['currency_kzt', /₸|\bKZT\b|(?<!\p{L})(?:тенге|теңге|tenge|teńge)(?!\p{L})/iu],
  // +7 6xx and +7 7xx are Kazakhstan's part of the numbering zone 7 (ITU-T E.164).
  [
    'kz_phone',
    /(?<!\d)(?:\+7|8)[\s\u00a0(-]*[67]\d{2}[\s\u00a0)-]*\d{3}[\s\u00a0-]*\d{2}[\s\u00a0-]*\d{2}(?!\d)/u,
  ],
  ['kz_ad_target', /(?<!\p{L})(?:Казахстан|Қазақстан|Kazakhstan|Qazaqstan)/iu],
];

export function nexusOf(page: {
  readonly assessment: Assessment;
  readonly text?: string;
  readonly title?: string;
}): Nexus[] {
  const text = [
    page.title ?? '',
    page.text ?? '',
    ...page.assessment.signals.map(({ excerpt }) => excerpt),
  ].join('\n');
  const found = SIGNS.flatMap(([code, pattern]): Nexus[] => {
    const match = pattern.exec(text);
    if (match === null) return [];
    const quote = text.slice(Math.max(0, match.index - AROUND), match.index + match[0].length + AROUND);
    return [{ code, quote: quote.replaceAll(/\s+/g, ' ').trim() }];
  });
  if (page.assessment.lang.startsWith('kk')) {
    const quote = (page.text ?? '').replaceAll(/\s+/g, ' ').trim().slice(0, 60);
    found.push({
      code: 'lang_kk',
      quote: quote === '' ? (page.assessment.signals[0]?.excerpt ?? 'kk') : quote,
    });
  }
  return found;
}
