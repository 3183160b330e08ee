/** Words, amounts and currencies as pages write them, in their data or for readers. */

export type Node = Readonly<Record<string, unknown>>;

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string or number as one line of text; '' for anything else. */
export function words(value: unknown, most = 1_000): string {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first === 'number') return String(first);
  if (typeof first !== 'string') return isNode(first) ? words(first['@value'] ?? first['value'], most) : '';
  return first
    .slice(0, most * 2)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, most);
}

/** `1 250 000,50`, `1,250,000.50` and `1250000` alike; null for what is no number or negative. */
export function numberIn(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : null;
  const text = words(value, 100).replace(/[\s\u00a0\u202f']/g, '');
  const found = /\d[\d.,]*/.exec(text)?.[0].replace(/[.,]$/, '');
  if (found === undefined || /^-\d/.test(text)) return null;
  const lastMark = Math.max(found.lastIndexOf('.'), found.lastIndexOf(','));
  const decimals = found.length - lastMark - 1;
  const isDecimal = lastMark >= 0 && decimals <= 2;
  const whole = (isDecimal ? found.slice(0, lastMark) : found).replace(/[.,]/g, '');
  const number = Number(isDecimal ? `${whole}.${found.slice(lastMark + 1)}` : whole);
  return Number.isFinite(number) ? number : null;
}

const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/₸|тенге|теңге|(?:^|[\s\d\u00a0])тг/i, 'KZT'],
  [/₽|руб/i, 'RUB'],
  [/\$/, 'USD'],
  [/€/, 'EUR'],
];

/** ISO 4217 of `kzt`, `тг`, `120 000 ₸`; null when none is named. */
export function currencyIn(written: string): string | null {
  const name = written.trim().toUpperCase();
  if (/^[A-Z]{3}$/.test(name)) return name;
  return SIGNS.find(([sign]) => sign.test(name))?.[1] ?? null;
}
