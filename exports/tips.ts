/** A file of tips as people send it: CSV with a column `url` and perhaps `words` and `contact`, or JSON of such. */
import { csvRows } from './receipts.ts';

export interface WrittenTip {
  readonly url: string;
  readonly words: string;
  readonly contact: string;
}

/** The file holds no tips. */
export class BadTipsError extends Error {
  override readonly name = 'BadTipsError';
}

/** Rows without an address are left out; fields are cut at 4,096 characters. @throws BadTipsError */
export function readTips(text: string): WrittenTip[] {
  const rows = /^\s*[[{]/.test(text) ? jsonTips(text) : csvTips(text);
  const whole = rows.filter(({ url }) => url !== '');
  if (whole.length === 0) throw new BadTipsError('The file has no column or key "url".');
  return whole;
}

function jsonTips(text: string): WrittenTip[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BadTipsError(`The file is no JSON: ${(cause as Error).message}.`, { cause });
  }
  const rows: unknown[] = Array.isArray(value) ? value : [value];
  return rows.map((row) => tipOf((row ?? {}) as Record<string, unknown>));
}

function csvTips(text: string): WrittenTip[] {
  const [head = [], ...rows] = csvRows(text);
  const names = head.map((name) => name.trim().toLowerCase());
  return rows.map((row) => tipOf(Object.fromEntries(names.map((name, at) => [name, row[at]]))));
}

function tipOf(row: Readonly<Record<string, unknown>>): WrittenTip {
  const text = (name: string) => (typeof row[name] === 'string' ? row[name].trim().slice(0, 4096) : '');
  return { url: text('url'), words: text('words'), contact: text('contact') };
}
